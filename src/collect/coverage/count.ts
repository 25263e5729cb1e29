import { matcher } from '#core/evidence/glob.ts'
import { endingsOf } from '../source-path.ts'
import type { CoverageReport, FileCoverage } from './model.ts'
import { CoverageBuilder } from './model.ts'

export interface Share {
  readonly covered: number
  readonly all: number
}

export interface CoverageCount {
  /** Files in the reports, selected or not. */
  readonly inReports: number
  readonly files: number
  readonly lines: Share
  readonly branches: Share
  readonly functions: Share
  /** The files with the most lines not reached: `path: covered of all lines`. */
  readonly particulars: readonly string[]
}

const MAX_PARTICULARS = 20

/**
 * Adds up the reports; a file that stands in several is merged. `paths` are globs against paths
 * relative to `root`; of an absolute path that lies elsewhere (a report from another machine) any
 * ending may match.
 */
export function countCoverage(
  reports: readonly CoverageReport[],
  { paths, root }: { readonly paths?: readonly string[]; readonly root?: string },
): CoverageCount {
  const all = merged(reports, root)
  const matches = paths && matcher(paths)
  const files = matches ? all.filter(({ path }) => endingsOf(path).some(matches)) : all
  const sum = (pick: (file: FileCoverage) => ReadonlyMap<unknown, boolean>): Share => {
    let [covered, total] = [0, 0]
    for (const file of files) {
      const one = share(pick(file))
      covered += one.covered
      total += one.all
    }
    return { covered, all: total }
  }
  return {
    inReports: all.length,
    files: files.length,
    lines: sum(({ lines }) => lines),
    branches: sum(({ branches }) => branches),
    functions: sum(({ functions }) => functions),
    particulars: files
      .map(({ path, lines }) => ({ path, ...share(lines) }))
      .filter(({ covered, all: total }) => covered < total)
      .sort((a, b) => b.all - b.covered - (a.all - a.covered) || (a.path < b.path ? -1 : 1))
      .slice(0, MAX_PARTICULARS)
      .map(({ path, covered, all: total }) => `${path}: ${covered} of ${total} lines`),
  }
}

function share(entries: ReadonlyMap<unknown, boolean>): Share {
  let covered = 0
  for (const isCovered of entries.values()) if (isCovered) covered += 1
  return { covered, all: entries.size }
}

function merged(reports: readonly CoverageReport[], root: string | undefined): readonly FileCoverage[] {
  const builder = new CoverageBuilder()
  for (const report of reports) {
    for (const file of report.files) {
      const into = builder.file(relativePath(file.path, root))
      for (const [line, isReached] of file.lines) into.line(line, isReached)
      for (const [key, isTaken] of file.branches) into.branch(key, isTaken)
      for (const [key, isCalled] of file.functions) into.function(key, isCalled)
    }
  }
  return builder.files
}

function relativePath(path: string, root: string | undefined): string {
  const plain = path.replaceAll('\\', '/')
  if (root !== undefined && plain.startsWith(`${root}/`)) return plain.slice(root.length + 1)
  return plain.startsWith('./') ? plain.slice(2) : plain
}
