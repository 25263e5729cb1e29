import { describe, expect, test } from 'vitest'
import type { Evidence } from '#core/evidence/evidence.ts'
import type { Program } from '#core/program/model.ts'
import { Ledger, programWith } from './story.ts'

const program: Program = programWith({
  calendar: { zone: 'Europe/Berlin', holidays: ['2026-04-06'] },
  schedule: { remind: [], stall: 2 },
  checkpoints: { end: { name: 'End', at: '2026-04-30 16:00' } },
})

const passed = (value: number | undefined, extra: Partial<Evidence> = {}): Evidence => ({
  subject: 'stream:a',
  metric: 'tests.passed',
  status: value === undefined ? 'missing' : 'observed',
  unit: 'tests',
  ...(value !== undefined && { value }),
  provenance: 'measured',
  observedAt: '2026-04-01T08:00:00Z',
  source: 'a report',
  ...extra,
})

/** Evidence as it came in, `MM-DD HH:MM` in UTC; then when a standstill was told, and of which stream, at the last of the looks. */
function toldIn(program: Program, seen: Readonly<Record<string, readonly Evidence[]>>, ...looks: readonly string[]): readonly string[] {
  const ledger = new Ledger()
  const instant = (text: string): string => `2026-${text.replace(' ', 'T')}:00Z`
  ledger.add(instant('04-01 07:00'), 'muster', { type: 'program', body: { digest: 'p', program } })
  const all = [...Object.keys(seen), ...looks].toSorted()
  return all.flatMap((at) => {
    const evidence = seen[at]
    if (evidence) ledger.add(instant(at), 'muster', { type: 'evidence', body: { digest: 'e', snapshot: { subjects: {}, evidence } } })
    return ledger
      .perform(program, instant(at))
      .flatMap((one) => (one.kind === 'stall' ? [`${at}: ${one.stream}, ${one.people.join(' and ')}`] : []))
  })
}

const told = toldIn.bind(undefined, program)

describe('a stream is stalled when evidence shows no progress for two work days', () => {
  test('over a weekend and a holiday, told once, again after it moved and stood still anew', () => {
    const seen = {
      '04-01 08:00': [passed(3)],
      // Thursday: it moved. Friday, then Tuesday after Easter Monday are the two work days.
      '04-02 08:00': [passed(5)],
      '04-06 09:00': [passed(5)],
      '04-07 07:59': [passed(5)],
      '04-07 08:01': [passed(5)],
      '04-08 08:00': [passed(4)],
      '04-09 08:00': [passed(6)],
      '04-13 08:00': [passed(6)],
    }
    expect(told(seen, '04-14 08:00')).toEqual(['04-07 08:01: a, ann and eve', '04-13 08:00: a, ann and eve'])
  })

  test('silence is no standstill: without evidence at its end nothing is said, however late', () => {
    expect(told({ '04-01 08:00': [passed(3)], '04-02 08:00': [passed(3)] }, '04-20 08:00')).toEqual([])
    expect(told({ '04-01 08:00': [passed(3)], '04-20 08:00': [passed(undefined)] }, '04-20 09:00')).toEqual([])
    expect(told({ '04-01 08:00': [passed(3)], '04-20 08:00': [passed(3, { provenance: 'claimed' })] }, '04-20 09:00')).toEqual([])
  })

  test('what falls and comes back has not moved; what is whole or merged stands still by right', () => {
    const until = { '04-03 08:00': [passed(1)], '04-04 08:00': [passed(3)] }
    expect(told({ '04-01 08:00': [passed(3)], ...until }, '04-05 08:00')).toEqual(['04-03 08:00: a, ann and eve'])
    expect(told({ '04-01 08:00': [passed(15)], '04-20 08:00': [passed(15)] })).toEqual([])
    const merged = passed(undefined, { metric: 'git.merged', status: 'observed', unit: 'boolean', value: true })
    expect(told({ '04-01 08:00': [passed(3)], '04-20 08:00': [passed(3), merged] })).toEqual([])
  })

  test('what gets better by getting less is whole at its bound, and not above it', () => {
    const metric = { metric: 'tests.failed' }
    const fewer = programWith({
      schedule: { remind: [], stall: 2 },
      streams: {
        a: {
          name: 'A',
          lead: 'ann',
          branch: 'feature/a',
          deliverables: { red: { title: 'Red tests', kind: 'tests', measure: 'tests.failed', full: '2 tests' } },
        },
      },
      checkpoints: { end: { name: 'End', at: '2026-04-30 16:00' } },
    })
    const at = (value: number) => toldIn(fewer, { '04-01 08:00': [passed(value, metric)], '04-20 08:00': [passed(value, metric)] })
    expect(at(3)).toEqual(['04-20 08:00: a, ann and eve'])
    expect(at(2)).toEqual([])
  })

  test('not once the last checkpoint is over', () => {
    expect(told({ '04-29 08:00': [passed(3)], '05-20 08:00': [passed(3)] })).toEqual([])
  })
})
