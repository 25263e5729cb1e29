import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ForecastReport } from '#core/forecast/report.ts'
import { brier, scoreOf } from '#core/forecast/past.ts'
import type { Program } from '#core/program/model.ts'
import { effectLines, viewOf } from '#render/forecast/told.ts'
import { criterionOf } from '../heart/build.ts'
import { ask, codeStream, dueOn, event, grown, LINES, measurement, NOW, programWith, stopped, targetOf } from './scene.ts'

const first = (report: ForecastReport) => report.checkpoints[0]
const probability = (report: ForecastReport): number => {
  const chance = first(report)?.chance
  if (chance?.kind !== 'number' || chance.probability === undefined) throw new Error(`no number: ${JSON.stringify(chance)}`)
  return chance.probability
}
/** Half of the code is due on a date. */
const halfDue = (date: string, extra: Partial<Program> = {}): Program =>
  programWith([codeStream('a')], [dueOn(date, [targetOf('a', 'code', 50)])], extra)

test('a constant pace gives its exact date, over a weekend and a holiday', () => {
  // 30 lines on Monday 2 March, 5 a work day: the other 20 take four work days, the last of them Friday 6 March.
  const steady = [5, 5, 5, 5, 5, 5]
  const onTime = ask(halfDue('2026-03-06'), grown(halfDue('2026-03-06'), 'a', steady))
  expect(first(onTime)?.chance).toEqual({ kind: 'number', probability: 1, p50: '2026-03-06', p85: '2026-03-06' })

  const closed = { ...halfDue('2026-03-06').calendar, holidays: ['2026-03-05'] }
  const late = ask(halfDue('2026-03-06', { calendar: closed }), grown(halfDue('2026-03-06'), 'a', steady))
  expect(first(late)?.chance).toEqual({ kind: 'number', probability: 0, p50: '2026-03-09', p85: '2026-03-09' })
  expect(onTime.streams[0]?.chance).toMatchObject({ kind: 'number', p50: '2026-03-20' })
  expect(onTime.streams[0]?.deliverables[0]).toMatchObject({ observations: 6, pace: 5 })
  expect(onTime.streams[0]?.deliverables[0]?.band).toEqual(
    ['03-03', '03-04', '03-05', '03-06'].map((day, index) => {
      const value = 35 + 5 * index
      return { date: `2026-${day}`, p15: value, p50: value, p85: value }
    }),
  )
})

test('where nothing that is due is an amount no stream is said to be in time', () => {
  const program = programWith([codeStream('a')], [dueOn('2026-03-06', [])])
  expect(ask(program, grown(program, 'a', [5, 5, 5, 5, 5, 5])).options).toMatchObject({
    reason: 'no stream has a number that an option could change',
  })
})

test('a checkpoint in the morning does not wait for that day’s work', () => {
  const program = programWith([codeStream('a')], [dueOn('2026-03-06', [targetOf('a', 'code', 50)], { at: '2026-03-06T10:00:00Z' })])
  const report = ask(program, grown(program, 'a', [5, 5, 5, 5, 5, 5]))
  expect(first(report)).toMatchObject({ due: '2026-03-05', chance: { probability: 0, p50: '2026-03-06' } })
})

test('a pace of all or nothing gives the tail of the binomial distribution', () => {
  // Four of ten days brought 10 lines. 40 are there; 70 in ten work days takes three such days or more.
  const program = programWith([codeStream('a')], [dueOn('2026-03-16', [targetOf('a', 'code', 70)])])
  const runs = 20_000
  const report = ask(program, grown(program, 'a', [10, 0, 0, 10, 0, 10, 0, 0, 10, 0]), { runs })
  const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k)
  let tail = 0
  for (let k = 3; k <= 10; k += 1) tail += choose(10, k) * 0.4 ** k * 0.6 ** (10 - k)
  expect(Math.abs(probability(report) - tail)).toBeLessThan(4 * Math.sqrt((tail * (1 - tail)) / runs))
})

test('two streams that draw independently are both in time as often as the product says, and decide in turn', () => {
  const gains = [10, 0, 10, 0, 10, 0]
  const program = programWith(
    [codeStream('a'), codeStream('b')],
    [dueOn('2026-03-05', [targetOf('a', 'code', 50), targetOf('b', 'code', 50)])],
  )
  const runs = 20_000
  const report = ask(program, [...grown(program, 'a', gains), ...grown(program, 'b', gains)], { runs })
  // Two of three days must bring something, at one in two: a half for each.
  expect(Math.abs(probability(report) - 0.25)).toBeLessThan(4 * Math.sqrt(0.1875 / runs))
  const shares = first(report)?.decidedBy ?? []
  expect(shares.map(({ stream }) => stream).toSorted()).toEqual(['a', 'b'])
  for (const { share } of shares) expect(Math.abs(share - 0.5)).toBeLessThan(0.02)
})

test('days between two measurements keep their spread: a week’s gain is drawn as a whole', () => {
  const program = programWith([codeStream('a')], [dueOn('2026-03-06', [targetOf('a', 'code', 5)])])
  const dates = ['2026-01-19', '2026-01-26', '2026-02-02', '2026-02-09', '2026-02-16', '2026-02-23', '2026-03-02']
  // Either 10 lines in a week or none, and nothing is kept: each measurement takes the gain of the week before away again.
  const values = [0, 10, 0, 10, 0, 10, 0]
  const report = ask(
    program,
    dates.map((date, index) => measurement(`${date}T16:30:00Z`, 'a', values[index] ?? 0)),
    { runs: 10_000 },
  )
  // One draw holds for the whole week ahead: up in half of the runs. Independent days would be up in a third or fewer.
  expect(Math.abs(probability(report) - 0.5)).toBeLessThan(0.02)
})

test.for([0, 1, 2, 3, 4, 5])('after %i measured changes there is a number only from five on', (many) => {
  const program = halfDue('2026-03-06')
  const report = ask(program, grown(program, 'a', new Array<number>(many).fill(5)))
  const isEnough = many >= 5
  expect(first(report)?.chance.kind).toBe(isEnough ? 'number' : 'none')
  expect(JSON.stringify(report).includes('"p50"')).toBe(isEnough)
  if (!isEnough)
    expect(first(report)?.chance).toEqual({
      kind: 'none',
      why: 'too-little-history',
      reason: `Stream a: code: ${many} change${many === 1 ? '' : 's'} from work day to work day measured, and at least 5 are needed`,
    })
})

test('what was never measured, and what was measured too long ago, has no number', () => {
  const program = halfDue('2026-03-06')
  expect(first(ask(program, []))?.chance).toMatchObject({ kind: 'none', why: 'unmeasured' })
  const old = grown(program, 'a', [5, 5, 5, 5, 5, 5])
  const later = programWith([codeStream('a')], [dueOn('2026-03-31', [targetOf('a', 'code', 50)])])
  expect(first(ask(later, old, { at: '2026-03-27T16:00:00Z' }))?.chance).toEqual({
    kind: 'none',
    why: 'stale',
    reason: 'Stream a: code: last measured on 2026-03-02, 19 work days ago',
  })
})

test('what is no amount has no number, says why, and is left out of the checkpoint', () => {
  const program = programWith(
    [codeStream('a')],
    [
      dueOn('2026-03-06', [
        targetOf('a', 'code', 50),
        criterionOf('review', { signOff: { roles: ['lead'], quorum: 1 } }),
        { ...targetOf('a', 'ratio', 1, 'tests.ratio'), id: 'ratio' },
        { ...targetOf('a', 'speed', 0.1, 'speed.reduction'), id: 'speed' },
        { ...targetOf('a', 'failed', 0, 'tests.failed'), id: 'failed' },
      ]),
    ],
  )
  const report = ask(program, grown(program, 'a', [5, 5, 5, 5, 5, 5]))
  expect(first(report)).toMatchObject({ leftOut: 4, chance: { kind: 'number', probability: 1 } })
  expect(
    first(report)
      ?.criteria.slice(1)
      .map(({ chance }) => chance),
  ).toEqual([
    { kind: 'none', why: 'not-an-amount', reason: 'a person signs it' },
    { kind: 'none', why: 'not-an-amount', reason: 'it is a ratio, which does not accumulate' },
    { kind: 'none', why: 'not-an-amount', reason: 'it is a ratio, which does not accumulate' },
    { kind: 'none', why: 'not-an-amount', reason: 'it is no amount that grows with work' },
  ])
})

test('claims, other trees, wrong units and what is later than the clock are not read', () => {
  const program = halfDue('2026-03-06')
  const honest = grown(program, 'a', [5, 5, 5, 5, 5, 5])
  const noise = [
    ...grown(program, 'a', [90, 0, 0, 0, 0, 0], { provenance: 'claimed' }),
    ...grown(program, 'a', [90, 0, 0, 0, 0, 0], { tree: 'another' }),
    ...grown(program, 'a', [90, 0, 0, 0, 0, 0], { unit: 'count' }),
    measurement('2026-03-03T16:00:00Z', 'a', 100),
    measurement('2026-03-02T17:00:00Z', 'a', 100, { observedAt: '2026-03-05T12:00:00Z' }),
  ]
  expect(ask(program, [...honest, ...noise])).toEqual(ask(program, honest))
})

test('a mean of shares is passed when its deliverables get it there, capped at their wholes', () => {
  const tests = { id: 'tests', title: 'Tests', kind: 'tests', measure: 'tests.passed', full: { low: 10, high: 10, unit: 'tests' } } as const
  const criterion = { ...targetOf('a', 'x', 0.75, 'progress'), id: 'progress', target: undefined }
  const { target: _, ...progress } = criterion
  const program = programWith([codeStream('a', { deliverables: [LINES, tests] })], [dueOn('2026-03-10', [progress])])
  const events = [
    ...grown(program, 'a', [5, 5, 5, 5, 5, 5]),
    ...grown(program, 'a', [2, 2, 2, 2, 2, 2], { metric: 'tests.passed', unit: 'tests' }),
  ]
  // All tests are there, which is half; half of the code makes three quarters: on Friday.
  expect(first(ask(program, events))?.chance).toMatchObject({ p50: '2026-03-06', p85: '2026-03-06' })
})

const gains = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 5, maxLength: 15 })
const due = fc.integer({ min: 3, max: 20 }).map((day) => `2026-03-${String(day).padStart(2, '0')}`)
const seed = fc.integer()

test('more pace never lowers a probability, and never moves a date back', () => {
  fc.assert(
    fc.property(gains, due, seed, fc.integer({ min: 1, max: 9 }), (slow, date, luck, more) => {
      const program = programWith([codeStream('a')], [dueOn(date, [targetOf('a', 'code', 90)])])
      // The same amount is there in the end; only the pace that led to it differs.
      const now = (list: readonly number[]) => 50 - list.reduce((sum, one) => sum + one, 0)
      const run = (list: readonly number[]) =>
        ask(
          program,
          grown(program, 'a', list).map((one) => shifted(one, now(list))),
          { seed: luck, runs: 200 },
        )
      const before = run(slow)
      const after = run(slow.map((one) => one + more))
      expect(probability(after)).toBeGreaterThanOrEqual(probability(before))
      const dates = (report: ForecastReport) => report.streams[0]?.chance
      const [was, is] = [dates(before), dates(after)]
      if (was?.kind === 'number' && is?.kind === 'number' && was.p85 !== undefined) expect((is.p85 ?? '9') <= was.p85).toBe(true)
    }),
    { numRuns: 60 },
  )
})

test('blockers never help', () => {
  const past = ['02-02', '02-04', '02-09', '02-11', '02-16', '02-18'].flatMap((day, index) =>
    stopped('a', `old-${day}`, `2026-${day}T10:00:00Z`, `2026-${day}T${11 + index}:00:00Z`),
  )
  fc.assert(
    fc.property(gains, due, seed, fc.integer({ min: 1, max: 28 }), (list, date, luck, since) => {
      const program = programWith([codeStream('a')], [dueOn(date, [targetOf('a', 'code', 120)])])
      const events = [...grown(program, 'a', list), ...past]
      const free = ask(program, events, { seed: luck, runs: 200 })
      const blocked = ask(program, [...events, ...stopped('a', 'now', `2026-02-${String(since).padStart(2, '0')}T12:00:00Z`)], {
        seed: luck,
        runs: 200,
      })
      if (first(free)?.chance.kind === 'number') expect(probability(blocked)).toBeLessThanOrEqual(probability(free))
    }),
    { numRuns: 60 },
  )
})

test('the same seed gives the same bytes, whatever order evidence of one day came in; every probability is one', () => {
  fc.assert(
    fc.property(gains, gains, due, seed, (a, b, date, luck) => {
      const program = programWith(
        [codeStream('a'), codeStream('b', { dependsOn: [{ stream: 'a', reaches: 0.9 }] })],
        [dueOn(date, [targetOf('a', 'code', 50), targetOf('b', 'code', 100)], { merge: true })],
      )
      const events = [...grown(program, 'a', a), ...grown(program, 'b', b)]
      const report = ask(program, events, { seed: luck, runs: 100 })
      expect(JSON.stringify(ask(program, events.toReversed(), { seed: luck, runs: 100 }))).toBe(JSON.stringify(report))
      const found = [...JSON.stringify(report).matchAll(/"(?:probability|share|forecast)":([-\d.e]+)/g)].map(([, value]) => Number(value))
      for (const value of found) expect(value >= 0 && value <= 1).toBe(true)
    }),
    { numRuns: 40 },
  )
})

test('a blocker lasts as long as a past one that lasted longer than it has; without five, there is no number but for its end', () => {
  const program = halfDue('2026-03-10')
  const steady = grown(program, 'a', [8, 8, 8, 8, 8, 8])
  // Eight hours of work are a day: these lasted one day, and three.
  const ended = (many: number) =>
    Array.from({ length: many }, (_, index) =>
      stopped('a', `b${index}`, '2026-02-02T09:00:00Z', index % 2 === 0 ? '2026-02-02T17:00:00Z' : '2026-02-04T17:00:00Z'),
    ).flat()
  const open = stopped('a', 'now', '2026-02-27T09:00:00Z')
  const few = ask(program, [...steady, ...ended(4), ...open])
  expect(first(few)?.chance).toMatchObject({ kind: 'none', why: 'blocked' })
  expect(few.streams[0]?.stoppedBy).toMatchObject([{ blocker: 'now' }])
  // By the deadline, Wednesday noon: Wednesday's rest, Thursday and Friday bring the last two days' worth.
  const resolved = few.options.list.find((one) => one.option === 'resolved')
  expect(resolved?.effects[0]?.stream).toMatchObject({
    before: { kind: 'none' },
    after: { kind: 'number', probability: 1, p50: '2026-03-04' },
  })

  // It has lasted two work days, so one day more, all of Tuesday, is all that can be drawn.
  const enough = ask(program, [...steady, ...ended(6), ...open])
  expect(first(enough)?.chance).toEqual({ kind: 'number', probability: 1, p50: '2026-03-04', p85: '2026-03-04' })
})

test('a workaround, a lower severity and the end of a blocker let work go on', () => {
  const program = halfDue('2026-03-10')
  const steady = grown(program, 'a', [8, 8, 8, 8, 8, 8])
  const open = stopped('a', 'now', '2026-02-27T09:00:00Z')
  const change = (body: object) => event('2026-03-01T09:00:00Z', { type: 'blocker-changed', body: { blocker: 'now', ...body } })
  for (const one of [change({ workaround: 'by hand' }), change({ severity: 'medium' })])
    expect(probability(ask(program, [...steady, ...open, one]))).toBe(1)
  expect(first(ask(program, [...steady, ...open, change({ impact: 'worse' })]))?.chance.kind).toBe('none')
})

test('a whole waits for what the stream depends on, a part does not; a merge does', () => {
  const waiting = codeStream('b', { dependsOn: [{ stream: 'a', reaches: 0.5 }] })
  const program = (merge: boolean) => programWith([codeStream('a'), waiting], [dueOn('2026-03-12', [targetOf('b', 'code', 90)], { merge })])
  const events = [...grown(program(true), 'a', [5, 5, 5, 5, 5, 5]), ...grown(program(true), 'b', [14, 14, 14, 14, 14, 14])]
  const [free, merging] = [ask(program(false), events), ask(program(true), events)]
  // b has its 90 on Tuesday; a has its half on Friday.
  expect(first(free)?.chance).toMatchObject({ p50: '2026-03-03' })
  expect(first(merging)?.chance).toMatchObject({ p50: '2026-03-06' })
  expect(free.streams[1]?.chance).toMatchObject({ p50: '2026-03-06' })
  const halted = [...events, ...stopped('a', 'x', '2026-03-01T10:00:00Z')]
  expect(first(ask(program(true), halted))?.chance).toMatchObject({ kind: 'none', why: 'blocked' })
  expect(first(ask(program(false), halted))?.chance).toMatchObject({ kind: 'number' })
})

test('each option of the matrix has its assumption, and an effect that is what it says', () => {
  const program = programWith(
    [codeStream('a'), codeStream('b')],
    [
      dueOn('2026-03-05', [targetOf('a', 'code', 54), targetOf('b', 'code', 10)], { next: 'on-2026-03-12' }),
      dueOn('2026-03-12', [targetOf('a', 'code', 80), targetOf('b', 'code', 20)]),
    ],
  )
  const late = [10, 0, 10, 0, 10, 0, 5, 5]
  const report = ask(program, [...grown(program, 'a', late), ...grown(program, 'b', [9, 9, 9, 9, 9, 9])])
  expect(report.options.list.map(({ stream, option }) => `${stream} ${option}`)).toEqual(['a extend', 'a reduce', 'a add', 'a parallelise'])
  const after = (option: string) => report.options.list.find((one) => one.option === option)?.effects[0]?.whole.after
  const value = (option: string): number => {
    const chance = after(option)
    return chance?.kind === 'number' ? (chance.probability ?? 0) : 1
  }
  const before = probability(report)
  expect(value('extend')).toBeGreaterThan(before)
  expect(value('reduce')).toBeGreaterThanOrEqual(0.85)
  expect(value('add')).toBeGreaterThan(before)
  expect(value('parallelise')).toBe(before)
  expect(report.options.list.map(({ assumption }) => assumption)).toEqual([
    'what is due is due on Thu 2026-03-12 15:00 UTC, with On 2026-03-12',
    expect.stringMatching(/^\d0 % of what Stream a still owes is due \(code: \d+ lines instead of 54 lines\): the most/),
    'a pair gains nothing in its first 2 work days and half as much again from then on; Stream b, which lends the person, goes at half its pace',
    'no stream waits for Stream a, so nothing is gained',
  ])
  expect(report.options.list.find((one) => one.recommended)?.option).toBe('add')
})

test('an option has its effect on every later checkpoint of the stream, on the dates too', () => {
  const program = programWith(
    [codeStream('a'), codeStream('b')],
    [
      dueOn('2026-03-05', [targetOf('a', 'code', 54)], { next: 'on-2026-03-12' }),
      dueOn('2026-03-10', [targetOf('b', 'code', 70)]),
      dueOn('2026-03-12', [targetOf('a', 'code', 80)]),
      dueOn('2026-03-20', [targetOf('a', 'code', 100), targetOf('b', 'code', 90)]),
    ],
  )
  const report = ask(program, [...grown(program, 'a', [6, 4, 6, 4, 6, 4, 6]), ...grown(program, 'b', [9, 9, 9, 9, 9, 9])])
  const effects = (option: string) => report.options.list.find((one) => one.option === option)?.effects ?? []
  expect(effects('add').map(({ checkpoint }) => checkpoint)).toEqual(['on-2026-03-05', 'on-2026-03-12', 'on-2026-03-20'])
  // Five lines a day, then half as much again: 80 is four days away from half of the way, instead of eight.
  const [, second, last] = effects('add')
  const forecastOf = (id: string) => report.checkpoints.find((one) => one.id === id)?.streams.find(({ stream }) => stream === 'a')?.chance
  expect(second?.stream.before).toEqual(forecastOf('on-2026-03-12'))
  expect(last?.stream.before).toEqual(forecastOf('on-2026-03-20'))
  for (const { before, after } of [second?.stream, last?.stream, last?.whole].flatMap((one) => one ?? [])) {
    if (before.kind !== 'number' || after.kind !== 'number') throw new Error('no number')
    expect((after.p50 ?? '9') < (before.p50 ?? '9')).toBe(true)
  }
  for (const option of ['extend', 'reduce'])
    for (const { stream, whole } of effects(option).slice(1)) expect([stream.after, whole.after]).toEqual([stream.before, whole.before])

  const told = (option: string) =>
    report.options.list.filter((one) => one.option === option).flatMap((one) => effectLines(one, viewOf(report, undefined)))
  expect(told('add')).toEqual([
    '20 % → 62 %, P50 Fri 2026-03-06 → Thu 2026-03-05; the checkpoint alike',
    expect.stringMatching(/^On 2026-03-12: 25 % → over 99 %, P50 Fri 2026-03-13 → Wed 2026-03-11, P85 .* → .*; the checkpoint alike$/),
    expect.stringMatching(/^On 2026-03-20: /),
  ])
  expect(told('extend')).toEqual([expect.stringMatching(/; later ones stay as they are$/)])
})

test('the lead stands beside the forecast, and both are held against what happened', () => {
  const checkpoints = ['2026-02-13', '2026-02-20', '2026-02-27', '2026-03-06'].map((date, index) =>
    dueOn(date, [targetOf('a', 'code', 50 + 20 * index)]),
  )
  const program = programWith([codeStream('a')], checkpoints)
  const said = [0.9, 0.9, 0.8, 0.6].flatMap((week, index) =>
    ['10', '17', '24', '03-02'].slice(index, index + 1).flatMap((day) => {
      const date = day.includes('-') ? `2026-${day}` : `2026-02-${day}`
      return [
        event(
          `${date}T08:00:00Z`,
          { type: 'check-in', body: { stream: 'a', done: [], next: [], risks: [], claims: {}, confidence: { week } } },
          'lead-a',
        ),
      ]
    }),
  )
  // Five lines a day since 26 January: 65 on 13 February, 90 a week later, and then it stops at 92.
  const events = [...grown(program, 'a', [...new Array<number>(19).fill(5), 0, 0, 0, 0, 0]), ...said]
  const report = ask(program, events)
  expect(first(report)?.streams[0]?.lead).toEqual({ value: 0.6, of: 'week', by: 'lead-a', at: '2026-03-02T08:00:00Z' })
  expect(report.past.rows).toMatchObject([
    { checkpoint: 'on-2026-02-13', lead: 0.9, met: true, forecast: 1 },
    { checkpoint: 'on-2026-02-20', lead: 0.9, met: true, forecast: 1 },
    { checkpoint: 'on-2026-02-27', lead: 0.8, met: true, forecast: 1 },
  ])
  expect(report.past.leads).toMatchObject({ rows: 3, reason: '3 outcomes of past checkpoints, and at least 5 are needed' })
})

test('the Brier score and the reliability table are those of a hand calculation', () => {
  const rows = [
    { said: 0.9, met: true },
    { said: 0.9, met: false },
    { said: 0.6, met: true },
    { said: 0.3, met: false },
    { said: 1, met: true },
  ]
  // (0.01 + 0.81 + 0.16 + 0.09 + 0) / 5
  expect(brier(rows)).toBeCloseTo(0.214, 12)
  const score = scoreOf(rows)
  expect(score.brier).toBeCloseTo(0.214, 12)
  expect(
    score.reliability.map(({ from, rows: many, said, happened }) => [from, many, Number(said.toFixed(4)), Number(happened.toFixed(4))]),
  ).toEqual([
    [0.2, 1, 0.3, 0],
    [0.6, 1, 0.6, 1],
    [0.8, 3, 0.9333, 0.6667],
  ])
  expect(scoreOf(rows.slice(1))).toEqual({ rows: 4, reason: '4 outcomes of past checkpoints, and at least 5 are needed', reliability: [] })
})

test('a checkpoint that the ledger moved is forecast for its new time, a cancelled one not at all', () => {
  const program = programWith([codeStream('a')], [dueOn('2026-03-04', [targetOf('a', 'code', 50)])])
  const events = grown(program, 'a', [5, 5, 5, 5, 5, 5])
  expect(probability(ask(program, events))).toBe(0)
  const moved = event('2026-03-02T17:00:00Z', {
    type: 'checkpoint-moved',
    body: { checkpoint: 'on-2026-03-04', to: '2026-03-09T15:00:00Z', reason: 'ill' },
  })
  expect(first(ask(program, [...events, moved]))).toMatchObject({ due: '2026-03-09', chance: { probability: 1, p50: '2026-03-06' } })
  const cancelled = event('2026-03-02T17:30:00Z', {
    type: 'checkpoint-cancelled',
    body: { checkpoint: 'on-2026-03-04', reason: 'no need' },
  })
  const none = ask(program, [...events, moved, cancelled])
  expect([none.checkpoints, none.options]).toEqual([[], { reason: 'no checkpoint lies ahead', list: [] }])
})

test('a checkpoint that nothing measured decides is counted and not scored', () => {
  const program = programWith([codeStream('a')], [dueOn('2026-02-20', [targetOf('a', 'code', 60)]), dueOn('2026-03-06', [])])
  const dates = ['2026-02-05', '2026-02-06', '2026-02-09', '2026-02-10', '2026-02-11', '2026-02-12']
  const events = dates.map((date, index) => measurement(`${date}T16:00:00Z`, 'a', 5 * index))
  // Measured again a week after the checkpoint: enough by then, and nobody knows since when.
  expect(ask(program, [...events, measurement('2026-02-27T16:00:00Z', 'a', 70)]).past).toMatchObject({ rows: [], undecided: 1 })
  expect(ask(program, [...events, measurement('2026-02-27T16:00:00Z', 'a', 40)]).past.rows).toMatchObject([{ met: false }])
  expect(NOW > '2026-02-27').toBe(true)
})

function shifted(one: ReturnType<typeof measurement>, by: number): ReturnType<typeof measurement> {
  if (one.type !== 'evidence') return one
  const { snapshot } = one.body
  const evidence = snapshot.evidence.map((each) => (typeof each.value === 'number' ? { ...each, value: each.value + by } : each))
  return { ...one, body: { ...one.body, snapshot: { ...snapshot, evidence } } }
}
