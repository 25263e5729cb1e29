import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { playForge, TOKEN } from '../contract/forge-server.ts'
import { createScene, criterion, type Scene } from './scene.ts'

const ARCHIVE = readFileSync(join(import.meta.dirname, '../../src/collect/forge/fixtures/zip/info-zip.zip'))
const HEAD = '7fd1a60b01f91b314f59955a4e4d4e80d8edf11d'

const program = (url: string): string => `program: demo
name: Demo
calendar: { zone: UTC }
people: { lead-a: { name: Lead A, roles: [phase-lead] } }
sources:
  pr: { collect: forge, forge: github, project: example/reader, url: '${url}', artifacts: [unit] }
  tests: { collect: junit, from: pr, files: 'unit/reports/*.xml', host: host-a }
  size: { collect: size, from: pr, files: unit/reports/junit.xml, maxAge: 30 days }
streams:
  reader: { name: Reader, lead: lead-a, branch: feature/reader }
checkpoints:
  week1:
    name: Week one
    at: 2026-03-02 16:00
    criteria:
      reported: { metric: size.bytes, atMost: 1 MB, provenance: reported }
      measured: { metric: size.bytes, atMost: 1 MB }
      here: { metric: tests.failed, atMost: 0, provenance: reported }
`

/** A forge whose CI ran where the branch of the scene stands. */
async function sceneWithRun(): Promise<{
  readonly scene: Scene
  readonly env: Readonly<Record<string, string>>
  readonly downloads: () => number
}> {
  const server = await playForge('github')
  onTestFinished(() => server.close())
  const scene = createScene({ program: program(server.url) })
  const head = scene.repository.git('rev-parse', 'feature/reader').trim()
  server.replace('runs', (one: unknown) => JSON.parse(JSON.stringify(one).replaceAll(HEAD, head)) as unknown)
  server.fault(/\/artifacts\/\d+\/zip$/, (response) => response.writeHead(200).end(ARCHIVE))
  const env = { MUSTER_GITHUB_TOKEN: TOKEN, MUSTER_GITHUB_URL: server.url }
  return { scene, env, downloads: () => server.requests.filter((one) => one.endsWith('/zip')).length }
}
const NOW = '2026-03-02T14:00:00Z'

test('a report among the artifacts of CI is reported evidence of the head, whichever machine asks for it', async () => {
  const { scene, env, downloads } = await sceneWithRun()
  const checked = await scene.muster(['check', '--format', 'json'], { env, now: NOW })
  const report = JSON.parse(checked.out) as Parameters<typeof criterion>[0]
  expect(criterion(report, 'reported')).toMatchObject({
    status: 'satisfied',
    evidence: [
      {
        metric: 'size.bytes',
        value: 114,
        provenance: 'reported',
        commit: scene.repository.git('rev-parse', 'feature/reader').trim(),
        source: expect.stringMatching(/^127\.0\.0\.1:\d+\/example\/reader: unit\/reports\/junit\.xml$/) as string,
        observedAt: expect.stringContaining('2026-03-01T12:05:00') as string,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      },
    ],
  })
  expect(criterion(report, 'measured')).toMatchObject({ status: 'missing' })
  expect(JSON.stringify(criterion(report, 'measured').explanation)).toContain('it is only reported; measured evidence is asked for')
  // The source asks for evidence of one machine, and CI is another.
  expect(criterion(report, 'here')).toMatchObject({
    status: 'stale',
    evidence: [{ value: 0, reason: expect.stringContaining('made by CI: build #34') }],
  })
  expect(downloads(), 'two sources read one archive').toBe(1)
  expect(readdirSync(scene.path('.muster/cache/artifacts'))).toEqual([])

  const listed = await scene.muster(['evidence', 'list'], { env, now: NOW })
  expect(listed.out).toContain('size.bytes')
  expect(await scene.muster(['replay'], { env, now: NOW })).toMatchObject({ code: 0 })
})

test('with another commit on the branch nothing of the old run counts', async () => {
  const { scene, env, downloads } = await sceneWithRun()
  const before = scene.repository.git('rev-parse', '--short=12', 'feature/reader').trim()
  scene.repository.git('checkout', '-q', 'feature/reader')
  scene.repository.commit('More', { 'more.ts': 'export const more = 1\n' })
  const report = await scene.report([], { env, now: NOW })
  expect(criterion(report, 'reported')).toMatchObject({
    status: 'missing',
    evidence: [{ reason: expect.stringMatching(new RegExp(`^source pr: .*; the newest one on the branch is of ${before}$`)) as string }],
  })
  expect(downloads()).toBe(0)
})

test('without a token the reports are missing, and nothing is written', async () => {
  const { scene, env } = await sceneWithRun()
  const { MUSTER_GITHUB_TOKEN: _, ...without } = env
  const report = await scene.report([], { env: without, now: NOW })
  expect(criterion(report, 'reported')).toMatchObject({
    status: 'missing',
    evidence: [{ reason: expect.stringContaining('source pr: there is no token: set MUSTER_GITHUB_TOKEN') }],
  })
  expect(existsSync(scene.path('.muster/cache/artifacts'))).toBe(false)
})

test('a forge source that names no artifacts brings no files', async () => {
  const scene = createScene({ program: program('https://example.org').replace(', artifacts: [unit]', '') })
  const { code, err } = await scene.muster(['check'])
  expect(err).toContain('"pr" names no artifacts')
  expect(err).toContain('add artifacts: [name] to pr')
  expect(code).toBe(2)
})
