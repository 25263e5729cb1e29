import type { EscalationRule, EscalationStep } from '#core/program/model.ts'
import type { Escalation, Series } from '#core/schedule/history.ts'
import { othersOf } from '#core/schedule/look-up.ts'
import { later, repeating } from '#core/schedule/repeating.ts'
import type { Look, Said } from '#core/schedule/look.ts'
import { epoch } from '#core/schedule/time.ts'

/**
 * The ladders of escalations that were raised and not cleared: each step once, in order, from when
 * the rule is owed; the last one again where the rule says so, and when an acknowledgement has run
 * out. While it is acknowledged there is silence.
 */
export function lookAtEscalations(look: Look): void {
  for (const one of look.history.escalations) if (one.clearedAt === undefined) lookAtEscalation(look, one)
}

function lookAtEscalation(look: Look, one: Escalation): void {
  const known = one.acknowledgedUntil === undefined ? Number.NEGATIVE_INFINITY : epoch(one.acknowledgedUntil)
  if (!look.hasCome(known)) return
  const rule = look.program.escalation.find((each) => each.id === one.rule)
  const owed = later(look, epoch(one.raisedAt), (rule?.afterSeconds ?? 0) * 1000)
  const steps = stepsOf(rule, one)
  const dueAt = (step: EscalationStep): number => later(look, owed, step.afterSeconds * 1000)
  const fired: (Series | undefined)[] = []
  for (const [index, step] of steps.entries()) {
    const series = `step:${one.escalation}/${String(index).padStart(2, '0')}`
    fired.push(look.history.series.get(series))
    const at = dueAt(step)
    // The key does not move with the rule: a step that was taken is not taken again because it was edited.
    const key = `${series}@${one.raisedAt}`
    if (look.isDue(at, key)) look.say(at, key, said(look, one, step, index))
  }
  const taken = fired.filter((series) => series !== undefined)
  const last = steps[taken.length - 1]
  if (!last) return

  const again = said(look, one, last, taken.length - 1)
  const lapses = `step:${one.escalation}/lapsed`
  const saidAt = Math.max(
    ...[...taken, ...seriesOf(look, lapses), ...seriesOf(look, `step:${one.escalation}/repeat`)].map((each) => epoch(each.firedAt)),
  )
  const following = steps[taken.length]
  if (known > saidAt && (following === undefined || dueAt(following) > look.now))
    if (look.isDue(known, `${lapses}@${one.acknowledgedUntil}`)) look.say(known, `${lapses}@${one.acknowledgedUntil}`, again)

  if (rule?.repeatSeconds === undefined || taken.length < steps.length) return
  repeating(
    look,
    {
      series: `step:${one.escalation}/repeat`,
      from: dueAt(last),
      every: rule.repeatSeconds * 1000,
      after: Math.max(known, saidAt),
    },
    again,
  )
}

const seriesOf = ({ history }: Look, name: string): readonly Series[] => {
  const series = history.series.get(name)
  return series ? [series] : []
}

/** A rule without steps, or one that is no longer in the program, has one: at once, to whom it was raised. */
const stepsOf = (rule: EscalationRule | undefined, one: Escalation): readonly EscalationStep[] =>
  rule && rule.steps.length > 0 ? rule.steps : [{ afterSeconds: 0, to: one.escalateTo, action: rule?.action ?? one.scenario }]

function said(look: Look, one: Escalation, step: EscalationStep, index: number): Said {
  const stream = one.subject.startsWith('stream:') ? one.subject.slice('stream:'.length) : undefined
  const people = othersOf(look, step.to, one.owner, stream)
  return {
    kind: 'step',
    escalation: one.escalation,
    ...(stream !== undefined && { stream }),
    step: index,
    action: step.action,
    people: [...new Set([...people, ...(index === 0 ? [one.owner] : [])])],
  }
}
