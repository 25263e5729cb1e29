import { openMemory } from '#store/memory.ts'
import { storeError } from '#store/sqlite/errors.ts'
import { requireSafeSqlite, storeExists } from '#store/sqlite/file.ts'
import { outboxIn } from '#store/sqlite/outbox.ts'
import { openReader, storeOver } from '#store/sqlite/read.ts'
import { spentIn } from '#store/sqlite/spent.ts'
import { adoptsInto, appendsTo, connectToWrite, openWriter } from '#store/sqlite/write.ts'
import { refuseWriting, type Store } from '#store/store.ts'

export interface SqliteOptions {
  /** For commands that only look: makes no file, takes no lock, and finds nothing where no store is yet. */
  readonly readOnly?: boolean
  /** How long to wait for another process, in milliseconds. */
  readonly patienceMilliseconds?: number
  /** The store's own clock in milliseconds, by which leases run out. */
  readonly clock?: () => number
}

const PATIENCE_MILLISECONDS = 5000

/** Opens the store in one file, which it makes (with its folder) when it is not there. */
export async function openSqlite(file: string, options: SqliteOptions = {}): Promise<Store> {
  const patience = options.patienceMilliseconds ?? PATIENCE_MILLISECONDS
  const sqlite = await import('node:sqlite')
  requireSafeSqlite(process.versions['sqlite'] ?? '0')
  const clock = options.clock ?? Date.now
  try {
    if (options.readOnly)
      return storeExists(file) ? storeOver(openReader(sqlite, file, patience), refuseWriting(file), clock) : nothingYet(file)
    const writer = await openWriter(sqlite, file, patience)
    const writing = {
      append: appendsTo(writer),
      ...outboxIn(writer, clock),
      ...spentIn(writer, clock),
      adopt: adoptsInto(writer, () => connectToWrite(sqlite, file, patience)),
    }
    return storeOver(writer, writing, clock)
  } catch (error) {
    throw storeError(error, file)
  }
}

/** Where no store is yet nothing was recorded. */
const nothingYet = (place: string): Store => ({ ...openMemory(), ...refuseWriting(place) })
