import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Fact } from '#core/evidence/collector.ts'
import type { Outcome } from '#collect/scan/text.ts'
import { options } from './kind.ts'
import type { SarifFile } from './parse.ts'
import { sarifReader } from './parse.ts'
import { report } from './report.ts'

const FIXTURES = new URL('fixtures/', import.meta.url)
const bytesOf = (name: string): Uint8Array => readFileSync(new URL(name, FIXTURES))
const good = readdirSync(FIXTURES).filter((name) => name.endsWith('.sarif'))

function read(bytes: Uint8Array, size = Math.max(1, bytes.length)): Outcome<SarifFile> {
  const parser = sarifReader()
  for (let at = 0; at < bytes.length; at += size) parser.write(bytes.subarray(at, at + size))
  return parser.end()
}

const readText = (text: string, size?: number): Outcome<SarifFile> => read(new TextEncoder().encode(text), size)

function parsed(bytes: Uint8Array): SarifFile {
  const outcome = read(bytes)
  if (!outcome.ok) throw new Error(outcome.reason)
  return outcome.value
}

interface Asked {
  readonly base?: readonly SarifFile[]
  readonly options?: Readonly<Record<string, unknown>>
  readonly root?: string
  readonly baseRoot?: string
}

function factsOf(
  files: readonly SarifFile[],
  { base, options: more = {}, root = '/home/lead-a/queue', baseRoot = root }: Asked = {},
): Readonly<Record<string, Fact>> {
  const asked = options.parse({ files: '*', ...(base && { base: { files: '*' } }), ...more })
  const all = (list: readonly SarifFile[]) => list.map((value, index) => ({ path: `${index}.sarif`, value }))
  const summary = report.summarise(all(files), asked, { root, baseRoot }, base && all(base))
  return Object.fromEntries(
    report.facts(summary, asked, { common: { source: 'x' }, remarks: [], seed: 1 }).map((fact) => [fact.name, fact]),
  )
}

const values = (facts: Readonly<Record<string, Fact>>) =>
  Object.fromEntries(Object.entries(facts).map(([name, { status, value }]) => [name, value ?? status]))
const of = (...names: readonly string[]) => names.map((name) => parsed(bytesOf(name)))

const edited = (name: string, from: string, to: string): SarifFile =>
  parsed(new TextEncoder().encode(new TextDecoder().decode(bytesOf(name)).replaceAll(from, to)))

describe('results by level', () => {
  test('two tools: levels of rules and extensions, suppressions, kinds', () => {
    const facts = factsOf(of('two-tools.sarif'))
    expect(values(facts)).toEqual({
      errors: 2,
      warnings: 2,
      notes: 1,
      suppressed: 1,
      new: 'missing',
      'errors.new': 'missing',
      'suppressed.new': 'missing',
    })
    expect(facts['errors']).toMatchObject({
      reason: "1 results ask for a person's review and are not counted",
      details: [
        'error js/sql-injection src/query.js:12 User input reaches a query.',
        'error js/sql-injection src/query.js:44 Rejected suppression.',
        'warning js/slow src/loop.js:7 Slow.',
        'warning About nothing in particular.',
        "note js/unused src/a b.js:3 The variable 'x' is unused.",
      ],
    })
  })

  test('ruff and oxlint, together; a file without results is zero', () => {
    expect(values(factsOf(of('ruff-base.sarif', 'oxlint-base.sarif')))).toMatchObject({ errors: 5, warnings: 4, notes: 0 })
    expect(factsOf(of('ruff-base.sarif'))['errors']?.details?.[0]).toBe('error F401 src/queue.py:1 `os` imported but unused')
    expect(values(factsOf(of('oxlint-clean.sarif')))).toMatchObject({ errors: 0, warnings: 0, notes: 0 })
  })

  test('a tool that should have run and did not is missing, not zero', () => {
    const facts = factsOf(of('oxlint-clean.sarif'), { options: { expect: ['oxlint', 'ru*'] } })
    for (const fact of Object.values(facts)) expect(fact).toMatchObject({ status: 'missing', reason: 'no run of ru*' })
  })
})

describe('new against the base', () => {
  test('lines that moved are not new; what came is', () => {
    const facts = factsOf(of('ruff-head.sarif', 'oxlint-head.sarif'), { base: of('ruff-base.sarif', 'oxlint-base.sarif') })
    expect(values(facts)).toMatchObject({ new: 2, 'errors.new': 2, 'suppressed.new': 0 })
    expect(facts['new']?.details).toEqual([
      'error F841 src/queue.py:22 Local variable `y` is assigned to but never used',
      expect.stringMatching(/^error E722 src\/queue\.py:\d+ /),
    ])
    expect(values(factsOf(of('ruff-base.sarif'), { base: of('ruff-head.sarif') }))).toMatchObject({ new: 0 })
  })

  test('checkouts in two folders are the same files', () => {
    const elsewhere = edited('ruff-base.sarif', 'file:///home/lead-a/queue/', 'file:///var/checkouts/7/')
    expect(values(factsOf(of('ruff-base.sarif'), { base: [elsewhere], baseRoot: '/var/checkouts/7' }))).toMatchObject({ new: 0 })
    expect(values(factsOf(of('ruff-base.sarif'), { base: [elsewhere] }))).toMatchObject({ new: 5 })
  })

  test('by fingerprint, by code with its spaces evened out, in the same file', () => {
    const base = of('two-tools.sarif')
    const again = (from: string, to: string) => values(factsOf([edited('two-tools.sarif', from, to)], { base }))['new']
    expect(again('"startLine": 12', '"startLine": 99')).toBe(0)
    expect(again('"primaryLocationStartColumnFingerprint": "4"', '"primaryLocationStartColumnFingerprint": "9"')).toBe(0)
    expect(again('39fa2ee980eb94b0:1', 'ffffffffffffffff:1')).toBe(1)
    expect(again('  let  x =\\t1', 'let x = 1')).toBe(0)
    expect(again('let  x', 'let  y')).toBe(1)
    expect(again('src/loop.js', 'src/other.js')).toBe(1)
  })

  test('one more of the same is one new', () => {
    const [one] = of('oxlint-base.sarif')
    if (!one) throw new Error('no file')
    const [first] = one.results
    const twice = { ...one, results: [...one.results, ...(first ? [first] : [])] }
    expect(values(factsOf([twice], { base: [one] }))['new']).toBe(1)
  })

  test('hiding a result is shown, and showing it again is no new one', () => {
    const [shown] = of('two-tools.sarif')
    const hidden = edited('two-tools.sarif', '"status": "rejected"', '"status": "accepted"')
    if (!shown) throw new Error('no file')
    expect(values(factsOf([hidden], { base: [shown] }))).toMatchObject({ new: 0, suppressed: 2, 'suppressed.new': 1 })
    expect(values(factsOf([shown], { base: [hidden] }))).toMatchObject({ new: 0, 'suppressed.new': 0 })
  })

  test('a tool that ran on the target branch alone leaves it open', () => {
    const facts = factsOf(of('oxlint-base.sarif'), { base: of('oxlint-base.sarif', 'ruff-base.sarif') })
    expect(facts['new']).toMatchObject({ status: 'missing', reason: 'ruff ran on the target branch and not here' })
    expect(facts['warnings']?.value).toBe(4)
  })

  test('a base that was asked for and is not there is missing', () => {
    expect(factsOf(of('oxlint-base.sarif'), { options: { base: { files: '*' } } })['new']).toMatchObject({
      status: 'missing',
      reason: 'there is no report of the target branch',
    })
  })
})

describe('real runs', () => {
  test('a document whose version comes last is told as SARIF too', () => {
    const { formats } = report
    expect(formats[0]?.recognises({ path: 'a.json', text: '{\n  "runs": [\n    {\n      "invocations": [],' })).toBe(true)
  })

  test('ESLint: what it counts itself, and what a comment in the file suppresses', () => {
    expect(values(factsOf(of('eslint.sarif')))).toMatchObject({ errors: 4, warnings: 1, notes: 0, suppressed: 1 })
  })

  test('Flawfinder: a taxonomy in another file takes nothing away', () => {
    expect(values(factsOf(of('flawfinder.sarif')))).toMatchObject({ errors: 3, warnings: 0, notes: 1 })
  })
})

describe('what is no proof is refused with place and reason', () => {
  test.each([
    ['no-runs', 3, 'there is no run: nothing was analysed'],
    ['no-tool', 4, 'a run has no tool'],
    ['no-name', 6, 'a tool has no name'],
    ['empty-name', 6, 'a tool has an empty name'],
    ['failed', 12, 'T: the run failed: out of memory'],
    ['failed-second', 23, 'T: the run failed'],
    ['unsaid', 11, 'T: an invocation does not say that it succeeded'],
    ['no-results', 4, 'T: the run has no results, so it did not look (an empty list would say it found none)'],
    ['null-results', 4, 'T: the run has no results, so it did not look (an empty list would say it found none)'],
    ['external', 11, 'T: results in other files are not read'],
    ['eslint-parse-error', 243, 'ESLint: the run failed: Parsing error: Unexpected token ('],
    ['inline', 13, 'results in inlineExternalProperties are not read'],
    ['level', 12, 'the level "fatal" is not known'],
    ['level-number', 12, 'level is no text'],
    ['results-object', 10, 'results is no list'],
    ['old', 2, 'the version is not 2.1.0, the only one that is read'],
    ['runs-null', 3, 'runs is no list'],
    ['truncated', 37, expect.stringContaining('truncated')],
    ['duplicate', 2, 'the key "results" stands twice'],
    ['html', 1, '"<html></html>" is no JSON value'],
    ['list', 1, 'the document is no object'],
  ])('%s', (name, line, reason) => {
    expect(read(bytesOf(`bad/${name}.sarif`))).toMatchObject({ ok: false, line, reason })
  })

  test('every bad fixture is among them', () => {
    for (const name of readdirSync(new URL('bad/', FIXTURES))) expect(read(bytesOf(`bad/${name}`)).ok).toBe(false)
  })
})

describe('properties', () => {
  const runs = Number(process.env['FUZZ_RUNS'] ?? 300)
  const sample = fc.constantFrom(...good)

  test('any text: no crash, and the same however it is split', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), fc.integer({ min: 1, max: 5 }), (text, size) => {
        expect(readText(text, size)).toEqual(readText(text))
      }),
      { numRuns: runs },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => void read(bytes)),
      { numRuns: runs },
    )
  })

  test('a value of another kind anywhere does not crash it', () => {
    const paths = (value: unknown, path: readonly (string | number)[] = []): (string | number)[][] =>
      typeof value === 'object' && value !== null
        ? [[...path], ...Object.entries(value).flatMap(([key, one]) => paths(one, [...path, key]))]
        : [[...path]]
    const text = new TextDecoder().decode(bytesOf('two-tools.sarif'))
    const places = paths(JSON.parse(text)).filter((path) => path.length > 0)
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.constantFrom(null, 0, -1, 1e9, '', 'x', true, [], {}, [[]], [{}]), (path, value) => {
        const document = JSON.parse(text) as Record<string, unknown>
        let at: Record<string | number, unknown> = document
        for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>
        at[path.at(-1) ?? ''] = value
        const outcome = readText(JSON.stringify(document))
        if (outcome.ok) expect(outcome.value.tools).toHaveLength((document['runs'] as unknown[]).length)
      }),
      { numRuns: runs },
    )
  })

  test('a file that was cut off is refused wherever it was cut', () => {
    fc.assert(
      fc.property(sample, fc.double({ min: 0, max: 1, noNaN: true }), (name, share) => {
        const text = new TextDecoder().decode(bytesOf(name)).trimEnd()
        expect(readText(text.slice(0, Math.min(text.length - 1, Math.floor(text.length * share)))).ok).toBe(false)
      }),
      { numRuns: runs },
    )
  })

  test('results written come back, each at its level', () => {
    const result = fc.record({
      ruleId: fc.string(),
      level: fc.constantFrom('error', 'warning', 'note', 'none'),
      message: fc.record({ text: fc.string() }),
    })
    fc.assert(
      fc.property(fc.array(result, { maxLength: 30 }), (results) => {
        const file = { version: '2.1.0', runs: [{ tool: { driver: { name: 'T' } }, results }] }
        const facts = values(factsOf([parsed(new TextEncoder().encode(JSON.stringify(file)))]))
        const count = (level: string) => results.filter((one) => one.level === level).length
        expect(facts).toMatchObject({ errors: count('error'), warnings: count('warning'), notes: count('note') })
      }),
      { numRuns: runs },
    )
  })
})
