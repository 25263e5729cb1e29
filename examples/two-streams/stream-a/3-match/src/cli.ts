import { readFileSync } from 'node:fs'
import { matches } from './query/match.ts'
import { parseQuery } from './query/parse.ts'
import { formatRecord, readRecord } from './record.ts'
import { search } from './search.ts'

const [query = ''] = process.argv.slice(2)
const parsed = parseQuery(query)
if (parsed.ok) {
  const records = readFileSync(0, 'utf8')
    .split('\n')
    .flatMap((line) => readRecord(line) ?? [])
  for (const record of search(records, matches(parsed.query))) console.log(formatRecord(record))
} else {
  console.error(`column ${parsed.column}: ${parsed.reason}`)
  process.exitCode = 2
}
