import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { KINDS } from '#collect/registry.ts'
import type { EventBody, LedgerEvent } from '#core/ledger/events.ts'
import { loadProgram } from '#core/program/load.ts'
import type { Program, Verdict } from '#core/program/model.ts'
import { due, nextWakeAt, type DueAction } from '#core/schedule/due.ts'
import { foldingHistory, type History } from '#core/schedule/history.ts'
import { formatInstant, toInstant } from '#core/schedule/time.ts'

const BASE = parse(readFileSync(join(import.meta.dirname, 'base.yaml'), 'utf8')) as Record<string, unknown>

/** The base program with whole keys of it replaced. */
export function programWith(keys: Readonly<Record<string, unknown>> = {}): Program {
  const { program, problems } = loadProgram(
    'muster.yaml',
    new TextEncoder().encode(stringify({ ...BASE, ...keys }, { aliasDuplicateObjects: false })),
    KINDS,
  )
  if (!program) throw new Error(problems.map((one) => `${one.line}:${one.column} ${one.code}: ${one.message}`).join('\n'))
  return program
}

/** A ledger without a store: what `due` says is done as an engine would, and recorded. */
export class Ledger {
  readonly events: LedgerEvent[] = []
  /** What a checkpoint that is held comes to; GO where nothing is said. */
  verdicts: Verdict[] = []
  readonly #fold = foldingHistory()

  add(at: string, actor: string, event: EventBody): void {
    const seq = this.events.length + 1
    // Events are taken in the order of the ledger, and carry the seal that no test here reads.
    const sealed: LedgerEvent = { ...event, id: `e${seq}`, at, actor, seq, previous: '', schema: '', hash: '' }
    this.events.push(sealed)
    this.#fold.take(sealed)
  }

  get history(): History {
    return this.#fold.history()
  }

  look(program: Program, now: string): readonly DueAction[] {
    return due(program, this.history, now)
  }

  wake(program: Program, now: string): string | undefined {
    return nextWakeAt(program, this.history, now)
  }

  perform(program: Program, now: string): readonly DueAction[] {
    const actions = this.look(program, now)
    for (const action of actions) this.done(action, now)
    return actions
  }

  done(action: DueAction, now: string): void {
    const { key, kind, due: at, dropped, checkpoint, startsAt, late, invited } = action
    const timer = { timer: key, kind, due: at, ...(dropped !== undefined && { dropped }), ...(invited && { invited }) }
    if (dropped === undefined && checkpoint !== undefined && startsAt !== undefined) {
      if (kind === 'open') this.add(now, 'muster', { type: 'checkpoint-opened', body: { checkpoint, startsAt, ...(late && { late }) } })
      if (kind === 'hold') {
        const verdict = this.verdicts.shift() ?? 'GO'
        this.add(now, 'muster', {
          type: 'checkpoint-held',
          body: { checkpoint, due: startsAt, decision: `d${this.events.length}`, verdict },
        })
      }
    }
    this.add(now, 'muster', { type: 'fired', body: timer })
    // Evidence is looked at as soon as it is open.
    if (kind === 'open' && dropped === undefined)
      this.add(now, 'muster', { type: 'fired', body: { timer: `watch@${now}`, kind: 'watch', due: now } })
  }
}

/** One line for an action: when it was due, its key, whom it tells, and what else it says. */
export function lineOf(action: DueAction, zone: string): string {
  const { key, kind: _, due: at, people, dropped, late, ...rest } = action
  const told = ['sequence', 'cancelled', 'withdrawn', 'reevaluation', 'blockers', 'step', 'action']
    .flatMap((name) => (name in rest ? [`${name} ${JSON.stringify(rest[name as keyof typeof rest])}`] : []))
    .join(', ')
  return `${formatInstant(at, zone)} ${key} -> ${people.join(', ') || 'nobody'}${told && `; ${told}`}${late ? '; late' : ''}${dropped === undefined ? '' : `; dropped: ${dropped}`}`
}

type Told =
  | { readonly look: string }
  | { readonly perform: string }
  /** The program file is another from then on: whole keys of it are replaced. */
  | { readonly edit: string; readonly keys: Readonly<Record<string, unknown>> }
  | { readonly at: string; readonly actor?: string; readonly type: string; readonly body: Readonly<Record<string, unknown>> }

interface Story {
  readonly program?: Readonly<Record<string, unknown>>
  readonly verdicts?: readonly Verdict[]
  readonly story: readonly Told[]
}

/** Tells a case: events go into the ledger, every look is written down, `perform` does what is due, `edit` changes the file. */
export function tell(file: string): string {
  const { program: keys, story, verdicts = [] } = parse(readFileSync(file, 'utf8')) as Story
  let program = programWith(keys)
  const { zone } = program.calendar
  const instant = (value: unknown): unknown => (typeof value === 'string' ? (toInstant(value, zone) ?? value) : value)
  const ledger = new Ledger()
  ledger.verdicts = [...verdicts]
  const lines: string[] = []
  for (const told of story) {
    if ('type' in told) {
      const lists = told.type === 'check-in' ? { done: [], next: [], risks: [], claims: {} } : {}
      const body = Object.fromEntries(
        Object.entries({ ...lists, ...told.body }).map(([key, value]) => [key, TIMES.has(key) ? instant(value) : value]),
      )
      ledger.add(String(instant(told.at)), told.actor ?? 'eve', { type: told.type, body } as unknown as EventBody)
      lines.push(`${formatInstant(String(instant(told.at)), zone)} [${told.type}]`)
      continue
    }
    if ('edit' in told) {
      program = programWith({ ...keys, ...told.keys })
      ledger.add(String(instant(told.edit)), 'muster', { type: 'program', body: { digest: '', program } })
      lines.push(`${formatInstant(String(instant(told.edit)), zone)} [edited]`)
      continue
    }
    const isDone = 'perform' in told
    const now = String(instant(isDone ? told.perform : told.look))
    const actions = isDone ? ledger.perform(program, now) : ledger.look(program, now)
    const wake = ledger.wake(program, now)
    lines.push(
      `${formatInstant(now, zone)} ${isDone ? 'done' : 'due'}${actions.length === 0 ? ': nothing' : ''}`,
      ...actions.map((one) => `  ${lineOf(one, zone)}`),
      `  next ${wake === undefined ? 'never' : formatInstant(wake, zone)}`,
    )
  }
  return `${lines.join('\n')}\n`
}

const TIMES = new Set(['deadline', 'until', 'expires', 'from', 'to'])
