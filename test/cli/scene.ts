import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { onTestFinished } from 'vitest'
import { run } from '#cli/run.ts'
import { testRepository, type TestRepository } from '../collect/git-repository.ts'
import { fakeIo, type FakeIoOptions } from './io.ts'

const ROOT = join(import.meta.dirname, '../..')

export interface Ended {
  /** Exit code; null when a signal ended the process. */
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** What to give a command line beside its arguments. */
export type More = Partial<Omit<FakeIoOptions, 'argv'>>

/** A repository with two streams and a program file in it, and a machine on which nothing is trusted. */
export interface Scene {
  /** Holds all of it; gone when the test ends. */
  readonly folder: string
  readonly repository: TestRepository
  readonly env: Readonly<Record<string, string>>
  /** Writes the program file; nothing of it is committed. */
  program(text: string): void
  /** Runs a command line in this process. */
  muster(argv: readonly string[], more?: More): Promise<Ended>
  /** Runs one in a process of its own. */
  child(argv: readonly string[], more?: ChildOptions): Promise<Ended>
  start(argv: readonly string[], more?: ChildOptions): ChildProcess
  /** The report of a check that records nothing. */
  report(argv?: readonly string[], more?: More): Promise<Report>
  path(...names: string[]): string
}

export interface ChildOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly uid?: number
}

/** As much of `--format json` as the tests look at. */
export interface Report {
  readonly verdict: string
  readonly exitCode: number
  readonly criteria: readonly Criterion[]
  readonly streams: readonly { readonly id: string; readonly health: string; readonly criteria: readonly Criterion[] }[]
}

export interface Criterion {
  readonly id: string
  readonly subject: string
  readonly status: string
  readonly rawStatus: string
  readonly explanation: object
  readonly evidence: readonly {
    readonly metric: string
    readonly status: string
    readonly value?: number | boolean
    readonly reason?: string
  }[]
}

export const NOW = '2026-02-25T14:00:00Z'

/** Two streams, a command that tests each, and a checkpoint in the afternoon of NOW. */
export const PROGRAM = `program: demo
name: Demo
calendar: { zone: Europe/Berlin }
people:
  boss: { name: The phase lead, roles: [phase-lead] }
  lead-a: { name: Lead A }
  lead-b: { name: Lead B }
sources:
  git: { collect: git }
  build: { collect: command, run: sh build.sh }
  tests: { collect: junit, from: build, files: reports/junit.xml }
streams:
  reader:
    name: Reader
    lead: lead-a
    branch: feature/reader
    deliverables:
      code: { title: Reader code, measure: git.lines.code, full: 4 lines }
  writer: { name: Writer, lead: lead-b, branch: feature/writer }
checkpoints:
  week1:
    name: Week one
    at: 2026-02-25 16:00
    criteria:
      there: { title: The branch is there, metric: git.exists, equals: true }
      builds: { title: It builds, metric: build.passed, equals: true }
      tests: { title: Every test passes, metric: tests.ratio, atLeast: 100% }
    targets:
      reader: { code: 2 of 4 lines }
  week2:
    name: Week two
    at: 2026-03-04 16:00
    criteria:
      there: { title: The branch is there, metric: git.exists, equals: true }
`

/** A script that writes a JUnit report of two cases, of which the second may fail. */
export const BUILD = (ending = ''): string => `mkdir -p reports
cat > reports/junit.xml <<'XML'
<testsuite name="unit">
  <testcase name="reads" time="0.1"/>
  <testcase name="writes" time="0.1">${ending}</testcase>
</testsuite>
XML
echo built
`
export const FAILS = '<failure message="not yet"/>'

export function createScene({ program = PROGRAM, writer = BUILD() }: { readonly program?: string; readonly writer?: string } = {}): Scene {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'muster-cli-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const repository = testRepository(join(folder, 'work'))
  repository.commit('Begin', { 'build.sh': BUILD() })
  repository.git('branch', 'feature/writer')
  repository.git('checkout', '-q', '-b', 'feature/reader')
  repository.commit('Read', { 'reader.ts': 'export const one = 1\nexport const two = 2\nexport const three = 3\n' })
  repository.git('checkout', '-q', 'feature/writer')
  repository.commit('Write', { 'writer.ts': 'export const write = 1\n', 'build.sh': writer })
  repository.git('checkout', '-q', 'main')
  return sceneIn(folder, repository, program)
}

export function sceneIn(folder: string, repository: TestRepository, program: string): Scene {
  const cwd = repository.folder
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: join(folder, 'home'),
    XDG_STATE_HOME: join(folder, 'xdg'),
    TMPDIR: tmpdir(),
    // Commands of these tests leave marks outside of their checkouts; the sandbox has tests of its own.
    MUSTER_SANDBOX: 'off',
  }
  const scene: Scene = {
    folder,
    repository,
    env,
    program(text) {
      // As editors do: whoever looks meanwhile sees the one or the other, and none that is still empty.
      writeFileSync(join(folder, 'muster.yaml.new'), text)
      renameSync(join(folder, 'muster.yaml.new'), join(cwd, 'muster.yaml'))
    },
    async muster(argv, more = {}) {
      const io = fakeIo({ argv, cwd, now: NOW, ...more, env: { ...env, ...more.env } })
      const code = await run(io)
      return { code, out: io.out(), err: io.err() }
    },
    start: (argv, more = {}) =>
      spawn(process.execPath, ['-C', 'source', join(ROOT, 'src/cli/main.ts'), ...argv], {
        cwd: more.cwd ?? cwd,
        env: { ...env, ...more.env },
        ...(more.uid !== undefined && { uid: more.uid, gid: more.uid }),
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    child: (argv, more) => ended(scene.start(argv, more)),
    async report(argv = [], more = {}) {
      const { out, err } = await scene.muster(['check', '--dry-run', '--format', 'json', ...argv], more)
      if (out === '') throw new Error(`the check printed no report:\n${err}`)
      return JSON.parse(out) as Report
    },
    path: (...names) => join(cwd, ...names),
  }
  scene.program(program)
  return scene
}

/** What a process said until it ended. */
export function ended(child: ChildProcess): Promise<Ended> {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>()
  let out = ''
  let err = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text))
  child.once('error', reject).once('close', (code) => resolve({ code, out, err }))
  return promise
}

export function criterion(report: Pick<Report, 'criteria'>, id: string, subject?: string): Criterion {
  const found = report.criteria.find((one) => one.id === id && (subject === undefined || one.subject === subject))
  if (!found) throw new Error(`there is no criterion ${id} of ${subject ?? 'anything'}`)
  return found
}

/** Changes the bytes of a ledger behind Muster's back. */
export function tamper(scene: Scene, statement: string, ...values: (string | number)[]): void {
  const database = new DatabaseSync(scene.path('.muster', 'ledger.sqlite'))
  try {
    database.prepare(statement).run(...values)
  } finally {
    database.close()
  }
}

/** Every file that keeps what was recorded, as one text. */
export function ledgerBytes(scene: Scene): string {
  const folder = scene.path('.muster')
  if (!existsSync(folder)) return ''
  return readdirSync(folder)
    .filter((name) => name.startsWith('ledger.sqlite'))
    .map((name) => readFileSync(join(folder, name), 'latin1'))
    .join('\n')
}
