import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  checkRuns,
  found,
  issue,
  merging,
  pullRequest,
  requirements,
  review,
  statuses,
  workflowRuns,
} from '#collect/forge/github-shapes.ts'
import { kind } from '#collect/forge/kind.ts'
import { onForge } from '#collect/forge/open.ts'

/**
 * What api.github.com really sent, recorded by Octokit (MIT): exchanges of its REST API, and the
 * objects of webhooks, which are those of the API.
 */

const require = createRequire(import.meta.url)
const FIXTURES = dirname(require.resolve('@octokit/fixtures/package.json'))

interface Exchange {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly response: unknown
  readonly headers: Readonly<Record<string, string>>
}
const exchangesOf = (scenario: string): readonly Exchange[] =>
  JSON.parse(readFileSync(join(FIXTURES, 'scenarios/api.github.com', scenario, 'normalized-fixture.json'), 'utf8')) as Exchange[]

type Example = Readonly<Record<string, unknown>>
const HOOKS = require('@octokit/webhooks-examples/api.github.com/index.json') as readonly { name: string; examples: readonly Example[] }[]
const objects = (hook: string, key: string): readonly unknown[] =>
  HOOKS.flatMap(({ name, examples }) => (name === hook ? examples.map((one) => one[key]) : []))

describe('the shapes that are read', () => {
  test.each([
    ['pull requests', pullRequest, objects('pull_request', 'pull_request'), 29],
    ['whether they can be merged', merging, objects('pull_request', 'pull_request'), 29],
    ['reviews', review, objects('pull_request_review', 'review'), 4],
    ['check runs', checkRuns, objects('check_run', 'check_run').map((one) => ({ check_runs: [one] })), 9],
    ['workflow runs', workflowRuns, objects('workflow_run', 'workflow_run').map((one) => ({ workflow_runs: [one] })), 5],
    ['statuses', statuses, HOOKS.filter(({ name }) => name === 'status').map(({ examples }) => ({ statuses: examples })), 1],
    ['issues', z.array(issue), exchangesOf('paginate-issues').map((one) => one.response), 5],
    ['a search for issues', found, exchangesOf('search-issues').map((one) => one.response), 1],
    [
      'statuses of a commit',
      statuses,
      exchangesOf('create-status').flatMap((one) => (one.path.endsWith('/status') ? [one.response] : [])),
      1,
    ],
    [
      'required checks',
      requirements,
      exchangesOf('branch-protection').flatMap((one) => (one.status === 200 ? [{ protection: one.response }] : [])),
      2,
    ],
  ] as const)('are those of recorded %s', (_, shape, recorded, least) => {
    expect(recorded.length).toBeGreaterThanOrEqual(least)
    for (const one of recorded) expect(z.safeParse(shape, one)).toMatchObject({ success: true })
  })

  test('hold what was recorded', () => {
    const [, , , status] = exchangesOf('create-status')
    expect(statuses.parse(status?.response).statuses).toMatchObject([
      { context: 'example/1', state: 'failure' },
      { context: 'example/2', state: 'success' },
    ])
    const guarded = exchangesOf('branch-protection').at(2)
    expect(requirements.parse({ protection: guarded?.response }).protection?.required_status_checks).toEqual({
      contexts: ['foo/bar'],
      checks: [{ context: 'foo/bar' }],
    })
  })
})

describe('a recorded exchange, played again', () => {
  const ended: (() => unknown)[] = []
  afterEach(async () => {
    for (const end of ended.splice(0)) await end()
  })

  /** Reads from a server that answers as api.github.com did, under the address that it has here. */
  async function playing<T>(exchanges: readonly Exchange[], use: Parameters<typeof onForge<T>>[1]) {
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(request.url ?? '')
      const path = (request.url ?? '').replace(/^\/api\/v3/, '').replace(/per_page=100/, 'per_page=3')
      const one = exchanges.find((exchange) => exchange.path === path && exchange.method.toUpperCase() === request.method)
      if (!one) return response.writeHead(404).end('{"message":"Not Found"}')
      const { 'content-length': _, connection: __, ...headers } = one.headers
      const link = headers['link']?.replaceAll('https://api.github.com', `${url}/api/v3`)
      response.writeHead(one.status, { ...headers, ...(link !== undefined && { link }) }).end(JSON.stringify(one.response))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    ended.push(() => server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const cacheFolder = mkdtempSync(join(tmpdir(), 'muster-recorded-'))
    ended.push(() => rmSync(cacheFolder, { recursive: true, force: true }))
    const environment: Readonly<Record<string, string>> = { MUSTER_GITHUB_TOKEN: 'of-nobody', MUSTER_GITHUB_URL: url }
    const options = kind.options.parse({ forge: 'github', project: 'octokit-fixture-org/paginate-issues', url })
    const outcome = await onForge(
      {
        options,
        repository: '/nowhere',
        environment: (name) => environment[name],
        cacheFolder,
        signal: new AbortController().signal,
        pause: async () => undefined,
      },
      use,
    )
    return { outcome, asked }
  }

  test('pages are followed to the other address that GitHub gives them', async () => {
    const { outcome, asked } = await playing(exchangesOf('paginate-issues'), ({ client }) =>
      client.open().pages('/repos/octokit-fixture-org/paginate-issues/issues', z.array(issue), (page) => page),
    )
    expect(outcome).toMatchObject({ ok: true })
    expect(outcome.ok && outcome.value.map(({ number }) => number)).toEqual(Array.from({ length: 13 }, (_, index) => 13 - index))
    expect(asked).toHaveLength(5)
    expect(asked[1]).toBe('/api/v3/repositories/1000/issues?per_page=3&page=2')
  })

  test('what GitHub says is not there is missing knowledge, and no empty answer', async () => {
    const { outcome } = await playing(exchangesOf('branch-protection'), ({ client }) =>
      client.open().get('/repos/octokit-fixture-org/branch-protection/branches/main/protection', z.unknown()),
    )
    expect(outcome).toMatchObject({ ok: false, reason: expect.stringContaining('(404)') as string })
  })
})
