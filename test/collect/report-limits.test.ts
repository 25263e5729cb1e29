import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ReportJob } from '#collect/reports/job.ts'
import { createReportPool } from '#collect/reports/pool.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-limits-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const worker = new URL('report-hostile-worker.ts', import.meta.url).href
const never = new AbortController().signal
const pool = createReportPool(worker, { megabytes: 160, milliseconds: 250 })

/** A file that the worker of this test reads as `kind` says. */
function job(kind: string, bytes = 100): ReportJob {
  const path = `${kind}.txt`
  const real = join(folder, path)
  writeFileSync(real, 'x'.repeat(bytes))
  return { kind, options: undefined, place: { root: folder }, files: [{ path, target: path, real, root: folder }] }
}

test('a file that is worked on without end is given up, and named with the limit', async () => {
  expect(await pool.run(job('spin'), never)).toEqual({
    ok: false,
    path: 'spin.txt',
    reason: 'spin.txt: reading it took more than 0.3 s of processor time',
  })
})

test.each(['objects', 'json', 'buffers', 'strings'])('memory without end, as %s', async (kind) => {
  expect(await pool.run(job(kind), never)).toEqual({
    ok: false,
    path: `${kind}.txt`,
    // Collecting garbage may take the time before the memory is full.
    reason: expect.stringMatching(/: reading it took more than (160 MB of memory|0\.3 s of processor time)$/),
  })
})

test('a summary without end names no file', async () => {
  expect(await pool.run(job('spin-in-summary'), never)).toEqual({
    ok: false,
    reason: 'counting took more than 0.3 s of processor time',
  })
})

test('what ends the worker ends its job alone, and the others go on', async () => {
  const [spun, ended, thrown, ...counted] = await Promise.all([
    pool.run(job('spin'), never),
    pool.run(job('exit'), never),
    pool.run(job('throw'), never),
    ...Array.from({ length: 5 }, () => pool.run(job('count', 3_000_000), never)),
  ])
  expect(spun).toMatchObject({ ok: false, path: 'spin.txt' })
  expect(ended).toEqual({ ok: false, path: 'exit.txt', reason: 'exit.txt: reading it ended its process: 3' })
  expect(thrown).toMatchObject({ ok: false, path: 'throw.txt', reason: expect.stringMatching(/^throw\.txt: .*cannot go on/) })
  for (const one of counted) expect(one).toMatchObject({ ok: true, summary: new Map([['count.txt', 3_000_000]]) })
})

test('a long file has time in proportion', async () => {
  expect(await pool.run(job('slow', 20_000_000), never)).toMatchObject({ ok: true })
})

test('when the time limit of the source is over, the work ends', async () => {
  // Of processor time there is more than enough: it is the source whose time is over.
  const patient = createReportPool(worker, { megabytes: 160, milliseconds: 3_600_000 })
  expect(await patient.run(job('spin'), AbortSignal.timeout(300))).toEqual({
    ok: false,
    path: 'spin.txt',
    reason: 'spin.txt: reading it was not over at the time limit',
  })
  expect(await pool.run(job('count'), AbortSignal.abort())).toMatchObject({ ok: false })
})
