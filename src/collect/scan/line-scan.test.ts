import fc from 'fast-check'
import { expect, test } from 'vitest'
import { languageOf } from '#collect/source-code/language-of.ts'
import { scanLines } from '#collect/scan/line-scan.ts'
import { LANGUAGES } from '#collect/source-code/languages.ts'

const classes = (path: string, text: string): readonly string[] => scanLines(path, text)?.lines ?? []

test('a comment sign in a string is code, also over several lines', () => {
  expect(classes('a.ts', 'const a = "//"\nconst b = `\n// text\n`\n// end\n')).toEqual(['code', 'code', 'code', 'code', 'comment'])
  expect(classes('a.rs', 'let a = r#"\n// "text\n"#;\n')).toEqual(['code', 'code', 'code'])
  expect(classes('a.kt', 'val a = """\n/* text\n"""\n/* b */')).toEqual(['code', 'code', 'code', 'comment'])
})

test('long brackets are of any level, also of none', () => {
  for (const level of ['', '=', '==']) {
    expect(classes('a.lua', `a = [${level}[\n-- text\n]${level}]\n-- end\n`)).toEqual(['code', 'code', 'code', 'comment'])
    expect(classes('a.lua', `--[${level}[\ntext\n]${level}]\na = 1\n`)).toEqual(['comment', 'comment', 'comment', 'code'])
  }
})

test('a raw string without a hash ends at its first quote', () => {
  expect(classes('a.rs', 'let a = r"C:\\";\n// "\n')).toEqual(['code', 'comment'])
})

test('templates nest, and what stands in their braces is a program again', () => {
  expect(classes('a.js', 'const a = `${[1].map(n => `${n}//`)}\n// text\n${ // note\n1 /*\nnote */}`\n// note')).toEqual([
    'code',
    'code',
    'code',
    'code',
    'code',
    'comment',
  ])
})

test('block comments nest where the language says so', () => {
  const text = '/* a /* b */\nc */\nx'
  expect(classes('a.swift', text)).toEqual(['comment', 'comment', 'code'])
  expect(classes('a.c', text)).toEqual(['comment', 'code', 'code'])
})

test('white space of any kind is blank', () => {
  expect(classes('a.c', ' \t\n\u00a0\u3000\n\r\n\f\n')).toEqual(['blank', 'blank', 'blank', 'blank'])
})

test('lines are those of git: a lone CR ends none, a last LF opens none', () => {
  expect(classes('a.c', 'a\rb')).toHaveLength(1)
  expect(classes('a.c', 'a\n')).toHaveLength(1)
  expect(classes('a.c', '')).toHaveLength(0)
  expect(classes('a.c', '\ufeff// a\n')).toEqual(['comment'])
})

test.each([
  ['Makefile', '', 'Makefile'],
  ['deep/Dockerfile.web', '', 'Dockerfile'],
  ['CMakeLists.txt', '', 'CMake'],
  ['notes.txt', '', 'Text'],
  ['package-lock.json', '', 'Lock file'],
  ['A.M', '#import <Foundation/Foundation.h>\n', 'Objective-C'],
  ['a.m', 'x = 1; % one\n', 'MATLAB'],
  ['bin/tool', '#!/usr/bin/env -S python3.12 -u\n', 'Python'],
  ['bin/tool', '#!/bin/bash\n', 'Shell'],
  ['.gitignore', 'node_modules\n', undefined],
  ['photo.jpeg', '', undefined],
])('%s is %s', (path, text, name) => {
  expect(languageOf(path, text)?.name).toBe(name)
})

test('no extension and no name belongs to two languages', () => {
  for (const keys of [LANGUAGES.flatMap(({ extensions }) => extensions), LANGUAGES.flatMap(({ names }) => names ?? [])]) {
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([])
  }
})

test('any text in any language gets one class a line, and blank means white space', () => {
  const extensions = LANGUAGES.flatMap(({ extensions }) => extensions.slice(0, 1))
  const piece = fc.constantFrom(
    '/*',
    '*/',
    '//',
    '#',
    '"',
    "'",
    '`',
    '${',
    '{',
    '}',
    '\\',
    '\n',
    '\n',
    ' ',
    'a',
    '--',
    '[[',
    ']]',
    '=begin',
    '"""',
    '{-',
    '-}',
    '<!--',
    '-->',
    'r#"',
  )
  fc.assert(
    fc.property(
      fc.constantFrom(...extensions),
      fc.array(piece, { maxLength: 60 }).map((parts) => parts.join('')),
      (extension, text) => {
        const lines = text.split('\n')
        if (lines.at(-1) === '') lines.pop()
        const found = classes(`x.${extension}`, text)
        expect(found).toHaveLength(lines.length)
        found.forEach((line, index) => expect(line === 'blank').toBe(lines[index]?.trim() === ''))
      },
    ),
    { numRuns: 3000 },
  )
})

/** Each would take hours in a scanner that goes back. */
test('text made to make a scanner go back is answered', () => {
  const openers = [
    '#',
    '-',
    '/',
    '/[',
    '(/',
    '`${',
    '{',
    '"',
    "'",
    '/* ',
    '{- ',
    '[=',
    '--[=',
    '$',
    'R"(',
    '\\',
    '=a\n',
    '@doc ',
    '<!--',
    "r'''",
    ' ',
  ]
  for (const extension of ['js', 'swift', 'hs', 'cs', 'lua', 'cpp', 'py', 'ex', 'pl', 'vue']) {
    for (const opener of openers) expect(classes(`x.${extension}`, opener.repeat(200_000)).length).toBeGreaterThan(0)
  }
})
