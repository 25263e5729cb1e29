import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { judgeCheck } from '#core/check.ts'
import { Context } from '#core/evaluate/context.ts'
import { evaluateIn } from '#core/evaluate/evaluate.ts'
import { explain } from '#core/evaluate/explain.ts'
import type { Explanation } from '#core/evaluate/model.ts'
import type { Evidence } from '#core/evidence/evidence.ts'
import { DEFAULT_POLICY } from '#core/program/metrics.ts'
import type { Condition, Verdict } from '#core/program/model.ts'
import { RENDERERS } from '#render/registry.ts'
import { anyPolicy, conditionOver, measuredCondition, scenes, storable, type Scene } from './heart/arbitraries.ts'
import { AT, checkpointOf, criterionOf, evidenceOf, leaf, ledgerOf, programOf, snapshotOf, streamOf } from './heart/build.ts'

const RUNS = { numRuns: 300 }
const held = ({ input, events }: Scene) => judgeCheck({ ...input, ledger: ledgerOf(events) })
const withEvidence = (scene: Scene, evidence: readonly Evidence[]): Scene => ({
  ...scene,
  input: { ...scene.input, snapshot: { ...scene.input.snapshot, evidence } },
})

describe('nothing is green for lack of evidence', () => {
  const said = scenes({ condition: measuredCondition, policy: anyPolicy, events: ['check-in', 'blocker-opened', 'blocker-resolved'] })

  test('without a measured value there is no GO, whatever the policy', () => {
    fc.assert(
      fc.property(said, (scene) => {
        const claimed = scene.input.snapshot.evidence.map((one): Evidence =>
          one.status === 'observed' && one.provenance === 'measured' ? { ...one, provenance: 'reported' } : one,
        )
        const { decision, report } = held(withEvidence(scene, claimed))
        expect(['NO-GO', 'INCONCLUSIVE']).toContain(decision.verdict)
        expect(report.exitCode).not.toBe(0)
        expect(decision.streams.filter((one) => one.ready)).toEqual([])
        expect(decision.merge).toBeUndefined()
      }),
      RUNS,
    )
  })

  test('evidence of another tree alone gives no GO and no stream that is ahead or on track', () => {
    fc.assert(
      fc.property(scenes({ condition: measuredCondition, policy: fc.constant(DEFAULT_POLICY), events: ['check-in'] }), (scene) => {
        const old = scene.input.snapshot.evidence.map((one): Evidence => ({ ...one, tree: 'another-tree' }))
        const { decision } = held(withEvidence(scene, old))
        expect(['NO-GO', 'INCONCLUSIVE']).toContain(decision.verdict)
        expect(decision.streams.map((one) => one.health).filter((one) => one === 'AHEAD' || one === 'ON TRACK')).toEqual([])
      }),
      RUNS,
    )
  })

  test('no policy, waiver or sign-off gives GO over a critical criterion that is open', () => {
    fc.assert(
      fc.property(scenes(), (scene) => {
        const { evaluation, decision } = held(scene)
        if (decision.computedVerdict !== 'GO' && decision.computedVerdict !== 'CONDITIONAL GO') return
        const critical = evaluation.judgements.filter((one) => one.criterion.tier === 'critical' && one.status !== 'not-applicable')
        expect(critical.length).toBeGreaterThan(0)
        expect(critical.map((one) => one.status).filter((one) => one !== 'satisfied' && one !== 'waived')).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  test('only a value that was observed, at this tree, by somebody trusted enough satisfies', () => {
    fc.assert(
      fc.property(scenes(), ({ input, events }) => {
        const context = new Context(input.program, input.checkpoint, input.snapshot, ledgerOf(events), AT)
        for (const { criterion, subject, rawStatus } of evaluateIn(context).judgements) {
          if (rawStatus !== 'satisfied' || !('metric' in criterion.condition)) continue
          const { evidence } = explain(context, {
            criterion,
            subject,
            rawStatus,
            status: rawStatus,
            actual: undefined,
            target: undefined,
            unit: undefined,
          })
          if (!evidence) continue
          expect(evidence.status).toBe('observed')
          expect(evidence.tree).toBe(`tree-${subject}`)
          expect(typeof evidence.value === 'boolean' || Number.isFinite(evidence.value)).toBe(true)
          if (criterion.condition.provenance === 'measured') expect(evidence.provenance).toBe('measured')
        }
      }),
      RUNS,
    )
  })
})

const RANK: Readonly<Record<Verdict, number>> = { 'NO-GO': 0, INCONCLUSIVE: 1, 'CONDITIONAL GO': 2, GO: 3 }

test('adding evidence that satisfies never worsens a verdict', () => {
  // Each metric is held against one bound from one side, so that what satisfies once satisfies everywhere.
  const bounds = [
    ['tests.passed', 'atLeast', 5, 9],
    ['tests.failed', 'atMost', 0, 0],
    ['tests.ratio', 'atLeast', 0.8, 1],
    ['git.lines', 'above', 50, 400],
  ] as const
  const leaves = fc.constantFrom(...bounds.map(([metric, op, value]) => leaf(metric, op, value)))
  const rising = conditionOver(leaves).map(function strip(one): Condition {
    if ('not' in one) return strip(one.not)
    if ('all' in one) return { all: one.all.map(strip) }
    return 'any' in one ? { any: one.any.map(strip) } : one
  })
  fc.assert(
    fc.property(
      scenes({ condition: rising, policy: fc.constant(DEFAULT_POLICY), events: [] }),
      fc.constantFrom(...bounds),
      fc.constantFrom('program' as const, 'stream:a' as const, 'stream:b' as const),
      (scene, [metric, , , value], subject) => {
        const criteria = scene.input.checkpoint.criteria.filter((one) => one.target === undefined)
        const plain = { ...scene, input: { ...scene.input, checkpoint: { ...scene.input.checkpoint, criteria } } }
        const better = withEvidence(plain, [
          ...plain.input.snapshot.evidence,
          evidenceOf(subject, metric, value, { observedAt: '2026-03-25T15:00:00Z' }),
        ])
        expect(RANK[held(better).decision.verdict]).toBeGreaterThanOrEqual(RANK[held(plain).decision.verdict])
      },
    ),
    { numRuns: 600 },
  )
})

test('the order of the evidence changes nothing, not in the evaluation, not in the text', async () => {
  const renderers = await Promise.all(Object.values(RENDERERS).map((load) => load()))
  await fc.assert(
    fc.asyncProperty(
      scenes().chain((scene) =>
        fc.tuple(
          fc.constant(scene),
          fc.shuffledSubarray([...scene.input.snapshot.evidence], { minLength: scene.input.snapshot.evidence.length }),
        ),
      ),
      async ([scene, shuffled]) => {
        const [one, other] = [held(scene), held(withEvidence(scene, shuffled))]
        expect(JSON.stringify(other)).toBe(JSON.stringify(one))
        for (const render of renderers) expect(render(other.report).output).toBe(render(one.report).output)
      },
    ),
    { numRuns: 200 },
  )
})

test('nor does that of two pieces whose numbers JSON does not tell apart', () => {
  const checkpoint = checkpointOf([criterionOf('c', leaf('tests.ratio', 'atLeast', 1), { subjects: ['stream:a'] })])
  const program = programOf(checkpoint, { streams: [streamOf('a')] })
  const judged = (...values: readonly number[]) =>
    judgeCheck({
      program,
      checkpoint,
      snapshot: snapshotOf(
        program,
        values.map((value) => evidenceOf('stream:a', 'tests.ratio', value)),
      ),
      ledger: ledgerOf(),
      at: AT,
    })
  expect(judged(Number.NaN, Number.POSITIVE_INFINITY)).toEqual(judged(Number.POSITIVE_INFINITY, Number.NaN))
})

describe('judgement and explanation agree', () => {
  const walk = (one: Explanation): readonly Explanation[] => [one, ...one.children.flatMap(walk)]

  test('same status; every node says why; what is open says what flips it or why it is open; what holds asks for nothing', () => {
    fc.assert(
      fc.property(scenes(), ({ input, events }) => {
        const context = new Context(input.program, input.checkpoint, input.snapshot, ledgerOf(events), AT)
        for (const judgement of evaluateIn(context, input.streams).judgements) {
          const explanation = explain(context, judgement)
          expect(explanation.status).toBe(judgement.status)
          for (const node of walk(explanation)) {
            expect(node.because.trim()).not.toBe('')
            expect(node.because).not.toMatch(/undefined|NaN|\[object/)
            expect(node.rule.trim()).not.toBe('')
            if (node.flip) expect(node.flip.text.trim()).not.toBe('')
            if (node.status === 'satisfied' || node.status === 'not-applicable') expect(node.flip).toBeUndefined()
          }
        }
      }),
      { numRuns: 500 },
    )
  })

  test('a metric alone that is open always names what would flip it, unless only trust is missing', () => {
    fc.assert(
      fc.property(scenes({ condition: measuredCondition }), ({ input, events }) => {
        const context = new Context(input.program, input.checkpoint, input.snapshot, ledgerOf(events), AT)
        const open = evaluateIn(context).judgements.filter(
          (one) => 'metric' in one.criterion.condition && one.status !== 'satisfied' && one.status !== 'not-applicable',
        )
        for (const judgement of open) expect(explain(context, judgement).flip?.text ?? '').not.toBe('')
      }),
      RUNS,
    )
  })
})

test('what is decided holds together', () => {
  fc.assert(
    fc.property(scenes(), (scene) => {
      const { decision, evaluation, report } = held(scene)
      const { program, streams: only } = scene.input
      for (const { owner, escalateTo } of decision.escalations) expect(escalateTo).not.toBe(owner)
      for (const { due, owner } of decision.conditions) {
        expect(owner).not.toBe('')
        expect(due > AT).toBe(true)
      }
      const owed = evaluation.judgements.filter(
        ({ criterion, status }) =>
          (criterion.tier === 'critical' && status === 'waived') ||
          (criterion.tier === 'supporting' && status !== 'satisfied' && status !== 'waived' && status !== 'not-applicable'),
      )
      if (decision.verdict === 'CONDITIONAL GO') expect(decision.conditions.length).toBeGreaterThanOrEqual(owed.length)
      else expect(decision.conditions).toEqual([])
      expect(report.exitCode).toBe({ GO: 0, 'CONDITIONAL GO': 0, 'NO-GO': 1, INCONCLUSIVE: 3 }[decision.verdict])
      const looked = only ?? program.streams.map((one) => one.id)
      if (decision.merge) {
        const placed = [
          ...decision.merge.days.flatMap((day) => day.streams),
          ...decision.merge.merged,
          ...decision.merge.held.map((one) => one.stream),
        ]
        expect(placed.toSorted()).toEqual([...looked].toSorted())
      }
      if (decision.onNoGo)
        expect([...decision.onNoGo.blocked.map((one) => one.stream), ...decision.onNoGo.continuing].toSorted()).toEqual(
          [...looked].toSorted(),
        )
    }),
    { numRuns: 500 },
  )
})

test('what a collector may bring can always be recorded as JSON', () => {
  fc.assert(
    fc.property(scenes().map(storable), (scene) => {
      const { evaluation, decision } = held(scene)
      const numbers: unknown[] = []
      JSON.stringify({ evaluation, decision }, (_, value: unknown) => (typeof value === 'number' ? (numbers.push(value), value) : value))
      expect(numbers.filter((one) => !Number.isFinite(one))).toEqual([])
    }),
    RUNS,
  )
})
