import { matches } from '../src/query/match.ts'
import { parseQuery, type Query } from '../src/query/parse.ts'
import { sampleLog } from '../src/sample.ts'
import { search } from '../src/search.ts'

/** Comparisons for 1,000 records: each part of each query asked, against those that still decide something. */
const QUERIES = [
  'level:error service:api "timed out"',
  'service:auth token -retry',
  '(timeout OR retry) level:warn',
  'miss service:search level:debug',
]

const parts = (query: Query): number =>
  query.kind === 'not' ? parts(query.of) : 'of' in query ? query.of.reduce((sum, part) => sum + parts(part), 0) : 1

const queries = QUERIES.flatMap((source) => {
  const parsed = parseQuery(source)
  return parsed.ok ? [parsed.query] : []
})

export const benchmark = {
  baseline: (seed: number): number => sampleLog(1000, seed).length * queries.reduce((sum, query) => sum + parts(query), 0),
  current: (seed: number): number => {
    const log = sampleLog(1000, seed)
    let comparisons = 0
    for (const query of queries)
      search(
        log,
        matches(query, () => (comparisons += 1)),
      )
    return comparisons
  },
}
