import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median, report } from './measure.ts'

const ROOT = join(import.meta.dirname, '..')
const BUNDLE = join(ROOT, 'dist/muster.js')

/** CPU time of ended children so far, in clock ticks of a hundredth of a second (proc(5): cutime, cstime). */
function childTicks(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? []
  return Number(fields[13]) + Number(fields[14])
}

/** CPU milliseconds of one run, averaged over enough runs for the clock to resolve. */
function cpuOf(args: readonly string[], cwd: string, runs: number): number {
  const began = childTicks()
  for (let run = 0; run < runs; run += 1) {
    const { status, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' })
    if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stderr}`)
  }
  return ((childTicks() - began) * 10) / runs
}

/** Whole processes of the bundled command against a Node that does nothing, in turn. */
export async function bench(): Promise<boolean> {
  if (!existsSync(BUNDLE)) throw new Error('dist/ is not there; run `npm run build` first')
  const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'))
  try {
    const { buildExample } = await import('../examples/two-streams/build.ts')
    await buildExample(folder)
    // One real record, so that status has something to read.
    spawnSync(process.execPath, [BUNDLE, 'checkin', '--stream', 'parser', '--done', 'all of it', '--as', 'lead-parser'], { cwd: folder })
    const rounds = Array.from({ length: 9 }, () => ({
      node: cpuOf(['-e', '0'], folder, 10),
      version: cpuOf([BUNDLE, '--version'], folder, 10),
      status: cpuOf([BUNDLE, 'status'], folder, 10),
    }))
    const ratio = (name: 'version' | 'status'): number => median(rounds.slice(1).map((round) => round[name] / round.node))
    return [
      report('muster --version against node -e 0', ratio('version'), 1.3, 'at most'),
      report('muster status against node -e 0', ratio('status'), 2.5, 'at most'),
    ].every(Boolean)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
