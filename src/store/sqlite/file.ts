import { closeSync, constants, copyFileSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { explained } from '#store/sqlite/errors.ts'
import { StoreError } from '#store/store.ts'

const OLDEST_SQLITE = [3, 51, 3]

/**
 * Versions before 3.51.3 can corrupt a database when its write-ahead log is reset.
 * @throws StoreError `unsupported`.
 */
export function requireSafeSqlite(version: string): void {
  const parts = version.split('.').map(Number)
  const difference = OLDEST_SQLITE.map((part, i) => (parts[i] ?? 0) - part).find((d) => d !== 0) ?? 0
  if (difference >= 0) return
  throw new StoreError(
    'unsupported',
    `This Node brings SQLite ${version}, which can damage a store; ${OLDEST_SQLITE.join('.')} is the oldest that is safe.`,
    'Install a newer Node 24 or later and run the command again.',
  )
}

export const walOf = (file: string): string => `${file}-wal`

/**
 * Whether there is a store to open. A file without bytes is no new store, because stores appear
 * whole; it is one that lost its bytes. A log without its file would be played into a new one.
 * The log is looked for first: another process may be making the store, and its file comes before its log.
 * @throws StoreError `damaged`, `inaccessible`.
 */
export function storeExists(file: string): boolean {
  const logFound = existsSync(walOf(file))
  const found = statSync(file, { throwIfNoEntry: false })
  if (found?.isDirectory()) throw explained('inaccessible', file, 'it is a folder')
  if (found?.size === 0) throw explained('damaged', file, 'it is empty')
  const folder = statSync(dirname(file), { throwIfNoEntry: false })
  if (folder && !folder.isDirectory()) throw explained('inaccessible', file, `${dirname(file)} is not a folder`)
  if (!found && logFound) throw explained('damaged', file, 'its write-ahead log is there, but the file is gone')
  return found !== undefined
}

/**
 * Makes a new store appear at once and whole, for its owner only: `prepare` fills a file of another
 * name, which then gets the right one. Of several processes doing so the first wins: false for the others.
 */
export async function createStoreFile(file: string, prepare: (file: string) => Promise<void> | void): Promise<boolean> {
  const folder = dirname(file)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const draft = `${file}.${crypto.randomUUID()}.new`
  try {
    closeSync(openSync(draft, 'wx', 0o600))
    await prepare(draft)
    const isOurs = publish(draft, file)
    syncFolder(folder)
    syncFolder(dirname(folder))
    return isOurs
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(draft + suffix, { force: true })
  }
}

function publish(draft: string, file: string): boolean {
  try {
    linkSync(draft, file)
    return true
  } catch (error) {
    return isCode(error, 'EEXIST') ? false : copyInstead(draft, file)
  }
}

/** For file systems without hard links. */
function copyInstead(draft: string, file: string): boolean {
  try {
    copyFileSync(draft, file, constants.COPYFILE_EXCL)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
}

/** Without this a power loss can take the new name away and leave what was acknowledged nameless. */
export function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r')
    try {
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
  } catch (error) {
    // Windows cannot open folders, some file systems cannot sync them, and a parent may be closed to us.
    if (!['EPERM', 'EACCES', 'EISDIR', 'EINVAL', 'ENOTSUP'].some((code) => isCode(error, code))) throw error
  }
}

const isCode = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code
