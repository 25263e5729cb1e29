import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KINDS } from '#collect/registry.ts'
import { loadProgram } from '#core/program/load.ts'
import { PROBLEMS } from '#core/problems.ts'

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
const found = (text: string): string[] => loadProgram('muster.yaml', new TextEncoder().encode(text), KINDS).problems.map((one) => one.code)

test('every code has a page and every page a code', () => {
  const pages = readdirSync(PAGES).filter((name) => name.endsWith('.md')).map((name) => name.slice(0, -3))
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

const yamlPages = codes.filter((code) => pageOf(code).includes('```yaml causes'))
const shellPages = codes.filter((code) => !yamlPages.includes(code))

test.each(yamlPages)('the example of %s causes it and nothing else', (code) => {
  const example = /^```yaml causes\n([\s\S]*?)^```$/m.exec(pageOf(code))?.[1] ?? ''
  expect([...new Set(found(put(example, minimal)))]).toEqual([code])
})

describe('at the command line', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'muster-problems-'))
    writeFileSync(join(folder, 'muster'), `#!/bin/sh\nexec "${process.execPath}" -C source "${MAIN}" "$@"\n`, { mode: 0o755 })
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test.each(shellPages)('the example of %s causes it', (code) => {
    const example = /^```sh causes\n([\s\S]*?)^```$/m.exec(pageOf(code))?.[1] ?? ''
    const output = execFileSync('sh', ['-c', `{ ${example.trimEnd()}\n} 2>&1 || true`], { cwd: folder, env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` }, encoding: 'utf8' })
    expect(output).toContain(`(${code})`)
  })
})
