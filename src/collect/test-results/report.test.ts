import { describe, expect, test } from 'vitest'
import type { CollectorKind, Fact } from '#core/evidence/collector.ts'
import type { NewCase } from './builder.ts'
import { TestReportBuilder } from './builder.ts'
import type { TestReport } from './cases.ts'
import type { TestOptions } from './kind.ts'
import { testKind, testMetrics, testOptions } from './kind.ts'
import { testReport } from './report.ts'

const report = testReport(testKind('example', 'Example') satisfies CollectorKind, [])

type Entry = NewCase & { readonly suite?: string }

function reportOf(cases: readonly Entry[], troubles: Readonly<Record<string, string>> = {}): TestReport {
  const builder = new TestReportBuilder()
  for (const { suite, ...one } of cases) builder.add(builder.suites(suite === undefined ? [] : [suite]), one)
  for (const [suite, trouble] of Object.entries(troubles)) builder.fail(builder.suite(suite), trouble)
  return builder.end()
}

interface Situation {
  readonly files: readonly TestReport[]
  /** Whether each file lies in a folder of its own. */
  readonly apart?: boolean
  readonly base?: readonly TestReport[]
  readonly options?: Partial<TestOptions>
  readonly exitCode?: number
  readonly failedRuns?: string
  readonly shrunk?: readonly string[]
}

function facts({ files, base, options = {}, exitCode, failedRuns, shrunk, apart = false }: Situation): Readonly<Record<string, Fact>> {
  const parsed = testOptions.parse({ files: 'a', ...(base && { base: { files: 'a' } }), ...options })
  const found = (list: readonly TestReport[]) => list.map((value, index) => ({ path: apart ? `${index}/r.xml` : `r/${index}.xml`, value }))
  const summary = report.summarise(found(files), parsed, { root: '/build', ...(shrunk && { shrunk }) }, base && found(base))
  const cloned = structuredClone(summary)
  const about = {
    common: { source: 'r' },
    remarks: [],
    seed: 1,
    ...(exitCode !== undefined && { exitCode }),
    ...(failedRuns !== undefined && { failedRuns }),
  }
  return Object.fromEntries(report.facts(cloned, parsed, about).map((fact) => [fact.name, fact]))
}

const values = (found: Readonly<Record<string, Fact>>) =>
  Object.fromEntries(Object.values(found).map(({ name, value, status }) => [name, value ?? status]))

const passed = (name: string, more: Partial<Entry> = {}): Entry => ({ suite: 'queue', name, status: 'passed', ...more })
const failed = (name: string, more: Partial<Entry> = {}): Entry => passed(name, { status: 'failed', ...more })
const skipped = (name: string, more: Partial<Entry> = {}): Entry => passed(name, { status: 'skipped', ...more })

describe('several files', () => {
  test('a case that stands in two files is one, with its worst outcome, and flaky', () => {
    const found = facts({ files: [reportOf([failed('adds', { message: 'wrong' }), passed('drops')]), reportOf([passed('adds')])] })
    expect(values(found)).toMatchObject({ total: 2, passed: 1, failed: 1, flaky: 1 })
    expect(found['failed']?.details).toEqual(['failed, flaky: queue > adds - wrong'])
    expect(found['total']?.reason).toBe(
      '1 entry repeats a case and adds nothing but the worse outcome; 1 of them across report files (modules whose tests have the same names need a folder each)',
    )
  })

  test('cases of the same names in report files of different folders are of different modules', () => {
    const [one, other] = [reportOf([passed('adds'), failed('drops')]), reportOf([passed('adds'), passed('drops')])]
    const found = facts({ files: [one, other], base: [one, one], apart: true })
    expect(values(found)).toMatchObject({ total: 4, passed: 3, failed: 1, flaky: 0, removed: 0, added: 0, 'failing.still': 1 })
    const without = facts({ files: [one, reportOf([passed('adds')])], base: [one, other], apart: true })
    expect(values(without)).toMatchObject({ total: 3, removed: 1, added: 0 })
    expect(without['removed']?.details).toEqual(['1 > queue > drops'])
    expect(values(facts({ files: [one, other, other], base: [one, other], apart: true }))).toMatchObject({ total: 6, removed: 0, added: 2 })
  })

  test('cases that say nothing of where they belong are of their files', () => {
    const found = facts({ files: [reportOf([{ name: 'works', status: 'passed' }]), reportOf([{ name: 'works', status: 'passed' }])] })
    expect(values(found)).toMatchObject({ total: 2, passed: 2, flaky: 0 })
  })

  test('cases of the same name in other suites, classes or files are others', () => {
    const found = facts({
      files: [
        reportOf([passed('a'), passed('a', { suite: 'daemon' })]),
        reportOf([passed('a', { classname: 'C' }), passed('a', { file: 'f.ts' })]),
      ],
    })
    expect(values(found)).toMatchObject({ total: 4, passed: 4 })
  })
})

describe('expected suites', () => {
  const files = [reportOf([passed('a'), passed('b', { suite: 'daemon', file: '/build/work/src/daemon.test.ts' })])]

  test('all there, by name, by glob, by file, by report', () => {
    expect(values(facts({ files, options: { expect: ['queue', 'dae*', 'src/*.test.ts', 'r/0.xml'] } }))).toMatchObject({
      total: 2,
      ratio: 1,
    })
  })

  test('a suite without a result leaves every fact missing, with its name', () => {
    const found = facts({ files, base: files, options: { expect: ['queue', 'psi', 'net/*'] } })
    expect(Object.values(found).map(({ status }) => status)).toEqual(Object.keys(testMetrics).map(() => 'missing'))
    expect(found['failed']?.reason).toBe('no result of psi, net/*; the others: 2 test cases, 0 failed')
  })

  test('a suite that failed to load has a result', () => {
    const found = facts({ files: [reportOf([passed('a')], { psi: 'did not compile' })], options: { expect: ['psi'] } })
    expect(found['failed']).toMatchObject({ value: 1, details: ['failed: psi - did not compile'] })
  })

  test('a suite whose cases are not selected has none', () => {
    expect(values(facts({ files, options: { expect: ['daemon'], cases: 'a' } }))).toMatchObject({ total: 'missing' })
  })
})

describe('against the base', () => {
  test('nothing is said of it unless the source has one', () => {
    expect(Object.keys(facts({ files: [reportOf([passed('a')])] }))).toEqual([
      'total',
      'passed',
      'failed',
      'errors',
      'ratio',
      'skipped',
      'flaky',
      'seconds',
    ])
  })

  test('added, removed, newly skipped, failing still and newly', () => {
    const found = facts({
      base: [
        reportOf([
          passed('stays'),
          passed('goes'),
          passed('is skipped'),
          skipped('was skipped'),
          failed('fails'),
          passed('breaks'),
          failed('mended'),
        ]),
      ],
      files: [
        reportOf([
          passed('stays'),
          passed('comes'),
          skipped('is skipped'),
          skipped('was skipped'),
          failed('fails'),
          failed('breaks'),
          failed('fails from the start'),
          passed('mended'),
        ]),
      ],
    })
    expect(values(found)).toMatchObject({ added: 2, removed: 1, 'skipped.new': 1, emptied: 0, 'failing.still': 1, 'failing.new': 2 })
    expect(found['added']?.details).toEqual(['queue > comes', 'queue > fails from the start'])
    expect(found['removed']?.details).toEqual(['queue > goes'])
    expect(found['skipped.new']?.details).toEqual(['queue > is skipped'])
    expect(found['failing.new']?.details).toEqual(['queue > breaks', 'queue > fails from the start'])
  })

  test('emptied: no assertion where there were some; the count is believed before the time', () => {
    const found = facts({
      base: [reportOf([passed('a', { assertions: 2 }), passed('b', { assertions: 0 }), passed('c', { assertions: 1, seconds: 1 })])],
      files: [reportOf([passed('a', { assertions: 0 }), passed('b', { assertions: 0 }), passed('c', { assertions: 1, seconds: 0 })])],
    })
    expect(found['emptied']).toMatchObject({ value: 1, details: ['queue > a'] })
    expect(found['emptied']).not.toHaveProperty('reason')
  })

  test('emptied: no time where there was some, with a caution; noise is no sign, nor is time where no test lost a line', () => {
    const situation = {
      base: [reportOf([passed('a', { seconds: 0.5 }), passed('b', { seconds: 0.08 }), passed('c')])],
      files: [reportOf([passed('a', { seconds: 0 }), passed('b', { seconds: 0 }), passed('c', { seconds: 0 })])],
    }
    const found = facts(situation)
    expect(found['emptied']).toMatchObject({
      value: 1,
      details: ['queue > a'],
      reason: '1 by time alone: none now, some in the base; the report counts no assertions',
    })
    expect(facts({ ...situation, shrunk: ['src/queue.ts', 'test/queue.test.ts'] })['emptied']?.value).toBe(1)
    expect(facts({ ...situation, shrunk: ['src/queue.ts'] })['emptied']?.value).toBe(0)
    // A test by no name that tests go by, but by that of the report.
    const check = passed('a', { file: '/build/checks/queue.ts' })
    const ofFile = { base: [reportOf([{ ...check, seconds: 0.5 }])], files: [reportOf([{ ...check, seconds: 0 }])] }
    expect(facts({ ...ofFile, shrunk: ['checks/queue.ts'] })['emptied']?.value).toBe(1)
  })

  test('paths of two checkouts are the same file', () => {
    const of = (root: string, ...names: readonly string[]) =>
      reportOf(names.map((name) => ({ name, file: `${root}/src/${name}.test.ts`, status: 'passed' })))
    const found = facts({ base: [of('/tmp/run-1/x', 'a', 'b', 'gone')], files: [of('/tmp/run-22/checkout', 'a', 'b', 'new')] })
    expect(values(found)).toMatchObject({ added: 1, removed: 1 })
  })

  test('a suite that failed as a whole is new, unless the base had one', () => {
    const fine = reportOf([passed('a')])
    const broken = reportOf([passed('a')], { psi: 'did not compile' })
    expect(values(facts({ base: [fine], files: [broken] }))).toMatchObject({ 'failing.new': 1, 'failing.still': 0 })
    expect(values(facts({ base: [broken], files: [broken] }))).toMatchObject({ 'failing.new': 0, 'failing.still': 1 })
  })

  test('a base that was not read, or is empty, is no base', () => {
    expect(facts({ files: [reportOf([passed('a')])], options: { base: { files: 'x' } } })['removed']).toMatchObject({
      status: 'missing',
      reason: 'no report of the target branch was read',
    })
    expect(facts({ files: [reportOf([passed('a')])], base: [reportOf([])] })['removed']).toMatchObject({ status: 'missing' })
  })
})

test('a report without cases is missing, and one with nothing but a failure has failed', () => {
  expect(values(facts({ files: [reportOf([])] }))).toMatchObject({ failed: 'missing', total: 'missing' })
  expect(values(facts({ files: [reportOf([], { psi: 'did not compile' })] }))).toMatchObject({ total: 0, failed: 1, ratio: 0 })
})

test('runs of CI that failed, with reports that show no failure, are inconclusive: a part may have crashed', () => {
  const failedRuns = 'build #34 (failure, on push)'
  expect(facts({ files: [reportOf([passed('a')])], failedRuns })['ratio']).toMatchObject({
    status: 'inconclusive',
    reason: `CI did not end well, and its reports show no failed case: ${failedRuns}`,
  })
  expect(values(facts({ files: [reportOf([passed('a'), failed('b')])], failedRuns }))).toMatchObject({ failed: 1, ratio: 0.5 })
})

test('a command that failed, with a report that shows no failure, is inconclusive', () => {
  const found = facts({ files: [reportOf([passed('a')])], base: [reportOf([passed('a')])], exitCode: 1 })
  expect(values(found)).toMatchObject({
    total: 1,
    failed: 'inconclusive',
    ratio: 'inconclusive',
    'failing.new': 'inconclusive',
    removed: 0,
  })
})
