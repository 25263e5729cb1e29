import { mkdirSync, mkdtempSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from '#cli/run.ts'
import { fakeIo } from './io.ts'
import { gitRepository } from './git-repository.ts'

let folder: string
let repository: ReturnType<typeof gitRepository>
let watched: ReturnType<typeof gitRepository>

const lines = (count: number): string => Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join('')
const changed = (count: number, ...which: readonly (readonly [number, string])[]): string =>
  which.reduce((text, [line, word]) => text.replace(`line ${line}\n`, `${word}\n`), lines(count))

/** `router` and `cache` change one line; `caller` calls what `rename` renames; `docs` meets nobody; `old` is merged. */
function agents(path: string): ReturnType<typeof gitRepository> {
  const made = gitRepository(path)
  made.commit('main', {
    files: {
      'src/app.txt': lines(20),
      'lib.sh': 'greet() { echo hello; }\n',
      'main.sh': '. ./lib.sh\ngreet\n',
      'test.sh': 'for file in *.sh; do [ "$file" = test.sh ] || sh -e "$file" || exit 1; done\n',
      CODEOWNERS: 'src/ @app-team\n',
    },
  })
  made.commit('router', { files: { 'src/app.txt': changed(20, [10, 'the router']) } })
  made.commit('cache', { files: { 'src/app.txt': changed(20, [10, 'the cache'], [18, 'also the cache']) } })
  made.commit('docs', { files: { 'guide.md': '# Guide\n' } })
  made.commit('rename', { files: { 'lib.sh': 'welcome() { echo hello; }\n', 'main.sh': '. ./lib.sh\nwelcome\n' } })
  made.commit('caller', { files: { 'second.sh': '. ./lib.sh\ngreet\n' } })
  return made
}

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'muster-radar-')))
  repository = agents(join(folder, 'repository'))
  watched = agents(join(folder, 'watched'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Told {
  readonly target: { readonly branch: string }
  readonly streams: readonly { readonly id: string; readonly state: string }[]
  readonly pairs: readonly {
    readonly a: string
    readonly b: string
    readonly verdict: string
    readonly files: readonly { readonly path: string; readonly kind: string }[]
  }[]
  readonly waves: readonly (readonly string[])[]
  readonly order: readonly string[]
}

let places = 0
async function radar(args: readonly string[], more: { readonly cwd?: string; readonly state?: string } = {}) {
  const state = more.state ?? join(folder, `state-${(places += 1)}`)
  const env = { PATH: process.env['PATH'], HOME: folder, XDG_STATE_HOME: join(folder, 'xdg'), MUSTER_STATE: state }
  const io = fakeIo({ argv: ['radar', ...args], cwd: more.cwd ?? repository.folder, env })
  return { exitCode: await run(io), out: io.out(), err: io.err(), state }
}
const told = (out: string): Told => JSON.parse(out) as Told

describe('a repository without a program file', () => {
  test('every pair is judged, and the order leaves one of the two that collide for later', async () => {
    const { exitCode, out } = await radar(['--format', 'json'])
    expect(exitCode).toBe(1)
    const { target, streams, pairs, waves, order } = told(out)
    expect(target.branch).toBe('main')
    expect(streams.map(({ id, state }) => [id, state])).toEqual(['cache', 'caller', 'docs', 'rename', 'router'].map((id) => [id, 'clean']))
    expect(pairs).toHaveLength(10)
    expect(pairs.filter((one) => one.verdict !== 'clean')).toMatchObject([
      { a: 'cache', b: 'router', verdict: 'conflicted', files: [{ path: 'src/app.txt', kind: 'content' }] },
    ])
    expect(waves.map((wave) => wave.length)).toEqual([4, 1])
    expect(order).toHaveLength(5)
  })

  test('the text names the file, both sides of the hunk and who owns it', async () => {
    const { out } = await radar([])
    expect(out).toContain('src/app.txt')
    expect(out).toContain('the router')
    expect(out).toContain('the cache')
    expect(out).toContain('@app-team')
    expect(out).not.toMatch(/\bsafe\b/i)
  })

  test('patterns choose the branches; without a conflict the exit code is 0', async () => {
    const { exitCode, out } = await radar(['--refs', 'doc*', '--refs', 'refs/heads/rou*', '--format', 'json'])
    expect(told(out).streams.map((one) => one.id)).toEqual(['docs', 'router'])
    expect(exitCode).toBe(0)
  })

  test('nothing is written into the repository', async () => {
    const before = repository.git(['count-objects', '-v'])
    await radar(['--repository', repository.folder], { cwd: folder })
    expect(repository.git(['count-objects', '-v'])).toBe(before)
    expect(repository.git(['status', '--porcelain'])).toBe('')
  })

  test.each([
    [['--target', 'mainn'], 'did you mean "main"?'],
    [['--refs', 'nothing/*'], 'no branch matches'],
    [['--without', 'roter'], 'did you mean router?'],
    [['--interval', 'soon', '--watch'], 'is not a number of seconds'],
    [['--test'], 'which command?'],
    [['--yes'], 'add --test'],
    [['--config', 'muster.yaml', '--repository', '.'], 'give one of the two'],
  ])('%j is refused with what to do', async (args, words) => {
    const { exitCode, err, out } = await radar(args)
    expect(err).toContain(words)
    expect(exitCode).toBe(2)
    expect(out).toBe('')
  })

  test('what if: without one of the two nobody reworks', async () => {
    const { out } = await radar(['--without', 'cache', '--format', 'json'])
    expect(JSON.parse(out)).toMatchObject({ whatIf: { question: 'without cache', pairs: -1, reworks: -1 } })
  })

  test('the next radar says what changed', async () => {
    const other = agents(join(folder, 'changing'))
    const { state } = await radar([], { cwd: other.folder })
    other.commit('docs', { files: { 'src/app.txt': changed(20, [18, 'documented']) } })
    const { out } = await radar(['--format', 'json'], { cwd: other.folder, state })
    expect(JSON.parse(out)).toMatchObject({ since: { moved: ['docs'], newConflicts: [{ a: 'cache', b: 'docs' }], solved: [] } })
  })

  test('a look at chosen branches is held against the last at the same ones, and no look at all against it', async () => {
    const { state } = await radar([])
    expect((await radar(['--refs', 'docs'], { state })).out).not.toContain('Since')
    expect((await radar(['--refs', 'docs'], { state })).out).toContain('nothing changed')
    const { out } = await radar([], { state })
    expect(out).toContain('nothing changed')
    expect(out).not.toContain('appeared')
  })
})

describe('branches that merge cleanly and break together', () => {
  test('the guilty pair is found, and named with the tree', async () => {
    const { exitCode, out } = await radar(['--test', 'sh test.sh', '--format', 'json'])
    expect(exitCode).toBe(1)
    const { tests } = JSON.parse(out) as { tests: readonly { guilty?: readonly string[]; guiltyTree?: string; outcome: string }[] }
    expect(tests[0]).toMatchObject({ outcome: 'failed', guilty: ['caller', 'rename'] })
    expect(tests[0]?.guiltyTree).toMatch(/^[0-9a-f]{40}$/)
    expect(tests[1]).toMatchObject({ outcome: 'passed' })
  })

  test('a wave whose merged tree passed before is not run again', async () => {
    const { state } = await radar(['--refs', 'docs', '--refs', 'rename', '--test', 'sh test.sh'])
    const { out, exitCode } = await radar(['--refs', 'docs', '--refs', 'rename', '--test', 'sh test.sh', '--format', 'json'], { state })
    expect(JSON.parse(out)).toMatchObject({ tests: [{ outcome: 'passed', runs: 0 }] })
    expect(exitCode).toBe(0)
  })

  test('a target that fails by itself has no guilty stream', async () => {
    const { out } = await radar(['--refs', 'docs', '--test', 'false', '--format', 'json'])
    expect(JSON.parse(out)).toMatchObject({ tests: [{ outcome: 'failed', guilty: [] }] })
  })
})

const PROGRAM = `program: agents
name: Agents
calendar: { zone: UTC }
people:
  boss: { name: The phase lead, roles: [phase-lead] }
  lead-a: { name: Lead A }
  lead-b: { name: Lead B }
sources:
  git: { collect: git }
  suite: { collect: command, run: sh test.sh }
streams:
  router: { name: Router, lead: lead-a, branch: router, exclusive: ['src/**'] }
  cache: { name: Cache, lead: lead-b, branch: cache }
  docs: { name: Docs, lead: lead-b, branch: docs, dependsOn: [router] }
checkpoints:
  friday:
    name: Friday
    at: 2026-02-27 16:00
    criteria:
      there: { title: The branch is there, metric: git.exists, equals: true }
      alone: { title: It collides with nobody, metric: conflicts, atMost: 0, tier: advisory }
`

describe('the streams of a program', () => {
  const place = (name: string, text = PROGRAM): string => {
    const path = join(folder, name)
    mkdirSync(path)
    writeFileSync(join(path, 'muster.yaml'), text.replace('calendar:', `repository: ${repository.folder}\ncalendar:`))
    return path
  }

  test('are shown by name with their leads, planned on work days, and trespasses are told', async () => {
    const { exitCode, out } = await radar([], { cwd: place('program') })
    expect(exitCode).toBe(1)
    expect(out).toContain('Lead A')
    expect(out).toMatch(/Thu 26 Feb/)
    expect(out).toContain('src/app.txt')
    const json = await radar(['--format', 'json'], { cwd: join(folder, 'program') })
    expect(JSON.parse(json.out)).toMatchObject({ trespasses: [{ path: 'src/app.txt', stream: 'cache', owner: 'router' }] })
  })

  test('an untrusted command of the program is not run on merged trees', async () => {
    const cwd = place('untrusted')
    const { out, exitCode } = await radar(['--test', 'suite', '--format', 'json'], { cwd })
    expect(JSON.parse(out)).toMatchObject({ tests: [{ outcome: 'not-run', runs: 1 }, {}] })
    expect(out).toContain('--yes')
    expect(exitCode).toBe(1)
    const agreed = await radar(['--test', '--yes', '--format', 'json'], { cwd })
    expect(JSON.parse(agreed.out)).toMatchObject({ tests: [{ outcome: 'passed' }, { outcome: 'passed' }] })
  })

  test('a criterion reads the metric, and the merge plan of the decision knows who reworks', async () => {
    const cwd = place('checked')
    const env = { PATH: process.env['PATH'], HOME: folder, XDG_STATE_HOME: join(folder, 'xdg') }
    const io = fakeIo({ argv: ['check', '--format', 'json'], cwd, env })
    expect(await run(io)).toBe(0)
    const report = JSON.parse(io.out()) as {
      readonly criteria: readonly { readonly id: string; readonly subject: string; readonly status: string }[]
      readonly decision: object
    }
    expect(report.criteria.filter((one) => one.id === 'alone').map(({ subject, status }) => [subject, status])).toEqual([
      ['stream:router', 'unsatisfied'],
      ['stream:cache', 'unsatisfied'],
      ['stream:docs', 'satisfied'],
    ])
    expect(report.decision).toMatchObject({
      merge: { rework: [{ stream: 'cache', because: ['router'] }], optimal: true, atLeast: 1 },
    })
    const replayed = fakeIo({ argv: ['replay'], cwd, env })
    expect(await run(replayed)).toBe(0)
  })
})

test('watching tells what changes, uncommitted work of a worktree included, and leaves its index alone', async () => {
  const other = join(folder, 'worktree-docs')
  watched.git(['worktree', 'add', '-q', other, 'docs'])
  const index = join(watched.folder, '.git/worktrees/worktree-docs/index')
  const before = { bytes: readFileSync(index), at: statSync(index).mtimeMs }
  const controller = new AbortController()
  const env = { PATH: process.env['PATH'], HOME: folder, MUSTER_STATE: join(folder, 'state-watch') }
  const io = { ...fakeIo({ argv: ['radar', '--watch', '--interval', '0.1'], cwd: watched.folder, env }), signal: controller.signal }
  const ended = run(io)
  const until = async (words: string, from = 0): Promise<void> => {
    const isOver = ended.then(() => true)
    while (!io.out().includes(words, from)) {
      const waited = new Promise<false>((resolve) => setTimeout(() => resolve(false), 20))
      if ((await Promise.race([isOver, waited])) || io.err() !== '')
        throw new Error(`it ended before it said ${words}: ${io.out()}${io.err()}`)
    }
  }
  await until('router')
  const first = io.out()
  // As editors do, so that nobody sees a file that is still empty.
  const save = (text: string): void => {
    writeFileSync(join(folder, 'draft'), text)
    renameSync(join(folder, 'draft'), join(other, 'src/app.txt'))
  }
  save(changed(20, [18, 'documented, not committed']))
  await until('docs', first.length)
  const said = io.out().slice(first.length)
  expect(said).toContain('src/app.txt')
  expect(said).not.toContain('router')
  // The same file again, and then as it was committed.
  const second = io.out().length
  save(changed(20, [10, 'documented otherwise, not committed']))
  await until('docs × router collide', second)
  const third = io.out().length
  save(lines(20))
  await until('docs × router', third)
  // A worktree that cannot be read: the others are looked at all the same.
  const fourth = io.out().length
  const head = join(index, '../HEAD')
  writeFileSync(head, `${'f'.repeat(40)}\n`)
  await until('worktree-docs appeared: cannot be judged', fourth)
  expect(io.err()).toBe('')
  controller.abort()
  expect(await ended).toBe(1)
  expect({ bytes: readFileSync(index), at: statSync(index).mtimeMs }).toEqual(before)
})
