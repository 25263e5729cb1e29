import fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { CASES } from '#render/fixtures/index.ts'
import { renderExplain } from '#render/text/explain.ts'
import { renderText } from '#render/text/index.ts'
import { painter } from '#render/text/paint.ts'
import { table } from '#render/text/table.ts'
import { truncate, wrap } from '#render/text/wrap.ts'
import { STATUS_SIGNS } from '#render/words.ts'

const ANSI = new RegExp(String.raw`\u001b\[\d+m`, 'g')
const plain = painter(false)
const cell = fc.oneof(
  fc
    .array(
      fc.constantFrom('長い名前', '👩‍👩‍👧', '🇪🇺', 'é', 'שלום', 'تخزين', ' ', 'a', 'word', '\u001b[31m', '\u202e', '\r\n', 'ﾊﾟ', '각', '👍🏽'),
      { maxLength: 14 },
    )
    .map((pieces) => pieces.join('')),
  fc.string({ unit: 'grapheme' }),
)

describe('table', () => {
  test('every line has the same display width, whatever the cells hold', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 30, max: 120 }),
        (rows, width) => {
          const columns = [
            { header: 'Name', fit: 'cut', least: 6 },
            { header: 'Number', align: 'right', fit: 'cut', least: 6 },
            { header: 'Text', fit: 'wrap', least: 6 },
          ] as const
          const lines = table(
            columns,
            rows.map((row) => row.map((text) => ({ text }))),
            width,
            plain,
          )
          const widths = new Set(lines.map((line) => stringWidth(line)))
          expect(widths.size).toBe(1)
          expect(Math.max(...widths)).toBeLessThanOrEqual(width)
        },
      ),
    )
  })

  test('colour changes no width', () => {
    const rows = [[{ text: '長い', ink: 'bad' as const }, { text: 'x' }]]
    const columns = [{ header: 'A' }, { header: 'B' }]
    expect(table(columns, rows, 80, painter(true)).map((line) => line.replace(ANSI, ''))).toEqual(table(columns, rows, 80, plain))
  })
})

describe('wrapping', () => {
  test('keeps every word, in order, within the columns', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,40}$/), { minLength: 1 }), fc.integer({ min: 4, max: 60 }), (words, columns) => {
        const lines = wrap(words.join(' '), columns)
        expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(columns)
        expect(lines.join('').replaceAll(' ', '')).toBe(words.join(''))
      }),
    )
  })

  test('cuts between what a reader sees as characters', () => {
    expect(truncate('長長長', 4)).toBe('長…')
    expect(truncate('a👩‍👩‍👧b', 3)).toBe('a…')
  })
})

describe.each(Object.entries(CASES))('the report of %s', (_name, report) => {
  test.each([60, 80, 100, 120])('keeps within %i columns', (width) => {
    const lines = [
      renderText(report, { width }).output,
      ...report.criteria.map(({ id }) => renderExplain(report, { criterion: id }, { width })?.output ?? ''),
    ]
      .join('')
      .split('\n')
    // The table of streams does not cut numbers, so below 80 columns it may stand out.
    if (width >= 80) expect(lines.filter((line) => stringWidth(line) > width)).toEqual([])
    expect(lines.every((line) => line === line.trimEnd())).toBe(true)
  })

  test('the line of each stream has its head under the heading', () => {
    const lines = renderText(report).output.split('\n')
    const at = lines.findIndex((line) => line.includes('Health') && line.includes('Ready'))
    const columnOf = (line: string, word: string): number => stringWidth(line.slice(0, line.indexOf(word)))
    for (const [index, stream] of report.streams.entries()) {
      const line = lines[at + 1 + index] ?? ''
      expect(columnOf(line, stream.health)).toBe(columnOf(lines[at] ?? '', 'Health'))
      expect(columnOf(line, stream.ready ? '✓ yes' : '✗ no')).toBe(columnOf(lines[at] ?? '', 'Ready'))
    }
  })

  test('colour adds nothing but colour', () => {
    const colored = renderText(report, { color: true }).output
    expect(colored.replace(ANSI, '')).toBe(renderText(report).output)
    expect(colored).not.toBe(renderText(report).output)
  })

  test('an explanation leads to the evidence', () => {
    for (const criterion of report.criteria) {
      const output = renderExplain(report, { criterion: criterion.id, subject: criterion.subject })?.output ?? ''
      for (const fact of criterion.evidence) {
        expect(output).toContain(fact.metric)
        if (fact.commit !== undefined) expect(output).toContain(`commit ${fact.commit.slice(0, 7)}`)
        if (fact.sha256 !== undefined) expect(output.replaceAll(/[\s│]+/g, ' ')).toContain(`sha256 ${fact.sha256.slice(0, 12)}`)
      }
      expect(output.startsWith(STATUS_SIGNS[criterion.status].shape)).toBe(true)
    }
  })
})

test('a criterion that the report does not have is not explained', () => {
  const report = Object.values(CASES)[0]
  expect(report && renderExplain(report, { criterion: 'no-such' })).toBeUndefined()
})

test('what keeps the verdict from GO stands before what does not', () => {
  const output = renderText(CASES['no-go']!).output
  const order = [
    'Critical, unsatisfied',
    'Supporting, stale',
    'Supporting, waived, does not decide',
    'Advisory, unsatisfied, does not decide',
    'Next, and who',
    'Blockers',
  ].map((title) => output.indexOf(`\n${title}`))
  expect(order).toEqual([...order].sort((a, b) => a - b))
  expect(order).not.toContain(-1)
})
