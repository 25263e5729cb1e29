import type { ConflictFile, ConflictHunk, Lines, Probed, Since } from '#core/merge/probe.ts'
import type { Region, Span } from '#core/merge/hunks.ts'
import { parseCommit } from '../diff.ts'
import type { ObjectReader } from '../objects.ts'
import type { HunkStore, VersionNumber } from './hunk-store.ts'
import type { Projector } from './project.ts'
import type { Quarantine } from './quarantine.ts'
import { diffCommits, isFile, type TreeDiff } from './raw.ts'

/** What is known of a listed file beyond what is shown: its path as bytes, and the blobs that conflict. */
export interface Compared {
  /** Bytes as latin1. */
  readonly path: string
  readonly base?: string
  readonly a?: string
  readonly b?: string
}

export interface DescribeContext {
  readonly quarantine: Quarantine
  readonly objects: ObjectReader
  readonly projector: Projector
  readonly hunks: HunkStore
  /** Of the files that this prober listed. */
  readonly compared: WeakMap<ConflictFile, Compared>
}

const MOST_FILES = 300
const MOST_HUNKS = 20
const MOST_LINES = 12
const MOST_CHARACTERS = 200
/** Of one stream, the newest: those before count as if they conflicted as the oldest of them does. */
const MOST_COMMITS = 200

/** A file to describe, and the heads of the sides; the target has none. */
interface Task {
  readonly file: ConflictFile
  readonly compared: Compared
  readonly heads: { readonly a: string; readonly b?: string }
}

/** An own commit of a stream and what it changed against the one before, the newest first. */
interface Step {
  readonly commit: string
  readonly diff: TreeDiff
}

/** See `Prober.describe`. Files beyond the first three hundred, or of another prober, stay as they are. */
export const describe = async (context: DescribeContext, probed: Probed, signal: AbortSignal): Promise<Probed> => {
  const tasks = tasksOf(probed, context.compared)
  const lines = await linesOf(context, probed.target.commit, tasks, signal)
  await context.hunks.load(
    tasks.flatMap((task) => wanted(context.hunks, task, lines)),
    signal,
  )
  const texts = await textsOf(context, tasks)
  const infos = await infosOf(
    context.objects,
    tasks.flatMap((task) => Object.values(sinceOf(context.hunks, task, lines))),
  )
  const described = new Map(
    tasks.map((task) => {
      const since = Object.fromEntries(
        Object.entries(sinceOf(context.hunks, task, lines)).flatMap(([side, commit]) => {
          const info = infos.get(commit)
          return info === undefined ? [] : [[side, info]]
        }),
      )
      const hunks = regionsOf(context.hunks, task)
        .slice(0, MOST_HUNKS)
        .map((region) => hunkOf(region, task.compared, texts))
      const file: ConflictFile = { ...task.file, ...(hunks.length === 0 ? {} : { hunks }), since }
      context.compared.set(file, task.compared)
      return [task.file, file]
    }),
  )
  const files = (all: readonly ConflictFile[]): readonly ConflictFile[] => all.map((file) => described.get(file) ?? file)
  return {
    ...probed,
    streams: probed.streams.map((stream) => ({ ...stream, files: files(stream.files) })),
    pairs: probed.pairs.map((pair) => ({ ...pair, files: files(pair.files) })),
  }
}

const tasksOf = ({ streams, pairs }: Probed, known: DescribeContext['compared']): readonly Task[] => {
  const heads = new Map(streams.map(({ id, commit }) => [id, commit]))
  const listed = [
    ...pairs.map(({ files, a, b }) => ({ files, heads: { a: heads.get(a) ?? '', b: heads.get(b) ?? '' } })),
    ...streams.map(({ files, commit }) => ({ files, heads: { a: commit } })),
  ]
  return listed
    .flatMap(({ files, heads: own }) =>
      files.flatMap((file): Task[] => {
        const compared = known.get(file)
        return compared === undefined ? [] : [{ file, compared, heads: own }]
      }),
    )
    .slice(0, MOST_FILES)
}

/** By head: its own commits along first parents, with what each changed. */
const linesOf = async (
  { projector, quarantine }: DescribeContext,
  target: string,
  tasks: readonly Task[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly Step[]>> => {
  const heads = [...new Set(tasks.flatMap(({ heads: { a, b } }) => (b === undefined ? [a] : [a, b])))]
  if (heads.length === 0) return new Map()
  const { history } = projector
  await history.place(target, heads, signal)
  const lines = new Map(heads.map((head) => [head, history.line(head).slice(0, MOST_COMMITS)]))
  const pairs = [...new Set([...lines.values()].flat())].flatMap((to) => {
    const from = history.parentOf(to)
    return from === undefined ? [] : [{ from, to }]
  })
  const answers = await diffCommits(quarantine, pairs, signal)
  const diffs = new Map(pairs.map(({ to }, index) => [to, answers[index]]))
  return new Map(
    [...lines].map(([head, commits]) => [
      head,
      commits.flatMap((commit): Step[] => {
        const answer = diffs.get(commit)
        return answer !== undefined && 'diff' in answer ? [{ commit, diff: answer.diff }] : []
      }),
    ]),
  )
}

/** Both sides are texts: the blobs to compare, over an empty base where both added the file. */
const textsIn = ({ file, compared: { base = '', a, b } }: Task) =>
  (file.kind === 'content' || file.kind === 'add/add') && a !== undefined && b !== undefined ? { base, a, b } : undefined

const wanted = (hunks: HunkStore, task: Task, lines: ReadonlyMap<string, readonly Step[]>): readonly VersionNumber[] => {
  const texts = textsIn(task)
  if (texts === undefined) return []
  const { base, a, b } = texts
  const versions = [task.heads.a, task.heads.b].flatMap((head) => versionsOf(lines, head, task.compared.path).map(({ blob }) => blob))
  const blobs = [a, b, ...versions].filter((blob) => blob !== '' && blob !== base)
  return [...blobs.map((blob) => hunks.number(base, blob)), ...(base === '' ? [hunks.number(a, b)] : [])]
}

/** The commits of a stream that touched the path, the newest first; the blob is empty where there was no regular file. */
const versionsOf = (
  lines: ReadonlyMap<string, readonly Step[]>,
  head: string | undefined,
  path: string,
): readonly { readonly commit: string; readonly blob: string }[] =>
  (lines.get(head ?? '') ?? []).flatMap(({ commit, diff }) => {
    const entry = diff.entries.get(path)
    return entry === undefined ? [] : [{ commit, blob: isFile(entry.new) ? entry.new.oid : '' }]
  })

/**
 * For each side the commit since which its version has conflicted without interruption with what
 * the other has now; where contents do not say, the last that touched the path.
 */
const sinceOf = (hunks: HunkStore, task: Task, lines: ReadonlyMap<string, readonly Step[]>): Readonly<Record<string, string>> => {
  const texts = textsIn(task)
  const found: Record<string, string> = {}
  for (const [side, other] of [['a', 'b'] as const, ['b', 'a'] as const]) {
    const versions = versionsOf(lines, task.heads[side], task.compared.path)
    const conflicting = texts === undefined ? [] : conflictingSince(hunks, texts.base, texts[other], versions)
    const since = conflicting.at(-1) ?? versions[0]?.commit
    if (since !== undefined) found[side] = since
  }
  return found
}

const conflictingSince = (
  hunks: HunkStore,
  base: string,
  other: string,
  versions: readonly { readonly commit: string; readonly blob: string }[],
): readonly string[] => {
  const end = versions.findIndex(
    ({ blob }) => blob === '' || blob === base || hunks.verdict(hunks.number(base, blob), hunks.number(base, other)) === 'clean',
  )
  return versions.slice(0, end === -1 ? versions.length : end).map(({ commit }) => commit)
}

/** Where both added the file, what differs between the two. */
const regionsOf = (hunks: HunkStore, task: Task): readonly Region[] => {
  const texts = textsIn(task)
  if (texts === undefined || texts.a === texts.b) return []
  const { base, a, b } = texts
  return base === '' ? hunks.differences(hunks.number(a, b)) : hunks.regions(hunks.number(base, a), hunks.number(base, b))
}

/** Lines of every blob that is quoted, by id. */
const textsOf = async ({ objects, hunks }: DescribeContext, tasks: readonly Task[]): Promise<ReadonlyMap<string, readonly string[]>> => {
  const quoted = new Map<string, Span[]>()
  for (const task of tasks) {
    for (const region of regionsOf(hunks, task).slice(0, MOST_HUNKS)) {
      for (const side of ['a', 'b'] as const) {
        const blob = task.compared[side] ?? ''
        quoted.set(blob, [...(quoted.get(blob) ?? []), region[side]])
      }
    }
  }
  const texts = new Map<string, readonly string[]>()
  for (const [blob, spans] of quoted) {
    const [object] = await objects.read([blob]).catch(() => [undefined])
    if (object !== undefined) texts.set(blob, quotedLines(Buffer.from(object.content), spans))
  }
  return texts
}

/** Sparse: only the lines that begin one of the spans. */
const quotedLines = (bytes: Buffer, spans: readonly Span[]): readonly string[] => {
  const lines: string[] = []
  const wantedLines = new Set(
    spans.flatMap(({ at, count }) => Array.from({ length: Math.min(count, MOST_LINES) }, (_, index) => at + index)),
  )
  let start = 0
  for (let number = 0; start < bytes.length && wantedLines.size > 0; number++) {
    const found = bytes.indexOf(0x0a, start)
    const end = found === -1 ? bytes.length : found
    // Four bytes are the most that one character takes.
    if (wantedLines.delete(number))
      lines[number] = bytes.toString('utf8', start, Math.min(end, start + 4 * MOST_CHARACTERS)).slice(0, MOST_CHARACTERS)
    start = end + 1
  }
  return lines
}

const hunkOf = (region: Region, compared: Compared, texts: ReadonlyMap<string, readonly string[]>): ConflictHunk => {
  const shown = (side: 'a' | 'b'): Lines => {
    const { at, count } = region[side]
    const text = (texts.get(compared[side] ?? '') ?? []).slice(at, at + Math.min(count, MOST_LINES))
    return { line: at + 1, count, ...(text.length === 0 ? {} : { text }) }
  }
  return { base: { line: region.base.at + 1, count: region.base.count }, a: shown('a'), b: shown('b') }
}

const infosOf = async (objects: ObjectReader, commits: readonly string[]): Promise<ReadonlyMap<string, Since>> => {
  const asked = [...new Set(commits)]
  const found = await objects.read(asked)
  return new Map(
    asked.flatMap((commit, index) => {
      const content = found[index]?.content
      const parsed = content === undefined ? undefined : parseCommit(content)
      if (content === undefined || parsed === undefined) return []
      const text = Buffer.from(content)
      const begin = text.indexOf('\n\n')
      const message = begin === -1 ? '' : text.toString('utf8', begin + 2)
      const subject = (message.trimStart().split('\n')[0] ?? '').slice(0, 500)
      return [[commit, { commit, committedAt: parsed.committedAt, subject }] as const]
    }),
  )
}
