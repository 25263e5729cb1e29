import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { BUILD, createScene, FAILS, NOW, PROGRAM, tamper, type Ended, type Scene } from './scene.ts'

let scene: Scene
const muster = (...argv: string[]): Promise<Ended> => scene.muster(argv)

/** A scene whose program has been checked once: NO-GO, because a test of the writer fails. */
beforeEach(async () => {
  scene = createScene({ writer: BUILD(FAILS) })
  await muster('trust', '--yes')
  const { code, err } = await muster('check')
  if (code !== 1) throw new Error(`the check of the scene ended with ${code}:\n${err}`)
})

const json = async (...argv: string[]): Promise<Record<string, unknown>> =>
  JSON.parse((await muster(...argv, '--format', 'json')).out) as Record<string, unknown>

describe('muster status', () => {
  test('says the verdict, since when, the rule and where the ledger ends', async () => {
    const { code, out } = await scene.muster(['status'], { now: '2026-02-25T16:30:00Z' })
    expect(code).toBe(0)
    expect(out).toMatch(
      /^demo: NO-GO at week1, as of Wed 2026-02-25 15:00 Europe\/Berlin \(2 h 30 min ago\), by rule breach\n {2}ledger: 3 records, head [0-9a-f]{12}; record 3 is id-\d+\n$/,
    )
  })

  test('as JSON', async () => {
    expect(await json('status')).toEqual({
      schemaVersion: 1,
      program: 'demo',
      at: NOW,
      zone: 'Europe/Berlin',
      head: { seq: 3, hash: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown },
      decision: {
        id: expect.any(String) as unknown,
        seq: 3,
        checkpoint: 'week1',
        clock: NOW,
        verdict: 'NO-GO',
        computedVerdict: 'NO-GO',
        rule: 'breach',
      },
      blockers: [],
    })
  })

  test('without a ledger: says so, and makes none', async () => {
    rmSync(scene.path('.muster'), { recursive: true })
    expect(await muster('status')).toEqual({ code: 0, out: 'demo: nothing is recorded yet; run `muster check`\n', err: '' })
    expect(await json('status')).toEqual({ schemaVersion: 1, program: 'demo', at: NOW, blockers: [] })
    for (const command of ['explain tests', 'replay']) {
      const { code, err } = await muster(...command.split(' '))
      expect([code, err]).toEqual([4, 'no decision is recorded yet\n  run `muster check` first\n'])
    }
    expect(await muster('verify')).toEqual({ code: 0, out: 'demo has no record yet\n', err: '' })
    expect(existsSync(scene.path('.muster'))).toBe(false)
  })

  test('an open blocker stands in it, with what is left', async () => {
    const opened = await muster(
      'blocker',
      'open',
      '--as',
      'lead-b',
      '--stream',
      'writer',
      '--severity',
      'high',
      '--impact',
      'no progress',
      '--deadline',
      '2026-02-25 17:00',
      '--title',
      'The disk is full',
    )
    expect([opened.code, opened.err]).toEqual([0, ''])
    expect((await muster('status')).out).toMatch(/blocker \S+ \(high\) in writer: The disk is full; 2 h left/)
    expect((await scene.muster(['status'], { now: '2026-02-25T17:00:00Z' })).out).toContain('overdue by 1 h')
  })

  test('a program file that no longer loads keeps nobody from reading the record', async () => {
    scene.program(PROGRAM.replace('zone: Europe/Berlin', 'zone: Nowhere'))
    expect((await muster('check')).code).toBe(2)
    expect((await muster('status')).out).toContain('NO-GO at week1')
    scene.program('program: [\n')
    for (const command of ['status', 'verify', 'replay', 'explain tests'])
      expect([command, (await muster(...command.split(' '))).code]).toEqual([command, 0])
  })
})

describe('muster explain', () => {
  test('a criterion for every stream: evidence, commit, rule, what flips it, and who', async () => {
    const { code, out } = await muster('explain', 'tests')
    const head = scene.repository.git('rev-parse', 'feature/writer')
    expect(code).toBe(0)
    expect(out).toMatch(/Every test passes \(tests\)\n {2}Reader · critical · satisfied · 100 %/)
    expect(out).toMatch(/Every test passes \(tests\)\n {2}Writer · critical · unsatisfied · 50 %, target 100 %/)
    expect(out).toContain('tests.ratio at least 100 %')
    expect(out).toMatch(/flip .*from 50 % to at least 100 %.*Lead B/)
    expect(out).toContain(`commit ${head.slice(0, 7)}`)
    expect(out).toContain('reports/junit.xml')
  })

  test('one stream, as JSON, with the evidence down to its hash', async () => {
    const document = await json('explain', 'tests', '--stream', 'writer')
    expect(document).toMatchObject({
      schemaVersion: 1,
      criteria: [
        {
          id: 'tests',
          subject: 'stream:writer',
          rawStatus: 'unsatisfied',
          evidence: [
            {
              metric: 'tests.ratio',
              value: 0.5,
              commit: scene.repository.git('rev-parse', 'feature/writer'),
              sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
            },
          ],
        },
      ],
    })
    expect(document['criteria']).toHaveLength(1)
  })

  test('a deliverable by its id', async () => {
    const { code, out } = await muster('explain', 'code')
    expect(code).toBe(0)
    expect(out).toMatch(/Reader code .*\n {2}Reader · supporting · satisfied/)
    expect(out).toContain('3 lines')
  })

  test('what it does not know, it says with what there is', async () => {
    expect(await muster('explain', 'test')).toEqual({
      code: 2,
      out: '',
      err: 'there is no criterion "test"; did you mean tests?\n  there are: target.code, there, builds, tests\n',
    })
    const { code, err } = await muster('explain', 'code', '--stream', 'writer')
    expect(code).toBe(2)
    expect(err).toContain('there are: reader')
    const record = await muster('explain', 'tests', '--record', 'none-such')
    expect(record.code).toBe(2)
    expect(record.err).toContain('no decision is recorded as "none-such"')
  })

  test('an older check, after the branch was mended', async () => {
    scene.repository.git('checkout', '-q', 'feature/writer')
    scene.repository.commit('Mend the test', { 'build.sh': BUILD() })
    await muster('trust', '--yes')
    expect((await muster('check')).code).toBe(0)
    expect((await muster('explain', 'tests', '--stream', 'writer')).out).toContain('satisfied · 100 %')
    expect((await muster('explain', 'tests', '--stream', 'writer', '--record', '3')).out).toContain('unsatisfied · 50 %')
  })

  test('does not explain evidence that is not what was decided on', async () => {
    tamper(scene, `UPDATE ledger SET body = replace(body, '"value":0.5', '"value":1') WHERE type = 'evidence'`)
    const { code, out, err } = await muster('explain', 'tests')
    expect([code, out]).toEqual([4, ''])
    expect(err).toBe('the ledger no longer holds what this decision was made from\n  run `muster verify`\n')
  })
})

describe('muster replay', () => {
  test('recomputes a record by id, beginning of an id, number, or the latest', async () => {
    const { id } = (await json('status'))['decision'] as { id: string }
    for (const name of [[], ['latest'], [id], [id.slice(0, 4)], ['3']]) {
      const { code, out } = await muster('replay', ...name)
      expect([name, code]).toEqual([name, 0])
      expect(out).toBe(`NO-GO of 2026-02-25T14:00:00Z at week1 recomputes the same (record 3, ${id})\n`)
    }
    expect(await json('replay')).toMatchObject({ schemaVersion: 1, id, seq: 3, verdict: 'NO-GO', same: true })
    expect((await muster('replay', 'none-such')).code).toBe(2)
  })

  test('a number means the record of that number, also where the id of another one begins with it', async () => {
    await muster('check')
    tamper(scene, "UPDATE ledger SET id = '30' || id WHERE seq = 5")
    for (const name of ['3', '30id', '5']) {
      const { out, err } = await muster('replay', name)
      expect([name, err, out]).toEqual([name, '', expect.stringContaining(`(record ${name === '3' ? 3 : 5}, `)])
    }
    const { code, err } = await muster('replay', '30')
    expect([code, err]).toEqual([2, 'no decision is recorded as "30"\n  `muster status` shows the latest\n'])
  })

  test('after the program file, the branches and the reports have changed', async () => {
    scene.program(PROGRAM.replace('atLeast: 100%', 'atLeast: 10%').replace('name: Week one', 'name: The first week'))
    scene.repository.git('branch', '-D', 'feature/writer')
    rmSync(scene.path('.muster/mirror.git'), { recursive: true })
    expect((await muster('replay')).code).toBe(0)
    expect((await muster('check')).out).toContain('The first week')
    for (const seq of ['3', '6']) expect((await muster('replay', seq)).code).toBe(0)
    expect((await muster('verify')).out).toMatch(/^sound: 6 records of demo\n/)
  })

  test('elsewhere: the ledger and the first line of the program file are enough', async () => {
    const copy = join(scene.folder, 'ledger.sqlite')
    writeFileSync(copy, readFileSync(scene.path('.muster/ledger.sqlite')))
    const bare = createScene()
    rmSync(bare.path('.git'), { recursive: true })
    writeFileSync(bare.path('muster.yaml'), 'program: demo\n')
    await bare.muster(['status'])
    const { code, out } = await bare.muster(['replay'], { env: { MUSTER_STATE: scene.folder } })
    expect([code, out.startsWith('NO-GO')]).toEqual([0, true])
  })
})

describe('a ledger that was edited behind Muster’s back', () => {
  test.each([
    ['a measured value in the evidence', 2, 'evidence', `UPDATE ledger SET body = replace(body, '"value":0.5', '"value":1') WHERE seq = 2`],
    [
      'a criterion of the program',
      1,
      'program',
      `UPDATE ledger SET body = replace(body, '"Every test passes"', '"Some test passes"') WHERE seq = 1`,
    ],
    ['the verdict of the decision', 3, 'decision', `UPDATE ledger SET body = replace(body, '"NO-GO"', '"GO"') WHERE seq = 3`],
    ['the rule that fired', 3, 'decision', `UPDATE ledger SET body = replace(body, '"breach"', '"all-met"') WHERE seq = 3`],
    ['the clock of the decision', 3, 'evaluation', `UPDATE ledger SET body = replace(body, '14:00:00', '13:00:00') WHERE seq = 3`],
    [
      'the digest of the evaluation',
      3,
      'evaluation',
      `UPDATE ledger SET body = json_set(body, '$.stages.evaluation', '${'0'.repeat(64)}') WHERE seq = 3`,
    ],
    [
      'the digest of the report',
      3,
      'report',
      `UPDATE ledger SET body = json_set(body, '$.stages.report', '${'0'.repeat(64)}') WHERE seq = 3`,
    ],
    [
      'which evidence it was made from',
      3,
      'evidence',
      `UPDATE ledger SET body = json_set(body, '$.inputs.evidence', '${'0'.repeat(64)}') WHERE seq = 3`,
    ],
  ])('%s: verify names record %i, replay the stage %s', async (_what, seq, stage, statement) => {
    expect((await muster('verify')).code).toBe(0)
    tamper(scene, statement)
    const verified = await muster('verify')
    expect(verified.code).toBe(1)
    expect(verified.out).toMatch(new RegExp(`^Record ${seq} was edited: .*\n  Restore the ledger`))
    const replayed = await muster('replay')
    expect(replayed.code).toBe(1)
    expect(replayed.out).toMatch(new RegExp(`^record 3 \\(.*\\) diverges at: ${stage}\n  recorded   [0-9a-f]{64}\n  recomputed `))
    expect(await json('verify')).toMatchObject({ schemaVersion: 1, ok: false, seq, kind: 'edited' })
    expect(await json('replay')).toMatchObject({ same: false, stage })
  })

  test('a check-in that was edited after it was judged: the ledger stage diverges', async () => {
    await muster('checkin', '--as', 'lead-b', '--stream', 'writer', '--done', 'wrote', '--confidence', '60%')
    expect((await muster('check')).code).toBe(1)
    tamper(scene, `UPDATE ledger SET body = replace(body, '0.6', '0.9') WHERE type = 'check-in'`)
    expect((await muster('verify')).out).toMatch(/^Record 4 was edited/)
    expect((await muster('replay')).out).toMatch(/diverges at: ledger/)
    expect((await muster('replay', '3')).code).toBe(0)
  })

  test('a record that was taken out, and an end that was cut off', async () => {
    await muster('check')
    tamper(scene, `DELETE FROM ledger WHERE seq = 5`)
    const { code, out } = await muster('verify')
    expect(code).toBe(1)
    expect(out).toMatch(/^Record 5 is not there: the ledger ends at 4/)
    tamper(scene, `DELETE FROM ledger WHERE seq = 4`)
    tamper(scene, `DELETE FROM ledger WHERE seq = 2`)
    expect((await muster('verify')).out).toMatch(/^Record 2 is not in its place/)
  })

  test('all of it cut off together with the noted end: a head that was noted elsewhere still finds it', async () => {
    const head = /head (\S+)/.exec((await muster('verify')).out)?.[1] ?? ''
    await muster('check')
    expect((await muster('verify', '--head', head)).code).toBe(0)
    tamper(scene, 'DELETE FROM ledger')
    tamper(scene, 'DELETE FROM heads')
    expect((await muster('verify')).code).toBe(0)
    const { code, out } = await muster('verify', '--head', head)
    expect([code, out]).toEqual([1, expect.stringMatching(/^Record 1 is not there/)])
    expect((await muster('verify', '--head', 'yesterday')).code).toBe(2)
  })

  test.each([`'null'`, `'{'`, `'[]'`, `'{}'`, `x'00ff'`, `''`])('a body of %s is a broken record, not a bug', async (body) => {
    tamper(scene, `UPDATE ledger SET body = ${body} WHERE type = 'evidence'`)
    for (const command of ['verify', 'replay', 'explain tests']) {
      const { code, out, err } = await muster(...command.split(' '))
      expect([command, [1, 4].includes(code ?? -1), err.includes('bug')]).toEqual([command, true, false])
      expect(`${out}${err}`.length).toBeGreaterThan(20)
    }
  })

  test.each(['decision', 'program'])('nor is a %s of another shape', async (type) => {
    tamper(scene, `UPDATE ledger SET body = '{"digest":1}' WHERE type = ?`, type)
    for (const command of ['verify', 'replay', 'explain tests', 'status', 'status --format json']) {
      const { code, out, err } = await muster(...command.split(' '))
      expect([command, err.includes('bug'), out.includes('undefined')]).toEqual([command, false, false])
      if (!command.startsWith('status')) expect([command, [1, 4].includes(code ?? -1)]).toEqual([command, true])
      expect(`${out}${err}`.length).toBeGreaterThan(20)
    }
  })

  test('a file that is no ledger at all', async () => {
    for (const suffix of ['-wal', '-shm']) rmSync(scene.path(`.muster/ledger.sqlite${suffix}`), { force: true })
    writeFileSync(scene.path('.muster/ledger.sqlite'), 'not a database, but long enough to be looked at as one'.repeat(100))
    for (const command of ['status', 'verify', 'replay', 'explain tests', 'check']) {
      const { code, err } = await muster(...command.split(' '))
      expect([command, code]).toEqual([command, 4])
      expect(err).toMatch(/^muster: The store .*ledger\.sqlite is not a store of Muster/)
    }
  })
})
