import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KINDS } from '#collect/registry.ts'
import { findAmount } from '#core/plan/read/amount.ts'
import { blocksOf } from '#core/plan/read/blocks.ts'
import { readDocuments } from '#core/plan/read/read.ts'
import { plain, repairText } from '#core/plan/read/text.ts'
import { findTime } from '#core/plan/read/time.ts'
import { writeProgram } from '#core/plan/write.ts'
import { loadProgram } from '#core/program/load.ts'

const read = (text: string, options = {}) => readDocuments([{ file: 'plan.md', text }], options)
const write = (text: string) =>
  writeProgram(read(text, { anchor: '2026-03-02', year: 2026 }).plan, {
    kinds: KINDS,
    day: '2026-04-06',
    zone: 'UTC',
    documents: ['plan.md'],
  })

describe('amounts', () => {
  test.each([
    ['PSI reader (150/400 LOC)', 'lines', 150, 150, 400, undefined],
    ['8/15 unit tests passing', 'tests', 8, 8, 15, undefined],
    ['Crash tests 0/30', 'tests', 0, 0, 30, undefined],
    ['16/15 tests', 'tests', 16, 16, 15, undefined],
    ['under <2% CPU', 'ratio', 0.02, 0.02, undefined, { op: 'below', value: 0.02 }],
    ['coverage >= 80%', 'ratio', 0.8, 0.8, undefined, { op: 'atLeast', value: 0.8 }],
    ['5-15% reduction', 'ratio', 0.05, 0.15, undefined, { op: 'between', low: 0.05, high: 0.15 }],
    ['tests 50%+ written', 'ratio', 0.5, 0.5, undefined, { op: 'atLeast', value: 0.5 }],
    ['p95 < 50ms', 'seconds', 0.05, 0.05, undefined, { op: 'below', value: 0.05 }],
    ['mindestens 40 % geschrieben', 'ratio', 0.4, 0.4, undefined, { op: 'atLeast', value: 0.4 }],
    ['15+ tests', 'tests', 15, 15, undefined, { op: 'atLeast', value: 15 }],
    ['~350 LOC', 'lines', 350, 350, undefined, undefined],
    ['3.8-4.2x faster', 'count', 3.8, 4.2, undefined, { op: 'between', low: 3.8, high: 4.2 }],
    ['14 points', 'count', 14, 14, undefined, undefined],
    ['代码至少 50%', 'ratio', 0.5, 0.5, undefined, { op: 'atLeast', value: 0.5 }],
  ])('%s', (text, unit, low, high, whole, comparison) => {
    const found = findAmount(text)
    expect([found?.amount.unit, found?.amount.low, found?.amount.high, found?.amount.whole, found?.comparison]).toEqual([
      unit,
      low,
      high,
      whole,
      comparison,
    ])
  })

  test.each(['the founder 5 of us', 'from 2024-2026', 'see section 3', 'at 9:45', 'state.rs'])('none in "%s"', (text) => {
    expect(findAmount(text)).toBeUndefined()
  })
})

describe('times', () => {
  test.each([
    ['Wednesday EOD (Feb 26, 2026)', { weekday: 'wednesday', endOfDay: true, month: 2, day: 26, year: 2026 }],
    ['2026-05-12 15:00', { year: 2026, month: 5, day: 12, time: '15:00' }],
    ['12 May 2026', { day: 12, month: 5, year: 2026 }],
    ['Mittwoch, 4. März 2026, 14 Uhr', { weekday: 'wednesday', day: 4, month: 3, year: 2026, time: '14:00' }],
    ['10 de marzo de 2026, 16:00', { day: 10, month: 3, year: 2026, time: '16:00' }],
    ['2026年3月11日 15:00', { year: 2026, month: 3, day: 11, time: '15:00' }],
    ['Mar 30: cut-over', { month: 3, day: 30 }],
    ['3:30 PM', { time: '15:30' }],
    ['12:15 am', { time: '00:15' }],
    ['Day 1-2', { dayNumber: 2 }],
    ['Hour 8', { hourNumber: 8 }],
    ['T-7 days', { fromLaunch: -7 }],
    ['Week 2', { week: 2 }],
  ])('%s', (text, parts) => {
    expect(findTime(text)).toMatchObject(parts)
  })

  test.each([
    ['### Day 3 - Sync point', '2026-03-04', undefined],
    ['### Week 2 Friday - Checkpoint', '2026-03-13', undefined],
    ['### T-7 days - Freeze', '2026-02-23', undefined],
    ['### Hour 8 - Checkpoint', '2026-03-02', '17:00'],
  ])('%s counts from the anchor', (heading, date, time) => {
    const { plan, needsAnchor } = read(`# Plan\n\n${heading}\n- [ ] Code written\n`, { anchor: '2026-03-02' })
    expect([plan.checkpoints[0]?.when?.date, plan.checkpoints[0]?.when?.time]).toEqual([date, time])
    expect(needsAnchor).toEqual([])
    expect(read(`# Plan\n\n${heading}\n- [ ] Code written\n`).needsAnchor).toHaveLength(1)
  })

  test('a day that the calendar does not have keeps the words and loads', () => {
    const written = write('# Plan\n\n## Review gate - Feb 30, 2026\n- [ ] Code written\n')
    expect(written.text).toContain('The plan says: Feb 30, 2026')
    expect(written.notices.map((one) => one.value).join()).toContain('Feb 30, 2026')
  })
})

describe('text', () => {
  test('that was misread is put right, and that was not is left', () => {
    expect(repairText('â”œâ”€ YES â†’ go ðŸ“Š Ã¼ber').text).toBe('├─ YES → go 📊 über')
    for (const text of ['über Ä–Ö', 'Â', 'señal – “x”', '├─ YES → 📊']) expect(repairText(text)).toEqual({ text, count: 0, line: 0 })
  })

  test('misread as Windows-1252 comes back, whatever it said', () => {
    const decoder = new TextDecoder('windows-1252')
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (words) => {
        // Something that no language writes, so that the damage is certain.
        const text = `${words}\n→ ├─`
        expect(repairText(decoder.decode(new TextEncoder().encode(text))).text).toBe(text)
      }),
    )
  })

  test('loses its marks and keeps what is escaped', () => {
    expect(plain('**Lead:** `@x` [the page](http://x.example) a\\*b snake_case _em_ \\`c\\`')).toBe(
      'Lead: @x the page a*b snake_case em `c`',
    )
  })
})

test('blocks name the line on which they stand', () => {
  const text = 'Title\n=====\n\n- [x] done\n  * nested\n\n| a | b |\n|---|---|\n| 1 | 2 \\| 3 |\n\n~~~sh\nls\n~~~\nlast'
  expect([...blocksOf(text)].filter((one) => one.kind !== 'blank').map((one) => [one.kind, one.line])).toEqual([
    ['heading', 1],
    ['item', 4],
    ['item', 5],
    ['table', 7],
    ['row', 9],
    ['fence', 11],
    ['text', 14],
  ])
})

describe('any text', () => {
  const words = fc.constantFrom(
    '# ',
    '## ',
    '### Stream A: ',
    '## Agent 2 (@x)',
    '**Lead:** @y',
    'Depends on: Stream B',
    'Stream B (X):',
    '- [ ] ',
    '- [x] 5/10 tests',
    '| Stream | Owner |',
    '|---|---|',
    '| A | @z |',
    '```',
    '```yaml muster\nsources: 3\n```',
    '~~~',
    '├─ YES → go',
    '└─ NO → stop',
    'Options:',
    'A) first',
    '→ Pros: a, b',
    '### If a stream is behind:',
    'Feb 30, 2026',
    '### Fri, Feb 27, 2026 - Checkpoint',
    '**Duration:** 0 min',
    'Agenda (5 min each):',
    '>90%',
    '-5%',
    '1e400',
    '0/0',
    '170%',
    '\u0000',
    '\ud800',
    '\u202e',
    '---',
    '***',
    '\\',
    '"',
    "'",
    ': ',
    '#',
    '{{',
    '}}',
    '&a',
    '*b',
    '!!js',
    '|',
    '>',
    '%',
    '@',
    '`',
    'Sign-off: Architect (9)',
    '| Scenario | Owner | Escalate to |',
    '| x | @a | @a |',
    '## Week 2',
    '## Daily syncs',
    '### Thursday (9:45 AM)',
    '**Branch:** --upload-pack=x',
    '**Files:** ../../etc',
    'Escalate to: @q',
    'Time zone: Mars/Olympus',
    '**Id:** constructor',
    'Program: __proto__',
  )
  const document = fc
    .array(
      fc.oneof(
        { weight: 5, arbitrary: words },
        { weight: 2, arbitrary: fc.constant('\n') },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
      ),
      { maxLength: 60 },
    )
    .map((parts) => parts.join(''))
  const lines = fc.array(fc.oneof(words, fc.string({ maxLength: 40 })), { maxLength: 60 }).map((parts) => parts.join('\n'))

  test.each([
    ['in pieces', document],
    ['in lines', lines],
  ])('is imported, every line of it, and makes a program that loads: %s', (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, (text) => {
        const { plan, lines: count } = read(text, { anchor: '2026-03-02', year: 2026 })
        expect(count.left).toBe(plan.unplaced.length)
        expect(count.used).toBeGreaterThanOrEqual(0)
        const written = writeProgram(plan, { kinds: KINDS, day: '2026-04-06', zone: 'UTC', documents: ['plan.md'] })
        expect(written.notices.filter((one) => one.value.includes('please report'))).toEqual([])
        expect(
          loadProgram('muster.yaml', new TextEncoder().encode(written.text), KINDS).problems.filter((one) => one.severity === 'error'),
        ).toEqual([])
      }),
      { numRuns: 400 },
    )
  })
})
