import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Artifacts, CollectContext } from '#core/evidence/collector.ts'
import type { SubjectState } from '#core/evidence/evidence.ts'
import { createCollector } from '#collect/forge/index.ts'
import { kind } from '#collect/forge/kind.ts'
import { checkpointOf, programOf, streamOf } from '../core/heart/build.ts'
import { OUTSIDE } from '../collect/outside.ts'
import { playForge, TOKEN, type ForgeServer } from './forge-server.ts'

const AT = '2026-03-02T12:00:00Z'
const HEAD = '7fd1a60b01f91b314f59955a4e4d4e80d8edf11d'
const OLD = '553c2077f0edc3d5dc5d17262f6aa498e69d6f8e'
const ZIPS = join(import.meta.dirname, '../../src/collect/forge/fixtures/zip')
const zip = (name: string): Buffer => readFileSync(join(ZIPS, name))

const program = programOf(checkpointOf([]), { streams: [streamOf('reader', { branch: 'feature/reader' })] })
const at = (commit: string): SubjectState => ({ state: 'present', ref: 'refs/heads/x', commit, tree: OLD, committedAt: AT })

describe.each(['github', 'gitlab'] as const)('%s', (forge) => {
  const isGithub = forge === 'github'
  const variables = isGithub ? ['MUSTER_GITHUB_TOKEN', 'MUSTER_GITHUB_URL'] : ['MUSTER_GITLAB_TOKEN', 'MUSTER_GITLAB_URL']
  let server: ForgeServer
  let store: Server
  let storeUrl: string
  let asked: IncomingMessage[]
  let atStore: (response: ServerResponse) => void
  let atForge: (response: ServerResponse) => void
  let cacheFolder: string

  beforeEach(async () => {
    server = await playForge(forge)
    cacheFolder = mkdtempSync(join(tmpdir(), 'muster-artifacts-'))
    asked = []
    storeSends(zip('info-zip.zip'))
    store = createServer((request, response) => {
      asked.push(request)
      atStore(response)
    })
    await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve))
    storeUrl = `http://127.0.0.1:${(store.address() as AddressInfo).port}`
    redirect(`${storeUrl}/kept/file?key=signature`)
    server.fault(archives, (response) => atForge(response))
  })
  afterEach(async () => {
    await server.close()
    store.closeAllConnections()
    await new Promise((resolve) => store.close(resolve))
    rmSync(cacheFolder, { recursive: true, force: true })
  })

  const archives = isGithub ? /\/actions\/artifacts\/\d+\/zip$/ : /\/jobs\/\d+\/artifacts$/
  const redirect = (location: string): void => {
    atForge = (response) => void response.writeHead(302, { location }).end()
  }
  const storeSends = (bytes: Uint8Array): void => {
    atStore = (response) => void response.writeHead(200).end(bytes)
  }

  async function fetched(
    artifacts: readonly string[] | undefined,
    more: { readonly commit?: string; readonly environment?: Readonly<Record<string, string>>; readonly signal?: AbortSignal } = {},
  ): Promise<Artifacts> {
    const [token = '', url = ''] = variables
    const environment: Readonly<Record<string, string>> = { [token]: TOKEN, [url]: server.url, ...more.environment }
    const context: CollectContext = {
      ...OUTSIDE,
      program,
      cacheFolder,
      environment: (name) => environment[name],
      repository: {} as CollectContext['repository'],
      target: at(OLD),
      streams: [],
      programFolder: '/nowhere',
      runner: { run: () => Promise.reject(new Error('a forge runs nothing')), resultOf: async () => undefined },
      at: AT,
      signal: more.signal ?? new AbortController().signal,
      seed: 1,
    }
    const options = kind.options.parse({ forge, project: isGithub ? 'example/reader' : 'example/group/reader', url: server.url, artifacts })
    const collector = createCollector(async (_, signal) => signal.throwIfAborted())
    const state = at(more.commit ?? HEAD)
    const found = await collector.artifacts?.({ sourceId: 'pr', subject: 'stream:reader', options, state }, context)
    if (!found) throw new Error('the collector brings no artifacts')
    expect(JSON.stringify(found)).not.toContain(TOKEN)
    if (!found.ok) expect(unpackedFolders(), 'nothing is left of what was refused').toEqual([])
    return found
  }
  const unpackedFolders = (): readonly string[] =>
    existsSync(join(cacheFolder, 'artifacts')) ? readdirSync(join(cacheFolder, 'artifacts')) : []
  const refused = async (artifacts: readonly string[], status: 'missing' | 'errored', reason: RegExp, more = {}): Promise<void> => {
    expect(await fetched(artifacts, more)).toEqual({ ok: false, status, reason: expect.stringMatching(reason) as string })
  }

  test('every artifact that is named is unpacked into a folder of its name, and taken away in the end', async () => {
    const found = await fetched(['unit', 'cover*'])
    if (!found.ok) throw new Error(found.reason)
    expect(found).toMatchObject({
      source: expect.stringMatching(/^127\.0\.0\.1:\d+\/example\/(?:group\/)?reader$/) as string,
      madeAt: '2026-03-01T12:05:00.000Z',
      remarks: [isGithub ? 'made by CI: build #34 (success, on pull_request)' : 'made by CI: unit (success), coverage (success)'],
    })
    expect(readdirSync(found.root).toSorted()).toEqual(['coverage', 'unit'])
    expect(readFileSync(join(found.root, 'unit/reports/junit.xml'), 'utf8')).toContain('reads')
    await found.remove()
    expect(unpackedFolders()).toEqual([])
  })

  test('the newest of each name is fetched, and the store that keeps it never sees the token', async () => {
    await fetched(['unit'])
    expect(server.requests.filter((one) => archives.test(one))).toEqual([
      isGithub
        ? 'GET /api/v3/repos/example/reader/actions/artifacts/501/zip'
        : 'GET /api/v4/projects/example%2Fgroup%2Freader/jobs/501/artifacts',
    ])
    expect(asked.map(({ url }) => url)).toEqual(['/kept/file?key=signature'])
    expect(asked[0]?.headers.authorization).toBeUndefined()
    expect(asked[0]?.rawHeaders.join('\n')).not.toContain(TOKEN)
  })

  test('a store that redirects on is not followed', async () => {
    atStore = (response) => void response.writeHead(302, { location: `${storeUrl}/elsewhere` }).end()
    await refused(['unit'], 'errored', /where http\S+ keeps the file, answers with 302$/)
    expect(asked).toHaveLength(1)
  })

  test('a redirect to what is no https address, or to one that must not be called', async () => {
    for (const [location, reason] of [
      ['ftp://127.0.0.1/file', /is answered with a redirect to ftp:\/\/127\.0\.0\.1, which is no https address$/],
      ['/relative', /redirect to nowhere, which is no https address$/],
      ['http://169.254.169.254/latest/meta-data', /169\.254\.169\.254 is not called: it is not on this machine$/],
      ['https://10.0.0.1/file', /10\.0\.0\.1 is not called: it is not on this machine$/],
    ] as const) {
      redirect(location)
      await refused(['unit'], 'errored', reason)
    }
  })

  test('an archive that the forge sends itself', async () => {
    atForge = (response) => void response.writeHead(200).end(zip('stored.zip'))
    expect(await fetched(['unit'])).toMatchObject({ ok: true })
    expect(asked).toEqual([])
  })

  test('an artifact that the source names and CI did not upload', async () => {
    await refused(
      ['unit', 'integration'],
      'missing',
      /^no artifact of CI matches integration: e2e still runs at 7fd1a60b01f9$|e2e #9 still runs/,
    )
    expect(asked).toEqual([])
  })

  test('a run that did not end well is named, beside what it uploaded', async () => {
    expect(await fetched(['unit'])).not.toHaveProperty('failed')
    if (isGithub)
      server.replace('runs', (one: { workflow_runs: { id: number }[] }) => ({
        workflow_runs: one.workflow_runs.map((run) => (run.id === 903 ? { ...run, conclusion: 'failure' } : run)),
      }))
    else server.replace('jobs-72', (jobs: { id: number }[]) => jobs.map((job) => (job.id === 501 ? { ...job, status: 'failed' } : job)))
    expect(await fetched(['unit', 'cover*'])).toMatchObject({
      ok: true,
      failed: isGithub ? 'build #34 (failure, on pull_request)' : 'unit (failed)',
    })
  })

  test('what has expired, what still may change, what was ended', async () => {
    await refused(['old'], 'missing', /^the artifact old of (?:build #34|old) has expired, and the forge has deleted it$/)
    await refused(
      ['long'],
      'missing',
      /^(?:nightly #5|long) was ended \(cancell?ed(?:, on push)?\), so its artifact long may not be whole$/,
    )
    if (!isGithub) return
    await refused(['e2e'], 'missing', /^e2e #9 still runs, so its artifact e2e may not be the last word$/)
    // A job reads what the jobs before it have uploaded.
    expect(await fetched(['e2e'], { environment: { GITHUB_RUN_ID: '904' } })).toMatchObject({ ok: true })
  })

  test('a run of another commit is not used, and is named', async () => {
    server.replace(isGithub ? 'runs' : 'pipelines', (one: unknown) => JSON.parse(JSON.stringify(one).replaceAll(HEAD, OLD)) as unknown)
    await refused(
      ['unit'],
      'missing',
      /^no artifact of CI matches unit: it has no run of 7fd1a60b01f9; the newest one on the branch is of 553c2077f0ed$/,
    )
    expect(server.requests.at(-1)).toMatch(/[?&](?:branch|ref)=feature%2Freader/)
    expect(asked).toEqual([])
  })

  test('a branch that CI never saw', async () => {
    server.replace(isGithub ? 'runs' : 'pipelines', () => (isGithub ? { workflow_runs: [] } : []))
    await refused(['*'], 'missing', /it has no run of 7fd1a60b01f9$/)
  })

  test('a source that names none', async () => {
    expect(await fetched(undefined)).toMatchObject({
      ok: false,
      status: 'missing',
      reason: 'source pr names no artifacts: add artifacts: [name] to it',
    })
    expect(server.requests).toEqual([])
  })

  test.each([
    ['slip.zip', /^the artifact unit of (?:build #34|unit): "..\/..\/slipped\.xml": its name leads out of the folder$/],
    ['symlink.zip', /report\.xml: it is a link$/],
    ['bomb.zip', /would become 67108864$/],
    ['truncated.zip', /it breaks off/],
  ])('a hostile archive: %s', async (name, reason) => {
    storeSends(zip(name))
    await refused(['unit'], 'errored', reason)
  })

  test('a page in place of an archive, a download that breaks off, one that the store has lost', async () => {
    storeSends(Buffer.from('<!doctype html>'))
    await refused(['unit'], 'errored', /it is no zip archive/)
    atStore = (response) => void response.writeHead(200, { 'content-length': '1000' }).write('PK', () => response.socket?.destroy())
    await refused(['unit'], 'errored', /the connection broke/)
    atStore = (response) => void response.writeHead(404).end('<Error/>')
    await refused(['unit'], 'errored', /keeps the file, answers with 404$/)
    expect(asked.filter(({ url }) => url?.includes('signature')).length).toBeGreaterThan(3)
  })

  test('an archive without end is given up', async () => {
    atStore = (response) => {
      const more = (): void => void response.write(Buffer.alloc(2 ** 22), () => void (response.destroyed || more()))
      response.writeHead(200)
      more()
    }
    await refused(['unit'], 'errored', /has more than 256 MiB/)
  })

  test('one that does not come within the time limit', async () => {
    atStore = () => undefined
    await refused(['unit'], 'errored', /the time limit ended it/, { signal: AbortSignal.timeout(200) })
  })

  test('what a process that is gone has left is taken away', async () => {
    const found = await fetched(['unit'])
    if (!found.ok) throw new Error(found.reason)
    const lost = join(cacheFolder, 'artifacts', 'run-999999999-abc')
    writeFileSync(lost, '')
    await fetched(['unit'])
    expect(existsSync(lost)).toBe(false)
    expect(existsSync(found.root)).toBe(true)
  })

  // GitLab has pipelines, whose jobs upload, and no workflows in them.
  const others: readonly (readonly [string, RegExp | undefined])[] = [
    ['failed', /^unit 2\/2 was ended \(failed\) and uploaded nothing$/],
    ['canceled', /^unit 2\/2 was ended \(canceled\) and uploaded nothing$/],
    ['running', /^unit 2\/2 still runs, and has uploaded nothing$/],
    ['skipped', undefined],
    ['manual', undefined],
    ['success', undefined],
  ]
  test.each(isGithub ? [] : others)('a part of a job that %s before it uploaded anything', async (status, reason) => {
    server.replace('jobs-72', (jobs: { name: string }[]) => [
      ...jobs,
      {
        ...jobs.find(({ name }) => name === 'unit'),
        id: 599,
        name: 'unit 2/2',
        status,
        artifacts_file: undefined,
        artifacts_expire_at: null,
      },
    ])
    if (reason) await refused(['unit*'], 'missing', reason)
    else expect(await fetched(['unit*'])).toMatchObject({ ok: true })
    expect(await fetched(['coverage'])).toMatchObject({ ok: true })
  })

  if (!isGithub) return
  describe('workflows', () => {
    test('an archive that is not the one that was uploaded', async () => {
      server.replace('artifacts-build', (one: { artifacts: object[] }) => ({
        artifacts: one.artifacts.map((artifact) => ({ ...artifact, digest: `sha256:${'0'.repeat(64)}` })),
      }))
      await refused(['unit'], 'errored', /^the artifact unit of build #34 is not what was uploaded: its sha256 differs$/)
    })

    test('two workflows that upload under one name', async () => {
      server.replace('artifacts-nightly', (one: { artifacts: object[] }) => ({
        artifacts: one.artifacts.map((each) => ({ ...each, name: 'unit' })),
      }))
      server.replace('runs', (one: { workflow_runs: { conclusion: string | null }[] }) => ({
        workflow_runs: one.workflow_runs.map((run) => (run.conclusion === 'cancelled' ? { ...run, conclusion: 'success' } : run)),
      }))
      await refused(['unit'], 'errored', /^both build #34 and nightly #5 uploaded an artifact unit: name them differently$/)
    })

    test('an artifact called like the folder above', async () => {
      server.replace('artifacts-build', (one: { artifacts: object[] }) => ({
        artifacts: one.artifacts.slice(0, 1).map((each) => ({ ...each, name: '..' })),
      }))
      await refused(['..'], 'errored', /^an artifact is called "\.\.", which can be no folder$/)
      server.replace('artifacts-build', (one: { artifacts: object[] }) => ({
        artifacts: one.artifacts.map((each) => ({ ...each, name: '../up' })),
      }))
      const found = await fetched(['../up'])
      expect(found.ok && readdirSync(found.root)).toEqual(['..%2Fup'])
    })
  })
})
