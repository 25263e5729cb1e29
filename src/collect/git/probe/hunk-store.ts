import { conflictRegions, doConflict, type Hunk, mergedLines, type Region } from '#core/merge/hunks.ts'
import { type Change, patchParser } from './patch.ts'
import type { Quarantine } from './quarantine.ts'

/** `unknown`: an object is lost; git has to be asked. */
export type Verdict = 'clean' | 'content' | 'binary' | 'unknown'

/** Number of a version of a file together with the base it is compared with. */
export type VersionNumber = number

/**
 * How versions of files differ from their bases, and whether two of the same base merge. Kept by
 * blob ids alone: true for whichever path, branch and target they turn up in.
 */
export class HunkStore {
  readonly #quarantine: Quarantine
  /** By base, then by blob. */
  readonly #numbers = new Map<string, Map<string, VersionNumber>>()
  readonly #versions: { readonly base: string; readonly blob: string }[] = []
  #changes: (Change | 'lost' | undefined)[] = []
  #lines = 0
  readonly #verdicts = new Map<number, Verdict>()

  constructor(quarantine: Quarantine) {
    this.#quarantine = quarantine
  }

  /** `base` is empty where there is no base: both sides added the file. */
  number(base: string, blob: string): VersionNumber {
    let ofBase = this.#numbers.get(base)
    if (ofBase === undefined) this.#numbers.set(base, (ofBase = new Map()))
    const known = ofBase.get(blob)
    if (known !== undefined) return known
    const number = this.#versions.push({ base, blob }) - 1
    ofBase.set(blob, number)
    return number
  }

  /** Reads what is not known yet. What cannot be read becomes `lost`, and is tried again the next time. */
  async load(wanted: Iterable<VersionNumber>, signal: AbortSignal): Promise<void> {
    const missing = [...new Set(wanted)].filter((number) => this.#changes[number] === undefined || this.#changes[number] === 'lost')
    if (missing.length <= MOST_IN_ONE) return this.#read(missing, signal)
    const middle = Math.ceil(missing.length / 2)
    await Promise.all([this.#read(missing.slice(0, middle), signal), this.#read(missing.slice(middle), signal)])
  }

  /** Whether two versions of the same base merge; both must be loaded. */
  verdict(a: VersionNumber, b: VersionNumber): Verdict {
    const key = a < b ? a * LIMIT + b : b * LIMIT + a
    const known = this.#verdicts.get(key)
    if (known !== undefined) return known
    const [one, other] = [this.#changes[a], this.#changes[b]]
    if (one === undefined || other === undefined || one === 'lost' || other === 'lost') return 'unknown'
    const verdict = one === 'binary' || other === 'binary' ? 'binary' : doConflict(one, other) ? 'content' : 'clean'
    this.#verdicts.set(key, verdict)
    return verdict
  }

  /** See `mergedLines`; of two versions that merge, `content` being that of `other`, as latin1. The same text where `own` brings nothing. */
  merged(content: string, own: VersionNumber, other: VersionNumber): string | undefined {
    const [one, two] = [this.#changes[own], this.#changes[other]]
    if (!Array.isArray(one) || !Array.isArray(two)) return undefined
    const lines = linesOf(content)
    const merged = mergedLines(lines, one as readonly Hunk[], two as readonly Hunk[])
    if (merged === undefined || merged.slice(0, -1).some((line) => line.endsWith('\n'))) return undefined
    return merged === lines ? content : merged.map((line) => (line.endsWith('\n') ? line.slice(0, -1) : `${line}\n`)).join('')
  }

  /** The regions in which they conflict; none for those that are not text. */
  regions(a: VersionNumber, b: VersionNumber): readonly Region[] {
    const [one, other] = [this.#changes[a], this.#changes[b]]
    return Array.isArray(one) && Array.isArray(other) ? conflictRegions(one, other) : []
  }

  /** What one version changed of its base, side `a` being the base. */
  differences(number: VersionNumber): readonly Region[] {
    const change = this.#changes[number]
    let shift = 0
    return !Array.isArray(change)
      ? []
      : (change as readonly Hunk[]).map(({ at, removed, added }) => {
          const region = { base: { at: 0, count: 0 }, a: { at, count: removed.length }, b: { at: at + shift, count: added.length } }
          shift += added.length - removed.length
          return region
        })
  }

  /** A long watch over moving branches must not fill the memory. Numbers given before mean nothing afterwards. */
  dropIfLarge(): void {
    if (this.#lines < MOST_LINES && this.#verdicts.size < MOST_VERDICTS) return
    this.#numbers.clear()
    this.#versions.length = 0
    this.#changes = []
    this.#verdicts.clear()
    this.#lines = 0
  }

  /** An object that is lost ends git; what it had written before is whole, but for the last. */
  async #read(numbers: readonly VersionNumber[], signal: AbortSignal): Promise<void> {
    for (let left = numbers.toSorted((a, b) => a - b); left.length > 0;) {
      const { isWhole, changes } = await this.#compare(left, signal)
      const read = isWhole ? left.length : Math.max(0, changes.size - 1)
      for (const number of left.slice(0, read)) this.#keep(number, changes.get(number) ?? [])
      left = left.slice(read)
      if (left.length === 1 && read === 0) {
        this.#changes[left[0] ?? 0] = 'lost'
        return
      }
      // Git died of one of the next two.
      if (!isWhole) for (const number of left.splice(0, 2)) await this.#read([number], signal)
    }
  }

  /**
   * Two trees made for the purpose hold the bases and the versions under the same names: so one
   * process compares all of them, and neither names nor attributes of the repository take part.
   */
  async #compare(
    numbers: readonly VersionNumber[],
    signal: AbortSignal,
  ): Promise<{ readonly isWhole: boolean; readonly changes: ReadonlyMap<VersionNumber, Change> }> {
    const tree = (side: 'base' | 'blob'): string => this.#quarantine.write('tree', this.#treeOf(numbers, side))
    const changes = new Map<VersionNumber, Change>()
    const parser = patchParser((name, change) => changes.set(Number.parseInt(name, 16), change))
    const { exitCode } = await this.#quarantine.run(['diff-tree', ...OPTIONS, tree('base'), tree('blob')], {
      onOutput: (piece) => parser.push(piece),
      signal,
    })
    parser.end()
    return { isWhole: exitCode === 0, changes }
  }

  #keep(number: VersionNumber, change: Change): void {
    this.#changes[number] = change
    this.#lines += 1
    if (change === 'binary') return
    for (const { removed, added } of change) this.#lines += removed.length + added.length
  }

  #treeOf(numbers: readonly VersionNumber[], side: 'base' | 'blob'): Buffer {
    const parts: Buffer[] = []
    for (const number of numbers) {
      const oid = this.#versions[number]?.[side] ?? ''
      if (oid !== '') parts.push(Buffer.from(`100644 ${nameOf(number)}\0`), Buffer.from(oid, 'hex'))
    }
    return Buffer.concat(parts)
  }
}

/** Names sort as their numbers do, for a tree is sorted. */
const nameOf = (number: VersionNumber): string => number.toString(16).padStart(8, '0')

const LIMIT = 2 ** 26
const MOST_IN_ONE = 16
const MOST_LINES = 5_000_000
const MOST_VERDICTS = 4_000_000

/** As a merge compares: one line of context, because without any git takes off what both end with first. */
const OPTIONS = [
  '-r',
  '-p',
  '-U1',
  '--diff-algorithm=histogram',
  '--no-indent-heuristic',
  '--no-renames',
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  '--full-index',
  '--src-prefix=a/',
  '--dst-prefix=b/',
  '--inter-hunk-context=0',
]

/** As hunks have them: without the line breaks, but for a last line that has none, which carries one. */
const linesOf = (text: string): readonly string[] => {
  const lines = text.split('\n')
  const last = lines.pop() ?? ''
  return last === '' ? lines : [...lines, `${last}\n`]
}
