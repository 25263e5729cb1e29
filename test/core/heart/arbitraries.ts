import fc from 'fast-check'
import type { EvaluationInput } from '#core/evaluate/evaluate.ts'
import { PROVENANCES, type Evidence, type Provenance, type Snapshot, type Subject } from '#core/evidence/evidence.ts'
import { ANSWERS, BLOCKER_OUTCOMES, SEVERITIES, type EventBody } from '#core/ledger/events.ts'
import { DEFAULT_POLICY, VERDICT_METRICS } from '#core/program/metrics.ts'
import {
  DELIVERABLE_KINDS,
  HEALTHS,
  TIERS,
  VERDICTS,
  type Checkpoint,
  type Comparison,
  type Condition,
  type Criterion,
  type Program,
  type Stream,
} from '#core/program/model.ts'
import { addSeconds } from '#core/schedule/time.ts'
import { AT, checkpointOf, evidenceOf, METRICS, presentAt, programOf, streamOf } from './build.ts'

type Dated = EventBody & { readonly at: string; readonly actor: string }

/** An input of the heart, and the events that its ledger is the fold of. */
export interface Scene {
  readonly input: Omit<EvaluationInput, 'ledger'>
  readonly events: readonly Dated[]
}

/** Absent four times out of five. */
const rarely = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: one })

const SOURCED = Object.keys(METRICS).filter((name) => METRICS[name]?.source !== undefined)
const around = fc.integer({ min: -20, max: 3 }).map((days) => addSeconds(AT, days * 86_400))
const recently = fc.integer({ min: -9, max: 1 }).map((days) => addSeconds(AT, days * 86_400))
const soon = fc.integer({ min: -5, max: 30 }).map((days) => addSeconds(AT, days * 86_400))

/** Values that each metric really has, so that conditions over it hold about as often as not. */
const USUAL: Readonly<Record<string, readonly [number, ...number[]]>> = {
  'git.lines': [0, 50, 80, 100, 150],
  'tests.passed': [0, 5, 8, 10],
  'tests.failed': [0, 0, 1],
  'tests.ratio': [0.5, 0.8, 1],
  'speed.change': [-0.1, 0, 0.05],
  'speed.reduction': [-0.1, 0.02, 0.05, 0.1, 0.2],
  progress: [0.4, 0.8, 0.95],
  'progress.tests': [0.5, 0.8],
  due: [0.5, 0.8, 1],
  'due.code': [0.5, 0.8, 1],
  'blockers.open': [0, 1],
  'blockers.critical': [0, 1],
  'blockers.age': [0, 7200],
  'confidence.week': [0.5, 0.8],
}

const comparisonOf = (metric: string): fc.Arbitrary<Comparison> => {
  const usual = fc.constantFrom(...(USUAL[metric] ?? [0, 1, 5]))
  const better = METRICS[metric]?.better
  if (METRICS[metric]?.unit === 'boolean') return fc.boolean().map((value) => ({ op: 'equals', value }))
  return fc.oneof(
    { weight: 4, arbitrary: usual.map((value): Comparison => ({ op: better === 'lower' ? 'atMost' : 'atLeast', value })) },
    {
      weight: 1,
      arbitrary: fc.record({
        op: fc.constantFrom('atLeast' as const, 'atMost' as const, 'above' as const, 'below' as const),
        value: usual,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(usual, usual).map(([a, b]): Comparison => ({ op: 'between', low: Math.min(a, b), high: Math.max(a, b) })),
    },
  )
}

const leafOver = (metrics: readonly string[], provenance: fc.Arbitrary<Provenance>): fc.Arbitrary<Condition> =>
  fc.constantFrom(...metrics).chain((metric) => fc.record({ metric: fc.constant(metric), comparison: comparisonOf(metric), provenance }))

/** Leaves of conditions: what sources bring and what is made from it. */
const measuredLeaf: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 6, arbitrary: leafOver([...SOURCED, 'progress', 'progress.tests', 'due', 'due.code'], fc.constant('measured')) },
  { weight: 1, arbitrary: fc.uniqueArray(fc.constantFrom(...DELIVERABLE_KINDS), { minLength: 1 }).map((targets) => ({ targets })) },
)
/** Leaves that people's words decide. */
const saidLeaf: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    signOff: fc.record({ roles: fc.subarray(['quality', 'lead', 'phase-lead'], { minLength: 1 }), quorum: fc.integer({ min: 1, max: 2 }) }),
  }),
  leafOver(['blockers.open', 'blockers.critical', 'blockers.age', 'confidence.week', ...SOURCED], fc.constantFrom(...PROVENANCES)),
)

export const conditionOver = (leaf: fc.Arbitrary<Condition>): fc.Arbitrary<Condition> =>
  fc.letrec<{ node: Condition }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 2, depthSize: 'small' },
      { weight: 4, arbitrary: leaf },
      fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
      fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
      tie('node').map((not) => ({ not })),
    ),
  })).node

export const measuredCondition = conditionOver(measuredLeaf)
const anyCondition = conditionOver(fc.oneof({ weight: 3, arbitrary: measuredLeaf }, saidLeaf))

const IDS = ['a', 'b', 'c'] as const
const subjectsOf = (count: number): Subject[] => IDS.slice(0, count).map((id): Subject => `stream:${id}`)

const streams = (count: number): fc.Arbitrary<Stream[]> =>
  fc.tuple(
    ...IDS.slice(0, count).map((id, index) =>
      fc
        .record({
          deliverables: fc.subarray([
            {
              id: 'code',
              title: 'Code',
              kind: 'code' as const,
              measure: 'git.lines',
              full: { low: 100, high: 100, unit: 'lines' as const },
            },
            {
              id: 'suite',
              title: 'Suite',
              kind: 'tests' as const,
              measure: 'tests.passed',
              full: { low: 10, high: 10, unit: 'tests' as const },
            },
            {
              id: 'speed',
              title: 'Speed',
              kind: 'performance' as const,
              measure: 'speed.reduction',
              full: { low: 0.05, high: 0.15, unit: 'ratio' as const },
            },
            { id: 'talk', title: 'Talk', kind: 'feature' as const },
          ]),
          dependsOn: fc.subarray(IDS.slice(0, index).map((other) => ({ stream: other, reaches: index === 2 ? 0.5 : 1 }))),
        })
        .map((parts) => streamOf(id, parts)),
    ),
  )

/** Targets of a stream at the checkpoint, as the program file would give them. */
const targetsOf = (stream: Stream): fc.Arbitrary<Criterion[]> =>
  fc.tuple(fc.subarray([...stream.deliverables]), fc.constantFrom(...TIERS), fc.constantFrom(0, 0.5, 1)).map(([due, tier, share]) =>
    due.map((one): Criterion => ({
      id: `target.${one.id}`,
      title: one.title,
      tier,
      subjects: [`stream:${stream.id}`],
      condition:
        one.measure === undefined
          ? { signOff: { roles: ['lead'], quorum: 1 } }
          : { metric: one.measure, comparison: { op: 'atLeast', value: share * (one.full?.low ?? 1) }, provenance: 'measured' },
      target: { stream: stream.id, deliverable: one.id, kind: one.kind },
    })),
  )

const criteria = (condition: fc.Arbitrary<Condition>, count: number): fc.Arbitrary<Criterion[]> =>
  fc
    .array(
      fc.record({
        tier: fc.constantFrom('critical' as const, ...TIERS),
        condition,
        subjects: fc.oneof(fc.constant<Subject[]>(['program']), fc.subarray(subjectsOf(count), { minLength: 1 })),
      }),
      { minLength: 1, maxLength: 4, size: 'small' },
    )
    .map((list) => list.map((one, index): Criterion => ({ id: `c${index}`, title: `Criterion ${index}`, ...one })))

const verdictCondition = conditionOver(leafOver(Object.keys(VERDICT_METRICS), fc.constant('measured')))

/** Policies of any file: each default verdict rule may be replaced by any other, and health rules may be taken by others. */
const policy: fc.Arbitrary<Program['policy']> = fc.record({
  ...(Object.fromEntries(Object.entries(DEFAULT_POLICY).map(([key, value]) => [key, fc.constant(value)])) as {
    readonly [K in keyof Program['policy']]: fc.Arbitrary<Program['policy'][K]>
  }),
  verdict: fc.tuple(
    ...DEFAULT_POLICY.verdict.map((rule) =>
      fc.oneof(
        { weight: 5, arbitrary: fc.constant(rule) },
        fc.record({
          id: fc.constant(rule.id),
          title: fc.constant('replaced'),
          when: verdictCondition,
          verdict: fc.constantFrom('NO-GO' as const, 'CONDITIONAL GO' as const, 'INCONCLUSIVE' as const),
        }),
      ),
    ),
  ),
  health: fc.tuple(
    ...DEFAULT_POLICY.health.map((rule) =>
      fc.oneof(
        { weight: 6, arbitrary: fc.constant(rule) },
        fc.record({
          id: fc.constant(rule.id),
          title: fc.constant('replaced'),
          when: anyCondition,
          health: fc.constantFrom(...HEALTHS.filter((one) => one !== 'ON TRACK' && one !== 'UNKNOWN')),
        }),
      ),
    ),
  ),
})

const value = fc.oneof(
  fc.constantFrom<number | boolean>(0, 1, 5, 10, 50, 100, 0.05, 0.8, true, false, -1, 1.7, Number.NaN, Number.POSITIVE_INFINITY),
  fc.double({ min: -2, max: 120, noNaN: true }),
)

/** Sound evidence about nearly everything, as a check in the middle of a program brings it. */
const sound = (count: number): fc.Arbitrary<Evidence[]> =>
  fc
    .tuple(
      ...(['program', ...subjectsOf(count)] as const).flatMap((subject) =>
        SOURCED.map((metric) =>
          fc.option(
            fc
              .tuple(
                METRICS[metric]?.unit === 'boolean' ? fc.boolean() : fc.constantFrom(...(USUAL[metric] ?? [0])),
                rarely(fc.constantFrom(0, 0.02, 0.5)),
              )
              .map(([one, spread]) =>
                evidenceOf(
                  subject,
                  metric,
                  one,
                  typeof one === 'number' && spread !== undefined && metric.startsWith('speed')
                    ? { interval: { low: one - spread, high: one + spread, level: 0.95 } }
                    : {},
                ),
              ),
            { nil: undefined, freq: 8 },
          ),
        ),
      ),
    )
    .map((list) => list.filter((one) => one !== undefined))

/** Evidence of every kind: much of it sound, some of it not, sometimes several pieces about one fact. */
export const evidence = (count: number): fc.Arbitrary<Evidence[]> =>
  fc
    .tuple(fc.oneof({ weight: 5, arbitrary: sound(count) }, fc.constant<Evidence[]>([])), strange(count))
    .map(([one, other]) => [...one, ...other])

const strange = (count: number): fc.Arbitrary<Evidence[]> =>
  fc.array(
    fc
      .record({
        subject: fc.constantFrom<Subject>('program', ...subjectsOf(count)),
        metric: fc.constantFrom(...SOURCED, 'nobody.asked'),
        status: fc.constantFrom(
          'observed' as const,
          'observed' as const,
          'observed' as const,
          'missing' as const,
          'errored' as const,
          'inconclusive' as const,
        ),
        value,
        provenance: fc.constantFrom('measured' as const, 'measured' as const, ...PROVENANCES),
        fresh: fc.integer({ min: 0, max: 4 }).map((one) => one > 0),
        observedAt: around,
        source: fc.constantFrom('one', 'two'),
        spread: rarely(fc.double({ min: 0, max: 1, noNaN: true })),
      })
      .map(({ fresh, spread, value: one, ...rest }): Evidence => ({
        ...rest,
        unit: METRICS[rest.metric]?.unit ?? 'count',
        tree: fresh ? `tree-${rest.subject}` : 'another-tree',
        ...(rest.status === 'observed' ? { value: one } : { reason: `it is ${rest.status}` }),
        ...(rest.status === 'observed' &&
          typeof one === 'number' &&
          spread !== undefined && { interval: { low: one - spread, high: one + spread, level: 0.95 } }),
      })),
    { maxLength: 8, size: 'small' },
  )

const person = (count: number) => fc.constantFrom('boss', 'boss', 'boss', 'nobody', ...IDS.slice(0, count).map((id) => `lead-${id}`))

/** What people may have said by the time of the check, and some of it after. */
const events = (count: number, criterionIds: readonly string[]): fc.Arbitrary<Dated[]> => {
  const stream = fc.constantFrom(...IDS.slice(0, count))
  const criterion = fc.constantFrom('nothing', ...criterionIds, ...criterionIds)
  const blocker = fc.constantFrom('B-1', 'B-2', 'B-3')
  const body: fc.Arbitrary<EventBody> = fc.oneof(
    fc
      .record({
        stream,
        claims: fc.dictionary(fc.constantFrom('code', 'tests.passed', 'constructor'), fc.constantFrom(0, 5, 100)),
        confidence: fc.record({ week: fc.constantFrom(0, 0.8, 1) }),
      })
      .map((one) => ({ type: 'check-in' as const, body: { done: [], next: [], risks: [], ...one } })),
    fc
      .record({ blocker, stream, severity: fc.constantFrom(...SEVERITIES), deadline: soon, labels: fc.subarray(['security', 'merge']) })
      .map((one) => ({ type: 'blocker-opened' as const, body: { title: 'It is stuck', impact: 'all of it', owner: 'boss', ...one } })),
    fc
      .record({ blocker, outcome: fc.constantFrom(...BLOCKER_OUTCOMES) })
      .map((one) => ({ type: 'blocker-resolved' as const, body: { note: '', ...one } })),
    fc
      .record({ criterion, stream: rarely(stream), role: fc.constantFrom('quality', 'lead', 'phase-lead'), approve: fc.boolean() })
      .map(({ stream: at, ...one }) => ({
        type: 'sign-off' as const,
        body: { checkpoint: 'week-2', reason: 'read', ...one, ...(at !== undefined && { stream: at }) },
      })),
    fc
      .record({
        criterion,
        stream: rarely(stream),
        expires: fc.option(soon, { nil: undefined, freq: 4 }),
        waiver: fc.constantFrom('w1', 'w2', 'w3'),
      })
      .map(({ stream: at, expires, ...one }) => ({
        type: 'waiver' as const,
        body: {
          checkpoint: 'week-2',
          reason: 'later',
          ...one,
          ...(at !== undefined && { stream: at }),
          ...(expires !== undefined && { expires }),
        },
      })),
    fc
      .record({ verdict: fc.constantFrom(...VERDICTS) })
      .map((one) => ({ type: 'override' as const, body: { checkpoint: 'week-2', reason: 'so be it', ...one } })),
    fc
      .record({ checkpoint: fc.constantFrom('week-1', 'week-2', 'week-3'), to: soon })
      .map((one) => ({ type: 'checkpoint-moved' as const, body: { reason: 'no room', ...one } })),
    fc
      .record({ checkpoint: fc.constantFrom('week-1', 'week-2', 'week-3') })
      .map((one) => ({ type: 'checkpoint-cancelled' as const, body: { reason: 'no need', ...one } })),
    fc
      .record({ stream, option: fc.constantFrom('extend', 'reduce', 'merge') })
      .map((one) => ({ type: 'option-chosen' as const, body: { checkpoint: 'week-2', matrix: 'behind', reason: 'why not', ...one } })),
    fc
      .record({
        says: fc.constantFrom(...ANSWERS),
        sequence: fc.nat(2),
        time: fc.constantFrom(AT, addSeconds(AT, 86_400)),
        answeredAt: recently,
      })
      .map((one) => ({ type: 'invitation-answered' as const, body: { meeting: 'checkpoint' as const, id: 'week-2', ...one } })),
  )
  return fc.array(
    fc.tuple(body, recently, person(count)).map(([one, at, actor]): Dated => ({ ...one, at, actor })),
    { maxLength: 12 },
  )
}

const PREVIOUS: Checkpoint = checkpointOf([], { id: 'week-1', at: addSeconds(AT, -7 * 86_400) })
const NEXT: Checkpoint = checkpointOf([], { id: 'week-3', at: addSeconds(AT, 7 * 86_400) })

export interface SceneOptions {
  readonly condition?: fc.Arbitrary<Condition>
  /** Any policy, or the default one. */
  readonly policy?: fc.Arbitrary<Program['policy']>
  /** Which kinds of event may be in the ledger. */
  readonly events?: readonly EventBody['type'][]
}

export const anyPolicy = policy

/** Programs, snapshots and ledgers of every kind. */
export const scenes = ({ condition = anyCondition, policy: rules = policy, events: kinds }: SceneOptions = {}): fc.Arbitrary<Scene> =>
  fc.integer({ min: 1, max: 3 }).chain((count) =>
    fc
      .tuple(
        streams(count),
        criteria(condition, count),
        rules,
        evidence(count),
        fc.boolean(),
        rarely(fc.subarray(IDS.slice(0, count), { minLength: 1 })),
      )
      .chain(([list, own, rule, facts, hasNext, only]) =>
        fc.tuple(...list.map(targetsOf)).chain((due) => {
          const all = [...due.flat(), ...own]
          return events(
            count,
            all.map((one) => one.id),
          ).map((said): Scene => {
            const checkpoint = checkpointOf(all, {
              ...(hasNext && { next: 'week-3' }),
              signOff: [{ role: 'quality', quorum: 1 }],
              noGo: { actions: ['Wait'], extendSeconds: 2 * 86_400 },
            })
            const program = programOf(checkpoint, {
              streams: list,
              policy: rule,
              checkpoints: [PREVIOUS, checkpoint, ...(hasNext ? [NEXT] : [])],
            })
            const snapshot: Snapshot = {
              subjects: Object.fromEntries(
                ['program', ...list.map((one) => `stream:${one.id}`)].map((subject) => [subject, presentAt(`tree-${subject}`)]),
              ),
              evidence: facts,
            }
            return {
              input: { program, checkpoint, snapshot, at: AT, ...(only && { streams: only }) },
              events: kinds ? said.filter((one) => kinds.includes(one.type)) : said,
            }
          })
        }),
      ),
  )

/** As JSON could carry it: what a collector can bring through `gather`. */
export const storable = (scene: Scene): Scene => {
  const isSound = (one: unknown): boolean => typeof one !== 'number' || Number.isFinite(one)
  const evidence = scene.input.snapshot.evidence.filter(
    (one) => isSound(one.value) && (one.interval === undefined || (isSound(one.interval.low) && isSound(one.interval.high))),
  )
  return { ...scene, input: { ...scene.input, snapshot: { ...scene.input.snapshot, evidence } } }
}
