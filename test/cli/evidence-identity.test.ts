import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createScene, criterion, tamper, type Ended, type Scene } from './scene.ts'

/** A CI service: it publishes its keys, and gives a job a token for the audience that it asks for. */
interface Issuer {
  readonly url: string
  readonly keys: () => string
  readonly token: (claims: object, audience: string, key?: CryptoKey) => Promise<string>
  claims: object
  asked: { readonly url: string; readonly authorization: string | undefined }[]
}

let issuer: Issuer
let server: Server
let stranger: CryptoKey

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
  stranger = (await generateKeyPair('RS256')).privateKey
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid: 'key-1', use: 'sig', alg: 'RS256' }
  const keys = JSON.stringify({ keys: [jwk] })
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost')
    response.setHeader('content-type', 'application/json')
    if (url.pathname === '/.well-known/jwks') return response.end(keys)
    if (url.pathname !== '/token') return response.writeHead(404).end()
    issuer.asked.push({ url: request.url ?? '', authorization: request.headers.authorization })
    void issuer.token(issuer.claims, url.searchParams.get('audience') ?? '').then((value) => response.end(JSON.stringify({ value })))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  issuer = {
    url,
    keys: () => keys,
    claims: {},
    asked: [],
    token: (claims, audience, key = privateKey) =>
      new SignJWT({ iss: url, iat: 1_772_000_000, exp: 1_772_100_000, jti: 'one', ...claims, aud: audience })
        .setProtectedHeader({ alg: 'RS256', kid: 'key-1', typ: 'JWT' })
        .sign(key),
  }
})
afterAll(() => server.close())

const program = (ci: string): string => `program: demo
name: Demo
calendar: { zone: Europe/Berlin }
people:
  boss: { name: The phase lead, roles: [phase-lead] }
  lead-a: { name: Lead A }
  lead-b: { name: Lead B }
ci: { ${ci} }
sources:
  tests: { collect: junit, files: 'reports/\${commit}/*.xml' }
streams:
  reader: { name: Reader, lead: lead-a, branch: feature/reader }
  writer: { name: Writer, lead: lead-b, branch: feature/writer }
checkpoints:
  week1:
    name: Week one
    at: 2026-02-25 16:00
    criteria:
      reported: { metric: tests.ratio, atLeast: 100%, provenance: reported, for: [reader] }
`
const JUNIT = '<testsuite name="unit"><testcase name="reads" time="0.1"/><testcase name="writes" time="0.1"/></testsuite>'

const status = async (scene: Scene): Promise<string> => criterion(await scene.report(), 'reported').rawStatus
const claimsOf = (scene: Scene, more: object = {}) => ({
  repository: 'demo/logq',
  event_name: 'push',
  ref: 'refs/heads/feature/reader',
  sha: scene.repository.git('rev-parse', 'feature/reader'),
  ...more,
})

/** A job of GitHub Actions on the reader's branch. */
function github(): { scene: Scene; push: (...args: readonly string[]) => Promise<Ended>; env: Record<string, string> } {
  const scene = createScene({ program: program(`service: github-actions, repository: demo/logq, issuer: '${issuer.url}'`) })
  writeFileSync(scene.path('junit.xml'), JUNIT)
  const env = {
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_SHA: scene.repository.git('rev-parse', 'feature/reader'),
    GITHUB_REF: 'refs/heads/feature/reader',
    ACTIONS_ID_TOKEN_REQUEST_URL: `${issuer.url}/token?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of-the-job',
  }
  issuer.claims = claimsOf(scene)
  issuer.asked = []
  return { scene, env, push: (...args) => scene.muster(['evidence', 'push', 'junit.xml', '--source', 'tests', ...args], { env }) }
}

describe('GitHub Actions', () => {
  test('vouches for a report without a secret of Muster, and a later check verifies it without the service', async () => {
    const { scene, push } = github()
    expect(await push('--to', 'evidence.json')).toMatchObject({ code: 0, out: expect.stringContaining('vouched') as string })
    expect(issuer.asked).toEqual([
      {
        url: expect.stringMatching(/api-version=2\.0&audience=muster%3Asha256%3A[0-9a-f]{64}$/) as string,
        authorization: 'Bearer of-the-job',
      },
    ])
    expect(await scene.muster(['evidence', 'accept', 'evidence.json'])).toMatchObject({ code: 0, out: 'evidence.json: recorded 1\n' })
    expect(await scene.muster(['evidence', 'accept', 'evidence.json'])).toMatchObject({
      out: 'evidence.json: already on record (1); nothing was added\n',
    })
    // The same report again, with another token of the same job.
    expect(await push()).toMatchObject({ code: 0, out: expect.stringContaining('already on record (1)') as string })
    expect(await status(scene)).toBe('satisfied')
    tamper(scene, `update ledger set body = replace(body, '"value":1}', '"value":0.5}') where type = 'reported'`)
    expect(await status(scene)).toBe('errored')
  })

  test('a token vouches for no other report, whoever brings it', async () => {
    const { scene, push } = github()
    await push('--to', 'evidence.json')
    const envelope = JSON.parse(readFileSync(scene.path('evidence.json'), 'utf8')) as { payload: string }
    const payload = Buffer.from(envelope.payload, 'base64').toString('utf8').replace('"value":1}', '"value":0.5}')
    const change = (more: object): string => JSON.stringify({ ...envelope, payload: Buffer.from(payload).toString('base64'), ...more })
    writeFileSync(scene.path('other.json'), change({}))
    writeFileSync(scene.path('forged.json'), change({ idToken: await issuer.token(issuer.claims, 'muster', stranger) }))
    writeFileSync(scene.path('none.json'), change({ idToken: 'e30.e30.e30' }))
    const { code, out } = await scene.muster(['evidence', 'accept', 'other.json', 'forged.json', 'none.json'])
    expect(code).toBe(3)
    expect(out).toMatch(
      /^other\.json: refused: .*another report\nforged\.json: refused: .*not genuine.*\nnone\.json: refused: .*not genuine/,
    )
  })

  test.each([
    ['another branch', { ref: 'refs/heads/feature/writer' }, /stream reader, and the job ran for writer/],
    ['another commit', { sha: 'f'.repeat(40) }, /the job ran for f{40}/],
    ['another repository', { repository: 'somebody/logq' }, /ran in "somebody\/logq"/],
    ['the rights of the target', { event_name: 'pull_request_target' }, /pull_request_target/],
    ['an end that is past', { iat: 1_771_000_000, exp: 1_771_000_300 }, /expired/],
  ])('a job with %s is refused', async (_, more, reason) => {
    const { scene, push } = github()
    issuer.claims = claimsOf(scene, more)
    expect(await push()).toMatchObject({ code: 3, out: expect.stringMatching(reason) as string })
    expect(await status(scene)).toBe('missing')
  })

  test('the number of a pull request is that of the token', async () => {
    const { scene, env } = github()
    const merge = 'e'.repeat(40)
    const side = (sha: string, ref: string) => ({ sha, ref, repo: { full_name: 'demo/logq' } })
    const event = {
      number: 8,
      pull_request: { number: 8, head: side(env['GITHUB_SHA'] ?? '', 'feature/reader'), base: side(merge, 'main') },
    }
    writeFileSync(scene.path('event.json'), JSON.stringify(event))
    const ofPull = { ...env, GITHUB_EVENT_NAME: 'pull_request', GITHUB_SHA: merge, GITHUB_EVENT_PATH: scene.path('event.json') }
    const send = () => scene.muster(['evidence', 'push', 'junit.xml', '--source', 'tests'], { env: ofPull })
    issuer.claims = claimsOf(scene, { event_name: 'pull_request', ref: 'refs/pull/7/merge', sha: merge, head_ref: 'feature/reader' })
    expect(await send()).toMatchObject({ code: 3, out: expect.stringMatching(/pull request 8, and the job ran for 7/) as string })
    issuer.claims = { ...issuer.claims, ref: 'refs/pull/8/merge' }
    expect(await send()).toMatchObject({ code: 0 })
    expect(await status(scene)).toBe('satisfied')
  })

  test('says what is missing where the job may ask for no token', async () => {
    const { scene, env } = github()
    const without = { ...env, ACTIONS_ID_TOKEN_REQUEST_URL: '' }
    expect(await scene.muster(['evidence', 'push', 'junit.xml', '--source', 'tests'], { env: without })).toMatchObject({
      code: 2,
      err: expect.stringContaining('id-token: write') as string,
    })
  })

  test('where the keys cannot be read nothing is accepted', async () => {
    const { scene, push } = github()
    await push('--to', 'evidence.json')
    for (const [keys, code] of [
      [`${issuer.url}/none`, 4],
      ['junit.xml', 4],
      ['http://keys.example/', 2],
    ] as const) {
      scene.program(program(`service: github-actions, repository: demo/logq, issuer: '${issuer.url}', keys: '${keys}'`))
      expect((await scene.muster(['evidence', 'accept', 'evidence.json'])).code).toBe(code)
    }
    scene.program(program(`service: github-actions, repository: demo/logq, issuer: '${issuer.url}', keys: keys.json`))
    writeFileSync(scene.path('keys.json'), issuer.keys())
    expect(await scene.muster(['evidence', 'accept', 'evidence.json'])).toMatchObject({ code: 0 })
  })
})

describe('GitLab CI', () => {
  test('vouches with a token that the job was given: once for each source', async () => {
    const scene = createScene({ program: program(`service: gitlab-ci, repository: group/logq, issuer: '${issuer.url}', keys: keys.json`) })
    writeFileSync(scene.path('keys.json'), issuer.keys())
    writeFileSync(scene.path('junit.xml'), JUNIT)
    const sha = scene.repository.git('rev-parse', 'feature/reader')
    const claims = { project_path: 'group/logq', ref: 'feature/reader', ref_path: 'refs/heads/feature/reader', sha }
    const env = {
      GITLAB_CI: 'true',
      CI_COMMIT_SHA: sha,
      CI_COMMIT_BRANCH: 'feature/reader',
      MUSTER_ID_TOKEN: await issuer.token(claims, 'muster'),
    }
    const push = () => scene.muster(['evidence', 'push', 'junit.xml', '--source', 'tests'], { env })
    expect(await push()).toMatchObject({ code: 0, out: 'junit.xml: recorded 1\n' })
    expect(await status(scene)).toBe('satisfied')
    expect(await push()).toMatchObject({ code: 0, out: expect.stringContaining('already on record (1)') as string })
    // Who found the token in a log says something else with it.
    writeFileSync(
      scene.path('junit.xml'),
      JUNIT.replace('name="writes"', 'name="others"').replace('</testsuite>', '<testcase name="more"/></testsuite>'),
    )
    expect(await push()).toMatchObject({
      code: 3,
      out: expect.stringContaining('has vouched for another report of tests (record 1)') as string,
    })
  })
})
