import type { LedgerEvent, NewEvent } from '#core/ledger/events.ts'
import { claimed, planRetry, planSettlement, timeOf, toClaim, type Change, type MessageRow } from '#store/outbox-plan.ts'
import { outboxSql } from '#store/outbox-sql.ts'
import type { Outbox } from '#store/outbox.ts'
import { checkProgram } from '#store/plan.ts'
import { messageRow, type FoundMessage } from '#store/postgres/messages.ts'
import { CLOCK, inTransaction, type Client, type Pool } from '#store/postgres/pool.ts'
import { appendUnder, lockHead } from '#store/postgres/write.ts'

const SQL = outboxSql('muster.')

/** How the outbox in a database is written to: the head is locked first, then the messages, so that nobody waits in a ring. */
export function outboxIn(pool: Pool): Pick<Outbox, 'claim' | 'settle' | 'retry' | 'lease'> {
  const change = async (program: string, key: string, plan: (row: MessageRow | undefined) => Change, events: readonly NewEvent[]) => {
    checkProgram(program)
    return pool.run((client) =>
      unlessNothing(() => inTransaction(client, () => changeMessage(client, pool, { program, key, plan, events }))),
    )
  }
  return {
    async claim(program, { now, leaseSeconds, limit, except = [] }) {
      checkProgram(program)
      const time = timeOf(now)
      if (limit <= 0) return []
      return pool.run(async (client) => {
        // Most of the time there is nothing, and then nobody has to wait for the lock.
        const { rows } = await client.query(SQL.isAnyClaimable(except.length, CLOCK), [program, time, 1, ...except])
        return rows.length === 0 ? [] : inTransaction(client, () => claimUnder(client, program, { time, leaseSeconds, limit, except }))
      })
    },
    settle: (program, key, attempt, settlement, events) => change(program, key, (row) => planSettlement(row, attempt, settlement), events),
    retry: (program, key, notBefore, events) => change(program, key, (row) => planRetry(row, notBefore), events),
    async lease(program, name, holder, seconds) {
      const values = [checkProgram(program), name, holder, Math.round(seconds * 1000)]
      const { rows } = await pool.run((client) => client.query(SQL.lease.replaceAll('$5', CLOCK), values))
      return rows.length > 0
    },
  }
}

interface Claiming {
  readonly time: number
  readonly leaseSeconds: number
  readonly limit: number
  readonly except: readonly string[]
}

async function claimUnder(client: Client, program: string, { time, leaseSeconds, limit, except }: Claiming) {
  // A ledger without events has no head; its messages are still sent.
  const { rows: locked } = await client.query<{ clock: string }>(
    `WITH head AS (SELECT 1 FROM muster.heads WHERE program = $1 FOR UPDATE) SELECT ${CLOCK} AS clock, (SELECT count(*) FROM head)`,
    [program],
  )
  const clock = Number(locked[0]?.clock)
  const values = [program, time, limit, ...except, clock]
  const { rows } = await client.query<FoundMessage & { previous: string | null }>(SQL.claimable(except.length), values)
  const taken = rows.map(({ previous, ...found }) => ({
    row: claimed(messageRow(found), clock + Math.round(leaseSeconds * 1000)),
    previous,
  }))
  await client.query(CLAIM, [program, taken.map(({ row }) => row.id), clock + Math.round(leaseSeconds * 1000)])
  return taken.map(({ row, previous }) => toClaim(row, previous))
}

const CLAIM = `UPDATE muster.outbox SET state = 'sending', attempt = attempt + 1, tries = tries + 1, lease_until = $3,
  maybe_sent = CASE state WHEN 'sending' THEN 1 ELSE maybe_sent END WHERE program = $1 AND id = ANY ($2)`

interface Changing {
  readonly program: string
  readonly key: string
  readonly plan: (row: MessageRow | undefined) => Change
  readonly events: readonly NewEvent[]
}

async function changeMessage(client: Client, pool: Pool, { program, key, plan, events }: Changing): Promise<LedgerEvent[]> {
  const head = await lockHead(client, pool, program)
  const { rows } = await client.query<FoundMessage>(SQL.byId, [program, key])
  const planned = plan(rows[0] && messageRow(rows[0]))
  if (planned === 'late') throw new Nothing()
  const appended = await appendUnder(client, pool, { program, events, head, expected: planned === 'done' ? 'stored' : 'new' })
  if (!appended) throw new Nothing()
  if (planned !== 'done') {
    const { id, not_before, due, state, attempt, tries, maybe_sent, lease_until, reference, reason } = planned
    await client.query(SQL.change, [program, id, not_before, due, state, attempt, tries, maybe_sent, lease_until, reference, reason])
  }
  return appended
}

/** Thrown to roll back what turned out to write nothing: not even an empty ledger may be left. */
class Nothing extends Error {}

async function unlessNothing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Nothing) return undefined
    throw error
  }
}
