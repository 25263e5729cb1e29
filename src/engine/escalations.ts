import { applies, standingOf } from '#core/decide/escalate.ts'
import type { Decision } from '#core/decide/model.ts'
import type { EvaluationInput } from '#core/evaluate/evaluate.ts'
import type { EventBody } from '#core/ledger/events.ts'
import type { EscalationRule } from '#core/program/model.ts'
import { effectiveProgram } from '#core/schedule/effective.ts'
import type { Escalation } from '#core/schedule/history.ts'
import { epoch } from '#core/schedule/time.ts'

export type EscalationEvent = Extract<EventBody, { type: 'escalation-raised' | 'escalation-cleared' }>

/**
 * What a judgement changes about the escalations that are open: what is owed and not yet raised is
 * raised; what is known not to hold any more is cleared. What cannot be told, because evidence is
 * missing, stays as it is. One at a time is open for a rule and subject. What another clock has
 * raised or cleared later than this one reads stands until this one has come to that time: it knew more.
 */
export function compareEscalations(
  input: EvaluationInput,
  decision: Pick<Decision, 'escalations' | 'streams'>,
  known: readonly Escalation[],
): EscalationEvent[] {
  const open = known.filter((one) => one.clearedAt === undefined)
  const isAhead = (at: string | undefined): boolean => at !== undefined && epoch(at) > epoch(input.at)
  const isOpen = (rule: string, subject: string): boolean =>
    known.some((one) => one.rule === rule && one.subject === subject && (one.clearedAt === undefined || isAhead(one.clearedAt)))
  const raised = decision.escalations
    .filter((one) => !isOpen(one.rule, one.subject))
    .map((one): EscalationEvent => {
      const { rule, subject, scenario, owner, escalateTo, because } = one
      return {
        type: 'escalation-raised',
        body: { escalation: nextId(known, rule, subject), rule, subject, scenario, owner, escalateTo, because },
      }
    })
  const cleared = open.flatMap((one): EscalationEvent[] => {
    const reason = isAhead(one.raisedAt) ? undefined : whyOver(input, decision, one)
    return reason === undefined ? [] : [{ type: 'escalation-cleared', body: { escalation: one.escalation, reason } }]
  })
  return [...cleared, ...raised]
}

/** `coverage:a`, and `coverage:a-2` when it is raised for the second time. */
function nextId(known: readonly Escalation[], rule: string, subject: string): string {
  const base = `${rule}:${subject.replace(/^stream:/, '')}`
  const taken = new Set(known.map((one) => one.escalation))
  if (!taken.has(base)) return base
  const highest = Math.max(1, ...known.filter((one) => one.rule === rule && one.subject === subject).map((one) => numberOf(one.escalation)))
  let number = highest + 1
  while (taken.has(`${base}-${number}`)) number += 1
  return `${base}-${number}`
}

const numberOf = (id: string): number => Number(/-(\d+)$/.exec(id)?.[1] ?? 1)

function whyOver(input: EvaluationInput, decision: Pick<Decision, 'escalations' | 'streams'>, open: Escalation): string | undefined {
  const { program, streams } = input
  if (decision.escalations.some((one) => one.rule === open.rule && one.subject === open.subject)) return undefined
  const rule = program.escalation.find((one) => one.id === open.rule)
  if (!rule) return `the program has no rule ${open.rule} any more`
  const stream = program.streams.find((one) => `stream:${one.id}` === open.subject)
  if (!stream) return `the program has no ${open.subject} any more`
  if (streams && !streams.includes(stream.id)) return undefined
  return standingOf(askedAt(input, rule, stream.id, open.raisedAt), decision.streams, rule, stream.id)
}

/** What was owed at a checkpoint is owed still where the one that follows asks for nothing of the kind. */
function askedAt(input: EvaluationInput, rule: EscalationRule, stream: string, raisedAt: string): EvaluationInput {
  if (applies(input, rule, stream)) return input
  const { checkpoints } = effectiveProgram(input.program, input.ledger.moves, input.at)
  const then = checkpoints.filter((one) => epoch(one.at) <= epoch(raisedAt)).toSorted((a, b) => epoch(b.at) - epoch(a.at))
  const checkpoint = then.find((one) => applies({ ...input, checkpoint: one }, rule, stream))
  return checkpoint ? { ...input, checkpoint } : input
}
