import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { openSqlite } from '#store/sqlite.ts'

/** `place-and-migrate.ts FROM TO`: puts a store on the disk, for good, and brings it forward. */
const [from = '', to = ''] = process.argv.slice(2)
for (const [path, bytes] of [
  [to, readFileSync(from)],
  [dirname(to), undefined],
] as const) {
  const handle = openSync(path, bytes ? 'wx' : 'r', 0o600)
  if (bytes) writeSync(handle, bytes)
  fsyncSync(handle)
  closeSync(handle)
}
const store = await openSqlite(to)
await store.close()
