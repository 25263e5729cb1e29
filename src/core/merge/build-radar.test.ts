import { describe, expect, test } from 'vitest'
import { buildRadar, type RadarParts } from '#core/merge/build-radar.ts'
import { parseCodeowners } from '#core/merge/codeowners.ts'
import type { ConflictFile, LandingStep, ProbedPair, ProbedStream, ProjectionState } from '#core/merge/probe.ts'
import type { LandingPlan, Radar } from '#core/merge/radar.ts'

const file = (path: string): ConflictFile => ({ path, kind: 'content' })

const stream = (id: string, paths: readonly string[] = [], rest: Partial<ProbedStream> = {}): ProbedStream => ({
  id,
  commit: `commit of ${id}`,
  state: 'clean',
  files: [],
  ahead: 1,
  changes: paths.map((path) => ({ path, status: 'modified' })),
  contains: [],
  ...rest,
})

const pair = (a: string, b: string, paths: readonly string[], rest: Partial<ProbedPair> = {}): ProbedPair => ({
  a,
  b,
  verdict: 'conflicted',
  files: paths.map(file),
  ...rest,
})

const step = (id: string, outcome: LandingStep['outcome'], paths: readonly string[] = []): LandingStep => ({
  id,
  outcome,
  files: paths.map(file),
  commit: '',
  tree: '',
})

const noPlan: LandingPlan = { order: [], waves: [], rework: [], atLeast: 0, optimal: true, days: [], held: [] }

const radarOf = (
  streams: readonly ProbedStream[],
  pairs: readonly ProbedPair[] = [],
  { commit = 'tip', ...rest }: Partial<RadarParts> & { readonly commit?: string } = {},
): Radar =>
  buildRadar({
    at: '2026-02-27T14:02:00Z',
    target: 'main',
    probed: { target: { commit, tree: 'tree' }, streams, pairs, effort: { pairs: 0, sharing: 0, byHunks: 0, byGit: 0 } },
    names: new Map(),
    plan: noPlan,
    exclusive: [],
    exceptions: [],
    ...rest,
  })

describe('surprises', () => {
  const streams = [stream('a', ['x']), stream('b', ['y', 'z']), stream('c', ['z']), stream('d', ['q'])]
  const landing = [step('a', 'clean'), step('b', 'clean'), step('c', 'conflicted', ['z']), step('d', 'clean')]

  test('a step that conflicts though no pair does is one, after those that change the same files', () => {
    const radar = radarOf(streams, [], { landing })
    expect(radar.surprises).toEqual([{ stream: 'c', after: ['b'], files: [file('z')] }])
    expect(radar.exitCode).toBe(1)
  })

  test('a pair with one that did not land foresees nothing', () => {
    expect(radarOf(streams, [pair('c', 'd', ['q'])], { landing }).surprises).toHaveLength(1)
  })

  test('what a pair, the plan or the target foresees is none', () => {
    expect(radarOf(streams, [pair('b', 'c', ['z'])], { landing }).surprises).toEqual([])
    expect(radarOf(streams, [], { landing, plan: { ...noPlan, rework: [{ stream: 'c', because: [] }] } }).surprises).toEqual([])
    const conflicted = streams.map((one) => (one.id === 'c' ? { ...one, state: 'conflicted' as const } : one))
    expect(radarOf(conflicted, [], { landing }).surprises).toEqual([])
  })

  test('a pair that conflicts only in the other order does not foresee it', () => {
    expect(radarOf(streams, [pair('b', 'c', ['z'], { onlyWhenFirst: 'c' })], { landing }).surprises).toHaveLength(1)
    expect(radarOf(streams, [pair('b', 'c', ['z'], { onlyWhenFirst: 'b' })], { landing }).surprises).toEqual([])
  })
})

describe('the exit code', () => {
  const state = (id: string, to: ProjectionState) => stream(id, [], { state: to })
  const tests = (outcome: 'passed' | 'failed' | 'not-run') => [{ streams: ['a'], tree: 't', outcome, command: 'make', runs: 1 }]
  test.each<readonly [string, Radar, Radar['exitCode']]>([
    ['no conflict', radarOf([state('a', 'clean'), state('b', 'landed')]), 0],
    ['a conflict with the target', radarOf([state('a', 'conflicted')]), 1],
    ['a pair', radarOf([state('a', 'clean'), state('b', 'clean')], [pair('a', 'b', ['x'])]), 1],
    ['a failed test', radarOf([state('a', 'clean')], [], { tests: tests('failed') }), 1],
    ['a stream that cannot be judged', radarOf([state('a', 'unavailable')]), 3],
    ['a pair that cannot be judged', radarOf([], [pair('a', 'b', [], { verdict: 'unavailable' })]), 3],
    ['a step that cannot be judged', radarOf([state('a', 'clean')], [], { landing: [step('a', 'unavailable')] }), 3],
    ['a test that did not run', radarOf([state('a', 'clean')], [], { tests: tests('not-run') }), 3],
    ['a conflict beside what cannot be judged', radarOf([state('a', 'unavailable'), state('b', 'conflicted')]), 1],
  ])('%s', (_what, radar, code) => {
    expect(radar.exitCode).toBe(code)
  })
})

test('names, owners and stacked pairs are put to what was probed', () => {
  const radar = radarOf(
    [stream('a'), stream('b', [], { contains: ['a'] }), stream('c')],
    [pair('a', 'b', ['x', 'y']), pair('a', 'c', ['z'])],
    {
      names: new Map([['a', { name: 'A', branch: 'feature/a', lead: 'lead-a' }]]),
      codeowners: parseCodeowners('x @x\ny @y @x\n'),
    },
  )
  expect(radar.streams.map(({ name, branch, lead }) => [name, branch, lead])).toEqual([
    ['A', 'feature/a', 'lead-a'],
    ['b', 'b', undefined],
    ['c', 'c', undefined],
  ])
  expect(radar.pairs.map(({ owners, stacked }) => [owners, stacked])).toEqual([
    [['@x', '@y'], true],
    [[], false],
  ])
})

describe('hot files', () => {
  test('those with most writers come first, then those with most conflicts', () => {
    const streams = [stream('a', ['1', '2', '3', 'own']), stream('b', ['1', '2', '3']), stream('c', ['3'])]
    const { hot } = radarOf(streams, [pair('a', 'b', ['2']), pair('a', 'b', [], { verdict: 'unavailable' })], {
      codeowners: parseCodeowners('2 @two'),
    })
    expect(hot).toEqual([
      { path: '3', streams: ['a', 'b', 'c'], owners: [], conflicts: 0 },
      { path: '2', streams: ['a', 'b'], owners: ['@two'], conflicts: 1 },
      { path: '1', streams: ['a', 'b'], owners: [], conflicts: 0 },
    ])
  })

  test('a stacked stream is no second writer of what it stands on, and a landed one is none', () => {
    const streams = [
      stream('a', ['1', '2']),
      stream('b', ['1', '2'], { contains: ['a'] }),
      stream('c', ['2']),
      stream('d', ['1'], { state: 'landed' }),
    ]
    expect(radarOf(streams).hot.map(({ path, streams: writers }) => [path, writers])).toEqual([['2', ['a', 'c']]])
  })

  test('there are at most fifty', () => {
    const paths = Array.from({ length: 70 }, (_, index) => `${index}`)
    expect(radarOf([stream('a', paths), stream('b', paths)]).hot).toHaveLength(50)
  })
})

describe('trespasses', () => {
  const exclusive = [
    { id: 'a', exclusive: ['src/a/**', 'shared/**'] },
    { id: 'b', exclusive: ['src/b/', 'shared/**'] },
    { id: 'c', exclusive: [] },
  ]

  test('a file of another is named with its owners, allowed where an exception gives a reason', () => {
    const { trespasses } = radarOf([stream('a', ['src/a/1', 'shared/1', 'src/b/1']), stream('c', ['src/a/1', 'src/a/2', 'shared/1'])], [], {
      exclusive,
      exceptions: [
        { paths: ['src/a/2'], streams: ['c'], reason: 'moved together' },
        { paths: ['src/b/**'], streams: ['c'], reason: 'not for a' },
        { paths: ['shared/**'], streams: [], reason: 'for all' },
      ],
    })
    expect(trespasses).toEqual([
      { path: 'src/b/1', stream: 'a', owner: 'b' },
      { path: 'src/a/1', stream: 'c', owner: 'a' },
      { path: 'src/a/2', stream: 'c', owner: 'a', allowed: 'moved together' },
      { path: 'shared/1', stream: 'c', owner: 'a', allowed: 'for all' },
      { path: 'shared/1', stream: 'c', owner: 'b', allowed: 'for all' },
    ])
  })

  test('what a stream has from the one it stands on is not its doing', () => {
    const { trespasses } = radarOf([stream('a', ['src/a/1']), stream('c', ['src/a/1', 'src/a/2'], { contains: ['a'] })], [], { exclusive })
    expect(trespasses).toEqual([{ path: 'src/a/2', stream: 'c', owner: 'a' }])
  })
})

describe('what changed since the last radar', () => {
  const before = radarOf(
    [stream('a'), stream('b'), stream('c'), stream('d'), stream('e')],
    [pair('a', 'b', ['x', 'y']), pair('a', 'c', ['x']), pair('c', 'd', ['x']), pair('b', 'e', ['x'])],
  )

  test('conflicts are new, solved or changed; one that cannot be seen any more is not solved', () => {
    const now = radarOf(
      [stream('b'), stream('a', [], { commit: 'other' }), stream('c'), stream('d', [], { state: 'conflicted' }), stream('f')],
      [pair('b', 'a', ['y', 'z']), pair('b', 'c', ['x'])],
      { before, commit: 'moved' },
    )
    expect(now.since).toEqual({
      at: before.at,
      targetMoved: true,
      appeared: ['f'],
      gone: ['e'],
      moved: ['a'],
      states: [{ stream: 'd', from: 'clean', to: 'conflicted' }],
      newConflicts: [{ a: 'b', b: 'c', files: ['x'] }],
      solved: [{ a: 'a', b: 'c' }],
      changed: [{ a: 'b', b: 'a', added: ['z'], removed: ['x'] }],
    })
  })

  test('a conflict that cannot be judged now is not solved, and one that could not be judged before is new', () => {
    const unknown = radarOf([stream('a'), stream('b')], [pair('a', 'b', [], { verdict: 'unavailable' })], { before })
    expect(unknown.since?.solved).toEqual([])
    const known = radarOf([stream('a'), stream('b')], [pair('a', 'b', ['x'])], { before: unknown })
    expect(known.since?.newConflicts).toEqual([{ a: 'a', b: 'b', files: ['x'] }])
  })

  test('the same again changes nothing, and another target is not compared', () => {
    const { since } = radarOf(before.streams, before.pairs, { before })
    expect(Object.values(since ?? {}).flat()).toEqual([before.at, false])
    expect(radarOf([], [], { before: { ...before, target: { ...before.target, branch: 'release' } } }).since).toBeUndefined()
  })
})
