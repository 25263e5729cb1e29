import { Command } from '@commander-js/extra-typings'
import { CONFIG_OPTION, formatOption } from '#cli/common-options.ts'
import { keptAsJson, nothingKept, readKept, type Kept } from '#cli/evidence/found.ts'
import type { Io } from '#cli/io.ts'
import type { Program } from '#core/program/model.ts'
import { timesIn } from '#core/schedule/time.ts'
import { json, terminal } from '#render/encode.ts'
import { formatActual, intervalWords, short } from '#render/words.ts'

/** `muster evidence show`: where did this number come from, and what was it before? */
export const showCommand = (io: Io, exit: (code: number) => void) =>
  new Command('show')
    .description(
      'Show where a number came from: source, commit, tree, time, machine, sha256 of the bytes, reason, record; and what it was before.',
    )
    .argument('<metric>', 'such as tests.ratio')
    .option(...CONFIG_OPTION)
    .option('--stream <id>', 'of this stream only; program for that of the target branch')
    .addOption(formatOption('form of what is printed'))
    .action(async (metric, { format, ...options }) => {
      const { program, kept } = await readKept(io, options, (name) => name === metric)
      if (kept.length === 0) throw nothingKept(` of ${metric}`)
      const subjects = [...Map.groupBy(kept, ({ evidence }) => evidence.subject)]
      if (format === 'json') {
        const shown = subjects.map(([subject, all]) => ({ subject, history: all.toReversed().map((one) => keptAsJson(one, program)) }))
        io.stdout.write(json({ schemaVersion: 1, program: program.id, metric, subjects: shown }))
      } else {
        io.stdout.write(subjects.map(([, all]) => asText(program, all)).join('\n'))
      }
      exit(0)
    })

const valueOf = ({ evidence: { status, value, unit, interval } }: Kept): string =>
  status === 'observed' ? `${formatActual(value, unit)}${intervalWords({ unit, ...(interval && { interval }) })}` : status

function asText(program: Program, all: readonly Kept[]): string {
  const latest = all.at(-1)
  if (!latest) return ''
  const { evidence: one, record, recordedAt } = latest
  const when = timesIn(program.calendar.zone)
  const lines: [string, string | undefined][] = [
    ['value', `${valueOf(latest)}, ${one.provenance}`],
    ['source', one.source],
    ['commit', one.commit],
    ['tree', one.tree],
    ['observed', `${when(one.observedAt)}${one.host === undefined ? '' : ` on ${one.host}`}`],
    ['sha256', one.sha256],
    ['reason', one.reason],
    ...(one.details ?? []).map((detail, index): [string, string] => [index === 0 ? 'details' : '', detail]),
    ['record', `${record}, ${when(recordedAt)}`],
  ]
  const head = `${terminal(one.metric)} of ${terminal(one.subject)}`
  const body = lines.flatMap(([name, text]) => (text === undefined ? [] : [`  ${name.padEnd(9)} ${terminal(text)}`]))
  const history = changesOf(all).map(
    (each) =>
      `  ${String(each.record).padStart(6)}  ${when(each.recordedAt)}  ${valueOf(each)}, ${each.evidence.provenance}${each.evidence.commit === undefined ? '' : ` at ${short(each.evidence.commit)}`}`,
  )
  return `${[head, ...body, ...(history.length > 1 ? ['', '  record  when, value', ...history] : [])].join('\n')}\n`
}

const MOST_HISTORY = 50

/** Newest first; of records in a row that say the same, the first. */
function changesOf(all: readonly Kept[]): readonly Kept[] {
  const sameAs = (one: Kept): string =>
    JSON.stringify([one.evidence.status, one.evidence.value, one.evidence.provenance, one.evidence.tree])
  return all
    .filter((one, index) => {
      const before = all[index - 1]
      return before === undefined || sameAs(before) !== sameAs(one)
    })
    .slice(-MOST_HISTORY)
    .toReversed()
}
