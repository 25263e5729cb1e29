import { canonical } from '#core/ledger/canonical.ts'
import type { Head } from '#core/ledger/chain.ts'

/** A head as it is kept where nobody who can write the ledger can write: in a file, a git note, a message. */
export interface NotedHead extends Head {
  readonly program: string
}

/** One line of canonical JSON, without its line break. `at` is when it was noted. */
export const headLine = (program: string, { seq, hash }: Head, at: string): string =>
  canonical({ schemaVersion: 1, program, seq, hash, at })

const HEAD = /^(\d{1,15}):([0-9a-f]{64})$/

/** `3:4336c742...`, as `muster verify` prints it; undefined when it is none. */
export function parseHead(text: string): Head | undefined {
  const [, seq, hash] = HEAD.exec(text) ?? []
  return seq === undefined || hash === undefined ? undefined : { seq: Number(seq), hash }
}

/** Heads noted line by line; `wrong` are the numbers, from 1, of lines that are none. Empty lines do not count. */
export function parseHeads(text: string): { readonly heads: readonly NotedHead[]; readonly wrong: readonly number[] } {
  const heads: NotedHead[] = []
  const wrong: number[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const head = parseLine(line.trim())
    if (head) heads.push(head)
    else wrong.push(index + 1)
  }
  return { heads, wrong }
}

function parseLine(line: string): NotedHead | undefined {
  const value = parsed(line)
  if (typeof value !== 'object' || value === null || !('program' in value && 'seq' in value && 'hash' in value)) return undefined
  if ('schemaVersion' in value && value.schemaVersion !== 1) return undefined
  const head = parseHead(`${String(value.seq)}:${String(value.hash)}`)
  return head && typeof value.program === 'string' ? { program: value.program, ...head } : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
