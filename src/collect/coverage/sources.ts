import type { ReadFile } from '#collect/reports/report.ts'
import { endingsOf } from '#collect/source-code/source-path.ts'
import { eachLine, type Marks } from './marks.ts'
import type { CoverageReport, FileCoverage } from './model.ts'
import { mergedFile } from './model.ts'

/** A source file of the reports; what several of them say of it is one. */
export interface Source extends FileCoverage {
  /** Relative to the root where it lies below it; in the repository, where that is known. */
  readonly path: string
  readonly paths: CoverageReport['paths']
  /** Folders of the reports it stands in, with `/`; empty for the root. */
  readonly reportFolders: readonly string[]
  /** As the reports have it, where the repository has it under another path. */
  readonly told?: readonly string[]
}

interface Gathered {
  readonly path: string
  readonly paths: CoverageReport['paths']
  readonly files: FileCoverage[]
  readonly folders: Set<string>
  readonly told: Set<string>
}

/**
 * Merges what stands in several reports; in the order of the reports. `tree` has the paths of the
 * repository's files: with it `src/index.ts` of two packages are two files, and so is a
 * class of two modules. Of what it does not have (a build made it) two are one where they list the same lines.
 */
export function sourcesOf(reports: readonly ReadFile<CoverageReport>[], root: string, tree?: ReadonlySet<string>): readonly Source[] {
  const byPath = new Map<string, Gathered[]>()
  const byEnd = reports.some(({ value }) => value.paths === 'ends') ? endsOf(tree ?? new Set()) : new Map<string, string[]>()
  for (const { path: reportPath, value } of reports) {
    const folder = reportPath.split('/').slice(0, -1).join('/')
    const place = value.paths === 'ends' ? ending(folder, byEnd) : tree ? placing(value.files, folder, root, tree) : () => undefined
    for (const file of value.files) {
      const told = relativePath(file.path, root)
      const placed = told !== plain(file.path) ? told : value.paths === 'modules' ? undefined : place(told)
      const path = placed ?? told
      const isSure = placed !== undefined || tree === undefined || value.paths === 'modules' || isAbsolute(told)
      const same = byPath.get(path) ?? []
      let one = same.find(({ files: [first] }) => isSure || (first && hasSameLines(first.lines, file.lines)))
      if (!one) {
        one = { path, paths: value.paths, files: [], folders: new Set(), told: new Set() }
        byPath.set(path, [...same, one])
      }
      one.files.push(file)
      one.folders.add(folder)
      if (told !== path) one.told.add(told)
    }
  }
  return Array.from(byPath.values())
    .flat()
    .map(({ path, paths, files, folders, told }) => ({
      ...mergedFile(path, files),
      paths,
      reportFolders: [...folders],
      ...(told.size > 0 && { told: [...told] }),
    }))
}

/** What its path may be in the repository, the longest first. */
export const namesOf = ({ path, paths, told }: Pick<Source, 'path' | 'paths' | 'told'>): readonly string[] =>
  told ? [path, ...told.flatMap(endingsOf)] : endingsOf(paths === 'modules' ? `/${path}` : path)

/** So many paths of a report tell where it was written. */
const MAX_ASKED = 50
/** Where none of the first is, the others are not looked for. */
const FIRST_ASKED = 8
const MAX_LEFT_OUT = 12

/**
 * Where the paths of one report lie in the repository: below the folder under which most of them
 * are there, which is one around the report, or one of the same name in the folder where CI left
 * it. Of absolute paths the folders before that are left out. Undefined where nothing tells.
 */
function placing(
  files: readonly FileCoverage[],
  folder: string,
  root: string,
  tree: ReadonlySet<string>,
): (path: string) => string | undefined {
  const step = Math.max(1, Math.floor(files.length / MAX_ASKED))
  const asked = files.filter((_, index) => index % step === 0).map((file) => relativePath(file.path, root))
  const most = asked.some(isAbsolute) ? MAX_LEFT_OUT : 1
  let best = { found: 0, below: '', leftOut: '' }
  const endings = asked.map((path) => (isAbsolute(path) ? endingsOf(path) : [path]))
  for (const below of foldersIn(folder)) {
    for (let count = 0; count < most && best.found < asked.length; count += 1) {
      const isThere = (ends: readonly string[]): boolean => {
        const end = ends.length === 1 ? ends[0] : ends[count]
        return end !== undefined && tree.has(joined(below, end) ?? '')
      }
      const first = endings.slice(0, FIRST_ASKED).findIndex(isThere)
      if (first < 0) continue
      const found = endings.filter(isThere).length
      const ends = endings[first] ?? []
      const end = ends[ends.length === 1 ? 0 : count] ?? ''
      if (found > best.found) best = { found, below, leftOut: asked[first]?.slice(0, -end.length) ?? '' }
    }
  }
  // Of most of them it is known, so what a build made beside them lies there too.
  const isSure = best.found * 2 > asked.length
  return (path) => {
    if (best.found === 0 || isAbsolute(path) !== isAbsolute(best.leftOut) || !path.startsWith(best.leftOut)) return undefined
    const whole = joined(best.below, path.slice(best.leftOut.length))
    return whole !== undefined && (isSure || tree.has(whole)) ? whole : undefined
  }
}

const MAX_DEPTH = 10

/**
 * Which file of the repository ends like that: of several the one that lies nearest to the report,
 * or in a folder that is named like a group of it. Undefined where two are as likely.
 */
function ending(folder: string, byEnd: ReadonlyMap<string, readonly string[]>): (path: string) => string | undefined {
  const around = folder.split('/')
  return (path) => {
    const [tail = '', ...groups] = path.split(':').toReversed()
    const near = (one: string): number => {
      const names = one.slice(0, -tail.length).split('/')
      const apart = around.findIndex((name, index) => name !== names[index])
      return 1_000 * (apart < 0 ? around.length : apart) + groups.filter((group) => names.includes(group)).length
    }
    const alike = byEnd.get(tail.split('/').slice(-2).join('/')) ?? []
    if (alike.length > MAX_ALIKE) return undefined
    const found = alike.filter((one) => one === tail || one.endsWith(`/${tail}`))
    const [first, second] = found.map((one) => ({ one, near: near(one) })).toSorted((a, b) => b.near - a.near)
    return first && first.near !== second?.near ? first.one : undefined
  }
}

/** Of so many nothing tells which is meant. */
const MAX_ALIKE = 100

/** By their names, and by these with the folder. */
function endsOf(paths: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  const byEnd = new Map<string, string[]>()
  for (const path of paths) {
    const folder = path.lastIndexOf('/', path.lastIndexOf('/') - 1)
    for (const end of new Set([path.slice(path.lastIndexOf('/') + 1), path.slice(folder + 1)])) {
      const known = byEnd.get(end)
      if (known) known.push(path)
      else byEnd.set(end, [path])
    }
  }
  return byEnd
}

/** What may be the folder of a package, the longest first: `x/packages/a/coverage` has `packages/a`, and the root. */
function foldersIn(folder: string): readonly string[] {
  const names = folder === '' ? [] : folder.split('/').slice(-MAX_DEPTH)
  const all = names.flatMap((_, from) => names.slice(from).map((__, count) => names.slice(from, from + count + 1)))
  return [...all.toSorted((a, b) => b.length - a.length).map((one) => one.join('/')), '']
}

/** Undefined for what leads out of the tree. */
function joined(folder: string, path: string): string | undefined {
  if (!/(?:^|\/)\.{0,2}(?:\/|$)/.test(path)) return folder === '' ? path : `${folder}/${path}`
  const names: string[] = folder === '' ? [] : folder.split('/')
  for (const name of path.split('/')) {
    if (name === '..') {
      if (names.pop() === undefined) return undefined
    } else if (name !== '' && name !== '.') names.push(name)
  }
  return names.join('/')
}

const isAbsolute = (path: string): boolean => /^(?:\/|[A-Za-z]:\/)/.test(path)
const plain = (path: string): string => path.replaceAll('\\', '/').replace(/^\.\//, '')

function relativePath(path: string, root: string): string {
  const slashed = plain(path)
  return slashed.startsWith(`${root}/`) ? slashed.slice(root.length + 1) : slashed
}

function hasSameLines(a: Marks, b: Marks): boolean {
  if (a.all !== b.all) return false
  const lines: number[] = []
  eachLine(a, (line) => lines.push(line))
  let at = 0
  let isSame = true
  eachLine(b, (line) => {
    if (lines[at++] !== line) isSame = false
  })
  return isSame
}
