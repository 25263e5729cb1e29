import type { TestCase, TestReport, TestSuite } from './cases.ts'
import { Cases, Places } from './cases.ts'

/**
 * Several reports as one: a case of the same suites, class, name and file is one case, whichever
 * report file of a folder it stands in, as for repeats within a file. Reports in different folders
 * are of different modules or platforms, whose tests may have the same names. A case that says
 * nothing of where it belongs is of its report file.
 */
export function joined(files: readonly { readonly path: string; readonly value: TestReport }[]): TestReport {
  const [first] = files
  if (first && files.length === 1) return first.value
  const suites: TestSuite[] = []
  const places = new Places()
  const cases = new Cases()
  const areApart = new Set(files.map(({ path }) => folderOf(path))).size > 1
  for (const { path, value } of files) {
    const folder = folderOf(path)
    const own = value.suites.map((one) => (areApart && folder !== '' && one.parent === undefined ? { ...one, folder } : one))
    const offset = suites.length
    const placeOf = places.ofAll(own, { byFolder: true })
    const named = namedSuites(value.suites)
    for (const suite of own) suites.push(suite.parent === undefined ? suite : { ...suite, parent: suite.parent + offset })
    for (const one of value.cases) {
      const file = one.file === '' && one.classname === '' && !named[one.suite] ? withoutIds(path) : one.file
      cases.add(placeOf[one.suite] ?? 0, { ...one, file }, { ...one, suite: one.suite + offset, seconds: one.seconds ?? Number.NaN })
    }
  }
  return {
    suites,
    cases,
    repeatedAcross: cases.repeated,
    repeated: cases.repeated + files.reduce((sum, { value }) => sum + value.repeated, 0),
    disagreements: files.flatMap(({ value }) => value.disagreements),
    commits: new Set(),
    trees: new Set(),
    ...(files.some(({ value }) => value.ended) && { ended: new Set(files.flatMap(({ value }) => [...(value.ended ?? [])])) }),
  }
}

const folderOf = (path: string): string => withoutIds(path.slice(0, Math.max(0, path.lastIndexOf('/'))))

const namedSuites = (suites: readonly TestSuite[]): readonly boolean[] => {
  const named: boolean[] = []
  for (const { parent, name, file } of suites) named.push(name !== '' || file !== '' || (parent !== undefined && named[parent] === true))
  return named
}

/** The folder of a report is often named after its commit, which the same case of the base does not share. */
const withoutIds = (path: string): string => path.replaceAll(/\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b/g, '*')

/** What a case is known by in two reports. `place` must come from `Places` that both share. */
export const identity = (place: number, { classname, name }: TestCase, file: string): string => `${place}\0${classname}\0${name}\0${file}`
