import { refused, tokenize, type Field, type Refused, type Token } from './token.ts'

/** A query as a tree. What stands side by side must all hold; OR binds less than that. */
export type Query =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'field'; readonly field: Field; readonly value: string }
  | { readonly kind: 'not'; readonly of: Query }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Query[] }

export type Parsed = { readonly ok: true; readonly query: Query } | Refused

/** Deeper queries are no queries that a person wrote. */
const MAX_DEPTH = 50

/** Reads a query; never throws, whatever the text. */
export function parseQuery(text: string): Parsed {
  const result = tokenize(text)
  if (!result.ok) return result
  const parser = new Parser(result.tokens, text.length + 1)
  const query = parser.any(0)
  if ('reason' in query) return query
  const left = parser.peek()
  if (left) return refused('this parenthesis was never opened', left.column)
  return { ok: true, query }
}

class Parser {
  readonly #tokens: readonly Token[]
  readonly #end: number
  #at = 0

  constructor(tokens: readonly Token[], end: number) {
    this.#tokens = tokens
    this.#end = end
  }

  peek(): Token | undefined {
    return this.#tokens[this.#at]
  }

  any(depth: number): Query | Refused {
    const branches: Query[] = []
    do {
      const branch = this.#all(depth)
      if ('reason' in branch) return branch
      branches.push(branch)
    } while (this.#take('or'))
    return group('any', branches)
  }

  #all(depth: number): Query | Refused {
    const parts: Query[] = []
    for (let next = this.peek(); next && next.kind !== 'or' && next.kind !== 'close'; next = this.peek()) {
      const part = this.#one(next, depth)
      if ('reason' in part) return part
      parts.push(part)
    }
    if (parts.length === 0) return refused('there is nothing to look for', this.peek()?.column ?? this.#end)
    return group('all', parts)
  }

  #one(token: Token, depth: number): Query | Refused {
    if (depth > MAX_DEPTH) return refused(`the query is more than ${MAX_DEPTH} levels deep`, token.column)
    this.#at += 1
    if (token.kind === 'text') return { kind: 'text', text: token.text }
    if (token.kind === 'field') return { kind: 'field', field: token.field, value: token.value }
    if (token.kind === 'not') return this.#not(token, depth)
    const inside = this.any(depth + 1)
    if ('reason' in inside || this.#take('close')) return inside
    return refused('this parenthesis is never closed', token.column)
  }

  #not(token: Token, depth: number): Query | Refused {
    const next = this.peek()
    if (!next || next.kind === 'or' || next.kind === 'close') return refused('there is nothing to leave out', token.column)
    const of = this.#one(next, depth + 1)
    return 'reason' in of ? of : { kind: 'not', of }
  }

  #take(kind: Token['kind']): boolean {
    if (this.peek()?.kind !== kind) return false
    this.#at += 1
    return true
  }
}

const group = (kind: 'all' | 'any', of: readonly Query[]): Query => {
  const [only] = of
  return only && of.length === 1 ? only : { kind, of }
}
