import { type Entry, foldersOf, isFile, type Listing, lostFolder, type TreeDiff, type Version } from './raw.ts'

/**
 * A stream is displaced when the target has taken away a path it changed or a folder it adds to:
 * then git looks, among all files that are new on the target's side, for where they went, and what
 * another stream adds, changes or takes away there can change the answer. What can, follows from
 * how git pairs renames (diffcore-rename.c): files of one content first, whichever they are; then
 * those of one base name, where no other has it, with a guess from what else left the folder; then,
 * of the files it looks for, those of like content.
 */
export interface Displaced {
  /** Paths that the target added since the base: where the files may have gone. */
  readonly added: ReadonlySet<string>
  /** Their contents, by blob. */
  readonly addedBlobs: ReadonlySet<string>
  /** Contents of all that the target took away since the base. */
  readonly takenBlobs: ReadonlySet<string>
  /** Of these, what git looks for on behalf of the stream. */
  readonly sought: readonly Version[]
  /** Folders that the stream adds to and the target took away: back again, they count as never moved. */
  readonly lost: ReadonlySet<string>
  /** Base names and folders of what is sought. */
  readonly names: ReadonlySet<string>
  readonly folders: ReadonlySet<string>
}

/** Whether git may take two files for one that was renamed. */
export type Likeness = (a: Version, b: Version) => boolean

export const isDisplaced = (own: TreeDiff, { files, folders }: Listing): boolean => {
  for (const [path, entry] of own.entries) {
    if (entry.old.mode === '' ? lostFolder(path, own, folders) !== undefined : !files.has(path)) return true
  }
  return false
}

/** `drift`: what the target changed since the base. */
export const displacedBy = (own: TreeDiff, drift: TreeDiff, { files, folders }: Listing): Displaced => {
  const lost = new Set<string>()
  const sought = new Map<string, Version>()
  for (const [path, entry] of own.entries) {
    if (entry.old.mode !== '') {
      if (!files.has(path)) sought.set(path, entry.old)
      continue
    }
    const folder = lostFolder(path, own, folders)
    if (folder !== undefined) lost.add(folder)
  }
  const added = new Set<string>()
  const addedBlobs = new Set<string>()
  const takenBlobs = new Set<string>()
  for (const [path, entry] of drift.entries) {
    if (isAddition(entry)) {
      added.add(path)
      addedBlobs.add(entry.new.oid)
    } else if (isDeletion(entry)) {
      takenBlobs.add(entry.old.oid)
      if (isBelow(path, lost)) sought.set(path, entry.old)
    }
  }
  const paths = [...sought.keys()]
  return {
    added,
    addedBlobs,
    takenBlobs,
    lost,
    sought: [...sought.values()],
    names: new Set(paths.map(nameOf)),
    folders: new Set(paths.map(folderOf)),
  }
}

/** Beyond it git may give up looking for likenesses at all (its rename limit is 7,000). */
const MOST_ADDED = 5000

/** Whether what a stream changes on the target, as it lands, can be taken for what git looks for, or hide it. */
export const canTakePart = (displaced: Displaced, landing: TreeDiff, alike: Likeness): boolean => {
  const { addedBlobs, takenBlobs, names, folders } = displaced
  let additions = 0
  for (const [path, entry] of landing.entries) {
    if (isDeletion(entry) && (addedBlobs.has(entry.old.oid) || names.has(nameOf(path)) || folders.has(folderOf(path)))) return true
    if (isAddition(entry)) {
      additions += 1
      if (names.has(nameOf(path)) || isBelow(path, displaced.lost)) return true
    }
    for (const version of candidates(displaced, path, entry)) {
      if (takenBlobs.has(version.oid) || displaced.sought.some((one) => alike(one, version))) return true
    }
  }
  return additions > MOST_ADDED
}

/** Versions of files that are new on the target's side, with the stream or without it. */
function* candidates({ added }: Displaced, path: string, entry: Entry): Generator<Version> {
  if (isAddition(entry)) yield entry.new
  else if (added.has(path)) {
    yield entry.old
    if (entry.new.mode !== '') yield entry.new
  }
}

/** What `canTakePart` will ask the likeness of. */
export function* toCompare(displaced: Displaced, landing: TreeDiff): Generator<readonly [Version, Version]> {
  for (const [path, entry] of landing.entries) {
    for (const version of candidates(displaced, path, entry)) {
      for (const one of displaced.sought) if (isFile(one) && isFile(version)) yield [one, version]
    }
  }
}

const isBelow = (path: string, folders: ReadonlySet<string>): boolean => {
  if (folders.size > 0) for (const folder of foldersOf(path)) if (folders.has(folder)) return true
  return false
}

const isAddition = (entry: Entry): boolean => entry.old.mode === '' && entry.new.mode !== ''
const isDeletion = (entry: Entry): boolean => entry.old.mode !== '' && entry.new.mode === ''
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))
