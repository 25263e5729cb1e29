import { describe, expect, test } from 'vitest'
import type { Collector, CommandHost, Repository } from '#core/evidence/collector.ts'
import type { Snapshot } from '#core/evidence/evidence.ts'
import { digest } from '#core/ledger/canonical.ts'
import type { Program } from '#core/program/model.ts'
import { DUE_KINDS } from '#core/schedule/due.ts'
import { KINDS } from '#collect/registry.ts'
import { createRunner, runLoop, type Tick } from '#engine/run.ts'
import type { Edges, RunPorts } from '#engine/run-ports.ts'
import { openMemory } from '#store/memory.ts'
import { sha256 } from '#store/sha256.ts'
import { StoreError } from '#store/store.ts'
import { programWith } from '../core/schedule/story.ts'
import { Inviter } from './calendars.ts'

/** Evidence of commands may take hours. Meanwhile everything else is done in time. */

const BEGIN = '2026-03-16T08:00:00Z'

const SCENE = {
  people: { ann: { name: 'Ann' }, eve: { name: 'Eve', roles: ['phase-lead'] } },
  streams: { a: { name: 'A', lead: 'ann', branch: 'feature/a' } },
  channels: { log: { send: 'file', to: 'log.jsonl' } },
}

const programOf = (schedule: Readonly<Record<string, unknown>> = {}, name = 'End'): Program =>
  programWith({
    ...SCENE,
    schedule: { open: '1m', ...schedule },
    checkpoints: { end: { name, at: '2026-03-16 10:00', duration: '1h', attendees: ['ann'] } },
  })

/** One process on a ledger in memory, whose looks at the evidence end when they are told to. */
class Slow {
  readonly one: Inviter
  readonly told: string[] = []
  /** Ids of the sources that were asked. */
  readonly asked: string[] = []
  readonly looks: { end: (only?: string) => Promise<void>; isGivenUp: boolean; isClosed: boolean }[] = []
  /** What branches and target stand on. */
  commit = 'c'
  readonly ports: RunPorts
  readonly runner: ReturnType<typeof createRunner>

  constructor(program: Program, name = 'one', store?: Inviter['store']) {
    const send = async ({ notice }: Parameters<ConstructorParameters<typeof Inviter>[2]>[0]) => {
      this.told.push(notice.title)
      return { outcome: 'delivered' as const }
    }
    this.one = new Inviter(program, BEGIN, send, name, store)
    this.one.kinds = DUE_KINDS
    this.ports = { ...this.one.ports, openEdges: async () => this.#edges() }
    this.runner = createRunner(program.id, this.ports)
  }

  #edges(): Edges {
    const all = Promise.withResolvers<void>()
    const sources = new Map<string, () => void>()
    const look = { isGivenUp: false, isClosed: false, end: async (_only?: string) => {} }
    look.end = async (only) => {
      if (only === undefined) all.resolve()
      else sources.get(only)?.()
      // Until the engine has taken it.
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.looks.push(look)
    const collector: Collector = {
      collect: async ({ sourceId }, { signal }) => {
        this.asked.push(sourceId)
        let isOver = false
        signal.addEventListener('abort', () => (look.isGivenUp = !isOver))
        await Promise.race([all.promise, new Promise<void>((resolve) => sources.set(sourceId, resolve))])
        isOver = true
        return [{ name: sourceId === 'run' ? 'passed' : 'exists', status: 'observed', value: true, source: 'git' }]
      },
    }
    const { commit } = this
    const state = { state: 'present', ref: 'r', commit, tree: 't', committedAt: BEGIN } as const
    return {
      ports: {
        kinds: KINDS,
        collector: async () => collector,
        repository: { resolve: async () => state } as unknown as Repository,
        runner: { announce: () => {}, settle: () => {} } as unknown as CommandHost,
        programFolder: '/',
        cacheFolder: '/',
        environment: () => undefined,
        host: 'here',
        now: this.ports.now,
        timeLimit: () => new AbortController().signal,
      },
      refresh: async () => {},
      close: async () => void (look.isClosed = true),
    }
  }

  /** A pass at a wall time of Berlin on that day; what it told. */
  async at(time: string, program: Program): Promise<readonly string[]> {
    this.one.now = new Date(Date.parse(`2026-03-16T${time}:00Z`) - 3_600_000).toISOString()
    await this.tick(program)
    return this.told.splice(0)
  }

  /** It waits for its channel, and not for evidence. */
  tick(program: Program): Promise<Tick> {
    let asked = 0
    return this.runner.tick(program, new AbortController().signal, () =>
      (asked += 1) % 2 === 1 ? new AbortController().signal : AbortSignal.abort(),
    )
  }

  async timers(kind: string): Promise<readonly string[]> {
    const timers: string[] = []
    for await (const event of this.one.store.read('demo', { types: ['fired'] }))
      if (event.type === 'fired' && event.body.kind === kind) timers.push(event.body.timer)
    return timers
  }
}

const blocker = (id: string, deadline: string) =>
  ({
    type: 'blocker-opened',
    body: { blocker: id, stream: 'a', title: 'the key is lost', severity: 'low', impact: 'all', owner: 'ann', deadline },
  }) as const

test('while evidence is gathered, all that falls due meanwhile is done and told in time', async () => {
  const program = programOf()
  const slow = new Slow(program)
  await slow.at('09:58', program)
  // Who attends need not wait for evidence to hear that it opens.
  expect(await slow.at('09:59', program)).toContain('End opens')
  expect(slow.looks).toHaveLength(1)
  await slow.at('10:00', program)
  expect(slow.looks).toMatchObject([{ isGivenUp: true, isClosed: true }, { isGivenUp: false }])
  await slow.one.record('ann', blocker('B-1', '2026-03-16T09:20:00Z'))
  expect(await slow.at('10:10', program)).toEqual(['Blocker: A, the key is lost'])
  expect(await slow.at('10:20', program)).toEqual(['Blocker overdue: A, the key is lost'])
  expect(await slow.timers('hold')).toEqual([])
  await slow.looks[1]?.end()
  expect(await slow.at('10:30', program)).toContainEqual(expect.stringMatching(/^End: /))
  expect(await slow.timers('hold')).toHaveLength(1)
  // The decision was made from the evidence of after the opening too.
  expect([slow.looks.length, await slow.timers('watch')]).toEqual([2, []])
  // It was held as soon as its time had come, and only its evidence took longer.
  expect(slow.one.said.filter((line) => line.includes('was not running'))).toEqual([])
})

test('a look between checkpoints that takes longer than the time between looks is put on record, and is looked at again after it', async () => {
  const program = programOf({ watch: '5m' })
  const slow = new Slow(program)
  await slow.at('09:01', program)
  await slow.at('09:12', program)
  expect(slow.looks).toHaveLength(1)
  await slow.looks[0]?.end()
  await slow.at('09:13', program)
  expect(await slow.timers('watch')).toEqual(['watch@2026-03-16T08:10:00Z'])
  expect(slow.looks).toHaveLength(1)
  await slow.at('09:15', program)
  expect(slow.looks).toHaveLength(2)
})

test('what is gathered by a program file that was changed meanwhile, or for a meeting that was moved, is given up', async () => {
  const [program, edited] = [programOf(), programOf({}, 'The end')]
  const slow = new Slow(program)
  await slow.at('09:58', program)
  await slow.at('10:00', program)
  await slow.at('10:00', edited)
  expect(slow.looks).toMatchObject([{ isGivenUp: true, isClosed: true }, { isGivenUp: false }])
  await slow.one.record('eve', {
    type: 'checkpoint-moved',
    body: { checkpoint: 'end', from: '2026-03-16T09:00:00Z', to: '2026-03-17T09:00:00Z', reason: 'everybody is ill' },
  })
  await slow.at('10:01', edited)
  expect(slow.looks[1]).toMatchObject({ isGivenUp: true, isClosed: true })
  expect(await slow.timers('hold')).toEqual([])
})

async function lastSnapshot({ one }: Slow): Promise<Snapshot | undefined> {
  let last: Snapshot | undefined
  for await (const event of one.store.read('demo', { types: ['evidence'] })) if (event.type === 'evidence') last = event.body.snapshot
  return last
}

describe('commands', () => {
  const programOfCommands = (...ids: readonly string[]): Program => {
    const sources = Object.fromEntries(ids.map((id) => [id, { collect: 'command', run: `make ${id}`, for: 'streams' }]))
    const criteria = { runs: { title: 'It runs', metric: 'run.passed', equals: true } }
    const checkpoints = { end: { name: 'End', at: '2026-03-16 10:00', criteria } }
    return programWith({ ...SCENE, sources, checkpoints, schedule: { open: '10m', watch: '5m' } })
  }
  /** The commands that a look at that time runs, which ends at once. */
  const look = async (by: Slow, program: Program, time: string): Promise<readonly string[]> => {
    await by.at(time, program)
    await by.looks.at(-1)?.end()
    await by.at(time, program)
    return by.asked.splice(0)
  }

  test('are not run again for a branch that has not moved, nor by another process; what decides was run since its checkpoint opened', async () => {
    const program = programOfCommands('run')
    const slow = new Slow(program)
    expect(await look(slow, program, '09:01')).toEqual(['run'])
    expect(await look(slow, program, '09:06')).toEqual([])
    const later = new Slow(program, 'two', slow.one.store)
    expect(await look(later, program, '09:11')).toEqual([])
    expect(await look(later, program, '10:00')).toEqual(['run'])
  })

  test('are run once a checkpoint has opened, and not again when it is held, unless the branch has moved since', async () => {
    const program = programOfCommands('run')
    for (const [moved, asked] of [
      ['c', []],
      ['c2', ['run']],
    ] as const) {
      const slow = new Slow(program)
      expect(await look(slow, program, '09:01')).toEqual(['run'])
      expect(await look(slow, program, '09:50')).toEqual(['run'])
      expect(await look(slow, program, '09:55')).toEqual([])
      slow.commit = moved
      expect(await look(slow, program, '10:00')).toEqual(asked)
      expect(await slow.timers('hold')).toHaveLength(1)
    }
  })

  test('that somebody had run by hand since count as well, where that is newer', async () => {
    const program = programOfCommands('run')
    const slow = new Slow(program)
    expect(await look(slow, program, '09:50')).toEqual(['run'])
    const snapshot = await lastSnapshot(slow)
    const evidence = snapshot?.evidence.map((one) => ({ ...one, value: false, observedAt: '2026-03-16T08:54:00Z' })) ?? []
    const byHand = { subjects: snapshot?.subjects ?? {}, evidence }
    await slow.one.record('ann', { type: 'evidence', body: { digest: digest(byHand, sha256), snapshot: byHand } })
    expect(await look(slow, program, '10:00')).toEqual([])
    expect((await lastSnapshot(slow))?.evidence).toMatchObject([{ metric: 'run.passed', value: false }])
  })

  test('that had ended when a look gave way to the one for a decision count for it; the others are run for it', async () => {
    const program = programOfCommands('run', 'slow')
    const slow = new Slow(program)
    expect(await look(slow, program, '09:01')).toEqual(['run', 'slow'])
    slow.commit = 'c1'
    await slow.at('09:50', program)
    expect(slow.asked.splice(0)).toEqual(['run', 'slow'])
    await slow.looks.at(-1)?.end('run')
    expect(await look(slow, program, '10:00')).toEqual(['slow'])
    expect(slow.looks.at(-2)).toMatchObject({ isGivenUp: true })
    expect(await slow.timers('hold')).toHaveLength(1)
  })
})

test('one process looks at a time; when it ends, another one need not wait', async () => {
  const program = programOf()
  const slow = new Slow(program)
  const other = new Slow(program, 'two', slow.one.store)
  await slow.at('10:00', program)
  await other.at('10:00', program)
  expect(other.looks).toEqual([])
  await slow.runner.ended()
  expect(slow.looks).toMatchObject([{ isGivenUp: true, isClosed: true }])
  await other.at('10:00', program)
  expect(other.looks).toHaveLength(1)
})

test('evidence that took long is not lost with the connection to the store', async () => {
  const program = programOf()
  const store = openMemory(() => Date.parse(BEGIN))
  let isAway = false
  const append: typeof store.append = async (...given) => {
    if (isAway) throw new StoreError('inaccessible', 'The connection broke.', 'Try again.')
    return store.append(...given)
  }
  const slow = new Slow(program, 'one', { ...store, append })
  await slow.at('10:00', program)
  isAway = true
  await slow.looks[0]?.end()
  await expect(slow.at('10:10', program)).rejects.toThrow('The connection broke.')
  isAway = false
  await slow.at('10:11', program)
  expect([slow.looks.length, await slow.timers('hold')]).toEqual([1, [expect.stringMatching(/^hold:end/)]])
})

test('the loop wakes when evidence has come, and an interrupt waits for none', async () => {
  const program = programOf({ watch: '5m' })
  const slow = new Slow(program)
  const interrupted = new AbortController()
  const sleeps: number[] = []
  await runLoop(
    program,
    { ...slow.ports, timeLimit: () => AbortSignal.abort() },
    {
      elapsed: () => 0,
      load: async () => ({ program }),
      sleep: async (seconds, signal) => {
        sleeps.push(seconds)
        const woken = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
        // The second time there is nothing that goes on; the time of the next look comes.
        if (sleeps.length === 1) await slow.looks[0]?.end()
        else if (sleeps.length === 2) return void (slow.one.now = '2026-03-16T08:05:00Z')
        else interrupted.abort()
        await woken
      },
    },
    interrupted.signal,
  )
  expect(sleeps).toHaveLength(3)
  expect(await slow.timers('watch')).toHaveLength(1)
  expect(slow.looks).toMatchObject([{ isGivenUp: false }, { isGivenUp: true, isClosed: true }])
})
