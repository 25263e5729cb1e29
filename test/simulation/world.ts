import { setImmediate as idle } from 'node:timers/promises'
import type { ChannelKindInfo } from '#core/notify/channel.ts'
import { compose } from '#core/notify/compose.ts'
import type { LedgerEvent } from '#core/ledger/events.ts'
import type { ChannelKind, Program } from '#core/program/model.ts'
import { due, nextWakeAt } from '#core/schedule/due.ts'
import { foldingHistory } from '#core/schedule/history.ts'
import { epoch } from '#core/schedule/time.ts'
import { CHANNEL_KIND_INFO } from '#deliver/registry.ts'
import { follow, type Follower } from '#engine/follow.ts'
import type { Planning, RunPorts } from '#engine/run-ports.ts'
import { openMemory } from '#store/memory.ts'
import { sha256 } from '#store/sha256.ts'
import type { Store } from '#store/store.ts'
import { Outside } from './channels.ts'
import { Clock } from './clock.ts'
import { act } from './people.ts'
import { worldOf } from './program.ts'
import { Chance } from './random.ts'
import { Replica } from './replica.ts'

const SECOND = 1000
const HOUR = 3600 * SECOND
const DAY = 24 * HOUR

/** What goes wrong, as a share of the steps at which it can. */
interface Faults {
  crash: number
  store: number
  /** Evidence that takes long. */
  slow: number
}

/** A planted bug: changes what a process is given. */
export type Mutation = (ports: RunPorts) => RunPorts

/** One simulated month, from its seed. */
export class World {
  readonly chance: Chance
  readonly clock: Clock
  readonly store: Store
  readonly outside: Outside
  readonly observer: Follower
  readonly planning: Planning = { due, nextWakeAt, folding: foldingHistory, compose }
  readonly channelKinds: Readonly<Record<ChannelKind, ChannelKindInfo>> = CHANNEL_KIND_INFO
  readonly hash = sha256
  readonly mutate: Mutation
  readonly skewSeconds: number
  readonly faults: Faults
  readonly beginsAt: string
  readonly endsAt: string
  /** What was said to be on record, to people and by the engine's own store. */
  readonly acknowledged = new Map<string, LedgerEvent>()
  /** Moments of true time at which a process ended a look at everything, and of the clock then. */
  readonly rested: { readonly elapsed: number; readonly wall: number }[] = []
  /** The clock was set at these moments. */
  readonly jumps: number[] = []
  bug: unknown
  program: Program
  readonly #replicas: Replica[] = []
  readonly #turns: (() => void)[] = []
  readonly #unreachable: { readonly from: number; readonly until: number }[] = []
  readonly #rates = new Map<string, number>()
  readonly #wanted: number
  #started = 0
  #ids = 0
  /** Aborted at the end: Node keeps whatever waits for a signal made of several, and all its world, until it is. */
  readonly over = new AbortController()
  /** Nothing goes wrong any more: what was promised must come to be. */
  isCalm = false

  /** @param skewSeconds How far the clocks of two processes may be apart. */
  constructor(seed: number, mutate: Mutation = (ports) => ports, skewSeconds = 0) {
    this.skewSeconds = skewSeconds
    this.chance = new Chance(seed)
    const { program, beginsAt, endsAt } = worldOf(this.chance)
    this.program = program
    this.beginsAt = beginsAt
    this.endsAt = endsAt
    this.mutate = mutate
    this.clock = new Clock(epoch(beginsAt))
    this.store = openMemory(() => this.clock.elapsed)
    this.outside = new Outside(this.chance, () => this.clock.elapsed)
    this.observer = follow(this.store, foldingHistory, program.id)
    this.#wanted = this.chance.of(skewSeconds > 0 ? [2, 3] : [1, 1, 1, 2, 3])
    const isRough = this.chance.is(0.7)
    this.faults = { crash: isRough ? this.chance.of([0.0005, 0.002, 0.01]) : 0, store: isRough && this.chance.is(0.5) ? 0.003 : 0, slow: 0 }
    this.outside.lostAnswers = isRough ? this.chance.of([0, 0.02, 0.1]) : 0
    for (const one of program.streams) this.#rates.set(one.id, this.chance.real() * 6)
    this.#planMonth(isRough)
    if (this.chance.is(0.3)) this.faults.slow = this.chance.of([0.01, 0.1])
  }

  /** Somebody does something, so many hours from now. */
  later(hours: number, work: () => Promise<void>): void {
    this.clock.plan(this.clock.elapsed + hours * HOUR, async () => {
      await work()
      this.#poke()
    })
  }

  newId(): string {
    return `id-${(this.#ids += 1)}`
  }

  /** Runs the month, then three calm days in which everything that waits can be done. */
  async run(): Promise<void> {
    for (let index = 0; index < this.#wanted; index += 1) this.#start()
    await this.#settle()
    const end = epoch(this.endsAt)
    const { clock } = this
    this.clock.plan(end, () => this.#calm())
    for (let next = this.clock.next(); next && this.bug === undefined; next = this.clock.next()) {
      if (this.clock.elapsed > end + 3 * DAY) break
      await next.run()
      // Processes that wake at one time are at work at one time.
      for (let also = clock.isBusy ? clock.next() : undefined; also; also = clock.isBusy ? clock.next() : undefined) await also.run()
      await this.#settle()
    }
    this.over.abort()
  }

  /** Everything else that can go on goes first, in an order of chance. */
  turn(): Promise<void> | undefined {
    if (this.#wanted === 1) return undefined
    return new Promise((resolve) => void this.#turns.push(resolve))
  }

  async rests(replica: Replica, seconds: number, hasLooked: boolean): Promise<void> {
    const { clock } = this
    const { rest } = replica
    if (hasLooked) this.rested.push({ elapsed: clock.elapsed, wall: clock.wall() + replica.skew })
    clock.plan(clock.elapsed + seconds * SECOND, () => replica.wake(rest))
    // The real loop looks every half minute; here it is woken when there is something to see.
    const waiting = await this.store.messages(this.program.id, { states: ['pending', 'sending'] })
    let first = Number.POSITIVE_INFINITY
    for (const one of waiting) {
      const time = one.state === 'sending' ? clock.elapsed + 125 * SECOND : epoch(one.notBefore) - clock.offset
      first = Math.min(first, Math.max(time, clock.elapsed))
    }
    if (Number.isFinite(first)) clock.plan(first + this.chance.int(0, 30) * SECOND, () => replica.wake(rest))
  }

  diedAt(replica: Replica): void {
    this.#replicas.splice(this.#replicas.indexOf(replica), 1)
    const after = this.isCalm ? 1 : this.chance.of([1, 5, 60, 1800, 7200])
    this.clock.plan(this.clock.elapsed + after * SECOND, () => this.#start())
  }

  isUnreachable(): boolean {
    return this.#unreachable.some(({ from, until }) => this.clock.elapsed >= from && this.clock.elapsed < until)
  }

  /** Most evidence is there at once; some commands run for hours. */
  async evidenceComes(): Promise<void> {
    if (!this.chance.is(this.faults.slow)) return
    const seconds = this.chance.of([1, 90, 900, 7200])
    await new Promise<void>((resolve) => this.clock.plan(this.clock.elapsed + seconds * SECOND, resolve))
  }

  /** Where nothing takes time, nothing is over before it. */
  timeLimit(seconds: number): AbortSignal {
    if (this.faults.slow === 0) return this.over.signal
    const limit = new AbortController()
    this.clock.plan(this.clock.elapsed + seconds * SECOND, () => limit.abort())
    return limit.signal
  }

  /** Work done on a stream by now; undefined where it cannot be read this time. */
  linesOf(program: Program, stream: string): number | undefined {
    if (this.chance.is(this.isCalm ? 0 : 0.03)) return undefined
    const days = (this.clock.elapsed - epoch(this.beginsAt)) / DAY
    return program.streams.some((one) => one.id === stream) ? Math.min(100, Math.floor(days * (this.#rates.get(stream) ?? 1))) : undefined
  }

  #start(): void {
    const replica = new Replica(this, `replica-${(this.#started += 1)}`)
    this.#replicas.push(replica)
    replica.start()
  }

  /** Until every process rests or is dead. */
  async #settle(): Promise<void> {
    for (;;) {
      await idle()
      if (this.#turns.length === 0) return
      const [next] = this.#turns.splice(this.chance.int(0, this.#turns.length - 1), 1)
      next?.()
    }
  }

  #poke(): void {
    for (const one of this.#replicas) this.clock.plan(this.clock.elapsed + this.chance.int(0, 30) * SECOND, () => one.wake())
  }

  #planMonth(isRough: boolean): void {
    const { chance, clock } = this
    const [begin, end] = [epoch(this.beginsAt), epoch(this.endsAt)]
    const sometime = (): number => begin + Math.floor(chance.real() * (end - begin))
    for (let count = chance.of([3, 6, 9, 12, 24]); count > 0; count -= 1) this.later((sometime() - begin) / HOUR, () => act(this))
    for (let count = chance.int(0, 3); count > 0; count -= 1) clock.plan(sometime(), () => this.#edit())
    if (!isRough) return
    for (let count = chance.int(0, 4); count > 0; count -= 1) clock.plan(sometime(), () => this.#kill())
    if (chance.is(0.3)) clock.plan(sometime(), () => this.#suspend())
    if (chance.is(0.25)) for (let count = chance.int(1, 3); count > 0; count -= 1) clock.plan(sometime(), () => this.#jump())
    for (const { id } of this.program.channels)
      if (chance.is(0.3)) this.#plan(this.#outages(id), sometime(), chance.of([0.2, 3, 12, 30]) * HOUR)
    if (chance.is(0.3)) this.#plan(this.#unreachable, sometime(), chance.of([0.2, 3, 12]) * HOUR)
  }

  #outages(channel: string): { readonly from: number; readonly until: number }[] {
    const known = this.outside.outages.get(channel) ?? []
    this.outside.outages.set(channel, known)
    return known
  }

  #plan(into: { readonly from: number; readonly until: number }[], from: number, milliseconds: number): void {
    into.push({ from, until: Math.min(from + milliseconds, epoch(this.endsAt)) })
  }

  #kill(): void {
    const victim = this.#replicas[this.chance.int(0, Math.max(0, this.#replicas.length - 1))]
    if (victim) victim.kill()
  }

  #suspend(): void {
    for (const one of this.#replicas) one.suspend(this.chance.of([0.1, 2, 30]) * HOUR)
  }

  /** The clock is set, and put right again after a while. */
  #jump(): void {
    const by = this.chance.of([-7200, -300, 300, 7200, 86_400]) * SECOND
    this.clock.offset += by
    this.jumps.push(this.clock.elapsed)
    this.#poke()
    this.clock.plan(this.clock.elapsed + this.chance.int(1, 600) * 60 * SECOND, () => {
      this.clock.offset -= by
      this.jumps.push(this.clock.elapsed)
      this.#poke()
    })
  }

  /** Somebody edits the program file. */
  #edit(): void {
    const { program, chance } = this
    const now = this.clock.wall()
    const index = chance.int(0, program.checkpoints.length - 1)
    const checkpoints = program.checkpoints.map((one, each) => {
      if (each !== index || epoch(one.at) < now + 2 * HOUR) return one
      return chance.is(0.5) ? { ...one, name: `${one.name}, again` } : { ...one, durationSeconds: one.durationSeconds + 900 }
    })
    this.program = { ...program, checkpoints }
    this.#poke()
  }

  #calm(): void {
    this.isCalm = true
    this.faults.crash = 0
    this.faults.store = 0
    this.faults.slow = 0
    this.outside.lostAnswers = 0
    this.#poke()
  }
}
