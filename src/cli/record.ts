import type { Io } from '#cli/io.ts'
import { VERSION } from '#cli/version.ts'
import type { CheckReport } from '#core/decide/report.ts'
import { recordEvents } from '#core/ledger/record.ts'
import type { LedgerState } from '#core/ledger/state.ts'
import type { Program } from '#core/program/model.ts'
import type { CheckResult } from '#engine/check.ts'
import { sha256 } from '#store/sha256.ts'
import type { Store } from '#store/store.ts'

export interface ToRecord {
  readonly program: Program
  readonly at: string
  readonly state: LedgerState
  readonly seq: number
  readonly streams?: readonly string[]
  readonly result: CheckResult
}

/** Appends the record of a check and says where it stands. */
export async function recordCheck(
  io: Io,
  store: Store,
  { program, at, state, seq, streams, result }: ToRecord,
): Promise<NonNullable<CheckReport['record']>> {
  const latest = await store.latest(program.id, 'program')
  const events = recordEvents({
    ...result,
    program,
    clock: at,
    at: io.now(),
    version: VERSION,
    state,
    ledgerBefore: seq + 1,
    ...(latest?.type === 'program' && { recordedProgram: latest.body.digest }),
    ...(streams && { streams }),
    actor: 'muster',
    ids: io.newId,
    hash: sha256,
  })
  const sealed = (await store.append(program.id, events)).at(-1)
  if (!sealed) throw new TypeError('a check records at least its decision')
  return { id: sealed.id, seq: sealed.seq, hash: sealed.hash }
}
