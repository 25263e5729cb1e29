import { complaint } from '../process.ts'
import type { Quarantine } from './quarantine.ts'

/** Where a head stands in the history of the target. */
export interface Lineage {
  /** Commits the target lacks, the head first; empty when the target has it. */
  readonly own: readonly string[]
  /** The best common ancestors with the target; several where the two were merged crosswise; none where nothing is shared. */
  readonly bases: readonly string[]
}

export type Placed = Lineage | { readonly reason: string }

/** Walks histories towards one target after the other; a head asked about again costs nothing. */
export class History {
  readonly #quarantine: Quarantine
  #target = ''
  /** Of every commit met that the target lacks. */
  readonly #parents = new Map<string, readonly string[]>()
  /** When those commits of the target were made that own commits stand on, in seconds. */
  readonly #dates = new Map<string, number>()
  readonly #placed = new Map<string, Placed>()

  constructor(quarantine: Quarantine) {
    this.#quarantine = quarantine
  }

  /** Every head's place, in the order asked. */
  async place(target: string, heads: readonly string[], signal: AbortSignal): Promise<readonly Placed[]> {
    if (target !== this.#target) {
      this.#parents.clear()
      this.#dates.clear()
      this.#placed.clear()
      this.#target = target
    }
    const unknown = [...new Set(heads)].filter((head) => !this.#placed.has(head))
    if (unknown.length > 0) await this.#learn(unknown, signal)
    return heads.map((head) => this.#placed.get(head) ?? { reason: 'its history could not be read' })
  }

  /** The head and its first parents, as long as the target lacks them: the line on which the stream was worked. */
  line(head: string): readonly string[] {
    const line: string[] = []
    for (let commit: string | undefined = head; commit !== undefined; commit = this.#parents.get(commit)?.[0]) {
      if (!this.#parents.has(commit)) break
      line.push(commit)
    }
    return line
  }

  parentOf(commit: string): string | undefined {
    return this.#parents.get(commit)?.[0]
  }

  async #learn(heads: readonly string[], signal: AbortSignal): Promise<void> {
    const reached: { readonly head: string; readonly own: readonly string[]; readonly edge: readonly string[] }[] = []
    for (const head of await this.#walk(heads, signal)) reached.push({ head, ...this.#reach(head) })
    const before = await this.#ancestry(
      reached.flatMap(({ edge }) => (edge.length > 1 ? edge : [])),
      signal,
    )
    for (const { head, own, edge } of reached) {
      this.#placed.set(head, { own, bases: edge.filter((one) => !edge.some((other) => other !== one && before(one, other))) })
    }
  }

  /**
   * Lists what the heads have and the target lacks; what is known already is not listed again. One
   * commit that is lost ends git: then the heads are tried in halves, so that only those suffer
   * whose history has it. The heads that could be walked.
   */
  async #walk(heads: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    const known = [...this.#placed].flatMap(([head, placed]) => ('own' in placed && placed.own.length > 0 ? [head] : [])).slice(-MOST_KNOWN)
    const input = `${heads.join('\n')}\n^${this.#target}\n${known.map((head) => `^${head}\n`).join('')}`
    const args = ['rev-list', '--parents', '--boundary', '--timestamp', '--stdin']
    const { exitCode, stdout, stderr } = await this.#quarantine.run(args, { input, signal })
    if (exitCode === 0) {
      for (const { commit, seconds, isBoundary, parents } of commitsOf(stdout.toString('latin1'))) {
        if (isBoundary) this.#dates.set(commit, seconds)
        else this.#parents.set(commit, parents)
      }
      return heads
    }
    if (heads.length === 1) {
      this.#placed.set(heads[0] ?? '', { reason: complaint(stderr) })
      return []
    }
    const middle = Math.ceil(heads.length / 2)
    const first = await this.#walk(heads.slice(0, middle), signal)
    return [...first, ...(await this.#walk(heads.slice(middle), signal))]
  }

  /** Own commits of a head, and the commits of the target that they stand on. */
  #reach(head: string): { readonly own: readonly string[]; readonly edge: readonly string[] } {
    if (!this.#parents.has(head)) return { own: [], edge: [head] }
    const own = new Set([head])
    const edge = new Set<string>()
    for (const commit of own) {
      for (const parent of this.#parents.get(commit) ?? []) {
        if (this.#parents.has(parent)) own.add(parent)
        else edge.add(parent)
      }
    }
    return { own: [...own], edge: [...edge] }
  }

  #dateOf(commit: string): number {
    return this.#dates.get(commit) ?? 0
  }

  /** Tells whether one of these commits of the target is an ancestor of another. */
  async #ancestry(commits: readonly string[], signal: AbortSignal): Promise<(one: string, other: string) => boolean> {
    const asked = [...new Set(commits)]
    if (asked.length === 0) return () => false
    const oldest = asked.reduce((a, b) => (this.#dateOf(b) < this.#dateOf(a) ? b : a))
    const input = `${asked.join('\n')}\n^${oldest}\n`
    const { exitCode, stdout } = await this.#quarantine.run(['rev-list', '--parents', '--topo-order', '--stdin'], { input, signal })
    // Bases too many only make more pairs be asked.
    if (exitCode !== 0) return () => false
    const number = new Map(asked.map((commit, index) => [commit, index]))
    const words = Math.ceil(asked.length / 32)
    /** By commit: which of those asked have it behind them. */
    const behind = new Map<string, Uint32Array>()
    const reachedBy = (commit: string): Uint32Array => {
      const found = behind.get(commit) ?? new Uint32Array(words)
      behind.set(commit, found)
      return found
    }
    for (const { commit, parents } of commitsOf(stdout.toString('latin1'))) {
      const own = reachedBy(commit).slice()
      const index = number.get(commit)
      if (index === undefined) behind.delete(commit)
      else own[index >> 5] = (own[index >> 5] ?? 0) | (1 << (index & 31))
      for (const parent of parents) {
        const theirs = reachedBy(parent)
        for (let word = 0; word < words; word++) theirs[word] = (theirs[word] ?? 0) | (own[word] ?? 0)
      }
    }
    return (one, other) => {
      const index = number.get(other) ?? 0
      return (((behind.get(one)?.[index >> 5] ?? 0) >>> (index & 31)) & 1) === 1
    }
  }
}

/** Parsing a negative ref costs as much as a commit; the latest heads are those that moved. */
const MOST_KNOWN = 100

interface Listed {
  readonly commit: string
  readonly seconds: number
  readonly isBoundary: boolean
  readonly parents: readonly string[]
}

/** Lines of `rev-list --parents`, with or without `--timestamp`. */
const commitsOf = (output: string): readonly Listed[] =>
  output
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const words = line.split(' ')
      const seconds = (words[0]?.length ?? 0) < 40 ? Number(words.shift()) : 0
      const [commit = '', ...parents] = words
      const isBoundary = commit.startsWith('-')
      return { commit: isBoundary ? commit.slice(1) : commit, seconds, isBoundary, parents }
    })
