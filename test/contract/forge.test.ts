import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { judgeCheck } from '#core/check.ts'
import type { CollectContext, Fact } from '#core/evidence/collector.ts'
import type { Evidence, SubjectState } from '#core/evidence/evidence.ts'
import type { Program } from '#core/program/model.ts'
import { createCollector } from '#collect/forge/index.ts'
import { kind } from '#collect/forge/kind.ts'
import type { ForgeName } from '#net/forge/access.ts'
import { checkpointOf, criterionOf, ledgerOf, metricOf, programOf, streamOf } from '../core/heart/build.ts'
import { OUTSIDE } from '../collect/outside.ts'
import { playForge, TOKEN, type ForgeServer } from './forge-server.ts'

const AT = '2026-03-02T12:00:00Z'
const HEAD = '7fd1a60b01f91b314f59955a4e4d4e80d8edf11d'
const TREE = '691272480426f78a0138979dd3ce63b77f706feb'
const OLD = '553c2077f0edc3d5dc5d17262f6aa498e69d6f8e'

const at = (commit: string): SubjectState => ({ state: 'present', ref: 'refs/heads/feature/reader', commit, tree: TREE, committedAt: AT })

const handles = (name: string) => ({ github: `@${name}`, gitlab: name })
const program: Program = programOf(checkpointOf([]), {
  people: [
    { id: 'lead', name: 'Lead A', roles: ['lead'], ...handles('lead-a') },
    { id: 'first', name: 'Reviewer A', roles: [], ...handles('Reviewer-A') },
    { id: 'second', name: 'Reviewer B', roles: ['quality'], ...handles('reviewer-b') },
    { id: 'third', name: 'Reviewer C', roles: ['architect'] },
  ],
  streams: [streamOf('reader', { lead: 'lead', branch: 'feature/reader', reviewers: ['first', 'quality', 'architect'] })],
})

const PROJECT: Readonly<Record<ForgeName, string>> = { github: 'example/reader', gitlab: 'example/group/reader' }

describe.each(['github', 'gitlab'] as const)('%s', (forge) => {
  const prefix = forge === 'github' ? '/api/v3/repos/example/reader' : '/api/v4/projects/example%2Fgroup%2Freader'
  const tokenName = forge === 'github' ? 'MUSTER_GITHUB_TOKEN' : 'MUSTER_GITLAB_TOKEN'
  let server: ForgeServer
  let cacheFolder: string
  let pauses: number[]
  beforeEach(async () => {
    server = await playForge(forge)
    cacheFolder = mkdtempSync(join(tmpdir(), 'muster-forge-'))
    pauses = []
  })
  afterEach(async () => {
    await server.close()
    rmSync(cacheFolder, { recursive: true, force: true })
  })

  interface More {
    readonly options?: Readonly<Record<string, unknown>>
    readonly environment?: Readonly<Record<string, string>>
    readonly state?: SubjectState
    readonly subject?: 'program' | 'stream:reader'
    readonly signal?: AbortSignal
    readonly at?: string
  }

  async function collect(more: More = {}): Promise<Readonly<Record<string, Fact>>> {
    const environment: Readonly<Record<string, string>> = more.environment ?? {
      [tokenName]: TOKEN,
      [forge === 'github' ? 'MUSTER_GITHUB_URL' : 'MUSTER_GITLAB_URL']: server.url,
    }
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
      at: more.at ?? AT,
      signal: more.signal ?? new AbortController().signal,
      seed: 1,
    }
    const options = kind.options.parse({ forge, project: PROJECT[forge], url: server.url, checks: ['build', 'test'], ...more.options })
    const collector = createCollector(async (milliseconds, signal) => {
      signal.throwIfAborted()
      pauses.push(milliseconds)
    })
    const request = { sourceId: 'pr', subject: more.subject ?? 'stream:reader', options, state: more.state ?? at(HEAD) } as const
    const facts = await collector.collect(request, context)
    expect(JSON.stringify(facts), 'no secret in the evidence').not.toContain(TOKEN)
    expect(facts.map(({ name }) => name).toSorted(), 'every fact once').toEqual(Object.keys(kind.metrics).toSorted())
    return Object.fromEntries(facts.map((fact) => [fact.name, fact]))
  }

  const values = (facts: Readonly<Record<string, Fact>>) =>
    Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, fact.status === 'observed' ? fact.value : fact.status]))

  const json =
    (status: number, document: unknown, headers: Record<string, string> = {}) =>
    (response: { writeHead: Function }) =>
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(document))

  test('says of the pull request what the forge says, over all pages', async () => {
    const facts = await collect({
      options: { labels: { with: ['ready', 'tested'], without: 'do-not-merge' }, milestone: 'Phase E', blockers: { label: 'blocker' } },
    })
    expect(values(facts)).toEqual({
      exists: true,
      open: true,
      merged: false,
      draft: false,
      mergeable: false,
      approvals: 1,
      'approvals.required': 1,
      'approvals.missing': 2,
      'changes.requested': 1,
      'conversations.open': 2,
      'review.age': 0,
      'checks.passed': 2,
      'checks.failed': 0,
      'checks.pending': 0,
      'checks.missing': 0,
      'checks.ratio': 1,
      'labels.wrong': 2,
      milestone: true,
      'issues.linked': 3,
      'issues.open': 1,
      blockers: 2,
    })
    const web = forge === 'github' ? 'https://github.com/example/reader' : 'https://gitlab.com/example/group/reader/-'
    expect(facts['exists']?.details?.[0]).toContain(`${web}/${forge === 'github' ? 'pull' : 'merge_requests'}/12`)
    expect(facts['conversations.open']?.details?.[0]).toMatch(/^reviewer-d at src\/reader\.ts:14: https:/)
    expect(facts['approvals']?.reason).toBe(`1 more approve an older commit than the head ${HEAD.slice(0, 12)}`)
    expect(facts['approvals.missing']?.details).toEqual([
      'quality (reviewer-b): no approval of the head',
      'architect: the program does not say who that is on the forge',
    ])
    if (forge === 'github') {
      expect(facts['approvals']?.details).toContain('stranger approves (without a voice in the project)')
      expect(facts['approvals']?.details).toContain('checker[bot] approves (a bot)')
    }
    expect(facts['changes.requested']?.details?.[0]).toMatch(/^reviewer-d requests changes/)
    expect(facts['checks.ratio']).toMatchObject({
      source: expect.stringMatching(/^127\.0\.0\.1:\d+\/example\/.*12$/) as string,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    })
    expect(server.requests.filter((one) => /page=3/.test(one)).length).toBeGreaterThan(1)
  })

  test('text that others wrote comes without terminal sequences and hidden characters', async () => {
    const { 'issues.open': open } = await collect()
    expect(open?.details?.[0]).toMatch(/^#31 Read <!channel> @everyone empty files: https:/)
  })

  test('approvals of an older commit count when the source accepts them', async () => {
    const { approvals, 'approvals.required': required } = await collect({ options: { stale: 'accept' } })
    expect([approvals?.value, required?.value]).toEqual([2, 2])
  })

  test('what a branch that stands elsewhere is told is about the commit of the pull request', async () => {
    const facts = await collect({ state: at(OLD) })
    expect(facts['approvals']).toMatchObject({ status: 'observed', commit: HEAD, tree: null })
    expect(facts['checks.ratio']).toMatchObject({ commit: HEAD, tree: null })
  })

  test.each([
    [
      'a check that still runs',
      ['build', 'lint'],
      { 'checks.ratio': 'missing', 'checks.failed': 'missing', 'checks.pending': 1, 'checks.missing': 0, 'checks.passed': 1 },
    ],
    ['one that nobody reported', ['build', 'e2e'], { 'checks.ratio': 'missing', 'checks.failed': 'missing', 'checks.missing': 1 }],
    ['one that was skipped', ['nightly'], { 'checks.ratio': 'missing', 'checks.failed': 'missing', 'checks.missing': 1 }],
    [
      'one that failed, beside one that still runs',
      ['build', 'docs', 'lint'],
      { 'checks.ratio': 1 / 3, 'checks.failed': 1, 'checks.pending': 1 },
    ],
    ['a commit status', ['ci/legacy'], { 'checks.ratio': 1, 'checks.failed': 0 }],
  ])('required checks: %s', async (_, checks, expected) => {
    expect(values(await collect({ options: { checks } }))).toMatchObject(expected)
  })

  test('required checks of the forge itself, where the source names none', async () => {
    const facts = await collect({ options: { checks: undefined } })
    expect(facts['checks.ratio']).toMatchObject({ status: 'observed', value: 1, reason: forge === 'github' ? '3 of 3' : '1 of 1' })
  })

  test('a forge that requires nothing leaves the checks missing, not green', async () => {
    if (forge === 'gitlab') server.replace('project', (one: object) => ({ ...one, only_allow_merge_if_pipeline_succeeds: false }))
    else {
      server.replace('branch', (one: object) => ({ ...one, protection: { enabled: false } }))
      server.replace('rules', () => [])
    }
    const facts = await collect({ options: { checks: undefined } })
    expect(values(facts)).toMatchObject({ 'checks.passed': 'missing', 'checks.failed': 'missing', 'checks.ratio': 'missing' })
  })

  test('the head waits for a review from the first time it was asked for after the push', async () => {
    server.replace(forge === 'github' ? 'reviews' : 'approvals', (one: unknown[] & { approved_by: unknown[] }) =>
      forge === 'github' ? one.slice(0, 3) : { ...(one as object), approved_by: [] },
    )
    if (forge === 'gitlab') server.replace('discussions', (list: unknown[]) => list.slice(0, 4))
    const { 'review.age': age } = await collect()
    expect(age).toMatchObject({ status: 'observed', value: 18 * 3600, reason: 'asked for at 2026-03-01T18:00:00.000Z' })
    const earlier = await collect({ at: '2026-03-01T00:00:00Z' })
    expect(earlier['review.age']).toMatchObject({ status: 'inconclusive' })
  })

  test('a branch without a pull request: nothing but its absence is observed, and its checks', async () => {
    const list = forge === 'github' ? 'pulls' : 'merge-requests'
    // One from a fork, under the same branch name, and one that goes elsewhere.
    server.replace(list, (all: unknown[]) => [
      all[0],
      all[2],
      // GitLab has merge requests without a commit.
      ...(forge === 'gitlab' ? [{ ...(all[1] as object), sha: null }] : []),
    ])
    const facts = await collect()
    const {
      exists,
      'checks.ratio': ratio,
      'checks.passed': passed,
      'checks.failed': failed,
      'checks.pending': pending,
      'checks.missing': none,
      ...others
    } = facts
    expect(exists).toMatchObject({ status: 'observed', value: false })
    expect([ratio?.value, passed?.value, failed?.value, pending?.value, none?.value]).toEqual([1, 2, 0, 0, 0])
    expect(new Set(Object.values(others).map(({ status }) => status))).toEqual(new Set(['missing']))
    expect(others['approvals']?.reason).toBe(
      `feature/reader has no pull request into main; ${forge === 'github' ? '#' : '!'}11 goes into develop (open)`,
    )
  })

  test('merged and gone on with is not merged', async () => {
    server.replace(forge === 'github' ? 'pulls' : 'merge-requests', (all: unknown[]) => [all[4]])
    const { merged, open } = await collect()
    expect([merged?.value, open?.value]).toEqual([false, false])
    expect(merged?.reason).toMatch(/^merged at 9049f1265b7d, and the branch is at 7fd1a60b01f9$/)
    expect((await collect({ state: { state: 'absent', reason: 'gone' } }))['merged']?.value).toBe(true)
  })

  test('the target branch has checks and blockers, and no pull request', async () => {
    const facts = await collect({ subject: 'program', options: { blockers: { label: ['blocker'] } } })
    expect(values(facts)).toMatchObject({ 'checks.ratio': 1, blockers: 2, exists: 'missing', approvals: 'missing' })
  })

  test('blockers by query', async () => {
    const { blockers } = await collect({ options: { blockers: { query: 'label:stream-reader', label: 'blocker' } } })
    expect(blockers).toMatchObject({
      status: 'observed',
      value: 2,
      details: [expect.stringContaining('#41 The daemon is not there'), expect.stringContaining('#43')],
    })
    expect(decodeURIComponent(server.requests.find((one) => /search/.test(one)) ?? '')).toContain('label:stream-reader')
  })

  test('a forge that has not worked out whether it would merge is asked again, then not guessed at', async () => {
    const [fixture, unknown] =
      forge === 'github'
        ? (['pull', { mergeable: null, mergeable_state: 'unknown' }] as const)
        : (['merge-request', { detailed_merge_status: 'checking' }] as const)
    server.replace(fixture, (one: object) => ({ ...one, ...unknown }))
    expect((await collect())['mergeable']).toMatchObject({ status: 'inconclusive' })
    expect(pauses).toEqual([1_000, 2_000, 3_000])
  })

  test('the second time costs no quota, and says the same', async () => {
    const queries = () => server.requests.filter((one) => one.startsWith('POST')).length
    const first = await collect()
    const [before, posts] = [server.quota(), queries()]
    const second = await collect()
    expect(second).toEqual(first)
    expect(server.quota() - before).toBe(queries() - posts)
    expect(queries() - posts).toBe(forge === 'github' ? 5 : 0)
  })

  test('kept answers: none for another token, none that were tampered with, no token among them', async () => {
    await collect()
    const folder = join(cacheFolder, 'forge')
    const files = readdirSync(folder).map((name) => join(folder, name))
    expect(files.length).toBeGreaterThan(5)
    for (const file of files) {
      expect(readFileSync(file, 'utf8')).not.toContain(TOKEN)
      const kept = JSON.parse(readFileSync(file, 'utf8')) as { body: string }
      writeFileSync(file, JSON.stringify({ ...kept, body: kept.body.replaceAll(/"(?:sha|commit_id)":"[0-9a-f]{40}"/g, `"sha":"${OLD}"`) }))
    }
    expect((await collect())['approvals']).toMatchObject({ value: 1 })
  })

  describe('when the forge does not answer as it should', () => {
    const pulls = new RegExp(`^GET ${prefix}/(?:pulls|merge_requests)\\?`)
    const everything = /./
    test('(the easiest criteria do hold where it answers)', async () => {
      expect(satisfied(await collect()).length).toBeGreaterThan(10)
    })

    /** All of it is errored or missing with that reason, and no criterion about it is satisfied. */
    async function refused(reason: RegExp, more: More = {}): Promise<void> {
      const facts = await collect(more)
      expect(facts['exists']?.reason).toMatch(reason)
      for (const fact of Object.values(facts)) {
        expect([fact.name, fact.status]).not.toContain('observed')
        expect(fact).not.toHaveProperty('value')
      }
      expect(satisfied(facts)).toEqual([])
    }

    /** Which facts would satisfy the easiest criterion there is about them. */
    function satisfied(facts: Readonly<Record<string, Fact>>): readonly string[] {
      return Object.values(facts).flatMap((fact) => {
        const { unit, better, boundToTree } = { boundToTree: true, ...kind.metrics[fact.name as keyof typeof kind.metrics] }
        const metric = `pr.${fact.name}`
        const comparison =
          unit === 'boolean'
            ? { op: 'equals', value: better !== 'lower' }
            : better === 'lower'
              ? { op: 'atMost', value: 1e9 }
              : { op: 'atLeast', value: 0 }
        const checkpoint = checkpointOf([
          criterionOf('easy', { metric, comparison, provenance: 'claimed' } as never, { subjects: ['stream:reader'] }),
        ])
        const evidence = {
          ...fact,
          subject: 'stream:reader',
          metric,
          unit,
          provenance: 'measured',
          observedAt: AT,
          commit: HEAD,
          tree: TREE,
        } as Evidence
        const judged = judgeCheck({
          program: { ...program, checkpoints: [checkpoint], metrics: { [metric]: metricOf(unit, better, { boundToTree }) } },
          checkpoint,
          snapshot: { subjects: { 'stream:reader': at(HEAD) }, evidence: [evidence] },
          ledger: ledgerOf([]),
          at: AT,
        })
        return judged.evaluation.judgements.filter(({ status }) => status === 'satisfied').map(() => fact.name)
      })
    }

    test('a bad token names its variable', () =>
      refused(/does not accept MUSTER_GIT(?:HUB|LAB)_TOKEN \(401\): Bad credentials/, {
        environment: { [tokenName]: 'wrong', [forge === 'github' ? 'MUSTER_GITHUB_URL' : 'MUSTER_GITLAB_URL']: server.url },
      }))

    test('no token: no call, and which variable to set', async () => {
      await refused(/^there is no token: set MUSTER_GIT(?:HUB|LAB)_TOKEN or GIT(?:HUB|LAB)_TOKEN/, {
        environment: { [forge === 'github' ? 'MUSTER_GITHUB_URL' : 'MUSTER_GITLAB_URL']: server.url },
      })
      expect(server.requests).toEqual([])
    })

    test('a host that only the program file names is not called', async () => {
      await refused(/^the environment does not name http:\/\/127/, { environment: { [tokenName]: TOKEN } })
      expect(server.requests).toEqual([])
    })

    test('no such project, or one that the token may not see', () =>
      refused(/no such thing, or MUSTER_\w+ may not see it \(404\)/, { options: { project: 'example/other' } }))

    test('a permission that the token lacks', () => {
      server.fault(everything, json(403, { message: 'Resource not accessible' }, { 'x-accepted-github-permissions': 'pull_requests=read' }))
      return refused(/\(403\), it needs pull_requests=read: Resource not accessible/)
    })

    test('a used-up limit with a near reset is waited for', async () => {
      const reset = Math.floor(Date.now() / 1_000) + 7
      const headers = {
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(reset),
        date: new Date((reset - 7) * 1_000).toUTCString(),
      }
      server.fault(pulls, json(403, { message: 'API rate limit exceeded' }, headers), 1)
      expect((await collect())['exists']).toMatchObject({ value: true })
      expect(pauses).toContain(7_000)
    })

    test('one with a far reset is told', async () => {
      const reset = String(Math.floor(Date.now() / 1_000) + 3_000)
      server.fault(
        everything,
        json(403, { message: 'API rate limit exceeded' }, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }),
      )
      await refused(/^the rate limit of http:\S+ is used up, until about 20\d\d-/)
      expect(pauses).toEqual([])
    })

    test('429 with retry-after is waited for, and not for ever', async () => {
      server.fault(pulls, json(429, {}, { 'retry-after': '3' }), 2)
      expect((await collect())['exists']).toMatchObject({ value: true })
      expect(pauses.filter((one) => one === 3_000)).toHaveLength(2)
      server.fault(everything, json(429, {}, { 'retry-after': '3' }))
      await refused(/rate limit/)
    })

    test('500 twice, then fine', async () => {
      server.fault(pulls, json(500, { message: 'oops' }), 2)
      expect((await collect())['exists']).toMatchObject({ value: true })
      server.fault(everything, json(502, {}))
      await refused(/is answered with 502/)
    })

    test('a connection that is reset', async () => {
      server.fault(pulls, (response) => response.socket?.resetAndDestroy(), 1)
      expect((await collect())['exists']).toMatchObject({ value: true })
      server.fault(everything, (response) => response.socket?.resetAndDestroy())
      await refused(/the connection broke/)
    })

    test('an answer that breaks off', () => {
      server.fault(
        everything,
        (response) => void response.writeHead(200, { 'content-length': '100' }).write('[', () => response.socket?.destroy()),
      )
      return refused(/the connection broke/)
    })

    test('one that does not come within the time limit', () => {
      server.fault(everything, () => undefined)
      return refused(/the time limit ended it/, { signal: AbortSignal.timeout(50) })
    })

    test.each([
      ['damaged JSON', '[{"number": 12,', /is no JSON/],
      ['nothing', '', /is no JSON/],
      ['a page of HTML', '<!doctype html><title>Sign in</title>', /is answered with a page rather than JSON/],
      ['another document', '{"message":"hello"}', /is not as documented/],
      ['null', 'null', /is not as documented/],
      ['half of a pull request', '[{"number": 12, "iid": 12, "state": "open"}]', /is not as documented: 0\.\w+/],
      ['deep nesting', '['.repeat(100_000) + ']'.repeat(100_000), /is not as documented/],
    ])('%s', (_, body, reason) => {
      server.fault(everything, (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(body))
      return refused(reason)
    })

    test('an answer that is cut off anywhere', async () => {
      const whole = readFileSync(join(import.meta.dirname, '../../src/collect/forge/fixtures', forge, 'routes.json'))
      let length = 0
      server.fault(everything, (response) => response.writeHead(200).end(whole.subarray(0, length)))
      const lengths = fc.integer({ min: 0, max: whole.lastIndexOf('}') })
      await fc.assert(
        fc.asyncProperty(lengths, async (cut) => {
          length = cut
          await refused(/is no JSON/)
        }),
        { numRuns: Number(process.env['MUSTER_FUZZ_FORGE'] ?? 15) },
      )
    })

    test('a body without end', () => {
      server.fault(everything, (response) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        const more = (): void => void response.write(Buffer.alloc(2 ** 20, '['), () => void (response.destroyed || more()))
        more()
      })
      return refused(/has more than 16 MiB/)
    })

    test('a redirect is refused, and its target not called', async () => {
      const other = await playForge(forge)
      try {
        server.fault(everything, (response) => response.writeHead(302, { location: `${other.url}/stolen` }).end())
        await refused(/redirect \(302\) to http:\/\/127\.0\.0\.1:\d+\/stolen, and redirects are not followed/)
        expect(other.requests).toEqual([])
      } finally {
        await other.close()
      }
    })

    test('a next page elsewhere is refused, and not called', async () => {
      const other = await playForge(forge)
      try {
        server.fault(everything, json(200, [], { link: `<${other.url}${prefix}/pulls?page=2>; rel="next"` }))
        await refused(/its next page is said to be at/)
        expect(other.requests).toEqual([])
      } finally {
        await other.close()
      }
    })

    test('pages without end', () => {
      server.fault(everything, json(200, [], { link: `<${server.url}${prefix}/pulls?page=2>; rel="next"` }))
      return refused(/more than 100 pages/)
    })

    test('a forge that says the token back', async () => {
      server.fault(everything, json(403, { message: `what is ${TOKEN}?` }))
      await refused(/\(403\): what is \[redacted\]\?/)
    })

    test('where one part fails, the others hold', async () => {
      server.fault(new RegExp(forge === 'github' ? '/reviews' : '/approvals'), json(403, { message: 'no' }))
      const facts = await collect()
      expect(facts['approvals']).toMatchObject({ status: 'errored' })
      expect(facts['changes.requested']).toMatchObject({ status: 'errored' })
      expect(facts['checks.ratio']).toMatchObject({ value: 1 })
      expect(facts['conversations.open']).toMatchObject({ value: 2 })
    })
  })
})
