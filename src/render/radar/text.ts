import {
  changeLines,
  landingLines,
  planLines,
  testLines,
  trespassLines,
  unknownLines,
  effortWords,
  whatIfLines,
} from '#render/radar/told.ts'
import type { Labelled, Line } from '#render/radar/told.ts'
import { terminal } from '#render/encode.ts'
import { headline } from '#render/radar/headline.ts'
import type { RadarRenderer } from '#render/radar/renderer.ts'
import { codeLine, titled, type Sheet } from '#render/radar/sheet.ts'
import { collisionBlock } from '#render/radar/text-collisions.ts'
import { streamBlock } from '#render/radar/text-streams.ts'
import { viewOf } from '#render/radar/view.ts'
import { ago, instantWords, list } from '#render/radar/words.ts'
import { columnsOf } from '#render/text/page.ts'
import { painter } from '#render/text/paint.ts'
import { table } from '#render/text/table.ts'
import { hang, labelColumns, labelled, truncate } from '#render/text/wrap.ts'
import { short } from '#render/words.ts'

/** What people read on a terminal: who collides first, then what to merge when, then the rest. */
export const renderRadarText: RadarRenderer = (radar, options = {}) => {
  const sheet: Sheet = { view: viewOf(radar, options.zone, shortName), width: columnsOf(options), paint: painter(options.color ?? false) }
  const { view } = sheet
  const blocks = [
    head(sheet),
    streamBlock(sheet),
    titled(sheet, 'Cannot be judged', lines(sheet, unknownLines(view))),
    changes(sheet),
    collisionBlock(sheet),
    titled(sheet, `Plan for ${terminal(radar.target.branch)}`, [
      ...entries(sheet, planLines(view, radar.plan)),
      ...lines(sheet, landingLines(view)),
    ]),
    titled(sheet, 'Tests of merged waves', tests(sheet)),
    whatIf(sheet),
    titled(sheet, 'Trespasses', lines(sheet, trespassLines(view))),
    titled(sheet, 'Hot files', hot(sheet)),
  ]
  const output = blocks.filter((block) => block.length > 0).flatMap((block, index) => (index === 0 ? block : ['', ...block]))
  return `${output.map((line) => line.trimEnd()).join('\n')}\n`
}

/** A name in a sentence: enough to know it by, and not a line of its own. */
const shortName = (name: string): string => truncate(terminal(name), 40)

function head({ view, width, paint }: Sheet): readonly string[] {
  const { radar, zone } = view
  const [first, ...others] = headline(view)
  return [
    ...hang(`${first.shape} `, first.text, width).map((line) => paint(first.tone, paint('bold', line))),
    ...others.flatMap(({ shape, tone, text }) => hang(`${shape} `, text, width).map((line) => paint(tone, line))),
    ...hang(
      '  ',
      `${radar.target.branch} at ${short(radar.target.commit)} · ${instantWords(radar.at, zone)} · ${effortWords(view)}`,
      width,
    ).map((line) => paint('dim', line)),
  ]
}

/** More lines of one kind are counted. */
const MOST_OF_A_KIND = 30

function lines({ width, paint }: Sheet, all: readonly Line[]): readonly string[] {
  const more = all.length - MOST_OF_A_KIND
  return [
    ...all.slice(0, MOST_OF_A_KIND).flatMap(({ shape, tone, text }) => hang(`  ${shape} `, text, width).map((line) => paint(tone, line))),
    ...(more > 0 ? [paint('dim', `  and ${more} more; the format json lists them`)] : []),
  ]
}

const entries = ({ width }: Sheet, all: readonly Labelled[]): readonly string[] => {
  const label = labelColumns(
    all.map((one) => one.label),
    width,
  )
  return all.flatMap((one) => labelled('  ', one.label, label, one.text, width))
}

function changes(sheet: Sheet): readonly string[] {
  const { radar, zone } = sheet.view
  if (!radar.since) return []
  const told = changeLines(sheet.view, radar.since)
  const title = `Since ${instantWords(radar.since.at, zone)}, ${ago(radar.since.at, radar.at)}`
  return titled(sheet, terminal(title), told.length === 0 ? ['  – nothing changed'] : lines(sheet, told))
}

const tests = (sheet: Sheet): readonly string[] =>
  testLines(sheet.view).flatMap((test) => [
    ...lines(sheet, [test]),
    ...test.details.flatMap((text) => hang('      ', text, sheet.width)),
    ...test.output.map((line) => sheet.paint('dim', `      │ ${truncate(codeLine(line), sheet.width - 8)}`)),
  ])

function whatIf(sheet: Sheet): readonly string[] {
  const { whatIf: asked } = sheet.view.radar
  return asked ? titled(sheet, `What if: ${terminal(asked.question)}`, entries(sheet, whatIfLines(sheet.view))) : []
}

const MOST_HOT = 10

function hot({ view, width, paint }: Sheet): readonly string[] {
  const { hot: files } = view.radar
  if (files.length === 0) return []
  const hasOwners = width >= 80 && files.some(({ owners }) => owners.length > 0)
  const rows = files
    .slice(0, MOST_HOT)
    .map((file) => [
      { text: file.path },
      { text: String(file.streams.length) },
      { text: file.conflicts === 0 ? '–' : String(file.conflicts), ink: file.conflicts === 0 ? 'muted' : 'bad' } as const,
      ...(hasOwners ? [{ text: list(file.owners, 2) }] : []),
      { text: list(file.streams.map(view.name), 5) },
    ])
  const columns = [
    { header: 'File', fit: 'cut', least: 20 },
    { header: 'Streams', align: 'right' },
    { header: 'Conflicts', align: 'right' },
    ...(hasOwners ? [{ header: 'Owners', fit: 'cut', least: 8 } as const] : []),
    { header: 'Changed by', fit: 'cut', least: 14 },
  ] as const
  const more = files.length - MOST_HOT
  return [...table(columns, rows, width - 2, paint).map((line) => `  ${line}`), ...(more > 0 ? [paint('dim', `  and ${more} more`)] : [])]
}
