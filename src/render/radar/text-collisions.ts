import type { ConflictFile, ConflictHunk, Lines } from '#core/merge/probe.ts'
import { terminal } from '#render/encode.ts'
import { codeLine, titled, type Sheet } from '#render/radar/sheet.ts'
import { collisionsOf, type Collision } from '#render/radar/view.ts'
import { kindWords, list, placeWords, sideLines, sideWords, sinceWords } from '#render/radar/words.ts'
import { hang, pad, truncate, widthOf } from '#render/text/wrap.ts'
import { count } from '#render/words.ts'

/** So many are told with the lines of both sides; more are told by file. */
const MOST_IN_FULL = 8
const MOST_FILES = 5
const MOST_HUNKS = 3
const MOST_LINES = 3
const MOST_SINCE = 4
const MOST_GROUPS = 20

export function collisionBlock(sheet: Sheet): readonly string[] {
  const all = collisionsOf(sheet.view)
  const pairs = sheet.view.conflicts.length
  const target = all.length - pairs
  const parts = [
    ...(target === 0 ? [] : [`${target} with ${sheet.view.radar.target.branch}`]),
    ...(pairs === 0 ? [] : [count(pairs, 'pair')]),
  ]
  const told = all.length > MOST_IN_FULL ? byFiles(sheet, all) : all.flatMap((one) => inFull(sheet, one))
  return titled(sheet, `Conflicts: ${terminal(parts.join(', '))}`, told)
}

function inFull({ view, width, paint }: Sheet, collision: Collision): readonly string[] {
  const { a, b, files, owners, remarks } = collision
  const target = view.radar.target.branch
  const head = [
    `${sideWords(a)} × ${sideWords(b)}`,
    ...(files.length > 1 ? [count(files.length, 'file')] : []),
    ...remarks,
    ...(owners.length === 0 ? [] : [`owned by ${list(owners, 3)}`]),
  ].join(' · ')
  const since = sinceWords(collision, view.radar.at)
  return [
    ...hang('  ✗ ', head, width).map((line) => paint('bad', line)),
    ...files
      .slice(0, MOST_FILES)
      .flatMap((file) => [
        ...hang('      ', `${file.path} · ${kindWords(file)}`, width),
        ...hunkLines(file, [a.name, b.name], target, width).map((line) => paint('dim', line)),
      ]),
    ...more(files.length - MOST_FILES, 'file', '      '),
    ...since.slice(0, MOST_SINCE).flatMap((text) => hang('      since ', text, width)),
    ...more(since.length - MOST_SINCE, 'commit', '      '),
  ]
}

const more = (number: number, word: string, indent: string): readonly string[] =>
  number <= 0 ? [] : [`${indent}and ${count(number, `more ${word}`)}`]

const INDENT = '        '

/** The place in the target, and beneath it what each side has there. */
function hunkLines({ hunks = [] }: ConflictFile, names: readonly [string, string], target: string, width: number): readonly string[] {
  const most = Math.floor(width * 0.4)
  const told = hunks.slice(0, MOST_HUNKS).map((hunk) => ({
    place: placeWords(hunk, target),
    sides: sidesOf(hunk, names).map(({ name, lines }) => {
      const range = `, ${sideLines(lines)}`
      return { label: `${truncate(terminal(name), most - widthOf(range))}${range}`, lines }
    }),
  }))
  const label = Math.max(0, ...told.flatMap(({ sides }) => sides.map((side) => widthOf(side.label))))
  return [
    ...told.flatMap(({ place, sides }) => [
      ...hang(INDENT, place, width),
      ...sides.flatMap((side) => sideText(side.label, side.lines, label, width)),
    ]),
    ...more(hunks.length - MOST_HUNKS, 'place', INDENT),
  ]
}

const sidesOf = ({ a, b }: ConflictHunk, [first, second]: readonly [string, string]) => [
  { name: first, lines: a },
  { name: second, lines: b },
]

function sideText(name: string, lines: Lines, label: number, width: number): readonly string[] {
  const texts = (lines.text ?? []).slice(0, MOST_LINES)
  const isCut = texts.length > 0 && lines.count > texts.length
  const shown = isCut ? [...texts, '…'] : texts
  const lead = (index: number): string => `${INDENT}  ${pad(index === 0 ? name : '', label)} │ `
  if (shown.length === 0) return [`${INDENT}  ${name}`]
  return shown.map((text, index) => {
    const start = lead(index)
    return start + truncate(codeLine(text), width - widthOf(start))
  })
}

/** Pairs that collide in the same files stand together: those with the target first, then those of most pairs. */
function byFiles({ view, width, paint }: Sheet, all: readonly Collision[]): readonly string[] {
  const target = view.radar.target.branch
  const groups = [...Map.groupBy(all, ({ files }) => JSON.stringify(files.map(({ path, kind }) => [path, kind]))).values()].toSorted(
    (x, y) => Number(y.some(isWithTarget)) - Number(x.some(isWithTarget)) || y.length - x.length,
  )
  const rest = groups.slice(MOST_GROUPS)
  return [
    ...groups.slice(0, MOST_GROUPS).flatMap((group) => {
      const files = (group[0]?.files ?? []).map(({ path, kind }) => `${path} (${kind})`)
      return [
        ...hang('  ✗ ', list(files, 3), width).map((line) => paint('bad', line)),
        ...whoWords(group, target).flatMap((text) => hang('      ', text, width)),
      ]
    }),
    ...(rest.length === 0
      ? []
      : hang('  ', `and ${count(rest.flat().length, 'more conflict')} in other files; the formats markdown and json list them`, width)),
  ]
}

const MOST_NAMES = 12
/** More of them make no list that anybody reads. */
const MOST_NODES = 6

const isWithTarget = ({ isTarget }: Collision): boolean => isTarget

const names = (all: readonly string[]): string => list(all, MOST_NAMES)

/** `A, B, C, each with each`, or each with those it collides with. */
function whoWords(group: readonly Collision[], target: string): readonly string[] {
  const all = [...new Set(group.flatMap(({ a, b }) => [a.name, b.name]))]
  const owners = [...new Set(group.flatMap((one) => one.owners))]
  const owned = owners.length === 0 ? [] : [`owned by ${list(owners, 4)}`]
  if (all.length > 2 && group.length === (all.length * (all.length - 1)) / 2) return [`${names(all)}: each with each`, ...owned]
  const withTarget = group.filter(isWithTarget)
  const pairs = group.filter((one) => !withTarget.includes(one))
  const byFirst = [...Map.groupBy(pairs, ({ a }) => a.name)].map(([first, ones]) => ({ first, others: ones.map(({ b }) => b.name) }))
  return [
    ...(withTarget.length === 0 ? [] : [`${names(withTarget.map(({ a }) => a.name))} × ${target}`]),
    ...(byFirst.length > MOST_NODES
      ? [`${count(pairs.length, 'pair')} among ${all.length} streams: ${names(all)}`]
      : byFirst.map(({ first, others }) => `${first} × ${names(others)}`)),
    ...owned,
  ]
}
