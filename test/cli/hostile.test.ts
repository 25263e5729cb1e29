import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FORMATS } from '#render/registry.ts'
import { temporaryFolder } from '../collect/git-repository.ts'
import { trapped } from '../collect/git-traps.ts'
import { BUILD, createScene, criterion, ledgerBytes, NOW, PROGRAM, sceneIn, type Criterion, type Scene } from './scene.ts'

/** C0 but the line break, DEL, C1, and what changes the reading direction or is not seen. */
// oxlint-disable-next-line no-control-regex -- these are what must not come through
const RAW = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/

describe('looking at a repository runs none of its code', () => {
  /** Everything that looks and is not asked to run anything. */
  const LOOKS: readonly (readonly string[])[] = [
    ['doctor'],
    ['doctor', '--format', 'json'],
    ...FORMATS.map((format) => ['check', '--format', format]),
    ['check', '--show', 'evidence'],
    ['check', '--dry-run', '--stream', 'feature'],
    ['trust'],
    ['trust', '--format', 'json'],
    ['explain', 'branch'],
    ['status'],
    ['verify'],
    ['replay'],
    ['config', 'print', '--resolved'],
    ['config', 'check'],
  ]

  function trappedScene() {
    const folder = temporaryFolder()
    const { repository, marks } = trapped(folder)
    // Programs of the repository that a search path with a relative entry would find.
    for (const name of ['git', 'sh', 'node', 'ssh', 'sqlite3']) {
      for (const place of [repository.folder, join(repository.folder, '.git')]) {
        writeFileSync(join(place, name), `#!/bin/sh\ntouch '${marks}/path-${name}'\n`)
        chmodSync(join(place, name), 0o755)
      }
    }
    const env = {
      PATH: `.::bin:${process.env['PATH'] ?? ''}`,
      GIT_DIR: join(repository.folder, '.git'),
      GIT_CONFIG_GLOBAL: join(folder, 'included'),
      GIT_EXTERNAL_DIFF: join(folder, 'trap-diff-external'),
      GIT_SSH_COMMAND: join(folder, 'trap-ssh'),
      PAGER: join(folder, 'trap-pager'),
      EDITOR: join(folder, 'trap-editor'),
      NODE_OPTIONS: '--require ./trap.cjs',
    }
    return { folder, repository, marks, env }
  }

  test('init, doctor, check in every format, trust, explain, status, verify and replay leave no mark', async () => {
    const { folder, repository, marks, env } = trappedScene()
    const scene = sceneIn(folder, repository, '')
    const init = await scene.muster(['init', '--yes', '--force', '--streams', '**', '--zone', 'UTC'], { env })
    expect([init.code, init.err]).toEqual([0, expect.stringContaining('muster.yaml is written: 1 stream, merging into main')])
    for (const argv of LOOKS) {
      const { code, err } = await scene.muster(argv, { env })
      expect([argv, err.includes('bug'), [0, 1, 3].includes(code ?? -1)]).toEqual([argv, false, true])
    }
    expect(readdirSync(marks)).toEqual([])
    expect(JSON.parse((await scene.muster(['status', '--format', 'json'], { env })).out)).toMatchObject({
      decision: { verdict: expect.any(String) as unknown },
    })
  })

  test('nor when the state folder was planted with the repository', async () => {
    const { folder, repository, marks, env } = trappedScene()
    const scene = sceneIn(folder, repository, PROGRAM.replace('feature/reader', 'feature').replace('feature/writer', 'main'))
    mkdirSync(scene.path('.muster'))
    symlinkSync(join(repository.folder, '.git'), scene.path('.muster/mirror.git'))
    symlinkSync(marks, scene.path('.muster/checkouts'))
    const linked = await scene.muster(['check'], { env })
    expect([linked.code, linked.err]).toEqual([4, expect.stringContaining('is a symbolic link')])
    expect(readdirSync(marks)).toEqual([])
  })

  test('branches that read like options are passed over by init, refused in a program, and only ever names', async () => {
    const { folder, repository, marks, env } = trappedScene()
    const options = [`--output=x`, `--upload-pack=touch\${IFS}${marks}/branch-name`]
    const scene = sceneIn(
      folder,
      repository,
      PROGRAM.replace('feature/reader', `"${options[0]}"`).replace('feature/writer', `"--upload-pack=touch ${marks}/marker"`),
    )
    const refused = await scene.muster(['check'], { env })
    expect([refused.code, refused.out]).toEqual([2, ''])
    expect(refused.err).toMatch(/^muster\.yaml:16:13 error: "--output=x" .*\(invalid-branch\)$/m)
    expect(refused.err).toMatch(/^muster\.yaml:\d+:\d+ error: "--upload-pack=touch .*\(invalid-branch\)$/m)

    // By its full name it can be told from an option.
    scene.program(PROGRAM.replace('feature/reader', `"refs/heads/${options[0]}"`).replace('feature/writer', `"refs/heads/${options[1]}"`))
    const { code, out } = await scene.muster(['check', '--format', 'json'], { env })
    expect([1, 2, 3]).toContain(code)
    if (code !== 2) expect(JSON.parse(out)).not.toMatchObject({ verdict: 'GO' })
    for (const argv of [
      ['init', '--yes', '--force', '--zone', 'UTC', '--target', options[0] ?? ''],
      ['init', '--yes', '--force', '--zone', 'UTC', '--repository', options[0] ?? ''],
    ]) {
      const { code: ended, err } = await scene.muster(argv, { env })
      expect([argv, err.includes('bug'), ended]).toEqual([argv, false, argv.includes('--target') ? 2 : 4])
    }
    expect(readdirSync(marks)).toEqual([])
    for (const place of [repository.folder, scene.path('.muster'), scene.path('.muster/mirror.git'), folder])
      expect(existsSync(join(place, 'x'))).toBe(false)
  })

  test.each([
    'ext::touch marker',
    'file:///etc',
    '--upload-pack=touch marker',
    'ssh://-oProxyCommand=touch%20marker/x',
    'http://127.0.0.1:1/x',
  ])('a repository %s is refused, and nothing is executed', async (place) => {
    const scene = createScene({ program: PROGRAM.replace('name: Demo', `name: Demo\nrepository: '${place}'`) })
    const { code, out, err } = await scene.muster(['check'])
    expect([code, out]).toEqual([4, ''])
    expect(err).not.toMatch(/bug|\n {4}at /)
    for (const folder of [scene.repository.folder, scene.path('.muster'), process.cwd()])
      expect(existsSync(join(folder, 'marker'))).toBe(false)
  })
})

/** Report file -> what is in it. */
type Payloads = Readonly<Record<string, string | Buffer>>

const JUNIT_PAYLOADS: Payloads = {
  'empty.xml': '',
  'blank.xml': '  \n\n',
  'truncated.xml': '<testsuite name="unit">\n  <testcase name="one"/>\n  <testcase name="two"',
  'cut-between.xml': '<testsuite name="unit">\n  <testcase name="one"/>\n',
  'page.xml': '<!DOCTYPE html>\n<html><body><h1>502 Bad Gateway</h1></body></html>\n',
  'page-bare.xml': '<html><body><testcase name="one"/></body></html>\n',
  'utf-16.xml': Buffer.concat([
    Buffer.from([0xff, 0xfe]),
    Buffer.from('<testsuite name="unit"><testcase name="one"/></testsuite', 'utf16le'),
  ]),
  'utf-16-odd.xml': Buffer.concat([
    Buffer.from('<testsuite name="unit"><testcase name="one"/></testsuite>', 'utf16le'),
    Buffer.from([0x0a]),
  ]),
  'utf-16-mixed.xml': Buffer.concat([
    Buffer.from([0xff, 0xfe]),
    Buffer.from('<testsuite name="unit"><testcase name="one"/></testsuite>', 'utf8'),
  ]),
  'two-roots.xml': '<testsuite name="a"><testcase name="one"/></testsuite>\n<testsuite name="b"><testcase name="two"/></testsuite>\n',
  'bomb.xml': `<?xml version="1.0"?>\n<!DOCTYPE t [\n<!ENTITY a "aaaaaaaaaa">\n${'bcdefgh'.replace(/./g, (name) => `<!ENTITY ${name} "${`&${String.fromCharCode(name.charCodeAt(0) - 1)};`.repeat(10)}">\n`)}]>\n<testsuite name="&h;"><testcase name="one"/></testsuite>\n`,
  'external.xml':
    '<?xml version="1.0"?>\n<!DOCTYPE t SYSTEM "file:///etc/passwd">\n<testsuite name="unit"><testcase name="one"/></testsuite>\n',
  'deep.xml': `${'<testsuite name="s">'.repeat(200_000)}<testcase name="one"/>${'</testsuite>'.repeat(200_000)}`,
  'nul.xml': '<testsuite name="unit">\n  <testcase name="o\u0000ne"/>\n</testsuite>\n',
  'wide.xml': `<testsuite name="unit"><testcase name="${'n'.repeat(2_000_000)}"/></testsuite>\n`,
  'attributes.xml': `<testsuite name="unit"><testcase name="one" ${Array.from({ length: 5_000 }, (_, index) => `a${index}="1"`).join(' ')}/></testsuite>\n`,
  'binary.xml': Buffer.from(Array.from({ length: 4_096 }, (_, index) => (index * 7919) % 256)),
  'none.xml': '<testsuites/>\n',
}

const COVERAGE_PAYLOADS: Payloads = {
  'empty.info': '',
  'nan.info': 'SF:a.ts\nDA:1,1\nLF:NaN\nLH:1\nend_of_record\n',
  'huge-total.info': 'SF:a.ts\nDA:1,1\nLF:1\nLH:1e400\nend_of_record\n',
  'nan-hits.info': 'SF:a.ts\nDA:1,NaN\nend_of_record\n',
  'negative.info': 'SF:a.ts\nDA:1,-1\nend_of_record\n',
  'huge.info': 'SF:a.ts\nDA:1,1e400\nend_of_record\n',
  'not-ended.info': 'SF:a.ts\nDA:1,1\nDA:2,1\n',
  'nothing-found.info': 'SF:a.ts\nLF:0\nLH:0\nend_of_record\n',
  'over.xml': '<coverage line-rate="1.7" lines-valid="10" lines-covered="17"><packages/></coverage>\n',
}

const BENCHMARK_PAYLOADS: Payloads = {
  'nan.json': '{"unit": "ms",\n "baseline": [1, 2, NaN],\n "current": [1, 2, 3]}',
  'huge.json': '{"unit": "ms", "baseline": [1, 2, 1e400], "current": [1, 2, 3]}',
  'infinity.json': '{"unit": "ms", "baseline": [1, 2, Infinity], "current": [1, 2, 3]}',
  'percent.json': '{"unit": "ms", "baseline": ["170 %"], "current": [1, 2, 3]}',
  'zero.json': '{"unit": "ms", "baseline": [0, 0, 0, 0, 0, 0], "current": [0, 0, 0, 0, 0, 0]}',
  'negative.json': '{"unit": "ms", "baseline": [-1, -2, -3], "current": [-9, -9, -9]}',
  'duplicate.json': '{"unit": "ms", "baseline": [9, 9, 9],\n "current": [9, 9, 9],\n "current": [1, 1, 1]}',
  'two.json': '{"unit": "ms", "baseline": [9, 9], "current": [1, 1]}\n{"unit": "ms", "baseline": [9, 9], "current": [1, 1]}\n',
  'prototype.json': '{"unit": "ms", "__proto__": {"baseline": [9, 9, 9]}, "current": [1, 1, 1]}',
  'deep.json': `${'['.repeat(200_000)}${']'.repeat(200_000)}`,
  'one-sample.json': '{"unit": "ms", "baseline": [100], "current": [1]}',
  'empty.json': '',
}

const COMMAND_PAYLOADS: Readonly<Record<string, string>> = {
  nan: 'covered: NaN',
  huge: 'covered: 1e400',
  over: 'covered: 170 %',
  negative: 'covered: -1 %',
  divided: 'covered: 0/0',
  fraction: 'covered: 1/4',
  other: 'covered: 12 MB',
  nothing: 'no number here',
}

const idOf = (name: string): string => name.replace('.', '-')

/** A program with a source and a criterion for each payload, about the writer only. */
function programOf(collect: string, condition: (id: string) => string, payloads: Payloads, place: 'command' | 'disk'): string {
  const sources = Object.keys(payloads).map(
    (name) =>
      `  ${idOf(name)}: { collect: ${collect}, for: [writer], ${place === 'command' ? 'from: build, ' : ''}files: '${place}/${name}' }\n`,
  )
  const criteria = Object.keys(payloads).map((name) => `      ${idOf(name)}: { for: [writer], ${condition(idOf(name))} }\n`)
  return PROGRAM.replace('streams:\n', `${sources.join('')}streams:\n`).replace('    targets:\n', `${criteria.join('')}    targets:\n`)
}

/** Checks a program in which the payloads lie on disk, or are copied to their places by a command. */
async function checked(collect: string, condition: (id: string) => string, payloads: Payloads, place: 'command' | 'disk') {
  const scene = createScene({ program: programOf(collect, condition, payloads, place), writer: `${BUILD()}cp -R payloads command\n` })
  scene.repository.git('checkout', '-q', 'feature/writer')
  mkdirSync(scene.path('payloads'))
  for (const [name, content] of Object.entries(payloads)) writeFileSync(scene.path('payloads', name), content)
  scene.repository.commit('Bring reports', {})
  mkdirSync(scene.path('disk'))
  for (const [name, content] of Object.entries(payloads)) writeFileSync(scene.path('disk', name), content)
  await scene.muster(['trust', '--yes'])
  const report = await scene.report()
  return { scene, report, of: (name: string): Criterion => criterion(report, idOf(name), 'stream:writer') }
}

const reasonOf = (one: Criterion): string => one.evidence.map(({ reason }) => reason ?? '').join('\n')

/** With nothing of the broken report, and everything of the others. */
function expectOthersIntact(report: Awaited<ReturnType<Scene['report']>>): void {
  expect(report.verdict).toBe('INCONCLUSIVE')
  for (const subject of ['stream:reader', 'stream:writer']) {
    expect(criterion(report, 'tests', subject).status).toBe('satisfied')
    expect(criterion(report, 'builds', subject).status).toBe('satisfied')
  }
}

describe.each(['command', 'disk'] as const)('broken reports from %s', (place) => {
  test('JUnit: each is an error that names file and position, and no other evidence is lost', async () => {
    const { report, of } = await checked('junit', (id) => `metric: ${id}.ratio, atLeast: 0%`, JUNIT_PAYLOADS, place)
    expectOthersIntact(report)
    for (const name of Object.keys(JUNIT_PAYLOADS)) {
      const one = of(name)
      expect([name, one.status]).toEqual([
        name,
        name === 'none.xml' ? expect.stringMatching(/^(missing|inconclusive|errored|stale)$/) : 'errored',
      ])
      if (name !== 'none.xml') expect(reasonOf(one)).toMatch(new RegExp(`${place}/${name.replaceAll('.', '\\.')}:\\d+:\\d+: .`))
    }
    expect(reasonOf(of('truncated.xml'))).toMatch(/:3:\d+: .*(truncated|not well-formed)/)
    expect(reasonOf(of('bomb.xml'))).toContain('a DOCTYPE is refused')
    expect(reasonOf(of('deep.xml'))).toContain('nested more than 200 deep')
    expect(JSON.stringify(report)).not.toContain('root:')
  })

  test('coverage: a share that cannot be is no share', async () => {
    const { report, of } = await checked('coverage', (id) => `metric: ${id}.lines, atLeast: 0%`, COVERAGE_PAYLOADS, place)
    expectOthersIntact(report)
    for (const name of Object.keys(COVERAGE_PAYLOADS)) {
      const one = of(name)
      expect([name, one.status]).toEqual([
        name,
        expect.stringMatching(
          name.endsWith('.info') && name !== 'nothing-found.info' ? /^errored$/ : /^(errored|missing|inconclusive|stale)$/,
        ),
      ])
      if (one.status === 'errored') expect(reasonOf(one)).toMatch(new RegExp(`${place}/${name.replaceAll('.', '\\.')}:\\d+:\\d+: .`))
    }
  })

  test('benchmarks: samples that are no measurements prove nothing', async () => {
    const { report, of } = await checked('benchmark', (id) => `metric: ${id}.reduction, atLeast: 5%`, BENCHMARK_PAYLOADS, place)
    expectOthersIntact(report)
    for (const name of Object.keys(BENCHMARK_PAYLOADS)) {
      const one = of(name)
      expect([name, one.status]).toEqual([name, expect.stringMatching(/^(errored|missing|inconclusive|stale)$/)])
      expect(reasonOf(one)).not.toBe('')
    }
    for (const name of [
      'nan.json',
      'huge.json',
      'infinity.json',
      'duplicate.json',
      'two.json',
      'prototype.json',
      'deep.json',
      'percent.json',
    ]) {
      expect(of(name).status).toBe('errored')
      expect(reasonOf(of(name))).toMatch(new RegExp(`${place}/${name.replaceAll('.', '\\.')}:\\d+:\\d+: .`))
    }
    expect(reasonOf(of('duplicate.json'))).toMatch(/:3:\d+: /)
  })
})

describe('other things that are not what they seem', () => {
  test('numbers in the output of a command', async () => {
    const sources = Object.keys(COMMAND_PAYLOADS).map(
      (name) =>
        `  ${name}: { collect: command, for: [writer], run: "echo '${COMMAND_PAYLOADS[name]}'", number: { after: 'covered' }, unit: ratio }\n`,
    )
    const criteria = Object.keys(COMMAND_PAYLOADS).map((name) => `      ${name}: { for: [writer], metric: ${name}.number, atLeast: 0% }\n`)
    const scene = createScene({
      program: PROGRAM.replace('streams:\n', `${sources.join('')}streams:\n`).replace(
        '    targets:\n',
        `${criteria.join('')}    targets:\n`,
      ),
    })
    await scene.muster(['trust', '--yes'])
    const report = await scene.report()
    expectOthersIntact(report)
    for (const name of Object.keys(COMMAND_PAYLOADS)) {
      const one = criterion(report, name)
      expect([name, one.status]).toEqual([name, name === 'nothing' ? 'missing' : 'errored'])
      expect(reasonOf(one)).toContain('covered')
    }
  })

  test('a report that is a link out of the folder, a folder, a pipe, or was there before the command ran', async () => {
    const names = ['link.xml', 'folder.xml', 'pipe.xml', 'before.xml']
    const program = programOf(
      'junit',
      (id) => `metric: ${id}.ratio, atLeast: 0%`,
      Object.fromEntries(names.map((name) => [name, ''])),
      'command',
    )
    const scene = createScene({
      program,
      writer: `${BUILD()}mkdir -p command\nln -s ${join('/etc', 'passwd')} command/link.xml\nmkdir command/folder.xml\nmkfifo command/pipe.xml\n`,
    })
    scene.repository.git('checkout', '-q', 'feature/writer')
    scene.repository.commit('Commit a report', { 'command/before.xml': '<testsuite name="unit"><testcase name="one"/></testsuite>\n' })
    await scene.muster(['trust', '--yes'])
    const report = await scene.report()
    expectOthersIntact(report)
    for (const name of names)
      expect([name, criterion(report, idOf(name)).status]).toEqual([name, expect.stringMatching(/^(errored|missing)$/)])
    expect(reasonOf(criterion(report, 'before-xml'))).toContain('the file was there before it ran')
    expect(JSON.stringify(report)).not.toContain('root:')
  })
})

describe('a bad program file', () => {
  test('all mistakes at once, each with file, line, column, code and remedy; nothing is run or recorded', async () => {
    const scene = createScene({
      program: `program: demo
name: Demo
calendar: { zone: Europe/Berln }
people:
  lead-a: { name: Lead A, rolls: [phase-lead] }
sources:
  git: { collect: gti }
streams:
  reader: { name: Reader, lead: lead-x, branch: "--output=x" }
  writer: { name: Writer, lead: lead-a, branch: feature/writer }
checkpoints:
  week1:
    name: Week one
    at: 2026-02-29 16:00
    weekday: monday
    criteria:
      tests: { metric: tests.ratio, atLeast: 170%, tier: critcal }
name: Again
`,
    })
    for (const argv of [['check'], ['trust', '--yes'], ['checkin', '--done', 'all'], ['config', 'print']]) {
      const { code, out, err } = await scene.muster(argv)
      expect([argv, code, out]).toEqual([argv, 2, ''])
      const found = [...err.matchAll(/^muster\.yaml:(\d+):\d+ error: .+ \(([a-z-]+)\)\n {2}\S.*$/gm)].map(
        ([, line, problem]) => `${line} ${problem}`,
      )
      expect(found).toEqual([
        '3 unknown-zone',
        '5 unknown-key',
        '7 unknown-collector',
        '9 unknown-person',
        '9 invalid-branch',
        '14 invalid-date',
        '17 invalid-value',
        '18 duplicate-key',
      ])
      expect(err).toMatch(/8 mistakes in the program file; nothing was run\n$/)
    }
    expect(existsSync(scene.path('.muster'))).toBe(false)
  })

  test.each<readonly [string, string | Buffer, RegExp]>([
    ['empty', '', /:1:1 error: the file is empty \(yaml-syntax\)/],
    ['HTML', '<!DOCTYPE html><html></html>', /:1:1 error: the file is HTML or XML, not a mapping/],
    ['UTF-16', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(PROGRAM, 'utf16le')]), /UTF-16; save it as UTF-8/],
    ['not UTF-8', Buffer.from([0x70, 0x3a, 0x20, 0xff, 0xfe, 0x0a]), /not valid UTF-8/],
    ['with NUL bytes', `${PROGRAM}\u0000`, /NUL bytes/],
    ['a list', '- program: demo\n', /:1:1 error: the file is a list/],
    ['cut in the middle', PROGRAM.slice(0, 200), /:\d+:\d+ error: /],
    ['nested 100,000 deep', `program: ${'['.repeat(100_000)}`, /nested too deeply|yaml-syntax/],
    ['with aliases that grow', `a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n`, /:2:\d+ error: \*a refers to another place \(yaml-alias\)/],
    ['of two documents', `${PROGRAM}---\n${PROGRAM}`, /error: a second document begins here/],
    ['with an explicit tag', PROGRAM.replace('name: Demo', 'name: !!js/function "x"'), /yaml-tag/],
    ['with a prototype key', PROGRAM.replace('people:\n', 'people:\n  __proto__: { name: Nobody }\n'), /__proto__ cannot be a key/],
  ])('one that is %s', async (_what, content, message) => {
    const scene = createScene()
    writeFileSync(scene.path('muster.yaml'), content)
    const { code, out, err } = await scene.muster(['check'])
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(message)
    expect(err).not.toMatch(/bug|\n {4}at /)
  })

  test('what stands in it does not reach the terminal raw, not even as a mistake', async () => {
    const evil = String.raw`\e[2J\e]0;owned\a\u202Eevil\r\nmuster.yaml:1:1 error: forged (forged)`
    const scene = createScene({
      program: PROGRAM.replace('Europe/Berlin', `"${evil}"`)
        .replace('lead: lead-a', `lead: "${evil.slice(0, 40)}"`)
        .replace('collect: junit', `"${evil}": 1, collect: "${evil}"`),
    })
    for (const argv of [['check'], ['config', 'check'], ['config', 'check', '--format', 'json'], ['doctor']]) {
      const { out, err } = await scene.muster(argv)
      expect([argv, RAW.exec(out)?.[0], RAW.exec(err)?.[0]]).toEqual([argv, undefined, undefined])
      expect(`${out}${err}`).not.toMatch(/^muster\.yaml:1:1 error: forged/m)
    }
  })
})

describe('names that others chose', () => {
  const EVIL = String.raw`\e[31mRed\e[0m \u202Eevil\u202C <img src=x onerror=alert(1)> [x](javascript:alert(1)) | @everyone\r\n::error::forged\r\n# forged`

  test('reach no terminal, page or log as anything but text, in any format', async () => {
    const title = `"${EVIL}"`
    const program = PROGRAM.replace('name: Demo', `name: ${title}`)
      .replace('name: Reader\n', `name: ${title}\n`)
      .replace('name: Week one', `name: ${title}`)
      .replace('name: Lead B', `name: ${title}`)
      .replace('title: Every test passes', `title: ${title}`)
      .replace('title: Reader code', `title: ${title}`)
      .replace('run: sh build.sh', `run: "sh build.sh # ${EVIL.replaceAll(String.raw`\r\n`, ' ')}"`)
    const scene = createScene({
      program,
      writer: `mkdir -p reports
printf '<testsuite name="unit"><testcase name="&#x1b;[31m red &#x202e;&lt;script&gt;alert(1)&lt;/script&gt;"><failure message="&#xd;&#xa;::error::forged &#x202e;"/></testcase></testsuite>' | sed 's/&#x1b;/?/' > reports/junit.xml
printf '\\033[2J\\033]0;owned\\007 \\342\\200\\256 <script>alert(1)</script>\\r\\n::error::forged\\n'
exit 1
`,
    })
    scene.repository.git('checkout', '-q', 'feature/reader')
    scene.repository.commit('Evil \u001b[31m \u202e subject', { 'e\u001b[31m\u202evil.ts': 'export const one = 1\n' })
    await scene.muster(['trust', '--yes'])
    const argvs = [
      ...FORMATS.map((format) => ['check', '--format', format]),
      ...['evidence', 'evaluation', 'decision', 'actions'].map((stage) => ['check', '--dry-run', '--show', stage]),
      ['explain', 'tests'],
      ['explain', 'builds'],
      ['explain', 'builds', '--format', 'json'],
      ['explain', 'code'],
      ['trust'],
      ['trust', '--format', 'json'],
      ['status'],
      ['replay'],
      ['doctor'],
      ['config', 'print'],
      ['config', 'print', '--resolved'],
      ['config', 'print', '--format', 'json'],
    ]
    for (const argv of argvs) {
      const { code, out, err } = await scene.muster(argv)
      expect([argv, err.includes('bug'), code === 0 || code === 1]).toEqual([argv, false, true])
      expect([argv, RAW.exec(out)?.[0], RAW.exec(err)?.[0]]).toEqual([argv, undefined, undefined])
      expect([argv, /^(?:::error::forged|# forged)/m.test(out)]).toEqual([argv, false])
      if (argv.includes('html')) expect(out).not.toMatch(/<img|<script|href="javascript/i)
      if (argv.includes('markdown')) expect(out).not.toMatch(/<img|<script|(?<!\\)\]\(javascript|@everyone/)
    }
  })

  test('in a ledger that somebody else brought', async () => {
    const scene = createScene()
    await scene.muster(['check'])
    const { openSqlite } = await import('#store/sqlite.ts')
    const ledger = await openSqlite(scene.path('.muster/ledger.sqlite'))
    await ledger.append('demo', [
      {
        id: 'evil',
        at: NOW,
        actor: '\u001b[31mactor',
        type: 'blocker-opened',
        body: {
          blocker: 'b\u001b[2J',
          stream: 'writer\u001b[2J',
          title: 'evil \u001b[2J\u202e title\r\nforged',
          severity: 'high',
          impact: '\u001b[31m',
          owner: 'lead-b',
          deadline: NOW,
        },
      },
    ])
    await ledger.close()
    for (const argv of [
      ['status'],
      ['status', '--format', 'json'],
      ['blocker', 'list'],
      ['blocker', 'list', '--format', 'json'],
      ['check'],
      ['check', '--format', 'json'],
      ['check', '--format', 'markdown'],
      ['explain', 'tests'],
      ['verify'],
    ]) {
      const { out, err } = await scene.muster(argv)
      expect([argv, RAW.exec(out)?.[0], RAW.exec(err)?.[0], err.includes('bug')]).toEqual([argv, undefined, undefined, false])
      expect(out).not.toMatch(/^forged/m)
    }
  })
})

describe('secrets in what a command prints', () => {
  const SECRETS = {
    github: `ghp_${'a1B2'.repeat(9)}`,
    aws: `AKIA${'Q7ZX'.repeat(4)}`,
    slack: 'xoxb-123456789012-abcdefghijkl',
    url: 'hunter2hunter2',
    header: 'c2VjcmV0LXRva2VuLTEyMzQ1',
    own: 'quite-ordinary-words',
  }

  test('are in no report, no explanation, and not in the ledger', async () => {
    const scene = createScene({
      program: PROGRAM.replace('run: sh build.sh', 'run: sh build.sh, environment: { DEPLOY_TOKEN: "${branch}" }'),
      writer: `mkdir -p reports
cat > reports/junit.xml <<'XML'
<testsuite name="unit"><testcase name="logs in with ${SECRETS.github}"><failure message="refused ${SECRETS.slack}">Authorization: Bearer ${SECRETS.header}</failure></testcase></testsuite>
XML
echo "cloning https://robot:${SECRETS.url}@example.org/x.git"
echo "token ${SECRETS.github} and ${SECRETS.aws} and ${SECRETS.slack}"
echo "Authorization: Bearer ${SECRETS.header}"
echo "password=${SECRETS.own}"
exit 1
`,
    })
    await scene.muster(['trust', '--yes'])
    const printed: string[] = []
    for (const argv of [
      ...FORMATS.map((format) => ['check', '--format', format]),
      ['check', '--show', 'evidence'],
      ['explain', 'builds'],
      ['explain', 'tests', '--format', 'json'],
      ['status'],
    ]) {
      const { code, out, err } = await scene.muster(argv)
      expect([argv, code === 0 || code === 1]).toEqual([argv, true])
      printed.push(out, err)
    }
    const everything = [...printed, ledgerBytes(scene)].join('\n')
    expect(everything).toContain('[redacted]')
    for (const [name, secret] of Object.entries(SECRETS)) expect([name, everything.includes(secret)]).toEqual([name, false])
  })
})
