import { canonical, type Hash } from '#core/ledger/canonical.ts'
import { chainWalk, type Head } from '#core/ledger/chain.ts'
import type { LedgerEvent } from '#core/ledger/events.ts'

/**
 * Ledgers as lines of canonical JSON: for each program one line that names it and its head, then
 * its records in order. What is written so can be read back byte for byte, so that a line that is
 * not canonical was not written by Muster.
 */
export const ledgerLine = (program: string, { seq, hash }: Head): string =>
  canonical({ schemaVersion: 1, ledger: program, head: { seq, hash } })

export const recordLine = (event: LedgerEvent): string => canonical(event)

export interface Wrong {
  /** From 1. */
  readonly line: number
  readonly reason: string
}

export type Taken = { readonly ledger: { readonly program: string; readonly head: Head } } | { readonly event: LedgerEvent } | Wrong

interface Current {
  readonly program: string
  readonly head: Head
  readonly walk: ReturnType<typeof chainWalk>
}

/** Reads such lines one by one and names the first that is not as it was written. */
export function readingLines(hash: Hash) {
  const seen = new Set<string>()
  let current: Current | undefined
  let line = 0
  const wrong = (reason: string, at = line): Wrong => ({ line: Math.max(1, at), reason })

  function take(text: string): Taken {
    line += 1
    const value = parsed(text)
    if (value === undefined) return wrong('it is not JSON')
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong('it is no object')
    if (!isCanonical(value, text)) return wrong('it is not written as Muster writes it: edited, or written by another tool')
    if ('ledger' in value) return takeLedger(value)
    if (!('seq' in value && 'hash' in value && 'body' in value)) return wrong('it is no record')
    return takeRecord(value as LedgerEvent)
  }

  function takeLedger(value: object): Taken {
    const unfinished = end(line - 1)
    if (unfinished) return unfinished
    const ledger = asLedger(value)
    if (typeof ledger === 'string') return wrong(ledger)
    if (seen.has(ledger.program)) return wrong(`the ledger of ${ledger.program} stands a second time`)
    seen.add(ledger.program)
    current = { ...ledger, walk: chainWalk(hash, { heads: [ledger.head], program: ledger.program }) }
    return { ledger }
  }

  function takeRecord(event: LedgerEvent): Taken {
    if (!current) return wrong('a record stands before the line that names its ledger')
    const { program, head, walk } = current
    if ((walk.head()?.seq ?? 0) >= head.seq) return wrong(`the ledger of ${program} has ${head.seq} records, and here is one more`)
    const broken = walk.step(event)
    if (!broken) return { event }
    const isBefore = broken.kind === 'replaced' && broken.seq > 1
    return wrong(broken.reason, isBefore ? line - 1 : line)
  }

  /** What is wrong with the end, after the last line. */
  function end(last = line): Wrong | undefined {
    if (!current) return line === 0 ? wrong('it holds no ledger') : undefined
    const { program, head, walk } = current
    const length = walk.head()?.seq ?? 0
    return length < head.seq ? wrong(`the ledger of ${program} ends at record ${length}, but it has ${head.seq}`, last) : undefined
  }

  return { take, end }
}

function asLedger(value: object): { readonly program: string; readonly head: Head } | string {
  const { schemaVersion, ledger, head } = value as { schemaVersion?: unknown; ledger?: unknown; head?: { seq?: unknown; hash?: unknown } }
  if (schemaVersion !== 1) return 'it was written by another version of Muster, of which this one knows nothing'
  const { seq, hash } = head ?? {}
  const isHead = typeof seq === 'number' && Number.isSafeInteger(seq) && seq > 0 && typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash)
  return typeof ledger === 'string' && ledger !== '' && isHead
    ? { program: ledger, head: { seq, hash } }
    : 'it names no ledger with its head'
}

function isCanonical(value: object, text: string): boolean {
  try {
    return canonical(value) === text
  } catch {
    return false
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
