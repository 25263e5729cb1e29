import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { scannerFor } from './languages.ts'

const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')

function scan(name: string, text = fixture(name)): { readonly documented: readonly string[]; readonly bare: readonly string[] } {
  const symbols = scannerFor(name)?.(text) ?? []
  const named = (documented: boolean): readonly string[] =>
    symbols.filter((symbol) => symbol.documented === documented).map((symbol) => symbol.name)
  return { documented: named(true), bare: named(false) }
}

test('TypeScript', () => {
  expect(scan('sample.ts')).toEqual({
    documented: ['documented', 'withLineBetween', 'Decorated', 'overloaded', 'listed', 'Shape', 'sameLine', 'default'],
    bare: ['lineComment', 'blockComment', 'onlyTags', 'Bare', 'listedBare', 'Alias', 'Colour', '{ first, second }', 'Abstract', 'generate'],
  })
})

test('Python', () => {
  expect(scan('sample.py')).toEqual({
    documented: ['documented', 'one_line', 'later', 'Documented', 'many'],
    bare: ['bare', 'formatted', 'empty', 'Bare'],
  })
  expect(scan('listed.py')).toEqual({ documented: ['first', '_third'], bare: ['second'] })
})

test('Go', () => {
  expect(scan('sample.go')).toEqual({
    documented: ['Documented', 'Described', 'Block', 'Reader', 'Reader.Read', 'One', 'Red', 'Green', 'Trailing', 'Second'],
    bare: ['Bare', 'Gap', 'Directive', 'Reader.Bare', 'List.Push', 'Two', 'Plain', 'Ünicode', 'A', 'B'],
  })
})

test('Rust', () => {
  expect(scan('sample.rs')).toEqual({
    documented: ['documented', 'Block', 'Attributes', 'ByAttribute', 'here', 'method', 'shout!'],
    bare: ['bare', 'ORDINARY', 'FOUR', 'Stars', 'hidden_doc', 'inside', 'later', 'Type'],
  })
})

test('lines are those of the file', () => {
  const lines = fixture('sample.ts').split('\n')
  for (const { name, line } of scannerFor('a.ts')?.(fixture('sample.ts')) ?? []) expect(lines[line - 1]).toContain(name)
})

test('every ending that is known, and no other', () => {
  for (const path of ['a.ts', 'b/c.tsx', 'a.mjs', 'a.d.ts', 'x.py', 'x.go', 'x.rs']) expect(scannerFor(path)).toBeDefined()
  for (const path of ['README.md', 'a.java', 'ts', 'a.constructor', 'a.TS']) expect(scannerFor(path)).toBeUndefined()
})

test.each(['a.ts', 'a.py', 'a.go', 'a.rs'])('a doc comment more never makes fewer documented: %s', (path) => {
  const [plain, described] = {
    'a.ts': ['export function f() {}\n', '/** Says it. */\nexport function f() {}\n'],
    'a.py': ['def f():\n    pass\n', 'def f():\n    """Says it."""\n'],
    'a.go': ['func F() {}\n', '// F says it.\nfunc F() {}\n'],
    'a.rs': ['pub fn f() {}\n', '/// Says it.\npub fn f() {}\n'],
  }[path] as [string, string]
  const name = path === 'a.go' ? 'F' : 'f'
  // Whatever stands in a file of whole, unrelated lines before it, the symbol is found and judged by its own comment.
  const noise = fc
    .array(fc.constantFrom('x = 1\n', '\n', '  y\n', 'z("a")\n', 'a + b / c\n'), { maxLength: 8 })
    .map((lines) => `${lines.join('')}\n`)
  fc.assert(
    fc.property(noise, noise, (before, after) => {
      expect(scan(path, before + plain + after)).toEqual({ documented: [], bare: [name] })
      expect(scan(path, before + described + after)).toEqual({ documented: [name], bare: [] })
    }),
  )
})

test.each(['a.ts', 'a.py', 'a.go', 'a.rs'])('any text at all is read to its end: %s', (path) => {
  const piece = fc.constantFrom(
    '"',
    "'",
    '`',
    '${',
    '}',
    '/',
    '/*',
    '*/',
    '//',
    '#',
    '\\',
    '\n',
    '"""',
    'export ',
    'def f(',
    'func F(',
    'pub fn f',
    'r#"',
    '@a\n',
    ' ',
    'x',
    '[',
    ':',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 80 }), (pieces) => {
      expect(scannerFor(path)?.(pieces.join(''))).toBeInstanceOf(Array)
    }),
  )
})

test('much of what is costly for such scanners is read in linear time', () => {
  const pieces = [
    'export {a}\n',
    ' export const a\n',
    '@a\n',
    '`${',
    '(/[',
    'def a(\n',
    '__all__=[\n',
    '//go:x\n',
    '// x\n',
    '#[\n',
    '/*\n',
    'func (  ',
    'pub const ',
    '"\\',
    'export default\n',
    '{',
    'const (\nA\n',
    "r#'",
    ' '.repeat(100),
  ]
  for (const path of ['a.ts', 'a.py', 'a.go', 'a.rs']) {
    for (const piece of pieces) expect(scannerFor(path)?.(piece.repeat(200_000 / piece.length))).toBeDefined()
  }
})
