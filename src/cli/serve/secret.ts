import { randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError, EXIT } from '#cli/io.ts'
import { createStoreFile } from '#store/sqlite/file.ts'

const BYTES = 32

/** The secret of this server, in a file that only its user may read: sessions and links outlive a restart. Remove the file, and they end. */
export async function serverSecret(state: string): Promise<Uint8Array> {
  const file = join(state, 'server.key')
  try {
    if (!existsSync(file)) await createStoreFile(file, (draft) => writeFileSync(draft, randomBytes(BYTES)))
  } catch (error) {
    throw new CommandError(`${file} cannot be written: ${(error as Error).message}`, EXIT.couldNotRun)
  }
  const secret = await readFile(file)
  if (secret.length !== BYTES)
    throw new CommandError(
      `${file} is no secret of a server\n  remove it, and start again: who is signed in signs in anew`,
      EXIT.couldNotRun,
    )
  return secret
}
