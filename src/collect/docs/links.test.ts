import { expect, test } from 'vitest'
import { anchorsOf } from './anchors.ts'
import { linksOf } from './links.ts'

const targets = (markdown: string): readonly (string | undefined)[] => linksOf(markdown).links.map(({ target }) => target)

test.each([
  ['[a](b.md)', ['b.md']],
  ['![a](b.png "title")', ['b.png']],
  ['[![a](b.png)](c.md)', ['b.png', 'c.md']],
  ["[a]( <b c.md> 'title' )", ['b c.md']],
  ['[a](b_(c).md) [d](\\(e)', ['b_(c).md', '(e']],
  ['[a](b&amp;c.md)', ['b&c.md']],
  ['[a](b c.md)', []],
  ['[a](b.md', []],
  ['[a]\n(b.md)', []],
  ['[a](\n  b.md\n)', ['b.md']],
  ['[a]()', ['']],
  ['\\[a](b.md)', []],
  ['`[a](b.md)` and ``[a](`b.md)`` and [c](d.md)', ['d.md']],
  ['`[a](b.md)\n\n[c](d.md)`', ['b.md', 'd.md']],
  ['```\n[a](b.md)\n```\n[c](d.md)', ['d.md']],
  ['- x\n  ~~~~\n  ~~~\n  [a](b.md)\n  ~~~~\n  [c](d.md)', ['d.md']],
  ['text\n\n    [a](b.md)\n', []],
  ['- text\n\n    [a](b.md)\n', ['b.md']],
  ['<!-- [a](b.md) --> [c](d.md) <!-- [e](f.md)', ['d.md']],
  ['---\nurl: [a](b.md)\n---\n[c](d.md)', ['d.md']],
  ['[a][b] [b] [b][]\n\n[b]: c.md', ['c.md']],
  ['[a][B  c]\n\n> [b\tC]: <d e.md> "title"', ['d e.md']],
  ['[a][missing]', [undefined]],
  ['[ ] [x] [a] list[1][2] note[^1]\n\n[^1]: words', []],
  ['<a\n href="b.md">x</a> <img alt=">" src=\'c.png\'> <a name="d">', ['b.md', 'c.png']],
  ['<https://example.org/> <lead-a@example.org> <br> a < b', ['https://example.org/', 'mailto:lead-a@example.org']],
])('links of %j', (markdown, expected) => {
  expect(targets(markdown)).toEqual(expected)
})

test('lines are those of the file, also after links over several lines', () => {
  const text = '---\na: b\n---\n\n[a](\nb.md) [c](d.md)\r\n\r\n`x\ny` [e](f.md)\n<img\nsrc="g.png"> [h](i.md)\n'
  expect(linksOf(text).links.map(({ target, line }) => [target, line])).toEqual([
    ['b.md', 5],
    ['d.md', 6],
    ['f.md', 9],
    ['g.png', 10],
    ['i.md', 11],
  ])
})

test('code within a link is the text of the heading', () => {
  expect([...anchorsOf('# [`Options`](https://example.org/a_b#L1)\n# `a_b` _c_ `[d](e)`\n')]).toEqual(['options', 'a_b-c-de'])
})

test('anchors are those of GitHub', () => {
  const text = [
    '# Hello, World!',
    '## Hello world',
    '## hello world',
    '## `snake_case` and _emphasis_, __init__',
    '## [Link](a.md) & ![image](b.png) x',
    '## Ünïcode – 日本語 C++/C#',
    '## 1.2.3 a--b <-> c',
    'Underlined',
    '---',
    '<a id="own"></a> <h2 align="center">In HTML</h2>',
    '```\n# not this\n```',
  ].join('\n')
  expect([...anchorsOf(text)]).toEqual([
    'hello-world',
    'hello-world-1',
    'hello-world-2',
    'snake_case-and-emphasis-init',
    'link---x',
    'ünïcode--日本語-cc',
    '123-a--b---c',
    'underlined',
    'in-html',
    'own',
  ])
})

test('much of anything is read in linear time', () => {
  const pieces = [
    '[',
    ']',
    '[a](',
    '](',
    '](a "',
    '](a (',
    '](a\n',
    '[a](b.md)',
    '[a][',
    '[a]: ',
    '[a]: b\n',
    '![',
    '`',
    '``` ',
    '<',
    '<a ',
    '<a b="',
    '<!--',
    '&amp;',
    '\\',
    '> ',
    '- ',
    '[\n',
    '(',
    '# a\n',
    '<h1>',
    '<h1 ',
    '_a',
  ]
  for (const piece of pieces) {
    const text = piece.repeat(Math.ceil(400_000 / piece.length))
    expect(linksOf(`[z](z.md)\n\n${text}`).links[0]).toEqual({ target: 'z.md', shown: 'z.md', line: 1 })
    expect(anchorsOf(`# z\n\n${text}`).has('z')).toBe(true)
  }
  const ticks = Array.from({ length: 1_400 }, (_, length) => `${'`'.repeat(length)} `).join('')
  expect(targets(`${ticks}[a](b.md)`)).toEqual(['b.md'])
  expect(targets('[a](b.md)\n'.repeat(100_000))).toHaveLength(100_000)
})
