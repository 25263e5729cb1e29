import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Program } from '#core/program/model.ts'
import { MOST_OCCURRENCES, readRecurrence } from '#core/schedule/recurrence.ts'
import { formatInstant } from '#core/schedule/time.ts'
import { Ledger, programWith } from './story.ts'

const recurring = (keys: Readonly<Record<string, unknown>>, zone = 'Europe/Berlin'): Program =>
  programWith({ calendar: { zone, holidays: ['2026-03-06'], hours: '08:00-16:30' }, schedule: { remind: [] }, checkpoints: keys })

const listed = ({ checkpoints, calendar }: Program): readonly string[] =>
  checkpoints.map((one) => `${one.id}: ${formatInstant(one.at, calendar.zone)}, ${one.name} -> ${one.go.next ?? one.next ?? 'end'}`)

test('times in words become checkpoints of their own; holidays are left out; a recurring one to go on with is its next time', () => {
  const program = recurring({
    midweek: {
      name: 'Midweek',
      every: 'Wed 16:00 and Fri EOD',
      from: '2026-02-27',
      until: '2026-03-13',
      decide: { go: { next: 'month' } },
    },
    month: { name: 'Month', every: 'FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=15', from: '2026-02-01', count: 2 },
  })
  expect(listed(program)).toEqual([
    'month-2026-02-27: Fri 2026-02-27 15:00, Month, Fri 2026-02-27 -> midweek-2026-02-27',
    'midweek-2026-02-27: Fri 2026-02-27 16:30, Midweek, Fri 2026-02-27 -> month-2026-03-27',
    'midweek-2026-03-04: Wed 2026-03-04 16:00, Midweek, Wed 2026-03-04 -> month-2026-03-27',
    'midweek-2026-03-11: Wed 2026-03-11 16:00, Midweek, Wed 2026-03-11 -> month-2026-03-27',
    'midweek-2026-03-13: Fri 2026-03-13 16:30, Midweek, Fri 2026-03-13 -> month-2026-03-27',
    'month-2026-03-27: Fri 2026-03-27 15:00, Month, Fri 2026-03-27 -> end',
  ])
})

test('an id stays what it is when times come and go before it', () => {
  const ids = (from: string, every: string): readonly string[] =>
    recurring({ m: { name: 'M', every, from, until: '2026-03-13' } }).checkpoints.map((one) => one.id)
  expect(ids('2026-02-25', 'Wed 16:00')).toEqual(['m-2026-02-25', 'm-2026-03-04', 'm-2026-03-11'])
  expect(ids('2026-03-01', 'Wed 09:00 and Wed 16:00, Thu 10:00')).toEqual([
    'm-2026-03-04',
    'm-2026-03-04-1600',
    'm-2026-03-05',
    'm-2026-03-11',
    'm-2026-03-11-1600',
    'm-2026-03-12',
  ])
})

test.each([
  ['Europe/Berlin', 'Sun 02:30', '2026-03-22', ['01:30Z', '01:30Z', '00:30Z']],
  ['America/Santiago', 'Sun 00:30', '2026-08-30', ['04:30Z', '04:30Z', '03:30Z']],
  ['Australia/Lord_Howe', 'Sun 02:15', '2026-09-27', ['15:45Z', '15:45Z', '15:15Z']],
])('%s: %s keeps its wall time over a change of clocks, and comes once where that is skipped', (zone, every, from, instants) => {
  const { checkpoints } = recurring({ c: { name: 'C', every, from, count: 3 } }, zone)
  expect(checkpoints.map((one) => `${one.at.slice(11, 16)}Z`)).toEqual(instants)
})

test('so many times and no more: a plan that would lose the rest is refused', () => {
  const { calendar } = programWith()
  const count = (every: string, until: string): number | string => {
    const result = readRecurrence(every, { from: '2026-05-01 09:00', until }, calendar)
    return result.ok ? result.times.length : result.reason
  }
  expect(MOST_OCCURRENCES).toBe(200)
  // Two a day for a hundred days, and one day more.
  for (const every of ['day 09:00 and day 16:00', 'FREQ=DAILY;BYHOUR=9,16']) {
    expect(count(every, '2026-08-08')).toBe(200)
    expect(count(every, '2026-08-09')).toBe(`"${every}" comes more than 200 times`)
  }
})

test('a rule may name each hour and minute of the day, and no other', () => {
  const { calendar } = programWith()
  const read = (every: string): unknown => {
    const result = readRecurrence(every, { from: '2026-05-01', count: 1 }, calendar)
    return result.ok ? result.times : result.reason
  }
  expect(read('FREQ=DAILY;BYHOUR=23;BYMINUTE=59')).toEqual(['2026-05-01 23:59'])
  expect(read('FREQ=DAILY;BYHOUR=24')).toBe('BYHOUR=24 is no time of day')
  expect(read('FREQ=DAILY;BYHOUR=9;BYMINUTE=60')).toBe('BYMINUTE=60 is no time of day')
})

test('each time is held once, and the next one follows when one is held', () => {
  const program = recurring({ m: { name: 'M', every: 'Wed 16:00', from: '2026-02-25', count: 3 } })
  const ledger = new Ledger()
  const held = ['2026-02-25T15:00:00Z', '2026-03-04T15:00:01Z', '2026-03-12T15:00:00Z'].flatMap((now) =>
    ledger.perform(program, now).flatMap((one) => (one.kind === 'hold' ? [one.checkpoint] : [])),
  )
  expect(held).toEqual(['m-2026-02-25', 'm-2026-03-04', 'm-2026-03-11'])
})

test('whatever is written, it ends soon, with times in order or with a reason', () => {
  const words = fc
    .array(fc.constantFrom('Wed', 'Fri', '16:00', '9:30', 'and', ',', 'EOD', 'every week', 'day', 'x', '99:99'), { maxLength: 7 })
    .map((all) => all.join(' '))
  const rule = fc
    .array(
      fc.constantFrom(
        'FREQ=DAILY',
        'FREQ=WEEKLY',
        'FREQ=YEARLY',
        'FREQ=SECONDLY',
        'BYDAY=WE,FR',
        'BYDAY=5MO',
        'BYHOUR=9,16',
        'BYMINUTE=30',
        'BYMONTH=2',
        'BYMONTHDAY=30',
        'BYSETPOS=-1',
        'INTERVAL=7',
        'COUNT=3',
        'UNTIL=20260401',
        'BYYEARDAY=366',
        'WKST=XX',
      ),
      { minLength: 1, maxLength: 6 },
    )
    .map((all) => all.join(';'))
  const calendar = programWith().calendar
  fc.assert(
    fc.property(
      fc.oneof(words, rule, fc.string({ maxLength: 40 })),
      fc.constantFrom('2026-02-25', '2026-02-25 16:00', '2026-02-30', ''),
      fc.option(fc.constantFrom('2026-04-01', '2027-12-31', 'soon'), { nil: undefined }),
      (every, from, until) => {
        const result = readRecurrence(every, { from, ...(until !== undefined && { until }) }, calendar)
        if (!result.ok) {
          expect(result.reason).not.toBe('')
          return
        }
        expect(result.times.length).toBeGreaterThan(0)
        expect(result.times.length).toBeLessThanOrEqual(MOST_OCCURRENCES)
        expect(result.times).toEqual([...new Set(result.times)].toSorted())
      },
    ),
    { numRuns: 300 },
  )
})
