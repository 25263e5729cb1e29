import { measured, notAnAmount, notAnAmountOf, type Model, type StreamModel } from '#core/forecast/model.ts'
import type { Mark } from '#core/forecast/race.ts'
import type { NoNumber } from '#core/forecast/report.ts'
import type { Scenario } from '#core/forecast/scenario.ts'
import type { Subject } from '#core/evidence/evidence.ts'
import {
  DELIVERABLE_KINDS,
  type Checkpoint,
  type Comparison,
  type Condition,
  type Criterion,
  type DeliverableKind,
} from '#core/program/model.ts'

/** What must come to pass in a run: a mark is passed, all of several, or any of them. */
export type Need =
  | { readonly kind: 'mark'; readonly stream: string; readonly mark: number }
  /** Measured, and there. */
  | { readonly kind: 'reached'; readonly day: number }
  | NoNeed
  | { readonly kind: 'all' | 'any'; readonly of: readonly Need[] }

export interface NoNeed {
  readonly kind: 'none'
  readonly why: NoNumber
  readonly reason: string
}

export const none = (why: NoNumber, reason: string): NoNeed => ({ kind: 'none', why, reason })

/** The marks that needs ask for, by stream; the same one is passed once. */
export interface MarkBook {
  /** Metrics that the stream simulates, in the order of its series. */
  readonly metrics: Map<string, string[]>
  readonly marks: Map<string, Mark[]>
  /** Number of each mark in the list of its stream, by stream and mark in JSON. */
  readonly numbers: Map<string, number>
}

export const markBook = (): MarkBook => ({ metrics: new Map(), marks: new Map(), numbers: new Map() })

const listOf = <T>(map: Map<string, T[]>, key: string): T[] => {
  const known = map.get(key)
  if (known) return known
  const made: T[] = []
  map.set(key, made)
  return made
}

/** Number of a metric among those that the stream simulates. */
export function seriesOf(book: MarkBook, stream: string, metric: string): number {
  const list = listOf(book.metrics, stream)
  const at = list.indexOf(metric)
  return at < 0 ? list.push(metric) - 1 : at
}

/** What several ask of a stream, as those do that wait for it, is looked at once. */
function mark(book: MarkBook, stream: string, one: Mark): Need {
  const key = JSON.stringify([stream, one])
  const number = book.numbers.get(key) ?? listOf(book.marks, stream).push(one) - 1
  book.numbers.set(key, number)
  return { kind: 'mark', stream, mark: number }
}

/** Sums of tenths are not exact: what is as near as this counts as there. */
const slack = (bound: number): number => 1e-9 * Math.max(1, Math.abs(bound))
const leastOf = (bound: number, strict: boolean): number => (strict ? bound + slack(bound) : bound - slack(bound))

export interface NeedContext {
  readonly model: Model
  readonly scenario: Scenario
  readonly book: MarkBook
  readonly checkpoint?: Checkpoint
}

export function needOf(context: NeedContext, condition: Condition, subject: Subject): Need {
  if ('all' in condition) return every(condition.all.map((one) => needOf(context, one, subject)))
  if ('any' in condition) return some(condition.any.map((one) => needOf(context, one, subject)))
  if ('not' in condition) return none('not-an-amount', 'it holds while something is not so')
  if ('signOff' in condition) return none('not-an-amount', 'a person signs it')
  if ('targets' in condition) {
    const due = targetsOf(context.checkpoint, subject, condition.targets)
    return due.length === 0
      ? none('nothing-due', 'nothing of this kind is due')
      : every(due.map((one) => needOf(context, one.condition, one.subjects[0] ?? subject)))
  }
  const stream = context.model.streams.get(subject.slice('stream:'.length))
  if (subject === 'program' || !stream) return none('not-an-amount', 'it is judged over the whole program; its streams have numbers')
  const bound = boundOf(condition.comparison)
  const [family = '', kind] = condition.metric.split('.')
  const isDerived = context.model.program.metrics[condition.metric]?.source === undefined
  if (isDerived && family !== 'progress' && family !== 'due') return none('not-an-amount', 'it is no amount that grows with work')
  const reason = isDerived ? undefined : notAnAmount(context.model.program, stream.stream, condition.metric)
  if (reason !== undefined) return none('not-an-amount', reason)
  if (!bound) return none('not-an-amount', 'more of it does not meet it')
  if (!isDerived) return amount(context, stream, condition.metric, bound)
  return mean(context, stream, partsOf(context, stream, family, kind), bound)
}

interface Bound {
  readonly value: number
  readonly strict: boolean
}

/** What more must get to; undefined where more of it is not better. */
function boundOf(comparison: Comparison): Bound | undefined {
  if (comparison.op === 'between') return { value: comparison.low, strict: false }
  if ((comparison.op === 'atLeast' || comparison.op === 'above') && typeof comparison.value === 'number')
    return { value: comparison.value, strict: comparison.op === 'above' }
  return undefined
}

function targetsOf(checkpoint: Checkpoint | undefined, subject: Subject, kinds: readonly DeliverableKind[]): readonly Criterion[] {
  return (checkpoint?.criteria ?? []).filter(
    (one) => one.target !== undefined && kinds.includes(one.target.kind) && (subject === 'program' || one.subjects.includes(subject)),
  )
}

/** An amount of one metric. A whole waits for the streams that this one depends on; a part does not. */
export function amount(context: NeedContext, stream: StreamModel, metric: string, bound: Bound): Need {
  const { model, book } = context
  const reason = notAnAmount(model.program, stream.stream, metric)
  if (reason !== undefined) return none('not-an-amount', reason)
  const { points, fault } = measured(stream, metric)
  const last = points.at(-1)
  const isCounted = model.program.metrics[metric]?.unit !== 'ratio'
  const least = leastOf(kept(context, stream, last?.value, bound.value, isCounted), bound.strict)
  if (last && last.value >= least) return { kind: 'reached', day: last.day }
  const problem = faultOf(context, stream, fault)
  if (problem) return problem
  const isWhole = stream.stream.deliverables.some((one) => one.measure === metric && one.full !== undefined && bound.value >= one.full.low)
  return held(context, stream, mark(book, stream.stream.id, { series: seriesOf(book, stream.stream.id, metric), least }), isWhole)
}

function faultOf(
  { scenario }: NeedContext,
  { stream, stops }: StreamModel,
  fault: { readonly why: NoNumber; readonly reason: string } | undefined,
): NoNeed | undefined {
  if (fault) return none(fault.why, fault.reason)
  return stops.ok || scenario.unblocked?.stream === stream.id ? undefined : none('blocked', stops.reason)
}

/** With less of the scope, less of what is still owed is due; of what is counted, whole ones. */
const kept = (
  { scenario, checkpoint }: NeedContext,
  stream: StreamModel,
  now: number | undefined,
  bound: number,
  isCounted = false,
): number => {
  const { keep } = scenario
  if (!keep || now === undefined || keep.stream !== stream.stream.id || keep.checkpoint !== checkpoint?.id || bound <= now) return bound
  return lessOf(now, bound, keep.share, isCounted)
}

/** So much of the way from what is there to what is due. */
export function lessOf(now: number, due: number, share: number, isCounted: boolean): number {
  const less = now + share * (due - now)
  return isCounted ? Math.min(due, Math.ceil(less - slack(less))) : less
}

interface Part {
  readonly title: string
  /** Absent where it is no amount, which `reason` says. */
  readonly metric?: string
  readonly low: number
  readonly reason?: string
}

function partsOf({ model, checkpoint }: NeedContext, stream: StreamModel, family: string, kind: string | undefined): readonly Part[] {
  const kinds = kind === undefined ? DELIVERABLE_KINDS : [kind as DeliverableKind]
  const own = stream.stream.deliverables.filter((one) => one.measure !== undefined && kinds.includes(one.kind))
  const due = new Map(
    targetsOf(checkpoint, `stream:${stream.stream.id}`, kinds).flatMap(({ target, condition }) =>
      target && 'metric' in condition ? [[target.deliverable, boundOf(condition.comparison)?.value ?? 0] as const] : [],
    ),
  )
  return own.flatMap((one): readonly Part[] => {
    const low = family === 'progress' ? (one.full?.low ?? 1) : due.get(one.id)
    if (low === undefined) return []
    const reason = notAnAmountOf(model.program, stream.stream, one) ?? (low > 0 ? undefined : 'nothing of it is due')
    return [{ title: one.title, low, ...(reason === undefined ? one.measure !== undefined && { metric: one.measure } : { reason }) }]
  })
}

/** A mean of shares: each deliverable counts up to its whole, as when it is judged. */
function mean(context: NeedContext, stream: StreamModel, parts: readonly Part[], bound: Bound): Need {
  const { book } = context
  const id = stream.stream.id
  if (parts.length === 0) return none('nothing-due', 'nothing of this kind is measured')
  let done = 0
  let day = 0
  let rest = leastOf(bound.value, bound.strict)
  const open: { series: number; low: number; weight: number }[] = []
  for (const { title, metric, low, reason } of parts) {
    if (metric === undefined) return none('not-an-amount', `${title}: ${reason}`)
    const { points, fault } = measured(stream, metric)
    const last = points.at(-1)
    const weight = 1 / parts.length
    const share = last ? Math.min(1, Math.max(0, last.value / low)) : 0
    done += share * weight
    day = Math.max(day, last?.day ?? 0)
    if (share >= 1) {
      rest -= weight
      continue
    }
    const problem = faultOf(context, stream, fault)
    if (problem) return parts.length === 1 ? problem : { ...problem, reason: `${title}: ${problem.reason}` }
    open.push({ series: seriesOf(book, id, metric), low, weight })
  }
  const due = kept(context, stream, done, bound.value)
  if (done >= leastOf(due, bound.strict)) return { kind: 'reached', day }
  return held(context, stream, mark(book, id, { parts: open, least: rest - (bound.value - due) }), bound.value >= 1)
}

const held = (context: NeedContext, stream: StreamModel, need: Need, isWhole: boolean): Need =>
  isWhole && stream.stream.dependsOn.length > 0 ? every([need, ...dependencies(context, stream)]) : need

/** That every stream which this one depends on has got as far as it must, in its amounts. */
export function dependencies(context: NeedContext, stream: StreamModel): readonly Need[] {
  return stream.stream.dependsOn.flatMap(({ stream: id, reaches }) => {
    const other = context.model.streams.get(id)
    if (!other || id === context.scenario.unheld) return []
    const parts = amountsOf(context.model, other)
    if (parts.length === 0) return [none('not-an-amount', `${other.stream.name}, which it depends on, owes no amount`)]
    const need = mean({ ...context, scenario: withoutScope(context.scenario) }, other, parts, { value: reaches, strict: false })
    return [need.kind === 'none' ? { ...need, reason: `it depends on ${other.stream.name}: ${need.reason}` } : need]
  })
}

const withoutScope = ({ keep: _keep, ...rest }: Scenario): Scenario => rest

const amountsOf = ({ program }: Model, { stream }: StreamModel): readonly Part[] =>
  stream.deliverables.flatMap((one) =>
    one.measure !== undefined && one.full !== undefined && one.full.low > 0 && notAnAmountOf(program, stream, one) === undefined
      ? [{ title: one.title, metric: one.measure, low: one.full.low }]
      : [],
  )

/** Flat, so that no table is made for what lies between. */
const allOf = (needs: readonly Need[]): Need => ({ kind: 'all', of: needs.flatMap((one) => (one.kind === 'all' ? one.of : [one])) })

/** All must come to pass. One that can never have a number outweighs one that has none yet. */
export function every(needs: readonly Need[]): Need {
  const missing = needs.filter((one) => one.kind === 'none')
  return missing.find((one) => one.why === 'not-an-amount') ?? missing[0] ?? allOf(needs)
}

function some(needs: readonly Need[]): Need {
  const there = needs.find((one) => one.kind === 'reached')
  if (there) return there
  const missing = needs.filter((one) => one.kind === 'none')
  return missing.find((one) => one.why === 'not-an-amount') ?? missing[0] ?? { kind: 'any', of: needs }
}

/** Parts of a whole, such as the criteria of a checkpoint: what is no amount is left out, what has no number yet takes the number from the whole. */
export function together(parts: readonly { readonly title: string; readonly need: Need }[]): {
  readonly need: Need
  readonly leftOut: number
} {
  const left = parts.filter(({ need }) => !isLeftOut(need))
  const missing = left.find(({ need }) => need.kind === 'none')
  const leftOut = parts.length - left.length
  if (missing?.need.kind === 'none') return { need: { ...missing.need, reason: `${missing.title}: ${missing.need.reason}` }, leftOut }
  if (left.length === 0) return { need: none('nothing-due', 'nothing that is due is an amount'), leftOut }
  return { need: allOf(left.map(({ need }) => need)), leftOut }
}

const isLeftOut = (need: Need): boolean => need.kind === 'none' && (need.why === 'not-an-amount' || need.why === 'nothing-due')
