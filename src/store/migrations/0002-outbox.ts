import type { Migration } from '#store/migrate.ts'

/**
 * Messages, in the order of `position`, and leases. `lane` stands for channel, recipient and thread;
 * times that are compared are milliseconds, because instants of one moment can be written in many ways.
 */
export const outbox: Migration = {
  version: 2,
  name: 'outbox',
  statements: [
    `CREATE TABLE outbox (
       program TEXT NOT NULL,
       id TEXT NOT NULL,
       position BIGINT NOT NULL,
       lane TEXT NOT NULL,
       channel TEXT NOT NULL,
       recipient TEXT NOT NULL,
       thread TEXT NOT NULL,
       not_before TEXT NOT NULL,
       due BIGINT NOT NULL,
       expires TEXT,
       notice TEXT NOT NULL,
       state TEXT NOT NULL,
       attempt BIGINT NOT NULL,
       tries BIGINT NOT NULL,
       maybe_sent BIGINT NOT NULL,
       lease_until BIGINT NOT NULL,
       reference TEXT,
       reason TEXT,
       PRIMARY KEY (program, id)
     )`,
    'CREATE UNIQUE INDEX outbox_position ON outbox (program, position)',
    'CREATE INDEX outbox_lane ON outbox (program, lane, position)',
    "CREATE INDEX outbox_waiting ON outbox (program, lane, position) WHERE state IN ('pending', 'sending')",
    `CREATE TABLE leases (
       program TEXT NOT NULL,
       name TEXT NOT NULL,
       holder TEXT NOT NULL,
       until BIGINT NOT NULL,
       PRIMARY KEY (program, name)
     )`,
  ],
}
