import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Option } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { chooseActor, chooseStream, namedPerson } from '#cli/actor.ts'
import { CommandError, type Io } from '#cli/io.ts'
import { collect } from '#cli/options.ts'
import { record, recordingCommand } from '#cli/recording.ts'
import { mergeCheckIn, readCheckIn, saysSomething, type CheckInMistake } from '#core/ledger/check-in-input.ts'
import type { CheckIn } from '#core/ledger/events.ts'
import { InternalError } from '#core/problems.ts'
import type { Program } from '#core/program/model.ts'
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
      await record(io, options, ({ program }) => {
        const fileStream = typeof file?.value === 'object' && file.value !== null && 'stream' in file.value ? file.value.stream : undefined
        const named = options.stream ?? (typeof fileStream === 'string' ? fileStream : undefined)
        const stream = chooseStream(
          program,
          program.streams.map((one) => one.id),
          named,
          namedPerson(io, program, options.as)?.id,
          'reports',
        )
        const { person } = chooseActor(io, program, options.as, { act: 'check-in', stream })
        const body = bodyOf(program, stream, flags, file)
        return { type: 'check-in', body, actor: person, said: `${person} checked in for ${stream}: ${summary(body)}` }
      })
      exit(0)
    }) as unknown as PlainCommand
}

interface Written {
  readonly value: unknown
  /** Where a mistake stands, in front of its message. */
  readonly place: (mistake: CheckInMistake) => string
  readonly mistakes: readonly string[]
}

/** Both sources are read to their end, so that all mistakes of both come at once. */
function bodyOf(program: Program, id: string, flags: Written, file: Written | undefined): CheckIn {
  const stream = program.streams.find((one) => one.id === id)
  if (!stream) throw new InternalError(`${id} was chosen from the streams`)
  const sources = [...(file ? [file] : []), flags]
  const read = sources.map((one) => ({ source: one, ...readCheckIn(program, stream, one.value) }))
  const mistakes = read.flatMap(({ source, mistakes: found }) => [
    ...source.mistakes,
    ...found.map((one) => `${source.place(one)}: ${one.message}`),
  ])
  if (mistakes.length > 0)
    throw new CommandError(
      [...mistakes, `${mistakes.length} ${mistakes.length === 1 ? 'mistake' : 'mistakes'} in the check-in; nothing was recorded`].join(
        '\n',
      ),
    )
  const body = mergeCheckIn(
    id,
    read.map((one) => one.part),
  )
  if (!saysSomething(body)) throw new CommandError('this check-in says nothing; give done, next, risk, claim or confidence')
  return body
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
  ({ path, kind }: CheckInMistake): string => {
    const { file, line, column } = locate(path, kind === 'unknown-key' ? 'key' : 'value')
    return `${file}:${line}:${column}`
  }

function summary({ done, next, risks, claims, confidence }: CheckIn): string {
  const count = (number: number, one: string, many = one): string[] => (number === 0 ? [] : [`${number} ${number === 1 ? one : many}`])
  return [
    ...count(done.length, 'done'),
    ...count(next.length, 'next'),
    ...count(risks.length, 'risk', 'risks'),
    ...count(Object.keys(claims).length, 'claim', 'claims'),
    ...(confidence ? ['confidence'] : []),
  ].join(', ')
}
