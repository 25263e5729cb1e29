import type { LandingPlan, RadarChanges, WaveTest } from '#core/merge/radar.ts'
import type { View } from '#render/radar/view.ts'
import { list, stateWords } from '#render/radar/words.ts'
import { count, formatDay, short, type Tone } from '#render/words.ts'

/** A radar in sentences, the same for every sink: no escaping, no layout. */

export interface Line {
  readonly shape: string
  readonly tone: Tone
  readonly text: string
}

/** What changed since the last radar; nothing when it is the same. */
export function changeLines(view: View, since: RadarChanges): readonly Line[] {
  const { name, stream, radar } = view
  const target = radar.target.branch
  const pair = ({ a, b }: { readonly a: string; readonly b: string }): string => `${name(a)} × ${name(b)}`
  const line = (shape: string, tone: Tone, text: string): Line => ({ shape, tone, text })
  return [
    ...(since.targetMoved ? [line('→', 'muted', `${target} moved to ${short(radar.target.commit)}`)] : []),
    ...since.appeared.map((id) => {
      const one = stream(id)
      return line('+', 'muted', `${name(id)} appeared${one ? `: ${stateWords(one, name)}` : ''}`)
    }),
    ...since.gone.map((id) => line('−', 'muted', `${name(id)} is gone`)),
    ...since.moved.map((id) => {
      const one = stream(id)
      return line('→', 'muted', `${name(id)} moved${one ? ` to ${short(one.commit)}, ${count(one.ahead, 'commit')} ahead` : ''}`)
    }),
    ...since.states.map(({ stream: id, from }) => {
      const one = stream(id)
      const [shape, tone] = SIGN_OF[one?.state ?? 'unavailable']
      return line(shape, tone, `${name(id)} ${one ? AFTER[one.state](target) : 'cannot be judged'}; it was ${BEFORE[from] ?? from}`)
    }),
    ...since.newConflicts.map((one) => line('✗', 'bad', `${pair(one)} collide now: ${list(one.files, 3)}`)),
    ...since.solved.map((one) => line('✓', 'good', `${pair(one)}: no conflict any more`)),
    ...since.changed.map((one) => {
      const more = one.added.length === 0 ? [] : [`now also in ${list(one.added, 3)}`]
      const less = one.removed.length === 0 ? [] : [`no longer in ${list(one.removed, 3)}`]
      return line('~', 'warn', `${pair(one)} still collide: ${[...more, ...less].join('; ')}`)
    }),
  ]
}

const SIGN_OF = { clean: ['✓', 'good'], conflicted: ['✗', 'bad'], landed: ['●', 'good'], unavailable: ['?', 'unknown'] } as const

const AFTER = {
  clean: (target: string) => `has no conflict with ${target}`,
  conflicted: (target: string) => `conflicts with ${target}`,
  landed: () => 'has landed',
  unavailable: () => 'cannot be judged',
} as const

const BEFORE: Readonly<Record<string, string>> = {
  clean: 'clean',
  conflicted: 'in conflict',
  landed: 'landed',
  unavailable: 'not to be judged',
}

export interface Labelled {
  readonly label: string
  readonly text: string
}

const MOST_DAYS = 10
const MOST_REWORKS = 12

/** When to merge what: days where there is a calendar, else waves; who reworks, and whether fewer could. */
export function planLines(view: View, plan: LandingPlan): readonly Labelled[] {
  const { name } = view
  const rework = new Set(plan.rework.map(({ stream }) => stream))
  const marked = (ids: readonly string[]): string => {
    const { true: after = [], false: clean = [] } = Object.groupBy(ids, (id) => String(rework.has(id)))
    return [
      ...(clean.length === 0 ? [] : [clean.map(name).join(', ')]),
      ...(after.length === 0 ? [] : [`after rework: ${after.map(name).join(', ')}`]),
    ].join('; ')
  }
  const rest = plan.days.slice(MOST_DAYS)
  const last = rest.at(-1)
  const byDay = plan.days.slice(0, MOST_DAYS).map((day) => ({ label: formatDay(day.date, day.weekday), text: marked(day.streams) }))
  const byWave = plan.waves.map((streams, index) => ({ label: `wave ${index + 1}`, text: marked(streams) }))
  const reasons = Map.groupBy(plan.rework, ({ because }) => JSON.stringify(because))
  const reworks = [...reasons.values()].map((group) => {
    const because = group[0]?.because ?? []
    const who = group.map(({ stream }) => name(stream)).join(', ')
    return because.length === 0 ? who : `${who}, because of ${list(because.map(name), 6)}`
  })
  const reasonsToHold = Map.groupBy(plan.held, (one) => one.because)
  const held = [...reasonsToHold].map(([because, group]) => {
    const who = group.map(({ stream }) => name(stream))
    return `${list(who, 6)}: ${because}`
  })
  return [
    ...(plan.days.length > 0 ? byDay : byWave),
    ...(last ? [{ label: 'later', text: `${count(rest.length, 'more day')}, the last ${formatDay(last.date, last.weekday)}` }] : []),
    { label: 'rework', text: plan.order.length === 0 ? 'none: no stream can be planned' : proof(plan) },
    ...reworks.slice(0, MOST_REWORKS).map((text) => ({ label: '', text })),
    ...(reworks.length > MOST_REWORKS ? [{ label: '', text: `and ${reworks.length - MOST_REWORKS} more` }] : []),
    ...held.map((text, index) => ({ label: index === 0 ? 'held' : '', text })),
  ]
}

function proof({ rework, atLeast, optimal }: LandingPlan): string {
  if (rework.length === 0) return 'none'
  const streams = count(rework.length, 'stream')
  if (optimal) return `${streams}; no order has fewer (proven)`
  return `${streams}; every order has at least ${atLeast}, fewer than ${rework.length} are not ruled out`
}

/** What came of landing the plan for real; nothing for a plan of one stream, which its projection tells. */
export function landingLines(view: View): readonly Line[] {
  const { radar, name } = view
  const { landing, surprises } = radar
  if (!landing) return radar.plan.order.length < 2 ? [] : [{ shape: '–', tone: 'muted', text: 'the plan was not landed to see' }]
  const astonishing = new Set(surprises.map(({ stream }) => stream))
  const clean = landing.filter(({ outcome }) => outcome === 'clean').length
  const foreseen = landing.filter(({ id, outcome }) => outcome === 'conflicted' && !astonishing.has(id)).length
  return [
    {
      shape: surprises.length > 0 ? '✗' : clean === landing.length ? '✓' : '–',
      tone: surprises.length > 0 ? 'bad' : clean === landing.length ? 'good' : 'muted',
      text: [
        `${clean} of ${count(landing.length, 'step')} landed without a conflict`,
        ...(foreseen === 0 ? [] : [`${foreseen} ${foreseen === 1 ? 'conflicts' : 'conflict'} as foreseen`]),
        count(surprises.length, 'surprise').replace(/^0 surprises$/, 'no surprise'),
      ].join(', '),
    },
    ...surprises.map(({ stream, after, files }): Line => {
      const where = list(
        files.map(({ path, kind }) => `${path} (${kind})`),
        3,
      )
      const first = after.length === 0 ? '' : ` after ${list(after.map(name), 4)}, although no pair of them does`
      return { shape: '✗', tone: 'bad', text: `${name(stream)} conflicts${first}: ${where}` }
    }),
    ...landing.flatMap(({ id, outcome, reason }): readonly Line[] =>
      outcome === 'unavailable' ? [{ shape: '?', tone: 'unknown', text: `${name(id)} cannot be judged${because(reason)}` }] : [],
    ),
  ]
}

const because = (reason: string | undefined): string => (reason === undefined ? '' : `: ${reason}`)

const TEST_SIGNS = { passed: ['✓', 'good'], failed: ['✗', 'bad'], 'not-run': ['?', 'unknown'] } as const

/** How each wave did, with the streams that fail together and what the run printed. */
export const testLines = (view: View): readonly (Line & { readonly details: readonly string[]; readonly output: readonly string[] })[] =>
  (view.radar.tests ?? []).map((test, index) => {
    const [shape, tone] = TEST_SIGNS[test.outcome]
    const ended = test.outcome === 'not-run' ? 'did not run' : test.outcome
    const runs = test.runs === 0 ? [] : [count(test.runs, 'run')]
    const ran = [list(test.streams.map(view.name), 6), test.command, ...runs, `tree ${short(test.tree)}`].join(' · ')
    return {
      shape,
      tone,
      text: `wave ${index + 1} ${ended}${because(test.reason)}`,
      details: [...(test.outcome === 'failed' ? [guiltyWords(view, test)] : []), ran],
      output: (test.output ?? '').split('\n').filter((line) => line.trim() !== ''),
    }
  })

function guiltyWords({ name, radar }: View, { guilty, guiltyTree }: WaveTest): string {
  if (!guilty) return 'which of them fail was not found'
  const [first, ...others] = guilty
  const tree = guiltyTree === undefined ? '' : ` (tree ${short(guiltyTree)})`
  if (first === undefined) return `it fails on ${radar.target.branch} without them${tree}`
  if (others.length === 0) return `guilty: ${name(first)} alone${tree}`
  return `guilty: ${name(first)} with ${others.map(name).join(' and ')}; with one of them left out it passes${tree}`
}

/** Files that are exclusively another's, together for the same two streams. */
export function trespassLines(view: View): readonly Line[] {
  const groups = Map.groupBy(view.radar.trespasses, ({ stream, owner, allowed }) => JSON.stringify([stream, owner, allowed]))
  return [...groups.values()]
    .toSorted((a, b) => Number(a[0]?.allowed !== undefined) - Number(b[0]?.allowed !== undefined))
    .flatMap((group): readonly Line[] => {
      const [first] = group
      if (!first) return []
      const files = list(
        group.map(({ path }) => path),
        4,
      )
      const who = `${view.name(first.stream)} changes what is only ${view.name(first.owner)}'s: ${files}`
      return first.allowed === undefined
        ? [{ shape: '✗', tone: 'warn', text: who }]
        : [{ shape: '◌', tone: 'muted', text: `${who} (allowed: ${first.allowed})` }]
    })
}

/** What the question would change; the plan of it beside. */
export function whatIfLines(view: View): readonly Labelled[] {
  const { whatIf } = view.radar
  if (!whatIf) return []
  const less = (number: number, word: string): string =>
    number === 0 ? `as many ${word}s` : `${count(Math.abs(number), word)} ${number < 0 ? 'fewer' : 'more'}`
  return [
    { label: 'answer', text: `${less(whatIf.pairs, 'conflict')}, ${less(whatIf.reworks, 'rework')}` },
    ...planLines(view, whatIf.plan),
  ]
}

/** Why streams and pairs could not be judged, those of one reason together. */
export function unknownLines(view: View): readonly Line[] {
  const all = [
    ...view.inState('unavailable').map(({ id, reason }) => ({ who: view.name(id), reason })),
    ...view.unknown.map(({ a, b, reason }) => ({ who: `${view.name(a)} × ${view.name(b)}`, reason })),
  ]
  return [...Map.groupBy(all, ({ reason }) => reason)].map(([reason, group]) => ({
    shape: '?',
    tone: 'unknown',
    text: `${list(
      group.map(({ who }) => who),
      6,
    )}${because(reason)}`,
  }))
}

/** How the pairs were judged. */
export function effortWords({ radar: { effort } }: View): string {
  const { pairs, sharing, byHunks, byGit } = effort
  const told = [
    `${sharing === 0 ? 'none' : sharing} sharing a path`,
    ...(byHunks === 0 ? [] : [`${byHunks} judged by hunks`]),
    ...(byGit === 0 ? [] : [`${byGit} merged by git`]),
  ]
  return pairs === 0 ? 'no pair to judge' : `${count(pairs, 'pair')}, ${told.join(', ')}`
}
