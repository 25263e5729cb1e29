/** Coverage of one source file, as any of the formats says it. */
export interface FileCoverage {
  readonly path: string
  /** Line number -> whether it was reached. */
  readonly lines: ReadonlyMap<number, boolean>
  /** Branch -> whether it was taken. */
  readonly branches: ReadonlyMap<string, boolean>
  /** Function -> whether it was called. */
  readonly functions: ReadonlyMap<string, boolean>
}

export interface CoverageReport {
  readonly files: readonly FileCoverage[]
  /** What its totals say otherwise than its lines, a clause each. */
  readonly remarks: readonly string[]
}

/** Entries of one report, lines and branches and functions together: enough for millions of lines. */
const MAX_ENTRIES = 5_000_000

/** Gathers files; what stands twice about one file is merged: reached is reached. */
export class CoverageBuilder {
  readonly #files = new Map<string, Record<'lines', Map<number, boolean>> & Record<'branches' | 'functions', Map<string, boolean>>>()
  #entries = 0

  file(path: string): FileBuilder {
    let file = this.#files.get(path)
    if (!file) {
      file = { lines: new Map(), branches: new Map(), functions: new Map() }
      this.#files.set(path, file)
    }
    const { lines, branches, functions } = file
    return {
      line: (line, isReached) => this.#set(lines, line, isReached),
      branch: (key, isTaken) => this.#set(branches, key, isTaken),
      function: (key, isCalled) => this.#set(functions, key, isCalled),
    }
  }

  get isTooLarge(): boolean {
    return this.#entries > MAX_ENTRIES || this.#files.size > MAX_ENTRIES
  }

  get files(): readonly FileCoverage[] {
    return [...this.#files].map(([path, file]) => ({ path, ...file }))
  }

  #set<K>(map: Map<K, boolean>, key: K, value: boolean): void {
    const known = map.get(key)
    if (known === undefined) this.#entries += 1
    if (known !== true) map.set(key, value)
  }
}

export interface FileBuilder {
  line(line: number, isReached: boolean): void
  branch(key: string, isTaken: boolean): void
  function(key: string, isCalled: boolean): void
}

export const TOO_LARGE = `more than ${MAX_ENTRIES} lines, branches and functions`

/** A count of executions: whole, not negative, and exact as a number; undefined for anything else. */
export function hits(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return undefined
  const count = Number(text)
  return Number.isSafeInteger(count) ? count : undefined
}

/** A line number from 1; undefined for anything else. */
export const lineNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined
