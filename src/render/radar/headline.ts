import type { Line } from '#render/radar/told.ts'
import type { View } from '#render/radar/view.ts'
import { list } from '#render/radar/words.ts'
import { count } from '#render/words.ts'

/** What matters: who collides and what to land first in the first line, then what else went wrong. */
export function headline(view: View): readonly [Line, ...Line[]] {
  const { plan, exitCode } = view.radar
  const first = plan.waves[0] ?? plan.days[0]?.streams ?? []
  const landFirst = first.length === 0 ? '' : `; land first: ${list(first.map(view.name), 4)}`
  const [main = nothing(view), ...others] = [...collisions(view), ...surprises(view), ...tests(view), ...unknown(view)]
  const verdict = { 0: '●', 1: '✖', 3: '?' } as const
  return [{ shape: verdict[exitCode], tone: main.tone, text: `${main.text}${landFirst}` }, ...others]
}

const bad = (text: string): Line => ({ shape: '✗', tone: 'bad', text })

/** More pairs are told by the files they collide in. */
const MOST_PAIRS = 3

function collisions({ radar, conflicts, colliding, inState, name }: View): readonly Line[] {
  if (colliding.length === 0) return []
  const alone = inState('conflicted').map(({ id }) => name(id))
  const pairs =
    conflicts.length > MOST_PAIRS
      ? [`${conflicts.length} pairs (${busiest(conflicts)})`]
      : conflicts.map(({ a, b }) => `${name(a)} × ${name(b)}`)
  const who = [
    ...(pairs.length === 0 ? [] : [pairs.join(', ')]),
    ...(alone.length === 0 ? [] : [`${list(alone, 3)} with ${radar.target.branch}`]),
  ]
  return [bad(`${colliding.length} of ${count(radar.streams.length, 'stream')} collide: ${who.join('; ')}`)]
}

/** The two files that most pairs collide in. */
function busiest(conflicts: View['conflicts']): string {
  const counts = new Map<string, number>()
  for (const { files } of conflicts)
    for (const path of new Set(files.map((file) => file.path))) counts.set(path, (counts.get(path) ?? 0) + 1)
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 2)
    .map(([path, number]) => `${number} in ${path}`)
    .join(', ')
}

function surprises({ radar, name }: View): readonly Line[] {
  const ids = radar.surprises.map(({ stream }) => name(stream))
  return ids.length === 0 ? [] : [bad(`${list(ids, 3)} ${ids.length === 1 ? 'does' : 'do'} not land in the planned order`)]
}

const tests = ({ radar, name }: View): readonly Line[] =>
  (radar.tests ?? []).flatMap(({ outcome, streams, guilty }) => {
    if (outcome !== 'failed') return []
    if (guilty?.length === 0) return [bad(`the test fails on ${radar.target.branch} itself`)]
    const who = guilty ?? streams
    return [bad(`the test fails with ${list(who.map(name), 3)} landed${who.length > 1 ? ' together' : ''}`)]
  })

function unknown({ radar, unknown: pairs, inState }: View): readonly Line[] {
  const streams = inState('unavailable').length
  const steps = radar.landing?.filter(({ outcome }) => outcome === 'unavailable').length ?? 0
  const skipped = radar.tests?.filter(({ outcome }) => outcome === 'not-run').length ?? 0
  const parts = [
    ...(streams === 0 ? [] : [count(streams, 'stream')]),
    ...(pairs.length === 0 ? [] : [count(pairs.length, 'pair')]),
    ...(steps === 0 ? [] : [`${count(steps, 'step')} of the plan`]),
    ...(skipped === 0 ? [] : [`${count(skipped, 'test')} that did not run`]),
  ]
  return parts.length === 0 ? [] : [{ shape: '?', tone: 'unknown', text: `cannot be judged: ${parts.join(', ')}` }]
}

function nothing({ radar, inState }: View): Line {
  const landed = inState('landed').length
  const open = radar.streams.length - landed
  const text =
    radar.streams.length === 0
      ? 'there is no stream to judge'
      : open === 0
        ? `${count(landed, 'stream')}, and nothing left to land`
        : `no conflict found between ${count(open, 'stream')} and ${radar.target.branch}`
  return { shape: '●', tone: 'good', text }
}
