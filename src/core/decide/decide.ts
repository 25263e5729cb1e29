import { ALL_MET, GREEN_NEEDS_EVIDENCE, type Fired } from '#core/decide/verdict-rules.ts'
import { escalationsOwed, telling } from '#core/decide/escalate.ts'
import type { Decision, DueCondition, Finding, MergePlan, NoGoPlan, SignOffState, StreamDecision } from '#core/decide/model.ts'
import type { Context } from '#core/evaluate/context.ts'
import { statusCounts } from '#core/evaluate/evaluate.ts'
import { explain, explainCondition, owners } from '#core/evaluate/explain.ts'
import { judge, signatures } from '#core/evaluate/judge.ts'
import type { Evaluation, Judgement, Status, StreamEvaluation } from '#core/evaluate/model.ts'
import type { Waiver } from '#core/ledger/events.ts'
import { waiverOf } from '#core/evaluate/waivers.ts'
import { streamSubject, type Subject } from '#core/evidence/evidence.ts'
import { planMerges, type Readiness } from '#core/merge/plan.ts'
import {
  DELIVERABLE_KINDS,
  TIERS,
  type Health,
  type HealthRule,
  type Matrix,
  type Outcome,
  type Stream,
  type Tier,
  type Verdict,
} from '#core/program/model.ts'
import { addDays, addSpan, epoch, laterOf, nextWorkDay, wallOf, wallToInstant } from '#core/schedule/time.ts'

const UNDECIDED: ReadonlySet<Status> = new Set(['missing', 'stale', 'errored', 'inconclusive'])
const CLOSED: ReadonlySet<Status> = new Set(['satisfied', 'not-applicable', 'waived', 'overridden'])

/** Exit code of a verdict: 0 go, 1 no, 3 cannot be said. */
export const exitCodeOf = (verdict: Verdict): 0 | 1 | 3 => (verdict === 'NO-GO' ? 1 : verdict === 'INCONCLUSIVE' ? 3 : 0)

/**
 * Decides: the verdict and the rule that fired, what each stream can do, who is owed an
 * escalation, what conditions remain, how to merge or how to go on without. Pure.
 */
export function decide(context: Context, evaluation: Evaluation): Decision {
  const { checkpoint, program } = context
  const rule = verdictRule(context, evaluation.judgements)
  const override = authorisedOverride(context)
  const verdict = override?.verdict ?? rule.verdict
  const goesOn = verdict === 'GO' || verdict === 'CONDITIONAL GO'
  const open = evaluation.judgements.filter((one) => !CLOSED.has(one.status))
  // Who overrides a verdict to go on goes on over what is open; it stays in `against`.
  const holding = override && goesOn ? [] : open.filter((one) => one.criterion.tier === 'critical')
  const streams = evaluation.streams.map((one) =>
    streamDecision(context, one, evaluation.judgements, holding, override !== undefined && goesOn),
  )
  const outcome = verdict === 'NO-GO' ? checkpoint.noGo : goesOn ? checkpoint.go : NOTHING_FOLLOWS
  const nextId = outcome.next ?? checkpoint.next
  const next = program.checkpoints.find((one) => one.id === nextId)
  const merge =
    checkpoint.merge && goesOn
      ? withSurprises(
          planMerges(
            program,
            readinessOf(context, evaluation, streams, holding),
            laterOf(checkpoint.at, context.at),
            context.snapshot.probe,
          ),
          context,
        )
      : undefined
  return {
    checkpoint: checkpoint.id,
    at: context.at,
    question: checkpoint.decision,
    verdict,
    computedVerdict: rule.verdict,
    rule: { id: rule.id, title: rule.title },
    ...(override && { override: { by: override.actor, reason: override.reason, at: override.at } }),
    counts: countByTier(evaluation.judgements),
    against: open.map((one) => findingOf(context, one)).toSorted(worstFirst),
    streams,
    conditions: verdict === 'CONDITIONAL GO' ? evaluation.judgements.flatMap((one) => conditionOf(context, one, next?.at)) : [],
    escalations: escalationsOwed(context, streams),
    signOffs: signOffStates(context),
    ...(merge && merge.days.length + merge.held.length > 0 && { merge }),
    ...(verdict === 'NO-GO' && { onNoGo: noGoPlan(context, streams, holding, next?.at) }),
    actions: outcome.actions,
    ...(next && { next: { checkpoint: next.id, at: next.at } }),
  }
}

const NOTHING_FOLLOWS: Outcome = { actions: [] }

/** The first verdict rule that fires. GO is what remains; neither it nor CONDITIONAL GO stands over an open critical criterion. */
export function verdictRule(context: Context, judgements: readonly Judgement[]): Fired {
  const counted = context.with(statusCounts(judgements))
  const fired = context.program.policy.verdict.find((rule) => judge(counted, rule.when, 'program', undefined).status === 'satisfied')
  if (fired && fired.verdict !== 'CONDITIONAL GO') return fired
  // A replaced rule may look away; green without evidence is refused all the same.
  const critical = judgements.filter((one) => one.criterion.tier === 'critical' && one.status !== 'not-applicable')
  if (critical.length === 0 || critical.some((one) => !CLOSED.has(one.status))) return GREEN_NEEDS_EVIDENCE
  return fired ?? ALL_MET
}

function authorisedOverride(context: Context) {
  return context.ledger.overrides.findLast(
    (one) =>
      one.checkpoint === context.checkpoint.id &&
      epoch(one.at) <= context.now &&
      context.program.policy.authority.override.some((role) => context.holders(role, 'program').has(one.actor)),
  )
}

function countByTier(judgements: readonly Judgement[]): Decision['counts'] {
  const counts: Record<Tier, Partial<Record<Status, number>>> = { critical: {}, supporting: {}, advisory: {} }
  for (const { criterion, status } of judgements) counts[criterion.tier][status] = (counts[criterion.tier][status] ?? 0) + 1
  return counts
}

function findingOf(context: Context, judgement: Judgement): Finding {
  const { because, flip } = explain(context, judgement)
  return {
    criterion: judgement.criterion.id,
    subject: judgement.subject,
    title: judgement.criterion.title,
    tier: judgement.criterion.tier,
    status: judgement.status,
    because,
    ...(flip && { flip: flip.text }),
    who: flip?.who ?? owners(context, judgement.subject, judgement.criterion),
  }
}

const STATUS_ORDER: readonly Status[] = ['unsatisfied', 'errored', 'missing', 'stale', 'inconclusive']

/** By tier, then breaches before gaps in the evidence; otherwise the order of the program. */
const worstFirst = (a: Finding, b: Finding): number =>
  TIERS.indexOf(a.tier) - TIERS.indexOf(b.tier) || STATUS_ORDER.indexOf(a.status) - STATUS_ORDER.indexOf(b.status)

function streamDecision(
  context: Context,
  evaluation: StreamEvaluation,
  judgements: readonly Judgement[],
  holding: readonly Judgement[],
  isOverridden: boolean,
): StreamDecision {
  const { program } = context
  const stream = context.stream(evaluation.stream) as Stream
  const subject = streamSubject(stream.id)
  const critical = judgements.filter(
    (one) => one.subject === subject && one.criterion.tier === 'critical' && one.status !== 'not-applicable',
  )
  const isDue = judge(context, { targets: DELIVERABLE_KINDS }, subject, undefined).status !== 'not-applicable'
  // What is due must have been measured; where nothing is, the critical criteria alone decide.
  const isShown = evaluation.health !== 'UNKNOWN' || !isDue || isOverridden
  const rule = program.policy.health.find((one) => one.id === evaluation.healthRule)
  const matrix = program.policy.matrices.find((one) => one.health.includes(evaluation.health))
  const ready = critical.length > 0 && !holding.some((one) => one.subject === subject) && evaluation.health !== 'BLOCKED' && isShown
  return {
    stream: stream.id,
    name: stream.name,
    lead: stream.lead,
    health: evaluation.health,
    healthRule: rule ? firedRule(context, rule, subject) : remainingHealth(context, evaluation.health, subject, isDue, critical),
    ready,
    ...(matrix && {
      matrix: {
        id: matrix.id,
        title: matrix.title,
        immediate: matrix.immediate,
        options: matrix.options,
        recommend: matrix.recommend,
        recommendation: matrix.recommendation,
        ...(matrix.escalateTo !== undefined && { escalateTo: matrix.escalateTo }),
        ...chosenOf(context, stream.id, matrix),
      },
    }),
  }
}

/** What was chosen last for the stream at this checkpoint. */
function chosenOf(context: Context, stream: string, matrix: Matrix): Pick<NonNullable<StreamDecision['matrix']>, 'chosen'> {
  const chosen = context.ledger.choices?.findLast(
    (one) =>
      one.checkpoint === context.checkpoint.id &&
      one.stream === stream &&
      one.matrix === matrix.id &&
      epoch(one.at) <= context.now &&
      matrix.options.some((option) => option.id === one.option),
  )
  return chosen ? { chosen: { option: chosen.option, reason: chosen.reason, by: chosen.actor, at: chosen.at } } : {}
}

const firedRule = (context: Context, rule: HealthRule, subject: Subject): StreamDecision['healthRule'] => ({
  id: rule.id,
  title: rule.title,
  because: explainCondition(context, telling(context, rule.when, subject), subject).because,
})

/** Why a stream is ON TRACK or UNKNOWN, which is what remains when no rule fires. */
function remainingHealth(
  context: Context,
  health: Health,
  subject: Subject,
  isDue: boolean,
  critical: readonly Judgement[],
): StreamDecision['healthRule'] {
  if (health === 'ON TRACK') {
    return isDue
      ? { id: 'on-track', title: 'all that is due is done', because: 'no rule of the policy fired, and what is due is measured and met' }
      : {
          id: 'on-track',
          title: 'all that is critical is met',
          because: 'no rule of the policy fired, nothing is due here, and every critical criterion is met',
        }
  }
  if (isDue)
    return {
      id: 'unknown',
      title: 'what is due was not measured',
      because: explainCondition(context, { targets: DELIVERABLE_KINDS }, subject).because,
    }
  const open = critical.filter((one) => one.rawStatus !== 'satisfied').map((one) => `${one.criterion.title} (${one.rawStatus})`)
  return {
    id: 'unknown',
    title: 'nothing is due, and not all that is critical is met',
    because: `nothing is due here, and ${open.length > 0 ? `of what is critical this is not met: ${open.join(', ')}` : 'nothing critical was judged'}`,
  }
}

function readinessOf(
  context: Context,
  evaluation: Evaluation,
  streams: readonly StreamDecision[],
  holding: readonly Judgement[],
): Readiness[] {
  return streams.map((one) => {
    const subject = streamSubject(one.stream)
    const progress = evaluation.streams.find((each) => each.stream === one.stream)?.progress
    const merged = context.program.sources
      .filter((source) => source.collect === 'git')
      .some((source) => context.observe(subject, `${source.id}.merged`, 'measured').value === true)
    const probed = context.snapshot.probe?.streams.find((each) => each.id === one.stream)
    const stuck =
      probed?.state === 'conflicted'
        ? [
            `it conflicts with ${context.program.target} in ${probed.files[0]?.path ?? 'some file'}${probed.files.length > 1 ? ` and ${probed.files.length - 1} more` : ''}: rebase it first`,
          ]
        : []
    return {
      stream: one.stream,
      merged,
      ready: one.ready && stuck.length === 0,
      because: one.ready ? stuck : whyNotReady(one, holding),
      ...(progress !== undefined && { progress }),
    }
  })
}

/** What came of landing the plan for real, where that was done in the plan's own order. */
function withSurprises(plan: MergePlan, { snapshot }: Context): MergePlan {
  const landing = snapshot.probe?.landing
  const order = plan.days.flatMap((day) => day.streams)
  if (!landing || landing.order.join('\n') !== order.join('\n')) return plan
  const foretold = new Set(plan.rework?.map((one) => one.stream))
  const surprises = landing.surprises.filter((one) => !foretold.has(one.stream))
  return surprises.length === 0 ? plan : { ...plan, surprises }
}

/** What keeps a stream from being ready: its open critical criteria, else its health, else that nothing critical of it was judged. */
function whyNotReady({ stream, health, healthRule }: StreamDecision, holding: readonly Judgement[]): readonly string[] {
  const open = holding.filter((one) => one.subject === streamSubject(stream)).map((one) => one.criterion.title)
  if (open.length > 0) return open
  if (health === 'BLOCKED') return [`${healthRule.title}: ${healthRule.because}`]
  return [health === 'UNKNOWN' ? healthRule.because : 'no critical criterion was judged for it']
}

/**
 * What must still be met after a CONDITIONAL GO, and by when: the waiver's end, else the next
 * checkpoint, else the end of the next work day.
 */
function conditionOf(context: Context, judgement: Judgement, nextAt: string | undefined): DueCondition[] {
  const { criterion, subject, status } = judgement
  const waivedCritical = criterion.tier === 'critical' && status === 'waived'
  // A critical one is open here only where an authority overrode the verdict; it is owed all the same.
  const isOpen = criterion.tier !== 'advisory' && (status === 'unsatisfied' || UNDECIDED.has(status))
  if (!waivedCritical && !isOpen) return []
  const waiver = waivedCritical ? waiverOf(context, criterion.id, subject) : undefined
  const { flip, because } = explain(context, judgement)
  return [
    {
      criterion: criterion.id,
      subject,
      text: `${criterion.title}: ${waivedWords(waiver)}${flip?.text ?? because}`,
      owner: ownerOf(context, judgement, flip?.who),
      due: waiver?.expires ?? (nextAt !== undefined && epoch(nextAt) > context.now ? nextAt : endOfNextWorkDay(context)),
    },
  ]
}

/** What is waived is accepted as it is: only once the waiver lapses is something owed. */
const waivedWords = (waiver: Waiver | undefined): string =>
  waiver === undefined ? '' : waiver.expires === undefined ? 'waived without an end: ' : 'waived; owed once the waiver lapses: '

/** One person who answers for it: the criterion's owner, else somebody who can flip it, else the lead. */
function ownerOf(context: Context, { criterion, subject }: Judgement, who: readonly string[] | undefined): string {
  const [owner] = criterion.owner === undefined && who !== undefined && who.length > 0 ? who : owners(context, subject, criterion)
  return owner ?? context.streamOf(subject)?.lead ?? 'phase-lead'
}

function endOfNextWorkDay(context: Context): string {
  const { calendar } = context.program
  const from = laterOf(context.checkpoint.at, context.at)
  const date = nextWorkDay(addDays(wallOf(from, calendar.zone).date, 1), calendar)
  return wallToInstant(`${date} ${calendar.hours.end}`, calendar.zone) ?? addSpan(from, 86_400, calendar.zone)
}

function signOffStates(context: Context): SignOffState[] {
  return context.checkpoint.signOff.map(({ role, quorum }) => {
    const { approved, refused } = signatures(context, { roles: [role] }, 'program', undefined)
    const signed = new Set([...approved, ...refused].map((one) => one.person))
    return {
      role,
      quorum,
      approved: approved.map((one) => one.person),
      refused: refused.map((one) => one.person),
      waitingFor: approved.length >= quorum ? [] : [...context.holders(role, 'program')].filter((one) => !signed.has(one)),
    }
  })
}

function noGoPlan(
  context: Context,
  streams: readonly StreamDecision[],
  holding: readonly Judgement[],
  nextAt: string | undefined,
): NoGoPlan {
  const { noGo, at } = context.checkpoint
  const reevaluateAt = noGo.reevaluateAt ?? nextAt
  return {
    blocked: streams.filter((one) => !one.ready).map((one) => ({ stream: one.stream, because: whyNotReady(one, holding) })),
    continuing: streams.filter((one) => one.ready).map((one) => one.stream),
    ...(noGo.extendSeconds !== undefined && { extendedUntil: addSpan(at, noGo.extendSeconds, context.program.calendar.zone) }),
    ...(reevaluateAt !== undefined && { reevaluateAt }),
  }
}
