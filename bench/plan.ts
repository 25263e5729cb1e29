import { planLanding, type Conflict } from '#core/merge/landing.ts'
import { compareCpu, report } from './measure.ts'

const BRANCHES = 1000
const CONFLICTS = 1500

/** Branches of which that many pairs collide, drawn evenly; the same on every run. */
function generate(seed: number): { readonly ids: readonly string[]; readonly conflicts: readonly Conflict[] } {
  let state = seed
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
  const found = new Map<string, Conflict>()
  while (found.size < CONFLICTS) {
    const [a, b] = [below(BRANCHES), below(BRANCHES)]
    if (a !== b) found.set(`${Math.min(a, b)} ${Math.max(a, b)}`, [`b${a}`, `b${b}`])
  }
  return { ids: Array.from({ length: BRANCHES }, (_, index) => `b${index}`), conflicts: [...found.values()] }
}

/** The floor: what one writes by hand, sparing the branch that collides with the fewest still to be spared, again and again. */
function fewestFirst({ ids, conflicts }: ReturnType<typeof generate>): number {
  const near = new Map(ids.map((id) => [id, new Set<string>()]))
  for (const [a, b] of conflicts) {
    near.get(a)?.add(b)
    near.get(b)?.add(a)
  }
  const open = new Set(ids)
  let reworks = 0
  while (open.size > 0) {
    let next = ''
    let fewest = Infinity
    for (const id of open) {
      let count = 0
      for (const other of near.get(id) ?? []) if (open.has(other)) count += 1
      if (count < fewest) [next, fewest] = [id, count]
    }
    open.delete(next)
    for (const other of near.get(next) ?? []) if (open.delete(other)) reworks += 1
  }
  return reworks
}

export async function bench(): Promise<boolean> {
  const sets = Array.from({ length: 5 }, (_, index) => generate(index + 1))
  const plans = sets.map(({ ids, conflicts }) => planLanding({ streams: ids.map((id) => ({ id, after: [] })), conflicts }))
  const isProven = plans.every((plan) => plan.optimal)
  const spared = sets.map((set, index) => fewestFirst(set) - (plans[index]?.rework.length ?? 0))
  const [floor, ours] = await compareCpu(
    [
      { name: 'fewest conflicts first', run: () => sets.map(fewestFirst) },
      {
        name: 'planLanding',
        run: () => sets.map(({ ids, conflicts }) => planLanding({ streams: ids.map((id) => ({ id, after: [] })), conflicts })),
      },
    ],
    5,
    1,
  )
  const seconds = (ours?.milliseconds ?? NaN) / 1000 / sets.length
  console.log(
    `     plan of ${BRANCHES} branches, ${CONFLICTS} conflicts: ${seconds.toFixed(3)} s CPU, ${isProven ? 'proven optimal' : 'NOT PROVEN'}, ` +
      `${Math.min(...spared)}-${Math.max(...spared)} reworks fewer than fewest conflicts first (${((floor?.milliseconds ?? NaN) / sets.length).toFixed(0)} ms)`,
  )
  return [
    report('planning with proof against sparing fewest conflicts first', ours?.ratio ?? NaN, 3, 'at most'),
    isProven && seconds <= 1,
  ].every(Boolean)
}
