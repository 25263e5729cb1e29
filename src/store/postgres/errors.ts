import type { Address } from '#store/postgres/address.ts'
import { StoreError, type StoreErrorCode } from '#store/store.ts'

/** By SQLSTATE, or by its first two characters, the class (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const BY_STATE: Readonly<Record<string, StoreErrorCode>> = {
  '22': 'invalid-event',
  '23': 'damaged',
  '25006': 'inaccessible',
  '28': 'inaccessible',
  '3D': 'inaccessible',
  '40': 'busy',
  '42501': 'inaccessible',
  '42': 'not-a-store',
  '3F': 'not-a-store',
  '53': 'busy',
  '53100': 'full',
  '54': 'invalid-event',
  '55P03': 'busy',
  '57014': 'busy',
  XX001: 'damaged',
  XX002: 'damaged',
}

const TEXTS = {
  inaccessible: [
    'cannot be read or written',
    'See that the server runs, that MUSTER_STORE names it, and that its user may create and write in the database.',
  ],
  busy: ['is held by others for too long', 'Wait until they have ended, then run the command again.'],
  damaged: ['is damaged', 'Run `muster verify`, and put a backup in its place with `muster ledger restore`.'],
  'not-a-store': ['holds other tables than a store of Muster', 'Name another database, or remove its schema "muster" if nobody needs it.'],
  full: [
    'cannot grow: the disk of the server is full',
    'Free some space there and run the command again; what was recorded before is whole.',
  ],
  'invalid-event': ['cannot take that event', 'Gather less evidence in one check.'],
} as const satisfies Partial<Record<StoreErrorCode, readonly [string, string]>>

const sqlState = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined

export const isUniqueViolation = (error: unknown): boolean => sqlState(error) === '23505'

/** Whether the same may succeed in a moment: the server restarts, fails over, or let others go first. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof StoreError) return false
  const state = sqlState(error)
  if (state !== undefined) return /^(?:08|40|53[34]|57P0)/.test(state) || state === '25006'
  return isLostConnection(error)
}

/** Whether the server answers, but only that it starts or stops (cannot_connect_now). */
export const isStarting = (error: unknown): boolean => sqlState(error) === '57P03'

/** Whether the connection is of no more use: it is gone, or nobody knows what it will still answer. */
export function isLostConnection(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof StoreError) return false
  const state = sqlState(error)
  if (state !== undefined) return /^(?:08|57P0)/.test(state)
  if (error instanceof AggregateError) return error.errors.some(isLostConnection)
  return ('code' in error && LOST_CODES.has(String(error.code))) || LOST_MESSAGE.test(error.message)
}

const LOST_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOENT',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
])
/** The driver names these by their words only. */
const LOST_MESSAGE =
  /^(?:Connection terminated|Client has encountered a connection error|Client was closed|Query read timeout|timeout exceeded|timeout expired)/

/** The `StoreError` for what the server or the network said; a bug of ours stays what it is. */
export function storeError(error: unknown, address: Address): unknown {
  if (!(error instanceof Error) || error instanceof StoreError) return error
  const state = sqlState(error)
  if (state === undefined && (error instanceof TypeError || error instanceof RangeError)) return error
  const code = state === undefined ? 'inaccessible' : (BY_STATE[state] ?? BY_STATE[state.slice(0, 2)] ?? 'inaccessible')
  return explained(code in TEXTS ? (code as keyof typeof TEXTS) : 'inaccessible', address, messageOf(error))
}

export function explained(code: keyof typeof TEXTS, address: Address, detail: string): StoreError {
  const [what, remedy] = TEXTS[code]
  return new StoreError(code, `The store ${address.shown} ${what} (${address.scrub(detail)}).`, remedy)
}

/** A host with several addresses gives one error for each, and no message of its own. */
const messageOf = (error: Error): string =>
  error instanceof AggregateError && error.message === ''
    ? error.errors.map((one) => (one instanceof Error ? one.message : String(one))).join('; ')
    : error.message
