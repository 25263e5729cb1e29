import type { Migration } from '#store/migrate.ts'

/** What counts once, until when. `until` is in milliseconds. */
export const spent: Migration = {
  version: 3,
  name: 'spent',
  statements: [
    `CREATE TABLE spent (
       program TEXT NOT NULL,
       kind TEXT NOT NULL,
       id TEXT NOT NULL,
       until BIGINT NOT NULL,
       PRIMARY KEY (program, kind, id)
     )`,
    'CREATE INDEX spent_until ON spent (program, until)',
  ],
}
