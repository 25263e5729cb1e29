import type { ConflictFile, LandingStep, Probed, ProbedPair, ProbedStream, Prober, ProbeSubject } from '#core/merge/probe.ts'
import { conflictFile, type Conflict, conflictsOf, pathText, type Versions } from './conflicts.ts'
import type { Compared } from './describe.ts'
import { toCompare } from './displaced.ts'
import type { HunkStore } from './hunk-store.ts'
import { type Merged, mergeAll } from './merge-tree.ts'
import { type Judged, type PairConflict, PairIndex, type PairKey } from './pairs.ts'
import { type Projector, type Standing, type Target } from './project.ts'
import type { Quarantine } from './quarantine.ts'
import type { Entry, TreeDiff } from './raw.ts'

/** What git said when one of two landed first, and when the other did. */
interface Landings {
  readonly lowFirst: Merged
  readonly highFirst: Merged
}

/** A clean stream among those asked about. */
interface Clean {
  readonly stream: ProbeSubject
  readonly standing: Standing & { readonly state: 'clean' }
}

/** Which of the streams asked about stand at a commit. */
type Places = ReadonlyMap<string, readonly { readonly id: string; readonly index: number }[]>

/** Answers `probe`: projections, then pairs from what each changed, then git for the rest. */
export class Probing {
  readonly hunks: HunkStore
  /** Of the files listed in the answers. */
  readonly compared = new WeakMap<ConflictFile, Compared>()
  readonly #quarantine: Quarantine
  readonly #projector: Projector
  #target: Target | undefined
  /** By the two heads, in the order of their places. */
  readonly #landings = new Map<string, Landings>()
  /** Merges of landings, by what was there and what came. */
  readonly #steps = new Map<string, Merged>()

  constructor(quarantine: Quarantine, projector: Projector) {
    this.#quarantine = quarantine
    this.#projector = projector
    this.hunks = projector.hunks
  }

  async probe({ target: commit, streams, signal }: Parameters<Prober['probe']>[0]): Promise<Probed> {
    signal.throwIfAborted()
    await this.#quarantine.takeShallow()
    const target = await this.#projector.aim(commit, signal)
    if (this.#target !== target) this.#landings.clear()
    this.#target = target
    this.hunks.dropIfLarge()
    const heads = streams.map(({ commit: head }) => head)
    for (;;) {
      const standings = await this.#projector.project(target, heads, signal)
      const clean = streams.flatMap((stream): Clean[] => {
        const standing = standings.get(stream.commit)
        return standing?.state === 'clean' ? [{ stream, standing }] : []
      })
      const judged = await this.#judge(clean, signal)
      if (!(await this.#askGit(target, clean, judged, signal))) continue
      const places = Map.groupBy(
        streams.map(({ id, commit: head }, index) => ({ id, index, head })),
        ({ head }) => head,
      )
      return {
        target: { commit, tree: target.tree },
        streams: streams.map((stream) => this.#probedStream(target, stream, places, standings.get(stream.commit))),
        pairs: this.#probedPairs(target, clean, judged),
        effort: {
          pairs: (clean.length * (clean.length - 1)) / 2,
          sharing: judged.sharing,
          byHunks: judged.sharing - judged.asked.size,
          byGit: judged.asked.size,
        },
      }
    }
  }

  async #judge(clean: readonly Clean[], signal: AbortSignal): Promise<Judged> {
    const sides = clean.map(({ standing }) => standing.side)
    const displaced = sides.flatMap((side) => side.displaced ?? [])
    const pairs = displaced.flatMap((one) => sides.flatMap(({ landing }) => [...toCompare(one, landing)]))
    const index = new PairIndex(sides, stackedGroups(clean), this.hunks, await this.#projector.likenesses.compare(pairs, signal))
    await this.hunks.load(index.wanted(), signal)
    return index.judge()
  }

  /** False when git, asked at last to land a stream that was taken for clean, did not: then all starts anew. */
  async #askGit(target: Target, clean: readonly Clean[], { asked }: Judged, signal: AbortSignal): Promise<boolean> {
    const unknown = [...asked].map((key) => pairOf(key, clean)).filter(([low, high]) => !this.#landings.has(landingKey(low, high)))
    const heads = [...new Set(unknown.flatMap(([low, high]) => [low.stream.commit, high.stream.commit]))]
    const commits = await this.#projector.land(target, heads, signal)
    if (commits.includes(undefined)) return false
    const landed = new Map(heads.map((head, index) => [head, commits[index] ?? '']))
    const questions = unknown.flatMap(([{ stream: low }, { stream: high }]) => [
      { ours: landed.get(low.commit) ?? '', theirs: high.commit },
      { ours: landed.get(high.commit) ?? '', theirs: low.commit },
    ])
    const answers = await mergeAll(this.#quarantine, questions, { objects: 'drop', signal })
    for (const [index, [low, high]] of unknown.entries()) {
      const [lowFirst, highFirst] = [answers[2 * index], answers[2 * index + 1]]
      if (lowFirst !== undefined && highFirst !== undefined) this.#landings.set(landingKey(low, high), { lowFirst, highFirst })
    }
    return true
  }

  #probedStream(target: Target, { id, commit }: ProbeSubject, places: Places, standing: Standing | undefined): ProbedStream {
    const nothing = { id, commit, files: [], ahead: 0, changes: [], contains: [] }
    if (standing === undefined || standing.state === 'unavailable') {
      return { ...nothing, state: 'unavailable', ...(standing === undefined ? {} : { reason: standing.reason }) }
    }
    const { own } = standing.lineage
    const below = own.flatMap((one) => (one === commit ? [] : (places.get(one) ?? []))).toSorted((a, b) => a.index - b.index)
    const placed = { ...nothing, state: standing.state, ahead: own.length, contains: below.map((one) => one.id) }
    if (standing.state === 'landed') return placed
    if (standing.state === 'clean') return { ...placed, changes: changesOf(standing.side.landing) }
    const names = new Map([
      [target.commit, 'the target'],
      [commit, id],
    ])
    // The target is ours, the stream theirs; the stream is side a.
    const files = conflictsOf(standing.merged, names).map((conflict) =>
      this.#file(conflict, conflict.versions.theirs, conflict.versions.ours),
    )
    return { ...placed, files, changes: standing.own === undefined ? [] : changesOf(standing.own) }
  }

  #file(
    conflict: Omit<Conflict, 'versions'> & { readonly versions: Versions },
    a: string | undefined,
    b: string | undefined,
  ): ConflictFile {
    const file = conflictFile(conflict)
    const { base } = conflict.versions
    const blobs = { ...(base === undefined ? {} : { base }), ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) }
    this.compared.set(file, { path: conflict.path, ...blobs })
    return file
  }

  #probedPairs(target: Target, clean: readonly Clean[], { conflicts, asked }: Judged): readonly ProbedPair[] {
    const pairs: ProbedPair[] = []
    for (const key of [...conflicts.keys(), ...asked].sort((a, b) => a - b)) {
      const [low, high] = pairOf(key, clean)
      const decided = conflicts.get(key)
      const found = decided === undefined ? this.#landedPair(target, low, high) : this.#decidedPair(low, high, decided)
      if (found !== undefined) pairs.push(found)
    }
    return pairs
  }

  #decidedPair({ stream: low }: Clean, { stream: high }: Clean, conflicts: readonly PairConflict[]): ProbedPair {
    const sorted = conflicts.toSorted((one, other) => (one.path < other.path ? -1 : 1))
    const files = sorted.map((conflict) => {
      const { ours, theirs } = conflict.versions
      return conflict.lowFirst ? this.#file(conflict, ours, theirs) : this.#file(conflict, theirs, ours)
    })
    return {
      a: low.id,
      b: high.id,
      verdict: 'conflicted',
      ...onlyWhenFirst(
        low,
        high,
        conflicts.some((one) => one.lowFirst),
        conflicts.some((one) => one.highFirst),
      ),
      files: byPath(files),
    }
  }

  #landedPair(target: Target, { stream: low }: Clean, { stream: high }: Clean): ProbedPair | undefined {
    const landings = this.#landings.get(`${low.commit} ${high.commit}`)
    if (landings === undefined) return undefined
    const { lowFirst, highFirst } = landings
    if (lowFirst.outcome === 'conflicted' || highFirst.outcome === 'conflicted') {
      const files = new Map<string, ConflictFile>()
      const take = (merged: Merged, lands: ProbeSubject, then: ProbeSubject): void => {
        if (merged.outcome !== 'conflicted') return
        for (const conflict of conflictsOf(merged, this.#names(target, lands, then))) {
          const { ours, theirs } = conflict.versions
          if (!files.has(conflict.path))
            files.set(conflict.path, lands === low ? this.#file(conflict, ours, theirs) : this.#file(conflict, theirs, ours))
        }
      }
      take(lowFirst, low, high)
      take(highFirst, high, low)
      const only = onlyWhenFirst(low, high, lowFirst.outcome === 'conflicted', highFirst.outcome === 'conflicted')
      return { a: low.id, b: high.id, verdict: 'conflicted', ...only, files: byPath([...files.values()]) }
    }
    const lost = lowFirst.outcome === 'unavailable' ? lowFirst : highFirst.outcome === 'unavailable' ? highFirst : undefined
    return lost === undefined ? undefined : { a: low.id, b: high.id, verdict: 'unavailable', reason: lost.reason, files: [] }
  }

  #names(target: Target, lands: ProbeSubject, then: ProbeSubject): ReadonlyMap<string, string> {
    const commit = this.#projector.landedCommit(target, lands.commit)
    return new Map([[then.commit, then.id], ...(commit === undefined ? [] : [[commit, lands.id] as const])])
  }

  /** Lands one stream after the other; see `Prober.land`. */
  async land({ target, streams, signal }: Parameters<Prober['land']>[0]): Promise<readonly LandingStep[]> {
    await this.#quarantine.takeShallow()
    const tree = await this.#projector.treeOf(target)
    await this.#projector.readable(streams.map(({ commit }) => commit))
    const steps: LandingStep[] = []
    let tip = { commit: target, tree }
    for (const { id, commit } of streams) {
      const merged = await this.#step(tip.commit, commit, signal)
      if (merged.outcome === 'clean') {
        tip = { commit: this.#projector.commit(merged.tree, [tip.commit, commit]), tree: merged.tree }
        steps.push({ id, outcome: 'clean', files: [], ...tip })
      } else if (merged.outcome === 'conflicted') {
        const names = new Map([
          [tip.commit, 'what landed before'],
          [commit, id],
        ])
        const files = conflictsOf(merged, names).map((conflict) => this.#file(conflict, conflict.versions.theirs, conflict.versions.ours))
        steps.push({ id, outcome: 'conflicted', files: byPath(files), ...tip })
      } else steps.push({ id, outcome: 'unavailable', reason: merged.reason, files: [], ...tip })
    }
    return steps
  }

  /** Plans that begin alike cost no more than what they do not share: equal merges make equal commits. */
  async #step(tip: string, head: string, signal: AbortSignal): Promise<Merged> {
    const key = `${tip} ${head}`
    const known = this.#steps.get(key)
    if (known !== undefined) return known
    const [merged] = await mergeAll(this.#quarantine, [{ ours: tip, theirs: head }], { objects: 'keep', signal })
    if (merged === undefined) throw new Error('git merge-tree gave no answer')
    if (this.#steps.size >= MOST_STEPS) this.#steps.clear()
    this.#steps.set(key, merged)
    return merged
  }
}

const MOST_STEPS = 5000

const pairOf = (key: PairKey, clean: readonly Clean[]): readonly [Clean, Clean] => {
  const [low, high] = [clean[Math.floor(key / clean.length)], clean[key % clean.length]]
  if (low === undefined || high === undefined) throw new Error('a pair of streams that were not asked about')
  return [low, high]
}

const landingKey = (low: Clean, high: Clean): string => `${low.stream.commit} ${high.stream.commit}`

const onlyWhenFirst = (
  low: ProbeSubject,
  high: ProbeSubject,
  lowFirst: boolean,
  highFirst: boolean,
): { readonly onlyWhenFirst?: string } => (lowFirst === highFirst ? {} : { onlyWhenFirst: lowFirst ? low.id : high.id })

const byPath = (files: readonly ConflictFile[]): readonly ConflictFile[] => files.toSorted((a, b) => (a.path < b.path ? -1 : 1))

/** Places of streams that have a commit in common which the target lacks. */
const stackedGroups = (clean: readonly Clean[]): Iterable<readonly number[]> => {
  const holders = new Map<string, number[]>()
  for (const [index, { standing }] of clean.entries()) {
    for (const commit of standing.lineage.own) {
      const known = holders.get(commit)
      if (known === undefined) holders.set(commit, [index])
      else known.push(index)
    }
  }
  const groups = new Map<string, readonly number[]>()
  for (const group of holders.values()) if (group.length > 1) groups.set(group.join(), group)
  return groups.values()
}

const listed = new WeakMap<TreeDiff, ProbedStream['changes']>()

const changesOf = (diff: TreeDiff): ProbedStream['changes'] => {
  const known = listed.get(diff)
  if (known !== undefined) return known
  const changes = [...diff.entries].map(([path, entry]) => ({ path: pathText(path), status: statusOf(entry) }))
  changes.sort((a, b) => (a.path < b.path ? -1 : 1))
  listed.set(diff, changes)
  return changes
}

const statusOf = (entry: Entry): ProbedStream['changes'][number]['status'] => {
  if (entry.old.mode === '') return 'added'
  if (entry.new.mode === '') return 'deleted'
  return entry.old.mode.slice(0, 3) === entry.new.mode.slice(0, 3) ? 'modified' : 'type-changed'
}
