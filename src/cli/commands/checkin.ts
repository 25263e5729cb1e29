import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Option } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { CommandError, type Io } from '#cli/io.ts'
import { collect } from '#cli/options.ts'
import { readState } from '#cli/ledger-state.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { record, recordingCommand, whoIsNamed, type RecordingOptions } from '#cli/record-act.ts'
import { openLedger } from '#cli/wire.ts'
import { SEVERITIES, type BlockerSeverity } from '#core/ledger/events.ts'
import { checkIn } from '#core/people/check-in.ts'
import type { Decided, Given } from '#core/people/given.ts'
import type { Mistake } from '#core/people/mistakes.ts'
import { findPerson } from '#core/people/who.ts'
import { decodeText, readYaml, type Locate } from '#core/program/source-text.ts'

/** `muster checkin`: what a lead reports of a stream. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return recordingCommand('checkin')
    .description('Record what a stream’s lead or support reports. On a terminal it asks, where nothing is given; elsewhere it never does.')
    .option('--stream <id>', 'stream that is reported on (default: the one you lead)')
    .option('--done <text>', 'what is done; repeatable', collect)
    .option('--next <text>', 'what comes next; repeatable', collect)
    .option('--risk <text>', 'what may go wrong; repeatable', collect)
    .option('--claim <name=amount>', 'what is reached of a deliverable or metric: reader=150 lines; repeatable', collect)
    .option('--plan <name=amount>', 'what is reached by the next check-in: tests=12; repeatable', collect)
    .option('--waiting-on <text>', 'what this stream waits for; repeatable', collect)
    .option('--blocking <text>', 'who or what waits for this stream; repeatable', collect)
    .option('--blocker <title>', 'open a blocker with it, on the same record; takes --severity and --impact')
    .addOption(new Option('--severity <severity>', 'of the blocker').choices(SEVERITIES))
    .option('--impact <text>', 'of the blocker: what it keeps from happening')
    .option('--workaround <text>', 'of the blocker: how work goes on meanwhile')
    .option('--owner <person>', 'of the blocker: who resolves it (default: the stream’s lead)')
    .option('--deadline <time>', 'of the blocker: by when (default: 2h)')
    .addOption(new Option('--confidence-week <share>', 'how sure you are of this week’s targets: 80%'))
    .addOption(new Option('--confidence <share>', 'how sure you are of the program’s targets: 90%'))
    .option('--ask', 'on a terminal, ask for what is not given')
    .option('--file <file>', 'read the same keys from a YAML or JSON file; - is standard input')
    .action(async (options) => {
      const flags = writtenIn(options)
      const isGiven = Object.keys(flags.value).length + flags.mistakes.length > 0 || options.file !== undefined
      const isTerminal = io.stdinIsTerminal && io.stdout.isTerminal
      if (options.ask && !isTerminal)
        throw new CommandError('--ask asks on a terminal, and this is none\n  give --done, --next and the others, or --file')
      if (!isGiven && !isTerminal) {
        throw new CommandError(
          'a check-in says something: give --done, --next, --risk, --claim, --plan, --confidence-week, --confidence or --file',
        )
      }
      const file = options.file === undefined ? undefined : await readCheckInFile(io, options.file)
      const asked = options.ask || !isGiven ? await ask(io, options, [file?.value, flags.value]) : undefined
      const sources = [...(file ? [file] : []), flags, ...(asked ? [asked.written] : [])]
      const name = asked?.person ?? whoIsNamed(io, options.as)
      await record(io, options, [], (given) => withPlaces(sources, checkInOf(given, name, options.stream, sources)))
      exit(0)
    }) as unknown as PlainCommand
}

interface Written {
  readonly value: unknown
  /** Where a mistake stands, in front of its message. */
  readonly place: (mistake: Mistake) => string
  readonly mistakes: readonly string[]
}

function checkInOf(given: Given, name: string | undefined, stream: string | undefined, sources: readonly Written[]): Decided {
  const found = name === undefined ? undefined : findPerson(given.program, name)
  if (found && 'ok' in found) return found
  const named = stream === undefined ? [] : [{ stream }]
  return checkIn(given, found?.id, ...sources.map((one) => one.value), ...named)
}

/** Asks for what none of the sources gives. */
async function ask(io: Io, options: RecordingOptions & { readonly stream?: string | undefined }, sources: readonly unknown[]) {
  const [{ askCheckIn }, { clack }] = await Promise.all([import('#cli/checkin/ask.ts'), import('#cli/checkin/prompter.ts')])
  const { program, folder } = await loadProgramFile(io, options.config)
  const { state, latest } = await readLast(io, folder, program.id)
  const person = whoIsNamed(io, options.as)
  const given = Object.assign({}, ...sources) as Readonly<Record<string, unknown>>
  const stream = options.stream ?? (typeof given['stream'] === 'string' ? given['stream'] : undefined)
  const answers = await askCheckIn(clack, {
    program,
    state,
    given,
    ...(latest?.type === 'evidence' && { evidence: { snapshot: latest.body.snapshot, at: latest.at } }),
    ...(person !== undefined && { person }),
    ...(stream !== undefined && { stream }),
  })
  const written: Written = { value: answers.value, place: ({ path }) => String(path[0]), mistakes: [] }
  return { person: answers.person, written }
}

/** What was said, and the evidence that was recorded last. */
async function readLast(io: Io, folder: string, program: string) {
  const ledger = await openLedger(io, folder, 'read')
  try {
    const [{ state }, latest] = await Promise.all([readState(ledger, program), ledger.latest(program, 'evidence')])
    return { state, latest }
  } finally {
    await ledger.close()
  }
}

/** Both sources are read to their end, so that all mistakes of both come at once, each with its place. */
function withPlaces(sources: readonly Written[], decided: Decided): Decided {
  const isAboutInput = decided.ok || decided.code === 'invalid-input'
  const mistakes = [
    ...sources.flatMap((one) => one.mistakes),
    ...(decided.ok ? [] : (decided.mistakes ?? [])).map((one) => `${sources[one.source ?? 0]?.place(one) ?? ''}: ${one.message}`),
  ]
  if (!isAboutInput || mistakes.length === 0) return decided
  throw new CommandError(
    [...mistakes, `${mistakes.length} ${mistakes.length === 1 ? 'mistake' : 'mistakes'} in the check-in; nothing was recorded`].join('\n'),
  )
}

interface Flags {
  readonly done?: readonly string[] | undefined
  readonly next?: readonly string[] | undefined
  readonly risk?: readonly string[] | undefined
  readonly claim?: readonly string[] | undefined
  readonly plan?: readonly string[] | undefined
  readonly waitingOn?: readonly string[] | undefined
  readonly blocking?: readonly string[] | undefined
  readonly blocker?: string | undefined
  readonly severity?: BlockerSeverity | undefined
  readonly impact?: string | undefined
  readonly workaround?: string | undefined
  readonly owner?: string | undefined
  readonly deadline?: string | undefined
  readonly confidenceWeek?: string | undefined
  readonly confidence?: string | undefined
}

/** The flags in the shape of a file. */
function writtenIn(flags: Flags): Written & { readonly value: object } {
  const { done, next, risk, claim, plan, waitingOn, blocking, confidenceWeek, confidence } = flags
  const mistakes: string[] = []
  const blocker = blockerIn(flags, mistakes)
  const value = {
    ...(done && { done }),
    ...(next && { next }),
    ...(risk && { risk }),
    ...(claim && { claim: amountsIn('claim', claim, mistakes) }),
    ...(plan && { plan: amountsIn('plan', plan, mistakes) }),
    ...(waitingOn && { 'waiting-on': waitingOn }),
    ...(blocking && { blocking }),
    ...(blocker && { blocker }),
    ...(confidenceWeek !== undefined && { 'confidence-week': confidenceWeek }),
    ...(confidence !== undefined && { confidence }),
  }
  const place = ({ path: [key, part] }: Mistake): string =>
    `--${key === 'blocker' && part !== undefined && part !== 'title' ? part : String(key)}`
  return { value, place, mistakes }
}

function amountsIn(option: 'claim' | 'plan', texts: readonly string[], mistakes: string[]): Readonly<Record<string, string>> {
  const amounts = new Map<string, string>()
  for (const text of texts) {
    const [, name = '', amount = ''] = /^([^=]*)=([^]*)$/.exec(text)?.map((part) => part.trim()) ?? []
    if (name === '' || amount === '') mistakes.push(`--${option}: "${text}" is not NAME=AMOUNT, such as reader=150 lines`)
    else if (amounts.has(name)) mistakes.push(`--${option}: ${name} is ${option === 'claim' ? 'claimed' : 'planned'} twice`)
    else amounts.set(name, amount)
  }
  return Object.fromEntries(amounts)
}

function blockerIn({ blocker: title, severity, impact, workaround, owner, deadline }: Flags, mistakes: string[]) {
  const parts = { severity, impact, workaround, owner, deadline }
  const given = Object.entries(parts).filter(([, value]) => value !== undefined)
  if (title === undefined) {
    for (const [name] of given) mistakes.push(`--${name}: it is part of a blocker; give --blocker TITLE as well`)
    return undefined
  }
  for (const [name, value] of Object.entries({ severity, impact }))
    if (value === undefined) mistakes.push(`--blocker: it takes --${name} as well`)
  return mistakes.some((one) => one.startsWith('--blocker')) ? undefined : { title, ...Object.fromEntries(given) }
}

const MOST_BYTES = 1_000_000

async function readCheckInFile(io: Io, name: string): Promise<Written> {
  const shown = name === '-' ? 'standard input' : name
  const bytes = name === '-' ? new TextEncoder().encode(await io.readStdin()) : await readBytes(io, name)
  if (bytes.length > MOST_BYTES) throw new CommandError(`${shown}: it has ${bytes.length} bytes; a check-in has at most ${MOST_BYTES}`)
  const decoded = decodeText(bytes)
  if ('reason' in decoded) throw new CommandError(`${shown}: ${decoded.reason}`)
  if (decoded.text.trim() === '') throw new CommandError(`${shown}: it is empty; write the keys of a check-in, such as done: and next:`)
  const source = readCheckInText(shown, decoded.text)
  if (source.problems.length > 0)
    throw new CommandError(
      source.problems.map((one) => `${one.file}:${one.line}:${one.column}: ${one.message}\n  ${one.remedy}`).join('\n'),
    )
  return { value: source.value, place: placeIn(source.locate), mistakes: [] }
}

function readCheckInText(shown: string, text: string): ReturnType<typeof readYaml> {
  try {
    return readYaml(shown, text)
  } catch (error) {
    // The YAML reader recurses; what exhausts the stack is no check-in.
    if (!(error instanceof RangeError)) throw error
    throw new CommandError(`${shown}: it is nested too deeply`)
  }
}

async function readBytes(io: Io, name: string): Promise<Uint8Array> {
  try {
    return await readFile(resolve(io.cwd, name))
  } catch (error) {
    throw new CommandError(`${name}: it cannot be read (${error instanceof Error ? error.message : String(error)})`)
  }
}

const placeIn =
  (locate: Locate) =>
  ({ path, kind }: Mistake): string => {
    const { file, line, column } = locate(path, kind === 'unknown-key' ? 'key' : 'value')
    return `${file}:${line}:${column}`
  }
