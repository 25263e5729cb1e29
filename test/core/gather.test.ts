import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { judgeCheck } from '#core/check.ts'
import type { Collector, CollectorKind, CollectRequest, CommandHost, CommandResult, Fact, Repository } from '#core/evidence/collector.ts'
import type { Evidence, Snapshot, SubjectState } from '#core/evidence/evidence.ts'
import { canonical } from '#core/ledger/canonical.ts'
import type { Program, Source } from '#core/program/model.ts'
import { gather } from '#engine/gather.ts'
import type { GatherPorts, Progress } from '#engine/ports.ts'
import { AT, checkpointOf, criterionOf, leaf, ledgerOf, metricOf, programOf, streamOf } from './heart/build.ts'

const kindOf = (kind: string, boundToTree: boolean): CollectorKind => ({
  kind,
  title: kind,
  options: z.strictObject({}),
  metrics: { passed: { unit: 'tests', better: 'higher', title: 'passed' }, failed: { unit: 'tests', better: 'lower', title: 'failed' } },
  boundToTree,
})
const KINDS = [kindOf('bound', true), kindOf('free', false), kindOf('command', true)]

const sourceOf = (id: string, extra: Partial<Source> = {}): Source => ({
  id,
  collect: 'bound',
  for: 'streams',
  options: {},
  timeLimitSeconds: 7,
  ...extra,
})

const stateOf = (branch: string): SubjectState => ({
  state: 'present',
  ref: `refs/heads/${branch}`,
  commit: `commit of ${branch}`,
  tree: `tree of ${branch}`,
  committedAt: AT,
})

/** A collector that answers with these facts, or does what it is told. */
const collecting = (collect: (request: CollectRequest) => unknown): Collector => ({
  collect: (request) => collect(request) as ReturnType<Collector['collect']>,
})

const fact = (name: string, value?: number, extra: Partial<Fact> = {}): Fact => ({
  name,
  status: 'observed',
  source: 'a report',
  ...(value !== undefined && { value }),
  ...extra,
})

interface Fakes {
  readonly collectors?: Readonly<Record<string, Collector>>
  readonly repository?: Partial<Repository>
  readonly runner?: Partial<CommandHost>
  /** Signals by time limit in seconds; without one, no limit is ever over. */
  readonly limits?: Readonly<Record<number, AbortSignal>>
}

const portsOf = ({ collectors = {}, repository = {}, runner = {}, limits = {} }: Fakes): GatherPorts => ({
  kinds: KINDS,
  collector: async (kind) => collectors[kind],
  repository: { resolve: async (branch: string) => stateOf(branch), ...repository } as Repository,
  runner: { announce() {}, settle() {}, resultOf: async () => undefined, ...runner } as CommandHost,
  programFolder: '/nowhere',
  cacheFolder: '/nowhere',
  environment: () => undefined,
  host: 'machine-1',
  now: () => AT,
  timeLimit: (seconds) => limits[seconds] ?? new AbortController().signal,
})

const programWith = (sources: readonly Source[], extra: Partial<Program> = {}): Program =>
  programOf(checkpointOf([criterionOf('tests', leaf('bound.passed', 'atLeast', 1))]), {
    sources,
    metrics: Object.fromEntries(
      sources.flatMap((one) => ['passed', 'failed'].map((name) => [`${one.id}.${name}`, metricOf('tests', 'higher', { source: one.id })])),
    ),
    ...extra,
  })

const options = { at: AT, signal: new AbortController().signal }
const statuses = (evidence: readonly Evidence[]): string[] => evidence.map((one) => `${one.subject} ${one.metric} ${one.status}`)

describe('what a collector brings', () => {
  test('becomes evidence of its subject, bound to commit and tree, with time, machine and provenance', async () => {
    const facts = [fact('passed', 9, { sha256: 'ab', details: ['one'] })]
    const { evidence, subjects } = await gather(
      programWith([sourceOf('bound')]),
      portsOf({ collectors: { bound: collecting(async () => facts) } }),
      options,
    )
    expect(subjects).toEqual({ program: stateOf('main'), 'stream:a': stateOf('feature/a') })
    expect(evidence).toEqual([
      {
        subject: 'stream:a',
        metric: 'bound.passed',
        status: 'observed',
        unit: 'tests',
        value: 9,
        provenance: 'measured',
        commit: 'commit of feature/a',
        tree: 'tree of feature/a',
        observedAt: AT,
        source: 'a report',
        sha256: 'ab',
        host: 'machine-1',
        details: ['one'],
      },
    ])
  })

  test('of a source that is not about a commit carries none; a fact may name its own, or say that it knows none', async () => {
    const program = programWith([sourceOf('free', { collect: 'free' }), sourceOf('bound')])
    const bound = collecting(async () => [
      fact('passed', 1, { commit: null, tree: null }),
      fact('failed', 0, { commit: 'c0', tree: 't0', provenance: 'reported', observedAt: '2026-02-20T10:00:00Z' }),
    ])
    const { evidence } = await gather(
      program,
      portsOf({ collectors: { free: collecting(async () => [fact('passed', 1)]), bound } }),
      options,
    )
    expect(evidence.map(({ commit, tree, provenance, observedAt }) => [commit, tree, provenance, observedAt])).toEqual([
      [undefined, undefined, 'measured', AT],
      [undefined, undefined, 'measured', AT],
      ['c0', 't0', 'reported', '2026-02-20T10:00:00Z'],
    ])
  })

  test('of a branch that is not there carries no commit, though the source is bound to one', async () => {
    const repository = { resolve: async (): Promise<SubjectState> => ({ state: 'absent', reason: 'there is no such branch' }) }
    const { evidence } = await gather(
      programWith([sourceOf('bound')]),
      portsOf({ repository, collectors: { bound: collecting(async () => [fact('passed', 1)]) } }),
      options,
    )
    expect(evidence).toMatchObject([{ metric: 'bound.passed', value: 1 }])
    expect(evidence[0]).not.toHaveProperty('tree')
  })

  test.each([
    ['NaN', fact('passed', Number.NaN), /NaN/],
    ['1e999', fact('passed', Number('1e999')), /Infinity/],
    ['no value', fact('passed'), /undefined/],
    ['a text', { ...fact('passed'), value: '9' } as unknown as Fact, /neither a finite number/],
    ['an endless interval', fact('passed', 1, { interval: { low: 0, high: Number.POSITIVE_INFINITY, level: 0.95 } }), /interval/],
    ['a time that is none', fact('passed', 1, { observedAt: 'yesterday' }), /yesterday/],
    ['a status that is none', { ...fact('passed', 1), status: 'green' } as unknown as Fact, /green/],
  ])('that cannot be (%s) is errored, says why, and can be recorded', async (_, one, reason) => {
    const snapshot = await gather(
      programWith([sourceOf('bound')]),
      portsOf({ collectors: { bound: collecting(async () => [one]) } }),
      options,
    )
    expect(snapshot.evidence).toMatchObject([
      { metric: 'bound.passed', status: 'errored', reason: expect.stringMatching(reason) as string, observedAt: AT },
    ])
    expect(snapshot.evidence[0]).not.toHaveProperty('value')
    expect(() => canonical(snapshot)).not.toThrow()
  })
})

describe('whatever goes wrong', () => {
  test('a collector that throws anything at any time becomes errored evidence of each of its facts; the others go on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything(), fc.constantFrom('throws', 'rejects', 'returns', 'loading'), async (thing, how) => {
        const bad = collecting(() => {
          if (how === 'throws') throw thing
          return how === 'rejects' ? Promise.reject(thing) : Promise.resolve(thing)
        })
        const program = programWith([sourceOf('bound'), sourceOf('free', { collect: 'free' })])
        const ports = portsOf({ collectors: { bound: bad, free: collecting(async () => [fact('passed', 1)]) } })
        const broken =
          how === 'loading'
            ? { ...ports, collector: async (kind: string) => (kind === 'bound' ? Promise.reject(thing) : ports.collector(kind)) }
            : ports
        const snapshot = await gather(program, broken, options)
        expect(snapshot.evidence.filter((one) => one.metric.startsWith('free.'))).toMatchObject([{ status: 'observed', value: 1 }])
        const own = snapshot.evidence.filter((one) => one.metric.startsWith('bound.'))
        if (how !== 'returns') expect(statuses(own)).toEqual(['stream:a bound.passed errored', 'stream:a bound.failed errored'])
        for (const one of own) if (one.status === 'errored') expect(one.reason?.trim()).toBeTruthy()
        const checkpoint = program.checkpoints[0]
        if (!checkpoint) throw new Error('there is no checkpoint')
        const { decision } = judgeCheck({ program, checkpoint, snapshot, ledger: ledgerOf(), at: AT })
        expect(decision.verdict).not.toBe('GO')
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    ['null', null],
    ['no prototype', Object.create(null) as unknown],
    [
      'a message that throws',
      Object.defineProperty(new Error('x'), 'message', {
        get: () => {
          throw new Error('again')
        },
      }),
    ],
    ['an empty message', new Error('')],
    ['a symbol', Symbol('s')],
  ])('thrown is %s: a reason is given all the same', async (_, thing) => {
    const { evidence } = await gather(
      programWith([sourceOf('bound')]),
      portsOf({
        collectors: {
          bound: collecting(() => {
            throw thing
          }),
        },
      }),
      options,
    )
    for (const one of evidence) expect(one).toMatchObject({ status: 'errored', reason: expect.stringMatching(/\S/) as string })
    expect(evidence).toHaveLength(2)
  })

  test('a repository that cannot be read makes every subject unavailable with its reason', async () => {
    const repository = {
      resolve: () => {
        throw new Error('the mirror is locked')
      },
    }
    const { subjects } = await gather(programWith([]), portsOf({ repository }), options)
    expect(Object.values(subjects)).toEqual([
      { state: 'unavailable', reason: 'the mirror is locked' },
      { state: 'unavailable', reason: 'the mirror is locked' },
    ])
  })

  test('a kind of collector that is not there is said', async () => {
    const { evidence } = await gather(programWith([sourceOf('bound')]), portsOf({}), options)
    expect(evidence).toMatchObject([{ status: 'errored', reason: 'there is no collector for bound' }, { status: 'errored' }])
  })
})

describe('time', () => {
  const never = collecting(() => new Promise<never>(() => {}))

  test('a collector that never ends is errored when its own limit is over; another with a longer one goes on', async () => {
    const program = programWith([sourceOf('bound', { timeLimitSeconds: 7 }), sourceOf('free', { collect: 'free', timeLimitSeconds: 8 })])
    const ports = portsOf({
      collectors: { bound: never, free: collecting(async () => [fact('passed', 1)]) },
      limits: { 7: AbortSignal.abort() },
    })
    const { evidence } = await gather(program, ports, options)
    expect(evidence.map((one) => [one.metric, one.status, one.reason])).toEqual([
      ['bound.passed', 'errored', 'it took longer than 7 s'],
      ['bound.failed', 'errored', 'it took longer than 7 s'],
      ['free.passed', 'observed', undefined],
    ])
  })

  test('a collector is told when its limit is over', async () => {
    const limit = new AbortController()
    const listening: Collector = {
      collect: (_, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve([fact('passed', 1, { status: 'missing', reason: 'stopped' })]), { once: true })
          limit.abort()
        }),
    }
    const { evidence } = await gather(
      programWith([sourceOf('bound')]),
      portsOf({ collectors: { bound: listening }, limits: { 7: limit.signal } }),
      options,
    )
    expect(evidence.every((one) => one.status !== 'observed')).toBe(true)
    expect(evidence.length).toBeGreaterThan(0)
  })

  test('a check that is cancelled ends at once, every source errored, none asked any more', async () => {
    const asked: string[] = []
    const collectors = {
      bound: collecting(async ({ sourceId }) => {
        asked.push(sourceId)
        return []
      }),
    }
    const { evidence } = await gather(programWith([sourceOf('bound')]), portsOf({ collectors }), { at: AT, signal: AbortSignal.abort() })
    expect(asked).toEqual([])
    expect(evidence.map((one) => one.reason)).toEqual(['the check was cancelled', 'the check was cancelled'])
  })

  test('commands are held to their limit by the runner, which knows when they start', async () => {
    const program = programWith([sourceOf('build', { collect: 'command' })])
    const { evidence } = await gather(
      program,
      portsOf({ collectors: { command: collecting(async () => [fact('passed', 1)]) }, limits: { 7: AbortSignal.abort() } }),
      options,
    )
    expect(evidence).toMatchObject([{ metric: 'build.passed', status: 'observed' }])
  })

  test('waiting for the command whose output is read is not the time of the source', async () => {
    const order: string[] = []
    const runner = {
      resultOf: async (id: string): Promise<CommandResult | undefined> => {
        order.push(`waited for ${id}`)
        return undefined
      },
    }
    const ports = portsOf({
      runner,
      collectors: {
        bound: collecting(async () => {
          order.push('collected')
          return [fact('passed', 1)]
        }),
      },
    })
    await gather(
      programWith([sourceOf('bound', { from: 'build' })]),
      {
        ...ports,
        timeLimit: (seconds) => {
          order.push('clock started')
          return ports.timeLimit(seconds)
        },
      },
      options,
    )
    expect(order).toEqual(['waited for build', 'clock started', 'collected'])
  })
})

describe('what has not moved since it was seen', () => {
  const sources = [sourceOf('run', { collect: 'command' }), sourceOf('tests', { from: 'run' }), sourceOf('other', { collect: 'free' })]
  const looking = (change: { readonly heads?: Readonly<Record<string, string>>; readonly host?: string; readonly tests?: Fact[] } = {}) => {
    const asked: string[] = []
    const answering = (facts: readonly Fact[]) => collecting(async ({ sourceId }) => (asked.push(sourceId), facts))
    const ports = portsOf({
      collectors: {
        command: answering([fact('passed', 1), fact('failed', 0)]),
        bound: answering(change.tests ?? [fact('passed', 9)]),
        free: answering([fact('passed', 1)]),
      },
      repository: {
        resolve: async (branch: string) => {
          const state = stateOf(branch)
          return state.state === 'present' ? { ...state, commit: change.heads?.[branch] ?? state.commit } : state
        },
      },
    })
    return { asked, ports: { ...ports, ...(change.host !== undefined && { host: change.host }) } }
  }
  const first = async (tests?: Fact[]) => {
    const { asked, ports } = looking({ ...(tests && { tests }) })
    const seen = await gather(programWith(sources), ports, options)
    expect(asked.toSorted()).toEqual(['other', 'run', 'tests'])
    return seen
  }
  const again = async (
    snapshots: readonly Snapshot[],
    change: Parameters<typeof looking>[0] & { readonly since?: string } = {},
    extra: Partial<Source> = {},
    at = AT,
  ) => {
    const { asked, ports } = looking(change)
    const program = programWith(sources.map((one) => ({ ...one, ...extra })))
    const seen = { snapshots, ...(change.since !== undefined && { since: change.since }) }
    const snapshot = await gather(program, ports, { ...options, at, seen })
    return { asked: asked.toSorted(), snapshot }
  }

  test('has its evidence of before: no command is run again for it, and nothing that reads its files is asked', async () => {
    const seen = await first()
    const { asked, snapshot } = await again([seen])
    expect(asked).toEqual(['other'])
    expect(snapshot).toEqual(seen)
  })

  test('is asked for anew by whoever does not say what was seen', async () => {
    await first()
    expect((await again([])).asked).toEqual(['other', 'run', 'tests'])
  })

  test.each([
    ['the branch has moved', { heads: { 'feature/a': 'c2' } }, {}],
    ['the target has moved, with which it is compared', { heads: { main: 'c2' } }, {}],
    ['it is another machine', { host: 'machine-2' }, {}],
    ['the evidence has grown too old', {}, { maxAgeSeconds: 60 }],
    ['only what was seen later counts', { since: '2026-02-25T15:30:30Z' }, {}],
  ])('is not kept when %s', async (_, change, extra) => {
    const later = '2026-02-25T15:31:00Z'
    expect(Date.parse(later) - Date.parse(AT)).toBeGreaterThan(60_000)
    expect((await again([await first()], change, extra, later)).asked).toEqual(['other', 'run', 'tests'])
  })

  test('has the newest evidence of several looks, each with what was read beside it', async () => {
    const dated = (seen: Snapshot, observedAt: string, passed: number): Snapshot => ({
      ...seen,
      evidence: seen.evidence.map((one) => ({ ...one, observedAt, ...(one.metric === 'tests.passed' && { value: passed }) })),
    })
    const seen = await first()
    const [older, newer] = [dated(seen, '2026-02-25T15:00:00Z', 7), dated(seen, '2026-02-25T15:10:00Z', 8)]
    for (const snapshots of [
      [older, newer],
      [newer, older],
    ]) {
      const { asked, snapshot } = await again(snapshots, { since: '2026-02-25T15:05:00Z' })
      expect(asked).toEqual(['other'])
      expect(snapshot.evidence.find((one) => one.metric === 'tests.passed')).toMatchObject({ value: 8, observedAt: '2026-02-25T15:10:00Z' })
    }
  })

  test('is not kept where anything of it could not be observed: a report that is missing may be there this time', async () => {
    const seen = await first([{ name: 'passed', status: 'missing', source: 'a report', reason: 'there is no such file' }])
    expect((await again([seen])).asked).toEqual(['other', 'run', 'tests'])
  })
})

describe('what a collector is asked', () => {
  const asked = async (source: Source, extra: Partial<Program> = {}, repository: Partial<Repository> = {}): Promise<CollectRequest[]> => {
    const requests: CollectRequest[] = []
    const spy = collecting(async (request) => {
      requests.push(request)
      return []
    })
    await gather(programWith([source], extra), portsOf({ repository, collectors: { bound: spy, free: spy } }), options)
    return requests
  }

  test('the options with stream, branch, commit and tree filled in, in lists, maps and keys', async () => {
    const written = {
      files: ['out/${stream}-${commit}.xml'],
      env: { 'BRANCH_${stream}': '${branch}' },
      tree: '${tree}',
      left: '${stream',
      other: '${home}',
      number: 3,
      on: true,
    }
    const [request] = await asked(sourceOf('bound', { options: written }))
    expect(request).toMatchObject({
      sourceId: 'bound',
      subject: 'stream:a',
      bound: true,
      timeLimitSeconds: 7,
      state: stateOf('feature/a'),
      options: {
        files: ['out/a-commit of feature/a.xml'],
        env: { BRANCH_a: 'feature/a' },
        tree: 'tree of feature/a',
        left: '${stream',
        other: '${home}',
        number: 3,
        on: true,
      },
    })
  })

  test('a value that looks like a placeholder is not filled in a second time', async () => {
    const streams = [streamOf('a', { branch: 'feature/${commit}' })]
    const [request] = await asked(sourceOf('bound', { options: { at: '${branch}' } }), { streams })
    expect(request?.options).toEqual({ at: 'feature/${commit}' })
  })

  test('of the program: the target branch; without a branch, commit and tree stay unfilled', async () => {
    const [request] = await asked(
      sourceOf('bound', { for: 'program', options: { at: '${stream} ${branch} ${commit}' } }),
      {},
      { resolve: async () => ({ state: 'absent', reason: 'none' }) },
    )
    expect(request).toMatchObject({ subject: 'program', bound: true, options: { at: 'program main ${commit}' } })
  })

  test('options that name neither commit nor tree are not bound', async () => {
    expect((await asked(sourceOf('bound', { options: { files: '${stream}.xml' } }))).map((one) => one.bound)).toEqual([false])
  })

  test('for every stream, for those named, or for the program; and only for the streams looked at', async () => {
    const streams = [streamOf('a'), streamOf('b')]
    const sources = [sourceOf('bound'), sourceOf('free', { collect: 'free', for: ['b'] }), sourceOf('whole', { for: 'program' })]
    const seen: string[] = []
    const spy = collecting(async ({ sourceId, subject }) => {
      seen.push(`${sourceId} ${subject}`)
      return []
    })
    await gather(programWith(sources, { streams }), portsOf({ collectors: { bound: spy, free: spy } }), options)
    expect(seen.toSorted()).toEqual(['bound stream:a', 'bound stream:b', 'free stream:b', 'whole program'])
    seen.length = 0
    await gather(programWith(sources, { streams }), portsOf({ collectors: { bound: spy, free: spy } }), { ...options, streams: ['a'] })
    expect(seen).toEqual(['bound stream:a'])
  })
})

test('every command is announced before anything is asked, and settled however it went', async () => {
  const log: string[] = []
  const runner = {
    announce: (id: string, subject: string) => void log.push(`announced ${id} ${subject}`),
    settle: (id: string, subject: string) => void log.push(`settled ${id} ${subject}`),
  }
  const command = collecting(({ sourceId }) => {
    log.push(`asked ${sourceId}`)
    throw new Error('no')
  })
  const program = programWith([sourceOf('bound'), sourceOf('build', { collect: 'command' }), sourceOf('lint', { collect: 'command' })])
  await gather(program, portsOf({ runner, collectors: { command, bound: collecting(async () => []) } }), options)
  expect(log.slice(0, 2)).toEqual(['announced build stream:a', 'announced lint stream:a'])
  expect(log.slice(2).toSorted()).toEqual(['asked build', 'asked lint', 'settled build stream:a', 'settled lint stream:a'])
})

test('progress counts the sources and what went wrong', async () => {
  const events: Progress[] = []
  const collectors = {
    bound: collecting(() => {
      throw new Error('no')
    }),
    free: collecting(async () => [fact('passed', 1)]),
  }
  await gather(programWith([sourceOf('bound'), sourceOf('free', { collect: 'free' })]), portsOf({ collectors }), {
    ...options,
    progress: (one) => void events.push(one),
  })
  expect(events[0]).toEqual({ step: 'begin', sources: 2 })
  expect(events.slice(1).map((one) => (one.step === 'source' ? `${one.source} ${one.errored}` : ''))).toEqual(
    expect.arrayContaining(['bound 2', 'free 0']),
  )
})
