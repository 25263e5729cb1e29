import { riskOf } from '#core/decide/risk.ts'
import { describe, expect, test } from 'vitest'
import { CASES } from '#render/fixtures/index.ts'
import { renderMarkdown, runSheet, streamReport, syncReport } from '#render/markdown/index.ts'
import { mergeWords, timedAgenda } from '#render/select.ts'

const noGo = CASES['no-go']!
const go = CASES['go']!
const stream = (id: string) => noGo.streams.find((each) => each.id === id)!

test('the parts are what the artifacts are, one by one', () => {
  expect(renderMarkdown(noGo, { part: 'sync' }).output).toBe(syncReport(noGo))
  expect(renderMarkdown(noGo, { part: 'meeting' }).output).toBe(runSheet(noGo))
  expect(renderMarkdown(noGo, { stream: 'tracing' }).output).toBe(streamReport(noGo, stream('tracing')))
  expect(renderMarkdown(noGo, { part: 'streams' }).output).toBe(noGo.streams.map((each) => streamReport(noGo, each)).join('\n'))
  expect(renderMarkdown(noGo, { stream: 'no-such' }).output).toBe('')
})

test('a stream report keeps claims and measurements apart', () => {
  const output = streamReport(noGo, stream('tracing'))
  expect(output).toContain('| Integration tests | 11 tests | 18 tests | 18 tests | 18 tests |')
  expect(output).toContain('- all tests green (claimed)')
  expect(output).toContain('70 % for the week, 75 % for the program (claimed by lead-c')
  expect(output).toContain('Achieved: 1.3 % (95 % interval 1.1 % to 1.6 %)')
})

test('the run sheet gives each stream its turn by the clock', () => {
  const items = timedAgenda(noGo)
  expect(items.map(({ start, end }) => `${start}-${end}`)).toEqual([
    '15:30-15:38',
    '15:38-15:46',
    '15:46-15:54',
    '15:54-16:02',
    '16:02-16:07',
    '16:07-16:10',
    '16:10-16:13',
  ])
  expect(items.map((item) => item.stream?.id)).toEqual(['memory', 'storage', 'tracing', 'isolation', undefined, undefined, undefined])
  const output = runSheet(noGo)
  expect(output).toContain('| 15:46–15:54 | 8 min | Status: **Tracing probes** (lead-c) |')
  expect(output).toContain('| C | Add people | faster; knowledge is shared | more coordination | → yes |')
})

test('a quorum of two leaves as many boxes as signatures are missing', () => {
  const output = runSheet(CASES['conditional']!)
  expect(output.match(/- \[ \] approved by \\_/g)).toHaveLength(1)
  expect(output).toContain('- [x] approved by quality-a')
  expect(output).toContain('- [ ] refused by quality-b')
})

test('when a stream merges is what the plan says', () => {
  expect(go.streams.map((each) => mergeWords(go, each))).toEqual(['merges Mon 30 Mar', 'merges Tue 31 Mar', 'merges Mon 30 Mar'])
  expect(mergeWords(noGo, stream('tracing'))).toBe(
    'cannot merge: code is 88 lines short; 7 tests do not pass; has until Wed 2026-03-04 17:00',
  )
  expect(CASES['conditional']!.streams.map((each) => mergeWords(CASES['conditional']!, each))).toEqual([
    'merges Mon 15 Jun',
    'held: waits for Engine',
    'merged',
  ])
})

describe('risk', () => {
  test('follows from the facts of the report', () => {
    expect(noGo.streams.map((each) => riskOf(each).risk)).toEqual(['LOW', 'MEDIUM', 'HIGH', 'HIGH'])
    expect(CASES['inconclusive']!.streams.map((each) => riskOf(each).risk)).toEqual(['HIGH', 'HIGH'])
  })

  test('no claim lowers it', () => {
    const sure = { ...stream('tracing'), checkIn: { ...stream('tracing').checkIn!, confidence: { week: 1, program: 1 } } }
    expect(riskOf(sure).risk).toBe('HIGH')
    expect(riskOf({ ...stream('memory'), health: 'UNKNOWN' }).risk).toBe('HIGH')
    expect(riskOf({ ...stream('memory'), ready: false }).risk).toBe('MEDIUM')
  })
})

test('no hostile name makes a line, a column or a tag', () => {
  const output = renderMarkdown(CASES['hostile']!).output
  const shape = (text: string): readonly string[] =>
    text.split('\n').map((line) => /^(?:#+ |\|| *- \[.\] | *- |\d+\. |\*\*)?/.exec(line)?.[0] ?? '')
  expect(shape(output)).toEqual(shape(renderMarkdown(noGo).output))
  const cells = (text: string): readonly number[] =>
    text
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map((line) => line.split('|').length)
  expect(cells(output)).toEqual(cells(renderMarkdown(noGo).output))
  expect(output.replaceAll('<br>', '')).not.toMatch(/[<>]/)
})
