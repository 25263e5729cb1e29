import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { run } from '#cli/run.ts'
import { playForge, TOKEN, type ForgeServer } from '../contract/forge-server.ts'
import { gitRepository } from './git-repository.ts'
import { fakeIo } from './io.ts'

let folder: string
let repository: ReturnType<typeof gitRepository>
let server: ForgeServer
const heads = new Map<string, string>()

const lines = (changed: string): string =>
  Array.from({ length: 20 }, (_, line) => (line === 9 ? `${changed}\n` : `line ${line}\n`)).join('')

/** 12 and 13 change one line, 14 does not; 13 comes from a fork, so that only its ref is there; 15 was never fetched. */
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'muster-radar-pulls-')))
  repository = gitRepository(join(folder, 'repository'))
  repository.commit('main', { files: { 'app.txt': lines('as it was') } })
  for (const [branch, text] of [
    ['router', lines('the router')],
    ['cache', lines('the cache')],
    ['later', lines('not pushed yet')],
  ] as const) {
    repository.commit(branch, { files: { 'app.txt': text } })
    heads.set(branch, repository.git(['rev-parse', branch]).trim())
  }
  repository.commit('docs', { files: { 'guide.md': '# Guide\n' } })
  heads.set('docs', repository.git(['rev-parse', 'docs']).trim())
  for (const forge of ['pull', 'merge-requests']) {
    repository.git(['update-ref', `refs/${forge}/13/head`, heads.get('cache') ?? ''])
    repository.git(['update-ref', `refs/${forge}/16/head`, heads.get('docs') ?? ''])
  }
  repository.git(['branch', '-D', 'cache', 'later'])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeEach(async () => {
  server = await playForge('github')
})
afterEach(() => server.close())

/** One pull request as GitHub lists it: what is said of 12, told of others. */
const pull =
  (number: number, head: string, more: { readonly title?: string; readonly base?: string } = {}) =>
  (one: Record<string, object>) => ({
    ...one,
    number,
    title: more.title ?? `Pull request ${number}`,
    labels: [{ name: 'agents' }],
    user: { login: `lead-${number}`, type: 'User' },
    head: { ...one['head'], ref: `branch-${number}`, sha: heads.get(head) ?? head },
    base: { ...one['base'], ref: more.base ?? 'main' },
  })

const open = (...pulls: readonly ReturnType<typeof pull>[]): void =>
  server.replace('pulls', (all: Record<string, object>[]) => pulls.map((make) => make(all[1] ?? {})))

let states = 0
async function radar(args: readonly string[], more: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {}) {
  const own = { PATH: process.env['PATH'], HOME: folder, MUSTER_STATE: join(folder, `state-${(states += 1)}`) }
  const forge = { MUSTER_GITHUB_TOKEN: TOKEN, MUSTER_GITHUB_URL: server.url }
  const io = fakeIo({ argv: ['radar', ...args], cwd: more.cwd ?? repository.folder, env: { ...own, ...(more.env ?? forge) } })
  const exitCode = await run(io)
  expect(io.out() + io.err()).not.toContain(TOKEN)
  return { exitCode, out: io.out(), err: io.err() }
}

const LABEL = ['--label', 'agents', '--project', 'example/reader'] as const

test('the open pull requests of a label are streams, from branches and from forks', async () => {
  open(pull(12, 'router', { title: 'Route requests' }), pull(13, 'cache'), pull(14, 'docs'))
  const { exitCode, out, err } = await radar([...LABEL, '--format', 'json'])
  expect(err).toBe('')
  expect(JSON.parse(out)).toMatchObject({
    target: { branch: 'main' },
    streams: [
      { id: '#12', name: 'Route requests', branch: 'refs/pull/12/head', lead: 'lead-12', state: 'clean' },
      { id: '#13', branch: 'refs/pull/13/head', lead: 'lead-13', state: 'clean', commit: heads.get('cache') },
      { id: '#14', state: 'clean' },
    ],
    waves: [expect.arrayContaining(['#14']), expect.any(Array)],
  })
  const { pairs } = JSON.parse(out) as { pairs: readonly { a: string; b: string; verdict: string }[] }
  expect(pairs.filter(({ verdict }) => verdict === 'conflicted')).toMatchObject([{ a: '#12', b: '#13' }])
  expect(exitCode).toBe(1)
  expect((await radar([...LABEL])).out).toMatch(/lead-12/)
})

test('one whose head the repository does not have is unavailable, with what to fetch', async () => {
  open(pull(12, 'router'), pull(15, 'later'), pull(16, 'router'), pull(17, '7fd1a60b01f91b314f59955a4e4d4e80d8edf11d'), pull(13, 'docs'))
  server.replace('pulls', (all: Record<string, object>[]) =>
    all.map((one) =>
      Number(one['number']) === 16 ? { ...one, head: { ...one['head'], sha: '553c2077f0edc3d5dc5d17262f6aa498e69d6f8e' } } : one,
    ),
  )
  const { exitCode, out } = await radar([...LABEL, '--format', 'json'])
  const { streams } = JSON.parse(out) as { streams: readonly { id: string; state: string; reason?: string }[] }
  const fetch = (number: number): string => `git fetch ${server.url}/example/reader +refs/pull/${number}/head:refs/pull/${number}/head`
  expect(streams.filter(({ state }) => state === 'unavailable')).toMatchObject([
    { id: '#15', reason: `the repository has no refs/pull/15/head: ${fetch(15)}` },
    {
      id: '#16',
      reason: `refs/pull/16/head is at ${heads.get('docs')?.slice(0, 12)} in the repository, and the forge says 553c2077f0ed: ${fetch(16)}`,
    },
    { id: '#17', reason: `the repository has no refs/pull/17/head: ${fetch(17)}` },
  ])
  expect(exitCode).toBe(3)
})

test('one that goes elsewhere is left out and named; one on top of another is not', async () => {
  open(pull(12, 'router'), pull(14, 'docs', { base: 'branch-12' }), pull(13, 'cache', { base: 'release/\u001b[31m1' }))
  const { out, err } = await radar([...LABEL, '--format', 'json'])
  expect((JSON.parse(out) as { streams: { id: string }[] }).streams.map(({ id }) => id)).toEqual(['#12', '#14'])
  expect(err).toMatch(/^muster: #13 goes into release\/\S*1, not into main: left out\n$/)
  expect(err).not.toContain('\u001b')
})

test('the project is told by the forge source of the program', async () => {
  const cwd = join(folder, 'program')
  mkdirSync(cwd)
  writeFileSync(
    join(cwd, 'muster.yaml'),
    `program: agents
name: Agents
repository: ${repository.folder}
calendar: { zone: UTC }
people: { lead-a: { name: Lead A, roles: [phase-lead] } }
sources: { pr: { collect: forge, forge: github, project: example/reader, url: '${server.url}' } }
streams: { docs: { name: Docs, lead: lead-a, branch: docs } }
checkpoints: { friday: { name: Friday, at: 2026-02-27 16:00, criteria: { there: { metric: pr.exists, equals: true } } } }
`,
  )
  open(pull(12, 'router'), pull(14, 'docs'))
  const { out, exitCode } = await radar(['--milestone', 'Phase E', '--format', 'json'], { cwd })
  expect((JSON.parse(out) as { streams: { id: string }[] }).streams.map(({ id }) => id)).toEqual(['#12', '#14'])
  expect(exitCode).toBe(0)
})

test.each([
  [['--label', 'agents'], 'name the project with its address: --project https://github.com/owner/name', 2],
  [['--label', 'other', '--project', 'example/reader'], '--label other: http', 2],
  [['--label', 'agents', '--project', 'reader'], '--project reader: a project is written owner/name', 2],
  [['--label', 'agents', '--project', 'https://git.example.org/a/b'], 'git.example.org is no forge that is known', 2],
  [['--label', 'agents', '--project', 'example/nothing'], 'there is no such thing, or MUSTER_GITHUB_TOKEN may not see it (404)', 4],
  [['--project', 'example/reader'], 'add --label or --milestone', 2],
  [['--label', 'agents', '--refs', 'x/*'], 'cannot be used with', 2],
  [['--label', 'agents', '--watch'], 'cannot be used with', 2],
])('%j is refused with what to do', async (args, words, code) => {
  open(pull(12, 'router'))
  const { exitCode, err, out } = await radar(args)
  expect(err).toContain(words)
  expect({ exitCode, out }).toEqual({ exitCode: code, out: '' })
})

test('without a token nothing is called', async () => {
  const { exitCode, err } = await radar(['--label', 'agents', '--project', 'https://github.com/example/reader'], { env: {} })
  expect(err).toContain('there is no token: set MUSTER_GITHUB_TOKEN or GITHUB_TOKEN')
  expect(exitCode).toBe(2)
  const both = await radar([...LABEL], { env: {} })
  expect(both.err).toContain('tells which forge it is')
  expect(both.exitCode).toBe(2)
  expect(server.requests).toEqual([])
})

test('merge requests of GitLab', async () => {
  const gitlab = await playForge('gitlab')
  try {
    gitlab.replace('merge-requests', (all: Record<string, object>[]) =>
      all.slice(1, 2).flatMap((one) => [
        { ...one, iid: 12, labels: ['agents'], source_branch: 'router', sha: heads.get('router') },
        { ...one, iid: 13, labels: ['agents'], source_branch: 'cache', sha: heads.get('cache') },
      ]),
    )
    const env = { MUSTER_GITLAB_TOKEN: TOKEN, MUSTER_GITLAB_URL: gitlab.url }
    const { exitCode, out } = await radar(['--label', 'agents', '--project', 'example/group/reader', '--format', 'json'], { env })
    expect(JSON.parse(out)).toMatchObject({
      streams: [
        { id: '!12', branch: 'refs/merge-requests/12/head', state: 'clean' },
        { id: '!13', state: 'clean' },
      ],
    })
    expect(exitCode).toBe(1)
  } finally {
    await gitlab.close()
  }
})
