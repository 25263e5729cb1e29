import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { xmlReader } from '#collect/scan/xml.ts'
import { FORMATS } from '#render/registry.ts'
import { testRepository } from '../collect/git-repository.ts'
import { BUILD, createScene, criterion, ended, FAILS, PROGRAM, sceneIn, type Report, type Scene } from './scene.ts'

const trusted = async (options?: Parameters<typeof createScene>[0]): Promise<Scene> => {
  const scene = createScene(options)
  expect((await scene.muster(['trust', '--yes'])).code).toBe(0)
  return scene
}

const records = async (scene: Scene): Promise<number> => {
  const { out } = await scene.muster(['verify', '--format', 'json'])
  return (JSON.parse(out) as { head?: { seq: number } }).head?.seq ?? 0
}

describe('the exit code is the verdict', () => {
  test('0: GO, and 0 for CONDITIONAL GO', async () => {
    const scene = await trusted()
    const go = await scene.muster(['check'])
    expect(go.code).toBe(0)
    expect(go.out).toMatch(/^● GO {2}Demo · Week one\n/)
    scene.program(PROGRAM.replace('atLeast: 100%', 'above: 100%, tier: supporting'))
    const conditional = await scene.muster(['check', '--format', 'json'])
    expect(JSON.parse(conditional.out)).toMatchObject({ verdict: 'CONDITIONAL GO', exitCode: 0 })
    expect(conditional.code).toBe(0)
  })

  test('1: a test that fails is NO-GO, with how far off and who mends it', async () => {
    const scene = await trusted({ writer: BUILD(FAILS) })
    const { code, out } = await scene.muster(['check'])
    expect(code).toBe(1)
    expect(out).toMatch(/^✖ NO-GO/)
    expect(out).toContain('Every test passes · Writer · 50 %, target 100 %')
    expect(out).toMatch(/Lead B .*Writer: Every test passes: from 50 % to at least 100 %/)
  })

  test('2: mistakes of the command line, each said', async () => {
    const scene = createScene()
    const said = async (...argv: string[]) => {
      const { code, out, err } = await scene.muster(['check', ...argv])
      expect([code, out]).toEqual([2, ''])
      return err
    }
    expect(await said('--checkpoint', 'wek1')).toBe('there is no checkpoint "wek1"; did you mean week1?\n  there are: week1, week2\n')
    expect(await said('--stream', 'redaer')).toBe('there is no stream "redaer"; did you mean reader?\n  there are: reader, writer\n')
    expect(await said('--at', '2026-02-30 10:00')).toMatch(/"2026-02-30 10:00" is not a time; write "2026-02-25 16:00" \(Europe\/Berlin\)/)
    expect(await said('--format', 'yaml')).toContain('Allowed choices are text, markdown, json, html, junit, github')
    expect(await said('--show', 'everything')).toContain('evidence, evaluation, decision, actions')
    expect(await said('--part', 'sync')).toContain('--format markdown')
    expect(await said('--frmat', 'json')).toContain('--format')
    expect(await said('week1')).toContain('too many arguments')
    expect(existsSync(scene.path('.muster'))).toBe(false)
  })

  test('2: a program without a checkpoint, and no program at all', async () => {
    const scene = createScene({ program: PROGRAM.replace(/checkpoints:[^]*/, 'checkpoints: {}\n') })
    expect(await scene.muster(['check'])).toEqual({ code: 2, out: '', err: 'the program has no checkpoint; add one under checkpoints\n' })
    rmSync(scene.path('muster.yaml'))
    const { code, err } = await scene.muster(['check'])
    expect(code).toBe(2)
    expect(err).toMatch(/no muster\.yaml here or above.*\n.*muster init/)
  })

  test('3: what was not measured leaves the verdict open', async () => {
    const { code, out } = await createScene().muster(['check'])
    expect(code).toBe(3)
    expect(out).toMatch(/^\? INCONCLUSIVE/)
  })

  test('4: the repository is not there, or is none', async () => {
    const scene = createScene({ program: PROGRAM.replace('name: Demo', 'name: Demo\nrepository: ../gone') })
    const gone = await scene.muster(['check'])
    expect([gone.code, gone.out]).toEqual([4, ''])
    expect(gone.err).toContain(`${join(scene.folder, 'gone')} does not exist`)
    const bare = join(scene.folder, 'bare')
    mkdirSync(bare)
    writeFileSync(join(bare, 'muster.yaml'), PROGRAM)
    const none = await scene.muster(['check'], { cwd: bare })
    expect(none.code).toBe(4)
    expect(none.err).toContain('There is no git repository at')
    expect(await records(scene)).toBe(0)
  })

  test('4: a state folder that may not be written, without a word of a bug', async () => {
    const scene = createScene()
    const state = join(scene.folder, 'read-only')
    mkdirSync(state, { mode: 0o555 })
    // Root may write everywhere, so the process gets another user then.
    const uid = process.getuid?.() === 0 ? 65_534 : undefined
    if (uid !== undefined) execFileSync('chown', ['-R', `${uid}:${uid}`, scene.folder])
    const more = { env: { MUSTER_STATE: state }, ...(uid !== undefined && { uid }) }
    for (const argv of [['check'], ['check', '--dry-run'], ['trust']]) {
      const { code, out, err } = await scene.child(argv, more)
      expect([code, out]).toEqual([4, ''])
      expect(err).toContain(state)
      expect(err).not.toMatch(/bug|\n {4}at /)
    }
    const status = await scene.child(['status'], more)
    expect([status.code, status.out]).toEqual([0, 'demo: nothing is recorded yet; run `muster check`\n'])
  })

  test('4: a state folder that cannot be one', async () => {
    const scene = createScene()
    for (const argv of [['check'], ['check', '--dry-run'], ['trust', '--yes']]) {
      const { code, err } = await scene.muster(argv, { env: { MUSTER_STATE: scene.path('muster.yaml', 'below') } })
      expect([code, err.includes('bug')]).toEqual([4, false])
      expect(err).toContain('muster.yaml/below')
    }
  })
})

describe('what a check prints', () => {
  test('every format, each what it says it is, and each with the verdict', async () => {
    const scene = await trusted({ writer: BUILD(FAILS) })
    const printed = new Map<string, string>()
    for (const format of FORMATS) {
      const { code, out, err } = await scene.muster(['check', '--dry-run', '--format', format])
      expect([format, code, err]).toEqual([format, 1, ''])
      expect(out).toContain('NO-GO')
      expect(out.endsWith('\n')).toBe(true)
      printed.set(format, out)
    }
    expect(printed.get('text')).not.toContain('\u001b')
    expect(printed.get('markdown')).toMatch(/^# /)
    expect(printed.get('html')).toMatch(/^<!doctype html>[^]*<\/html>\n$/i)
    expect(printed.get('github')).toMatch(/^::error title=NO-GO/)
    const failures: string[] = []
    let open = ''
    const parser = xmlReader(
      {
        open: (name, { name: title = '' }) => {
          if (name === 'testcase') open = title
          if (name === 'failure') failures.push(open)
          return undefined
        },
        close: () => undefined,
        end: () => failures,
      },
      { roots: ['testsuites'], doctype: 'refused' },
    )
    parser.write(Buffer.from(printed.get('junit') ?? ''))
    expect(parser.end()).toMatchObject({ ok: true })
    expect(failures.join()).toContain('Every test passes')
  })

  test.each(['streams', 'sync', 'meeting'])('--part %s prints that part of the Markdown alone', async (part) => {
    const scene = createScene()
    const whole = (await scene.muster(['check', '--dry-run', '--format', 'markdown'])).out
    const { out } = await scene.muster(['check', '--dry-run', '--format', 'markdown', '--part', part])
    expect(out.length).toBeGreaterThan(50)
    expect(out.length).toBeLessThan(whole.length)
  })

  test('json has the names that scripts hold on to, and times with the offset of the zone', async () => {
    const scene = await trusted({ writer: BUILD(FAILS) })
    const { out } = await scene.muster(['check', '--format', 'json'])
    const document = JSON.parse(out) as Report & Record<string, unknown>
    expect(document).toMatchObject({
      schemaVersion: 1,
      verdict: 'NO-GO',
      exitCode: 1,
      program: { id: 'demo' },
      checkpoint: { id: 'week1', at: '2026-02-25T16:00:00+01:00', duration: 'PT30M' },
      at: '2026-02-25T15:00:00+01:00',
      streams: [{ id: 'reader' }, { id: 'writer' }],
      decision: { verdict: 'NO-GO' },
      actions: expect.arrayContaining([expect.objectContaining({ kind: 'close', criterion: 'tests', who: ['Lead B'] })]) as unknown,
    })
    for (const one of [...document.criteria, ...document.streams.flatMap(({ criteria }) => criteria)]) {
      expect(one).toMatchObject({
        id: expect.any(String) as unknown,
        subject: expect.stringMatching(/^(stream:|program$)/) as unknown,
        tier: expect.any(String) as unknown,
        status: expect.any(String) as unknown,
        rawStatus: expect.any(String) as unknown,
        explanation: expect.any(Object) as unknown,
        evidence: expect.any(Array) as unknown,
      })
    }
    expect(criterion(document, 'tests', 'stream:writer')).toMatchObject({
      status: 'unsatisfied',
      evidence: [{ metric: 'tests.ratio', value: 0.5 }],
    })
    expect(out).not.toMatch(/"[a-zA-Z]*At": "[^"]*Z"/)
  })

  test('--show prints each stage of the pipeline as JSON, and the exit code stays the verdict', async () => {
    const scene = await trusted({ writer: BUILD(FAILS) })
    const stage = async (name: string): Promise<unknown> => {
      const { code, out } = await scene.muster(['check', '--dry-run', '--show', name])
      expect(code).toBe(1)
      return JSON.parse(out) as unknown
    }
    const present = {
      state: 'present',
      ref: 'refs/heads/feature/writer',
      commit: expect.stringMatching(/^[0-9a-f]{40}$/) as unknown,
      tree: expect.stringMatching(/^[0-9a-f]{40}$/) as unknown,
    }
    expect(await stage('evidence')).toMatchObject({
      subjects: { 'stream:writer': present },
      evidence: expect.arrayContaining([
        expect.objectContaining({
          subject: 'stream:writer',
          metric: 'tests.failed',
          status: 'observed',
          value: 1,
          unit: 'tests',
          provenance: 'measured',
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
        }),
      ]) as unknown,
    })
    expect(await stage('evaluation')).toMatchObject({
      judgements: expect.arrayContaining([expect.objectContaining({ subject: 'stream:writer', rawStatus: 'unsatisfied' })]) as unknown,
    })
    expect(await stage('decision')).toMatchObject({
      verdict: 'NO-GO',
      rule: { id: 'breach' },
      against: [{ criterion: 'tests', subject: 'stream:writer' }],
    })
    expect(await stage('actions')).toEqual(expect.arrayContaining([expect.objectContaining({ criterion: 'tests' })]))
  })

  test('--output writes the report, a stage too, and says so on stderr', async () => {
    const scene = createScene()
    const { code, out, err } = await scene.muster(['check', '--format', 'html', '--output', 'report.html'], { env: { FORCE_COLOR: '1' } })
    expect([code, out, err]).toEqual([3, '', 'INCONCLUSIVE: the report is in report.html\n'])
    expect(readFileSync(scene.path('report.html'), 'utf8')).toMatch(/^<!doctype html>/i)
    await scene.muster(['check', '--output', 'report.txt'], { env: { FORCE_COLOR: '1' } })
    expect(readFileSync(scene.path('report.txt'), 'utf8')).toMatch(/^\? INCONCLUSIVE/)
    await scene.muster(['check', '--show', 'actions', '--output', 'actions.json'])
    expect(JSON.parse(readFileSync(scene.path('actions.json'), 'utf8'))).toBeInstanceOf(Array)
  })

  test.each(['no/such/folder/report.html', '.'])('--output %s, which cannot be written, is said before anything is run', async (file) => {
    const scene = createScene()
    const { code, out, err } = await scene.muster(['check', '--output', file])
    expect([code, out]).toEqual([4, ''])
    expect(err).toContain(`--output ${file} cannot be written`)
    expect(existsSync(scene.path('.muster'))).toBe(false)
  })

  test('the summary of a workflow step is appended to its file; one that cannot be written changes no verdict', async () => {
    const scene = createScene()
    const file = scene.path('summary.md')
    writeFileSync(file, 'before\n')
    await scene.muster(['check', '--format', 'github'], { env: { GITHUB_STEP_SUMMARY: file } })
    expect(readFileSync(file, 'utf8')).toMatch(/^before\n# INCONCLUSIVE: Demo, Week one\n[^]*\| Reader \| Lead A \|/)
    await scene.muster(['check', '--format', 'text'], { env: { GITHUB_STEP_SUMMARY: scene.path('none.md') } })
    expect(existsSync(scene.path('none.md'))).toBe(false)
    const { code, out, err } = await scene.muster(['check', '--format', 'github'], { env: { GITHUB_STEP_SUMMARY: '/no/such/summary.md' } })
    expect(code).toBe(3)
    expect(out).toMatch(/^::error title=INCONCLUSIVE/)
    expect(err).toMatch(/^warning: .*GITHUB_STEP_SUMMARY/)
  })

  test('colour comes with FORCE_COLOR, and goes with NO_COLOR or a pipe', async () => {
    const scene = createScene()
    const out = async (env: Record<string, string>) => (await scene.muster(['check', '--dry-run'], { env })).out
    const plain = await out({})
    const painted = await out({ FORCE_COLOR: '1' })
    expect(painted).toContain('\u001b[')
    expect(stripVTControlCharacters(painted)).toBe(plain)
    expect(await out({ NO_COLOR: '1' })).toBe(plain)
    expect(await out({ FORCE_COLOR: '0' })).toBe(plain)
  })
})

describe('what a check looks at', () => {
  test('--at is a wall time in the zone of the program, or an instant, and chooses the checkpoint', async () => {
    const scene = createScene()
    const at = async (text: string) => {
      const { out } = await scene.muster(['check', '--dry-run', '--format', 'json', '--at', text])
      const { at: clock, checkpoint } = JSON.parse(out) as { at: string; checkpoint: { id: string } }
      return [clock, checkpoint.id]
    }
    expect(await at('2026-02-25 16:00')).toEqual(['2026-02-25T16:00:00+01:00', 'week1'])
    expect(await at('2026-02-25T15:00:00Z')).toEqual(['2026-02-25T16:00:00+01:00', 'week1'])
    expect(await at('2026-02-26 08:00')).toEqual(['2026-02-26T08:00:00+01:00', 'week2'])
    expect(await at('2027-01-01 08:00')).toEqual(['2027-01-01T08:00:00+01:00', 'week2'])
  })

  test('--stream looks at one stream only, records so, and runs the commands of no other', async () => {
    const scene = await trusted({ writer: BUILD(FAILS) })
    const { code, out } = await scene.muster(['check', '--stream', 'reader', '--format', 'json'])
    const document = JSON.parse(out) as Report
    expect(code).toBe(0)
    expect(new Set(document.criteria.map(({ subject }) => subject))).toEqual(new Set(['stream:reader']))
    expect((await scene.muster(['status'])).out).toContain('for reader only')
    expect((await scene.muster(['replay'])).code).toBe(0)
  })

  test('--dry-run records nothing, and makes no ledger', async () => {
    const scene = createScene()
    const { code, out } = await scene.muster(['check', '--dry-run'])
    expect(code).toBe(3)
    expect(out).not.toContain('Recompute')
    expect(existsSync(scene.path('.muster/ledger.sqlite'))).toBe(false)
    await scene.muster(['check'])
    expect(await records(scene)).toBe(3)
    await scene.muster(['check', '--dry-run'])
    expect(await records(scene)).toBe(3)
  })

  test('the branch of a stream is not there: said with a near name, and the other stream is judged as ever', async () => {
    const scene = await trusted({ program: PROGRAM.replace('branch: feature/writer', 'branch: feature/writr') })
    const report = await scene.report()
    expect(report.verdict).toBe('NO-GO')
    expect(criterion(report, 'there', 'stream:writer')).toMatchObject({
      status: 'unsatisfied',
      evidence: [{ value: false, reason: expect.stringContaining('did you mean "feature/writer"?') as unknown }],
    })
    expect(criterion(report, 'tests', 'stream:writer')).toMatchObject({ status: 'missing' })
    expect(criterion(report, 'tests', 'stream:reader')).toMatchObject({ status: 'satisfied' })
  })

  test('the target branch is not there: what is counted against it is missing, and what is not still holds', async () => {
    const scene = await trusted({ program: PROGRAM.replace('name: Demo', 'name: Demo\ntarget: trunk') })
    const report = await scene.report()
    expect(criterion(report, 'target.code')).toMatchObject({
      status: 'missing',
      evidence: [{ reason: expect.stringMatching(/no target to compare with: there is no branch "trunk"/) as unknown }],
    })
    expect(criterion(report, 'tests', 'stream:reader').status).toBe('satisfied')
  })

  test('a repository without a commit: nothing is satisfied, and the reason is that', async () => {
    const scene = createScene()
    const empty = sceneIn(join(scene.folder, 'other'), testRepository(join(scene.folder, 'other', 'work')), PROGRAM)
    const report = await empty.report()
    expect(report.criteria.map(({ status }) => status)).not.toContain('satisfied')
    expect(JSON.stringify(criterion(report, 'builds', 'stream:reader').evidence)).toContain('the repository has no branches yet')
  })

  test('a shallow clone is not taken for one that has no branch, nor for one whose lines can be counted', async () => {
    const scene = createScene()
    const clone = (name: string, ...options: string[]): Scene => {
      const folder = join(scene.folder, name)
      mkdirSync(folder)
      execFileSync('git', ['clone', '-q', '--depth', '1', ...options, `file://${scene.repository.folder}`, join(folder, 'work')], {
        stdio: 'pipe',
      })
      return sceneIn(folder, { ...scene.repository, folder: join(folder, 'work') }, PROGRAM)
    }
    const narrow = await clone('narrow').report()
    expect(JSON.stringify(criterion(narrow, 'builds', 'stream:reader').evidence)).toContain('the clone is shallow and may lack branches')
    const wide = await clone('wide', '--no-single-branch').report()
    expect(criterion(wide, 'there', 'stream:reader').status).toBe('satisfied')
    expect(criterion(wide, 'target.code')).toMatchObject({
      status: 'missing',
      evidence: [{ reason: expect.stringContaining('where the clone is shallow, fetch the whole history') as unknown }],
    })
  })
})

describe('commands of the program', () => {
  test('run only once trusted, and are asked about again when their script changes', async () => {
    const scene = createScene({
      writer: `${BUILD()}touch "$MARK"\n`,
      program: PROGRAM.replace('run: sh build.sh', 'run: sh build.sh, environment: { MARK: MARKER }'),
    })
    const marker = join(scene.folder, 'ran')
    scene.program(PROGRAM.replace('run: sh build.sh', `run: sh build.sh, environment: { MARK: ${marker} }`))

    const before = await scene.report()
    expect(criterion(before, 'builds', 'stream:writer')).toMatchObject({
      status: 'missing',
      evidence: [{ reason: expect.stringMatching(/^not run: nobody .* has trusted .*`muster trust`/) as unknown }],
    })
    expect(criterion(before, 'tests', 'stream:writer')).toMatchObject({
      status: 'missing',
      evidence: [{ reason: expect.stringContaining('`muster trust`') as unknown }],
    })

    const asked = await scene.muster(['trust'])
    expect(asked.code).toBe(3)
    expect(asked.out).toMatch(/NOT trusted sh build\.sh\n {2}in {8}\.\n {2}with {6}MARK=.*\n {2}reaches {3}build\.sh \([0-9a-f]{10}\)/)
    expect(existsSync(marker)).toBe(false)

    await scene.muster(['trust', '--yes'])
    expect((await scene.muster(['trust'])).code).toBe(0)
    expect(criterion(await scene.report(), 'builds', 'stream:writer').status).toBe('satisfied')
    expect(existsSync(marker)).toBe(true)

    rmSync(marker)
    scene.repository.git('checkout', '-q', 'feature/writer')
    scene.repository.commit('Change the script', { 'build.sh': `${BUILD()}touch "$MARK" # changed\n` })
    expect(criterion(await scene.report(), 'builds', 'stream:writer').status).toBe('missing')
    expect(criterion(await scene.report(), 'builds', 'stream:reader').status).toBe('satisfied')
    const { commands } = JSON.parse((await scene.muster(['trust', '--format', 'json'])).out) as {
      commands: readonly { readonly trusted: boolean; readonly runBy: readonly string[] }[]
    }
    expect(commands.filter(({ trusted: isTrusted }) => !isTrusted).map(({ runBy }) => runBy)).toEqual([['build of stream:writer']])
    expect(existsSync(marker)).toBe(false)
  })

  test('trust counts on one machine for one repository: a copy elsewhere asks anew', async () => {
    const scene = await trusted()
    const copy = join(scene.folder, 'copy')
    execFileSync('cp', ['-R', scene.repository.folder, copy])
    rmSync(join(copy, '.muster'), { recursive: true })
    const { code } = await scene.muster(['check', '--dry-run'], { cwd: copy })
    expect(code).toBe(3)
  })

  test('get nothing of the caller’s environment but PATH', async () => {
    const scene = createScene({
      writer: `${BUILD()}env | sort > reports/env.txt\ntest -z "$DEPLOY_TOKEN" && test "$HOME" != "${process.env['HOME']}"\n`,
    })
    await scene.muster(['trust', '--yes'])
    const report = await scene.report([], { env: { DEPLOY_TOKEN: 'abc' } })
    expect(criterion(report, 'builds', 'stream:writer').status).toBe('satisfied')
  })
})

describe('processes', () => {
  const LONG = `sleep 300 &\necho $! > "$MARK"\nwait\n`

  /** A check whose command has begun, and the id of a process that the command started. */
  async function checkUnderWay(ending = '') {
    const scene = createScene({ writer: `${ending}${LONG}` })
    const mark = join(scene.folder, 'pid')
    scene.program(PROGRAM.replace('run: sh build.sh', `run: sh build.sh, environment: { MARK: ${mark} }, timeLimit: 2m`))
    await scene.muster(['trust', '--yes'])
    const child = scene.start(['check'])
    onTestFinished(() => void child.kill('SIGKILL'))
    const result = ended(child)
    let pid = 0
    while (pid === 0) {
      if (existsSync(mark)) pid = Number(readFileSync(mark, 'utf8'))
      expect(child.exitCode).toBe(null)
      await sleep(20)
    }
    return { scene, child, result, pid }
  }

  /** Also false for one that has ended and whose parent has not asked for its exit code yet. */
  const isAlive = (pid: number): boolean => {
    try {
      process.kill(pid, 0)
      return !existsSync('/proc/self/stat') || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    } catch {
      return false
    }
  }

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s in the middle of a command ends all of it, records nothing and leaves nothing behind',
    async (signal) => {
      const { scene, child, result, pid } = await checkUnderWay()
      expect(isAlive(pid)).toBe(true)
      child.kill(signal)
      expect(await result).toEqual({ code: 4, out: '', err: 'muster: cancelled; nothing was recorded\n' })
      expect(isAlive(pid)).toBe(false)
      expect(readdirSync(scene.path('.muster/checkouts'))).toEqual([])
      expect(await records(scene)).toBe(0)
      expect((await scene.muster(['check', '--stream', 'reader'])).code).toBe(0)
    },
  )

  test('a second Ctrl-C waits for nobody, and still leaves no process', async () => {
    const { child, result, pid } = await checkUnderWay("trap '' TERM INT\n")
    child.kill('SIGINT')
    await sleep(200)
    child.kill('SIGINT')
    expect((await result).code).toBe(4)
    while (isAlive(pid)) await sleep(20)
  })

  test('two checks at once are both recorded, and the chain holds', async () => {
    const scene = await trusted()
    const both = await Promise.all([scene.child(['check', '--format', 'json']), scene.child(['check', '--format', 'json'])])
    expect(both.map(({ code, err }) => [code, err])).toEqual([
      [0, ''],
      [0, ''],
    ])
    const ids = both.map(({ out }) => (JSON.parse(out) as { record: { id: string } }).record.id)
    expect(new Set(ids).size).toBe(2)
    expect((await scene.muster(['verify'])).code).toBe(0)
    for (const id of ids) expect((await scene.muster(['replay', id])).code).toBe(0)
    expect(readdirSync(scene.path('.muster/checkouts'))).toEqual([])
  })

  test('a reader that closes the pipe early changes neither the verdict nor the record', async () => {
    const scene = await trusted({ writer: BUILD(FAILS) })
    const child = scene.start(['check', '--checkpoint', 'week1', '--format', 'html'])
    child.stdout?.destroy()
    expect(await ended(child)).toMatchObject({ code: 1, err: '' })
    expect(await records(scene)).toBe(3)
    expect(readdirSync(scene.path('.muster/checkouts'))).toEqual([])
  })

  // Only Linux has a file that is always full.
  test.skipIf(!existsSync('/dev/full'))('a report that could not be printed does not end as a GO', async () => {
    const scene = await trusted()
    const main = join(import.meta.dirname, '../../src/cli/main.ts')
    const child = spawn(
      'sh',
      ['-c', 'exec "$@" > /dev/full', 'sh', process.execPath, '-C', 'source', main, 'check', '--checkpoint', 'week1'],
      { cwd: scene.repository.folder, env: scene.env, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    const { code, err } = await ended(child)
    expect(code).toBe(4)
    expect(err).toMatch(/^muster: standard output cannot be written: ENOSPC/)
  })

  test('the program file is found from a folder below, and named from anywhere', async () => {
    const scene = createScene()
    mkdirSync(scene.path('src/deep'), { recursive: true })
    expect((await scene.muster(['check', '--dry-run'], { cwd: scene.path('src/deep') })).code).toBe(3)
    const elsewhere = mkdtempSync(join(scene.folder, 'elsewhere-'))
    expect((await scene.muster(['check', '--dry-run', '--config', scene.path('muster.yaml')], { cwd: elsewhere })).code).toBe(3)
    expect((await scene.muster(['check', '--dry-run'], { cwd: elsewhere, env: { MUSTER_CONFIG: scene.path('muster.yaml') } })).code).toBe(3)
    expect(readdirSync(elsewhere)).toEqual([])
    expect(dirname(elsewhere)).toBe(scene.folder)
  })
})
