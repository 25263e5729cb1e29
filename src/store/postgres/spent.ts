import { checkProgram } from '#store/plan.ts'
import { CLOCK, type Pool } from '#store/postgres/pool.ts'
import { spentSql, type Spent } from '#store/spent.ts'

const SQL = spentSql('muster.')

export const spentIn = (pool: Pool): Spent => ({
  async spend(program, kind, id, seconds) {
    checkProgram(program)
    // Done twice, after a connection was lost, it would say that somebody else was first.
    return pool.transaction(async (client) => {
      await client.query(SQL.forget.replace('$2', CLOCK), [program])
      const { rows } = await client.query(SQL.spend.replaceAll('$5', CLOCK), [program, kind, id, Math.round(seconds * 1000)])
      return rows.length > 0
    })
  },
  async spent(program, kind) {
    const values = [checkProgram(program), kind]
    const { rows } = await pool.run((client) => client.query<{ id: string }>(SQL.spent.replace('$3', CLOCK), values))
    return rows.map(({ id }) => id)
  },
})
