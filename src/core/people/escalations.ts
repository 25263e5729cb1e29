import type { LedgerEvent } from '#core/ledger/events.ts'
import type { Escalation } from '#core/schedule/history.ts'

/** Escalations, in the order in which they were raised. */
export function foldEscalations(events: Iterable<LedgerEvent>): readonly Escalation[] {
  const known = new Map<string, Escalation>()
  const change = (id: string, part: Partial<Escalation>): void => {
    const before = known.get(id)
    if (before && before.clearedAt === undefined) known.set(id, { ...before, ...part })
  }
  for (const event of events) {
    if (event.type === 'escalation-raised') known.set(event.body.escalation, { ...event.body, raisedAt: event.at })
    else if (event.type === 'escalation-acknowledged') change(event.body.escalation, { acknowledgedUntil: event.body.until })
    else if (event.type === 'escalation-cleared') change(event.body.escalation, { clearedAt: event.at })
  }
  return [...known.values()]
}
