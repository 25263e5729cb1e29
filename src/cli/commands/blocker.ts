import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { listBlockers, type Resolution } from '#cli/blocker-list.ts'
import { showBlocker } from '#cli/blocker-show.ts'
import { CONFIG_OPTION, formatOption } from '#cli/common-options.ts'
import type { Io } from '#cli/io.ts'
import { readState } from '#cli/ledger-state.ts'
import { chooseTime } from '#cli/options.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { recordAct, recordingCommand } from '#cli/record-act.ts'
import { soundly } from '#cli/soundly.ts'
import { openLedger } from '#cli/wire.ts'
import { BLOCKER_OUTCOMES, SEVERITIES } from '#core/ledger/events.ts'
import { BLOCKER_LABELS } from '#core/people/blocker.ts'
import type { Store } from '#store/store.ts'

type Exit = (code: number) => void

/** `muster blocker`: what stops a stream, until it is resolved. */
export function command(io: Io, exit: Exit): PlainCommand {
  return new Command('blocker')
    .description('Open, change, acknowledge, resolve, show or list blockers.')
    .addCommand(openCommand(io, exit))
    .addCommand(updateCommand(io, exit))
    .addCommand(ackCommand(io, exit))
    .addCommand(resolveCommand(io, exit))
    .addCommand(showCommand(io, exit))
    .addCommand(listCommand(io, exit)) as unknown as PlainCommand
}

const severityOption = () => new Option('--severity <severity>', 'how bad it is; a critical one blocks the stream').choices(SEVERITIES)

type Label = (typeof BLOCKER_LABELS)[number]

function collectLabel(value: string, before: readonly Label[] | undefined): readonly Label[] {
  const label = BLOCKER_LABELS.find((one) => one === value)
  if (!label) throw new InvalidArgumentError(`Allowed choices are ${BLOCKER_LABELS.join(', ')}.`)
  return [...new Set([...(before ?? []), label])]
}

const openCommand = (io: Io, exit: Exit) =>
  recordingCommand('open')
    .description('Open a blocker. Everybody of the program may.')
    .usage('--title <text> --severity <severity> --impact <text> [options]')
    .option('--stream <id>', 'stream that it stops (default: the one you lead)')
    .requiredOption('--title <text>', 'what it is')
    .addOption(severityOption().makeOptionMandatory())
    .requiredOption('--impact <text>', 'what it keeps from happening')
    .option('--workaround <text>', 'how work goes on meanwhile')
    .option('--label <label>', 'security or merge; repeatable', collectLabel)
    .option('--owner <person>', 'who resolves it (default: the stream’s lead)')
    .option('--deadline <time>', 'by when: 2h, 1 day, EOD, "Fri EOD" or "2026-02-25 16:00"', '2h')
    .option('--id <id>', 'its id (default: b-1, b-2, ...)')
    .action(async ({ stream, title, severity, impact, workaround, label, owner, deadline, id, ...options }) => {
      await recordAct(io, options, 'open-blocker', {
        stream,
        title,
        severity,
        impact,
        workaround,
        labels: label && [...label],
        owner,
        deadline,
        id,
      })
      exit(0)
    })

const updateCommand = (io: Io, exit: Exit) =>
  recordingCommand('update')
    .description('Change an open blocker. Its owner, the stream’s lead and support, and who may override, may.')
    .argument('<id>', 'id of the blocker')
    .addOption(severityOption())
    .option('--impact <text>', 'what it keeps from happening')
    .option('--workaround <text>', 'how work goes on meanwhile; an empty text takes it back')
    .option('--owner <person>', 'who resolves it')
    .option('--deadline <time>', 'by when, counted from now: 2h, 1 day, EOD, "Fri EOD" or "2026-02-25 16:00"')
    .action(async (blocker, { severity, impact, workaround, owner, deadline, ...options }) => {
      const taken = workaround?.trim() === '' ? '' : workaround
      await recordAct(io, options, 'update-blocker', { blocker, severity, impact, workaround: taken, owner, deadline })
      exit(0)
    })

const ackCommand = (io: Io, exit: Exit) =>
  recordingCommand('ack')
    .description('Acknowledge an open blocker: somebody is on it. An acknowledgement lapses by itself.')
    .argument('<id>', 'id of the blocker')
    .option('--for <duration>', 'until when: 30m, 2h; 7 days at most', '2h')
    .action(async (blocker, options) => {
      await recordAct(io, options, 'acknowledge-blocker', { blocker, for: options.for })
      exit(0)
    })

const resolveCommand = (io: Io, exit: Exit) =>
  recordingCommand('resolve')
    .description('Resolve a blocker in one of the four ways there are.')
    .usage('<id> --outcome <outcome> --note <text> [options]')
    .argument('<id>', 'id of the blocker')
    .addOption(new Option('--outcome <outcome>', 'how it ended').choices(BLOCKER_OUTCOMES).makeOptionMandatory())
    .requiredOption('--note <text>', 'what was done')
    .action(async (blocker, { outcome, note, ...options }) => {
      await recordAct(io, options, 'resolve-blocker', { blocker, outcome, note })
      exit(0)
    })

const showCommand = (io: Io, exit: Exit) =>
  new Command('show')
    .description('Say all that is on record of a blocker: who opened, changed, acknowledged and resolved it, who was told of it, and when.')
    .argument('<id>', 'id of the blocker')
    .option(...CONFIG_OPTION)
    .addOption(formatOption('form of the answer'))
    .action(async (id, options) => {
      const { program, folder } = await loadProgramFile(io, options.config)
      const ledger = await openLedger(io, folder, 'read')
      try {
        await soundly(ledger, program.id, () => showBlocker(io, { ledger, program, id, format: options.format }))
      } finally {
        await ledger.close()
      }
      exit(0)
    })

const listCommand = (io: Io, exit: Exit) =>
  new Command('list')
    .description('List the open blockers, the worst first.')
    .option(...CONFIG_OPTION)
    .option('--all', 'list the resolved ones too')
    .addOption(new Option('--at <time>', 'clock of the list').hideHelp())
    .addOption(formatOption('form of the list'))
    .action(async (options) => {
      const { program, folder } = await loadProgramFile(io, options.config)
      const at = chooseTime(io, program, options.at)
      const ledger = await openLedger(io, folder, 'read')
      try {
        const { state } = await readState(ledger, program.id)
        const resolutions = await readResolutions(ledger, program.id)
        listBlockers(io, { program, at, blockers: state.blockers, resolutions, all: options.all === true, format: options.format })
      } finally {
        await ledger?.close()
      }
      exit(0)
    })

/** How each resolved blocker ended. */
async function readResolutions(ledger: Store | undefined, program: string): Promise<ReadonlyMap<string, Resolution>> {
  const found = new Map<string, Resolution>()
  if (ledger)
    for await (const event of ledger.read(program, { types: ['blocker-resolved'] }))
      if (event.type === 'blocker-resolved') found.set(event.body.blocker, event.body)
  return found
}
