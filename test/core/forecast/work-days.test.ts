import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Calendar } from '#core/program/model.ts'
import { workDayFinder, workDays } from '#core/forecast/work-days.ts'

/** Clocks that change by an hour and by half of one, by day and by night, and one that left out a whole day. */
const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Africa/Casablanca', 'Pacific/Apia', 'UTC']
const HOURS = [
  ['09:00', '17:00'],
  ['00:30', '03:45'],
  ['22:00', '23:59'],
  ['09:00', '09:00'],
] as const

test('the work day of an instant is the one that the axis of days gives, also while the clocks change', () => {
  const minutes = (from: string, to: string): fc.Arbitrary<number> =>
    fc.integer({ min: Date.parse(from) / 60_000, max: Date.parse(to) / 60_000 })
  const time = fc.oneof(
    minutes('2011-12-20T00:00Z', '2012-01-10T00:00Z'),
    minutes('2026-03-05T00:00Z', '2026-04-10T00:00Z'),
    minutes('2026-10-20T00:00Z', '2026-11-08T00:00Z'),
  )
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      fc.constantFrom(...HOURS),
      fc.array(time, { minLength: 1, maxLength: 20 }),
      (zone, hours, times) => {
        const [start, end] = hours
        const calendar: Calendar = {
          zone,
          workDays: ['monday', 'tuesday', 'wednesday', 'friday', 'sunday'],
          hours: { start, end },
          holidays: ['2026-03-09', '2026-11-03'],
        }
        const find = workDayFinder(calendar)
        for (const one of times) {
          const at = new Date(one * 60_000).toISOString()
          const days = workDays(calendar, new Date(one * 60_000 - 20 * 86_400_000).toISOString().slice(0, 10), at.slice(0, 10), 5)
          expect([at, find(one * 60_000)]).toEqual([at, days.date(days.of(at))])
        }
      },
    ),
    { numRuns: 300 },
  )
})
