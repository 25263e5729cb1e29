import type { Command } from 'commander'
import { CommandError, EXIT, type Io } from '#cli/io.ts'
import { VERSION } from '#cli/version.ts'

interface Entry {
  readonly summary: string
  /** Builds the command; its action sets the exit code through `exit`. */
  readonly load: () => Promise<{ readonly command: (io: Io, exit: (code: number) => void) => Command }>
}

/** Every command: what `--help` lists, and how it is loaded on use. */
const COMMANDS: Readonly<Record<string, Entry>> = {
  init: { summary: 'Write a program file from the branches and owners of a repository', load: () => import('#cli/commands/init.ts') },
  import: { summary: 'Write a program file from plans in Markdown', load: () => import('#cli/commands/import.ts') },
  export: { summary: 'Write the plan of a program file in Markdown', load: () => import('#cli/commands/export.ts') },
  check: { summary: 'Gather evidence, judge, decide, record and report a checkpoint', load: () => import('#cli/commands/check.ts') },
  radar: { summary: 'Say which branches collide, and in which order to land them', load: () => import('#cli/commands/radar.ts') },
  run: { summary: 'Run the program by itself: every checkpoint, message and deadline in time', load: () => import('#cli/commands/run.ts') },
  outbox: { summary: 'List messages that wait or failed, and send one again', load: () => import('#cli/commands/outbox.ts') },
  explain: { summary: 'Say why a criterion is what it is, and what would flip it', load: () => import('#cli/commands/explain.ts') },
  status: { summary: 'Show where the program stands, from the record alone', load: () => import('#cli/commands/status.ts') },
  calendar: {
    summary: 'Write every checkpoint and sync as a calendar feed; take answers to invitations',
    load: () => import('#cli/commands/calendar.ts'),
  },
  forecast: {
    summary: 'Say how likely checkpoints are to be met in time, from the history in the ledger',
    load: () => import('#cli/commands/forecast.ts'),
  },
  notify: { summary: 'Try the channels of the program', load: () => import('#cli/commands/notify.ts') },
  trust: { summary: 'Show the commands a check would run, and trust them', load: () => import('#cli/commands/trust.ts') },
  evidence: {
    summary: 'Read reports, send evidence from CI, show where a number came from',
    load: () => import('#cli/commands/evidence.ts'),
  },
  checkin: { summary: 'Record what a stream’s lead reports', load: () => import('#cli/commands/checkin.ts') },
  standup: { summary: 'Say what changed since the last stand-up', load: () => import('#cli/commands/standup.ts') },
  blocker: { summary: 'Open, change, acknowledge, resolve or list blockers', load: () => import('#cli/commands/blocker.ts') },
  sign: { summary: 'Sign a manual criterion or a decision', load: () => import('#cli/commands/sign.ts') },
  waive: { summary: 'Accept an unmet criterion for a while', load: () => import('#cli/commands/waive.ts') },
  choose: { summary: 'Choose what is done about a stream, of the decision matrix', load: () => import('#cli/commands/choose.ts') },
  escalation: { summary: 'List escalations, or acknowledge one', load: () => import('#cli/commands/escalation.ts') },
  move: { summary: 'Hold a checkpoint at another time', load: () => import('#cli/commands/move.ts') },
  cancel: { summary: 'Do not hold a checkpoint', load: () => import('#cli/commands/cancel.ts') },
  override: { summary: 'Set the verdict of a checkpoint, with a reason', load: () => import('#cli/commands/override.ts') },
  replay: { summary: 'Recompute a recorded decision', load: () => import('#cli/commands/replay.ts') },
  verify: { summary: 'Check that nobody has changed the ledger', load: () => import('#cli/commands/verify.ts') },
  ledger: { summary: 'Note the head of the ledger, move, back up and restore it', load: () => import('#cli/commands/ledger.ts') },
  access: { summary: 'Issue, revoke or list tokens of the API', load: () => import('#cli/commands/access.ts') },
  serve: { summary: 'Serve the dashboard and the API', load: () => import('#cli/commands/serve.ts') },
  mcp: { summary: 'Serve a coding agent over standard input and output (MCP)', load: () => import('#cli/commands/mcp.ts') },
  lint: { summary: 'Find what contradicts itself in a program file or a Markdown plan', load: () => import('#cli/commands/lint.ts') },
  config: { summary: 'Print the program as Muster understands it', load: () => import('#cli/commands/config.ts') },
  doctor: { summary: 'Say what on this machine is missing or wrong', load: () => import('#cli/commands/doctor.ts') },
}

/** Runs one command line and gives its exit code. Only `main` touches the process. */
export async function run(io: Io): Promise<number> {
  const [name, ...rest] = io.argv
  if (name === '--version' || name === '-V') return say(io, `${VERSION}\n`)
  if (name === undefined || name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) {
    io.stdout.write(helpText())
    return name === undefined ? EXIT.usage : 0
  }
  const wanted = name === 'help' ? (rest[0] ?? '') : name
  const entry = Object.hasOwn(COMMANDS, wanted) ? COMMANDS[wanted] : undefined
  if (!entry) {
    const { nearest } = await import('#core/program/nearest.ts')
    const near = nearest(wanted, Object.keys(COMMANDS))
    io.stderr.write(
      `muster: there is no command "${wanted}"${near === undefined ? '' : `; did you mean ${near}?`}\n  muster --help lists the commands\n`,
    )
    return EXIT.usage
  }
  return runEntry(io, entry, name === 'help' ? ['--help'] : rest)
}

async function runEntry(io: Io, entry: Entry, args: readonly string[]): Promise<number> {
  let exitCode = 0
  try {
    const { command } = await entry.load()
    const built = command(io, (code) => (exitCode = code))
    configure(built.name(`muster ${built.name()}`), io, built.name())
    await built.parseAsync([...args], { from: 'user' })
    return exitCode
  } catch (error) {
    return failure(io, error)
  }
}

function configure(command: Command, io: Io, name: string): void {
  command
    .showHelpAfterError(`  ${name} --help lists what it takes`)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, write) => write(text.startsWith(LACKS) ? allLacking(command) : text),
      getOutHelpWidth: () => Math.min(io.stdout.columns, 100),
      getErrHelpWidth: () => Math.min(io.stderr.columns, 100),
    })
  for (const child of command.commands) configure(child, io, `${name} ${child.name()}`)
}

const LACKS = 'error: required option'

/** The parser ends at the first option that is missing; whoever calls hears of all. */
const allLacking = (command: Command): string =>
  command.options
    .filter((option) => option.mandatory && command.getOptionValue(option.attributeName()) === undefined)
    .map(({ flags }) => `${LACKS} '${flags}' not specified\n`)
    .join('')

/** What the machine refuses: no room, no right, no such place. No bug of ours, wherever it shows. */
const REFUSED = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOSPC',
  'EDQUOT',
  'ENOTDIR',
  'EISDIR',
  'ENAMETOOLONG',
  'ELOOP',
  'EIO',
  'EMFILE',
  'ENFILE',
])

/** Usage errors are 2, what could not run is 4; a stack is shown only for a bug of ours. */
async function failure(io: Io, error: unknown): Promise<number> {
  if (error instanceof CommandError) {
    io.stderr.write(`${await shown(error.message)}\n`)
    return error.exitCode
  }
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('commander.')) {
    return 'exitCode' in error && error.exitCode === 0 ? 0 : EXIT.usage
  }
  if (io.signal.aborted) {
    io.stderr.write('muster: cancelled; nothing was recorded\n')
    return EXIT.couldNotRun
  }
  if (error instanceof Error && (error.name === 'StoreError' || error.name === 'RepositoryError' || error.name === 'TrustFileError')) {
    const remedy = 'remedy' in error && typeof error.remedy === 'string' ? `\n  ${error.remedy}` : ''
    io.stderr.write(`muster: ${await shown(`${error.message}${remedy}`)}\n`)
    return EXIT.couldNotRun
  }
  if (error instanceof Error && 'code' in error && REFUSED.has(String(error.code))) {
    io.stderr.write(`muster: ${await shown(error.message)}\n`)
    return EXIT.couldNotRun
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  io.stderr.write(`muster ${VERSION} has a bug; please report this:\n${stack}\n`)
  return EXIT.couldNotRun
}

/** Messages name what stands in files and repositories of others: each line is shown, not obeyed. */
async function shown(message: string): Promise<string> {
  const { terminal } = await import('#render/encode.ts')
  return message.split('\n').map(terminal).join('\n')
}

function say(io: Io, text: string): number {
  io.stdout.write(text)
  return 0
}

function helpText(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length))
  const list = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
  return [
    'Usage: muster <command> [options]',
    '',
    'Holds the checkpoint honest: gathers evidence from every stream, judges each criterion,',
    'and says GO, CONDITIONAL GO, NO-GO or INCONCLUSIVE, and why.',
    '',
    'Commands:',
    ...list,
    '',
    'muster <command> --help shows its options. Every command takes --config FILE.',
    'Exit codes: 0 GO or CONDITIONAL GO, 1 NO-GO, 2 usage or configuration, 3 INCONCLUSIVE, 4 could not run.',
    '',
  ].join('\n')
}
