import { readdirSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AnyReport } from '#collect/report-registry.ts'
import { loadReport, REPORT_KINDS } from '#collect/report-registry.ts'
import type { Format } from './report.ts'
import { headOf, type Outcome } from '#collect/scan/text.ts'

/** What must hold of every format that is registered, whoever wrote it. */
const reports = await Promise.all(REPORT_KINDS.map(loadReport))
const all = reports.flatMap((report) => (report ? report.formats.map((format) => ({ name: format.name, format, report })) : []))

const optionsOf = ({ kind }: AnyReport): unknown => kind.options.parse({ files: '*' })

function read(report: AnyReport, format: Format<unknown, unknown>, bytes: Uint8Array, size = Math.max(1, bytes.length)): Outcome<unknown> {
  const parser = format.open(optionsOf(report))
  for (let at = 0; at < bytes.length; at += size) parser.write(bytes.subarray(at, at + size))
  return parser.end()
}

/** Reports that real tools wrote. */
function fixturesOf(kind: string): readonly (readonly [string, Buffer])[] {
  const folder = new URL(`../${kind}/fixtures/`, import.meta.url)
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isFile() && entry.name !== 'readme.md' ? [[entry.name, readFileSync(new URL(entry.name, folder))] as const] : [],
  )
}

const known = REPORT_KINDS.flatMap((kind, index) =>
  fixturesOf(kind).flatMap(([name, bytes]) => {
    const report = reports[index]
    const format = report?.formats.find((one) => one.recognises(headOf(name, bytes)))
    return report && format ? [{ name: `${kind}/${name}`, bytes, report, format }] : []
  }),
)

const runs = Number(process.env['FUZZ_RUNS'] ?? 60)

/** A result whose summary and facts can be made, or a place and a reason. */
function isSound(report: AnyReport, outcome: Outcome<unknown>): void {
  if (!outcome.ok) {
    expect(outcome.line).toBeGreaterThan(0)
    expect(outcome.column).toBeGreaterThan(0)
    expect(outcome.reason).toMatch(/\S/)
    return
  }
  const options = optionsOf(report)
  const summary = structuredClone(report.summarise([{ path: 'report', value: outcome.value }], options, { root: '/' }))
  const facts = report.facts(summary, options, { common: { source: 'report' }, remarks: [], seed: 1 })
  for (const { status, value } of facts) if (status === 'observed') expect(Number.isFinite(Number(value))).toBe(true)
}

test('their names are distinct', () => {
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
})

describe.each(all)('$name', ({ name, report, format }) => {
  const own = known.filter((one) => one.format.name === name)
  const fixture = own.length === 0 ? fc.uint8Array({ maxLength: 300 }) : fc.constantFrom(...own.map(({ bytes }) => bytes))

  test('any bytes: facts that can be kept, or a place with a reason', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => isSound(report, read(report, format, bytes))),
      { numRuns: runs },
    )
  })

  test('a report with bytes taken out, put in and doubled', () => {
    const change = fc.tuple(fc.nat(), fc.nat({ max: 30 }), fc.uint8Array({ maxLength: 6 }))
    fc.assert(
      fc.property(fixture, fc.array(change, { minLength: 1, maxLength: 4 }), (whole, changes) => {
        let bytes = Buffer.from(whole)
        for (const [at, length, put] of changes) {
          const index = at % (bytes.length + 1)
          bytes = Buffer.concat([bytes.subarray(0, index), put, bytes.subarray(index + length)])
        }
        isSound(report, read(report, format, bytes))
      }),
      { numRuns: runs },
    )
  })

  test('it does not matter where the bytes are cut', () => {
    fc.assert(
      fc.property(fixture, fc.integer({ min: 1, max: 5_000 }), (bytes, size) => {
        const [whole, pieces] = [read(report, format, bytes), read(report, format, bytes, size)]
        expect(pieces.ok).toBe(whole.ok)
        if (!whole.ok) expect(pieces).toEqual(whole)
      }),
      { numRuns: Math.min(runs, 200) },
    )
  })
})

/** Those whose end is marked, so that a part of them can be told from the whole. */
const ended = known.filter(({ name, bytes, report, format }) => {
  const text = bytes.toString('latin1').trimEnd()
  const isDocument = extname(name) === '.xml' || extname(name) === '.trx' || (/^\s*[[{]/.test(text) && !/\}\r?\n\{/.test(text))
  return isDocument && read(report, format, bytes).ok
})

test('a part of a document is never taken for the whole', () => {
  expect(ended.length).toBeGreaterThan(20)
  fc.assert(
    fc.property(fc.constantFrom(...ended), fc.nat(), ({ bytes, report, format }, at) => {
      const length = bytes.toString('latin1').trimEnd().length
      expect(read(report, format, bytes.subarray(0, at % length)).ok).toBe(false)
    }),
    { numRuns: 10 * runs },
  )
})
