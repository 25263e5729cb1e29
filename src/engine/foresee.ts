import type { NewEvent } from '#core/ledger/events.ts'
import type { History } from '#core/schedule/history.ts'

/** The history as it will be once these events are on record: what messages that go with them are worded from. */
export const foresee = (history: History, events: readonly NewEvent[]): History => events.reduce(after, history)

function after(history: History, event: NewEvent): History {
  const { at } = event
  if (event.type === 'escalation-raised') return { ...history, escalations: [...history.escalations, { ...event.body, raisedAt: at }] }
  if (event.type === 'escalation-cleared') {
    const { escalation } = event.body
    return { ...history, escalations: history.escalations.map((one) => (one.escalation === escalation ? { ...one, clearedAt: at } : one)) }
  }
  if (event.type !== 'checkpoint-held') return history
  const { checkpoint, due, verdict, decision } = event.body
  const before = history.held.get(checkpoint) ?? []
  return { ...history, held: new Map([...history.held, [checkpoint, [...before, { due, at, verdict, decision }]]]) }
}
