import { complaint } from '../process.ts'
import { ask, type Quarantine } from './quarantine.ts'

/** One side of a changed path. Nothing there: no mode. */
export interface Version {
  /** Octal git mode; empty where the path does not exist. */
  readonly mode: string
  readonly oid: string
}

export interface Entry {
  readonly old: Version
  readonly new: Version
}

/** What changed between two commits, without renames. Paths are bytes as latin1. */
export interface TreeDiff {
  readonly entries: ReadonlyMap<string, Entry>
  /** Folders that are no folders any more, and those that were none. */
  readonly goneFolders: ReadonlySet<string>
  readonly newFolders: ReadonlySet<string>
  readonly adds: boolean
  readonly deletes: boolean
}

export type DiffAnswer = { readonly diff: TreeDiff } | { readonly reason: string }

const OPTIONS = [
  '--stdin',
  '--always',
  '-r',
  '-t',
  '--raw',
  '-z',
  '--no-renames',
  '--no-abbrev',
  '--no-ext-diff',
  '--ignore-submodules=none',
]

/** What each commit changed against another one, in the order asked. */
export const diffCommits = async (
  quarantine: Quarantine,
  pairs: readonly { readonly from: string; readonly to: string }[],
  signal: AbortSignal,
): Promise<readonly DiffAnswer[]> => {
  if (pairs.length > MOST_IN_ONE) {
    const middle = Math.ceil(pairs.length / 2)
    const halves = [pairs.slice(0, middle), pairs.slice(middle)]
    return (await Promise.all(halves.map((half) => diffInOne(quarantine, half, signal)))).flat()
  }
  return diffInOne(quarantine, pairs, signal)
}

const MOST_IN_ONE = 8

/** An object that is lost ends git: then the pairs are tried in halves, until the one that needs it is alone. */
const diffInOne = async (
  quarantine: Quarantine,
  pairs: readonly { readonly from: string; readonly to: string }[],
  signal: AbortSignal,
): Promise<readonly DiffAnswer[]> => {
  if (pairs.length === 0) return []
  const input = pairs.map(({ from, to }) => `${to} ${from}\n`).join('')
  const { exitCode, stdout, stderr } = await quarantine.run(['diff-tree', ...OPTIONS], { input, signal })
  if (exitCode === 0) {
    const diffs = parseDiffs(stdout.toString('latin1'))
    if (diffs.length !== pairs.length) throw new Error(`expected ${pairs.length} diffs of git diff-tree, got ${diffs.length}`)
    return diffs.map((diff) => ({ diff }))
  }
  if (pairs.length === 1) return [{ reason: complaint(stderr) }]
  const middle = Math.ceil(pairs.length / 2)
  const first = await diffInOne(quarantine, pairs.slice(0, middle), signal)
  return [...first, ...(await diffInOne(quarantine, pairs.slice(middle), signal))]
}

const NOTHING: Version = { mode: '', oid: '' }
const FOLDER = '040000'
const NO_MODE = '000000'

/** Output of `diff-tree --stdin --always -r -t --raw -z`: the id of each commit, then its changes. */
const parseDiffs = (output: string): readonly TreeDiff[] => {
  const diffs: TreeDiff[] = []
  let entries = new Map<string, Entry>()
  let goneFolders = new Set<string>()
  let newFolders = new Set<string>()
  let begun = false
  const finish = (): void => {
    if (!begun) return
    const versions = [...entries.values()]
    const adds = versions.some((entry) => entry.old.mode === '')
    const deletes = versions.some((entry) => entry.new.mode === '')
    diffs.push({ entries, goneFolders, newFolders, adds, deletes })
  }
  for (let at = 0; at < output.length;) {
    const end = output.indexOf('\0', at)
    if (output[at] !== ':') {
      finish()
      entries = new Map()
      goneFolders = new Set()
      newFolders = new Set()
      begun = true
      at = end + 1
      continue
    }
    const [oldMode = '', newMode = '', oldOid = '', newOid = ''] = output.slice(at + 1, end).split(' ')
    const pathEnd = output.indexOf('\0', end + 1)
    const path = output.slice(end + 1, pathEnd)
    at = pathEnd + 1
    if (oldMode === FOLDER || newMode === FOLDER) {
      if (newMode !== FOLDER) goneFolders.add(path)
      if (oldMode !== FOLDER) newFolders.add(path)
      continue
    }
    entries.set(path, { old: version(oldMode, oldOid), new: version(newMode, newOid) })
  }
  finish()
  return diffs
}

const version = (mode: string, oid: string): Version => (mode === NO_MODE ? NOTHING : { mode, oid })

export const isSameVersion = (a: Version, b: Version): boolean => a.oid === b.oid && a.mode === b.mode

/** A regular file, which git merges line by line. */
export const isFile = (one: Version): boolean => one.mode === '100644' || one.mode === '100755'

/** Every file of a tree, and its folders with the number of files below each. Paths are bytes as latin1. */
export interface Listing {
  readonly files: ReadonlyMap<string, Version>
  readonly folders: ReadonlyMap<string, number>
}

/** Rejects with a RepositoryError when the tree cannot be read. */
export const listTree = async (quarantine: Quarantine, tree: string, signal: AbortSignal): Promise<Listing> => {
  const { stdout } = await ask(quarantine, ['ls-tree', '-r', '-z', '--full-tree', tree], { signal })
  const output = stdout.toString('latin1')
  const files = new Map<string, Version>()
  const folders = new Map<string, number>()
  for (let at = 0; at < output.length;) {
    const tab = output.indexOf('\t', at)
    const end = output.indexOf('\0', tab)
    const [mode = '', , oid = ''] = output.slice(at, tab).split(' ')
    const path = output.slice(tab + 1, end)
    files.set(path, { mode, oid })
    for (const folder of foldersOf(path)) folders.set(folder, (folders.get(folder) ?? 0) + 1)
    at = end + 1
  }
  return { files, folders }
}

/** The folders a path lies in, the nearest first. */
export function* foldersOf(path: string): Generator<string> {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) yield path.slice(0, at)
}

/** The highest folder on the way to an added path that was there at the base and is not on the target; undefined where none is lost. */
export const lostFolder = (path: string, own: TreeDiff, folders: Listing['folders']): string | undefined => {
  let highest: string | undefined
  for (const folder of foldersOf(path)) {
    if (folders.has(folder)) break
    highest = folder
  }
  return highest !== undefined && !own.newFolders.has(highest) ? highest : undefined
}
