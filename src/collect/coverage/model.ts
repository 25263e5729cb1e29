import type { Marks } from './marks.ts'
import { LineList, mergedLines, mergedPairs, PairList } from './marks.ts'

/** Coverage of one source file, as any of the formats says it. */
export interface FileCoverage {
  /** As the report has it. */
  readonly path: string
  /** Line numbers, marked where the line was reached. */
  readonly lines: Marks
  /** Branches by line and `branchOf`, marked where the branch was taken. */
  readonly branches: Marks
  /** Functions by line and `hashOf` their names, marked where the function was called. */
  readonly functions: Marks
  /** What the report says of the lines, where it lists more than count. */
  readonly says?: Share
}

export interface CoverageReport {
  /** Each path once. */
  readonly files: readonly FileCoverage[]
  /**
   * What the paths are in the repository: paths from a folder that the report lies in or below;
   * ends of paths, from a folder that the report does not name, such as packages; or paths that
   * begin with more than the repository knows, such as the module.
   */
  readonly paths: 'files' | 'ends' | 'modules'
  /** What its totals say otherwise than its lines, a clause each. */
  readonly remarks: readonly string[]
}

/** More than any repository has; each takes some hundred bytes. */
const MAX_FILES = 500_000
const MAX_ENTRIES = 50_000_000
/** While a file is read, each entry takes 8 bytes. */
const MAX_ENTRIES_OF_FILE = 4_000_000

export const MAX_BRANCHES_OF_A_LINE = 1_000

interface Gathered {
  readonly merged: FileCoverage
  /** Not merged yet: that waits until they are as large as what they are merged with. */
  readonly loose: FileCoverage[]
  looseSize: number
}

/** Gathers files one after the other; what stands twice about one file is merged: reached is reached. */
export class CoverageBuilder {
  readonly lines = new LineList()
  readonly branches = new PairList()
  readonly functions = new PairList()
  readonly #files = new Map<string, Gathered>()
  #entries = 0

  /** All that was added since the last file belongs to this one. */
  close(path: string, says?: Share): FileCoverage {
    const marks = { lines: this.lines.pack(), branches: this.branches.pack(), functions: this.functions.pack() }
    const file = { path, ...marks, ...(says && { says }) }
    const size = sizeOf(file)
    this.#entries += size
    const known = this.#files.get(path)
    if (!known) this.#files.set(path, { merged: file, loose: [], looseSize: 0 })
    else {
      known.loose.push(file)
      known.looseSize += size + COST_OF_PART
      if (known.looseSize >= sizeOf(known.merged))
        this.#files.set(path, { merged: mergedFile(path, [known.merged, ...known.loose]), loose: [], looseSize: 0 })
    }
    return file
  }

  /** Why this is too much to read; undefined as long as it is not. */
  get excess(): string | undefined {
    const open = Math.max(this.lines.size, this.branches.size, this.functions.size)
    if (open > MAX_ENTRIES_OF_FILE) return `more than ${MAX_ENTRIES_OF_FILE} lines, branches or functions in one file`
    if (this.#files.size > MAX_FILES) return `more than ${MAX_FILES} source files`
    return this.#entries > MAX_ENTRIES ? `more than ${MAX_ENTRIES} lines, branches and functions` : undefined
  }

  files(): readonly FileCoverage[] {
    return Array.from(this.#files, ([path, { merged, loose }]) => mergedFile(path, [merged, ...loose]))
  }
}

const COST_OF_PART = 32

const sizeOf = ({ lines, branches, functions }: FileCoverage): number => lines.all + branches.all + functions.all

export function mergedFile(path: string, parts: readonly FileCoverage[]): FileCoverage {
  const [only] = parts
  if (only && parts.length === 1) return only.path === path ? only : { ...only, path }
  return {
    path,
    lines: mergedLines(parts.map(({ lines }) => lines)),
    branches: mergedPairs(parts.map(({ branches }) => branches)),
    functions: mergedPairs(parts.map(({ functions }) => functions)),
  }
}

export interface Share {
  readonly covered: number
  readonly all: number
}

/** Lines, branches or functions of several files together: as listed, or as their reports say where that is the lower share. */
export function shareOf(files: readonly FileCoverage[], of: 'lines' | 'branches' | 'functions'): Share {
  const [listed, said] = [
    { covered: 0, all: 0 },
    { covered: 0, all: 0 },
  ]
  for (const file of files) {
    const { marked, all } = file[of]
    const says = (of === 'lines' ? file.says : undefined) ?? { covered: marked, all }
    listed.covered += marked
    listed.all += all
    said.covered += says.covered
    said.all += says.all
  }
  return said.covered * listed.all < listed.covered * said.all ? said : listed
}

/** A remark where the totals of a report are others than those of its lines. */
export function saidOtherwise(said: Share | undefined, files: readonly FileCoverage[]): readonly string[] {
  const { covered, all } = shareOf(files, 'lines')
  if (!said || (said.covered === covered && said.all === all)) return []
  return [`the report says ${said.covered} of ${said.all} lines and lists ${covered} of ${all} (the list counts)`]
}

/** A count of executions: whole, not negative, and exact as a number; undefined for anything else. */
export function hits(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return undefined
  const count = Number(text)
  return Number.isSafeInteger(count) ? count : undefined
}

/** A line number from 1; undefined for anything else. */
export const lineNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined
