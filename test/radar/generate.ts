import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { contentOf, type History, type HistoryCommit, type HistoryFile, modeOf } from './history.ts'

interface Random {
  /** A whole number from 0 to below `end`. */
  below(end: number): number
  chance(probability: number): boolean
  pick<T>(list: readonly T[]): T
}

const randomOf = (seed: number): Random => {
  const generator = xoroshiro128plus(seed)
  const below = (end: number): number => (end <= 1 ? 0 : uniformInt(generator, 0, end - 1))
  return {
    below,
    chance: (probability) => below(1_000_000) < probability * 1_000_000,
    pick: (list) => {
      const one = list[below(list.length)]
      if (one === undefined) throw new Error('Nothing to pick from.')
      return one
    },
  }
}

type Tree = Map<string, HistoryFile>

// Few names, so that they meet; some sort around a folder's slash, one needs quotes, some are not ASCII or not even UTF-8.
const FOLDERS = ['', '', 'd/', 'd/', 'd/', 'e/', 'e/', 'd/s/', 'd/s/', 'd/t/', 'e/s/', 'd/s/u/', 'f/', 'g/']
const NAMES = [
  'a',
  'a',
  'b',
  'b',
  'c',
  'c',
  'a.txt',
  'b.txt',
  'm',
  'n',
  'd',
  'e',
  's',
  'd.x',
  'd-x',
  'd0',
  'x y',
  '"q"',
  'caf\xc3\xa9',
  'l\xe9',
  'l\xe8',
  't\tab',
  'n\nl',
]
const WORDS = ['a', 'b', '}', '{', '', '  return', 'x = 1', 'x = 2', 'end', '}', '']
const LINKED = [
  '1111111111111111111111111111111111111111',
  '2222222222222222222222222222222222222222',
  '3333333333333333333333333333333333333333',
]

type Change = (tree: Tree, random: Random, past: readonly Tree[]) => void

const isIn = (path: string, folder: string): boolean => folder === '' || path.startsWith(folder)
const foldersOf = (path: string): readonly string[] => [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index + 1))
/** Puts a file there; what stands in its way, a file where it needs a folder or a folder where it goes, is gone. */
const put = (tree: Tree, path: string, file: HistoryFile): void => {
  for (const folder of foldersOf(path)) tree.delete(folder.slice(0, -1))
  for (const other of tree.keys()) if (other.startsWith(`${path}/`)) tree.delete(other)
  tree.set(path, file)
}
const like = (file: HistoryFile, content: string): HistoryFile => (typeof file === 'string' ? content : { ...file, content })
const anyPath = (tree: Tree, random: Random): string => random.pick([...tree.keys()])
const anyFolder = (tree: Tree, random: Random): string => random.pick([...new Set([...tree.keys()].flatMap(foldersOf)), ''])
const newPath = (random: Random): string => random.pick(FOLDERS) + random.pick(NAMES)

const newText = (random: Random): string => {
  const length = random.pick([0, 1, 2, 3, 5, 8, 8, 12, 12, 20, 30])
  const hasOwnLines = random.chance(0.7)
  const stem = random.pick(['one', 'two', 'three', 'four', 'five', 'six'])
  const lines = Array.from({ length }, (_, index) => (hasOwnLines && random.chance(0.8) ? `line ${index} of ${stem}` : random.pick(WORDS)))
  const text = lines.map((line) => `${line}\n`).join('')
  if (random.chance(0.05)) return text.replaceAll('\n', '\r\n')
  if (random.chance(0.05)) return `${text}\0binary`
  return random.chance(0.1) ? text.replace(/\n$/, '') : text
}

const newFile = (random: Random): HistoryFile => {
  if (random.chance(0.06)) return { mode: '100755', content: newText(random) }
  if (random.chance(0.05)) return { mode: '120000', content: newPath(random) }
  if (random.chance(0.04)) return { mode: '160000', content: random.pick(LINKED) }
  return newText(random)
}

/** Edits come from few places and words, so that branches often make the same one, or one beside it. */
const edited = (text: string, random: Random): string => {
  const lines = text.split(/(?<=\n)/)
  const at = random.below(lines.length + 1)
  const word = `${random.chance(0.3) ? `new ${random.below(4)}` : random.pick(WORDS)}\n`
  switch (random.below(16)) {
    case 0:
    case 1:
    case 2:
      return lines.with(Math.min(at, lines.length - 1), word).join('')
    case 3:
    case 4:
      return lines.toSpliced(at, 0, word).join('')
    case 5:
      return lines.toSpliced(at, 0, ...Array.from({ length: 1 + random.below(5) }, () => random.pick([word, ...lines]))).join('')
    case 6:
      return lines.toSpliced(at, 1 + random.below(3)).join('')
    case 7:
      return text + word
    case 8:
      return word + text
    case 9:
      return lines.slice(0, -1 - random.below(2)).join('')
    case 10:
      return lines.toSpliced(at, 1 + random.below(2), word, random.pick(lines)).join('')
    case 11: {
      // A block moves, or appears twice.
      const block = lines.slice(at, at + 1 + random.below(4))
      const rest = random.chance(0.5) ? lines : lines.toSpliced(at, block.length)
      return rest.toSpliced(random.below(rest.length + 1), 0, ...block).join('')
    }
    case 12:
      return random.pick([
        (): string => text.replaceAll(/\r?\n/g, text.includes('\r') ? '\n' : '\r\n'),
        (): string => lines.with(Math.min(at, lines.length - 1), ` ${lines[at] ?? '\n'}`).join(''),
        (): string => lines.map((line) => (random.chance(0.4) ? line.replace(/ *\n/, ' \n') : line)).join(''),
      ])()
    case 13:
      return text.endsWith('\n') ? text.slice(0, -1) : `${text}\n`
    case 14:
      return random.pick([
        (): string => '',
        (): string => `${text}\0`,
        (): string => newText(random),
        (): string => text.replaceAll('\0', ''),
      ])()
    default: {
      const other = random.below(lines.length + 1)
      return lines
        .with(Math.min(at, lines.length - 1), word)
        .with(Math.min(other, lines.length - 1), random.pick(lines))
        .join('')
    }
  }
}

const edit: Change = (tree, random) => {
  const path = anyPath(tree, random)
  const file = tree.get(path) ?? ''
  if (modeOf(file) === '160000') tree.set(path, like(file, random.pick(LINKED)))
  else if (modeOf(file) === '120000') tree.set(path, like(file, newPath(random)))
  else tree.set(path, like(file, edited(contentOf(file), random)))
}
const add: Change = (tree, random) => {
  put(tree, random.chance(0.5) ? anyFolder(tree, random) + random.pick(NAMES) : newPath(random), newFile(random))
}
const remove: Change = (tree, random) => {
  if (tree.size > 1) tree.delete(anyPath(tree, random))
}
const removeFolder: Change = (tree, random) => {
  const folder = anyFolder(tree, random)
  if (folder === '' && random.chance(0.95)) return
  for (const path of tree.keys()) if (isIn(path, folder)) tree.delete(path)
}
const rename: Change = (tree, random) => {
  const path = anyPath(tree, random)
  const file = tree.get(path) ?? ''
  const to = random.chance(0.4)
    ? path.replace(/[^/]*$/, random.pick(NAMES))
    : random.chance(0.5)
      ? newPath(random)
      : anyFolder(tree, random) + random.pick(NAMES)
  tree.delete(path)
  put(tree, to, modeOf(file).startsWith('100') && random.chance(0.4) ? like(file, edited(contentOf(file), random)) : file)
}
const copy: Change = (tree, random, past) => {
  const source = random.chance(0.5) ? tree : random.pick(past)
  if (source.size === 0) return
  const file = source.get(anyPath(source, random)) ?? ''
  put(
    tree,
    random.chance(0.5) ? newPath(random) : anyFolder(tree, random) + random.pick(NAMES),
    modeOf(file).startsWith('100') && random.chance(0.3) ? like(file, edited(contentOf(file), random)) : file,
  )
}
/** All, or some, of the files below a folder go into another one; or their copies do. */
const moveFolder =
  ({ share, keeps }: { share: number; keeps: boolean }): Change =>
  (tree, random, past) => {
    const source = keeps && random.chance(0.5) ? random.pick(past) : tree
    if (source.size === 0) return
    const from = anyFolder(source, random)
    const target = random.chance(0.4) ? anyFolder(tree, random) : random.pick(FOLDERS)
    const to = random.chance(0.2) ? `${from}${random.pick(['s/', 't/', 'u/'])}` : target
    if (to === from) return
    for (const [path, file] of new Map(source)) {
      if (!isIn(path, from) || !random.chance(share)) continue
      if (!keeps) tree.delete(path)
      put(
        tree,
        to + path.slice(from.length),
        modeOf(file).startsWith('100') && random.chance(0.15) ? like(file, edited(contentOf(file), random)) : file,
      )
    }
  }
/** Two files take each other's names. */
const swap: Change = (tree, random) => {
  const [a, b] = [anyPath(tree, random), anyPath(tree, random)]
  const [fileA = '', fileB = ''] = [tree.get(a), tree.get(b)]
  tree.set(a, fileB).set(b, fileA)
}
/** As some path, or a whole folder, was once. */
const restore: Change = (tree, random, past) => {
  const old = random.pick(past)
  if (old.size === 0) return
  const path = anyPath(old, random)
  const folder = random.chance(0.3) ? path.slice(0, path.lastIndexOf('/') + 1) : undefined
  for (const [other, file] of old)
    if (other === path || (folder !== undefined && folder !== '' && isIn(other, folder))) put(tree, other, file)
}
const retype: Change = (tree, random) => {
  const path = anyPath(tree, random)
  const content = contentOf(tree.get(path) ?? '')
  const isLink = /^\d{40}$/.test(content)
  const types: readonly HistoryFile[] = isLink
    ? [{ mode: '160000', content }, content]
    : [
        content,
        { mode: '100755', content },
        { mode: '100755', content },
        { mode: '120000', content: content.split(/[\n\0]/)[0] || 'a' },
        { mode: '160000', content: random.pick(LINKED) },
      ]
  tree.set(path, random.pick(types))
}
const fileToFolder: Change = (tree, random) => {
  const path = anyPath(tree, random)
  const file = tree.get(path) ?? ''
  tree.delete(path)
  put(tree, `${path}/${random.pick(NAMES)}`, random.chance(0.5) ? file : newFile(random))
}
const folderToFile: Change = (tree, random) => {
  const folder = anyFolder(tree, random)
  if (folder === '') return
  const inside = [...tree.keys()].filter((path) => isIn(path, folder))
  const kept = tree.get(random.pick(inside)) ?? ''
  put(tree, folder.slice(0, -1), random.chance(0.5) ? kept : newFile(random))
}

const EDITS: readonly Change[] = [edit]
const FILES: readonly Change[] = [edit, edit, add, add, remove, rename, rename, copy, swap, restore]
const FOLDER_MOVES: readonly Change[] = [
  moveFolder({ share: 1, keeps: false }),
  moveFolder({ share: 1, keeps: false }),
  moveFolder({ share: 0.6, keeps: false }),
  moveFolder({ share: 1, keeps: true }),
  moveFolder({ share: 0.7, keeps: true }),
  removeFolder,
  add,
  add,
  remove,
  rename,
  restore,
]
const TYPES: readonly Change[] = [retype, retype, fileToFolder, folderToFile, add, remove, rename, edit]
const PROFILES: readonly (readonly Change[])[] = [
  EDITS,
  [...EDITS, ...EDITS, ...EDITS, ...FILES],
  FILES,
  FOLDER_MOVES,
  [...FILES, ...FOLDER_MOVES],
  TYPES,
  [...FILES, ...FOLDER_MOVES, ...TYPES],
]

/** A tree of both as a careless person would merge: one side where only one changed, else either. */
const mergedTree = (base: Tree, ours: Tree, theirs: Tree, random: Random): Tree => {
  const result: Tree = new Map()
  const same = (a: HistoryFile | undefined, b: HistoryFile | undefined): boolean => JSON.stringify(a) === JSON.stringify(b)
  for (const path of new Set([...base.keys(), ...ours.keys(), ...theirs.keys()])) {
    const [was, a, b] = [base.get(path), ours.get(path), theirs.get(path)]
    const chosen = same(a, was) ? b : same(b, was) ? a : random.chance(0.5) ? a : b
    if (chosen !== undefined) put(result, path, chosen)
  }
  return result
}

interface Line {
  head: number
}

/**
 * A random history of a target and streams, from little more than merges of each other's leftovers
 * to long mixed ones; the same seed gives the same one. Two questions: one on the way, one at the end.
 */
export const generateHistory = (seed: number): History => {
  const random = randomOf(seed)
  const commits: (HistoryCommit & { readonly tree: Tree })[] = []
  const hasOddTimes = random.chance(0.1)
  const commit = (tree: Tree, parents: readonly number[]): number => {
    const time = hasOddTimes && random.chance(0.5) ? { time: 1_700_000_000 + random.below(100_000) } : {}
    commits.push({ parents, files: Object.fromEntries(tree), tree: new Map(tree), ...time })
    return commits.length - 1
  }
  const treeOf = (place: number): Tree => commits[place]?.tree ?? new Map()
  const past = (): readonly Tree[] => commits.map(({ tree }) => tree)
  const ancestors = (place: number): ReadonlySet<number> => {
    const found = new Set<number>([place])
    for (const one of found) for (const parent of commits[one]?.parents ?? []) found.add(parent)
    return found
  }
  const baseOf = (a: number, b: number): Tree => {
    const others = ancestors(b)
    return treeOf([...ancestors(a)].filter((one) => others.has(one)).sort((x, y) => y - x)[0] ?? -1)
  }
  const profile = random.pick(PROFILES)
  const targetProfile = random.chance(0.6) ? profile : random.pick(PROFILES)
  const changed = (place: number, changes: readonly Change[], most: number): Tree => {
    const tree = new Map(treeOf(place))
    for (let count = 1 + random.below(most); count > 0; count -= 1) {
      if (tree.size === 0) add(tree, random, past())
      else random.pick(changes)(tree, random, past())
    }
    return tree
  }

  const first: Tree = new Map()
  for (let count = random.pick([1, 4, 8, 16, 30, 50]); count > 0; count -= 1)
    put(first, newPath(random), random.chance(0.8) ? newText(random) : newFile(random))
  // Whole folders of alike files, for renames of folders.
  for (const folder of ['d/', 'd/s/', 'e/']) {
    if (random.chance(0.5)) for (const name of ['a', 'b', 'c']) put(first, folder + name, `${folder}${name}\n${newText(random)}`)
  }
  const target: Line = { head: commit(first, []) }
  const timeline = [target.head]
  const advance = (head: number): void => {
    target.head = head
    timeline.push(head)
  }
  const streams: Line[] = []
  const wanted = 4 + random.below(7)
  /** How the forks lie: all at the tip of then, or anywhere on the target. */
  const forksAnywhere = random.chance(0.6)
  const targetMoves = random.pick([0, 0.1, 0.2])
  const meets = random.pick([0, 0, 0.1, 0.25])
  let early: History['questions'][number] | undefined
  const steps = wanted * (2 + random.below(3))
  for (let step = 0; step < steps; step += 1) {
    if (step === Math.floor(steps * 0.7) && streams.length > 1) early = { target: target.head, heads: streams.map(({ head }) => head) }
    if (random.chance(targetMoves)) {
      advance(commit(changed(target.head, targetProfile, 3), [target.head]))
      continue
    }
    const stream = streams.length < wanted && random.chance(0.6) ? undefined : streams.length === 0 ? undefined : random.pick(streams)
    if (stream === undefined) {
      if (streams.length >= wanted) continue
      const stacked = streams.length > 0 && random.chance(meets)
      const fork = stacked ? random.pick(streams).head : forksAnywhere ? random.pick(timeline) : target.head
      // One that shares no history, one that is nowhere but where it forked, and the rest.
      const parents = random.chance(0.01) ? [] : [fork]
      streams.push({ head: random.chance(0.02) ? fork : commit(changed(fork, profile, 2), parents) })
    } else if (random.chance(meets)) {
      const other = random.chance(0.5) ? target : random.pick(streams)
      if (other.head === stream.head) continue
      const merged = mergedTree(baseOf(stream.head, other.head), treeOf(stream.head), treeOf(other.head), random)
      const way = random.below(4)
      if (way === 0) {
        // It lands, by a merge or squashed, and may go on.
        const tree = mergedTree(baseOf(target.head, stream.head), treeOf(target.head), treeOf(stream.head), random)
        advance(commit(tree, random.chance(0.6) ? [target.head, stream.head] : [target.head]))
      } else if (way === 1 && other === target) {
        // Both ways: a criss-cross.
        const [ours, theirs] = [stream.head, target.head]
        stream.head = commit(merged, [ours, theirs])
        advance(commit(mergedTree(baseOf(theirs, ours), treeOf(theirs), treeOf(ours), random), [theirs, ours]))
      } else stream.head = commit(merged, [stream.head, other.head])
    } else stream.head = commit(changed(stream.head, profile, 2), [stream.head])
  }
  if (random.chance(targetMoves * 2)) advance(commit(changed(target.head, targetProfile, 3), [target.head]))
  return {
    commits: commits.map(({ tree: _tree, ...rest }) => rest),
    questions: [...(early === undefined ? [] : [early]), { target: target.head, heads: streams.map(({ head }) => head) }],
  }
}
