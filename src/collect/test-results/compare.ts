import type { TestCase, TestReport } from './cases.ts'
import { isBad, Places } from './cases.ts'
import { matcher } from '#core/evidence/glob.ts'
import { DEFAULT_TESTS } from './files.ts'
import { identity } from './join.ts'
import type { Selection } from './select.ts'
import { caseName, MAX_PARTICULARS, selector } from './select.ts'

/** The cases of one report held against those of the target branch. */
export interface Comparison {
  /** Selected cases of the base. */
  readonly inBase: number
  readonly facts: Readonly<Record<ComparedFact, { readonly count: number; readonly names: readonly string[] }>>
  /** Of the emptied cases, those that only their time gives away. */
  readonly emptiedByTime: number
}

export const COMPARED_FACTS = ['added', 'removed', 'skipped.new', 'emptied', 'failing.still', 'failing.new'] as const
export type ComparedFact = (typeof COMPARED_FACTS)[number]

/**
 * Of 2,000 cases of pytest that were run twice on a busy machine, 70 took 0.01 s or more once and
 * none the other time, and 2 took 0.1 s: a first import, a pause of the collector.
 */
const SOME_SECONDS = 0.1

/**
 * Pure; both reports with the same selection. `shrunk`: files that lost lines, where that is known;
 * without a test among them no test has lost its body, whatever the time says.
 */
export function compareWithBase(head: TestReport, base: TestReport, selection: Selection, shrunk?: readonly string[]): Comparison {
  const filesOfHead = filesOf(head)
  const told = new Set([...filesOfHead, ...head.suites.map(({ file }) => file)].map(nameOf))
  const mayBeEmptied = shrunk?.some((path) => holdsTests(path) || told.has(nameOf(path))) ?? true
  const facts = Object.fromEntries(COMPARED_FACTS.map((name) => [name, { count: 0, names: [] as string[] }])) as Record<
    ComparedFact,
    { count: number; names: string[] }
  >
  const note = (fact: ComparedFact, name: () => string): void => {
    facts[fact].count += 1
    if (facts[fact].names.length < MAX_PARTICULARS) facts[fact].names.push(name())
  }
  const places = new Places()
  const inBase = selector(base, selection)
  const inHead = selector(head, selection)
  const { ofBase, ofHead } = commonFiles(filesOf(base), filesOfHead)

  const before = new Map<string, number>()
  const byFolder = foldersOf(base) === foldersOf(head)
  const basePlaces = places.ofAll(base.suites, { byFolder })
  // Where the folders are others, cases of the same names are the same ones one by one.
  let most = 1
  for (const one of base.cases) {
    if (!inBase.case(one)) continue
    const id = identity(basePlaces[one.suite] ?? 0, one, ofBase(one.file))
    let number = 0
    while (before.has(numbered(id, number))) number += 1
    before.set(numbered(id, number), traitsOf(one))
    most = Math.max(most, number + 1)
  }
  const keyOf = (id: string): string => {
    for (let number = 0; number < most; number += 1) if (before.has(numbered(id, number))) return numbered(id, number)
    return id
  }
  const counted = before.size

  let emptiedByTime = 0
  const headPlaces = places.ofAll(head.suites, { byFolder })
  for (const one of head.cases) {
    if (!inHead.case(one)) continue
    const key = keyOf(identity(headPlaces[one.suite] ?? 0, one, ofHead(one.file)))
    const was = before.get(key)
    const name = (): string => caseName(one, head)
    before.delete(key)
    if (was === undefined) note('added', name)
    if (isBad(one.status)) note(was !== undefined && was & FAILED ? 'failing.still' : 'failing.new', name)
    if (was === undefined) continue
    if (one.status === 'skipped' && !(was & SKIPPED)) note('skipped.new', name)
    if (one.status !== 'passed') continue
    const isByTime = !(was & COUNTS_ASSERTIONS) || one.assertions === undefined
    if (!(isByTime ? mayBeEmptied && was & TOOK_TIME && one.seconds === 0 : was & ASSERTED && one.assertions === 0)) continue
    note('emptied', name)
    if (isByTime) emptiedByTime += 1
  }
  if (before.size > 0) {
    for (const one of base.cases) {
      if (before.delete(keyOf(identity(basePlaces[one.suite] ?? 0, one, ofBase(one.file))))) note('removed', () => caseName(one, base))
    }
  }
  // Suites that failed as a whole have no case to be known by.
  const [now, then] = [inHead.unlisted().failed, inBase.unlisted().failed]
  facts['failing.still'].count += Math.min(now, then)
  facts['failing.new'].count += Math.max(0, now - then)
  return { inBase: counted, facts, emptiedByTime }
}

const foldersOf = ({ suites }: TestReport): string => [...new Set(suites.map(({ folder = '' }) => folder))].toSorted().join('\0')

const numbered = (id: string, number: number): string => (number === 0 ? id : `${id}\0${number}`)

/** Rust and Zig have their tests beside the code. */
const holdsTests = matcher([...DEFAULT_TESTS, '**/*.{rs,zig}'])

const FAILED = 1
const SKIPPED = 2
const COUNTS_ASSERTIONS = 4
const ASSERTED = 8
const TOOK_TIME = 16

const traitsOf = ({ status, assertions, seconds }: TestCase): number =>
  (isBad(status) ? FAILED : 0) |
  (status === 'skipped' ? SKIPPED : 0) |
  (assertions === undefined ? 0 : COUNTS_ASSERTIONS) |
  (assertions !== undefined && assertions > 0 ? ASSERTED : 0) |
  (seconds !== undefined && seconds >= SOME_SECONDS ? TOOK_TIME : 0)

function filesOf(report: TestReport): ReadonlySet<string> {
  const files = new Set<string>()
  for (const { file } of report.cases) if (file !== '') files.add(file.replaceAll('\\', '/'))
  return files
}

const MAX_FILES = 5_000

/**
 * Both sides ran in checkouts of their own, and some runners write absolute paths. The folders
 * taken off are the pair that brings most files together.
 */
function commonFiles(base: ReadonlySet<string>, head: ReadonlySet<string>) {
  const byName = new Map<string, string>()
  for (const file of head) if (byName.size < MAX_FILES) byName.set(nameOf(file), file)
  const votes = new Map<string, { readonly base: string; readonly head: string; count: number }>()
  let best = { base: '', head: '', count: 0 }
  let tried = 0
  for (const ours of base) {
    const theirs = byName.get(nameOf(ours))
    tried += 1
    if (theirs === undefined || tried > MAX_FILES) continue
    let same = 0
    while (same < Math.min(ours.length, theirs.length) && ours.at(-1 - same) === theirs.at(-1 - same)) same += 1
    const ending = ours.slice(ours.length - same)
    // A whole ending begins after a slash, unless one side is the ending itself.
    const isWhole = same === ours.length || same === theirs.length
    const shared = isWhole ? same : same - Math.max(0, ending.indexOf('/') + 1)
    const pair = { base: ours.slice(0, ours.length - shared), head: theirs.slice(0, theirs.length - shared), count: 0 }
    const key = `${pair.base}\0${pair.head}`
    const vote = votes.get(key) ?? pair
    vote.count += 1
    votes.set(key, vote)
    if (vote.count > best.count) best = vote
  }
  const without = (prefix: string) => (file: string) => {
    const plain = file.replaceAll('\\', '/')
    return plain.startsWith(prefix) ? plain.slice(prefix.length) : plain
  }
  return { ofBase: without(best.base), ofHead: without(best.head) }
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
