import type { History } from '#core/schedule/history.ts'
import type { DueAction } from '#core/schedule/due.ts'
import { plannedOf, type Planned } from '#core/schedule/planned.ts'
import type { Program } from '#core/program/model.ts'
import { instantOf } from '#core/schedule/time.ts'

/** What an action needs beside its key and instant. */
export type Said = Omit<DueAction, 'key' | 'due'>

/** One look at the clock: collects what is due, and the next instant at which something will be. Times are milliseconds. */
export class Look {
  readonly program: Program
  readonly planned: Planned
  readonly history: History
  readonly now: number
  readonly actions: { readonly at: number; readonly action: DueAction }[] = []
  next = Number.POSITIVE_INFINITY

  constructor(program: Program, history: History, now: number) {
    this.program = program
    this.planned = plannedOf(program)
    this.history = history
    this.now = now
  }

  /** Whether its time has come and it has not fired; a time to come is when to look again. */
  isDue(at: number, key: string): boolean {
    return this.hasCome(at) && !this.history.fired.has(key)
  }

  hasCome(at: number): boolean {
    if (at <= this.now) return true
    if (at < this.next) this.next = at
    return false
  }

  say(at: number, key: string, said: Said): void {
    this.actions.push({ at, action: { key, due: instantOf(at), ...said } })
  }
}

/** So many of a series that nobody was there for are recorded as dropped. */
export const MOST_DROPPED = 10

/** Words for why something is not sent. */
export const DROPPED = {
  begun: 'it has begun',
  over: 'it is over',
  overtaken: 'a later one has come',
  moved: 'the time was set after that',
  nobody: 'everybody has checked in',
  decided: 'it was decided already',
  before: 'it was over before Muster ran this program',
  planned: 'it was over before it was planned',
  longPast: 'it is long past',
} as const
