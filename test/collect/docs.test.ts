import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RepositoryError, type CollectContext, type Fact, type Repository } from '#core/evidence/collector.ts'
import type { SubjectState } from '#core/evidence/evidence.ts'
import { collector } from '#collect/docs/index.ts'
import { kind, type DocsOptions } from '#collect/docs/kind.ts'
import { createScene, type Files, type Present, type Scene } from './command-repository.ts'
import { OUTSIDE } from './outside.ts'

let scene: Scene
let head: Present

const documents: Files = {
  'README.md': '# Reader\n\nReads.\n\n## Usage\n\n## Limits\n\nTODO\n',
  'docs/empty.md': '\u200b \u2060\n',
  MANUAL: { link: 'docs/guide.md' },
  'docs/guide.md': '# Guide\n\nText.\n',
  'docs/escape.md': { link: '../../../etc/passwd' },
  'src/a.ts': '/** Says it. */\nexport const a = 1\nexport const b = 1\n',
  'src/b.ts': 'export function c() {}\n',
  'src/b.test.ts': 'export const helper = 1\n',
  'src/data.json': '{}',
  'src/nothing.ts': 'const a = 1\n',
  'lib/Main.java': 'class Main {}',
  'lib/linked.ts': { link: '../src/a.ts' },
}

beforeAll(async () => {
  scene = await createScene()
  head = await scene.commit(documents)
})
afterAll(() => scene.close())

interface More {
  readonly state?: SubjectState
  readonly repository?: Repository
  readonly signal?: AbortSignal
}

async function collect(
  options: DocsOptions,
  { state = head, repository = scene.repository, signal = new AbortController().signal }: More = {},
): Promise<Readonly<Record<string, Fact>>> {
  const runner = { run: () => Promise.reject(new Error('documents run nothing')), resultOf: async () => undefined }
  const context: CollectContext = {
    ...OUTSIDE,
    repository,
    target: head,
    streams: [],
    programFolder: scene.folder,
    runner,
    at: '2026-02-25T15:00:00Z',
    signal,
    seed: 1,
  }
  const facts = await collector.collect({ sourceId: 'docs', subject: 'stream:a', options: kind.options.parse(options), state }, context)
  return Object.fromEntries(facts.map((fact) => [fact.name, fact]))
}

test('files: those that are there and hold something', async () => {
  const { files, complete } = await collect({
    files: ['README.md', 'MANUAL', 'docs/empty.md', 'docs/missing.md', 'docs/escape.md', 'docs'],
  })
  expect(files).toMatchObject({ status: 'observed', value: 2 / 6, reason: '2 of 6' })
  expect(files?.details).toEqual(['docs/empty.md: empty', 'docs/missing.md: not there', 'docs/escape.md: not there', 'docs: not there'])
  expect(complete).toMatchObject({ status: 'observed', value: 2 / 6 })
})

test('headings: those with text under them, the others with their place', async () => {
  const { headings } = await collect({ headings: { 'README.md': ['reader', 'Usage', 'Limits', 'History'], 'docs/none.md': ['Start'] } })
  expect(headings).toMatchObject({ status: 'observed', value: 1 / 5 })
  expect(headings?.details).toEqual([
    'README.md:5 Usage: nothing under it',
    'README.md:7 Limits: nothing under it',
    'README.md History: no such heading',
    'docs/none.md Start: the file is not there',
  ])
  expect(headings?.sha256).toBe(
    createHash('sha256')
      .update(documents['README.md'] as string)
      .digest('hex'),
  )
})

test('symbols: the documented share, the others with file, line and name', async () => {
  const { symbols } = await collect({ symbols: ['src/**/*.ts', 'lib/*.ts'], except: ['**/*.test.ts'] })
  expect(symbols).toMatchObject({ status: 'observed', value: 1 / 3, details: ['src/a.ts:3 b', 'src/b.ts:1 c'] })
})

const linked: Files = {
  'README.md': [
    '# Reader',
    '[a](docs/guide.md) [b](docs/guide.md#second-part) [c](docs) [d](docs/#guide) [e](/src/a.ts#L2) [f](#reader) [g](./)',
    '![h](docs/pic%20one.png) [i](MANUAL) [j](src/a.ts?raw=true) <a href="docs/guide.md">k</a> [l][m] [n](docs/linked/deep.md)',
    '[o](https://example.org) [p](mailto:lead-a@example.org) <https://example.org/> [q](//example.org)',
    '',
    '[m]: docs/guide.md#guide',
    '',
    '[bad](docs/none.md) [bad](Docs/guide.md) [bad](docs/guide.md#Second-Part) [bad](docs/guide.md#third) [bad](../else.md)',
    '[bad](src/a.ts#L9) [bad](src/a.ts#main) [bad](docs/%zz.md) [bad][none] <img src="none.png"> [bad]() [bad](README.md/)',
  ].join('\n'),
  MANUAL: { link: 'docs/guide.md' },
  'docs/guide.md': '# Guide\n\n## Second part\n\n[up](../README.md#reader)\n',
  'docs/readme.md': '# Guide\n',
  'docs/pic one.png': 'png',
  'docs/linked': { link: '../more' },
  'more/deep.md': 'No link.\n',
  'src/a.ts': '// one\n// two\n',
}

test('links: those that lead somewhere in the tree; the others with their place and why, other sites apart', async () => {
  const state = await scene.commit(linked)
  const { links, complete } = await collect({ links: ['**/*.md'] }, { state })
  expect(links?.details).toEqual([
    'README.md:8 docs/none.md: there is no such file',
    'README.md:8 Docs/guide.md: the file is called docs/guide.md',
    'README.md:8 docs/guide.md#Second-Part: docs/guide.md has "#second-part"',
    'README.md:8 docs/guide.md#third: docs/guide.md has no heading of that name',
    'README.md:8 ../else.md: it leads out of the repository',
    'README.md:9 src/a.ts#L9: src/a.ts has 2 lines',
    'README.md:9 src/a.ts#main: src/a.ts is no Markdown, so only lines of it can be named: #L1',
    'README.md:9 docs/%zz.md: a "%" in it is no percent-encoding',
    'README.md:9 [none]: no such name is defined in the file',
    'README.md:9 none.png: there is no such file',
    'README.md:9 : it is empty',
    'README.md:9 README.md/: README.md is no folder',
  ])
  expect(links).toMatchObject({ status: 'observed', value: 14 / 26, reason: '14 of 26, beside 4 to other places, which nobody asked' })
  expect(complete).toMatchObject({ status: 'observed', value: 14 / 26 })
})

test('links that cannot be followed are no share: none, no Markdown, a file that is no text', async () => {
  const state = await scene.commit({ 'a.md': '[a](https://example.org)\n', 'b.md': '[b](c.md#d)\n', 'c.md': '# c\0', 'd.txt': 'd' })
  const of = async (links: string[], except?: string[]) => (await collect({ links, ...(except && { except }) }, { state }))['links']
  expect(await of(['a.md'])).toMatchObject({
    status: 'inconclusive',
    reason: expect.stringContaining('beside 1 to other places') as string,
  })
  expect(await of(['nowhere/*.md'])).toMatchObject({ status: 'inconclusive' })
  expect(await of(['b.md'])).toMatchObject({ status: 'errored', reason: 'b.md:1 c.md#d: c.md is no text: it holds a NUL character' })
  expect(await of(['c.md'])).toMatchObject({ status: 'errored', reason: expect.stringContaining('c.md') as string })
  expect(await of(['*'])).toMatchObject({ status: 'errored', reason: expect.stringMatching(/^d\.txt .*except/) as string })
  expect(await of(['*'], ['{b,c,d}.*'])).toMatchObject({ status: 'inconclusive' })
})

test('100,000 links, most of them broken, are answered', async () => {
  const text = Array.from({ length: 100_000 }, (_, index) => `[](#${index % 5000})`).join('\n')
  const state = await scene.commit({ 'many.md': `# 7\n${text}` })
  const { links } = await collect({ links: ['many.md'] }, { state })
  expect(links).toMatchObject({ status: 'observed', reason: '20 of 100000' })
  expect(links?.details).toHaveLength(20)
})

test('complete is the mean of what is asked for, and nothing else is brought', async () => {
  const facts = await collect({ files: ['README.md'], symbols: ['src/b.ts'] })
  expect(Object.keys(facts)).toEqual(['files', 'symbols', 'complete'])
  expect(facts['complete']).toMatchObject({ status: 'observed', value: 0.5 })
})

test.each([
  ['globs that match no file', { symbols: ['nowhere/**/*.ts'] }, 'symbols'],
  ['files without an export', { symbols: ['src/nothing.ts'] }, 'symbols'],
  ['an empty list of headings', { headings: {} }, 'headings'],
])('0 of 0 is inconclusive, never all: %s', async (_name, options, name) => {
  const facts = await collect({ files: ['README.md'], ...options })
  expect(facts[name]).toMatchObject({ status: 'inconclusive', reason: expect.stringContaining('0 of 0') as string })
  expect(facts[name]).not.toHaveProperty('value')
  expect(facts['complete']).toMatchObject({ status: 'inconclusive' })
  expect(facts['files']).toMatchObject({ status: 'observed', value: 1 })
})

test('what is no code exports nothing, and neither do the tests of Go', async () => {
  const state = await scene.commit({
    'src/m.py': 'def f():\n    """Does."""\n',
    'src/py.typed': '',
    'src/data.json': '{}',
    'src/page.html': '<p>',
    'src/m_test.go': 'package m\n\nfunc TestF(t *testing.T) {}\n',
  })
  expect((await collect({ symbols: ['src/**'] }, { state }))['symbols']).toMatchObject({ status: 'observed', value: 1, reason: '1 of 1' })
})

test('a language that cannot be read is errored and says what to do', async () => {
  const facts = await collect({ symbols: ['src/**', 'lib/**'], except: ['**/*.json'] })
  expect(facts['symbols']).toMatchObject({ status: 'errored', reason: expect.stringMatching(/^lib\/Main\.java .*except/) as string })
  expect(facts['complete']).toMatchObject({ status: 'errored' })
})

test('what is no text is errored, with the file', async () => {
  const state = await scene.commit({ 'a.md': '# A\0', 'a.ts': 'export const a = "\0"', 'large.ts': `// ${'x'.repeat(1024 * 1024)}` })
  expect((await collect({ headings: { 'a.md': ['A'] } }, { state }))['headings']).toMatchObject({
    status: 'errored',
    reason: expect.stringContaining('a.md') as string,
  })
  expect((await collect({ symbols: ['a.ts'] }, { state }))['symbols']).toMatchObject({
    status: 'errored',
    reason: expect.stringContaining('a.ts') as string,
  })
  expect((await collect({ symbols: ['large.ts'] }, { state }))['symbols']).toMatchObject({
    status: 'errored',
    reason: expect.stringContaining('bytes') as string,
  })
  expect((await collect({ files: ['large.ts', 'a.md'] }, { state }))['files']).toMatchObject({ status: 'observed', value: 1 })
})

test('a subject that is not there, a broken repository and a time limit are no values', async () => {
  expect(await collect({ files: ['README.md'] }, { state: { state: 'absent', reason: 'there is no branch feature/psi' } })).toMatchObject({
    files: { status: 'missing', reason: 'there is no branch feature/psi' },
    complete: { status: 'missing' },
  })
  const broken = { list: () => Promise.reject(new RepositoryError('the mirror is damaged')) } as unknown as Repository
  expect((await collect({ files: ['README.md'] }, { repository: broken }))['files']).toMatchObject({
    status: 'errored',
    reason: 'the mirror is damaged',
  })
  const hollow = {
    list: async (treeish: string) => scene.repository.list(treeish),
    read: async (oids: readonly string[]) => oids.map(() => undefined),
  } as unknown as Repository
  expect((await collect({ files: ['README.md'] }, { repository: hollow }))['files']).toMatchObject({
    status: 'errored',
    reason: expect.stringContaining('README.md') as string,
  })
  expect((await collect({ files: ['README.md'] }, { signal: AbortSignal.abort() }))['files']).toMatchObject({ status: 'errored' })
})

test('a long list of gaps is cut, and says so', async () => {
  const files = Array.from({ length: 50 }, (_, index) => `missing-${index}`)
  const { files: fact } = await collect({ files })
  expect(fact?.details).toHaveLength(20)
  expect(fact?.details?.at(-1)).toBe('and 31 more')
})

test('nothing is checked out', () => {
  expect(existsSync(join(scene.folder, 'runs'))).toBe(false)
})

test.each([
  [{}],
  [{ files: [] }],
  [{ files: ['/etc/passwd'] }],
  [{ files: ['a/../../b'] }],
  [{ symbols: ['/src/*.ts'] }],
  [{ headings: { 'a.md': [] } }],
  [{ files: ['a'], unknown: 1 }],
  [{ except: ['a'] }],
])('the options refuse %j', (options) => {
  expect(kind.options.safeParse(options).success).toBe(false)
})
