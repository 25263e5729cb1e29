import { describe, expect, test } from 'vitest'
import { judge } from '#core/evaluate/judge.ts'
import { RAW_STATUSES, type RawStatus } from '#core/evaluate/model.ts'
import type { Evidence } from '#core/evidence/evidence.ts'
import type { Condition } from '#core/program/model.ts'
import { checkpointOf, contextOf, evidenceOf, leaf, METRICS, metricOf, programOf } from './heart/build.ts'

/** One condition for each status that a part can have. */
const PART: Readonly<Record<RawStatus, Condition>> = {
  satisfied: leaf('s.satisfied', 'atLeast', 1),
  unsatisfied: leaf('s.unsatisfied', 'atLeast', 1),
  missing: leaf('s.missing', 'atLeast', 1),
  stale: leaf('s.stale', 'atLeast', 1),
  errored: leaf('s.errored', 'atLeast', 1),
  inconclusive: leaf('s.inconclusive', 'atLeast', 1),
  'not-applicable': { targets: ['review'] },
}

const evidence: Evidence[] = [
  evidenceOf('stream:a', 's.satisfied', 1),
  evidenceOf('stream:a', 's.unsatisfied', 0),
  evidenceOf('stream:a', 's.stale', 1, { tree: 'older' }),
  evidenceOf('stream:a', 's.errored', undefined, { status: 'errored' }),
  evidenceOf('stream:a', 's.inconclusive', 1, { interval: { low: 0, high: 2, level: 0.95 } }),
]
const metrics = { ...METRICS, ...Object.fromEntries(RAW_STATUSES.map((status) => [`s.${status}`, metricOf('count', 'higher')])) }
const context = contextOf(programOf(checkpointOf([]), { metrics }), evidence)
const statusOf = (condition: Condition): RawStatus => judge(context, condition, 'stream:a', undefined).status

/** What must be mended first speaks for all that proves nothing. */
const MEND_FIRST: readonly RawStatus[] = ['errored', 'missing', 'stale', 'inconclusive']

function expected(kind: 'all' | 'any', parts: readonly RawStatus[]): RawStatus {
  const [decisive, other] = kind === 'all' ? (['unsatisfied', 'satisfied'] as const) : (['satisfied', 'unsatisfied'] as const)
  if (parts.includes(decisive)) return decisive
  const open = MEND_FIRST.find((status) => parts.includes(status))
  return open ?? (parts.includes(other) ? other : 'not-applicable')
}

const tuples = (length: number): RawStatus[][] =>
  length === 0 ? [[]] : tuples(length - 1).flatMap((rest) => RAW_STATUSES.map((status) => [...rest, status]))

test.each(RAW_STATUSES)('a part is %s', (status) => {
  expect(statusOf(PART[status])).toBe(status)
})

describe.each(['all', 'any'] as const)('%s', (kind) => {
  test.each([1, 2, 3])('of %i parts, every combination of statuses', (length) => {
    const wrong = tuples(length).filter((parts) => {
      const conditions = parts.map((status) => PART[status])
      return statusOf(kind === 'all' ? { all: conditions } : { any: conditions }) !== expected(kind, parts)
    })
    expect(wrong).toEqual([])
  })
})

test('not turns what is decided round and leaves the rest as it is', () => {
  const turned = Object.fromEntries(RAW_STATUSES.map((status) => [status, statusOf({ not: PART[status] })]))
  expect(turned).toEqual({
    satisfied: 'unsatisfied',
    unsatisfied: 'satisfied',
    missing: 'missing',
    stale: 'stale',
    errored: 'errored',
    inconclusive: 'inconclusive',
    'not-applicable': 'not-applicable',
  })
})

test('De Morgan: not any is all of not, whatever the parts', () => {
  for (const parts of tuples(2)) {
    const conditions = parts.map((status) => PART[status])
    expect(statusOf({ not: { any: conditions } })).toBe(statusOf({ all: conditions.map((not) => ({ not })) }))
  }
})

test('any of nothing holds never, all of nothing does not apply', () => {
  expect(statusOf({ any: [] })).toBe('unsatisfied')
  expect(statusOf({ all: [] })).toBe('not-applicable')
})
