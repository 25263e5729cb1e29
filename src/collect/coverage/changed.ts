import { matcher } from '#core/evidence/glob.ts'
import { languageOf } from '#collect/source-code/language-of.ts'
import { DEFAULT_TESTS } from '#collect/test-results/files.ts'
import type { Choice } from './count.ts'
import { chooser, chosen } from './count.ts'
import type { Share } from './model.ts'
import { eachLine } from './marks.ts'
import type { Source } from './sources.ts'
import { namesOf } from './sources.ts'

export interface AbsentCount {
  readonly files: number
  readonly first: readonly string[]
}

/** What tests reach of the lines added against the merge base. */
export interface ChangedCount {
  /** Lines added, in any file. */
  readonly added: number
  /** Of those added that can be covered; all that were added in `absent` are among them. */
  readonly lines: Share
  /** Changed files that the reports ought to hold and do not, `path: so many lines`; the first of them. */
  readonly absent: readonly string[]
  readonly absentFiles: number
  /** The changed files with the most added lines not reached, those absent among them. */
  readonly particulars: readonly string[]
}

const MAX_PARTICULARS = 20

/**
 * A changed file that is in no report counts as not reached, with every line added to it, where it
 * is of a language that the reports cover and either `paths` names it or, without `paths`, it lies
 * in the folder that holds all source files of the reports. Test files, declarations without code
 * and settings of tools by their usual names do not count: no runner lists them.
 */
export function countChanged(all: readonly Source[], changed: ReadonlyMap<string, readonly number[]>, choice: Choice): ChangedCount {
  const grown = new Map([...changed].filter(([, lines]) => lines.length > 0))
  const found = sourcesByPath(all, [...grown.keys()])
  const isChosenSource = chosen(choice)
  const isChosen = chooser(choice)
  const isExpected = expectation(all, choice)
  let [added, covered, coverable] = [0, 0, 0]
  const files: { readonly path: string; readonly missed: number; readonly text: string }[] = []
  const absent: string[] = []
  for (const [path, lines] of grown) {
    added += lines.length
    const source = found.get(path)
    if (source) {
      if (!isChosen(path) && !isChosenSource(source)) continue
      const share = shareOfLines(source, lines)
      covered += share.covered
      coverable += share.all
      files.push({ path, missed: share.all - share.covered, text: `${path}: ${share.covered} of ${share.all} lines added` })
    } else if (isExpected(path)) {
      coverable += lines.length
      absent.push(path)
      files.push({
        path,
        missed: lines.length,
        text: `${path}: in no report, ${lines.length} ${lines.length === 1 ? 'line' : 'lines'} added`,
      })
    }
  }
  return {
    added,
    lines: { covered, all: coverable },
    absent: absent.slice(0, MAX_PARTICULARS),
    absentFiles: absent.length,
    particulars: files
      .filter(({ missed }) => missed > 0)
      .sort((a, b) => b.missed - a.missed || (a.path < b.path ? -1 : 1))
      .slice(0, MAX_PARTICULARS)
      .map(({ text }) => text),
  }
}

/** Looking for more takes its time and tells nobody more. */
export const MAX_ABSENT = 1_000

/** Files of the repository that the reports ought to hold, as of changed ones, and do not. */
export function countAbsent(all: readonly Source[], tree: ReadonlySet<string>, choice: Choice): AbsentCount {
  const isExpected = expectation(all, choice)
  const known = new Set(all.flatMap((source) => namesOf(source).find((name) => tree.has(name)) ?? []))
  const absent: string[] = []
  for (const path of tree) {
    if (known.has(path) || !isExpected(path)) continue
    absent.push(path)
    if (absent.length >= MAX_ABSENT) break
  }
  return { files: absent.length, first: absent.slice(0, MAX_PARTICULARS - 1) }
}

function shareOfLines({ lines }: Source, added: readonly number[]): Share {
  const wanted = new Set(added)
  let [covered, all] = [0, 0]
  eachLine(lines, (line, isReached) => {
    if (!wanted.has(line)) return
    all += 1
    if (isReached) covered += 1
  })
  return { covered, all }
}

/** Which source each of the paths is; none where two are as likely. */
function sourcesByPath(all: readonly Source[], paths: readonly string[]): ReadonlyMap<string, Source> {
  const byName = Map.groupBy(paths, nameOf)
  const fits = all.flatMap((source) =>
    (byName.get(nameOf(tailOf(source.path))) ?? []).flatMap((path) => {
      const likeness = likenessOf(source, path)
      return likeness === 0 ? [] : [{ source, path, likeness }]
    }),
  )
  const best = <K>(key: (fit: (typeof fits)[number]) => K) =>
    new Map(
      Array.from(Map.groupBy(fits, key), ([one, candidates]) => {
        const most = Math.max(...candidates.map(({ likeness }) => likeness))
        const [first, second] = candidates.filter(({ likeness }) => likeness === most)
        return [one, second ? undefined : first]
      }),
    )
  const ofPath = best(({ path }) => path)
  const ofSource = best(({ source }) => source)
  return new Map(
    Array.from(ofPath.values()).flatMap((fit) => (fit && ofSource.get(fit.source) === fit ? [[fit.path, fit.source] as const] : [])),
  )
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** Without the groups of JaCoCo. */
const tailOf = (path: string): string => path.slice(path.lastIndexOf(':') + 1)

/** How much of both is the same, in characters; 0 where the source cannot be that file. */
function likenessOf(source: Source, path: string): number {
  if (source.path === path) return Number.MAX_SAFE_INTEGER
  if (source.told) return 0
  const names = namesOf(source)
  if (names.length > 1) return names.includes(path) ? path.length : 0
  const tail = tailOf(source.path)
  if (!path.endsWith(`/${tail}`)) return 0
  const folder = path.slice(0, -tail.length - 1)
  if (source.paths === 'files') return source.reportFolders.some((one) => `${one}/`.startsWith(`${folder}/`)) ? tail.length : 0
  if (!tail.includes('/')) return 0
  // Of two groups with the same file, the one that is named like a folder of it.
  const groups = source.path.slice(0, -tail.length).split(':').filter(Boolean)
  return tail.length + groups.filter((group) => folder.split('/').includes(group)).length / 1_000
}

function expectation(all: readonly Source[], choice: Choice): (path: string) => boolean {
  const languages = new Set(all.filter(chosen(choice)).map(({ path }) => languageName(path)))
  const isChosen = chooser(choice)
  const folders = choice.paths ? [''] : commonFolders(all)
  const isOther = matcher([...DEFAULT_TESTS, '**/*.d.{ts,mts,cts}', '**/*.config.{js,ts,mjs,cjs,mts,cts}'])
  return (path) =>
    languages.has(languageName(path)) &&
    folders.some((folder) => folder === '' || path.startsWith(`${folder}/`)) &&
    isChosen(path) &&
    !isOther(path)
}

const languageName = (path: string): string => {
  const name = nameOf(tailOf(path))
  return languageOf(name)?.name ?? name.slice(name.lastIndexOf('.') + 1)
}

/** Where the source files lie; the whole repository where the reports do not say. */
function commonFolders(all: readonly Source[]): readonly string[] {
  if (all.some((source) => !source.told && (source.paths !== 'files' || namesOf(source).length > 1))) return ['']
  let common: readonly string[] | undefined
  for (const { path } of all) {
    const folders = path.split('/').slice(0, -1)
    const length = common?.findIndex((folder, index) => folder !== folders[index]) ?? -1
    common = common === undefined ? folders : length < 0 ? common : common.slice(0, length)
  }
  const folder = (common ?? []).join('/')
  if (folder === '') return ['']
  const above = new Set(all.flatMap(({ reportFolders }) => reportFolders).flatMap(foldersAbove))
  return [folder, ...Array.from(above, (one) => `${one}/${folder}`)]
}

const foldersAbove = (folder: string): readonly string[] => {
  const parts = folder === '' ? [] : folder.split('/')
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}
