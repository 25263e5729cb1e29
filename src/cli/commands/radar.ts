import { Command, Option } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CommandError, wantsColor, type Io } from '#cli/io.ts'
import { CONFIG_OPTION } from '#cli/common-options.ts'
import { collect } from '#cli/options.ts'
import type { PullOptions } from '#cli/radar/pulls.ts'
import { openRadar } from '#cli/radar/session.ts'
import { watchRadar } from '#cli/radar/watch.ts'
import { VERSION } from '#cli/version.ts'
import type { Question } from '#core/merge/what-if.ts'
import { RADAR_FORMATS, RADAR_RENDERERS } from '#render/radar/registry.ts'

/** `muster radar`: which branches collide, in which order they land, and proof. Exit 0 none, 1 conflicts, 3 something is unavailable. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return new Command('radar')
    .description(
      'Say which branches collide once they land, and in which order to land them, without a checkout. Looks at the streams of the program file, or at the branches of any repository.',
    )
    .option(...CONFIG_OPTION)
    .option('--repository <place>', 'folder or address of a repository, looked at without a program file')
    .option('--target <branch>', 'branch that the others merge into (default: the program’s, else main or master)')
    .option('--refs <pattern>', "branches to look at, such as 'agent/*' or 'refs/pull/*/head'; repeatable", collect)
    .addOption(new Option('--label <name>', 'look at the open pull requests with this label').conflicts(['refs', 'watch']))
    .addOption(new Option('--milestone <name>', 'look at the open pull requests in this milestone').conflicts(['refs', 'watch']))
    .option(
      '--project <name>',
      'with --label or --milestone: owner/name or address of the project on GitHub or GitLab (default: the repository’s)',
    )
    .addOption(new Option('--format <format>', 'form of the report').choices(RADAR_FORMATS).default('text'))
    .option('--output <file>', 'write the report to a file instead of standard output')
    .addOption(new Option('--without <stream>', 'what if this stream did not land').conflicts(['first', 'split']))
    .addOption(new Option('--first <stream>', 'what if this stream landed first').conflicts(['without', 'split']))
    .addOption(new Option('--split <stream>', 'what if this stream landed folder by folder').conflicts(['without', 'first']))
    .option('--test [source]', 'run a command source of the program, or a command line, on each merged wave')
    .option('--yes', 'with --test: trust what would run')
    .option('--watch', 'look again and again, uncommitted work of worktrees included, and print what changes')
    .option('--interval <seconds>', 'with --watch: how often to look', '2')
    .action(async (options) => {
      const seconds = Number(options.interval)
      if (!(seconds >= 0.1 && seconds <= 3600))
        throw new CommandError(`--interval: "${options.interval}" is not a number of seconds from 0.1 to 3600`)
      if (options.yes && options.test === undefined) throw new CommandError('--yes trusts the command of --test\n  add --test')
      const pulls = pullsOf(options)
      const session = await openRadar(io, { ...options, ...(pulls && { pulls }), worktrees: options.watch === true })
      try {
        if (options.watch) return exit(await watchRadar(io, session, seconds))
        const question = questionOf(options)
        const found = await session.look({ ...(question && { question }), test: options.test, yes: options.yes === true })
        const render = await RADAR_RENDERERS[options.format]()
        const color = options.output === undefined && wantsColor(io, io.stdout)
        const text = render(found, { width: io.stdout.columns, color, zone: session.zone, version: VERSION })
        if (options.output === undefined) io.stdout.write(text)
        else await writeReport(io, options.output, text)
        exit(found.exitCode)
      } finally {
        await session.close()
      }
    }) as unknown as PlainCommand
}

function questionOf(options: {
  readonly without?: string | undefined
  readonly first?: string | undefined
  readonly split?: string | undefined
}): Question | undefined {
  if (options.without !== undefined) return { kind: 'without', stream: options.without }
  if (options.first !== undefined) return { kind: 'first', stream: options.first }
  if (options.split !== undefined) return { kind: 'split', stream: options.split }
  return undefined
}

function pullsOf({
  label,
  milestone,
  project,
}: {
  readonly label?: string | undefined
  readonly milestone?: string | undefined
  readonly project?: string | undefined
}): PullOptions | undefined {
  if (label === undefined && milestone === undefined) {
    if (project !== undefined) throw new CommandError('--project says where pull requests are\n  add --label or --milestone')
    return undefined
  }
  return { ...(label !== undefined && { label }), ...(milestone !== undefined && { milestone }), ...(project !== undefined && { project }) }
}

async function writeReport(io: Io, file: string, text: string): Promise<void> {
  try {
    await writeFile(resolve(io.cwd, file), text)
  } catch (error) {
    throw new CommandError(`--output ${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`, 4)
  }
  io.stderr.write(`the radar is in ${file}\n`)
}
