import { CommandError, type Io } from '#cli/io.ts'
import { problemLines, readProgramFile, type ProgramFile } from '#cli/program-file.ts'
import type { Problem } from '#core/problems.ts'
import type { Program } from '#core/program/model.ts'
import type { LoopPorts, Unusable } from '#engine/run.ts'
import { counted } from '#engine/words.ts'

/** A program file that is looked at again and again: a broken edit keeps the last good program. */
export interface WatchedFile {
  readonly path: string
  readonly folder: string
  program(): Program
  /** What is wrong with the file as it is now. */
  trouble(): Unusable | undefined
  /** Reads it again, and loads it where its bytes have changed. */
  look(): Promise<void>
}

export function watchFile(io: Io, loaded: ProgramFile & { readonly program: Program }): WatchedFile {
  const { path, folder } = loaded
  let { bytes, program } = loaded
  let trouble: Unusable | undefined

  async function load(now: Uint8Array, shown: string): Promise<void> {
    const [{ loadProgram }, { KINDS }] = await Promise.all([import('#core/program/load.ts'), import('#collect/registry.ts')])
    const loaded = loadProgram(shown, now, KINDS)
    if (!loaded.program) trouble = withMistakes(loaded.problems)
    else if (loaded.program.id !== program.id) trouble = other(shown, loaded.program.id, program.id)
    else [trouble, program] = [undefined, loaded.program]
  }

  return {
    path,
    folder,
    program: () => program,
    trouble: () => trouble,
    async look() {
      try {
        const file = await readProgramFile(io, path)
        if (Buffer.compare(file.bytes, bytes) === 0) return
        bytes = file.bytes
        await load(bytes, file.shown)
      } catch (error) {
        if (!(error instanceof CommandError)) throw error
        bytes = new Uint8Array()
        trouble = { what: 'the program file cannot be read', text: error.message }
      }
    },
  }
}

/** The program as its file has it now, for the loop. */
export async function latest(file: WatchedFile): ReturnType<LoopPorts['load']> {
  await file.look()
  return file.trouble() ?? { program: file.program() }
}

/** Why a file whose program did not load cannot be run by. */
export function withMistakes(problems: readonly Problem[]): Unusable {
  const count = problems.filter((one) => one.severity === 'error').length
  return { what: `the program file has ${counted(count, 'mistake')}`, text: problemLines(problems) }
}

const other = (shown: string, now: string, before: string): Unusable => ({
  what: 'the program file is of another program',
  text: `${shown} is now of program ${now}, and ${before} goes on: start Muster again for that one`,
})
