import type { EvaluationInput } from '#core/evaluate/evaluate.ts'
import type { EventType, LedgerEvent } from '#core/ledger/events.ts'
import { FOLDED, folding } from '#core/ledger/state.ts'

export type DecisionEvent = Extract<LedgerEvent, { type: 'decision' }>

export interface RecalledLedger {
  read(
    program: string,
    options: { readonly after?: number; readonly types?: readonly EventType[]; readonly limit?: number },
  ): AsyncIterable<LedgerEvent>
}

/**
 * What a recorded decision was made from. Of what people said everything before it is read, and of
 * the rest only where it lies: the evidence of other checks is most of a long ledger. Undefined
 * where the ledger does not hold it.
 */
export async function recall(ledger: RecalledLedger, program: string, { seq, body }: DecisionEvent): Promise<EvaluationInput | undefined> {
  const { inputs, clock, streams } = body
  const fold = folding()
  for await (const event of ledger.read(program, { types: FOLDED })) {
    if (event.seq >= inputs.ledgerBefore) break
    fold.take(event)
  }
  let plan
  for await (const event of ledger.read(program, { types: ['program'] })) {
    if (event.seq > seq) break
    if (event.type === 'program' && event.body.digest === inputs.program) plan = event.body.program
  }
  let snapshot
  // What a check is made from goes on record with it.
  for await (const event of ledger.read(program, { types: ['evidence'], after: inputs.ledgerBefore - 1, limit: 1 }))
    if (event.type === 'evidence' && event.seq < seq && event.body.digest === inputs.evidence) snapshot = event.body.snapshot
  const checkpoint = plan?.checkpoints.find((one) => one.id === body.checkpoint)
  return (
    plan && snapshot && checkpoint && { program: plan, checkpoint, snapshot, ledger: fold.state(), at: clock, ...(streams && { streams }) }
  )
}
