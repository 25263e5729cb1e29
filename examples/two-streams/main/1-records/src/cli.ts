import { readFileSync } from 'node:fs'
import { formatRecord, readRecord } from './record.ts'
import { containing, search } from './search.ts'

const [query = ''] = process.argv.slice(2)
const records = readFileSync(0, 'utf8')
  .split('\n')
  .flatMap((line) => readRecord(line) ?? [])
for (const record of search(records, containing(query))) console.log(formatRecord(record))
