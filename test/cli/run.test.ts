import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { GATHERING, noteLook } from '#engine/last-look.ts'
import { openSqlite } from '#store/sqlite.ts'
import { createScene, PROGRAM, tamper, type Scene } from './scene.ts'

const RUNS = `${PROGRAM.replaceAll(/  build: .*\n  tests: .*\n/g, '').replaceAll(/      (?:builds|tests): .*\n/g, '')}channels:
  log: { send: file, to: notices.jsonl }
`

/** At the hour of the checkpoint, and an hour before it. */
const HELD = { now: '2026-02-25T15:00:00Z' }
const OPENED = { now: '2026-02-25T14:00:00Z' }

interface Line {
  readonly key: string
  readonly kind: string
  readonly title: string
}

const lines = (scene: Scene): readonly Line[] =>
  readFileSync(scene.path('notices.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)

test('once does what is due and tells of it, and a second time nothing', async () => {
  const scene = createScene({ program: RUNS })
  const opened = await scene.muster(['run', '--once'], OPENED)
  expect(opened).toMatchObject({ code: 0, err: expect.stringContaining('opens checkpoint week1') as string })
  expect(lines(scene).map((one) => one.kind)).toContain('opened')
  // Of a message that was settled there is a record of its own.
  const counts = [.../(\d+) records? written, (\d+) messages? settled/.exec(opened.err)!].slice(1).map(Number)
  expect((await scene.muster(['verify'], OPENED)).out).toContain(`sound: ${counts.reduce((a, b) => a + b)} records`)

  const held = await scene.muster(['run', '--once'], HELD)
  expect(held).toMatchObject({ code: 0, err: expect.stringMatching(/Week one: (GO|NO-GO|CONDITIONAL GO)/) as string })
  const told = lines(scene)
  expect(told.filter((one) => one.kind === 'decision')).toHaveLength(1)
  expect(told.filter((one) => one.kind === 'status').map((one) => one.title)).toEqual([
    expect.stringMatching(/^Reader: /),
    expect.stringMatching(/^Writer: /),
  ])

  const again = await scene.muster(['run', '--once'], HELD)
  expect(again).toMatchObject({ code: 0, err: expect.stringContaining('0 records written') as string })
  expect(lines(scene)).toEqual(told)
  expect(new Set(told.map((one) => one.key)).size).toBe(told.length)

  expect((await scene.muster(['status'], HELD)).out).toMatch(/ at week1, as of/)
  await scene.muster(['check'], HELD)
  expect((await scene.muster(['status'], HELD)).out).toMatch(/ at week1 by a look, as of/)
  expect(await scene.muster(['replay', 'latest'], HELD)).toMatchObject({ code: 0 })
  expect(await scene.muster(['verify'], HELD)).toMatchObject({ code: 0 })
})

test('a file with mistakes leaves the program before it in force where it is run now and again, too, and is told of once', async () => {
  const scene = createScene({ program: RUNS })
  await scene.muster(['run', '--once'], OPENED)
  scene.program(RUNS.replace('streams:', 'strems:'))
  const broken = await scene.muster(['run', '--once'], HELD)
  expect(broken).toMatchObject({ code: 2, err: expect.stringMatching(/muster\.yaml:\d+:1 error: strems is not a key/) as string })
  expect(broken.err).toMatch(/the program file has \d mistakes?; the program as it was before goes on/)
  expect(broken.err).toMatch(/Week one: (GO|NO-GO|CONDITIONAL GO)/)
  await scene.muster(['run', '--once'], { now: '2026-02-25T15:10:00Z' })
  expect(lines(scene).filter((one) => one.kind === 'trouble')).toHaveLength(1)
  scene.program(RUNS)
  expect(await scene.muster(['run', '--once'], { now: '2026-02-25T15:20:00Z' })).toMatchObject({ code: 0 })

  // Nothing was in force yet.
  const fresh = createScene({ program: RUNS.replace('streams:', 'strems:') })
  expect(await fresh.muster(['run', '--once'], OPENED)).toMatchObject({
    code: 2,
    err: expect.stringContaining('nothing was run') as string,
  })
  expect(existsSync(fresh.path('.muster', 'ledger.sqlite'))).toBe(false)
})

test('where nobody can be told, a run says so', async () => {
  const scene = createScene({ program: RUNS.replace(/channels:[^]*/, '') })
  expect((await scene.muster(['run', '--once'], OPENED)).err).toMatch(
    /\d records written, nobody is told, the program has no channel; next Wed/,
  )
})

test('a ledger that somebody edited is not run by', async () => {
  const scene = createScene({ program: RUNS })
  await scene.muster(['run', '--once'], OPENED)
  tamper(scene, "UPDATE ledger SET body = replace(body, 'Week one', 'Week two') WHERE seq = 1")
  expect(await scene.muster(['run'], OPENED)).toMatchObject({
    code: 4,
    err: expect.stringContaining('demo: Record 1 was edited') as string,
  })
})

test('a dry run says what would be done and sent, and leaves nothing behind', async () => {
  const scene = createScene({ program: RUNS })
  const { code, out } = await scene.muster(['run', '--dry-run'], OPENED)
  expect(code).toBe(0)
  expect(out).toContain('would do: opens checkpoint week1')
  expect(out).toContain('would send: over log: Week one opens')
  expect(existsSync(scene.path('notices.jsonl'))).toBe(false)
  expect(existsSync(scene.path('.muster', 'ledger.sqlite'))).toBe(false)
})

test('a decision carries where the ledger ended before it, to which the ledger is held later', async () => {
  const scene = createScene({ program: RUNS })
  await scene.muster(['run', '--once'], OPENED)
  const before = /^head (\S+)$/m.exec((await scene.muster(['verify'], OPENED)).out)?.[1] ?? ''
  await scene.muster(['run', '--once'], HELD)
  const head = /ended at \W?(\d+:[0-9a-f]{64})/.exec(readFileSync(scene.path('notices.jsonl'), 'utf8'))?.[1] ?? 'none'
  expect(Number.parseInt(head)).toBeGreaterThanOrEqual(Number.parseInt(before))
  expect(await scene.muster(['verify', '--head', head], HELD)).toMatchObject({ code: 0 })
  const other = head.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))
  expect(await scene.muster(['verify', '--head', other], HELD)).toMatchObject({ code: 1 })
})

test('a channel that cannot be written to is told by the exit code, and delivers once it can', async () => {
  const scene = createScene({ program: RUNS.replace('notices.jsonl', 'muster.yaml/notices.jsonl') })
  const { code, err } = await scene.muster(['run', '--once'], OPENED)
  expect(code).toBe(4)
  expect(err).toContain('tries again')
  scene.program(RUNS)
  expect(await scene.muster(['run', '--once'], { now: '2026-02-25T14:05:00Z' })).toMatchObject({ code: 0 })
  expect(lines(scene).map((one) => one.kind)).toContain('opened')
})

test('a checkpoint held by hand is not held again, and what it decided is told of', async () => {
  const scene = createScene({ program: RUNS })
  expect(await scene.muster(['check', '--hold', '--checkpoint', 'week1'], OPENED)).toMatchObject({ err: '' })
  const twice = await scene.muster(['check', '--hold', '--checkpoint', 'week1'], OPENED)
  expect(twice).toMatchObject({ code: 2, err: expect.stringContaining('week1 was held already') as string })

  const { err } = await scene.muster(['run', '--once'], HELD)
  expect(err).not.toContain('holds checkpoint week1')
  expect(lines(scene).filter((one) => one.kind === 'decision')).toHaveLength(1)
  expect(await scene.muster(['replay', 'latest'], HELD)).toMatchObject({ code: 0 })
})

test('of a checkpoint whose verdict somebody set it is said who did, not which rule would have given another', async () => {
  const scene = createScene({ program: RUNS })
  await scene.muster(['override', '--checkpoint', 'week1', '--verdict', 'NO-GO', '--as', 'boss', '--reason', 'Not today'], OPENED)
  expect((await scene.muster(['run', '--once'], HELD)).err).toMatch(/Week one: NO-GO, set by boss$/m)
})

test('of what was overridden it is said what it lacks all the same', async () => {
  const scene = createScene({
    program: RUNS.replace(
      'there: { title: The branch is there, metric: git.exists, equals: true }',
      'commits: { title: Two commits, metric: git.commits, atLeast: 2 }',
    ),
  })
  await scene.muster(['run', '--once'], HELD)
  await scene.muster(['override', '--checkpoint', 'week1', '--verdict', 'GO', '--as', 'boss', '--reason', 'It waits'], HELD)
  await scene.muster(['run', '--once'], { now: '2026-02-25T15:10:00Z' })
  const told = lines(scene).findLast((one) => one.kind === 'decision') as unknown as { readonly text: string }
  expect(told.text).toContain('overridden): the verdict was overridden; the criterion itself is unsatisfied: 1 (measured: git at ')
})

test('an invitation that went out is not overdue, whatever the agenda that it carries', async () => {
  const agenda = 'agenda: [{ item: Report, time: 5m, each: stream, topics: [Progress] }, { item: Decision, time: 5m }]'
  const scene = createScene({
    program: `${RUNS.replace('    at: 2026-03-04 16:00', `$&\n    duration: 30m\n    ${agenda}`)}schedule: { invite: 2026-02-23 09:00 }\n`,
  })
  await scene.muster(['run', '--once'], OPENED)
  expect(lines(scene).map((one) => one.kind)).toContain('invitation')
  const status = await scene.muster(['status'], { now: '2026-02-25T14:30:00Z' })
  expect(status.out).toContain('next: ')
  expect(status.out).not.toContain('OVERDUE')
})

test('of a blocker that is over one command says who knew, who was told and who was on it, and when', async () => {
  const scene = createScene({ program: RUNS })
  const does = async (now: string, ...argv: readonly string[]) => scene.muster(['blocker', ...argv, '--as', 'lead-a'], { now })
  const facts = ['--title', 'No kernel', '--severity', 'high', '--impact', 'No test runs', '--deadline', '30m', '--id']
  await does('2026-02-25T13:00:00Z', 'open', ...facts, 'kernel')
  await scene.muster(['run', '--once'], { now: '2026-02-25T13:01:00Z' })
  await does('2026-02-25T13:10:00Z', 'ack', 'kernel', '--for', '10m')
  await scene.muster(['run', '--once'], { now: '2026-02-25T13:31:00Z' })
  await does('2026-02-25T13:40:00Z', 'update', 'kernel', '--workaround', 'An older one')
  await does('2026-02-25T13:50:00Z', 'resolve', 'kernel', '--outcome', 'resolved', '--note', 'There is one')
  // Another one, of which nothing is said here.
  await does('2026-02-25T13:51:00Z', 'open', ...facts, 'kernel-2')

  const { code, out } = await scene.muster(['blocker', 'show', 'kernel'], { columns: 200 })
  expect(code).toBe(0)
  expect(
    out
      .replaceAll(/ +\d+  /g, '  ')
      .trimEnd()
      .split('\n'),
  ).toEqual([
    'kernel, reader: No kernel',
    expect.stringMatching(/^WHEN/),
    'Wed 2026-02-25 14:00  lead-a  opened it, high: lead-a resolves it by Wed 2026-02-25 14:30',
    'Wed 2026-02-25 14:01  muster  told over log that it was opened',
    'Wed 2026-02-25 14:10  lead-a  acknowledged it until Wed 2026-02-25 14:20',
    'Wed 2026-02-25 14:31  muster  raised escalation behind:reader, from lead-a to boss: A stream is behind schedule',
    'Wed 2026-02-25 14:31  muster  did not tell over log how it stands: the acknowledgement has lapsed',
    'Wed 2026-02-25 14:31  muster  told over log that nobody is on it any more',
    'Wed 2026-02-25 14:31  muster  told over log of escalation behind:reader',
    'Wed 2026-02-25 14:31  muster  told over log that its deadline has passed',
    'Wed 2026-02-25 14:40  lead-a  changed it: workaround An older one',
    'Wed 2026-02-25 14:50  lead-a  resolved it (resolved): There is one',
  ])
  expect(await scene.muster(['blocker', 'show', 'kernal'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('did you mean kernel?') as string,
  })
})

test('that a blocker changed comes with what of it, and who changed it', async () => {
  const scene = createScene({ program: RUNS })
  const facts = ['--title', 'No kernel', '--severity', 'low', '--impact', 'No test runs', '--stream', 'reader', '--as', 'lead-a']
  await scene.muster(['blocker', 'open', ...facts], { now: '2026-02-25T13:00:00Z' })
  await scene.muster(['run', '--once'], { now: '2026-02-25T13:01:00Z' })
  const change = ['blocker', 'update', 'b-1', '--severity', 'medium', '--deadline', '1 day', '--as', 'boss']
  await scene.muster(change, { now: '2026-02-25T13:10:00Z' })
  await scene.muster(['run', '--once'], { now: '2026-02-25T13:11:00Z' })
  expect(lines(scene).findLast((one) => one.title.startsWith('Blocker changed'))).toMatchObject({
    data: { by: { id: 'boss' }, changed: ['severity', 'deadline'], blocker: { severity: 'medium' } },
  })
})

test('that a blocker is critical now is told once, with who says so; while somebody is on it, that it changed', async () => {
  const scene = createScene({ program: RUNS })
  const does = async (now: string, ...argv: readonly string[]) => scene.muster(['blocker', ...argv], { now })
  const facts = ['--severity', 'low', '--impact', 'No test runs', '--stream', 'reader', '--as', 'lead-a']
  await does('2026-02-25T13:00:00Z', 'open', '--title', 'No kernel', ...facts)
  await does('2026-02-25T13:00:00Z', 'open', '--title', 'No disk', ...facts)
  await does('2026-02-25T13:00:00Z', 'ack', 'b-2', '--for', '3h', '--as', 'lead-a')
  await scene.muster(['run', '--once'], { now: '2026-02-25T13:01:00Z' })
  const before = lines(scene).length
  for (const id of ['b-1', 'b-2']) await does('2026-02-25T13:10:00Z', 'update', id, '--severity', 'critical', '--as', 'boss')
  await scene.muster(['run', '--once'], { now: '2026-02-25T13:11:00Z' })
  const told = lines(scene).slice(before)
  const titles = told.map((one) => one.title).filter((one) => one.startsWith('Blocker'))
  expect(titles.toSorted()).toEqual(['Blocker changed: Reader, No disk', 'Blocker is critical now: Reader, No kernel'])
  expect(told.find((one) => one.title.startsWith('Blocker is critical'))).toMatchObject({
    data: { change: 'raised', by: { id: 'boss' }, blocker: { severity: 'critical' } },
  })
})

test('the command that a message names renews the waiver that it is about', async () => {
  const scene = createScene({ program: RUNS })
  const waive = ['waive', 'there', '--checkpoint', 'week1', '--stream', 'reader', '--as', 'boss', '--reason', 'It comes', '--expires', '1h']
  await scene.muster(waive, { now: '2026-02-25T12:00:00Z' })
  await scene.muster(['run', '--once'], { now: '2026-02-25T12:01:00Z' })
  await scene.muster(['run', '--once'], { now: '2026-02-25T13:01:00Z' })
  const [told] = lines(scene).filter((one) => one.kind === 'waiver') as unknown as readonly { data: { waiver: { renew: string } } }[]
  const renew = told?.data.waiver.renew ?? ''
  expect(renew).toBe('muster waive there --checkpoint week1 --stream reader --reason WHY --expires WHEN')
  const argv = renew.replace('muster ', '').replace('WHEN', '2h').split(' ')
  expect(await scene.muster([...argv, '--as', 'boss'], { now: '2026-02-25T13:05:00Z' })).toMatchObject({
    code: 0,
    out: expect.stringContaining('boss waived there for reader at week1 until Wed 2026-02-25 16:05 Europe/Berlin') as string,
  })
})

test('an escalation ends with the blocker that it was about, and says so', async () => {
  const scene = createScene({ program: RUNS })
  const does = async (now: string, ...argv: readonly string[]) => scene.muster(['blocker', ...argv, '--as', 'lead-a'], { now })
  await does(
    '2026-02-25T11:00:00Z',
    'open',
    '--title',
    'No kernel',
    '--severity',
    'high',
    '--impact',
    'No test runs',
    '--deadline',
    '1 day',
  )
  await scene.muster(['run', '--once'], { now: '2026-02-25T13:30:00Z' })
  await does('2026-02-25T13:40:00Z', 'resolve', 'b-1', '--outcome', 'resolved', '--note', 'There is one')
  await scene.muster(['run', '--once'], { now: '2026-02-25T13:41:00Z' })
  const { out } = await scene.muster(['blocker', 'show', 'b-1'], { columns: 200 })
  expect(out).toMatch(/cleared escalation blocker:reader: .*no such blocker is open$/m)
})

test('a stream is escalated as behind once what it lacks is due, and not as over because it is blocked as well', async () => {
  const scene = createScene({ program: `${RUNS.replace('code: 2 of 4 lines', 'code: 4 of 4 lines')}schedule: { watch: 15m }\n` })
  const escalations = async (now: string) => {
    await scene.muster(['run', '--once'], { now })
    return lines(scene)
      .filter((one) => one.kind === 'escalation')
      .map((one) => one.title)
  }
  expect(await escalations('2026-02-25T09:00:00Z')).toEqual([])
  const raised = ['Escalation: Reader, A stream is behind schedule']
  expect(await escalations('2026-02-25T15:00:00Z')).toEqual(raised)
  const does = async (now: string, ...argv: readonly string[]) => scene.muster(['blocker', ...argv, '--as', 'lead-a'], { now })
  const facts = ['--title', 'No kernel', '--severity', 'critical', '--impact', 'No test runs', '--deadline', '1 day']
  await does('2026-02-25T15:05:00Z', 'open', ...facts)
  expect(await escalations('2026-02-25T15:06:00Z')).toEqual(raised)
  await does('2026-02-25T15:20:00Z', 'resolve', 'b-1', '--outcome', 'resolved', '--note', 'There is one')
  expect(await escalations('2026-02-25T15:21:00Z')).toEqual(raised)
})

test('what was escalated as short of its target is over once it is met, not where the next checkpoint asks for none', async () => {
  const rule = 'short: { scenario: Code is short, when: { not: { targets: [code] } }, escalateTo: phase-lead, action: Look }'
  const scene = createScene({ program: `${RUNS.replace('code: 2 of 4 lines', 'code: 4 of 4 lines')}escalation: { ${rule} }\n` })
  await scene.muster(['run', '--once'], OPENED)
  await scene.muster(['run', '--once'], HELD)
  const open = async (now: string) => {
    await scene.muster(['run', '--once'], { now })
    return (await scene.muster(['escalation', 'list'], { now })).out
  }
  await scene.muster(['checkin', '--as', 'lead-a', '--done', 'Nothing'], { now: '2026-02-26T09:00:00Z' })
  expect(await open('2026-02-26T09:01:00Z')).toContain('short:reader')
  scene.repository.git('checkout', '-q', 'feature/reader')
  writeFileSync(scene.path('more.ts'), 'export const four = 4\n')
  scene.repository.git('add', 'more.ts')
  scene.repository.git('commit', '-q', '-m', 'More')
  scene.repository.git('checkout', '-q', 'main')
  await scene.muster(['check'], { now: '2026-02-26T10:00:00Z' })
  expect(await open('2026-02-26T10:01:00Z')).toContain('nothing is escalated')
})

test('that somebody had acknowledged a blocker is not told once nobody is on it any more', async () => {
  const scene = createScene({ program: RUNS })
  const facts = ['--title', 'No kernel', '--severity', 'high', '--impact', 'No test runs', '--deadline', '1 day', '--as', 'lead-a']
  await scene.muster(['blocker', 'open', ...facts], { now: '2026-02-25T11:00:00Z' })
  await scene.muster(['run', '--once'], { now: '2026-02-25T11:01:00Z' })
  const before = lines(scene).length
  await scene.muster(['blocker', 'ack', 'b-1', '--for', '5min', '--as', 'lead-a'], { now: '2026-02-25T11:02:00Z' })
  await scene.muster(['run', '--once'], { now: '2026-02-25T11:11:00Z' })
  const titles = lines(scene).slice(before)
  expect(titles.map((one) => one.title)).toEqual(['Blocker, nobody is on it any more: Reader, No kernel'])
})

test('who signed a NO-GO has not signed what is decided after it, nor what somebody set', async () => {
  const scene = createScene({
    program: RUNS.replace(
      '    targets:\n',
      '    duration: 30m\n    decide: { signOff: { phase-lead: 1 }, noGo: { reevaluate: 2026-02-26 10:00 } }\n$&',
    ).replace(/      there: .*\n/, '$&      ready: { title: Ready, metric: git.commits, atLeast: 2, for: [reader] }\n'),
  })
  const signed = async (now: string) =>
    JSON.parse((await scene.muster(['check', '--checkpoint', 'week1', '--dry-run', '--format', 'json'], { now })).out) as {
      readonly verdict: string
      readonly decision: { readonly signOffs: readonly { readonly approved: readonly string[] }[] }
      readonly actions: readonly { readonly kind: string; readonly due?: string }[]
    }
  const sign = (now: string) => scene.muster(['sign', '--checkpoint', 'week1', '--as', 'boss', '--reason', 'As it stands'], { now })
  await scene.muster(['run', '--once'], OPENED)
  await scene.muster(['run', '--once'], HELD)
  await sign('2026-02-25T15:05:00Z')
  const first = await signed('2026-02-25T15:06:00Z')
  expect([first.verdict, first.decision.signOffs[0]?.approved]).toEqual(['NO-GO', ['boss']])

  scene.repository.git('checkout', '-q', 'feature/reader')
  scene.repository.git('commit', '-q', '--allow-empty', '-m', 'More')
  scene.repository.git('checkout', '-q', 'main')
  await scene.muster(['run', '--once'], { now: '2026-02-26T08:00:00Z' })
  await scene.muster(['run', '--once'], { now: '2026-02-26T09:00:00Z' })
  const again = await signed('2026-02-26T09:01:00Z')
  expect([again.verdict, again.decision.signOffs[0]?.approved]).toEqual(['GO', []])
  expect(again.actions.find(({ kind }) => kind === 'sign')?.due).toBe('2026-02-26T10:31:00+01:00')
  expect(lines(scene).findLast(({ kind }) => kind === 'sign-off')?.title).toContain('signature wanted (phase-lead, 0 of 1)')

  await sign('2026-02-26T09:02:00Z')
  expect((await signed('2026-02-26T09:03:00Z')).decision.signOffs[0]?.approved).toEqual(['boss'])
  await scene.muster(['run', '--once'], { now: '2026-02-26T09:03:30Z' })
  await scene.muster(['override', '--checkpoint', 'week1', '--verdict', 'NO-GO', '--as', 'boss', '--reason', 'Not today'], {
    now: '2026-02-26T09:04:00Z',
  })
  expect((await signed('2026-02-26T09:05:00Z')).decision.signOffs[0]?.approved).toEqual([])
  // Whoever heard of the decision hears what became of it, and who signed it is asked anew.
  await scene.muster(['run', '--once'], { now: '2026-02-26T09:06:00Z' })
  expect(
    lines(scene)
      .slice(-4)
      .map(({ title }) => title)
      .toSorted(),
  ).toEqual(['Reader: ON TRACK', 'Week one: NO-GO', 'Week one: signature wanted (phase-lead, 0 of 1)', 'Writer: ON TRACK'])
})

test('evidence that a checkpoint was held on need not be looked at again, and status does not ask for it', async () => {
  const scene = createScene({ program: `${RUNS}schedule: { watch: 15m }\n` })
  await scene.muster(['run', '--once'], { now: '2026-02-25T15:05:00Z' })
  const status = await scene.muster(['status'], { now: '2026-02-25T15:10:00Z' })
  expect(status.out).toContain('next: looks at the evidence, due Wed 2026-02-25 16:15')
  expect(status.out).not.toContain('OVERDUE')
})

test('status says of a verdict that somebody set who did, and what was computed, before it is decided again and after', async () => {
  const scene = createScene({
    program: RUNS.replace(/      there: .*\n/, '$&      ready: { title: Ready, metric: git.commits, atLeast: 2, for: [reader] }\n'),
  })
  const check = ['check', '--checkpoint', 'week1']
  await scene.muster(check, { now: '2026-02-25T14:30:00Z' })
  const computed = JSON.parse((await scene.muster(['status', '--format', 'json'], OPENED)).out) as { decision: object }
  expect(computed.decision).toMatchObject({ verdict: 'NO-GO', computedVerdict: 'NO-GO', rule: 'breach' })
  const set = ['override', '--checkpoint', 'week1', '--verdict', 'GO', '--as', 'boss', '--reason', 'The customer waits']
  await scene.muster(set, { now: '2026-02-25T14:40:00Z' })
  const sentence = 'set by boss, Wed 2026-02-25 15:40: The customer waits. Computed: NO-GO by rule breach'
  const status = async () => (await scene.muster(['status'], { now: '2026-02-25T15:00:00Z' })).out.split('\n')[0]
  expect(await status()).toBe(`demo: GO at week1, as of Wed 2026-02-25 15:30 Europe/Berlin (30 min ago), ${sentence}`)
  await scene.muster(check, { now: '2026-02-25T14:50:00Z' })
  expect(await status()).toBe(`demo: GO at week1, as of Wed 2026-02-25 15:50 Europe/Berlin (10 min ago), ${sentence}`)
})

test('a command that is started now and again to look once has missed nothing that was due in between, but what was due long ago', async () => {
  const scene = createScene({ program: `${RUNS}schedule: { watch: 15m }\n` })
  const troubles = async (now: string) => {
    await scene.muster(['run', '--once'], { now })
    return lines(scene).filter((one) => one.kind === 'trouble').length
  }
  expect(await troubles('2026-02-25T10:00:00Z')).toBe(0)
  expect(await troubles('2026-02-25T10:29:00Z')).toBe(0)
  // The checkpoint was at 15:00.
  expect(await troubles('2026-02-25T16:10:00Z')).toBe(1)
})

test('between two runs of cron nothing is overdue; once they end, what is due is, and status says since when nobody looked', async () => {
  const scene = createScene({ program: RUNS })
  // It opens at 15:00 and is held at 16:00.
  await scene.muster(['run', '--once'], { now: '2026-02-25T14:56:00Z' })
  const status = async (now: string) => (await scene.muster(['status'], { now })).out
  const between = await status('2026-02-25T15:04:00Z')
  expect(between).toContain('  due: holds checkpoint week1 since Wed 2026-02-25 16:00\n')
  expect(between).toContain('  looked last: muster run --once Wed 2026-02-25 15:56 (8 min ago)\n')
  expect(between).not.toContain('OVERDUE')

  const dead = await status('2026-02-25T15:58:00Z')
  expect(dead).toContain('  OVERDUE: holds checkpoint week1 since Wed 2026-02-25 16:00; nobody runs the program: ')
  expect(dead).not.toContain('  due: ')

  const json = JSON.parse((await scene.muster(['status', '--format', 'json'], { now: '2026-02-25T15:04:00Z' })).out) as object
  expect(json).toMatchObject({
    running: {
      looked: { at: '2026-02-25T14:56:00Z', by: 'muster run --once', goesOn: true },
      due: [{ since: '2026-02-25T15:00:00Z', what: 'holds checkpoint week1' }],
      overdue: [],
    },
  })
})

test('what a run looked at and could not do is overdue at once', async () => {
  const scene = createScene({ program: RUNS })
  await scene.muster(['run', '--once'], { now: '2026-02-25T14:56:00Z' })
  renameSync(scene.path('.git'), scene.path('git'))
  expect(await scene.muster(['run', '--once'], { now: '2026-02-25T15:04:00Z' })).toMatchObject({ code: 4 })
  expect((await scene.muster(['status'], { now: '2026-02-25T15:05:00Z' })).out).toContain(
    'OVERDUE: holds checkpoint week1 since Wed 2026-02-25 16:00; muster run --once has looked since and could not do it',
  )
})

test('of a program that stays run what is due two minutes ago is overdue', async () => {
  const scene = createScene({ program: RUNS })
  await scene.muster(['run', '--once'], { now: '2026-02-25T14:30:00Z' })
  const store = await openSqlite(scene.path('.muster', 'ledger.sqlite'), { clock: () => Date.parse('2026-02-25T14:59:50Z') })
  await noteLook(store, 'demo', 'muster run')
  await store.close()
  const status = async (now: string) => (await scene.muster(['status'], { now })).out
  expect(await status('2026-02-25T15:01:00Z')).not.toMatch(/OVERDUE| {2}due: /)
  expect(await status('2026-02-25T15:03:00Z')).toContain('nobody runs the program')
})

test('while evidence is gathered for a decision, status says so at once; before that it asks nobody to check by hand', async () => {
  const scene = createScene({ program: RUNS })
  await scene.muster(['run', '--once'], { now: '2026-02-25T10:00:00Z' })
  expect((await scene.muster(['status'], { now: '2026-02-25T10:01:00Z' })).out).toContain('demo: no decision is recorded yet\n')
  await scene.muster(['run', '--once'], { now: '2026-02-25T14:30:00Z' })
  const store = await openSqlite(scene.path('.muster', 'ledger.sqlite'), { clock: () => Date.parse('2026-02-25T15:00:01Z') })
  await store.lease('demo', GATHERING, 'somebody', 90)
  await store.close()
  const status = async (now: string) => (await scene.muster(['status'], { now })).out
  expect(await status('2026-02-25T15:00:02Z')).toContain(
    '  due: holds checkpoint week1 since Wed 2026-02-25 16:00; evidence is being gathered\n',
  )
})

test('a repository that cannot be reached is tried again while the meeting lasts; then the checkpoint is held, and nothing is green', async () => {
  const scene = createScene({ program: RUNS })
  await scene.muster(['run', '--once'], OPENED)
  renameSync(scene.path('.git'), scene.path('git'))
  const run = (now: string) => scene.muster(['run', '--once'], { now })
  const told = (kind: string) => lines(scene).filter((one) => one.kind === kind)
  for (const minute of ['00', '10', '29']) expect(await run(`2026-02-25T15:${minute}:00Z`)).toMatchObject({ code: 4 })
  expect(told('decision')).toEqual([])
  expect(told('trouble')).toMatchObject([{ title: 'Muster could not do its job: evidence cannot be looked at' }])

  // It lasts for half an hour.
  expect(await run('2026-02-25T15:30:00Z')).toMatchObject({ err: expect.stringContaining('Week one: INCONCLUSIVE') as string })
  expect(told('decision')).toMatchObject([{ title: 'Week one: INCONCLUSIVE' }])
  expect(told('trouble')).toHaveLength(1)

  // Once it was there again, it is news that it is away.
  renameSync(scene.path('git'), scene.path('.git'))
  expect(await run('2026-03-04T14:00:00Z')).toMatchObject({ code: 0 })
  renameSync(scene.path('.git'), scene.path('git'))
  expect(await run('2026-03-04T15:00:00Z')).toMatchObject({ code: 4 })
  expect(told('trouble').map(({ title }) => title)).toEqual(Array(2).fill('Muster could not do its job: evidence cannot be looked at'))
})

test('what was due since a first run that had nothing to do, and was done late, is missed', async () => {
  const scene = createScene({ program: `${RUNS}schedule: { invite: 2026-02-25 14:00, remind: [] }\n` })
  expect((await scene.muster(['run', '--once'], { now: '2026-02-25T10:00:00Z' })).err).toContain('1 record written')
  await scene.muster(['run', '--once'], { now: '2026-02-25T16:10:00Z' })
  expect(lines(scene).filter((one) => one.kind === 'trouble')).toMatchObject([
    { title: 'Muster could not do its job: it did not run when something was due' },
  ])
})

test('a first run says nothing of what was due before it', async () => {
  const scene = createScene({ program: RUNS })
  const { err } = await scene.muster(['run', '--once'], { now: '2026-02-25T17:30:00Z' })
  expect(err).toContain('Week one: ')
  expect(lines(scene).map(({ kind }) => kind)).not.toContain('trouble')
  // It opened all the same, late, and that is on record.
  expect((await scene.muster(['ledger', 'export'])).out).toMatch(/"checkpoint":"week1","late":true,[^\n]*"type":"checkpoint-opened"/)
})

test('evidence between checkpoints goes on record when it says something else than before', async () => {
  const scene = createScene({ program: `${RUNS}schedule: { watch: 15m }\n` })
  const types = async (now: string): Promise<readonly string[]> => {
    const before = (await scene.muster(['ledger', 'export'])).out.split('\n').length
    await scene.muster(['run', '--once'], { now })
    const after = (await scene.muster(['ledger', 'export'])).out.trimEnd().split('\n')
    return after.slice(Math.max(before - 1, 1)).map((line) => (JSON.parse(line) as { type: string }).type)
  }
  expect(await types('2026-02-25T10:00:00Z')).toContain('evidence')
  expect(await types('2026-02-25T10:16:00Z')).toEqual(['fired'])
  scene.repository.git('checkout', '-q', 'feature/reader')
  scene.repository.commit('More', { 'more.ts': 'export const more = 1\n' })
  expect(await types('2026-02-25T10:31:00Z')).toContain('evidence')
  expect(await types('2026-02-25T10:46:00Z')).toEqual(['fired'])
})

test('a verdict that is set before a checkpoint is held is told with its decision', async () => {
  const scene = createScene({ program: RUNS })
  await scene.muster(['run', '--once'], OPENED)
  const override = ['override', '--checkpoint', 'week1', '--verdict', 'GO', '--reason', 'r', '--as', 'boss']
  await scene.muster(override, { now: '2026-02-25T14:30:00Z' })
  await scene.muster(['run', '--once'], { now: '2026-02-25T14:31:00Z' })
  const decisions = () => lines(scene).filter(({ kind }) => kind === 'decision')
  expect(decisions()).toEqual([])
  await scene.muster(['run', '--once'], HELD)
  expect(decisions()).toMatchObject([{ title: 'Week one: GO' }])
})

test('a time that the file gives after a move counts, and both are named, once', async () => {
  const scene = createScene({ program: RUNS })
  await scene.muster(['run', '--once'], OPENED)
  await scene.muster(['move', 'week2', '--to', '2026-03-05 10:00', '--reason', 'No room', '--as', 'boss'], OPENED)
  await scene.muster(['run', '--once'], OPENED)
  scene.program(RUNS.replace('at: 2026-03-04 16:00', 'at: 2026-03-06 16:00'))
  const said = /Week two is held Fri 2026-03-06 16:00, as the program file says now; boss had moved it to Thu 2026-03-05 10:00/
  expect((await scene.muster(['run', '--once'], OPENED)).err).toMatch(said)
  expect((await scene.muster(['run', '--once'], OPENED)).err).not.toMatch(said)
})

test('what Muster could not do stands in the report of the next checkpoint, and not in those after it', async () => {
  const scene = createScene({ program: RUNS })
  await scene.muster(['run', '--once'], { now: '2026-02-25T10:00:00Z' })
  await scene.muster(['run', '--once'], { now: '2026-02-25T16:10:00Z' })
  const report = async (now: string, ...argv: string[]) => (await scene.muster(['check', '--checkpoint', 'week2', ...argv], { now })).out
  const missed = /What Muster could not do\n {2}! Wed 2026-02-25 \d\d:\d\d: muster was not running when something was due/
  expect(await report('2026-02-25T16:20:00Z')).toMatch(missed)
  expect(await report('2026-02-26T10:00:00Z', '--hold')).toMatch(missed)
  expect(await report('2026-02-26T10:10:00Z')).not.toContain('What Muster could not do')
  expect(await scene.muster(['replay', 'latest'])).toMatchObject({ code: 0 })
})

test('status says what comes next; what did not arrive stands in the outbox and can be sent again', async () => {
  const scene = createScene({ program: RUNS.replace('notices.jsonl', 'muster.yaml/notices.jsonl') })
  await scene.muster(['run', '--once'], OPENED)
  const status = await scene.muster(['status'], OPENED)
  expect(status.out).toContain('  next checkpoint: Week one (week1), Wed 2026-02-25 16:00\n')
  expect(status.out).toContain('  next: holds checkpoint week1, due Wed 2026-02-25 16:00\n')
  expect(status.out).toMatch(/channel log: \d+ messages? not delivered after 1 try/)
  // What was said just now is not overdue.
  await scene.muster(['move', 'week2', '--to', '2 days', '--reason', 'No room', '--as', 'boss'], OPENED)
  expect((await scene.muster(['status'], OPENED)).out).not.toContain('OVERDUE')

  const listed = await scene.muster(['outbox'], OPENED)
  expect(listed).toMatchObject({ code: 0, out: expect.stringMatching(/^[0-9a-f]{10} pending over log: /) as string })
  // In the zone of the program, as everywhere.
  expect(listed.out).toContain('1 try, not before Wed 2026-02-25 15:00: ')
  // Whoever moves the ledger is told that they stay behind.
  expect((await scene.muster(['ledger', 'export'], OPENED)).err).toMatch(
    /\d+ messages? of demo waits? to be sent, and (?:it is|they are) not in it/,
  )
  const id = listed.out.slice(0, 10)
  expect(await scene.muster(['outbox', '--retry', id, '--as', 'lead-a'], OPENED)).toMatchObject({
    code: 2,
    err: expect.stringContaining('waits already') as string,
  })
  expect(await scene.muster(['outbox', '--retry', 'feedbeef', '--as', 'lead-a'], OPENED)).toMatchObject({
    code: 2,
    err: expect.stringContaining('there is no message feedbeef') as string,
  })

  // Without the channel nothing of it can be sent: it is dropped, with a reason, and comes back when somebody asks.
  scene.program(RUNS.replace('  log: { send: file, to: notices.jsonl }', '  other: { send: stdout }'))
  await scene.muster(['run', '--once'], { now: '2026-02-25T14:10:00Z' })
  const dropped = await scene.muster(['outbox', '--state', 'dropped'], OPENED)
  expect(dropped.out).toContain('the program has no channel log any more')
  scene.program(RUNS)
  const again = ['outbox', '--retry', dropped.out.slice(0, 10)]
  expect((await scene.muster(again, { now: '2026-02-25T14:20:00Z' })).err).toContain('give --as PERSON or set MUSTER_AS')
  expect((await scene.muster([...again, '--as', 'nobody'], { now: '2026-02-25T14:20:00Z' })).code).toBe(2)
  expect(await scene.muster([...again, '--as', 'lead-a'], { now: '2026-02-25T14:20:00Z' })).toMatchObject({ code: 0 })
  // On record as the act of whoever asked.
  expect((await scene.muster(['ledger', 'export'], OPENED)).out).toMatch(/"actor":"lead-a"[^\n]*"type":"delivery-retried"/)
  await scene.muster(['run', '--once'], { now: '2026-02-25T14:21:00Z' })
  expect(lines(scene).length).toBeGreaterThan(0)
})

test('what failed for want of a setting is sent once it is there, all of it by one command', async () => {
  const scene = createScene({ program: RUNS.replace('{ send: file, to: notices.jsonl }', "{ send: webhook, to: 'https://example.org' }") })
  await scene.muster(['run', '--once'], OPENED)
  const failed = (await scene.muster(['outbox', '--state', 'failed'], OPENED)).out.match(/ failed over log: /g)?.length
  expect(failed).toBeGreaterThan(1)
  scene.program(RUNS)
  expect(await scene.muster(['outbox', '--retry', 'failed', '--as', 'boss'], OPENED)).toMatchObject({
    code: 0,
    out: `${failed} messages wait again; muster run sends them\n`,
  })
  await scene.muster(['run', '--once'], { now: '2026-02-25T14:01:00Z' })
  expect(lines(scene)).toHaveLength(failed ?? 0)
  expect(await scene.muster(['outbox', '--retry', 'failed', '--as', 'boss'], OPENED)).toMatchObject({
    code: 2,
    err: expect.stringContaining('no message is failed') as string,
  })
})

test('a file that is taken back counts again at the next look, and the phase lead is told', async () => {
  const scene = createScene({ program: RUNS })
  await scene.muster(['run', '--once'], OPENED)
  scene.program(RUNS.replace('name: Week one', 'name: Week 1'))
  await scene.muster(['run', '--once'], { now: '2026-02-25T14:01:00Z' })
  scene.program(RUNS)
  expect(await scene.muster(['run', '--once'], { now: '2026-02-25T14:02:00Z' })).toMatchObject({
    code: 0,
    err: expect.stringContaining('an older version of the program is in force again') as string,
  })
  expect(lines(scene).findLast((one) => one.kind === 'trouble')?.title).toBe(
    'Muster could not do its job: an older version of the program is in force again',
  )
})

test('all that a command line lacks comes at once, with where to look', async () => {
  expect(await createScene().muster(['blocker', 'open', '--title', 'No kernel'])).toMatchObject({
    code: 2,
    err: "error: required option '--severity <severity>' not specified\nerror: required option '--impact <text>' not specified\n  muster blocker open --help lists what it takes\n",
  })
})
