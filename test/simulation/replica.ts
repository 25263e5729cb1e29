import type { Collector, CollectorKind, CommandHost, Repository } from '#core/evidence/collector.ts'
import type { Program } from '#core/program/model.ts'
import { instantOf } from '#core/schedule/time.ts'
import { runLoop } from '#engine/run.ts'
import type { RunLedger, RunPorts } from '#engine/run-ports.ts'
import { StoreError } from '#store/store.ts'
import type { World } from './world.ts'

/** What a process that is dead waits for: it never comes back. One for each, so that nothing keeps what waits. */
const never = (): Promise<never> => new Promise(() => {})

/** One process of `muster run`: the real loop on a fake machine, which can be killed between any two steps. */
export class Replica {
  readonly #world: World
  readonly #name: string
  readonly #ended = new AbortController()
  /** How far the clock of its machine is from that of the others: milliseconds. */
  readonly skew: number
  isDead = false
  /** The machine sleeps until then, in true time. */
  asleepUntil = 0
  #slept = 0
  #wake: (() => void) | undefined

  constructor(world: World, name: string) {
    this.#world = world
    this.#name = name
    this.skew = world.skewSeconds === 0 ? 0 : world.chance.int(0, world.skewSeconds) * 1000
  }

  start(): void {
    const { world, point } = { world: this.#world, point: () => this.#point() }
    const ports = world.mutate(this.#ports(point))
    // A machine on which nobody brings the program file up to date.
    const kept = world.chance.is(0.15) ? world.program : undefined
    const loop = {
      elapsed: () => world.clock.elapsed - this.#slept,
      // Only who has looked at everything knows where the ledger ends.
      sleep: (seconds: number, signal: AbortSignal, seq?: number) => this.#sleep(seconds, signal, seq !== undefined),
      mostSleepSeconds: 40 * 86_400,
      load: async () => ({ program: (world.isCalm ? undefined : kept) ?? world.program }),
    }
    runLoop(world.program, ports, loop, this.#ended.signal).catch((error: unknown) => {
      world.bug ??= error
    })
  }

  get isSleeping(): boolean {
    return this.#wake !== undefined
  }

  /** How often it has gone to rest: a timer that was set for an earlier rest is none any more. */
  rest = 0

  /** As by the timer it waits for, that of its present rest or any. */
  wake(rest = this.rest): void {
    const wake = this.#wake
    if (this.isDead || !wake || rest !== this.rest || this.#world.clock.elapsed < this.asleepUntil) return
    this.#wake = undefined
    wake()
  }

  /** The machine sleeps: time passes, the clock goes on, the process does not. */
  suspend(milliseconds: number): void {
    const { clock } = this.#world
    if (clock.elapsed < this.asleepUntil || !this.isSleeping) return
    this.asleepUntil = clock.elapsed + milliseconds
    this.#slept += milliseconds
    clock.plan(this.asleepUntil, () => this.wake())
  }

  kill(): void {
    this.isDead = true
    this.#world.diedAt(this)
  }

  #now(): string {
    const { clock } = this.#world
    return this.skew === 0 ? clock.now() : instantOf(clock.wall() + this.skew)
  }

  async #sleep(seconds: number, signal: AbortSignal, hasLooked: boolean): Promise<void> {
    if (this.isDead) return never()
    if (signal.aborted) return
    const woken = new Promise<void>((resolve) => (this.#wake = resolve))
    this.rest += 1
    const { rest } = this
    if (signal !== this.#ended.signal) signal.addEventListener('abort', () => this.wake(rest))
    await this.#world.rests(this, seconds, hasLooked)
    await woken
    if (this.isDead) return never()
  }

  /** Between any two steps: another process may be next, or this one may die. */
  async #point(): Promise<void> {
    if (this.isDead) return never()
    await this.#world.turn()
    if (!this.isDead && this.#world.chance.is(this.#world.faults.crash)) this.kill()
    if (this.isDead) return never()
  }

  #ports(point: () => Promise<void>): RunPorts {
    const { world } = { world: this.#world }
    return {
      ...world.planning,
      ledger: faulty(world.store, world, point),
      openEdges: async (program) => ({
        ports: gatherPorts(world, program, () => this.#now()),
        refresh: async () => {
          await point()
          if (world.isUnreachable()) throw new Error('the repository cannot be reached')
        },
        close: async () => {},
      }),
      readReported: async () => [],
      channelKinds: world.channelKinds,
      channel: async (config) => world.outside.open(config, point),
      holder: this.#name,
      now: () => this.#now(),
      newId: () => world.newId(),
      hash: world.hash,
      random: () => world.chance.real(),
      version: 'simulated',
      timeLimit: (seconds) => world.timeLimit(seconds),
      every: () => ({ end: () => {} }),
      say: () => {},
    }
  }
}

/** The store, with a point before and after each call, and a connection that breaks now and then, before or after the commit. */
function faulty(store: RunLedger, world: World, point: () => Promise<void>): RunLedger {
  const broken = (): StoreError => new StoreError('inaccessible', 'The connection broke.', 'Try again.')
  const around =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await point()
      if (world.chance.is(world.faults.store)) throw broken()
      const result = await call(...args)
      await point()
      if (world.chance.is(world.faults.store)) throw broken()
      return result
    }
  return {
    append: around(store.append.bind(store)),
    head: around(store.head.bind(store)),
    claim: around(store.claim.bind(store)),
    settle: around(store.settle.bind(store)),
    messages: around(store.messages.bind(store)),
    lease: around(store.lease.bind(store)),
    // No forge tells of pushes here.
    spent: async () => [],
    async *read(program, options) {
      await point()
      yield* store.read(program, options)
    },
  }
}

const KIND = {
  kind: 'git',
  title: 'Simulated',
  options: undefined as unknown as CollectorKind['options'],
  metrics: { lines: { unit: 'lines', better: 'higher', title: 'Lines' } as never },
  boundToTree: true,
} satisfies CollectorKind

function gatherPorts(world: World, program: Program, now: () => string) {
  const collector: Collector = {
    collect: async ({ subject }) => {
      await world.evidenceComes()
      const lines = world.linesOf(program, subject.replace('stream:', ''))
      return [
        lines === undefined
          ? { name: 'lines', status: 'errored', source: 'git', reason: 'it could not be read' }
          : { name: 'lines', status: 'observed', value: lines, source: 'git' },
      ]
    },
  }
  const repository = {
    resolve: async (branch: string) => ({
      state: 'present' as const,
      ref: `refs/heads/${branch}`,
      commit: `commit-${branch}`,
      tree: `tree-${branch}`,
      committedAt: instantOf(0),
    }),
  } as unknown as Repository
  return {
    kinds: [KIND],
    collector: async () => collector,
    repository,
    runner: { announce: () => {}, settle: () => {} } as unknown as CommandHost,
    programFolder: '/',
    cacheFolder: '/',
    environment: () => undefined,
    host: 'simulated',
    now,
    timeLimit: () => world.over.signal,
  }
}
