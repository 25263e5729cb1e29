import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scanLines } from '#collect/scan/line-scan.ts'
import { temporaryFolder } from './git-repository.ts'

/**
 * Real source: packages that the lock file pins, counted by cloc and by us. What is left of a
 * difference comes from cloc's looking for comments in strings: globs of JavaScript ("src/*.js") open
 * one there.
 */
const modules = join(import.meta.dirname, '../../node_modules')
const LARGEST = 200_000
/** Of each ending so many files, from all over the packages. */
const FILES = 120

const files = readdirSync(modules, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(?:[cm]?js|[cm]?ts|h|css|ya?ml|gypi?|pl|py|sh)$/.test(path) && !path.includes('.min.'))
  .filter((path) => statSync(join(modules, path)).isFile() && statSync(join(modules, path)).size < LARGEST)
  .sort()

const chosen = Object.values(Object.groupBy(files, (path) => path.slice(path.lastIndexOf('.')))).flatMap((all = []) =>
  all.filter((_, index) => index % Math.ceil(all.length / FILES) === 0),
)

interface Counts {
  code: number
  comment: number
  blank: number
}

const askCloc = (): Readonly<Record<string, Counts & { readonly language?: string }>> => {
  const list = join(temporaryFolder(), 'list')
  writeFileSync(list, `${chosen.join('\n')}\n`)
  const args = [join(modules, 'cloc/lib/cloc'), '--by-file', '--json', '--skip-uniqueness', '--timeout', '0', `--list-file=${list}`]
  return JSON.parse(
    execFileSync('perl', args, { cwd: modules, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] }),
  ) as ReturnType<typeof askCloc>
}

test('packages have the code of each language that cloc finds, give or take 2 %', () => {
  const languages = new Map<string, { ours: Counts; clocs: Counts }>()
  for (const [path, counts] of Object.entries(askCloc())) {
    if (counts.language === undefined || !chosen.includes(path)) continue
    const sum = languages.get(counts.language) ?? { ours: { code: 0, comment: 0, blank: 0 }, clocs: { code: 0, comment: 0, blank: 0 } }
    languages.set(counts.language, sum)
    for (const line of scanLines(path, readFileSync(join(modules, path), 'utf8'))?.lines ?? []) sum.ours[line] += 1
    for (const key of ['code', 'comment', 'blank'] as const) sum.clocs[key] += counts[key]
  }
  const large = [...languages].filter(([, { clocs }]) => clocs.code >= 300)
  expect(large.map(([language]) => language)).toEqual(expect.arrayContaining(['JavaScript', 'TypeScript', 'C/C++ Header', 'Python', 'CSS']))
  for (const [language, { ours, clocs }] of large) {
    expect(Math.abs(ours.code / clocs.code - 1), `${language}: ${ours.code} against ${clocs.code}`).toBeLessThan(0.02)
    expect(ours.code + ours.comment + ours.blank, language).toBe(clocs.code + clocs.comment + clocs.blank)
  }
})
