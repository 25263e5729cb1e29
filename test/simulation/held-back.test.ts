import { expect, test } from 'vitest'
import type { EventBody } from '#core/ledger/events.ts'
import type { Dispatch, Sent } from '#core/notify/channel.ts'
import type { Notice } from '#core/notify/notice.ts'
import type { DueKind } from '#core/schedule/due.ts'
import { addSeconds } from '#core/schedule/time.ts'
import { runLoop } from '#engine/run.ts'
import { programWith } from '../core/schedule/story.ts'
import { Inviter } from './calendars.ts'

const programAt = (
  wall: string,
  schedule: Readonly<Record<string, unknown>> = { remind: ['16h'] },
  notify: Readonly<Record<string, unknown>> = {},
) =>
  programWith({
    people: {
      ann: { name: 'Ann', email: 'ann@example.org' },
      eve: { name: 'Eve', email: 'eve@example.org', roles: ['phase-lead'] },
    },
    streams: { a: { name: 'A', lead: 'ann', branch: 'feature/a' } },
    channels: { mail: { send: 'email', from: 'muster@example.org' } },
    notify: { quiet: '20:00-08:00', ...notify },
    schedule,
    checkpoints: { start: { name: 'Start', at: '2026-02-25 09:30' }, end: { name: 'End', at: wall, attendees: ['ann'] } },
  })
const PROGRAM = programAt('2026-02-27 16:00')

/** A night from which Ann gets her mail; `at` is wall time of Berlin on that evening, from 24:00 on of the morning after. */
function night(evening: string, kinds: readonly DueKind[] = ['blocker', 'remind', 'check-in']) {
  const mail: string[] = []
  const toEve: string[] = []
  const server = { isDown: false, mayHaveHeard: false }
  const send = async ({ notice, person }: Dispatch): Promise<Sent> => {
    if (server.isDown) return { outcome: 'retry', reason: 'it does not answer', ...(server.mayHaveHeard && { maybeSent: true }) }
    if (person?.id === 'eve') toEve.push(notice.title)
    if (person?.id === 'ann')
      mail.push(notice.title, ...(notice.kind === 'digest' ? notice.data.notices.map((each) => `- ${each.title}`) : []))
    return { outcome: 'delivered', reference: `<${mail.length}@example.org>` }
  }
  const one = new Inviter(PROGRAM, `${evening}T08:00:00Z`, send)
  one.kinds = kinds
  const at = async (hour: number, act?: Parameters<Inviter['record']>[1], program = PROGRAM): Promise<readonly string[]> => {
    one.now = new Date(Date.parse(`${evening}T00:00:00Z`) + (hour - 1) * 3_600_000).toISOString()
    if (act) await one.record('eve', act)
    await one.look(program)
    return mail.splice(0)
  }
  /** What became of each message to Ann: its title, its state, and why. */
  const settled = async (): Promise<readonly string[]> =>
    (await one.store.messages(PROGRAM.id)).flatMap(({ to, notice, state, reason }) =>
      to === 'ann' ? [`${(notice as Notice).title}: ${state}${reason === undefined ? '' : `, ${reason}`}`] : [],
    )
  /** What `muster run` prints of the messages to Ann. */
  const said = (): readonly string[] => one.said.filter((line) => line.startsWith('mail to ann'))
  return Object.assign(at, { store: one.store, server, settled, toEve, said })
}

const blocker = (severity: 'critical' | 'high' | 'medium', id = 'B-1', title = 'the key is lost', owner = 'ann') =>
  ({
    type: 'blocker-opened',
    body: {
      blocker: id,
      stream: 'a',
      title,
      severity,
      impact: 'nothing can be signed',
      owner,
      deadline: '2026-03-18T15:00:00Z',
    },
  }) as const

test('that nobody is on a critical blocker any more is said in the night, and what was held back and is out of date then is not', async () => {
  const at = night('2026-02-25')
  await at(10)
  expect(await at(19, blocker('critical'))).toEqual(['Blocker: A, the key is lost'])
  expect(await at(21, { type: 'blocker-acknowledged', body: { blocker: 'B-1', until: '2026-02-25T22:00:00Z' } })).toEqual([])
  expect(await at(23)).toEqual(['Blocker, nobody is on it any more: A, the key is lost'])
  expect(await at(32)).not.toContain('Blocker acknowledged: A, the key is lost')
})

test('a blocker that becomes critical in the night is told at once, and in the morning it is not told how small it was', async () => {
  const at = night('2026-02-25')
  await at(10)
  expect(await at(21, blocker('medium'))).toEqual([])
  expect(await at(22, { type: 'blocker-changed', body: { blocker: 'B-1', severity: 'critical' } })).toEqual([
    'Blocker is critical now: A, the key is lost',
  ])
  expect(await at(32)).not.toContain('Blocker: A, the key is lost')
})

const resolved = { type: 'blocker-resolved', body: { blocker: 'B-1', outcome: 'resolved', note: 'found' } } as const

test('of a blocker that was opened and resolved in the night only that it is resolved is told', async () => {
  const at = night('2026-02-25')
  await at(10)
  expect(await at(21, blocker('medium'))).toEqual([])
  expect(await at(22, resolved)).toEqual([])
  expect(await at(32)).toEqual(['Blocker resolved: A, the key is lost'])
  expect(await at.settled()).toEqual([
    'Blocker: A, the key is lost: dropped, the blocker is resolved',
    'Blocker resolved: A, the key is lost: delivered',
  ])
})

test('what is over by the time that mail is taken again is not sent', async () => {
  const at = night('2026-02-25')
  await at(10)
  at.server.isDown = true
  expect(await at(11, blocker('critical'))).toEqual([])
  expect(await at(11.1, { type: 'blocker-acknowledged', body: { blocker: 'B-1', until: '2026-02-25T15:00:00Z' } })).toEqual([])
  at.server.isDown = false
  expect(await at(12)).toEqual(['Blocker acknowledged: A, the key is lost'])
  expect(at.said()).toEqual([
    'mail to ann: Blocker: A, the key is lost: not delivered (it does not answer); tries again Wed 2026-02-25 11:00',
    'mail to ann: Blocker: A, the key is lost: dropped: somebody has acknowledged the blocker',
    'mail to ann: Blocker acknowledged: A, the key is lost: not delivered (it does not answer); tries again Wed 2026-02-25 11:06',
    'mail to ann: Blocker acknowledged: A, the key is lost: delivered',
  ])
  expect(await at(13, resolved)).toEqual(['Blocker resolved: A, the key is lost'])
})

test('a digest that another process wrote at the same moment, by another clock, goes out once', async () => {
  const at = night('2026-02-25')
  const program = programAt('2026-02-27 16:00', undefined, { digest: '08:30' })
  const append = at.store.append.bind(at.store)
  let written = 0
  Object.assign(at.store, {
    append: async (...[id, events, options]: Parameters<typeof append>) => {
      if (events[0]?.id.startsWith('fired:digest:') === true && (written += 1) === 1)
        await append(
          id,
          events.map((one) => ({ ...one, at: '2026-02-26T07:30:30Z' })),
          options,
        )
      return append(id, events, options)
    },
  })
  await at(10, undefined, program)
  await at(21, blocker('medium'), program)
  await at(21.1, blocker('medium', 'B-2', 'the disk is full'), program)
  expect([...(await at(32.501, undefined, program)), ...(await at(32.6, undefined, program))]).toEqual([
    '2 notices of Demo, Ann',
    '- Blocker: A, the key is lost',
    '- Blocker: A, the disk is full',
  ])
  expect(written).toBeGreaterThan(0)
})

test('what waited for one digest goes out once, as one message, without what is over by then', async () => {
  const at = night('2026-02-25')
  const program = programAt('2026-02-27 16:00', undefined, { digest: '08:30' })
  await at(10, undefined, program)
  expect(await at(21, blocker('medium'), program)).toEqual([])
  expect(await at(21.1, blocker('medium', 'B-2', 'the disk is full'), program)).toEqual([])
  expect(await at(22, resolved, program)).toEqual([])
  expect(await at(32, undefined, program)).toEqual([])
  // A clock is never looked at to the very instant.
  expect(await at(32.501, undefined, program)).toEqual([
    '2 notices of Demo, Ann',
    '- Blocker: A, the disk is full',
    '- Blocker resolved: A, the key is lost',
  ])
  expect(await at(33, undefined, program)).toEqual([])
  expect(await at.settled()).toEqual([
    'Blocker: A, the key is lost: dropped, the blocker is resolved',
    'Blocker: A, the disk is full: dropped, it went out in a digest',
    'Blocker resolved: A, the key is lost: dropped, it went out in a digest',
    '2 notices of Demo, Ann: delivered',
  ])
})

test('each has a digest of their own, and who waits for one message gets that', async () => {
  const at = night('2026-02-25')
  const program = programAt('2026-02-27 16:00', undefined, { digest: '08:30' })
  await at(10, undefined, program)
  await at(21, blocker('medium'), program)
  await at(21.1, blocker('medium', 'B-2', 'the disk is full', 'eve'), program)
  // Ann leads the stream of both; the second is Eve's own.
  expect(await at(32.501, undefined, program)).toEqual([
    '2 notices of Demo, Ann',
    '- Blocker: A, the key is lost',
    '- Blocker: A, the disk is full',
  ])
  expect(at.toEve).toEqual(['Blocker: A, the disk is full'])
})

test('who has had as many messages as they want in an hour gets the next one after it, and others count for themselves', async () => {
  const at = night('2026-02-25')
  const program = programAt('2026-02-27 16:00', undefined, { perPerson: 2 })
  await at(10, undefined, program)
  const titles: string[] = []
  for (const [index, hour] of [11, 11.1, 11.2, 11.3].entries())
    titles.push(...(await at(hour, blocker('medium', `B-${index}`, `number ${index}`, index < 2 ? 'ann' : 'eve'), program)))
  // Ann leads the stream and hears of each; Eve hears of her own two.
  expect(titles).toEqual(['Blocker: A, number 0', 'Blocker: A, number 1'])
  expect(at.toEve.splice(0)).toEqual(['Blocker: A, number 2', 'Blocker: A, number 3'])
  expect(await at(11.99, undefined, program)).toEqual([])
  expect(await at(12.01, undefined, program)).toEqual(['Blocker: A, number 2'])
  expect(await at(12.11, undefined, program)).toEqual(['Blocker: A, number 3'])
  expect(at.toEve).toEqual([])
})

test('what may have arrived is not said to have been dropped', async () => {
  const at = night('2026-02-25')
  await at(10)
  Object.assign(at.server, { isDown: true, mayHaveHeard: true })
  await at(11, blocker('critical'))
  await at(11.1, resolved)
  at.server.isDown = false
  expect(await at(12)).toEqual(['Blocker resolved: A, the key is lost'])
  expect(await at.settled()).toEqual([
    'Blocker: A, the key is lost: uncertain, it may have arrived; the blocker is resolved',
    'Blocker resolved: A, the key is lost: delivered',
  ])
})

test('what is held back and still says how it stands goes out in the morning', async () => {
  const at = night('2026-02-25')
  await at(10)
  expect(await at(21, blocker('medium'))).toEqual([])
  expect(await at(31)).toEqual([])
  expect(at.said()).toEqual([])
  expect(await at(32)).toEqual(['Blocker: A, the key is lost'])
})

test('a reminder of a time that was moved or taken back in the night is not sent in the morning, whoever did it', async () => {
  const program = programAt('2026-02-26 13:00')
  const held = async () => {
    const at = night('2026-02-25')
    await at(10, undefined, program)
    expect(await at(21, undefined, program)).toEqual([])
    return at
  }
  expect(await (await held())(32, undefined, program)).toEqual(['Reminder: End, Thu 2026-02-26 13:00'])
  expect(await (await held())(32, undefined, programAt('2026-02-26 14:00'))).toEqual(['Reminder: End, Thu 2026-02-26 14:00'])
  const to = { checkpoint: 'end', to: '2026-02-26T13:00:00Z', reason: 'the room' }
  expect(await (await held())(32, { type: 'checkpoint-moved', body: to }, program)).toEqual([])
  expect(await (await held())(32, { type: 'checkpoint-cancelled', body: { checkpoint: 'end', reason: 'ill' } }, program)).toEqual([])
})

test('whoever has checked in in the night is not asked for it in the morning', async () => {
  const said = { type: 'check-in', body: { stream: 'a', done: [], next: [], risks: [], claims: {} } } as const
  const start = {
    type: 'checkpoint-held',
    body: { checkpoint: 'start', due: '2026-02-24T11:00:00Z', decision: 'd1', verdict: 'GO' },
  } as const
  const program = programAt('2026-02-26 13:00', { remind: [], checkIns: '16h' })
  const held = async () => {
    const at = night('2026-02-25')
    // What was said before the checkpoint before says nothing of this one.
    await at(9, said, program)
    await at(10, start, program)
    expect(await at(21, undefined, program)).toEqual([])
    return at
  }
  expect(await (await held())(32, undefined, program)).toEqual(['Check in before End'])
  const at = await held()
  expect(await at(22, said, program)).toEqual([])
  expect(await at(32, undefined, program)).toEqual([])
})

test('what is to be tried again in seven seconds is not left until the next look at the clock', async () => {
  const answers: Sent[] = [{ outcome: 'retry', reason: 'too many', afterSeconds: 7 }]
  const arrived: string[] = []
  const one = new Inviter(PROGRAM, '2026-02-25T10:00:00Z', async () => {
    const sent = answers.shift() ?? { outcome: 'delivered' as const }
    if (sent.outcome === 'delivered') arrived.push(one.now)
    return sent
  })
  one.kinds = ['blocker']
  await one.record('eve', blocker('medium'))
  const interrupted = new AbortController()
  await runLoop(
    PROGRAM,
    one.ports,
    {
      elapsed: () => Date.parse(one.now),
      load: async () => ({ program: PROGRAM }),
      sleep: async (seconds) => {
        one.now = addSeconds(one.now, Math.ceil(seconds))
        if (arrived.length > 0) interrupted.abort()
      },
    },
    interrupted.signal,
  )
  // At the earliest after the wait that was asked for, and after that of a first try.
  expect(arrived).toEqual(['2026-02-25T10:00:08Z'])
})

test('of an escalation only what is still so is told once mail is taken again', async () => {
  const scenario = 'A, A blocker is unresolved for more than 2 h'
  const told = async (act: (escalation: string) => EventBody) => {
    const at = night('2026-02-25', ['step'])
    await at(10)
    await at(10.1, blocker('high'))
    at.server.isDown = true
    await at(12.2)
    for await (const event of at.store.read(PROGRAM.id, { types: ['escalation-raised'] }))
      if (event.type === 'escalation-raised') await at(12.3, act(event.body.escalation))
    at.server.isDown = false
    await at(13)
    return (await at.settled()).filter((line) => line.includes(scenario))
  }
  const acknowledged = (until: string) => told((escalation) => ({ type: 'escalation-acknowledged', body: { escalation, until } }))
  expect(await acknowledged('2026-02-25T15:00:00Z')).toEqual([
    `Escalation: ${scenario}: dropped, somebody has acknowledged the escalation`,
    `Escalation acknowledged: ${scenario}: delivered`,
  ])
  expect(await acknowledged('2026-02-25T11:25:00Z')).toEqual([
    `Escalation: ${scenario}: dropped, somebody has acknowledged the escalation`,
    `Escalation acknowledged: ${scenario}: dropped, the acknowledgement has lapsed`,
    `Escalation, again: ${scenario}: delivered`,
  ])
  expect(await told(() => resolved)).toEqual([
    `Escalation: ${scenario}: dropped, the escalation is cleared`,
    `Escalation over: ${scenario}: delivered`,
  ])
})

test('that a checkpoint opens is not told once it was moved', async () => {
  const program = programAt('2026-02-26 07:50', { open: '30m', remind: [] })
  const opened = async (act?: EventBody) => {
    const at = night('2026-02-25', ['open'])
    await at(10, undefined, program)
    expect(await at(31.4, undefined, program)).toEqual([])
    await at(31.5, act, program)
    await at(32, undefined, program)
    return (await at.settled()).filter((line) => line.startsWith('End opens'))
  }
  const moved = { checkpoint: 'end', to: '2026-02-26T13:00:00Z', reason: 'the room' }
  expect(await opened()).toEqual(['End opens: delivered'])
  expect(await opened({ type: 'checkpoint-moved', body: moved })).toEqual(['End opens: dropped, the checkpoint was moved'])
  expect(await opened({ type: 'checkpoint-cancelled', body: { checkpoint: 'end', reason: 'ill' } })).toEqual([
    'End opens: dropped, the checkpoint was cancelled',
  ])
})

test('whoever leads a stream that has not checked in is asked in the morning, others are not, and a room hears of all', async () => {
  const program = programWith({
    people: { ann: { name: 'Ann', email: 'ann@example.org' }, eve: { name: 'Eve', email: 'eve@example.org', roles: ['phase-lead'] } },
    streams: { a: { name: 'A', lead: 'ann', branch: 'a' }, b: { name: 'B', lead: 'eve', branch: 'b' } },
    channels: { mail: { send: 'email', from: 'muster@example.org' }, room: { send: 'slack-webhook', secret: 'ROOM' } },
    notify: { quiet: '20:00-08:00' },
    schedule: { remind: [], checkIns: '16h' },
    checkpoints: { end: { name: 'End', at: '2026-02-26 13:00' } },
  })
  const said = (stream: string) => ({ type: 'check-in', body: { stream, done: [], next: [], risks: [], claims: {} } }) as const
  const asked = async (...streams: readonly string[]) => {
    const at = night('2026-02-25')
    await at(10, undefined, program)
    await at(21, undefined, program)
    for (const stream of streams) await at(22, said(stream), program)
    await at(32, undefined, program)
    return (await at.store.messages(program.id)).map(({ channel, to, state }) => `${channel} ${to}: ${state}`).toSorted()
  }
  expect(await asked()).toEqual(['mail ann: delivered', 'mail eve: delivered', 'room *: delivered'])
  expect(await asked('a')).toEqual(['mail ann: dropped', 'mail eve: delivered', 'room *: delivered'])
  expect(await asked('a', 'b')).toEqual(['mail ann: dropped', 'mail eve: dropped', 'room *: dropped'])
})
