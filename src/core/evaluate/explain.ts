import { comparisonText, gapText } from '#core/evaluate/compare.ts'
import { short, type Context, type Observation } from '#core/evaluate/context.ts'
import { judge, signatures, statusOf } from '#core/evaluate/judge.ts'
import type { Explanation, Judgement, RawStatus } from '#core/evaluate/model.ts'
import type { Subject } from '#core/evidence/evidence.ts'
import type { Condition, Criterion, MetricCondition } from '#core/program/model.ts'
import { formatValue } from '#core/program/quantity.ts'

/**
 * Says why a judgement is what it is: the evidence, the rule, how far off, what would flip it and
 * who can. It asks the same functions that judged, so the two cannot disagree.
 */
export function explain(context: Context, judgement: Judgement): Explanation {
  const { criterion, subject, status, rawStatus } = judgement
  const tree = explainCondition(context, criterion.condition, subject, criterion)
  if (status === rawStatus) return tree
  const waiver = context.ledger.waivers.findLast((one) => one.criterion === criterion.id && one.checkpoint === context.checkpoint.id)
  const because =
    status === 'waived' && waiver
      ? `${context.name(waiver.actor)} waived it on ${context.when(waiver.at)}${waiver.expires === undefined ? ' without an end' : ` until ${context.when(waiver.expires)}`}: ${waiver.reason}`
      : `the verdict was overridden; the criterion itself is ${rawStatus}`
  return { status, rule: tree.rule, because, children: [tree], ...(tree.evidence && { evidence: tree.evidence }), ...(tree.flip && { flip: tree.flip }) }
}

/** Explains any condition: criteria, and the rules of health, verdict and escalation. */
export function explainCondition(context: Context, condition: Condition, subject: Subject, criterion?: Criterion): Explanation {
  if ('metric' in condition) return explainMetric(context, condition, subject, criterion)
  const { status } = judge(context, condition, subject, criterion)
  if ('signOff' in condition) return explainSignOff(context, condition.signOff, status, subject, criterion)
  const [rule, inner] = parts(context, condition, subject)
  const children = inner.map((one) => explainCondition(context, one.condition, one.subject, one.criterion ?? criterion))
  return { status, rule, because: summary(condition, status, children), children, ...flipOf(condition, status, children) }
}

interface Inner {
  readonly condition: Condition
  readonly subject: Subject
  readonly criterion?: Criterion
}

function parts(context: Context, condition: Exclude<Condition, { metric: string } | { signOff: unknown }>, subject: Subject): readonly [string, readonly Inner[]] {
  if ('all' in condition) return ['all of these', condition.all.map((one) => ({ condition: one, subject }))]
  if ('any' in condition) return ['any of these', condition.any.map((one) => ({ condition: one, subject }))]
  if ('not' in condition) return ['not this', [{ condition: condition.not, subject }]]
  const targets = context.targets(subject, condition.targets)
  return [
    condition.targets.length >= 6 ? 'every target due here' : `every target due here for ${condition.targets.join(', ')}`,
    targets.map((one) => ({ condition: one.condition, subject: one.subjects[0] ?? subject, criterion: one })),
  ]
}

function summary(condition: Condition, status: RawStatus, children: readonly Explanation[]): string {
  if (children.length === 0) return 'nothing of this kind is due here'
  if ('not' in condition) return children[0]?.because ?? ''
  const held = children.filter((one) => one.status === 'satisfied').length
  const telling = children.filter((one) => one.status === status && status !== 'satisfied')
  const first = telling[0]
  const count = `${held} of ${children.length} hold`
  return first ? `${count}; ${first.because}${telling.length > 1 ? `; and ${telling.length - 1} more` : ''}` : count
}

function flipOf(condition: Condition, status: RawStatus, children: readonly Explanation[]): Pick<Explanation, 'flip'> {
  if (status === 'satisfied' || status === 'not-applicable') return {}
  const flips = children.flatMap((one) => (one.flip ? [one.flip] : []))
  if (flips.length === 0) return {}
  const joint = 'any' in condition ? ', or ' : '; '
  const who = [...new Set(flips.flatMap((one) => one.who))]
  const shown = flips.slice(0, 3).map((one) => one.text)
  return { flip: { text: shown.join(joint) + (flips.length > 3 ? `${joint}and ${flips.length - 3} more` : ''), who } }
}

function explainMetric(context: Context, condition: MetricCondition, subject: Subject, criterion: Criterion | undefined): Explanation {
  const metric = context.metric(condition.metric)
  const unit = metric?.unit ?? 'count'
  const better = metric?.better ?? 'none'
  const observation = context.observe(subject, condition.metric, condition.provenance)
  const status = statusOf(condition, observation, better)
  const found = foundText(observation, unit)
  const gap = observation.value === undefined ? undefined : gapText(condition.comparison, better, unit, observation.value)
  const who = owners(context, subject, criterion)
  const flip = flipText(context, condition.metric, subject, status, gap, observation)
  return {
    status,
    rule: `${condition.metric} ${comparisonText(condition.comparison, unit)}`,
    because: status === 'satisfied' && exceeds(condition, observation, better) ? `${found}: more than the goal asks for` : found,
    ...(observation.evidence && { evidence: observation.evidence }),
    ...claimOf(context, condition.metric, subject, criterion, observation, unit),
    ...(flip !== undefined && { flip: { text: flip, who } }),
    children: (observation.parts ?? []).map((one) => ({
      status: one.observation.status === 'observed' ? ('not-applicable') : one.observation.status,
      rule: one.title,
      because: `${foundText(one.observation, one.unit ?? unit)}${one.share === undefined ? '' : `, ${formatValue(one.share, 'ratio')} of it`}`,
      ...(one.observation.evidence && { evidence: one.observation.evidence }),
      children: [],
    })).map((child) => (child.status === 'not-applicable' ? { ...child, status: 'satisfied' } : child)),
  }
}

const exceeds = (condition: MetricCondition, { value }: Observation, better: string): boolean =>
  condition.comparison.op === 'between' && typeof value === 'number' && ((better === 'higher' && value > condition.comparison.high) || (better === 'lower' && value < condition.comparison.low))

function foundText(observation: Observation, unit: Parameters<typeof formatValue>[1]): string {
  const { evidence, interval, value, reason } = observation
  const where = evidence ? ` (${evidence.provenance}: ${evidence.source}${evidence.commit === undefined ? '' : ` at ${short(evidence.commit)}`})` : ''
  switch (observation.status) {
    case 'observed': {
      if (value === undefined) return 'nothing was found'
      const range = interval ? `, between ${formatValue(interval.low, unit)} and ${formatValue(interval.high, unit)} with ${formatValue(interval.level, 'ratio')} confidence` : ''
      const remark = evidence?.reason ?? reason ?? partsText(observation)
      return `${formatValue(value, unit)}${range}${where}${remark === undefined ? '' : `; ${remark}`}`
    }
    case 'stale':
      return `${evidence?.value === undefined ? 'what there is' : formatValue(evidence.value, unit)} is out of date: ${reason ?? 'another tree'}${where}`
    case 'missing':
      return `nothing was found: ${reason ?? 'no evidence'}`
    case 'errored':
      return `it could not be read: ${reason ?? 'no reason given'}${where}`
    case 'inconclusive':
      return `it proves nothing: ${reason ?? 'the samples do not decide it'}${where}`
    case 'not-applicable':
      return `it does not apply: ${reason ?? 'nothing of this kind is due'}`
  }
}

/** What a derived value was made from: `Store 63 lines (52.5 %), Index 10 lines (100 %)`. */
function partsText({ parts }: Observation): string | undefined {
  if (!parts || parts.length === 0) return undefined
  const shown = parts.slice(0, 3).map((one) => {
    const { value } = one.observation
    const found = value === undefined ? one.observation.status : formatValue(value, one.unit)
    return `${one.title} ${found}${one.share === undefined || one.unit === 'ratio' || one.unit === undefined ? '' : ` (${formatValue(one.share, 'ratio')})`}`
  })
  return shown.join(', ') + (parts.length > 3 ? ` and ${parts.length - 3} more` : '')
}

function flipText(context: Context, name: string, subject: Subject, status: RawStatus, gap: string | undefined, observation: Observation): string | undefined {
  const source = context.program.metrics[name]?.source
  switch (status) {
    case 'satisfied':
    case 'not-applicable':
      return undefined
    case 'unsatisfied':
      return gap
    case 'missing':
      if (isForLackOfBranch(context, subject, observation)) return `${context.streamOf(subject)?.branch ?? 'the branch'} pushed`
      return source === undefined ? name.startsWith('blockers') || name.startsWith('confidence') ? 'a check-in by the lead' : 'evidence for what it is made from' : `evidence from ${source}`
    case 'stale':
      return source === undefined ? 'a check-in made after the previous checkpoint' : `${source} gathered again at the head of the branch`
    case 'errored':
      return `${source ?? name} mended, so that it can be read`
    case 'inconclusive':
      return observation.interval === undefined ? 'enough samples to decide it' : 'more runs or a clearer change, until the whole interval lies on one side'
  }
}

/** Nothing was observed because there is no branch to look at, directly or in what a value is made from. */
function isForLackOfBranch(context: Context, subject: Subject, { reason, parts }: Observation): boolean {
  const state = context.snapshot.subjects[subject]
  if (state?.state !== 'absent') return false
  return reason === state.reason || (parts !== undefined && parts.some((one) => one.observation.reason === state.reason))
}

function claimOf(context: Context, metric: string, subject: Subject, criterion: Criterion | undefined, observation: Observation, unit: Parameters<typeof formatValue>[1]): Pick<Explanation, 'claim'> {
  const stream = context.streamOf(subject)
  const claim = stream && context.claim(stream.id, criterion?.target?.deliverable, metric)
  if (!claim) return {}
  // A claim is a number, so that a yes stands as 1.
  const differs = Number(observation.value) !== claim.value
  return { claim: { ...claim, differs, text: `${context.name(claim.by)} claimed ${formatValue(claim.value, unit)}${differs ? `, which the evidence does not show` : ''}` } }
}

function explainSignOff(context: Context, rule: { readonly roles: readonly string[]; readonly quorum: number }, status: RawStatus, subject: Subject, criterion: Criterion | undefined): Explanation {
  const { approved, refused } = signatures(context, rule.roles, subject, criterion)
  const could = [...new Set(rule.roles.flatMap((role) => [...context.holders(role, subject)]))].filter((person) => !approved.some((one) => one.person === person))
  const said = (list: typeof approved): string => list.map((one) => `${context.name(one.person)} (${one.role}, ${context.when(one.at)}): ${one.reason}`).join('; ')
  const because = refused.length > 0 ? `refused by ${said(refused)}` : approved.length > 0 ? `signed by ${said(approved)}` : 'nobody has signed'
  const missing = rule.quorum - approved.length
  return {
    status,
    rule: `signed by ${rule.quorum} of ${rule.roles.join(', ')}`,
    because,
    ...(status !== 'satisfied' && { flip: { text: refused.length > 0 ? 'the refusal taken back' : `${missing} sign-off${missing === 1 ? '' : 's'} by ${rule.roles.join(' or ')}`, who: could } }),
    children: [],
  }
}

/** Ids of the people who can do something about a criterion: its owner, or the stream's lead. */
export function owners(context: Context, subject: Subject, criterion: Criterion | undefined): readonly string[] {
  const owner = criterion?.owner ?? 'lead'
  if (context.program.people.some((one) => one.id === owner)) return [owner]
  return [...context.holders(owner, subject)]
}
