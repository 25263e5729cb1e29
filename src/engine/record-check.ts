import type { Snapshot } from '#core/evidence/evidence.ts'
import type { Hash } from '#core/ledger/canonical.ts'
import type { LedgerEvent, NewEvent } from '#core/ledger/events.ts'
import { recordEvents } from '#core/ledger/record.ts'
import type { LedgerState } from '#core/ledger/state.ts'
import type { NewMessage } from '#core/notify/outbox.ts'
import type { Checkpoint, Program } from '#core/program/model.ts'
import { judge, type CheckResult } from '#engine/check.ts'
import type { GatherPorts } from '#engine/ports.ts'
import { untilAppended } from '#engine/put-on-record.ts'
import type { RunLedger } from '#engine/run-ports.ts'

/** The ledger as a check knows it. */
export interface StateAt {
  readonly state: LedgerState
  /** Number of its last event. */
  readonly seq: number
  /** Digest of the program that was recorded last. */
  readonly recordedProgram?: string
}

export interface Recording<S extends StateAt> {
  readonly program: Program
  readonly checkpoint: Checkpoint
  readonly snapshot: Snapshot
  readonly streams?: readonly string[]
  /** Clock of the check; absent: the time at which it is judged. */
  readonly at?: string
  readonly signal: AbortSignal
  /** Reads the ledger as it is now. */
  readonly read: () => Promise<S>
  /** What goes on record with the decision; undefined when it is not wanted any more, and nothing is recorded. */
  readonly also?: (check: JudgedCheck, known: S) => Additions | undefined
}

export interface JudgedCheck extends CheckResult {
  readonly at: string
  /** The program, the evidence, and last the decision. */
  readonly events: readonly NewEvent[]
  /** Id of the decision event. */
  readonly decisionId: string
}

export interface Additions {
  readonly events: readonly NewEvent[]
  readonly messages: readonly NewMessage[]
}

export interface RecordPorts extends Pick<GatherPorts, 'prober'> {
  readonly ledger: Pick<RunLedger, 'append'>
  readonly now: () => string
  readonly newId: () => string
  readonly hash: Hash
  readonly version: string
}

export interface Recorded extends CheckResult {
  readonly at: string
  readonly sealed: readonly LedgerEvent[]
  /** The decision as it was sealed. */
  readonly decisionEvent: LedgerEvent
}

/**
 * Judges what was gathered on what the ledger says after it was gathered, and puts it on record
 * with all that follows, in one transaction. Whoever recorded something meanwhile is heard: it is
 * judged again. Undefined when `also` did not want it any more.
 */
export async function recordCheck<S extends StateAt>(recording: Recording<S>, ports: RecordPorts): Promise<Recorded | undefined> {
  const { program, checkpoint, snapshot, streams, signal, also } = recording
  return untilAppended(async () => {
    const known = await recording.read()
    const at = recording.at ?? ports.now()
    const only = streams && { streams }
    const result = await judge({ program, checkpoint, at, ledger: known.state, signal, ...only }, snapshot, ports)
    const events = recordEvents({
      ...result,
      program,
      clock: at,
      at: ports.now(),
      version: ports.version,
      state: known.state,
      ledgerBefore: known.seq + 1,
      ...(known.recordedProgram !== undefined && { recordedProgram: known.recordedProgram }),
      ...only,
      actor: 'muster',
      ids: ports.newId,
      hash: ports.hash,
    })
    const decisionId = events.at(-1)?.id ?? ''
    const more = also ? also({ ...result, at, events, decisionId }, known) : { events: [], messages: [] }
    if (!more) return undefined
    const sealed = await ports.ledger.append(program.id, [...events, ...more.events], { messages: more.messages, expectedSeq: known.seq })
    const decisionEvent = sealed.find((one) => one.id === decisionId)
    if (!decisionEvent) throw new TypeError('a check records at least its decision')
    return { ...result, at, sealed, decisionEvent }
  })
}
