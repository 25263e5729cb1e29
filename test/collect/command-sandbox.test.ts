import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createRunner, type RunnerOptions } from '#collect/command/runner.ts'
import { findSandbox, type SandboxFound } from '#collect/command/sandbox.ts'
import type { Trust } from '#collect/command/trust.ts'
import type { CommandHost, CommandResult } from '#core/evidence/collector.ts'
import { createScene, requestFor, type Present, type Scene } from './command-repository.ts'

const everything: Trust = { isTrusted: async () => true, add: async () => undefined }
const never = new AbortController().signal
const found = await findSandbox(process.env)
const absent: SandboxFound = { ok: false, reason: 'there is none in this test' }

let scene: Scene
let head: Present
let runner: CommandHost | undefined

beforeAll(async () => {
  scene = await createScene()
  head = await scene.commit({ 'hello.sh': 'echo hello\n' })
})
afterAll(() => scene.close())
afterEach(async () => {
  await runner?.close()
  runner = undefined
})

type More = Partial<RunnerOptions>

const run = (line: string, more: Parameters<typeof requestFor>[2] = {}, options: More = {}): Promise<CommandResult> => {
  runner ??= createRunner({
    repository: scene.repository,
    folder: join(scene.folder, 'runs'),
    trust: everything,
    environment: process.env,
    sandbox: async () => found,
    ...options,
  })
  return runner.run(requestFor(head, line, more), never)
}

describe('where there is no sandbox', () => {
  test('a command that requires one does not run, nor one that must have no network', async () => {
    const none = { sandbox: async () => absent }
    for (const more of [{ sandbox: 'required' as const }, { network: false }]) {
      const result = await run('echo ran', more, none)
      expect(result).toMatchObject({ outcome: 'failed-to-start', reason: expect.stringContaining(absent.reason) as string })
    }
  })

  test('others run as before, and that is told', async () => {
    expect(await run('echo ran', {}, { sandbox: async () => absent })).toMatchObject({ exitCode: 0, sandboxed: false })
  })

  test('the machine may demand one for all of them', async () => {
    const result = await run('echo ran', { sandbox: 'off' }, { sandbox: async () => absent, sandboxMode: 'required' })
    expect(result).toMatchObject({ outcome: 'failed-to-start' })
  })

  test('bubblewrap that is not on the PATH is not found, and one that does not work is told', async () => {
    expect(await findSandbox({ PATH: '/nowhere' })).toMatchObject({
      ok: false,
      reason: expect.stringContaining('not on the PATH') as string,
    })
    const folder = await mkdtemp(join(scene.folder, 'bin-'))
    await writeFile(join(folder, 'bwrap'), '#!/bin/sh\necho no namespaces for you >&2\nexit 1\n', { mode: 0o755 })
    expect(await findSandbox({ PATH: folder })).toMatchObject({
      ok: false,
      reason: expect.stringContaining('no namespaces for you') as string,
    })
  })
})

// Left out and not skipped, so that a machine without bubblewrap can pass; it says so.
if (!found.ok) console.warn(`not tested: commands in a sandbox, ${found.reason}`)
const whereThereIsOne = found.ok ? describe : (_title: string, _tests: () => void): void => undefined

whereThereIsOne('in a sandbox', () => {
  let outside: string
  beforeEach(async () => {
    outside = await mkdtemp(join(scene.folder, 'outside-'))
    await writeFile(join(outside, 'secret'), 'as it was\n')
  })

  test('the checkout, home and temporary folder can be written, and files that were made are there afterwards', async () => {
    const result = await run('sh hello.sh && touch made "$HOME/a" "$TMPDIR/b" /tmp/c && echo done; exit 3')
    expect(result).toMatchObject({ outcome: 'ended', exitCode: 3, output: 'hello\ndone\n', sandboxed: true })
    if (result.outcome === 'ended') expect(await readFile(join(result.checkout, 'made'), 'utf8')).toBe('')
  })

  test('nothing outside can be written or, under /tmp, seen', async () => {
    const result = await run(`echo changed > ${outside}/secret; cat ${outside}/secret; touch /etc/made /usr/made; ls /etc/made /usr/made`)
    expect(result).toMatchObject({ outcome: 'ended', output: expect.not.stringMatching(/^\/(?:etc|usr)\/made/m) as string })
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('as it was\n')
    if (outside.startsWith('/tmp/') && result.outcome === 'ended') expect(result.output).not.toContain('as it was')
  })

  test('homes are empty, and so is the place of sockets', async () => {
    const home = userInfo().homedir
    // A tool that is found through PATH may lie in a home, and is there then.
    const elsewhere = (process.env['PATH'] ?? '').split(':').filter((entry) => !entry.startsWith(`${home}/`))
    const environment = { ...process.env, PATH: elsewhere.join(':') }
    const result = await run(`ls -A ${home} | wc -l; ls -A /run | grep -v -e resolve -e systemd | wc -l`, {}, { environment })
    expect(result).toMatchObject({ output: '0\n0\n' })
  })

  test('tools that hand over to another folder of a home find it: the shims of a version manager, what rustup keeps', async () => {
    const home = await mkdtemp(join(scene.folder, 'home-'))
    const script = async (path: string, text: string): Promise<void> => {
      await mkdir(join(home, path, '..'), { recursive: true })
      await writeFile(join(home, path), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
    }
    await script('.manager/versions/1/bin/tool', 'echo tool of a version')
    await script('.manager/shims/tool', `exec ${home}/.manager/versions/1/bin/tool`)
    await script('.rustup/toolchains/stable/bin/cargo', 'echo cargo of a toolchain')
    await script('.cargo/bin/cargo', 'exec "$RUSTUP_HOME/toolchains/stable/bin/cargo"')
    await script('.cargo/credentials', 'a secret')
    const environment = { ...process.env, PATH: `${home}/.manager/shims:${home}/.cargo/bin:${process.env['PATH']}` }
    expect(await run(`tool; cargo; cat ${home}/.cargo/credentials 2>/dev/null || echo hidden`, {}, { environment })).toMatchObject({
      output: 'tool of a version\ncargo of a toolchain\nhidden\n',
    })
  })

  test('processes of others are neither seen nor reached', async () => {
    expect(await run(`kill -0 ${process.pid} 2>/dev/null && echo reached; ps -e 2>/dev/null | grep -c node; true`)).toMatchObject({
      output: expect.not.stringContaining('reached') as string,
    })
  })

  test('without network there is none, but for its own', async () => {
    const server = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const ask = `node -e 'fetch("http://127.0.0.1:${port}").then(() => console.log("reached"), () => console.log("cut off"))'`
    expect(await run(ask, { network: false })).toMatchObject({ output: 'cut off\n' })
    expect(await run(ask)).toMatchObject({ output: 'reached\n' })
    server.close()
  })

  test('git works in the checkout', async () => {
    expect(await run('git rev-parse HEAD && git log --oneline | wc -l')).toMatchObject({ exitCode: 0, output: `${head.commit}\n1\n` })
  })

  test('a command may clean up when its time is over, and what it left running ends with it', async () => {
    const line = `setsid sh -c 'while :; do echo alive >> beat; sleep 0.05; done' & trap 'echo tidied > tidy; exit 0' TERM; echo begun; while :; do sleep 0.05; done`
    const result = await run(line, { timeLimitSeconds: 3 })
    expect(result).toMatchObject({ outcome: 'ended', timedOut: true })
    if (result.outcome !== 'ended') return
    expect(await readFile(join(result.checkout, 'tidy'), 'utf8')).toBe('tidied\n')
    const beats = async (): Promise<number> => (await readFile(join(result.checkout, 'beat'), 'utf8')).length
    const before = await beats()
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(await beats()).toBe(before)
  })

  test('a sandbox that cannot start is no failure of the command', async () => {
    const broken = await mkdtemp(join(scene.folder, 'bin-'))
    await writeFile(join(broken, 'bwrap'), '#!/bin/sh\necho out of namespaces >&2\nexit 1\n', { mode: 0o755 })
    const result = await run('true', {}, { sandbox: async () => ({ ok: true, sandbox: { program: join(broken, 'bwrap') } }) })
    expect(result).toMatchObject({ outcome: 'failed-to-start', reason: expect.stringContaining('out of namespaces') as string })
  })
})
