import { constants } from 'node:fs'
import { copyFile, link, open, rm, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CommandError, EXIT } from '#cli/io.ts'
import { syncFolder } from '#store/sqlite/file.ts'

/**
 * Makes a file that was not there, whole or not at all: it is written under another name, forced
 * to the disk, and then given its own.
 * @throws CommandError when there is one already, or it cannot be made.
 */
export async function writeNewFile(path: string, shown: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  const draft = `${path}.${crypto.randomUUID()}.new`
  try {
    const handle = await open(draft, 'wx', 0o600)
    try {
      await write(handle)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await link(draft, path).catch((error: unknown) => {
      if (isTaken(error)) throw error
      // For file systems without hard links.
      return copyFile(draft, path, constants.COPYFILE_EXCL)
    })
    syncFolder(dirname(path))
  } catch (error) {
    throw refusal(error, shown)
  } finally {
    await rm(draft, { force: true }).catch(() => undefined)
  }
}

const isTaken = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST'

export function refusal(error: unknown, shown: string): unknown {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return error
  return new CommandError(
    isTaken(error)
      ? `${shown} is there already\n  name another file; nothing is overwritten`
      : `${shown} cannot be written: ${error.message}`,
    EXIT.couldNotRun,
  )
}
