import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, createWriteStream, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { CollectContext } from '#core/evidence/collector.ts'
import type { SubjectState } from '#core/evidence/evidence.ts'
import { collector } from '#collect/code/index.ts'
import { kind } from '#collect/code/kind.ts'
import { lineFacts } from '#collect/git/line-facts.ts'
import { kind as gitKind } from '#collect/git/kind.ts'
import { openMirror } from '#collect/git/mirror.ts'
import { cleanEnvironment } from '../test/radar/git.ts'
import { median, report } from './measure.ts'

const FILES = 100_000
const CHANGED = 1000
const ROUNDS = 5

/** CPU milliseconds of this process and of its ended children so far (proc(5): utime, stime, cutime, cstime in ticks of 10 ms). */
const cpuSoFar = (): number => {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ').slice(11, 15) ?? []
  return fields.reduce((sum, field) => sum + Number(field), 0) * 10
}

const environment = cleanEnvironment()

/** One git to its end, its output thrown away unread: no process of ours works for it. */
async function git(folder: string, args: readonly string[], input?: string): Promise<void> {
  const [stdin, stdout] = [openSync(input ?? '/dev/null', 'r'), openSync('/dev/null', 'w')]
  const child = spawn('git', [`--git-dir=${folder}`, ...args], { env: environment, stdio: [stdin, stdout, 'inherit'] })
  closeSync(stdin)
  closeSync(stdout)
  const [code] = (await once(child, 'close')) as [number]
  if (code !== 0) throw new Error(`git ${args.join(' ')} ended with ${code}`)
}

const textOf = (folder: string, args: readonly string[]): string =>
  execFileSync('git', [`--git-dir=${folder}`, ...args], { env: environment, encoding: 'utf8', maxBuffer: 1 << 30 }).trim()

/** Shares of files as in large public repositories, and how each writes a comment. */
const KINDS = [
  { ending: 'ts', share: 30, line: '//', open: '/**', close: ' */' },
  { ending: 'py', share: 20, line: '#', open: '"""', close: '"""' },
  { ending: 'c', share: 15, line: '//', open: '/*', close: ' */' },
  { ending: 'go', share: 10, line: '//', open: '/*', close: '*/' },
  { ending: 'java', share: 10, line: '//', open: '/**', close: ' */' },
  { ending: 'rs', share: 5, line: '//', open: '/*', close: '*/' },
  { ending: 'css', share: 4, line: '/*', open: '/*', close: '*/' },
  { ending: 'html', share: 4, line: '', open: '<!--', close: '-->' },
  { ending: 'sh', share: 2, line: '#', open: '#', close: '#' },
]

/**
 * A repository of that many source files, about 4 KB each and 10 KB at most, and `refs/heads/work`
 * that changes some of them as people do: a few places each, some files added, renamed, deleted.
 */
async function generate(folder: string): Promise<void> {
  const random = xoroshiro128plus(1)
  const below = (end: number): number => uniformInt(random, 0, end - 1)
  const some = <T>(list: readonly T[]): T => list[below(list.length)] as T
  const syllables = [
    're',
    'ad',
    'er',
    'con',
    'fig',
    'tok',
    'en',
    'par',
    'se',
    'val',
    'ue',
    'in',
    'dex',
    'node',
    'list',
    'map',
    'set',
    'get',
  ]
  const words = Array.from({ length: 600 }, () => Array.from({ length: 1 + below(3) }, () => some(syllables)).join(''))
  // Some words stand everywhere, most hardly anywhere.
  const word = (): string => words[below(1 + below(1 + below(words.length)))] as string
  const shares = KINDS.flatMap((one) => Array.from({ length: one.share }, () => one))
  const statement = (): string =>
    some([
      () => `const ${word()} = ${word()}.${word()}(${word()}, ${below(100)})`,
      () => `if (${word()} === ${word()}.${word()}) {`,
      () => `return ${word()}(${word()}[${below(10)}], "${word()} of ${word()}: ${word()}")`,
      () => `${word()}.${word()} = "${word()}/${word()}" + ${word()}`,
      () => `for (${word()} of ${word()}.${word()}()) ${word()}(${word()})`,
      () => '}',
      () => `${word()}(${word()}, ${word()}, { ${word()}: ${word()}, ${word()}: '${word()}' })`,
      () => `import ${word()}.${word()}.${word()}`,
    ])()
  const prose = (): string => Array.from({ length: 4 + below(9) }, word).join(' ')
  const linesOf = ({ line, open, close }: (typeof KINDS)[number]): string[] => {
    const lines: string[] = []
    for (const end = 20 + below(1 + below(300)); lines.length < end;) {
      const way = below(100)
      const indent = '  '.repeat(below(5))
      if (way < 12) lines.push('')
      else if (way < 18 && line !== '') lines.push(`${indent}${line} ${prose()}${line === '/*' ? ' */' : ''}`)
      else if (way < 21) lines.push(`${indent}${open} ${prose()}`, `${indent} * ${prose()}`, `${indent}${close}`)
      else lines.push(`${indent}${statement()}`)
    }
    return lines
  }
  execFileSync('git', ['init', '-q', '--bare', folder], { env: environment })
  const child = spawn('git', [`--git-dir=${folder}`, 'fast-import', '--quiet'], { env: environment, stdio: ['pipe', 'inherit', 'inherit'] })
  const file = (path: string, lines: readonly string[]): string => {
    const text = `${lines.join('\n')}\n`
    return `M 100644 inline ${path}\ndata ${text.length}\n${text}\n`
  }
  const commit = (ref: string, from = ''): string =>
    `commit ${ref}\ncommitter lead-a <lead-a@example.org> 1700000000 +0000\ndata 1\nx\n${from}`
  const changes: string[] = [commit('refs/heads/work', 'from refs/heads/main\n')]
  child.stdin.write(commit('refs/heads/main'))
  for (let index = 0; index < FILES; index += 1) {
    const kindOf = some(shares)
    const path = `src/part${index % 61}/unit${index % 701}/file${index}.${kindOf.ending}`
    const lines = linesOf(kindOf)
    if (!child.stdin.write(file(path, lines))) await once(child.stdin, 'drain')
    if (index % (FILES / CHANGED) !== 0) continue
    const way = below(100)
    for (let place = 1 + below(6); place > 0; place -= 1)
      lines.splice(below(lines.length), below(4), ...Array.from({ length: below(12) }, statement))
    if (way < 4) changes.push(`D ${path}\n`)
    else if (way < 8) changes.push(`D ${path}\n`, file(path.replace('file', 'moved'), lines))
    else if (way < 20) changes.push(file(path.replace('file', 'new'), linesOf(kindOf)))
    else changes.push(file(path, lines))
  }
  child.stdin.end(`\n${changes.join('')}\n`)
  await once(child, 'close')
}

const outside = { signal: new AbortController().signal } as unknown as CollectContext

/** Goes through `work` in a mirror of its own that has nothing in memory yet. */
async function inMirror<T>(folder: string, from: string, work: (mirror: Awaited<ReturnType<typeof openMirror>>) => Promise<T>): Promise<T> {
  const mirror = await openMirror({ folder: join(folder, 'mirror'), from })
  try {
    return await work(mirror)
  } finally {
    await mirror.close()
  }
}

type Cost = () => Promise<number>

/** CPU of `work` and of the processes that it started. */
const costOf = async (work: () => Promise<unknown>): Promise<number> => {
  globalThis.gc?.()
  const began = cpuSoFar()
  await work()
  return cpuSoFar() - began
}

async function ratio(figure: string, floor: Cost, ours: Cost, goal: number): Promise<boolean> {
  const ratios: number[] = []
  const [costs, floors]: [number[], number[]] = [[], []]
  for (let round = -1; round < ROUNDS; round += 1) {
    const [below, cost] = [await floor(), await ours()]
    if (round < 0) continue
    ratios.push(cost / below)
    costs.push(cost)
    floors.push(below)
  }
  console.log(`     ${figure}: ${median(costs).toFixed(0)} ms against ${median(floors).toFixed(0)} ms`)
  return report(figure, median(ratios), goal, 'at most')
}

const countTree = (cacheFolder: string, source: string, folder: string, state: SubjectState): Promise<number> =>
  inMirror(folder, source, async (repository) =>
    costOf(async () => {
      const facts = await collector.collect(
        {
          sourceId: 'code',
          subject: 'program',
          options: kind.options.parse({ languages: ['programming', 'markup', 'data', 'prose'] }),
          state,
        },
        { ...outside, repository, cacheFolder },
      )
      if (facts.some(({ status }) => status !== 'observed')) throw new Error(JSON.stringify(facts))
    }),
  )

async function figures(
  folder: string,
  source: string,
  names: { readonly main: string; readonly work: string | undefined },
): Promise<boolean> {
  const { state, oids, work } = await inMirror(folder, source, async (mirror) => {
    const state = await mirror.resolve(names.main)
    if (state.state !== 'present') throw new Error(state.reason)
    const oids: string[] = []
    await mirror.files(state.tree, (_path, oid) => void oids.push(oid))
    return { state, oids, work: names.work === undefined ? undefined : await mirror.resolve(names.work) }
  })
  const list = join(folder, 'oids')
  const stream = createWriteStream(list)
  stream.end(`${oids.join('\n')}\n`)
  await once(stream, 'finish')
  console.log(`     ${oids.length} files`)
  const cold = join(folder, 'cold')
  const warm = join(folder, 'warm')
  await countTree(warm, source, folder, state)
  const results = [
    await ratio(
      `lines of a commit of ${oids.length} files against git cat-file of the same`,
      () => costOf(() => git(source, ['-c', 'core.deltaBaseCacheLimit=512m', 'cat-file', '--batch', '--buffer'], list)),
      async () => {
        rmSync(cold, { recursive: true, force: true })
        return countTree(cold, source, folder, state)
      },
      1.8,
    ),
    await ratio(
      'the same from counts kept by blob, against git ls-tree -r',
      () => costOf(() => git(source, ['ls-tree', '-r', state.tree])),
      () => countTree(warm, source, folder, state),
      3,
    ),
  ]
  if (work?.state === 'present') {
    const base = textOf(source, ['merge-base', state.commit, work.commit])
    const options = gitKind.options.parse({})
    results.push(
      await ratio(
        'line facts of a branch against git diff --numstat',
        () => costOf(async () => repeat(8, () => git(source, ['diff', '--numstat', base, work.commit]))),
        async () => {
          let cost = 0
          await repeat(8, async () => {
            const mirror = await openMirror({ folder: join(folder, 'mirror'), from: source })
            cost += await costOf(async () => {
              const lines = await mirror.changedLines(base, work.commit)
              await lineFacts(mirror, lines, await mirror.changes(base, work.commit), () => true, options, outside.signal)
              // Only what has ended counts.
              await mirror.close()
            })
          })
          return cost
        },
        2,
      ),
    )
  }
  return results.every(Boolean)
}

async function repeat(times: number, run: () => Promise<unknown>): Promise<void> {
  for (let time = 0; time < times; time += 1) await run()
}

export async function bench(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'))
  try {
    const source = join(folder, 'source.git')
    await generate(source)
    return await figures(folder, source, { main: 'main', work: 'work' })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** `node -C source bench/code.ts --repository PATH [--main BRANCH] [--work BRANCH]`: the same against a real one; `--keep PATH` writes the generated one. */
if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      repository: { type: 'string' },
      main: { type: 'string', default: 'main' },
      work: { type: 'string' },
      keep: { type: 'string' },
    },
  })
  if (values.keep !== undefined) await generate(resolve(values.keep))
  else if (values.repository === undefined) process.exitCode = (await bench()) ? 0 : 1
  else {
    const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'))
    try {
      process.exitCode = (await figures(folder, resolve(values.repository), { main: values.main, work: values.work })) ? 0 : 1
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
