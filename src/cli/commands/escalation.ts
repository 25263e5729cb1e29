import { Command, Option } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { CONFIG_OPTION, formatOption } from '#cli/common-options.ts'
import { readEscalations } from '#cli/given.ts'
import { wantsColor, type Io } from '#cli/io.ts'
import { chooseTime } from '#cli/options.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { recordAct, recordingCommand } from '#cli/record-act.ts'
import { soundly } from '#cli/soundly.ts'
import { openLedger } from '#cli/wire.ts'
import { formatAway } from '#core/program/quantity.ts'
import type { Escalation } from '#core/schedule/history.ts'
import { epoch, isoWithOffset } from '#core/schedule/time.ts'
import { json } from '#render/encode.ts'
import { painter } from '#render/text/paint.ts'
import { table, type Cell, type Column } from '#render/text/table.ts'

type Exit = (code: number) => void

/** `muster escalation`: what was brought to somebody, until it is met. */
export function command(io: Io, exit: Exit): PlainCommand {
  return new Command('escalation')
    .description('List escalations, or acknowledge one.')
    .addCommand(listCommand(io, exit))
    .addCommand(ackCommand(io, exit)) as unknown as PlainCommand
}

const ackCommand = (io: Io, exit: Exit) =>
  recordingCommand('ack')
    .description('Acknowledge an escalation: somebody is on it, and no step is taken meanwhile. An acknowledgement lapses by itself.')
    .argument('<id>', 'id of the escalation')
    .option('--for <time>', 'until when: 30m, 2h; 7 days at most', '2h')
    .action(async (escalation, options) => {
      await recordAct(io, options, 'acknowledge-escalation', { escalation, for: options.for })
      exit(0)
    })

const listCommand = (io: Io, exit: Exit) =>
  new Command('list')
    .description('List the escalations that are not over, the oldest first.')
    .option(...CONFIG_OPTION)
    .option('--all', 'list those that are over too')
    .addOption(new Option('--at <time>', 'clock of the list').hideHelp())
    .addOption(formatOption('form of the list'))
    .action(async (options) => {
      const { program, folder } = await loadProgramFile(io, options.config)
      const at = chooseTime(io, program, options.at)
      const ledger = await openLedger(io, folder, 'read')
      try {
        const all = await soundly(ledger, program.id, () => readEscalations(ledger, program.id))
        const shown = all.filter((one) => options.all === true || one.clearedAt === undefined)
        const time = (instant: string): string => isoWithOffset(instant, program.calendar.zone)
        io.stdout.write(
          options.format === 'json'
            ? json({ schemaVersion: 1, program: program.id, at: time(at), escalations: shown.map((one) => asJson(one, at, time)) })
            : asText(io, shown, all.length - shown.length, at),
        )
      } finally {
        await ledger.close()
      }
      exit(0)
    })

const stateOf = ({ clearedAt, acknowledgedUntil }: Escalation, at: string): 'open' | 'acknowledged' | 'over' =>
  clearedAt !== undefined ? 'over' : acknowledgedUntil !== undefined && epoch(acknowledgedUntil) > epoch(at) ? 'acknowledged' : 'open'

function asJson(one: Escalation, at: string, time: (instant: string) => string) {
  const { escalation, raisedAt, acknowledgedUntil, clearedAt, ...rest } = one
  return {
    id: escalation,
    state: stateOf(one, at),
    ...rest,
    raisedAt: time(raisedAt),
    ...(acknowledgedUntil !== undefined && { acknowledgedUntil: time(acknowledgedUntil) }),
    ...(clearedAt !== undefined && { clearedAt: time(clearedAt) }),
  }
}

const COLUMNS: readonly Column[] = [
  { header: 'ESCALATION', fit: 'cut' },
  { header: 'SUBJECT', fit: 'cut' },
  { header: 'OWNER', fit: 'cut' },
  { header: 'ESCALATED TO', fit: 'cut' },
  { header: 'SINCE' },
  { header: 'STATE' },
  { header: 'WHY', fit: 'wrap', least: 20 },
]

function asText(io: Io, shown: readonly Escalation[], over: number, at: string): string {
  const hidden = over === 0 ? '' : `; ${over} over, --all lists ${over === 1 ? 'it' : 'them'}`
  if (shown.length === 0) return `nothing is escalated${hidden}\n`
  const seconds = (from: string, to: string): number => (epoch(to) - epoch(from)) / 1000
  const rows = shown.map((one): Cell[] => {
    const state = stateOf(one, at)
    const left = one.acknowledgedUntil === undefined ? 0 : seconds(at, one.acknowledgedUntil)
    return [
      { text: one.escalation },
      { text: one.subject.replace('stream:', '') },
      { text: one.owner },
      { text: one.escalateTo },
      { text: formatAway(Math.max(0, seconds(one.raisedAt, at))) },
      {
        text: state === 'acknowledged' ? `acknowledged, ${formatAway(left)} left` : state,
        ...(state === 'open' && { ink: 'bad' as const }),
      },
      { text: `${one.scenario}: ${one.because}` },
    ]
  })
  const lines = table(COLUMNS, rows, io.stdout.columns, painter(wantsColor(io, io.stdout)))
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n${shown.filter((one) => one.clearedAt === undefined).length} open${hidden}\n`
}
