import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CheckReport } from '#core/decide/report.ts'
import { CASES } from '#render/fixtures/index.ts'
import { isoDuration, renderJson } from '#render/json/index.ts'

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, inner]) => [key, reversed(inner)]),
  )
}

describe.each(Object.entries(CASES))('%s', (_name, report) => {
  const { output } = renderJson(report)
  const document = JSON.parse(output) as {
    streams: { id: string; health: string; criteria: unknown[] }[]
    criteria: { id: string; status: string; rawStatus: string }[]
    [key: string]: unknown
  }

  test('has the names that scripts rely on, in their order', () => {
    const names = [
      'schemaVersion',
      'verdict',
      'exitCode',
      'program',
      'checkpoint',
      'at',
      'people',
      'streams',
      'criteria',
      'waivers',
      'troubles',
      'decision',
      'actions',
      'record',
    ]
    expect(Object.keys(document)).toEqual(names.filter((name) => name in report))
    expect(document.streams.map(({ id, health }) => [id, health])).toEqual(report.streams.map(({ id, health }) => [id, health]))
    expect(document.criteria.map(({ id, status, rawStatus }) => [id, status, rawStatus])).toEqual(
      report.criteria.map(({ id, status, rawStatus }) => [id, status, rawStatus]),
    )
  })

  test('does not depend on the order in which the report was built', () => {
    expect(renderJson(reversed(report) as CheckReport).output).toBe(output)
  })

  test('every instant has the offset of the zone, and none ends in Z', () => {
    expect(output).not.toMatch(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/)
    expect(Date.parse(document['at'] as string)).toBe(Date.parse(report.at))
  })

  test('is printable, indented by two, and ends with a newline', () => {
    expect(output).not.toMatch(new RegExp(String.raw`[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2066-\u2069\ufeff]`, 'u'))
    expect(output).toMatch(/^\{\n {2}"schemaVersion": 1,/)
    expect(output.endsWith('}\n')).toBe(true)
  })
})

test('hidden characters are escaped, not lost', () => {
  const output = renderJson({ ...CASES['go']!, program: { ...CASES['go']!.program, name: 'a\u202e\u{e0041}\u0085\ufeff👩‍👩‍👧' } }).output
  expect((JSON.parse(output) as CheckReport).program.name).toBe('a\u202e\u{e0041}\u0085\ufeff👩‍👩‍👧')
})

test('durations are ISO 8601 elapsed time', () => {
  expect([0, 1800, 2700, 5400, 93600, 0.5, 3661].map(isoDuration)).toEqual([
    'PT0S',
    'PT30M',
    'PT45M',
    'PT1H30M',
    'PT26H',
    'PT0.5S',
    'PT1H1M1S',
  ])
  fc.assert(
    fc.property(fc.nat({ max: 10_000_000 }), (seconds) => {
      const [, hours = 0, minutes = 0, rest = 0] = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/.exec(isoDuration(seconds)) ?? []
      expect(Number(hours) * 3600 + Number(minutes) * 60 + Number(rest)).toBe(seconds)
    }),
  )
})

test('a name that looks like an instant stays as it is', () => {
  const named = { ...CASES['go']!, program: { ...CASES['go']!.program, name: '2026-01-01T00:00:00Z' } }
  expect((JSON.parse(renderJson(named).output) as CheckReport).program.name).toBe('2026-01-01T00:00:00Z')
})
