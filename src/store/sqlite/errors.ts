import { StoreError, type StoreErrorCode } from '#store/store.ts'

/** Primary result codes of SQLite (https://sqlite.org/rescode.html); the extended ones hold them in their low byte. */
const BY_RESULT: Readonly<Record<number, StoreErrorCode>> = {
  3: 'inaccessible',
  5: 'busy',
  6: 'busy',
  8: 'inaccessible',
  10: 'inaccessible',
  11: 'damaged',
  13: 'full',
  14: 'inaccessible',
  18: 'invalid-event',
  19: 'damaged',
  26: 'not-a-store',
}

const BY_ERRNO: Readonly<Record<string, StoreErrorCode>> = { ENOSPC: 'full', EDQUOT: 'full' }

const TEXTS = {
  busy: ['is held by another process', 'Wait until that process has ended, then run the command again.'],
  damaged: [
    'is damaged',
    'Keep the file for inspection, put a copy from before the damage in its place, and run `muster verify`; without a copy, move it away to begin a new ledger.',
  ],
  'not-a-store': [
    'is not a store of Muster',
    'Move that file away, or name another place for the store; if it was one, put a copy from before in its place.',
  ],
  inaccessible: [
    'cannot be read or written',
    'Give the user who runs Muster the right to write the file and its folder, or name another place for the store.',
  ],
  full: ['cannot grow: the disk is full', 'Free some space and run the command again; what was recorded before is whole.'],
  'invalid-event': ['cannot take an event that large', 'Gather less evidence in one check.'],
} as const satisfies Partial<Record<StoreErrorCode, readonly [string, string]>>

type Explained = keyof typeof TEXTS
const isExplained = (code: StoreErrorCode | undefined): code is Explained => code !== undefined && Object.hasOwn(TEXTS, code)

/** The `StoreError` for what SQLite or the file system said; a bug of ours stays what it is. */
export function storeError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error instanceof StoreError) return error
  const code = codeOf(error)
  if (!isExplained(code)) return error
  if (resultOf(error) === INPUT_OUTPUT)
    return new StoreError('inaccessible', `The disk of the store ${file} fails (${error.message}).`, DISK_REMEDY, error)
  return explained(code, file, error)
}

/** Of the disk itself; also what a full one says where SQLite only makes room in advance. */
const INPUT_OUTPUT = 10
const DISK_REMEDY =
  'See whether the disk is full or failing, then run the command again; what was recorded before is whole, and nothing of this was acknowledged.'

export function explained(code: Explained, file: string, detail: Error | string): StoreError {
  const [what, remedy] = TEXTS[code]
  const message = typeof detail === 'string' ? detail : detail.message
  return new StoreError(code, `The store ${file} ${what} (${message}).`, remedy, detail)
}

export const resultOf = (error: unknown): number | undefined =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined

/** Held by another connection, or by another statement of this one. */
export const isBusy = (error: unknown): boolean => BY_RESULT[resultOf(error) ?? 0] === 'busy'

function codeOf(error: Error): StoreErrorCode | undefined {
  const result = resultOf(error)
  // Only a table or column that is not there makes a statement of ours an error in itself.
  if (result === 1) return 'not-a-store'
  if (result !== undefined) return BY_RESULT[result] ?? 'inaccessible'
  if ('code' in error && error.code === 'ERR_OUT_OF_RANGE') return 'damaged'
  if ('errno' in error && 'code' in error) return BY_ERRNO[String(error.code)] ?? 'inaccessible'
  return undefined
}
