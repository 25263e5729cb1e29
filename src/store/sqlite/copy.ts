import { closeSync, fsyncSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { explained, storeError } from '#store/sqlite/errors.ts'
import { createStoreFile, requireSafeSqlite } from '#store/sqlite/file.ts'
import { openReader } from '#store/sqlite/read.ts'
import { StoreError } from '#store/store.ts'

/** What a file of SQLite begins with. */
export const SQLITE_BEGINS = 'SQLite format 3\0'

const PATIENCE_MILLISECONDS = 5000

/**
 * Copies a store into a new file as it is at one moment, while others append to it, and lets
 * `inspect` look at the copy before it gets its name. False when there is a file of that name.
 * @throws StoreError, or what `inspect` throws.
 */
export async function copySqlite(from: string, to: string, inspect: (draft: string) => Promise<void> = async () => {}): Promise<boolean> {
  const sqlite = await import('node:sqlite')
  requireSafeSqlite(process.versions['sqlite'] ?? '0')
  try {
    const source = openReader(sqlite, from, PATIENCE_MILLISECONDS)
    try {
      return await createStoreFile(to, async (draft) => {
        source.run((connection) => {
          // It may be done twice, when the source changed under a reader that holds no lock.
          rmSync(draft, { force: true })
          writeFileSync(draft, '', { flag: 'wx', mode: 0o600 })
          connection.prepare('VACUUM INTO ?').run(draft)
        })
        // VACUUM leaves that to whoever calls it.
        const handle = openSync(draft, 'r+')
        fsyncSync(handle)
        closeSync(handle)
        await inspect(draft)
      })
    } finally {
      source.close()
    }
  } catch (error) {
    const told = storeError(error, from)
    // Only the copy grows.
    throw told instanceof StoreError && told.code === 'full' ? explained('full', to, told.cause instanceof Error ? told.cause : told) : told
  }
}
