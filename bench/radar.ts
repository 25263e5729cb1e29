import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { openMirror, type Mirror } from '#collect/git/mirror.ts'
import type { Probed, Prober, ProbeSubject } from '#core/merge/probe.ts'
import { cleanEnvironment, gitText } from '../test/radar/git.ts'
import { openOracle } from '../test/radar/oracle.ts'
import { median, report } from './measure.ts'

const FILES = 5000
const COMMITS = 2000
/** As many merges are really made by the slow ways, one process each and all in one; their cost is scaled to all. */
const SAMPLE = { each: 150, batch: 900 }

interface Question {
  readonly target: string
  readonly streams: readonly ProbeSubject[]
}

interface Cost {
  readonly cpu: number
  readonly wall: number
}

/** CPU milliseconds of this process and of its ended children so far (proc(5): utime, stime, cutime, cstime in ticks of 10 ms). */
const cpuSoFar = (): number => {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ').slice(11, 15) ?? []
  return fields.reduce((sum, field) => sum + Number(field), 0) * 10
}

const costOf = async (run: () => Promise<unknown>): Promise<Cost> => {
  const [cpu, wall] = [cpuSoFar(), performance.now()]
  await run()
  return { cpu: cpuSoFar() - cpu, wall: performance.now() - wall }
}

/**
 * A repository of that many files and commits, and two sets of branches: `base/<n>` fork at the tip,
 * `open/<n>` anywhere in its younger half. Each changes a handful of files, one of ten also one of
 * the few that everybody wants; some add, rename, delete. `refs/moves/<n>` is one commit further.
 */
function generate(folder: string, branches: number): void {
  const random = xoroshiro128plus(1)
  const below = (end: number): number => uniformInt(random, 0, end - 1)
  const path = (index: number): string => `src/part${index % 61}/unit${index % 7}/file${index}.ts`
  const texts = Array.from({ length: FILES }, (_, index) => Array.from({ length: 60 }, (_, line) => `${index}: line ${line}`))
  const stream: string[] = []
  let mark = 0
  let time = 1_700_000_000
  const commit = (ref: string, from: string | undefined, changes: readonly string[]): string => {
    const who = `lead-a <lead-a@example.org> ${(time += 60)} +0000`
    stream.push(
      `commit ${ref}\nmark :${(mark += 1)}\nauthor ${who}\ncommitter ${who}\ndata 1\nx\n${from === undefined ? '' : `from ${from}\n`}`,
      ...changes,
    )
    return `:${mark}`
  }
  const write = (to: string, lines: readonly string[]): string => {
    const text = `${lines.join('\n')}\n`
    return `M 100644 inline ${to}\ndata ${text.length}\n${text}\n`
  }
  const edited = (index: number, word: string): readonly string[] => (texts[index] ?? []).with(below(60), word)
  let tip = commit(
    'refs/heads/main',
    undefined,
    texts.map((lines, index) => write(path(index), lines)),
  )
  const line = [{ tip, texts: [...texts] }]
  for (let index = 1; index < COMMITS; index += 1) {
    const changes = Array.from({ length: 1 + below(9) }, () => {
      const file = below(200) === 0 ? below(40) : below(FILES)
      texts[file] = [...edited(file, `main ${index}`)]
      return write(path(file), texts[file] ?? [])
    })
    tip = commit('refs/heads/main', tip, changes)
    if (index >= COMMITS / 2) line.push({ tip, texts: [...texts] })
  }
  const branch = (ref: string, fork: (typeof line)[number] | undefined): string => {
    const changes = Array.from({ length: 2 + below(6) }, () => {
      const file = below(10) === 0 ? below(40) : below(FILES)
      const lines = (fork?.texts[file] ?? []).with(below(file < 40 ? 9 : 60), `${ref} changes`)
      // In a thousand changes of public repositories about 15 are renames, 8 deletions and 40 new files.
      const way = below(1000)
      if (way < 15) return `D ${path(file)}\n${write(`${path(file)}.moved`, lines)}`
      if (way < 23) return `D ${path(file)}\n`
      if (way < 63) return write(`${path(file)}.new`, [ref, ...lines.slice(0, 9)])
      return write(path(file), lines)
    })
    return commit(ref, fork?.tip, changes)
  }
  for (let index = 0; index < branches; index += 1) branch(`refs/heads/base/${index}`, line.at(-1))
  for (let index = 0; index < branches; index += 1) {
    const fork = line[below(line.length)]
    const head = branch(`refs/heads/open/${index}`, fork)
    if (index % 10 !== 0) continue
    const file = below(FILES)
    commit(`refs/moves/${index}`, head, [write(path(file), (fork?.texts[file] ?? []).with(below(60), 'moved'))])
  }
  const options = { env: cleanEnvironment(), maxBuffer: 1 << 30 }
  execFileSync('git', ['init', '-q', '--bare', folder], options)
  execFileSync('git', [`--git-dir=${folder}`, 'fast-import', '--quiet'], { ...options, input: stream.join('') })
}

const question = async (gitFolder: string, target: string, pattern: string, most: number): Promise<Question> => {
  const listed = await gitText(gitFolder, [
    'for-each-ref',
    '--sort=-committerdate',
    '--format=%(objectname)',
    `--no-merged=${target}`,
    pattern,
  ])
  const commits = [...new Set(listed.trimEnd().split('\n'))].slice(0, most)
  return {
    target: (await gitText(gitFolder, ['rev-parse', target])).trim(),
    streams: commits.map((commit, index) => ({ id: `s${index}`, commit })),
  }
}

const probe = (prober: Prober, { target, streams }: Question): Promise<Probed> =>
  prober.probe({ target, streams, signal: new AbortController().signal })

const cleanOnes = async (mirror: Mirror, asked: Question, most: number): Promise<Question> => {
  const { streams } = await cold(mirror, asked)
  return { ...asked, streams: streams.filter(({ state }) => state === 'clean').slice(0, most) }
}

/** A prober that knows nothing, from its start to its end. */
const cold = async (mirror: Mirror, asked: Question): Promise<Probed> => {
  const prober = await mirror.prober()
  try {
    return await probe(prober, asked)
  } finally {
    await prober.close()
  }
}

/**
 * The two ways that need no thought, each on objects in memory: every branch lands once, then each
 * pair is merged in both orders, as the question asks. `oneOrder`: half of that.
 */
async function merging(
  gitFolder: string,
  { target, streams }: Question,
): Promise<{ each: Cost; batch: Cost; oneOrder: Cost; pairs: number }> {
  const oracle = await openOracle(gitFolder)
  try {
    const landings = streams.map(({ commit }) => [target, commit] as const)
    const land = async (projected: readonly { readonly outcome: string; readonly tree: string }[]) =>
      Promise.all(
        projected.flatMap(({ outcome, tree }, at) => {
          const { commit = '' } = streams[at] ?? {}
          return outcome === 'clean' ? [oracle.commit(tree, [target, commit]).then((landed) => ({ landed, commit }))] : []
        }),
      )
    const sampleOf = (landed: Awaited<ReturnType<typeof land>>, size: number) => {
      const pairs = landed.flatMap((a) => landed.filter((b) => b !== a).map((b) => [a.landed, b.commit] as const))
      const step = Math.max(1, Math.floor(pairs.length / size))
      return { all: pairs.length, some: pairs.filter((_, index) => index % step === 0) }
    }
    const scaled = async (
      size: number,
      merge: (pairs: readonly (readonly [string, string])[]) => Promise<readonly { readonly outcome: string; readonly tree: string }[]>,
    ) => {
      let landed: Awaited<ReturnType<typeof land>> = []
      const first = await costOf(async () => (landed = await land(await merge(landings))))
      const { all, some } = sampleOf(landed, size)
      const then = await costOf(() => merge(some))
      const cost = (share: number): Cost => {
        const factor = (share * all) / some.length
        return { cpu: first.cpu + then.cpu * factor, wall: first.wall + then.wall * factor }
      }
      return { cost: cost(1), half: cost(0.5), all }
    }
    const each = await scaled(SAMPLE.each, async (pairs) => {
      const answers = []
      for (const pair of pairs) answers.push(await oracle.merge(...pair))
      return answers
    })
    const batch = await scaled(SAMPLE.batch, (pairs) => oracle.mergeAll(pairs))
    return { each: each.cost, batch: batch.cost, oneOrder: batch.half, pairs: each.all / 2 }
  } finally {
    await oracle.close()
  }
}

const shown = ({ cpu, wall }: Cost): string => `${cpu.toFixed(0)} ms CPU, ${wall.toFixed(0)} ms wall`

/** One set of branches, ours against both ways of merging. */
async function against(
  name: string,
  gitFolder: string,
  mirror: Mirror,
  asked: Question,
  goals: { readonly each: number; readonly batch: number },
): Promise<boolean> {
  const costs: Cost[] = []
  let probed: Probed | undefined
  for (let round = 0; round < 5; round += 1) costs.push(await costOf(async () => (probed = await cold(mirror, asked))))
  const ours = { cpu: costs.reduce((sum, { cpu }) => sum + cpu, 0) / costs.length, wall: median(costs.map(({ wall }) => wall)) }
  const { each, batch, oneOrder, pairs } = await merging(gitFolder, asked)
  const { effort } = probed ?? {}
  console.log(
    `     ${name}: ${asked.streams.length} branches, ${pairs} pairs of which ${effort?.sharing} share a path, ${probed?.pairs.length} conflict`,
  )
  console.log(
    `     ours ${shown(ours)}; a process per pair ${shown(each)}; one --stdin ${shown(batch)} (${SAMPLE.each} and ${SAMPLE.batch} merges, scaled to all pairs in both orders); one --stdin in one order ${(oneOrder.cpu / ours.cpu).toFixed(1)}x ours`,
  )
  return [
    report(`${name}: a git merge-tree per pair against the radar, CPU`, each.cpu / ours.cpu, goals.each, 'at least'),
    report(`${name}: a git merge-tree per pair against the radar, wall`, each.wall / ours.wall, goals.each, 'at least'),
    report(`${name}: one git merge-tree --stdin against the radar, CPU`, batch.cpu / ours.cpu, goals.batch, 'at least'),
    report(`${name}: one git merge-tree --stdin against the radar, wall`, batch.wall / ours.wall, goals.batch, 'at least'),
  ].every(Boolean)
}

/** One branch gets one more commit: the next answer of a prober that knows the rest. */
async function moved(gitFolder: string, mirror: Mirror, asked: Question): Promise<boolean> {
  const moves = await gitText(gitFolder, ['for-each-ref', '--format=%(objectname) %(parent)', 'refs/moves/*'])
  const prober = await mirror.prober()
  try {
    await probe(prober, asked)
    const times: number[] = []
    for (const move of moves.trimEnd().split('\n')) {
      const [commit = '', parent] = move.split(' ')
      const at = asked.streams.findIndex((stream) => stream.commit === parent)
      const stream = asked.streams[at]
      if (stream === undefined) continue
      const { wall } = await costOf(() => probe(prober, { ...asked, streams: asked.streams.with(at, { ...stream, commit }) }))
      times.push(wall)
    }
    console.log(
      `     one more commit on a branch, ${times.length} times: ${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)} ms`,
    )
    return limit('one branch moved', median(times), 60)
  } finally {
    await prober.close()
  }
}

const limit = (figure: string, milliseconds: number, goal: number): boolean => {
  const reached = milliseconds <= goal
  console.log(`${reached ? 'ok  ' : 'MISS'} ${figure}: ${milliseconds.toFixed(0)} ms (goal: at most ${goal} ms)`)
  return reached
}

async function growth(mirror: Mirror, gitFolder: string, pattern: string): Promise<boolean> {
  let last = NaN
  for (const count of [10, 30, 100, 300, 1000]) {
    const asked = await question(gitFolder, 'main', pattern, count)
    let probed: Probed | undefined
    const cost = await costOf(async () => (probed = await cold(mirror, asked)))
    const { pairs, sharing, byHunks, byGit } = probed?.effort ?? { pairs: 0, sharing: 0, byHunks: 0, byGit: 0 }
    console.log(
      `     ${asked.streams.length} branches: ${shown(cost)}; ${pairs} pairs, ${sharing} share a path, ${byHunks} by hunks, ${byGit} by git`,
    )
    last = cost.wall
  }
  return limit('1,000 branches', last, 10_000)
}

const withMirror = async (gitFolder: string, work: (mirror: Mirror) => Promise<boolean>): Promise<boolean> => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-bench-mirror-'))
  try {
    const mirror = await openMirror({ folder: join(folder, 'mirror'), from: gitFolder })
    try {
      return await work(mirror)
    } finally {
      await mirror.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export async function bench(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'))
  try {
    const source = join(folder, 'source.git')
    generate(source, 1000)
    return await withMirror(source, async (mirror) => {
      const base = await question(source, 'main', 'refs/heads/base/*', 100)
      const open = await question(source, 'main', 'refs/heads/open/*', 100)
      return [
        await against('one base', source, mirror, base, { each: 60, batch: 8 }),
        await against('mixed forks', source, mirror, open, { each: 60, batch: 15 }),
        await moved(source, mirror, open),
        await growth(mirror, source, 'refs/heads/open/*'),
      ].every(Boolean)
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** `node -C source bench/radar.ts --repository PATH --refs PATTERN [--target REF] [--most N] [--clean]`: the same against a real one; `--clean` passes over heads that conflict with the target. */
if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      repository: { type: 'string' },
      refs: { type: 'string', default: 'refs/heads/*' },
      target: { type: 'string', default: 'HEAD' },
      most: { type: 'string', default: '100' },
      clean: { type: 'boolean', default: false },
    },
  })
  const { repository } = values
  const reached =
    repository === undefined
      ? await bench()
      : await withMirror(resolve(repository), async (mirror) => {
          const most = Number(values.most)
          const asked = values.clean
            ? await cleanOnes(mirror, await question(resolve(repository), values.target, values.refs, 4 * most), most)
            : await question(resolve(repository), values.target, values.refs, most)
          return against(repository, resolve(repository), mirror, asked, { each: 60, batch: 15 })
        })
  process.exitCode = reached ? 0 : 1
}
