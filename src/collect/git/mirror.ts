import { type Stats } from 'node:fs'
import { lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, resolve as resolvePath } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import {
  type Change,
  type ChangedLines,
  type CommitInfo,
  type LineCommit,
  type Repository,
  RepositoryError,
  type TreeEntry,
} from '#core/evidence/collector.ts'
import type { SubjectState } from '#core/evidence/evidence.ts'
import type { Prober, Worktree } from '#core/merge/probe.ts'
import type { BlobVisitor } from './blob-reader.ts'
import { readBlobs } from './blobs.ts'
import { changedLinesParser, isoTime, LOG_FORMAT, parseCommit, parseLine, parseLog, parseRaw, parseTree } from './diff.ts'
import { type Environment, gitEnvironment, MIRROR_ATTRIBUTES, mirrorConfig, type ObjectFormat } from './environment.ts'
import { type FileVisitor, fileLister } from './files.ts'
import { isObjectId, type ObjectReader, objectReader } from './objects.ts'
import { complaint, type GitOptions, type GitResult, runGit, withoutPassword } from './process.ts'
import {
  allReferences,
  branchNames,
  branchProblem,
  candidates,
  matchesPattern,
  nearNames,
  packedReferences,
  parseReferences,
  patternProblem,
  type References,
} from './references.ts'
import { createProber } from './probe/index.ts'
import { findSource, type Source } from './source.ts'
import { worktreesOf } from './worktrees.ts'

/** Muster's own bare copy of a repository. Many processes may hold the same one. */
export interface Mirror extends Repository {
  /** Brings the branches to where the source has them now: forced ones moved, deleted ones gone. */
  refresh(signal?: AbortSignal): Promise<void>
  /** Answers about merges, from git, on what the mirror holds now and later. Closed with the mirror. */
  prober(): Promise<Prober>
  /**
   * The refs of the source that match a full ref name with `*`, such as `refs/pull/*\/head` or
   * `refs/heads/agent/*`, sorted by name. From a source on this machine nothing is copied; from any
   * other their commits are fetched.
   */
  matching(pattern: string): Promise<readonly { readonly ref: string; readonly commit: string }[]>
  /** The remote-tracking ref that has commits which the branch of that name lacks, and lacks some of it: after a forced push, for one. */
  partedFrom(branch: string): Promise<string | undefined>
  /** Folders with files of the source checked out, each with its head as last refreshed; none of a source elsewhere. */
  worktrees(): Promise<readonly Worktree[]>
  /** Ends the reading process. Nothing may be asked afterwards. */
  close(): Promise<void>
}

export interface MirrorOptions {
  /** Folder of the mirror; made when it is not there, made anew when it is damaged. */
  readonly folder: string
  /** Work tree, linked worktree or bare repository on this machine, or an https or ssh address. */
  readonly from: string
  /** Stands for the process's environment, of which little is used: PATH, and HOME, keys and proxies for the network. */
  readonly environment?: Environment
}

/**
 * Opens the mirror of `from` and, when it never was refreshed, does so. No git command ever runs in the
 * source except the upload-pack that answers which branches there are. Of a source on this
 * machine nothing is copied: the mirror reads its objects in place. Rejects with a RepositoryError
 * when the source is no repository, belongs to someone else, or cannot be reached.
 */
export const openMirror = async ({ folder, from, environment = process.env }: MirrorOptions): Promise<Mirror> => {
  const source = await findSource(from)
  const mirror = new GitMirror(resolvePath(folder), source, environment)
  await mirror.open()
  return mirror
}

/** Everything git itself or this file puts into a mirror; anything else was put there by someone. */
const OWN_ENTRIES = new Set([
  'HEAD',
  'config',
  'info',
  'objects',
  'refs',
  'packed-refs',
  'shallow',
  'worktrees',
  'safe-folders',
  'refreshed',
  'FETCH_HEAD',
  'ORIG_HEAD',
  'logs',
])
const OWN_FOLDERS = ['info', 'objects', 'refs']
const NO_HEAD = 'ref: refs/muster/none\n'
const FETCHED = 'refs/muster/fetched'
/** Its presence says that the refs are those of a source, and not merely those of a new mirror. */
const REFRESHED = 'refreshed'
const REFRESH_TRIES = 8
const LOCK_TRIES = 40
const WORKTREE_TRIES = 25
const STALE_LOCK_MILLISECONDS = 10 * 60_000

class GitMirror implements Mirror {
  readonly #folder: string
  readonly #source: Source
  readonly #outer: Environment
  #environment: Record<string, string>
  #format: ObjectFormat = 'sha1'
  #references: References = new Map()
  #objects: ObjectReader
  #isShallow = false
  /** The worktree that is being made, if any. */
  #last: Promise<void> = Promise.resolve()
  readonly #probers: Prober[] = []
  readonly #bases = new Map<string, Promise<string | undefined>>()
  readonly #ancestors = new Map<string, Promise<boolean>>()
  readonly #changes = new Map<string, Promise<readonly Change[]>>()

  constructor(folder: string, source: Source, outer: Environment) {
    this.#folder = folder
    this.#source = source
    this.#outer = outer
    this.#environment = this.#environmentWith(undefined)
    this.#objects = objectReader(this.#environment, folder)
  }

  async open(): Promise<void> {
    await mkdir(dirname(this.#folder), { recursive: true })
    const existing = await this.#existingFormat()
    if (existing === undefined) {
      await this.#build('sha1')
      return this.refresh()
    }
    this.#format = existing
    await this.#writeSettings(this.#folder)
    await this.#dropLostWorktrees()
    const listed = await this.#run(['for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads/', 'refs/remotes/'])
    if (listed.exitCode !== 0) await this.#build(existing, 'replace')
    else if ((await lstatOrNone(join(this.#folder, REFRESHED))) !== undefined) {
      this.#references = parseReferences(listed.stdout.toString('utf8'))
      return
    }
    await this.refresh()
  }

  async refresh(signal?: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted()
      try {
        return await this.#refreshOnce(signal)
      } catch (error) {
        // Another process that replaces a damaged mirror takes the folder away for a moment.
        const isGone = error instanceof Error && 'code' in error && error.code === 'ENOENT'
        if (!isGone || attempt === REFRESH_TRIES) throw error
        await wait(20 * attempt)
      }
    }
  }

  async #refreshOnce(signal: AbortSignal | undefined): Promise<void> {
    if ((await this.#existingFormat()) === undefined) await this.#build(this.#format)
    await this.#allowOwner(signal)
    this.#references =
      this.#source.kind === 'local'
        ? await this.#refreshLocal(this.#source.gitFolder, signal)
        : await this.#refreshRemote(this.#source, signal)
    await replaceFile(join(this.#folder, REFRESHED), '')
  }

  async close(): Promise<void> {
    await Promise.all(this.#probers.map((prober) => prober.close()))
    await this.#objects.close()
  }

  async prober(): Promise<Prober> {
    const prober = await createProber({ folder: this.#folder, environment: this.#environment, format: this.#format })
    this.#probers.push(prober)
    return prober
  }

  async matching(pattern: string): Promise<readonly { readonly ref: string; readonly commit: string }[]> {
    const problem = patternProblem(pattern)
    if (problem !== undefined) throw new RepositoryError(`${quoted(pattern)} is no pattern of refs: ${problem}.`)
    const listed =
      this.#source.kind === 'local'
        ? await this.#listLocal(this.#source.gitFolder, pattern)
        : await this.#fetchMatching(this.#source, pattern)
    const matching = [...listed].filter(([ref]) => matchesPattern(pattern, ref)).sort(([a], [b]) => (a < b ? -1 : 1))
    const commits = await this.#peeled(matching.map(([, oid]) => oid))
    return matching.flatMap(([ref], index) => {
      const commit = commits[index]
      return commit === undefined ? [] : [{ ref, commit }]
    })
  }

  async #listLocal(gitFolder: string, pattern: string): Promise<References> {
    const asked = await this.#run(['ls-remote', '--refs', '--end-of-options', gitFolder, pattern])
    if (asked.exitCode !== 0) throw new RepositoryError(`The repository ${gitFolder} cannot be read: ${complaint(asked.stderr)}`)
    return allReferences(asked.stdout.toString('utf8'))
  }

  /** What was fetched lies under a name of its own, where it is no branch. */
  async #fetchMatching(source: { readonly url: string }, pattern: string): Promise<References> {
    const listed = await this.#fetch(source, `+${pattern}:${pattern.replace(/^refs/, FETCHED)}`, `${FETCHED}/`, undefined).catch(
      (error: unknown) => {
        if (error instanceof RepositoryError && /find remote ref/.test(error.message)) return ''
        throw error
      },
    )
    const found = new Map<string, string>()
    for (const [ref, oid] of allReferences(listed)) found.set(ref.replace(FETCHED, 'refs'), oid)
    return found
  }

  /** A tag stands for the commit it names; what is no commit stands for nothing. One that is lost is kept, for git to say so. */
  async #peeled(oids: readonly string[]): Promise<readonly (string | undefined)[]> {
    const objects = await this.#objects.read(oids)
    return Promise.all(
      oids.map(async (oid, index) => {
        const object = objects[index]
        if (object === undefined || object.type === 'commit') return oid
        if (object.type !== 'tag') return undefined
        const named = /^object ([0-9a-f]+)\n/.exec(Buffer.from(object.content).toString('latin1'))?.[1]
        return named === undefined || !isObjectId(named) ? undefined : (await this.#peeled([named]))[0]
      }),
    )
  }

  async worktrees(): Promise<readonly Worktree[]> {
    if (this.#source.kind === 'remote') return []
    return worktreesOf(this.#source.gitFolder, (branch) => this.#references.get(`refs/heads/${branch}`))
  }

  async resolve(branch: string): Promise<SubjectState> {
    const problem = branchProblem(branch)
    if (problem !== undefined) return { state: 'absent', reason: `${quoted(branch)} is not a name git allows for a branch: ${problem}` }
    const chosen = candidates(this.#references, branch)
    if (chosen.found === 'none') return { state: 'absent', reason: this.#absence(branch) }
    if (chosen.found === 'several') {
      return {
        state: 'unavailable',
        reason: `there is no local branch ${quoted(branch)} and more than one remote has it: ${chosen.refs.join(', ')}`,
      }
    }
    const ref = chosen.found === 'one' ? chosen.ref : await this.#furtherOf(chosen.local, chosen.remote)
    return this.#stateOf(ref, this.#references.get(ref) ?? '')
  }

  mergeBase(a: string, b: string): Promise<string | undefined> {
    return remembered(this.#bases, `${a} ${b}`, async () => {
      if (a === b) return a
      const { exitCode, stdout } = await this.#ask(['merge-base', '--end-of-options', ...objectIds(a, b)], 1)
      return exitCode === 1 ? undefined : stdout.toString('latin1').split('\n')[0]
    })
  }

  isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    return remembered(this.#ancestors, `${ancestor} ${descendant}`, async () => {
      const { exitCode } = await this.#ask(['merge-base', '--is-ancestor', '--end-of-options', ...objectIds(ancestor, descendant)], 1)
      return exitCode === 0
    })
  }

  async commits(from: string | undefined, to: string): Promise<readonly CommitInfo[]> {
    const [end = '', start] = objectIds(to, ...(from === undefined ? [] : [from]))
    const range = start === undefined ? [end] : [end, `^${start}`]
    const options = ['-z', `--format=${LOG_FORMAT}`, '--no-show-signature', '--no-decorate', '--no-color', '--encoding=UTF-8', '--no-notes']
    const { stdout } = await this.#ask(['log', ...options, '--end-of-options', ...range, '--'])
    return parseLog(terminated(stdout))
  }

  changes(from: string, to: string): Promise<readonly Change[]> {
    return remembered(this.#changes, `${from} ${to}`, async () => {
      const { stdout } = await this.#ask([
        'diff-tree',
        '-r',
        '-z',
        '--raw',
        '--no-abbrev',
        ...DIFF_OPTIONS,
        '--end-of-options',
        ...objectIds(from, to),
      ])
      return parseRaw(stdout)
    })
  }

  async ownLine(from: string, to: string): Promise<readonly LineCommit[]> {
    const [start = '', end = ''] = objectIds(from, to)
    const line = ['--first-parent', '--diff-merges=first-parent', '--reverse', '--format=%H', '--no-show-signature', '--no-notes']
    const raw = ['-r', '-z', '--raw', '--no-abbrev', '--no-color', ...DIFF_OPTIONS, '--no-renames']
    const { stdout } = await this.#ask(['log', ...line, ...raw, '--end-of-options', end, `^${start}`, '--'])
    return parseLine(stdout)
  }

  async changedLines(from: string, to: string): Promise<ChangedLines> {
    const options = ['-r', '-z', '--raw', '--no-abbrev', '-p', '-U0', '--no-color', '--no-textconv', '--src-prefix=a/', '--dst-prefix=b/']
    const parser = changedLinesParser()
    const asked = this.#ask(['diff-tree', ...options, ...DIFF_OPTIONS, '--end-of-options', ...objectIds(from, to)], 0, {
      onOutput: (piece) => parser.push(piece),
    }).then(() => parser.end())
    void remembered(this.#changes, `${from} ${to}`, () => asked.then(({ changes }) => changes)).catch(() => undefined)
    return (await asked).lines
  }

  async list(treeish: string): Promise<readonly TreeEntry[]> {
    const { stdout } = await this.#ask(['ls-tree', '-r', '-z', '-l', '--full-tree', '--end-of-options', ...objectIds(treeish)])
    return parseTree(stdout)
  }

  async files(treeish: string, visit: FileVisitor): Promise<void> {
    const options = ['-r', '-z', '--full-tree', '--end-of-options', ...objectIds(treeish)]
    await this.#ask(['ls-tree', ...options], 0, { onOutput: fileLister(visit), isSpooled: true })
  }

  scan(oids: readonly string[] | Uint8Array, visit: BlobVisitor, signal?: AbortSignal): Promise<void> {
    return readBlobs(oids, visit, { environment: this.#environment, folder: this.#folder, ...(signal && { signal }) })
  }

  async read(oids: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    const found = await this.#objects.read(oids)
    return found.map((object) => object?.content)
  }

  async checkout(commit: string, folder: string): Promise<{ remove(): Promise<void> }> {
    if (!isAbsolute(folder)) throw new RepositoryError('A checkout needs the absolute path of its folder.')
    await this.#inTurn(() =>
      this.#ask(['worktree', 'add', '--quiet', '--detach', '--force', '--end-of-options', folder, ...objectIds(commit)]),
    )
    return {
      remove: async () => {
        await rm(folder, { recursive: true, force: true, maxRetries: 3 })
        await this.#run(['worktree', 'prune', '--expire=now'])
      },
    }
  }

  /** One after the other; what failed does not stop the next. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work)
    this.#last = next.then(
      () => undefined,
      () => undefined,
    )
    return next
  }

  async branches(): Promise<readonly { readonly name: string; readonly commit: string; readonly committedAt: string }[]> {
    const found = []
    for (const name of branchNames(this.#references)) {
      const chosen = candidates(this.#references, name)
      if (chosen.found === 'none' || chosen.found === 'several') continue
      const ref = chosen.found === 'one' ? chosen.ref : await this.#furtherOf(chosen.local, chosen.remote)
      found.push({ name, commit: this.#references.get(ref) ?? '' })
    }
    const commits = await this.#objects.read(found.map(({ commit }) => commit))
    return found.map((branch, index) => {
      const content = commits[index]?.content
      return { ...branch, committedAt: (content === undefined ? undefined : parseCommit(content)?.committedAt) ?? isoTime(0) }
    })
  }

  #absence(branch: string): string {
    const names = branchNames(this.#references)
    if (names.length === 0) return `there is no branch ${quoted(branch)}: the repository has no branches yet`
    const near = nearNames(branch, names)
    const shallow = this.#isShallow ? '; the clone is shallow and may lack branches: fetch it whole' : ''
    const hint = near.length === 0 ? '' : `; did you mean ${near.map(quoted).join(' or ')}?`
    return `there is no branch ${quoted(branch)} in the repository${shallow}${hint}`
  }

  async partedFrom(branch: string): Promise<string | undefined> {
    const chosen = candidates(this.#references, branch)
    if (chosen.found !== 'both') return undefined
    const [local, remote] = [this.#references.get(chosen.local) ?? '', this.#references.get(chosen.remote) ?? '']
    const isOrdered = (await this.isAncestor(local, remote)) || (await this.isAncestor(remote, local))
    return isOrdered ? undefined : chosen.remote
  }

  async #furtherOf(local: string, remote: string): Promise<string> {
    const lags = await this.isAncestor(this.#references.get(local) ?? '', this.#references.get(remote) ?? '')
    return lags ? remote : local
  }

  async #stateOf(ref: string, commit: string): Promise<SubjectState> {
    const [object] = await this.#objects.read([commit])
    if (object === undefined) {
      throw new RepositoryError(`${ref} points at ${commit}, which the repository does not hold: run "git fsck" there, or fetch it whole.`)
    }
    const parsed = object.type === 'commit' ? parseCommit(object.content) : undefined
    if (parsed === undefined) return { state: 'absent', reason: `${ref} points at a ${object.type}, not at a commit` }
    return { state: 'present', ref, commit, tree: parsed.tree, committedAt: parsed.committedAt }
  }

  /** Any exit code is an answer. */
  async #run(args: readonly string[], options: Pick<GitOptions, 'signal' | 'onOutput' | 'isSpooled'> = {}): Promise<GitResult> {
    for (let attempt = 1; ; attempt++) {
      const result = await runGit(args, { ...options, environment: this.#environment, folder: this.#folder })
      const half = result.exitCode === 0 ? undefined : halfAWorktree(result.stderr)
      if (half === undefined || attempt > WORKTREE_TRIES) return result
      // Nobody makes one for seconds: this one is what a power loss left.
      if (attempt === WORKTREE_TRIES && half.startsWith(`${this.#folder}/worktrees/`)) await rm(half, { recursive: true, force: true })
      await wait(10 * attempt, undefined, options.signal === undefined ? {} : { signal: options.signal })
    }
  }

  /** Exit code 0, or `alsoFine`; any other is a RepositoryError. */
  async #ask(args: readonly string[], alsoFine = 0, options: Pick<GitOptions, 'onOutput' | 'isSpooled'> = {}): Promise<GitResult> {
    const result = await this.#run(args, options)
    if (result.exitCode === 0 || result.exitCode === alsoFine) return result
    throw new RepositoryError(`git ${args[0] ?? ''} failed: ${complaint(result.stderr)}`)
  }

  #environmentWith(globalConfig: string | undefined): Record<string, string> {
    const protocol = this.#source.kind === 'local' ? 'file' : this.#source.protocol
    return gitEnvironment(this.#outer, { mirror: this.#folder, protocol, ...(globalConfig === undefined ? {} : { globalConfig }) })
  }

  /** The object format of a mirror that is whole; undefined when there is none, or one that others changed. */
  async #existingFormat(folder = this.#folder): Promise<ObjectFormat | undefined> {
    const own = await lstatOrNone(folder)
    if (own?.isSymbolicLink() === true)
      throw new RepositoryError(`${folder} is a symbolic link; Muster keeps its mirror in a folder of its own.`)
    const entries = await readdir(folder).catch(() => [])
    if (!entries.every((name) => OWN_ENTRIES.has(name) || name.endsWith('.lock') || name.startsWith('.new-'))) return undefined
    const folders = await Promise.all(OWN_FOLDERS.map((name) => lstatOrNone(join(folder, name))))
    if (!folders.every((found) => found?.isDirectory() === true)) return undefined
    const config = await readFile(join(folder, 'config'), 'utf8').catch(() => '')
    return (['sha1', 'sha256'] as const).find((format) => config === mirrorConfig(format))
  }

  /**
   * Builds beside the folder and swaps, so that no other process ever sees half a mirror. `keep`
   * takes a whole one that another process put there meanwhile for as good.
   */
  async #build(format: ObjectFormat, existing: 'keep' | 'replace' = 'keep'): Promise<void> {
    this.#format = format
    await mkdir(dirname(this.#folder), { recursive: true })
    const fresh = await mkdtemp(join(dirname(this.#folder), `.${basename(this.#folder)}-new-`))
    const old = `${fresh}-old`
    try {
      for (const name of ['info', 'objects/info', 'objects/pack', 'refs/heads']) await mkdir(join(fresh, name), { recursive: true })
      await this.#writeSettings(fresh)
      if (await renamed(fresh, this.#folder)) return
      if (existing === 'keep' && (await this.#existingFormat()) === format) return
      const hadOld = await renamed(this.#folder, old)
      if (hadOld && existing === 'keep' && (await this.#existingFormat(old)) === format && (await renamed(old, this.#folder))) return
      if (!(await renamed(fresh, this.#folder)) && (await this.#existingFormat()) !== format) {
        throw new RepositoryError(`${this.#folder} cannot be replaced: remove it, or give Muster another folder.`)
      }
    } finally {
      await rm(fresh, { recursive: true, force: true })
      await rm(old, { recursive: true, force: true })
      await this.#restartObjects()
    }
  }

  async #writeSettings(folder: string): Promise<void> {
    await replaceFile(join(folder, 'config'), mirrorConfig(this.#format))
    await replaceFile(join(folder, 'HEAD'), NO_HEAD)
    await replaceFile(join(folder, 'info', 'attributes'), MIRROR_ATTRIBUTES)
    const alternates = join(folder, 'objects', 'info', 'alternates')
    if (this.#source.kind === 'remote') await rm(alternates, { force: true })
    else {
      await mkdir(dirname(alternates), { recursive: true })
      await replaceFile(alternates, `${JSON.stringify(join(this.#source.gitFolder, 'objects'))}\n`)
    }
  }

  async #restartObjects(): Promise<void> {
    await this.#objects.close()
    this.#objects = objectReader(this.#environment, this.#folder)
  }

  /** Worktrees whose folder is gone belong to checks that were killed. */
  async #dropLostWorktrees(): Promise<void> {
    if ((await lstatOrNone(join(this.#folder, 'worktrees'))) !== undefined) await this.#run(['worktree', 'prune', '--expire=now'])
  }

  /**
   * git serves no repository of another owner unless the user declared it safe, in their own
   * configuration. That declaration, and nothing else of the configuration, counts here too.
   */
  async #allowOwner(signal: AbortSignal | undefined): Promise<void> {
    if (this.#source.kind === 'remote') return
    const { owned, gitFolder } = this.#source
    const owners = await Promise.all([...owned, gitFolder].map(async (path) => ({ path, uid: (await stat(path)).uid })))
    const user = process.geteuid?.()
    const other = user === undefined ? undefined : owners.find(({ uid }) => uid !== user)
    if (other === undefined) return
    // As in git: under sudo the one who called it counts as owner too.
    const isCallers = user === 0 && owners.every(({ uid }) => uid === 0 || String(uid) === this.#outer['SUDO_UID'])
    const safe = isCallers ? ['*'] : await this.#safeFolders(signal)
    if (
      !owners.some(({ path }) =>
        safe.some((entry) => entry === '*' || entry === path || (entry.endsWith('/*') && path.startsWith(entry.slice(0, -1)))),
      )
    ) {
      throw new RepositoryError(
        `${other.path} belongs to another user (${other.uid}, not ${user}), and git does not serve such repositories: ` +
          `if you trust it, run: git config --global --add safe.directory ${JSON.stringify(owned[0] ?? gitFolder)}`,
      )
    }
    const file = join(this.#folder, 'safe-folders')
    await replaceFile(
      file,
      `[safe]\n${[...new Set(owners.map(({ path }) => path))].map((path) => `\tdirectory = ${JSON.stringify(path)}\n`).join('')}`,
    )
    this.#environment = this.#environmentWith(file)
    await this.#restartObjects()
  }

  /** What the user's and the system's own configuration declare as `safe.directory`. */
  async #safeFolders(signal: AbortSignal | undefined): Promise<readonly string[]> {
    const { GIT_CONFIG_NOSYSTEM: _system, GIT_CONFIG_SYSTEM: _path, GIT_CONFIG_GLOBAL: _global, ...open } = this.#environment
    const home = this.#outer['HOME']
    const xdg = this.#outer['XDG_CONFIG_HOME']
    const environment = { ...open, ...(home === undefined ? {} : { HOME: home }), ...(xdg === undefined ? {} : { XDG_CONFIG_HOME: xdg }) }
    const values: string[] = []
    for (const scope of ['--system', '--global']) {
      const args = ['config', scope, '--includes', '--type=path', '-z', '--get-all', 'safe.directory']
      const { stdout } = await runGit(args, { environment, folder: this.#folder, ...(signal === undefined ? {} : { signal }) })
      values.push(...stdout.toString('utf8').split('\0').slice(0, -1))
    }
    // An empty value takes back all that stand before it.
    return values.slice(values.lastIndexOf('') + 1)
  }

  /** Copies no object: asks upload-pack for the branches and writes them down in one rename. */
  async #refreshLocal(gitFolder: string, signal: AbortSignal | undefined): Promise<References> {
    const asked = await this.#run(
      ['ls-remote', '--refs', '--end-of-options', gitFolder, 'refs/heads/*', 'refs/remotes/*'],
      signal === undefined ? {} : { signal },
    )
    if (asked.exitCode !== 0) throw new RepositoryError(`The repository ${gitFolder} cannot be read: ${complaint(asked.stderr)}`)
    const references = parseReferences(asked.stdout.toString('utf8'))
    const [oid = ''] = references.values()
    const format = oid.length === 64 ? 'sha256' : 'sha1'
    if (oid !== '' && format !== this.#format) await this.#build(format)
    const shallow = await readFile(join(gitFolder, 'shallow')).catch(() => undefined)
    this.#isShallow = shallow !== undefined
    if (shallow === undefined) await rm(join(this.#folder, 'shallow'), { force: true })
    else await replaceFile(join(this.#folder, 'shallow'), shallow)
    await replaceFile(join(this.#folder, 'packed-refs'), packedReferences(references))
    return references
  }

  async #refreshRemote(source: { readonly url: string }, signal: AbortSignal | undefined): Promise<References> {
    return parseReferences(await this.#fetch(source, '+refs/heads/*:refs/heads/*', 'refs/heads/', signal))
  }

  /** Fetches, and returns the lines `<oid> <ref>` of what lies below a place afterwards. */
  async #fetch(source: { readonly url: string }, refspec: string, below: string, signal: AbortSignal | undefined): Promise<string> {
    const options = [
      '--quiet',
      '--prune',
      '--force',
      '--no-tags',
      '--no-auto-maintenance',
      '--no-write-fetch-head',
      '--no-recurse-submodules',
      '--update-shallow',
    ]
    const args = ['fetch', ...options, '--end-of-options', source.url, refspec]
    let rebuilt = false
    for (let attempt = 0; ; attempt++) {
      const { exitCode, stderr } = await this.#run(args, signal === undefined ? {} : { signal })
      if (exitCode === 0) {
        const listed = await this.#run(['for-each-ref', '--format=%(objectname) %(refname) %(objecttype)', below])
        if (listed.exitCode === 0) return listed.stdout.toString('utf8').replace(/ \w+$/gm, '')
      } else if (isLocked(stderr) && attempt < LOCK_TRIES) {
        await this.#removeStaleLock(stderr)
        await wait(25 + 25 * attempt, undefined, signal === undefined ? {} : { signal })
        continue
      } else if (/object format/.test(stderr) && !rebuilt) {
        this.#format = this.#format === 'sha1' ? 'sha256' : 'sha1'
      } else if (!isDamage(stderr) || rebuilt) {
        throw new RepositoryError(`${withoutPassword(source.url)} cannot be fetched: ${complaint(stderr)}`)
      }
      if (rebuilt) throw new RepositoryError(`The mirror ${this.#folder} stays damaged after it was made anew: check the disk.`)
      rebuilt = true
      await this.#build(this.#format, 'replace')
    }
  }

  /** A process that was killed leaves its lock; nothing of ours holds one for minutes. */
  async #removeStaleLock(stderr: string): Promise<void> {
    const path = /'([^']+\.lock)'/.exec(stderr)?.[1]
    if (path === undefined || !path.startsWith(`${this.#folder}/`)) return
    const found = await lstatOrNone(path)
    if (found !== undefined && Date.now() - found.mtimeMs > STALE_LOCK_MILLISECONDS) await rm(path, { force: true })
  }
}

const DIFF_OPTIONS = [
  '-M',
  '-l1000',
  '--no-ext-diff',
  '--ignore-submodules=none',
  '--submodule=short',
  '--diff-algorithm=myers',
  '--no-relative',
]

const isLocked = (stderr: string): boolean =>
  /\.lock': File exists|cannot lock ref|Unable to create '.*\.lock'|shallow file has changed/.test(stderr)

/** Git looks at every worktree before it does anything, also at one that another git is still making. */
const halfAWorktree = (stderr: string): string | undefined => /failed to read (\/.*\/worktrees\/[^/]+)\/commondir\b/.exec(stderr)?.[1]

const isDamage = (stderr: string): boolean =>
  /corrupt|bad object|missing object|not a git repository: '|bad config|unable to read|invalid sha1 pointer|did not send all necessary objects|loose object|packfile|unresolved deltas|fatal: bad/i.test(
    stderr,
  )

const objectIds = (...ids: readonly string[]): readonly string[] => {
  for (const id of ids) if (!isObjectId(id)) throw new RepositoryError(`${quoted(id)} is not a full object id.`)
  return ids
}

/** `log -z` puts NUL between commits, not after the last one. */
const terminated = (bytes: Buffer): Buffer => (bytes.length === 0 || bytes.at(-1) === 0 ? bytes : Buffer.concat([bytes, Buffer.from([0])]))

const quoted = (text: string): string => {
  const shown = JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}...` : text)
  return shown
}

/** One question asked twice costs once; what failed is asked again; the oldest go when there are many. */
const remembered = <T>(memory: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> => {
  const known = memory.get(key)
  if (known !== undefined) return known
  const answer = ask()
  memory.set(key, answer)
  answer.catch(() => memory.delete(key))
  const [oldest] = memory.keys()
  if (memory.size > 2000 && oldest !== undefined) memory.delete(oldest)
  return answer
}

const lstatOrNone = (path: string): Promise<Stats | undefined> => lstat(path).catch(() => undefined)

const renamed = (from: string, to: string): Promise<boolean> =>
  rename(from, to).then(
    () => true,
    () => false,
  )

/** Whole or not at all, and never through a symbolic link that stands at `path`. */
const replaceFile = async (path: string, content: string | Uint8Array): Promise<void> => {
  const found = await lstatOrNone(path)
  if (found?.isFile() === true) {
    const current = await readFile(path).catch(() => undefined)
    if (current?.equals(Buffer.from(content)) === true) return
  }
  const temporary = await mkdtemp(join(dirname(path), '.new-'))
  try {
    await writeFile(join(temporary, 'file'), content, { flag: 'wx' })
    await rename(join(temporary, 'file'), path)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}
