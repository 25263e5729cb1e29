import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadProgramFile } from '#cli/program-file.ts'
import { openEdges } from '#cli/wire.ts'
import { gather } from '#engine/gather.ts'
import type { Progress } from '#engine/ports.ts'
import { fakeIo } from './io.ts'
import { createScene, type Scene } from './scene.ts'

const STREAMS = Array.from({ length: 20 }, (_, index) => `s${index + 1}`)
/** A limit that this test ends when it wants to. */
const DEAD_SECONDS = 3_600

const program = (forge: string): string => `program: demo
name: Demo
calendar: { zone: UTC }
people:
  lead-a: { name: Lead A, roles: [phase-lead] }
sources:
  review: { collect: forge, forge: github, project: demo/logq, url: '${forge}', timeLimit: ${DEAD_SECONDS}s }
  hangs: { collect: command, run: exec tail -f /dev/null, for: [s1], timeLimit: 1s }
  git: { collect: git }
  tests: { collect: junit, files: 'reports/\${commit}/junit.xml' }
  coverage: { collect: coverage, files: 'reports/\${commit}/lcov.info' }
  analysis: { collect: sarif, files: 'reports/\${commit}/one.sarif' }
  profile: { collect: size, files: 'reports/\${commit}/lcov.info' }
  builds: { collect: command, run: 'true', for: [s2] }
streams:
${STREAMS.map((id) => `  ${id}: { name: ${id}, lead: lead-a, branch: feature/${id} }`).join('\n')}
checkpoints: { last: { name: Last, at: 2026-03-02 16:00, criteria: { open: { metric: review.open, equals: true } } } }
`
const SARIF = { version: '2.1.0', runs: [{ tool: { driver: { name: 'lint' } }, results: [] }] }

/** Takes connections, reads what is asked, and says nothing. */
async function silentForge(): Promise<string> {
  const server = createServer((socket) => socket.on('error', () => undefined).resume())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function twentyStreams(forge: string): Scene {
  const scene = createScene({ program: program(forge) })
  const heads = STREAMS.map((id) => {
    scene.repository.git('checkout', '-q', '-b', `feature/${id}`, 'main')
    return [id, scene.repository.commit(id, { [`${id}.ts`]: `export const ${id} = 1\n` })] as const
  })
  scene.repository.git('checkout', '-q', 'main')
  // It lies beside the branches and in none of them.
  scene.program(program(forge))
  for (const [id, commit] of heads) {
    const folder = scene.path('reports', commit)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'junit.xml'), `<testsuite name="${id}"><testcase name="works" time="0.1"/></testsuite>`)
    writeFileSync(join(folder, 'lcov.info'), `SF:${id}.ts\nDA:1,1\nend_of_record\n`)
    writeFileSync(join(folder, 'one.sarif'), JSON.stringify(SARIF))
  }
  return scene
}

test('a source that never answers keeps none of twenty streams waiting, and ends at its own limit', async () => {
  const forge = await silentForge()
  const scene = twentyStreams(forge)
  await scene.muster(['trust', '--yes'])
  const io = fakeIo({ argv: [], cwd: scene.path(), env: { ...scene.env, MUSTER_GITHUB_TOKEN: 'of-nobody', MUSTER_GITHUB_URL: forge } })
  const { program: read, folder } = await loadProgramFile(io, undefined)
  const edges = await openEdges(io, read, folder)
  try {
    await edges.mirror.refresh(io.signal)
    const limit = new AbortController()
    const done: Progress[] = []
    const others = new Set<string>()
    const total = STREAMS.length * 5 + 2
    const progress = (event: Progress): void => {
      if (event.step !== 'source') return
      done.push(event)
      if (event.source === 'review') return
      others.add(`${event.source} ${event.subject}`)
      // Were any of them to wait for the forge, this would never be.
      if (others.size === total) limit.abort()
    }
    const timeLimit = (seconds: number): AbortSignal => (seconds === DEAD_SECONDS ? limit.signal : edges.ports.timeLimit(seconds))
    const { evidence } = await gather(read, { ...edges.ports, timeLimit }, { at: io.now(), signal: io.signal, progress })

    expect(done.slice(0, total).filter((one) => one.step === 'source' && one.source === 'review')).toEqual([])
    const of = (metric: string) => evidence.filter((one) => one.metric === metric)
    for (const metric of ['git.exists', 'tests.ratio', 'coverage.lines', 'analysis.errors', 'profile.bytes'])
      expect(
        of(metric).map(({ status }) => status),
        metric,
      ).toEqual(STREAMS.map(() => 'observed'))
    expect(of('builds.passed')).toMatchObject([{ status: 'observed', value: true }])
    expect(of('hangs.passed')).toMatchObject([{ status: 'errored', reason: expect.stringContaining('time limit of 1 s') as string }])
    expect(of('review.open')).toHaveLength(STREAMS.length)
    for (const one of of('review.open'))
      expect(one).toMatchObject({ status: 'errored', reason: expect.stringMatching(/longer than 3600 s/) as string })
  } finally {
    await edges.close()
  }
})
