import { openMemory } from '#store/memory.ts'
import { storeError } from '#store/sqlite-errors.ts'
import { requireSafeSqlite, storeExists } from '#store/sqlite-file.ts'
import { openReader, storeOver } from '#store/sqlite-read.ts'
import { appendsTo, openWriter } from '#store/sqlite-write.ts'
import { StoreError, type Store } from '#store/store.ts'

export interface SqliteOptions {
  /** For commands that only look: makes no file, takes no lock, and finds nothing where no store is yet. */
  readonly readOnly?: boolean
  /** How long to wait for another process, in milliseconds. */
  readonly patienceMilliseconds?: number
}

const PATIENCE_MILLISECONDS = 5000

/** Opens the store in one file, which it makes (with its folder) when it is not there. */
export async function openSqlite(file: string, options: SqliteOptions = {}): Promise<Store> {
  const patience = options.patienceMilliseconds ?? PATIENCE_MILLISECONDS
  const sqlite = await import('node:sqlite')
  requireSafeSqlite(process.versions['sqlite'] ?? '0')
  try {
    if (options.readOnly) return storeExists(file) ? storeOver(openReader(sqlite, file, patience), refuseAppend(file)) : nothingYet(file)
    const writer = await openWriter(sqlite, file, patience)
    return storeOver(writer, appendsTo(writer))
  } catch (error) {
    throw storeError(error, file)
  }
}

function refuseAppend(file: string): Store['append'] {
  return async () => {
    throw new StoreError('read-only', `The store ${file} was opened for reading only.`, 'Open it for writing.')
  }
}

/** Where no store is yet nothing was recorded. */
function nothingYet(file: string): Store {
  return { ...openMemory(), append: refuseAppend(file) }
}
