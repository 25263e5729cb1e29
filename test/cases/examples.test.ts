import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { devNull, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KINDS } from '#collect/registry.ts'
import { junitReader } from '#collect/junit/parse.ts'
import { tally } from '#collect/test-results/select.ts'
import { loadProgram, type Loaded } from '#core/program/load.ts'
import type { Checkpoint, Condition, NoticeKind, Program } from '#core/program/model.ts'
import { wallOf } from '#core/schedule/time.ts'
import { lintTemplate } from '#render/notice/lint.ts'
import { buildExample, type Heads } from '../../examples/two-streams/build.ts'
import { EVENTS } from '../../examples/two-streams/events.ts'

const ROOT = join(import.meta.dirname, '../..')
const run = promisify(execFile)

async function load(file: string, change: (text: string) => string = (text) => text): Promise<Loaded> {
  const text = change(await readFile(join(ROOT, file), 'utf8'))
  return loadProgram(file, new TextEncoder().encode(text), KINDS)
}

async function program(file: string): Promise<Program> {
  const loaded = await load(file)
  expect(loaded.problems).toEqual([])
  if (!loaded.program) throw new Error(`${file} gives no program`)
  return loaded.program
}

const PHASE_E = 'examples/phase-e/muster.yaml'
const TWO_STREAMS = 'examples/two-streams/muster.yaml'

describe('phase-e', () => {
  let phase: Program
  beforeAll(async () => {
    phase = await program(PHASE_E)
  })

  test('has four streams that owe what the plan lists', () => {
    const amounts = phase.streams.map((stream) => [
      stream.id,
      ...stream.deliverables.flatMap(({ full, kind }) => (full && kind !== 'documentation' ? [[full.low, full.high]] : [])),
    ])
    expect(amounts).toEqual([
      ['psi', [400, 400], [15, 15], [0.05, 0.15]],
      ['erofs', [600, 600], [20, 20], [0.3, 0.5]],
      ['otel', [400, 400], [18, 18], [0.02, 0.02]],
      ['seccomp', [250, 250], [12, 12], [0.5, 0.8]],
    ])
  })

  test('reads a target of less as a ceiling and a target of more as a floor', () => {
    const sprint = phase.checkpoints.find(({ id }) => id === 'week2-sprint')
    const performance = sprint?.criteria.flatMap(({ target, condition }) =>
      target?.kind === 'performance' && 'metric' in condition ? [[target.stream, condition.metric, condition.comparison]] : [],
    )
    expect(performance).toEqual([
      ['psi', 'bench.reduction', { op: 'between', low: 0.05, high: 0.15 }],
      ['erofs', 'bench.reduction', { op: 'between', low: 0.3, high: 0.5 }],
      ['otel', 'bench.change', { op: 'atMost', value: 0.02 }],
      ['seccomp', 'bench.reduction', { op: 'between', low: 0.5, high: 0.8 }],
    ])
  })

  test('holds nine checkpoints on the weekdays of the plan', () => {
    const held = phase.checkpoints.map(({ id, at, durationSeconds }) => {
      const { weekday, date, time } = wallOf(at, phase.calendar.zone)
      return `${weekday} ${date} ${time} ${durationSeconds / 60} ${id}`
    })
    expect(held).toEqual([
      'wednesday 2026-02-25 16:00 30 week2-midweek',
      'friday 2026-02-27 15:30 45 week2-sprint',
      'monday 2026-03-02 16:00 15 week3-merge',
      'tuesday 2026-03-03 15:30 30 week3-integration',
      'wednesday 2026-03-04 16:00 20 week3-validation',
      'monday 2026-03-09 16:00 20 week4-optimisation',
      'wednesday 2026-03-11 16:00 30 week4-readiness',
      'monday 2026-03-16 16:00 30 week5-preparation',
      'friday 2026-03-20 15:30 45 week5-completion',
    ])
  })

  test('says the weekday beside every date, so that a date of another year is found', async () => {
    const dates = (await readFile(join(ROOT, PHASE_E), 'utf8')).match(/^ {4}at: \S+ \S+\n {4}weekday: \w+$/gm) ?? []
    expect(dates).toHaveLength(phase.checkpoints.length)
    for (const date of dates) {
      const asIn2025 = date.replace(/\d{4}-\d{2}-(\d{2})/, (day) =>
        new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10),
      )
      const { problems } = await load(PHASE_E, (text) => text.replace(date, asIn2025))
      expect(
        problems.map(({ code }) => code),
        date,
      ).toContain('weekday-mismatch')
    }
  })

  test('counts its criteria at each checkpoint, targets among them', () => {
    const counts = phase.checkpoints.map(({ id, criteria }) => [id, criteria.length, criteria.filter(({ target }) => target).length])
    expect(counts).toEqual([
      ['week2-midweek', 24, 15],
      ['week2-sprint', 42, 27],
      ['week3-merge', 3, 0],
      ['week3-integration', 16, 8],
      ['week3-validation', 5, 0],
      ['week4-optimisation', 13, 8],
      ['week4-readiness', 15, 8],
      ['week5-preparation', 6, 0],
      ['week5-completion', 2, 0],
    ])
  })

  test('asks of no stream less than its own gate: a target that is met passes', () => {
    const short = phase.checkpoints.flatMap((checkpoint) => targetsUnderGates(phase, checkpoint))
    expect(short).toEqual([])
  })

  test('would have found the contradictions of the plan it follows', async () => {
    const { program: asPlanned } = await load(PHASE_E, (text) =>
      text
        .replace('160 of 400 lines', '150 of 400 lines')
        .replace('9 of 18 tests', '8 of 18 tests')
        .replace('381 of 400 lines', '350 of 400 lines'),
    )
    if (!asPlanned) throw new Error('the changed program does not load')
    expect(asPlanned.checkpoints.flatMap((checkpoint) => targetsUnderGates(asPlanned, checkpoint))).toEqual([
      'week2-midweek psi reader 0.375 for code',
      `week2-midweek otel integration-tests ${8 / 18} for tests`,
      'week2-sprint psi reader 0.875 for merge-code',
      'week2-sprint psi reader 0.875 for code',
    ])
  })

  test('escalates nothing to the one who owns it, whoever leads the stream', () => {
    const holders = (role: string, lead: string): readonly string[] =>
      role === 'lead' ? [lead] : phase.people.filter(({ id, roles }) => id === role || roles.includes(role)).map(({ id }) => id)
    expect(phase.escalation).toHaveLength(7)
    for (const rule of phase.escalation) {
      for (const { id, lead } of phase.streams) {
        const [owner] = holders(rule.owner, lead)
        expect(
          holders(rule.escalateTo, lead).some((person) => person !== owner),
          `${rule.id} of ${id}`,
        ).toBe(true)
      }
    }
  })

  test('has a timed agenda, a decision and somebody at the table for every checkpoint', () => {
    for (const { id, agenda, attendees, durationSeconds, noGo } of phase.checkpoints) {
      const seconds = agenda.reduce((sum, item) => sum + item.seconds * (item.each ? phase.streams.length : 1), 0)
      expect(seconds, id).toBe(durationSeconds)
      expect(attendees.length, id).toBeGreaterThanOrEqual(phase.streams.length)
      expect(noGo.reevaluateAt, id).toBeDefined()
    }
  })

  test('has syncs on Thursday and Friday, and templates that say what their notices hold', () => {
    expect(phase.syncs.map(({ days, time, durationSeconds }) => [...days, time, durationSeconds])).toEqual([
      ['thursday', '09:45', 600],
      ['friday', '09:45', 600],
    ])
    expect(phase.templates.map(({ id, text }) => [id, lintTemplate(text, id as NoticeKind)])).toEqual([
      ['status', []],
      ['blocker', []],
      ['decision', []],
    ])
  })
})

/** Targets of code, tests and documentation that leave the progress below what a criterion of the same checkpoint asks for. */
function targetsUnderGates({ streams }: Program, checkpoint: Checkpoint): readonly string[] {
  return checkpoint.criteria.flatMap(({ target, condition }) => {
    if (!target || !('metric' in condition) || !('value' in condition.comparison)) return []
    const full = streams.find(({ id }) => id === target.stream)?.deliverables.find(({ id }) => id === target.deliverable)?.full
    if (!full) return []
    const share = Number(condition.comparison.value) / full.low
    return checkpoint.criteria
      .filter((gate) => isGate(gate.condition, `progress.${target.kind}`, share))
      .map((gate) => `${checkpoint.id} ${target.stream} ${target.deliverable} ${share} for ${gate.id}`)
  })
}

function isGate(condition: Condition, metric: string, share: number): boolean {
  if (!('metric' in condition) || condition.metric !== metric || !('value' in condition.comparison)) return false
  const { op, value } = condition.comparison
  return op === 'above' ? share <= value : op === 'atLeast' && share < value
}

describe('two-streams', () => {
  let scratch: string
  let logq: Program
  let heads: Heads
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'two-streams-'))
    logq = await program(TWO_STREAMS)
    heads = await buildExample(join(scratch, 'logq'))
  })
  afterAll(async () => {
    await rm(scratch, { recursive: true, force: true })
  })

  const git = async (...args: readonly string[]): Promise<string> =>
    (
      await run('git', args, {
        cwd: join(scratch, 'logq'),
        env: { PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: devNull },
      })
    ).stdout.trim()

  test('is built with the same ids every time, and they are the recorded ones', async () => {
    const again = await buildExample(join(scratch, 'again'))
    expect(again).toEqual(heads)
    const recorded: unknown = JSON.parse(await readFile(join(ROOT, 'examples/two-streams/ids.json'), 'utf8'))
    expect(heads, 'after a change of the example: build.ts FOLDER --record').toEqual(recorded)
  })

  test('has the branches of its program, each several commits from main', async () => {
    expect(Object.keys(heads).toSorted()).toEqual([...logq.streams.map(({ branch }) => branch), logq.target].toSorted())
    for (const { branch } of logq.streams) {
      expect(Number(await git('rev-list', '--count', `main..${branch}`)), branch).toBe(4)
      expect(await git('merge-base', 'main', branch)).toBe(heads['main'])
    }
    expect(await git('status', '--porcelain', '--branch')).toBe('## main')
  })

  test('can stop at the midweek checkpoint', async () => {
    const midweek = logq.checkpoints.find(({ id }) => id === 'midweek')
    const then = await buildExample(join(scratch, 'midweek'), midweek?.at)
    for (const { branch } of logq.streams) {
      expect(then[branch]).not.toBe(heads[branch])
      expect(await git('merge-base', then[branch] ?? '', branch)).toBe(then[branch])
    }
  })

  test('does not build over what is there', async () => {
    await expect(buildExample(join(scratch, 'logq'))).rejects.toThrow('is not empty')
  })

  test('has leads who speak of what their own stream owes, in order of time', () => {
    expect(EVENTS.map(({ at }) => at)).toEqual(EVENTS.map(({ at }) => at).toSorted())
    for (const event of EVENTS.filter(({ type }) => type !== 'sign-off')) {
      const stream = 'stream' in event.body ? logq.streams.find(({ id }) => 'stream' in event.body && id === event.body.stream) : undefined
      expect(event.actor).toBe(stream?.lead)
      if (event.type !== 'check-in') continue
      const owed = stream?.deliverables.map(({ id }) => id) ?? []
      expect(Object.keys(event.body.claims).filter((id) => !owed.includes(id))).toEqual([])
    }
  })

  describe.each([
    {
      stream: 'parser',
      all: { total: 21, passed: 21, failed: 0, skipped: 0 },
      own: { total: 16, passed: 16 },
      saved: [0.4, 1],
      exitCode: 0,
    },
    { stream: 'cache', all: { total: 13, passed: 11, failed: 1, skipped: 1 }, own: { total: 8, passed: 6 }, saved: [0, 0.4], exitCode: 1 },
  ])('$stream', ({ stream, all, own, saved, exitCode }) => {
    let checkout: string
    beforeAll(async () => {
      checkout = join(scratch, stream)
      await git('worktree', 'add', '--quiet', '--detach', checkout, heads[`feature/${stream}`] ?? '')
    })

    const optionsOf = (id: string): Readonly<Record<'run' | 'suite', string>> => {
      const source = logq.sources.find((one) => one.id === id)
      if (!source) throw new Error(`the example has no source ${id}`)
      return source.options as Readonly<Record<'run' | 'suite', string>>
    }

    /** Runs the command of a source as the program writes it; the exit code. */
    const command = async (id: string): Promise<number> => {
      const env = { PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter), HOME: scratch, LANG: 'C.UTF-8', TZ: 'UTC' }
      return run('sh', ['-c', optionsOf(id).run], { cwd: checkout, env }).then(
        () => 0,
        (error: { readonly code: number }) => error.code,
      )
    }

    test('builds', async () => {
      expect(await command('build')).toBe(0)
    })

    test('runs its tests and leaves a report and a coverage file', async () => {
      expect(await command('test')).toBe(exitCode)
      const parser = junitReader()
      parser.write(await readFile(join(checkout, 'reports/junit.xml')))
      const result = parser.end()
      if (!result.ok) throw new Error(result.reason)
      const { suite } = optionsOf(`${stream}-tests`)
      expect(tally(result.value, {})).toMatchObject(all)
      expect(tally(result.value, { suite })).toMatchObject(own)
      expect(await readFile(join(checkout, 'reports/lcov.info'), 'utf8')).toContain(
        `SF:src/${stream === 'parser' ? 'query/match' : 'cache/lru'}.ts`,
      )
    })

    test('counts work that its benchmark saves, the same at every run', async () => {
      expect(await command('bench')).toBe(0)
      const file = join(checkout, `reports/${stream}.json`)
      const first = await readFile(file, 'utf8')
      const { baseline, current } = JSON.parse(first) as Record<'baseline' | 'current', readonly number[]>
      for (const [index, before] of baseline.entries()) {
        const share = 1 - (current[index] ?? Number.NaN) / before
        expect(share).toBeGreaterThan(saved[0] ?? Number.NaN)
        expect(share).toBeLessThan(saved[1] ?? Number.NaN)
      }
      expect(new Set(current).size).toBeGreaterThan(1)
      await command('bench')
      expect(await readFile(file, 'utf8')).toBe(first)
    })
  })
})
