import { generateKeyPairSync } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { playForge, TOKEN, type ForgeServer } from '../contract/forge-server.ts'
import { createScene, criterion, type Scene } from './scene.ts'

const PROGRAM = (url: string, source = ''): string => `program: demo
name: Demo
calendar: { zone: UTC }
people:
  lead-a: { name: Lead A, roles: [phase-lead], github: lead-a }
  reviewer-a: { name: Reviewer A, github: '@reviewer-a' }
sources:
  pr: { collect: forge, forge: github, project: example/reader, url: '${url}', checks: [build, test], labels: { with: ready }${source} }
streams:
  reader: { name: Reader, lead: lead-a, branch: feature/reader, reviewers: [reviewer-a] }
checkpoints:
  week1:
    name: Week one
    at: 2026-02-25 16:00
    criteria:
      approved: { metric: pr.approvals.missing, atMost: 0 }
      green: { metric: pr.checks.ratio, atLeast: 100% }
      ready: { metric: pr.labels.wrong, atMost: 0 }
      quiet: { metric: pr.conversations.open, atMost: 0 }
`

/** A forge whose pull request stands where the branch of the scene does. */
async function sceneOnForge(
  source = '',
): Promise<{ readonly scene: Scene; readonly server: ForgeServer; readonly env: Readonly<Record<string, string>> }> {
  const server = await playForge('github')
  onTestFinished(() => server.close())
  const scene = createScene({ program: PROGRAM(server.url, source) })
  const [head] = scene.repository.git('rev-parse', 'feature/reader').trim().split('\n')
  const recorded = '7fd1a60b01f91b314f59955a4e4d4e80d8edf11d'
  for (const fixture of ['pulls', 'reviews'])
    server.replace(fixture, (one: unknown) => JSON.parse(JSON.stringify(one).replaceAll(recorded, head ?? '')) as unknown)
  server.follow(recorded, head ?? '')
  return { scene, server, env: { MUSTER_GITHUB_TOKEN: TOKEN, MUSTER_GITHUB_URL: server.url } }
}

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  )

test('a checkpoint over a pull request: judged from the forge, without a trace of the token', async () => {
  const { scene, env } = await sceneOnForge()
  const checked = await scene.muster(['check', '--format', 'json'], { env })
  const report = JSON.parse(checked.out) as Parameters<typeof criterion>[0]
  expect(criterion(report, 'approved')).toMatchObject({ status: 'satisfied' })
  expect(criterion(report, 'green')).toMatchObject({ status: 'satisfied' })
  expect(criterion(report, 'ready')).toMatchObject({ status: 'satisfied' })
  expect(criterion(report, 'quiet')).toMatchObject({ status: 'unsatisfied', evidence: [{ metric: 'pr.conversations.open', value: 2 }] })
  const shown = await scene.muster(['check', '--dry-run', '--show', 'evidence'], { env })
  for (const said of [checked.out, checked.err, shown.out, shown.err]) expect(said).not.toContain(TOKEN)
  for (const file of filesIn(scene.path('.muster'))) expect(readFileSync(file, 'latin1'), file).not.toContain(TOKEN)
})

test('a new commit makes what was said of the pull request stale', async () => {
  const { scene, env } = await sceneOnForge()
  scene.repository.git('checkout', '-q', 'feature/reader')
  scene.repository.commit('More', { 'more.ts': 'export const more = 1\n' })
  const report = await scene.report([], { env })
  expect(criterion(report, 'approved')).toMatchObject({ status: 'stale' })
  expect(criterion(report, 'green')).toMatchObject({ status: 'stale' })
})

test('without a token nothing is called, and the reason says which to set', async () => {
  const { scene, server, env } = await sceneOnForge()
  const { MUSTER_GITHUB_TOKEN: _, ...without } = env
  const report = await scene.report([], { env: without })
  expect(criterion(report, 'approved')).toMatchObject({
    status: 'missing',
    evidence: [{ reason: expect.stringContaining('set MUSTER_GITHUB_TOKEN') }],
  })
  expect(server.requests).toEqual([])
})

test('a token from a file, as secrets are mounted', async () => {
  const { scene, env } = await sceneOnForge()
  const file = join(scene.folder, 'token')
  writeFileSync(file, `${TOKEN}\n`)
  const { MUSTER_GITHUB_TOKEN: _, ...without } = env
  const report = await scene.report([], { env: { ...without, MUSTER_GITHUB_TOKEN_FILE: file } })
  expect(criterion(report, 'approved')).toMatchObject({ status: 'satisfied' })
})

test('a GitHub App asks for a token for this project, and neither key nor token is told', async () => {
  const { scene, server, env } = await sceneOnForge(', app: { id: 7 }')
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const claims: string[] = []
  const answer =
    (status: number, document: unknown) =>
    (response: Parameters<Parameters<ForgeServer['fault']>[1]>[0], request: Parameters<Parameters<ForgeServer['fault']>[1]>[1]) => {
      claims.push(request.headers.authorization ?? '')
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(document))
    }
  server.fault(/^GET \S+\/repos\/example\/reader\/installation$/, answer(200, { id: 99 }))
  server.fault(/^POST \S+\/app\/installations\/99\/access_tokens$/, answer(201, { token: TOKEN, expires_at: '2026-02-25T15:00:00Z' }))
  const { MUSTER_GITHUB_TOKEN: _, ...without } = env
  const checked = await scene.muster(['check', '--format', 'json'], { env: { ...without, MUSTER_GITHUB_APP_KEY: key } })
  expect(criterion(JSON.parse(checked.out) as never, 'approved')).toMatchObject({ status: 'satisfied' })
  expect(claims).toHaveLength(2)
  for (const claim of claims) expect(claim).toMatch(/^Bearer eyJ[\w-]+\.[\w-]+\.[\w-]+$/)
  for (const secret of [TOKEN, key.slice(40, 90), ...claims.map((claim) => claim.slice(-20))]) {
    expect(checked.out + checked.err).not.toContain(secret)
    for (const file of filesIn(scene.path('.muster'))) expect(readFileSync(file, 'latin1'), file).not.toContain(secret)
  }
})
