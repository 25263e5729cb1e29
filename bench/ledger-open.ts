/** `node bench/ledger-open.ts FILE`: opens a ledger to write and reads its head. */
import { openSqlite } from '#store/sqlite.ts'

const store = await openSqlite(process.argv[2] ?? '')
await store.head('p')
await store.close()
