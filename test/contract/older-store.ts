import { DatabaseSync } from 'node:sqlite'
import { MIGRATIONS } from '#store/migrations/index.ts'
import { openSqlite } from '#store/sqlite.ts'
import { signOff } from './sign-off.ts'

/** What takes a store back to the first version: the tables that later migrations made are gone again. */
export const BACK_TO_FIRST: readonly string[] = [
  'DELETE FROM muster_schema WHERE version > 1',
  ...MIGRATIONS.slice(1).flatMap(({ statements }) =>
    statements.flatMap((statement) => {
      const table = /^CREATE TABLE (\w+)/.exec(statement)?.[1]
      return table === undefined ? [] : [`DROP TABLE ${table}`]
    }),
  ),
]

/** A store of the first version, with three records. */
export async function olderStore(file: string): Promise<void> {
  const store = await openSqlite(file)
  await store.append('p', [signOff('a'), signOff('b'), signOff('c')])
  await store.close()
  const database = new DatabaseSync(file)
  database.exec(BACK_TO_FIRST.join(';'))
  database.close()
}
