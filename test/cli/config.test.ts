import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import { run } from '#cli/run.ts'
import { fakeIo } from './io.ts'

const SOUND = readFileSync(fileURLToPath(new URL('../../docs/problems/minimal.yaml', import.meta.url)), 'utf8')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-config-test-'))
  writeFileSync(join(folder, 'muster.yaml'), SOUND)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function config(...args: string[]) {
  const io = fakeIo({ argv: ['config', ...args], cwd: folder })
  return { exitCode: await run(io), out: io.out(), err: io.err() }
}

const lineOf = (text: string): number => SOUND.split('\n').findIndex((line) => line.includes(text)) + 1

test('print gives what the file says and nothing more', async () => {
  const { exitCode, out } = await config('print')
  expect(exitCode).toBe(0)
  expect(parse(out)).toEqual(parse(SOUND))
})

test('print --resolved gives every part with its origin, and stays YAML', async () => {
  const { out } = await config('print', '--resolved')
  expect(out).toContain(`id: demo # muster.yaml:${lineOf('program: demo')}\n`)
  expect(out).toContain('repository: . # default\n')
  expect(out).toContain('target: main # default\n')
  expect(out).toContain(`  zone: Europe/Berlin # muster.yaml:${lineOf('zone:')}\n`)
  expect(out).toMatch(/^ {2}workDays: \[ monday, .*\] # default$/m)
  expect(out).toContain(`branch: feature/cache # muster.yaml:${lineOf('branch: feature/cache')}\n`)
  expect(out).toContain('policy: # default\n')
  expect(out).toContain(`at: 2026-02-25T15:00:00Z # muster.yaml:${lineOf('at: 2026')}\n`)
  expect(out).toContain(`comparison: { op: atLeast, value: 0.8 }, provenance: measured } # muster.yaml:${lineOf('atLeast')}\n`)
  expect(out).toMatch(/^ {2}tests\.ratio: \{ unit: ratio, .*source: tests/m)
  expect(out).toMatch(/^ {2}progress\.code: .*# derived$/m)
  const { out: json } = await config('print', '--resolved', '--format', 'json')
  const { program } = JSON.parse(json) as { program: { metrics: unknown } }
  expect(parse(out)).toEqual(program)
})

test('a rule that the file replaces has its place; the others are defaults', async () => {
  const own =
    'policy:\n  verdict:\n    breach: { title: Mine, when: { metric: criteria.critical.unsatisfied, atLeast: 2 }, verdict: NO-GO }\n'
  writeFileSync(join(folder, 'muster.yaml'), SOUND + own)
  const { out } = await config('print', '--resolved')
  expect(out).toMatch(/- id: breach # muster\.yaml:\d+\n +title: Mine # muster\.yaml/)
  expect(out).toMatch(/- id: unproven # default/)
  expect(out).toMatch(/^ {2}health: # default$/m)
})

test('schema prints the JSON Schema', async () => {
  const { out } = await config('schema')
  expect(JSON.parse(out)).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Muster program',
    additionalProperties: false,
  })
})

test('check says that there is no mistake', async () => {
  expect(await config('check')).toEqual({ exitCode: 0, out: 'muster.yaml: no mistakes\n', err: '' })
})

test('check says all mistakes, each with place, code and remedy', async () => {
  writeFileSync(
    join(folder, 'muster.yaml'),
    SOUND.replace('zone: Europe/Berlin', 'zone: Europe/Berln').replace('lead: lead-b', 'lead: lead-x'),
  )
  const { exitCode, out } = await config('check')
  expect(exitCode).toBe(2)
  expect(out).toMatch(
    /^muster\.yaml:\d+:\d+ error: "Europe\/Berln" is not a time zone \(unknown-zone\)\n {2}write .*\nmuster\.yaml:\d+:\d+ error: .*lead-x.*\(unknown-person\)\n {2}.*\n2 mistakes/,
  )
  const { exitCode: sameCode, out: json } = await config('check', '--format', 'json')
  expect(sameCode).toBe(2)
  expect(JSON.parse(json)).toMatchObject({
    schemaVersion: 1,
    findings: [{ code: 'unknown-zone', severity: 'error', file: 'muster.yaml', related: [] }, { code: 'unknown-person' }],
  })
})

test('--config names another file, relative to where one stands', async () => {
  writeFileSync(join(folder, 'other.yaml'), SOUND.replace('name: Demo', 'name: Other'))
  expect(parse((await config('print', '--config', 'other.yaml')).out)).toMatchObject({ name: 'Other' })
  expect((await config('print', '--config', 'none.yaml')).err).toContain('file-not-found')
})
