import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createScene, criterion, ledgerBytes, tamper, type Ended, type Scene } from './scene.ts'

const PROGRAM = `program: demo
name: Demo
calendar: { zone: Europe/Berlin }
people:
  boss: { name: The phase lead, roles: [phase-lead] }
  lead-a: { name: Lead A }
  lead-b: { name: Lead B }
sources:
  git: { collect: git }
  tests: { collect: junit, files: 'reports/\${commit}/*.xml' }
streams:
  reader: { name: Reader, lead: lead-a, branch: feature/reader }
  writer: { name: Writer, lead: lead-b, branch: feature/writer }
checkpoints:
  week1:
    name: Week one
    at: 2026-02-25 16:00
    criteria:
      reported: { metric: tests.ratio, atLeast: 100%, provenance: reported, for: [reader] }
      measured: { metric: tests.ratio, atLeast: 100%, for: [reader] }
`
const JUNIT = (ending = ''): string =>
  `<testsuite name="unit"><testcase name="reads" time="0.1"/><testcase name="writes" time="0.1">${ending}</testcase></testsuite>`

interface Ci {
  readonly scene: Scene
  readonly env: Readonly<Record<string, string>>
  readonly push: (...args: readonly string[]) => Promise<Ended>
}

/** A scene with a token of the reader, seen from a CI job on its branch. */
async function ci(program = PROGRAM): Promise<Ci> {
  const scene = createScene({ program })
  writeFileSync(scene.path('junit.xml'), JUNIT())
  const token = await scene.muster(['evidence', 'token', '--stream', 'reader'])
  expect(token).toMatchObject({ code: 0, out: expect.stringMatching(/^muster_[0-9a-f]{16}_[\w-]{43}\n$/) as string })
  const env = {
    MUSTER_TOKEN: token.out.trim(),
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_SHA: scene.repository.git('rev-parse', 'feature/reader'),
    GITHUB_REF: 'refs/heads/feature/reader',
  }
  return { scene, env, push: (...args) => scene.muster(['evidence', 'push', '--source', 'tests', ...args], { env }) }
}

const statuses = async (scene: Scene): Promise<readonly string[]> => {
  const report = await scene.report()
  return ['reported', 'measured'].map((id) => criterion(report, id).rawStatus)
}

describe('read', () => {
  test('shows what is made of files, and says by the exit code whether they can be used', async () => {
    const scene = createScene()
    writeFileSync(scene.path('junit.xml'), JUNIT('<failure/>'))
    writeFileSync(scene.path('broken.xml'), JUNIT().slice(0, 60))
    const good = await scene.muster(['evidence', 'read', 'junit.xml'])
    expect(good).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^junit\.xml: junit, usable\n {2}sha256 [0-9a-f]{64}\n[^]*ratio +50 %/) as string,
    })
    const both = await scene.muster(['evidence', 'read', 'junit.xml', 'broken.xml', 'none.xml', '--format', 'json'])
    expect(both.code).toBe(3)
    const { files } = JSON.parse(both.out) as { files: readonly object[] }
    expect(files).toMatchObject([
      {
        path: 'junit.xml',
        format: 'junit',
        status: 'observed',
        facts: expect.arrayContaining([expect.objectContaining({ name: 'ratio', value: 0.5, unit: 'ratio' })]) as object,
      },
      {
        path: 'broken.xml',
        format: 'junit',
        status: 'errored',
        reason: expect.stringMatching(/^broken\.xml:1:\d+: /) as string,
        facts: [],
      },
      { path: 'none.xml', facts: [], reason: expect.stringMatching(/none\.xml/) as string },
    ])
    expect(await scene.muster(['evidence', 'read', 'junit.xml', '--as', 'tapp'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('did you mean tap?') as string,
    })
  })

  test('a benchmark without a baseline is usable, and its figures are listed', async () => {
    const scene = createScene()
    writeFileSync(scene.path('bench.json'), '{"results":[{"command":"./run","times":[0.001,0.002,0.002,0.002,0.003]}]}')
    const { code, out } = await scene.muster(['evidence', 'read', 'bench.json'])
    expect(code).toBe(0)
    expect(out).toMatch(/median +0\.002 \(95 % interval 0\.001 to 0\.003\)/)
    expect(out).toMatch(/change +missing +there is no baseline/)
    expect(out).toContain('    ./run: time 0.002 s (median of 5 runs)\n')
  })

  test('a hostile name stays a name', async () => {
    const scene = createScene()
    const name = 'a\u001b[2J\u202e.xml'
    writeFileSync(scene.path(name), '<html>')
    for (const format of ['text', 'json']) {
      const { out } = await scene.muster(['evidence', 'read', name, '--format', format])
      // oxlint-disable-next-line no-control-regex -- exactly these must not pass
      expect(out).not.toMatch(/[\u001b\u202e]/)
    }
  })
})

describe('push', () => {
  test('a Go package of the checkout without a result is missed before anything is sent', async () => {
    const { scene, push } = await ci(
      PROGRAM.replace("collect: junit, files: 'reports/${commit}/*.xml'", "collect: go-test, files: 'reports/${commit}/*'"),
    )
    mkdirSync(scene.path('store'))
    writeFileSync(scene.path('go.mod'), 'module example.org/depot\n')
    writeFileSync(scene.path('a_test.go'), 'package depot\n')
    writeFileSync(scene.path('store/store_test.go'), 'package store\n')
    const passed = (name: string): string =>
      ['run', 'pass'].map((Action) => `${JSON.stringify({ Action, Package: name, Test: 'TestOne' })}\n`).join('') +
      `${JSON.stringify({ Action: 'pass', Package: name })}\n`
    writeFileSync(scene.path('go.jsonl'), passed('example.org/depot'))
    expect(await push('go.jsonl')).toMatchObject({
      code: 3,
      err: expect.stringContaining('no result of example.org/depot/store, which the tree has tests of') as string,
    })
    writeFileSync(scene.path('go.jsonl'), passed('example.org/depot') + passed('example.org/depot/store'))
    expect(await push('go.jsonl')).toMatchObject({ code: 0 })
  })

  test('evidence from CI satisfies what asks for reported evidence, and nothing more', async () => {
    const { scene, push } = await ci()
    expect(await statuses(scene)).toEqual(['missing', 'missing'])
    expect(await push('junit.xml')).toMatchObject({ code: 0, out: 'junit.xml: recorded 2\n' })
    expect(await statuses(scene)).toEqual(['satisfied', 'missing'])
  })

  test('what is sent twice is recorded once', async () => {
    const { scene, push } = await ci()
    await push('junit.xml')
    const before = ledgerBytes(scene).length
    expect(await push('junit.xml')).toMatchObject({ code: 0, out: 'junit.xml: already on record (2); nothing was added\n' })
    expect(ledgerBytes(scene).length).toBe(before)
  })

  test('what was measured counts first, and a difference is said', async () => {
    const { scene, env, push } = await ci()
    await push('junit.xml')
    mkdirSync(scene.path('reports', env['GITHUB_SHA'] ?? ''), { recursive: true })
    writeFileSync(scene.path('reports', env['GITHUB_SHA'] ?? '', 'junit.xml'), JUNIT('<failure/>'))
    const report = await scene.report()
    expect(criterion(report, 'reported')).toMatchObject({
      rawStatus: 'unsatisfied',
      evidence: [{ metric: 'tests.ratio', value: 0.5, reason: '1 failed of 2 test cases; CI reported 1 for the same tree, this is 0.5' }],
    })
  })

  test('is about the tree: a new commit makes it stale, the same files under another commit do not', async () => {
    const { scene, push } = await ci()
    await push('junit.xml')
    scene.repository.git('checkout', '-q', 'feature/reader')
    scene.repository.git('commit', '-q', '--amend', '-m', 'Read, said otherwise')
    expect(await statuses(scene)).toEqual(['satisfied', 'missing'])
    scene.repository.commit('More', { 'more.ts': 'export {}\n' })
    expect((await statuses(scene))[0]).toBe('stale')
  })

  test('commit and stream come from the CI service alone', async () => {
    const { scene, env, push } = await ci()
    const attempt = (more: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Ended> =>
      scene.muster(['evidence', 'push', 'junit.xml', '--source', 'tests', ...args], { env: { ...env, ...more } })
    expect(await push('junit.xml', '--stream', 'writer')).toMatchObject({
      code: 2,
      err: expect.stringContaining('contradicts it') as string,
    })
    expect(await attempt({ GITHUB_REF: 'refs/heads/other' })).toMatchObject({
      code: 2,
      err: expect.stringContaining('no stream is on it') as string,
    })
    expect(await attempt({ GITHUB_ACTIONS: '' })).toMatchObject({ code: 2, err: expect.stringContaining('no CI service') as string })
    expect(await attempt({ MUSTER_TOKEN: 'x' })).toMatchObject({ code: 2, err: expect.stringContaining('no token of Muster') as string })
    expect((await attempt({ MUSTER_TOKEN: `muster_access_${'x'.repeat(43)}` })).err).toMatch(
      /holds a token of the API.*\n {2}`muster evidence token/,
    )
    expect(await attempt({ MUSTER_TOKEN: '', MUSTER_TOKEN_FILE: 'nowhere' })).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^MUSTER_TOKEN_FILE: .*nowhere/) as string,
    })
    writeFileSync(
      scene.path('junit.xml'),
      JUNIT().replace('<testcase', `<properties><property name="muster.commit" value="${'f'.repeat(40)}"/></properties><testcase`),
    )
    expect(await push('junit.xml')).toMatchObject({ code: 3, err: expect.stringContaining('says it is about ffffffffffff') as string })
    expect(await statuses(scene)).toEqual(['missing', 'missing'])
  })

  test('a token of one stream says nothing of another', async () => {
    const { scene, env } = await ci()
    const other = { ...env, GITHUB_SHA: scene.repository.git('rev-parse', 'feature/writer'), GITHUB_REF: 'refs/heads/feature/writer' }
    const before = ledgerBytes(scene).length
    expect(await scene.muster(['evidence', 'push', 'junit.xml', '--source', 'tests'], { env: other })).toMatchObject({
      code: 3,
      out: expect.stringContaining('is for stream reader, and this is about writer') as string,
    })
    expect(ledgerBytes(scene).length).toBe(before)
  })

  test('a report that cannot be read is not sent', async () => {
    const { scene, push } = await ci()
    writeFileSync(scene.path('junit.xml'), '<testsuite>')
    expect(await push('junit.xml')).toMatchObject({
      code: 3,
      err: expect.stringMatching(/junit\.xml:1:\d+: [^]*nothing was sent/) as string,
    })
  })
})

describe('accept', () => {
  test('what CI wrote to a file is recorded once, and refused when anything of it was changed', async () => {
    const { scene, push } = await ci()
    expect(await push('junit.xml', '--to', 'evidence.json')).toMatchObject({ code: 0, out: expect.stringContaining('signed') as string })
    expect(await statuses(scene)).toEqual(['missing', 'missing'])
    const text = readFileSync(scene.path('evidence.json'), 'utf8')
    const envelope = JSON.parse(text) as { payload: string }
    const payload = Buffer.from(envelope.payload, 'base64').toString('utf8').replace('feature/reader', 'feature/writer')
    writeFileSync(scene.path('other.json'), JSON.stringify({ ...envelope, payload: Buffer.from(payload).toString('base64') }))
    writeFileSync(scene.path('empty.json'), '')
    const refused = await scene.muster(['evidence', 'accept', 'other.json', 'empty.json', 'evidence.json'])
    expect(refused.code).toBe(3)
    expect(refused.out).toMatch(
      /^other\.json: refused: its signature is not that of its content\nempty\.json: refused: .+\nevidence\.json: recorded 2\n$/,
    )
    expect(await scene.muster(['evidence', 'accept', 'evidence.json'])).toMatchObject({
      code: 0,
      out: 'evidence.json: already on record (2); nothing was added\n',
    })
    expect(await statuses(scene)).toEqual(['satisfied', 'missing'])
  })

  test('a source that reads otherwise here than in the branch is refused', async () => {
    const { scene, push } = await ci(PROGRAM.replace("/*.xml' }", "/*.xml', cases: reads }"))
    await push('junit.xml', '--to', 'evidence.json')
    scene.program(PROGRAM)
    expect(await scene.muster(['evidence', 'accept', 'evidence.json'])).toMatchObject({
      code: 3,
      out: expect.stringContaining('source tests reads with other options here') as string,
    })
  })

  test('what somebody wrote into the ledger without a token does not count', async () => {
    const { scene, push } = await ci()
    writeFileSync(scene.path('junit.xml'), JUNIT('<failure/>'))
    await push('junit.xml')
    expect(await statuses(scene)).toEqual(['unsatisfied', 'missing'])
    tamper(scene, `update ledger set body = replace(body, '"value":0.5', '"value":1') where type = 'reported'`)
    expect(await statuses(scene)).toEqual(['errored', 'missing'])
  })
})

describe('token', () => {
  test('is made by who could override, and revoked by the lead: then what it signed no longer counts', async () => {
    const { scene, env, push } = await ci()
    expect(await scene.muster(['evidence', 'token', '--stream', 'reader', '--as', 'lead-a'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('may not issue a token') as string,
    })
    await push('junit.xml')
    const id = env['MUSTER_TOKEN']?.split('_')[1] ?? ''
    expect(await scene.muster(['evidence', 'token', '--revoke', id, '--reason', 'it leaked', '--as', 'lead-a'])).toMatchObject({ code: 0 })
    expect(await statuses(scene)).toEqual(['errored', 'missing'])
    expect(await push('junit.xml')).toMatchObject({ code: 3, out: expect.stringContaining('was revoked') as string })
    const list = await scene.muster(['evidence', 'token'])
    expect(list.out).toMatch(new RegExp(`${id} +reader +revoked`))
    expect(ledgerBytes(scene)).not.toContain(env['MUSTER_TOKEN'])
  })

  test('expires', async () => {
    const { scene, env } = await ci()
    const later = { env, now: '2026-06-25T14:00:00Z' }
    expect(await scene.muster(['evidence', 'push', 'junit.xml', '--source', 'tests'], later)).toMatchObject({
      code: 3,
      out: expect.stringContaining('expired at 2026-05-26') as string,
    })
  })
})

describe('list and show', () => {
  test('say where a number came from and what it was before', async () => {
    const { scene, env, push } = await ci()
    await push('junit.xml')
    writeFileSync(scene.path('junit.xml'), JUNIT('<skipped/>'))
    await push('junit.xml')
    await scene.muster(['check'])
    const list = await scene.muster(['evidence', 'list', '--metric', 'tests.*', '--stream', 'reader', '--format', 'json'])
    const { evidence } = JSON.parse(list.out) as { evidence: readonly { metric: string; provenance: string }[] }
    expect(evidence).toContainEqual(
      expect.objectContaining({ metric: 'tests.ratio', value: 0.5, provenance: 'reported', record: 3, commit: env['GITHUB_SHA'] }),
    )
    expect(new Set(evidence.map((one) => `${one.metric} ${one.provenance}`)).size).toBe(evidence.length)
    const show = await scene.muster(['evidence', 'show', 'tests.ratio', '--stream', 'reader'])
    expect(show.code).toBe(0)
    expect(show.out).toMatch(
      /value +50 %, reported\n +source +junit\.xml\n +commit +[0-9a-f]{40}\n +tree +[0-9a-f]{40}\n[^]*sha256 +[0-9a-f]{64}\n[^]*record +3,/,
    )
    expect(show.out).toMatch(/ 3 +.*50 %, reported at .*\n +2 +.*100 %, reported/)
    expect(await scene.muster(['evidence', 'show', 'tests.nothing'])).toMatchObject({ code: 3 })
  })
})

describe('guard', () => {
  const GUARDED = PROGRAM.replace('people:', 'guard: { signOff: phase-lead, also: [build.sh] }\npeople:')

  test('a stream that changes what judges it is stopped until somebody else signs', async () => {
    const scene = createScene({ program: GUARDED, writer: 'exit 0\n' })
    const guards = async () => {
      const report = await scene.report()
      return ['stream:reader', 'stream:writer'].map((subject) => criterion(report, 'guard', subject).rawStatus)
    }
    expect(await guards()).toEqual(['satisfied', 'missing'])
    const sign = ['sign', 'guard', '--checkpoint', 'week1', '--stream', 'writer', '--reason', 'the build is simpler now']
    expect(await scene.muster([...sign, '--as', 'lead-b'])).toMatchObject({ code: 2 })
    expect(await scene.muster([...sign, '--as', 'boss'])).toMatchObject({ code: 0 })
    expect(await guards()).toEqual(['satisfied', 'satisfied'])
    // The signature was for that change; with another one somebody looks again.
    scene.repository.git('checkout', '-q', 'feature/writer')
    writeFileSync(scene.path('build.sh'), 'true\n')
    scene.repository.git('commit', '-q', '-m', 'Bend it again', 'build.sh')
    scene.repository.git('checkout', '-q', 'main')
    expect(await guards()).toEqual(['satisfied', 'stale'])
    expect(await scene.muster(sign.concat('--as', 'boss'))).toMatchObject({ code: 0 })
    expect(await guards()).toEqual(['satisfied', 'satisfied'])
  })

  test('the lead is not asked to sign for their own stream', async () => {
    const scene = createScene({ program: PROGRAM.replace('people:', 'guard: { signOff: lead }\npeople:') })
    expect(await scene.muster(['check', '--dry-run'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('(self-escalation)') as string,
    })
  })
})
