import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { BUILD, createScene, FAILS, NOW, PROGRAM } from '../cli/scene.ts'
import { startPostgres, type PostgresServer } from '../contract/postgres-server.ts'
import { describeWithPostgres } from '../contract/with-postgres.ts'
import { answerIn, DOCUMENT, eventsOf, OPERATIONS, wrongIn, type StreamedEvent } from './described.ts'
import { newKey, serve, type Served } from './served.ts'

const P = '/api/programs/demo'

/** A program with a decision that is no GO, a check-in, a blocker and a look of the radar. */
async function lively(): Promise<{ readonly served: Served; readonly decision: string; readonly job: string }> {
  const scene = createScene({ writer: BUILD(FAILS) })
  await scene.muster(['trust', '--yes'])
  const served = await serve(scene)
  const { client } = served
  await client.act(
    'demo',
    'check-in',
    { stream: 'reader', done: ['Read'], claim: { code: '4 lines' }, confidence: '80%' },
    { as: 'lead-a' },
  )
  await client.act(
    'demo',
    'open-blocker',
    { stream: 'writer', title: 'No disk', severity: 'high', impact: 'Nothing is written', deadline: '1 day' },
    { as: 'lead-b' },
  )
  const check = await client.write('startCheck', { program: 'demo', checkpoint: 'week1' })
  const radar = await client.write('startRadar', { program: 'demo' })
  await client.finished('demo', radar.id)
  const { decision = '', state } = await client.finished('demo', check.id)
  expect(state).toBe('done')
  // The radar looks once more, for evidence was gathered: from then on nothing changes by itself.
  for (const { id } of (await client.read('listJobs', { program: 'demo' })).items) await client.finished('demo', id)
  return { served, decision, job: check.id }
}

test('every answer is as the description says, has an ETag, and is not sent again to whoever has it', async () => {
  const { served, decision, job } = await lively()
  const links = await served.client.read('readLinks', { program: 'demo' })
  const [open] = (await served.client.read('listBlockers', { program: 'demo' })).items
  const known: Readonly<Record<string, string>> = {
    program: 'demo',
    stream: 'reader',
    checkpoint: 'week1',
    decision,
    job,
    blocker: open?.blocker ?? '',
    report: 'report.json',
    secret: /links\/demo\/([^/]+)/.exec(links.badge)?.[1] ?? '',
  }
  const reads = OPERATIONS.filter(({ method }) => method === 'get')
  expect(reads.length).toBeGreaterThan(35)
  for (const { path } of reads) {
    const asked = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(known[name] ?? ''))
    const first = await served.get(asked)
    const type = first.headers.get('content-type') ?? ''
    expect([path, first.status, wrongIn('get', path, first.status, type, await answerIn(first))]).toEqual([path, 200, ''])
    if (path.endsWith('/export') || path.endsWith('/events')) continue
    const etag = first.headers.get('etag') ?? ''
    expect([path, etag]).toEqual([path, expect.stringMatching(/^"[\w-]{22}"$/)])
    const again = await served.get(asked, { 'if-none-match': etag })
    expect([path, again.status, await again.text(), again.headers.get('etag')]).toEqual([path, 304, '', etag])
    expect((await served.get(asked, { 'if-none-match': `"other", W/${etag}` })).status).toBe(304)
    expect((await served.get(asked, { 'if-none-match': '*' })).status).toBe(304)
  }
  expect(await (await served.get('/openapi.json')).json()).toEqual(DOCUMENT)
  expect(await served.stop()).toBe(0)
})

test('whoever follows is told of records and of jobs, as the description says, and goes on where they left', async () => {
  const served = await serve(createScene())
  const path = '/api/programs/{program}/events'
  const follow = async (seen: string) => {
    const response = await served.get(`${P}/events`, { 'last-event-id': seen })
    return { type: response.headers.get('content-type') ?? '', events: eventsOf(response) }
  }
  const { type, events } = await follow('')
  const told: StreamedEvent[] = []
  const next = async (isIt: (event: StreamedEvent) => boolean): Promise<void> => {
    for (;;) {
      const { value } = (await events.next()) as { readonly value: StreamedEvent | undefined }
      if (!value) throw new Error('the stream has ended')
      told.push(value)
      if (isIt(value)) return
    }
  }
  await next(({ id }) => id === '0')
  await served.client.act('demo', 'check-in', { stream: 'reader', done: ['Read'] }, { as: 'lead-a' })
  await next(({ id }) => id === '1')
  await served.client.write('startRadar', { program: 'demo' })
  await next(({ event, data }) => event === 'job' && (JSON.parse(data ?? '') as { readonly state: string }).state === 'done')
  await events.return(undefined)
  expect(new Set(told.map(({ event }) => event))).toEqual(new Set(['head', 'job']))
  expect(wrongIn('get', path, 200, type, told)).toBe('')
  // Whoever has seen the newest is told that nothing happened.
  const again = await follow('1')
  expect((await again.events.next()).value).toEqual({ event: 'alive', data: '{}' })
  await again.events.return(undefined)
  expect(wrongIn('get', path, 200, type, [{ event: 'alive', data: '{}' }])).toBe('')
  expect(wrongIn('get', path, 200, type, [{ event: 'head', data: '{"seq":1}' }]), 'and it can fail').toContain('id')
  expect(wrongIn('get', path, 200, type, [{ event: 'head', id: '1', data: '{"seq":"1"}' }])).toContain('seq')
})

test('a stream of events ends in time, so that whoever may no longer read is let in no more', async () => {
  const served = await serve(createScene())
  // Of the look with which a server begins it would be told too.
  await served.client.finished('demo', 'begin')
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  try {
    const events = eventsOf(await served.get(`${P}/events`))
    expect((await events.next()).value).toMatchObject({ event: 'head' })
    await vi.advanceTimersByTimeAsync(600_000)
    const told: unknown[] = []
    vi.advanceTimersByTime(20_000)
    for await (const { event } of events) told.push(event)
    expect(new Set(told)).toEqual(new Set(['alive']))
  } finally {
    vi.useRealTimers()
  }
  expect(await served.stop()).toBe(0)
})

test('a write under its key is made once, under any number of retries, and by another process', async () => {
  const scene = createScene()
  const first = await serve(scene)
  const key = newKey()
  const input = { stream: 'writer', title: 'No disk', severity: 'high', impact: 'All', deadline: '1 day', as: 'lead-b' }
  const write = (served: Served, body: object = input) => served.post(`${P}/acts/open-blocker`, body, { 'idempotency-key': key })
  const answers = await Promise.all(Array.from({ length: 8 }, () => write(first)))
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 201))
  const events = await Promise.all(answers.map(async (one) => ((await one.json()) as { readonly events: unknown }).events))
  expect(new Set(events.map((one) => JSON.stringify(one))).size).toBe(1)
  await first.stop()

  const second = await serve(scene)
  expect(((await (await write(second)).json()) as { readonly events: unknown }).events).toEqual(events[0])
  const other = await write(second, { ...input, severity: 'low' })
  expect([other.status, await other.json()]).toEqual([422, expect.objectContaining({ code: 'key-reused' })])
  expect((await second.client.read('listBlockers', { program: 'demo' })).items).toHaveLength(1)
  const keyless = await second.post(`${P}/acts/open-blocker`, input, { 'idempotency-key': '' })
  expect([keyless.status, await keyless.json()]).toEqual([400, expect.objectContaining({ code: 'no-key' })])
})

describeWithPostgres('two servers on one database', () => {
  let database: PostgresServer
  beforeAll(async () => {
    database = await startPostgres()
  })
  afterAll(() => database.remove())

  test('a write that comes to both at once is made once, and each answers with what is on record', async () => {
    const env = { MUSTER_STORE: await database.database() }
    let milliseconds = 0
    const now = () => new Date(Date.parse(NOW) + (milliseconds += 1)).toISOString()
    const servers = await Promise.all([serve(createScene(), { env, now }), serve(createScene(), { env, now })])
    const input = { stream: 'writer', title: 'No disk', severity: 'high', impact: 'All', as: 'lead-b' }
    for (let round = 0; round < 5; round += 1) {
      const headers = { 'idempotency-key': newKey() }
      const writes = servers.flatMap((one) => [1, 2, 3, 4].map(() => one.post(`${P}/acts/open-blocker`, input, headers)))
      const answers = await Promise.all(writes)
      expect(answers.map(({ status }) => status)).toEqual(writes.map(() => 201))
      const events = await Promise.all(answers.map(async (one) => ((await one.json()) as { readonly events: unknown }).events))
      expect(new Set(events.map((one) => JSON.stringify(one))).size).toBe(1)
    }
    for (const { client } of servers) expect((await client.read('listBlockers', { program: 'demo' })).items).toHaveLength(5)
  })

  test('while it is away whoever asks is told to try again, and goes on when it is back', async () => {
    const served = await serve(createScene(), { env: { MUSTER_STORE: await database.database() } })
    await database.stop('fast')
    const away = await served.get(`${P}/state`)
    expect([away.status, await away.json()]).toEqual([503, expect.objectContaining({ code: 'not-ready' })])
    const act = served.client.act('demo', 'check-in', { stream: 'writer', done: ['Pages'] }, { as: 'lead-b' })
    await database.start()
    expect((await act).events).toHaveLength(1)
  })
})

test('whoever decides on what is no longer so is told, and nothing is recorded', async () => {
  const served = await serve(createScene())
  const act = (input: object, ifMatch: string) =>
    served.post(`${P}/acts/override`, { checkpoint: 'week1', reason: 'Seen', as: 'boss', ...input }, { 'if-match': ifMatch })
  expect((await act({ verdict: 'GO' }, '"0"')).status).toBe(201)
  const late = await act({ verdict: 'NO-GO' }, '"0"')
  expect([late.status, await late.json()]).toEqual([412, expect.objectContaining({ code: 'changed-meanwhile' })])
  expect((await act({ verdict: 'NO-GO' }, '"1"')).status).toBe(201)
  expect((await served.client.read('listOverrides', { program: 'demo' })).items.map(({ verdict }) => verdict)).toEqual(['NO-GO', 'GO'])
})

test('a check is one job for its key, and after a restart the record still says what came of it', async () => {
  const scene = createScene()
  await scene.muster(['trust', '--yes'])
  const first = await serve(scene)
  const path = `${P}/checkpoints/week1/checks`
  const key = newKey()
  const asked = await Promise.all([1, 2, 3].map(() => first.post(path, {}, { 'idempotency-key': key })))
  expect(asked.map(({ status }) => status)).toEqual([202, 202, 202])
  const [{ id = '' } = {}] = (await Promise.all(asked.map((one) => one.json()))) as readonly { readonly id?: string }[]
  expect(asked[0]?.headers.get('location')).toBe(`${P}/jobs/${id}`)
  const done = await first.client.finished('demo', id)
  expect(done).toMatchObject({ state: 'done', progress: { done: 6, of: 6 } })
  await first.stop()
  const second = await serve(scene)
  expect(await second.client.read('readJob', { program: 'demo', job: id })).toMatchObject({ state: 'done', decision: done.decision })
  expect((await second.post(path, {}, { 'idempotency-key': key })).status).toBe(202)
  expect((await second.client.read('listDecisions', { program: 'demo' })).items).toHaveLength(1)
})

test('lists come in pages that nothing falls between, whatever is recorded meanwhile', async () => {
  const { client } = await serve(createScene())
  const record = (done: string) => client.act('demo', 'check-in', { stream: 'reader', done: [done] }, { as: 'lead-a' })
  for (let day = 1; day <= 5; day += 1) await record(`day ${day}`)
  const seen: string[] = []
  for await (const item of client.items('listCheckIns', { program: 'demo' }, { limit: 2 })) {
    seen.push(item.done[0] ?? '')
    if (seen.length === 2) await record('day 6')
  }
  expect(seen).toEqual(['day 5', 'day 4', 'day 3', 'day 2', 'day 1'])
  const records: number[] = []
  for await (const { seq } of client.items('listRecords', { program: 'demo' }, { limit: 4, type: 'check-in' })) records.push(seq)
  expect(records).toEqual([1, 2, 3, 4, 5, 6])
})

test('what the description does not know is refused', async () => {
  const served = await serve(createScene())
  for (const [path, status, code] of [
    [`${P}/state?verbose=1`, 400, 'invalid-query'],
    [`${P}/decisions?limit=0`, 400, 'invalid-query'],
    [`${P}/decisions?limit=99999`, 400, 'invalid-query'],
    [`${P}/decisions?cursor=%00`, 400, 'invalid-query'],
    [`${P}/decisions/none`, 404, 'unknown-decision'],
    [`${P}/checkpoints/week1/report.pdf`, 404, 'unknown-format'],
    [`${P}/checkpoints/week1/report.html`, 404, 'no-decision'],
    [`${P}/nothing`, 404, 'unknown-path'],
    ['/api/programs/other/state', 404, 'unknown-program'],
  ] as const) {
    const answer = await served.get(path)
    expect([path, answer.status, answer.headers.get('content-type'), await answer.json()]).toEqual([
      path,
      status,
      'application/problem+json',
      expect.objectContaining({ code, status }),
    ])
  }
  const answer = await served.post(`${P}/acts/sign`, { checkpoint: 'week1', reason: 'x', colour: 'red' })
  expect(await answer.json()).toMatchObject({ status: 422, code: 'invalid-input', mistakes: [{ path: ['colour'] }] })
})

test('what an earlier decision left open needs a person until it is met, and signed', async () => {
  const scene = createScene({
    program: PROGRAM.replaceAll(/  build: .*\n  tests: .*\n/g, '')
      .replaceAll(/      (?:builds|tests): .*\n/g, '')
      .replace('    targets:\n', '    decide: { signOff: { phase-lead: 1 } }\n$&')
      .replace(
        /      there: .*\n/,
        '$&      big: { title: Big, tier: supporting, metric: git.lines.code, atLeast: 6 lines, for: [reader] }\n',
      ),
  })
  const served = await serve(scene, { now: '2026-02-26T10:00:00Z' })
  const check = async (checkpoint: string, now: string) => scene.muster(['check', '--checkpoint', checkpoint], { now })
  const needs = async (expected: readonly unknown[]) =>
    // An answer is given again for a second.
    vi.waitFor(
      async () => {
        await served.get('/readyz')
        const { attention } = await served.client.read('readState', { program: 'demo' })
        const asked = attention.filter(({ kind }) => kind === 'sign-off' || kind === 'condition')
        expect(asked.map((one) => [one.kind, one.checkpoint, one.text, one.due])).toEqual(expected)
      },
      { timeout: 20_000 },
    )
  const signature = ['sign-off', 'week1', 'Week one: signature of phase-lead, 0 of 1', '2026-02-25T15:00:00Z']
  const condition = (text: string) => ['condition', 'week1', `Big: ${text}`, '2026-03-04T15:00:00Z']
  await check('week1', '2026-02-25T15:00:00Z')
  await needs([signature, condition('3 lines more')])
  await scene.muster(['override', '--checkpoint', 'week1', '--verdict', 'GO', '--as', 'boss', '--reason', 'r'], {
    now: '2026-02-25T15:01:00Z',
  })
  await needs([signature])
  await scene.muster(['override', '--checkpoint', 'week1', '--verdict', 'CONDITIONAL GO', '--as', 'boss', '--reason', 'r'], {
    now: '2026-02-25T15:02:00Z',
  })
  const grow = (lines: number) => scene.repository.commit('Grow', { 'reader.ts': 'export const one = 1\n'.repeat(lines) })
  scene.repository.git('checkout', '-q', 'feature/reader')
  grow(5)
  await check('week2', '2026-02-25T16:00:00Z')
  await needs([signature, condition('1 line more')])
  grow(6)
  await check('week2', '2026-02-25T17:00:00Z')
  await needs([signature])
  await scene.muster(['sign', '--checkpoint', 'week1', '--as', 'boss', '--reason', 'Seen'], { now: '2026-02-25T17:01:00Z' })
  await needs([])
})

test('metrics say how many waivers are in force, and how many have lapsed', async () => {
  let now = NOW
  const served = await serve(createScene(), { now: () => now })
  const waive = (stream: string, expires: string) =>
    served.client.act('demo', 'waive', { criterion: 'builds', checkpoint: 'week1', stream, reason: 'r', expires }, { as: 'boss' })
  await waive('reader', '1h')
  await waive('writer', '3h')
  const waivers = async () => (await (await served.get('/metrics')).text()).match(/(?<=^muster_waivers\{program="demo",state=).*$/gm)
  expect(await waivers()).toEqual(['"in-force"} 2', '"lapsed"} 0'])
  now = '2026-02-25T16:00:00Z'
  expect(await waivers()).toEqual(['"in-force"} 1', '"lapsed"} 1'])
  await waive('reader', '1h')
  expect(await waivers()).toEqual(['"in-force"} 2', '"lapsed"} 0'])
})

test('a broken edit of the program file is shown, and the program before it stays in force', async () => {
  const scene = createScene()
  const served = await serve(scene)
  const stop = new AbortController()
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    if (await isSo()) return
    for await (const _ of served.client.follow('demo', stop.signal)) if (await isSo()) return
  }
  const state = () => served.client.read('readState', { program: 'demo' })
  scene.program(PROGRAM.replace('at: 2026-02-25 16:00', 'at: 2026-02-30 16:00'))
  await until(async () => (await state()).attention.some(({ kind, text }) => kind === 'trouble' && text.includes('program file')))
  expect((await served.client.read('listPrograms', {})).items[0]?.trouble).toContain('invalid-date')
  expect((await served.client.read('listCheckpoints', { program: 'demo' })).items[0]?.at).toBe('2026-02-25T15:00:00Z')
  scene.program(PROGRAM.replace('name: Demo', 'name: Mended'))
  await until(async () => (await state()).program.name === 'Mended')
  expect((await served.client.read('listPrograms', {})).items[0]?.trouble).toBeUndefined()
  stop.abort()
})

test('what is due is done while it is served, and whoever follows sees it', async () => {
  const scene = createScene()
  await scene.muster(['trust', '--yes'])
  const served = await serve(scene, { run: true, now: '2026-02-25T14:30:00Z' })
  const stop = new AbortController()
  for await (const { event } of served.client.follow('demo', stop.signal)) {
    if (event !== 'head') continue
    const { items } = await served.client.read('listCheckpoints', { program: 'demo' })
    if (items[0]?.state === 'open') break
  }
  stop.abort()
  const state = await served.client.read('readState', { program: 'demo' })
  expect([state.running, state.checkpoints[0]]).toMatchObject([true, { id: 'week1', state: 'open' }])
  expect(await served.stop()).toBe(0)
})
