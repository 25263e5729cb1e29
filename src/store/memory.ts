import type { Head } from '#core/ledger/chain.ts'
import { checkProgram, idTwice, planAdoption, planAppend, requireHead, toEvent, type Row } from '#store/plan.ts'
import { StoreError, type Store } from '#store/store.ts'

interface Ledger {
  readonly rows: Row[]
  readonly byId: Map<string, Row>
  head?: Head
}

/** A store that lasts as long as the process: for dry runs and simulations. */
export function openMemory(): Store {
  const ledgers = new Map<string, Ledger>()
  let closed = false

  /** Bodies are kept as text, so that nobody can change a record through an object they hold. */
  const ledger = (program: string): Ledger => {
    if (closed) throw new StoreError('closed', 'The store is closed.', 'Open it again.')
    return ledgers.get(checkProgram(program)) ?? { rows: [], byId: new Map() }
  }
  const eventOf = (row: Row | undefined) => row && toEvent(row)

  return {
    async append(program, events, options) {
      const kept = ledger(program)
      const plan = planAppend(events, kept.head, (id) => kept.byId.get(id), options)
      for (const row of plan.rows) {
        kept.rows.push(row)
        kept.byId.set(row.id, row)
      }
      if (plan.head) ledgers.set(program, Object.assign(kept, { head: plan.head }))
      return plan.events
    },
    async adopt(program, events, { onto, replace = false }) {
      requireHead(ledger(program).head, onto)
      const adoption = planAdoption(program, replace ? undefined : onto)
      const rows: Row[] = []
      for await (const event of events) rows.push(adoption.take(event))
      const kept = replace ? { rows: [], byId: new Map<string, Row>() } : ledger(program)
      requireHead(ledger(program).head, onto)
      const ids = new Set(kept.byId.keys())
      for (const { id } of rows) if (ids.size === ids.add(id).size) throw idTwice(id)
      for (const row of rows) {
        kept.rows.push(row)
        kept.byId.set(row.id, row)
      }
      const head = adoption.head()
      if (head) ledgers.set(program, Object.assign(kept, { head }))
      else ledgers.delete(program)
      return head
    },
    async *read(program, { after = 0, types, limit = Infinity } = {}) {
      const { rows } = ledger(program)
      const end = rows.length
      let left = limit
      for (let i = Math.max(0, after); i < end && left > 0; i++) {
        const row = rows[i]
        if (!row || (types && !types.some((type) => type === row.type))) continue
        left--
        yield toEvent(row)
      }
    },
    async head(program) {
      return ledger(program).head
    },
    async programs() {
      if (closed) throw new StoreError('closed', 'The store is closed.', 'Open it again.')
      return [...ledgers.keys()].sort()
    },
    async find(program, id) {
      return eventOf(ledger(program).byId.get(id))
    },
    async latest(program, type) {
      return eventOf(ledger(program).rows.findLast((row) => row.type === type))
    },
    async close() {
      closed = true
    },
  }
}
