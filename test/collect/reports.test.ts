import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { collector } from '#collect/junit/index.ts'
import type { Present } from './command-repository.ts'
import type { Asked, ReportScene } from './report-scene.ts'
import { createReportScene, factOf, shown } from './report-scene.ts'

const ONE = '<testsuite><testcase name="a"/></testsuite>\n'
const TWO = '<testsuite><testcase name="a"/><testcase name="b"/></testsuite>\n'

let scene: ReportScene
let head: Present
let asked: Asked

beforeAll(async () => {
  scene = await createReportScene()
  head = await scene.commit({ 'a.txt': 'a\n' })
})
afterAll(() => scene.close())
beforeEach(() => {
  rmSync(scene.folder, { recursive: true, force: true })
  mkdirSync(scene.folder)
  asked = scene.asked(head)
})

function put(path: string, content: string): string {
  const full = join(scene.folder, path)
  mkdirSync(dirname(full), { recursive: true })
  writeFileSync(full, content)
  return full
}

const collect = (files: string | string[], more: Parameters<Asked['request']>[1] = {}) =>
  collector.collect(asked.request({ files }, more), asked.context)
const total = async (...args: Parameters<typeof collect>) => factOf(await collect(...args), 'total')

// Files on disk

test('a path that names the commit binds the report to it', async () => {
  put(`reports/${head.commit}/junit.xml`, ONE)
  const fact = await total(`reports/${head.commit}/*.xml`, { bound: true })
  expect(fact).toMatchObject({ status: 'observed', value: 1, provenance: 'measured', source: `reports/${head.commit}/junit.xml` })
  expect(fact).not.toHaveProperty('commit')
  expect(fact.sha256).toBe(createHash('sha256').update(ONE).digest('hex'))
})

test('a path that names no commit leaves the report without one', async () => {
  put('reports/junit.xml', ONE)
  const fact = await total('reports/junit.xml')
  expect(fact).toMatchObject({ status: 'observed', value: 1, commit: null, tree: null })
  expect(fact.reason).toMatch(/nothing says which commit/)
})

test('a file beside one that is bound is not bound by it', async () => {
  put(`reports/${head.commit}.xml`, ONE)
  put('reports/other.xml', ONE)
  expect(await total([`reports/${head.commit}.xml`, 'reports/other.xml'], { bound: true })).toMatchObject({ commit: null, tree: null })
})

test('a file that holds the commit, or a property of the report, binds it', async () => {
  put('beside.xml', ONE)
  put('beside.xml.commit', `${head.commit}\n`)
  expect(await total('beside.xml')).not.toHaveProperty('commit')
  put('inside.xml', ONE.replace('<testcase', `<properties><property name="muster.tree" value="${head.tree}"/></properties><testcase`))
  expect(await total('inside.xml')).not.toHaveProperty('commit')
})

test('what a report says of itself outweighs its path', async () => {
  const other = '1'.repeat(40)
  put(`${head.commit}.xml`, ONE.replace('<testcase', `<properties><property name="muster.commit" value="${other}"/></properties><testcase`))
  expect(await total(`${head.commit}.xml`, { bound: true })).toMatchObject({ status: 'observed', commit: other, tree: null })
})

test('a commit that a rebase left behind keeps its tree', async () => {
  const work = join(scene.scene.folder, 'work')
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', work, '-c', 'user.name=lead-a', '-c', 'user.email=lead-a@example.org', ...args], { encoding: 'utf8' }).trim()
  const before = await scene.commit({ 'a.txt': 'b\n' })
  git('branch', 'kept')
  git('commit', '--quiet', '--amend', '--message=said in other words', '--date=2026-01-01T00:00:00Z')
  const after = await scene.commit({ 'a.txt': 'b\n' })
  asked = scene.asked(after)
  put('junit.xml', ONE)
  put('junit.xml.commit', before.commit)
  expect(await total('junit.xml')).toMatchObject({ commit: before.commit, tree: after.tree })
})

test('what is no commit, or several, is none', async () => {
  put('junit.xml', ONE)
  put('junit.xml.commit', 'main\n')
  expect((await total('junit.xml')).reason).toBe('the report says it is about "main", which is no object id')
  put('a.xml', ONE)
  put('b.xml', ONE)
  put('a.xml.commit', '1'.repeat(40))
  put('b.xml.commit', '2'.repeat(40))
  expect(await total(['a.xml', 'b.xml'])).toMatchObject({ commit: null, reason: expect.stringContaining('different commits') })
})

test('a report on disk is as old as its file', async () => {
  const path = put('junit.xml', ONE)
  utimesSync(path, new Date('2026-02-01T10:00:00Z'), new Date('2026-02-01T10:00:00Z'))
  expect(await total('junit.xml')).toMatchObject({ observedAt: '2026-02-01T10:00:00.000Z' })
})

test('several files add up under one digest that does not depend on their order', async () => {
  put('x/b.xml', ONE)
  put('x/a.xml', TWO)
  const both = await total(['x/b.xml', 'x/a.xml'])
  expect(both).toMatchObject({ value: 3, source: 'x/a.xml, x/b.xml' })
  expect((await total('x/*.xml')).sha256).toBe(both.sha256)
  put('x/b.xml', TWO)
  expect((await total('x/*.xml')).sha256).not.toBe(both.sha256)
})

test('one broken file of several spoils them all', async () => {
  put('x/a.xml', ONE)
  put('x/b.xml', '<testsuite>')
  expect(shown(await collect('x/*.xml'))).toMatchObject({
    total: 'errored: x/b.xml:1:11: the file ends before </testsuite>: it is truncated',
    ratio: expect.stringMatching(/^errored/),
  })
})

test('no file is missing evidence, for every fact', async () => {
  for (const value of Object.values(shown(await collect('reports/*.xml')))) expect(value).toBe('missing: no file matches reports/*.xml')
  expect(await collect('reports/*.xml')).toHaveLength(14)
})

test('an absent branch is missing evidence with its reason', async () => {
  put('junit.xml', ONE)
  expect(shown(await collect('junit.xml', { state: { state: 'absent', reason: 'there is no branch x' } }))['total']).toBe(
    'missing: there is no branch x',
  )
})

test('folders that no pattern means are not looked into', async () => {
  put('.git/junit.xml', ONE)
  put('node_modules/x/junit.xml', ONE)
  expect((await total('**/junit.xml')).status).toBe('missing')
  expect((await total('node_modules/**/junit.xml')).status).toBe('observed')
})

test.each([
  ['../outside.xml', /has no "\.\."/],
  ['a/../../outside.xml', /has no "\.\."/],
  ['/etc/passwd', /relative/],
  ['a\\b.xml', /backslash/],
])('the pattern %s is refused', async (pattern, reason) => {
  writeFileSync(join(scene.scene.folder, 'outside.xml'), ONE)
  const fact = await total(pattern)
  expect(fact.status).toBe('errored')
  expect(fact.reason).toMatch(reason)
})

test('links out of the folder are refused, links within it are followed', async () => {
  writeFileSync(join(scene.scene.folder, 'outside.xml'), ONE)
  symlinkSync('../outside.xml', join(scene.folder, 'file.xml'))
  expect(shown(await collect('file.xml'))['total']).toBe('errored: file.xml is a link that leads out of the folder')
  symlinkSync('..', join(scene.folder, 'up'))
  expect((await total('up/outside.xml')).status).toBe('errored')
  expect((await total('**/outside.xml')).status).toBe('missing')
  symlinkSync('nowhere', join(scene.folder, 'dangling.xml'))
  expect((await total('dangling.xml')).status).toBe('errored')
  put('real/junit.xml', ONE)
  symlinkSync('real', join(scene.folder, 'latest'))
  symlinkSync('.', join(scene.folder, 'real/self'))
  expect(await total('latest/junit.xml')).toMatchObject({ value: 1 })
  expect(await total('**/junit.xml')).toMatchObject({ value: 1 })
})

test('a pipe is refused without waiting for it', async () => {
  execFileSync('mkfifo', [join(scene.folder, 'pipe.xml')])
  expect(shown(await collect('*.xml'))['total']).toBe('errored: pipe.xml is no regular file')
})

test('a file over the limit is refused before it is read', async () => {
  truncateSync(put('large.xml', ''), 2 ** 30 + 1)
  expect((await total('large.xml')).reason).toBe('large.xml: it has 1073741825 bytes, and at most 1073741824 are read')
})

test('when the time is over, nothing is half counted', async () => {
  put('junit.xml', ONE)
  const controller = new AbortController()
  controller.abort()
  const facts = await collector.collect(asked.request({ files: 'junit.xml' }), { ...asked.context, signal: controller.signal })
  expect(facts.every((fact) => fact.status === 'errored' && /time limit/.test(fact.reason ?? ''))).toBe(true)
})

// Files a command made

const from = (asked: Asked, files = 'reports/junit.xml') => collector.collect(asked.request({ from: 'tests', files }), asked.context)
const write = (text: string) => `mkdir -p reports && printf '%s\\n' '${text.trim()}' > reports/junit.xml`

test('a report that the command made is about the head', async () => {
  const run = await scene.run({ 'a.txt': 'a\n' }, write(ONE))
  const fact = factOf(await from(run), 'total')
  expect(fact).toMatchObject({ status: 'observed', value: 1, provenance: 'measured' })
  expect(fact).not.toHaveProperty('commit')
  expect(fact).not.toHaveProperty('observedAt')
})

test('a report that was committed and left as it was does not count', async () => {
  const run = await scene.run({ 'reports/junit.xml': TWO }, 'true')
  expect(shown(await from(run))['total']).toBe('missing: the command did not make reports/junit.xml: the file was there before it ran')
})

test('a committed report behind a committed link does not count either', async () => {
  const run = await scene.run({ 'kept/junit.xml': TWO, 'reports/junit.xml': { link: '../kept/junit.xml' } }, 'true')
  expect(shown(await from(run))['total']).toMatch(/^missing: the command did not make/)
})

test('a committed report that attributes would rewrite in the checkout does not count either', async () => {
  const run = await scene.run({ 'reports/junit.xml': TWO, '.gitattributes': '*.xml text eol=crlf ident\n' }, 'true')
  expect(shown(await from(run))['total']).toMatch(/^missing: the command did not make/)
})

test('a committed report that the command wrote anew counts as new', async () => {
  const run = await scene.run({ 'reports/junit.xml': TWO }, write(ONE))
  expect(factOf(await from(run), 'total')).toMatchObject({ value: 1 })
})

test('of several files only those that the command made count, and the others are named', async () => {
  const run = await scene.run({ 'reports/old.xml': TWO }, write(ONE))
  expect(factOf(await from(run, 'reports/*.xml'), 'total')).toMatchObject({
    value: 1,
    reason: 'left out, because the command did not make it: reports/old.xml',
  })
})

test('a report older than the start of the command does not count', async () => {
  const run = await scene.run({ 'a.txt': 'a\n' }, `${write(ONE)} && touch -d 2001-01-01T00:00:00Z reports/junit.xml`, {
    startedAt: '2026-01-01T00:00:00.000Z',
  })
  expect(shown(await from(run))['total']).toMatch(/^missing: the command did not make/)
})

test('a command that made no report says how it ended, and where to read on', async () => {
  const failed = await scene.run({ 'a.txt': 'a\n' }, 'no-such-tool')
  expect(shown(await from(failed))['total']).toBe(
    'missing: no file matches reports/junit.xml: the command of tests ended with exit code 127, see `muster evidence show tests.passed`',
  )
  const silent = await scene.run({ 'a.txt': 'a\n' }, 'true')
  expect(shown(await from(silent))['total']).toBe('missing: no file matches reports/junit.xml, though the command of tests ended well')
})

test('a command that was not trusted leaves the evidence missing, with the reason', async () => {
  expect(shown(await from(await scene.run({ 'a.txt': 'a\n' }, write(ONE), { trusted: false })))['total']).toMatch(
    /^missing: source tests did not run: nobody on this machine has trusted/,
  )
})

test('a command that ran out of time leaves no evidence, however good its report looks', async () => {
  const run = await scene.run({ 'a.txt': 'a\n' }, `${write(ONE)}; sleep 30`, { timeLimitSeconds: 1 })
  expect(shown(await from(run))['total']).toMatch(/^errored: source tests was stopped, so its reports may not be whole: /)
})

test('a source that ran nothing for the subject is missing evidence', async () => {
  expect(shown(await from(asked))['total']).toBe('missing: source tests ran no command for program')
})

test('a command that failed without a failing case is no proof that all passed', async () => {
  const run = await scene.run({ 'a.txt': 'a\n' }, `${write(ONE)}; exit 7`)
  expect(shown(await from(run))).toMatchObject({
    total: 1,
    passed: 1,
    failed: 'inconclusive: the command ended with exit code 7, and its report shows no failed case',
    ratio: 'inconclusive: the command ended with exit code 7, and its report shows no failed case',
  })
})

test('a command that failed with a failing case is what it is', async () => {
  const run = await scene.run(
    { 'a.txt': 'a\n' },
    `${write('<testsuite><testcase name="a"/><testcase name="b"><failure/></testcase></testsuite>')}; exit 1`,
  )
  expect(shown(await from(run))).toMatchObject({ total: 2, passed: 1, failed: 1, ratio: 0.5 })
})
