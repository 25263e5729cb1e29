import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { Command } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { CONFIG_OPTION } from '#cli/common-options.ts'
import { survey, type Survey } from '#cli/init/survey.ts'
import { programText } from '#cli/init/write.ts'
import { CommandError, type Io } from '#cli/io.ts'
import { collect } from '#cli/options.ts'
import { FILE_NAME, problemsText } from '#cli/program-file.ts'
import { openMirror } from '#collect/git/mirror.ts'
import { KINDS } from '#collect/registry.ts'
import { globProblem } from '#core/evidence/glob.ts'
import { loadProgram } from '#core/program/load.ts'
import { isBranchName } from '#core/program/resolve/scope.ts'
import { InternalError } from '#core/problems.ts'
import { isZone } from '#core/schedule/time.ts'
import { terminal } from '#render/encode.ts'

/** `muster init`: a program file from the branches and owners of a repository. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return new Command('init')
    .description(
      'Write a commented program file from the branches, owners and build files of a repository. Asks on a terminal; elsewhere, and with --yes, takes what it finds.',
    )
    .option('--output <file>', `file to write (default: ${FILE_NAME})`)
    .option(CONFIG_OPTION[0], 'the same as --output')
    .option('--repository <place>', 'folder or address of the repository', '.')
    .option('--target <branch>', 'branch that the streams merge into (default: main, master or develop)')
    .option('--streams <glob>', 'branches that are streams, such as "feature/*"; repeatable (default: those that look like it)', collect)
    .option('--zone <zone>', 'IANA time zone (default: that of this machine)')
    .option('--force', 'overwrite a file that is there')
    .option('--yes', 'ask nothing')
    .action(async (options) => {
      const output = resolve(io.cwd, options.output ?? options.config ?? FILE_NAME)
      if (existsSync(output) && !options.force)
        throw new CommandError(`${relative(io.cwd, output)} is already there\n  --force overwrites it, --output writes another`)
      for (const pattern of options.streams ?? []) {
        const fault = globProblem(pattern)
        if (fault !== undefined) throw new CommandError(`--streams ${pattern}: ${fault}`)
      }
      const zone = chooseZone(io, options.zone)
      const from = isAddress(options.repository) ? options.repository : resolve(io.cwd, options.repository)
      let found = await look(io, from, {
        ...(options.target !== undefined && { target: options.target }),
        ...(options.streams && { streams: options.streams }),
      })
      let name = nameOf(from)
      let chosenZone = zone
      if (io.stdinIsTerminal && io.stdout.isTerminal && !options.yes) {
        const { ask } = await import('#cli/init/ask.ts')
        const answers = await ask({ name, zone, found })
        name = answers.name
        chosenZone = answers.zone
        found = { ...found, candidates: found.candidates.filter((one) => answers.branches.includes(one.branch)) }
      }
      const repository = isAddress(from) ? from : relative(dirname(output), from) || '.'
      const text = programText(found, { name, repository, target: found.target, zone: chosenZone, now: io.now() })
      const { program, problems } = loadProgram(relative(io.cwd, output), new TextEncoder().encode(text), KINDS)
      if (!program) throw new InternalError(`init wrote a program that does not load:\n${problemsText(problems)}\n${text}`)
      await mkdir(dirname(output), { recursive: true })
      await writeFile(output, text, options.force ? {} : { flag: 'wx' })
      io.stderr.write(summary(relative(io.cwd, output) || output, found, options.streams))
      exit(0)
    }) as unknown as PlainCommand
}

/** The mirror lives in a temporary folder: nothing is left behind but the file that was asked for. */
async function look(io: Io, from: string, request: { readonly target?: string; readonly streams?: readonly string[] }): Promise<Survey> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-init-'))
  try {
    const mirror = await openMirror({ folder: join(folder, 'mirror.git'), from, environment: io.env })
    try {
      if (request.target !== undefined) {
        const state = await mirror.resolve(request.target)
        if (state.state === 'absent') throw new CommandError(`--target: ${state.reason}`)
      }
      const found = await survey(mirror, request)
      // A repository may hold a branch that no program file can name, and it may be the only one.
      if (!isBranchName(found.target))
        throw new CommandError(
          `"${found.target}" cannot be the branch that streams merge into: its name reads like an option\n  name another one with --target`,
        )
      return found
    } finally {
      await mirror.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const isAddress = (place: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(place) || /^[\w.-]+@[\w.-]+:/.test(place)

const nameOf = (from: string): string => basename(from.replace(/\/+$/, '')).replace(/\.git$/, '') || 'program'

function chooseZone(io: Io, option: string | undefined): string {
  if (option !== undefined) {
    if (!isZone(option))
      throw new CommandError(`"${option}" is not a time zone (unknown-zone)\n  write an IANA name such as Europe/Berlin or UTC`)
    return option
  }
  const environment = io.env['TZ']
  if (environment !== undefined && isZone(environment)) return environment
  const machine = Intl.DateTimeFormat().resolvedOptions().timeZone
  return isZone(machine) ? machine : 'UTC'
}

function summary(file: string, found: Survey, patterns: readonly string[] | undefined): string {
  const { candidates, leftOut } = found
  const streams =
    candidates.length === 0
      ? patterns
        ? `no branch matches ${patterns.join(' or ')}`
        : 'no branch looks like a stream of work yet'
      : candidates.length === 1
        ? '1 stream'
        : `${candidates.length} streams`
  const byReason = Map.groupBy(leftOut, (one) => one.reason)
  const left = [...byReason].map(([reason, branches]) => {
    const shown = branches.slice(0, 5).map((one) => terminal(one.branch))
    return `  left out, ${reason}: ${shown.join(', ')}${branches.length > shown.length ? ` and ${branches.length - shown.length} more` : ''}\n`
  })
  const next = `  read it, then: muster config check, muster trust, muster check\n  keep .muster/ out of the repository: it holds the ledger and the mirror\n`
  return `${file} is written: ${streams}, merging into ${terminal(found.target)}\n${left.join('')}${next}`
}
