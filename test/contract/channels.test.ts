import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import type { Dispatch } from '#core/notify/channel.ts'
import type { Notice } from '#core/notify/notice.ts'
import { CHANNEL_KINDS, type ChannelConfig, type Program } from '#core/program/model.ts'
import type { ChannelPorts } from '#deliver/ports.ts'
import { CHANNEL_KIND_INFO, openChannel } from '#deliver/registry.ts'
import { program as base, told } from '../cases/notice-case.ts'
import { channelContract, type Rig } from './channel.ts'
import { double, type Double } from './channels/http.ts'
import { mailServer, PASSWORD } from './channels/mail-server.ts'
import { slackServer } from './channels/slack-server.ts'

/** Each channel against a double of its other side on this machine, held to the same suite. */

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const urgent = (notice: Notice): Notice => ({ ...notice, urgent: true })
const calm = (notice: Notice): Notice => ({ ...notice, urgent: false })

interface Given {
  readonly config: Omit<ChannelConfig, 'id'>
  readonly notice: Notice
  readonly environment?: Readonly<Record<string, string>>
  readonly secret?: string
  readonly program?: Program
  readonly ports?: Partial<ChannelPorts>
}

async function rig({ config, notice, environment = {}, secret, program = base, ports = {} }: Given) {
  const channelConfig = { id: 'team', ...config }
  const channel = await openChannel(channelConfig, {
    environment: (name) => environment[name],
    programFolder: '/nowhere',
    print: () => {},
    ...ports,
  })
  const person = program.people.find((one) => one.id === 'velocity')
  return { channel, config: channelConfig, program, notice, ...(person && { person }), ...(secret !== undefined && { secret }) }
}

const overHttp = (server: Double, seen: () => number): Pick<Rig, 'behave' | 'seen' | 'close'> => ({
  behave: server.behave,
  seen: async () => seen(),
  close: server.close,
})

async function webhookRig(): Promise<Rig & { readonly server: Double }> {
  const taken = new Set<unknown>()
  const server = await double(
    ({ headers, body }) => {
      new Webhook(SECRET).verify(body, headers as Record<string, string>)
      taken.add(headers['webhook-id'])
      return { status: 204 }
    },
    { status: 401, body: `no, ${SECRET} is not it` },
  )
  const given = await rig({
    config: { send: 'webhook', to: `${server.url}/hook` },
    notice: told('decision'),
    environment: { MUSTER_WEBHOOK_SECRET: SECRET, MUSTER_DELIVER_TO: 'loopback' },
    secret: SECRET,
  })
  return { ...given, server, ...overHttp(server, () => taken.size) }
}

async function slackRig(): Promise<Rig & { readonly server: Awaited<ReturnType<typeof slackServer>> }> {
  const server = await slackServer()
  const token = 'xoxb-not-a-real-token'
  const given = await rig({
    config: { send: 'slack', to: '#team' },
    notice: told('opened'),
    environment: { MUSTER_SLACK_TOKEN: token, MUSTER_SLACK_API_URL: `${server.url}/api/`, MUSTER_DELIVER_TO: 'loopback' },
    secret: token,
  })
  return { ...given, server, ...overHttp(server, () => server.messages.length) }
}

const slackWebhookRig = (notice: Notice) => async (): Promise<Rig> => {
  let posts = 0
  const server = await double(
    () => {
      posts += 1
      return { body: 'ok' }
    },
    { status: 403, body: 'invalid_token' },
  )
  const given = await rig({
    config: { send: 'slack-webhook' },
    notice,
    environment: { MUSTER_SLACK_WEBHOOK: `${server.url}/services/T0/B0/secret-part`, MUSTER_DELIVER_TO: 'loopback' },
    secret: 'secret-part',
  })
  return { ...given, ...overHttp(server, () => posts) }
}

const mailRig =
  (send: 'email' | 'calendar', notice: Notice) => async (): Promise<Rig & { readonly server: Awaited<ReturnType<typeof mailServer>> }> => {
    const server = await mailServer()
    const given = await rig({
      config: { send, from: 'muster@example.org' },
      notice,
      environment: { MUSTER_SMTP_URL: server.url },
      secret: PASSWORD,
    })
    return {
      ...given,
      server,
      behave: server.behave,
      seen: async () => new Set(server.mails.map((one) => one.messageId)).size,
      close: server.close,
    }
  }

interface Comment {
  readonly id: number
  body: string
}

/** A pull request with its comments and the statuses of its commit, at either forge. */
const forgeRig =
  (forge: 'github' | 'gitlab', isForeign = false) =>
  async (): Promise<Rig & { readonly comments: Comment[]; readonly statuses: unknown[]; readonly server: Double }> => {
    const comments: Comment[] = isForeign ? [{ id: 1, body: '<!-- muster:phase-e/psi -->\nI wrote this myself' }] : []
    const statuses: unknown[] = []
    const server = await double(
      ({ method, path, body, query }) => {
        const sent = body === '' ? {} : (JSON.parse(body) as { readonly body?: string })
        if (path.includes('/statuses/')) {
          statuses.push(forge === 'github' ? sent : Object.fromEntries(query))
          return { status: 201, body: { id: 1 } }
        }
        if (/\/(?:pulls|merge_requests)$/.test(path)) return { body: [{ number: 12, iid: 12 }] }
        if (method === 'GET') return { body: comments }
        if (method === 'POST') {
          comments.push({ id: comments.length + 1, body: sent.body ?? '' })
          return { status: 201, body: comments.at(-1) }
        }
        const found = comments.find((one) => one.id === Number(path.split('/').at(-1)))
        if (!found || (isForeign && found.id === 1)) return { status: 403, body: { message: 'not yours' } }
        found.body = sent.body ?? ''
        return { body: found }
      },
      { status: 401, body: { message: 'Bad credentials: ghp_notarealtokenatall00' } },
      undefined,
      ({ method, path }) => method !== 'GET' && /comments|notes/.test(path),
    )
    const program: Program = {
      ...base,
      sources: [
        ...base.sources,
        {
          id: 'forge',
          collect: 'forge',
          for: 'streams',
          options: { forge, project: 'team/phase-e', url: server.url },
          timeLimitSeconds: 60,
        },
      ],
    }
    const [token, url] = forge === 'github' ? ['MUSTER_GITHUB_TOKEN', 'MUSTER_GITHUB_URL'] : ['MUSTER_GITLAB_TOKEN', 'MUSTER_GITLAB_URL']
    const given = await rig({
      config: { send: 'forge' },
      notice: told('status-1'),
      program,
      environment: { [token]: 'ghp_notarealtokenatall00', [url]: server.url },
      secret: 'ghp_notarealtokenatall00',
    })
    return { ...given, server, comments, statuses, ...overHttp(server, () => comments.length) }
  }

async function fileRig(): Promise<Rig & { readonly file: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-notices-'))
  const file = join(folder, 'out', 'notices.jsonl')
  const given = await rig({ config: { send: 'file', to: 'out/notices.jsonl' }, notice: told('blocker'), ports: { programFolder: folder } })
  return {
    ...given,
    file,
    behave: () => {},
    seen: async () => readFileSync(file, 'utf8').trimEnd().split('\n').length,
    close: async () => rmSync(folder, { recursive: true }),
  }
}

async function stdoutRig(): Promise<Rig & { readonly written: string[] }> {
  const written: string[] = []
  const given = await rig({ config: { send: 'stdout' }, notice: told('blocker'), ports: { print: (text) => written.push(text) } })
  return { ...given, written, behave: () => {}, seen: async () => written.length, close: async () => {} }
}

const ONCE = { outcome: 'delivered', seen: 1 } as const

channelContract('webhook', webhookRig, { again: ONCE, limitSeconds: 7 })
channelContract('slack', slackRig, { again: ONCE, limitSeconds: 7 })
channelContract('slack webhook, urgent', slackWebhookRig(urgent(told('blocker'))), {
  again: { outcome: 'delivered', seen: 2 },
  limitSeconds: 7,
})
channelContract('slack webhook, not urgent', slackWebhookRig(calm(told('status-1'))), {
  again: { outcome: 'uncertain', seen: 1 },
  limitSeconds: 7,
})
channelContract('email', mailRig('email', told('blocker')), { again: ONCE })
channelContract('calendar', mailRig('calendar', told('invitation')), { again: ONCE })
channelContract('github', forgeRig('github'), { again: ONCE, limitSeconds: 7 })
channelContract('gitlab', forgeRig('gitlab'), { again: ONCE, limitSeconds: 7 })
channelContract('file', fileRig, { again: ONCE, isLocal: true })
channelContract('stdout', stdoutRig, { again: { outcome: 'delivered', seen: 2 }, isLocal: true })

const dispatchOf = ({ config, program, notice, person }: Rig, more: Partial<Dispatch> = {}): Dispatch => ({
  key: 'cause/1',
  attempt: 1,
  maybeSent: false,
  program,
  config,
  notice,
  ...(person && { person }),
  now: new Date().toISOString(),
  signal: AbortSignal.timeout(10_000),
  ...more,
})

/** Opens, runs and always closes. */
async function using<R extends Rig>(open: () => Promise<R>, run: (rig: R) => Promise<void>): Promise<void> {
  const made = await open()
  try {
    await run(made)
  } finally {
    await made.channel.close()
    await made.close()
  }
}

test('every kind of channel declares itself, and can be opened', async () => {
  for (const kind of CHANNEL_KINDS) {
    expect(CHANNEL_KIND_INFO[kind].kind).toBe(kind)
    const channel = await openChannel({ id: 'x', send: kind }, { environment: () => undefined, programFolder: '/', print: () => {} })
    await channel.close()
  }
})

test('a line of JSON moves no cursor and turns no text, whatever the message holds, and reads back as it was', async () => {
  const title = 'Blocker: \u202egnp.exe \u009b2J \u{1f600}'
  const say = (made: Rig) => made.channel.send(dispatchOf(made, { notice: { ...made.notice, title } }))
  const lines: string[] = []
  await using(stdoutRig, async (made) => {
    await say(made)
    lines.push(...made.written)
  })
  await using(fileRig, async (made) => {
    await say(made)
    lines.push(readFileSync(made.file, 'utf8'))
  })
  expect(lines).toHaveLength(2)
  for (const line of lines) {
    expect(line).not.toMatch(/[\u007f-\u009f\u202e]/)
    expect(JSON.parse(line)).toMatchObject({ title })
  }
})

test.each(CHANNEL_KINDS.filter((kind) => kind !== 'stdout'))('%s without its settings fails and says what to set', async (send) => {
  const channel = await openChannel({ id: 'x', send }, { environment: () => undefined, programFolder: '/nowhere', print: () => {} })
  const notice = told(send === 'calendar' ? 'invitation' : send === 'forge' ? 'status-1' : 'blocker')
  const config = { id: 'x', send }
  const person = base.people[1]
  const sent = await channel.send({ ...dispatchOf({ config, program: base, notice } as Rig), ...(person && { person }) })
  expect(sent.outcome).toBe('failed')
  await channel.close()
})

describe('slack', () => {
  test('a thread begins, goes on, and its beginning is edited when the state changes', () =>
    using(slackRig, async (made) => {
      const { channel, server } = made
      const first = await channel.send(dispatchOf(made, { notice: told('blocker') }))
      const previous = first.outcome === 'delivered' ? (first.reference ?? '') : ''
      const second = await channel.send(dispatchOf(made, { key: '2', notice: told('blocker-overdue'), previous }))
      const third = await channel.send(
        dispatchOf(made, {
          key: '3',
          notice: told('blocker-acknowledged'),
          previous: second.outcome === 'delivered' ? (second.reference ?? '') : '',
        }),
      )
      expect(third.outcome).toBe('delivered')
      const [root, reply] = server.messages
      expect(server.messages).toHaveLength(2)
      expect(root).toMatchObject({ edits: 1 })
      expect(root?.text).toContain('Blocker acknowledged')
      expect(reply).toMatchObject({ thread_ts: root?.ts, edits: 0 })
      expect(root?.blocks.map((one) => one.type)).toContain('actions')
    }))

  test('what is urgent in a thread is shown in the channel too, and nothing else', () =>
    using(slackRig, async ({ server, ...made }) => {
      const first = await made.channel.send(dispatchOf(made, { notice: calm(told('blocker')) }))
      const previous = first.outcome === 'delivered' ? (first.reference ?? '') : ''
      await made.channel.send(dispatchOf(made, { key: '2', notice: urgent(told('blocker-overdue')), previous }))
      await made.channel.send(dispatchOf(made, { key: '3', notice: calm(told('blocker-overdue')), previous }))
      expect(server.messages.map((one) => String(one.reply_broadcast))).toEqual(['undefined', 'true', 'undefined'])
    }))

  test('what may have arrived is looked for on every page, in the channel and in its thread', () =>
    using(slackRig, async ({ server, ...made }) => {
      server.looking.pageSize = 1
      const send = (key: string, more: Partial<Dispatch> = {}) =>
        made.channel.send(dispatchOf(made, { key, notice: told('opened'), ...more }))
      const [first] = [await send('a'), await send('b'), await send('c')]
      expect(await send('c', { maybeSent: true, attempt: 2 })).toMatchObject({ outcome: 'delivered' })
      expect(server.messages).toHaveLength(3)
      const previous = first?.outcome === 'delivered' ? (first.reference ?? '') : ''
      await send('d', { previous })
      await send('e', { previous })
      expect(await send('e', { previous, maybeSent: true, attempt: 2 })).toMatchObject({ outcome: 'delivered' })
      expect(server.messages).toHaveLength(5)
      expect(await send('f', { previous, maybeSent: true, attempt: 2 })).toMatchObject({ outcome: 'delivered' })
      expect(server.messages).toHaveLength(6)
    }))

  test('where the bot may not look, what is urgent is sent again and all else is uncertain', () =>
    using(slackRig, async ({ server, ...made }) => {
      server.looking.isAllowed = false
      const again = { maybeSent: true, attempt: 2 }
      expect(await made.channel.send(dispatchOf(made, { notice: calm(told('opened')), ...again }))).toMatchObject({ outcome: 'uncertain' })
      expect(server.messages).toHaveLength(0)
      expect(await made.channel.send(dispatchOf(made, { notice: urgent(told('opened')), ...again }))).toMatchObject({
        outcome: 'delivered',
      })
      expect(server.messages).toHaveLength(1)
    }))

  test('the token goes to Slack alone: another address is for tests on this machine', async () => {
    const server = await slackServer()
    const given = await rig({
      config: { send: 'slack', to: '#team' },
      notice: told('opened'),
      environment: { MUSTER_SLACK_TOKEN: 'xoxb-not-a-real-token', MUSTER_SLACK_API_URL: `${server.url}/api/` },
    })
    expect(await given.channel.send(dispatchOf({ ...given, ...overHttp(server, () => 0) }))).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('tests') as string,
    })
    expect(server.messages).toHaveLength(0)
    await given.channel.close()
    await server.close()
  })

  test('a beginning that is gone is continued instead', () =>
    using(slackRig, async (made) => {
      const sent = await made.channel.send(
        dispatchOf(made, { notice: told('blocker-acknowledged'), previous: 'C0TEAM01/1700000000.000100/1700000000.000100' }),
      )
      expect(sent.outcome).toBe('delivered')
      expect(made.server.messages).toHaveLength(1)
    }))
})

describe('mail', () => {
  test('is text and HTML, threaded, to one person, with the key as its Message-ID', () =>
    using(mailRig('email', told('blocker')), async (made) => {
      const first = await made.channel.send(dispatchOf(made))
      await made.channel.send(
        dispatchOf(made, {
          key: '2',
          ...(first.outcome === 'delivered' && first.reference !== undefined && { previous: first.reference }),
        }),
      )
      const [one, two] = made.server.mails
      expect(one?.subject).toBe('[Phase E] Blocker: B - EROFS, Two versions of one library')
      expect(one?.to).toMatchObject({ value: [{ address: 'vera@example.org', name: 'Vera "V" Velocity' }] })
      expect(one?.text).toContain('Workaround: Vendor the dependency')
      expect(one?.html).toContain('<strong>Workaround:</strong> Vendor the dependency')
      expect(two?.inReplyTo).toBe(one?.messageId)
      expect([two?.references].flat()).toContain(one?.inReplyTo)
    }))

  test('is dated as mails are, at the time it tells of', () =>
    using(mailRig('email', { ...told('blocker'), at: '2026-03-01T06:30:00.000Z' }), async (made) => {
      await made.channel.send(dispatchOf(made))
      expect(/^date: (.*?)\r?$/im.exec(made.server.raw[0] ?? '')?.[1]).toBe('Sun, 01 Mar 2026 06:30:00 +0000')
    }))

  test.each(['https://user:password@mail.example.org', 'mail.example.org', 'smtp://'])(
    'is not sent by what is no mail server: %s',
    async (url) => {
      const server = await mailServer()
      const notice = told('blocker')
      const given = await rig({ config: { send: 'email', from: 'muster@example.org' }, notice, environment: { MUSTER_SMTP_URL: url } })
      const made = { ...given, behave: server.behave, seen: async () => 0, close: server.close }
      const reason: unknown = expect.stringContaining('MUSTER_SMTP_URL holds no address of a mail server')
      expect(await made.channel.send(dispatchOf(made))).toMatchObject({ outcome: 'failed', reason })
      await made.channel.close()
      await server.close()
    },
  )

  test('a name and a title with line breaks add no recipient and no header', () =>
    using(mailRig('email', told('blocker')), async (made) => {
      const person = { id: 'velocity', name: 'V\r\nBcc: evil@example.com', roles: [], email: 'vera@example.org' }
      const notice = { ...made.notice, title: 'x\r\nBcc: evil@example.com\r\n\r\nbody' }
      expect(await made.channel.send(dispatchOf(made, { person, notice }))).toMatchObject({ outcome: 'delivered' })
      expect(made.server.mails[0]?.bcc).toBeUndefined()
      expect(made.server.raw[0]).not.toMatch(/^bcc:/im)
      const sent = await made.channel.send(dispatchOf(made, { person: { ...person, email: 'a@example.org, evil@example.com' } }))
      expect(sent).toMatchObject({ outcome: 'failed' })
    }))

  test('an invitation is an alternative with its method, the same on every retry', () =>
    using(mailRig('calendar', told('invitation')), async (made) => {
      await made.channel.send(dispatchOf(made))
      await made.channel.send(dispatchOf(made, { attempt: 2, maybeSent: true, now: new Date(Date.now() + 60_000).toISOString() }))
      const [one, two] = made.server.mails
      const part = one?.attachments.find((each) => each.contentType === 'text/calendar')
      expect(made.server.raw[0]).toMatch(/content-type: text\/calendar; charset=utf-8; method=REQUEST/i)
      expect(part?.content.toString()).toContain('UID:checkpoint.sprint-end.phase-e@muster')
      expect(two?.attachments[0]?.content.equals(part?.content ?? Buffer.of())).toBe(true)
      expect(two?.messageId).toBe(one?.messageId)
    }))
})

describe('webhook', () => {
  test('is verified by another library, and a retry has the same id', () =>
    using(webhookRig, async (made) => {
      await made.channel.send(dispatchOf(made))
      await made.channel.send(dispatchOf(made, { attempt: 2 }))
      const [one, two] = made.server.requests
      expect(one?.headers['webhook-id']).toBe(two?.headers['webhook-id'])
      expect(JSON.parse(one?.body ?? '')).toMatchObject({ type: 'muster.decision', data: { decision: { verdict: 'CONDITIONAL GO' } } })
    }))

  test.each([
    ['http://127.0.0.1:9/x', {}, /this machine/],
    ['http://[::ffff:127.0.0.1]:9/x', {}, /this machine/],
    ['http://169.254.169.254/latest', { MUSTER_DELIVER_TO: 'private' }, /link-local/],
    ['http://10.0.0.1/x', {}, /private/],
    ['http://localhost:9/x', {}, /this machine/],
    ['file:///etc/passwd', {}, /no http or https/],
    ['https://user:pass@example.org/', {}, /credentials/],
  ] as const)('%s is not called', async (to, environment, reason) => {
    const made = await rig({
      config: { send: 'webhook', to },
      notice: told('blocker'),
      environment: { MUSTER_WEBHOOK_SECRET: SECRET, ...environment },
    })
    const sent = await made.channel.send(dispatchOf(made as unknown as Rig))
    expect(sent).toMatchObject({ outcome: 'failed', reason: expect.stringMatching(reason) as string })
    await made.channel.close()
  })
})

describe('forge', () => {
  test.each(['github', 'gitlab'] as const)('%s: one comment is edited in place, and the commit that was judged has the verdict', (forge) =>
    using(forgeRig(forge), async (made) => {
      const first = await made.channel.send(dispatchOf(made))
      await made.channel.send(dispatchOf(made, { key: '2', notice: { ...made.notice, title: 'Another title' } }))
      expect(first).toEqual({ outcome: 'delivered', reference: 'comment 1' })
      expect(made.comments).toHaveLength(1)
      expect(made.comments[0]?.body).toMatch(/^<!-- muster:phase-e\/psi -->\n## Another title/)
      expect(made.statuses[0]).toMatchObject({ state: 'success' })
      expect(made.server.requests.some(({ path }) => path.endsWith('/statuses/psi-head'))).toBe(true)
    }),
  )

  test('of two streams that a decision speaks of each has its own comment, whichever was told of before', () =>
    using(forgeRig('github'), async (made) => {
      const first = await made.channel.send(dispatchOf(made))
      const previous = first.outcome === 'delivered' ? (first.reference ?? '') : ''
      await made.channel.send(dispatchOf(made, { key: '2', notice: told('status-2'), previous }))
      expect(made.comments.map(({ body }) => body.split('\n')[0])).toEqual(['<!-- muster:phase-e/psi -->', '<!-- muster:phase-e/erofs -->'])
    }))

  test('a comment with our mark that somebody else wrote is left alone', () =>
    using(forgeRig('github', true), async (made) => {
      expect(await made.channel.send(dispatchOf(made))).toEqual({ outcome: 'delivered', reference: 'comment 2' })
      expect(made.comments[0]?.body).toContain('I wrote this myself')
    }))
})

describe('file', () => {
  test('a line that a crash tore does not swallow the next, and a key that is there is not written again', () =>
    using(fileRig, async (made) => {
      await made.channel.send(dispatchOf(made))
      appendFileSync(made.file, '{"key":"torn","kin')
      const again = await openChannel(made.config, {
        environment: () => undefined,
        programFolder: join(made.file, '../..'),
        print: () => {},
      })
      await again.send(dispatchOf(made))
      await again.send(dispatchOf(made, { key: 'next' }))
      const lines = readFileSync(made.file, 'utf8').trimEnd().split('\n')
      expect(lines).toHaveLength(3)
      expect(JSON.parse(lines[2] ?? '')).toMatchObject({ key: 'next', kind: 'blocker' })
    }))

  test.each(['moved away', 'removed'])('what comes after it was %s stands in a new one of its name', (how) =>
    using(fileRig, async (made) => {
      await made.channel.send(dispatchOf(made))
      if (how === 'removed') rmSync(join(made.file, '..'), { recursive: true })
      else renameSync(made.file, `${made.file}.1`)
      expect(await made.channel.send(dispatchOf(made, { key: 'next' }))).toEqual({ outcome: 'delivered', reference: 'next' })
      expect(JSON.parse(readFileSync(made.file, 'utf8'))).toMatchObject({ key: 'next' })
    }),
  )

  test('a file that was emptied is filled again, with what stood in it too when that is sent anew', () =>
    using(fileRig, async (made) => {
      for (const key of ['one', 'two']) await made.channel.send(dispatchOf(made, { key }))
      truncateSync(made.file)
      for (const key of ['one', 'three', 'three']) await made.channel.send(dispatchOf(made, { key }))
      const lines = readFileSync(made.file, 'utf8').trimEnd().split('\n')
      expect(lines.map((line) => (JSON.parse(line) as { key: string }).key)).toEqual(['one', 'three'])
    }))

  test('lines of others stay as they are, and only its owner reads it', () =>
    using(fileRig, async (made) => {
      await made.channel.send(dispatchOf(made))
      expect(statSync(made.file).mode & 0o777).toBe(0o600)
      const strange = ['', 'null', '7', '{"no":"key"}', '{"key":7}', 'no JSON', '']
      appendFileSync(made.file, strange.join('\n'))
      await made.channel.send(dispatchOf(made, { key: 'next' }))
      await made.channel.send(dispatchOf(made))
      expect(readFileSync(made.file, 'utf8').trimEnd().split('\n').slice(1, -1)).toEqual(strange.slice(0, -1))
    }))

  test.each(['../outside/notices.jsonl', 'here/../../outside/notices.jsonl', '/outside/notices.jsonl', ''])(
    '%s is outside, and nothing is made there',
    async (to) => {
      const scene = mkdtempSync(join(tmpdir(), 'muster-notices-'))
      const made = await rig({
        config: { send: 'file', to: to.startsWith('/') ? join(scene, to) : to },
        notice: told('blocker'),
        ports: { programFolder: join(scene, 'program') },
      })
      expect(await made.channel.send(dispatchOf(made as unknown as Rig))).toMatchObject({
        outcome: 'failed',
        reason: expect.stringContaining('is not below the folder of the program file') as string,
      })
      expect(readdirSync(scene)).toEqual([])
      rmSync(scene, { recursive: true })
    },
  )

  test.each(['out/notices.jsonl', 'out/of/it/notices.jsonl'])(
    'nothing is made through a folder that is a link to outside: %s',
    async (to) => {
      const [folder, outside] = [mkdtempSync(join(tmpdir(), 'muster-notices-')), mkdtempSync(join(tmpdir(), 'muster-outside-'))]
      symlinkSync(outside, join(folder, 'out'))
      const made = await rig({ config: { send: 'file', to }, notice: told('blocker'), ports: { programFolder: folder } })
      expect(await made.channel.send(dispatchOf(made as unknown as Rig))).toMatchObject({
        outcome: 'failed',
        reason: expect.stringContaining('leads out of the folder') as string,
      })
      expect(readdirSync(outside)).toEqual([])
      // Once it is mended it serves, in the same process.
      rmSync(join(folder, 'out'))
      expect(await made.channel.send(dispatchOf(made as unknown as Rig))).toMatchObject({ outcome: 'delivered' })
      await made.channel.close()
      for (const one of [folder, outside]) rmSync(one, { recursive: true })
    },
  )

  test('a file that is a link is not followed', () =>
    using(fileRig, async (made) => {
      const other = join(made.file, '../../other')
      rmSync(join(made.file, '..'), { recursive: true, force: true })
      mkdirSync(join(made.file, '..'))
      symlinkSync(other, made.file)
      expect(await made.channel.send(dispatchOf(made))).toEqual({ outcome: 'retry', reason: expect.any(String) as string })
      expect(existsSync(other)).toBe(false)
    }))
})
