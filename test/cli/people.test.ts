import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readState } from '#cli/ledger-state.ts'
import { run } from '#cli/run.ts'
import { decide } from '#core/decide/decide.ts'
import { Context } from '#core/evaluate/context.ts'
import { evaluateIn } from '#core/evaluate/evaluate.ts'
import { explain } from '#core/evaluate/explain.ts'
import type { Snapshot } from '#core/evidence/evidence.ts'
import type { LedgerEvent } from '#core/ledger/events.ts'
import { verifyChain } from '#core/ledger/chain.ts'
import { loadProgram } from '#core/program/load.ts'
import { KINDS } from '#collect/registry.ts'
import { sha256 } from '#store/sha256.ts'
import { openSqlite } from '#store/sqlite.ts'
import { fakeIo, type FakeIoOptions } from './io.ts'
import { createScene } from './scene.ts'

const PROGRAM = `
program: demo
name: Demo
calendar: { zone: Europe/Berlin }
people:
  boss: { name: The phase lead, roles: [phase-lead], handle: '@BOSS' }
  arch: { name: The architect, roles: [architect, quality] }
  lead-a: { name: Lead A }
  lead-b: { name: Lead B }
  help-a: { name: Help A }
sources:
  tests: { collect: junit, files: 'reports/*.xml' }
  size: { collect: git }
streams:
  reader:
    name: Reader
    lead: lead-a
    support: [help-a]
    branch: feature/reader
    deliverables:
      code: { title: Reader code, measure: size.lines.code, full: 400 lines }
      unit: { title: Unit tests, measure: tests.passed, full: 15 tests }
      guide: { title: Written guide, kind: documentation }
  writer: { name: Writer, lead: lead-b, branch: feature/writer }
checkpoints:
  week2:
    name: Week 2
    at: 2026-02-25 16:00
    criteria:
      there: { metric: size.exists, equals: true, tier: supporting }
      passing: { metric: tests.ratio, atLeast: 100% }
      scope: { signOff: { roles: [phase-lead, architect] } }
      plan: { signOff: lead, for: streams }
      both: { for: program, all: [{ signOff: architect }, { signOff: quality }] }
    targets:
      reader: { code: 150 of 400, guide: done }
    decide: { question: 'Go on?', signOff: { phase-lead: 1, architect: 1 } }
  week3: { name: Week 3, at: 2026-03-04 16:00 }
`

/** Berlin is an hour ahead of UTC on this day. */
const NOW = '2026-02-25T12:00:00Z'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-people-'))
  await writeFile(join(folder, 'muster.yaml'), PROGRAM)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function muster(argv: readonly string[], more: Partial<Omit<FakeIoOptions, 'argv'>> = {}) {
  const io = fakeIo({ argv, cwd: folder, now: NOW, ...more })
  const code = await run(io)
  return { code, out: io.out(), err: io.err() }
}

const ledgerFile = (): string => join(folder, '.muster', 'ledger.sqlite')

async function withLedger<T>(use: (ledger: Awaited<ReturnType<typeof openSqlite>>) => Promise<T>): Promise<T> {
  const ledger = await openSqlite(ledgerFile(), { readOnly: true })
  try {
    return await use(ledger)
  } finally {
    await ledger.close()
  }
}

const recorded = (): Promise<LedgerEvent[]> =>
  withLedger(async (ledger) => {
    const events: LedgerEvent[] = []
    for await (const event of ledger.read('demo')) events.push(event)
    return events
  })

const last = async (): Promise<LedgerEvent | undefined> => (await recorded()).at(-1)

/** What a check makes of the ledger. */
async function judged({
  at = NOW,
  snapshot = { subjects: {}, evidence: [] },
}: { readonly at?: string; readonly snapshot?: Snapshot } = {}) {
  const { program } = loadProgram('muster.yaml', new TextEncoder().encode(PROGRAM), KINDS)
  const checkpoint = program?.checkpoints[0]
  if (!program || !checkpoint) throw new Error('the program of the test does not load')
  const { state } = await withLedger((ledger) => readState(ledger, 'demo'))
  const context = new Context(program, checkpoint, snapshot, state, at)
  const evaluation = evaluateIn(context)
  const status = (criterion: string, subject: string) =>
    evaluation.judgements.find((one) => one.criterion.id === criterion && one.subject === subject)?.status
  return { status, evaluation, decision: decide(context, evaluation), context }
}

describe('muster checkin', () => {
  it('records what the lead says, with claims in the unit of their measure', async () => {
    const { code, out } = await muster(
      [
        'checkin',
        '--done',
        'parser reads',
        '--done',
        'second thing',
        '--next',
        'cache',
        '--risk',
        'slow disk',
        '--claim',
        'code=150 of 400',
        '--claim',
        'unit=60%',
        '--claim',
        'tests.ratio=87.5%',
        '--claim',
        'size.merged=yes',
        '--confidence-week',
        '80%',
        '--confidence',
        '90%',
      ],
      { env: { MUSTER_AS: 'lead-a' } },
    )
    expect(code).toBe(0)
    const event = await last()
    expect(event).toMatchObject({
      type: 'check-in',
      actor: 'lead-a',
      at: NOW,
      body: {
        stream: 'reader',
        done: ['parser reads', 'second thing'],
        next: ['cache'],
        risks: ['slow disk'],
        claims: { code: 150, unit: 9, 'tests.ratio': 0.875, 'size.merged': 1 },
        confidence: { week: 0.8, program: 0.9 },
      },
    })
    expect(out).toBe(
      `recorded 1 (${event?.hash.slice(0, 12)}): lead-a checked in for reader: 2 done, 1 next, 1 risk, 4 claims, confidence\n`,
    )
  })

  it('says every mistake at once and records nothing', async () => {
    const { code, out, err } = await muster([
      'checkin',
      '--as',
      'lead-a',
      '--done',
      'a\u0007b',
      '--claim',
      'cod=3',
      '--claim',
      'unit=5s',
      '--claim',
      'code=100-150',
      '--claim',
      'guide=done',
      '--claim',
      'nonsense',
      '--claim',
      'code=of all 400',
      '--claim',
      'tests.ratio=0.8',
      '--claim',
      'tests.passed=-3',
      '--confidence',
      '170%',
    ])
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toMatch(/--done: character 2 is the control character U\+0007/)
    expect(err).toMatch(/--claim: cod is neither a deliverable of stream reader nor a metric; did you mean code\?/)
    expect(err).toMatch(/--claim: unit: 5s is in seconds; unit is in tests/)
    expect(err).toMatch(/--claim: code: 100-150 is a range/)
    expect(err).toMatch(/--claim: guide has no measure.*sign target\.guide/)
    expect(err).toMatch(/"nonsense" is not NAME=AMOUNT/)
    expect(err).toMatch(/--claim: code is claimed twice/)
    expect(err).toMatch(/tests\.ratio: 0\.8 has no unit; tests\.ratio is in percent/)
    expect(err).toMatch(/tests\.passed: -3 is negative/)
    expect(err).toMatch(/--confidence: 170% is not a share/)
    expect(err).toMatch(/10 mistakes in the check-in; nothing was recorded/)
    expect(existsSync(ledgerFile())).toBe(false)
  })

  it('reads the same keys from a file, and flags add to them', async () => {
    await writeFile(
      join(folder, 'today.yaml'),
      'stream: reader\ndone:\n  - one\nrisk: late parts\nclaim: { code: 240, unit: 8 tests }\nconfidence-week: 70%\n',
    )
    expect(
      (await muster(['checkin', '--as', 'help-a', '--file', 'today.yaml', '--done', 'two', '--claim', 'code=250', '--confidence', '60%']))
        .code,
    ).toBe(0)
    expect((await last())?.body).toEqual({
      stream: 'reader',
      done: ['one', 'two'],
      next: [],
      risks: ['late parts'],
      claims: { code: 250, unit: 8 },
      confidence: { week: 0.7, program: 0.6 },
    })
  })

  it('reads JSON from standard input', async () => {
    expect((await muster(['checkin', '--as', 'lead-b', '--file', '-'], { stdin: '{"stream": "writer", "next": ["start"]}' })).code).toBe(0)
    expect((await last())?.body).toMatchObject({ stream: 'writer', next: ['start'] })
  })

  it('says where in the file each mistake stands', async () => {
    await writeFile(
      join(folder, 'today.yaml'),
      'stream: reader\nrisks: late\ndone:\n  - fine\n  - ""\n  - 7\nclaim:\n  unit: 8 lines\nconfidence: maybe\n',
    )
    const { code, err } = await muster(['checkin', '--as', 'lead-a', '--file', 'today.yaml'])
    expect(code).toBe(2)
    expect(err).toContain('today.yaml:2:1: risks is not a key of a check-in; did you mean risk?')
    expect(err).toContain('today.yaml:5:5: it is empty')
    expect(err).toContain('today.yaml:6:5: ')
    expect(err).toContain('today.yaml:8:9: unit: 8 lines is in lines; unit is in tests')
    expect(err).toContain('today.yaml:9:13: maybe is not a share from 0% to 100%')
  })

  it.each([
    ['an empty file', '', /today\.yaml: it is empty/],
    ['two documents', 'done: a\n---\ndone: b\n', /today\.yaml:\d+:\d+: a second document/],
    ['an alias', 'done: &a [x]\nnext: *a\n', /is an anchor/],
    ['a key twice', 'done: a\ndone: b\n', /today\.yaml:2:1: .*\n {2}keep one of the two/],
    ['a list', '- done\n', /today\.yaml:1:1: /],
    ['a deep nest', `done: ${'['.repeat(20_000)}`, /nested too deeply|today\.yaml:\d/],
    ['a prototype key', '__proto__: { x: 1 }\ndone: a\n', /today\.yaml:1:1: __proto__ /],
    ['a claim of what every object has', 'done: a\nclaim: { constructor: 2 }\n', /today\.yaml:2:23: constructor is neither a deliverable/],
  ])('refuses %s', async (_name, text, message) => {
    await writeFile(join(folder, 'today.yaml'), text)
    const { code, err } = await muster(['checkin', '--as', 'lead-a', '--file', 'today.yaml'])
    expect(err).toMatch(message)
    expect(err).not.toContain('has a bug')
    expect(code).toBe(2)
    expect(existsSync(ledgerFile())).toBe(false)
  })

  it('is a usage error without anything to say', async () => {
    expect(await muster(['checkin', '--stream', 'reader', '--as', 'lead-a'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('a check-in says something'),
    })
  })

  it.each([
    [
      'somebody else',
      ['--as', 'boss', '--stream', 'reader'],
      /boss may not check in for stream reader\n {2}this takes: lead \(lead-a\) or support \(help-a\)/,
    ],
    [
      'nobody named where two may',
      ['--stream', 'reader'],
      /say who you are: 2 people may check in for stream reader\n {2}.*lead \(lead-a\) or support \(help-a\)/,
    ],
    ['an unknown person', ['--as', 'lead-c', '--stream', 'reader'], /there is no person "lead-c"; did you mean lead-a\?/],
    ['an unknown stream', ['--as', 'lead-a', '--stream', 'raeder'], /there is no stream "raeder"; did you mean reader\?/],
    ['no stream where the person leads none', ['--as', 'help-a'], /which stream reports\? give --stream ID\n {2}there are: reader, writer/],
  ])('refuses %s', async (_name, argv, message) => {
    const { code, err } = await muster(['checkin', ...argv, '--done', 'x'])
    expect(err).toMatch(message)
    expect(code).toBe(2)
  })

  it('takes the only person who may', async () => {
    await muster(['checkin', '--stream', 'writer', '--done', 'x'])
    expect((await last())?.actor).toBe('lead-b')
  })

  it('satisfies nothing with its claims', async () => {
    await muster(['checkin', '--as', 'lead-a', '--claim', 'code=400', '--claim', 'tests.ratio=100%'])
    const { status } = await judged()
    expect([status('target.code', 'stream:reader'), status('passing', 'stream:reader')]).toEqual(['missing', 'missing'])
  })

  it.each([
    ['yes', false],
    ['no', true],
  ])('holds a claim of %s against what was measured as yes', async (claim, differs) => {
    await muster(['checkin', '--as', 'lead-a', '--claim', `size.exists=${claim}`])
    const state = { state: 'present', ref: 'refs/heads/feature/reader', commit: 'c1', tree: 't1', committedAt: NOW } as const
    const seen = {
      subject: 'stream:reader',
      metric: 'size.exists',
      status: 'observed',
      unit: 'boolean',
      value: true,
      provenance: 'measured',
      tree: 't1',
      observedAt: NOW,
      source: 'git',
    } as const
    const { evaluation, context } = await judged({ snapshot: { subjects: { 'stream:reader': state }, evidence: [seen] } })
    const judgement = evaluation.judgements.find((one) => one.criterion.id === 'there' && one.subject === 'stream:reader')
    expect(judgement?.status).toBe('satisfied')
    expect(judgement && explain(context, judgement).claim).toMatchObject({ differs })
  })
})

describe('muster blocker', () => {
  const open = (...more: string[]) =>
    muster(['blocker', 'open', '--as', 'lead-a', '--title', 'No kernel', '--severity', 'critical', '--impact', 'nothing builds', ...more])

  it('opens with readable ids, the lead as owner and two hours', async () => {
    expect((await open()).out).toMatch(
      /^recorded 1 \([0-9a-f]{12}\): lead-a opened critical blocker b-1 of reader: No kernel; lead-a resolves it by Wed 2026-02-25 15:00 Europe\/Berlin\n$/,
    )
    await open(
      '--stream',
      'writer',
      '--label',
      'security',
      '--label',
      'merge',
      '--workaround',
      'use the old one',
      '--deadline',
      '2026-02-26 09:00',
      '--owner',
      '@BOSS',
    )
    expect((await last())?.body).toEqual({
      blocker: 'b-2',
      stream: 'writer',
      title: 'No kernel',
      severity: 'critical',
      impact: 'nothing builds',
      workaround: 'use the old one',
      labels: ['security', 'merge'],
      owner: 'boss',
      deadline: '2026-02-26T08:00:00Z',
    })
  })

  it('does not hand out an id that was chosen before', async () => {
    await open('--id', 'b-2')
    await open()
    expect((await last())?.body).toMatchObject({ blocker: 'b-3' })
    const { code, err } = await open('--id', 'b-2')
    expect([code, err]).toEqual([2, expect.stringContaining('there is a blocker b-2 already')])
  })

  it.each([
    ['a deadline that has passed', ['--deadline', '2026-02-25 12:59'], /--deadline: 2026-02-25 12:59 is not in the future/],
    ['a deadline without a unit', ['--deadline', '2'], /"2" is neither a duration nor a time/],
    ['a deadline of no time at all', ['--deadline', '0h'], /0h is not in the future/],
    ['a day the calendar lacks', ['--deadline', '2026-02-29 10:00'], /is neither a duration nor a time/],
    ['a deadline in another life', ['--deadline', '9999w'], /more than three years away/],
    ['an id that could be an option', ['--id=--x'], /cannot be an id/],
    ['an unknown owner', ['--owner', 'lead-z'], /no person "lead-z"; did you mean lead-a\?/],
    ['an unknown label', ['--label', 'secrity'], /Allowed choices are security, merge/],
    ['an unknown severity', ['--severity', 'awful'], /Allowed choices are critical, high, medium, low/],
    ['an empty workaround', ['--workaround', ' '], /--workaround: it is empty/],
    ['an endless title', ['--title', 'x'.repeat(2001)], /--title: it has 2001 characters; at most 2000/],
    ['an escape sequence', ['--impact', 'a\u001b[2Jb'], /--impact: character 2 is the control character U\+001B/],
  ])('refuses %s', async (_name, more, message) => {
    const { code, err } = await open(...more)
    expect(err).toMatch(message)
    expect(code).toBe(2)
    expect(existsSync(ledgerFile())).toBe(false)
  })

  it('keeps newlines and the longest text as given', async () => {
    const impact = `first\n\tsecond ${'é'.repeat(1900)}`
    await open('--impact', impact)
    expect((await last())?.body).toMatchObject({ impact })
  })

  it('counts a day by the calendar when the clocks change', async () => {
    await open('--deadline', '1 day', '--at', '2026-03-28 12:00')
    expect((await last())?.body).toMatchObject({ deadline: '2026-03-29T10:00:00Z' })
    await open('--deadline', '24h', '--at', '2026-03-28 12:00')
    expect((await last())?.body).toMatchObject({ deadline: '2026-03-29T11:00:00Z' })
  })

  it('blocks its stream until it is resolved', async () => {
    await open()
    expect((await judged()).evaluation.streams[0]).toMatchObject({ stream: 'reader', health: 'BLOCKED' })
    await muster(['blocker', 'resolve', 'b-1', '--as', 'lead-a', '--outcome', 'workaround', '--note', 'older kernel'])
    expect((await judged()).evaluation.streams[0]?.health).not.toBe('BLOCKED')
  })

  it('changes only what is asked, and says so when nothing changes', async () => {
    await open('--workaround', 'none yet')
    await muster([
      'blocker',
      'update',
      'b-1',
      '--as',
      'help-a',
      '--severity',
      'high',
      '--impact',
      'nothing builds',
      '--workaround',
      '',
      '--deadline',
      '4h',
    ])
    expect((await last())?.body).toEqual({ blocker: 'b-1', severity: 'high', workaround: '', deadline: '2026-02-25T16:00:00Z' })
    expect((await judged()).context.observe('stream:reader', 'blockers.unmitigated', 'measured').value).toBe(1)
    expect(await muster(['blocker', 'update', 'b-1', '--as', 'boss', '--severity', 'high'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('already is what you ask for'),
    })
    expect(await muster(['blocker', 'update', 'b-1', '--as', 'boss'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('nothing to change'),
    })
    expect(await recorded()).toHaveLength(2)
  })

  it.each([['update', '--severity', 'low'], ['ack'], ['resolve', '--outcome', 'resolved', '--note', 'n']])(
    '%s refuses strangers, unknown blockers and resolved ones',
    async (name, ...options) => {
      await open()
      const stranger = await muster(['blocker', name, 'b-1', '--as', 'lead-b', ...options])
      expect(stranger.err).toBe(
        'lead-b may not change blocker b-1 of stream reader\n  this takes: owner (lead-a) or lead (lead-a) or support (help-a) or phase-lead (boss)\n',
      )
      const unknown = await muster(['blocker', name, 'b-11', '--as', 'lead-a', ...options])
      expect(unknown.err).toMatch(/there is no blocker "b-11"; did you mean b-1\?/)
      await muster(['blocker', 'resolve', 'b-1', '--as', 'lead-a', '--outcome', 'resolved', '--note', 'done'])
      const resolved = await muster(['blocker', name, 'b-1', '--as', 'lead-a', ...options])
      expect(resolved.err).toMatch(/blocker b-1 was resolved at Wed 2026-02-25 13:00 Europe\/Berlin/)
      expect([stranger.code, unknown.code, resolved.code]).toEqual([2, 2, 2])
      expect(await recorded()).toHaveLength(2)
    },
  )

  it('lists the worst first, with deadlines counted from now', async () => {
    await open('--stream', 'writer', '--severity', 'low', '--title', 'A small thing')
    await open('--label', 'merge')
    await open('--title', 'Later', '--deadline', '1 day')
    await muster(['blocker', 'ack', 'b-3', '--as', 'lead-a', '--for', '4h'])
    expect((await muster(['blocker', 'list'], { now: '2026-02-25T15:30:00Z' })).out).toBe(
      [
        'BLOCKER  SEVERITY  STREAM  OWNER   DEADLINE               STATE                      TITLE',
        'b-2      critical  reader  lead-a  overdue by 1 h 30 min  open                       No kernel [merge]',
        'b-3      critical  reader  lead-a  in 20 h 30 min         acknowledged, 30 min left  Later',
        'b-1      low       writer  lead-b  overdue by 1 h 30 min  open                       A small thing',
        '3 open, 2 overdue',
        '',
      ].join('\n'),
    )
    expect((await muster(['blocker', 'list'], { now: '2026-02-25T16:00:01Z' })).out).not.toContain('acknowledged')
  })

  it('hides resolved ones unless asked, and gives them as JSON', async () => {
    expect((await muster(['blocker', 'list'])).out).toBe('no open blockers are recorded\n')
    expect(existsSync(ledgerFile())).toBe(false)
    await open()
    await muster(['blocker', 'resolve', 'b-1', '--as', 'lead-a', '--outcome', 'scope-reduced', '--note', 'dropped'])
    expect((await muster(['blocker', 'list'])).out).toBe('no open blockers are recorded; 1 resolved, --all lists it\n')
    expect((await muster(['blocker', 'list', '--all'])).out).toMatch(/b-1 .* scope-reduced +No kernel/)
    const { out } = await muster(['blocker', 'list', '--all', '--format', 'json'])
    expect(JSON.parse(out)).toMatchObject({
      schemaVersion: 1,
      program: 'demo',
      at: '2026-02-25T13:00:00+01:00',
      blockers: [
        { id: 'b-1', state: 'resolved', overdue: false, deadline: '2026-02-25T15:00:00+01:00', outcome: 'scope-reduced', note: 'dropped' },
      ],
    })
  })

  it('shows hostile text as text', async () => {
    await open('--title', 'one\ntwo \u202eevil')
    expect((await muster(['blocker', 'list'])).out).toContain('one\\ntwo \\u{202e}evil')
  })
})

describe('muster sign', () => {
  const sign = (...argv: string[]) => muster(['sign', ...argv, '--reason', 'looked at it'])

  it('signs the decision in a role the checkpoint asks for', async () => {
    expect((await sign('--checkpoint', 'week2', '--role', 'architect')).out).toMatch(/: arch \(architect\) signed the decision of week2\n$/)
    await sign('--checkpoint', 'week2', '--as', 'boss', '--refuse')
    const { decision } = await judged()
    expect(decision.signOffs).toMatchObject([
      { role: 'phase-lead', approved: [], refused: ['boss'] },
      { role: 'architect', approved: ['arch'], refused: [], waitingFor: [] },
    ])
  })

  it('satisfies a manual criterion, until it is taken back', async () => {
    await sign('scope', '--checkpoint', 'week2', '--as', 'arch')
    expect((await judged()).status('scope', 'program')).toBe('satisfied')
    await sign('scope', '--checkpoint', 'week2', '--as', 'arch', '--refuse')
    expect((await judged()).status('scope', 'program')).toBe('unsatisfied')
  })

  it('signs for the stream that the person leads', async () => {
    await sign('plan', '--checkpoint', 'week2', '--as', 'lead-b')
    const { status } = await judged()
    expect([status('plan', 'stream:reader'), status('plan', 'stream:writer')]).toEqual(['missing', 'satisfied'])
  })

  it('signs a target that nothing measures', async () => {
    await sign('target.guide', '--checkpoint', 'week2')
    expect((await last())?.actor).toBe('lead-a')
    expect((await judged()).status('target.guide', 'stream:reader')).toBe('satisfied')
  })

  it('asks for the role where it matters, and both signatures then count', async () => {
    expect(await sign('both', '--checkpoint', 'week2')).toMatchObject({
      code: 2,
      err: expect.stringContaining('in which role does arch sign both at week2? give --role\n  there are: architect, quality'),
    })
    await sign('both', '--checkpoint', 'week2', '--role', 'architect')
    expect((await judged()).status('both', 'program')).toBe('missing')
    await sign('both', '--checkpoint', 'week2', '--role', 'quality')
    expect((await judged()).status('both', 'program')).toBe('satisfied')
  })

  it.each([
    ['a measured criterion', ['passing', '--as', 'boss'], /passing cannot be signed: it is judged by tests\.ratio/],
    ['a measured target', ['target.code', '--as', 'lead-a'], /target\.code cannot be signed: it is judged by size\.lines\.code/],
    ['an unknown criterion', ['scop', '--as', 'boss'], /no criterion to sign "scop"; did you mean scope\?/],
    [
      'somebody without the role',
      ['scope', '--as', 'lead-a'],
      /lead-a may not sign scope at week2\n {2}this takes: phase-lead \(boss\) or architect \(arch\)/,
    ],
    [
      'the lead of another stream',
      ['plan', '--stream', 'reader', '--as', 'lead-b'],
      /lead-b may not sign plan of reader at week2\n {2}this takes: lead \(lead-a\)/,
    ],
    [
      'a role that is not asked for',
      ['scope', '--role', 'quality', '--as', 'arch'],
      /scope at week2 is not signed by quality\n {2}it is signed by: phase-lead, architect/,
    ],
    [
      'a role that the person does not hold',
      ['scope', '--role', 'architect', '--as', 'boss'],
      /boss may not sign scope at week2\n {2}this takes: architect \(arch\)/,
    ],
    ['no stream where several are judged', ['plan', '--as', 'boss'], /which stream is plan signed for\? give --stream ID/],
    [
      'a stream for what is judged for the program',
      ['scope', '--stream', 'reader', '--as', 'boss'],
      /scope is judged for the program as a whole/,
    ],
    ['a stream for the decision', ['--stream', 'reader', '--as', 'boss'], /the decision is signed for the program as a whole/],
    ['nobody named where several may', ['scope'], /say who you are: 2 people may sign scope at week2/],
  ])('refuses %s', async (_name, argv, message) => {
    const { code, err } = await sign(...argv, '--checkpoint', 'week2')
    expect(err).toMatch(message)
    expect(code).toBe(2)
    expect(existsSync(ledgerFile())).toBe(false)
  })

  it('refuses where nothing is to be signed, and an unknown checkpoint', async () => {
    expect((await sign('--checkpoint', 'week3', '--as', 'boss')).err).toMatch(/the decision of week3 asks for no sign-off/)
    expect((await sign('--checkpoint', 'week22', '--as', 'boss')).err).toMatch(/no checkpoint "week22"; did you mean week2\?/)
    expect((await muster(['sign', 'scope', '--checkpoint', 'week2', '--as', 'boss'])).err).toMatch(/required option '--reason <text>'/)
  })
})

describe('muster waive', () => {
  const waive = (...argv: string[]) => muster(['waive', ...argv, '--checkpoint', 'week2', '--reason', 'the runner is broken'])

  it('waives for one stream until it lapses; the raw status stays', async () => {
    const { out } = await waive('passing', '--stream', 'reader', '--expires', '2026-02-26 10:00')
    expect(out).toMatch(/: boss waived passing for reader at week2 until Thu 2026-02-26 10:00 Europe\/Berlin \(w-1\)\n$/)
    const { status, evaluation } = await judged()
    expect([status('passing', 'stream:reader'), status('passing', 'stream:writer')]).toEqual(['waived', 'missing'])
    expect(evaluation.judgements.find((one) => one.status === 'waived')?.rawStatus).toBe('missing')
    expect((await judged({ at: '2026-02-26T09:00:00Z' })).status('passing', 'stream:reader')).toBe('missing')
  })

  it('shows in status what lapses soon and has lapsed, until it is renewed or long past', async () => {
    await waive('passing', '--stream', 'reader', '--expires', '2026-03-20 10:00')
    const waivers = async (now: string) => /^ {2}waiver .*$/m.exec((await muster(['status'], { now })).out)?.[0]
    expect(await waivers('2026-03-06T08:59:00Z')).toBe(undefined)
    expect(await waivers('2026-03-06T09:00:00Z')).toBe('  waiver w-1 of passing at week2 lapses in 14 d')
    expect(await waivers('2026-03-20T09:00:00Z')).toBe('  waiver w-1 of passing at week2 lapsed 0 s ago')
    expect(await waivers('2026-03-22T09:00:00Z')).toBe('  waiver w-1 of passing at week2 lapsed 2 d ago')
    expect(await waivers('2026-03-27T09:00:00Z')).toBe(undefined)
    await waive('passing', '--stream', 'reader', '--expires', '2026-04-20 10:00')
    expect(await waivers('2026-03-22T09:00:00Z')).toBe(undefined)
  })

  it('gives each waiver its own id', async () => {
    await waive('passing', '--expires', '2h')
    await waive('scope', '--expires', '3 days')
    expect((await recorded()).map((one) => (one.type === 'waiver' ? [one.body.waiver, one.body.expires] : one.type))).toEqual([
      ['w-1', '2026-02-25T14:00:00Z'],
      ['w-2', '2026-02-28T12:00:00Z'],
    ])
  })

  it.each([
    ['no end', ['passing'], /required option '--expires <time>'/],
    ['an end that has passed', ['passing', '--expires', '2026-02-25T11:00:00Z'], /--expires: .* is not in the future/],
    [
      'somebody without authority',
      ['passing', '--expires', '2h', '--as', 'lead-a'],
      /lead-a may not waive a criterion\n {2}this takes: phase-lead \(boss\)/,
    ],
    ['an unknown criterion', ['pasing', '--expires', '2h'], /no criterion "pasing"; did you mean passing\?/],
    [
      'a stream it is not judged for',
      ['target.code', '--stream', 'writer', '--expires', '2h'],
      /no stream "writer".*\n? {2}there are: reader/,
    ],
    ['a stream where the program is judged', ['scope', '--stream', 'reader', '--expires', '2h'], /judged for the program as a whole/],
  ])('refuses %s', async (_name, argv, message) => {
    const { code, err } = await waive(...argv)
    expect(err).toMatch(message)
    expect(code).toBe(2)
    expect(existsSync(ledgerFile())).toBe(false)
  })

  it('says so where nobody holds a role that may', async () => {
    await writeFile(
      join(folder, 'muster.yaml'),
      PROGRAM.replace('roles: [phase-lead], ', '').replace('phase-lead, architect', 'architect').replace('phase-lead: 1, ', ''),
    )
    expect((await waive('passing', '--expires', '2h')).err).toBe(
      'nobody may waive a criterion\n  this takes: phase-lead (nobody); give somebody the role under people\n',
    )
  })
})

describe('muster override', () => {
  it('sets the verdict beside the computed one', async () => {
    const { code, out } = await muster([
      'override',
      '--checkpoint',
      'week2',
      '--verdict',
      'CONDITIONAL GO',
      '--reason',
      'the board decided',
    ])
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^recorded 1 \([0-9a-f]{12}\): boss set the verdict of week2 to CONDITIONAL GO\n$/),
    ])
    expect((await judged()).decision).toMatchObject({
      verdict: 'CONDITIONAL GO',
      computedVerdict: 'INCONCLUSIVE',
      override: { by: 'boss', reason: 'the board decided' },
    })
  })

  it.each([
    [
      'somebody without authority',
      ['--verdict', 'GO', '--as', 'arch', '--reason', 'r'],
      /arch may not override a verdict\n {2}this takes: phase-lead \(boss\)/,
    ],
    ['a verdict that decides nothing', ['--verdict', 'INCONCLUSIVE', '--reason', 'r'], /Allowed choices are GO, CONDITIONAL GO, NO-GO/],
    ['no reason', ['--verdict', 'GO', '--reason', ' \n'], /--reason: it is empty/],
  ])('refuses %s', async (_name, argv, message) => {
    const { code, err } = await muster(['override', '--checkpoint', 'week2', ...argv])
    expect(err).toMatch(message)
    expect(code).toBe(2)
    expect(existsSync(ledgerFile())).toBe(false)
  })
})

describe('what all of them do', () => {
  it('show the event and record nothing with --dry-run', async () => {
    const argv = ['override', '--checkpoint', 'week2', '--verdict', 'GO', '--reason', 'r', '--dry-run']
    const text = await muster(argv)
    expect(text.out).toMatch(/^would record: boss set the verdict of week2 to GO\n\{/)
    const json = await muster([...argv, '--format', 'json'])
    expect(JSON.parse(json.out)).toEqual({
      schemaVersion: 1,
      dryRun: true,
      event: { at: NOW, actor: 'boss', type: 'override', body: { checkpoint: 'week2', verdict: 'GO', reason: 'r' } },
    })
    expect(existsSync(join(folder, '.muster'))).toBe(false)
  })

  it('print the sealed event with --format json', async () => {
    const { out } = await muster(['override', '--checkpoint', 'week2', '--verdict', 'GO', '--reason', 'r', '--format', 'json'])
    expect(JSON.parse(out)).toEqual({ schemaVersion: 1, dryRun: false, event: await last() })
  })

  it('take a program file and a clock', async () => {
    const other = await mkdtemp(join(tmpdir(), 'muster-elsewhere-'))
    try {
      const { code } = await muster(
        [
          'override',
          '--config',
          join(folder, 'muster.yaml'),
          '--at',
          '2026-02-25 16:30',
          '--checkpoint',
          'week2',
          '--verdict',
          'GO',
          '--reason',
          'r',
        ],
        { cwd: other },
      )
      expect(code).toBe(0)
      expect((await last())?.at).toBe('2026-02-25T15:30:00Z')
    } finally {
      await rm(other, { recursive: true, force: true })
    }
  })

  it('one flag outranks the environment', async () => {
    await muster(['checkin', '--as', 'lead-b', '--stream', 'writer', '--done', 'x'], { env: { MUSTER_AS: 'boss' } })
    expect((await last())?.actor).toBe('lead-b')
  })

  it('processes that record at once lose nothing and share no id', async () => {
    const main = new URL('../../src/cli/main.ts', import.meta.url).pathname
    const start = (index: number) =>
      promisify(execFile)(
        process.execPath,
        ['-C', 'source', main, 'blocker', 'open', '--as', 'lead-a', '--title', `T${index}`, '--severity', 'low', '--impact', 'I'],
        { cwd: folder, env: {} },
      )
    const outputs = await Promise.all(Array.from({ length: 6 }, (_, index) => start(index)))
    const events = await recorded()
    expect(new Set(outputs.map(({ stdout }) => /^recorded (\d+)/.exec(stdout)?.[1]))).toEqual(new Set(['1', '2', '3', '4', '5', '6']))
    expect(new Set(events.map((one) => (one.type === 'blocker-opened' ? one.body.blocker : '')))).toEqual(
      new Set(['b-1', 'b-2', 'b-3', 'b-4', 'b-5', 'b-6']),
    )
    expect(verifyChain(events, sha256).ok).toBe(true)
  })
})

describe('muster checkin with more', () => {
  it('records plan, waits and a blocker together, and the plan is shown beside the measurement', async () => {
    const { code, out } = await muster([
      'checkin',
      '--as',
      'lead-a',
      '--plan',
      'unit=12',
      '--plan',
      'code=50%',
      '--waiting-on',
      'the schema of writer',
      '--blocking',
      'writer',
      '--blocker',
      'No kernel',
      '--severity',
      'critical',
      '--impact',
      'nothing builds',
      '--deadline',
      '1 day',
    ])
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(
        /^recorded 1 \([0-9a-f]{12}\), 2 \([0-9a-f]{12}\): lead-a checked in for reader: 2 planned, 1 waiting on, 1 blocking, 1 blocker; lead-a opened critical blocker b-1 of reader: No kernel; lead-a resolves it by Thu 2026-02-26 13:00 Europe\/Berlin\n$/,
      ),
    ])
    const [checkIn, blocker] = await recorded()
    expect(checkIn?.body).toMatchObject({ plan: { unit: 12, code: 200 }, waitingOn: ['the schema of writer'], blocking: ['writer'] })
    expect(blocker?.body).toMatchObject({ blocker: 'b-1', stream: 'reader', severity: 'critical' })
    expect((await judged()).evaluation.streams[0]?.health).toBe('BLOCKED')
  })

  it('reads them from a file, and gives both events as JSON', async () => {
    await writeFile(
      join(folder, 'today.yaml'),
      'plan: { unit: 12 }\nwaiting-on: [one, two]\nblocker: { title: T, severity: low, impact: I, labels: [merge] }\n',
    )
    const { out } = await muster(['checkin', '--as', 'lead-a', '--file', 'today.yaml', '--format', 'json'])
    const events = await recorded()
    expect(JSON.parse(out)).toEqual({ schemaVersion: 1, dryRun: false, event: events[0], also: [events[1]] })
    expect(events[1]?.body).toMatchObject({ labels: ['merge'] })
  })

  it.each([
    ['a blocker without its parts', ['--blocker', 'T'], /--blocker: it takes --severity as well\n--blocker: it takes --impact as well/],
    ['parts without a blocker', ['--done', 'x', '--impact', 'I'], /--impact: it is part of a blocker; give --blocker TITLE as well/],
    ['a plan of nothing', ['--plan', 'cod=3'], /--plan: cod is neither a deliverable of stream reader nor a metric; did you mean code\?/],
    ['a plan twice', ['--plan', 'code=3', '--plan', 'code=4'], /--plan: code is planned twice/],
    [
      'a deadline that has passed',
      ['--blocker', 'T', '--severity', 'low', '--impact', 'I', '--deadline', '0h'],
      /--blocker: deadline: 0h is not in the future/,
    ],
    ['to ask where nobody can answer', ['--ask'], /--ask asks on a terminal, and this is none/],
  ])('refuses %s', async (_name, argv, message) => {
    const { code, err } = await muster(['checkin', '--as', 'lead-a', ...argv])
    expect(err).toMatch(message)
    expect(code).toBe(2)
    expect(existsSync(ledgerFile())).toBe(false)
  })
})

describe('muster escalation', () => {
  it('lists what is escalated, and holds it back for a while', async () => {
    expect((await muster(['escalation', 'list'])).out).toBe('nothing is escalated\n')
    const store = await openSqlite(ledgerFile())
    await store.append('demo', [
      {
        id: 'raised',
        at: '2026-02-25T09:00:00Z',
        actor: 'muster',
        type: 'escalation-raised',
        body: {
          escalation: 'behind:reader',
          rule: 'behind',
          subject: 'stream:reader',
          scenario: 'Stream behind',
          owner: 'lead-a',
          escalateTo: 'boss',
          because: 'code is at 10 %',
        },
      },
    ])
    await store.close()
    expect((await muster(['escalation', 'list'])).out).toBe(
      [
        'ESCALATION     SUBJECT  OWNER   ESCALATED TO  SINCE  STATE  WHY',
        'behind:reader  reader   lead-a  boss          3 h    open   Stream behind: code is at 10 %',
        '1 open',
        '',
      ].join('\n'),
    )
    expect((await muster(['escalation', 'ack', 'behind:reader', '--as', 'lead-b'])).err).toMatch(
      /lead-b may not acknowledge escalation behind:reader\n {2}this takes: owner \(lead-a\) or escalated to \(boss\)/,
    )
    await muster(['escalation', 'ack', 'behind:reader', '--as', 'boss', '--for', '90m'])
    expect((await last())?.body).toEqual({ escalation: 'behind:reader', until: '2026-02-25T13:30:00Z' })
    expect(JSON.parse((await muster(['escalation', 'list', '--format', 'json'])).out)).toMatchObject({
      escalations: [{ id: 'behind:reader', state: 'acknowledged', acknowledgedUntil: '2026-02-25T14:30:00+01:00' }],
    })
  })
})

const GIT_PROGRAM = `program: demo
name: Demo
calendar: { zone: Europe/Berlin }
people:
  boss: { name: The phase lead, roles: [phase-lead] }
  lead-a: { name: Lead A, email: LEAD-A@example.org }
  lead-b: { name: Lead B }
sources: { git: { collect: git } }
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
    criteria: { there: { metric: git.exists, equals: true } }
    targets: { reader: { code: 4 of 4 lines } }
  week2: { name: Week two, at: 2026-03-04 16:00, criteria: { there: { metric: git.exists, equals: true } } }
`

describe('a checkpoint that is moved, cancelled and decided about', () => {
  it('is judged at its new time, replays the same, and its decision holds what was chosen', async () => {
    const scene = createScene({ program: GIT_PROGRAM })
    const replay = async (...argv: string[]) => (await scene.muster(['replay', ...argv])).code
    await scene.muster(['check'])
    expect((await scene.muster(['move', 'week1', '--to', '2026-03-05 10:00', '--reason', 'no room', '--as', 'lead-a'])).err).toBe(
      'lead-a may not move checkpoint week1\n  this takes: phase-lead (boss)\n',
    )
    await scene.muster(['move', 'week1', '--to', '2026-03-05 10:00', '--reason', 'no room'])
    await scene.muster(['choose', 'ADD', '--reason', 'lead B has a day', '--as', 'lead-a'])

    // What comes next is week2 now.
    expect((await scene.muster(['check', '--dry-run'])).out).toContain('Demo · Week two')
    const { out } = await scene.muster(['check', '--checkpoint', 'week1', '--format', 'json'])
    expect(JSON.parse(out)).toMatchObject({
      checkpoint: { at: '2026-03-05T10:00:00+01:00', moved: { from: '2026-02-25T16:00:00+01:00', by: 'boss', reason: 'no room' } },
      decision: { streams: [{ matrix: { chosen: { option: 'add', by: 'lead-a', reason: 'lead B has a day' } } }, {}] },
      actions: expect.arrayContaining([
        expect.objectContaining({ kind: 'recommend', text: 'Add people, working in pairs, as chosen: lead B has a day' }),
      ]),
    })
    expect(JSON.parse(out).decision).not.toHaveProperty('next')
    expect([await replay(), await replay('3')]).toEqual([0, 0])
    expect((await scene.muster(['explain', 'code'])).code).toBe(0)

    await scene.muster(['cancel', 'week1', '--reason', 'not needed'])
    const refused = await scene.muster(['check', '--checkpoint', 'week1'])
    expect([refused.code, refused.err]).toEqual([
      2,
      expect.stringMatching(/week1 was cancelled by boss on .*: not needed\n {2}muster move/),
    ])
    expect((await scene.muster(['status'])).out).toContain('checkpoint week1 cancelled by boss: not needed')
    expect([await replay(), await replay('3')]).toEqual([0, 0])
  })

  it('has nothing to choose where no decision asks for it', async () => {
    const scene = createScene({ program: GIT_PROGRAM })
    expect((await scene.muster(['choose', 'add', '--reason', 'r'])).err).toMatch(/no decision is recorded yet/)
    await scene.muster(['check'])
    expect((await scene.muster(['choose', 'add', '--stream', 'writer', '--reason', 'r'])).err).toMatch(/nothing to choose for it/)
    expect((await scene.muster(['choose', 'ad', '--reason', 'r', '--as', 'boss'])).err).toMatch(
      /did you mean add\?\n {2}there are: extend, reduce, add/,
    )
  })
})

describe('muster standup', () => {
  it('counts the commits of a branch that was merged before anything was measured', async () => {
    const scene = createScene({ program: GIT_PROGRAM })
    scene.repository.git('merge', '-q', '--no-ff', '-m', 'Merge the reader', 'feature/reader')
    const { out } = await scene.muster(['standup', '--since', '2026-02-02 00:00'], { now: '2026-02-03T08:00:00Z' })
    expect(out).toContain('Reader (lead-a)\n  1 commit: Lead A (lead) 1\n')
  })

  it('says what changed since the last one, from git and the record, and records nothing', async () => {
    // The commits of a scene are an hour apart, from ten o'clock of the second of February.
    const scene = createScene({ program: GIT_PROGRAM })
    const env = { MUSTER_STATE: join(scene.folder, 'state') }
    const morning = { now: '2026-02-02T12:30:00Z', env }
    const noon = { now: '2026-02-02T14:00:00Z', env }
    await scene.muster(['check'], morning)
    await scene.muster(['checkin', '--as', 'lead-a', '--plan', 'code=6'], morning)
    scene.repository.git('checkout', '-q', 'feature/reader')
    scene.repository.commit('Read more', { 'reader.ts': 'export const a = 1\n'.repeat(5) })
    scene.repository.git('checkout', '-q', 'main')
    scene.program(GIT_PROGRAM)
    await scene.muster(['check'], noon)

    const since = ['standup', '--since', '2026-02-02 13:45']
    const text = await scene.muster(since, noon)
    expect([text.code, text.err]).toEqual([0, ''])
    expect(text.out).toContain('Nobody has checked in for\n  Reader: lead-a\n  Writer: lead-b\n')
    expect(text.out).toContain('1 commit: Lead A (lead) 1\n  Reader code: 3 lines → 5 lines of 4 lines; planned 6 lines, 1 line less\n')
    expect((await scene.muster([...since, '--format', 'markdown'], noon)).out).toContain('\n## Reader (lead-a)\n\n- 1 commit: ')
    expect(JSON.parse((await scene.muster([...since, '--format', 'json'], noon)).out)).toMatchObject({
      schemaVersion: 1,
      since: '2026-02-02T13:45:00+01:00',
      streams: [{ numbers: [{ before: 3, now: 5, planned: 6 }] }, { commits: [] }],
    })
    expect((await scene.muster(['standup', '--since', 'tomorrow'])).err).toMatch(/--since: "tomorrow" is neither a duration nor a time/)
    expect((await scene.muster(['status'], noon)).out).toMatch(/ledger: 6 records/)
  })
})
