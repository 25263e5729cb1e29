import { expect, test } from 'vitest'
import type { NewEvent } from '#core/ledger/events.ts'
import type { Dispatch, Sent } from '#core/notify/channel.ts'
import type { NewMessage } from '#core/notify/outbox.ts'
import type { Program } from '#core/program/model.ts'
import { addSeconds, epoch } from '#core/schedule/time.ts'
import { createRunner, type Tick } from '#engine/run.ts'
import type { RunPorts } from '#engine/run-ports.ts'
import { openMemory } from '#store/memory.ts'
import { StoreError } from '#store/store.ts'
import { programWith } from '../core/schedule/story.ts'
import { told } from '../cases/notice-case.ts'
import { Inviter } from './calendars.ts'

/** What one process makes of the messages that wait, whatever their channels do. */

const BEGIN = '2026-02-25T09:00:00Z'
const PROGRAM = programWith({
  people: { ann: { name: 'Ann', email: 'ann@example.org' }, eve: { name: 'Eve', email: 'eve@example.org', roles: ['phase-lead'] } },
  streams: { a: { name: 'A', lead: 'ann', branch: 'feature/a' } },
  channels: {
    log: { send: 'file', to: 'log.jsonl' },
    hook: { send: 'webhook', to: 'https://example.org/' },
    mail: { send: 'email', from: 'muster@example.org' },
  },
})

type Channels = Partial<Record<string, (dispatch: Dispatch) => Promise<Sent> | Sent>>

/** A process whose channels do as they are told, `delivered` where nothing is said. */
class Process {
  readonly channels: Channels
  readonly dispatched: Dispatch[] = []
  readonly limits: { readonly seconds: number; readonly end: () => void }[] = []
  readonly one: Inviter
  readonly ports: RunPorts
  readonly interrupted = new AbortController()
  readonly runner: ReturnType<typeof createRunner>

  constructor(channels: Channels = {}, ledger: Partial<Inviter['store']> = {}) {
    this.channels = channels
    const memory: Inviter['store'] = openMemory(() => epoch(this.one.now))
    const send = async (dispatch: Dispatch): Promise<Sent> => {
      this.dispatched.push(dispatch)
      return this.channels[dispatch.config.id]?.(dispatch) ?? { outcome: 'delivered' }
    }
    this.one = new Inviter(PROGRAM, BEGIN, send, 'one', { ...memory, ...ledger })
    this.one.kinds = []
    const timeLimit = (seconds: number): AbortSignal => {
      const limit = new AbortController()
      this.limits.push({ seconds, end: () => limit.abort() })
      return limit.signal
    }
    this.ports = { ...this.one.ports, timeLimit }
    this.runner = createRunner(PROGRAM.id, this.ports)
  }

  tick(program: Program = PROGRAM, patience?: AbortSignal): Promise<Tick> {
    return this.runner.tick(program, this.interrupted.signal, patience && (() => patience))
  }

  async bring(...messages: readonly Partial<NewMessage>[]): Promise<void> {
    const id = this.ports.newId()
    const event: NewEvent = {
      id,
      at: this.one.now,
      actor: 'ann',
      type: 'check-in',
      body: { stream: 'a', done: [], next: [], risks: [], claims: {} },
    }
    const whole = messages.map((one, index) => ({
      key: `${id}/${index}`,
      to: '*',
      thread: `t${index}`,
      notBefore: this.one.now,
      ...MESSAGE,
      ...one,
    }))
    await this.one.store.append(PROGRAM.id, [event], { messages: whole })
  }

  later(seconds: number): void {
    this.one.now = addSeconds(this.one.now, seconds)
  }

  async states(): Promise<readonly string[]> {
    const all = await this.one.store.messages(PROGRAM.id)
    return all.map(({ channel, state, reason }) => `${channel}: ${state}${reason === undefined ? '' : `, ${reason}`}`)
  }
}

const MESSAGE = { channel: 'log', notice: told('blocker') } as const
/** Until everything that can go on without the clock has. */
const idle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('of each message it is counted and said what came of it', async () => {
  const process = new Process({
    hook: () => ({ outcome: 'retry', reason: 'it does not answer' }),
    mail: ({ person }) =>
      person?.id === 'ann' ? { outcome: 'failed', reason: 'no such mailbox' } : { outcome: 'uncertain', reason: 'it may be there' },
  })
  await process.bring({}, { channel: 'hook' }, { channel: 'mail', to: 'ann' }, { channel: 'mail', to: 'eve' })
  const { delivered } = await process.tick()
  expect(delivered).toMatchObject({ settled: 3, failed: 1, uncertain: 1, again: 1, stuck: new Map() })
  const title = 'Blocker: B - EROFS, Two versions of one library'
  expect(process.one.said.toSorted()).toEqual([
    `hook: ${title}: not delivered (it does not answer); tries again Wed 2026-02-25 10:00`,
    `log: ${title}: delivered`,
    `mail to ann: ${title}: failed: no such mailbox`,
    `mail to eve: ${title}: uncertain: it may be there`,
  ])
  // That mail did not arrive is told over the others.
  expect((await process.tick()).delivered).toMatchObject({ settled: 1, failed: 0, uncertain: 0, again: 1, stuck: new Map() })
})

test('a channel over which nothing gets through for six tries is told, once', async () => {
  const process = new Process({ hook: () => ({ outcome: 'retry', reason: 'it does not answer' }) })
  await process.bring({ channel: 'hook' }, { channel: 'hook' })
  const title = 'Muster could not do its job: nothing gets through over hook'
  for (let tries = 1; tries <= 9; tries += 1) {
    process.dispatched.length = 0
    expect((await process.tick()).delivered).toMatchObject({ again: 2 })
    const told = process.dispatched
      .filter(({ config }) => config.id !== 'hook')
      .map(({ config, notice }) => `${config.id}: ${notice.title}`)
    expect([tries, told]).toEqual([tries, tries === 7 ? [`log: ${title}`, `mail: ${title}`] : []])
    process.later(3600)
  }
})

test('a channel is given all that it needs to say a thing once', async () => {
  const answers: Sent[] = [
    { outcome: 'delivered', reference: '<first>' },
    { outcome: 'retry', reason: 'cut', maybeSent: true },
    { outcome: 'delivered', reference: '<second>' },
  ]
  const process = new Process({ mail: () => answers.shift() ?? { outcome: 'failed', reason: 'asked too often' } })
  const message = { channel: 'mail', to: 'ann', thread: 'one' }
  await process.bring({ ...message, key: 'a' }, { ...message, key: 'b' })
  await process.tick()
  process.later(20)
  await process.tick()
  const given = process.dispatched.map(({ key, attempt, maybeSent, previous, now, person }) => ({
    key,
    attempt,
    maybeSent,
    previous,
    now,
    person: person?.id,
  }))
  expect(given).toEqual([
    { key: 'a', attempt: 1, maybeSent: false, previous: undefined, now: BEGIN, person: 'ann' },
    { key: 'b', attempt: 1, maybeSent: false, previous: '<first>', now: BEGIN, person: 'ann' },
    { key: 'b', attempt: 2, maybeSent: true, previous: '<first>', now: process.one.now, person: 'ann' },
  ])
  const deliveries = []
  for await (const event of process.one.store.read(PROGRAM.id, { types: ['delivery'] })) deliveries.push(event.body)
  expect(deliveries).toEqual([
    { message: 'a', channel: 'mail', to: 'ann', attempt: 1, state: 'delivered', reference: '<first>' },
    { message: 'b', channel: 'mail', to: 'ann', attempt: 2, state: 'delivered', reference: '<second>' },
  ])
})

test('a channel that breaks is tried again: it may have sent what it was given, and nothing before it was opened', async () => {
  const process = new Process({ hook: () => Promise.reject(new Error('it broke\nat a line')) })
  const opened: RunPorts['channel'] = async (config, program) => {
    if (config.id === 'mail') throw new Error('no password\nin the environment')
    return process.one.ports.channel(config, program)
  }
  const runner = createRunner(PROGRAM.id, { ...process.ports, channel: opened })
  await process.bring({ channel: 'hook' }, { channel: 'mail', to: 'ann' })
  await runner.tick(PROGRAM, process.interrupted.signal)
  expect(await process.one.store.messages(PROGRAM.id)).toMatchObject([
    { channel: 'hook', state: 'pending', reason: 'it broke', maybeSent: true },
    { channel: 'mail', state: 'pending', reason: 'no password', maybeSent: false },
  ])
})

test('a channel has 45 seconds for a message, and hears that they are over', async () => {
  const process = new Process({ hook: () => new Promise<Sent>(() => {}) })
  await process.bring({ channel: 'hook' })
  const ticking = process.tick()
  while (process.dispatched.length === 0) await idle()
  expect(process.limits.map(({ seconds }) => seconds)).toEqual([45])
  expect(process.dispatched[0]?.signal.aborted).toBe(false)
  process.limits[0]?.end()
  await ticking
  expect(process.dispatched[0]?.signal.aborted).toBe(true)
  expect(await process.one.store.messages(PROGRAM.id)).toMatchObject([
    { state: 'pending', reason: 'no answer within 45 s', maybeSent: true },
  ])
})

test.each(['while', 'before'])(
  'whoever interrupts %s a message is sent waits until it has ended, and five seconds at most',
  async (when) => {
    const process = new Process({ hook: () => new Promise<Sent>(() => {}) })
    await process.bring({ channel: 'hook' })
    let isOver = false
    if (when === 'before') {
      const { channel } = process.one.ports
      Object.assign(process.ports, {
        channel: (...given: Parameters<typeof channel>) => {
          process.interrupted.abort()
          return channel(...given)
        },
      })
    }
    const runner = createRunner(PROGRAM.id, process.ports)
    const ticking = runner.tick(PROGRAM, process.interrupted.signal).finally(() => (isOver = true))
    ticking.catch(() => undefined)
    while (process.dispatched.length === 0) await idle()
    if (when === 'while') process.interrupted.abort()
    await idle()
    expect([isOver, process.dispatched[0]?.signal.aborted]).toEqual([false, false])
    expect(process.limits.map(({ seconds }) => seconds)).toEqual([45, 5])
    process.limits[1]?.end()
    await ticking
    expect(process.dispatched[0]?.signal.aborted).toBe(true)
    expect(await process.states()).toEqual(['hook: pending, no answer within 45 s'])
  },
)

test('a channel that does not answer holds up what goes over it alone, and what came of it is told later', async () => {
  const answer = Promise.withResolvers<Sent>()
  const process = new Process({ hook: () => answer.promise })
  await process.bring({ channel: 'hook' })
  const impatient = new AbortController()
  const ticking = process.tick(PROGRAM, impatient.signal)
  while (process.dispatched.length === 0) await idle()
  impatient.abort()
  expect((await ticking).delivered.settled).toBe(0)
  await process.bring({}, { channel: 'hook' })
  expect((await process.tick(PROGRAM, new AbortController().signal)).delivered.settled).toBe(1)
  expect(process.dispatched.map(({ config }) => config.id)).toEqual(['hook', 'log'])
  let hasEnded = false
  const ended = process.runner.ended().then(() => (hasEnded = true))
  await idle()
  expect(hasEnded).toBe(false)
  answer.resolve({ outcome: 'delivered' })
  await ended
  expect((await process.tick()).delivered.settled).toBe(2)
  expect(await process.states()).toEqual(['hook: delivered', 'log: delivered', 'hook: delivered'])
})

test('sixteen messages are sent at a time, and others once eight of them have ended', async () => {
  const going: (() => void)[] = []
  let most = 0
  const process = new Process({
    log: () =>
      new Promise<Sent>((resolve) => {
        going.push(() => resolve({ outcome: 'delivered' }))
        most = Math.max(most, going.length)
      }),
  })
  await process.bring(...Array.from({ length: 40 }, () => ({})))
  const ticking = process.tick()
  const counts: number[] = []
  for (let ended = 0; ended < 40; ended += 1) {
    while (going.length === 0) await idle()
    for (let turn = 0; turn < 4; turn += 1) await idle()
    counts.push(process.dispatched.length)
    going.shift()?.()
  }
  await ticking
  expect([most, counts.slice(0, 10)]).toEqual([16, [16, 16, 16, 16, 16, 16, 16, 16, 24, 24]])
})

test('a store that goes away while it is told what came of a message ends the pass, and the next one goes on', async () => {
  let isAway = true
  const memory = openMemory(() => epoch(process.one.now))
  const process: Process = new Process(
    { hook: () => ({ outcome: 'failed', reason: 'no' }) },
    {
      ...memory,
      settle: async (...given) => {
        if (isAway) throw new StoreError('inaccessible', 'The server is away.', 'Wait.')
        return memory.settle(...given)
      },
    },
  )
  await process.bring({ channel: 'hook' }, { channel: 'log' })
  await expect(process.tick()).rejects.toThrow('The server is away.')
  isAway = false
  expect((await process.tick()).delivered.settled).toBe(0)
  // Once nobody else can be sending it any more.
  process.later(119)
  expect((await process.tick()).delivered.settled).toBe(0)
  process.later(1)
  expect((await process.tick()).delivered).toMatchObject({ settled: 2, failed: 0, uncertain: 1 })
})

test('what nobody can be told any more, or nobody can read, says why', async () => {
  const process = new Process()
  await process.bring(
    { channel: 'gone' },
    { channel: 'mail', to: 'max' },
    { notice: { kind: 'of another version', title: 'From the future' } },
    { notice: 'text' },
    { notice: null },
    { notice: { title: 7 } },
    { expires: BEGIN },
    { expires: addSeconds(BEGIN, 1) },
  )
  await process.tick()
  const other = 'log: failed, it was written by another version of Muster'
  expect(await process.states()).toEqual(
    expect.arrayContaining([
      'gone: dropped, the program has no channel gone any more',
      'mail: dropped, max is not among the people of the program any more',
      other,
      other,
      other,
      other,
      'log: dropped, it was of no use any more',
      'log: delivered',
    ]),
  )
  const said = process.one.said.filter((line) => line.endsWith('it was written by another version of Muster'))
  expect(said.map((line) => line.split(': ')[1])).toEqual(['From the future', 'a message', 'a message', 'a message'])
})
