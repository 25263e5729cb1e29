import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { planMerges, type Readiness } from '#core/merge/plan.ts'
import type { ProjectionState } from '#core/merge/probe.ts'
import type { Program, Stream } from '#core/program/model.ts'
import { isWorkDay, weekdayOf } from '#core/schedule/time.ts'
import { checkpointOf, programOf, streamOf } from './heart/build.ts'

/** A Friday afternoon. */
const FRIDAY = '2026-02-27T15:00:00Z'

const programWith = (streams: readonly Stream[], extra: Partial<Program> = {}): Program =>
  programOf(checkpointOf([]), { streams, ...extra })
const ready = (stream: string, extra: Partial<Readiness> = {}): Readiness => ({ stream, merged: false, ready: true, because: [], ...extra })
const after = (id: string, ...others: readonly string[]): Stream =>
  streamOf(id, { dependsOn: others.map((stream) => ({ stream, reaches: 1 })) })
/** What was seen of how they merge: who is stacked on whom, and which pairs conflict. */
const probe = (stacks: Readonly<Record<string, readonly string[]>>, ...conflicts: readonly (readonly [string, string])[]) => ({
  streams: ['top', 'base', 'c'].map((id) => ({
    id,
    state: 'clean' as ProjectionState,
    files: [],
    ...(stacks[id] && { contains: stacks[id] }),
  })),
  pairs: conflicts.map(([a, b]) => ({ a, b, verdict: 'conflicted' as const, files: [] })),
})
const daysOf = (plan: ReturnType<typeof planMerges>): string[] =>
  plan.days.map((day) => `${day.weekday} ${day.date}: ${day.streams.join(', ')}`)

describe('given a Friday', () => {
  test('a chain may share a day; with one merge a day each has its own: Monday, Tuesday, Wednesday', () => {
    const program = programWith([streamOf('a'), streamOf('b'), after('c', 'a'), after('d', 'c')], {
      merge: { perDay: 2, time: '09:00', exceptions: [] },
    })
    expect(
      daysOf(
        planMerges(
          program,
          ['a', 'b', 'c', 'd'].map((id) => ready(id)),
          FRIDAY,
        ),
      ),
    ).toEqual(['monday 2026-03-02: a, b', 'tuesday 2026-03-03: c, d'])
    const slower = { ...program, merge: { perDay: 1, time: '09:00', exceptions: [] } }
    expect(
      daysOf(
        planMerges(
          slower,
          ['a', 'c', 'd'].map((id) => ready(id)),
          FRIDAY,
        ),
      ),
    ).toEqual(['monday 2026-03-02: a', 'tuesday 2026-03-03: c', 'wednesday 2026-03-04: d'])
  })

  test('whoever is waited for goes first, though the file names it last', () => {
    const program = programWith([after('a', 'c'), streamOf('b'), streamOf('c')])
    expect(
      daysOf(
        planMerges(
          program,
          ['a', 'b', 'c'].map((id) => ready(id)),
          FRIDAY,
        ),
      ),
    ).toEqual(['monday 2026-03-02: b, c', 'tuesday 2026-03-03: a'])
  })

  test('the day is that of the program, not of the machine: late on Sunday in UTC is Monday in Auckland', () => {
    const program = programWith([streamOf('a')])
    const far = { ...program, calendar: { ...program.calendar, zone: 'Pacific/Auckland' } }
    expect(daysOf(planMerges(far, [ready('a')], '2026-03-01T20:00:00Z'))).toEqual(['tuesday 2026-03-03: a'])
    expect(daysOf(planMerges(program, [ready('a')], '2026-03-01T20:00:00Z'))).toEqual(['monday 2026-03-02: a'])
  })
})

test('a stream that waits for one that is held is held, down the whole line, each naming the next', () => {
  const program = programWith([streamOf('a'), after('b', 'a'), after('c', 'b'), streamOf('d')])
  const plan = planMerges(program, [ready('a', { ready: false, because: ['Tests pass'] }), ready('b'), ready('c'), ready('d')], FRIDAY)
  expect(plan.held).toEqual([
    { stream: 'a', because: 'Tests pass' },
    { stream: 'b', because: 'it depends on a, which is held' },
    { stream: 'c', because: 'it depends on b, which is held' },
  ])
  expect(daysOf(plan)).toEqual(['monday 2026-03-02: d'])
})

test('a share that is enough lets a stream go before the one it needs it of', () => {
  const program = programWith([streamOf('a'), streamOf('b', { dependsOn: [{ stream: 'a', reaches: 0.9 }] })])
  const held = (progress: number | undefined) =>
    planMerges(program, [ready('a', { ready: false, ...(progress !== undefined && { progress }) }), ready('b')], FRIDAY).held.map(
      (one) => one.stream,
    )
  expect(held(0.9)).toEqual(['a'])
  expect(held(0.89)).toEqual(['a', 'b'])
  expect(held(undefined)).toEqual(['a', 'b'])
  // All of the other is not a share of it: then it must have merged, however much of it is done.
  expect(
    planMerges(programWith([streamOf('a'), after('b', 'a')]), [ready('a', { ready: false, progress: 1 }), ready('b')], FRIDAY).held.map(
      (one) => one.stream,
    ),
  ).toEqual(['a', 'b'])
})

test('what is merged is left out and waited for no more; what was not looked at is', () => {
  const program = programWith([streamOf('a'), after('b', 'a'), streamOf('c'), after('d', 'c')])
  const plan = planMerges(program, [ready('a', { merged: true }), ready('b'), ready('d')], FRIDAY)
  expect(plan).toMatchObject({ merged: ['a'], held: [{ stream: 'd', because: 'it depends on c, which was not looked at' }] })
  expect(daysOf(plan)).toEqual(['monday 2026-03-02: b'])
})

test('streams that wait for each other are held, not lost', () => {
  const program = programWith([after('a', 'b'), after('b', 'a'), streamOf('c')])
  const plan = planMerges(
    program,
    ['a', 'b', 'c'].map((id) => ready(id)),
    FRIDAY,
  )
  expect(daysOf(plan)).toEqual(['monday 2026-03-02: c'])
  expect(plan.held.map((one) => one.stream)).toEqual(['a', 'b'])
})

test('with conflicts the plan says who reworks, because of whom, and lands them the work day after; without, it says nothing of it', () => {
  const program = programWith([streamOf('hub'), streamOf('a'), streamOf('b'), after('c', 'hub')], {
    merge: { perDay: 3, time: '09:00', exceptions: [] },
  })
  const readiness = ['hub', 'a', 'b', 'c'].map((id) => ready(id))
  const plan = planMerges(program, readiness, FRIDAY, probe({}, ['hub', 'a'], ['b', 'hub'], ['hub', 'held elsewhere']))
  expect(daysOf(plan)).toEqual(['monday 2026-03-02: a, b', 'tuesday 2026-03-03: hub, c'])
  expect(plan).toMatchObject({
    waves: [['a', 'b', 'c'], ['hub']],
    rework: [{ stream: 'hub', because: ['a', 'b'] }],
    atLeast: 1,
    optimal: true,
  })
  expect(planMerges(program, readiness, FRIDAY, probe({}))).toMatchObject({ waves: [['hub', 'a', 'b', 'c']], rework: [], optimal: true })
  expect(Object.keys(planMerges(program, readiness, FRIDAY))).toEqual(['target', 'days', 'merged', 'held'])
})

describe('a stream that is stacked on another', () => {
  const program = programWith([streamOf('top'), streamOf('base'), streamOf('c')])
  const stacked = probe({ top: ['base'] })
  const both = ['top', 'base', 'c'].map((id) => ready(id))

  test('lands after it, though the file names it first: its commits hold the other', () => {
    expect(daysOf(planMerges(program, both, FRIDAY, stacked)).join('; ')).toBe('monday 2026-03-02: base, top; tuesday 2026-03-03: c')
  })

  test('is held with it, because it would land what is held; so is one on a stream that was not looked at', () => {
    const held = [ready('top'), ready('base', { ready: false, because: ['Tests pass'] }), ready('c')]
    expect(planMerges(program, held, FRIDAY, stacked).held).toEqual([
      { stream: 'base', because: 'Tests pass' },
      { stream: 'top', because: 'it contains base, which is held' },
    ])
    expect(planMerges(program, [ready('top')], FRIDAY, stacked).held).toEqual([
      { stream: 'top', because: 'it contains base, which was not looked at' },
    ])
  })

  test('waits for nothing once the other is on the target, however it came there', () => {
    const merged = [ready('top'), ready('base', { merged: true }), ready('c')]
    expect(planMerges(program, merged, FRIDAY, stacked).held).toEqual([])
    const squashed = { ...stacked, streams: stacked.streams.map((one) => (one.id === 'base' ? { ...one, state: 'landed' as const } : one)) }
    const unready = [ready('top'), ready('base', { ready: false, because: ['Tests pass'] }), ready('c')]
    expect(planMerges(program, unready, FRIDAY, squashed).held.map((one) => one.stream)).toEqual(['base'])
  })
})

test('every plan keeps the order, the capacity and the calendar, and places every stream once', () => {
  const ids = ['a', 'b', 'c', 'd', 'e', 'f']
  const graph = fc
    .tuple(...ids.map((_, index) => fc.subarray(ids.slice(0, index))))
    .chain((edges) =>
      fc.shuffledSubarray(ids, { minLength: ids.length }).map((order) => order.map((id) => after(id, ...(edges[ids.indexOf(id)] ?? [])))),
    )
  fc.assert(
    fc.property(
      graph,
      fc.array(fc.constantFrom('ready', 'merged', 'held'), { minLength: 6, maxLength: 6 }),
      fc.integer({ min: 1, max: 3 }),
      fc.subarray(['2026-03-02', '2026-03-04', '2026-03-05']),
      (streams, states, perDay, holidays) => {
        const base = programWith(streams, { merge: { perDay, time: '09:00', exceptions: [] } })
        const program = { ...base, calendar: { ...base.calendar, holidays } }
        const readiness = ids.map((id, index) => ready(id, { merged: states[index] === 'merged', ready: states[index] === 'ready' }))
        const plan = planMerges(program, readiness, FRIDAY)
        const dayOf = new Map(plan.days.flatMap((day, index) => day.streams.map((id) => [id, index] as const)))
        expect([...dayOf.keys(), ...plan.merged, ...plan.held.map((one) => one.stream)].toSorted()).toEqual(ids)
        expect(plan.merged).toEqual(ids.filter((_, index) => states[index] === 'merged'))
        for (const [index, { date, weekday, streams: today }] of plan.days.entries()) {
          expect(isWorkDay(date, program.calendar) && weekday === weekdayOf(date)).toBe(true)
          expect(today.length).toBeLessThanOrEqual(perDay)
          expect(date > (plan.days[index - 1]?.date ?? '2026-02-27')).toBe(true)
          for (const [place, id] of today.entries())
            for (const { stream: other } of streams.find((one) => one.id === id)?.dependsOn ?? []) {
              const before = plan.merged.includes(other) || (dayOf.get(other) ?? index + 1) < index || today.slice(0, place).includes(other)
              expect(before).toBe(true)
            }
        }
      },
    ),
    { numRuns: 400 },
  )
})
