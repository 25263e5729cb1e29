import type { Checked } from '#core/check.ts'
import type { CheckReport } from '#core/decide/report.ts'
import type { EvaluationInput } from '#core/evaluate/evaluate.ts'
import type { Snapshot } from '#core/evidence/evidence.ts'
import { CanonicalError, digest, type Hash } from '#core/ledger/canonical.ts'
import type { DecisionRecord, LedgerEvent, NewEvent } from '#core/ledger/events.ts'
import { foldEvents, type LedgerState } from '#core/ledger/state.ts'
import type { Program } from '#core/program/model.ts'

export interface CheckToRecord extends Checked {
  readonly program: Program
  readonly snapshot: Snapshot
  /** Clock of the check: instant in UTC. */
  readonly clock: string
  /** When it is recorded: instant in UTC. Another one than `clock` when the check was held for another time. */
  readonly at: string
  /** Version of Muster. */
  readonly version: string
  /** The ledger as the check knew it: the fold of the events before number `ledgerBefore`. */
  readonly state: LedgerState
  readonly ledgerBefore: number
  /** Digest in the latest `program` event; absent when there is none. */
  readonly recordedProgram?: string
  readonly streams?: readonly string[]
  /** Person id, or `muster`. */
  readonly actor: string
  readonly ids: () => string
  readonly hash: Hash
}

/**
 * The events of one check: the program when it is not the one recorded last, the evidence, and the
 * decision, which comes last. To be appended together; a retry appends the same events again.
 * @throws CanonicalError when a stage holds what JSON cannot.
 */
export function recordEvents(check: CheckToRecord): NewEvent[] {
  const { program, snapshot, hash, actor, at } = check
  const programDigest = digest(program, hash)
  const evidenceDigest = digest(snapshot, hash)
  const head = () => ({ id: check.ids(), at, actor })
  const events: NewEvent[] = []
  if (programDigest !== check.recordedProgram) events.push({ ...head(), type: 'program', body: { digest: programDigest, program } })
  events.push({ ...head(), type: 'evidence', body: { digest: evidenceDigest, snapshot } })
  const record: DecisionRecord = {
    checkpoint: check.decision.checkpoint,
    clock: check.clock,
    version: check.version,
    inputs: { program: programDigest, evidence: evidenceDigest, ledgerBefore: check.ledgerBefore, ledger: digest(check.state, hash) },
    stages: {
      policy: digest(program.policy, hash),
      evaluation: digest(check.evaluation, hash),
      decision: digest(check.decision, hash),
      report: digest(unrecorded(check.report), hash),
    },
    verdict: check.decision.verdict,
    rule: check.decision.rule.id,
    ...(check.streams && { streams: check.streams }),
  }
  events.push({ ...head(), type: 'decision', body: record })
  return events
}

/** A report says where it was recorded only after it was. */
function unrecorded(report: CheckReport): CheckReport {
  const { record: _, ...rest } = report
  return rest
}

/** In the order of the pipeline. */
export const REPLAY_STAGES = ['program', 'policy', 'evidence', 'ledger', 'evaluation', 'decision', 'report'] as const
export type ReplayStage = (typeof REPLAY_STAGES)[number]

export type Replay =
  | { readonly same: true; readonly stages: DecisionRecord['stages'] }
  | {
      readonly same: false
      /** The first stage that comes out otherwise. */
      readonly stage: ReplayStage
      /** Digest that the record holds. */
      readonly recorded: string
      /** Digest of what came out now; undefined when nothing did. */
      readonly recomputed: string | undefined
      readonly detail?: string
    }

export interface ReplaySource {
  /** Events of the program's ledger, oldest first; `decision` events may be left out. */
  readonly events: Iterable<LedgerEvent> | AsyncIterable<LedgerEvent>
  /** Version that recomputes, to name when it is not the one that decided. */
  readonly version?: string
}

/**
 * Recomputes a decision from what its record names. `recompute` is the pure half of a check. The
 * record does not prove itself: verify the chain as well.
 */
export async function replay(
  record: DecisionRecord,
  source: ReplaySource,
  recompute: (input: EvaluationInput) => Checked,
  hash: Hash,
): Promise<Replay> {
  const { inputs, stages } = record
  const { program, snapshot, state } = await gatherInputs(record, source.events)
  const stage = comparison(hash)
  const remark = remarkOn(record.version, source.version)
  const remarked = (text: string): string => (remark === undefined ? text : `${text}; ${remark}`)

  if (!program) return diverged('program', inputs.program, undefined, 'the ledger holds no program with that digest')
  const plan = stage('program', inputs.program, program) ?? stage('policy', stages.policy, program.policy)
  if (plan) return plan
  if (!snapshot) return diverged('evidence', inputs.evidence, undefined, 'the ledger holds no evidence with that digest')
  const facts =
    stage('evidence', inputs.evidence, snapshot) ??
    stage('ledger', inputs.ledger, state, remarked(`the events before number ${inputs.ledgerBefore} do not say what they said`))
  if (facts) return facts

  const checkpoint = program.checkpoints.find((one) => one.id === record.checkpoint)
  if (!checkpoint) return diverged('evaluation', stages.evaluation, undefined, `the program has no checkpoint ${record.checkpoint}`)
  const input = { program, checkpoint, snapshot, ledger: state, at: record.clock, ...(record.streams && { streams: record.streams }) }
  const checked = attempt(() => recompute(input))
  if ('failure' in checked) return diverged('evaluation', stages.evaluation, undefined, remarked(checked.failure))
  return (
    stage('evaluation', stages.evaluation, checked.evaluation, remark) ??
    stage('decision', stages.decision, checked.decision, remark) ??
    summary(record, checked) ??
    stage('report', stages.report, unrecorded(checked.report), remark) ?? { same: true, stages }
  )
}

const remarkOn = (decided: string, now: string | undefined): string | undefined =>
  now === undefined || now === decided
    ? undefined
    : `decided by version ${decided}, recomputed by ${now}, which may judge or say otherwise: recompute it with ${decided}`

/** Verdict and rule stand in the record as well, for reading: they must be those of the decision. */
function summary(record: DecisionRecord, { decision }: Checked): Replay | undefined {
  const recorded = `${record.verdict} by rule ${record.rule}`
  const recomputed = `${decision.verdict} by rule ${decision.rule.id}`
  return recorded === recomputed
    ? undefined
    : diverged('decision', record.stages.decision, record.stages.decision, `the record says ${recorded}, the decision is ${recomputed}`)
}

interface Inputs {
  readonly program: Program | undefined
  readonly snapshot: Snapshot | undefined
  readonly state: LedgerState
}

async function gatherInputs(record: DecisionRecord, events: ReplaySource['events']): Promise<Inputs> {
  const { inputs } = record
  let program: Program | undefined
  let snapshot: Snapshot | undefined
  const known: LedgerEvent[] = []
  for await (const event of events) {
    if (event.type === 'program') {
      if (event.body.digest === inputs.program) program = event.body.program
    } else if (event.type === 'evidence') {
      if (event.body.digest === inputs.evidence) snapshot = event.body.snapshot
    } else if (event.type !== 'decision' && event.seq < inputs.ledgerBefore) {
      known.push(event)
    }
  }
  return { program, snapshot, state: foldEvents(known) }
}

const comparison =
  (hash: Hash) =>
  (stage: ReplayStage, recorded: string, value: unknown, detail?: string): Replay | undefined => {
    try {
      const recomputed = digest(value, hash)
      return recomputed === recorded ? undefined : diverged(stage, recorded, recomputed, detail)
    } catch (error) {
      if (error instanceof CanonicalError) return diverged(stage, recorded, undefined, error.message)
      throw error
    }
  }

/** Another version may not be able to judge what an older one did: that is a divergence, and its cause is shown. */
function attempt(work: () => Checked): Checked | { readonly failure: string } {
  try {
    return work()
  } catch (error) {
    return { failure: `it could not be recomputed: ${error instanceof Error ? error.message : String(error)}` }
  }
}

const diverged = (stage: ReplayStage, recorded: string, recomputed: string | undefined, detail?: string): Replay => ({
  same: false,
  stage,
  recorded,
  recomputed,
  ...(detail !== undefined && { detail }),
})
