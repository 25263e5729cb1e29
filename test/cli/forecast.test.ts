import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '#cli/run.ts'
import type { ForecastReport } from '#core/forecast/report.ts'
import { writePhase } from '../../examples/phase-e/history.ts'
import { fakeIo } from './io.ts'
import { PROGRAM } from './scene.ts'

const GUIDE = readFileSync(join(import.meta.dirname, '../../docs/guide/forecast.md'), 'utf8')

let folder = ''
beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'muster-forecast-')))
  await writePhase(folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

async function forecast(args: readonly string[], cwd = folder) {
  const io = fakeIo({ argv: ['forecast', ...args], cwd, env: { HOME: folder } })
  const code = await run(io)
  return { code, out: io.out(), err: io.err() }
}

const AT = ['--at', '2026-02-25 17:00']

test('the made-up weeks of phase E give what the guide shows', async () => {
  const { code, out } = await forecast([...AT, '--checkpoint', 'week2-sprint'])
  expect(code).toBe(0)
  const [, shown = ''] = /^\$ muster forecast[^\n]*\n([\s\S]*?)^```/m.exec(GUIDE) ?? []
  const lines = shown.split('\n').filter((line) => line.trim() !== '' && line !== '...')
  expect(lines.length).toBeGreaterThan(20)
  const printed = new Set(out.split('\n'))
  expect(lines.filter((line) => !printed.has(line))).toEqual([])
})

test('the same seed prints the same bytes, another one other runs; json holds what a dashboard draws', async () => {
  const json = async (...args: string[]) => (await forecast([...AT, '--format', 'json', '--runs', '500', ...args])).out
  const first = await json()
  expect(await json()).toBe(first)
  expect(await json('--seed', '2')).not.toBe(first)
  const report = JSON.parse(first) as ForecastReport
  expect(report).toMatchObject({ schemaVersion: 1, seed: 1, runs: 500, at: '2026-02-25T17:00:00+01:00' })
  expect(report.checkpoints.map(({ id }) => id)).toEqual([
    'week2-sprint',
    'week3-merge',
    'week3-integration',
    'week3-validation',
    'week4-optimisation',
    'week4-readiness',
    'week5-preparation',
    'week5-completion',
  ])
  const reader = report.streams[0]?.deliverables[0]
  expect(reader).toMatchObject({ id: 'reader', unit: 'lines', full: 400, observations: 17 })
  expect(reader?.measured.at(-1)).toEqual({ date: '2026-02-25', value: 351 })
  expect(reader?.band[0]?.date).toBe('2026-02-26')
  expect(reader?.band.at(-1)?.date).toBe('2026-03-20')
  for (const { p15, p50, p85 } of reader?.band ?? []) expect(p15 <= p50 && p50 <= p85).toBe(true)
})

test('Markdown tells the same', async () => {
  const { out } = await forecast([...AT, '--format', 'markdown', '--checkpoint', 'week2-sprint'])
  expect(out).toContain('### End of the sprint, week 2, Fri 2026-02-27 15:30')
  expect(out).toMatch(/\| PSI reader \(A - PSI memory\) \| \d+ % \| Fri 2026-02-27 \|/)
})

test.for([
  [['--checkpoint', 'week2-sprnt'], 'there is no checkpoint "week2-sprnt"; did you mean week2-sprint?'],
  [['--checkpoint', 'week2-midweek', ...AT], 'week2-midweek is past'],
  [['--runs', '10'], '--runs: "10" is not a whole number from 100 to 1000000'],
  [['--runs', '1e5'], '--runs: "1e5" is not a whole number'],
  [['--seed', '-1'], '--seed: "-1" is not a whole number'],
  [['--at', 'soon'], '"soon" is not a time'],
] as const)('%j is refused with what is wrong', async ([args, message]) => {
  const { code, out, err } = await forecast(args)
  expect([code, out]).toEqual([2, ''])
  expect(err).toContain(message)
})

test('without a ledger there is no number and the reason, and nothing is written', async () => {
  const empty = realpathSync(mkdtempSync(join(tmpdir(), 'muster-forecast-')))
  try {
    writeFileSync(join(empty, 'muster.yaml'), PROGRAM)
    const { code, out } = await forecast(['--at', '2026-02-24 12:00'], empty)
    expect(code).toBe(0)
    expect(out).toContain('No number: Reader: Reader code: it was never measured')
    expect(out).toContain('Left out, no amounts that grow with work: The branch is there, It builds, Every test passes')
    expect(() => readFileSync(join(empty, '.muster/ledger.sqlite'))).toThrow('ENOENT')
  } finally {
    rmSync(empty, { recursive: true, force: true })
  }
})
