import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, test } from 'vitest'
import {
  addDays,
  addSeconds,
  addSpan,
  epoch,
  formatInstant,
  formatNamed,
  instantOf,
  isDate,
  isInstant,
  isWorkDay,
  isWorkTime,
  isZone,
  isoWithOffset,
  laterOf,
  minutesOfDay,
  nextWorkDay,
  toInstant,
  wallOf,
  wallToInstant,
  weekdayOf,
} from '#core/schedule/time.ts'
import { readDeadline } from '#core/schedule/deadline.ts'
import { WEEKDAYS, type Calendar } from '#core/program/model.ts'

const ZONES = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Apia', 'Africa/Casablanca', 'Australia/Lord_Howe']
const calendar: Calendar = {
  zone: 'Europe/Berlin',
  workDays: WEEKDAYS.slice(0, 5),
  hours: { start: '09:00', end: '17:00' },
  holidays: ['2026-03-03'],
}

describe('wall times', () => {
  test.each([
    ['a plain time', '2026-02-25 16:00', 'Europe/Berlin', '2026-02-25T15:00:00Z'],
    ['with seconds', '2026-02-25 16:00:30', 'Europe/Berlin', '2026-02-25T15:00:30Z'],
    ['a date alone is its midnight', '2026-02-25', 'Europe/Berlin', '2026-02-24T23:00:00Z'],
    ['a gap means the shifted instant', '2026-03-29 02:30', 'Europe/Berlin', '2026-03-29T01:30:00Z'],
    ['an overlap means the first', '2026-10-25 02:30', 'Europe/Berlin', '2026-10-25T00:30:00Z'],
    ['a gap of half an hour', '2026-10-04 02:15', 'Australia/Lord_Howe', '2026-10-03T15:45:00Z'],
  ])('%s', (_, text, zone, instant) => {
    expect(wallToInstant(text, zone)).toBe(instant)
  })

  test.each([
    '2026-02-29 10:00',
    '2026-02-25 24:00',
    '2026-02-25 16:60',
    '2026-02-25 16:00:75',
    '2026-13-01',
    '25.02.2026',
    '2026-02-25 4pm',
    '',
    '2026-02-25T16',
  ])('%s is no time', (text) => {
    expect(wallToInstant(text, 'UTC')).toBeUndefined()
  })

  test('a day that a zone left out means the shifted instant', () => {
    expect(wallToInstant('2011-12-30 12:00', 'Pacific/Apia')).toBe('2011-12-30T22:00:00Z')
  })

  test('wall time and back is the same where the clocks neither skip nor repeat', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_700_000_000, max: 1_900_000_000 }), fc.constantFrom(...ZONES), (seconds, zone) => {
        const instant = instantOf(seconds * 1000 - ((seconds * 1000) % 60_000))
        const { date, time, weekday } = wallOf(instant, zone)
        const back = wallToInstant(`${date} ${time}`, zone) ?? ''
        expect(weekday).toBe(weekdayOf(date))
        // In an hour that comes twice, the first of both is meant.
        expect([0, 30, 60].map((minutes) => addSeconds(back, minutes * 60))).toContain(instant)
        expect(wallOf(back, zone)).toEqual({ date, time, weekday })
      }),
      { numRuns: 500 },
    )
  })
})

test.each([
  ['2026-02-25T16:00:00+01:00', '2026-02-25T15:00:00Z'],
  ['2026-02-25 16:00+01:00', '2026-02-25T15:00:00Z'],
  ['2026-02-25T15:00Z', '2026-02-25T15:00:00Z'],
  ['2026-02-25 16:00', '2026-02-25T15:00:00Z'],
  ['2026-02-29T16:00:00Z', undefined],
  ['2026-02-25T25:00:00Z', undefined],
  ['tomorrow', undefined],
])('toInstant of %s is %s', (text, instant) => {
  expect(toInstant(text, 'Europe/Berlin')).toBe(instant)
})

test('only IANA names are zones', () => {
  expect(['Europe/Berlin', 'UTC', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'].filter((zone) => !isZone(zone))).toEqual([])
  expect(['+01:00', 'Europe/Atlantis', 'CEST2', '', '../etc', 'Europe/Berlin;rm', '2026-02-25T10:00[UTC]', 'Z'].filter(isZone)).toEqual([])
})

test('instants are told from texts that are none', () => {
  expect(['2026-02-25T15:00:00Z', '2026-02-25T15:00:00.123456789+05:45'].every(isInstant)).toBe(true)
  expect(['2026-02-25 15:00', '2026-02-30T15:00:00Z', '', 'now'].some(isInstant)).toBe(false)
})

test('seconds are added to the millisecond', () => {
  expect(addSeconds('1970-01-01T00:00:00Z', 1.001)).toBe('1970-01-01T00:00:01.001Z')
  expect(addSeconds('2026-02-25T15:00:00Z', 0.0004)).toBe('2026-02-25T15:00:00Z')
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4_000_000_000_000 }),
      fc.integer({ min: -100_000_000, max: 100_000_000 }),
      (start, milliseconds) => {
        expect(epoch(addSeconds(instantOf(start), milliseconds / 1000))).toBe(start + milliseconds)
      },
    ),
    { numRuns: 500 },
  )
})

describe('spans', () => {
  test.each([
    ['3 days over the clock change keep the wall time', '2026-03-27T15:00:00Z', 3 * 86_400, 'Mon 2026-03-30 16:00'],
    ['36 h are elapsed time', '2026-03-28T15:00:00Z', 36 * 3600, 'Mon 2026-03-30 05:00'],
    ['2 h over the gap', '2026-03-29T00:30:00Z', 7200, 'Sun 2026-03-29 04:30'],
  ])('%s', (_, from, seconds, wall) => {
    expect(formatInstant(addSpan(from, seconds, 'Europe/Berlin'), 'Europe/Berlin')).toBe(wall)
  })
})

describe('work days', () => {
  test.each([
    ['2026-02-27', '2026-02-27'],
    ['2026-02-28', '2026-03-02'],
    ['2026-03-03', '2026-03-04'],
  ])('the first from %s on is %s', (from, found) => {
    expect(nextWorkDay(from, calendar)).toBe(found)
  })

  test('a calendar without any ends and gives the date back', () => {
    const never = { ...calendar, workDays: [] }
    expect(nextWorkDay('2026-02-27', never)).toBe('2026-02-27')
    expect(isWorkDay('2026-02-27', never)).toBe(false)
  })

  test.each([
    ['2026-03-02 08:59', false],
    ['2026-03-02 09:00', true],
    ['2026-03-02 17:00', true],
    ['2026-03-02 17:01', false],
    ['2026-03-03 12:00', false],
    ['2026-03-07 12:00', false],
  ])('%s lies in working hours: %s', (wall, isWork) => {
    expect(isWorkTime(wallToInstant(wall, calendar.zone) ?? '', calendar)).toBe(isWork)
  })

  test('days are added on the calendar', () => {
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29')
    expect(addDays('2026-02-28', 1)).toBe('2026-03-01')
    expect(isDate('2026-02-29')).toBe(false)
  })
})

test('clocks read the same in every zone offset', () => {
  expect(isoWithOffset('2026-02-25T15:00:00Z', 'Asia/Kathmandu')).toBe('2026-02-25T20:45:00+05:45')
  expect(formatInstant('2026-02-25T15:00:00Z', 'America/St_Johns')).toBe('Wed 2026-02-25 11:30')
  expect([minutesOfDay('00:00'), minutesOfDay('23:59'), minutesOfDay('24:00'), minutesOfDay('9:00')]).toEqual([
    0,
    1439,
    undefined,
    undefined,
  ])
  expect(laterOf('2026-02-25T15:00:00Z', '2026-02-25T16:00:00+02:00')).toBe('2026-02-25T15:00:00Z')
})

test('a deadline of some days can be read at any millisecond', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1_770_000_000_000, max: 1_800_000_000_000 }), fc.constantFrom(...ZONES), (now, zone) => {
      const from = instantOf(now)
      const read = readDeadline('3 days', from, { zone, hours: { start: '09:00', end: '17:00' } })
      expect(read.ok && Math.abs(epoch(read.at) - now - 3 * 86_400_000) <= 3_600_000).toBe(true)
    }),
    { numRuns: 300 },
  )
})

describe('epoch', () => {
  const written = (milliseconds: number): string => new Date(milliseconds).toISOString()

  test('is what Temporal says of every recorded form', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(1, 0, 1), max: Date.UTC(9999, 11, 31) }), (at) => {
        const text = written(at)
        for (const form of [text, `${text.slice(0, 19)}Z`]) expect(epoch(form)).toBe(Temporal.Instant.from(form).epochMilliseconds)
      }),
      { numRuns: 2000 },
    )
  })

  test('is written back as Temporal writes it', () => {
    const whole = fc.integer({ min: Date.UTC(1, 0, 1), max: Date.UTC(9999, 11, 31) })
    const far = fc.integer({ min: -8_640_000_000_000_000, max: 8_640_000_000_000_000 })
    fc.assert(
      fc.property(
        fc.oneof(
          whole,
          whole.map((at) => Math.floor(at / 1000) * 1000),
          far,
        ),
        (at) => {
          expect(instantOf(at)).toBe(Temporal.Instant.fromEpochMilliseconds(at).toString())
        },
      ),
      { numRuns: 3000 },
    )
    for (const impossible of [0.5, Number.NaN, Infinity]) expect(() => instantOf(impossible)).toThrow(RangeError)
  })

  test('refuses what is no instant, and reads every other form as Temporal does', () => {
    const characters = fc.constantFrom('0', '1', '2', '3', '5', '6', '9', '-', ':', '.', 'T', 'Z', ' ', '+')
    const damaged = fc
      .tuple(fc.integer({ min: Date.UTC(1999, 0, 1), max: Date.UTC(2101, 0, 1) }), fc.nat(23), characters, fc.boolean())
      .map(([at, place, put, short]) => {
        const text = short ? `${written(at).slice(0, 19)}Z` : written(at)
        return text.slice(0, place) + put + text.slice(place + 1)
      })
    fc.assert(
      fc.property(damaged, (text) => {
        const outcome = (read: () => number): number | string => {
          try {
            return read()
          } catch (error) {
            return error instanceof RangeError ? 'refused' : String(error)
          }
        }
        expect(
          outcome(() => epoch(text)),
          text,
        ).toBe(outcome(() => Temporal.Instant.from(text).epochMilliseconds))
      }),
      { numRuns: 5000 },
    )
  })
})

describe('wallOf', () => {
  const ZONES = [
    'UTC',
    'Europe/Berlin',
    'America/Santiago',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'America/St_Johns',
    'Africa/Casablanca',
    'Pacific/Apia',
    'Antarctica/Casey',
    'America/Goose_Bay',
    'Africa/Monrovia',
  ]

  test('is what Temporal says, in every zone, around every change of the clocks', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.integer({ min: Date.UTC(1950, 0, 1), max: Date.UTC(2100, 0, 1) }),
        fc.integer({ min: -7200, max: 7200 }),
        (zone, at, near) => {
          const zoned = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone)
          const change = zoned.getTimeZoneTransition('next')
          for (const moment of [at, (change?.epochMilliseconds ?? at) + near * 1000]) {
            const exact = Temporal.Instant.fromEpochMilliseconds(moment).toZonedDateTimeISO(zone)
            expect(wallOf(instantOf(moment), zone)).toEqual({
              date: exact.toPlainDate().toString(),
              time: exact.toPlainTime().toString({ smallestUnit: 'minute' }),
              weekday: WEEKDAYS[exact.dayOfWeek - 1],
            })
          }
        },
      ),
      { numRuns: 1500 },
    )
  })
})

test('a name that ends in its day says it once, and that it is held on another one now', () => {
  const at = (name: string): string => formatNamed(name, '2026-03-04T15:00:00Z', 'Europe/Berlin')
  expect([at('Midweek'), at('Progress, Wed 2026-03-04'), at('Progress, Fri 2026-03-06')]).toEqual([
    'Midweek, Wed 2026-03-04 16:00',
    'Progress, Wed 2026-03-04 16:00',
    'Progress, Fri 2026-03-06, now Wed 2026-03-04 16:00',
  ])
})
