import { EVENT_SHAPES } from '#core/ledger/schema.ts'
import type { EventType, LedgerEvent } from '#core/ledger/events.ts'
import type { OutboxMessage } from '#core/notify/outbox.ts'
import { effectiveProgram } from '#core/schedule/effective.ts'
import { due, nextWakeAt, type DueAction } from '#core/schedule/due.ts'
import { foldingHistory } from '#core/schedule/history.ts'
import { epoch } from '#core/schedule/time.ts'
import { GATHERING, lastLook, LATE_SECONDS, type LastLook } from '#engine/last-look.ts'
import { counted, deedWords } from '#engine/words.ts'
import type { Store } from '#store/store.ts'

/** How `muster run` gets on, from the ledger and its outbox alone. */
export interface RunningStatus {
  readonly zone: string
  readonly next?: { readonly at: string; readonly what: string }
  /** The one that begins next. */
  readonly checkpoint?: { readonly id: string; readonly name: string; readonly at: string }
  /** Who looked last at what is due; absent while nobody is known to have. */
  readonly looked?: LastLook
  /** Evidence is gathered for what is due. */
  readonly gathering?: true
  /** Due and not done, and nothing is wrong: the next look does it. */
  readonly due: readonly { readonly since: string; readonly what: string }[]
  /** Due and not done, though it ought to be: nobody looks any more, or who looked could not do it. */
  readonly overdue: readonly { readonly since: string; readonly what: string }[]
  /** Channels over which something was tried and waits to be tried again. */
  readonly channels: readonly { readonly channel: string; readonly waiting: number; readonly tries: number; readonly reason: string }[]
  readonly failed: number
  readonly uncertain: number
  /** Of the last week, newest first, at most five. */
  readonly troubles: readonly Extract<LedgerEvent, { type: 'trouble' }>['body'][]
}

const UNREAD: ReadonlySet<EventType> = new Set(['evidence', 'delivery', 'reported'])
const WEEK_SECONDS = 7 * 86_400
const MOST_TROUBLES = 5

/** Undefined while nobody has ever run this program. Reads all but the evidence, which is most of a ledger. */
export async function readRunning(store: Store, programId: string, now: string): Promise<RunningStatus | undefined> {
  const latest = await store.latest(programId, 'program')
  if (latest?.type !== 'program' || !(await store.latest(programId, 'fired'))) return undefined
  const { program } = latest.body
  const fold = foldingHistory()
  const troubles: Extract<LedgerEvent, { type: 'trouble' }>[] = []
  const types = (Object.keys(EVENT_SHAPES) as EventType[]).filter((one) => !UNREAD.has(one))
  for await (const event of store.read(programId, { types })) {
    fold.take(event)
    if (event.type === 'trouble' && epoch(event.at) > epoch(now) - WEEK_SECONDS * 1000) troubles.push(event)
  }
  const history = fold.history()
  const looked = await lastLook(store, programId, now)
  const isGathering = ((await store.leased(programId, GATHERING)) ?? 0) > 0
  // Asked as of now: what was said a moment ago made nothing due before that. What takes no evidence is done in seconds.
  const soon = isGathering ? 0 : LATE_SECONDS * 1000
  const waits = due(program, history, now).filter((one) => epoch(one.due) <= epoch(now) - soon)
  const isLate = ({ due: at }: DueAction): boolean => !isGathering && !(looked?.goesOn === true && epoch(at) > epoch(looked.at))
  const told = (one: DueAction) => ({ since: one.due, what: deedWords(one) })
  const wakeAt = nextWakeAt(program, history, now)
  const [first] = wakeAt === undefined ? [] : due(program, history, wakeAt).filter((one) => epoch(one.due) > epoch(now))
  const [ahead] = effectiveProgram(program, history.state.moves, now)
    .checkpoints.filter(({ at }) => epoch(at) > epoch(now))
    .toSorted((a, b) => epoch(a.at) - epoch(b.at))
  const waiting = await store.messages(programId, { states: ['pending', 'sending'] })
  return {
    zone: program.calendar.zone,
    ...(first && { next: { at: first.due, what: deedWords(first) } }),
    ...(ahead && { checkpoint: { id: ahead.id, name: ahead.name, at: ahead.at } }),
    ...(looked && { looked }),
    ...(isGathering && { gathering: true as const }),
    due: waits.filter((one) => !isLate(one)).map(told),
    overdue: waits.filter(isLate).map(told),
    channels: failing(waiting),
    failed: (await store.messages(programId, { states: ['failed'] })).length,
    uncertain: (await store.messages(programId, { states: ['uncertain'] })).length,
    troubles: troubles
      .slice(-MOST_TROUBLES)
      .toReversed()
      .map((one) => one.body),
  }
}

function failing(waiting: readonly OutboxMessage[]): RunningStatus['channels'] {
  const tried = waiting.filter((one) => one.tries > 0 && one.reason !== undefined)
  return [...Map.groupBy(tried, (one) => one.channel)].map(([channel, all]) => {
    const worst = all.reduce((a, b) => (b.tries > a.tries ? b : a))
    return { channel, waiting: all.length, tries: worst.tries, reason: worst.reason ?? '' }
  })
}

export function runningLines(
  { next, checkpoint, looked, gathering, due: waits, overdue, channels, failed, uncertain, troubles }: RunningStatus,
  when: (instant: string) => string,
  ago: (instant: string) => string,
): string[] {
  const undelivered = [...(failed > 0 ? [`${failed} failed`] : []), ...(uncertain > 0 ? [`${uncertain} uncertain`] : [])]
  return [
    ...(checkpoint ? [`  next checkpoint: ${checkpoint.name} (${checkpoint.id}), ${when(checkpoint.at)}`] : []),
    ...(next ? [`  next: ${next.what}, due ${when(next.at)}`] : []),
    ...(waits.length > 0 ? [`  due: ${sinceWords(waits, when)}${gathering ? '; evidence is being gathered' : ''}`] : []),
    ...(overdue.length > 0 ? [`  OVERDUE: ${sinceWords(overdue, when)}; ${whyLate(looked)}`] : []),
    `  looked last: ${looked ? `${looked.by} ${when(looked.at)} (${ago(looked.at)})` : 'nobody that is known of'}`,
    ...channels.map(
      (one) =>
        `  channel ${one.channel}: ${counted(one.waiting, 'message')} not delivered after ${counted(one.tries, 'try', 'tries')}: ${one.reason}`,
    ),
    ...(undelivered.length > 0 ? [`  deliveries: ${undelivered.join(', ')}; muster outbox shows them`] : []),
    ...troubles.map((one) => `  trouble on ${when(one.until)}: ${one.text}`),
  ]
}

/** `holds checkpoint week1 since Wed 2026-02-25 16:00 and 2 more`. */
const sinceWords = ([first, ...more]: RunningStatus['due'], when: (instant: string) => string): string =>
  `${first?.what} since ${when(first?.since ?? '')}${more.length === 0 ? '' : ` and ${more.length} more`}`

function whyLate(looked: LastLook | undefined): string {
  if (looked?.goesOn !== true) return 'nobody runs the program: start muster run, or have cron start muster run --once'
  return `${looked.by} has looked since and could not do it, its output says why`
}
