import type { NumberChange, StandUp, StreamStandUp, TestCounts, TestsChange } from '#core/stand-up/stand-up.ts'
import type { Blocker } from '#core/ledger/state.ts'
import { formatValue } from '#core/program/quantity.ts'
import { epoch, timesIn } from '#core/schedule/time.ts'
import { count } from '#render/words.ts'

/** A heading with what is said under it; not encoded for any sink yet. */
export interface Paragraph {
  readonly title: string
  readonly lines: readonly string[]
}

/** The digest in words: who is silent first, then stream by stream what changed. */
export function paragraphsOf(digest: StandUp): readonly Paragraph[] {
  const { zone } = digest.program
  const when = timesIn(zone)
  // Said first, so that it names the zone.
  const span = `Since ${when(digest.since)}, as of ${when(digest.at)}.`
  const measured =
    digest.measuredAt === undefined
      ? 'Nothing is measured yet: muster check measures.'
      : epoch(digest.measuredAt) <= epoch(digest.since)
        ? `Nothing was measured since: the numbers are of ${when(digest.measuredAt)}. muster check measures.`
        : `Measured ${when(digest.measuredAt)}${digest.measuredBefore === undefined ? '' : `, held against ${when(digest.measuredBefore)}`}.`
  const silent = digest.silent.map(({ stream, who }) => `${nameOf(digest, stream)}: ${who.join(' or ')}`)
  return [
    {
      title: `Stand-up of ${digest.program.name}`,
      lines: [span, measured, ...(digest.next ? [`Next checkpoint: ${digest.next.name}, ${when(digest.next.at)}.`] : [])],
    },
    ...(silent.length === 0 ? [] : [{ title: 'Nobody has checked in for', lines: silent }]),
    ...digest.streams.map((one) => ({ title: `${one.name} (${one.lead})`, lines: streamLines(one, digest.at, when) })),
  ]
}

const nameOf = ({ streams }: StandUp, id: string): string => streams.find((one) => one.id === id)?.name ?? id

function streamLines(stream: StreamStandUp, at: string, when: (instant: string) => string): readonly string[] {
  const { checkIn } = stream
  const said = (label: string, texts: readonly string[] = []): string[] => texts.map((text) => `${label}: ${text}`)
  const opened = new Set(stream.opened.map((one) => one.blocker))
  const { week, program } = checkIn?.confidence ?? {}
  const lines = [
    commitsLine(stream),
    ...stream.numbers.map(numberWords),
    ...stream.tests.map(testsWords),
    ...stream.open.map((one) => `Blocker ${blockerWords(one, at, when)}${opened.has(one.blocker) ? ', new' : ''}`),
    ...stream.resolved.map((one) => `Blocker ${one.blocker} resolved: ${one.title}`),
    ...(checkIn ? [`Checked in ${when(checkIn.at)} by ${checkIn.actor}`] : []),
    ...said('Done (claimed)', checkIn?.done),
    ...said('Next', checkIn?.next),
    ...said('Waits for', checkIn?.waitingOn),
    ...said('Keeps waiting', checkIn?.blocking),
    ...said('Risk', checkIn?.risks),
    ...(week === undefined ? [] : [`Confidence for the week: ${formatValue(week, 'ratio')}`]),
    ...(program === undefined ? [] : [`Confidence for the program: ${formatValue(program, 'ratio')}`]),
  ]
  return lines
}

function commitsLine({ commits, commitsUnknown }: StreamStandUp): string {
  if (!commits) return `Commits: not known, ${commitsUnknown}`
  if (commits.length === 0) return 'Commits: none'
  const total = commits.reduce((sum, one) => sum + one.count, 0)
  return `${count(total, 'commit')}: ${commits.map(({ name, role, count: number }) => `${name} (${role === 'unknown' ? 'nobody of the program' : role}) ${number}`).join(', ')}`
}

/** `Reader code: 3 lines → 8 lines of 10 lines; planned 9 lines, 1 line short; claimed 10 lines`. */
export function numberWords({ title, unit, before, now, full, planned, claimed }: NumberChange): string {
  const value = (one: number | boolean): string => formatValue(one, unit)
  const moved =
    now === undefined
      ? `not measured${before === undefined ? '' : `, was ${value(before)}`}`
      : before === undefined || before === now
        ? value(now)
        : `${value(before)} → ${value(now)}`
  return [
    `${title}: ${moved}${full === undefined ? '' : ` of ${value(full)}`}`,
    ...(planned === undefined ? [] : [`planned ${value(planned)}${shortWords(planned, now, value)}`]),
    ...(claimed === undefined ? [] : [`claimed ${value(claimed)}`]),
  ].join('; ')
}

/** `Cases of suite: 9 of 11 pass → 11 of 13 pass, 1 failed, 1 skipped`. */
function testsWords({ source, before, now }: TestsChange): string {
  const passing = ({ passed, total }: TestCounts): string =>
    [...(passed === undefined ? [] : [passed]), ...(total === undefined ? [] : [total])].join(' of ') +
    (passed === undefined ? ' cases' : ' pass')
  if (!now) return `Cases of ${source}: not measured${before ? `, were ${passing(before)}` : ''}`
  const [was, is] = [before && passing(before), passing(now)]
  return [
    `Cases of ${source}: ${was === undefined || was === is ? is : `${was} → ${is}`}`,
    ...(now.failed ? [`${now.failed} failed`] : []),
    ...(now.skipped ? [`${now.skipped} skipped`] : []),
  ].join(', ')
}

function shortWords(planned: number, now: number | boolean | undefined, value: (one: number) => string): string {
  if (typeof now !== 'number' || now === planned) return ''
  const difference = Math.round((now - planned) * 1e9) / 1e9
  return difference < 0 ? `, ${value(-difference)} less` : `, ${value(difference)} more`
}

const blockerWords = ({ blocker, severity, title, owner, deadline }: Blocker, at: string, when: (instant: string) => string): string =>
  `${blocker} (${severity}): ${title}, ${owner} by ${when(deadline)}${epoch(deadline) < epoch(at) ? ', overdue' : ''}`
