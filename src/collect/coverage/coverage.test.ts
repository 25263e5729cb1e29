import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Outcome } from '../text.ts'
import { countCoverage } from './count.ts'
import type { CoverageReport } from './model.ts'
import { coverageReader } from './parse.ts'

const fixture = (name: string): Uint8Array => readFileSync(new URL(`fixtures/${name}`, import.meta.url))

function read(bytes: Uint8Array, size = Math.max(1, bytes.length)): Outcome<CoverageReport> {
  const reader = coverageReader()
  for (let at = 0; at < bytes.length; at += size) reader.write(bytes.subarray(at, at + size))
  return reader.end()
}

const readText = (text: string, size?: number): Outcome<CoverageReport> => read(new TextEncoder().encode(text), size)

function report(outcome: Outcome<CoverageReport>): CoverageReport {
  if (!outcome.ok) throw new Error(`${outcome.line}:${outcome.column}: ${outcome.reason}`)
  return outcome.value
}

const shares = (outcome: Outcome<CoverageReport>, options: Parameters<typeof countCoverage>[1] = {}) => {
  const { files, lines, branches, functions } = countCoverage([report(outcome)], options)
  return {
    files,
    lines: `${lines.covered}/${lines.all}`,
    branches: `${branches.covered}/${branches.all}`,
    functions: `${functions.covered}/${functions.all}`,
  }
}

describe('formats', () => {
  test.each([
    ['node-test.info', { files: 2, lines: '7/11', branches: '3/4', functions: '1/3' }],
    ['vitest.info', { files: 2, lines: '3/5', branches: '1/4', functions: '1/3' }],
    ['vitest-cobertura.xml', { files: 2, lines: '3/5', branches: '1/4', functions: '1/3' }],
    ['gcov.info', { files: 2, lines: '3/4', branches: '1/2', functions: '1/2' }],
    ['gcov-crlf.info', { files: 2, lines: '3/4', branches: '1/2', functions: '1/2' }],
    ['coverlet.xml', { files: 1, lines: '3/4', branches: '2/2', functions: '1/2' }],
  ])('%s', (name, expected) => {
    expect(shares(read(fixture(name)))).toEqual(expected)
  })

  test('totals that differ from the lines are quoted', () => {
    expect(report(read(fixture('gcov.info'))).remarks).toEqual([
      'totals of 1 records differ from their lines (the lines count): /build/agent/work/src/queue.c says 1 of 5 and lists 1 of 2',
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
    expect(countCoverage([report(read(fixture('node-test.info')))], {}).particulars).toEqual(['src/queue.mjs: 6 of 10 lines'])
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
    ['jacoco.xml', 1, 'the root element is <report>, and <coverage> is expected'],
    ['clover.xml', 2, 'this is a Clover report, and Cobertura is expected'],
    ['negative.xml', 2, '"-4" is no count of executions'],
    ['over-100.xml', 2, 'condition-coverage="170% (17/10)" is no share of branches'],
    ['inner-doctype.xml', 1, 'a DOCTYPE is refused'],
    ['truncated.xml', 3, 'the file ends before </packages>: it is truncated'],
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
  expect([...(report.value.files.values().next().value?.branches.values() ?? [])]).toEqual([false, true])
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
        if (outcome.ok && countCoverage([outcome.value], {}).lines.covered > 0) expect(text).toMatch(/DA:1,1|hits="1"/)
      }),
      { numRuns: 3_000 },
    )
  })

  test('no bytes crash the reader', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void read(bytes)),
      { numRuns: 1_000 },
    )
  })

  test('it does not matter where the input is split', () => {
    fc.assert(
      fc.property(soup, fc.integer({ min: 1, max: 9 }), (text, size) => {
        expect(readText(text, size)).toEqual(readText(text))
      }),
      { numRuns: 2_000 },
    )
    for (const name of ['gcov-crlf.info', 'vitest-cobertura.xml', 'bad/negative.xml'])
      expect(read(fixture(name), 1)).toEqual(read(fixture(name)))
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
