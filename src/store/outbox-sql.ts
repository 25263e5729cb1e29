import { MESSAGE_COLUMNS } from '#store/outbox-plan.ts'

/** Statements of the outbox that both engines read, over tables whose names begin with `prefix`. */
export function outboxSql(prefix: string) {
  const outbox = `${prefix}outbox`
  const leases = `${prefix}leases`
  /**
   * Of an urgent lane `!x` there is no further one; of a lane `x` it is `!x`. $1 program, $2 clock of
   * the caller, $3 the most of them, then the channels that are left out, then the clock of the store
   * unless it is a word of SQL.
   */
  const claimable = (channels: number, clock: string) => {
    const except = Array.from({ length: channels }, (_, index) => `$${index + 4}`)
    return `FROM ${outbox} AS one WHERE one.program = $1 AND one.state IN ('pending', 'sending')
      AND ((one.state = 'pending' AND one.due <= $2) OR (one.state = 'sending' AND one.lease_until <= ${clock}))
      AND NOT EXISTS (SELECT 1 FROM ${outbox} AS older WHERE older.program = one.program AND older.lane IN (one.lane, '!' || one.lane)
        AND older.state IN ('pending', 'sending') AND older.position < one.position)
      ${except.length === 0 ? '' : `AND one.channel NOT IN (${except.join(', ')})`} ORDER BY one.position LIMIT $3`
  }
  return {
    isAnyClaimable: (channels: number, clock = `$${channels + 4}`) => `SELECT 1 ${claimable(channels, clock)}`,
    /** Oldest first. Of what was delivered of a thread the last is that which was written last; the plus keeps SQLite from looking for it through the whole outbox. */
    claimable: (channels: number, clock = `$${channels + 4}`) => `SELECT ${MESSAGE_COLUMNS}, (
        SELECT before.reference FROM ${outbox} AS before WHERE before.program = one.program
          AND before.lane IN (LTRIM(one.lane, '!'), '!' || LTRIM(one.lane, '!'))
          AND before.state = 'delivered' AND before.reference IS NOT NULL ORDER BY +before.position DESC LIMIT 1
      ) AS previous ${claimable(channels, clock)}`,
    byId: `SELECT ${MESSAGE_COLUMNS} FROM ${outbox} WHERE program = $1 AND id = $2`,
    change: `UPDATE ${outbox} SET not_before = $3, due = $4, state = $5, attempt = $6, tries = $7, maybe_sent = $8,
      lease_until = $9, reference = $10, reason = $11 WHERE program = $1 AND id = $2`,
    /** $4 milliseconds, $5 clock of the store. */
    lease: `INSERT INTO ${leases} (program, name, holder, until) VALUES ($1, $2, $3, $5 + $4)
      ON CONFLICT (program, name) DO UPDATE SET holder = excluded.holder, until = excluded.until
      WHERE ${leases}.until <= $5 OR ${leases}.holder = excluded.holder
      RETURNING holder`,
    /** $2 name, $3 clock of the store. */
    leased: `SELECT until - $3 AS milliseconds FROM ${leases} WHERE program = $1 AND name = $2`,
  }
}
