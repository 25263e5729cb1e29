import { matcher } from '#core/evidence/glob.ts'
import type { ReadFile } from '#collect/reports/report.ts'
import { endingsOf } from '#collect/source-code/source-path.ts'
import type { CoverageReport, FileCoverage, Share } from './model.ts'
import { mergedFile, shareOf } from './model.ts'

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

/** A source file of the reports; what several of them say of it is one. */
export interface Source extends FileCoverage {
  /** Relative to the root where it lies below it. */
  readonly path: string
  readonly paths: CoverageReport['paths']
  /** Folders of the reports it stands in, with `/`; empty for the root. */
  readonly reportFolders: readonly string[]
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

/** What its path may be in the repository, the longest first. */
export const namesOf = ({ path, paths }: Pick<Source, 'path' | 'paths'>): readonly string[] =>
  endingsOf(paths === 'modules' ? `/${path}` : path)

/** Merges what stands in several reports; in the order of the reports. */
export function sourcesOf(reports: readonly ReadFile<CoverageReport>[], root: string): readonly Source[] {
  const parts = new Map<string, { readonly files: FileCoverage[]; readonly paths: CoverageReport['paths']; folders: readonly string[] }>()
  for (const report of reports) {
    const folders = [report.path.split('/').slice(0, -1).join('/')]
    for (const file of report.value.files) {
      const path = relativePath(file.path, root)
      const known = parts.get(path)
      if (known) {
        known.files.push(file)
        known.folders = [...new Set([...known.folders, ...folders])]
      } else parts.set(path, { files: [file], paths: report.value.paths, folders })
    }
  }
  return Array.from(parts, ([path, { files, paths, folders }]) => ({ ...mergedFile(path, files), paths, reportFolders: folders }))
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

function relativePath(path: string, root: string): string {
  const plain = path.replaceAll('\\', '/')
  if (plain.startsWith(`${root}/`)) return plain.slice(root.length + 1)
  return plain.startsWith('./') ? plain.slice(2) : plain
}
