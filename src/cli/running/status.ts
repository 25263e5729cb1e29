import { EVENT_SHAPES } from '#core/ledger/schema.ts'
import type { EventType, LedgerEvent } from '#core/ledger/events.ts'
import type { OutboxMessage } from '#core/notify/outbox.ts'
import { due, nextWakeAt } from '#core/schedule/due.ts'
import { foldingHistory } from '#core/schedule/history.ts'
import { epoch, formatInstant } from '#core/schedule/time.ts'
import { actionWords, counted } from '#engine/words.ts'
import type { Store } from '#store/store.ts'

/** How `muster run` gets on, from the ledger and its outbox alone. */
export interface RunningStatus {
  readonly zone: string
  readonly next?: { readonly at: string; readonly what: string }
  /** Due for more than two minutes and not done: nobody runs, or nobody can. */
  readonly overdue: readonly { readonly since: string; readonly what: string }[]
  /** Channels over which something was tried and waits to be tried again. */
  readonly channels: readonly { readonly channel: string; readonly waiting: number; readonly tries: number; readonly reason: string }[]
  readonly failed: number
  readonly uncertain: number
  /** Of the last week, newest first, at most five. */
  readonly troubles: readonly Extract<LedgerEvent, { type: 'trouble' }>['body'][]
}

const UNREAD: ReadonlySet<EventType> = new Set(['evidence', 'delivery', 'reported'])
const OVERDUE_SECONDS = 120
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
  // Asked as of now: what was said a moment ago made nothing due before that.
  const late = due(program, history, now).filter((one) => epoch(one.due) <= epoch(now) - OVERDUE_SECONDS * 1000)
  const wakeAt = nextWakeAt(program, history, now)
  const [first] = wakeAt === undefined ? [] : due(program, history, wakeAt).filter((one) => epoch(one.due) > epoch(now))
  const waiting = await store.messages(programId, { states: ['pending', 'sending'] })
  return {
    zone: program.calendar.zone,
    ...(first && { next: { at: first.due, what: actionWords(program, first) } }),
    overdue: late.map((one) => ({ since: one.due, what: actionWords(program, one) })),
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

export function runningLines({ zone, next, overdue, channels, failed, uncertain, troubles }: RunningStatus): string[] {
  const undelivered = [...(failed > 0 ? [`${failed} failed`] : []), ...(uncertain > 0 ? [`${uncertain} uncertain`] : [])]
  return [
    ...(next ? [`  next: ${next.what}`] : []),
    ...(overdue.length > 0
      ? [`  OVERDUE, is muster run running? ${overdue[0]?.what ?? ''}${overdue.length > 1 ? ` and ${overdue.length - 1} more` : ''}`]
      : []),
    ...channels.map(
      (one) =>
        `  channel ${one.channel}: ${counted(one.waiting, 'message')} not delivered after ${counted(one.tries, 'try', 'tries')}: ${one.reason}`,
    ),
    ...(undelivered.length > 0 ? [`  deliveries: ${undelivered.join(', ')}; muster outbox shows them`] : []),
    ...troubles.map((one) => `  trouble on ${formatInstant(one.until, zone)}: ${one.text}`),
  ]
}
