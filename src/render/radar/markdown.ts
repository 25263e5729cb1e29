import { safe, type Safe } from '#render/template.ts'
import { terminal } from '#render/encode.ts'
import { code, document, joined, md, table, titled, type Block } from '#render/markdown/write.ts'
import { headline } from '#render/radar/headline.ts'
import type { RadarRenderer } from '#render/radar/renderer.ts'
import {
  changeLines,
  effortWords,
  landingLines,
  planLines,
  testLines,
  trespassLines,
  unknownLines,
  whatIfLines,
  type Labelled,
  type Line,
} from '#render/radar/told.ts'
import { collisionsOf, viewOf, type Collision, type View } from '#render/radar/view.ts'
import {
  ago,
  instantWords,
  kindWords,
  list,
  placeWords,
  sideLines,
  sideWords,
  sinceWords,
  STATE_SIGNS,
  stateWords,
} from '#render/radar/words.ts'
import { count, short } from '#render/words.ts'

/** For a pull-request comment or a page: what matters first, long lists folded. */
export const renderRadarMarkdown: RadarRenderer = (radar, options = {}) => {
  const view = viewOf(radar, options.zone)
  const { target, at, since, whatIf } = radar
  const [first, ...others] = headline(view)
  const collisions = collisionsOf(view)
  const changes = since ? changeLines(view, since) : []
  return document([
    [md`## Merge radar`],
    [md`**${first.shape} ${first.text}**`],
    lines(others),
    [md`${code(target.branch)} at ${code(short(target.commit))}, ${instantWords(at, view.zone)}. ${effortWords(view)}.`],
    ...(since
      ? titled(
          `Since ${instantWords(since.at, view.zone)}, ${ago(since.at, at)}`,
          3,
          ...(changes.length === 0 ? [[md`Nothing changed.`]] : folded(changes, 'change', lines)),
        )
      : []),
    ...titled('Conflicts', 3, ...foldedTable(CONFLICT_HEADERS, collisions.map((one) => conflictRow(view, one)), 'conflict'), ...places(view, collisions)),
    ...titled('Cannot be judged', 3, lines(unknownLines(view))),
    ...titled('Plan', 3, entries(planLines(view, radar.plan)), lines(landingLines(view))),
    ...titled('Tests of merged waves', 3, ...tests(view)),
    ...(whatIf ? titled(`What if: ${whatIf.question}`, 3, entries(whatIfLines(view))) : []),
    ...titled('Trespasses', 3, ...folded(trespassLines(view), 'line', lines)),
    ...titled('Streams', 3, ...foldedTable(['Stream', 'Branch', 'Lead', 'State', 'Commits', 'Files'], streamRows(view), 'stream')),
    ...titled('Hot files', 3, ...foldedTable(['File', 'Streams', 'Conflicts', 'Owners'], hotRows(view), 'file')),
  ]) // prettier-ignore
}

const bullet = ({ shape, text }: Line): Safe => md`- ${shape} ${text}`

const lines = (all: readonly Line[]): Block => all.map(bullet)

const entries = (all: readonly Labelled[]): Block =>
  all.map(({ label, text }) => (label === '' ? md`  - ${text}` : md`- **${label}**: ${text}`))

const MOST_ROWS = 12

/** Of what is folded; a comment has room for no more. */
const MOST_FOLDED = 100

/** A reader that cannot fold shows them. */
const details = (words: string, blocks: readonly Block[]): readonly Block[] => [
  [safe(`<details><summary>${words}</summary>`)],
  ...blocks,
  [safe('</details>')],
]

/** The first dozen, and beneath it what is more. */
function folded<T>(all: readonly T[], word: string, block: (some: readonly T[]) => Block): readonly Block[] {
  const rest = all.slice(MOST_ROWS)
  const left = rest.length - MOST_FOLDED
  if (rest.length === 0) return [block(all)]
  const more = left > 0 ? [[md`And ${left} more; the format json lists them all.`]] : []
  return [block(all.slice(0, MOST_ROWS)), ...details(count(rest.length, `more ${word}`), [block(rest.slice(0, MOST_FOLDED)), ...more])]
}

const foldedTable = (headers: readonly string[], rows: readonly (readonly Safe[])[], word: string): readonly Block[] =>
  folded(rows, word, (some) => table(headers, some))

const CONFLICT_HEADERS = ['Streams', 'Files', 'Owners', 'Since']

const MOST_FILES = 6

const broken = (parts: readonly Safe[], most: number): Safe =>
  joined([...parts.slice(0, most), ...(parts.length > most ? [md`and ${parts.length - most} more`] : [])], '<br>')

function conflictRow({ radar }: View, collision: Collision): readonly Safe[] {
  const { a, b, files, owners, remarks } = collision
  return [
    broken([md`✗ **${sideWords(a)}** × **${sideWords(b)}**`, ...remarks.map((text) => md`${text}`)], 4),
    broken(
      files.map((file) => md`${code(file.path)} (${kindWords(file)})`),
      MOST_FILES,
    ),
    md`${owners.length === 0 ? '–' : list(owners, 4)}`,
    broken(
      sinceWords(collision, radar.at).map((text) => md`${text}`),
      3,
    ),
  ]
}

const MOST_PLACES = 20

/** The lines of both sides, where they are known. */
function places(view: View, collisions: readonly Collision[]): readonly Block[] {
  const all = collisions.flatMap((one) => one.files.flatMap((file) => (file.hunks ?? []).map((hunk) => ({ one, file, hunk }))))
  if (all.length === 0) return []
  const shown = all
    .slice(0, MOST_PLACES)
    .flatMap(({ one: { a, b }, file, hunk }) => [
      [md`${a.name} × ${b.name}, ${code(file.path)}, ${placeWords(hunk, view.radar.target.branch)}:`],
      fenced([
        `<<<<<<< ${a.name}, ${sideLines(hunk.a)}`,
        ...excerpt(hunk.a),
        '=======',
        ...excerpt(hunk.b),
        `>>>>>>> ${b.name}, ${sideLines(hunk.b)}`,
      ]),
    ])
  const more = all.length - MOST_PLACES
  return details(`The lines of both sides, ${count(all.length, 'place')}`, [...shown, ...(more > 0 ? [[md`And ${more} more.`]] : [])])
}

const excerpt = ({ count: all, text = [] }: { readonly count: number; readonly text?: readonly string[] }): readonly string[] =>
  text.length > 0 && text.length < all ? [...text, '…'] : text

/** A fence longer than any in the text, so that nothing in it ends the block. */
function fenced(text: readonly string[]): Block {
  const shown = text.map((line) => terminal(line.replaceAll('\t', '  ')))
  const longest = Math.max(2, ...shown.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)))
  const fence = safe('`'.repeat(longest + 1))
  return [safe(`${fence.safe}text`), ...shown.map(safe), fence]
}

const tests = (view: View): readonly Block[] =>
  testLines(view).flatMap((test): readonly Block[] => [
    [bullet(test), ...test.details.map((text) => md`  - ${text}`)],
    ...(test.output.length === 0 ? [] : [fenced(test.output)]),
  ])

const streamRows = (view: View): readonly (readonly Safe[])[] =>
  view.radar.streams.map((stream) => [
    md`${stream.name}`,
    md`${code(stream.branch)}`,
    md`${stream.lead ?? '–'}`,
    md`${STATE_SIGNS[stream.state].shape} ${stateWords(stream, view.name)}`,
    md`${stream.ahead === 0 ? '–' : stream.ahead}`,
    md`${stream.changes.length === 0 ? '–' : stream.changes.length}`,
  ])

const hotRows = (view: View): readonly (readonly Safe[])[] =>
  view.radar.hot.map(({ path, streams, owners, conflicts }) => [
    md`${code(path)}`,
    md`${streams.length}: ${list(streams.map(view.name), 6)}`,
    md`${conflicts === 0 ? '–' : conflicts}`,
    md`${owners.length === 0 ? '–' : list(owners, 4)}`,
  ])
