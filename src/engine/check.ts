import { judgeCheck, type Checked } from '#core/check.ts'
import type { Snapshot } from '#core/evidence/evidence.ts'
import type { Recorded } from '#core/evidence/reported.ts'
import type { LedgerState } from '#core/ledger/state.ts'
import type { Checkpoint, Program } from '#core/program/model.ts'
import { epoch } from '#core/schedule/time.ts'
import { gather } from '#engine/gather.ts'
import type { GatherPorts, Progress } from '#engine/ports.ts'
import { landInOrder } from '#engine/probe.ts'

export interface JudgeRequest {
  readonly program: Program
  readonly checkpoint: Checkpoint
  /** Clock of the check: instant in UTC. */
  readonly at: string
  readonly ledger: LedgerState
  readonly streams?: readonly string[]
  readonly signal: AbortSignal
}

export interface CheckRequest extends JudgeRequest {
  /** What CI has reported. */
  readonly reported?: readonly Recorded[]
  /** What was recorded last. */
  readonly before?: Snapshot | undefined
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
  const { program, at, streams, reported, before, signal, progress } = request
  const only = streams && { streams }
  const snapshot = await gather(program, ports, {
    at,
    before,
    signal,
    ...only,
    ...(reported && { reported }),
    ...(progress && { progress }),
  })
  return judge(request, snapshot, ports)
}

/** Judges what was gathered; where the verdict lets streams merge, the plan is landed for real and judged again. */
export async function judge(request: JudgeRequest, snapshot: Snapshot, ports: Pick<GatherPorts, 'prober'>): Promise<CheckResult> {
  const { program, checkpoint, at, ledger, streams, signal } = request
  signal.throwIfAborted()
  const input = { program, checkpoint, ledger, at, ...(streams && { streams }) }
  const checked = judgeCheck({ ...input, snapshot })
  const landed = await withLanding(request, snapshot, checked, ports)
  return landed ? { snapshot: landed, ...judgeCheck({ ...input, snapshot: landed }) } : { snapshot, ...checked }
}

/** The snapshot with what came of landing the plan for real; undefined when there is nothing to land. */
async function withLanding(
  { program, signal }: JudgeRequest,
  snapshot: Snapshot,
  { decision }: Checked,
  { prober }: Pick<GatherPorts, 'prober'>,
): Promise<Snapshot | undefined> {
  const order = decision.merge?.days.flatMap((day) => day.streams) ?? []
  if (!prober || !snapshot.probe || order.length < 2) return undefined
  const landing = await landInOrder(order, program, snapshot.subjects, await prober(), signal)
  return landing && { ...snapshot, probe: { ...snapshot.probe, landing } }
}

/**
 * The checkpoint meant when none is named: the one whose meeting is going on or comes next; after
 * the last, the last.
 */
export function currentCheckpoint(program: Program, at: string): Checkpoint | undefined {
  const now = epoch(at)
  return program.checkpoints.find((one) => epoch(one.at) + one.durationSeconds * 1000 >= now) ?? program.checkpoints.at(-1)
}
