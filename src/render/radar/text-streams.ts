import type { RadarStream } from '#core/merge/radar.ts'
import { matrixOf, MOST_COLUMNS, type Matrix } from '#render/radar/matrix.ts'
import { titled, type Sheet } from '#render/radar/sheet.ts'
import { list, STATE_SIGNS, stateWords } from '#render/radar/words.ts'
import { naturalWidth, table, type Cell, type Column } from '#render/text/table.ts'
import { hang, widthOf } from '#render/text/wrap.ts'
import { count } from '#render/words.ts'

/** What the columns beside the matrix need at least. */
const LEAST_BESIDE = 36

/** So many are all shown, whether they fit beside a matrix or not. */
const FEW = 12

interface Field extends Column {
  readonly cell: (stream: RadarStream, index: number) => Cell
}

/**
 * Every stream with its state against the target, and the matrix of those that collide beside
 * them. Above forty streams the quiet ones are only counted; where the matrix does not fit, the
 * streams each collides with are named.
 */
export function streamBlock(sheet: Sheet): readonly string[] {
  const { view, width, paint } = sheet
  const { streams } = view.radar
  if (streams.length === 0) return []
  const isQuiet = ({ id, state }: RadarStream): boolean => !view.partners.has(id) && (state === 'clean' || state === 'landed')
  const loud = streams.filter((stream) => !isQuiet(stream))
  const all = streams.length > MOST_COLUMNS ? loud : streams
  const matrix = matrixOf(view, all, width - 2 - LEAST_BESIDE, paint)
  const rows = matrix || streams.length <= FEW ? all : loud
  const body = rows.length === 0 ? [] : matrix ? withMatrix(sheet, rows, matrix) : withPartners(sheet, rows)
  return titled(sheet, 'Streams', [
    ...body.map((line) => `  ${line}`),
    ...quietWords(streams.filter((stream) => !rows.includes(stream))).flatMap((text) => hang('  ', text, width)),
    ...(matrix ? hang('  ', `row × column: ${matrix.legend}`, width).map((line) => paint('dim', line)) : []),
  ])
}

function quietWords(quiet: readonly RadarStream[]): readonly string[] {
  const clean = quiet.filter(({ state }) => state === 'clean').length
  const landed = quiet.length - clean
  return [
    ...(clean === 0 ? [] : [`✓ ${count(clean, 'more stream')} without a conflict`]),
    ...(landed === 0 ? [] : [`● ${count(landed, 'more stream')} landed`]),
  ]
}

function fieldsOf({ view }: Sheet, numbered: boolean): readonly Field[] {
  const hasLeads = view.radar.streams.some(({ lead }) => lead !== undefined)
  return [
    ...(numbered ? [{ header: '', align: 'right', cell: (_, index) => ({ text: String(index + 1), ink: 'dim' }) } satisfies Field] : []),
    {
      header: '',
      cell: ({ state }) => ({ text: STATE_SIGNS[state].shape, ink: STATE_SIGNS[state].tone }),
    },
    { header: 'Stream', fit: 'cut', least: 10, cell: ({ name }) => ({ text: name, ink: 'bold' }) },
    ...(hasLeads ? [{ header: 'Lead', fit: 'cut', least: 6, cell: ({ lead }) => ({ text: lead ?? '–' }) } satisfies Field] : []),
    {
      header: `On ${view.radar.target.branch}`,
      fit: 'cut',
      least: 8,
      cell: (stream) => ({
        text: stateWords(stream, view.name),
        ...(stream.state === 'clean' ? {} : { ink: STATE_SIGNS[stream.state].tone }),
      }),
    },
    { header: 'Commits', align: 'right', cell: ({ state, ahead }) => ({ text: ahead === 0 || state === 'landed' ? '–' : String(ahead) }) },
    {
      header: 'Files',
      align: 'right',
      cell: ({ changes }) => ({ text: changes.length === 0 ? '–' : String(changes.length) }),
    },
  ]
}

/** In the order in which they are left out where the line is too narrow. */
const SPARE = ['Files', 'Commits', 'Lead']

function fitting(fields: readonly Field[], rows: readonly RadarStream[], width: number): readonly Field[] {
  let kept = fields
  for (const header of SPARE) {
    if (naturalWidth(kept, cellsOf(kept, rows)) <= width) break
    kept = kept.filter((field) => field.header !== header)
  }
  return kept
}

const cellsOf = (fields: readonly Field[], rows: readonly RadarStream[]): readonly (readonly Cell[])[] =>
  rows.map((stream, index) => fields.map(({ cell }) => cell(stream, index)))

function withMatrix(sheet: Sheet, rows: readonly RadarStream[], matrix: Matrix): readonly string[] {
  const { paint } = sheet
  const room = sheet.width - 2 - matrix.width - 2
  const fields = fitting(fieldsOf(sheet, true), rows, room)
  const left = table(fields, cellsOf(fields, rows), room, paint)
  const [units = '', ...above] = matrix.header.toReversed()
  const columns = widthOf(left[0] ?? '')
  return [
    ...above.toReversed().map((line) => ' '.repeat(columns + 2) + paint('dim', line)),
    ...left.map((line, index) => `${line}  ${index === 0 ? paint('dim', units) : (matrix.lines[index - 1] ?? '')}`),
  ]
}

const MOST_ROWS = 40

/** Those that collide with most streams first, after those that do not stand clean on the target. */
function withPartners(sheet: Sheet, rows: readonly RadarStream[]): readonly string[] {
  const { view, width, paint } = sheet
  const partners = new Map(
    rows.map(({ id }) => [
      id,
      (view.partners.get(id) ?? []).flatMap(({ a, b, verdict }) => (verdict === 'conflicted' ? [view.name(a === id ? b : a)] : [])),
    ]),
  )
  const of = ({ id }: RadarStream): readonly string[] => partners.get(id) ?? []
  const columns: readonly Field[] = [
    { header: 'Pairs', align: 'right', cell: (stream) => ({ text: of(stream).length === 0 ? '–' : String(of(stream).length) }) },
    { header: 'Collides with', fit: 'cut', least: 16, cell: (stream) => ({ text: list(of(stream), 12), ink: 'bad' }) },
  ]
  const sorted = rows.toSorted((a, b) => Number(a.state === 'clean') - Number(b.state === 'clean') || of(b).length - of(a).length)
  const shown = sorted.slice(0, MOST_ROWS)
  const fields = fitting([...fieldsOf(sheet, false), ...(view.radar.pairs.length > 0 ? columns : [])], shown, width - 2)
  const more = rows.length - shown.length
  return [
    ...table(fields, cellsOf(fields, shown), width - 2, paint),
    ...(more > 0 ? [`✗ ${count(more, 'more stream')} in fewer pairs`] : []),
  ]
}
