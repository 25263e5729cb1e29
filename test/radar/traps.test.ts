import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openMirror } from '#collect/git/mirror.ts'
import type { Probed, Prober, ProbeSubject } from '#core/merge/probe.ts'
import { temporaryFolder, testRepository, type TestRepository } from '../collect/git-repository.ts'
import { cleanEnvironment } from './git.ts'
import { generateHistory } from './generate.ts'
import { writeRepository } from './history.ts'
import { compare, judge } from './judge.ts'
import { openOracle } from './oracle.ts'

const proberOf = async (from: string): Promise<{ prober: Prober; refresh: () => Promise<void> }> => {
  const mirror = await openMirror({ folder: join(temporaryFolder(), 'mirror'), from })
  onTestFinished(() => mirror.close())
  return { prober: await mirror.prober(), refresh: () => mirror.refresh() }
}

const oracleOf = async (gitFolder: string) => {
  const oracle = await openOracle(gitFolder)
  onTestFinished(() => oracle.close())
  return oracle
}

const probe = async (prober: Prober, target: string, streams: readonly ProbeSubject[]): Promise<Probed> =>
  prober.probe({ target, streams, signal: new AbortController().signal })

const verdicts = ({ pairs }: Probed): Readonly<Record<string, string>> =>
  Object.fromEntries(pairs.map(({ a, b, verdict }) => [`${a} ${b}`, verdict]))
const states = ({ streams }: Probed): Readonly<Record<string, string>> => Object.fromEntries(streams.map(({ id, state }) => [id, state]))

/** Branches off main, each one commit with these files; `main` is checked out again. */
const branches = (
  repository: TestRepository,
  all: Readonly<Record<string, Parameters<TestRepository['commit']>[1]>>,
): readonly ProbeSubject[] =>
  Object.entries(all).map(([id, files]) => {
    repository.git('checkout', '-q', '--detach', 'main')
    const commit = repository.commit(id, files)
    repository.git('update-ref', `refs/heads/${id}`, commit)
    repository.git('checkout', '-q', 'main')
    return { id, commit }
  })

const TEXT = Array.from({ length: 20 }, (_, index) => `line ${index}\n`)
const changed = (...lines: readonly number[]): string =>
  TEXT.map((line, index) => (lines.includes(index) ? `changed ${lines.join()}\n` : line)).join('')

test('attributes and drivers of the repository neither run nor decide', async () => {
  const folder = temporaryFolder()
  const mark = join(folder, 'ran')
  const driver = join(folder, 'driver')
  writeFileSync(driver, `#!/bin/sh\ntouch '${mark}'\nexit 0\n`)
  chmodSync(driver, 0o755)
  const repository = testRepository(join(folder, 'source'))
  repository.commit('begin', { '.gitattributes': '* merge=union\n*.ts merge=evil\n', 'a.ts': TEXT.join(''), 'b.txt': TEXT.join('') })
  const streams = branches(repository, {
    one: { 'a.ts': changed(3), 'b.txt': changed(3) },
    two: { 'a.ts': changed(3, 4), 'b.txt': changed(3, 4) },
    // An attribute that only a stream has.
    three: { '.gitattributes': '* merge=ours -text eol=crlf\n*.txt merge=evil\n', 'b.txt': changed(4) },
  })
  for (const [name, value] of Object.entries({
    'core.attributesFile': join(folder, 'attributes'),
    'merge.evil.driver': `${driver} %A %O %B`,
    'merge.default': 'evil',
    'merge.renormalize': 'true',
  })) {
    repository.git('config', name, value)
  }
  writeFileSync(join(folder, 'attributes'), '* merge=evil\n')
  writeFileSync(join(repository.folder, '.git/info/attributes'), '* merge=evil\n')

  const { prober } = await proberOf(repository.folder)
  const probed = await probe(prober, repository.git('rev-parse', 'main'), streams)
  expect(verdicts(probed)).toEqual({ 'one two': 'conflicted', 'one three': 'conflicted', 'two three': 'conflicted' })
  expect(probed.pairs[0]?.files.map(({ path }) => path)).toEqual(['a.ts', 'b.txt'])
  await prober.describe(probed, new AbortController().signal)
  await prober.land({ target: repository.git('rev-parse', 'main'), streams, signal: new AbortController().signal })
  expect(existsSync(mark)).toBe(false)

  // The trap is real: git itself, run inside, merges what conflicts, and runs the driver.
  repository.git('merge', '-q', '--no-edit', 'one')
  repository.git('merge', '-q', '--no-edit', 'two')
  expect(existsSync(mark)).toBe(true)
})

test('20,000 changed files in one branch', async () => {
  const paths = Array.from({ length: 20_000 }, (_, index) => `d${index % 100}/f${index}`)
  const files = Object.fromEntries(paths.map((path) => [path, `${path}\n`]))
  const folder = join(temporaryFolder(), 'source')
  const [target = '', ...heads] = await writeRepository(
    {
      commits: [
        { parents: [], files },
        { parents: [0], files: Object.fromEntries(paths.map((path) => [path, `all ${path}\n`])) },
        { parents: [0], files: Object.fromEntries(paths.map((path) => [`moved/${path}`, `${path}\n`])) },
        { parents: [0], files: { ...files, 'd7/f7': 'one\n' } },
        { parents: [0], files: { ...files, 'd9/new': 'new\n' } },
        { parents: [0], files: { ...files, other: 'other\n' } },
      ],
      questions: [],
    },
    folder,
  )
  const { prober } = await proberOf(folder)
  const streams = heads.map((commit, at) => ({ id: `s${at}`, commit }))
  const { wrong, probed } = await compare(prober, await oracleOf(folder), { target, streams }, { batch: true })
  expect(wrong).toEqual([])
  expect(probed && states(probed)).toEqual({ s0: 'clean', s1: 'clean', s2: 'clean', s3: 'clean', s4: 'clean' })
  expect(probed?.pairs.find(({ a, b }) => a === 's0' && b === 's2')?.files).toMatchObject([{ path: 'd7/f7', kind: 'content' }])
})

test('one line of 20 MB, and a text of 34 MB', async () => {
  const line = 'x'.repeat(20_000_000)
  // Above the size from which a diff takes a file for binary; a merge does not.
  const long = Array.from({ length: 340_000 }, (_, index) => `${String(index).padStart(99, '.')}\n`)
  const files = { line, 'near line': `first\n${line}\nlast\n`, long: long.join('') }
  const folder = join(temporaryFolder(), 'source')
  const [target = '', ...heads] = await writeRepository(
    {
      commits: [
        { parents: [], files },
        { parents: [0], files: { ...files, line: `${line}1`, 'near line': `1\n${line}\nlast\n`, long: long.with(5, 'one\n').join('') } },
        { parents: [0], files: { ...files, 'near line': `first\n${line}\n2\n`, long: long.with(300_000, 'two\n').join('') } },
        { parents: [0], files: { ...files, line: `${line}3` } },
        { parents: [0], files: { ...files, long: long.with(6, 'four\n').join('') } },
      ],
      questions: [],
    },
    folder,
  )
  const { prober } = await proberOf(folder)
  const streams = heads.map((commit, at) => ({ id: `s${at}`, commit }))
  expect(verdicts(await probe(prober, target, streams))).toEqual({ 's0 s2': 'conflicted', 's0 s3': 'conflicted' })
})

test('names full of quotes, dashes and line feeds are names and nothing else', async () => {
  const repository = testRepository(join(temporaryFolder(), 'source'))
  repository.commit('begin', { 'a "b"\n--output=x': TEXT.join(''), '-rf': TEXT.join('') })
  const names = ['--upload-pack=x', '-', `it's "quoted"`.replaceAll(' ', '_'), 'caf\u{e9}/\u{202e}rtl', '$(touch_ran)', 'a;b|c&d']
  const streams = branches(
    repository,
    Object.fromEntries(names.map((name, at) => [name, { 'a "b"\n--output=x': changed(3), '-rf': changed(3 * at + 1) }])),
  )
  const { prober } = await proberOf(repository.folder)
  const target = repository.git('rev-parse', 'main')
  // An id is not a ref: git would not take these.
  const odd = streams.map(({ id, commit }) => ({ id: `${id}\n${target} ~^:`, commit }))
  for (const asked of [streams, odd]) {
    const { wrong, probed } = await compare(
      prober,
      await oracleOf(join(repository.folder, '.git')),
      { target, streams: asked },
      { batch: false },
    )
    expect(wrong).toEqual([])
    expect(probed?.pairs).toEqual([])
  }
  const named = await compare(
    prober,
    await oracleOf(join(repository.folder, '.git')),
    { target, streams: [...odd, ...branches(repository, { last: { 'a "b"\n--output=x': changed(4) } })] },
    { batch: false },
  )
  expect(named.wrong).toEqual([])
  expect(named.probed?.pairs.map(({ files }) => files[0]?.path)).toEqual(names.map(() => 'a "b"\n--output=x'))
})

test('a branch that is pushed anew while the radar runs changes nothing of the answer', async () => {
  const history = generateHistory(0)
  const folder = join(temporaryFolder(), 'source')
  const commits = await writeRepository(history, folder)
  const question = history.questions.at(-1)
  const target = commits[question?.target ?? 0] ?? ''
  const streams = (question?.heads ?? []).map((head, at) => ({ id: `s${at}`, commit: commits[head] ?? '' }))
  const { prober, refresh } = await proberOf(folder)
  const move = async (): Promise<void> => {
    for (const [index] of commits.entries()) {
      spawnSync('git', ['update-ref', `refs/heads/c${index}`, commits[0] ?? ''], { cwd: folder, env: cleanEnvironment() })
      await refresh()
    }
  }
  const [{ wrong, answer }] = await Promise.all([compare(prober, await oracleOf(folder), { target, streams }, { batch: true }), move()])
  expect(wrong).toEqual([])
  expect(answer.pairs.length).toBeGreaterThan(5)
})

test('what is lost or foreign is unavailable, and the rest is answered', async () => {
  const repository = testRepository(join(temporaryFolder(), 'source'))
  repository.commit('begin', { a: TEXT.join(''), b: TEXT.join(''), 'd/c': TEXT.join('') })
  const streams = [
    ...branches(repository, {
      one: { a: changed(3) },
      two: { a: changed(4) },
      'lost-blob': { b: `lost\n${changed(3)}` },
      'beside-lost-blob': { b: changed(9) },
      'lost-tree': { 'd/c': changed(3) },
      three: { a: changed(12), 'd/c': changed(9) },
    }),
  ]
  repository.git('checkout', '-q', '--orphan', 'foreign')
  streams.push({ id: 'foreign', commit: repository.commit('foreign', { f: 'f\n' }) })
  streams.push({ id: 'lost-commit', commit: 'c'.repeat(40) })
  for (const object of ['lost-blob:b', 'lost-tree:d']) {
    const oid = repository.git('rev-parse', object)
    rmSync(join(repository.folder, '.git/objects', oid.slice(0, 2), oid.slice(2)))
  }
  const { prober } = await proberOf(repository.folder)
  const probed = await probe(prober, repository.git('rev-parse', 'main'), streams)
  expect(states(probed)).toEqual({
    one: 'clean',
    two: 'clean',
    'lost-blob': 'clean',
    'beside-lost-blob': 'clean',
    'lost-tree': 'unavailable',
    three: 'clean',
    foreign: 'unavailable',
    'lost-commit': 'unavailable',
  })
  expect(verdicts(probed)).toEqual({ 'one two': 'conflicted', 'lost-blob beside-lost-blob': 'unavailable' })
  for (const { state, reason } of probed.streams) expect(reason === undefined).toBe(state !== 'unavailable')
  expect(probed.pairs.find(({ verdict }) => verdict === 'unavailable')?.reason).toMatch(/\w/)
  await expect(probe(prober, 'c'.repeat(40), streams)).rejects.toThrow(/\w/)
})

test('a shallow clone answers for what it holds', async () => {
  const folder = temporaryFolder()
  const history = generateHistory(17)
  const commits = await writeRepository(history, join(folder, 'source'))
  const clone = join(folder, 'clone')
  const { status } = spawnSync(
    'git',
    ['clone', '-q', '--bare', '--no-single-branch', '--depth=2', `file://${join(folder, 'source')}`, clone],
    {
      env: cleanEnvironment(),
    },
  )
  expect(status).toBe(0)
  const question = history.questions.at(-1)
  const streams = (question?.heads ?? []).map((head, at) => ({ id: `s${at}`, commit: commits[head] ?? '' }))
  const { prober } = await proberOf(clone)
  const { wrong, answer } = await compare(
    prober,
    await oracleOf(clone),
    { target: commits[question?.target ?? 0] ?? '', streams },
    { batch: false },
  )
  expect(wrong).toEqual([])
  expect(answer.streams.filter(({ state }) => state !== 'unavailable')).not.toEqual([])
})

test.each([1, 11, 23])('a repository of sha256, seed %i', async (seed) => {
  const judged = await judge(generateHistory(seed), { batch: true, format: 'sha256' })
  expect(judged.wrong).toEqual([])
  expect(judged.pairs).toBeGreaterThan(5)
})

const files = (folder: string): readonly string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()

test('neither the repository nor the mirror keeps an object of it', async () => {
  const history = generateHistory(0)
  const source = join(temporaryFolder(), 'source')
  const commits = await writeRepository(history, source)
  const question = history.questions.at(-1)
  const target = commits[question?.target ?? 0] ?? ''
  const streams = (question?.heads ?? []).map((head, at) => ({ id: `s${at}`, commit: commits[head] ?? '' }))
  const { signal } = new AbortController()
  const folder = join(temporaryFolder(), 'mirror')
  const mirror = await openMirror({ folder, from: source })
  const before = [files(source), files(folder)]
  const prober = await mirror.prober()
  const probed = await probe(prober, target, streams)
  expect(probed.effort.byGit).toBeGreaterThan(0)
  await prober.describe(probed, signal)
  await prober.land({ target, streams, signal })
  await prober.close()
  await mirror.close()
  expect([files(source), files(folder)]).toEqual(before)
})

test('nor when it is killed at work', async () => {
  const history = generateHistory(0)
  const source = join(temporaryFolder(), 'source')
  const commits = await writeRepository(history, source)
  const question = history.questions.at(-1)
  const asked = {
    target: commits[question?.target ?? 0] ?? '',
    streams: (question?.heads ?? []).map((head, at) => ({ id: `s${at}`, commit: commits[head] ?? '' })),
  }
  const folder = join(temporaryFolder(), 'mirror')
  await (await openMirror({ folder, from: source })).close()
  const before = [files(source), files(folder)]
  const code = `
    import { openMirror } from '#collect/git/mirror.ts'
    const mirror = await openMirror(${JSON.stringify({ folder, from: source })})
    const prober = await mirror.prober()
    const asked = { ...${JSON.stringify(asked)}, signal: new AbortController().signal }
    await prober.probe(asked)
    process.stdout.write('probed')
    for (;;) await prober.land(asked)`
  const child = spawn(process.execPath, ['-C', 'source', '--input-type=module', '-e', code], {
    cwd: join(import.meta.dirname, '../..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'close')
  expect([files(source), files(folder)]).toEqual(before)
})
