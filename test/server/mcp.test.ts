import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport, type ClientOptions } from '@modelcontextprotocol/client'
import { expect, onTestFinished, test } from 'vitest'
import { TOOLS } from '#server/mcp/tools.ts'
import { writePhase } from '../../examples/phase-e/history.ts'
import { testRepository } from '../collect/git-repository.ts'
import { told, type Told } from '../cli/agent.ts'
import { createScene, NOW, PROGRAM, type Scene } from '../cli/scene.ts'
import { serve, type Served } from './served.ts'

const AT = { checkpoint: 'week1' }
/** However slow the machine is. */
const PATIENTLY = { ...AT, waitSeconds: 100 }

const tokenOf = async (scene: Scene, argv: readonly string[]): Promise<string> => {
  const made = await scene.muster(['access', 'issue', '--label', 'agent', ...argv])
  expect(made).toMatchObject({ code: 0 })
  return made.out.trim()
}

/** A client with a token, as an agent's configuration has it. */
async function agent(
  { url }: Pick<Served, 'url'>,
  token: string,
  { path = '/mcp', client: options }: { readonly path?: string; readonly client?: ClientOptions } = {},
) {
  const client = new Client({ name: 'test', version: '1' }, options)
  onTestFinished(() => client.close())
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${url}${path}`), { requestInit: { headers: { authorization: `Bearer ${token}` } } }),
  )
  return {
    client,
    call: async (
      name: string,
      input: Readonly<Record<string, unknown>> = {},
      more: { readonly signal?: AbortSignal; readonly onprogress?: () => void } = {},
    ): Promise<Told> => told(await client.callTool({ name, arguments: { ...input } }, { timeout: 110_000, ...more })),
  }
}

const refusal = ({ isError, data }: Told) => ({ isError, code: data['code'], remedy: data['remedy'] })

const HELLO = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
}
const ACCEPT = { accept: 'application/json, text/event-stream' }

/** The status of a request that names another host, as a page does whose name was bound anew to this machine. */
const rebound = ({ url }: Served, authorization: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const headers = { host: 'evil.example', authorization, 'content-type': 'application/json', ...ACCEPT }
    request(`${url}/mcp`, { method: 'POST', headers }, (response) => resolve(response.resume().statusCode))
      .once('error', reject)
      .end(JSON.stringify(HELLO))
  })

const codeOf = async (response: Response) => ({
  status: response.status,
  code: ((await response.json()) as { readonly code?: string }).code,
})

test('with a person’s token an agent reads, judges and reports as that person, and nobody else', async () => {
  const scene = createScene()
  await scene.muster(['trust', '--yes'])
  const token = await tokenOf(scene, ['--as', 'lead-b'])
  const { call, client } = await agent(await serve(scene), token)
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(TOOLS.map(({ name }) => name))
  expect((await call('status', AT)).data).toMatchObject({ stream: 'writer', unjudged: expect.any(Array) })
  let heard = 0
  const judged = await call('check', PATIENTLY, { onprogress: () => (heard += 1) })
  expect(judged.data).toMatchObject({ verdict: 'GO', streams: [{ id: 'writer' }] })
  expect(heard).toBeGreaterThan(0)
  expect((await call('explain', { ...AT, criterion: 'tests' })).text).toContain('commit')
  expect((await call('radar')).data).toMatchObject({ stream: 'writer', at: NOW, pairs: [] })
  expect((await call('check-in', { done: 'Written' })).data).toMatchObject({ events: [{ type: 'check-in', actor: 'lead-b' }] })
  expect(refusal(await call('check-in', { stream: 'reader', done: 'Not mine' }))).toMatchObject({
    isError: true,
    code: 'not-allowed',
    remedy: expect.stringContaining('lead-a'),
  })
  expect((await scene.muster(['verify'])).out).toContain('sound')
})

test('the machines of a stream read and report, and each refusal names who may', async () => {
  const scene = createScene()
  const token = await tokenOf(scene, ['--as', 'boss', '--stream', 'reader'])
  const served = await serve(scene)
  const { call } = await agent(served, token)
  expect((await call('status', AT)).data).toMatchObject({ stream: 'reader' })
  expect((await call('blockers')).isError).toBe(false)
  await served.client.finished('demo', 'begin')
  expect((await call('radar')).data).toMatchObject({ stream: 'reader', stale: 'a token of a stream reads the last one' })
  expect(refusal(await call('check-in', { done: 'All of it' }))).toEqual({
    isError: true,
    code: 'not-allowed',
    remedy: expect.stringContaining('lead-a'),
  })
  expect(refusal(await call('resolve-blocker', { blocker: 'b-1', outcome: 'resolved', note: 'Gone' }))).toMatchObject({
    code: 'not-allowed',
  })
  expect(refusal(await call('check', AT))).toMatchObject({ code: 'not-allowed', remedy: expect.stringContaining('a person') })
  expect((await served.client.read('listDecisions', { program: 'demo' })).items).toEqual([])
})

test('what the API refuses is refused here: no token, a revoked one, a page of another site, a rebound name, a form', async () => {
  const scene = createScene()
  const token = await tokenOf(scene, ['--as', 'lead-a'])
  const served = await serve(scene)
  const bearer = { authorization: `Bearer ${token}`, cookie: '', ...ACCEPT }
  const post = (headers: Readonly<Record<string, string>>, path = '/mcp') => served.post(path, HELLO, { ...bearer, ...headers })

  const welcomed = await post({})
  expect(welcomed.status).toBe(200)
  expect(welcomed.headers.get('x-content-type-options')).toBe('nosniff')
  expect(welcomed.headers.get('cache-control')).toBe('no-store')
  expect(await welcomed.text()).toContain('"name":"muster"')
  expect(await codeOf(await post({ origin: 'https://evil.example' }))).toEqual({ status: 403, code: 'foreign-origin' })
  expect(await codeOf(await post({ 'sec-fetch-site': 'cross-site' }))).toEqual({ status: 403, code: 'foreign-origin' })
  expect(await codeOf(await post({ 'content-type': 'text/plain' }))).toEqual({ status: 415, code: 'not-json' })
  expect(await rebound(served, bearer.authorization)).toBe(421)
  // Also with the session of this machine, which a browser sends by itself.
  expect(await codeOf(await served.post('/mcp', HELLO, { ...ACCEPT, origin: 'https://evil.example' }))).toEqual({
    status: 403,
    code: 'foreign-origin',
  })
  expect(await codeOf(await post({ authorization: '' }))).toMatchObject({ status: 401 })
  const { authorization: _, ...tokenless } = bearer
  const unknown = await served.post('/mcp', HELLO, tokenless)
  expect(await unknown.json()).toMatchObject({ code: 'signed-out', remedy: expect.stringContaining('muster access issue') })
  expect(await codeOf(await post({ authorization: 'Bearer muster_access_x' }))).toEqual({ status: 401, code: 'token-refused' })
  expect(await codeOf(await post({}, `/mcp?token=${token}`))).toEqual({ status: 400, code: 'token-in-address' })
  expect(await codeOf(await post({}, '/mcp/other'))).toEqual({ status: 404, code: 'unknown-program' })
  // Nobody signs in for an agent: it is not led to believe that.
  expect(await codeOf(await served.get('/.well-known/oauth-protected-resource/mcp'))).toEqual({ status: 404, code: 'unknown-path' })
  // There is no session to listen to.
  expect((await served.get('/mcp', bearer)).status).toBe(405)

  const { client } = await agent(served, token)
  const [access] = (await served.client.read('listAccess', { program: 'demo' })).items
  expect(await scene.muster(['access', 'revoke', access?.access ?? '', '--as', 'lead-a', '--reason', 'Gone'])).toMatchObject({ code: 0 })
  await expect(client.callTool({ name: 'status', arguments: {} })).rejects.toThrow(/401|token-refused|lets nobody in/)
})

test('of several programs the path says which', async () => {
  const scene = createScene()
  const token = await tokenOf(scene, ['--as', 'lead-a'])
  const other = createScene({ program: PROGRAM.replace('program: demo', 'program: other') })
  const served = await serve(scene, { argv: ['--config', scene.path('muster.yaml'), '--config', other.path('muster.yaml')] })
  // A token is of one program.
  expect((await (await agent(served, token)).call('status', AT)).data).toMatchObject({ program: { id: 'demo' } })
  const asked = await served.post('/mcp', HELLO, ACCEPT)
  expect(asked.status).toBe(404)
  expect(await asked.json()).toMatchObject({ code: 'unknown-program', remedy: 'There are: /mcp/demo, /mcp/other.' })
  expect((await served.post('/mcp/other', HELLO, ACCEPT)).status).toBe(200)
})

test('a client that goes away in the middle of a check finds it under its key; the same key of two is two', async () => {
  const scene = createScene()
  await scene.muster(['trust', '--yes'])
  const [a, b] = [await tokenOf(scene, ['--as', 'lead-a']), await tokenOf(scene, ['--as', 'lead-b'])]
  const served = await serve(scene)
  const reader = await agent(served, a)
  const gone = new AbortController()
  await expect(
    reader.call('check', { ...PATIENTLY, key: 'same-key' }, { signal: gone.signal, onprogress: () => gone.abort() }),
  ).rejects.toThrow(/abort/i)
  const [mine, theirs] = await Promise.all([
    (await agent(served, a)).call('check', { ...PATIENTLY, key: 'same-key' }),
    (await agent(served, b)).call('check', { ...PATIENTLY, key: 'same-key' }),
  ])
  expect(mine.data).toMatchObject({ verdict: 'GO', streams: [{ id: 'reader' }] })
  expect(theirs.data).toMatchObject({ verdict: 'GO', streams: [{ id: 'writer' }], again: false })
  expect((await served.client.read('listDecisions', { program: 'demo' })).items).toHaveLength(2)
})

test('a decision is explained with what each option would change, from the history that is on record', async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'muster-mcp-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const repository = testRepository(folder)
  repository.commit('Begin', { 'readme.md': 'Phase E\n' })
  await writePhase(folder)
  const served = await serve({ repository, env: { HOME: folder, PATH: process.env['PATH'] ?? '' } }, { now: '2026-02-25T16:00:00Z' })
  const { id } = await served.client.write('startCheck', { program: 'phase-e', checkpoint: 'week2-sprint' })
  expect(await served.client.finished('phase-e', id)).toMatchObject({ state: 'done' })
  const call = { name: 'explain', arguments: { checkpoint: 'week2-sprint', stream: '*' } }
  const answer = await served.post('/mcp', { jsonrpc: '2.0', id: 2, method: 'tools/call', params: call }, ACCEPT)
  expect(await answer.text()).toContain('What each option would change for ')
})

test('protocol: as of 2026-07-28, without a handshake', async () => {
  const scene = createScene()
  const token = await tokenOf(scene, ['--as', 'lead-a'])
  const { call, client } = await agent(await serve(scene), token, { client: { versionNegotiation: { mode: { pin: '2026-07-28' } } } })
  expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28')
  expect((await call('status', AT)).data).toMatchObject({ stream: 'reader' })
})
