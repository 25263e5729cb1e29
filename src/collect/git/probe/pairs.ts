import type { ConflictKind } from '#core/merge/probe.ts'
import type { Versions } from './conflicts.ts'
import type { Verdict, VersionNumber } from './hunk-store.ts'
import { canTakePart, type Displaced, type Likeness } from './displaced.ts'
import { type Entry, foldersOf, isFile, isSameVersion, type TreeDiff, type Version } from './raw.ts'

/**
 * Which pairs of clean streams conflict, from what each changed. What is decided here is what
 * git's merge (merge-ort.c) decides for certain; every other pair that has anything to do with one
 * another is left to git. "A, then B" merges B's head into the target with A on it, over B's own
 * base: so B counts with what its own commits changed, and A with what it changes on the target.
 */

/** A stream that merges cleanly with the target. */
export interface Side {
  /** What its own commits changed since its base. */
  readonly own: TreeDiff
  /** What landing it changes on the target; the same object as `own` when the target changed nothing of it. */
  readonly landing: TreeDiff
  /** Its base is the target's tip: the target has changed nothing behind its back. */
  readonly isOnTip: boolean
  /** Absent: the target has taken away nothing that it changed or adds to. */
  readonly displaced?: Displaced
  /** No single base says what it changed; `own` then holds what differs from any of its bases. */
  readonly isCrossed: boolean
}

export interface PairConflict {
  readonly path: string
  readonly kind: ConflictKind
  /** Of the order in which the one with the lower index lands first, if that order conflicts; else of the other. */
  readonly versions: Versions
  readonly lowFirst: boolean
  readonly highFirst: boolean
}

/** How contents are compared; see `HunkStore`. */
export interface Contents {
  number(base: string, blob: string): VersionNumber
  verdict(a: VersionNumber, b: VersionNumber): Verdict
}

export interface Judged {
  /** Pairs that share a path, or a folder in a way that matters. */
  readonly sharing: number
  /** Conflicts of pairs that are decided, by key. */
  readonly conflicts: ReadonlyMap<PairKey, readonly PairConflict[]>
  /** Pairs that git has to be asked about. */
  readonly asked: ReadonlySet<PairKey>
}

/** `low * count + high`, of the places of two sides. */
export type PairKey = number

interface Touch {
  readonly side: number
  readonly own: Entry | undefined
  readonly landing: Entry | undefined
  /** The target left the path alone: both entries say the same. */
  readonly isPlain: boolean
  /** Of a plain change of a regular file. */
  readonly number: VersionNumber | undefined
}

export class PairIndex {
  readonly #sides: readonly Side[]
  readonly #contents: Contents
  readonly #touches = new Map<string, Touch[]>()
  readonly #shared: Uint32Array
  #sharing = 0
  readonly #asked = new Set<PairKey>()
  readonly #conflicts = new Map<PairKey, PairConflict[]>()

  /** `stacked`: groups of sides that have commits in common which the target lacks. */
  constructor(sides: readonly Side[], stacked: Iterable<readonly number[]>, contents: Contents, alike: Likeness) {
    this.#sides = sides
    this.#contents = contents
    this.#shared = new Uint32Array(Math.ceil((sides.length * sides.length) / 32))
    for (const [index, side] of sides.entries()) this.#add(index, side)
    for (const group of stacked) this.#askAmong(group)
    this.#askFileAgainstFolder()
    this.#askGoneFolders()
    this.#askDisplaced(alike)
    this.#askCrossed()
  }

  /** What `judge` will compare. */
  *wanted(): Generator<VersionNumber> {
    for (const touches of this.#touches.values()) {
      if (touches.length < 2) continue
      const plain = touches.filter(({ isPlain }) => isPlain)
      const numbers = new Set(plain.flatMap(({ number }) => (number === undefined ? [] : [number])))
      if (numbers.size > 1) yield* numbers
      if (plain.length === touches.length) continue
      for (const [first, second] of pairsOf(touches)) {
        if (first.isPlain && second.isPlain) continue
        for (const [lands, then] of [[first, second] as const, [second, first] as const]) {
          const { landing, own } = { landing: lands.landing, own: then.own }
          if (landing === undefined || own === undefined || !isFile(landing.new) || !isFile(own.new)) continue
          if (own.old.mode !== '' && !isFile(own.old)) continue
          yield this.#contents.number(own.old.oid, own.new.oid)
          if (landing.new.oid !== own.old.oid) yield this.#contents.number(own.old.oid, landing.new.oid)
        }
      }
    }
  }

  judge(): Judged {
    for (const [path, touches] of this.#touches) {
      for (let first = 0; first < touches.length; first++) {
        for (let second = first + 1; second < touches.length; second++) {
          const [a, b] = [touches[first], touches[second]]
          if (a !== undefined && b !== undefined) this.#judge(path, a, b)
        }
      }
    }
    for (const key of this.#asked) this.#conflicts.delete(key)
    return { sharing: this.#sharing, conflicts: this.#conflicts, asked: this.#asked }
  }

  #add(index: number, { own, landing }: Side): void {
    for (const [path, entry] of own.entries) {
      const there = landing === own ? entry : landing.entries.get(path)
      this.#touch(path, index, entry, there)
    }
    if (landing === own) return
    for (const [path, entry] of landing.entries) if (!own.entries.has(path)) this.#touch(path, index, undefined, entry)
  }

  #touch(path: string, side: number, own: Entry | undefined, landing: Entry | undefined): void {
    const isPlain = own !== undefined && landing !== undefined && (own === landing || isSameEntry(own, landing))
    const isCompared = isPlain && isFile(own.new) && (own.old.mode === '' || isFile(own.old)) && own.old.oid !== own.new.oid
    const number = isCompared ? this.#contents.number(own.old.oid, own.new.oid) : undefined
    const touch = { side, own, landing, isPlain, number }
    const touches = this.#touches.get(path)
    if (touches === undefined) this.#touches.set(path, [touch])
    else touches.push(touch)
  }

  #judge(path: string, a: Touch, b: Touch): void {
    const key = this.#share(a.side, b.side)
    if (this.#asked.has(key)) return
    if (a.isPlain && b.isPlain) {
      // Both have the target's version for base, so that the order makes no difference.
      const found = a.number !== undefined && b.number !== undefined ? this.#compare(a, b, a.number, b.number) : this.#order(a, b)
      if (found === 'ask') this.#asked.add(key)
      else if (found !== undefined) this.#conflict(key, { path, ...found, lowFirst: true, highFirst: true })
      return
    }
    const lowFirst = this.#order(a, b)
    const highFirst = this.#order(b, a)
    if (lowFirst === 'ask' || highFirst === 'ask') this.#asked.add(key)
    else {
      const found = lowFirst ?? highFirst
      if (found !== undefined) this.#conflict(key, { path, ...found, lowFirst: lowFirst !== undefined, highFirst: highFirst !== undefined })
    }
  }

  #conflict(key: PairKey, conflict: PairConflict): void {
    const conflicts = this.#conflicts.get(key)
    if (conflicts === undefined) this.#conflicts.set(key, [conflict])
    else conflicts.push(conflict)
  }

  /** Two plain changes of the contents of a regular file, of the same base. */
  #compare(a: Touch, b: Touch, numberA: VersionNumber, numberB: VersionNumber): Found {
    if (a.own === undefined || b.own === undefined) return 'ask'
    if (a.own.old.mode === '') return this.#bothAdd(a, b)
    if (numberA === numberB) return undefined
    return this.#found(this.#contents.verdict(numberA, numberB), 'content', {
      base: a.own.old.oid,
      ours: a.own.new.oid,
      theirs: b.own.new.oid,
    })
  }

  #found(verdict: Verdict, kind: ConflictKind, versions: Versions): Found {
    if (verdict === 'unknown') return 'ask'
    return verdict === 'clean' ? undefined : { kind: verdict === 'binary' ? 'binary' : kind, versions }
  }

  /** `lands` is on the target already, `then` is merged: base and theirs are of `then`, ours is what `lands` left. */
  #order(lands: Touch, then: Touch): Found {
    const ours = lands.landing?.new
    // It leaves the path as the target has it: that was answered when `then` was projected.
    if (ours === undefined) return undefined
    // Its own commits never touched what it changes here: git followed a rename.
    if (then.own === undefined) return then.landing === undefined ? undefined : 'ask'
    const { old: base, new: theirs } = then.own
    if (ours.mode === '' && theirs.mode === '') return this.#isQuiet(lands.side) && this.#isQuiet(then.side) ? undefined : 'ask'
    if (ours.mode === '' || theirs.mode === '') return this.#oneDeletes(lands, then, ours, theirs, base)
    if (base.mode === '') return this.#bothAdd(lands, then)
    if (isSameVersion(ours, theirs) || isSameVersion(ours, base)) return undefined
    if (!isFile(base) || !isFile(ours) || !isFile(theirs)) return 'ask'
    // Of two modes one is the base's, and the other one's change of it is taken.
    if (ours.oid === theirs.oid || ours.oid === base.oid || theirs.oid === base.oid) return undefined
    const [one, other] = [this.#contents.number(base.oid, ours.oid), this.#contents.number(base.oid, theirs.oid)]
    return this.#found(this.#contents.verdict(one, other), 'content', { base: base.oid, ours: ours.oid, theirs: theirs.oid })
  }

  /** Beyond doubt only where nothing was added that the deleted file could have become. */
  #oneDeletes(lands: Touch, then: Touch, ours: Version, theirs: Version, base: Version): Found {
    const [a, b] = [this.#sides[lands.side], this.#sides[then.side]]
    const deleting = ours.mode === '' ? a : b
    const left = ours.mode === '' ? theirs : ours
    const isSure = lands.isPlain && then.isPlain && a?.isOnTip === true && b?.isOnTip === true && deleting?.own.adds === false
    if (!isSure || !isFile(base) || !isFile(left)) return 'ask'
    return {
      kind: 'modify/delete',
      versions: { base: base.oid, ...(ours.mode === '' ? {} : { ours: ours.oid }), ...(theirs.mode === '' ? {} : { theirs: theirs.oid }) },
    }
  }

  /** Beyond doubt only where nobody, the target neither, can have moved another file there. */
  #bothAdd(lands: Touch, then: Touch): Found {
    const sides = [this.#sides[lands.side], this.#sides[then.side]]
    const [ours, theirs] = [lands.landing?.new, then.own?.new]
    if (ours === undefined || theirs === undefined || !lands.isPlain || !then.isPlain) return 'ask'
    if (sides.some((side) => side === undefined || !side.isOnTip || side.own.deletes)) return 'ask'
    if (isSameVersion(ours, theirs)) return undefined
    if (lands.number === undefined || then.number === undefined || ours.mode !== theirs.mode) return 'ask'
    const found = this.#found(this.#contents.verdict(lands.number, then.number), 'add/add', { ours: ours.oid, theirs: theirs.oid })
    return found ?? 'ask'
  }

  /** Nothing is new that a deleted file could have become. */
  #isQuiet(index: number): boolean {
    const side = this.#sides[index]
    return side !== undefined && side.isOnTip && !side.own.adds && !side.landing.adds
  }

  /** Notes that two sides have to do with each other. */
  #share(a: number, b: number): PairKey {
    const key = a < b ? a * this.#sides.length + b : b * this.#sides.length + a
    const bit = 1 << (key & 31)
    const word = this.#shared[key >>> 5] ?? 0
    if ((word & bit) === 0) {
      this.#shared[key >>> 5] = word | bit
      this.#sharing += 1
    }
    return key
  }

  #ask(a: number, b: number): void {
    if (a !== b) this.#asked.add(this.#share(a, b))
  }

  #askAmong(group: readonly number[]): void {
    for (const [a, b] of pairsOf(group)) this.#ask(a, b)
  }

  /** A path that is a file on one side and a folder on the other. */
  #askFileAgainstFolder(): void {
    for (const [path, touches] of this.#touches) {
      for (const folder of foldersOf(path)) {
        for (const file of this.#touches.get(folder) ?? []) {
          if (!isPresent(file.own) && !isPresent(file.landing)) continue
          for (const { side, own, landing } of touches) if (isPresent(own) || isPresent(landing)) this.#ask(file.side, side)
        }
      }
    }
  }

  /** A folder that one side took away, perhaps to another place, and to which the other adds. */
  #askGoneFolders(): void {
    const gone = new Map<string, Set<number>>()
    for (const [index, { own, landing }] of this.#sides.entries()) {
      for (const folder of [...own.goneFolders, ...(landing === own ? [] : landing.goneFolders)]) {
        const sides = gone.get(folder) ?? new Set()
        gone.set(folder, sides.add(index))
      }
    }
    if (gone.size === 0) return
    for (const [path, touches] of this.#touches) {
      const adding = touches.filter(({ own, landing }) => isAdded(own) || isAdded(landing))
      if (adding.length === 0) continue
      for (const folder of foldersOf(path)) {
        for (const side of gone.get(folder) ?? []) for (const one of adding) this.#ask(side, one.side)
      }
    }
  }

  /** What git looks for on behalf of a displaced side, when the other one has landed. */
  #askDisplaced(alike: Likeness): void {
    for (const [index, { displaced }] of this.#sides.entries()) {
      if (displaced === undefined) continue
      for (const [other, { landing }] of this.#sides.entries()) if (canTakePart(displaced, landing, alike)) this.#ask(index, other)
    }
  }

  #askCrossed(): void {
    for (const [index, { isCrossed }] of this.#sides.entries()) {
      if (isCrossed) for (const other of this.#sides.keys()) this.#ask(index, other)
    }
  }
}

type Found = { readonly kind: ConflictKind; readonly versions: Versions } | 'ask' | undefined

const isSameEntry = (a: Entry, b: Entry): boolean => isSameVersion(a.old, b.old) && isSameVersion(a.new, b.new)
const isPresent = (entry: Entry | undefined): boolean => entry !== undefined && entry.new.mode !== ''
const isAdded = (entry: Entry | undefined): boolean => isPresent(entry) && entry?.old.mode === ''

function* pairsOf<T>(list: readonly T[]): Generator<readonly [T, T]> {
  for (const [index, first] of list.entries()) for (const second of list.slice(index + 1)) yield [first, second]
}
