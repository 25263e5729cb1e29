import type { Chance, CheckpointForecast } from '#core/forecast/report.ts'
import { formatInstant } from '#core/schedule/time.ts'
import type { ForecastRenderer } from '#render/forecast/renderer.ts'
import {
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
import { document, md, table, titled, type Block } from '#render/markdown/write.ts'
import type { Safe } from '#render/template.ts'
import { count, formatShare } from '#render/words.ts'

/** For a page or a comment: the same as the text, in tables. */
export const renderForecastMarkdown: ForecastRenderer = (report, options = {}) => {
  const view = viewOf(report, options.checkpoint)
  const { past, options: matrix } = report
  const both = togetherWords(view)
  return document([
    [md`## Forecast of ${report.program.name}`],
    [md`${headWords(view)}`],
    stopLines(view).map((line) => md`- ■ ${line}`),
    ...(view.checkpoints.length === 0 ? [[md`No checkpoint lies ahead.`]] : view.checkpoints.flatMap((one) => checkpoint(view, one))),
    ...titled(
      'Deliverables',
      3,
      table(
        ['Stream', 'Deliverable', 'Now', 'Whole', 'A day', 'P50', 'P85'],
        deliverableRows(view).map((one) =>
          [one.stream, one.title, one.now, one.full, one.pace, one.p50, one.p85].map((text) => md`${text}`),
        ),
      ),
    ),
    ...titled(
      'What an option would change',
      3,
      matrix.reason === undefined
        ? table(
            ['Stream', 'Option', 'Effect', 'Assumed'],
            matrix.list.map((one) =>
              [view.name(one.stream), optionTitle(one), effectLines(one, view).join(' · '), one.assumption].map((text) => md`${text}`),
            ),
          )
        : [md`${matrix.reason}`],
    ),
    ...titled(
      'Past checkpoints',
      3,
      [
        md`- Forecast: ${scoreWords(past.forecast)}`,
        md`- Leads: ${scoreWords(past.leads)}`,
        ...(both === undefined ? [] : [md`- ${both}`]),
        ...(past.undecided === 0 ? [] : [md`- ${count(past.undecided, 'outcome')} that nothing measured decides`]),
      ],
      table(
        ['Said', 'Forecast came true', 'Lead came true'],
        reliabilityRows(view).map(({ said, forecast, leads }) => [said, forecast, leads].map((text) => md`${text}`)),
      ),
    ),
    ...titled(
      'Assumed',
      3,
      report.assumptions.map((one) => md`- ${one}`),
    ),
  ])
}

function checkpoint(view: View, one: CheckpointForecast): readonly Block[] {
  const deciding = decidingWords(one, view)
  const line = (title: string, chance: Chance, lead = ''): readonly Safe[] =>
    [title, chanceWords(chance), dateWords(chance, 'p50'), dateWords(chance, 'p85'), lead].map((text) => md`${text}`)
  return [
    [md`### ${one.name}, ${formatInstant(one.at, view.report.program.zone)}`],
    [md`**${checkpointWords(one, view.report.horizon)}**`],
    deciding === undefined ? [] : [md`${deciding}.`],
    table(
      ['Stream, criterion', 'In time', 'P50', 'P85', 'Lead says'],
      [
        ...one.streams.flatMap(({ stream, chance, lead }) => [
          line(view.name(stream), chance, lead && formatShare(lead.value)),
          ...one.criteria
            .filter((each) => each.stream === stream && each.chance.kind !== 'none')
            .map((each) => line(`${each.title} (${view.name(stream)})`, each.chance)),
        ]),
        ...one.criteria
          .filter((each) => each.stream === undefined && each.chance.kind !== 'none')
          .map((each) => line(each.title, each.chance)),
      ],
    ),
    withoutNumber(one, view).map(({ reason, titles }) => md`- ${reason}: ${titles.join(', ')}`),
  ]
}
