import { expect, test } from 'vitest'
import { CHANNEL_KINDS } from '#core/program/model.ts'
import { mailServer } from '../contract/channels/mail-server.ts'
import { createScene, PROGRAM } from './scene.ts'

const TOLD = `${PROGRAM.replace('{ name: Lead A }', '{ name: Lead A, email: lead-a@example.org }')}channels:
  slack: { send: slack, to: '#team' }
  slack-webhook: { send: slack-webhook }
  email: { send: email, from: muster@example.org }
  calendar: { send: calendar, from: muster@example.org }
  webhook: { send: webhook, to: 'https://ops.example.org/muster' }
  file: { send: file, to: notices.jsonl }
  stdout: { send: stdout }
`

test.each(CHANNEL_KINDS.filter((kind) => kind !== 'forge'))('a test of a channel of kind %s has something to say', async (kind) => {
  const scene = createScene({ program: TOLD })
  expect(await scene.muster(['notify', 'test', kind, '--dry-run'])).toMatchObject({
    code: 0,
    out: expect.stringContaining(`Test of Muster: channel ${kind}`) as string,
    err: '',
  })
})

test('into calendars goes an event that is called off at once', async () => {
  const scene = createScene({ program: TOLD })
  const server = await mailServer()
  try {
    const sent = await scene.muster(['notify', 'test', 'calendar'], { env: { MUSTER_SMTP_URL: server.url } })
    expect(sent).toMatchObject({ code: 0, err: expect.stringMatching(/^calendar to Lead A: delivered/) as string })
    expect(server.mails.map(({ subject }) => subject)).toEqual(['[Demo] Test of Muster: channel calendar'])
    expect(server.mails[0]?.attachments.map(({ content }) => content.toString())).toEqual([expect.stringContaining('METHOD:CANCEL')])
  } finally {
    await server.close()
  }
})
