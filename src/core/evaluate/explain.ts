import { boundOf, comparisonText, gapText } from '#core/evaluate/compare.ts'
import { conflictsFlip } from '#core/evaluate/conflicts.ts'
import { short, type Context, type ObservedPart, type Observation } from '#core/evaluate/context.ts'
import { judge, signatures, statusOf } from '#core/evaluate/judge.ts'
import type { Explanation, Judgement, RawStatus, Status } from '#core/evaluate/model.ts'
import { waiverOf } from '#core/evaluate/waivers.ts'
import type { Subject } from '#core/evidence/evidence.ts'
import { CLAIMED_METRICS } from '#core/program/metrics.ts'
import type { Comparison, Condition, Criterion, Metric, MetricCondition } from '#core/program/model.ts'
import { formatNumber, formatValue, round } from '#core/program/quantity.ts'

/**
 * Says why a judgement is what it is: the evidence, the rule, how far off, what would flip it and
 * who can. It asks the same functions that judged, so the two cannot disagree.
 */
export function explain(context: Context, judgement: Judgement): Explanation {
  const { criterion, subject, status, rawStatus } = judgement
  const tree = explainCondition(context, criterion.condition, subject, criterion)
  if (status === rawStatus) return tree
  const waiver = waiverOf(context, criterion.id, subject)
  const when = context.times()
  const because =
    status === 'waived' && waiver
      ? `${context.name(waiver.actor)} waived it on ${when(waiver.at)}${waiver.expires === undefined ? ' without an end' : ` until ${when(waiver.expires)}`}: ${waiver.reason}`
      : `the verdict was overridden; the criterion itself is ${rawStatus}: ${tree.because}`
  return {
    status,
    rule: tree.rule,
    because,
    children: [tree],
    ...(tree.evidence && { evidence: tree.evidence }),
    ...(tree.flip && { flip: tree.flip }),
  }
}

/** Explains any condition: criteria, and the rules of health, verdict and escalation. */
export function explainCondition(context: Context, condition: Condition, subject: Subject, criterion?: Criterion): Explanation {
  if ('metric' in condition) return explainMetric(context, condition, subject, criterion)
  const { status } = judge(context, condition, subject, criterion)
  if ('signOff' in condition) return explainSignOff(context, condition.signOff, status, subject, criterion)
  const [rule, inner] = parts(context, condition, subject)
  const children = inner.map((one) => explainCondition(context, one.condition, one.subject, one.criterion ?? criterion))
  const flip =
    'not' in condition && status === 'unsatisfied'
      ? flipOfNot(context, condition.not, subject, criterion)
      : flipOf(condition, status, children)
  return {
    status,
    rule,
    because: summary(condition, status, children, inner),
    children: 'not' in condition ? children.map(withoutFlips) : children,
    ...flip,
  }
}

/** Under a `not`, what would make an unmet part hold is no advice. */
const withoutFlips = ({ flip, children, ...rest }: Explanation): Explanation => ({
  ...rest,
  ...(flip && rest.status !== 'unsatisfied' && { flip }),
  children: children.map(withoutFlips),
})

const OPPOSITE = { atLeast: 'below', above: 'atMost', atMost: 'above', below: 'atLeast' } as const

/** What holds must cease to: for a metric that is its opposite comparison. */
function flipOfNot(context: Context, inner: Condition, subject: Subject, criterion: Criterion | undefined): Pick<Explanation, 'flip'> {
  if (!('metric' in inner) || inner.comparison.op === 'between') return {}
  const { value } = context.observe(subject, inner.metric, inner.provenance)
  const metric = context.metric(inner.metric)
  if (value === undefined || !metric) return {}
  if (inner.comparison.op === 'equals')
    return { flip: { text: `anything but ${formatValue(inner.comparison.value, metric.unit)}`, who: owners(context, subject, criterion) } }
  const opposite = { op: OPPOSITE[inner.comparison.op], value: inner.comparison.value }
  return { flip: { text: gapText(opposite, metric.better, metric.unit, value), who: owners(context, subject, criterion) } }
}

interface Inner {
  readonly condition: Condition
  readonly subject: Subject
  readonly criterion?: Criterion
}

function parts(
  context: Context,
  condition: Exclude<Condition, { metric: string } | { signOff: unknown }>,
  subject: Subject,
): readonly [string, readonly Inner[]] {
  if ('all' in condition) return ['all of these', condition.all.map((one) => ({ condition: one, subject }))]
  if ('any' in condition) return ['any of these', condition.any.map((one) => ({ condition: one, subject }))]
  if ('not' in condition) return ['not this', [{ condition: condition.not, subject }]]
  const targets = context.targets(subject, condition.targets)
  return [
    condition.targets.length >= 6 ? 'every target due here' : `every target due here for ${condition.targets.join(', ')}`,
    targets.map((one) => ({ condition: one.condition, subject: one.subjects[0] ?? subject, criterion: one })),
  ]
}

function summary(condition: Condition, status: RawStatus, children: readonly Explanation[], inner: readonly Inner[]): string {
  if (children.length === 0) return 'nothing of this kind is due here'
  if ('not' in condition) return children[0]?.because ?? ''
  const held = children.filter((one) => one.status === 'satisfied').length
  // Where few conditions hold, what was found says more than their number.
  if (status === 'satisfied' && 'all' in condition && children.length <= 3)
    return children.map((one) => `${metricOf(one)}${one.because}`).join('; ')
  // What does not apply neither holds nor fails.
  const applicable = children.filter((one) => one.status !== 'not-applicable')
  const applying = applicable.length
  // Any of them would do, so none of them is the reason.
  if (status !== 'satisfied' && 'any' in condition && applying > 1 && applying <= 3)
    return `none of ${applying} holds: ${applicable.map((one) => `${metricOf(one)}${one.because}`).join('; ')}`
  const count = applying === 0 ? 'none of these applies' : `${held} of ${applying} hold`
  const first = status === 'satisfied' ? -1 : children.findIndex((one) => one.status === status)
  const told = children[first]
  if (!told) return count
  const title = inner[first]?.criterion?.title
  const others = applying - held - 1
  return `${applying === 1 ? '' : `${count}; `}${title === undefined ? '' : `${title}: `}${told.because}${others > 0 ? `; and ${others} more ${others === 1 ? 'does' : 'do'} not` : ''}`
}

/** `progress.code: ` of the rule `progress.code above 95 %`; nothing where the rule names no metric, or one part says what was counted. */
const metricOf = ({ rule, children }: Explanation): string => {
  const name = rule.slice(0, Math.max(0, rule.indexOf(' ')))
  return name.includes('.') && children.length !== 1 ? `${name}: ` : ''
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
  const who = owners(context, subject, criterion)
  const flip = flipText(context, condition, subject, status, observation)
  return {
    status,
    rule: `${condition.metric} ${comparisonText(condition.comparison, unit)}`,
    because: status === 'satisfied' && exceeds(condition, observation, better) ? `${found}: more than the goal asks for` : found,
    ...(observation.evidence && { evidence: observation.evidence }),
    ...claimOf(context, condition.metric, subject, criterion, observation, unit),
    ...(flip !== undefined && { flip: { text: flip, who } }),
    children: (observation.parts ?? []).map((one) => explainPart(context, condition, one)),
  }
}

/** A part of a derived metric: a deliverable holds when all of it is done, a stream when its own value would satisfy. */
function explainPart(context: Context, condition: MetricCondition, part: ObservedPart): Explanation {
  const { observation, whole, share, unit } = part
  const found = foundText(observation, unit ?? 'count')
  const ofWhole =
    whole === undefined || share === undefined || unit === undefined || unit === 'boolean' || isShare(part)
      ? ''
      : `, ${formatValue(share, 'ratio')} of ${formatValue(whole.low, unit)}`
  return {
    status: partStatus(context, condition, part),
    rule: part.title,
    because: found + ofWhole,
    ...(observation.evidence && { evidence: observation.evidence }),
    children: (observation.parts ?? []).map((one) => explainPart(context, condition, one)),
  }
}

function partStatus(context: Context, condition: MetricCondition, { metric, observation, whole, share }: ObservedPart): Status {
  if (observation.status !== 'observed') return observation.status
  if (whole === undefined) return statusOf(condition, observation, context.metric(metric)?.better ?? 'none')
  return share === undefined ? 'inconclusive' : share >= 1 ? 'satisfied' : 'unsatisfied'
}

/** Beyond the farther bound of a goal, with the whole of an interval. */
const exceeds = (condition: MetricCondition, { value, interval }: Observation, better: string): boolean =>
  condition.comparison.op === 'between' &&
  typeof value === 'number' &&
  ((better === 'higher' && (interval?.low ?? value) > condition.comparison.high) ||
    (better === 'lower' && (interval?.high ?? value) < condition.comparison.low))

function foundText(observation: Observation, unit: Parameters<typeof formatValue>[1]): string {
  const { evidence, interval, value, reason, words } = observation
  const where = evidence
    ? ` (${evidence.provenance}: ${evidence.source}${evidence.commit === undefined ? '' : ` at ${short(evidence.commit)}`})`
    : ''
  switch (observation.status) {
    case 'observed': {
      if (value === undefined) return 'nothing was found'
      const range = interval
        ? `, between ${formatValue(interval.low, unit)} and ${formatValue(interval.high, unit)} with ${formatValue(interval.level, 'ratio')} confidence`
        : ''
      // What is said of a stream as a whole, such as that it is BEHIND, says more than yes or no.
      if (typeof value === 'boolean' && evidence === undefined && reason !== undefined) return reason
      const remark = evidence?.reason ?? reason
      if (remark !== undefined) return `${words === undefined ? `${formatValue(value, unit)}${range}${where};` : `${words}:`} ${remark}`
      const made = partsText(observation)
      if (made !== undefined && observation.parts?.length === 1) return made
      return `${formatValue(value, unit)}${range}${where}${made === undefined ? '' : `: ${made}`}`
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

/** What a derived value was made from: `Store 63 of 120 lines (52.5 %), Index 10 of 10 lines (100 %)`. */
function partsText({ parts }: Observation): string | undefined {
  if (!parts || parts.length === 0) return undefined
  const shown = parts.slice(0, 3).map((one) => `${one.title} ${partText(one)}`)
  return shown.join(', ') + (parts.length > 3 ? ` and ${parts.length - 3} more` : '')
}

/** `40 %` of 100 % says all there is to say. */
const isShare = ({ unit, whole }: { readonly [K in 'unit' | 'whole']?: ObservedPart[K] | undefined }): boolean =>
  unit === 'ratio' && whole?.low === 1

function partText({ observation, unit, whole, share }: ObservedPart): string {
  const { value } = observation
  if (value === undefined) return observation.status
  if (typeof value === 'boolean' || whole === undefined || share === undefined || isShare({ unit, whole })) return formatValue(value, unit)
  const found = unit === 'lines' || unit === 'tests' || unit === 'files' ? formatNumber(value) : formatValue(value, unit)
  return `${found} of ${formatValue(whole.low, unit)} (${formatValue(share, 'ratio')})`
}

function flipText(
  context: Context,
  condition: MetricCondition,
  subject: Subject,
  status: RawStatus,
  observation: Observation,
): string | undefined {
  const { metric: name } = condition
  const metric = context.metric(name)
  const source = metric?.source
  if (name === 'conflicts' && observation.status !== 'observed') return conflictsFlip(context, subject, status)
  switch (status) {
    case 'satisfied':
    case 'not-applicable':
      return undefined
    case 'unsatisfied': {
      const better = metric?.better ?? 'none'
      const gap =
        observation.value === undefined ? undefined : gapText(condition.comparison, better, metric?.unit ?? 'count', observation.value)
      if (gap?.endsWith(' fewer') && name.startsWith('blockers.')) return `${gap} of the ${metric?.title ?? name}`
      if (gap?.endsWith(' fewer') && name === 'conflicts') return `${gap} of the conflicts`
      const isUpward = better === 'higher' && condition.comparison.op !== 'atMost' && condition.comparison.op !== 'below'
      if (gap === undefined || !isUpward) return gap
      const enough = enoughText(context, condition.comparison, observation)
      if (enough !== undefined) return `${gap}: ${enough}`
      const undone = undoneText(context, observation)
      return undone === '' ? gap : `${gap}; not done yet: ${undone}`
    }
    case 'missing':
      if (isForLackOfBranch(context, subject, observation)) return `${context.streamOf(subject)?.branch ?? 'the branch'} pushed`
      if (source === undefined && observation.parts === undefined && condition.provenance !== 'claimed' && CLAIMED_METRICS.has(name))
        return undefined
      return (
        openPartsText(context, observation) ??
        (source === undefined
          ? 'a check-in by the lead'
          : `${observation.evidence?.status === 'observed' ? `${condition.provenance} ` : ''}evidence from ${source}`)
      )
    case 'stale':
      return (
        openPartsText(context, observation) ??
        (source === undefined ? 'a check-in made after the previous checkpoint' : freshText(context, source, subject, metric, observation))
      )
    case 'errored':
      return openPartsText(context, observation) ?? `${source ?? name} mended, so that it can be read`
    case 'inconclusive':
      return (
        openPartsText(context, observation) ??
        (observation.interval === undefined
          ? `evidence${source === undefined ? '' : ` from ${source}`} that decides it`
          : 'more runs or a clearer change, until the whole interval lies on one side')
      )
  }
}

function freshText(context: Context, source: string, subject: Subject, metric: Metric | undefined, { evidence }: Observation): string {
  const state = context.snapshot.subjects[subject]
  if (metric?.boundToTree === true && state?.state !== 'present')
    return `${context.streamOf(subject)?.branch ?? context.program.target} pushed`
  const isOfTree = metric?.boundToTree !== true || (state?.state === 'present' && evidence?.tree === state.tree)
  const host = metric?.host !== undefined && evidence?.host !== metric.host ? ` on ${metric.host}` : ''
  return `${source} gathered again${host}${isOfTree ? '' : ' at the head of the branch'}`
}

/** What would make the parts known that are not: `Store, Index: evidence from git`. Undefined where no part is open. */
function openPartsText(context: Context, { parts }: Observation): string | undefined {
  const byFlip = Map.groupBy(openParts(context, parts ?? []), (one) => one.flip)
  const texts = [...byFlip].map(([flip, open]) => `${open.map((one) => one.title).join(', ')}: ${flip}`)
  return texts.length === 0 ? undefined : texts.slice(0, 3).join('; ') + (texts.length > 3 ? `; and ${texts.length - 3} more` : '')
}

const openParts = (context: Context, parts: readonly ObservedPart[]): readonly { readonly title: string; readonly flip: string }[] =>
  parts.flatMap(({ title, metric, subject, observation }) => {
    if (observation.parts !== undefined)
      return openParts(context, observation.parts).map((one) => ({ ...one, title: `${one.title} (${title})` }))
    if (observation.status === 'observed') return []
    const flip = flipText(
      context,
      { metric, comparison: { op: 'atLeast', value: 0 }, provenance: 'measured' },
      subject,
      observation.status,
      observation,
    )
    return flip === undefined ? [] : [{ title, flip }]
  })

/** Where one part alone is not done, how much more of it is enough for a mean of shares: `21 lines more of Store`. */
function enoughText(context: Context, comparison: Comparison, { parts = [] }: Observation): string | undefined {
  const [open, ...others] = parts.filter((one) => one.share === undefined || one.share < 1)
  const bound = boundOf(comparison, 'higher')
  if (!open || others.length > 0 || open.share === undefined || typeof bound === 'boolean' || comparison.op === 'equals') return undefined
  const { whole, unit, observation } = open
  const isCounted = unit === 'lines' || unit === 'tests' || unit === 'files' || unit === 'count'
  if (!whole || !isCounted || typeof observation.value !== 'number' || context.metric(open.metric)?.better !== 'higher') return undefined
  const least = round((bound * parts.length - (parts.length - 1)) * whole.low)
  const needed = comparison.op === 'above' ? Math.floor(least) + 1 : Math.ceil(least)
  if (needed > whole.low) return undefined
  return `${formatValue(needed - observation.value, unit)} more of ${open.title}`
}

/** What the parts of a derived value lack: `57 lines more of Store, Notes: no must become yes`. */
function undoneText(context: Context, { parts }: Observation): string {
  const texts = undoneParts(context, parts ?? [])
  return texts.slice(0, 3).join(', ') + (texts.length > 3 ? ` and ${texts.length - 3} more` : '')
}

const undoneParts = (context: Context, parts: readonly ObservedPart[]): readonly string[] =>
  parts.flatMap(({ title, metric, observation, unit = 'count', whole, share }) => {
    if (whole === undefined) return undoneParts(context, observation.parts ?? []).map((text) => `${text} (${title})`)
    if (observation.value === undefined || share === undefined || share >= 1) return []
    const better = context.metric(metric)?.better ?? 'none'
    const comparison =
      unit === 'boolean'
        ? ({ op: 'equals', value: true } as const)
        : better === 'lower'
          ? ({ op: 'atMost', value: whole.high } as const)
          : ({ op: 'atLeast', value: whole.low } as const)
    const gap = gapText(comparison, better, unit, observation.value)
    return [unit === 'boolean' || unit === 'ratio' || unit === 'change' ? `${title}: ${gap}` : `${gap} of ${title}`]
  })

/** Nothing was observed because there is no branch to look at, directly or in what a value is made from. */
function isForLackOfBranch(context: Context, subject: Subject, { reason, parts }: Observation): boolean {
  const state = context.snapshot.subjects[subject]
  if (state?.state !== 'absent') return false
  return reason === state.reason || (parts !== undefined && parts.some((one) => one.observation.reason === state.reason))
}

function claimOf(
  context: Context,
  metric: string,
  subject: Subject,
  criterion: Criterion | undefined,
  observation: Observation,
  unit: Parameters<typeof formatValue>[1],
): Pick<Explanation, 'claim'> {
  const stream = context.streamOf(subject)
  const claim = stream && context.claim(stream.id, criterion?.target?.deliverable, metric)
  if (!claim) return {}
  // A claim is a number, so that a yes stands as 1.
  const differs = Number(observation.value) !== claim.value
  return {
    claim: {
      ...claim,
      differs,
      text: `${context.name(claim.by)} claimed ${formatValue(claim.value, unit)}${differs ? `, which the evidence does not show` : ''}`,
    },
  }
}

function explainSignOff(
  context: Context,
  rule: { readonly roles: readonly string[]; readonly quorum: number; readonly sameTree?: true },
  status: RawStatus,
  subject: Subject,
  criterion: Criterion | undefined,
): Explanation {
  const { approved, refused, elsewhere } = signatures(context, rule, subject, criterion)
  // Nobody can sign for the files of a branch that is not there.
  const gone = rule.sameTree === true && context.snapshot.subjects[subject]?.state !== 'present'
  const could = [...new Set(rule.roles.flatMap((role) => [...context.holders(role, subject)]))].filter(
    (person) => !approved.some((one) => one.person === person),
  )
  const when = context.times()
  const said = (list: typeof approved): string =>
    list.map((one) => `${context.name(one.person)} (${one.role}, ${when(one.at)}): ${one.reason}`).join('; ')
  const because =
    refused.length > 0
      ? `refused by ${said(refused)}`
      : approved.length > 0
        ? `signed by ${said(approved)}`
        : elsewhere.length > 0
          ? `${gone ? 'the branch is gone' : 'the files have changed'} since it was signed by ${said(elsewhere)}`
          : 'nobody has signed'
  const missing = rule.quorum - approved.length
  const pushed = gone ? `${context.streamOf(subject)?.branch ?? context.program.target} pushed, then ` : ''
  return {
    status,
    rule: `signed by ${rule.quorum} of ${rule.roles.join(', ')}${rule.sameTree === true ? ' for these files' : ''}`,
    because,
    ...(status !== 'satisfied' && {
      flip: {
        text:
          refused.length > 0
            ? 'the refusal taken back'
            : `${pushed}${missing} sign-off${missing === 1 ? '' : 's'} by ${rule.roles.join(' or ')}`,
        who: refused.length > 0 ? refused.map((one) => one.person) : could,
      },
    }),
    children: [],
  }
}

/** Ids of the people who can do something about a criterion: its owner, or the stream's lead. */
export function owners(context: Context, subject: Subject, criterion: Criterion | undefined): readonly string[] {
  const owner = criterion?.owner ?? 'lead'
  if (context.program.people.some((one) => one.id === owner)) return [owner]
  return [...context.holders(owner, subject)]
}
