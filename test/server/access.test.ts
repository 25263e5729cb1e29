import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { httpServer } from '#server/listen.ts'
import { createClient } from '#client/index.ts'
import { createScene, NOW, PROGRAM, type Scene } from '../cli/scene.ts'
import { openBrowser } from '../browser/dashboard.ts'
import { freePort } from '../free-port.ts'
import { Browser, testIssuer, type TestIssuer } from './issuer.ts'
import { serve, type Served } from './served.ts'

const P = '/api/programs/demo'

const WITH_PEOPLE = PROGRAM.replace('Lead A }', 'Lead A, email: lead-a@example.org }').replace(
  'Lead B }',
  'Lead B, email: lead-b@example.org, gitlab: b-writes }',
)

const codeOf = async (response: Response) => {
  const { code, remedy, detail } = (await response.json()) as { readonly code: string; readonly remedy?: string; readonly detail: string }
  return { status: response.status, code, remedy, detail }
}

/** Bytes to the server as they are, and what comes back until it closes. */
const raw = (url: string, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    let answer = ''
    const socket = connect(Number(port), hostname, () => socket.write(text))
    socket.on('data', (bytes) => (answer += bytes.toString()))
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })

/** Text that differs in one character, whatever is there. */
const another = (text: string): string => {
  const middle = Math.floor(text.length / 2)
  return `${text.slice(0, middle)}${text[middle] === 'A' ? 'B' : 'A'}${text.slice(middle + 1)}`
}

const tokenOf = async (scene: Scene, argv: readonly string[], now = NOW): Promise<string> => {
  const made = await scene.muster(['access', 'issue', '--label', 'test', ...argv], { now })
  expect(made).toMatchObject({ code: 0 })
  return made.out.trim()
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}`, cookie: '' })
/** Closed when the test ends. */
async function chromium() {
  const browser = await openBrowser()
  onTestFinished(() => browser.close())
  return browser
}

const BLOCKER = { stream: 'writer', title: 'No disk', severity: 'high', impact: 'All', deadline: '1 day' }

test('pages of other sites, rebound names, forms and smuggled headers are refused, each with code and remedy', async () => {
  const served = await serve(createScene())
  const { host } = new URL(served.url)
  const refused = async (headers: Readonly<Record<string, string>>, body: unknown = { ...BLOCKER, as: 'lead-b' }) =>
    codeOf(await served.post(`${P}/acts/open-blocker`, body, headers))

  const rebound = await raw(
    served.url,
    `GET ${P}/state HTTP/1.1\r\nHost: evil.example:80\r\nCookie: ${served.cookie}\r\nConnection: close\r\n\r\n`,
  )
  expect(rebound).toMatch(/^HTTP\/1\.1 421 [^]*"unknown-host"[^]*"remedy"/)
  expect(await refused({ origin: 'https://evil.example' })).toMatchObject({ status: 403, code: 'foreign-origin' })
  expect(await refused({ origin: 'null' })).toMatchObject({ status: 403, code: 'foreign-origin' })
  expect(await refused({ 'sec-fetch-site': 'cross-site' })).toMatchObject({ status: 403, code: 'foreign-origin' })
  expect(await refused({ 'sec-fetch-site': 'same-site' })).toMatchObject({ status: 403, code: 'foreign-origin' })
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonp'])
    expect(await refused({ 'content-type': type })).toMatchObject({ status: 415, code: 'not-json', remedy: expect.any(String) })
  expect(await refused({}, ' '.repeat(5 * 1024 * 1024))).toMatchObject({ status: 413, code: 'too-large' })

  const ask = (...lines: readonly string[]) => raw(served.url, `${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`)
  expect(await ask(`GET ${P}/state HTTP/1.1`, `Host: ${host}`, 'Host: evil.example')).toMatch(/ 400 [^]*"header-twice"/)
  expect(await ask(`GET http://evil.example${P}/state HTTP/1.1`, `Host: ${host}`)).toMatch(/ 400 [^]*"no-path"/)
  expect(await ask(`POST ${P}/acts/sign HTTP/1.1`, `Host: ${host}`, 'Content-Length: 2', 'Transfer-Encoding: chunked')).toMatch(
    / 400 [^]*"no-request"/,
  )
  expect(await ask(`GET ${P}/state HTTP/1.1`, `Host: ${host}`, `X-Big: ${'x'.repeat(20_000)}`)).toMatch(/ 431 [^]*"headers-too-large"/)
  expect(await ask('nonsense')).toMatch(/ 400 [^]*"no-request"/)

  // None of it has left a trace, and the same write from our own page goes through.
  expect((await served.client.read('listBlockers', { program: 'demo' })).items).toEqual([])
  expect((await served.post(`${P}/acts/open-blocker`, { ...BLOCKER, as: 'lead-b' }, { origin: served.url })).status).toBe(201)
  const metrics = await (await served.get('/metrics')).text()
  expect(metrics).toContain('muster_http_refusals_total{code="foreign-origin"} 4')
})

test('pages come with a policy that lets no script in but their own, and no other site frames or reads them', async () => {
  const served = await serve(createScene())
  const { headers } = await served.get('/api/session')
  expect(headers.get('content-security-policy')).toMatch(/default-src 'none'; script-src 'self'; style-src 'self';.*frame-ancestors 'none'/)
  expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
  expect(headers.get('access-control-allow-origin')).toBe(null)
})

test('the link lets in once and not for ever; a new one is printed where the server runs', async () => {
  let now = NOW
  const scene = createScene()
  const served = await serve(scene, { now: () => now })
  const used = await fetch(served.link, { redirect: 'manual' })
  expect(await codeOf(used)).toMatchObject({ status: 401, code: 'link-used', remedy: expect.stringContaining('muster serve') })
  const [, again = ''] = /a new link: (\S+)/.exec(served.out()) ?? []
  expect(await codeOf(await fetch(`${again}x`, { redirect: 'manual' }))).toMatchObject({ code: 'link-used' })
  expect((await fetch(again, { redirect: 'manual' })).status).toBe(303)
  await fetch(again, { redirect: 'manual' })
  const late = served.out().split('a new link: ').at(-1)?.trim() ?? ''
  expect(late).not.toBe(again)
  now = '2026-02-25T15:00:01Z'
  expect(await codeOf(await fetch(late, { redirect: 'manual' }))).toMatchObject({ code: 'link-used' })
  const page = await fetch(late, { redirect: 'manual', headers: { accept: 'text/html' } })
  expect(await page.text()).toMatch(/<h1>This link has been used[^]*link-used/)
})

test('the cookie is one that no other site sends and nobody else can make; a browser that does not keep it gets a plain one', async () => {
  let now = NOW
  const served = await serve(createScene(), { now: () => now })
  const { port } = new URL(served.url)
  expect(served.setCookie).toMatch(
    new RegExp(`^__Host-muster-session-${port}=[^;]+; Max-Age=43200; Path=/; HttpOnly; Secure; SameSite=Strict$`),
  )
  const [name = '', value = ''] = served.cookie.split('=')
  const [text = '', signature = ''] = value.split('.')
  const forged = Buffer.from(JSON.stringify({ id: 'x', until: 9_999_999_999 })).toString('base64url')
  for (const bad of [`${forged}.${signature}`, `${text}.${another(signature)}`, text, '', `${text}.${signature}.`, 'x'.repeat(8000)])
    expect(await codeOf(await served.get(`${P}/state`, { cookie: `${name}=${bad}` }))).toMatchObject({ status: 401, code: 'signed-out' })
  expect(await codeOf(await served.get(`${P}/state`, { cookie: '' }))).toMatchObject({ remedy: expect.stringContaining('link') })

  // A browser that keeps no secure cookie over http comes to the next page without it.
  await fetch(served.link, { redirect: 'manual' })
  const fresh = served.out().split('a new link: ').at(-1)?.trim() ?? ''
  const kept = new URL((await fetch(fresh, { redirect: 'manual' })).headers.get('location') ?? '', served.url)
  expect(kept.pathname).toBe('/sign-in/kept')
  const come = await fetch(kept, { redirect: 'manual' })
  // To the only program, which nobody has to choose.
  expect(come.headers.get('location')).toBe('/p/demo')
  const plain = come.headers.get('set-cookie') ?? ''
  expect(plain).toMatch(new RegExp(`^muster-session-${port}=[^;]+; Max-Age=43200; Path=/; HttpOnly; SameSite=Strict$`))
  expect((await fetch(kept, { redirect: 'manual' })).headers.get('set-cookie')).toBe(null)
  const cookie = plain.split(';')[0] ?? ''
  expect((await served.get(`${P}/state`, { cookie })).status).toBe(200)

  const out = await served.post('/sign-out', {}, { cookie })
  expect(await out.json()).toEqual({ location: '/' })
  expect((await served.get(`${P}/state`, { cookie })).status).toBe(401)
  expect((await served.get(`${P}/state`)).status).toBe(200)
  now = '2026-02-26T02:00:00Z'
  expect((await served.get(`${P}/plan`)).status).toBe(401)
})

test('who signed out stays out, in another process on the same store and after a restart', async () => {
  const scene = createScene()
  const [first, other] = [await serve(scene), await serve(scene)]
  const value = first.cookie.slice(first.cookie.indexOf('=') + 1)
  const at = async (served: Served) =>
    (await served.get(`${P}/state`, { cookie: `__Host-muster-session-${new URL(served.url).port}=${value}` })).status
  expect([await at(first), await at(other)]).toEqual([200, 200])
  expect((await first.post('/sign-out', {})).status).toBe(200)
  expect(await at(first)).toBe(401)
  await vi.waitFor(async () => expect(await at(other)).toBe(401), { timeout: 20_000 })
  await first.stop()
  await other.stop()
  const again = await serve(scene)
  expect(await at(again)).toBe(401)
  expect((await again.get(`${P}/state`)).status).toBe(200)
})

test('a token lets its person in until it expires or is revoked, and is on record as its hash alone', async () => {
  let now = NOW
  const scene = createScene()
  const token = await tokenOf(scene, ['--as', 'lead-a', '--days', '2'])
  const served = await serve(scene, { now: () => now })
  const client = createClient({ url: served.url, token })
  await client.act('demo', 'check-in', { stream: 'reader', done: ['Read'] })
  const record = (await client.read('listRecords', { program: 'demo' })).items.at(-1)
  expect(record).toMatchObject({ actor: 'lead-a', type: 'check-in' })
  const session = await (await served.get('/api/session', bearer(token))).json()
  expect(session).toEqual({ mode: 'token', people: { demo: 'lead-a' }, now: NOW })

  const refused = async (act: string, input: object, headers = bearer(token)) =>
    codeOf(await served.post(`${P}/acts/${act}`, input, headers))
  expect(await refused('check-in', { stream: 'writer', done: ['x'] })).toMatchObject({
    status: 403,
    code: 'not-allowed',
    remedy: 'this takes: lead (lead-b) or support (nobody)',
  })
  expect(await refused('check-in', { stream: 'writer', done: ['x'], as: 'lead-b' })).toMatchObject({ status: 403, code: 'not-yourself' })
  expect(await refused('override', { checkpoint: 'week1', verdict: 'GO', reason: 'r' })).toMatchObject({
    status: 403,
    remedy: 'this takes: phase-lead (boss)',
  })
  expect(await refused('issue-access', { label: 'more', sha256: 'ab'.repeat(32) })).toMatchObject({ code: 'token-makes-token' })

  const state = `${P}/state`
  expect(await codeOf(await served.get(`${state}?access_token=${token}`, { cookie: '' }))).toMatchObject({
    status: 400,
    code: 'token-in-address',
  })
  expect(await codeOf(await served.get(state, bearer(another(token))))).toMatchObject({ status: 401, code: 'token-refused' })
  expect(await codeOf(await served.get(state, { ...bearer(token), authorization: `Basic ${token}` }))).toMatchObject({
    code: 'token-refused',
  })
  // A token that lets nobody in is not made good by a session beside it.
  expect((await served.get(state, { authorization: 'Bearer nonsense' })).status).toBe(401)

  const list = await scene.muster(['access', 'list', '--format', 'json'])
  const { access } = JSON.parse(list.out) as { readonly access: readonly { readonly access: string }[] }
  expect(access).toMatchObject([{ person: 'lead-a', state: 'valid', label: 'test' }])
  const written = JSON.stringify((await served.client.read('listRecords', { program: 'demo' })).items)
  expect(written).not.toContain(token.slice(15))
  expect(list.out).not.toContain(token.slice(15))

  const soon = await tokenOf(scene, ['--as', 'lead-a'])
  expect((await served.get(state, bearer(soon))).status).toBe(200)
  const id = (JSON.parse((await scene.muster(['access', 'list', '--format', 'json'])).out) as { access: { access: string }[] }).access[1]
    ?.access
  const stop = new AbortController()
  const events = await fetch(`${served.url}${P}/events`, { headers: bearer(soon), signal: stop.signal })
  onTestFinished(() => stop.abort())
  const listed = (await served.client.read('listAccess', { program: 'demo' })).items
  expect(listed).toMatchObject([
    { person: 'lead-a', state: 'valid', usedAt: NOW },
    { access: id, usedAt: NOW },
  ])
  expect(JSON.stringify(listed)).not.toContain('sha256')
  await scene.muster(['access', 'revoke', id ?? '', '--reason', 'lost', '--as', 'lead-a'])
  expect(await codeOf(await served.get(state, bearer(soon)))).toMatchObject({
    code: 'token-refused',
    detail: expect.stringContaining('revoked'),
  })
  // Whoever follows by it is let go.
  expect(await events.text()).toContain('event: head')
  now = '2026-02-27T14:00:00Z'
  expect(await codeOf(await served.get(state, bearer(token)))).toMatchObject({
    code: 'token-refused',
    detail: expect.stringContaining('expired'),
  })
})

test('a token of a stream reads, and each thing that it may not do names the role that may', async () => {
  const scene = createScene()
  scene.program(PROGRAM.replace('    targets:', '    decide: { question: Go on?, signOff: { phase-lead: 1 } }\n    targets:'))
  const token = await tokenOf(scene, ['--stream', 'reader', '--as', 'boss'])
  const served = await serve(scene)
  expect((await served.get(`${P}/state`, bearer(token))).status).toBe(200)
  const act = async (name: string, input: object) => codeOf(await served.post(`${P}/acts/${name}`, input, bearer(token)))
  const denied = { status: 403, code: 'not-allowed' }
  expect(await act('sign', { checkpoint: 'week1', reason: 'r' })).toMatchObject({
    ...denied,
    remedy: expect.stringContaining('phase-lead (boss)'),
  })
  expect(await act('override', { checkpoint: 'week1', verdict: 'GO', reason: 'r' })).toMatchObject({
    ...denied,
    remedy: 'this takes: phase-lead (boss)',
  })
  const waive = { criterion: 'builds', checkpoint: 'week1', reason: 'r', expires: '2h' }
  expect(await act('waive', waive)).toMatchObject({ ...denied, remedy: 'this takes: phase-lead (boss)' })
  expect(await act('check-in', { stream: 'reader', done: ['x'] })).toMatchObject({
    ...denied,
    remedy: 'this takes: lead (lead-a) or support (nobody)',
  })
  expect(await act('open-blocker', BLOCKER)).toMatchObject({ ...denied, remedy: 'this takes: a person of the program' })
  expect(await act('sign', { nonsense: true, as: 'boss' })).toMatchObject(denied)
  expect(await codeOf(await served.post(`${P}/checkpoints/week1/checks`, {}, bearer(token)))).toMatchObject(denied)
  const items = (await served.client.read('listRecords', { program: 'demo' })).items
  expect(items.map(({ type }) => type)).toEqual(['access-granted'])
})

/** A server at which people sign in. */
async function signedInAt(
  scene: Scene,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly served: Served; readonly issuer: TestIssuer }> {
  scene.program(WITH_PEOPLE)
  const port = await freePort()
  const home = `http://127.0.0.1:${port}`
  const issuer = await testIssuer(home)
  const oidc = {
    MUSTER_URL: home,
    MUSTER_OIDC_ISSUER: issuer.url,
    MUSTER_OIDC_CLIENT_ID: 'muster',
    MUSTER_OIDC_CLIENT_SECRET: 'not-so-secret',
  }
  return { issuer, served: await serve(scene, { argv: ['--port', String(port)], env: { ...oidc, ...env } }) }
}

test('whoever the issuer vouches for acts as themselves, and as nobody else', async () => {
  const { served, issuer } = await signedInAt(createScene())
  expect(served.link).toBe(served.url)
  issuer.is({ sub: 'u1', email: 'Lead-A@example.org', email_verified: true, name: 'Ada' })
  const browser = new Browser()
  const landed = await browser.open(`${served.url}/sign-in?to=/demo`)
  expect(new URL(landed.url).pathname).toBe('/demo')
  const cookie = browser.cookies(served.url)
  expect(cookie).toMatch(/^__Host-muster-session-\d+=[^;]+$/)
  expect(await (await served.get('/api/session', { cookie })).json()).toEqual({
    mode: 'oidc',
    people: { demo: 'lead-a' },
    name: 'Ada',
    now: NOW,
  })

  const act = (name: string, input: object) => served.post(`${P}/acts/${name}`, input, { cookie })
  expect((await act('check-in', { stream: 'reader', done: ['Read'] })).status).toBe(201)
  expect(await codeOf(await act('check-in', { stream: 'writer', done: ['x'], as: 'lead-b' }))).toMatchObject({ code: 'not-yourself' })
  expect(await codeOf(await act('override', { checkpoint: 'week1', verdict: 'GO', reason: 'r' }))).toMatchObject({
    code: 'not-allowed',
    remedy: 'this takes: phase-lead (boss)',
  })
  const records = (await (await served.get(`${P}/ledger/records`, { cookie })).json()) as { items: { actor: string; type: string }[] }
  expect(records.items.map(({ actor, type }) => `${actor} ${type}`)).toEqual(['lead-a check-in'])
  expect(served.err()).toMatch(/"path":"\/api\/programs\/demo\/acts\/override","status":403,.*"who":"user:u1","code":"not-allowed"/)
  expect(served.err()).not.toContain('code=')

  const out = (await (await served.post('/sign-out', {}, { cookie })).json()) as { readonly location: string }
  expect(out.location).toMatch(new RegExp(`^${issuer.url}/session/end\\?`))
  expect((await served.get('/api/session', { cookie })).status).toBe(401)
})

test('strangers, unverified addresses and answers that were not asked for let nobody in', async () => {
  const { served, issuer } = await signedInAt(createScene(), { MUSTER_OIDC_LOGIN: 'gitlab' })
  const tried = async (claims: Parameters<TestIssuer['is']>[0]) => {
    issuer.is(claims)
    const browser = new Browser()
    const page = await browser.open(`${served.url}/sign-in`)
    return { status: page.status, text: await page.text(), cookie: browser.cookies(served.url) }
  }
  expect(await tried({ sub: 's', email: 'eve@example.org', email_verified: true })).toMatchObject({
    status: 403,
    text: expect.stringMatching(/No program here knows you[^]*eve@example\.org[^]*not-of-program/),
    cookie: '',
  })
  expect(await tried({ sub: 's', email: 'lead-a@example.org', email_verified: false })).toMatchObject({ status: 403, cookie: '' })
  expect(await tried({ sub: 's', email: 'lead-a@example.org' })).toMatchObject({ status: 403, cookie: '' })
  expect(await tried({ sub: 's', preferred_username: 'b-writes' })).toMatchObject({
    cookie: expect.stringContaining('__Host-muster-session'),
  })

  // What another browser began, a state of one's own and an answer that comes twice.
  issuer.is({ sub: 'u1', email: 'lead-a@example.org', email_verified: true })
  const browser = new Browser()
  const begun = await browser.open(`${served.url}/sign-in`, 0)
  const { searchParams } = new URL(begun.headers.get('location') ?? '')
  expect(Object.fromEntries(searchParams)).toMatchObject({
    code_challenge_method: 'S256',
    state: expect.any(String),
    nonce: expect.any(String),
  })
  expect((await new Browser().open(`${served.url}/sign-in/done?code=x&state=${searchParams.get('state')}`)).status).toBe(400)
  const refused = await browser.open(`${served.url}/sign-in/done?code=x&state=another`)
  expect([refused.status, browser.cookies(served.url)]).toEqual([401, ''])
  for (const to of ['//evil.example', '/\\evil.example', 'https://evil.example']) {
    const away = new Browser()
    expect(new URL((await away.open(`${served.url}/sign-in?to=${encodeURIComponent(to)}`)).url).href).toBe(`${served.url}/p/demo`)
  }
  expect(await codeOf(await served.get('/metrics', { cookie: '' }))).toMatchObject({ status: 401, code: 'signed-out' })
})

test('a browser that comes back from an issuer of another site is signed in', async () => {
  const { served, issuer } = await signedInAt(createScene())
  issuer.is({ sub: 'u1', email: 'lead-a@example.org', email_verified: true })
  const browser = await chromium()
  const page = await browser.newPage()
  await page.goto(`${served.url}/sign-in?to=/demo`)
  expect(page.url()).toBe(`${served.url}/demo`)
  const ask = (path: string, method: string) =>
    page.evaluate(
      async (request) => {
        const headers = { 'content-type': 'application/json' }
        return (await fetch(request.path, { method: request.method, headers, ...(request.method === 'POST' && { body: '{}' }) })).json()
      },
      { path, method },
    )
  expect(await ask('/api/session', 'GET')).toEqual({ mode: 'oidc', people: { demo: 'lead-a' }, name: 'lead-a@example.org', now: NOW })
  expect(await ask('/sign-out', 'POST')).toMatchObject({ location: expect.stringContaining(issuer.url) })
  expect(await ask('/api/session', 'GET')).toMatchObject({ code: 'signed-out' })
})

test('a session of a server that was local opens nothing once people sign in', async () => {
  const scene = createScene()
  const local = await serve(scene)
  await local.stop()
  const { served } = await signedInAt(scene)
  const cookie = local.cookie.replace(/session-\d+/, `session-${new URL(served.url).port}`)
  expect((await served.get(`${P}/state`, { cookie })).status).toBe(401)
})

test('other machines are let in only where it can be told who they are', async () => {
  const scene = createScene()
  const start = (argv: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    scene.muster(['serve', '--port', '0', ...argv], { env: { ...scene.env, ...env } })
  const open = await start(['--host', '0.0.0.0'])
  expect(open).toMatchObject({
    code: 2,
    err: expect.stringMatching(/nothing says who they are[^]*MUSTER_OIDC_ISSUER[^]*muster access issue/),
  })
  expect(await start([], { MUSTER_URL: 'https://muster.example' })).toMatchObject({ code: 2, err: expect.stringContaining('who they are') })
  await tokenOf(scene, ['--as', 'lead-a'])
  expect(await start(['--host', '0.0.0.0'])).toMatchObject({ code: 2, err: expect.stringContaining('needs MUSTER_URL') })
  for (const [env, says] of [
    [{ MUSTER_URL: 'http://muster.example' }, 'can be read on the way'],
    [{ MUSTER_URL: 'muster.example' }, 'without a path'],
    [{ MUSTER_OIDC_ISSUER: 'http://login.example' }, 'must begin with https'],
    [{ MUSTER_OIDC_ISSUER: 'https://login.example' }, 'needs MUSTER_OIDC_CLIENT_ID, MUSTER_OIDC_CLIENT_SECRET (or _FILE), MUSTER_URL'],
    [{ MUSTER_PROXIES: 'nowhere' }, 'addresses and subnets'],
  ] as const)
    expect(await start([], env)).toMatchObject({ code: 2, err: expect.stringContaining(says) })

  // With tokens alone there is no link; the name that people open is the one that counts.
  const served = await serve(scene, { argv: ['--host', '0.0.0.0'], env: { MUSTER_URL: 'https://muster.example' } })
  expect(served.link).toBe('https://muster.example')
})

test('whoever guesses is told to wait, and how long', async () => {
  const served = await serve(createScene())
  const guess = () => served.get(`${P}/state`, { authorization: `Bearer muster_access_${'A'.repeat(43)}` })
  // Every five seconds one more is allowed; a machine that is busy may take as long for the twenty.
  let refused = 0
  let told = await guess()
  for (; told.status === 401; told = await guess()) refused += 1
  expect(told.status).toBe(429)
  expect(refused).toBeGreaterThanOrEqual(20)
  expect(refused).toBeLessThan(30)
  expect(Number(told.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await codeOf(told)).toMatchObject({ code: 'too-many-requests', remedy: expect.stringMatching(/^Wait \d+ s\.$/) })
  // Whoever is in stays in, and processes are still watched over.
  expect((await served.get(`${P}/state`)).status).toBe(200)
  expect((await served.get('/healthz')).status).toBe(200)
})

test('whoever takes too long to ask is let go, and others are answered meanwhile', async () => {
  const live = { listen: () => () => {} }
  const app = { lives: new Map([['demo', live]]), fetch: async (request: Request) => new Response(await request.text()) }
  const server = httpServer(app as never, { headerSeconds: 1, requestSeconds: 1 })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const slow = [raw(url, 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: '), raw(url, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc')]
  expect(await (await fetch(url, { method: 'POST', body: 'quick' })).text()).toBe('quick')
  for (const one of slow) expect(await one).toMatch(/^HTTP\/1\.1 408 [^]*"too-slow"[^]*"remedy"/)
})

test('a browser keeps the cookie that begins with __Host- from this machine, and sends it for no other site', async () => {
  const served = await serve(createScene())
  await fetch(served.link, { redirect: 'manual' })
  const link = served.out().split('a new link: ').at(-1)?.trim() ?? ''
  // Another site, as far as browsers tell sites apart: of another name.
  const evil = createServer((_, response) => {
    response.setHeader('content-type', 'text/html')
    response.end('<!doctype html><title>Kittens</title>')
  })
  await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    evil.close()
    evil.closeAllConnections()
  })
  const browser = await chromium()
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(link)
  const { port } = new URL(served.url)
  expect((await context.cookies()).map(({ name, secure, sameSite }) => ({ name, secure, sameSite }))).toEqual([
    { name: `__Host-muster-session-${port}`, secure: true, sameSite: 'Strict' },
  ])
  const status = (path: string): Promise<number> => page.evaluate(async (to) => (await fetch(to)).status, path)
  expect(await status(`${P}/state`)).toBe(200)

  await page.goto(`http://localhost:${(evil.address() as AddressInfo).port}/`)
  const tried = await page.evaluate(
    async ({ url, body }) => {
      const kinds = ['text/plain', 'application/x-www-form-urlencoded', 'application/json']
      const sent = kinds.map((type) =>
        fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include', headers: { 'content-type': type }, body }).then(
          ({ type: kind, status: code }) => `${kind} ${code}`,
          () => 'blocked',
        ),
      )
      const read = fetch(url, { credentials: 'include' }).then(
        () => 'read',
        () => 'blocked',
      )
      return Promise.all([...sent, read])
    },
    { url: `${served.url}${P}/acts/open-blocker`, body: JSON.stringify({ ...BLOCKER, as: 'lead-b' }) },
  )
  expect(tried.at(-1)).toBe('blocked')
  await page.setContent(
    `<form method="post" enctype="text/plain" action="${served.url}${P}/acts/open-blocker"><input name='{"x":"' value='"}'></form>`,
  )
  await Promise.all([page.waitForNavigation(), page.evaluate('document.forms[0].submit()')])
  expect(await page.content()).toContain('foreign-origin')
  expect((await served.client.read('listRecords', { program: 'demo' })).items).toEqual([])
})
