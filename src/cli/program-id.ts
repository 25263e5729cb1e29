import { CommandError, type Io } from '#cli/io.ts'
import { loadProgramFile, readProgramFile } from '#cli/program-file.ts'
import { openLedger } from '#cli/wire.ts'

/**
 * Which program's ledger is meant. A program file that no longer loads must not keep anyone from
 * reading the record, so then the ledger is asked: it is usually one program's.
 */
export async function programIdOf(io: Io, option: string | undefined): Promise<{ readonly folder: string; readonly program: string }> {
  const { folder, bytes } = await readProgramFile(io, option)
  // The id stands alone on a line of its own; reading it so spares the whole YAML and schema machinery.
  const id = /^program: *["']?([A-Za-z0-9][A-Za-z0-9._-]{0,63})["']? *(?:#.*)?$/m.exec(new TextDecoder().decode(bytes))?.[1]
  if (id !== undefined) return { folder, program: id }
  const store = await openLedger(io, folder, 'read')
  try {
    const programs = await store.programs()
    const [only, second] = programs
    if (only !== undefined && second === undefined) return { folder, program: only }
  } finally {
    await store.close()
  }
  const { program } = await loadProgramFile(io, option)
  if (program) return { folder, program: program.id }
  throw new CommandError('the program file names no program')
}
