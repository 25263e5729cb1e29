import { compareCpu, report } from './measure.ts'
import { generate } from './evaluate.ts'
import type { EventBody } from '#core/ledger/events.ts'
import type { Checkpoint, Program } from '#core/program/model.ts'
import { due, type DueAction } from '#core/schedule/due.ts'
import { foldingHistory, type History } from '#core/schedule/history.ts'
import { addSeconds, epoch } from '#core/schedule/time.ts'

const PROGRAMS = 1000
const CHECKPOINTS = 50
const REMIND = [86_400, 3600]
const OPEN = 3600
const FROM = '2026-01-05T15:00:00Z'
const NOW = '2026-06-30T15:00:10Z'
const REPEAT = 20

interface Case {
  readonly program: Program
  readonly history: History
}

/** Programs of fifty weekly checkpoints each, half of them held, the other half invited to; in one of ten something may be due. */
function cases(): readonly Case[] {
  const { program: base, checkpoint } = generate(1, 1)
  return Array.from({ length: PROGRAMS }, (_, index): Case => {
    const checkpoints = Array.from({ length: CHECKPOINTS }, (__, week): Checkpoint => {
      // Spread over the days of the week, so that each program is somewhere else in it.
      const at = addSeconds(FROM, week * 7 * 86_400 + (index % 7) * 86_400 + (index % 48) * 600)
      return { ...checkpoint, id: `c${week}`, at, attendees: ['p'] }
    })
    const program: Program = {
      ...base,
      id: `p${index}`,
      calendar: { ...base.calendar, zone: 'Europe/Berlin' },
      checkpoints,
      schedule: { openSeconds: OPEN, remindSeconds: REMIND },
    }
    const fold = foldingHistory()
    let seq = 0
    const add = (at: string, event: EventBody): void => {
      seq += 1
      fold.take({ ...event, id: `e${seq}`, at, actor: 'muster', seq, previous: '', schema: '', hash: '' })
    }
    // Everything was done until shortly before now; of every tenth program until three days ago.
    const until = addSeconds(NOW, index % 10 === 0 ? -3 * 86_400 : -1)
    for (const now of [FROM, ...checkpoints.map((one) => one.at).filter((at) => epoch(at) < epoch(until)), until])
      for (const { key, kind, due: at, checkpoint: held, startsAt } of due(program, fold.history(), now)) {
        if (kind === 'hold' && held !== undefined && startsAt !== undefined)
          add(now, { type: 'checkpoint-held', body: { checkpoint: held, due: startsAt, decision: 'd', verdict: 'GO' } })
        add(now, { type: 'fired', body: { timer: key, kind, due: at } })
      }
    return { program, history: fold.history() }
  })
}

interface Row {
  readonly id: string
  readonly at: string
  readonly start: number
  readonly first: number
  readonly timers: readonly { readonly at: number; readonly key: string; readonly kind: DueAction['kind'] }[]
  readonly invitations: string
  readonly invitation: string
}

/** The floor: what someone would write for exactly this, instants and keys made beforehand; checkpoints only, no moves, no words. */
function byHand(rows: readonly (readonly Row[])[], all: readonly Case[], now: number): unknown[] {
  const found: unknown[] = []
  for (const [index, { history }] of all.entries()) {
    const { openedAt, watchedAt = '' } = history
    if (openedAt !== undefined && watchedAt < openedAt) found.push({ key: `watch@${openedAt}`, kind: 'watch', due: openedAt })
    for (const { id, at: startsAt, start, first, timers, invitations, invitation } of rows[index] ?? []) {
      if (start > now && history.series.get(invitations)?.key !== invitation) found.push({ key: invitation, kind: 'invite' })
      if (first > now || history.held.get(id)?.some((one) => one.due === startsAt)) continue
      for (const { at, key, kind } of timers)
        if (at <= now && !history.fired.has(key)) found.push({ key, kind, due: new Date(at).toISOString(), people: ['p'] })
    }
  }
  return found
}

function rowsOf({ program, history }: Case): readonly Row[] {
  return program.checkpoints.map((one): Row => {
    const start = epoch(one.at)
    const timer = (kind: DueAction['kind'], what: string, before: number) => ({
      at: start - before * 1000,
      key: `${kind}:${what}@${one.at}`,
      kind,
    })
    // The reminder of an hour before is at the opening, which says as much.
    const timers = [timer('remind', `${one.id}/86400`, 86_400), timer('open', one.id, OPEN), timer('hold', one.id, 0)]
    const invitations = `invite:checkpoint:${one.id}`
    const invitation = history.series.get(invitations)?.key ?? ''
    return { id: one.id, at: one.at, start, first: start - 86_400_000, timers, invitations, invitation }
  })
}

export async function bench(): Promise<boolean> {
  const all = cases()
  const rows = all.map(rowsOf)
  const now = epoch(NOW)
  const ours = (): DueAction[] => all.flatMap(({ program, history }) => [...due(program, history, NOW)])
  const expected = byHand(rows, all, now).length
  if (ours().length !== expected) throw new Error(`due says ${ours().length}, the loop ${expected}`)
  const repeat = (run: () => unknown) => (): void => {
    for (let count = 0; count < REPEAT; count += 1) run()
  }
  const [hand, result] = await compareCpu(
    [
      { name: 'by hand', run: repeat(() => byHand(rows, all, now)) },
      { name: 'due', run: repeat(ours) },
    ],
    15,
  )
  console.log(
    `     ${PROGRAMS} programs x ${CHECKPOINTS} checkpoints, ${expected} actions due: ${((result?.milliseconds ?? NaN) / REPEAT).toFixed(2)} ms CPU, by hand ${((hand?.milliseconds ?? NaN) / REPEAT).toFixed(2)} ms`,
  )
  return report('due against a hand-written loop', result?.ratio ?? NaN, 2, 'at most')
}
