import { streamSubject, type Snapshot } from '#core/evidence/evidence.ts'
import type { Dated, LedgerState } from '#core/ledger/state.ts'
import type { CheckIn } from '#core/ledger/events.ts'
import type { Program, Stream } from '#core/program/model.ts'
import { formatValue } from '#core/program/quantity.ts'
import { formatZoned } from '#core/schedule/time.ts'

/** What was said last, one thing a line. */
export function lastLines(program: Program, stream: Stream, last: CheckIn & Dated): readonly string[] {
  const listed = (label: string, texts: readonly string[] = []): string[] => texts.map((text) => `${label}: ${text}`)
  const { week, program: whole } = last.confidence ?? {}
  return [
    `${formatZoned(last.at, program.calendar.zone)} by ${last.actor}`,
    ...listed('done', last.done),
    ...listed('next', last.next),
    ...listed('waits for', last.waitingOn),
    ...listed('keeps waiting', last.blocking),
    ...listed('risk', last.risks),
    ...Object.entries(last.plan ?? {}).map(([name, amount]) => `planned: ${amountWords(program, stream, name, amount)}`),
    ...(week === undefined ? [] : [`confidence for the week: ${formatValue(week, 'ratio')}`]),
    ...(whole === undefined ? [] : [`confidence for the program: ${formatValue(whole, 'ratio')}`]),
  ]
}

export function amountWords(program: Program, stream: Stream, name: string, amount: number): string {
  const deliverable = stream.deliverables.find((one) => one.id === name)
  return `${deliverable?.title ?? name} ${formatValue(amount, program.metrics[deliverable?.measure ?? name]?.unit)}`
}

/** The number measured of a deliverable; undefined where it is not, or not for where the branch stood then. */
export function measuredOf(
  program: Program,
  stream: Stream,
  deliverable: string,
  evidence: { readonly snapshot: Snapshot } | undefined,
): number | boolean | undefined {
  const metric = stream.deliverables.find((one) => one.id === deliverable)?.measure
  return evidence?.snapshot.evidence.findLast(
    (one) =>
      one.subject === streamSubject(stream.id) &&
      one.metric === metric &&
      one.status === 'observed' &&
      one.provenance === 'measured' &&
      one.unit === program.metrics[one.metric]?.unit,
  )?.value
}

/** Every deliverable with what is measured, in full, planned and claimed of it. */
export function measuredLines(
  program: Program,
  stream: Stream,
  evidence: { readonly snapshot: Snapshot; readonly at: string } | undefined,
  last: LedgerState['checkIns'][string] | undefined,
): readonly string[] {
  if (stream.deliverables.length === 0) return []
  const lines = stream.deliverables.map(({ id, title, measure, full }) => {
    if (measure === undefined) return `${title}: signed for when it is done`
    const { unit } = program.metrics[measure] ?? {}
    const value = measuredOf(program, stream, id, evidence)
    const whole = full && value !== undefined ? ` of ${formatValue(full.high, full.unit)}` : ''
    const [planned, claimed] = [last?.plan?.[id], last?.claims[id]]
    return [
      `${title}: ${value === undefined ? 'not measured' : `measured ${formatValue(value, unit)}${whole}`}`,
      ...(planned === undefined ? [] : [`planned ${formatValue(planned, unit)}`]),
      ...(claimed === undefined ? [] : [`claimed ${formatValue(claimed, unit)}`]),
    ].join(', ')
  })
  const when = evidence ? `measured ${formatZoned(evidence.at, program.calendar.zone)}` : 'nothing is measured yet: muster check measures'
  return [...lines, `(${when})`]
}
