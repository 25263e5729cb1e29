import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { headingKey, headingsOf } from './headings.ts'

const sample = readFileSync(new URL('fixtures/sample.md', import.meta.url), 'utf8')

test('headings, and which of them have text under them', () => {
  expect(headingsOf(sample).map(({ text, level, filled }) => `${level} ${text}: ${filled ? 'text' : 'nothing'}`)).toEqual([
    '1 Reader: text',
    '2 Usage: text',
    '2 Only code: text',
    '2 To do: nothing',
    '2 Bold and linked code: text',
    '2 Commented: nothing',
    '2 Parent: text',
    '3 Child: text',
    '2 Empty parent: nothing',
    '3 Empty child: nothing',
    '2 Rule: nothing',
    '2 Twice: nothing',
    '2 Twice: text',
    '1 Setext one: text',
    '2 Setext two: text',
    '2 Definitions only: nothing',
    '2 Last: nothing',
  ])
})

test('lines are those of the file', () => {
  const lines = sample.split('\n')
  for (const { text, line } of headingsOf(sample)) expect(lines[line - 1]).toContain(text.split(' ')[0])
})

test.each([
  'TODO',
  'tbd',
  '_To be written_',
  '...',
  'Coming soon!',
  '<!-- later -->',
  '---',
  '<a id="x"></a>',
  '[a]: https://example.org',
  '&nbsp;',
  '&#8203; &#x200B;',
  '\u200b\u2060\ufeff',
  '\u3164'.repeat(400),
])('%s alone is no text', (text) => {
  expect(headingsOf(`# A\n\n${text}\n`)[0]?.filled).toBe(false)
})

test.each(['Todo lists are kept in files.', '- item', '| a |', '    code', '![image](a.png)', '> quote', '42'])('%s is text', (text) => {
  expect(headingsOf(`# A\n\n${text}\n`)[0]?.filled).toBe(true)
})

test('headings compare without case, markup and spacing', () => {
  expect(headingKey(' **Getting**   `started` ')).toBe(headingKey('getting Started'))
})

test('what ends in CRLF is read like what ends in LF', () => {
  expect(headingsOf(sample.replaceAll('\n', '\r\n'))).toEqual(headingsOf(sample))
})

test('a parent is filled exactly when something between it and its equal is text', () => {
  const line = fc.constantFrom('# A', '## B', '### C', '', 'text', '<!-- no -->')
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      for (const { level, line: at, filled } of headingsOf(lines.join('\n'))) {
        const rest = lines.slice(at)
        const end = rest.findIndex((each) => /^#+ /.test(each) && each.indexOf(' ') <= level)
        expect(filled).toBe((end < 0 ? rest : rest.slice(0, end)).includes('text'))
      }
    }),
  )
})

test('much of headings, fences or half comments is read in linear time', () => {
  for (const piece of ['#\n', '# a\n', '```\n', '<!--', '-->\n', '- - - - x', '[', '[](', '#'.repeat(50), 'a\n=\n', '_'.repeat(299) + '\n'])
    expect(headingsOf(`# A\n${piece.repeat(400_000 / piece.length)}`).length).toBeGreaterThan(0)
})
