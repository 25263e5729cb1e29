import type { CommitInfo } from '#core/evidence/collector.ts'
import { streamSubject, type Snapshot, type Unit } from '#core/evidence/evidence.ts'
import type { CheckIn } from '#core/ledger/events.ts'
import { rightsTo } from '#core/ledger/permit.ts'
import type { Blocker, Dated, LedgerState } from '#core/ledger/state.ts'
import type { Program, Stream } from '#core/program/model.ts'
import { effectiveProgram } from '#core/schedule/effective.ts'
import { epoch } from '#core/schedule/time.ts'

/** What was measured, and when that was recorded. */
export interface Measured {
  readonly at: string
  readonly snapshot: Snapshot
}

export interface StandUpInput {
  readonly program: Program
  readonly since: string
  readonly at: string
  readonly state: LedgerState
  /** Check-ins of the time between, oldest first. */
  readonly checkIns: readonly (CheckIn & Dated)[]
  /** Stream id -> the last check-in that was made by `since`: what was planned for now. */
  readonly before: Readonly<Record<string, CheckIn & Dated>>
  /** As it stood at `since`, and as it stands; absent where nothing was measured by then. */
  readonly measuredBefore?: Measured
  readonly measured?: Measured
  /** Stream id -> its commits of the time between, or why they are not known. */
  readonly commits: Readonly<Record<string, readonly CommitInfo[] | { readonly reason: string }>>
}

/** What changed since the last stand-up: one document, said from what is recorded and from git. */
export interface StandUp {
  readonly schemaVersion: 1
  readonly program: { readonly id: string; readonly name: string; readonly zone: string }
  readonly since: string
  readonly at: string
  /** When the numbers were measured; absent while nothing is. */
  readonly measuredAt?: string
  readonly measuredBefore?: string
  readonly streams: readonly StreamStandUp[]
  /** Streams that nobody has checked in for, and who may. */
  readonly silent: readonly { readonly stream: string; readonly who: readonly string[] }[]
  readonly next?: { readonly checkpoint: string; readonly name: string; readonly at: string }
}

export interface StreamStandUp {
  readonly id: string
  readonly name: string
  readonly lead: string
  /** By who made them, most first; absent where they are not known. */
  readonly commits?: readonly CommitsBy[]
  readonly commitsUnknown?: string
  readonly numbers: readonly NumberChange[]
  readonly tests: readonly TestsChange[]
  readonly opened: readonly Blocker[]
  readonly resolved: readonly Blocker[]
  /** Open ones, those just opened among them. */
  readonly open: readonly Blocker[]
  readonly checkIn?: CheckIn & Dated
}

export interface CommitsBy {
  /** What the author is to the stream: `lead`, `support`, `reviewer`, else the first role in the program; `unknown` for somebody else. */
  readonly role: string
  /** Of a person of the program. */
  readonly person?: string
  readonly name: string
  readonly count: number
}

const TEST_COUNTS = ['total', 'passed', 'failed', 'skipped'] as const
export type TestCounts = { readonly [K in (typeof TEST_COUNTS)[number]]?: number }

/** Test cases of one source, then and now. */
export interface TestsChange {
  readonly source: string
  readonly before?: TestCounts
  readonly now?: TestCounts
}

/** A number of a stream, then and now; only what changed, was planned, or is claimed otherwise. */
export interface NumberChange {
  readonly metric: string
  readonly title: string
  readonly unit: Unit
  readonly before?: number | boolean
  readonly now?: number | boolean
  readonly full?: number
  /** What the check-in before planned for now. */
  readonly planned?: number
  /** What the latest check-in claims, where it is not what is measured. */
  readonly claimed?: number
}

/** Pure: the same record and commits give the same digest. */
export function standUp(input: StandUpInput): StandUp {
  const { since, at, state } = input
  const program = effectiveProgram(input.program, state.moves, at)
  const streams = program.streams.map((one) => streamOf(input, program, one))
  const next = program.checkpoints.find((one) => epoch(one.at) > epoch(at))
  return {
    schemaVersion: 1,
    program: { id: program.id, name: program.name, zone: program.calendar.zone },
    since,
    at,
    ...(input.measured && { measuredAt: input.measured.at }),
    ...(input.measuredBefore && { measuredBefore: input.measuredBefore.at }),
    streams,
    silent: streams
      .filter((one) => one.checkIn === undefined)
      .map(({ id }) => ({
        stream: id,
        who: [...new Set(rightsTo(program, { act: 'check-in', stream: id }).flatMap((right) => right.people))],
      })),
    ...(next && { next: { checkpoint: next.id, name: next.name, at: next.at } }),
  }
}

function streamOf(input: StandUpInput, program: Program, stream: Stream): StreamStandUp {
  const { since, state } = input
  const commits = input.commits[stream.id] ?? { reason: 'they were not looked at' }
  const between = (instant: string | undefined): boolean => instant !== undefined && epoch(instant) > epoch(since)
  const blockers = state.blockers.filter((one) => one.stream === stream.id)
  const checkIn = input.checkIns.findLast((one) => one.stream === stream.id)
  return {
    id: stream.id,
    name: stream.name,
    lead: stream.lead,
    ...('reason' in commits ? { commitsUnknown: commits.reason } : { commits: commitsBy(program, stream, commits) }),
    numbers: numbersOf(input, program, stream, checkIn),
    tests: testsOf(input, program, stream),
    opened: blockers.filter((one) => between(one.openedAt)),
    resolved: blockers.filter((one) => between(one.resolvedAt)),
    open: blockers.filter((one) => one.resolvedAt === undefined),
    ...(checkIn && { checkIn }),
  }
}

function commitsBy(program: Program, stream: Stream, commits: readonly CommitInfo[]): readonly CommitsBy[] {
  const counts = new Map<string, CommitsBy>()
  // A merge brings the work of others, which is counted where it was done.
  for (const { author, parents } of commits) {
    if (parents.length > 1) continue
    const by = authorIn(program, stream, author)
    const key = by.person ?? `${author.name} <${author.email}>`
    counts.set(key, { ...by, count: (counts.get(key)?.count ?? 0) + 1 })
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
}

/** By the e-mail address, else by a name that only one person has. What a commit says of its author is no proof. */
function authorIn(program: Program, stream: Stream, author: CommitInfo['author']): Omit<CommitsBy, 'count'> {
  const same = (a: string | undefined, b: string | undefined): boolean =>
    a !== undefined && b !== undefined && a.toLowerCase().replace(/^@/, '') === b.toLowerCase()
  // The address that GitHub gives to who keeps theirs private.
  const login = /^(?:\d+\+)?([A-Za-z0-9-]+)@users\.noreply\.github\.com$/.exec(author.email)?.[1]
  const named = program.people.filter(({ id, name, handle }) => [id, name, handle].some((one) => same(one, author.name)))
  const person =
    program.people.find(({ email, github }) => same(email, author.email) || same(github, login)) ??
    (named.length === 1 ? named[0] : undefined)
  if (!person) return { role: 'unknown', name: author.name === '' ? author.email : author.name }
  const { id, name, roles } = person
  const role =
    id === stream.lead
      ? 'lead'
      : stream.support.includes(id)
        ? 'support'
        : stream.reviewers.includes(id)
          ? 'reviewer'
          : program.streams.some((one) => one.lead === id)
            ? 'lead of another stream'
            : (roles[0] ?? 'person of the program')
  return { role, person: id, name }
}

function numbersOf(input: StandUpInput, program: Program, stream: Stream, checkIn: CheckIn | undefined): readonly NumberChange[] {
  const valueIn = (one: Measured | undefined, metric: string) => valueOf(program, stream, one, metric)
  const { plan = {} } = input.before[stream.id] ?? {}
  const rows = [
    ...stream.deliverables.flatMap(({ id, title, measure, full }) =>
      measure === undefined ? [] : [{ metric: measure, title, names: [id, measure], ...(full && { full: full.high }) }],
    ),
    ...Object.keys(plan).flatMap((name) => {
      const title = Object.hasOwn(program.metrics, name) ? program.metrics[name]?.title : undefined
      return title === undefined ? [] : [{ metric: name, title: `${title} (${name})`, names: [name] }]
    }),
  ]
  const seen = new Set<string>()
  return rows.flatMap(({ names, ...row }): NumberChange[] => {
    const metric = program.metrics[row.metric]
    if (!metric || seen.has(row.metric)) return []
    seen.add(row.metric)
    const [before, now] = [valueIn(input.measuredBefore, row.metric), valueIn(input.measured, row.metric)]
    const planned = names.map((name) => (Object.hasOwn(plan, name) ? plan[name] : undefined)).find((one) => one !== undefined)
    const claimed = names
      .map((name) => (checkIn && Object.hasOwn(checkIn.claims, name) ? checkIn.claims[name] : undefined))
      .find((one) => one !== undefined)
    const differs = claimed !== undefined && claimed !== Number(now)
    if (before === now && planned === undefined && !differs) return []
    return [
      {
        ...row,
        unit: metric.unit,
        ...(before !== undefined && { before }),
        ...(now !== undefined && { now }),
        ...(planned !== undefined && { planned }),
        ...(differs && { claimed }),
      },
    ]
  })
}

function valueOf(program: Program, stream: Stream, measured: Measured | undefined, metric: string): number | boolean | undefined {
  return measured?.snapshot.evidence.findLast(
    (one) =>
      one.subject === streamSubject(stream.id) &&
      one.metric === metric &&
      one.status === 'observed' &&
      one.provenance === 'measured' &&
      one.unit === program.metrics[metric]?.unit,
  )?.value
}

/** Sources that count test cases, whether somebody owes the tests or not: those that changed, and those in which one fails. */
function testsOf({ measured, measuredBefore }: StandUpInput, program: Program, stream: Stream): readonly TestsChange[] {
  const counting = new Set(
    Object.values(program.metrics).flatMap(({ unit, source }) => (unit === 'tests' && source !== undefined ? [source] : [])),
  )
  return [...counting].flatMap((source): TestsChange[] => {
    const countsIn = (one: Measured | undefined): TestCounts | undefined => {
      const found = TEST_COUNTS.flatMap((name) => {
        const value = valueOf(program, stream, one, `${source}.${name}`)
        return typeof value === 'number' ? [[name, value] as const] : []
      })
      return found.length === 0 ? undefined : Object.fromEntries(found)
    }
    const [before, now] = [countsIn(measuredBefore), countsIn(measured)]
    const isSame = TEST_COUNTS.every((name) => before?.[name] === now?.[name])
    if (isSame && (now?.failed ?? 0) === 0) return []
    return [{ source, ...(before && { before }), ...(now && { now }) }]
  })
}
