import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lint } from '#core/lint/lint.ts'
import { meet } from '#core/lint/ownership.ts'
import { isSlip } from '#core/lint/people.ts'
import type { Plan, PlanCheckpoint, PlanCriterion, PlanTarget, PlanUnit } from '#core/plan/model.ts'
import { WEEKDAYS } from '#core/program/model.ts'
import { addDays, weekdayOf } from '#core/schedule/time.ts'

let line = 0
const place = () => ({ file: 'plan.md', line: (line += 1), column: 1 })
const EMPTY: Plan = {
  holidays: [],
  people: [],
  units: [],
  checkpoints: [],
  syncs: [],
  matrices: [],
  escalations: [],
  templates: [],
  commands: [],
  notices: [],
  unplaced: [],
}
const unit = (id: string, more: Partial<PlanUnit> = {}): PlanUnit => ({
  ...place(),
  id,
  name: id,
  word: 'stream',
  support: [],
  reviewers: [],
  paths: [],
  deliverables: [],
  integrationPoints: [],
  dependsOn: [],
  ...more,
})
const checkpoint = (id: string, more: Partial<PlanCheckpoint> = {}): PlanCheckpoint => ({
  ...place(),
  id,
  name: id,
  agenda: [],
  attendees: [],
  criteria: [],
  targets: [],
  go: [],
  noGo: [],
  signOff: [],
  ...more,
})
const lines = (of: string, part: number, whole: number): PlanTarget => ({
  ...place(),
  unit: of,
  deliverable: 'code',
  title: 'code',
  kind: 'code',
  amount: { ...place(), text: `${part}/${whole}`, low: part, high: part, whole, unit: 'lines', sense: 'exact' },
})
const atLeast = (percent: number): PlanCriterion => ({
  ...place(),
  id: 'code',
  text: 'code',
  tier: 'critical',
  list: 'acceptance',
  about: 'code',
  unit: 'ratio',
  comparison: { op: 'atLeast', value: percent / 100 },
})
const codes = (plan: Partial<Plan>): readonly string[] => lint({ ...EMPTY, ...plan }).map((one) => one.code)

const dates = fc.integer({ min: 0, max: 20_000 }).map((days) => addDays('2000-01-01', days))

describe('weekdays', () => {
  test('a plan whose weekdays are those of its dates has no finding', () => {
    fc.assert(
      fc.property(fc.array(dates, { maxLength: 12 }), (days) => {
        const checkpoints = days.map((date, index) =>
          checkpoint(`c${index}`, { when: { ...place(), text: date, date, weekday: { ...place(), value: weekdayOf(date) } } }),
        )
        expect(codes({ checkpoints })).toEqual([])
      }),
    )
  })

  test('both ways out that a finding names end the contradiction', () => {
    fc.assert(
      fc.property(dates, fc.constantFrom(...WEEKDAYS), (date, weekday) => {
        fc.pre(weekdayOf(date) !== weekday)
        const [found] = lint({
          ...EMPTY,
          checkpoints: [checkpoint('c', { when: { ...place(), text: date, date, weekday: { ...place(), value: weekday } } })],
        })
        const [, keepDate = '', keepWeekday = ''] =
          /^write (\w+) to keep the date, or (\d{4}-\d{2}-\d{2}) to keep/.exec(found?.remedy ?? '') ?? []
        expect(keepDate.toLowerCase()).toBe(weekdayOf(date))
        expect(weekdayOf(keepWeekday)).toBe(weekday)
      }),
    )
  })
})

describe('targets and criteria', () => {
  const share = fc.integer({ min: 1, max: 100 })

  test('a target is below a criterion exactly when its share is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.nat(5000), share, (whole, some, percent) => {
        const part = Math.min(some, whole)
        const found = codes({
          units: [unit('a')],
          checkpoints: [checkpoint('c', { criteria: [atLeast(percent)], targets: [lines('a', part, whole)] })],
        })
        expect(found).toEqual(part * 100 < percent * whole ? ['target-below-criterion'] : [])
      }),
    )
  })

  test('the least target that a finding names is enough, and one less is not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5000 }), share, (whole, percent) => {
        const check = (part: number) =>
          lint({
            ...EMPTY,
            units: [unit('a')],
            checkpoints: [checkpoint('c', { criteria: [atLeast(percent)], targets: [lines('a', part, whole)] })],
          })
        const [found] = check(0)
        const least = Number(/at least ([\d,]+)/.exec(found?.remedy ?? '')?.[1]?.replaceAll(',', ''))
        expect(check(least)).toEqual([])
        expect(check(least - 1)).toHaveLength(1)
      }),
    )
  })

  test('targets that never fall, of one whole, have no finding', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100), { minLength: 1, maxLength: 8 }), (parts) => {
        const checkpoints = parts
          .toSorted((a, b) => a - b)
          .map((part, index) => checkpoint(`c${index}`, { targets: [lines('a', part, 100)] }))
        expect(codes({ units: [unit('a')], checkpoints })).toEqual([])
      }),
    )
  })
})

test('dependencies have a circle exactly when they cannot be put in an order', () => {
  const edges = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 16 })
  fc.assert(
    fc.property(edges, (pairs) => {
      const ids = Array.from({ length: 8 }, (_, index) => `u${index}`)
      const units = ids.map((id, index) =>
        unit(id, {
          name: `unit ${id}`,
          dependsOn: pairs.filter(([from]) => from === index).map(([, to]) => ({ ...place(), unit: `u${to}`, text: `u${to}` })),
        }),
      )
      const left = new Set(units)
      for (let before = -1; before !== left.size;) {
        before = left.size
        for (const one of left)
          if (!one.dependsOn.some((dependency) => [...left].some((other) => other.id === dependency.unit))) left.delete(one)
      }
      expect(codes({ units }).includes('dependency-cycle')).toBe(left.size > 0)
    }),
  )
})

test('a chain of fifty thousand units is no circle, and does not exhaust the stack', () => {
  const units = Array.from({ length: 50_000 }, (_, index) =>
    unit(`u${index}`, { name: '', dependsOn: [{ ...place(), unit: `u${index + 1}`, text: '' }] }),
  )
  expect(codes({ units })).toEqual([])
})

describe('names', () => {
  test('a slip is the same from both sides, and nothing is a slip of itself', () => {
    const name = fc.stringMatching(/^[a-z]{1,8}(?:-[a-z]{1,8})?$/)
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(isSlip(a, b)).toBe(isSlip(b, a))
        expect(isSlip(a, a)).toBe(false)
      }),
    )
  })

  test.each([
    ['arbitrer', 'arbiter', true],
    ['architcet', 'architect', true],
    ['lead-a', 'lead-b', false],
    ['agent1', 'agent2', false],
    ['martin', 'martina', false],
    ['phase-lead', 'phase-led', false],
    ['reviewer-one', 'reviewer-two', false],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(isSlip(a, b)).toBe(expected)
  })
})

describe('paths', () => {
  test.each([
    ['src/**', 'src/cache/**', true],
    ['src/', 'src/main.ts', true],
    ['./src/a.ts', 'src/a.ts', true],
    ['lib/*.ts', 'lib/z.ts', true],
    ['lib/*.ts', 'lib/x/z.ts', false],
    ['src/core/**', 'src/corelib/**', false],
    ['**/*.md', 'src/**', false],
    ['src/a*.ts', 'src/*b.ts', false],
    ['', 'src/**', false],
    ['!src/**', 'src/a.ts', false],
  ])('%s and %s meet: %s', (a, b, expected) => {
    expect([meet(a, b), meet(b, a)]).toEqual([expected, expected])
  })
})
