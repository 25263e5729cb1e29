/**
 * What counts once, and for a while: the session of somebody who signed out, a delivery of a forge.
 * No part of the record; a part of the port that every driver implements for whoever writes.
 */
export interface Spent {
  /** Spends an id of a kind for so long by the store's own clock: true when it was not spent yet. */
  spend(program: string, kind: string, id: string, seconds: number): Promise<boolean>
  /** Ids of a kind that are spent, in no order. */
  spent(program: string, kind: string): Promise<readonly string[]>
}

/** Statements that both engines read, over a table whose name begins with `prefix`. $1 program; the clock of the store comes last. */
export const spentSql = (prefix: string) => ({
  forget: `DELETE FROM ${prefix}spent WHERE program = $1 AND until <= $2`,
  /** $2 kind, $3 id, $4 milliseconds. */
  spend: `INSERT INTO ${prefix}spent AS one (program, kind, id, until) VALUES ($1, $2, $3, $5 + $4)
    ON CONFLICT (program, kind, id) DO UPDATE SET until = excluded.until WHERE one.until <= $5 RETURNING id`,
  /** $2 kind. */
  spent: `SELECT id FROM ${prefix}spent WHERE program = $1 AND kind = $2 AND until > $3`,
})
