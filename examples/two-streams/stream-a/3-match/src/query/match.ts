import type { LogRecord } from '../record.ts'
import type { Match } from '../search.ts'
import type { Query } from './parse.ts'

/** Told of every comparison with a record, for those who count the work. */
export type OnCompare = () => void

/**
 * Makes a query into a predicate. Levels and services are compared as a whole, messages and free
 * words by what they hold, all of them in any case. The first part that decides ends the work, and
 * cheap parts come first: a field of few letters before a search through the message.
 */
export function matches(query: Query, onCompare: OnCompare = () => {}): Match {
  switch (query.kind) {
    case 'text':
      return compare('message', query.text, onCompare)
    case 'field':
      return compare(query.field, query.value, onCompare)
    case 'not': {
      const of = matches(query.of, onCompare)
      return (record) => !of(record)
    }
    case 'all': {
      const parts = cheapFirst(query.of).map((part) => matches(part, onCompare))
      return (record) => parts.every((part) => part(record))
    }
    case 'any': {
      const parts = cheapFirst(query.of).map((part) => matches(part, onCompare))
      return (record) => parts.some((part) => part(record))
    }
  }
}

function compare(field: keyof LogRecord, value: string, onCompare: OnCompare): Match {
  const wanted = value.toLowerCase()
  const holds = (found: string): boolean => (field === 'message' ? found.includes(wanted) : found === wanted)
  return (record) => {
    onCompare()
    return holds(record[field].toLowerCase())
  }
}

const cheapFirst = (queries: readonly Query[]): readonly Query[] => queries.toSorted((a, b) => cost(a) - cost(b))

/** Roughly the letters that a comparison reads. */
function cost(query: Query): number {
  if (query.kind === 'field' && query.field !== 'message') return 5
  if (query.kind === 'text' || query.kind === 'field') return 30
  if (query.kind === 'not') return cost(query.of)
  return query.of.reduce((sum, part) => sum + cost(part), 0)
}
