import type { Prompter } from '#cli/checkin/prompter.ts'
import { lastLines, measuredLines, measuredOf } from '#cli/checkin/seen.ts'
import { CommandError } from '#cli/io.ts'
import { refusalError } from '#cli/refused.ts'
import type { Snapshot } from '#core/evidence/evidence.ts'
import { readClaim } from '#core/ledger/claim.ts'
import { SEVERITIES } from '#core/ledger/events.ts'
import { textProblem } from '#core/ledger/free-text.ts'
import { peopleWhoMay } from '#core/ledger/permit.ts'
import type { LedgerState } from '#core/ledger/state.ts'
import { readCheckIn } from '#core/people/check-in-input.ts'
import { findPerson } from '#core/people/who.ts'
import type { Program, Stream } from '#core/program/model.ts'

export interface Known {
  readonly program: Program
  readonly state: LedgerState
  /** The evidence that was recorded last, and when. */
  readonly evidence?: { readonly snapshot: Snapshot; readonly at: string }
  /** What is given already, in the keys of a file: it is not asked for. */
  readonly given: Readonly<Record<string, unknown>>
  /** Id or handle. */
  readonly person?: string
  readonly stream?: string
}

export interface Answers {
  readonly person: string
  /** In the keys of a file. */
  readonly value: Readonly<Record<string, unknown>>
}

/** Asks a lead for what is missing of a check-in, beside what was said last and what is measured. */
export async function askCheckIn(prompter: Prompter, known: Known): Promise<Answers> {
  const person = await askPerson(prompter, known)
  const stream = await askStream(prompter, known, person)
  const last = known.state.checkIns[stream.id]
  const { program, evidence, given } = known
  const missing = (key: string): boolean => !Object.hasOwn(given, key)
  const value: Record<string, unknown> = { stream: stream.id }
  const put = (key: string, answer: readonly string[] | Readonly<Record<string, string>> | string): void => {
    if (typeof answer === 'string' ? answer !== '' : Object.keys(answer).length > 0) value[key] = answer
  }
  if (last) prompter.show(`Last check-in of ${stream.name}`, lastLines(program, stream, last))
  const measured = measuredLines(program, stream, evidence, last)
  if (measured.length > 0) prompter.show('Deliverables', measured)

  if (missing('done')) {
    const before = (last?.next ?? []).map((text) => ({ value: text, label: text }))
    const finished = before.length === 0 ? [] : await prompter.some('Which of what was next is done?', before)
    put('done', [...finished, ...(await askTexts(prompter, finished.length > 0 ? 'What else is done?' : 'What is done?'))])
  }
  if (missing('next')) put('next', await askTexts(prompter, 'What comes next?'))
  if (missing('claim')) {
    const unmeasured = measurable(stream).filter((one) => measuredOf(program, stream, one.id, evidence) === undefined)
    put('claim', await askAmounts(prompter, program, stream, unmeasured, (title) => `${title}, which is not measured: how far is it?`))
  }
  if (missing('plan'))
    put('plan', await askAmounts(prompter, program, stream, measurable(stream), (title) => `${title}: how far by the next check-in?`))
  if (missing('waiting-on')) put('waiting-on', await askTexts(prompter, 'What does this stream wait for?'))
  if (missing('blocking')) put('blocking', await askTexts(prompter, 'Who or what waits for this stream?'))
  if (missing('risk')) put('risk', await askTexts(prompter, 'What may go wrong?'))
  if (missing('blocker')) {
    const title = await prompter.text('Does something stop the stream? A title opens a blocker.', textProblem)
    if (title !== '') value['blocker'] = await askBlocker(prompter, title)
  }
  const share = (key: string) => (written: string) => readCheckIn(program, stream, { [key]: written }).mistakes[0]?.message
  for (const [key, targets] of [
    ['confidence-week', 'this week’s targets'],
    ['confidence', 'the program’s targets'],
  ] as const)
    if (missing(key)) put(key, await prompter.text(`How sure are you of ${targets}? Such as 80%`, share(key)))
  return { person, value }
}

async function askPerson(prompter: Prompter, { program, person, stream }: Known): Promise<string> {
  if (person !== undefined) {
    const found = findPerson(program, person)
    if ('ok' in found) throw refusalError(found)
    return found.id
  }
  const streams = program.streams.filter((one) => stream === undefined || one.id === stream)
  const able = [...new Set(streams.flatMap((one) => peopleWhoMay(program, { act: 'check-in', stream: one.id })))]
  const [only] = able
  if (only !== undefined && able.length === 1) return only
  if (only === undefined)
    throw new CommandError(`there is no stream "${stream ?? ''}"\n  there are: ${program.streams.map((one) => one.id).join(', ')}`)
  const name = (id: string): string => program.people.find((one) => one.id === id)?.name ?? id
  return prompter.one(
    'Who are you?',
    able.map((id) => ({ value: id, label: `${name(id)} (${id})` })),
  )
}

async function askStream(prompter: Prompter, { program, stream }: Known, person: string): Promise<Stream> {
  const own = program.streams.filter(
    (one) => (stream === undefined || one.id === stream) && peopleWhoMay(program, { act: 'check-in', stream: one.id }).includes(person),
  )
  const [only] = own
  if (!only)
    throw new CommandError(
      `${person} may not check in for ${stream === undefined ? 'any stream' : `stream ${stream}`}\n  its lead and support may`,
    )
  if (own.length === 1) return only
  const id = await prompter.one(
    'Which stream?',
    own.map((one) => ({ value: one.id, label: one.name })),
  )
  return own.find((one) => one.id === id) ?? only
}

async function askTexts(prompter: Prompter, message: string): Promise<readonly string[]> {
  const texts: string[] = []
  for (;;) {
    const text = await prompter.text(texts.length === 0 ? `${message} Nothing: press Enter` : 'And? Nothing more: press Enter', textProblem)
    if (text === '') return texts
    texts.push(text)
  }
}

const measurable = (stream: Stream): Stream['deliverables'] => stream.deliverables.filter((one) => one.measure !== undefined)

async function askAmounts(
  prompter: Prompter,
  program: Program,
  stream: Stream,
  deliverables: Stream['deliverables'],
  message: (title: string) => string,
): Promise<Readonly<Record<string, string>>> {
  const amounts: Record<string, string> = {}
  for (const { id, title } of deliverables) {
    const amount = await prompter.text(message(title), (written) => {
      const claim = readClaim(program, stream, id, written)
      return claim.ok ? undefined : claim.reason
    })
    if (amount !== '') amounts[id] = amount
  }
  return amounts
}

async function askBlocker(prompter: Prompter, title: string): Promise<Readonly<Record<string, string>>> {
  const severity = await prompter.one(
    'How bad is it?',
    SEVERITIES.map((one) => ({ value: one, label: one === 'critical' ? 'critical: it stops all work of the stream' : one })),
  )
  let impact = ''
  while (impact === '') impact = await prompter.text('What does it keep from happening?', textProblem)
  const workaround = await prompter.text('How does work go on meanwhile? Not at all: press Enter', textProblem)
  return { title, severity, impact, ...(workaround !== '' && { workaround }) }
}
