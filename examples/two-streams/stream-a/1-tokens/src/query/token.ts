export const FIELDS = ['level', 'service', 'message'] as const
export type Field = (typeof FIELDS)[number]

/** A piece of a query; `column` counts from 1. */
export type Token =
  | { readonly kind: 'text'; readonly text: string; readonly column: number }
  | { readonly kind: 'field'; readonly field: Field; readonly value: string; readonly column: number }
  | { readonly kind: 'or' | 'not' | 'open' | 'close'; readonly column: number }

export type Tokens = { readonly ok: true; readonly tokens: readonly Token[] } | Refused

/** Why a query cannot be read, and where. */
export interface Refused {
  readonly ok: false
  readonly reason: string
  readonly column: number
}

export const refused = (reason: string, column: number): Refused => ({ ok: false, reason, column })

const SIGNS = { '(': 'open', ')': 'close', '-': 'not' } as const
const isSign = (char: string): char is keyof typeof SIGNS => Object.hasOwn(SIGNS, char)
const isField = (name: string): name is Field => FIELDS.some((field) => field === name)

/** Cuts a query into tokens: words, "phrases", field:value, OR, - and parentheses. */
export function tokenize(query: string): Tokens {
  const tokens: Token[] = []
  let at = 0
  while (at < query.length) {
    const char = query.charAt(at)
    const column = at + 1
    if (char === ' ') {
      at += 1
    } else if (isSign(char)) {
      tokens.push({ kind: SIGNS[char], column })
      at += 1
    } else {
      const piece = readPiece(query, at)
      if (piece === undefined) return refused('the quotation mark is never closed', column)
      const token = toToken(piece, column)
      if ('reason' in token) return token
      tokens.push(token)
      at = piece.end
    }
  }
  return { ok: true, tokens }
}

interface Piece {
  readonly field: string | undefined
  readonly text: string
  readonly quoted: boolean
  readonly end: number
}

/** A word or a phrase, with the field before it; undefined where a phrase does not end. */
function readPiece(query: string, start: number): Piece | undefined {
  const field = /^[a-z]+(?=:)/.exec(query.slice(start))?.[0]
  const from = field === undefined ? start : start + field.length + 1
  if (query.charAt(from) === '"') {
    const close = query.indexOf('"', from + 1)
    return close < 0 ? undefined : { field, text: query.slice(from + 1, close), quoted: true, end: close + 1 }
  }
  const text = /^[^\s()"]*/.exec(query.slice(from))?.[0] ?? ''
  return { field, text, quoted: false, end: from + text.length }
}

function toToken({ field, text, quoted }: Piece, column: number): Token | Refused {
  if (text === '') return refused('there is nothing to look for', column)
  if (field === undefined) return text === 'OR' && !quoted ? { kind: 'or', column } : { kind: 'text', text, column }
  if (!isField(field)) return refused(`there is no field "${field}", only ${FIELDS.join(', ')}`, column)
  return { kind: 'field', field, value: text, column }
}
