import type { Migration } from '#store/migrate.ts'

/**
 * The row of `heads` is the end of a program's chain and is what appends lock; an automatic number
 * as the position would have gaps after a crash, and readers would skip what commits out of order.
 */
export const ledger: Migration = {
  version: 1,
  name: 'ledger',
  statements: [
    `CREATE TABLE heads (
       program TEXT NOT NULL PRIMARY KEY,
       seq BIGINT NOT NULL,
       hash TEXT NOT NULL
     )`,
    `CREATE TABLE ledger (
       program TEXT NOT NULL,
       seq BIGINT NOT NULL,
       id TEXT NOT NULL,
       type TEXT NOT NULL,
       at TEXT NOT NULL,
       actor TEXT NOT NULL,
       previous TEXT NOT NULL,
       hash TEXT NOT NULL,
       schema TEXT NOT NULL,
       body TEXT NOT NULL,
       PRIMARY KEY (program, seq)
     )`,
    'CREATE UNIQUE INDEX ledger_id ON ledger (program, id)',
    'CREATE INDEX ledger_type ON ledger (program, type, seq)',
  ],
}
