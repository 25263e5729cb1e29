import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Outcome } from '#collect/scan/text.ts'
import { headOf } from '#collect/scan/text.ts'
import { countAbsent, countChanged } from './changed.ts'
import { coberturaReader } from './cobertura.ts'
import type { Choice } from './count.ts'
import { countCoverage } from './count.ts'
import { formats } from './formats.ts'
import { lcovReader } from './lcov.ts'
import type { Marks } from './marks.ts'
import { eachLine, eachPair, LineList, PairList } from './marks.ts'
import type { CoverageReport } from './model.ts'
import { sourcesOf } from './sources.ts'

const fixture = (name: string): Uint8Array => readFileSync(new URL(`fixtures/${name}`, import.meta.url))

const formatOf = (bytes: Uint8Array) => formats.find(({ recognises }) => recognises(headOf('report', bytes)))

/** By its format; what is of none, as Cobertura or lcov. */
function read(bytes: Uint8Array, size = Math.max(1, bytes.length)): Outcome<CoverageReport> {
  const reader = formatOf(bytes)?.open({ files: 'report' }) ?? (bytes[0] === 0x3c ? coberturaReader() : lcovReader())
  for (let at = 0; at < bytes.length; at += size) reader.write(bytes.subarray(at, at + size))
  return reader.end()
}

const readText = (text: string, size?: number): Outcome<CoverageReport> => read(new TextEncoder().encode(text), size)

function report(outcome: Outcome<CoverageReport>): CoverageReport {
  if (!outcome.ok) throw new Error(`${outcome.line}:${outcome.column}: ${outcome.reason}`)
  return outcome.value
}

interface Options extends Choice {
  readonly root?: string
  readonly path?: string
}

const sources = (outcome: Outcome<CoverageReport>, { root = '/work', path = 'coverage/report' }: Options = {}) =>
  sourcesOf([{ path, value: report(outcome) }], root)

const shares = (outcome: Outcome<CoverageReport>, options: Options = {}) => {
  const { files, lines, branches, functions } = countCoverage(sources(outcome, options), options)
  return {
    files,
    lines: `${lines.covered}/${lines.all}`,
    branches: `${branches.covered}/${branches.all}`,
    functions: `${functions.covered}/${functions.all}`,
  }
}

const linesOf = (marks: Marks): readonly (readonly [number, boolean])[] => {
  const list: (readonly [number, boolean])[] = []
  eachLine(marks, (line, isReached) => list.push([line, isReached]))
  return list
}

const pairsOf = (marks: Marks): readonly (readonly [number, number, boolean])[] => {
  const list: (readonly [number, number, boolean])[] = []
  eachPair(marks, (first, second, isMarked) => list.push([first, second, isMarked]))
  return list
}

/** With what is packed written out. */
const plain = (outcome: Outcome<CoverageReport>) =>
  outcome.ok
    ? {
        ...outcome.value,
        files: outcome.value.files.map(({ path, lines, branches, functions }) => ({
          path,
          lines: linesOf(lines),
          branches: pairsOf(branches),
          functions: pairsOf(functions),
        })),
      }
    : outcome

describe('formats', () => {
  test.each([
    ['node-test.info', { files: 2, lines: '7/11', branches: '3/4', functions: '1/3' }],
    ['vitest.info', { files: 2, lines: '3/5', branches: '1/4', functions: '1/3' }],
    ['vitest-cobertura.xml', { files: 2, lines: '3/5', branches: '1/4', functions: '1/3' }],
    ['gcov.info', { files: 2, lines: '3/4', branches: '1/2', functions: '1/2' }],
    ['gcov-crlf.info', { files: 2, lines: '3/4', branches: '1/2', functions: '1/2' }],
    ['coverlet.xml', { files: 1, lines: '3/4', branches: '2/2', functions: '1/2' }],
    // As istanbul-lib-coverage sums them up.
    ['istanbul-v8.json', { files: 2, lines: '3/4', branches: '1/6', functions: '1/3' }],
    ['istanbul-istanbul.json', { files: 2, lines: '3/4', branches: '1/6', functions: '1/3' }],
    ['istanbul-c8.json', { files: 2, lines: '6/9', branches: '2/4', functions: '1/3' }],
    // As `istanbul cover` says.
    ['istanbul-0.json', { files: 1, lines: '5/6', branches: '3/6', functions: '1/1' }],
    ['vitest-5.info', { files: 2, lines: '3/4', branches: '1/6', functions: '1/3' }],
    // As `coverage report` says: 9 statements, 2 missed, 1 of 2 branches.
    ['coverage-py.json', { files: 2, lines: '7/9', branches: '1/2', functions: '2/3' }],
    ['coverage-py.xml', { files: 2, lines: '7/9', branches: '1/2', functions: '0/0' }],
    // An excluded function whose head was executed: 12 statements, 3 missed. The lcov of that version lists the head as well.
    ['coverage-py-6.json', { files: 1, lines: '9/12', branches: '4/6', functions: '0/0' }],
    ['coverage-py-6.info', { files: 1, lines: '10/13', branches: '4/6', functions: '0/0' }],
    // As `coverage report` says; docstrings of the module and its classes are listed as executed.
    ['coverage-py-docstrings.json', { files: 1, lines: '7/8', branches: '0/0', functions: '0/0' }],
    // As `lcov --summary` and `gcovr` say.
    ['lcov-run.info', { files: 1, lines: '10/10', branches: '15/22', functions: '4/5' }],
    ['gcovr.xml', { files: 1, lines: '10/10', branches: '15/22', functions: '0/0' }],
    ['go-count.out', { files: 1, lines: '3/8', branches: '0/0', functions: '0/0' }],
    ['go-coverpkg.out', { files: 2, lines: '8/13', branches: '0/0', functions: '0/0' }],
    ['jacoco.xml', { files: 2, lines: '3/6', branches: '1/2', functions: '2/4' }],
    // As JaCoCo's own counters say; twice, in two groups.
    ['jacoco-run.xml', { files: 2, lines: '14/18', branches: '8/22', functions: '18/22' }],
    ['jacoco-counters.xml', { files: 0, lines: '0/0', branches: '0/0', functions: '0/0' }],
  ])('%s', (name, expected) => {
    expect(shares(read(fixture(name)))).toEqual(expected)
  })

  test('each is told from its beginning, and taken for none of the others', () => {
    for (const name of readdirSync(new URL('fixtures/', import.meta.url)).filter((one) => one !== 'bad' && one !== 'readme.md')) {
      const found = formats.filter(({ recognises }) => recognises(headOf(name, fixture(name)))).map((format) => format.name)
      expect([name, found]).toEqual([name, [expect.any(String)]])
    }
    // Pester's writer puts empty brackets into the DOCTYPE.
    const pester =
      '<!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd"[]>\n<report name="Pester"><package name="a"/></report>'
    expect(formatOf(new TextEncoder().encode(pester))?.name).toBe('jacoco')
    expect(readText(pester).ok).toBe(true)
    expect(formatOf(new TextEncoder().encode('{"name": "shop", "version": "1.0.0"}'))).toBeUndefined()
  })

  test('a line of Go counts where a block with statements reaches over it; statements are said beside it', () => {
    const { files, remarks } = report(read(fixture('go-coverpkg.out')))
    expect(remarks).toEqual(['Go counts statements: 5 of 7'])
    expect(
      files.map(({ path, lines }) => [
        path,
        linesOf(lines)
          .filter(([, isReached]) => !isReached)
          .map(([line]) => line),
      ]),
    ).toEqual([
      ['example.com/queue/queue.go', [6, 7, 11, 12, 13]],
      ['example.com/queue/ring/ring.go', []],
    ])
  })

  test('totals that differ from the lines are quoted', () => {
    expect(report(read(fixture('gcov.info'))).remarks).toEqual([
      'the totals of 1 file differ from the lines listed (these count): /build/agent/work/src/queue.c says 1 of 5 and lists 1 of 2',
    ])
    expect(report(read(fixture('coverlet.xml'))).remarks).toEqual(['the report says 9 of 9 lines and lists 3 of 4 (the list counts)'])
    expect(report(read(fixture('vitest-cobertura.xml'))).remarks).toEqual([])
    expect(report(read(fixture('node-test.info'))).remarks).toEqual([])
  })

  test('functions of one name are counted one by one', () => {
    const text = 'SF:a.js\nFN:1,(anonymous)\nFN:5,(anonymous)\nFNDA:1,(anonymous)\nFNDA:0,(anonymous)\nDA:1,1\nend_of_record\n'
    expect(shares(readText(text)).functions).toBe('1/2')
  })

  test('the files with the most lines to go are named first', () => {
    expect(countCoverage(sources(read(fixture('node-test.info'))), {}).particulars).toEqual(['src/queue.mjs: 6 of 10 lines'])
  })
})

describe('paths', () => {
  test.each([
    ['absolute of another machine', 'gcov.info', { paths: ['src/**'] }, 1],
    ['absolute below the root', 'gcov.info', { paths: ['src/**'], root: '/build/agent/work' }, 1],
    ['only below the root', 'gcov.info', { paths: ['work/src/**'], root: '/build/agent/work' }, 0],
    ['backslashes', 'coverlet.xml', { paths: ['src/*.cs'] }, 1],
    ['a relative path is matched whole', 'vitest.info', { paths: ['*.mjs'] }, 0],
  ])('%s', (_, name, options, files) => {
    expect(shares(read(fixture(name)), options).files).toBe(files)
  })
})

describe('lines added against the merge base', () => {
  const lines = (from: number, to: number): readonly number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)
  const changed = (name: string, files: Readonly<Record<string, readonly number[]>>, options: Options = {}) => {
    const {
      lines: share,
      absent,
      particulars,
    } = countChanged(sources(read(fixture(name)), options), new Map(Object.entries(files)), options)
    return { share: `${share.covered}/${share.all}`, absent, particulars }
  }

  test('count where the report says that they can be covered', () => {
    expect(changed('vitest-5.info', { 'src/queue.mjs': lines(1, 4), 'src/ring.mjs': [2], 'doc/a.md': [1] })).toEqual({
      share: '2/3',
      absent: [],
      particulars: ['src/ring.mjs: 0 of 1 lines added'],
    })
    expect(changed('vitest-5.info', { 'src/queue.mjs': [1, 4, 5] }).share).toBe('0/0')
  })

  test.each([
    [
      'a path in a folder above the report',
      'vitest-5.info',
      'packages/a/src/ring.mjs',
      2,
      { path: 'packages/a/coverage/lcov.info' },
      '0/1',
    ],
    ['no path beside that', 'vitest-5.info', 'packages/b/src/other.mjs', 2, { path: 'packages/a/coverage/lcov.info' }, '0/0'],
    ['an absolute path of another machine', 'istanbul-v8.json', 'src/ring.mjs', 2, {}, '0/1'],
    ['a Go import path', 'go-coverpkg.out', 'ring/ring.go', 3, {}, '1/1'],
    ['a package of Java, by its group', 'jacoco.xml', 'web/src/main/java/org/example/queue/Queue.java', 5, {}, '0/1'],
    ['a path below a source folder', 'coverage-py.xml', 'shop/queue.py', 10, {}, '1/1'],
  ])('%s', (_, name, path, line, options, share) => {
    expect(changed(name, { [path]: [line] }, options)).toMatchObject({ share, absent: [] })
  })

  test('of two groups with the same file, the one that is named like its folder', () => {
    const core = 'core/src/main/java/org/example/queue/Queue.java'
    expect(changed('jacoco.xml', { [core]: [5], [core.replace('core', 'web')]: [5] })).toMatchObject({ share: '1/2', absent: [] })
    expect(changed('jacoco.xml', { [core.replace('core', 'lib')]: [5] })).toMatchObject({
      share: '0/1',
      absent: [core.replace('core', 'lib')],
    })
  })

  test('a file that no report holds is not reached, where one ought to', () => {
    const files = {
      'src/new.mjs': lines(1, 9),
      'src/new.test.mjs': [1],
      'tool.config.mjs': [1],
      'src/data.json': [1],
      'bench/run.mjs': [1],
    }
    expect(changed('vitest-5.info', files)).toEqual({
      share: '0/9',
      absent: ['src/new.mjs'],
      particulars: ['src/new.mjs: in no report, 9 lines added'],
    })
    expect(changed('vitest-5.info', files, { paths: ['src/**', 'bench/**'], exclude: ['src/new.mjs'] }).absent).toEqual(['bench/run.mjs'])
  })
})

describe('several reports', () => {
  const lcov = (path: string, ...lines: readonly (readonly [number, number])[]): string =>
    `SF:${path}\n${lines.map(([line, count]) => `DA:${line},${count}\n`).join('')}end_of_record\n`
  const reached = [[1, 1], [2, 1]] as const // prettier-ignore
  const missed = [[1, 1], [2, 0]] as const // prettier-ignore
  const longer = [[1, 0], [2, 0], [3, 0]] as const // prettier-ignore

  function of(reports: Readonly<Record<string, string>>, tree: readonly string[], choice: Choice = {}) {
    const read = Object.entries(reports).map(([path, text]) => ({ path, value: report(readText(text)) }))
    const all = sourcesOf(read, '/work', new Set(tree))
    const { files, lines } = countCoverage(all, choice)
    return { files, lines: `${lines.covered}/${lines.all}`, all }
  }

  const packages = ['packages/a/src/index.js', 'packages/b/src/index.js']
  const relative = {
    'packages/a/coverage/lcov.info': lcov('src/index.js', ...reached),
    'packages/b/coverage/lcov.info': lcov('./src/index.js', ...missed),
  }

  test.each<[string, Readonly<Record<string, string>>, readonly string[], Choice, object]>([
    ['of two packages with files of one name are of two files', relative, packages, {}, { files: 2, lines: '3/4' }],
    ['also where the root has one of that name', relative, [...packages, 'src/index.js'], {}, { files: 2, lines: '3/4' }],
    ['chosen as the repository has them', relative, packages, { paths: ['packages/b/**'] }, { files: 1, lines: '1/2' }],
    ['chosen as the reports have them', relative, packages, { paths: ['src/**'] }, { files: 2, lines: '3/4' }],
    [
      'of containers, where each lies in the same folder',
      {
        'packages/a/coverage/lcov.info': lcov('/app/src/index.js', ...reached),
        'packages/b/coverage/lcov.info': lcov('/app/src/index.js', ...missed),
      },
      packages,
      {},
      { files: 2, lines: '3/4' },
    ],
    [
      'that CI uploaded',
      {
        'cover-a/packages/a/coverage/lcov.info': lcov('src/index.js', ...reached),
        'cover-b/packages/b/coverage/lcov.info': lcov('src/index.js', ...missed),
      },
      packages,
      {},
      { files: 2, lines: '3/4' },
    ],
    [
      'of the parts of one run are of one file',
      { 'coverage/1/lcov.info': lcov('src/index.js', ...missed), 'coverage/2/lcov.info': lcov('src/index.js', ...reached) },
      ['src/index.js'],
      {},
      { files: 1, lines: '2/2' },
    ],
    [
      'of several machines too',
      { 'linux/lcov.info': lcov('/home/ci/src/index.js', ...missed), 'windows/lcov.info': lcov('C:\\ci\\src\\index.js', ...reached) },
      ['src/index.js'],
      {},
      { files: 1, lines: '2/2' },
    ],
    [
      'of a folder elsewhere that holds a file of the same name',
      {
        'linux/lcov.info': lcov('/home/ci/src/index.js', ...missed) + lcov('/opt/x/src/index.js', ...reached),
        'windows/lcov.info': lcov('/home/ci/src/index.js', ...missed),
      },
      ['src/index.js'],
      {},
      { files: 2, lines: '3/4' },
    ],
    [
      'of what a build made beside what the repository has',
      {
        'packages/a/coverage/lcov.info': lcov('src/index.js', ...reached) + lcov('src/more.js', ...reached) + lcov('gen/x.js', ...reached),
        'packages/b/coverage/lcov.info': lcov('src/index.js', ...reached) + lcov('src/more.js', ...reached) + lcov('gen/x.js', ...missed),
      },
      [...packages, 'packages/a/src/more.js', 'packages/b/src/more.js'],
      {},
      { files: 6, lines: '11/12' },
    ],
    [
      'of files that nobody knows are of one where they list the same lines',
      {
        'one/lcov.info': lcov('gen/x.js', ...missed),
        'two/lcov.info': lcov('gen/x.js', ...reached),
        'three/lcov.info': lcov('gen/x.js', ...longer),
      },
      [],
      {},
      { files: 2, lines: '2/5' },
    ],
  ])('%s', (_, reports, tree, choice, expected) => expect(of(reports, tree, choice)).toMatchObject(expected))

  test('files of the repository that no report holds', () => {
    const tree = [
      ...packages,
      'packages/b/src/more.js',
      'packages/b/src/more.test.js',
      'packages/c/src/index.js',
      'packages/b/a.py',
      'run.js',
    ]
    const absent = (choice: Choice) => countAbsent(of(relative, tree, choice).all, new Set(tree), choice)
    expect(absent({})).toEqual({ files: 2, first: ['packages/b/src/more.js', 'packages/c/src/index.js'] })
    expect(absent({ paths: ['packages/b/**'] })).toEqual({ files: 1, first: ['packages/b/src/more.js'] })
    expect(absent({ paths: ['**'], exclude: ['packages/**'] })).toEqual({ files: 0, first: [] })
    const read = [{ path: 'c.out', value: report(readText('mode: set\nexample.org/m/in/a.go:1.1,2.2 1 1\n')) }]
    const files = new Set(['in/a.go', 'in/b.go'])
    expect(countAbsent(sourcesOf(read, '/work', files), files, {})).toEqual({ files: 1, first: ['in/b.go'] })
    const many = new Set(Array.from({ length: 1_500 }, (_, index) => `src/${index}.js`))
    const { all } = of({ 'c.info': lcov('src/0.js', ...missed) }, [...many])
    expect(countAbsent(all, many, {})).toMatchObject({ files: 1_000, first: { length: 19 } })
  })

  test('of Java, a class of two modules is two files, and one that an aggregate lists again is not', () => {
    const jacoco = (inner: string): string => `<report name="x">${inner}</report>`
    const app = (covered: number): string =>
      `<package name="com/x"><sourcefile name="App.java"><line nr="3" mi="${1 - covered}" ci="${covered}"/></sourcefile></package>`
    const tree = ['a/src/main/java/com/x/App.java', 'b/src/main/java/com/x/App.java']
    const modules = { 'a/target/site/jacoco.xml': jacoco(app(1)), 'b/target/site/jacoco.xml': jacoco(app(0)) }
    expect(of(modules, tree)).toMatchObject({ files: 2, lines: '1/2' })
    expect(of(modules, tree, { paths: ['b/**'] })).toMatchObject({ files: 1, lines: '0/1' })
    const all = jacoco(`<group name="a">${app(1)}</group><group name="b">${app(0)}</group>`)
    expect(of({ ...modules, 'report/target/all.xml': all }, tree)).toMatchObject({ files: 2, lines: '1/2' })
    expect(of({ 'one.xml': jacoco(app(0)), 'two.xml': jacoco(app(1)) }, ['src/com/x/App.java'])).toMatchObject({ files: 1, lines: '1/1' })
  })

  test('what changed in one package is not reached by the tests of the other', () => {
    const { all } = of(relative, packages)
    expect(countChanged(all, new Map([['packages/b/src/index.js', [2]]]), {}).lines).toEqual({ covered: 0, all: 1 })
    expect(countChanged(all, new Map([['packages/c/src/index.js', [2]]]), {}).absent).toEqual(['packages/c/src/index.js'])
  })
})

describe('what cannot be read is refused with place and reason', () => {
  test.each([
    ['truncated.info', 3, 'the file ends within the record of src/a.c: it is truncated'],
    ['negative.info', 2, 'DA:1,-1: -1 is no count of executions'],
    ['nan.info', 2, 'DA:1,NaN: NaN is no count of executions'],
    ['huge.info', 2, 'DA:1,99999999999999999999: 99999999999999999999 is no count of executions'],
    ['exponent.info', 2, 'DA:1,1e400: 1e400 is no count of executions'],
    ['empty.info', 1, 'the file is empty'],
    ['not-ended.info', 3, 'SF within the record of a.c: its end_of_record is missing'],
    ['text-table.info', 1, '"All files | 100 |" is no lcov record'],
    ['outside.info', 1, 'DA outside of a record'],
    ['summary.json', 1, '"{\\"total\\"" is no lcov record'],
    ['clover.xml', 2, 'this is a Clover report, and Cobertura is expected'],
    ['negative.xml', 2, '"-4" is no count of executions'],
    ['over-100.xml', 2, 'condition-coverage="170% (17/10)" is no share of branches'],
    ['inner-doctype.xml', 1, 'a DOCTYPE is refused'],
    ['truncated.xml', 3, 'the file ends before </packages>: it is truncated'],
    ['jacoco-negative.xml', 1, 'the counters of line 1 are no counts'],
    ['jacoco-branches.xml', 1, 'line 1 has more than 1000 branches'],
    ['jacoco-truncated.xml', 1, expect.stringContaining('it is truncated')],
    ['istanbul-negative.json', 1, 'this is no count of executions'],
    ['istanbul-uncounted.json', 1, 'an entry of the statementMap has no count in s'],
    ['istanbul-truncated.json', 1, 'the file ends within a value: it is truncated'],
    ['istanbul-twice.json', 2, 'the key "/a.js" stands twice'],
    ['coverage-py-truncated.json', 37, expect.stringContaining('it is truncated')],
    ['coverage-py-line.json', 1, 'this is no line number'],
    ['coverage-py-totals.json', 1, 'this has no totals, which coverage.py writes last'],
    ['go-range.out', 3, '"example.com/a.go:5.2,3.4 1 1" is no range of lines'],
    ['go-truncated.out', 3, 'incomplete: read up to line 3: the last line does not end'],
    ['go-block.out', 2, '"example.com/a.go 1 1" is no block of a coverage profile'],
  ])('%s', (name, line, reason) => {
    expect(read(fixture(`bad/${name}`))).toMatchObject({ ok: false, line, reason })
  })

  test('every bad fixture is refused', () => {
    for (const name of readdirSync(new URL('fixtures/bad/', import.meta.url))) expect(read(fixture(`bad/${name}`)).ok).toBe(false)
  })

  test('a line without end', () => {
    expect(readText(`SF:a.c\nDA:1,${'1'.repeat(100_000)}`, 4096)).toMatchObject({
      ok: false,
      line: 2,
      reason: expect.stringContaining('longer than'),
    })
  })
})

test('a branch with a count below zero counts as not taken, and is remarked upon; a line with one is refused', () => {
  const report = readText('SF:a.c\nDA:1,1\nBRDA:1,0,0,-1\nBRDA:1,0,1,3\nend_of_record\n', 4096)
  if (!report.ok) throw new Error(report.reason)
  expect(report.value.files.flatMap(({ branches }) => pairsOf(branches)).map(([, , isTaken]) => isTaken)).toEqual([false, true])
  expect(report.value.remarks).toEqual(['1 branch has a count below zero and counts as not taken'])
  expect(readText('SF:a.c\nDA:1,-1\nend_of_record\n', 4096)).toMatchObject({ ok: false, line: 2 })
})

describe('properties', () => {
  const pieces = fc.constantFrom(
    'SF:a.c\n',
    'DA:1,1\n',
    'DA:2,0\r\n',
    'DA:1',
    'end_of_record\n',
    'BRDA:1,0,0,-\n',
    'FN:1,f\n',
    'FNDA:1,f\n',
    'TN:\n',
    '\n',
    ' ',
    '<coverage>',
    '</coverage>',
    '<class filename="a">',
    '</class>',
    '<lines>',
    '</lines>',
    '<line number="1" hits="1"/>',
    '<',
    '\u0000',
    '\ud800',
    'é',
  )
  const soup = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 14 }).map((parts) => parts.join('')),
  )

  test('no input crashes the reader, and none is covered without saying so', () => {
    fc.assert(
      fc.property(soup, (text) => {
        const outcome = readText(text)
        const isCovered = outcome.ok && countCoverage(sources(outcome), {}).lines.covered > 0
        expect(isCovered && !/DA:1,1|hits="1"/.test(text)).toBe(false)
      }),
      { numRuns: 3_000 },
    )
  })

  test('no bytes crash the reader', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(read(bytes)).toHaveProperty('ok')
      }),
      { numRuns: 1_000 },
    )
  })

  test('it does not matter where the input is split', () => {
    fc.assert(
      fc.property(soup, fc.integer({ min: 1, max: 9 }), (text, size) => {
        expect(plain(readText(text, size))).toEqual(plain(readText(text)))
      }),
      { numRuns: 2_000 },
    )
    const folders = ['', 'bad/'].flatMap((folder) =>
      readdirSync(new URL(`fixtures/${folder}`, import.meta.url)).map((name) => `${folder}${name}`),
    )
    for (const name of folders.filter((one) => /\.\w+$/.test(one))) {
      const reader = formatOf(fixture(name)) ?? (name.endsWith('.xml') ? formats[0] : formats[2])
      const bytewise = reader?.open({ files: name })
      for (const byte of fixture(name)) bytewise?.write(Uint8Array.of(byte))
      expect([name, bytewise && plain(bytewise.end())]).toEqual([name, plain(read(fixture(name)))])
    }
  })

  const record = fc
    .array(
      fc.constantFrom(
        'DA:3,1',
        'DA:1,0',
        'DA:2,12,Yc5',
        'DA:2,0',
        'BRDA:1,0,0,1',
        'BRDA:1,0,0,-',
        'BRDA:1,00,0,4',
        'BRDA:1,e0,1,0',
        'BRDA:9999999,0,1,2',
        'BRDA:2,1,99999,0',
        'FN:1,a',
        'FN:4,a',
        'FN:1,9,b',
        'FN:2,2nd',
        'FN:2,(anonymous, é)',
        'FNDA:1,a',
        'FNDA:0,a',
        'FNDA:3,b',
        'FNDA:2,2nd',
        'FNDA:1,c',
        'FNF:2',
        'LF:2',
        'LH:1',
        'BRF:1',
        'VER:x',
      ),
      { maxLength: 20 },
    )
    .map((lines) => ['TN:', 'SF:a.c', ...lines, 'end_of_record', ''].join('\n'))

  /** What is not written as all writers do is read another way: a space at the end of a line is enough. */
  test('lcov lines read from bytes and those read as text come out the same', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 3 }), (records) => {
        const text = records.join('')
        expect(plain(readText(text.replaceAll('\n', ' \n')))).toEqual(plain(readText(text)))
        expect(plain(readText(text.replaceAll('\n', '\r\n')))).toEqual(plain(readText(text)))
      }),
      { numRuns: 2_000 },
    )
  })

  const number = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 2 ** 30 - 1 }))

  test('lines packed are those added: ascending, once each, reached once is reached', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(number, fc.boolean()), { maxLength: 200 }), (added) => {
        const [list, expected] = [new LineList(), new Map<number, boolean>()]
        for (const [one, isReached] of added) {
          list.add(one, isReached)
          expected.set(one, expected.get(one) === true || isReached)
        }
        const marks = list.pack()
        expect(linesOf(marks)).toEqual([...expected].toSorted(([a], [b]) => a - b))
        expect(marks).toMatchObject({ all: expected.size, marked: [...expected.values()].filter(Boolean).length })
        expect(list.pack().all).toBe(0)
      }),
      { numRuns: 500 },
    )
  })

  test('so are pairs', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number, fc.boolean()), { maxLength: 200 }), (added) => {
        const [list, expected] = [new PairList(), new Map<string, readonly [number, number, boolean]>()]
        for (const [first, second, isMarked] of added) {
          list.add(first, second, isMarked)
          const key = `${first},${second}`
          expected.set(key, [first, second, expected.get(key)?.[2] === true || isMarked])
        }
        const marks = list.pack()
        expect(pairsOf(marks)).toEqual([...expected.values()].toSorted((a, b) => a[0] - b[0] || a[1] - b[1]))
        expect(marks).toMatchObject({ all: expected.size, marked: [...expected.values()].filter((one) => one[2]).length })
      }),
      { numRuns: 500 },
    )
  })

  const line = fc.record({ number: fc.integer({ min: 1, max: 50 }), hits: fc.integer({ min: 0, max: 9 }) })
  const written = fc.array(fc.record({ path: fc.constantFrom('a.c', 'b.c', 'd/c.c'), lines: fc.array(line, { maxLength: 12 }) }), {
    maxLength: 8,
  })

  test('lcov and Cobertura of the same lines are the same shares, whatever is repeated', () => {
    fc.assert(
      fc.property(written, (files) => {
        const lcov = files
          .map(({ path, lines }) => `SF:${path}\n${lines.map((one) => `DA:${one.number},${one.hits}\n`).join('')}end_of_record\n`)
          .join('')
        const classes = files.map(
          ({ path, lines }) =>
            `<class name="x" filename="${path}"><lines>${lines.map((one) => `<line number="${one.number}" hits="${one.hits}"/>`).join('')}</lines></class>`,
        )
        const expected = new Map<string, boolean>()
        for (const { path, lines } of files)
          for (const one of lines) expected.set(`${path}:${one.number}`, expected.get(`${path}:${one.number}`) === true || one.hits > 0)
        const share = `${[...expected.values()].filter(Boolean).length}/${expected.size}`
        expect(shares(readText(`TN:\n${lcov}`)).lines).toBe(share)
        expect(
          shares(readText(`<coverage><packages><package><classes>${classes.join('')}</classes></package></packages></coverage>`)).lines,
        ).toBe(share)
      }),
      { numRuns: 300 },
    )
  })
})
