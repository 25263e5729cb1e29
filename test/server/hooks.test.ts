import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { createScene, NOW, PROGRAM } from '../cli/scene.ts'
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
  expect(await post(served, '/hooks/gitlab', '{}', { 'x-gitlab-token': 'gl', 'x-gitlab-event-uuid': 'u-1' })).toMatchObject({ status: 202 })
  const { items } = await served.client.read('listJobs', { program: 'demo' })
  expect(items.map(({ id, kind }) => `${kind} ${id}`)).toContain('radar hook:d-1')
})

test('what has no secret is not taken', async () => {
  const served = await serve(createScene())
  for (const path of ['github', 'gitlab', 'slack'])
    expect(await post(served, `/hooks/${path}`, '{}', {})).toMatchObject({ status: 404, text: expect.stringContaining('_SECRET') })
})

test('a button in Slack is an act of whoever pressed it, once, and their roles decide', async () => {
  const scene = createScene()
  scene.program(
    PROGRAM.replace('    targets:', '    decide: { question: Go on?, signOff: { phase-lead: 1 } }\n    targets:')
      .replace('roles: [phase-lead]', 'roles: [phase-lead], slack: U0BOSS001')
      .replace('Lead A }', 'Lead A, slack: U0LEADA01 }'),
  )
  const served = await serve(scene, { env: ENV })
  const timestamp = String(Date.parse(NOW) / 1000)
  const press = (user: string, secret = 'sl') => {
    const value = JSON.stringify({ act: 'sign', checkpoint: 'week1', role: 'phase-lead', approve: true, program: 'demo' })
    const payload = JSON.stringify({ type: 'block_actions', user: { id: user }, actions: [{ action_id: 'muster-0-sign', value }] })
    const body = new URLSearchParams({ payload }).toString()
    const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    return post(served, '/hooks/slack', body, { ...type, 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature })
  }
  expect(await press('U0BOSS001', 'another')).toMatchObject({ status: 401, text: expect.stringContaining('not-signed') })
  expect(await press('U0LEADA01')).toMatchObject({ status: 200 })
  expect(await press('U0NOBODY1')).toMatchObject({ status: 200 })
  expect((await served.client.read('listSignOffs', { program: 'demo' })).items).toEqual([])
  expect(await press('U0BOSS001')).toMatchObject({ status: 200 })
  expect(await press('U0BOSS001')).toMatchObject({ status: 200 })
  const records = (await served.client.read('listRecords', { program: 'demo' })).items
  expect(records.map(({ actor, type }) => `${actor} ${type}`)).toEqual(['boss sign-off'])
})
