import { createHmac } from 'node:crypto'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createScene, NOW, PROGRAM } from '../cli/scene.ts'
import { double } from '../contract/channels/http.ts'
import { serve, type Served } from './served.ts'

const ENV = {
  MUSTER_GITHUB_WEBHOOK_SECRET: "It's a Secret to Everybody",
  MUSTER_GITLAB_WEBHOOK_SECRET: 'gl',
  MUSTER_SLACK_SIGNING_SECRET: 'sl',
}

const post = async (served: Served, path: string, body: string, headers: Readonly<Record<string, string>>) => {
  const response = await fetch(`${served.url}${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  })
  return { status: response.status, text: await response.text() }
}

test('a forge that is who it says makes the radar look, once for each delivery', async () => {
  const served = await serve(createScene(), { env: ENV })
  // The example of GitHub's own documentation.
  const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'
  const push = { 'x-hub-signature-256': signature, 'x-github-event': 'push', 'x-github-delivery': 'd-1' }
  const github = (headers: Readonly<Record<string, string>>, body = 'Hello, World!') => post(served, '/hooks/github', body, headers)
  expect(await github(push)).toMatchObject({ status: 202, text: '{"outcome":"looking"}' })
  expect(await github(push)).toMatchObject({ status: 200, text: '{"outcome":"known"}' })
  expect(await github({ ...push, 'x-github-event': 'ping' })).toMatchObject({ status: 200, text: '{"outcome":"pong"}' })
  expect(await github(push, 'Hello, World?')).toMatchObject({ status: 401, text: expect.stringContaining('"not-signed"') })
  expect(await github({ ...push, 'x-hub-signature-256': '' })).toMatchObject({ status: 401 })
  expect(await github({ ...push, 'x-github-delivery': '' })).toMatchObject({ status: 400, text: expect.stringContaining('"no-delivery"') })
  expect(await post(served, '/hooks/gitlab', '{}', { 'x-gitlab-token': 'no' })).toMatchObject({ status: 401 })
  expect(await gitlab(served, 'u-1')).toMatchObject({ status: 202 })
  const { items } = await served.client.read('listJobs', { program: 'demo' })
  expect(items.map(({ id, kind }) => `${kind} ${id}`)).toContain('radar hook:d-1')
})

const gitlab = (served: Served, id: string) => post(served, '/hooks/gitlab', '{}', { 'x-gitlab-token': 'gl', 'x-gitlab-event-uuid': id })

test('a delivery that was taken is known after a restart, and in another process', async () => {
  const scene = createScene()
  const first = await serve(scene, { env: ENV })
  expect((await gitlab(first, 'u-1')).status).toBe(202)
  const other = await serve(scene, { env: ENV })
  expect(await gitlab(other, 'u-1')).toMatchObject({ status: 200, text: '{"outcome":"known"}' })
  await first.stop()
  expect(await gitlab(await serve(scene, { env: ENV }), 'u-1')).toMatchObject({ status: 200 })
})

test('a forge makes a program that looks between checkpoints look at its evidence now, a minute after the last look at the soonest', async () => {
  const scene = createScene()
  scene.program(`${PROGRAM}schedule: { watch: 1h }\n`)
  let now = '2026-02-25T12:10:00Z'
  const served = await serve(scene, { env: ENV, run: true, now: () => now })
  const looks = async () => {
    const { items } = await served.client.read('listRecords', { program: 'demo' }, { limit: 200 })
    return items.filter(({ id }) => id.startsWith('fired:watch@')).map(({ id }) => id.slice('fired:watch@'.length))
  }
  await vi.waitFor(async () => expect(await looks()).toEqual(['2026-02-25T12:00:00Z']), { timeout: 30_000 })
  // What the loop gathered is in the metrics, as what is asked for over the API is.
  expect(await (await served.get('/metrics')).text()).toMatch(/muster_collector_seconds_count\{program="demo",source="git"\} [1-9]/)
  now = '2026-02-25T12:12:00Z'
  expect((await gitlab(served, 'u-1')).status).toBe(202)
  await vi.waitFor(async () => expect(await looks()).toContain('2026-02-25T12:12:00Z'), { timeout: 30_000 })
  expect(await looks()).toHaveLength(2)
})

test('whoever runs the program elsewhere looks once for each push that the server was told of', async () => {
  const scene = createScene()
  scene.program(`${PROGRAM}schedule: { watch: 1h }\n`)
  const served = await serve(scene, { env: ENV, now: '2026-02-25T12:12:00Z' })
  const looksAt = async (now: string) => {
    expect(await scene.muster(['run', '--once'], { now })).toMatchObject({ code: 0 })
    // It takes in what others have recorded.
    await served.get('/readyz')
    const { items } = await served.client.read('listRecords', { program: 'demo' }, { type: 'fired', limit: 200 })
    return items.flatMap(({ type, body }) => (type === 'fired' && body.kind === 'watch' ? [body.due] : []))
  }
  expect(await looksAt('2026-02-25T12:10:00Z')).toEqual(['2026-02-25T12:00:00Z'])
  expect((await gitlab(served, 'u-1')).status).toBe(202)
  const both = ['2026-02-25T12:00:00Z', '2026-02-25T12:12:00Z']
  expect(await looksAt('2026-02-25T12:13:00Z')).toEqual(both)
  expect(await looksAt('2026-02-25T12:20:00Z')).toEqual(both)
})

test('what has no secret is not taken', async () => {
  const served = await serve(createScene())
  for (const path of ['github', 'gitlab', 'slack'])
    expect(await post(served, `/hooks/${path}`, '{}', {})).toMatchObject({ status: 404, text: expect.stringContaining('_SECRET') })
})

const SIGNING: object = { act: 'sign', checkpoint: 'week1', role: 'phase-lead', approve: true }

/** A press of a button, of the one that signs unless said, as Slack posts it. */
const press = (served: Served, user: string, { secret = 'sl', answerTo = '', act = SIGNING } = {}) => {
  const timestamp = String(Date.parse(NOW) / 1000)
  const value = JSON.stringify({ ...act, program: 'demo' })
  const actions = [{ action_id: 'muster-0', value }]
  const payload = JSON.stringify({ type: 'block_actions', user: { id: user }, actions, ...(answerTo && { response_url: answerTo }) })
  const body = new URLSearchParams({ payload }).toString()
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  return post(served, '/hooks/slack', body, { ...type, 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature })
}

function signedScene() {
  const scene = createScene()
  scene.program(
    PROGRAM.replace('    targets:', '    decide: { question: Go on?, signOff: { phase-lead: 1 } }\n    targets:')
      .replace('roles: [phase-lead]', 'roles: [phase-lead], slack: U0BOSS001')
      .replace('Lead A }', 'Lead A, slack: U0LEADA01 }'),
  )
  return scene
}

test('a button in Slack is an act of whoever pressed it, once, and their roles decide', async () => {
  const served = await serve(signedScene(), { env: ENV })
  expect(await press(served, 'U0BOSS001', { secret: 'another' })).toMatchObject({
    status: 401,
    text: expect.stringContaining('not-signed'),
  })
  expect(await press(served, 'U0LEADA01')).toMatchObject({ status: 200 })
  expect(await press(served, 'U0NOBODY1')).toMatchObject({ status: 200 })
  expect((await served.client.read('listSignOffs', { program: 'demo' })).items).toEqual([])
  expect(await press(served, 'U0BOSS001')).toMatchObject({ status: 200 })
  expect(await press(served, 'U0BOSS001')).toMatchObject({ status: 200 })
  const records = (await served.client.read('listRecords', { program: 'demo' })).items
  expect(records.map(({ actor, type }) => `${actor} ${type}`)).toEqual(['boss sign-off'])
})

test('a blocker ends from Slack in each of the four ways, and as resolved by a button that names none', async () => {
  const served = await serve(signedScene(), { env: ENV })
  const ways = ['resolved', 'workaround', 'scope-reduced', 'deadline-extended', undefined] as const
  for (const [index, outcome] of ways.entries()) {
    const blocker = `b-${index + 1}`
    await served.client.act(
      'demo',
      'open-blocker',
      { stream: 'reader', title: 'Stuck', severity: 'low', impact: 'No tests' },
      { as: 'boss' },
    )
    expect(await press(served, 'U0BOSS001', { act: { act: 'resolve-blocker', blocker, outcome } })).toMatchObject({ status: 200 })
  }
  const { items } = await served.client.read('listBlockers', { program: 'demo' })
  expect(Object.fromEntries(items.map((one) => [one.blocker, one.outcome]))).toEqual({
    'b-1': 'resolved',
    'b-2': 'workaround',
    'b-3': 'scope-reduced',
    'b-4': 'deadline-extended',
    'b-5': 'resolved',
  })
})

test('whoever pressed a button in Slack is told what came of it, and nobody else', async () => {
  const slack = await double(() => ({ body: 'ok' }), { status: 404, body: 'used_url' })
  onTestFinished(() => slack.close())
  const served = await serve(signedScene(), { env: { ...ENV, MUSTER_DELIVER_TO: 'loopback' } })
  const answerTo = `${slack.url}/actions/T0TEAM/1/secret`
  const told = async (user: string): Promise<unknown> => {
    const before = slack.requests.length
    expect(await press(served, user, { answerTo })).toEqual({ status: 200, text: '' })
    await vi.waitFor(() => expect(slack.requests).toHaveLength(before + 1), { timeout: 20_000 })
    const { method, path, headers, body } = slack.requests.at(-1) ?? { headers: {}, body: '' }
    expect([method, path, headers['content-type']]).toEqual(['POST', '/actions/T0TEAM/1/secret', 'application/json'])
    return JSON.parse(body)
  }
  const privately = { response_type: 'ephemeral', replace_original: false }
  expect(await told('U0LEADA01')).toEqual({
    ...privately,
    text: expect.stringMatching(/^lead-a may not sign .*\nthis takes: phase-lead \(boss\)$/),
  })
  expect(await told('U0NOBODY1')).toEqual({ ...privately, text: 'nobody in the program has slack: U0NOBODY1' })
  expect(await told('U0BOSS001')).toEqual({ ...privately, text: 'boss (phase-lead) signed the decision of week1' })

  // Slack sends a press again when it hears nothing: it was told already.
  await press(served, 'U0BOSS001', { answerTo })
  // Where Slack does not take the answer the server says so, without the address.
  slack.behave('refuse')
  await press(served, 'U0LEADA01', { answerTo })
  await vi.waitFor(() => expect(served.err()).toContain('Slack was not told what came of a button: Slack answered with 404'), {
    timeout: 20_000,
  })
  expect(served.err()).not.toContain('secret')
  expect(slack.requests).toHaveLength(4)
  expect((await served.client.read('listSignOffs', { program: 'demo' })).items).toHaveLength(1)
})

test('what came of a button is told to Slack alone, whatever address a press names', async () => {
  const other = await double(() => ({ body: 'ok' }), {})
  onTestFinished(() => other.close())
  const served = await serve(signedScene(), { env: ENV })
  for (const answerTo of [
    other.url,
    `https://hooks.slack.com@${new URL(other.url).host}/`,
    'https://hooks.slack.com.example/',
    'javascript:1',
  ]) {
    const before = served.err().length
    expect((await press(served, 'U0BOSS001', { answerTo })).status).toBe(200)
    await vi.waitFor(() => expect(served.err().slice(before)).toContain('Slack was not told'), { timeout: 20_000 })
  }
  expect(other.requests).toEqual([])
})
