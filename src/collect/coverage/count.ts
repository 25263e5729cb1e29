import { matcher } from '#core/evidence/glob.ts'
import type { Share } from './model.ts'
import { shareOf } from './model.ts'
import type { Source } from './sources.ts'
import { namesOf } from './sources.ts'

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

/** Which files count: globs against paths relative to the root, as in `chosen`. */
export interface Choice {
  readonly paths?: readonly string[]
  readonly exclude?: readonly string[]
}

/** Whether a file of the repository counts. */
export function chooser({ paths, exclude = [] }: Choice): (path: string) => boolean {
  const isIncluded = paths ? matcher(paths) : () => true
  const isExcluded = matcher(exclude)
  return (path) => isIncluded(path) && !isExcluded(path)
}

/**
 * Whether a source file of a report counts. Of an absolute path that lies elsewhere (a report from
 * another machine), and of one that begins with a module, any ending may match.
 */
export function chosen(choice: Choice): (source: Source) => boolean {
  const isIncluded = choice.paths ? matcher(choice.paths) : () => true
  const isExcluded = matcher(choice.exclude ?? [])
  return (source) => {
    const names = namesOf(source)
    return names.some(isIncluded) && !names.some(isExcluded)
  }
}

export function countCoverage(all: readonly Source[], choice: Choice): CoverageCount {
  const files = all.filter(chosen(choice))
  return {
    inReports: all.length,
    files: files.length,
    lines: shareOf(files, 'lines'),
    branches: shareOf(files, 'branches'),
    functions: shareOf(files, 'functions'),
    particulars: files
      .map((file) => ({ path: file.path, ...shareOf([file], 'lines') }))
      .filter((one) => one.covered < one.all)
      .sort((a, b) => b.all - b.covered - (a.all - a.covered) || (a.path < b.path ? -1 : 1))
      .slice(0, MAX_PARTICULARS)
      .map((one) => `${one.path}: ${one.covered} of ${one.all} lines`),
  }
}
