import { expect, test } from 'vitest'
import { resolveInTree } from '#core/evidence/tree-path.ts'
import { treeOf } from './tree-in-memory.ts'

const files = treeOf({
  'docs/guide.md': 'text',
  'README.md': { link: 'docs/guide.md' },
  manual: { link: 'docs' },
  'tools/up.md': { link: '../docs/guide.md' },
  outside: { link: '../../etc/passwd' },
  absolute: { link: '/etc/passwd' },
  'loop-a': { link: 'loop-b' },
  'loop-b': { link: 'loop-a' },
})

const leads = async (path: string): Promise<string | undefined> => (await resolveInTree(path, files)).entry?.path

test('links are followed as a file system would', async () => {
  expect(await leads('docs/guide.md')).toBe('docs/guide.md')
  expect(await leads('README.md')).toBe('docs/guide.md')
  expect(await leads('manual/guide.md')).toBe('docs/guide.md')
  expect(await leads('./tools/up.md')).toBe('docs/guide.md')
  expect(await leads('tools/../manual/../docs/guide.md')).toBe('docs/guide.md')
})

test('what leads out, in a circle, to a folder or nowhere is no file', async () => {
  for (const path of ['outside', 'absolute', 'loop-a', 'docs', 'nothing', '../README.md']) expect(await leads(path)).toBeUndefined()
})

test('the links on the way are told', async () => {
  expect((await resolveInTree('manual/guide.md', files)).links.map((link) => link.path)).toEqual(['manual'])
})
