import type { Finding, MergePlan } from '#core/decide/model.ts'
import type { CheckReport, CriterionReport, StreamReport } from '#core/decide/report.ts'
import { isSettled, openBlockers } from '#core/decide/risk.ts'
import type { Explanation, Status } from '#core/evaluate/model.ts'
import { STATUSES } from '#core/evaluate/model.ts'
import { TIERS, type Tier } from '#core/program/model.ts'
import { SEVERITIES } from '#core/ledger/events.ts'
import type { Blocker } from '#core/ledger/state.ts'
import { formatValue } from '#core/program/quantity.ts'
import { addSeconds, epoch } from '#core/schedule/time.ts'
import { capital, formatActual, formatDay, subjectName, timeOfDay, when } from '#render/words.ts'

/** Picks out of the report what several renderers show, in one order. Judges nothing. */

export interface OpenItem extends Finding {
  readonly criterionReport?: CriterionReport
}

export interface OpenGroup {
  readonly tier: Tier
  readonly status: Status
  readonly items: readonly OpenItem[]
}

/** What keeps the verdict from GO, in the decision's order (worst first), split by tier and status. */
export const against = (report: CheckReport): readonly OpenGroup[] =>
  group(report.decision.against.map((finding) => withCriterion(report, finding)))

/** What is open without touching the verdict, worst first. */
export function alsoOpen(report: CheckReport): readonly OpenGroup[] {
  const counted = new Set(report.decision.against.map(keyOf))
  const rest = report.criteria
    .filter((criterion) => !isSettled(criterion.status) && !counted.has(keyOf({ criterion: criterion.id, subject: criterion.subject })))
    .map((criterion): OpenItem => ({
      criterion: criterion.id,
      subject: criterion.subject,
      title: criterion.title,
      tier: criterion.tier,
      status: criterion.status,
      because: criterion.explanation.because,
      ...(criterion.explanation.flip && { flip: criterion.explanation.flip.text }),
      who: criterion.explanation.flip?.who ?? [],
      criterionReport: criterion,
    }))
    .sort((a, b) => TIERS.indexOf(a.tier) - TIERS.indexOf(b.tier) || STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status))
  return group(rest)
}

const keyOf = (finding: { readonly criterion: string; readonly subject: string }): string =>
  JSON.stringify([finding.criterion, finding.subject.replace(/^stream:/, '')])

function withCriterion(report: CheckReport, finding: Finding): OpenItem {
  const key = keyOf(finding)
  const criterionReport = report.criteria.find((criterion) => keyOf({ criterion: criterion.id, subject: criterion.subject }) === key)
  return { ...finding, ...(criterionReport && { criterionReport }) }
}

function group(items: readonly OpenItem[]): readonly OpenGroup[] {
  const groups: { tier: Tier; status: Status; items: OpenItem[] }[] = []
  for (const item of items) {
    const last = groups.at(-1)
    if (last && last.tier === item.tier && last.status === item.status) last.items.push(item)
    else groups.push({ tier: item.tier, status: item.status, items: [item] })
  }
  return groups
}

/** Every open blocker, the most severe first, then the earliest deadline. */
export const blockersWorstFirst = (report: CheckReport): readonly { readonly stream: StreamReport; readonly blocker: Blocker }[] =>
  report.streams
    .flatMap((stream) => openBlockers(stream).map((blocker) => ({ stream, blocker })))
    .sort(
      (a, b) =>
        SEVERITIES.indexOf(a.blocker.severity) - SEVERITIES.indexOf(b.blocker.severity) ||
        epoch(a.blocker.deadline) - epoch(b.blocker.deadline),
    )

export const isOverdue = (blocker: Blocker, report: CheckReport): boolean =>
  blocker.resolvedAt === undefined && epoch(blocker.deadline) < epoch(report.at)

export interface ClaimDifference {
  readonly subject: string
  readonly title: string
  readonly text: string
}

/** Claims that differ from what was measured: first those for a deliverable, then those for other criteria. */
export function claimDifferences(report: CheckReport): readonly ClaimDifference[] {
  const found = new Map<string, ClaimDifference>()
  const add = (value: number, difference: ClaimDifference): void => {
    const key = JSON.stringify([difference.subject.replace(/^stream:/, ''), value])
    if (!found.has(key)) found.set(key, difference)
  }
  for (const stream of report.streams) {
    for (const { title, claimed, measured, unit } of stream.deliverables) {
      if (claimed === undefined || claimed === Number(measured)) continue
      add(claimed, {
        subject: `stream:${stream.id}`,
        title,
        text: `claimed ${formatValue(claimed, unit)}, measured ${formatActual(measured, unit)}`,
      })
    }
  }
  const visit = (criterion: CriterionReport, explanation: Explanation): void => {
    const { claim } = explanation
    if (claim?.differs) add(claim.value, { subject: criterion.subject, title: criterion.title, text: `${claim.text} (${claim.by})` })
    for (const child of explanation.children) visit(criterion, child)
  }
  for (const criterion of report.criteria) visit(criterion, criterion.explanation)
  return [...found.values()]
}

/** Where no blocker is open: silence is no word that nothing is in the way. */
export const noBlockers = ({ checkIn, lead }: StreamReport): string =>
  checkIn ? 'none' : `none is on record, but ${lead.name} has not checked in`

/** What a lead plans until the next check-in: `Tests: 12 tests planned, 10 tests measured`. */
export const planLines = ({ planned = [] }: StreamReport): readonly string[] =>
  planned.map(
    ({ title, unit, planned: amount, measured }) =>
      `${capital(title)}: ${formatValue(amount, unit)} planned, ${formatActual(measured, unit)} measured`,
  )

/** What somebody has chosen of the options of a stream; undefined while nobody has. */
export function chosenWords(matrix: NonNullable<StreamReport['matrix']>): string | undefined {
  const { chosen, options } = matrix
  return chosen && `Chosen by ${chosen.by}: ${options.find((one) => one.id === chosen.option)?.title ?? chosen.option}. ${chosen.reason}`
}

/** When a stream merges, or why it does not, in a few words. */
export function mergeWords(report: CheckReport, stream: StreamReport): string {
  const { merge, onNoGo } = report.decision
  if (merge) return plannedWords(merge, stream)
  const blocked = onNoGo?.blocked.find((entry) => entry.stream === stream.id)
  if (blocked) {
    const until = onNoGo?.extendedUntil === undefined ? '' : `; has until ${when(onNoGo.extendedUntil, report)}`
    // Many reasons are the titles of criteria, which every report lists under what is open.
    const because = blocked.because.length > 2 ? `${blocked.because.length} critical criteria are open` : blocked.because.join('; ')
    return `cannot merge: ${because}${until}`
  }
  return stream.ready ? `waits, the decision is ${report.verdict}` : 'not ready'
}

function plannedWords(merge: MergePlan, stream: StreamReport): string {
  if (merge.merged.includes(stream.id)) return 'merged'
  const day = merge.days.find((candidate) => candidate.streams.includes(stream.id))
  if (day)
    return `merges ${formatDay(day.date, day.weekday)}${merge.rework?.some((one) => one.stream === stream.id) ? ', reworked first' : ''}`
  const held = merge.held.find((entry) => entry.stream === stream.id)
  return held ? `held: ${held.because}` : 'no merge day'
}

/** What the plan costs, where it is known which streams collide: who reworks because of whom, and whether fewer could. */
export function reworkNotes(report: CheckReport): readonly { readonly label: 'rework' | 'surprise'; readonly text: string }[] {
  const { merge } = report.decision
  const names = (ids: readonly string[]): string => ids.map((id) => subjectName(report, id)).join(', ')
  const reworks = merge?.rework ?? []
  return [
    ...reworks.map(({ stream, because }) => ({
      label: 'rework' as const,
      text: `${subjectName(report, stream)} rebases once ${names(because)} ${because.length === 1 ? 'has' : 'have'} landed`,
    })),
    ...(merge?.atLeast === undefined || reworks.length === 0
      ? []
      : [
          {
            label: 'rework' as const,
            text: merge.optimal === true ? 'no other order has fewer reworks' : `any order has at least ${merge.atLeast} reworks`,
          },
        ]),
    ...(merge?.surprises ?? []).map(({ stream, files }) => ({
      label: 'surprise' as const,
      text: `${subjectName(report, stream)} does not land in this order, although it collides with no single stream: ${files
        .slice(0, 3)
        .map(({ path }) => path)
        .join(', ')}${files.length > 3 ? ` and ${files.length - 3} more` : ''}`,
    })),
  ]
}

export interface TimedItem {
  /** Wall times `HH:MM` in the program's zone. */
  readonly start: string
  readonly end: string
  readonly seconds: number
  readonly title: string
  readonly topics: readonly string[]
  /** Present for an item that is held once for each stream. */
  readonly stream?: StreamReport
}

/** The agenda one item after the other from the start of the meeting, items for each stream unrolled. */
export function timedAgenda(report: CheckReport): readonly TimedItem[] {
  let start = report.checkpoint.at
  return report.checkpoint.agenda.flatMap((item) => {
    const turns: readonly (StreamReport | undefined)[] = item.each === 'stream' ? report.streams : [undefined]
    return turns.map((stream): TimedItem => {
      const end = addSeconds(start, item.seconds)
      const timed = {
        start: timeOfDay(start, report),
        end: timeOfDay(end, report),
        seconds: item.seconds,
        title: item.title,
        topics: item.topics,
        ...(stream && { stream }),
      }
      start = end
      return timed
    })
  })
}
