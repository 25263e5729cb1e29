import { verifyLedger } from '#cli/ledger/sound.ts'
import { canonical } from '#core/ledger/canonical.ts'
import { NO_EVENT, type Head } from '#core/ledger/chain.ts'
import type { NewEvent } from '#core/ledger/events.ts'
import { sha256 } from '#store/sha256.ts'
import { StoreError, type Store } from '#store/store.ts'
import { signOff } from './sign-off.ts'

/** A record as it lies in a table, where somebody with another tool can write it. */
export interface Stored {
  readonly seq: number
  readonly id: string
  readonly type: string
  readonly at: string
  readonly actor: string
  readonly previous: string
  readonly hash: string
  readonly schema: string
  readonly body: string
}

export const COLUMNS = [
  'seq',
  'id',
  'type',
  'at',
  'actor',
  'previous',
  'hash',
  'schema',
  'body',
] as const satisfies readonly (keyof Stored)[]

/** Two programs' tables, and the ends that the store itself has noted. */
export interface Tables {
  readonly p: readonly Stored[]
  readonly q: readonly Stored[]
  readonly head: Head
}

export interface Attack {
  readonly tables: Tables
  /** The first bad record of p. */
  readonly seq: number
  /** Heads of p that were exported; needed to see it. */
  readonly noted?: readonly Head[]
}

export const LENGTH = 102

/** Fills a new store with two programs. */
export async function fill(store: Store): Promise<void> {
  for (const program of ['p', 'q']) {
    const first = { ...signOff('program'), type: 'program', body: { digest: 'd', program: { id: program } } } as unknown as NewEvent
    await store.append(program, [first, ...Array.from({ length: LENGTH - 1 }, (_, i) => signOff(`${program}-${i}`, `reason ${i}`))])
  }
}

const headOf = ({ seq, hash }: Stored): Head => ({ seq, hash })
const end = (rows: readonly Stored[]): Head => headOf(rows.at(-1) ?? ({ seq: 0, hash: NO_EVENT } as Stored))

/** The record again with the hash that its content has now. */
function sealed(row: Stored): Stored {
  const { hash: _, body, ...rest } = row
  return { ...row, hash: sha256(canonical({ ...rest, body: JSON.parse(body) as unknown })) }
}

/** Records from a number on with fresh numbers and hashes, as if they had always followed those before. */
function resealed(rows: readonly Stored[], from: number): readonly Stored[] {
  const result = rows.slice(0, from - 1)
  for (const row of rows.slice(from - 1)) result.push(sealed({ ...row, seq: result.length + 1, previous: result.at(-1)?.hash ?? NO_EVENT }))
  return result
}

const replaced = (rows: readonly Stored[], at: number, change: (row: Stored) => Stored): readonly Stored[] =>
  rows.map((row) => (row.seq === at ? change(row) : row))
const renumbered = (rows: readonly Stored[]): readonly Stored[] => rows.map((row, index) => ({ ...row, seq: index + 1 }))
const forged = (at: number, row: Stored): Stored => ({ ...row, id: `forged-${at}`, body: row.body.replace('reason', 'other') })

/** One that changes the records of p alone. */
const onP =
  (change: (rows: readonly Stored[], at: number) => readonly Stored[], named: (at: number) => number = (at) => at) =>
  (tables: Tables, at: number): Attack => ({ tables: { ...tables, p: change(tables.p, at) }, seq: named(at) })

const edit = (change: (row: Stored) => Partial<Stored>) => onP((rows, at) => replaced(rows, at, (row) => ({ ...row, ...change(row) })))

/** What somebody who can write the tables may do; `at` counts from 2 to one before the last. */
export const ATTACKS: Readonly<Record<string, (tables: Tables, at: number) => Attack>> = {
  'edit a body': edit(({ body }) => ({ body: body.replace('tests', 'no tests').replace('reason', 'other') })),
  'edit an id': edit(({ id }) => ({ id: `${id}x` })),
  'edit a time': edit(() => ({ at: '2026-02-25T16:00:01Z' })),
  'edit an actor': edit(() => ({ actor: 'lead-b' })),
  'edit a type': edit(() => ({ type: 'waiver' })),
  'edit a hash': edit(({ hash }) => ({ hash: sha256(hash) })),
  'edit what it follows': edit(({ previous }) => ({ previous: sha256(previous) })),
  'edit a schema': edit(() => ({ schema: '1.0000000000000000' })),
  'edit a schema and hash it again': onP((rows, at) => replaced(rows, at, (row) => sealed({ ...row, schema: '9.0000000000000000' }))),
  'edit a body and hash it again': onP((rows, at) => replaced(rows, at, (row) => sealed(forged(at, row)))),
  'write what is no JSON': edit(() => ({ body: '{' })),
  'delete one': onP((rows, at) => rows.filter(({ seq }) => seq !== at)),
  'delete one and renumber': onP((rows, at) => renumbered(rows.filter(({ seq }) => seq !== at))),
  'delete the beginning and renumber': onP(
    (rows, at) => renumbered(rows.slice(at - 1)),
    () => 1,
  ),
  'swap two neighbours': onP((rows, at) =>
    renumbered([...rows.slice(0, at - 1), rows[at] as Stored, rows[at - 1] as Stored, ...rows.slice(at + 1)]),
  ),
  'insert one that is forged': onP((rows, at) =>
    renumbered([...rows.slice(0, at - 1), sealed(forged(at, rows[at - 1] as Stored)), ...rows.slice(at - 1)]),
  ),
  duplicate: onP(
    (rows, at) => renumbered([...rows.slice(0, at), { ...(rows[at - 1] as Stored), id: 'twice' }, ...rows.slice(at)]),
    (at) => at + 1,
  ),
  'cut off the end': onP((rows, at) => rows.slice(0, at - 1)),
  'cut off the end, and the note of it': ({ p, q }, at) => ({
    tables: { p: p.slice(0, at - 1), q, head: end(p.slice(0, at - 1)) },
    seq: at,
    noted: [end(p)],
  }),
  'set back the note of the end': (tables, at) => ({ tables: { ...tables, head: headOf(tables.p[at - 1] as Stored) }, seq: at + 1 }),
  'write the rest anew with its hashes': ({ p, q }, at) => {
    const rows = resealed(
      replaced(p, at, (row) => forged(at, row)),
      at,
    )
    return { tables: { p: rows, q, head: end(rows) }, seq: at, noted: p.map(headOf) }
  },
  'delete one and write the rest anew': ({ p, q }, at) => {
    const rows = resealed(
      p.filter(({ seq }) => seq !== at),
      at,
    )
    return { tables: { p: rows, q, head: end(rows) }, seq: at, noted: p.map(headOf) }
  },
  'go on with the records of another program': ({ p, q }, at) => {
    const rows = [...p.slice(0, at - 1), ...q.slice(at - 1)]
    return {
      tables: { p: rows, q: [...q.slice(0, at - 1), ...p.slice(at - 1)], head: end(q) },
      seq: at,
      noted: p.slice(0, at - 1).map(headOf),
    }
  },
  'swap two programs': ({ p, q }) => ({ tables: { p: q, q: p, head: end(q) }, seq: 1 }),
}

/** The record that is named as the first bad one of p, through whatever reading it ends in. */
export async function named(store: Store, noted: readonly Head[] = []): Promise<number | 'nothing was found'> {
  try {
    const found = await verifyLedger(store, 'p', noted)
    return found.ok ? 'nothing was found' : found.seq
  } catch (error) {
    const seq = error instanceof StoreError && error.code === 'damaged' ? /ecord (\d+)/.exec(error.message)?.[1] : undefined
    if (seq === undefined) throw error
    return Number(seq)
  }
}
