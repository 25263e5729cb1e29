import { isAscii } from 'node:buffer'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LANGUAGES } from '#collect/source-code/languages.ts'
import { countLines, scanLines } from '#collect/scan/line-scan.ts'
import { scanLines as referenceLines } from './line-reference.ts'

/**
 * `line-reference.ts` looks for the next place of any rule with one regular expression. It is slow
 * and plain, and says for any text what the scanner has to say.
 */
const folder = join(import.meta.dirname, '../../src/collect/scan/fixtures/lines')
const fixtures = readdirSync(folder)
  .filter((name) => name !== 'cloc.json')
  .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))

const runs = Number(process.env['MUSTER_FUZZ'] ?? 1)

function compare(path: string, text: string): void {
  const [found, expected] = [scanLines(path, text), referenceLines(path, text)]
  expect(found).toEqual(expected)
  if (found === undefined) return
  const of = (wanted: string): number => found.lines.filter((line) => line === wanted).length
  const counts = { code: of('code'), comment: of('comment'), blank: of('blank') }
  expect(countLines(found.language, text)).toEqual(counts)
  if (isAscii(Buffer.from(text))) expect(countLines(found.language, lyingAnywhere(text))).toEqual(counts)
}

/** Not at the beginning of its memory, and in the midst of other text. */
function lyingAnywhere(text: string): Buffer {
  const from = 1 + (text.length % 8)
  const memory = Buffer.from(new SharedArrayBuffer(from + text.length + 100))
  memory.fill('"/*')
  memory.write(text, from, 'latin1')
  return memory.subarray(from, from + text.length)
}

test('every fixture, with LF and with CRLF', () => {
  for (const { name, text } of fixtures) {
    compare(name, text)
    compare(name, text.replaceAll('\n', '\r\n'))
  }
})

const openers = [
  ...new Set(
    LANGUAGES.flatMap(({ syntax }) => [
      ...(syntax.line ?? []),
      ...(syntax.lineFirst ?? []),
      ...(syntax.block ?? []).flat(),
      ...(syntax.column ?? []).flat(),
      ...(syntax.strings ?? []).flatMap(({ open, close }) => [open, close]),
      ...(syntax.docstrings ?? []),
    ]).map((source) => source.replaceAll(/\\(.)/g, '$1')),
  ),
]
const pieces = [
  ...openers,
  '\n',
  '\n',
  '\n',
  ' ',
  '\t',
  '\r',
  '\\',
  '\\\n',
  '{',
  '}',
  '${',
  '`',
  '/',
  '=',
  '(',
  '[',
  ']',
  'a',
  'r',
  'R"(',
  ')"',
  'r#"',
  '"#',
  'b"""',
  'rem ',
  'é',
  '\u00a0',
  '\u3000',
  '\u{1f600}',
  '@doc """',
  '#[=[',
  ']=]',
  '--[[',
  '[[',
  '[=[',
  "'a'",
  "'é'",
  "'\\''",
  '?"',
  '__END__',
  '=cut',
  '#\\"',
  '$@"',
  'return /"/',
]
const path = fc.constantFrom(
  ...LANGUAGES.flatMap(({ extensions, names = [] }) => [...extensions.slice(0, 1).map((one) => `x.${one}`), ...names]),
)

test('any pieces in any language', () => {
  fc.assert(
    fc.property(path, fc.array(fc.constantFrom(...pieces), { maxLength: 50 }), (name, parts) => compare(name, parts.join(''))),
    { numRuns: 6_000 * runs },
  )
})

test('fixtures cut, joined and read as another language', () => {
  const slice = fc
    .tuple(fc.constantFrom(...fixtures), fc.nat(600), fc.nat(400))
    .map(([{ text }, from, length]) => text.slice(from, from + length))
  fc.assert(
    fc.property(path, fc.array(slice, { minLength: 1, maxLength: 4 }), (name, parts) => compare(name, parts.join(''))),
    { numRuns: 1_500 * runs },
  )
})

test('a text larger than the memory, and the next one', () => {
  const line = 'const a = "/* b"; // c\n'
  const { language } = scanLines('x.ts', '') ?? {}
  if (language === undefined) throw new Error('no language')
  const large = Buffer.from(`${line.repeat(500_000)}/*\n`)
  expect(countLines(language, large)).toEqual({ code: 500_000, comment: 1, blank: 0 })
  expect(scanLines('x.py', Buffer.from(`${'# a\n'.repeat(3_000_000)}b`))?.lines.filter((one) => one === 'comment')).toHaveLength(3_000_000)
  expect(scanLines('x.py', Buffer.from('"""a\n'))?.lines).toEqual(['comment'])
})
