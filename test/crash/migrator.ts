import { openPostgres } from '#store/postgres.ts'
import { openSqlite } from '#store/sqlite.ts'

/** `migrator.ts PLACE`: brings a store forward, and ends; fails with the name and the code of what went wrong. */
const [place = ''] = process.argv.slice(2)
try {
  const store = await (place.includes('://') ? openPostgres(place) : openSqlite(place))
  await store.close()
} catch (error) {
  const { name, code, message } = error as { readonly name: string; readonly code: string; readonly message: string }
  console.error(`${name} ${code} ${message}`)
  process.exitCode = 1
}
