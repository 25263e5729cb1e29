import type { Query } from './parse.ts'

/**
 * The text that all queries share which differ only in order, repetition, case and needless
 * parentheses. Who keeps results by query keeps them under this text.
 */
export function canonical(query: Query): string {
  switch (query.kind) {
    case 'text':
      return JSON.stringify(query.text.toLowerCase())
    case 'field':
      return query.field === 'message'
        ? JSON.stringify(query.value.toLowerCase())
        : `${query.field}:${JSON.stringify(query.value.toLowerCase())}`
    case 'not':
      return query.of.kind === 'not' ? canonical(query.of.of) : `-${canonical(query.of)}`
    case 'all':
    case 'any': {
      const parts = [...new Set(flat(query.kind, query.of).map(canonical))].toSorted()
      return parts.length === 1 ? parts.join('') : `(${parts.join(query.kind === 'all' ? ' ' : ' OR ')})`
    }
  }
}

/** Groups within a group of the same kind are one group. */
const flat = (kind: 'all' | 'any', of: readonly Query[]): readonly Query[] =>
  of.flatMap((part) => (part.kind === kind ? flat(kind, part.of) : [part]))
