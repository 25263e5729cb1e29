import { compose, type Occasion } from '#core/notify/compose.ts'
import type { Notice } from '#core/notify/notice.ts'
import { foldHistory } from '#core/schedule/history.ts'
import { plainNotice } from '#render/notice/plain.ts'
import { wordNotice } from '#render/notice/word.ts'
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { devNull, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CheckReport } from '#core/decide/report.ts'
import type { Program } from '#core/program/model.ts'
import { KINDS } from '#collect/registry.ts'
import { loadProgram } from '#core/program/load.ts'

const ROOT = join(import.meta.dirname, '../..')

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs one of our TypeScript files with Node from source. */
const node = (file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  promisify(execFile)(process.execPath, ['-C', 'source', join(ROOT, file), ...args], {
    env: { ...process.env, NO_COLOR: '1', ...env },
    maxBuffer: 1 << 26,
  }).then(
    (ended) => ({ code: 0, ...ended }),
    (error: Ended) => error,
  )

let scratch: string
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'examples-'))
})
afterAll(async () => {
  await rm(scratch, { recursive: true, force: true })
})

describe('npm start', () => {
  test.each([
    { checkpoint: 'midweek', verdict: 'GO', parser: 'ON TRACK', cache: 'ON TRACK' },
    { checkpoint: 'sprint-end', verdict: 'NO-GO', parser: 'AHEAD', cache: 'BEHIND' },
  ])('holds $checkpoint, says $verdict, writes the page and ends with 0', async ({ checkpoint, verdict, parser, cache }) => {
    const out = join(scratch, checkpoint)
    const { code, stdout, stderr } = await node('examples/start.ts', ['--no-serve', '--checkpoint', checkpoint, '--out', out])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(new RegExp(`Query parser +${parser} `))
    expect(stdout).toMatch(new RegExp(`Result cache +${cache} `))
    expect(stdout).toContain(`${verdict} is what this example is made to give`)
    expect(stdout).toContain('report.html')
    const page = await readFile(join(out, 'report.html'), 'utf8')
    expect(page).toContain(verdict)
    expect(page).toContain('Result cache')
  })

  test('shows what the cache lead claims beside what is measured', async () => {
    const { stdout } = await node('examples/start.ts', ['--no-serve', '--out', join(scratch, 'claims')])
    expect(stdout).toMatch(/Tests of the cache: claimed 10 tests, measured 6 tests/)
    expect(stdout).not.toMatch(/Query parser.*claimed/)
  })
})

describe('phase-e in a repository where nobody has begun', () => {
  let phase: Program
  let folder: string
  beforeAll(async () => {
    folder = join(scratch, 'phase-e')
    await cp(join(ROOT, 'examples/phase-e'), folder, {
      recursive: true,
      filter: (path) => !path.includes('.muster') || path.endsWith('muster.yaml'),
    })
    const env = { PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: devNull }
    const git = (...args: readonly string[]) =>
      promisify(execFile)('git', ['-c', 'user.name=architect', '-c', 'user.email=architect@phase.example', ...args], { cwd: folder, env })
    await git('init', '--quiet', '--initial-branch=develop')
    await git('add', '.')
    await git('commit', '--quiet', '--message=Begin')
    const { program } = loadProgram('muster.yaml', await readFile(join(folder, 'muster.yaml')), KINDS)
    if (!program) throw new Error('the example does not load')
    phase = program
  })

  const check = async (checkpoint: string, format: 'json' | 'text'): Promise<Ended> =>
    node(
      'src/cli/main.ts',
      [
        'check',
        '--config',
        join(folder, 'muster.yaml'),
        '--checkpoint',
        checkpoint,
        '--at',
        '2026-02-27 15:30',
        '--dry-run',
        '--format',
        format,
      ],
      {
        XDG_STATE_HOME: join(scratch, 'state'),
        MUSTER_STATE: join(scratch, 'phase-state'),
      },
    )

  test.each(['week2-midweek', 'week2-sprint', 'week3-integration', 'week4-readiness'])(
    '%s is inconclusive, and nothing critical is taken for good or bad',
    async (id) => {
      const { code, stdout, stderr } = await check(id, 'json')
      expect(code, stderr).toBe(3)
      const report = JSON.parse(stdout) as CheckReport
      expect(report.verdict).toBe('INCONCLUSIVE')
      const critical = report.criteria.filter(({ tier }) => tier === 'critical')
      expect(critical.length).toBeGreaterThan(0)
      expect([...new Set(critical.map(({ status }) => status))]).toEqual(['missing'])
      expect(report.streams.map(({ health }) => health)).toEqual(['UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN'])
    },
  )

  test('every missing piece is named in the report, with the branch that is not there', async () => {
    const { stdout } = await check('week2-sprint', 'text')
    const words = stdout.replace(/\s+/g, ' ')
    for (const { title } of phase.checkpoints.find(({ id }) => id === 'week2-sprint')?.criteria ?? []) expect(words).toContain(title)
    for (const { branch } of phase.streams) expect(words).toContain(`there is no branch "${branch}"`)
  })

  test('its messages can be written from the report of a check', async () => {
    const report = JSON.parse((await check('week2-midweek', 'json')).stdout) as CheckReport
    const opened = {
      type: 'blocker-opened',
      body: {
        blocker: 'b-1',
        stream: 'erofs',
        title: 'Two versions of one library',
        severity: 'high',
        impact: 'a fifth of the feature waits',
        owner: 'velocity-lead',
        deadline: '2026-02-27T17:00:00Z',
      },
    } as const
    const at = '2026-02-25T15:00:00Z'
    const seal = { id: 'e1', seq: 1, previous: '', schema: '', hash: '', actor: 'velocity-lead', at }
    const occasion: Occasion = { program: phase, history: foldHistory([{ ...seal, ...opened }]), now: at, report }
    const notices = [
      ...compose({ of: 'decision' }, occasion),
      ...compose({ of: 'blocker', blocker: 'b-1', change: 'changed', by: 'lead-psi', changed: ['severity'] }, occasion),
    ]
    const said = (kind: Notice['kind'], among: readonly Notice[] = notices): string => {
      const notice = among.find((one) => one.kind === kind)
      return notice ? plainNotice(wordNotice(notice, phase, { id: 'team', send: 'slack' })).join('\n') : ''
    }
    expect(said('status')).toContain('Checkpoint status: A - PSI memory')
    expect(said('status')).toContain('Decision: INCONCLUSIVE')
    expect(said('blocker')).toContain('Workaround: none yet')
    expect(said('blocker')).toContain('a decision is needed by Fri 2026-02-27 18:00')
    const ended = { change: 'resolved', by: 'velocity-lead', outcome: 'resolved', note: 'One of them is gone' } as const
    const over = said('blocker', compose({ of: 'blocker', blocker: 'b-1', ...ended }, occasion))
    expect(over).toContain('Nothing more is needed: One of them is gone')
    expect(over).not.toContain('a decision is needed')
    expect(said('decision')).toContain('PSI readings reach the daemon')
  })
})
