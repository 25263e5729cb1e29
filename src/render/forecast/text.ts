import type { Chance, CheckpointForecast, OptionForecast } from '#core/forecast/report.ts'
import { formatInstant } from '#core/schedule/time.ts'
import type { ForecastRenderer } from '#render/forecast/renderer.ts'
import {
  chanceTone,
  chanceWords,
  checkpointWords,
  dateWords,
  decidingWords,
  deliverableRows,
  effectLines,
  headWords,
  optionTitle,
  reliabilityRows,
  scoreWords,
  stopLines,
  togetherWords,
  viewOf,
  withoutNumber,
  type View,
} from '#render/forecast/told.ts'
import { columnsOf } from '#render/text/page.ts'
import { painter, type Ink, type Paint } from '#render/text/paint.ts'
import { table, type Cell, type Column } from '#render/text/table.ts'
import { hang } from '#render/text/wrap.ts'
import { count, formatShare } from '#render/words.ts'

interface Sheet {
  readonly view: View
  readonly width: number
  readonly paint: Paint
}

/** What people read on a terminal: each checkpoint with what it hangs on, then what options would change, then how good this was. */
export const renderForecastText: ForecastRenderer = (report, options = {}) => {
  const sheet: Sheet = { view: viewOf(report, options.checkpoint), width: columnsOf(options), paint: painter(options.color ?? false) }
  const blocks = [
    head(sheet),
    ...sheet.view.checkpoints.map((one) => checkpoint(sheet, one)),
    titled(sheet, 'Deliverables', deliverables(sheet)),
    titled(sheet, optionsTitle(sheet), optionLines(sheet)),
    titled(sheet, 'Past checkpoints', past(sheet)),
    titled(
      sheet,
      'Assumed',
      report.assumptions.flatMap((one) => hang('  · ', one, sheet.width)),
    ),
  ]
  const output = blocks.filter((block) => block.length > 0).flatMap((block, index) => (index === 0 ? block : ['', ...block]))
  return `${output.map((line) => line.trimEnd()).join('\n')}\n`
}

const titled = ({ paint, width }: Sheet, title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [...hang('', title, width).map((line) => paint('heading', line)), ...lines]

function head(sheet: Sheet): readonly string[] {
  const { view, width, paint } = sheet
  return [
    ...hang('', `Forecast of ${view.report.program.name}`, width).map((line) => paint('bold', line)),
    ...hang('  ', headWords(view), width).map((line) => paint('dim', line)),
    ...(view.checkpoints.length === 0 ? hang('  – ', 'no checkpoint lies ahead', width) : []),
    ...stopLines(view).flatMap((line) => hang('  ■ ', line, width).map((each) => paint('bad', each))),
  ]
}

const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`)

const MOST_TITLES = 4

function checkpoint(sheet: Sheet, one: CheckpointForecast): readonly string[] {
  const { view, width, paint } = sheet
  const deciding = decidingWords(one, view)
  const open = (stream: string | undefined): readonly (readonly Cell[])[] =>
    one.criteria
      .filter((each) => each.stream === stream && each.chance.kind === 'number')
      .map(({ title, chance }) => row(`  ${title}`, chance))
  const rows = [
    ...one.streams.flatMap(({ stream, chance, lead }) => [
      row(view.name(stream), chance, lead && formatShare(lead.value)),
      ...open(stream),
    ]),
    ...open(undefined),
  ]
  const reached = one.criteria.filter(({ chance }) => chance.kind === 'reached').length
  const columns: readonly Column[] = [
    { header: 'Stream, criterion', fit: 'cut', least: 20 },
    { header: 'In time', align: 'right' },
    { header: 'P50' },
    { header: 'P85' },
    ...(one.streams.some(({ lead }) => lead) ? [{ header: 'Lead says', align: 'right' } as const] : []),
  ]
  return [
    ...hang('', `${one.name} · ${formatInstant(one.at, view.report.program.zone)}`, width).map((line) => paint('heading', line)),
    ...hang('  ', checkpointWords(one, view.report.horizon), width).map((line) => paint(chanceTone(one.chance), line)),
    ...(deciding === undefined ? [] : hang('  ', deciding, width)),
    ...(rows.length === 0 ? [] : indented(table(columns, rows, width - 2, paint))),
    ...(reached === 0 ? [] : hang('  ✓ ', `${count(reached, 'criterion', 'criteria')} of amounts reached already`, width)),
    ...withoutNumber(one, view).flatMap(({ reason, titles }) =>
      hang(
        '  – ',
        `${reason}: ${titles.slice(0, MOST_TITLES).join(', ')}${titles.length > MOST_TITLES ? ` and ${titles.length - MOST_TITLES} more` : ''}`,
        width,
      ).map((line) => paint('muted', line)),
    ),
  ]
}

const row = (title: string, chance: Chance, lead = ''): readonly Cell[] => [
  { text: title },
  { text: chanceWords(chance), ink: chanceTone(chance) },
  { text: dateWords(chance, 'p50') },
  { text: dateWords(chance, 'p85') },
  { text: lead },
]

function deliverables({ view, width, paint }: Sheet): readonly string[] {
  const rows = deliverableRows(view).map((one) =>
    [one.stream, one.title, one.now, one.full, one.pace, one.p50, one.p85].map((text): Cell => ({ text })),
  )
  const columns: readonly Column[] = [
    { header: 'Stream', fit: 'cut', least: 8 },
    { header: 'Deliverable', fit: 'cut', least: 12 },
    { header: 'Now', align: 'right' },
    { header: 'Whole', align: 'right' },
    { header: 'A day', align: 'right' },
    { header: 'P50' },
    { header: 'P85' },
  ]
  return rows.length === 0 ? [] : indented(table(columns, rows, width - 2, paint))
}

function optionsTitle({ view }: Sheet): string {
  const { options, checkpoints } = view.report
  return `What an option would change for ${checkpoints.find(({ id }) => id === options.checkpoint)?.name ?? 'a checkpoint'}`
}

function optionLines({ view, width, paint }: Sheet): readonly string[] {
  const { options } = view.report
  if (options.reason !== undefined) return hang('  – ', options.reason, width).map((line) => paint('muted', line))
  return options.list.flatMap((one) => [
    ...hang('  ', `${view.name(one.stream)}: ${optionTitle(one)}`, width),
    ...effectLines(one, view).flatMap((words, index) => hang('      ', words, width).map((line) => paint(effectInk(one, index), line))),
    ...hang('      ', one.assumption, width).map((line) => paint('dim', line)),
  ])
}

/** The line of the checkpoint that was asked for has its colour; those of later ones have none. */
function effectInk({ effects }: OptionForecast, line: number): Ink | undefined {
  if (line > 0) return undefined
  return effects[0] ? chanceTone(effects[0].stream.after) : 'unknown'
}

function past(sheet: Sheet): readonly string[] {
  const { view, width, paint } = sheet
  const { forecast, leads, undecided } = view.report.past
  const both = togetherWords(view)
  const rows = reliabilityRows(view).map(({ said, forecast: ours, leads: theirs }) => [{ text: said }, { text: ours }, { text: theirs }])
  const columns: readonly Column[] = [
    { header: 'Said' },
    { header: 'Forecast came true', align: 'right' },
    { header: 'Lead came true', align: 'right' },
  ]
  return [
    ...hang('  ', `Forecast: ${scoreWords(forecast)}`, width),
    ...hang('  ', `Leads: ${scoreWords(leads)}`, width),
    ...(both === undefined ? [] : hang('  ', both, width)),
    ...(rows.length === 0 ? [] : indented(table(columns, rows, width - 2, paint))),
    ...(undecided === 0 ? [] : hang('  – ', `${count(undecided, 'outcome')} that nothing measured decides`, width)),
  ]
}
