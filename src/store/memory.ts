import type { Head } from '#core/ledger/chain.ts'
import type { LedgerEvent, NewEvent } from '#core/ledger/events.ts'
import { MemoryOutbox } from '#store/memory-outbox.ts'
import { planRetry, planSettlement, type Change } from '#store/outbox-plan.ts'
import { checkProgram, idTwice, planAdoption, planAppend, requireHead, toEvent, type AppendPlan, type Row } from '#store/plan.ts'
import { StoreError, type Store } from '#store/store.ts'

interface Ledger {
  readonly rows: Row[]
  readonly byId: Map<string, Row>
  readonly outbox: MemoryOutbox
  /** Until when, by kind and id in JSON. */
  readonly spent: Map<string, number>
  head?: Head
}

const newLedger = ({ outbox, spent }: Pick<Ledger, 'outbox' | 'spent'> = { outbox: new MemoryOutbox(), spent: new Map() }): Ledger => ({
  rows: [],
  byId: new Map(),
  outbox,
  spent,
})

/**
 * A store that lasts as long as the process: for dry runs and simulations. `clock` is the store's
 * own, in milliseconds, by which leases run out.
 */
export function openMemory(clock: () => number = Date.now): Store {
  const ledgers = new Map<string, Ledger>()
  let closed = false

  /** Bodies are kept as text, so that nobody can change a record through an object they hold. */
  const ledger = (program: string): Ledger => {
    if (closed) throw new StoreError('closed', 'The store is closed.', 'Open it again.')
    return ledgers.get(checkProgram(program)) ?? newLedger()
  }
  /** One that will be written to, kept from now on. */
  const kept = (program: string): Ledger => {
    const found = ledger(program)
    ledgers.set(program, found)
    return found
  }
  const eventOf = (row: Row | undefined) => row && toEvent(row)

  const write = (program: string, plan: AppendPlan): LedgerEvent[] => {
    if (plan.rows.length === 0 || !plan.head) return plan.events
    const into = kept(program)
    for (const row of plan.rows) {
      into.rows.push(row)
      into.byId.set(row.id, row)
    }
    into.outbox.add(plan.messages)
    into.head = plan.head
    return plan.events
  }

  /** Changes a message and appends events, both or neither. */
  const change = (program: string, planned: Change, events: readonly NewEvent[]): LedgerEvent[] | undefined => {
    if (planned === 'late') return undefined
    const { head, byId, outbox } = ledger(program)
    const plan = planAppend(events, head, (id) => byId.get(id))
    if (planned === 'done') return plan.rows.length === 0 ? plan.events : undefined
    outbox.write(planned)
    return write(program, plan)
  }

  return {
    async append(program, events, options) {
      const { head, byId } = ledger(program)
      return write(
        program,
        planAppend(events, head, (id) => byId.get(id), options),
      )
    },
    async adopt(program, events, { onto, replace = false }) {
      requireHead(ledger(program).head, onto)
      const adoption = planAdoption(program, replace ? undefined : onto)
      const rows: Row[] = []
      for await (const event of events) rows.push(adoption.take(event))
      const before = ledger(program)
      requireHead(before.head, onto)
      const into = replace ? newLedger(before) : before
      const ids = new Set(into.byId.keys())
      for (const { id } of rows) if (ids.size === ids.add(id).size) throw idTwice(id)
      for (const row of rows) {
        into.rows.push(row)
        into.byId.set(row.id, row)
      }
      const head = adoption.head()
      if (head) into.head = head
      ledgers.set(program, into)
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
    async last(program) {
      return ledger(program).rows.length
    },
    async programs() {
      if (closed) throw new StoreError('closed', 'The store is closed.', 'Open it again.')
      return [...ledgers].flatMap(([program, { head }]) => (head ? [program] : [])).sort()
    },
    async find(program, id) {
      return eventOf(ledger(program).byId.get(id))
    },
    async latest(program, type) {
      return eventOf(ledger(program).rows.findLast((row) => row.type === type))
    },
    async claim(program, options) {
      return ledger(program).outbox.claim(options, clock())
    },
    async settle(program, key, attempt, settlement, events) {
      return change(program, planSettlement(ledger(program).outbox.row(key), attempt, settlement), events)
    },
    async retry(program, key, notBefore, events) {
      return change(program, planRetry(ledger(program).outbox.row(key), notBefore), events)
    },
    async messages(program, filter = {}) {
      return ledger(program).outbox.messages(filter)
    },
    async lease(program, name, holder, seconds) {
      return kept(program).outbox.lease(name, holder, seconds, clock())
    },
    async leased(program, name) {
      return ledger(program).outbox.leased(name, clock())
    },
    async spend(program, kind, id, seconds) {
      const { spent } = kept(program)
      const key = JSON.stringify([kind, id])
      for (const [one, until] of spent) if (until <= clock()) spent.delete(one)
      if (spent.has(key)) return false
      spent.set(key, clock() + seconds * 1000)
      return true
    },
    async spent(program, kind) {
      return [...ledger(program).spent].flatMap(([key, until]) => {
        const [of, id = ''] = JSON.parse(key) as readonly string[]
        return of === kind && until > clock() ? [id] : []
      })
    },
    async close() {
      closed = true
    },
  }
}
