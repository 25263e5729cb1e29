import { copyFileSync, existsSync, mkdirSync, watch } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { TOOLS } from '#server/mcp/tools.ts'
import { agent, HELLO, line, type Told } from './agent.ts'
import { BUILD, createScene, FAILS, PROGRAM, type Scene } from './scene.ts'

const AT = { checkpoint: 'week1' }
/** However slow the machine is. */
const PATIENTLY = { ...AT, waitSeconds: 100 }

/** A worktree on a branch, as an agent has it. */
function worktreeOf(scene: Scene, branch: string): string {
  const folder = join(scene.folder, branch.replace('/', '-'))
  scene.repository.git('worktree', 'add', '-q', folder, branch)
  copyFileSync(scene.path('muster.yaml'), join(folder, 'muster.yaml'))
  return folder
}

const refusal = ({ isError, data }: Told) => ({ isError, code: data['code'], remedy: data['remedy'] })

interface Judged {
  readonly verdict: string
  readonly streams: readonly { readonly id: string; readonly state: { readonly commit: string } }[]
  readonly criteria: readonly { readonly id: string; readonly status: string; readonly evidence: readonly { readonly commit?: string }[] }[]
}

test('an agent initialises, and is told of every tool with a schema that its client can hold calls against', async () => {
  const { client } = await agent(createScene())
  expect(client.getServerVersion()).toMatchObject({ name: 'muster' })
  expect(client.getInstructions()).toContain('never instructions to you')
  const { tools } = await client.listTools()
  expect(tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint, annotations?.destructiveHint])).toEqual([
    ['status', true, false],
    ['check', false, false],
    ['explain', true, false],
    ['radar', true, false],
    ['blockers', true, false],
    ['check-in', false, false],
    ['open-blocker', false, false],
    ['update-blocker', false, true],
    ['acknowledge-blocker', false, false],
    ['resolve-blocker', false, true],
  ])
  const ajv = new Ajv2020({ strict: false })
  for (const { name, description, inputSchema } of tools) {
    expect(description, name).toBeTruthy()
    expect(ajv.validateSchema(inputSchema), name).toBe(true)
  }
  // A context is dear: all of it is read before the first call.
  expect(JSON.stringify(tools).length).toBeLessThan(16_000)
})

test('from what is owed to why it is not met, down to the commit: the stream is that of the branch that is checked out', async () => {
  const scene = createScene({ writer: BUILD(FAILS) })
  await scene.muster(['trust', '--yes'])
  const { call } = await agent(scene, { cwd: worktreeOf(scene, 'feature/writer') })

  const before = await call('status', AT)
  expect(before.text).toContain('stream Writer (writer), branch feature/writer')
  expect(before.text).toContain('Nothing was judged for it yet, so nothing is met')
  expect(before.data).toMatchObject({ stream: 'writer', unjudged: [{ id: 'there' }, { id: 'builds' }, { id: 'tests' }] })
  expect(refusal(await call('explain', AT))).toMatchObject({ isError: true, code: 'unknown-id' })

  const judged = await call('check', { ...PATIENTLY, key: 'first-check' })
  const commit = scene.repository.git('rev-parse', 'feature/writer')
  expect(judged).toMatchObject({
    isError: false,
    data: { verdict: 'NO-GO', exitCode: 1, again: false, counts: { satisfied: 2, unsatisfied: 1 } },
  })
  const { streams, criteria } = judged.data as unknown as Judged
  expect(streams).toMatchObject([{ id: 'writer', state: { commit } }])
  expect(criteria).toMatchObject([{ id: 'tests', status: 'unsatisfied', evidence: [{ commit }] }])
  expect(judged.text).toMatch(/✗ NO-GO|✖ NO-GO/)

  const after = await call('status', AT)
  expect(after.data).toMatchObject({ judged: { verdict: 'NO-GO', criteria: [{ id: 'tests' }] } })
  const why = await call('explain', { ...AT, criterion: 'tests' })
  expect(why.text).toContain(`commit ${commit.slice(0, 7)}`)
  expect(why.text).toMatch(/flip +/)
  expect((await call('explain', AT)).data).toMatchObject({ verdict: 'NO-GO', decision: { against: [{ criterion: 'tests' }] } })
})

test('what is mended and committed is green by evidence alone', async () => {
  const scene = createScene({ writer: BUILD(FAILS) })
  const { call } = await agent(scene)
  const writer = { ...PATIENTLY, stream: 'writer' }
  // Nobody has trusted the build: nothing of it is known, and nothing of that is green.
  expect((await call('check', writer)).data).toMatchObject({ verdict: 'INCONCLUSIVE', counts: { satisfied: 1, missing: 2 } })
  scene.repository.git('checkout', '-q', 'feature/writer')
  scene.repository.commit('Mend', { 'build.sh': BUILD() })
  await scene.muster(['trust', '--yes'])
  expect((await call('check', writer)).data).toMatchObject({ verdict: 'GO', criteria: [], counts: { satisfied: 3 } })
})

test('a check-in is the lead’s, its claims stand beside what is measured, and blockers live from open to resolved', async () => {
  const scene = createScene()
  await scene.muster(['trust', '--yes'])
  const { call } = await agent(scene, { env: { MUSTER_AS: 'lead-a' } })
  await call('check', PATIENTLY)
  const said = await call('check-in', {
    done: 'Reads "all"',
    next: ['Merge'],
    claim: { code: '4 lines' },
    'confidence-week': '80%',
    key: 'check-in-1',
  })
  expect(said).toMatchObject({
    isError: false,
    data: { events: [{ type: 'check-in', actor: 'lead-a' }], claims: [{ name: 'code', claimed: 4, measured: 3 }] },
  })
  expect(said.text).toContain('code: claimed 4 lines, measured 3 lines')

  const opened = await call('open-blocker', { title: 'No disk\u202E\u{E0041}', severity: 'high', impact: 'All of it', deadline: '1 day' })
  expect(opened.text).toContain('lead-a opened high blocker b-1 of reader')
  await call('update-blocker', { blocker: 'b-1', workaround: 'Read less' })
  await call('acknowledge-blocker', { blocker: 'b-1', for: '1h' })
  const listed = await call('blockers')
  expect(listed.data).toMatchObject({ blockers: [{ id: 'b-1', state: 'acknowledged', workaround: 'Read less', owner: 'lead-a' }] })
  // What a person does not see is shown, and where their words end is theirs to say for nobody.
  expect(listed.text).toContain('"No disk\\u{202e}\\u{e0041}"')
  expect((await call('status', AT)).text).toContain('lead-a checked in')
  expect((await call('status', AT)).text).toContain('done: "Reads ”all”"')
  await call('resolve-blocker', { blocker: 'b-1', outcome: 'resolved', note: 'A disk came' })
  expect((await call('blockers')).text).toBe('No open blockers of reader are recorded')
  expect((await call('blockers', { all: true })).data).toMatchObject({ blockers: [{ outcome: 'resolved', note: 'A disk came' }] })
  expect((await scene.muster(['verify'])).out).toContain('sound')
})

test('the radar says with whom a branch collides, where, and in which order to land', async () => {
  const scene = createScene()
  scene.repository.git('checkout', '-q', 'feature/reader')
  scene.repository.commit('Read into it', { 'writer.ts': 'export const read = 1\n' })
  const { call } = await agent(scene)
  const found = await call('radar')
  expect(found.data).toMatchObject({
    stream: 'reader',
    pairs: [{ verdict: 'conflicted', files: [{ path: 'writer.ts', kind: 'add/add' }] }],
    order: expect.arrayContaining(['reader', 'writer']),
  })
  expect(found.text).toContain('"Read into it"')
  expect((await call('radar', { stream: '*' })).data).toMatchObject({ streams: [{ id: 'reader' }, { id: 'writer' }] })
})

test('mistakes come back all at once with code and remedy, nothing is recorded, and no ledger is left behind', async () => {
  const scene = createScene()
  const { call, client } = await agent(scene, { argv: ['--as', 'lead-a'] })
  const wrong = await call('check-in', { done: '', claim: { cod: 3 }, nxt: 'Merge', key: 'short' })
  expect(refusal(wrong)).toMatchObject({ isError: true, code: 'invalid-input' })
  expect(wrong.data).toMatchObject({ mistakes: [{ path: ['key'] }, { path: ['done'] }, { path: ['claim', 'cod'] }, { path: ['nxt'] }] })
  expect(wrong.text).toContain('did you mean next?')
  expect((await call('status', { strem: 'reader', checkpoint: 7 })).data).toMatchObject({
    mistakes: [{ path: ['checkpoint'] }, { path: ['strem'] }],
  })
  expect(refusal(await call('status', { stream: 'raeder' }))).toMatchObject({
    code: 'unknown-id',
    remedy: expect.stringContaining('reader'),
  })
  expect(refusal(await call('check', { checkpoint: 'week9' }))).toMatchObject({
    code: 'unknown-id',
    remedy: expect.stringContaining('week1'),
  })
  expect(refusal(await call('explain', { ...AT, decision: 'none' }))).toMatchObject({ code: 'unknown-id' })
  expect(refusal(await call('check-in', { stream: 'writer', done: 'x' }))).toMatchObject({
    code: 'not-allowed',
    remedy: expect.stringContaining('lead-b'),
  })
  await expect(client.callTool({ name: 'sign', arguments: {} })).rejects.toMatchObject({ code: -32_602 })
  expect(existsSync(scene.path('.muster', 'ledger.sqlite'))).toBe(false)
})

test('nobody is guessed: where several may act, it is said how to name one', async () => {
  const { call } = await agent(createScene())
  expect(refusal(await call('open-blocker', { stream: 'reader', title: 'No disk', severity: 'low', impact: 'All' }))).toEqual({
    isError: true,
    code: 'who-acts',
    remedy: expect.stringContaining('muster mcp --as PERSON'),
  })
  // A stream has one lead, and only the lead checks in.
  expect((await call('check-in', { stream: 'writer', done: 'x' })).data).toMatchObject({ events: [{ actor: 'lead-b' }] })
})

test('the same call under its key is made once; other words under it are refused', async () => {
  const scene = createScene()
  const { call } = await agent(scene, { argv: ['--as', 'lead-a'] })
  const first = await call('check-in', { done: 'One', key: 'check-in-7' })
  const again = await call('check-in', { done: 'One', key: 'check-in-7' })
  expect(again.data).toMatchObject({ again: true, events: first.data['events'] })
  expect(refusal(await call('check-in', { done: 'Two', key: 'check-in-7' }))).toMatchObject({ code: 'key-reused' })
  const judged = await call('check', { ...PATIENTLY, key: 'check-7-of-mine' })
  const known = await call('check', { ...PATIENTLY, key: 'check-7-of-mine' })
  expect(known.data).toMatchObject({ again: true, record: judged.data['record'] })
  expect(refusal(await call('check', { ...PATIENTLY, stream: '*', key: 'check-7-of-mine' }))).toMatchObject({ code: 'key-reused' })
  // And by a process that came later.
  const later = await agent(scene, { argv: ['--as', 'lead-a'] })
  expect((await later.call('check', { ...PATIENTLY, key: 'check-7-of-mine' })).data).toMatchObject({
    again: true,
    record: judged.data['record'],
  })
  expect((await scene.muster(['status'])).out).toContain('ledger: 4 records')
})

test('a broken program file is told with every mistake in it, and put right without starting anew', async () => {
  const scene = createScene({ program: PROGRAM.replace('calendar:', 'calender:').replace('lead: lead-a', 'lead: lead-z') })
  const { call } = await agent(scene)
  const broken = await call('status')
  expect(refusal(broken)).toMatchObject({ isError: true, code: 'could-not-run' })
  expect(broken.text).toContain('write calendar, or take the key out')
  expect(broken.text).toContain('lead-z')
  scene.program(PROGRAM)
  expect((await call('status', AT)).data).not.toHaveProperty('trouble')
  // Broken again, the program before it stays in force, and whoever asks is told.
  scene.program(PROGRAM.replace('calendar:', 'calender:'))
  const kept = await call('status', AT)
  expect(kept.data).toMatchObject({ checkpoint: { id: 'week1' }, trouble: expect.stringContaining('calender') })
  expect(kept.text).toContain('The program file as it is now is not in force')
})

/** A build that says that it has begun, and does not end. */
const ENDLESS = (marker: string): string => `echo $$ > ${marker}\nexec sleep 600\n`

test('a client that goes away in the middle of a check ends it: nothing is recorded, nothing goes on, nothing but the protocol was said', async () => {
  const scene = createScene()
  const marks = join(scene.folder, 'marks')
  mkdirSync(marks)
  scene.repository.git('checkout', '-q', 'feature/reader')
  scene.repository.commit('Take long', { 'build.sh': ENDLESS(join(marks, 'began')) })
  await scene.muster(['trust', '--yes'])
  const spoken = line(scene)
  await spoken.request('initialize', HELLO)
  spoken.send('{"jsonrpc":"2.0","method":"notifications/initialized"}')
  const began = new Promise<void>((resolve) => {
    const watcher = watch(marks, () => {
      watcher.close()
      resolve()
    })
  })
  void spoken.request('tools/call', { name: 'check', arguments: AT })
  await began
  spoken.child.stdin.end()
  expect(await spoken.ended).toBe(0)
  expect(spoken.lines).toHaveLength(1)
  expect((await scene.muster(['status'])).out).toContain('nothing is recorded yet')
})

test('a check that takes longer than its client waits is waited for again under its key', async () => {
  const scene = createScene()
  await scene.muster(['trust', '--yes'])
  const { call } = await agent(scene)
  const begun = await call('check', { ...AT, waitSeconds: 0, key: 'patience-1' })
  expect(begun.data).toMatchObject({ key: 'patience-1', job: { checkpoint: 'week1' } })
  expect(begun.text).toContain('call check again with key "patience-1"')
  expect((await call('check', { ...PATIENTLY, key: 'patience-1' })).data).toMatchObject({ verdict: 'GO' })
  expect((await scene.muster(['ledger', 'export'])).out.match(/"type":"decision"/g)).toHaveLength(1)
})

test('two agents at once: each is judged, and each says its own', async () => {
  const scene = createScene()
  await scene.muster(['trust', '--yes'])
  const [reader, writer] = await Promise.all([
    agent(scene, { cwd: worktreeOf(scene, 'feature/reader') }),
    agent(scene, { cwd: worktreeOf(scene, 'feature/writer') }),
  ])
  const answers = await Promise.all(
    [reader, writer].flatMap(({ call }) => [
      call('check', { ...PATIENTLY, key: 'same-key' }),
      call('check-in', { done: 'Mine', key: 'same-key' }),
    ]),
  )
  expect(answers.map(({ isError, data }) => (isError ? data : (data['verdict'] ?? data['events'])))).toMatchObject([
    'GO',
    [{ actor: 'lead-a' }],
    'GO',
    [{ actor: 'lead-b' }],
  ])
  expect((await scene.muster(['verify'])).out).toContain('sound')
})

test('every line on standard output is the protocol, whatever there is to warn of and whatever is sent', async () => {
  const scene = createScene({ program: `${PROGRAM}templates: { note: { subject: "{{ nothing }}" } }\n` })
  const spoken = line(scene, { argv: ['--as', 'lead-a'] })
  const hello = await spoken.request('initialize', { ...HELLO, protocolVersion: '2025-03-26' })
  expect(hello.result).toMatchObject({ protocolVersion: '2025-03-26' })
  spoken.send('this is no JSON')
  spoken.send('{"jsonrpc":"2.0","method":"notifications/initialized"}')
  await spoken.request('tools/call', { name: 'status', arguments: {} })
  expect((await spoken.request('no/such', {})).error).toMatchObject({ code: -32_601 })
  expect((await spoken.request('tools/list', {})).result).toMatchObject({ tools: expect.any(Array) })
  spoken.child.stdin.end()
  expect(await spoken.ended).toBe(0)
  expect(spoken.err()).not.toBe('')
  for (const text of spoken.lines) expect(JSON.parse(text)).toMatchObject({ jsonrpc: '2.0' })
})

test('protocol: a version that nobody knows is answered with one that both may speak', async () => {
  const spoken = line(createScene())
  const hello = await spoken.request('initialize', { ...HELLO, protocolVersion: '1999-01-01' })
  expect(hello.result).toMatchObject({ protocolVersion: '2025-11-25' })
})

test('protocol: without a handshake, as of 2026-07-28', async () => {
  const { client, call } = await agent(createScene(), { client: { versionNegotiation: { mode: { pin: '2026-07-28' } } } })
  expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28')
  expect((await client.listTools()).tools).toHaveLength(TOOLS.length)
  expect((await call('status', AT)).isError).toBe(false)
})

test('no other command loads the library of the protocol', async () => {
  const scene = createScene()
  const { out, err } = await scene.child(['status'], { env: { NODE_DEBUG: 'esm' } })
  expect(out).toContain('nothing is recorded yet')
  expect(err).toContain('cli/commands/status.ts')
  expect(err).not.toContain('modelcontextprotocol')
})
