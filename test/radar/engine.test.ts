import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Mirror, openMirror } from '#collect/git/mirror.ts'
import type { Probed, Prober, ProbeSubject } from '#core/merge/probe.ts'
import { streamSubject, type SubjectState } from '#core/evidence/evidence.ts'
import type { Program } from '#core/program/model.ts'
import { probeStreams } from '#engine/probe.ts'
import { temporaryFolder, type TestRepository, testRepository } from '../collect/git-repository.ts'

const { signal } = new AbortController()
const TEXT = Array.from({ length: 30 }, (_, index) => `line ${index + 1}\n`)
const text = (changes: Readonly<Record<number, string>> = {}): string => TEXT.map((line, index) => changes[index + 1] ?? line).join('')

interface Scene {
  readonly repository: TestRepository
  readonly mirror: Mirror
  readonly prober: Prober
  /** Commits on a branch from `main` (or from `start`), as often as there are files; `main` is checked out again. */
  readonly branch: (id: string, commits: readonly Parameters<TestRepository['commit']>[1][], start?: string) => ProbeSubject
  readonly probe: (streams: readonly ProbeSubject[]) => Promise<Probed>
}

const sceneOf = async (files: Parameters<TestRepository['commit']>[1]): Promise<Scene> => {
  const folder = temporaryFolder()
  const repository = testRepository(join(folder, 'source'))
  repository.commit('begin', files)
  const mirror = await openMirror({ folder: join(folder, 'mirror'), from: repository.folder })
  onTestFinished(() => mirror.close())
  const prober = await mirror.prober()
  return {
    repository,
    mirror,
    prober,
    branch(id, commits, start = 'main') {
      repository.git('checkout', '-q', '-b', id, start)
      for (const [index, changed] of commits.entries()) repository.commit(`${id} ${index + 1}`, changed)
      const commit = repository.git('rev-parse', 'HEAD')
      repository.git('checkout', '-q', 'main')
      return { id, commit }
    },
    probe: (streams) => prober.probe({ target: repository.git('rev-parse', 'main'), streams, signal }),
  }
}

const kinds = ({ pairs }: Probed) => pairs.flatMap(({ a, b, files }) => files.map(({ path, kind }) => `${a} ${b}: ${kind} ${path}`))

test('each kind of conflict is told by its name, and what the path does not show in git’s words with the names of the streams', async () => {
  const scene = await sceneOf({ a: text(), gone: text(), moved: text(), bin: '\0one', 'dir/f': text() })
  const { repository, branch } = scene
  const streams = [
    branch('content-1', [{ a: text({ 4: 'x\n' }) }]),
    branch('content-2', [{ a: text({ 5: 'y\n' }) }]),
    branch('add-1', [{ new: 'one\n' }]),
    branch('add-2', [{ new: 'two\n' }]),
    branch('delete', [{ gone: undefined }]),
    branch('modify', [{ gone: text({ 4: 'x\n' }) }]),
    branch('rename-1', [{ moved: undefined, here: text() }]),
    branch('rename-2', [{ moved: undefined, there: text() }]),
    branch('binary-1', [{ bin: '\0two' }]),
    branch('binary-2', [{ bin: '\0three' }]),
    branch('folder', [{ 'place/in': 'x\n' }]),
    branch('file', [{ place: 'y\n' }]),
    branch('moves-folder', [{ 'dir/f': undefined, 'else/f': text() }]),
    branch('adds-to-it', [{ 'dir/g': 'new\n' }]),
  ]
  for (const [id, oid] of [['module-1', '1'.repeat(40)] as const, ['module-2', '2'.repeat(40)] as const]) {
    repository.git('checkout', '-q', '-b', id, 'main')
    repository.git('update-index', '--add', '--cacheinfo', `160000,${oid},module`)
    repository.git('commit', '-q', '-m', id)
    streams.push({ id, commit: repository.git('rev-parse', 'HEAD') })
    repository.git('checkout', '-q', '-f', 'main')
  }
  repository.git('checkout', '-q', '-b', 'link', 'main')
  repository.link('mode', 'a')
  streams.push({ id: 'link', commit: repository.commit('link', {}) })
  repository.git('checkout', '-q', 'main')
  streams.push(branch('no-link', [{ mode: 'text\n' }]))

  const probed = await scene.probe(streams)
  expect(kinds(probed)).toEqual([
    'content-1 content-2: content a',
    'add-1 add-2: add/add new',
    'delete modify: modify/delete gone',
    'rename-1 rename-2: rename here',
    'rename-1 rename-2: rename moved',
    'rename-1 rename-2: rename there',
    'binary-1 binary-2: binary bin',
    'folder file: directory place',
    'moves-folder adds-to-it: directory else/g',
    'module-1 module-2: submodule module',
    'link no-link: mode mode',
  ])
  const detail = (id: string) => probed.pairs.find(({ a }) => a === id)?.files[0]?.detail
  expect(detail('rename-1')).toBe('moved renamed to here in rename-1 and to there in rename-2.')
  expect(detail('moves-folder')).toMatch(/^dir\/g added in adds-to-it inside a directory that was renamed in moves-folder/)
  expect(detail('content-1')).toBeUndefined()
})

test('the regions of both sides, and the commits since which they conflict without interruption', async () => {
  const scene = await sceneOf({ a: text(), b: text() })
  const one = scene.branch('one', [
    { a: text({ 10: 'first try\n' }) },
    { a: text({ 25: 'elsewhere\n' }) },
    { a: text({ 10: 'ten\n', 25: 'elsewhere\n' }) },
    { a: text({ 10: 'ten\n', 25: 'elsewhere\n' }), b: text({ 1: 'b\n' }) },
    { a: text({ 2: 'two\nand a half\n', 10: 'ten\n', 25: 'elsewhere\n' }) },
  ])
  const two = scene.branch('two', [{ a: text({ 9: '', 10: 'TEN\n' }), b: undefined }])
  const described = await scene.prober.describe(await scene.probe([one, two]), signal)
  const commit = (id: string, back: number) => scene.repository.git('rev-parse', `${id}~${back}`)
  expect(described.pairs).toMatchObject([
    {
      a: 'one',
      b: 'two',
      files: [
        {
          path: 'a',
          kind: 'content',
          hunks: [
            {
              base: { line: 9, count: 2 },
              a: { line: 10, count: 2, text: ['line 9', 'ten'] },
              b: { line: 9, count: 1, text: ['TEN'] },
            },
          ],
          since: { a: { commit: commit('one', 2), subject: 'one 3' }, b: { commit: commit('two', 0), subject: 'two 1' } },
        },
        { path: 'b', kind: 'modify/delete', since: { a: { commit: commit('one', 1) }, b: { commit: commit('two', 0) } } },
      ],
    },
  ])
  expect(described.pairs[0]?.files[1]?.hunks).toBeUndefined()
})

test('what conflicts with the target is described as well, and only the stream has commits to blame', async () => {
  const scene = await sceneOf({ a: text() })
  const late = scene.branch('late', [{ a: text({ 3: 'x\n' }) }])
  scene.repository.commit('main goes on', { a: text({ 3: 'y\n' }) })
  await scene.mirror.refresh()
  const described = await scene.prober.describe(await scene.probe([late]), signal)
  expect(described.streams).toMatchObject([
    {
      state: 'conflicted',
      ahead: 1,
      files: [{ path: 'a', hunks: [{ a: { text: ['x'] }, b: { text: ['y'] } }], since: { a: { commit: late.commit } } }],
    },
  ])
  expect(described.streams[0]?.files[0]?.since?.b).toBeUndefined()
})

test('to a checkpoint a branch that was squashed has landed, whatever became of its files since; one that was taken back, or squashed in part, has not', async () => {
  const { repository, mirror, branch } = await sceneOf({ a: text(), b: text(), c: text(), d: text() })
  const squashed = branch('squashed', [{ a: text({ 4: 'x\n' }) }, { new: 'one\n' }])
  const back = branch('back', [{ b: text({ 4: 'x\n' }) }])
  const half = branch('half', [{ c: text({ 4: 'x\n' }), d: text({ 4: 'x\n' }) }])
  const states = async () => {
    await mirror.refresh()
    const streams = [squashed, back, half].map(({ id }) => ({ id, branch: id }))
    const subjects = { program: await mirror.resolve('main') } as Record<string, SubjectState>
    for (const { id, branch: name } of streams) subjects[streamSubject(id)] = await mirror.resolve(name)
    const asked = { prober: () => mirror.prober(), repository: mirror }
    const record = await probeStreams({ streams } as unknown as Program, subjects, asked, signal)
    return record?.streams.map(({ id, state }) => [id, state])
  }
  expect(await states()).toEqual([
    ['squashed', 'clean'],
    ['back', 'clean'],
    ['half', 'clean'],
  ])
  for (const id of ['squashed', 'back']) {
    repository.git('merge', '-q', '--squash', id)
    repository.commit(`squash of ${id}`, {})
  }
  repository.git('checkout', '-q', 'half', '--', 'c')
  repository.commit('half of it', {})
  repository.git('revert', '--no-edit', 'HEAD~1')
  expect(await states()).toEqual([
    ['squashed', 'landed'],
    ['back', 'clean'],
    ['half', 'clean'],
  ])
  repository.commit('on', { a: text({ 4: 'y\n' }), b: text({ 4: 'y\n' }), d: text({ 4: 'y\n' }) })
  expect(await states()).toEqual([
    ['squashed', 'landed'],
    ['back', 'conflicted'],
    ['half', 'conflicted'],
  ])
})

test('streams land one after the other; what was landed can be read and checked out, and goes with the prober', async () => {
  const scene = await sceneOf({ a: text(), b: text() })
  const streams = [
    scene.branch('one', [{ a: text({ 4: 'x\n' }) }]),
    scene.branch('against', [{ a: text({ 4: 'y\n' }) }]),
    scene.branch('two', [{ b: text({ 4: 'z\n' }), new: 'new\n' }]),
  ]
  const steps = await scene.prober.land({ target: scene.repository.git('rev-parse', 'main'), streams, signal })
  expect(steps).toMatchObject([
    { id: 'one', outcome: 'clean' },
    { id: 'against', outcome: 'conflicted', files: [{ path: 'a', kind: 'content' }] },
    { id: 'two', outcome: 'clean' },
  ])
  expect(steps[1]?.commit).toBe(steps[0]?.commit)
  const last = steps[2]
  const paths = (await scene.prober.repository.list(last?.tree ?? '')).map(({ path }) => path)
  expect(paths).toEqual(['a', 'b', 'new'])
  const folder = join(temporaryFolder(), 'work')
  mkdirSync(folder)
  const checkout = await scene.prober.repository.checkout(last?.commit ?? '', folder)
  expect(readFileSync(join(folder, 'a'), 'utf8')).toBe(text({ 4: 'x\n' }))
  expect(readFileSync(join(folder, 'b'), 'utf8')).toBe(text({ 4: 'z\n' }))
  await checkout.remove()
  await scene.prober.close()
  expect(await scene.mirror.read([last?.tree ?? ''])).toEqual([undefined])
  await expect(scene.probe(streams)).rejects.toThrow('closed')
})

test('what changed is asked again and nothing else; a new prober says the same', async () => {
  const scene = await sceneOf({ a: text(), b: text(), c: text() })
  const { branch, mirror, probe } = scene
  const streams = [
    branch('one', [{ a: text({ 4: 'x\n' }), b: text({ 9: 'x\n' }) }]),
    branch('two', [{ a: text({ 4: 'y\n' }) }]),
    branch('three', [{ b: undefined, d: text() }]),
  ]
  const target = scene.repository.git('rev-parse', 'main')
  const first = await probe(streams)
  // Git sees that `b` became `d`, and merges into it.
  expect(kinds(first)).toEqual(['one two: content a'])
  expect(first.effort).toEqual({ pairs: 3, sharing: 2, byHunks: 1, byGit: 1 })
  expect(await probe(streams)).toEqual(first)
  // A branch goes on, and so does the target, over what one of them wants.
  const moved = branch('two-moved', [{ b: text({ 9: 'y\n' }) }], 'two')
  const now = [streams[0], { id: 'two', commit: moved.commit }, streams[2]].flatMap((one) => one ?? [])
  scene.repository.commit('main goes on', { c: text({ 1: 'main\n' }), b: text({ 20: 'main\n' }) })
  await mirror.refresh()
  const fresh = await mirror.prober()
  for (const [asked, commit] of [[now, target] as const, [now, scene.repository.git('rev-parse', 'main')] as const]) {
    const request = { target: commit, streams: asked, signal }
    expect(await scene.prober.probe(request)).toEqual(await fresh.probe(request))
  }
})

test('streams that touch nothing of what the target or another changed cost no merge', async () => {
  const scene = await sceneOf({ a: text(), b: text(), 'dir/c': text(), d: text(), e: text() })
  const streams = [
    scene.branch('modifies', [{ a: text({ 4: 'x\n' }) }]),
    scene.branch('renames', [{ b: undefined, 'dir/b': text() }]),
    scene.branch('adds-a-folder', [{ 'new/deep/f': 'x\n' }]),
    scene.branch('deletes', [{ d: undefined }]),
    scene.branch('nothing', [{}]),
  ]
  scene.repository.commit('main goes on', { e: text({ 1: 'main\n' }) })
  await scene.mirror.refresh()
  const probed = await scene.probe(streams)
  expect(probed.streams.map(({ state, ahead }) => `${state} ${ahead}`)).toEqual(['clean 1', 'clean 1', 'clean 1', 'clean 1', 'landed 1'])
  expect(probed.streams[1]?.changes).toEqual([
    { path: 'b', status: 'deleted' },
    { path: 'dir/b', status: 'added' },
  ])
  expect(probed.effort).toEqual({ pairs: 6, sharing: 0, byHunks: 0, byGit: 0 })
})

test('a question that is aborted is rejected, and the next one is answered', async () => {
  const scene = await sceneOf({ a: text() })
  const streams = [scene.branch('one', [{ a: text({ 4: 'x\n' }) }]), scene.branch('two', [{ a: text({ 4: 'y\n' }) }])]
  const target = scene.repository.git('rev-parse', 'main')
  const controller = new AbortController()
  const asked = scene.prober.probe({ target, streams, signal: controller.signal })
  controller.abort()
  await expect(asked).rejects.toThrow(/abort/i)
  expect(kinds(await scene.probe(streams))).toEqual(['one two: content a'])
})

test('refs by a pattern: pull requests, branches below a folder, tags as the commits they name', async () => {
  const { repository, mirror, branch } = await sceneOf({ a: text() })
  const { commit } = branch('agent/one', [{ a: text({ 1: 'x\n' }) }])
  const main = repository.git('rev-parse', 'main')
  for (const [ref, oid] of [
    ['refs/pull/7/head', commit] as const,
    ['refs/pull/7/merge', main] as const,
    ['refs/pull/12/head', main] as const,
  ]) {
    repository.git('update-ref', ref, oid)
  }
  // Names that mean something to a shell, to git's command line or as an expression.
  for (const name of ['--upload-pack=touch x', 'o\'ne"two', '$(touch x)'].map((one) => one.replaceAll(' ', '_'))) {
    repository.git('update-ref', `refs/heads/agent/${name}`, main)
  }
  repository.git('tag', '-a', '-m', 'one', 'v1', commit)
  repository.git('update-ref', 'refs/tags/tree', repository.git('rev-parse', 'main^{tree}'))
  expect(await mirror.matching('refs/pull/*/head')).toEqual([
    { ref: 'refs/pull/12/head', commit: main },
    { ref: 'refs/pull/7/head', commit },
  ])
  expect((await mirror.matching('refs/heads/agent/*')).map(({ ref }) => ref.slice('refs/heads/agent/'.length))).toEqual([
    '$(touch_x)',
    '--upload-pack=touch_x',
    'o\'ne"two',
    'one',
  ])
  expect(await mirror.matching('refs/tags/*')).toEqual([{ ref: 'refs/tags/v1', commit }])
  expect(await mirror.matching('refs/none/*')).toEqual([])
  for (const pattern of [
    '--upload-pack=x',
    'refs/*/x/*',
    'refs/heads/a b',
    'refs/heads/a:refs/heads/b',
    'refs/heads/../x',
    '^refs/heads/*',
    'heads/*',
  ]) {
    await expect(mirror.matching(pattern)).rejects.toThrow(/is no pattern of refs/)
  }
})

test('from an address the refs are fetched to where no branch of the mirror is', async () => {
  const folder = temporaryFolder()
  const repository = testRepository(join(folder, 'source'))
  const main = repository.commit('begin', { a: text() })
  repository.git('checkout', '-q', '-b', 'topic')
  const topic = repository.commit('topic', { a: text({ 1: 'x\n' }) })
  repository.git('update-ref', 'refs/pull/7/head', topic)
  repository.git('checkout', '-q', 'main')
  repository.git('branch', '-q', '-D', 'topic')
  // An ssh that runs the command on this machine.
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'ssh'), '#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n')
  chmodSync(join(bin, 'ssh'), 0o755)
  const environment = { ...process.env, PATH: `${bin}:${process.env['PATH']}` }
  const mirror = await openMirror({ folder: join(folder, 'mirror'), from: `ssh://host${repository.folder}`, environment })
  onTestFinished(() => mirror.close())
  expect(await mirror.matching('refs/pull/*/head')).toEqual([{ ref: 'refs/pull/7/head', commit: topic }])
  expect(await mirror.matching('refs/pull/8/head')).toEqual([])
  expect((await mirror.branches()).map(({ name }) => name)).toEqual(['main'])
  const prober = await mirror.prober()
  expect((await prober.probe({ target: main, streams: [{ id: 'seven', commit: topic }], signal })).streams).toMatchObject([
    { state: 'clean' },
  ])
  repository.git('update-ref', '-d', 'refs/pull/7/head')
  expect(await mirror.matching('refs/pull/*/head')).toEqual([])
})

test('what a prober left that was killed, the next one takes away', async () => {
  const { mirror } = await sceneOf({ a: text() })
  // Those of others may lie in either place.
  const isOwn = (name: string): boolean => name.startsWith('muster-probe-') && name.includes(`-${process.pid}-`)
  const [own = ''] = ['/dev/shm', tmpdir()].flatMap((place) =>
    existsSync(place) ? readdirSync(place).flatMap((name) => (isOwn(name) ? [join(place, name)] : [])) : [],
  )
  // No process has a number that large.
  const left = own.replace(`-${process.pid}-`, '-4194999-')
  mkdirSync(left)
  await mirror.prober()
  expect(existsSync(left)).toBe(false)
  expect(existsSync(own)).toBe(true)
})

test('when the process ends without closing it, the prober takes its folder away', async () => {
  const folder = temporaryFolder()
  const repository = testRepository(join(folder, 'source'))
  repository.commit('begin', { a: text() })
  const memory = join(folder, 'tmp')
  mkdirSync(memory)
  const code = `
    import { openMirror } from '#collect/git/mirror.ts'
    const mirror = await openMirror(${JSON.stringify({ folder: join(folder, 'mirror'), from: repository.folder })})
    await mirror.prober()
    console.log(process.pid)
    process.exit(0)`
  const options = { cwd: join(import.meta.dirname, '../..'), env: { ...process.env, TMPDIR: memory }, encoding: 'utf8' as const }
  const pid = execFileSync(process.execPath, ['-C', 'source', '--input-type=module', '-e', code], options).trim()
  const left = [memory, '/dev/shm'].flatMap((place) => {
    try {
      return readdirSync(place).filter((name) => name.startsWith('muster-probe-') && name.includes(`-${pid}-`))
    } catch {
      return []
    }
  })
  expect(left).toEqual([])
})
