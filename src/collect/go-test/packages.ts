/**
 * The go command writes no list of the packages it tests, so that a report which was cut between
 * two of them looks whole. The tree tells which packages have tests.
 */

/** A file of the tree that bears on it. */
export interface GoFile {
  readonly path: string
  readonly oid: string
}

export interface GoModule {
  /** Of its go.mod; empty for the root. */
  readonly folder: string
  readonly name: string
}

/** Folders that `./...` passes over. */
const PASSED_OVER = /(?:^|\/)(?:[._][^/]*|testdata|vendor)\//

export const isTestFile = (path: string): boolean => /(?:^|\/)[^._/][^/]*_test\.go$/.test(path) && !PASSED_OVER.test(path)

export const isModuleFile = (path: string): boolean => /(?:^|\/)go\.mod$/.test(path) && !PASSED_OVER.test(path)

export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))

/** The name that a go.mod gives its module; undefined where it gives none. */
export function moduleName(text: string): string | undefined {
  const found = /^[ \t]*module[ \t]+(?:"([^"\n]+)"|`([^`\n]+)`|([^\s"`(]+))/m.exec(text.slice(0, 1 << 16))
  return found?.[1] ?? found?.[2] ?? found?.[3]
}

/** Import path -> its test files, of the modules of which some package has ended. */
export function testedPackages(
  tests: readonly GoFile[],
  modules: readonly GoModule[],
  ended: ReadonlySet<string>,
): ReadonlyMap<string, readonly GoFile[]> {
  const byFolder = new Map(modules.map((one) => [one.folder, one]))
  const byName = new Map(modules.map((one) => [one.name, one]))
  const heard = new Set(Array.from(ended, (path) => nearest(path, byName)))
  const packages = new Map<string, GoFile[]>()
  for (const test of tests) {
    const folder = folderOf(test.path)
    const module = nearest(folder, byFolder)
    if (!module || !heard.has(module)) continue
    const within = module.folder === '' ? folder : folder.slice(module.folder.length + 1)
    const name = within === '' ? module.name : `${module.name}/${within}`
    const known = packages.get(name)
    if (known) known.push(test)
    else packages.set(name, [test])
  }
  return packages
}

/** That of the path itself, or of the longest path around it. */
function nearest<T>(path: string, among: ReadonlyMap<string, T>): T | undefined {
  for (let at = path; ; at = folderOf(at)) {
    const found = among.get(at)
    if (found !== undefined || at === '') return found
  }
}

const PLATFORMS =
  /_(?:aix|android|darwin|dragonfly|freebsd|illumos|ios|js|linux|netbsd|openbsd|plan9|solaris|wasip1|windows|386|amd64|arm|arm64|loong64|mips|mipsle|mips64|mips64le|ppc64|ppc64le|riscv64|s390x|wasm)_test\.go$/

/** Whether a build may leave the file out: by a constraint before its package clause, or by its name. */
export function isConstrained(path: string, text: string): boolean {
  const clause = /^package\s/m.exec(text)
  return PLATFORMS.test(path) || /^\/\/(?:go:build\s|\s*\+build\s)/m.test(text.slice(0, clause?.index ?? text.length))
}
