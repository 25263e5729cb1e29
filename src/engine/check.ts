import { judgeCheck, type Checked } from '#core/check.ts'
import type { Snapshot } from '#core/evidence/evidence.ts'
import type { LedgerState } from '#core/ledger/state.ts'
import type { Checkpoint, Program } from '#core/program/model.ts'
import { epoch } from '#core/schedule/time.ts'
import { gather } from '#engine/gather.ts'
import type { GatherPorts, Progress } from '#engine/ports.ts'

export interface CheckRequest {
  readonly program: Program
  readonly checkpoint: Checkpoint
  /** Clock of the check: instant in UTC. */
  readonly at: string
  readonly ledger: LedgerState
  readonly streams?: readonly string[]
  readonly signal: AbortSignal
  readonly progress?: (event: Progress) => void
}

export interface CheckResult extends Checked {
  readonly snapshot: Snapshot
}

/**
 * Gather, evaluate, decide: a check up to the point where it is recorded. Rejects when it was
 * cancelled: what half of the evidence says is nobody's decision.
 */
export async function check(request: CheckRequest, ports: GatherPorts): Promise<CheckResult> {
  const { program, checkpoint, at, ledger, streams, signal, progress } = request
  const only = streams && { streams }
  const snapshot = await gather(program, ports, { at, signal, ...only, ...(progress && { progress }) })
  signal.throwIfAborted()
  return { snapshot, ...judgeCheck({ program, checkpoint, snapshot, ledger, at, ...only }) }
}

/**
 * The checkpoint meant when none is named: the one whose meeting is going on or comes next; after
 * the last, the last.
 */
export function currentCheckpoint(program: Program, at: string): Checkpoint | undefined {
  const now = epoch(at)
  return program.checkpoints.find((one) => epoch(one.at) + one.durationSeconds * 1000 >= now) ?? program.checkpoints.at(-1)
}
