import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { planLanding, type Conflict, type PlanInput, type PlanStream } from '#core/merge/landing.ts'
import type { Calendar } from '#core/program/model.ts'
import { isWorkDay, weekdayOf } from '#core/schedule/time.ts'

const calendar: Calendar = {
  zone: 'UTC',
  workDays: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
  hours: { start: '09:00', end: '17:00' },
  holidays: ['2026-03-03'],
}
/** From a Monday; the Tuesday after it is a holiday. */
const daysWith = (perDay: number): NonNullable<PlanInput['days']> => ({ calendar, perDay, from: '2026-03-02' })

const stream = (id: string, extra: Partial<PlanStream> = {}): PlanStream => ({ id, after: [], ...extra })
const plan = (streams: readonly (string | PlanStream)[], conflicts: readonly (string | Conflict)[], extra: Partial<PlanInput> = {}) =>
  planLanding({
    streams: streams.map((one) => (typeof one === 'string' ? stream(one) : one)),
    conflicts: conflicts.map((one) => (typeof one === 'string' ? (one.split('-') as [string, string]) : one)),
    ...extra,
  })
const dated = ({ days }: ReturnType<typeof plan>): string[] => days.map((day) => `${day.date}: ${day.streams.join(', ')}`)

describe('who reworks', () => {
  test('the one that all others collide with, though it stands first', () => {
    expect(plan(['hub', 'a', 'b', 'c'], ['hub-a', 'hub-b', 'c-hub'])).toEqual({
      order: ['a', 'b', 'c', 'hub'],
      waves: [['a', 'b', 'c'], ['hub']],
      rework: [{ stream: 'hub', because: ['a', 'b', 'c'] }],
      atLeast: 1,
      optimal: true,
      days: [],
      held: [],
    })
  })

  test('nobody without conflicts; the order is the program’s', () => {
    expect(plan(['b', 'a', 'c'], [])).toMatchObject({
      order: ['b', 'a', 'c'],
      waves: [['b', 'a', 'c']],
      rework: [],
      atLeast: 0,
      optimal: true,
    })
  })

  test('the dearest rework is spared', () => {
    const found = plan([stream('hub', { weight: 5 }), 'a', 'b'], ['hub-a', 'hub-b'])
    expect(found).toMatchObject({ order: ['hub', 'a', 'b'], atLeast: 2, optimal: true })
  })

  test('who depends on a stream that it conflicts with, also through another', () => {
    const found = plan(['a', stream('b', { after: ['a'] }), stream('c', { after: ['b'] })], ['a-c'])
    expect(found).toMatchObject({
      order: ['a', 'b', 'c'],
      waves: [['a', 'b'], ['c']],
      rework: [{ stream: 'c', because: ['a'] }],
      optimal: true,
    })
  })

  test('two whose dependencies ask for opposite orders cannot both be spared, although they do not conflict', () => {
    // x must come before a, which y needs; y before b, which x needs.
    const found = plan(['a', 'b', stream('x', { after: ['b'] }), stream('y', { after: ['a'] })], ['x-a', 'y-b'])
    expect(found).toMatchObject({ atLeast: 2, optimal: true })
    expect(found.rework).toHaveLength(2)
  })

  test('nobody where one order of the two is clean', () => {
    expect(plan(['a', 'b'], [['a', 'b', 'a']])).toMatchObject({ order: ['b', 'a'], waves: [['a', 'b']], rework: [], atLeast: 0 })
    expect(plan(['a', 'b'], [['a', 'b', 'b']])).toMatchObject({ order: ['a', 'b'], rework: [] })
    const circle = plan(
      ['a', 'b', 'c'],
      [
        ['a', 'b', 'b'],
        ['b', 'c', 'c'],
        ['c', 'a', 'a'],
      ],
    )
    expect(circle).toMatchObject({ atLeast: 1, optimal: true })
    expect(circle.rework).toHaveLength(1)
  })
})

describe('days', () => {
  test('a reworked stream has a work day for it: not the day of the last one that spoils it', () => {
    expect(dated(plan(['a', 'b', 'hub'], ['hub-a', 'hub-b'], { days: daysWith(5) }))).toEqual(['2026-03-02: a, b', '2026-03-04: hub'])
  })

  test('at most so many a day, and others use the room of one that waits', () => {
    expect(dated(plan(['hub', 'a', 'b', stream('late', { readyOn: '2026-03-08' })], ['hub-a', 'hub-b'], { days: daysWith(2) }))).toEqual([
      '2026-03-02: a, b',
      '2026-03-04: hub',
      '2026-03-09: late',
    ])
  })

  test('whom a late one would spoil waits for it no longer than needed, and keeps its rework', () => {
    const found = plan(
      [stream('a', { readyOn: '2026-03-06' }), 'hub', stream('b', { readyOn: '2026-03-05' }), 'free'],
      ['hub-a', 'hub-b'],
      {
        days: daysWith(2),
      },
    )
    expect(dated(found)).toEqual(['2026-03-02: free', '2026-03-05: b', '2026-03-06: a', '2026-03-09: hub'])
    expect(found.order).toEqual(['free', 'b', 'a', 'hub'])
    expect(found.rework).toEqual([{ stream: 'hub', because: ['b', 'a'] }])
  })

  test('what depends on another may land on the same day, after it', () => {
    expect(dated(plan([stream('b', { after: ['a'] }), 'a'], [], { days: daysWith(2) }))).toEqual(['2026-03-02: a, b'])
  })
})

test('who cannot land is held and says why, and so is what depends on it', () => {
  const found = plan(
    [
      stream('a', { after: ['b'] }),
      stream('b', { after: ['a'] }),
      stream('c', { after: ['b'] }),
      stream('d', { after: ['gone'] }),
      stream('e', { after: ['stuck'] }),
      'free',
    ],
    ['a-free', 'stuck-free'],
    { held: [{ stream: 'stuck', because: 'it conflicts with main' }] },
  )
  expect(found).toMatchObject({ order: ['free'], rework: [], optimal: true })
  expect(found.held).toEqual([
    { stream: 'stuck', because: 'it conflicts with main' },
    { stream: 'd', because: 'it depends on gone, which was not looked at' },
    { stream: 'e', because: 'it depends on stuck, which is held' },
    { stream: 'a', because: 'it waits for a stream that waits for it' },
    { stream: 'b', because: 'it waits for a stream that waits for it' },
    { stream: 'c', because: 'it depends on b, which is held' },
  ])
})

const ids = ['a', 'b', 'c', 'd', 'e', 'f']
const inputs: fc.Arbitrary<PlanInput> = fc
  .record({
    places: fc.shuffledSubarray(ids, { minLength: 6 }),
    after: fc.tuple(...ids.map((_, index) => fc.subarray(ids.slice(0, index), { maxLength: Math.min(index, 2) }))),
    needs: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
    pairs: fc.array(fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...ids), fc.nat(5)), { maxLength: 9 }),
    weights: fc.option(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 6, maxLength: 6 }), { nil: undefined }),
    readyOn: fc.array(fc.option(fc.constantFrom('2026-03-04', '2026-03-06', '2026-03-08'), { nil: undefined, freq: 4 }), {
      minLength: 6,
      maxLength: 6,
    }),
    perDay: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ places, after, needs, pairs, weights, readyOn, perDay }) => ({
    streams: places.map((id) => {
      const index = ids.indexOf(id)
      const [weight, day] = [weights?.[index], readyOn[index]]
      return {
        id,
        after: needs[index] ? (after[index] ?? []) : [],
        ...(weight !== undefined && { weight }),
        ...(day !== undefined && { readyOn: day }),
      }
    }),
    conflicts: pairs.filter(([a, b]) => a !== b).map(([a, b, order]) => (order === 0 ? [a, b, a] : order === 1 ? [a, b, b] : [a, b])),
    days: daysWith(perDay),
  }))

/** Who must rework in this order, and because of whom. */
function reworkIn(order: readonly string[], { conflicts }: PlanInput): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const [place, one] of order.entries()) {
    const because = order
      .slice(0, place)
      .filter((other) => conflicts.some(([a, b, first]) => [a, b].includes(one) && [a, b].includes(other) && (first ?? other) === other))
    if (because.length > 0) found.set(one, because)
  }
  return found
}

const keepsDependencies = (order: readonly string[], { streams }: PlanInput): boolean =>
  streams.every(({ id, after }) => after.every((other) => order.indexOf(other) < order.indexOf(id)))

function* orders(rest: readonly string[]): Generator<readonly string[]> {
  if (rest.length === 0) yield []
  for (const first of rest) for (const others of orders(rest.filter((one) => one !== first))) yield [first, ...others]
}

test('no order costs less rework, as trying all of them shows', () => {
  const all = [...orders(ids)]
  fc.assert(
    fc.property(inputs, (input) => {
      const costOf = (streams: Iterable<string>): number =>
        [...streams].reduce((sum, id) => sum + (input.streams.find((one) => one.id === id)?.weight ?? 1), 0)
      const least = Math.min(
        ...all.filter((order) => keepsDependencies(order, input)).map((order) => costOf(reworkIn(order, input).keys())),
      )
      const found = planLanding(input)
      expect([costOf(found.rework.map((one) => one.stream)), found.atLeast, found.optimal]).toEqual([least, least, true])
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 150) },
  )
})

test('every plan keeps what it promises', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const found = planLanding(input)
      expect(found.order.toSorted()).toEqual(ids)
      expect(found.waves.flat().toSorted()).toEqual(ids)
      expect(found.days.flatMap((day) => day.streams)).toEqual(found.order)
      expect(keepsDependencies(found.order, input)).toBe(true)
      expect(new Map(found.rework.map((one) => [one.stream, one.because]))).toEqual(reworkIn(found.order, input))
      expect((found.waves[0] ?? []).filter((id) => found.rework.some((one) => one.stream === id))).toEqual([])
      for (const wave of found.waves.slice(1)) expect(input.conflicts.filter(([a, b]) => wave.includes(a) && wave.includes(b))).toEqual([])
      const dayOf = new Map(found.days.flatMap((day) => day.streams.map((id) => [id, day.date] as const)))
      for (const { date, weekday, streams } of found.days) {
        expect(isWorkDay(date, calendar) && weekday === weekdayOf(date)).toBe(true)
        expect(streams.length).toBeLessThanOrEqual(input.days?.perDay ?? 0)
      }
      for (const { id, readyOn = '' } of input.streams) expect((dayOf.get(id) ?? '') >= readyOn).toBe(true)
      for (const { stream: id, because } of found.rework)
        for (const other of because) expect((dayOf.get(other) ?? '') < (dayOf.get(id) ?? '')).toBe(true)
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 200) },
  )
})

test('many that all collide land one by one', () => {
  const many = Array.from({ length: 120 }, (_, index) => `s${index}`)
  const found = plan(
    many,
    many.flatMap((a, index) => many.slice(index + 1).map((b) => [a, b] as const)),
  )
  expect(found).toMatchObject({ atLeast: 119, optimal: true })
  expect(found.waves).toHaveLength(120)
})
