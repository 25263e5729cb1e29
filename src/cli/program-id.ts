import { dirname } from 'node:path'
import { CommandError, type Io } from '#cli/io.ts'
import { findProgramFile, loadProgramFile, readProgramFile } from '#cli/program-file.ts'
import { openLedger } from '#cli/wire.ts'

/** For commands that only touch the record: one store may hold that of several programs. */
export const PROGRAM_OPTION = ['--program <id>', 'another program of the same store'] as const

/** The program named, else that of the program file; `folder` is the program file's, or where the user is without one. */
export async function chooseLedger(
  io: Io,
  options: { readonly config?: string | undefined; readonly program?: string | undefined },
): Promise<{ readonly folder: string; readonly program: string }> {
  return options.program === undefined
    ? programIdOf(io, options.config)
    : { folder: ledgerFolder(io, options.config), program: options.program }
}

/** Where the record lies beside the program file; a place named by the environment needs no program file. */
export function ledgerFolder(io: Io, config: string | undefined): string {
  const isNamed = ['MUSTER_STATE', 'MUSTER_STORE', 'MUSTER_STORE_FILE'].some((name) => (io.env[name] ?? '') !== '')
  try {
    return dirname(findProgramFile(io, config))
  } catch (error) {
    if (isNamed && config === undefined && error instanceof CommandError) return io.cwd
    throw error
  }
}

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
  throw new CommandError(
    'the program file names no program\n  write program: ID at its top; `muster config check` says what else is wrong with it',
  )
}
