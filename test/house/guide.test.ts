import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { KINDS } from '#collect/registry.ts'
import { loadProgram } from '#core/program/load.ts'

const ROOT = join(import.meta.dirname, '../..')
const pagesIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))
const textOf = (page: string): string => readFileSync(join(ROOT, page), 'utf8')

const guides = pagesIn('docs/guide')
const decisions = pagesIn('docs/decisions')
const pages = [
  ...guides,
  ...pagesIn('docs/guide/dashboard'),
  ...decisions,
  'docs/readme.md',
  'docs/glossary.md',
  'CONTRIBUTING.md',
  'AGENTS.md',
  'CHANGELOG.md',
  'ARCHITECTURE.md',
  'README.md',
]

/** Each fenced block of that kind, with the line of the page on which its text begins. */
const blocksOf = (page: string, kind: string): { readonly line: number; readonly text: string }[] => {
  const text = textOf(page)
  return [...text.matchAll(new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map((match) => ({
    line: text.slice(0, match.index).split('\n').length + 1,
    text: match[1] ?? '',
  }))
}

const programs = guides.flatMap((page) => blocksOf(page, 'yaml program').map((block) => ({ page, ...block })))

test.each(programs)('the program of $page, line $line, loads without a finding', ({ page, line, text }) => {
  // The blank lines in front make a finding name the line of the page.
  const bytes = new TextEncoder().encode('\n'.repeat(line - 1) + text)
  expect(loadProgram(page, bytes, KINDS).problems).toEqual([])
})

test('the page about the program file shows whole programs', () => {
  expect(programs.filter(({ page }) => page === 'docs/guide/program-file.md').length).toBeGreaterThan(3)
})

/** The anchor that a heading gets: lower case, without punctuation, spaces as dashes. */
const anchorsOf = (page: string): string[] =>
  [
    ...textOf(page)
      .replace(/^```[\s\S]*?^```$/gm, '')
      .matchAll(/^#+ (.+)$/gm),
  ].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

function deadLinks(page: string): string[] {
  const prose = textOf(page).replace(/^```[\s\S]*?^```$/gm, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
    if (/^[a-z]+:/.test(link)) return []
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? join(ROOT, page) : resolve(ROOT, dirname(page), path)
    if (!existsSync(target)) return [`${link}: there is no such file`]
    if (anchor === undefined || statSync(target).isDirectory()) return []
    return anchorsOf(relative(ROOT, target)).includes(anchor) ? [] : [`${link}: there is no such heading`]
  })
}

test.each(pages.filter((page) => existsSync(join(ROOT, page))))('%s links to what is there', (page) => {
  expect(deadLinks(page)).toEqual([])
})

test('the index of the documentation names every guide and every decision', () => {
  const index = textOf('docs/readme.md')
  expect([...guides, ...decisions].filter((page) => !index.includes(`](${relative('docs', page)})`))).toEqual([])
})

/** The collector and the renderer that CONTRIBUTING builds up are there only while its own test runs. */
const MADE_UP = /^(?:src|test)\/(?:collect\/todo|render\/brief)/

test('every path that contributors and agents are sent to is there', () => {
  const named = ['CONTRIBUTING.md', 'AGENTS.md', ...decisions].flatMap((page) =>
    [...textOf(page).matchAll(/`((?:src|test|docs|examples|scripts|schema|bench)\/[\w./-]+)`/g)].map(([, path = '']) => path),
  )
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((path) => !existsSync(join(ROOT, path)) && !MADE_UP.test(path))).toEqual([])
})
