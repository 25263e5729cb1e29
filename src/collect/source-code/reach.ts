import { posix } from 'node:path'
import type { TreeEntry } from '#core/evidence/collector.ts'
import { resolveInTree, type TreeFiles } from '#core/evidence/tree-path.ts'
import { shellWords, type SimpleCommand } from './shell-words.ts'

/**
 * What a command line reaches in a tree: content that decides what is run without standing in the
 * line itself. Its digest is what people trust, so in doubt it holds more rather than less.
 */
export interface Reached {
  /** Path in the tree, or `package.json#scripts.test` for one script of a package. */
  readonly path: string
  /** Blob id of a file (tree id for `.`: everything). */
  readonly oid?: string
  /** Text of a package script. */
  readonly text?: string
}

export interface Line {
  readonly run: string
  readonly setup?: string
  /** Folder in the tree that the line is run in; `.` is the root. */
  readonly folder: string
  readonly tree: string
}

const MAX_DEPTH = 8
const MAX_REACHED = 300
const MAX_WORDS = 20_000
const MAX_FOLDERS = 20

/** Sorted by path. Deeper or wider than the limits it is the whole tree: every change asks again. */
export async function reach(line: Line, files: TreeFiles): Promise<readonly Reached[]> {
  const walk = new Walk(files)
  try {
    for (const text of [line.setup, line.run]) if (text !== undefined) await walk.text(text, [clean(line.folder)], 0)
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error
    return [{ path: '.', oid: line.tree }]
  }
  return walk.result()
}

class TooMuch extends Error {}

const clean = (folder: string): string => {
  const normal = posix.normalize(folder).replace(/\/$/, '')
  return normal === '.' ? '' : normal
}

const NPM = new Set(['npm', 'npx', 'pnpm', 'pnpx', 'yarn', 'bun', 'bunx', 'corepack'])
const RUN_MANY = new Set(['run-s', 'run-p', 'npm-run-all', 'npm-run-all2', 'concurrently', 'wireit', 'turbo', 'nx', 'lerna'])
const MAKE_FILES = ['GNUmakefile', 'makefile', 'Makefile']
const JUST_FILES = ['justfile', 'Justfile', '.justfile']
const NPM_FILES = ['.npmrc', '.pnpmfile.cjs', '.pnpmfile.mjs', 'pnpm-workspace.yaml', '.yarnrc', '.yarnrc.yml', 'bunfig.toml']
const CARGO_FILES = ['.cargo/config.toml', '.cargo/config', 'rust-toolchain', 'rust-toolchain.toml']
const MAVEN_FILES = ['maven.config', 'jvm.config', 'extensions.xml', 'wrapper/maven-wrapper.properties', 'wrapper/maven-wrapper.jar']
const DOCKER_FILES = ['', 'docker-'].flatMap((start) =>
  ['', '.override'].flatMap((middle) => ['yaml', 'yml'].map((ending) => `${start}compose${middle}.${ending}`)),
)
const GRADLE_FILES = ['gradle.properties', 'gradle/wrapper/gradle-wrapper.properties', 'gradle/wrapper/gradle-wrapper.jar']
/**
 * What a tool reads by itself, in its folder or one around it, that decides what its commands run:
 * `script-shell` of an .npmrc is what every npm script runs in.
 */
const READ_BY: ReadonlyMap<string, readonly string[]> = new Map(
  (
    [
      [[...NPM], NPM_FILES],
      [['make', 'gmake'], MAKE_FILES],
      [['just'], JUST_FILES],
      [['cargo'], CARGO_FILES],
      [['mvn', 'mvnw'], MAVEN_FILES.map((name) => `.mvn/${name}`)],
      [['gradle', 'gradlew'], GRADLE_FILES],
      [
        ['bazel', 'bazelisk'],
        ['.bazelrc', '.bazelversion'],
      ],
      [['rake'], ['Rakefile', 'rakefile', 'Rakefile.rb', 'rakefile.rb']],
      [['task'], ['Taskfile.yml', 'taskfile.yml', 'Taskfile.yaml', 'taskfile.yaml']],
      [['invoke', 'inv'], ['tasks.py']],
      [['nox'], ['noxfile.py']],
      [['tox'], ['tox.ini', 'setup.cfg', 'pyproject.toml', 'tox.toml']],
      [
        ['poe', 'pdm', 'hatch', 'pixi'],
        ['pyproject.toml', 'hatch.toml', 'pixi.toml'],
      ],
      [['composer'], ['composer.json']],
      [['deno'], ['deno.json', 'deno.jsonc']],
      [['nx'], ['nx.json', 'project.json']],
      [['turbo'], ['turbo.json', 'turbo.jsonc']],
      [['lerna'], ['lerna.json']],
      [
        ['docker', 'docker-compose', 'podman', 'podman-compose'],
        [...DOCKER_FILES, 'Dockerfile', 'Containerfile'],
      ],
      [['earthly'], ['Earthfile']],
      [['pre-commit'], ['.pre-commit-config.yaml']],
      [
        ['cmake', 'ctest'],
        ['CMakePresets.json', 'CMakeUserPresets.json'],
      ],
      [['mise'], ['mise.toml', '.mise.toml']],
    ] as const
  ).flatMap(([tools, files]) => tools.map((tool) => [tool, files] as const)),
)
/** Held by their text: what they name is reached too. */
const FOLLOWED: ReadonlySet<string> = new Set([...MAKE_FILES, ...JUST_FILES, ...NPM_FILES])
/** Options that choose another package than that of the folder. */
const ELSEWHERE = /^(?:-w|-C|-F|-r|--workspaces?|--prefix|--dir|--cwd|--filter|--recursive|workspaces?)(?:$|=)/
/** What a script name may be left away in: the endings node resolves. */
const ENDINGS = ['', '.js', '.cjs', '.mjs', '.ts', '/index.js', '/__main__.py', '.py']

const INSTALL = ['preinstall', 'install', 'postinstall', 'preprepare', 'prepare', 'postprepare', 'prepublish']
/** Short commands of package managers and the scripts behind them. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  t: ['test'],
  tst: ['test'],
  it: [...INSTALL, 'test'],
  cit: [...INSTALL, 'test'],
  restart: ['restart', 'stop', 'start'],
  ci: INSTALL,
  i: INSTALL,
  install: INSTALL,
  add: INSTALL,
  rebuild: INSTALL,
  'clean-install': INSTALL,
  pack: ['prepack', 'postpack', 'prepare'],
  publish: ['prepublishOnly', 'prepack', 'prepare', 'publish'],
}

class Walk {
  readonly #files: TreeFiles
  readonly #found = new Map<string, Reached>()
  readonly #seen = new Set<string>()
  readonly #names: ReadonlySet<string>
  #words = 0

  constructor(files: TreeFiles) {
    this.#files = files
    this.#names = new Set(files.paths.map((path) => posix.basename(path)))
  }

  result(): readonly Reached[] {
    return [...this.#found.values()].toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  }

  /** Follows a shell text whose relative names may start from any of `bases`. */
  async text(text: string, bases: readonly string[], depth: number): Promise<void> {
    const key = JSON.stringify([text, bases])
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    if (depth > MAX_DEPTH) throw new TooMuch()
    const commands = shellWords(text)
    const all = withFolders(commands, bases)
    for (const words of commands) await this.#command(words, all, depth)
  }

  async #command(words: SimpleCommand, bases: readonly string[], depth: number): Promise<void> {
    this.#words += words.length
    if (this.#words > MAX_WORDS) throw new TooMuch()
    for (const [index, word] of words.entries()) {
      const tool = posix.basename(word)
      const rest = words.slice(index + 1)
      if (NPM.has(tool)) await this.#packageScripts(rest, bases, depth)
      else if (RUN_MANY.has(tool)) await this.#wholePackages(bases)
      else if (tool === 'node') await this.#nodeRun(rest, bases, depth)
      for (const name of READ_BY.get(tool) ?? [])
        for (const base of bases) for (const folder of foldersFrom(base)) await this.#file(posix.join(folder, name), bases, depth)
      // npm puts what packages bring there before all else, also where it is committed.
      if (!word.includes('/')) for (const base of bases) await this.#file(posix.join(base, 'node_modules/.bin', word), bases, depth)
      // `sh -c "..."` and its like: a word with spaces may be a line of its own.
      if (/\s/.test(word)) await this.text(word, bases, depth + 1)
      for (const candidate of candidates(word, words[index - 1]))
        for (const base of bases) await this.#file(posix.join(base, candidate), bases, depth)
    }
  }

  async #file(path: string, bases: readonly string[], depth: number): Promise<void> {
    for (const ending of ENDINGS) {
      // Most words are no files: what has no file's name is not looked up.
      if (!this.#names.has(posix.basename(path + ending))) continue
      const { entry, links } = await resolveInTree(path + ending, this.#files)
      if (!entry) continue
      for (const link of links) this.#add(link)
      if (!this.#add(entry)) return
      const text = await this.#script(entry)
      if (text !== undefined) await this.text(text, [...new Set([...bases, folderOf(entry.path)])], depth + 1)
      return
    }
  }

  /** Text of a shell script or a makefile; other languages are held by their blob and not followed. */
  async #script(entry: TreeEntry): Promise<string | undefined> {
    const name = posix.basename(entry.path)
    const known = /\.(?:sh|bash|zsh|ksh|mk)$/.test(name) || FOLLOWED.has(name)
    if (!known && name.includes('.')) return undefined
    const text = await this.#files.text(entry)
    return text !== undefined && (known || /^#!.{0,100}sh\b/.test(text)) ? text : undefined
  }

  async #packageScripts(words: readonly string[], bases: readonly string[], depth: number): Promise<void> {
    if (words.some((word) => ELSEWHERE.test(word))) {
      for (const path of this.#files.paths) if (posix.basename(path) === 'package.json') this.#addPath(path)
    }
    for (const word of words) await this.#scripts([word, ...(Object.hasOwn(ALIASES, word) ? (ALIASES[word] ?? []) : [])], bases, depth)
    // `npm start` without a script of that name runs server.js.
    if (words.includes('start')) for (const base of bases) this.#addPath(posix.join(base, 'server.js'))
  }

  async #nodeRun(words: readonly string[], bases: readonly string[], depth: number): Promise<void> {
    const index = words.findIndex((word) => word === '--run' || word.startsWith('--run='))
    const name = words[index]?.split('=')[1] ?? words[index + 1]
    if (index >= 0 && name !== undefined) await this.#scripts([name], bases, depth)
  }

  async #scripts(names: readonly string[], bases: readonly string[], depth: number): Promise<void> {
    for (const base of bases) {
      const entry = this.#nearestPackage(base)
      if (!entry) continue
      const scripts = scriptsOf(await this.#files.text(entry))
      if (!scripts) {
        this.#add(entry)
        continue
      }
      for (const name of names.flatMap((each) => [`pre${each}`, each, `post${each}`])) {
        const text = scripts.get(name)
        if (text === undefined) continue
        const path = `${entry.path}#scripts.${name}`
        this.#put({ path, text })
        await this.text(text, [...new Set([folderOf(entry.path), base])], depth + 1)
      }
    }
  }

  async #wholePackages(bases: readonly string[]): Promise<void> {
    for (const base of bases) {
      const entry = this.#nearestPackage(base)
      if (entry) this.#add(entry)
    }
  }

  /** As npm does: the package.json of the folder, else of the nearest folder above. */
  #nearestPackage(folder: string): TreeEntry | undefined {
    for (const at of foldersFrom(folder)) {
      const entry = this.#files.entry(posix.join(at, 'package.json'))
      if (entry) return entry
    }
    return undefined
  }

  #addPath(path: string): void {
    const entry = this.#files.entry(path)
    if (entry) this.#add(entry)
  }

  #add(entry: TreeEntry): boolean {
    return this.#put({ path: entry.path, oid: entry.oid })
  }

  #put(reached: Reached): boolean {
    if (this.#found.has(reached.path)) return false
    if (this.#found.size >= MAX_REACHED) throw new TooMuch()
    this.#found.set(reached.path, reached)
    return true
  }
}

const folderOf = (path: string): string => {
  const folder = posix.dirname(path)
  return folder === '.' ? '' : folder
}

/** The folder and those around it. */
function* foldersFrom(folder: string): Generator<string> {
  for (let at = folder; ; at = folderOf(at)) {
    yield at
    if (at === '') return
  }
}

/** The bases, and every folder the text changes into from one of them. */
function withFolders(commands: readonly SimpleCommand[], bases: readonly string[]): readonly string[] {
  const all = new Set(bases)
  for (const words of commands) {
    const index = words.findIndex((word) => word === 'cd' || word === 'pushd')
    const target = index < 0 ? undefined : words.slice(index + 1).find((word) => !word.startsWith('-'))
    if (target === undefined) continue
    const inside = [...all].map((base) => clean(posix.join(base, target))).filter((folder) => !folder.startsWith('..'))
    for (const folder of inside) if (all.size < MAX_FOLDERS) all.add(folder)
  }
  return [...all]
}

/** The word, and the parts of it that may be paths: behind `=`, `:` and `,`, behind an expansion, a Python module. */
function candidates(word: string, before: string | undefined): ReadonlySet<string> {
  const parts = word.split(/[=:,]|\$\w+|\$\{[^}]*\}|\$/)
  const all = [word, ...parts, ...(before === '-m' ? [word.replaceAll('.', '/')] : [])]
  return new Set(all.map((part) => part.replace(/^\/+/, '')).filter((part) => part !== '' && part !== '.' && part.length < 4096))
}

/** Scripts of a package.json by name; undefined where it cannot be read as one. */
function scriptsOf(text: string | undefined): ReadonlyMap<string, string> | undefined {
  if (text === undefined) return undefined
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed !== 'object' || parsed === null) return undefined
    const scripts: unknown = 'scripts' in parsed ? parsed.scripts : {}
    if (typeof scripts !== 'object' || scripts === null) return undefined
    return new Map(Object.entries(scripts).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
  } catch {
    return undefined
  }
}
