import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matcher } from '#core/evidence/glob.ts'
import { globIndex } from '#core/evidence/glob-index.ts'
import { parseCodeowners } from '#core/merge/codeowners.ts'

describe('a file of GitHub', () => {
  test.each([
    ['*', 'a/b.ts', true],
    ['*.ts', 'a/b.ts', true],
    ['/*.ts', 'a/b.ts', false],
    ['src/', 'src/a/b.ts', true],
    ['src/', 'lib/src/b.ts', true],
    ['/src/', 'lib/src/b.ts', false],
    ['src/cache', 'src/cache/a.ts', true],
    ['src/cache', 'lib/src/cache/a.ts', false],
    ['docs/*', 'docs/a.md', true],
    ['docs/*', 'docs/a/b.md', false],
    ['docs/**', 'docs/a/b.md', true],
    ['**/logs', 'deploy/logs/x', true],
    ['a\\ b/', 'a b/c', true],
    ['\\#notes', '#notes', true],
    ['c#/', 'c#/main.cs', true],
    ['{a,b}.ts', 'a.ts', false],
    ['{a,b}.ts', '{a,b}.ts', true],
    ['!a.ts', 'a.ts', false],
  ])('%s and %s: %s', (pattern, path, owned) => {
    expect(parseCodeowners(`${pattern} @a`).of(path)).toEqual(owned ? ['@a'] : [])
  })

  test('the last rule that matches holds, and one without owners gives the path to nobody', () => {
    const owners = parseCodeowners(
      '\ufeff# @comment\r\n* @a\r\n/src/ @b @org/team x@example.org not-an-owner @ a@b@c # @nobody\r\n/src/free/ #@c\r\n',
    )
    expect(owners.all).toEqual(['@a', '@b', '@org/team', 'x@example.org'])
    expect(owners.of('readme.md')).toEqual(['@a'])
    expect(owners.of('src/x')).toEqual(['@b', '@org/team', 'x@example.org'])
    expect(owners.of('src/free/x')).toEqual([])
  })
})

describe('a file of GitLab', () => {
  test('each section has its own last rule, named twice it goes on, and its owners stand in for those of a rule', () => {
    const owners = parseCodeowners(
      [
        '* @@maintainer',
        '[Docs][2] @writers # who write',
        '*.md',
        '/docs/ @docs-lead',
        '^[Code] @dev',
        '/src/',
        '!/src/generated/',
        '[docs]',
        'readme.md',
      ].join('\n'),
    )
    expect(owners.of('x/y.md')).toEqual(['@writers', '@@maintainer'])
    expect(owners.of('docs/a.md')).toEqual(['@docs-lead', '@@maintainer'])
    expect(owners.of('src/a.ts')).toEqual(['@dev', '@@maintainer'])
    expect(owners.of('src/generated/a.ts')).toEqual(['@@maintainer'])
    expect(owners.of('readme.md')).toEqual(['@@maintainer'])
  })

  test.each([
    ['internal/readme.md', 'a/internal/readme.md', true],
    ['/docs', 'docs/a.md', false],
    ['/docs/', 'docs/a/b.md', true],
    ['docs/', 'a/docs/b.md', true],
    ['\\#file', 'a/#file', true],
    ['*', 'a/b', true],
  ])('%s and %s: %s', (pattern, path, owned) => {
    expect(parseCodeowners(`${pattern} @a`, '.gitlab/CODEOWNERS').of(path)).toEqual(owned ? ['@a'] : [])
  })
})

test('a file made to keep its reader busy is read', () => {
  const long = `a@${'a.'.repeat(200_000)}@`
  const rules = Array.from({ length: 20_000 }, (_, index) => `/packages/p${index}/**/*a*a*a*b @p${index}`)
  const owners = parseCodeowners([`* ${long}`, `[${'['.repeat(100_000)}`, '\\'.repeat(100_000), ...rules, '*a @a'].join('\n'))
  const paths = Array.from({ length: 2000 }, (_, index) => `packages/p${index}/src/${'a'.repeat(200)}b`)
  expect(paths.map((path) => owners.of(path)[0])).toEqual(paths.map((_, index) => `@p${index}`))
})

test('an index of globs finds what trying each glob finds, in their order', () => {
  const name = fc.constantFrom('a', 'b', 'ab', '.c')
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'))
  const part = fc.oneof({ weight: 2, arbitrary: name }, fc.constantFrom('*', '**', '?', '[ab]', '{a,b}', '\\a', ''))
  const glob = fc
    .tuple(fc.constantFrom('', './'), fc.array(part, { minLength: 1, maxLength: 4 }))
    .map(([lead, parts]) => lead + parts.join('/'))
    .filter((text) => text !== '' && !text.startsWith('/'))
  const rules = fc.array(fc.array(glob, { maxLength: 3 }), { maxLength: 6 })
  fc.assert(
    fc.property(rules, path, (all, candidate) => {
      const index = globIndex(all.map((globs, value) => ({ globs, value })))
      expect(index(candidate)).toEqual(all.flatMap((globs, value) => (matcher(globs)(candidate) ? [value] : [])))
    }),
    { numRuns: 2000 },
  )
})
