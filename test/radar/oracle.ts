import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { cleanEnvironment, git, gitText } from './git.ts'

/**
 * What git itself answers, without a thought of its own: really merges A onto the target, commits
 * that, and merges B onto the result. Runs in an empty bare repository that only borrows the
 * objects, so neither configuration nor attributes of the source can have a say.
 */
export interface Oracle {
  merge(ours: string, theirs: string): Promise<Merged>
  /** The same for many, by one `merge-tree --stdin`. */
  mergeAll(pairs: readonly (readonly [string, string])[]): Promise<readonly Merged[]>
  /** A commit of the tree with these parents. */
  commit(tree: string, parents: readonly string[]): Promise<string>
  /** Output of a git command that only reads. */
  ask(args: readonly string[], input?: string): Promise<string>
  close(): Promise<void>
}

export interface Merged {
  readonly outcome: 'clean' | 'conflicted' | 'unavailable'
  /** Of the result, with conflict markers where there are conflicts; empty when unavailable. */
  readonly tree: string
  /** With unmerged entries, sorted; the name of a side that git appends to make room for a folder is taken off. */
  readonly paths: readonly string[]
  /** Named in git's messages of conflicts; some conflicts leave no unmerged entry. */
  readonly told: readonly string[]
  /** Git's messages, for people. */
  readonly messages: readonly string[]
}

const MERGE = ['-c', 'core.looseCompression=0', 'merge-tree', '--write-tree', '-z', '--name-only']

export const openOracle = async (gitFolder: string): Promise<Oracle> => {
  const memory = '/dev/shm'
  const folder = await mkdtemp(join(existsSync(memory) ? memory : tmpdir(), 'muster-oracle-'))
  const format = (await gitText(gitFolder, ['rev-parse', '--show-object-format'])).trim()
  await promisify(execFile)('git', ['init', '-q', '--bare', `--object-format=${format}`, folder], { env: cleanEnvironment() })
  await writeFile(join(folder, 'objects/info/alternates'), `${join(gitFolder, 'objects')}\n`)
  const shallow = await readFile(join(gitFolder, 'shallow')).catch(() => undefined)
  if (shallow !== undefined) await writeFile(join(folder, 'shallow'), shallow)
  const merge = async (ours: string, theirs: string): Promise<Merged> => {
    const { exitCode, stdout, stderr } = await git(folder, [...MERGE, ours, theirs])
    if (exitCode !== 0 && exitCode !== 1) return unavailable(stderr)
    const tokens = stdout.split('\0')
    return record(tokens, 0, exitCode === 0).merged
  }
  const mergeAll = async (pairs: readonly (readonly [string, string])[]): Promise<readonly Merged[]> => {
    const answers: Merged[] = []
    while (answers.length < pairs.length) {
      const lines = pairs.slice(answers.length).map(([ours, theirs]) => `${ours} ${theirs}\n`)
      const { exitCode, stdout } = await git(folder, [...MERGE, '--stdin'], lines.join(''))
      answers.push(...records(stdout))
      if (exitCode === 0) continue
      // It dies whole on a pair that cannot be merged at all; on a bug of its own even without saying what it had found.
      const alone = exitCode === -1 ? pairs.slice(answers.length) : pairs.slice(answers.length, answers.length + 1)
      for (const pair of alone) answers.push(await merge(...pair))
    }
    return answers
  }
  return {
    merge,
    mergeAll,
    commit: async (tree, parents) =>
      (await gitText(folder, ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-m', 'landed'])).trim(),
    ask: (args, input) => gitText(folder, args, input),
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

const unavailable = (message: string): Merged => ({ outcome: 'unavailable', tree: '', paths: [], told: [], messages: [message.trim()] })

/** One answer of `merge-tree -z --name-only` from `tokens[at]` on: tree, paths, an empty token, messages. */
const record = (tokens: readonly string[], at: number, isClean: boolean): { merged: Merged; next: number } => {
  const tree = tokens[at] ?? ''
  let next = at + 1
  if (isClean) return { merged: { outcome: 'clean', tree, paths: [], told: [], messages: [] }, next: next + 1 }
  const paths = new Set<string>()
  for (; tokens[next] !== undefined && tokens[next] !== ''; next += 1) paths.add(withoutSide(tokens[next] ?? ''))
  const told = new Set<string>()
  const messages: string[] = []
  for (next += 1; tokens[next] !== undefined && tokens[next] !== '';) {
    const count = Number(tokens[next])
    const type = tokens[next + count + 1] ?? ''
    if (type.startsWith('CONFLICT')) {
      for (const path of tokens.slice(next + 1, next + 1 + count)) told.add(withoutSide(path))
      messages.push((tokens[next + count + 2] ?? '').trim())
    }
    next += count + 3
  }
  return { merged: { outcome: 'conflicted', tree, paths: [...paths].sort(), told: [...told].sort(), messages }, next: next + 1 }
}

/** Answers of `--stdin`: each begins with 1 for clean or 0; what was cut off at the end is left out. */
const records = (stdout: string): readonly Merged[] => {
  const tokens = stdout.split('\0')
  const found: Merged[] = []
  for (let at = 0; at < tokens.length - 1;) {
    const { merged, next } = record(tokens, at + 1, tokens[at] === '1')
    if (next > tokens.length) break
    found.push(merged)
    at = next
  }
  return found
}

export const withoutSide = (path: string): string => path.replace(/~(?:[0-9a-f]{64}|[0-9a-f]{40})(?:_\d+)?(?=$|\/)/, '')

export interface Answer {
  readonly streams: readonly {
    readonly state: 'clean' | 'conflicted' | 'landed' | 'unavailable'
    readonly merged: Merged
    readonly ahead: number
    /** `A path`, `M path`, ...: what landing changes on the target; of clean ones. */
    readonly changes: readonly string[]
    /** Places of the streams whose heads are among its own commits. */
    readonly contains: readonly number[]
  }[]
  /** By places, `a` before `b`; of clean streams only. `first`: a landed first. */
  readonly pairs: readonly { readonly a: number; readonly b: number; readonly first: Merged; readonly second: Merged }[]
}

/** All streams against the target, then all ordered pairs; `batch` asks `--stdin` instead of a process for each. */
export const answerOf = async (
  oracle: Oracle,
  target: string,
  heads: readonly string[],
  { batch }: { batch: boolean },
): Promise<Answer> => {
  const all = async (pairs: readonly (readonly [string, string])[]): Promise<readonly Merged[]> => {
    if (batch) return oracle.mergeAll(pairs)
    const answers: Merged[] = []
    for (const pair of pairs) answers.push(await oracle.merge(...pair))
    return answers
  }
  const targetTree = (await oracle.ask(['rev-parse', `${target}^{tree}`])).trim()
  const projected = await all(heads.map((head) => [target, head] as const))
  const own = await ownCommits(oracle, target, heads)
  const changes = await changesOf(
    oracle,
    targetTree,
    projected.map(({ tree }) => tree),
  )
  const streams = projected.map((merged, index): Answer['streams'][number] => {
    if (merged.outcome === 'unavailable') return { state: 'unavailable', merged, ahead: 0, changes: [], contains: [] }
    const commits = own(heads[index] ?? '')
    const state = merged.outcome === 'conflicted' ? 'conflicted' : merged.tree === targetTree ? 'landed' : 'clean'
    return {
      state,
      merged,
      ahead: commits.size,
      changes: state === 'clean' ? (changes.get(merged.tree) ?? []) : [],
      contains: heads.flatMap((other, at) => (other !== heads[index] && commits.has(other) ? [at] : [])),
    }
  })
  const clean = streams.flatMap(({ state }, index) => (state === 'clean' ? [index] : []))
  const commits = await Promise.all(clean.map((index) => oracle.commit(projected[index]?.tree ?? '', [target, heads[index] ?? ''])))
  const landed = new Map(clean.map((index, at) => [index, commits[at]]))
  const ordered = clean.flatMap((a, at) => clean.slice(at + 1).flatMap((b) => [[a, b] as const, [b, a] as const]))
  const merged = await all(ordered.map(([first, then]) => [landed.get(first) ?? '', heads[then] ?? ''] as const))
  return {
    streams,
    pairs: ordered.flatMap(([a, b], at) => {
      const [first, second] = [merged[at], merged[at + 1]]
      return at % 2 === 0 && first !== undefined && second !== undefined ? [{ a, b, first, second }] : []
    }),
  }
}

/** Of a head, the commits that the target lacks. */
const ownCommits = async (oracle: Oracle, target: string, heads: readonly string[]): Promise<(head: string) => ReadonlySet<string>> => {
  const known = await oracle.ask(['cat-file', '--batch-check=%(objecttype) %(objectname)'], heads.map((head) => `${head}\n`).join(''))
  const commits = known.split('\n').flatMap((line) => (line.startsWith('commit ') ? [line.slice(7)] : []))
  const listed = await oracle.ask(['rev-list', '--parents', ...commits, `^${target}`])
  const parents = new Map(listed.split('\n').map((line) => [line.split(' ')[0] ?? '', line.split(' ').slice(1)]))
  return (head) => {
    const found = new Set(parents.has(head) ? [head] : [])
    for (const one of found) for (const parent of parents.get(one) ?? []) if (parents.has(parent)) found.add(parent)
    return found
  }
}

/** By tree: `A path`, `M path`, ... against the target. */
const changesOf = async (oracle: Oracle, target: string, trees: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> => {
  const lines = [...new Set(trees)].filter((tree) => tree !== '').map((tree) => `${target} ${tree}\n`)
  const words = (await oracle.ask(['diff-tree', '--stdin', '-r', '-z', '--no-renames', '--name-status'], lines.join(''))).split('\0')
  const changes = new Map<string, string[]>()
  let current: string[] = []
  for (let at = 0; at < words.length - 1; at += 2) {
    // Headers end in a line feed; trees that are the same have nothing but theirs.
    const [status = '', ...headers] = (words[at] ?? '').split('\n').toReversed()
    for (const header of headers.toReversed()) changes.set(header.split(' ')[1] ?? '', (current = []))
    current.push(`${status} ${words[at + 1] ?? ''}`)
  }
  return changes
}
