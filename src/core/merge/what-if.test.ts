import { describe, expect, test } from 'vitest'
import { planLanding, type PlanInput } from '#core/merge/landing.ts'
import type { Probed, ProbedPair } from '#core/merge/probe.ts'
import { askWhatIf, type Question } from '#core/merge/what-if.ts'

const pair = (a: string, b: string, ...paths: readonly string[]): ProbedPair => ({
  a,
  b,
  verdict: 'conflicted',
  files: paths.map((path) => ({ path, kind: 'content' })),
})

/** psi collides with two that change different folders of it; seccomp waits for psi. */
const pairs = [
  pair('psi', 'router', 'src/psi/read.ts'),
  pair('psi', 'storage', 'config/psi.json', 'package.json'),
  pair('router', 'storage', 'src/api.ts'),
]
const changes: Readonly<Record<string, readonly string[]>> = {
  psi: ['src/psi/read.ts', 'src/psi/watch.ts', 'config/psi.json', 'docs/psi.md', 'package.json'],
}
const ids = ['psi', 'router', 'storage', 'seccomp', 'broken']
const probed: Probed = {
  target: { commit: 'main', tree: 'tree' },
  streams: ids.map((id) => ({
    id,
    commit: id,
    state: id === 'broken' ? 'conflicted' : 'clean',
    files: [],
    ahead: 1,
    changes: (changes[id] ?? []).map((path) => ({ path, status: 'modified' })),
    contains: [],
  })),
  pairs,
  effort: { pairs: 6, sharing: 3, byHunks: 3, byGit: 0 },
}
const input: PlanInput = {
  streams: ids.slice(0, 4).map((id) => ({ id, after: id === 'seccomp' ? ['psi'] : [] })),
  conflicts: pairs.map(({ a, b }) => [a, b]),
  held: [{ stream: 'broken', because: 'it conflicts with main' }],
}
const plan = planLanding(input)
const ask = (question: Question) => askWhatIf(question, input, plan, probed)

test('as it is, two of the three that collide rework', () => {
  expect(plan.rework).toHaveLength(2)
})

test('without a stream: its conflicts are gone, and what depends on it does not land', () => {
  const asked = ask({ kind: 'without', stream: 'psi' })
  expect(asked).toMatchObject({ question: 'without psi', pairs: -2, reworks: -1 })
  expect(asked.plan.order).toEqual(['router', 'storage'])
  expect(asked.plan.held).toEqual([
    { stream: 'broken', because: 'it conflicts with main' },
    { stream: 'psi', because: 'it is left out' },
    { stream: 'seccomp', because: 'it depends on psi, which is held' },
  ])
})

test('first: whoever collides with it reworks, and what it depends on still goes before', () => {
  expect(ask({ kind: 'first', stream: 'storage' })).toMatchObject({ question: 'storage first', pairs: 0, reworks: 0 })
  expect(ask({ kind: 'first', stream: 'storage' }).plan.order[0]).toBe('storage')
  expect(ask({ kind: 'first', stream: 'seccomp' }).plan.order.slice(0, 2)).toEqual(['psi', 'seccomp'])
  const star: PlanInput = {
    streams: ['hub', 'a', 'b', 'c'].map((id) => ({ id, after: [] })),
    conflicts: [
      ['hub', 'a'],
      ['hub', 'b'],
      ['hub', 'c'],
    ],
  }
  expect(askWhatIf({ kind: 'first', stream: 'hub' }, star, planLanding(star), probed)).toMatchObject({ pairs: 0, reworks: 2 })
})

describe('split by folder', () => {
  test('a part collides only where the files of the conflict lie; dependants wait for every part', () => {
    const asked = ask({ kind: 'split', stream: 'psi' })
    expect(asked).toMatchObject({ question: 'psi split by folder', pairs: 1 })
    expect(asked.plan.order.toSorted()).toEqual(['psi:.', 'psi:config', 'psi:docs', 'psi:src', 'router', 'seccomp', 'storage'])
    expect(asked.plan.rework).toEqual([
      { stream: 'router', because: ['psi:src'] },
      { stream: 'storage', because: ['psi:.', 'psi:config', 'router'] },
    ])
    expect(asked.plan.order.indexOf('seccomp')).toBeGreaterThan(
      Math.max(...['.', 'config', 'docs', 'src'].map((part) => asked.plan.order.indexOf(`psi:${part}`))),
    )
  })

  test('deeper folders make smaller parts', () => {
    expect(
      ask({ kind: 'split', stream: 'psi', depth: 2 })
        .plan.order.filter((id) => id.startsWith('psi:'))
        .toSorted(),
    ).toEqual(['psi:.', 'psi:config', 'psi:docs', 'psi:src/psi'])
  })

  test('where the files of a conflict are not known, every part has it', () => {
    const blind = { ...probed, pairs: probed.pairs.map((one) => ({ ...one, files: [] })) }
    expect(askWhatIf({ kind: 'split', stream: 'psi' }, input, plan, blind).pairs).toBe(6)
  })
})

test('a stream that does not land changes nothing', () => {
  expect(ask({ kind: 'first', stream: 'broken' })).toEqual({ question: 'broken first', pairs: 0, reworks: 0, plan })
})
