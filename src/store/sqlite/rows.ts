import type { SQLOutputValue } from 'node:sqlite'
import type { Head } from '#core/ledger/chain.ts'
import type { Row } from '#store/plan.ts'
import { explained } from '#store/sqlite/errors.ts'

/** What `rowOf` reads. */
export const COLUMNS = 'seq, id, type, at, actor, previous, hash, schema, body'
export const SELECT_HEAD = 'SELECT seq, hash FROM heads WHERE program = ?'
export const SELECT_BY_ID = `SELECT ${COLUMNS} FROM ledger WHERE program = ? AND id = ?`

type Found = Record<string, SQLOutputValue> | undefined

export const headOf = (found: Found): Head | undefined => found && { seq: Number(found['seq']), hash: String(found['hash']) }

/** @throws StoreError `damaged` when a column holds another type than was written. */
export function rowOf(found: Found, file: string): Row | undefined {
  if (!found) return undefined
  const text = (column: string): string => {
    const value = found[column]
    if (typeof value === 'string') return value
    throw explained('damaged', file, `column ${column} of record ${String(found['seq'])} does not hold text`)
  }
  const seq = found['seq']
  if (typeof seq !== 'number') throw explained('damaged', file, `a record has the number "${String(seq)}"`)
  const sealed = {
    seq,
    id: text('id'),
    at: text('at'),
    actor: text('actor'),
    previous: text('previous'),
    schema: text('schema'),
    hash: text('hash'),
  }
  return { ...sealed, type: text('type'), body: text('body') }
}
