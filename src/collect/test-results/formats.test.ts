import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AnyReport } from '#collect/report-registry.ts'
import { loadReport } from '#collect/report-registry.ts'
import type { CaseStatus, TestCase, TestReport } from './cases.ts'
import { tally } from './select.ts'
import type { Outcome } from '#collect/scan/text.ts'
import { headOf } from '#collect/scan/text.ts'

const KINDS = ['ctrf', 'go-test', 'jest', 'libtest', 'mocha', 'pytest', 'tap', 'trx'] as const
type Kind = (typeof KINDS)[number]

const reports: Readonly<Record<string, AnyReport | undefined>> = Object.fromEntries(
  await Promise.all(KINDS.map(async (kind) => [kind, await loadReport(kind)] as const)),
)

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const fixture = (kind: Kind, name: string): Uint8Array => readFileSync(new URL(`../${kind}/fixtures/${name}`, import.meta.url))
const fixtures = (kind: Kind, folder = ''): readonly string[] =>
  readdirSync(new URL(`../${kind}/fixtures/${folder}`, import.meta.url)).filter((name) => name !== 'bad' && name !== 'readme.md')

function formatOf(kind: Kind, bytes: Uint8Array) {
  const formats = reports[kind]?.formats ?? []
  return formats.find((one) => one.recognises(headOf('a', bytes))) ?? formats[0]
}

function read(kind: Kind, bytes: Uint8Array, { format = formatOf(kind, bytes), cuts = [] as readonly number[] } = {}): Outcome<TestReport> {
  const parser = format?.open({})
  let from = 0
  for (const cut of [...cuts, bytes.length]) {
    parser?.write(bytes.subarray(from, from + cut))
    from += cut
  }
  return parser?.end() as Outcome<TestReport>
}

function report(outcome: Outcome<TestReport>): TestReport {
  if (!outcome.ok) throw new Error(`${outcome.line}:${outcome.column}: ${outcome.reason}`)
  return outcome.value
}

const counts = (value: TestReport) => {
  const { total, passed, failed, errors, skipped, flaky, unlisted } = tally(value, {})
  return [total, passed, failed, errors, skipped, flaky, unlisted.failed]
}

describe('what real tools write', () => {
  // Cases, passed, failed, of those in error, skipped, flaky; failures that are no case.
  test.each<[Kind, string, readonly number[], string | undefined]>([
    [
      'ctrf',
      'jest.json',
      [6, 3, 1, 0, 2, 1, 0],
      'failed: queue.test.js > queue > queue drops oldest - Error: expect(received).toEqual(expected) // deep equality',
    ],
    ['ctrf', 'retries.json', [4, 2, 1, 0, 1, 1, 1], 'failed: queue > drops oldest - expected 2'],
    ['go-test', 'all.jsonl', [13, 7, 5, 1, 1, 1, 1], 'failed: example.org/depot/broken - build failed'],
    ['go-test', 'twice.jsonl', [2, 1, 1, 0, 0, 1, 0], 'failed, flaky: example.org/depot/store > TestSettles - store_test.go:10: not yet'],
    ['go-test', 'none.jsonl', [0, 0, 0, 0, 0, 0, 0], undefined],
    ['go-test', 'benchmark.jsonl', [0, 0, 0, 0, 0, 0, 0], undefined],
    [
      'go-test',
      'build-output.jsonl',
      [1, 1, 0, 0, 0, 0, 1],
      'failed: example.org/depot/broken - broken/broken_test.go:5:32: undefined: undefined',
    ],
    [
      'jest',
      'jest.json',
      [6, 3, 1, 0, 2, 1, 1],
      "failed: /build/src/broken.test.js - Cannot find module './nowhere.js' from 'src/broken.test.js'",
    ],
    [
      'jest',
      'jest-files.json',
      [13, 5, 6, 0, 2, 2, 2],
      'failed: /build/jest/empty.test.js - Your test suite must contain at least one test.',
    ],
    ['jest', 'vitest.json', [6, 3, 1, 0, 2, 1, 1], "failed: /build/src/broken.test.js - Cannot find module './nowhere.js'"],
    ['libtest', 'run.jsonl', [6, 4, 1, 0, 1, 0, 0], 'failed: tests::drops_oldest - assertion `left == right` failed: drops'],
    [
      'libtest',
      'merged.txt',
      [6, 4, 1, 0, 1, 0, 0],
      'failed: depot src/lib.rs > tests::drops_oldest - assertion `left == right` failed: drops',
    ],
    ['libtest', 'broken.jsonl', [0, 0, 0, 0, 0, 0, 1], 'failed: the run - cannot find value `c` in this scope'],
    ['libtest', 'broken.txt', [0, 0, 0, 0, 0, 0, 1], 'failed: the run - error[E0425]: cannot find value `c` in this scope'],
    ['libtest', 'nextest.jsonl', [2, 2, 0, 0, 0, 1, 0], 'flaky: depot::depot > tests::settles'],
    ['mocha', 'mocha.json', [15, 5, 7, 0, 3, 2, 0], 'failed, flaky: queue & <co> "q" > same name - the second'],
    [
      'pytest',
      'report-log.jsonl',
      [8, 3, 3, 2, 2, 0, 0],
      "failed: test_queue.py > TestQueue > test_drops[c[d]] - AssertionError: assert 'c[d]' == 'a::b'",
    ],
    [
      'pytest',
      'report-log-not-collected.jsonl',
      [0, 0, 0, 0, 0, 0, 1],
      "failed: test_broken.py - ModuleNotFoundError: No module named 'nowhere'",
    ],
    ['pytest', 'rerun.jsonl', [2, 1, 1, 1, 0, 1, 0], 'errored: test_queue.py > test_stops - it failed, and did not run again'],
    ['pytest', 'json-report.json', [7, 3, 2, 1, 2, 1, 1], "failed: test_broken.py - ModuleNotFoundError: No module named 'nowhere'"],
    ['tap', 'node-test.tap', [9, 4, 3, 0, 2, 0, 0], 'failed: breaks # here - broken \\x1B[31mred'],
    ['tap', 'perl.tap', [7, 2, 2, 0, 3, 0, 0], 'failed: drops oldest'],
    ['tap', 'perl-bail.tap', [1, 1, 0, 0, 0, 0, 1], 'failed: the run - Bail out! the database is down'],
    ['tap', 'perl-skip-all.tap', [1, 0, 0, 0, 1, 0, 0], 'skipped: the whole plan - no network'],
    ['tap', 'tape.tap', [4, 2, 1, 0, 1, 0, 0], 'failed: drops oldest'],
    ['tap', 'bats.tap', [3, 1, 1, 0, 1, 0, 0], 'failed: drops oldest - (in test file q.bats, line 2)'],
    ['tap', 'bats12.tap', [3, 1, 1, 0, 1, 0, 0], 'failed: drops oldest'],
    ['tap', 'mocha.tap', [15, 5, 7, 0, 3, 1, 0], 'failed: queue & <co> "q" fails \u001b[31m - Expected values to be loosely deep-equal:'],
    ['tap', 'vitest.tap', [7, 4, 1, 0, 2, 0, 0], 'failed: queue.test.mjs > queue { of <one> } > when full > refuses'],
    ['tap', 'version-14.tap', [6, 5, 0, 0, 1, 0, 0], 'skipped: queue > drops oldest - not yet'],
    ['trx', 'run.trx', [6, 2, 3, 1, 1, 0, 0], 'failed: Depot.Tests.QueueTest > DropsOldest - Failed'],
    ['trx', 'aborted.trx', [1, 1, 0, 0, 0, 0, 1], 'failed: the run - the run ended as failed'],
  ])('%s: %s', (kind, name, expected, first) => {
    const found = report(read(kind, fixture(kind, name)))
    expect(counts(found)).toEqual(expected)
    expect(tally(found, {}).particulars[0]).toBe(first)
  })

  test('each is recognised as what it is, and as nothing else', () => {
    for (const kind of KINDS) {
      for (const name of fixtures(kind)) {
        const head = headOf(name, fixture(kind, name))
        const taken = KINDS.filter((other) => reports[other]?.formats.some((format) => format.recognises(head)))
        // What cargo prints of a build that failed tells of no format.
        expect(taken, `${kind} ${name}`).toEqual(name === 'broken.txt' ? [] : [kind])
      }
    }
  })

  test('a total that is not what is listed is told', () => {
    expect(tally(report(read('ctrf', fixture('ctrf', 'retries.json'))), {}).remarks).toEqual([
      'the report says tests=5 and lists 4 (the list counts)',
    ])
    expect([...report(read('ctrf', fixture('ctrf', 'retries.json'))).commits]).toEqual(['1'.repeat(40)])
  })

  test('go: subtests are the cases, and their parent counts only for a failure of its own', () => {
    const names = [...report(read('go-test', fixture('go-test', 'all.jsonl'))).cases].map(({ name }) => name)
    expect(names).toContain('TestOrder/keeps_last')
    expect(names).not.toContain('TestOrder')
  })

  test('a report with fewer suites than test binaries that cargo built is incomplete', () => {
    const run = new TextDecoder().decode(fixture('libtest', 'run.jsonl'))
    const suites = run.split('\n').filter((line) => line.includes('"type":"suite"') || line.includes('"type": "suite"')).length / 2
    const artifact = (test: boolean, executable: string | null): string =>
      JSON.stringify({
        reason: 'compiler-artifact',
        target: { kind: ['lib'], name: 'depot' },
        profile: { opt_level: '0', test },
        filenames: [],
        executable,
        fresh: true,
      })
    const built = (binaries: number): Uint8Array =>
      bytesOf(
        [
          artifact(false, null),
          artifact(false, '/target/debug/depot'),
          ...Array<string>(binaries).fill(artifact(true, '/target/debug/deps/depot-1')),
          run,
        ].join('\n'),
      )
    expect(suites).toBeGreaterThan(1)
    expect(report(read('libtest', built(suites)))).toBeDefined()
    expect(read('libtest', built(suites + 1))).toMatchObject({
      ok: false,
      reason: expect.stringContaining(`cargo built ${suites + 1} test binaries, and ${suites} have a result`) as string,
    })
  })

  test('rust: the same name in two test binaries is two cases', () => {
    const found = [...report(read('libtest', fixture('libtest', 'run.jsonl'))).cases].filter(({ name }) => name === 'tests::adds')
    expect(found).toHaveLength(2)
  })

  test('jest counts assertions', () => {
    const found = [...report(read('jest', fixture('jest', 'jest.json'))).cases]
    expect(found.map(({ name, assertions }) => [name, assertions])).toContainEqual(['is empty', 0])
    expect(found.map(({ name, assertions }) => [name, assertions])).toContainEqual(['adds', 1])
  })
})

describe('what cannot be read is refused with place and reason', () => {
  test.each<[Kind, string, number, string]>([
    ['ctrf', 'empty.json', 1, 'the file is empty'],
    ['ctrf', 'truncated.json', 16, 'truncated'],
    ['ctrf', 'no-tests.json', 1, 'results has no tests'],
    ['ctrf', 'status.json', 1, '"status" is "ok", which is no outcome'],
    ['ctrf', 'nan.json', 1, '"NaN" is no JSON value'],
    ['go-test', 'empty.jsonl', 1, 'the file is empty'],
    ['go-test', 'truncated.jsonl', 35, 'incomplete: read up to line 35: '],
    ['go-test', 'ends-early.jsonl', 8, 'incomplete: read up to line 8: package example.org/depot/boom has no result'],
    ['go-test', 'plain.jsonl', 2, 'no line is an event of go test -json'],
    ['go-test', 'duplicate-key.jsonl', 1, 'the key "Action" stands twice'],
    ['go-test', 'action.jsonl', 1, 'the Action "flop" is not known'],
    ['go-test', 'number.jsonl', 1, '"1e400" is larger than any number that can be held'],
    ['go-test', 'libtest.jsonl', 1, 'an event has no Action'],
    ['jest', 'empty.json', 1, 'the file is empty'],
    ['jest', 'truncated.json', 1, 'truncated'],
    ['jest', 'status.json', 1, '"status" is "flop", which is no outcome'],
    ['jest', 'no-results.json', 1, 'the document has no testResults'],
    ['jest', 'duplicate-key.json', 1, 'the key "testResults" stands twice'],
    ['libtest', 'empty.jsonl', 1, 'the file is empty'],
    ['libtest', 'ends-early.jsonl', 5, 'incomplete: read up to line 5: the last suite has no result'],
    ['libtest', 'truncated.jsonl', 5, 'incomplete: read up to line 5: '],
    ['libtest', 'no-suite.jsonl', 1, 'a test stands outside of any suite'],
    ['libtest', 'plain.txt', 2, "no line is an event of Rust's test runner"],
    ['mocha', 'empty.json', 1, 'the file is empty'],
    ['mocha', 'truncated.json', 29, 'truncated'],
    ['mocha', 'no-failures.json', 1, 'the document has no failures'],
    ['mocha', 'no-title.json', 1, '"title" is not there or is no text'],
    ['mocha', 'printed.json', 1, ''],
    ['pytest', 'empty.json', 1, 'the file is empty'],
    ['pytest', 'truncated.json', 23, 'truncated'],
    ['pytest', 'summary-only.json', 1, 'the document has no tests'],
    ['pytest', 'truncated.jsonl', 8, 'incomplete: read up to line 8: '],
    ['pytest', 'ends-early.jsonl', 5, 'incomplete: read up to line 5: there is no SessionFinish'],
    ['tap', 'empty.tap', 1, 'the file is empty'],
    ['tap', 'no-plan.tap', 3, 'incomplete: read up to line 3: there is no plan'],
    ['tap', 'short.tap', 3, 'incomplete: read up to line 3: the plan says 3 tests, and 2 are there'],
    ['tap', 'cut.tap', 3, 'incomplete: read up to line 3: the last test point has no end of line'],
    ['tap', 'brace.tap', 3, 'incomplete: read up to line 3: a brace opens subtests, and none follow'],
    ['tap', 'yaml.tap', 4, 'incomplete: read up to line 4: a YAML block is not closed'],
    ['tap', 'subtest.tap', 5, 'incomplete: read up to line 5: subtests have no test point that ends them'],
    ['tap', 'html.tap', 1, 'no line is TAP: neither a plan nor a test point'],
    ['tap', 'version.tap', 1, 'TAP version 12 is not known, 13 and 14 are'],
    ['tap', 'two.tap', 3, 'a second plan: the file holds more than one document'],
    ['trx', 'empty.trx', 1, 'the file is empty'],
    ['trx', 'truncated.trx', 20, 'truncated'],
    ['trx', 'outcome.trx', 1, 'the outcome "Fine" is not known'],
    ['trx', 'junit.trx', 1, 'the root element is <testsuites>, and <TestRun> is expected'],
  ])('%s: %s', (kind, name, line, reason) => {
    expect(read(kind, fixture(kind, `bad/${name}`))).toEqual({
      ok: false,
      line,
      column: expect.any(Number),
      reason: expect.stringContaining(reason),
    })
  })

  test('every bad fixture is refused', () => {
    for (const kind of KINDS)
      for (const name of fixtures(kind, 'bad/')) expect(read(kind, fixture(kind, `bad/${name}`)).ok, `${kind} ${name}`).toBe(false)
  })

  test('a report of one format is none of another', () => {
    for (const kind of KINDS) {
      for (const other of KINDS) {
        if (other !== kind)
          for (const name of fixtures(other)) expect(read(kind, fixture(other, name)).ok, `${other} ${name} as ${kind}`).toBe(false)
      }
    }
  })
})

describe('properties', () => {
  const numRuns = Number(process.env['MUSTER_FUZZ_RUNS'] ?? 200)

  test('no bytes crash a parser', () => {
    for (const kind of KINDS) {
      const pieces = fixtures(kind).flatMap((name) => new TextDecoder().decode(fixture(kind, name)).match(/[^\s,:{}[\]<>]+|./gsu) ?? [])
      const lines = fixtures(kind).flatMap((name) => new TextDecoder().decode(fixture(kind, name)).split(/(?<=\n)/))
      const soup = fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => bytesOf(parts.join(''))),
        fc.array(fc.constantFrom(...lines), { maxLength: 30 }).map((parts) => bytesOf(parts.join(''))),
      )
      for (const format of reports[kind]?.formats ?? []) {
        fc.assert(
          fc.property(soup, (bytes) => {
            const outcome = read(kind, bytes, { format })
            if (!outcome.ok) expect(outcome.reason).not.toBe('')
          }),
          { numRuns },
        )
      }
    }
  })

  test('it does not matter where the input is split', () => {
    for (const kind of KINDS) {
      for (const name of [...fixtures(kind), ...fixtures(kind, 'bad/').map((one) => `bad/${one}`)]) {
        const bytes = fixture(kind, name)
        const whole = plain(read(kind, bytes))
        fc.assert(
          fc.property(fc.array(fc.nat({ max: 400 }), { maxLength: 20 }), (cuts) => {
            expect(plain(read(kind, bytes, { cuts, format: formatOf(kind, bytes) }))).toEqual(whole)
          }),
          { numRuns: 5 },
        )
      }
    }
  })

  /** Places where a report of several runs may end without a trace: between one and the next. */
  const between: Partial<Record<Kind, RegExp>> = {
    'go-test':
      /(?:^|\n)(?:FAIL[^\n]*|\{[^\n]*"Action":"(?:pass|fail|skip)","Package":"[^"]+","Elapsed":[\d.]+(?:,"FailedBuild":"[^"]+")?\})(?:\n(?!\{)[^\n]*)*$/,
    libtest: /"type": ?"suite",[^\n]*"event": ?"(?:ok|failed)"[^\n]*\}(?:\n(?!\{)[^\n]*)*$/,
  }

  test('a report cut anywhere is refused, or admits to as many failures', () => {
    const bad = (value: TestReport): number => {
      const { failed, unlisted } = tally(value, {})
      return failed + unlisted.failed
    }
    for (const kind of KINDS) {
      for (const name of fixtures(kind)) {
        const bytes = fixture(kind, name)
        const format = formatOf(kind, bytes)
        const whole = report(read(kind, bytes))
        const step = Math.max(1, Math.floor(bytes.length / numRuns))
        for (let length = 1; length < bytes.length; length += step) {
          const outcome = read(kind, bytes.subarray(0, length), { format })
          if (!outcome.ok) continue
          const text = new TextDecoder().decode(bytes.subarray(0, length))
          if (between[kind]?.test(text)) continue
          expect(bad(outcome.value), `${kind} ${name} cut at ${length}`).toBeGreaterThanOrEqual(bad(whole))
          expect(tally(outcome.value, {}).passed).toBeLessThanOrEqual(tally(whole, {}).passed)
        }
      }
    }
  })

  const word = fc
    .string({ unit: fc.constantFrom('a', 'b', 'Z', ' ', '#', '\\', '<', '&', '"', "'", 'ü', '😀', '.', '-'), minLength: 1, maxLength: 8 })
    .map((text) => `x${text.replaceAll('\\', '\\\\')}y`)
  const written = fc.uniqueArray(fc.record({ suite: word, name: word, status: fc.constantFrom('passed', 'failed', 'skipped' as const) }), {
    minLength: 1,
    maxLength: 20,
    selector: ({ suite, name }) => `${suite}\0${name}`,
  })

  test.each(KINDS)('%s: what was written is read: no case is lost, none is made up', (kind) => {
    fc.assert(
      fc.property(written, (cases) => {
        const found = report(read(kind, bytesOf(WRITERS[kind](cases))))
        const shape = (suite: string, name: string, status: CaseStatus) => `${suite} | ${name} | ${status}`
        const suite = (one: TestCase) => found.suites[one.suite]?.name ?? ''
        expect([...found.cases].map((one) => shape(suite(one), one.name, one.status)).toSorted()).toEqual(
          cases.map((one) => shape(one.suite, one.name, one.status)).toSorted(),
        )
      }),
      { numRuns },
    )
  })
})

interface Written {
  readonly suite: string
  readonly name: string
  readonly status: 'passed' | 'failed' | 'skipped'
}

const lines = (values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('')
const bySuite = (cases: readonly Written[]): readonly (readonly [string, readonly Written[]])[] => [
  ...Map.groupBy(cases, ({ suite }) => suite),
]
const xml = (text: string): string => text.replace(/[<&"]/g, (character) => `&#${character.codePointAt(0)};`)
const tap = (text: string): string => text.replace(/[\\#]/g, '\\$&')

const WRITERS: Readonly<Record<Kind, (cases: readonly Written[]) => string>> = {
  ctrf: (cases) =>
    JSON.stringify({
      results: { summary: { tests: cases.length }, tests: cases.map(({ suite, name, status }) => ({ name, status, suite: [suite] })) },
    }),
  jest: (cases) =>
    JSON.stringify({
      testResults: cases.map(({ suite, name, status }) => ({
        name: 'a.test.ts',
        assertionResults: [{ ancestorTitles: [suite], title: name, status }],
      })),
    }),
  'go-test': (cases) =>
    lines(
      bySuite(cases).flatMap(([Package, own]) => [
        ...own.map(({ name }) => ({ Action: 'run', Package, Test: name })),
        ...own.map(({ name, status }) => ({ Action: { passed: 'pass', failed: 'fail', skipped: 'skip' }[status], Package, Test: name })),
        { Action: own.some(({ status }) => status === 'failed') ? 'fail' : 'pass', Package },
      ]),
    ),
  libtest: (cases) =>
    lines([
      { type: 'suite', event: 'started', test_count: cases.length },
      ...cases.map(({ suite, name, status }) => ({
        type: 'test',
        name: `${suite}$${name}`,
        event: { passed: 'ok', failed: 'failed', skipped: 'ignored' }[status],
      })),
      { type: 'suite', event: cases.some(({ status }) => status === 'failed') ? 'failed' : 'ok' },
    ]),
  mocha: (cases) => {
    const list = (wanted: Written['status']) =>
      cases.filter(({ status }) => status === wanted).map(({ suite, name }) => ({ title: name, fullTitle: `${suite} ${name}` }))
    return JSON.stringify({ stats: { passes: 0 }, passes: list('passed'), failures: list('failed'), pending: list('skipped') })
  },
  pytest: (cases) =>
    lines([
      { pytest_version: '9.1.1', $report_type: 'SessionStart' },
      ...cases.flatMap(({ suite, name, status }) => [
        { nodeid: `${suite}::${name}`, when: 'call', outcome: status, $report_type: 'TestReport' },
        { nodeid: `${suite}::${name}`, when: 'teardown', outcome: 'passed', $report_type: 'TestReport' },
      ]),
      { exitstatus: 0, $report_type: 'SessionFinish' },
    ]),
  tap: (cases) =>
    `TAP version 14\n${bySuite(cases)
      .map(([suite, own], index) => {
        const points = own.map(
          ({ name, status }, at) =>
            `    ${status === 'failed' ? 'not ok' : 'ok'} ${at + 1} - ${tap(name)}${status === 'skipped' ? ' # SKIP' : ''}\n`,
        )
        return `# Subtest: ${tap(suite)}\n${points.join('')}    1..${own.length}\n${own.some(({ status }) => status === 'failed') ? 'not ok' : 'ok'} ${index + 1} - ${tap(suite)}\n`
      })
      .join('')}1..${bySuite(cases).length}\n`,
  trx: (cases) => {
    const outcome = { passed: 'Passed', failed: 'Failed', skipped: 'NotExecuted' }
    const results = cases.map(
      ({ name, status }, id) => `<UnitTestResult testId="${id}" testName="${xml(name)}" outcome="${outcome[status]}"/>`,
    )
    const definitions = cases.map(({ suite }, id) => `<UnitTest id="${id}"><TestMethod className="${xml(suite)}"/></UnitTest>`)
    return `<TestRun><Results>${results.join('')}</Results><TestDefinitions>${definitions.join('')}</TestDefinitions></TestRun>`
  },
}

/** Sets and maps as lists, so that two outcomes can be compared. */
const plain = (outcome: Outcome<TestReport>): unknown =>
  JSON.parse(JSON.stringify(outcome, (_, value: unknown) => (isIterable(value) ? [...value] : value)))

const isIterable = (value: unknown): value is Iterable<unknown> => typeof value === 'object' && value !== null && Symbol.iterator in value
