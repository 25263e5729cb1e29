import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Option } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { CommandError, type Io } from '#cli/io.ts'
import { collect } from '#cli/options.ts'
import { record, recordingCommand, whoIsNamed } from '#cli/recording.ts'
import { checkIn } from '#core/people/check-in.ts'
import type { Decided, Given } from '#core/people/given.ts'
import type { Mistake } from '#core/people/mistakes.ts'
import { findPerson } from '#core/people/who.ts'
import { decodeText, readYaml, type Locate } from '#core/program/source-text.ts'

/** `muster checkin`: what a lead reports of a stream. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return recordingCommand('checkin')
    .description('Record what a stream’s lead or support reports: what is done, what comes next, risks, claims, confidence.')
    .option('--stream <id>', 'stream that is reported on (default: the one you lead)')
    .option('--done <text>', 'what is done; repeatable', collect)
    .option('--next <text>', 'what comes next; repeatable', collect)
    .option('--risk <text>', 'what may go wrong; repeatable', collect)
    .option('--claim <name=amount>', 'what is reached of a deliverable or metric: reader=150 lines; repeatable', collect)
    .addOption(new Option('--confidence-week <share>', 'how sure you are of this week’s targets: 80%'))
    .addOption(new Option('--confidence <share>', 'how sure you are of the program’s targets: 90%'))
    .option('--file <file>', 'read the same keys from a YAML or JSON file; - is standard input')
    .action(async (options) => {
      const flags = writtenIn(options)
      if (Object.keys(flags.value).length === 0 && options.file === undefined) {
        throw new CommandError('a check-in says something: give --done, --next, --risk, --claim, --confidence-week, --confidence or --file')
      }
      const file = options.file === undefined ? undefined : await readCheckInFile(io, options.file)
      const sources = [...(file ? [file] : []), flags]
      await record(io, options, [], (given) => withPlaces(sources, checkInOf(given, whoIsNamed(io, options.as), options.stream, sources)))
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

/** Both sources are read to their end, so that all mistakes of both come at once, each with its place. */
function withPlaces(sources: readonly Written[], decided: Decided): Decided {
  const isAboutInput = decided.ok || decided.mistakes !== undefined
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
  readonly confidenceWeek?: string | undefined
  readonly confidence?: string | undefined
}

/** The flags in the shape of a file. */
function writtenIn({ done, next, risk, claim, confidenceWeek, confidence }: Flags): Written & { readonly value: object } {
  const amounts = new Map<string, string>()
  const mistakes: string[] = []
  for (const text of claim ?? []) {
    const [, name = '', amount = ''] = /^([^=]*)=([^]*)$/.exec(text)?.map((part) => part.trim()) ?? []
    if (name === '' || amount === '') mistakes.push(`--claim: "${text}" is not NAME=AMOUNT, such as reader=150 lines`)
    else if (amounts.has(name)) mistakes.push(`--claim: ${name} is claimed twice`)
    else amounts.set(name, amount)
  }
  const value = {
    ...(done && { done }),
    ...(next && { next }),
    ...(risk && { risk }),
    ...(claim && { claim: Object.fromEntries(amounts) }),
    ...(confidenceWeek !== undefined && { 'confidence-week': confidenceWeek }),
    ...(confidence !== undefined && { confidence }),
  }
  return { value, place: ({ path }) => `--${String(path[0])}`, mistakes }
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
