import type { EscalationRule, Metric, Policy, Schedule } from '#core/program/model.ts'
import { TIERS } from '#core/program/model.ts'
import { STATUSES } from '#core/evaluate/model.ts'

const derived = (unit: Metric['unit'], better: Metric['better'], title: string): Metric => ({ unit, better, title, boundToTree: false })

/**
 * Metrics that Muster derives for each stream, and for the program over all of them: from the
 * deliverables and their targets, and from what the ledger says of blockers and check-ins.
 */
export const DERIVED_METRICS: Readonly<Record<string, Metric>> = {
  progress: derived('ratio', 'higher', 'measured deliverables done, of the whole'),
  'progress.code': derived('ratio', 'higher', 'code done, of the whole'),
  'progress.tests': derived('ratio', 'higher', 'tests done, of the whole'),
  'progress.documentation': derived('ratio', 'higher', 'documentation done, of the whole'),
  due: derived('ratio', 'higher', 'measured deliverables done, of what is due at the checkpoint'),
  'due.code': derived('ratio', 'higher', 'code done, of what is due at the checkpoint'),
  'due.tests': derived('ratio', 'higher', 'tests done, of what is due at the checkpoint'),
  'blockers.open': derived('count', 'lower', 'open blockers'),
  'blockers.critical': derived('count', 'lower', 'open critical blockers'),
  'blockers.unmitigated': derived('count', 'lower', 'open blockers without a workaround'),
  'blockers.overdue': derived('count', 'lower', 'open blockers past their deadline'),
  'blockers.security': derived('count', 'lower', 'open blockers labelled security'),
  'blockers.merge': derived('count', 'lower', 'open blockers labelled merge'),
  'blockers.age': derived('seconds', 'lower', 'age of the oldest open blocker'),
  conflicts: derived('count', 'lower', 'streams it collides with once they have landed; the target counts as one'),
  'confidence.week': derived('ratio', 'higher', 'the lead’s confidence in this week’s targets'),
  'confidence.program': derived('ratio', 'higher', 'the lead’s confidence in the program’s targets'),
}

/** These say what a person believes; only they may be satisfied by a claim. */
export const CLAIMED_METRICS: ReadonlySet<string> = new Set(['confidence.week', 'confidence.program'])

/** Metrics that only health and escalation rules read: they exist once streams are judged. */
export const HEALTH_METRICS: Readonly<Record<string, Metric>> = {
  'health.behind': derived('boolean', 'none', 'the stream is BEHIND'),
  'health.blocked': derived('boolean', 'none', 'the stream is BLOCKED'),
}

/** `criteria.<tier>.<status>`: what verdict rules read. `undecided` counts what nothing proves. */
export const VERDICT_METRICS: Readonly<Record<string, Metric>> = Object.fromEntries(
  [...TIERS, 'all'].flatMap((tier) =>
    [...STATUSES, 'undecided', 'judged'].map(
      (status) => [`criteria.${tier}.${status}`, derived('count', 'none', `${tier} criteria: ${status}`)] as const,
    ),
  ),
)

const leaf = (metric: string, op: 'atLeast' | 'atMost' | 'above' | 'below', value: number) =>
  ({ metric, comparison: { op, value }, provenance: 'measured' }) as const
const some = (metric: string) => leaf(metric, 'atLeast', 1)
const holds = (metric: string) => ({ metric, comparison: { op: 'equals', value: true }, provenance: 'measured' }) as const

/**
 * The policy a program has unless its file says otherwise. Verdicts: a breach outranks missing
 * evidence, both outrank conditions. Health: behind is code or tests under 80 % of what is due or a
 * blocker past its deadline; ahead is code and tests above 95 % of the whole.
 */
export const DEFAULT_POLICY: Policy = {
  verdict: [
    { id: 'breach', title: 'a critical criterion is not met', when: some('criteria.critical.unsatisfied'), verdict: 'NO-GO' },
    { id: 'unproven', title: 'a critical criterion is not proven', when: some('criteria.critical.undecided'), verdict: 'INCONCLUSIVE' },
    {
      id: 'nothing-judged',
      title: 'no critical criterion applies, so nothing was judged',
      when: leaf('criteria.critical.judged', 'below', 1),
      verdict: 'INCONCLUSIVE',
    },
    {
      id: 'conditions',
      title: 'a critical criterion is waived, or a supporting one is not met',
      when: { any: [some('criteria.critical.waived'), some('criteria.supporting.unsatisfied'), some('criteria.supporting.undecided')] },
      verdict: 'CONDITIONAL GO',
    },
  ],
  health: [
    { id: 'critical-blocker', title: 'a critical blocker stops the stream', when: some('blockers.critical'), health: 'BLOCKED' },
    {
      id: 'behind',
      title: 'code or tests are under 80 % of what is due, or a blocker is past its deadline',
      when: { any: [leaf('due.code', 'below', 0.8), leaf('due.tests', 'below', 0.8), some('blockers.overdue')] },
      health: 'BEHIND',
    },
    {
      id: 'ahead',
      title: 'code and tests are above 95 % of the whole',
      when: { all: [leaf('progress.code', 'above', 0.95), leaf('progress.tests', 'above', 0.95)] },
      health: 'AHEAD',
    },
    {
      id: 'minor-delay',
      title: 'something that is due is not done',
      when: { not: { targets: ['code', 'tests', 'documentation', 'performance', 'review', 'feature'] } },
      health: 'MINOR DELAY',
    },
  ],
  matrices: [
    {
      id: 'behind',
      title: 'The stream is behind schedule',
      health: ['BEHIND'],
      immediate: [],
      options: [
        { id: 'extend', title: 'Extend the deadline to the next checkpoint', pros: ['quality', 'less rush'], cons: ['the release moves'] },
        { id: 'reduce', title: 'Reduce the scope to what is essential', pros: ['schedule holds', 'quality'], cons: ['fewer features'] },
        { id: 'add', title: 'Add people, working in pairs', pros: ['faster', 'knowledge is shared'], cons: ['coordination costs time'] },
        {
          id: 'parallelise',
          title: 'Move on with other work in parallel',
          pros: ['momentum is kept'],
          cons: ['this stream may gain nothing'],
        },
      ],
      recommend: ['add'],
      recommendation: 'Add a lead who is ahead, as a pair',
      escalateTo: 'phase-lead',
    },
    {
      id: 'ahead',
      title: 'The stream is ahead of schedule',
      health: ['AHEAD'],
      immediate: [],
      options: [
        { id: 'merge', title: 'Merge early', pros: ['validated earlier', 'less risk later'], cons: ['other streams still move'] },
        { id: 'validate', title: 'Validate more, with more benchmarks', pros: ['high confidence'], cons: ['less time for integration'] },
        { id: 'help', title: 'Help another stream', pros: ['the whole team advances'], cons: ['switching context'] },
      ],
      recommend: ['merge', 'validate'],
      recommendation: 'Merge and validate; help others where there is time left',
    },
    {
      id: 'blocked',
      title: 'A critical blocker stops the stream',
      health: ['BLOCKED'],
      immediate: [
        'Post the blocker where everyone reads it',
        'Tag the phase lead and the team that can unblock',
        'Hold an emergency sync within 30 minutes',
        'Write down the workarounds',
        'Bring the decision to the phase lead',
      ],
      withinSeconds: 3600,
      options: [
        { id: 'resolved', title: 'The blocker is resolved', pros: ['work goes on as planned'], cons: [] },
        { id: 'workaround', title: 'A workaround is found', pros: ['work goes on'], cons: ['the mitigation must be kept up'] },
        { id: 'scope-reduced', title: 'The affected part is dropped', pros: ['the rest goes on'], cons: ['less is delivered'] },
        { id: 'deadline-extended', title: 'The deadline is extended', pros: ['nothing is dropped'], cons: ['the schedule moves'] },
      ],
      recommend: ['resolved', 'workaround'],
      recommendation: 'Never go on without one of these outcomes',
      escalateTo: 'phase-lead',
    },
  ],
  authority: { waive: ['phase-lead'], override: ['phase-lead'] },
}

/** Escalation rules a program has unless it replaces them; those whose role nobody holds go to the phase lead. */
export const DEFAULT_ESCALATION: readonly EscalationRule[] = [
  {
    id: 'behind',
    scenario: 'A stream is behind schedule',
    when: holds('health.behind'),
    owner: 'lead',
    escalateTo: 'phase-lead',
    action: 'Assess; add people or adjust the scope',
    afterSeconds: 0,
    steps: [],
  },
  {
    id: 'blocker',
    scenario: 'A blocker is unresolved for more than 2 h',
    when: leaf('blockers.age', 'above', 7200),
    owner: 'lead',
    escalateTo: 'phase-lead',
    action: 'Hold an emergency sync; decide on a workaround or another way',
    afterSeconds: 0,
    steps: [],
  },
  {
    id: 'performance',
    scenario: 'A performance target is missed',
    when: { not: { targets: ['performance'] } },
    owner: 'lead',
    escalateTo: 'performance',
    action: 'Run an optimisation sprint; extend if needed',
    afterSeconds: 0,
    steps: [],
  },
  {
    id: 'security',
    scenario: 'A security issue is found',
    when: some('blockers.security'),
    owner: 'security',
    escalateTo: 'phase-lead',
    action: 'Review, mend and validate again',
    afterSeconds: 0,
    steps: [],
  },
  {
    id: 'coverage',
    scenario: 'Test coverage is under 80 %',
    when: leaf('coverage.lines', 'below', 0.8),
    owner: 'lead',
    escalateTo: 'quality',
    action: 'Add tests or reduce the scope',
    afterSeconds: 0,
    steps: [],
  },
  {
    id: 'documentation',
    scenario: 'Documentation is incomplete',
    when: { not: { targets: ['documentation'] } },
    owner: 'scribe',
    escalateTo: 'phase-lead',
    action: 'Assign help; extend the deadline if it is critical',
    afterSeconds: 0,
    steps: [],
  },
  {
    id: 'merge',
    scenario: 'Merge conflicts stop a stream',
    when: { any: [some('blockers.merge'), some('conflicts')] },
    owner: 'lead',
    escalateTo: 'architect',
    action: 'Review; resolve it in a pairing session',
    afterSeconds: 0,
    steps: [],
  },
]

/** When things happen unless the program says otherwise. */
export const DEFAULT_SCHEDULE: Schedule = { openSeconds: 3600, remindSeconds: [86_400, 3600] }
