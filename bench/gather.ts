import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Io } from '#cli/io.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { openEdges } from '#cli/wire.ts'
import type { Program } from '#core/program/model.ts'
import { gather } from '#engine/gather.ts'
import { dense } from './junit-file.ts'
import { median, report } from './measure.ts'

const STREAMS = 20
const REPORT_BYTES = 1_000_000
const ROUNDS = 3
const DEAD = 'review'

const programOf = (forge: string): string => `program: bench
name: Twenty streams
calendar: { zone: UTC }
people: { lead-a: { name: Lead A, roles: [phase-lead] } }
sources:
  git: { collect: git }
  tests: { collect: junit, files: 'reports/\${stream}/\${commit}.xml' }
  coverage: { collect: coverage, files: 'reports/\${stream}/\${commit}.info' }
  analysis: { collect: sarif, files: 'reports/\${stream}/\${commit}.sarif' }
  profile: { collect: size, files: 'reports/\${stream}/\${commit}.info' }
  ${DEAD}: { collect: forge, forge: github, project: demo/bench, url: '${forge}', timeLimit: 2s }
streams:
${Array.from({ length: STREAMS }, (_, index) => `  s${index}: { name: s${index}, lead: lead-a, branch: s${index} }`).join('\n')}
checkpoints: { last: { name: Last, at: 2026-03-02 16:00, criteria: { there: { metric: git.exists, equals: true } } } }
`

function* lcov(bytes: number): Generator<string> {
  for (let file = 0, written = 0; written < bytes; file += 1) {
    const text = `SF:src/file-${file}.ts\n${Array.from({ length: 200 }, (_, line) => `DA:${line + 1},${line % 7}\n`).join('')}end_of_record\n`
    written += text.length
    yield text
  }
}

function sarif(results: number): string {
  const one = (index: number) => ({
    ruleId: `rule-${index % 50}`,
    level: 'warning',
    message: { text: `something about ${index}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: `src/file-${index % 90}.ts` }, region: { startLine: index + 1 } } }],
  })
  return JSON.stringify({
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'lint' } }, results: Array.from({ length: results }, (_, index) => one(index)) }],
  })
}

function build(folder: string, forge: string): void {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@example.org', ...args], { cwd: folder, encoding: 'utf8' }).trim()
  git('init', '-q', '-b', 'main')
  writeFileSync(join(folder, 'main.ts'), 'export {}\n')
  git('add', 'main.ts')
  git('commit', '-qm', 'Begin')
  const files = { xml: [...dense(REPORT_BYTES)].join(''), info: [...lcov(REPORT_BYTES)].join(''), sarif: sarif(2_000) }
  for (let index = 0; index < STREAMS; index += 1) {
    const id = `s${index}`
    git('checkout', '-qb', id, 'main')
    writeFileSync(join(folder, `${id}.ts`), `export const ${id} = 1\n`.repeat(500))
    git('add', `${id}.ts`)
    git('commit', '-qm', id)
    const commit = git('rev-parse', 'HEAD')
    mkdirSync(join(folder, 'reports', id), { recursive: true })
    for (const [ext, text] of Object.entries(files)) writeFileSync(join(folder, 'reports', id, `${commit}.${ext}`), text)
  }
  git('checkout', '-q', 'main')
  writeFileSync(join(folder, 'muster.yaml'), programOf(forge))
}

const silent = { write: () => undefined, isTerminal: false, columns: 80 }
const ioIn = (folder: string, state: string, forge: string): Io => ({
  argv: [],
  env: { PATH: process.env['PATH'], HOME: state, MUSTER_STATE: state, MUSTER_GITHUB_TOKEN: 'of-nobody', MUSTER_GITHUB_URL: forge },
  cwd: folder,
  stdout: silent,
  stderr: silent,
  stdinIsTerminal: false,
  readStdin: async () => '',
  now: () => new Date().toISOString(),
  newId: () => crypto.randomUUID(),
  host: hostname(),
  signal: new AbortController().signal,
})

/** Takes connections and says nothing. */
async function silentForge(): Promise<{ readonly url: string; readonly close: () => void }> {
  const server = createServer((socket) => socket.on('error', () => undefined).resume())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}

/**
 * All sources of twenty streams side by side, against the same asked one source after the other; and
 * with a forge that never answers, which must cost no more than its own limit.
 */
export async function bench(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'))
  const forge = await silentForge()
  const work = join(folder, 'work')
  mkdirSync(work)
  build(work, forge.url)
  const io = ioIn(work, join(folder, 'state'), forge.url)
  const { program, folder: home } = await loadProgramFile(io, undefined)
  const edges = await openEdges(io, program, home)
  /** Wall time, and processor time of this process; that of git and of the readers' own is in neither side of a ratio. In milliseconds. */
  const timed = async (of: Program): Promise<{ readonly cpu: number; readonly wall: number; readonly errored: number }> => {
    const [before, began] = [process.cpuUsage(), performance.now()]
    const { evidence } = await gather(of, edges.ports, { at: io.now(), signal: io.signal })
    const { user, system } = process.cpuUsage(before)
    const errored = evidence.filter((one) => one.status === 'errored' && !one.metric.startsWith(`${DEAD}.`)).length
    return { cpu: (user + system) / 1_000, wall: performance.now() - began, errored }
  }
  try {
    await edges.mirror.refresh(io.signal)
    const alive = { ...program, sources: program.sources.filter((one) => one.id !== DEAD) }
    await timed(alive)
    const rounds: { readonly together: number; readonly apart: number; readonly wall: number; readonly dead: number }[] = []
    let errored = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      const together = await timed(alive)
      let apart = 0
      for (const source of alive.sources) apart += (await timed({ ...alive, sources: [source] })).cpu
      const dead = await timed(program)
      errored += together.errored + dead.errored
      rounds.push({ together: together.cpu, apart, wall: together.wall, dead: dead.wall })
    }
    const wall = median(rounds.map((one) => one.wall))
    const dead = median(rounds.map((one) => one.dead))
    const together = median(rounds.map((one) => one.together))
    console.log(
      `     ${STREAMS} streams x ${alive.sources.length} sources, 1 MB reports, side by side: ${together.toFixed(0)} ms of processor in the process itself, ${(wall / 1_000).toFixed(1)} s; with a forge that never answers within its 2 s: ${(dead / 1_000).toFixed(1)} s`,
    )
    return [
      report(
        'side by side against one source after the other, processor time',
        median(rounds.map((one) => one.together / one.apart)),
        1.2,
        'at most',
      ),
      report('with a dead source against the longer of the others and its limit, wall time', dead / Math.max(wall, 2_000), 1.5, 'at most'),
      errored === 0,
    ].every(Boolean)
  } finally {
    await edges.close()
    forge.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
