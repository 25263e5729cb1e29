import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { VERSION } from '#cli/version.ts'
import { KINDS } from '#collect/registry.ts'
import { judgeCheck } from '#core/check.ts'
import type { Snapshot } from '#core/evidence/evidence.ts'
import { recordEvents } from '#core/ledger/record.ts'
import { EMPTY_STATE } from '#core/ledger/state.ts'
import { loadProgram } from '#core/program/load.ts'
import { sha256 } from '#store/sha256.ts'
import { openSqlite } from '#store/sqlite.ts'
import { median, report } from './measure.ts'

const ROOT = join(import.meta.dirname, '..')
const BUNDLE = join(ROOT, 'dist/muster.js')
const STREAMS = 50
const CHECKPOINTS = 20
const LOADS = 9

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1)

const PROGRAM = `program: wide
name: Wide
calendar: { zone: UTC }
people:
${numbers(STREAMS)
  .map((one) => `  lead-${one}: { name: Lead ${one} }`)
  .join('\n')}
sources: { git: { collect: git } }
streams:
${numbers(STREAMS)
  .map((one) => `  s${one}: { name: Stream ${one}, lead: lead-${one}, branch: feature/${one} }`)
  .join('\n')}
checkpoints:
${numbers(CHECKPOINTS)
  .map(
    (one) =>
      `  c${one}: { name: Checkpoint ${one}, at: 2026-03-${String(one).padStart(2, '0')} 16:00, criteria: { there: { title: The branch is there, metric: git.exists, equals: true } } }`,
  )
  .join('\n')}
`

/** A program in which every stream was judged at every checkpoint. */
async function writeWide(folder: string): Promise<void> {
  mkdirSync(join(folder, '.muster'))
  writeFileSync(join(folder, 'muster.yaml'), PROGRAM)
  execFileSync('git', ['init', '-q', '-b', 'main'], { cwd: folder })
  const { program } = loadProgram('muster.yaml', new TextEncoder().encode(PROGRAM), KINDS)
  if (!program) throw new Error('the program does not load')
  const store = await openSqlite(join(folder, '.muster', 'ledger.sqlite'))
  let [ids, recorded] = [0, 0]
  for (const [index, checkpoint] of program.checkpoints.entries()) {
    const { at } = checkpoint
    const snapshot: Snapshot = {
      subjects: {},
      evidence: program.streams.map(({ id }, stream) => ({
        subject: `stream:${id}`,
        metric: 'git.exists',
        status: 'observed',
        unit: 'boolean',
        value: (stream + index) % 7 !== 0,
        provenance: 'measured',
        observedAt: at,
        source: 'git',
      })),
    }
    const checked = judgeCheck({ program, checkpoint, snapshot, ledger: EMPTY_STATE, at })
    const events = recordEvents({
      ...checked,
      program,
      snapshot,
      clock: at,
      at,
      version: VERSION,
      state: EMPTY_STATE,
      ledgerBefore: recorded + 1,
      actor: 'muster',
      ids: () => `wide-${(ids += 1)}`,
      hash: sha256,
    })
    recorded += (await store.append(program.id, events)).length
  }
  await store.close()
}

/** The overview of 50 streams x 20 checkpoints in Chromium: from the request until all of it is there and the page is idle again. */
export async function bench(): Promise<boolean> {
  if (!existsSync(BUNDLE)) throw new Error('dist/ is not there; run `npm run build` first')
  const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'))
  await writeWide(folder)
  const server = spawn(process.execPath, [BUNDLE, 'serve', '--no-run', '--port', '0'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
  try {
    const link = await new Promise<string>((resolve) => {
      let out = ''
      server.stdout.setEncoding('utf8').on('data', (text: string) => {
        out += text
        const [found] = /http:\/\/\S+(?=\s)/.exec(out) ?? []
        if (found !== undefined) resolve(found)
      })
    })
    const page = await browser.newPage()
    await page.goto(link)
    const times: number[] = []
    for (let load = 0; load < LOADS; load += 1) {
      const answer = await page.goto(new URL('/p/wide', link).href)
      if (answer?.status() !== 200) throw new Error(`the server answers ${answer?.status() ?? 'nothing'}`)
      times.push(
        await page.evaluate<number>(`new Promise((resolve) => {
          const look = () => document.querySelectorAll('.grid tbody tr').length === ${STREAMS}
            ? requestIdleCallback(() => resolve(performance.now()))
            : requestAnimationFrame(look)
          look()
        })`),
      )
    }
    const cells = await page.locator('.grid tbody td .sign').count()
    if (cells < STREAMS * CHECKPOINTS) throw new Error(`only ${cells} verdicts are shown`)
    return report(
      `overview of ${STREAMS} streams x ${CHECKPOINTS} checkpoints, interactive in Chromium`,
      median(times) / 1000,
      1,
      'at most',
      ' s',
    )
  } finally {
    await browser.close()
    server.kill()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
