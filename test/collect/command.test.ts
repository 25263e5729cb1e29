import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CollectContext, CommandHost, Fact } from '#core/evidence/collector.ts'
import type { SubjectState } from '#core/evidence/evidence.ts'
import { collector, commandRequest } from '#collect/command/index.ts'
import { kind, type CommandOptions } from '#collect/command/kind.ts'
import { createRunner } from '#collect/command/runner.ts'
import { createScene, type Present, type Scene } from './command-repository.ts'
import { OUTSIDE } from './outside.ts'

let scene: Scene
let head: Present
let runner: CommandHost

beforeAll(async () => {
  scene = await createScene()
  head = await scene.commit({ 'size.sh': '#!/bin/sh\necho "Total size: 12.5 kB"\n', 'plain.txt': 'x' })
  runner = createRunner({
    repository: scene.repository,
    folder: join(scene.folder, 'runs'),
    trust: { isTrusted: async () => true, add: async () => undefined },
    environment: process.env,
  })
})
afterAll(async () => {
  await runner.close()
  await scene.close()
})

async function collect(
  options: CommandOptions,
  more: { readonly state?: SubjectState; readonly runner?: CommandHost; readonly timeLimitSeconds?: number } = {},
): Promise<Readonly<Record<string, Fact>>> {
  const { timeLimitSeconds } = more
  const request = {
    sourceId: 'build',
    subject: 'stream:a',
    options: kind.options.parse(options),
    state: more.state ?? head,
    ...(timeLimitSeconds !== undefined && { timeLimitSeconds }),
  } as const
  const context: CollectContext = {
    ...OUTSIDE,
    repository: scene.repository,
    target: head,
    streams: [],
    programFolder: scene.folder,
    runner: more.runner ?? runner,
    at: '2026-02-25T15:00:00Z',
    signal: new AbortController().signal,
    seed: 1,
  }
  return Object.fromEntries((await collector.collect(request, context)).map((fact) => [fact.name, fact]))
}

test('exit code 0 passes; the time and the hash of the output are told', async () => {
  const { passed, exit, seconds, number } = await collect({ run: 'true' })
  expect(passed).toEqual({
    name: 'passed',
    status: 'observed',
    value: true,
    source: 'true',
    sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  })
  expect(exit).toMatchObject({ status: 'observed', value: 0 })
  expect(seconds).toMatchObject({ status: 'observed', value: expect.any(Number) as number })
  expect(number).toBeUndefined()
})

test('another exit code fails, with the end of the log, clean and without secrets', async () => {
  const run = `i=0; while [ $i -lt 30 ]; do echo line $i; i=$((i+1)); done; printf '\\033[31mFAIL\\033[0m Bearer abcdefghijklmnop %s\\n' "$MY_SECRET"; exit 2`
  const { passed, exit } = await collect({ run, environment: { MY_SECRET: 'correct-horse' } })
  expect(passed).toMatchObject({ status: 'observed', value: false, reason: 'ended with exit code 2' })
  expect(exit).toMatchObject({ status: 'observed', value: 2 })
  expect(passed?.details).toHaveLength(20)
  expect(passed?.details?.at(-1)).toBe('FAIL Bearer [redacted] [redacted]')
})

test.each(['false\ntrue', 'false; true', '(cd . && false); true'])('%j fails: no step is forgotten over the next', async (run) => {
  expect(await collect({ run })).toMatchObject({ passed: { value: false }, exit: { value: 1 } })
  expect((await collect({ run: 'true', setup: run })).passed).toMatchObject({
    status: 'errored',
    reason: expect.stringContaining('setup ended with exit code 1') as string,
  })
})

test('the command line that is shown as the source holds no secret', async () => {
  const { passed } = await collect({ run: ': --token=abcdefgh' })
  expect(passed?.source).toBe(': --token=[redacted]')
})

test.each([
  ['a signal', { run: 'kill -KILL $$' }, 'SIGKILL'],
  ['a signal to a child', { run: 'sh -c "kill -SEGV \\$\\$"; exit $?' }, 'SIGSEGV'],
  ['a command that is not there', { run: 'no-such-tool --check' }, 'exit code 127'],
  ['a file that is no program', { run: './plain.txt' }, 'exit code 126'],
  ['a setup that fails', { run: 'true', setup: 'false' }, 'setup ended with exit code 1'],
  ['a folder that is not there', { run: 'true', folder: 'nowhere' }, 'nowhere'],
])('%s is errored, neither passed nor failed', async (_name, options, reason) => {
  const facts = await collect({ ...options, number: { after: 'x' } })
  expect(Object.keys(facts)).toEqual(['passed', 'exit', 'seconds', 'number'])
  for (const fact of Object.values(facts)) {
    expect(fact).toMatchObject({ status: 'errored', reason: expect.stringContaining(reason) as string })
    expect(fact).not.toHaveProperty('value')
  }
})

test('over the time limit of the source is errored, with what was printed', async () => {
  const { passed } = await collect({ run: 'echo waiting for the lock; exec sleep 1000' }, { timeLimitSeconds: 3 })
  expect(passed).toMatchObject({ status: 'errored', reason: 'was ended after its time limit of 3 s', details: ['waiting for the lock'] })
})

test('an untrusted command is missing evidence', async () => {
  const refusing = createRunner({
    repository: scene.repository,
    folder: join(scene.folder, 'runs'),
    trust: { isTrusted: async () => false, add: async () => undefined },
    environment: process.env,
  })
  const { passed } = await collect({ run: 'true' }, { runner: refusing })
  await refusing.close()
  expect(passed).toMatchObject({ status: 'missing', reason: expect.stringContaining('`muster trust`') as string })
})

test('a subject that is not there is missing evidence, with its reason', async () => {
  expect(await collect({ run: 'true' }, { state: { state: 'absent', reason: 'there is no branch feature/psi' } })).toMatchObject({
    passed: { status: 'missing', reason: 'there is no branch feature/psi' },
  })
})

test('a number in the output, in its unit, also of a command that fails', async () => {
  expect((await collect({ run: './size.sh', number: { after: 'Total size:' }, unit: 'bytes' })).number).toMatchObject({
    status: 'observed',
    value: 12_500,
    unit: 'bytes',
  })
  expect((await collect({ run: `echo '{"warnings": 3}'; exit 1`, number: { json: 'warnings' } })).number).toMatchObject({
    status: 'observed',
    value: 3,
    unit: 'count',
    reason: 'the command ended with exit code 1',
  })
  expect((await collect({ run: 'echo nothing', number: { after: 'Total size:' } })).number).toMatchObject({
    status: 'missing',
    details: ['nothing'],
  })
})

test('the request that is shown before trust is the one that runs', () => {
  const request = { sourceId: 'build', subject: 'stream:a', options: { run: 'make', setup: 'npm ci' }, state: head } as const
  expect(commandRequest(request)).toEqual({
    sourceId: 'build',
    subject: 'stream:a',
    commit: head.commit,
    tree: head.tree,
    run: 'make',
    setup: 'npm ci',
    folder: '.',
    environment: {},
    timeLimitSeconds: 600,
  })
  expect(commandRequest({ ...request, state: { state: 'absent', reason: 'x' } })).toBeUndefined()
})

test.each([
  [{ run: ' ' }],
  [{ run: 'true', folder: '/etc' }],
  [{ run: 'true', folder: 'a/../../b' }],
  [{ run: 'true', environment: { 'A B': 'x' } }],
  [{ run: 'true', environment: { PATH: '/tmp' } }],
  [{ run: 'true', environment: { GIT_SSH_COMMAND: 'x' } }],
  [{ run: 'true', environment: { A: 'x\0y' } }],
  [{ run: 'true', number: { pattern: '(a+)+$' } }],
  [{ run: 'true', number: { after: 'x', json: 'y' } }],
  [{ run: 'true', unit: 'boolean' }],
  [{ run: 'true', unknown: 1 }],
])('the options refuse %j', (options) => {
  expect(kind.options.safeParse(options).success).toBe(false)
})
