import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KINDS } from '#collect/registry.ts'
import { lint } from '#core/lint/lint.ts'
import { lintProgram } from '#core/lint/program.ts'
import type { Known } from '#core/lint/rule.ts'
import { loadProgram } from '#core/program/load.ts'
import { PROBLEMS } from '#core/problems.ts'
import { lintTemplates } from '#render/notice/lint.ts'

const PAGES = new URL('../../docs/problems/', import.meta.url)
const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const codes = Object.keys(PROBLEMS) as (keyof typeof PROBLEMS)[]
const pageOf = (code: string): string => readFileSync(new URL(`${code}.md`, PAGES), 'utf8')

/** Top-level keys of a program file with all that stands below each; comments go with what follows them. */
function sections(text: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const part of text.split(/^(?=[^\s#])/m)) {
    const key = /^([\w$-]+):/.exec(part)?.[1] ?? part.split('\n')[0] ?? ''
    found.set(key, (found.get(key) ?? '') + part)
  }
  return found
}

/** The minimal program with the top-level keys of the example in place of its own. */
function put(example: string, minimal: string): string {
  const own = sections(example)
  const second = example.search(/^---$/m)
  if (second >= 0) return `${put(example.slice(0, second), minimal)}\n${example.slice(second)}`
  const kept = [...sections(minimal)].map(([key, text]) => own.get(key) ?? text)
  const added = [...own].filter(([key]) => !sections(minimal).has(key)).map(([, text]) => text)
  return [...kept, ...added].join('\n')
}

const minimal = readFileSync(new URL('minimal.yaml', PAGES), 'utf8')
function found(text: string, known: Known = {}): string[] {
  const loaded = loadProgram('muster.yaml', new TextEncoder().encode(text), KINDS)
  return [...lintProgram(loaded, known), ...lintTemplates(loaded)].map((one) => one.code)
}
const exampleOf = (code: string, kind: string): string | undefined =>
  new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(pageOf(code))?.[1]
const pagesWith = (kind: string): readonly (keyof typeof PROBLEMS)[] => codes.filter((code) => exampleOf(code, kind) !== undefined)

test('every code has a page and every page a code', () => {
  const pages = readdirSync(PAGES)
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.slice(0, -3))
  expect(pages.toSorted()).toEqual([...codes].toSorted())
})

test('the minimal program has no mistake', () => {
  expect(found(minimal)).toEqual([])
})

describe.each(codes)('%s', (code) => {
  test('its page says what the catalogue says, and a remedy', () => {
    expect(pageOf(code)).toMatch(new RegExp(`^# ${code}\n\n`))
    expect(pageOf(code)).toContain(`\n\n${PROBLEMS[code]}\n\n`)
    expect(pageOf(code)).toMatch(/^\*\*Remedy\.\*\* \S/m)
  })
})

test('every page has one example', () => {
  const examples = ['yaml causes', 'md causes', 'json known', 'sh causes'].flatMap(pagesWith)
  expect(examples.toSorted()).toEqual([...codes].toSorted())
})

test.each(pagesWith('yaml causes'))('the example of %s causes it and nothing else', (code) => {
  expect([...new Set(found(put(exampleOf(code, 'yaml causes') ?? '', minimal)))]).toEqual([code])
})

test.each(pagesWith('md causes'))('the document of %s causes it and nothing else', async (code) => {
  const { readPlan } = await import('#core/plan/read/index.ts')
  const plan = readPlan([{ file: 'plan.md', text: exampleOf(code, 'md causes') ?? '' }], {})
  expect([...new Set(lint(plan).map((one) => one.code))]).toEqual([code])
})

/** What a repository or a ledger holds beside the minimal program. */
test.each(pagesWith('json known'))('the facts of %s cause it and nothing else', (code) => {
  expect(found(minimal, JSON.parse(exampleOf(code, 'json known') ?? '') as Known)).toEqual([code])
})

describe('at the command line', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'muster-problems-'))
    writeFileSync(join(folder, 'muster'), `#!/bin/sh\nexec "${process.execPath}" -C source "${MAIN}" "$@"\n`, { mode: 0o755 })
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test.each(pagesWith('sh causes'))('the example of %s causes it', (code) => {
    const example = exampleOf(code, 'sh causes') ?? ''
    const output = execFileSync('sh', ['-c', `{ ${example.trimEnd()}\n} 2>&1 || true`], {
      cwd: folder,
      env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` },
      encoding: 'utf8',
    })
    expect(output).toContain(`(${code})`)
  })
})
