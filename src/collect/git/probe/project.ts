import { RepositoryError } from '#core/evidence/collector.ts'
import { parseCommit } from '../diff.ts'
import type { ObjectReader } from '../objects.ts'
import { History, type Lineage, type Placed } from './history.ts'
import { HunkStore, type VersionNumber } from './hunk-store.ts'
import { Likenesses } from './likeness.ts'
import { type Merged, mergeAll } from './merge-tree.ts'
import type { Side } from './pairs.ts'
import type { Quarantine } from './quarantine.ts'
import { displacedBy, isDisplaced } from './displaced.ts'
import {
  type DiffAnswer,
  diffCommits,
  type Entry,
  foldersOf,
  isSameVersion,
  type Listing,
  listTree,
  isFile,
  lostFolder,
  type TreeDiff,
  type Version,
} from './raw.ts'

/** The target and what is known of streams against it. */
export interface Target {
  readonly commit: string
  readonly tree: string
  readonly listing: Listing
}

export type Standing =
  | { readonly state: 'unavailable'; readonly reason: string }
  | { readonly state: 'landed'; readonly lineage: Lineage }
  | {
      readonly state: 'conflicted'
      readonly lineage: Lineage
      readonly merged: Merged & { readonly outcome: 'conflicted' }
      /** Since its base; absent where it has several. */
      readonly own?: TreeDiff
    }
  | {
      readonly state: 'clean'
      readonly lineage: Lineage
      readonly side: Side
      /** Of the target with it merged, once git has done so. */ readonly tree?: string
    }

interface CommitFacts {
  readonly tree: string
  readonly seconds: number
}

/** What the own commits changed, and over which commit; `crossed`: no single one stands for its bases. */
type Own = { readonly diff: TreeDiff; readonly base: string; readonly crossed: boolean } | { readonly reason: string }

/** Where streams stand against the target: without a merge where the target left alone what they changed. */
export class Projector {
  readonly history: History
  readonly hunks: HunkStore
  readonly likenesses: Likenesses
  readonly #quarantine: Quarantine
  readonly #objects: ObjectReader
  readonly #facts = new Map<string, CommitFacts>()
  #target: Target | undefined
  readonly #standings = new Map<string, Standing>()
  /** By the two commits; those of a head outlive a target that moves. */
  readonly #diffs = new Map<string, DiffAnswer>()
  readonly #landed = new Map<string, string>()

  constructor(quarantine: Quarantine, objects: ObjectReader) {
    this.#quarantine = quarantine
    this.#objects = objects
    this.history = new History(quarantine)
    this.hunks = new HunkStore(quarantine)
    this.likenesses = new Likenesses(quarantine, objects)
  }

  /** Rejects with a RepositoryError when the target cannot be read. */
  async aim(commit: string, signal: AbortSignal): Promise<Target> {
    if (this.#target?.commit === commit) return this.#target
    const tree = await this.treeOf(commit)
    const target = { commit, tree, listing: await listTree(this.#quarantine, tree, signal) }
    this.#standings.clear()
    this.#landed.clear()
    this.#target = target
    return target
  }

  /** Rejects with a RepositoryError when there is no such commit. */
  async treeOf(target: string): Promise<string> {
    const [facts] = await this.#read([target])
    if (facts === undefined) throw new RepositoryError(`The target ${target} cannot be read: the repository does not hold such a commit.`)
    return facts.tree
  }

  /** By head. */
  async project(target: Target, heads: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Standing>> {
    // One that was not there may have been fetched since.
    const unknown = [...new Set(heads)].filter((head) => !this.#standings.has(head) || !this.#facts.has(head))
    const readable = await this.readable(unknown)
    const placed = await this.history.place(target.commit, readable, signal)
    const lineages = new Map<string, Lineage>()
    for (const [index, head] of readable.entries()) {
      const place: Placed | undefined = placed[index]
      if (place === undefined || 'reason' in place) this.#standings.set(head, { state: 'unavailable', reason: place?.reason ?? '' })
      else if (place.own.length === 0) this.#standings.set(head, { state: 'landed', lineage: place })
      else lineages.set(head, place)
    }
    const own = await this.#own(lineages, signal)
    const unsure: string[] = []
    const overlapping = new Map<string, Overlap>()
    for (const [head, lineage] of lineages) {
      const found = own.get(head)
      if (found === undefined) unsure.push(head)
      else if ('reason' in found) this.#standings.set(head, { state: 'unavailable', reason: found.reason })
      else if (!found.crossed && found.diff.entries.size === 0) this.#standings.set(head, { state: 'landed', lineage })
      else {
        const overlap = found.crossed ? undefined : found.base === target.commit ? NO_OVERLAP : overlapOf(found.diff, target.listing)
        if (overlap === undefined) unsure.push(head)
        else if (overlap.length > 0) overlapping.set(head, overlap)
        else {
          const side = { own: found.diff, landing: found.diff, isOnTip: found.base === target.commit, isCrossed: false }
          this.#standings.set(head, { state: 'clean', lineage, side })
        }
      }
    }
    await this.hunks.load(
      [...overlapping.values()].flatMap((overlap) => overlap.flatMap((one) => this.#compared(one))),
      signal,
    )
    const contents = await this.#contents([...overlapping.values()].flat())
    for (const [head, overlap] of overlapping) {
      const [lineage, found] = [lineages.get(head), own.get(head)]
      const landing = found === undefined || 'reason' in found ? undefined : this.#landing(found.diff, overlap, contents)
      if (lineage === undefined || found === undefined || 'reason' in found || landing === undefined) unsure.push(head)
      else if (landing.entries.size === 0) this.#standings.set(head, { state: 'landed', lineage })
      else this.#standings.set(head, { state: 'clean', lineage, side: { own: found.diff, landing, isOnTip: false, isCrossed: false } })
    }
    await this.#merge(target, unsure, lineages, own, signal)
    this.#forgetOthers(heads)
    return new Map(heads.map((head) => [head, this.#standings.get(head) ?? { state: 'unavailable', reason: 'it could not be read' }]))
  }

  /** What the stream made of a file and what the target did, both since the stream's base. */
  #compared({ entry, there }: Overlap[number]): [VersionNumber, VersionNumber] {
    return [this.hunks.number(entry.old.oid, entry.new.oid), this.hunks.number(entry.old.oid, there.oid)]
  }

  /** The target's versions of files that merge by their hunks, as latin1, by blob. */
  async #contents(overlap: Overlap): Promise<ReadonlyMap<string, string>> {
    const merging = overlap.filter((one) => one.entry.new.oid !== one.there.oid && this.hunks.verdict(...this.#compared(one)) === 'clean')
    const blobs = [...new Set(merging.map(({ there }) => there.oid))]
    const objects = await this.#objects.read(blobs)
    return new Map(
      blobs.flatMap((blob, index) => {
        const content = objects[index]?.content
        return content === undefined ? [] : [[blob, Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('latin1')]]
      }),
    )
  }

  /** What landing changes, where all files that both changed merge by their hunks; undefined where git has to be asked. */
  #landing(own: TreeDiff, overlap: Overlap, contents: ReadonlyMap<string, string>): TreeDiff | undefined {
    const entries = new Map(own.entries)
    for (const one of overlap) {
      const { path, entry, there } = one
      const content = contents.get(there.oid)
      const merged =
        entry.new.oid === there.oid ? content : content === undefined ? undefined : this.hunks.merged(content, ...this.#compared(one))
      if (entry.new.oid !== there.oid && merged === undefined) return undefined
      if (merged === content) entries.delete(path)
      else
        entries.set(path, {
          old: there,
          new: { mode: there.mode, oid: this.#quarantine.write('blob', Buffer.from(merged ?? '', 'latin1')) },
        })
    }
    return { ...own, entries }
  }

  /** The target with each of these clean streams merged: a commit of both. Undefined where git, asked at last, says otherwise. */
  async land(target: Target, heads: readonly string[], signal: AbortSignal): Promise<readonly (string | undefined)[]> {
    const unmerged = heads.filter((head) => {
      const standing = this.#standings.get(head)
      return !this.#landed.has(head) && standing?.state === 'clean' && standing.tree === undefined && !standing.side.isOnTip
    })
    const questions = [...new Set(unmerged)].map((head) => ({ ours: target.commit, theirs: head }))
    const merged = await mergeAll(this.#quarantine, questions, { objects: 'keep', signal })
    for (const [index, answer] of merged.entries()) {
      const head = questions[index]?.theirs ?? ''
      const standing = this.#standings.get(head)
      if (standing?.state === 'clean') this.#standings.set(head, withTree(standing, answer))
    }
    return heads.map((head) => this.landedCommit(target, head))
  }

  landedCommit(target: Target, head: string): string | undefined {
    const known = this.#landed.get(head)
    if (known !== undefined) return known
    const standing = this.#standings.get(head)
    if (standing?.state !== 'clean') return undefined
    const tree = standing.tree ?? this.#facts.get(head)?.tree
    const commit = tree === undefined ? undefined : this.commit(tree, [target.commit, head])
    if (commit !== undefined) this.#landed.set(head, commit)
    return commit
  }

  /** Writes a commit that is as old as the youngest of its parents: git walks long over one that is older. */
  commit(tree: string, parents: readonly string[]): string {
    const seconds = Math.max(0, ...parents.map((parent) => this.#facts.get(parent)?.seconds ?? 0))
    const who = `muster <muster@localhost> ${seconds} +0000`
    const header = `tree ${tree}\n${parents.map((parent) => `parent ${parent}\n`).join('')}author ${who}\ncommitter ${who}\n`
    const commit = this.#quarantine.write('commit', Buffer.from(`${header}\nLanded by the merge radar\n`))
    this.#facts.set(commit, { tree, seconds })
    return commit
  }

  /** Tree and time of commits; undefined where there is no such commit. */
  async #read(commits: readonly string[]): Promise<readonly (CommitFacts | undefined)[]> {
    const unknown = commits.filter((commit) => !this.#facts.has(commit))
    const objects = await this.#objects.read(unknown)
    for (const [index, object] of objects.entries()) {
      const parsed = object?.type === 'commit' ? parseCommit(object.content) : undefined
      if (parsed !== undefined) this.#facts.set(unknown[index] ?? '', { tree: parsed.tree, seconds: Date.parse(parsed.committedAt) / 1000 })
    }
    return commits.map((commit) => this.#facts.get(commit))
  }

  /** Those of these commits that the repository holds; the others are unavailable. */
  async readable(heads: readonly string[]): Promise<readonly string[]> {
    const facts = await this.#read(heads)
    return heads.filter((head, index) => {
      if (facts[index] !== undefined) return true
      this.#standings.set(head, { state: 'unavailable', reason: `the repository does not hold a commit ${head}` })
      return false
    })
  }

  /** By head; none for those that share nothing with the target. */
  async #own(lineages: ReadonlyMap<string, Lineage>, signal: AbortSignal): Promise<ReadonlyMap<string, Own>> {
    const bases = new Map<string, readonly string[]>()
    const crossed = [...lineages].filter(([, lineage]) => lineage.bases.length > 1)
    const virtual = await this.#virtualBases(crossed, signal)
    for (const [head, lineage] of lineages) bases.set(head, [virtual.get(head) ?? lineage.bases].flat())
    const pairs = [...bases].flatMap(([head, from]) => from.map((base) => ({ from: base, to: head })))
    await this.#diff(pairs, signal)
    const own = new Map<string, Own>()
    for (const [head, from] of bases) {
      const [base] = from
      if (base === undefined) continue
      const answers = from.map((one) => this.#diffOf(one, head))
      const lost = answers.find((answer) => 'reason' in answer)
      if (lost !== undefined) own.set(head, lost)
      else
        own.set(head, { diff: union(answers.flatMap((answer) => ('diff' in answer ? [answer.diff] : []))), base, crossed: from.length > 1 })
    }
    return own
  }

  /**
   * Git merges several bases into one and goes on from there. Where two merge cleanly, that one is
   * made here too; any more are left to git.
   */
  async #virtualBases(crossed: readonly (readonly [string, Lineage])[], signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const two = crossed.filter(([, { bases }]) => bases.length === 2)
    const questions = two.map(
      ([
        ,
        {
          bases: [ours = '', theirs = ''],
        },
      ]) => ({ ours, theirs }),
    )
    const merged = await mergeAll(this.#quarantine, questions, { objects: 'keep', signal })
    const virtual = new Map<string, string>()
    for (const [index, answer] of merged.entries()) {
      const [head, lineage] = two[index] ?? ['', undefined]
      if (answer.outcome === 'clean' && lineage !== undefined) virtual.set(head, this.commit(answer.tree, lineage.bases))
    }
    return virtual
  }

  async #merge(
    target: Target,
    heads: readonly string[],
    lineages: ReadonlyMap<string, Lineage>,
    own: ReadonlyMap<string, Own>,
    signal: AbortSignal,
  ): Promise<void> {
    const questions = heads.map((head) => ({ ours: target.commit, theirs: head }))
    const answers = await mergeAll(this.#quarantine, questions, { objects: 'keep', signal })
    const clean: { readonly head: string; readonly lineage: Lineage; readonly tree: string; readonly commit: string }[] = []
    for (const [index, head] of heads.entries()) {
      const [lineage, merged, ownOf] = [lineages.get(head), answers[index], own.get(head)]
      if (lineage === undefined || merged === undefined) continue
      if (merged.outcome === 'unavailable') this.#standings.set(head, { state: 'unavailable', reason: merged.reason })
      else if (merged.outcome === 'conflicted') {
        const known = ownOf !== undefined && 'diff' in ownOf && !ownOf.crossed ? { own: ownOf.diff } : {}
        this.#standings.set(head, { state: 'conflicted', lineage, merged, ...known })
      } else if (merged.tree === target.tree) this.#standings.set(head, { state: 'landed', lineage })
      else clean.push({ head, lineage, tree: merged.tree, commit: this.commit(merged.tree, [target.commit, head]) })
    }
    await this.#diff(
      clean.map(({ commit }) => ({ from: target.commit, to: commit })),
      signal,
    )
    const displaced: { readonly head: string; readonly base: string; readonly own: TreeDiff }[] = []
    for (const { head, lineage, tree, commit } of clean) {
      const [landing, ownOf] = [this.#diffOf(target.commit, commit), own.get(head)]
      if ('reason' in landing || ownOf === undefined || 'reason' in ownOf) {
        this.#standings.set(head, {
          state: 'unavailable',
          reason: 'reason' in landing ? landing.reason : 'what it changed could not be read',
        })
        continue
      }
      const side = { own: ownOf.diff, landing: landing.diff, isOnTip: false, isCrossed: ownOf.crossed }
      this.#standings.set(head, { state: 'clean', lineage, tree, side })
      this.#landed.set(head, commit)
      if (!ownOf.crossed && isDisplaced(ownOf.diff, target.listing)) displaced.push({ head, base: ownOf.base, own: ownOf.diff })
    }
    await this.#diff(
      displaced.map(({ base }) => ({ from: base, to: target.commit })),
      signal,
    )
    for (const { head, base, own: ownDiff } of displaced) {
      const [standing, drift] = [this.#standings.get(head), this.#diffOf(base, target.commit)]
      if (standing?.state !== 'clean') continue
      const side: Side =
        'reason' in drift
          ? { ...standing.side, isCrossed: true }
          : { ...standing.side, displaced: displacedBy(ownDiff, drift.diff, target.listing) }
      this.#standings.set(head, { ...standing, side })
    }
  }

  /** A long watch over branches that move must not fill the memory. */
  #forgetOthers(heads: readonly string[]): void {
    if (this.#standings.size < 2 * heads.length + 1000) return
    const kept = new Set(heads)
    for (const head of this.#standings.keys()) if (!kept.has(head)) this.#standings.delete(head)
    for (const key of this.#diffs.keys()) if (!kept.has(key.slice(key.indexOf(' ') + 1))) this.#diffs.delete(key)
  }

  async #diff(pairs: readonly { readonly from: string; readonly to: string }[], signal: AbortSignal): Promise<void> {
    const unknown = new Map<string, { readonly from: string; readonly to: string }>()
    for (const pair of pairs) {
      const key = `${pair.from} ${pair.to}`
      if (!this.#diffs.has(key)) unknown.set(key, pair)
    }
    const answers = await diffCommits(this.#quarantine, [...unknown.values()], signal)
    for (const [index, key] of [...unknown.keys()].entries()) {
      const answer = answers[index]
      if (answer !== undefined) this.#diffs.set(key, answer)
    }
  }

  #diffOf(from: string, to: string): DiffAnswer {
    return this.#diffs.get(`${from} ${to}`) ?? { reason: 'what it changed could not be read' }
  }
}

const withTree = (standing: Standing & { readonly state: 'clean' }, merged: Merged): Standing => {
  if (merged.outcome === 'clean') return { ...standing, tree: merged.tree }
  if (merged.outcome === 'conflicted') return { state: 'conflicted', lineage: standing.lineage, merged, own: standing.side.own }
  return { state: 'unavailable', reason: merged.reason }
}

/** Regular files that both the stream and the target changed, without a change of mode. */
type Overlap = readonly { readonly path: string; readonly entry: Entry; readonly there: Version }[]

const NO_OVERLAP: Overlap = []

/**
 * What the target changed of the files that the stream changed. Undefined where it takes git to
 * merge them: what the stream adds must be free on the target, what it takes away there as it was,
 * and no folder may have moved away on either side while the other added to it.
 */
const overlapOf = (own: TreeDiff, { files, folders }: Listing): Overlap | undefined => {
  const overlap: Overlap[number][] = []
  for (const [path, entry] of own.entries) {
    if (entry.old.mode === '') {
      const isFree = !files.has(path) && !folders.has(path) && !isBelowFile(path, files)
      if (!isFree || lostFolder(path, own, folders) !== undefined) return undefined
      continue
    }
    const there = files.get(path)
    if (there === undefined) return undefined
    if (isSameVersion(there, entry.old)) continue
    const versions = [entry.old, entry.new, there]
    if (!versions.every((one) => isFile(one) && one.mode === there.mode)) return undefined
    overlap.push({ path, entry, there })
  }
  const deleted = own.goneFolders.size === 0 ? new Map<string, number>() : deletedBelow(own)
  return [...own.goneFolders].every((folder) => folders.get(folder) === deleted.get(folder)) ? overlap : undefined
}

const isBelowFile = (path: string, files: Listing['files']): boolean => {
  for (const folder of foldersOf(path)) if (files.has(folder)) return true
  return false
}

const deletedBelow = (own: TreeDiff): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const [path, entry] of own.entries) {
    if (entry.new.mode === '') for (const folder of foldersOf(path)) counts.set(folder, (counts.get(folder) ?? 0) + 1)
  }
  return counts
}

/** All that differs from any of the bases. */
const union = (diffs: readonly TreeDiff[]): TreeDiff => {
  const [first] = diffs
  if (first !== undefined && diffs.length === 1) return first
  const entries = new Map<string, Entry>(diffs.flatMap((diff) => [...diff.entries]))
  return {
    entries,
    goneFolders: new Set(diffs.flatMap((diff) => [...diff.goneFolders])),
    newFolders: new Set(diffs.flatMap((diff) => [...diff.newFolders])),
    adds: diffs.some(({ adds }) => adds),
    deletes: diffs.some(({ deletes }) => deletes),
  }
}
