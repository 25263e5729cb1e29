import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { CommandHost, CommandResult } from '#core/evidence/collector.ts'
import { createRunner, type RunnerOptions } from '#collect/command/runner.ts'
import type { Trust } from '#collect/command/trust.ts'
import { createScene, requestFor, type Present, type Scene } from './command-repository.ts'

const everything: Trust = { isTrusted: async () => true, add: async () => undefined }

let scene: Scene
let head: Present
let marks: string
let runner: CommandHost

beforeAll(async () => {
  scene = await createScene()
  head = await scene.commit({
    'hello.sh': '#!/bin/sh\necho hello from the commit\n',
    'sub/where.sh': '#!/bin/sh\npwd\n',
    escape: { link: '/etc' },
    inner: { link: 'sub' },
  })
})
afterAll(() => scene.close())
beforeEach(async () => {
  marks = join(scene.folder, `marks-${Math.random()}`)
  await mkdir(marks)
  runner = runnerWith()
})
afterEach(() => runner.close())

const runnerWith = (more: Partial<RunnerOptions> = {}): CommandHost =>
  createRunner({ repository: scene.repository, folder: join(scene.folder, 'runs'), trust: everything, environment: process.env, ...more })

const never = new AbortController().signal
const run = (line: string, more: Parameters<typeof requestFor>[2] = {}): Promise<CommandResult> =>
  runner.run(requestFor(head, line, more), never)

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10))
}
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    // A dead child that nobody has waited for still has its number.
    return !/^\d+ \(.*\) Z/s.test(requireStat(pid))
  } catch {
    return false
  }
}
const requireStat = (pid: number): string => process.getBuiltinModule('node:fs').readFileSync(`/proc/${pid}/stat`, 'utf8')
const pidIn = async (name: string): Promise<number> => {
  await until(async () => existsSync(join(marks, name)) && (await readFile(join(marks, name), 'utf8')).endsWith('\n'))
  return Number(await readFile(join(marks, name), 'utf8'))
}

test('runs in a checkout of the commit, with its exit code and its whole output', async () => {
  const result = await run('./hello.sh; echo complaint >&2; echo end; exit 3')
  expect(result).toMatchObject({
    outcome: 'ended',
    exitCode: 3,
    signal: null,
    timedOut: false,
    output: 'hello from the commit\ncomplaint\nend\n',
  })
  const sha256 = createHash('sha256').update('hello from the commit\ncomplaint\nend\n').digest('hex')
  expect(result).toMatchObject({ sha256 })
})

test('what a killed process has left is removed, what a living one uses is not', async () => {
  const folder = join(scene.folder, 'left')
  const other = spawnSync(process.execPath, ['-e', '0'])
  await mkdir(join(folder, `run-${other.pid}-gone`, 'checkout'), { recursive: true })
  await mkdir(join(folder, `run-${process.ppid}-used`, 'checkout'), { recursive: true })
  const mine = runnerWith({ folder })
  await mine.run(requestFor(head, 'true'), never)
  await mine.close()
  expect(await readdir(folder)).toEqual([`run-${process.ppid}-used`])
})

test('of a long output the hash covers all and the end is kept, at a whole character', async () => {
  const result = await run(`node -e 'process.stdout.write("é".repeat(50000) + "x".repeat(100))'`)
  if (result.outcome !== 'ended') throw new Error(result.reason)
  expect(result.sha256).toBe(
    createHash('sha256')
      .update('é'.repeat(50_000) + 'x'.repeat(100))
      .digest('hex'),
  )
  expect(result.output).toMatch(/^é+x{100}$/)
  expect(Buffer.byteLength(result.output)).toBe(64 * 1024)
})

test('a signal that ends the command is told', async () => {
  expect(await run('kill -SEGV $$')).toMatchObject({ outcome: 'ended', exitCode: null, signal: 'SIGSEGV', timedOut: false })
})

test('the folder holds, and cannot lead out of the checkout', async () => {
  const result = await run('./where.sh', { folder: 'inner' })
  expect(result).toMatchObject({ outcome: 'ended', output: expect.stringMatching(/\/checkout\/sub\n$/) as string })
  for (const folder of ['escape', '../..', 'missing', 'hello.sh']) {
    expect(await run('pwd', { folder })).toMatchObject({ outcome: 'failed-to-start', reason: expect.stringContaining(folder) as string })
  }
})

test('of the caller’s environment only PATH passes, without entries relative to the checkout', async () => {
  // Rust's tools bring one setting more.
  const path = (process.env['PATH'] ?? '').split(':').filter((entry) => isAbsolute(entry) && !entry.includes('/.cargo/'))
  const environment = {
    ...process.env,
    PATH: ['node_modules/.bin', '', '.', ...path].join(':'),
    GITHUB_TOKEN: 'x',
    GIT_DIR: '/elsewhere',
    NODE_OPTIONS: '--no-warnings',
    npm_config_registry: 'x',
    SSH_AUTH_SOCK: 'x',
    HTTPS_PROXY: 'x',
    LD_PRELOAD: '',
    BASH_ENV: 'x',
  }
  const other = runnerWith({ environment })
  const result = await other.run(
    requestFor(head, 'env -0', { environment: { MODE: 'fast', GIT_DIR: 'x', PATH: 'x', HOME: 'x', TZ: 'Europe/Berlin' } }),
    never,
  )
  await other.close()
  if (result.outcome !== 'ended') throw new Error(result.reason)
  const seen = Object.fromEntries(
    result.output
      .split('\0')
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
  const { HOME, TMPDIR, PWD, OLDPWD, SHLVL, _, ...rest } = seen
  expect(rest).toEqual({ PATH: path.join(':'), LANG: 'C.UTF-8', CI: '1', TZ: 'Europe/Berlin', MODE: 'fast' })
  expect(HOME).not.toBe(process.env['HOME'])
  expect(TMPDIR).toContain(join(scene.folder, 'runs'))
  expect({ PWD, OLDPWD, SHLVL, _ }).toBeDefined()
})

test('home and temporary folder are empty and writable, standard input is closed', async () => {
  expect(await run('ls -A "$HOME" "$TMPDIR"; cat; touch "$HOME/a" "$TMPDIR/b" && echo written')).toMatchObject({
    exitCode: 0,
    output: expect.stringMatching(/written\n$/) as string,
  })
})

test('the time limit ends the command and its grandchildren, also those that ignore SIGTERM', async () => {
  const other = runnerWith({ limits: { graceSeconds: 0.3 } })
  const line = `(trap '' TERM; sh -c 'trap "" TERM; echo $$ > ${marks}/grandchild; while :; do sleep 0.1; done') & echo begun; wait`
  const result = other.run(requestFor(head, line, { timeLimitSeconds: 3 }), never)
  const pid = await pidIn('grandchild')
  expect(await result).toMatchObject({
    outcome: 'ended',
    exitCode: null,
    timedOut: true,
    output: 'begun\n',
    reason: expect.stringContaining('time limit of 3 s') as string,
  })
  await until(() => !isAlive(pid))
  await other.close()
})

test('a command may clean up after SIGTERM', async () => {
  const result = await run(`trap 'echo tidied; exit 0' TERM; echo begun; while :; do sleep 0.05; done`, { timeLimitSeconds: 3 })
  expect(result).toMatchObject({
    timedOut: true,
    exitCode: null,
    output: expect.stringMatching(/^begun\n(?:Terminated\n)?tidied\n$/) as string,
  })
})

test('what a command leaves running is killed when it ends', async () => {
  const result = await run(
    `sh -c 'echo $$ > ${marks}/left; exec sleep 1000' & while [ ! -s ${marks}/left ]; do sleep 0.02; done; echo done`,
  )
  expect(result).toMatchObject({ exitCode: 0, timedOut: false, output: 'done\n' })
  const pid = await pidIn('left')
  await until(() => !isAlive(pid))
})

test('a command that prints for ever is ended with the reason', async () => {
  const other = runnerWith({ limits: { outputBytes: 1_000_000 } })
  const result = await other.run(requestFor(head, 'yes'), never)
  await other.close()
  expect(result).toMatchObject({
    outcome: 'ended',
    exitCode: null,
    timedOut: false,
    reason: expect.stringContaining('more than 1000000 bytes') as string,
  })
  if (result.outcome === 'ended') expect(Buffer.byteLength(result.output)).toBeLessThanOrEqual(64 * 1024)
})

test('an equal request runs once and shares its checkout, another one does not', async () => {
  const line = `mktemp ${marks}/XXXXXX > mark; cat mark`
  const [a, b, c] = await Promise.all([
    run(line),
    run(line, { sourceId: 'other', subject: 'stream:a' }),
    run(line, { environment: { X: '1' } }),
  ])
  expect(await readdir(marks)).toHaveLength(2)
  if (a.outcome !== 'ended' || b.outcome !== 'ended' || c.outcome !== 'ended') throw new Error('did not end')
  expect(b.checkout).toBe(a.checkout)
  expect(c.checkout).not.toBe(a.checkout)
  expect(await run(line)).toBe(a)
  expect(await readFile(join(a.checkout, 'mark'), 'utf8')).toBe(a.output)
})

test('at most two run at one time, and all run', async () => {
  // Each run leaves a mark while it is there and counts what it sees; the first two wait for each other.
  const both = join(scene.folder, 'both')
  const line = (index: number): string =>
    `touch ${marks}/${index}; ls ${marks} | wc -l; until [ -e ${both} ]; do [ $(ls ${marks} | wc -l) -lt 2 ] || touch ${both}; sleep 0.02; done; ls ${marks} | wc -l; rm ${marks}/${index}`
  const results = await Promise.all([1, 2, 3, 4, 5].map((index) => run(line(index))))
  const counts = results.flatMap((result) => (result.outcome === 'ended' ? result.output.trim().split('\n').map(Number) : []))
  expect(counts).toHaveLength(10)
  expect(Math.max(...counts)).toBe(2)
})

test('abort ends the command, and a later request runs again', async () => {
  const controller = new AbortController()
  const request = requestFor(head, `echo $$ > ${marks}/pid; [ -e ${marks}/go ] || exec sleep 1000`)
  const result = runner.run(request, controller.signal)
  const pid = await pidIn('pid')
  controller.abort()
  expect(await result).toMatchObject({ outcome: 'cancelled' })
  await until(() => !isAlive(pid))
  await writeFile(join(marks, 'go'), '')
  expect(await runner.run(request, never)).toMatchObject({ outcome: 'ended', exitCode: 0 })
})

test('a run that somebody still waits for outlives the abort of another', async () => {
  const controller = new AbortController()
  const request = requestFor(head, `echo $$ > ${marks}/pid; while [ ! -e ${marks}/go ]; do sleep 0.02; done; echo finished`)
  const first = runner.run(request, controller.signal)
  const second = runner.run({ ...request, sourceId: 'other' }, never)
  await pidIn('pid')
  controller.abort()
  expect(await first).toMatchObject({ outcome: 'cancelled' })
  await writeFile(join(marks, 'go'), '')
  expect(await second).toMatchObject({ outcome: 'ended', output: 'finished\n' })
})

test('a request that comes with an aborted signal starts nothing', async () => {
  expect(await runner.run(requestFor(head, `touch ${marks}/ran`), AbortSignal.abort())).toMatchObject({ outcome: 'cancelled' })
  await runner.close()
  expect(existsSync(join(marks, 'ran'))).toBe(false)
})

test('setup runs first in the same place; where it fails the command does not run', async () => {
  expect(await run('cat made', { setup: 'echo by setup > made' })).toMatchObject({ outcome: 'ended', exitCode: 0, output: 'by setup\n' })
  const failed = await run(`touch ${marks}/ran`, { setup: 'echo no network; exit 7' })
  expect(failed).toMatchObject({ outcome: 'failed-setup', reason: 'setup ended with exit code 7', output: 'no network\n' })
  expect(existsSync(join(marks, 'ran'))).toBe(false)
  expect(await run('true', { setup: 'exec sleep 1000', timeLimitSeconds: 0.2 })).toMatchObject({
    outcome: 'failed-setup',
    reason: expect.stringContaining('time limit') as string,
  })
})

test('what cannot be checked out is a reason, not an exception', async () => {
  const result = await run('true', { commit: '0123456789012345678901234567890123456789' })
  expect(result).toMatchObject({ outcome: 'failed-to-start' })
})

test('others wait for the result of an announced source, and for nothing else', async () => {
  runner.announce('build', 'stream:a')
  runner.announce('lint', 'stream:a')
  expect(await runner.resultOf('build', 'stream:b')).toBeUndefined()
  const build = runner.resultOf('build', 'stream:a')
  const lint = runner.resultOf('lint', 'stream:a')
  runner.settle('lint', 'stream:a')
  expect(await lint).toBeUndefined()
  const result = await run('echo built > report.xml', { subject: 'stream:a' })
  expect(await build).toBe(result)
  runner.settle('build', 'stream:a')
  expect(await runner.resultOf('build', 'stream:a')).toBe(result)
})

test('close ends what runs, answers who waits and leaves no checkout', async () => {
  runner.announce('later', 'program')
  const waiting = runner.resultOf('later', 'program')
  const running = run(`echo $$ > ${marks}/pid; exec sleep 1000`)
  const pid = await pidIn('pid')
  // What tools such as the module cache of Go do.
  const kept = await run(
    'mkdir -p "$HOME/cache/x" && touch "$HOME/cache/x/f" && chmod -R a-w "$HOME/cache"; mkdir ro && touch ro/f && chmod a-w ro',
  )
  expect(kept).toMatchObject({ exitCode: 0 })
  await runner.close()
  expect(await waiting).toBeUndefined()
  expect(await running).toMatchObject({ outcome: 'cancelled' })
  expect(isAlive(pid)).toBe(false)
  expect(await readdir(join(scene.folder, 'runs'))).toEqual([])
  expect(await run('true')).toMatchObject({ outcome: 'failed-to-start' })
})
