import { streamSubject, type Subject } from '#core/evidence/evidence.ts'
import { CLAIMED_METRICS } from '#core/program/metrics.ts'
import type { Condition, Criterion, Deliverable, Stream } from '#core/program/model.ts'
import { nearest } from '#core/program/nearest.ts'
import { formatValue, parseQuantity, round } from '#core/program/quantity.ts'
import type { CheckpointInput } from '#core/program/resolve/checkpoints.ts'
import type { Scope } from '#core/program/resolve/scope.ts'
import type { Path } from '#core/program/source-text.ts'

export function readTargets(scope: Scope, path: Path, one: CheckpointInput, streams: readonly Stream[]): Criterion[] {
  const tier = one.targetTier ?? 'supporting'
  return Object.entries(one.targets ?? {}).flatMap(([streamId, targets]) => {
    const at = [...path, 'targets', streamId]
    const stream = streams.find((each) => each.id === streamId)
    if (!stream) {
      scope.streamId(at, streamId)
      return []
    }
    return Object.entries(targets).flatMap(([deliverableId, amount]) => {
      const deliverable = stream.deliverables.find((each) => each.id === deliverableId)
      if (!deliverable) {
        const near = nearest(
          deliverableId,
          stream.deliverables.map((each) => each.id),
        )
        scope.say(
          [...at, deliverableId],
          'unknown-deliverable',
          `stream ${streamId} owes no "${deliverableId}"`,
          near ? `write ${near}` : `add it under streams.${streamId}.deliverables`,
          'key',
        )
        return []
      }
      const condition = targetCondition(scope, [...at, deliverableId], deliverable, amount)
      if (!condition) return []
      return [
        {
          id: `target.${deliverableId}`,
          title: deliverable.title,
          tier,
          subjects: [streamSubject(streamId)],
          condition,
          target: { stream: streamId, deliverable: deliverableId, kind: deliverable.kind },
        },
      ]
    })
  })
}

function targetCondition(scope: Scope, path: Path, deliverable: Deliverable, amount: string | number): Condition | undefined {
  const { measure, full } = deliverable
  const metric = measure === undefined ? undefined : scope.metrics[measure]
  if (measure === undefined || !metric) {
    if (measure === undefined && amount !== 'done') {
      scope.say(
        path,
        'invalid-value',
        `${deliverable.id} has no measure, so no amount of it can be due`,
        'write done (a person signs), or give it a measure',
      )
    }
    return measure === undefined ? { signOff: { roles: ['lead'], quorum: 1 } } : undefined
  }
  const leaf = (comparison: Extract<Condition, { metric: string }>['comparison']): Condition => ({
    metric: measure,
    comparison,
    provenance: 'measured',
  })
  if (metric.unit === 'boolean') return leaf({ op: 'equals', value: true })
  if (!full) return undefined
  if (amount === 'done' || amount === 'full')
    return leaf(
      full.low === full.high
        ? { op: metric.better === 'lower' ? 'atMost' : 'atLeast', value: full.low }
        : { op: 'between', low: full.low, high: full.high },
    )
  const parsed = parseQuantity(amount)
  if (parsed.ok && parsed.quantity.unit === 'ratio' && full.unit !== 'ratio' && full.unit !== 'change') {
    const { low, high } = parsed.quantity
    if (low < 0 || high > 1)
      scope.say(path, 'invalid-quantity', `${amount} is not a possible share of the whole`, 'write a share from 0% to 100%')
    return leaf(
      low === high
        ? { op: 'atLeast', value: round(low * full.low) }
        : { op: 'between', low: round(low * full.low), high: round(high * full.low) },
    )
  }
  const due = scope.amount(path, amount, full.unit)
  if (!due) return undefined
  if (due.of !== undefined && due.of !== full.high) {
    scope.say(
      path,
      'invalid-quantity',
      `the whole is ${formatValue(due.of, full.unit)} here and ${formatValue(full.high, full.unit)} where ${deliverable.id} is defined`,
      'write the same whole in both places',
    )
  }
  if (due.high > full.high && metric.better !== 'lower') {
    scope.say(
      path,
      'invalid-quantity',
      `${amount} is more than the whole of ${formatValue(full.high, full.unit)}`,
      'write at most the full amount',
    )
  }
  if (due.low < 0 && full.unit !== 'change')
    scope.say(path, 'invalid-quantity', `${amount} is below nothing`, 'write an amount of zero or more')
  if (due.low !== due.high) return leaf({ op: 'between', low: due.low, high: due.high })
  return leaf({ op: metric.better === 'lower' ? 'atMost' : 'atLeast', value: due.low })
}

export function readCriteria(scope: Scope, path: Path, one: CheckpointInput, streams: readonly Stream[]): Criterion[] {
  // One list for all, so that evaluation can tell that the subjects are the same.
  const everyone = streams.map((each) => streamSubject(each.id))
  return Object.entries(one.criteria ?? {}).map(([id, value]) => {
    const at = [...path, 'criteria', id]
    const { title, tier: tierInput, for: forInput, owner, ...rest } = value
    const tier = tierInput ?? 'critical'
    const condition = scope.condition(at, rest, scope.metrics)
    const manual = 'signOff' in condition
    const where = forInput ?? (manual ? 'program' : 'streams')
    const subjects: readonly Subject[] =
      where === 'program'
        ? ['program']
        : where === 'streams'
          ? everyone
          : where.map((each, index) => streamSubject(scope.streamId([...at, 'for', index], each)))
    if (tier === 'critical' && claimsAlone(condition)) {
      scope.say(
        at,
        'claim-not-proof',
        `${id} is critical, and only what people say of themselves would satisfy it`,
        'make it supporting or advisory, or add a measured condition',
      )
    }
    return {
      id,
      title: title ?? id,
      tier,
      subjects,
      condition,
      ...(owner !== undefined && { owner: scope.personOrRole([...at, 'owner'], owner) }),
    }
  })
}

function claimsAlone(condition: Condition): boolean {
  if ('metric' in condition) return condition.provenance === 'claimed' || CLAIMED_METRICS.has(condition.metric)
  if ('all' in condition) return condition.all.every(claimsAlone)
  if ('any' in condition) return condition.any.some(claimsAlone)
  if ('not' in condition) return claimsAlone(condition.not)
  return false
}
