import { expect, test } from 'vitest'
import type { EventBody } from '#core/ledger/events.ts'
import type { Dispatch, Sent } from '#core/notify/channel.ts'
import { programWith } from '../core/schedule/story.ts'
import { Inviter } from './calendars.ts'

/** One process that runs on while the ledger says nothing new, and what is told of what people put on record. */

const DAY = '2026-02-24T'

const program = programWith({
  people: {
    ann: { name: 'Ann', email: 'ann@example.org' },
    ben: { name: 'Ben' },
    eve: { name: 'Eve', email: 'eve@example.org', roles: ['phase-lead'] },
    max: { name: 'Max', email: 'max@example.org', roles: ['quality'] },
  },
  checkpoints: {
    'week-2': {
      name: 'Week 2',
      at: '2026-02-25 16:00',
      duration: '30m',
      criteria: { tests: { metric: 'tests.ratio', atLeast: '80%' } },
      decide: { question: 'Go on?', signOff: { quality: 1 } },
    },
  },
  schedule: { remind: ['2h'] },
  channels: { mail: { send: 'email', from: 'muster@example.org' }, log: { send: 'file', to: 'log.jsonl' } },
  notify: { routes: { trouble: ['mail', 'log'] } },
})

function process() {
  const mail: string[] = []
  const mailbox = { isDown: false }
  const logged: string[] = []
  const send = async ({ notice, person, config }: Dispatch): Promise<Sent> => {
    if (config.id === 'log') {
      if (notice.kind === 'trouble') logged.push(notice.title)
      return { outcome: 'delivered' }
    }
    if (mailbox.isDown) return { outcome: 'failed', reason: 'nobody is there' }
    mail.push(`${person?.id}: ${notice.title}`)
    return { outcome: 'delivered' }
  }
  const one = new Inviter(program, `${DAY}08:00:00Z`, send)
  one.kinds = ['step']
  /** Titles of what is sent when it looks then. */
  const at = async (time: string, act?: EventBody): Promise<readonly string[]> => {
    one.now = `${DAY}${time}Z`
    if (act) await one.record('eve', act)
    await one.look(program)
    return mail.splice(0)
  }
  const troubles = async () => {
    const found = []
    for await (const event of one.store.read(program.id, { types: ['trouble'] })) found.push(event.body)
    return found
  }
  return { at, one, mailbox, troubles, logged }
}

const opened = {
  type: 'blocker-opened',
  body: {
    blocker: 'B-1',
    stream: 'a',
    title: 'the key is lost',
    severity: 'high',
    impact: 'nothing can be signed',
    owner: 'ann',
    deadline: '2026-03-18T15:00:00Z',
  },
} as const
const acknowledged = (until: string) => ({ type: 'blocker-acknowledged', body: { blocker: 'B-1', until: `${DAY}${until}Z` } }) as const
const resolved = { type: 'blocker-resolved', body: { blocker: 'B-1', outcome: 'resolved', note: 'found' } } as const

test('what has grown old is escalated when it has, although nobody has put anything on record since', async () => {
  const { at } = process()
  await at('08:00:00')
  await at('08:10:00', opened)
  expect(await at('10:10:00')).toEqual([])
  const raised = 'Escalation: Reader, A blocker is unresolved for more than 2 h'
  expect(await at('10:10:01')).toEqual([`eve: ${raised}`, `ann: ${raised}`])
  expect(await at('10:30:00')).toEqual([])
  expect(await at('10:40:00', resolved)).toEqual(
    expect.arrayContaining([
      'eve: Escalation over: Reader, A blocker is unresolved for more than 2 h',
      'ann: Blocker resolved: Reader, the key is lost',
    ]),
  )
})

test('what was never told of an escalation needs no end', async () => {
  const { at, one } = process()
  one.kinds = []
  await at('08:00:00')
  await at('08:10:00', opened)
  await at('10:11:00')
  expect(one.said.join('\n')).toContain('raises escalation blocker:a')
  expect((await at('10:12:00', resolved)).join('\n')).not.toContain('Escalation over')
  expect(one.said.join('\n')).toContain('clears escalation blocker:a')
})

test('what was acknowledged and resolved before Muster ran the program is no news', async () => {
  const { at, one } = process()
  one.now = `${DAY}07:00:00Z`
  await one.record('eve', opened)
  await one.record('eve', acknowledged('07:30:00'))
  expect(await at('08:00:00')).toEqual([])
  expect(await at('08:10:00', acknowledged('09:00:00'))).toEqual(
    expect.arrayContaining([expect.stringMatching(/: Blocker acknowledged: Reader, the key is lost$/)]),
  )
})

test('of several acts before one look the last is told, once, and says how it stands', async () => {
  const { at, one } = process()
  await at('08:00:00')
  await one.record('eve', opened)
  await one.record('eve', acknowledged('09:00:00'))
  await one.record('eve', { type: 'blocker-changed', body: { blocker: 'B-1', workaround: 'a spare key' } })
  const told = await at('08:05:00')
  expect(told.filter((one) => one.startsWith('ann: '))).toEqual(['ann: Blocker changed: Reader, the key is lost'])
  expect(await at('08:06:00')).toEqual([])
})

test('a signature on a criterion is told to nobody', async () => {
  const { at } = process()
  await at('08:00:00')
  const signed = { checkpoint: 'week-2', role: 'quality', criterion: 'tests', approve: true, reason: 'r' }
  expect(await at('08:05:00', { type: 'sign-off', body: signed })).toEqual([])
})

test('each failure of a channel is on record, and told once until one got through', async () => {
  const { at, mailbox, troubles, logged } = process()
  const changed = (workaround: string) => ({ type: 'blocker-changed', body: { blocker: 'B-1', workaround } }) as const
  await at('08:00:00')
  mailbox.isDown = true
  await at('08:10:00', opened)
  await at('08:20:00', acknowledged('08:30:00'))
  await at('08:20:10')
  expect(await troubles()).toMatchObject([
    {
      trouble: 'channel',
      about: 'mail',
      from: `${DAY}08:20:00Z`,
      text: '2 messages could not be delivered over mail: nobody is there',
    },
  ])
  await at('08:40:00', changed('a spare key'))
  await at('08:40:10')
  expect(await troubles()).toHaveLength(2)
  const title = 'Muster could not do its job: nothing gets through over mail'
  expect(logged).toEqual([title])

  mailbox.isDown = false
  await at('09:00:00', changed('another key'))
  mailbox.isDown = true
  await at('09:10:00', changed('a third key'))
  await at('09:10:10')
  expect(await troubles()).toHaveLength(3)
  expect(logged).toEqual([title, title])
})

test('what could not be done when it was due, by somebody who was there, was not missed', async () => {
  const { one, troubles } = process()
  one.kinds = ['hold']
  const at = async (time: string): Promise<void> => {
    one.now = `2026-02-25T${time}:00Z`
    await one.look(program)
  }
  await at('14:59')
  // There is no repository.
  await at('15:00')
  await at('15:10')
  await at('15:30')
  expect(one.said.join('\n')).toContain('Week 2: INCONCLUSIVE')
  expect(await troubles()).toMatchObject([{ trouble: 'gather' }])
})

test('of what was of no use any more nobody says that it was missed', async () => {
  const { one, troubles } = process()
  one.kinds = ['remind']
  await one.look(program)
  const late = new Inviter(program, '2026-02-25T15:10:00Z', async () => ({ outcome: 'delivered' }), 'late', one.store)
  late.kinds = ['remind']
  await late.look(program)
  expect(late.said.join('\n')).toContain('reminds of week-2, due Wed 2026-02-25 14:00: nothing is sent, it has begun')
  expect(await troubles()).toEqual([])
})
