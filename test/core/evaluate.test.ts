import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boundOf, compare, comparisonText, gapText } from '#core/evaluate/compare.ts'
import { evaluateIn } from '#core/evaluate/evaluate.ts'
import { explain, explainCondition } from '#core/evaluate/explain.ts'
import type { Evidence } from '#core/evidence/evidence.ts'
import { canonical } from '#core/ledger/canonical.ts'
import type { Comparison, Program } from '#core/program/model.ts'
import { checkpointOf, contextOf, criterionOf, evidenceOf, leaf, METRICS, programOf, streamOf } from './heart/build.ts'

const interval = (low: number, high: number) => ({ low, high, level: 0.95 })

describe('compare', () => {
  test.each<[Comparison, 'higher' | 'lower' | 'none', number, string]>([
    [{ op: 'atLeast', value: 5 }, 'higher', 5, 'satisfied'],
    [{ op: 'above', value: 5 }, 'higher', 5, 'unsatisfied'],
    [{ op: 'atMost', value: 5 }, 'lower', 5, 'satisfied'],
    [{ op: 'below', value: 5 }, 'lower', 5, 'unsatisfied'],
    [{ op: 'equals', value: 5 }, 'none', 5, 'satisfied'],
    [{ op: 'equals', value: 5 }, 'none', 5.1, 'unsatisfied'],
    // A goal in the direction that is better: met from the nearer bound on, exceeded beyond the farther.
    [{ op: 'between', low: 0.05, high: 0.15 }, 'higher', 0.05, 'satisfied'],
    [{ op: 'between', low: 0.05, high: 0.15 }, 'higher', 0.2, 'satisfied'],
    [{ op: 'between', low: 0.05, high: 0.15 }, 'higher', 0.049, 'unsatisfied'],
    [{ op: 'between', low: -0.15, high: -0.05 }, 'lower', -0.2, 'satisfied'],
    [{ op: 'between', low: -0.15, high: -0.05 }, 'lower', -0.049, 'unsatisfied'],
    [{ op: 'between', low: 1, high: 2 }, 'none', 2, 'satisfied'],
    [{ op: 'between', low: 1, high: 2 }, 'none', 2.1, 'unsatisfied'],
    [{ op: 'between', low: 1, high: 2 }, 'none', 0.9, 'unsatisfied'],
  ])('%j on a measure that is better %s: %d is %s', (comparison, better, value, status) => {
    expect(compare(comparison, better, value, undefined)).toBe(status)
  })

  test.each<[Comparison, number, number, string]>([
    [{ op: 'atLeast', value: 0.05 }, 0.05, 0.11, 'satisfied'],
    [{ op: 'atLeast', value: 0.05 }, 0.01, 0.0499, 'unsatisfied'],
    [{ op: 'atLeast', value: 0.05 }, 0.0499, 0.11, 'inconclusive'],
    [{ op: 'above', value: 0.05 }, 0.05, 0.11, 'inconclusive'],
    [{ op: 'atMost', value: 0.05 }, 0.01, 0.05, 'satisfied'],
    [{ op: 'atMost', value: 0.05 }, 0.01, 0.06, 'inconclusive'],
    [{ op: 'below', value: 0.05 }, 0.05, 0.06, 'unsatisfied'],
    [{ op: 'between', low: 0.05, high: 0.15 }, 0.06, 0.2, 'inconclusive'],
    [{ op: 'between', low: 0.05, high: 0.15 }, 0.16, 0.2, 'unsatisfied'],
    [{ op: 'equals', value: 0.05 }, 0.04, 0.06, 'inconclusive'],
  ])('%j: an interval from %d to %d is %s', (comparison, low, high, status) => {
    expect(compare(comparison, 'none', (low + high) / 2, interval(low, high))).toBe(status)
  })

  test('an interval decides only what every value in it decides the same way', () => {
    const comparisons = fc.oneof(
      fc.record({
        op: fc.constantFrom('atLeast' as const, 'atMost' as const, 'above' as const, 'below' as const),
        value: fc.integer({ min: -5, max: 5 }),
      }),
      fc
        .tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: 0, max: 5 }))
        .map(([low, width]) => ({ op: 'between' as const, low, high: low + width })),
    )
    fc.assert(
      fc.property(
        comparisons,
        fc.constantFrom('higher' as const, 'lower' as const, 'none' as const),
        fc.integer({ min: -6, max: 6 }),
        fc.integer({ min: 0, max: 6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (comparison, better, low, width, share) => {
          const status = compare(comparison, better, low, interval(low, low + width))
          const inside = compare(comparison, better, low + share * width, undefined)
          if (status !== 'inconclusive') expect(inside).toBe(status)
        },
      ),
      { numRuns: 1000 },
    )
  })

  test('the gap that is named, once closed, satisfies', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('atLeast' as const, 'atMost' as const),
        fc.integer({ min: 0, max: 500 }),
        fc.integer({ min: 0, max: 500 }),
        (op, value, actual) => {
          const comparison = { op, value }
          fc.pre(compare(comparison, 'none', actual, undefined) === 'unsatisfied')
          const match = /^([\d,]+) lines? (more|fewer)$/.exec(gapText(comparison, 'none', 'lines', actual))
          const step = Number(match?.[1]?.replaceAll(',', '')) * (match?.[2] === 'more' ? 1 : -1)
          expect(compare(comparison, 'none', actual + step, undefined)).toBe('satisfied')
        },
      ),
      { numRuns: 300 },
    )
  })

  test('a range beyond which more is worse names the bound that was passed', () => {
    const range = { op: 'between', low: 10, high: 20 } as const
    expect(gapText(range, 'none', 'files', 25)).toBe('5 files fewer')
    expect(gapText(range, 'none', 'files', 4)).toBe('6 files more')
    expect(comparisonText(range, 'files')).toBe('from 10 files to 20 files')
    expect([boundOf(range, 'higher'), boundOf(range, 'lower')]).toEqual([10, 20])
  })

  test('a bound that must be passed is not named as one that is enough', () => {
    expect(gapText({ op: 'above', value: 15 }, 'higher', 'tests', 15)).toBe('from 15 tests to above 15 tests')
    expect(gapText({ op: 'below', value: 60 }, 'lower', 'seconds', 60)).toBe('from 1 min to below 1 min')
  })
})

test.each([
  ['astride of the nearer bound', 0.06, 0.03, 0.09, 'inconclusive', false],
  ['within the range', 0.1, 0.06, 0.14, 'satisfied', false],
  ['astride of the farther bound', 0.16, 0.06, 0.26, 'satisfied', false],
  ['beyond it', 0.2, 0.16, 0.24, 'satisfied', true],
  ['on the wrong side', 0.02, 0.01, 0.04, 'unsatisfied', false],
] as const)('5-15 %% less, with an interval %s', (_, value, low, high, status, isExceeded) => {
  const criterion = criterionOf('faster', {
    metric: 'speed.reduction',
    comparison: { op: 'between', low: 0.05, high: 0.15 },
    provenance: 'measured',
  })
  const context = contextOf(programOf(checkpointOf([criterion]), { streams: [streamOf('a')] }), [
    evidenceOf('stream:a', 'speed.reduction', value, { interval: interval(low, high) }),
  ])
  const found = explainCondition(context, criterion.condition, 'stream:a')
  expect(found.status).toBe(status)
  expect(found.because.includes('more than the goal asks for')).toBe(isExceeded)
})

test('of two pieces of one moment it is one and the same that counts, as collected and as kept on record', () => {
  const criterion = criterionOf('faster', leaf('speed.reduction', 'atLeast', 0.1))
  const program = programOf(checkpointOf([criterion]), { streams: [streamOf('a')] })
  const pieces = [interval(0.02, 0.3), interval(0.1, 0.2)].map((one) => evidenceOf('stream:a', 'speed.reduction', 0.1, { interval: one }))
  const recorded = pieces.map((one) => JSON.parse(canonical(one)) as Evidence)
  const statuses = [pieces, recorded].map((each) => explainCondition(contextOf(program, each), criterion.condition, 'stream:a').status)
  expect(statuses[0]).toBe(statuses[1])
})

describe('progress', () => {
  const deliverables = [
    { id: 'store', title: 'Store', kind: 'code', measure: 'git.lines', full: { low: 120, high: 120, unit: 'lines' } },
    { id: 'suite', title: 'Suite', kind: 'tests', measure: 'tests.passed', full: { low: 10, high: 10, unit: 'tests' } },
  ] as const
  const program = (extra: Partial<Program> = {}): Program =>
    programOf(checkpointOf([criterionOf('done', leaf('progress', 'atLeast', 1))]), { streams: [streamOf('a', { deliverables })], ...extra })
  const explained = (...evidence: Parameters<typeof contextOf>[1][number][]) => {
    const context = contextOf(program(), evidence)
    const [judgement] = evaluateIn(context).judgements
    if (!judgement) throw new Error('nothing was judged')
    return explain(context, judgement)
  }

  test.each([
    ['atLeast', 0.9],
    ['above', 0.9],
    ['atLeast', 0.905],
    ['above', 0.77],
    ['atLeast', 1],
  ] as const)('what is said to flip it does, and one less does not: %s %d', (op, bound) => {
    const at = (lines: number) => {
      const context = contextOf(
        programOf(checkpointOf([criterionOf('done', leaf('progress', op, bound))]), { streams: [streamOf('a', { deliverables })] }),
        [evidenceOf('stream:a', 'git.lines', lines), evidenceOf('stream:a', 'tests.passed', 10)],
      )
      const [judgement] = evaluateIn(context).judgements
      return judgement && explain(context, judgement)
    }
    const [, more] = /: (\d+) lines? more of Store$/.exec(at(60)?.flip?.text ?? '') ?? []
    expect([at(60 + Number(more))?.status, at(60 + Number(more) - 1)?.status]).toEqual(['satisfied', 'unsatisfied'])
  })

  test('says what each part is a share of, marks only what is whole, and names what is missing', () => {
    const { because, flip, children } = explained(evidenceOf('stream:a', 'git.lines', 63), evidenceOf('stream:a', 'tests.passed', 12))
    expect(because).toBe('76.25 %: Store 63 of 120 lines (52.5 %), Suite 12 of 10 tests (100 %)')
    expect(flip?.text).toBe('from 76.25 % to at least 100 %: 57 lines more of Store')
    expect(children.map((one) => [one.rule, one.status])).toEqual([
      ['Store', 'unsatisfied'],
      ['Suite', 'satisfied'],
    ])
  })

  test('is not known as soon as one part is not, and no part counts as zero', () => {
    const { status, because, flip } = explained(evidenceOf('stream:a', 'git.lines', 120))
    expect(status).toBe('missing')
    expect(because).toContain('Suite')
    expect(flip?.text).toBe('Suite: evidence from tests')
  })

  test('a share of exactly 80 % is not below 80 %, however many parts make it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 80 }), { minLength: 0, maxLength: 8 }), (above) => {
        // Pairs of parts that are as far below 80 % as above it.
        const shares = [80, ...above.flatMap((one) => [80 - Math.min(one, 20), 80 + Math.min(one, 20)])]
        const parts = shares.map((_, index) => ({
          id: `p${index}`,
          title: `Part ${index}`,
          kind: 'code' as const,
          measure: `m.${index}`,
          full: { low: 100, high: 100, unit: 'lines' as const },
        }))
        const metrics = {
          ...METRICS,
          ...Object.fromEntries(
            parts.map((one) => [
              one.measure,
              { unit: 'lines' as const, better: 'higher' as const, title: '', source: 'm', boundToTree: true },
            ]),
          ),
        }
        const context = contextOf(
          programOf(checkpointOf([]), { streams: [streamOf('a', { deliverables: parts })], metrics }),
          shares.map((value, index) => evidenceOf('stream:a', `m.${index}`, value, { unit: 'lines' })),
        )
        expect(explainCondition(context, leaf('progress.code', 'below', 0.8), 'stream:a').status).toBe('unsatisfied')
        expect(explainCondition(context, leaf('progress.code', 'atLeast', 0.8), 'stream:a').status).toBe('satisfied')
      }),
      { numRuns: 300 },
    )
  })
})

test('evidence about a subject or a metric that the program does not have is left alone', () => {
  const program = programOf(checkpointOf([criterionOf('tests', leaf('tests.ratio', 'atLeast', 0.8))]))
  const context = contextOf(program, [
    evidenceOf('stream:gone', 'tests.ratio', 1),
    evidenceOf('stream:a', 'old.metric', 1),
    evidenceOf('program', 'tests.ratio', 1),
  ])
  expect(evaluateIn(context).judgements.map((one) => one.rawStatus)).toEqual(['missing'])
})
