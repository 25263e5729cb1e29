import { existsSync, writeFileSync } from 'node:fs'
import { simpleParser } from 'mailparser'
import { createTransport, type SendMailOptions } from 'nodemailer'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { mailServer } from '../contract/channels/mail-server.ts'
import { createScene, type Scene } from './scene.ts'

/** From the invitation that went out to the answer that came back: real mails, a real store, one command line. */

const INVITES = `program: demo
name: Demo
calendar: { zone: Europe/Berlin }
people:
  boss: { name: The phase lead, roles: [phase-lead], email: boss@example.org }
  lead-a: { name: Lead A, email: leada@example.org }
  lead-b: { name: Lead B, email: leadb@example.org }
sources:
  git: { collect: git }
streams:
  reader: { name: Reader, lead: lead-a, branch: feature/reader }
  writer: { name: Writer, lead: lead-b, branch: feature/writer }
checkpoints:
  week2:
    name: Week two
    at: 2026-03-04 16:00
    attendees: [boss, lead-a, lead-b]
    criteria:
      there: { title: The branch is there, metric: git.exists, equals: true }
syncs:
  quick: { name: Quick sync, days: [monday, thursday], time: '09:45', duration: 10m, attendees: [lead-a, lead-b] }
channels:
  calendar: { send: calendar, from: muster@example.org }
`

const SERVER = 'mx.example.org'
const INVITED = { now: '2026-02-24T08:00:00Z' }

let post: Awaited<ReturnType<typeof mailServer>>
beforeEach(async () => {
  post = await mailServer()
  onTestFinished(() => post.close())
})

async function invited(program = INVITES): Promise<Scene> {
  const scene = createScene({ program })
  await runOnce(scene, INVITED.now)
  return scene
}

const runOnce = async (scene: Scene, now: string) => {
  const ran = await scene.muster(['run', '--once'], { now, env: { MUSTER_SMTP_URL: post.url } })
  expect(ran.code, ran.err).toBe(0)
}

interface Said {
  readonly who?: string
  readonly says?: string
  readonly uid?: string
  readonly sequence?: number
  readonly stamp?: string
  readonly more?: readonly string[]
  readonly attendee?: string
}

const calendarOf = ({
  who = 'leada@example.org',
  says = 'ACCEPTED',
  uid = 'checkpoint.week2.demo@muster',
  sequence = 0,
  ...more
}: Said): string =>
  [
    'BEGIN:VCALENDAR',
    'PRODID:-//Test//Test//EN',
    'VERSION:2.0',
    'METHOD:REPLY',
    'BEGIN:VEVENT',
    more.attendee ?? `ATTENDEE;PARTSTAT=${says};CN=Somebody with a name that is long enough to be folded:\r\n mailto:${who}`,
    'ORGANIZER;CN=Demo:mailto:muster@example.org',
    `UID:${uid}`,
    `SEQUENCE:${sequence}`,
    `DTSTAMP:${more.stamp ?? '20260224T090000Z'}`,
    'DTSTART:20260304T150000Z',
    'COMMENT;LANGUAGE=de-DE:Grüße\\, bis dann\\n',
    ...(more.more ?? []),
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ].join('\r\n')

const part = (
  said: Said,
  contentTransferEncoding: 'base64' | '7bit' | 'quoted-printable' = 'quoted-printable',
): Pick<SendMailOptions, 'text' | 'html' | 'alternatives'> => ({
  text: 'Grüße',
  html: '<p>Grüße</p>',
  alternatives: [{ contentType: 'text/calendar; charset=utf-8; method=REPLY', content: calendarOf(said), contentTransferEncoding }],
})

const PASSES = `${SERVER}; dmarc=pass (p=none dis=none) header.from=example.org`

/** As it lies in the mailbox: what the server wrote stands above what it was sent. */
async function mailFrom(from: string, parts: SendMailOptions, above: readonly string[] = [PASSES]): Promise<string> {
  const transport = createTransport({ streamTransport: true, buffer: true })
  const { message } = await transport.sendMail({ from, to: 'muster@example.org', subject: 'Accepted: Week two', ...parts })
  const received = `Received: from relay.example.net by ${SERVER}; Tue, 24 Feb 2026 09:00:01 +0000\r\n`
  return `${received}${above.map((one) => `Authentication-Results: ${one}\r\n`).join('')}${Buffer.isBuffer(message) ? message.toString() : ''}`
}

const answer = (scene: Scene, stdin: string, argv: readonly string[] = [], now = '2026-02-24T09:45:00Z') =>
  scene.muster(['calendar', 'answer', '--vouched-by', SERVER, ...argv], { stdin, now })

/** As the run sheet names them. */
async function attendees(scene: Scene, more: { readonly now: string } = INVITED): Promise<string> {
  const { out } = await scene.muster(['check', '--checkpoint', 'week2', '--format', 'markdown'], more)
  return out.split('\n').find((line) => line.startsWith('- Attendees: ')) ?? out
}

/** Address -> what a calendar shows of who comes, from the last invitation to a meeting that was mailed. */
async function lastInvitation(uid: string): Promise<Readonly<Record<string, string>>> {
  for (const raw of post.raw.toReversed()) {
    const mail = await simpleParser(raw)
    const text =
      mail.attachments
        .find((one) => one.contentType === 'text/calendar')
        ?.content.toString()
        .replaceAll(/\r\n[ \t]/g, '') ?? ''
    if (text.includes(`UID:${uid}\r\n`))
      return Object.fromEntries(
        [...text.matchAll(/^ATTENDEE;.*PARTSTAT=([A-Z-]+);.*:mailto:(.*)\r$/gm)].map(([, says = '', who = '']) => [who, says]),
      )
  }
  throw new Error(`no invitation to ${uid} was mailed`)
}

test('answers as Outlook, Google and Apple write them say who comes, and the next invitation tells everybody', async () => {
  const scene = await invited()
  const outlook = await mailFrom('Lead A <LeadA@Example.org>', part({}, 'base64'))
  const google = await mailFrom('Lead B <leadb@example.org>', {
    ...part({
      attendee:
        'ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=DECLINED;CN="Lead\r\n  B";X-NUM-GUESTS=0:mailto:leadb@example.org',
    }),
    attachments: [
      { filename: 'invite.ics', contentType: 'application/ics', content: calendarOf({ who: 'leadb@example.org', says: 'DECLINED' }) },
    ],
  })
  const apple = await mailFrom(
    'boss@example.org',
    {
      text: 'The phase lead has not decided yet.',
      alternatives: [
        {
          contentType: 'text/calendar; method=REPLY; name="iCal-20260224-100000.ics"; charset=utf-8',
          content: calendarOf({
            attendee: 'ATTENDEE;CN="Boss: of; all";CUTYPE=INDIVIDUAL;EMAIL="boss@example.org";PARTSTAT=TENTATIVE:MAILTO:boss@example.org',
          }),
          contentTransferEncoding: 'quoted-printable',
        },
      ],
    },
    [`${SERVER}; dkim=pass header.d=example.org; spf=fail smtp.mailfrom=bounce.example.net`],
  )
  for (const [name, mail] of Object.entries({ outlook, google, apple })) writeFileSync(scene.path(`${name}.eml`), mail)
  const taken = await answer(scene, '', ['outlook.eml', 'google.eml', 'apple.eml'])
  expect(taken).toMatchObject({ code: 0, err: '' })
  expect(taken.out).toMatch(/^outlook.eml: recorded \d+: lead-a comes, checkpoint week2\n/)
  expect(taken.out).toMatch(/google.eml: recorded \d+: lead-b does not come, checkpoint week2\n/)
  expect(taken.out).toMatch(/apple.eml: recorded \d+: boss may come, checkpoint week2\n$/)
  expect(await scene.muster(['verify'])).toMatchObject({ code: 0 })
  const said = '✓ coming: Lead A; ~ maybe: The phase lead; ✗ not coming: Lead B'
  expect((await scene.muster(['status'], INVITED)).out).toContain(`Week two: ${said}\n`)

  expect(await attendees(scene)).toBe(`- Attendees: ${said.replace('~', String.raw`\~`)}`)
  expect(await scene.muster(['replay', 'latest'], INVITED)).toMatchObject({ code: 0 })

  // It is called something else: nobody has to answer again.
  scene.program(INVITES.replace('Week two', 'The second week'))
  await runOnce(scene, '2026-02-24T10:00:00Z')
  const known = { 'leada@example.org': 'ACCEPTED', 'leadb@example.org': 'DECLINED', 'boss@example.org': 'TENTATIVE' }
  expect(await lastInvitation('checkpoint.week2.demo@muster')).toEqual(known)

  // At another time everybody is asked anew, and back at the first one too.
  const anew = { 'leada@example.org': 'NEEDS-ACTION', 'leadb@example.org': 'NEEDS-ACTION', 'boss@example.org': 'NEEDS-ACTION' }
  for (const [to, now] of [
    ['2026-03-05 16:00', '2026-02-24T11:00:00Z'],
    ['2026-03-04 16:00', '2026-02-24T12:00:00Z'],
  ] as const) {
    await scene.muster(['move', 'week2', '--to', to, '--reason', 'No room', '--as', 'boss'], { now })
    await runOnce(scene, now)
    expect(await lastInvitation('checkpoint.week2.demo@muster')).toEqual(anew)
  }
  expect(await attendees(scene, { now: '2026-02-24T12:10:00Z' })).toBe('- Attendees: The phase lead, Lead A, Lead B')
})

test.each([
  ['whose server says that it is forged', [`${SERVER}; dmarc=fail header.from=example.org`], 'dmarc=fail'],
  ['that no server vouches for', [], 'does not say that it is from example.org'],
  [
    'that vouches for itself under the name of another server',
    ['mx.evil.example; dmarc=pass header.from=example.org'],
    'what mx.evil.example says does not count',
  ],
  ['that brings the word of the server along', [`${SERVER}; dmarc=fail header.from=example.org`, PASSES], 'dmarc=fail'],
])('an answer %s is refused, and nothing goes on record', async (_, above, reason) => {
  const scene = await invited()
  const refused = await answer(scene, await mailFrom('leada@example.org', part({}), above))
  expect(refused).toMatchObject({ code: 3, out: expect.stringContaining(reason) as string })
  expect((await scene.muster(['ledger', 'export'])).out).not.toContain('invitation-answered')
})

test.each([
  ['for somebody else', 'leadb@example.org', part({}), 'it answers for leada@example.org, and comes from leadb@example.org'],
  ['from two addresses', 'leada@example.org, leadb@example.org', part({}), 'which one address'],
  ['without a calendar', 'leada@example.org', { text: 'I will come' }, 'it carries no calendar'],
  [
    'that was forwarded',
    'leada@example.org',
    {
      text: 'see',
      attachments: [
        { contentType: 'message/rfc822', content: 'From: leada@example.org\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR' },
      ],
    },
    'it carries no calendar',
  ],
  ['to a revision that nobody was sent', 'leada@example.org', part({ sequence: 7 }), 'the last one sent is 0'],
  [
    'to one date of a series',
    'leada@example.org',
    part({ uid: 'sync.quick.demo@muster', more: ['RECURRENCE-ID:20260226T084500Z'] }),
    'one date of a series',
  ],
  [
    'that is huge',
    'leada@example.org',
    { ...part({}), attachments: [{ filename: 'film', content: Buffer.alloc(6_000_000) }] },
    'more than 5000000 bytes',
  ],
] satisfies [string, string, SendMailOptions, string][])('an answer %s is refused', async (_, from, parts, reason) => {
  const scene = await invited()
  expect(await answer(scene, await mailFrom(from, parts))).toMatchObject({ code: 3, out: expect.stringContaining(reason) as string })
})

test('an answer to the time before a move is none; the same mail twice is one record, and the later of two counts', async () => {
  const scene = await invited()
  const yes = await mailFrom('leada@example.org', part({ stamp: '20260224T093000Z' }))
  expect(await answer(scene, `From leada@example.org Tue Feb 24 09:30:00 2026\n${yes}`)).toMatchObject({ code: 0 })
  const again = await answer(scene, yes)
  expect(again).toMatchObject({ code: 0, out: expect.stringMatching(/already on record \(\d+\); nothing was added/) as string })
  // It was written before, and came later.
  const no = await mailFrom('leada@example.org', part({ says: 'DECLINED', stamp: '20260224T091500Z' }))
  expect(await answer(scene, no)).toMatchObject({ code: 0 })
  expect(await attendees(scene)).toBe('- Attendees: ✓ coming: Lead A; ? no answer: The phase lead, Lead B')

  // The file has it at another time: what was said is said of the time before.
  scene.program(INVITES.replace('2026-03-04 16:00', '2026-03-05 16:00'))
  expect(await attendees(scene)).toBe('- Attendees: The phase lead, Lead A, Lead B')
  await runOnce(scene, '2026-02-24T11:00:00Z')
  const late = await answer(scene, await mailFrom('leadb@example.org', part({ who: 'leadb@example.org' })))
  expect(late).toMatchObject({
    code: 3,
    out: expect.stringContaining('an invitation to another time; it is Thu 2026-03-05 16:00 Europe/Berlin now') as string,
  })
  const anew = part({ who: 'leadb@example.org', sequence: 1 })
  expect(await answer(scene, await mailFrom('leadb@example.org', anew))).toMatchObject({ code: 0 })
  expect(await attendees(scene)).toBe('- Attendees: ✓ coming: Lead B; ? no answer: The phase lead, Lead A')
})

test('an answer to a sync holds until its days or its time change', async () => {
  const scene = await invited()
  const uid = 'sync.quick.demo@muster'
  expect(await answer(scene, await mailFrom('leada@example.org', part({ uid })))).toMatchObject({ code: 0 })
  expect((await scene.muster(['status'], INVITED)).out).toContain('Quick sync: ✓ coming: Lead A; ? no answer: Lead B\n')
  const topics = INVITES.replace('days: [monday', 'topics: [Merges], days: [monday')
  scene.program(topics)
  await runOnce(scene, '2026-02-24T10:00:00Z')
  expect(await lastInvitation(uid)).toEqual({ 'leada@example.org': 'ACCEPTED', 'leadb@example.org': 'NEEDS-ACTION' })
  scene.program(topics.replace('thursday', 'friday'))
  await runOnce(scene, '2026-02-24T11:00:00Z')
  expect(await lastInvitation(uid)).toEqual({ 'leada@example.org': 'NEEDS-ACTION', 'leadb@example.org': 'NEEDS-ACTION' })
})

test('each mail is reported, whatever the others are; without a server nothing is taken, and without an invitation nothing is written', async () => {
  const scene = createScene({ program: INVITES })
  writeFileSync(scene.path('answer.eml'), await mailFrom('leada@example.org', part({})))
  const early = await answer(scene, '', ['answer.eml', 'gone.eml', '--format', 'json'])
  expect(early.code).toBe(3)
  expect(JSON.parse(early.out)).toEqual({
    schemaVersion: 1,
    mails: [
      { path: 'answer.eml', outcome: 'refused', reason: 'nobody was invited to it yet' },
      { path: 'gone.eml', outcome: 'refused', reason: expect.stringContaining('no such file') as string },
    ],
  })
  expect(existsSync(scene.path('.muster', 'ledger.sqlite'))).toBe(false)

  await runOnce(scene, INVITED.now)
  const unnamed = await scene.muster(['calendar', 'answer', 'answer.eml'], INVITED)
  expect(unnamed).toMatchObject({ code: 2, err: expect.stringContaining('give --vouched-by') as string })
  const both = await answer(scene, '', ['gone.eml', 'answer.eml', 'answer.eml', '--config', 'muster.yaml'])
  expect(both.code).toBe(3)
  expect(both.out).toMatch(/^gone.eml: refused: .*\nanswer.eml: recorded \d+: .*\nanswer.eml: already on record/)
})
