import { CommandError, type Io } from '#cli/io.ts'
import { loadProgramFile, problemsText, readProgramFile } from '#cli/program-file.ts'
import type { Problem } from '#core/problems.ts'
import type { Program } from '#core/program/model.ts'

export interface Trouble {
  readonly problems: readonly Problem[]
  /** All of them in words. */
  readonly text: string
}

/** A program file that is looked at again and again: a broken edit keeps the last good program. */
export interface WatchedFile {
  readonly path: string
  readonly folder: string
  program(): Program
  /** What is wrong with the file as it is now. */
  trouble(): Trouble | undefined
  /** Reads it again, and loads it where its bytes have changed. */
  look(): Promise<void>
}

/** @throws CommandError with every mistake where it cannot be loaded to begin with. */
export async function watchFile(io: Io, config: string | undefined): Promise<WatchedFile> {
  const { path, folder, bytes: first, program: begin } = await loadProgramFile(io, config)
  let [bytes, program]: [Uint8Array, Program] = [first, begin]
  let trouble: Trouble | undefined

  async function load(now: Uint8Array, shown: string): Promise<void> {
    const [{ loadProgram }, { KINDS }] = await Promise.all([import('#core/program/load.ts'), import('#collect/registry.ts')])
    const loaded = loadProgram(shown, now, KINDS)
    if (!loaded.program) trouble = { problems: loaded.problems, text: problemsText(loaded.problems) }
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
        trouble = { problems: [], text: error.message }
      }
    },
  }
}

const other = (shown: string, now: string, served: string): Trouble => ({
  problems: [],
  text: `${shown} is now of program ${now}, and this serves ${served}: start it again for that one`,
})
