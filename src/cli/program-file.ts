import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { CommandError, EXIT, type Io } from '#cli/io.ts'
import { inMainWorktree } from '#collect/git/linked-worktree.ts'
import type { Loaded } from '#core/program/load.ts'
import type { Program } from '#core/program/model.ts'
import type { Problem } from '#core/problems.ts'
import { terminal } from '#render/encode.ts'

export const FILE_NAME = 'muster.yaml'

/** Finds the program file: the option, else `MUSTER_CONFIG`, else upward to the root of the repository. */
export function findProgramFile(io: Io, option: string | undefined): string {
  const named = option ?? (io.env['MUSTER_CONFIG'] || undefined)
  if (named !== undefined) {
    const file = resolve(io.cwd, named)
    if (!existsSync(file))
      throw new CommandError(`${named}: there is no such file (file-not-found)\n  write a program there, or let \`muster init\` write one`)
    return file
  }
  for (let folder = io.cwd; ; folder = dirname(folder)) {
    const file = join(folder, FILE_NAME)
    if (existsSync(file)) return file
    if (existsSync(join(folder, '.git')) || dirname(folder) === folder) throw notFound(io, folder)
  }
}

/** Whoever works in a worktree whose branch has no program file is shown that of the main one, before they write another. */
function notFound(io: Io, root: string): CommandError {
  const main = join(inMainWorktree(root) ?? root, FILE_NAME)
  const remedy = existsSync(main)
    ? `the main worktree has one: --config ${terminal(relative(io.cwd, main))}, or MUSTER_CONFIG`
    : 'run `muster init` to write one, or name one with --config FILE'
  return new CommandError(`no ${FILE_NAME} here or above, up to the root of the repository (file-not-found)\n  ${remedy}`)
}

export interface ProgramFile {
  /** Absolute path. */
  readonly path: string
  /** As shown to the user: relative to where they are. */
  readonly shown: string
  readonly folder: string
  readonly bytes: Uint8Array
}

export async function readProgramFile(io: Io, option: string | undefined): Promise<ProgramFile> {
  const path = findProgramFile(io, option)
  try {
    return { path, shown: relative(io.cwd, path) || path, folder: dirname(path), bytes: await readFile(path) }
  } catch (error) {
    throw new CommandError(`${path}: ${error instanceof Error ? error.message : String(error)} (file-unreadable)`, EXIT.usage)
  }
}

/** Loads the program or ends the command with every mistake in it. Warnings go to stderr. */
export async function loadProgramFile(io: Io, option: string | undefined): Promise<ProgramFile & Loaded & { readonly program: Program }> {
  const file = await readProgramFile(io, option)
  const [{ loadProgram }, { KINDS }] = await Promise.all([import('#core/program/load.ts'), import('#collect/registry.ts')])
  const loaded = loadProgram(file.shown, file.bytes, KINDS)
  if (!loaded.program) throw new CommandError(problemsText(loaded.problems))
  if (loaded.problems.length > 0) io.stderr.write(`${problemsText(loaded.problems)}\n`)
  return { ...file, ...loaded, program: loaded.program }
}

/** One finding a paragraph: `file:line:column severity message (code)` and the remedy under it. */
export const problemLines = (problems: readonly Problem[]): string =>
  problems
    .map(
      (one) =>
        `${terminal(`${one.file}:${one.line}:${one.column} ${one.severity}: ${one.message} (${one.code})`)}\n  ${terminal(one.remedy)}`,
    )
    .join('\n')

/** The same for a command that ends because of them. */
export function problemsText(problems: readonly Problem[]): string {
  const errors = problems.filter((one) => one.severity === 'error').length
  return `${problemLines(problems)}${errors > 0 ? `\n${errors} ${errors === 1 ? 'mistake' : 'mistakes'} in the program file; nothing was run` : ''}`
}
