/** `node bench/ledger-fold.ts FILE raw|ours`: goes through a ledger once; prints peak memory in KiB and the seconds it took. */
import { DatabaseSync } from 'node:sqlite'
import { folding } from '#core/ledger/state.ts'
import { openSqlite } from '#store/sqlite.ts'

const [file = '', how] = process.argv.slice(2)
const began = performance.now()
let checked = 0
if (how === 'raw') {
  const database = new DatabaseSync(file, { readOnly: true })
  for (const row of database.prepare('SELECT * FROM ledger WHERE program = ? ORDER BY seq').iterate('p')) {
    JSON.parse(String(row['body']))
    checked += 1
  }
  database.close()
} else {
  const store = await openSqlite(file, { readOnly: true })
  const fold = folding()
  for await (const event of store.read('p')) {
    fold.take(event)
    checked += 1
  }
  fold.state()
  await store.close()
}
console.log(JSON.stringify({ peak: process.resourceUsage().maxRSS, seconds: (performance.now() - began) / 1000, events: checked }))
