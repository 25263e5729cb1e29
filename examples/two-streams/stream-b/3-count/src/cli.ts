import { readFileSync } from 'node:fs'
import { CachedSearch } from './cache/cached-search.ts'
import { formatRecord, readRecord } from './record.ts'

/** Queries that one call keeps; several may be given, and people repeat themselves. */
const CAPACITY = 24

const records = readFileSync(0, 'utf8')
  .split('\n')
  .flatMap((line) => readRecord(line) ?? [])
const cached = new CachedSearch(records, CAPACITY)
for (const query of process.argv.slice(2)) for (const record of cached.find(query)) console.log(formatRecord(record))
