import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { KINDS } from '#collect/registry.ts'
import { readDocuments } from '#core/plan/read/read.ts'
import { writeProgram } from '#core/plan/write.ts'
import { loadProgram } from '#core/program/load.ts'

/** Others wrote it, so it lies beside the repository and not in it; a clone alone has not got it. */
const FOLDER = join(import.meta.dirname, '../../../../shared/seed')
const file = existsSync(FOLDER) ? readdirSync(FOLDER).find((name) => name.endsWith('.txt')) : undefined
if (file === undefined) process.stderr.write(`\n  the plan this project began with is not at ${FOLDER}: its tests are skipped\n`)

/** What a reader finds in the plan that this project began with. */
describe.skipIf(file === undefined)('the first plan', () => {
  const text = file === undefined ? '' : readFileSync(join(FOLDER, file), 'utf8')
  const { plan, lines } = readDocuments([{ file: 'plan.md', text }])
  const at = (date: string) => {
    const found = plan.checkpoints.find((one) => one.when?.date === date)
    if (!found) throw new Error(`no checkpoint on ${date}`)
    return found
  }

  test('has its characters put right, and says so', () => {
    expect(plan.notices.map((one) => one.value).join()).toMatch(/Windows-1252: \d+ characters/)
    expect(plan.templates.some((one) => one.text.includes('📊'))).toBe(true)
    expect(JSON.stringify({ ...plan, notices: [] })).not.toMatch(/â|ðŸ/)
  })

  test('has four streams with their leads', () => {
    expect(plan.units.map(({ id, name, word, lead }) => [id, word, name, lead?.value])).toEqual([
      ['stream-a', 'stream', 'PSI Memory', 'apex'],
      ['stream-b', 'stream', 'EROFS + Fscache', 'velocity'],
      ['stream-c', 'stream', 'OpenTelemetry eBPF', 'quantum'],
      ['stream-d', 'stream', 'Seccomp Auto-generation', 'cipher'],
    ])
    expect(plan.people.filter((one) => one.roles.length > 0).map(({ id, roles }) => [id, ...roles.map((role) => role.value)])).toEqual([
      ['architect', 'architect'],
      ['apex', 'phase-lead'],
      ['scribe', 'scribe'],
    ])
  })

  test('has the checkpoints of weeks 2 to 5 and the daily syncs', () => {
    expect(
      plan.checkpoints.map(({ id, when, durationSeconds }) => [id, when?.date, when?.weekday?.value, (durationSeconds?.value ?? 0) / 60]),
    ).toEqual([
      ['week2-wednesday', '2026-02-26', 'wednesday', 30],
      ['week2-friday', '2026-02-28', 'friday', 45],
      ['week3-monday', '2026-03-03', 'monday', 15],
      ['week3-tuesday', '2026-03-04', 'tuesday', 30],
      ['week3-wednesday', '2026-03-05', 'wednesday', 20],
      ['week4-monday', '2026-03-10', 'monday', 20],
      ['week4-wednesday', '2026-03-12', 'wednesday', 30],
      ['week5-monday', '2026-03-17', 'monday', 30],
      ['week5-friday', '2026-03-21', 'friday', 45],
    ])
    expect(plan.invitations?.date).toBe('2026-02-23')
    expect(plan.syncs.map(({ days, time, durationSeconds, topics }) => [...days, time, durationSeconds, topics.length])).toEqual([
      ['thursday', '09:45', 600, 4],
      ['friday', '09:45', 600, 4],
    ])
  })

  test('has every task item under its checkpoint and stream', () => {
    const boxes = text.split('\n').flatMap((line, index) => (/^\s*- \[ \]/.test(line) ? [index + 1] : []))
    const inFences = text.split('\n').reduce<{ open: boolean; lines: number[] }>(
      (seen, line, index) => {
        if (line.startsWith('```')) seen.open = !seen.open
        else if (seen.open && /^\s*- \[ \]/.test(line)) seen.lines.push(index + 1)
        return seen
      },
      { open: false, lines: [] },
    ).lines
    expect([boxes.length - inFences.length, inFences.length]).toEqual([101, 6])
    const placed = new Map(plan.checkpoints.flatMap((one) => [...one.criteria, ...one.targets].map((each) => [each.line, one.id] as const)))
    expect(boxes.filter((line) => !placed.has(line))).toEqual([])
    expect(Object.fromEntries(plan.checkpoints.map((one) => [one.id, boxes.filter((line) => placed.get(line) === one.id).length]))).toEqual(
      {
        'week2-wednesday': 28,
        'week2-friday': 43,
        'week3-monday': 0,
        'week3-tuesday': 14,
        'week3-wednesday': 5,
        'week4-monday': 0,
        'week4-wednesday': 12,
        'week5-monday': 5,
        'week5-friday': 0,
      },
    )
    const owed = (date: string, unit: string): number =>
      at(date).targets.filter((one) => one.unit === unit).length +
      at(date).criteria.filter((one) => one.list === 'deliverables' && one.units?.includes(unit)).length
    expect(['stream-a', 'stream-b', 'stream-c', 'stream-d'].map((unit) => [owed('2026-02-26', unit), owed('2026-02-28', unit)])).toEqual([
      [4, 7],
      [5, 7],
      [5, 7],
      [5, 6],
    ])
  })

  test('has amounts of the same deliverable from one checkpoint to the next', () => {
    const amounts = (date: string): readonly string[] =>
      at(date).targets.flatMap((one) =>
        one.amount?.whole === undefined ? [] : [`${one.unit} ${one.deliverable} ${one.amount.low}/${one.amount.whole} ${one.amount.unit}`],
      )
    expect(amounts('2026-02-26')).toEqual([
      'stream-a psi-reader 150/400 lines',
      'stream-a unit-tests 8/15 tests',
      'stream-b erofs-module 250/600 lines',
      'stream-b integration-tests 10/20 tests',
      'stream-c ebpf 200/400 lines',
      'stream-c integration-tests 8/18 tests',
      'stream-d core-generation 150/250 lines',
      'stream-d unit-tests 6/12 tests',
    ])
    expect(amounts('2026-02-28')).toEqual([
      'stream-a psi-reader 350/400 lines',
      'stream-a unit-tests 15/15 tests',
      'stream-b erofs-module 580/600 lines',
      'stream-b integration-tests 20/20 tests',
      'stream-c ebpf 400/400 lines',
      'stream-c integration-tests 18/18 tests',
      'stream-d core-generation 250/250 lines',
      'stream-d unit-tests 12/12 tests',
    ])
  })

  test('has the go/no-go list with its two outcomes', () => {
    const friday = at('2026-02-28')
    expect(friday.criteria.filter((one) => one.list === 'go/no-go').map(({ metric, comparison }) => [metric, comparison])).toEqual([
      ['progress.code', { op: 'above', value: 0.95 }],
      ['progress.tests', { op: 'atLeast', value: 1 }],
      [undefined, undefined],
      ['progress.documentation', { op: 'atLeast', value: 0.9 }],
      [undefined, { op: 'atMost', value: 0 }],
      ['blockers.open', { op: 'atMost', value: 0 }],
    ])
    expect([friday.go.length, friday.noGo.length]).toEqual([2, 4])
  })

  test('has the three decision matrices with their options', () => {
    expect(
      plan.matrices.map(({ id, options, recommend, escalateTo, immediate, withinSeconds }) => [
        id,
        options.map((one) => [one.id, one.pros.length, one.cons.length]),
        recommend,
        escalateTo?.value,
        immediate.length,
        withinSeconds,
      ]),
    ).toEqual([
      [
        'behind',
        [
          ['a', 2, 1],
          ['b', 2, 1],
          ['c', 2, 1],
          ['d', 1, 1],
        ],
        ['c'],
        'apex',
        0,
        undefined,
      ],
      [
        'ahead',
        [
          ['a', 2, 1],
          ['b', 1, 1],
          ['c', 1, 1],
        ],
        ['a', 'b'],
        undefined,
        0,
        undefined,
      ],
      [
        'blocked',
        [
          ['a', 0, 0],
          ['b', 0, 0],
          ['c', 0, 0],
          ['d', 0, 0],
        ],
        [],
        undefined,
        5,
        3600,
      ],
    ])
  })

  test('has the seven rows of the escalation matrix', () => {
    expect(plan.escalations.map(({ owner, escalateTo, afterSeconds }) => [owner.value, escalateTo.value, afterSeconds])).toEqual([
      ['lead', 'apex', undefined],
      ['lead', 'apex', 7200],
      ['lead', 'velocity', undefined],
      ['cipher', 'apex', undefined],
      ['lead', 'arbitrer', undefined],
      ['scribe', 'apex', undefined],
      ['lead', 'architect', undefined],
    ])
  })

  test('has the success metrics of four checkpoints', () => {
    expect(
      plan.checkpoints.flatMap((one) => {
        const metrics = one.criteria.filter((criterion) => criterion.list === 'success')
        const confidence = metrics.find((criterion) => criterion.about === 'confidence')?.comparison
        return metrics.length === 0 ? [] : [[one.id, metrics.length, confidence]]
      }),
    ).toEqual([
      ['week2-wednesday', 4, { op: 'above', value: 0.7 }],
      ['week2-friday', 5, { op: 'above', value: 0.85 }],
      ['week3-tuesday', 5, { op: 'above', value: 0.9 }],
      ['week4-wednesday', 6, { op: 'above', value: 0.95 }],
    ])
  })

  test('has its message templates and both report forms', () => {
    expect(plan.templates.map(({ id, channel }) => [id, channel])).toEqual([
      ['checkpoint-report', 'report'],
      ['cross-stream-sync-report', 'report'],
      ['checkpoint-status', 'slack'],
      ['blocker-escalation', 'slack'],
    ])
  })

  test('has the meetings split into their parts, and where the streams meet', () => {
    expect(at('2026-02-26').agenda.map(({ seconds, each }) => [seconds / 60, each])).toEqual([
      [5, 'stream'],
      [5, undefined],
      [5, undefined],
    ])
    expect(at('2026-02-28').agenda.map(({ seconds, each }) => [seconds / 60, each])).toEqual([
      [8, 'stream'],
      [5, undefined],
      [3, undefined],
      [3, undefined],
    ])
    expect([at('2026-02-26').meetingSeconds?.value, at('2026-02-28').meetingSeconds?.value]).toEqual([900, 1200])
    expect(plan.units.flatMap((one) => one.integrationPoints.map((point) => point.with.toLowerCase()))).toEqual([
      'daemon',
      'storage',
      'daemon',
      'isolation',
    ])
    expect(plan.noDependencies).toHaveLength(1)
    expect(plan.dates?.map((one) => one.date)).toEqual(['2026-02-28', '2026-02-28'])
  })

  test('leaves little over, and lists every line of it', () => {
    expect(lines.left).toBe(plan.unplaced.length)
    expect(lines.used + lines.left).toBe(lines.read)
    expect(lines.left / lines.read).toBeLessThan(0.05)
  })

  test('becomes a program that loads, with what it could not hold in notices', () => {
    const written = writeProgram(plan, { kinds: KINDS, day: '2026-04-06', zone: 'UTC', documents: ['plan.md'] })
    const { program, problems } = loadProgram('muster.yaml', new TextEncoder().encode(written.text), KINDS)
    expect(problems).toEqual([])
    expect(program?.target).toBe('develop')
    expect(program?.checkpoints).toHaveLength(9)
    expect(program?.escalation).toHaveLength(7)
    expect(program?.policy.matrices.map(({ id, health }) => [id, ...health])).toEqual([
      ['behind', 'BEHIND'],
      ['ahead', 'AHEAD'],
      ['blocked', 'BLOCKED'],
    ])
    expect(written.text).not.toMatch(/^\s+weekday:/m)
    expect(written.notices.filter((one) => /is a \w+, not a/.test(one.value))).toHaveLength(9)
  })
})
