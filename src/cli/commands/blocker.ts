import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { chooseActor, chooseStream, findPerson } from '#cli/actor.ts'
import { listBlockers, type Resolution } from '#cli/blocker-list.ts'
import { CommandError, type Io } from '#cli/io.ts'
import { CONFIG_OPTION } from '#cli/config-option.ts'
import { chooseTime, unknown } from '#cli/options.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { chooseText, record, recordingCommand, type Given } from '#cli/recording.ts'
import { readState } from '#cli/ledger-state.ts'
import { openLedger } from '#cli/wire.ts'
import { BLOCKER_OUTCOMES, SEVERITIES, type BlockerChanged } from '#core/ledger/events.ts'
import { freeId } from '#core/ledger/free-id.ts'
import type { Blocker } from '#core/ledger/state.ts'
import { readDeadline } from '#core/schedule/deadline.ts'
import { formatInstant } from '#core/schedule/time.ts'
import type { Store } from '#store/store.ts'

type Exit = (code: number) => void

/** `muster blocker`: what stops a stream, until it is resolved. */
export function command(io: Io, exit: Exit): PlainCommand {
  return new Command('blocker')
    .description('Open, change, acknowledge, resolve or list blockers.')
    .addCommand(openCommand(io, exit))
    .addCommand(updateCommand(io, exit))
    .addCommand(ackCommand(io, exit))
    .addCommand(resolveCommand(io, exit))
    .addCommand(listCommand(io, exit)) as unknown as PlainCommand
}

const severityOption = () => new Option('--severity <severity>', 'how bad it is; a critical one blocks the stream').choices(SEVERITIES)

const LABELS = ['security', 'merge'] as const

function collectLabel(value: string, before: readonly string[] | undefined): readonly string[] {
  if (!LABELS.some((one) => one === value)) throw new InvalidArgumentError(`Allowed choices are ${LABELS.join(', ')}.`)
  return [...new Set([...(before ?? []), value])]
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
    .option('--deadline <time>', 'by when: 2h, 1 day, or "2026-02-25 16:00"', '2h')
    .option('--id <id>', 'its id (default: b-1, b-2, ...)')
    .action(async (options) => {
      await record(io, options, (given) => {
        const { program, state } = given
        const { person } = chooseActor(io, program, options.as, { act: 'open-blocker' })
        const stream = chooseStream(
          program,
          program.streams.map((one) => one.id),
          options.stream,
          person,
          'is blocked',
        )
        const lead = program.streams.find((one) => one.id === stream)?.lead ?? person
        const owner = options.owner === undefined ? lead : findPerson(program, options.owner).id
        const deadline = chooseDeadline('--deadline', options.deadline, given)
        const blocker = newId(options.id, state.blockers)
        return {
          type: 'blocker-opened',
          body: {
            blocker,
            stream,
            title: chooseText('--title', options.title),
            severity: options.severity,
            impact: chooseText('--impact', options.impact),
            ...(options.workaround !== undefined && { workaround: chooseText('--workaround', options.workaround) }),
            ...(options.label && { labels: options.label }),
            owner,
            deadline,
          },
          actor: person,
          said: `${person} opened ${options.severity} blocker ${blocker} of ${stream}: ${options.title}; ${owner} resolves it by ${formatInstant(deadline, program.calendar.zone)}`,
        }
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
    .option('--deadline <time>', 'by when, counted from now: 2h, 1 day, or "2026-02-25 16:00"')
    .action(async (id, options) => {
      const { severity, impact, workaround, owner, deadline } = options
      if ([severity, impact, workaround, owner, deadline].every((one) => one === undefined)) {
        throw new CommandError('nothing to change: give --severity, --impact, --workaround, --owner or --deadline')
      }
      await record(io, options, (given) => {
        const { known, person } = openBlocker(io, given, id, options.as)
        const wanted: Omit<BlockerChanged, 'blocker'> = {
          ...(severity !== undefined && { severity }),
          ...(impact !== undefined && { impact: chooseText('--impact', impact) }),
          ...(workaround !== undefined && { workaround: workaround.trim() === '' ? '' : chooseText('--workaround', workaround) }),
          ...(owner !== undefined && { owner: findPerson(given.program, owner).id }),
          ...(deadline !== undefined && { deadline: chooseDeadline('--deadline', deadline, given) }),
        }
        const changes = Object.entries(wanted).filter(([key, value]) => (known[key as keyof typeof wanted] ?? '') !== value)
        if (changes.length === 0) throw new CommandError(`blocker ${id} already is what you ask for; nothing was recorded`)
        return {
          type: 'blocker-changed',
          body: { blocker: id, ...(Object.fromEntries(changes) as typeof wanted) },
          actor: person,
          said: `${person} changed ${changes.map(([key]) => key).join(', ')} of blocker ${id} of ${known.stream}`,
        }
      })
      exit(0)
    })

const ackCommand = (io: Io, exit: Exit) =>
  recordingCommand('ack')
    .description('Acknowledge an open blocker: somebody is on it. An acknowledgement lapses by itself.')
    .argument('<id>', 'id of the blocker')
    .option('--for <duration>', 'until when: 30m, 2h', '2h')
    .action(async (id, options) => {
      await record(io, options, (given) => {
        const { known, person } = openBlocker(io, given, id, options.as)
        const until = chooseDeadline('--for', options.for, given)
        return {
          type: 'blocker-acknowledged',
          body: { blocker: id, until },
          actor: person,
          said: `${person} acknowledged blocker ${id} of ${known.stream} until ${formatInstant(until, given.program.calendar.zone)}`,
        }
      })
      exit(0)
    })

const resolveCommand = (io: Io, exit: Exit) =>
  recordingCommand('resolve')
    .description('Resolve a blocker in one of the four ways there are.')
    .usage('<id> --outcome <outcome> --note <text> [options]')
    .argument('<id>', 'id of the blocker')
    .addOption(new Option('--outcome <outcome>', 'how it ended').choices(BLOCKER_OUTCOMES).makeOptionMandatory())
    .requiredOption('--note <text>', 'what was done')
    .action(async (id, options) => {
      await record(io, options, (given) => {
        const { known, person } = openBlocker(io, given, id, options.as)
        return {
          type: 'blocker-resolved',
          body: { blocker: id, outcome: options.outcome, note: chooseText('--note', options.note) },
          actor: person,
          said: `${person} resolved blocker ${id} of ${known.stream} (${options.outcome})`,
        }
      })
      exit(0)
    })

const listCommand = (io: Io, exit: Exit) =>
  new Command('list')
    .description('List the open blockers, the worst first.')
    .option(...CONFIG_OPTION)
    .option('--all', 'list the resolved ones too')
    .addOption(new Option('--at <time>', 'clock of the list').hideHelp())
    .addOption(new Option('--format <format>', 'form of the list').choices(['text', 'json'] as const).default('text' as const))
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

/** The blocker, and the person who may change it. */
function openBlocker(
  io: Io,
  { program, state }: Given,
  id: string,
  as: string | undefined,
): { readonly known: Blocker; readonly person: string } {
  const known = state.blockers.find((one) => one.blocker === id)
  if (!known)
    throw new CommandError(
      unknown(
        'blocker',
        id,
        state.blockers.filter((one) => one.resolvedAt === undefined).map((one) => one.blocker),
      ),
    )
  if (known.resolvedAt !== undefined) {
    throw new CommandError(
      `blocker ${id} was resolved at ${formatInstant(known.resolvedAt, program.calendar.zone)}\n  open a new one if it is back`,
    )
  }
  const { person } = chooseActor(io, program, as, { act: 'change-blocker', blocker: id, stream: known.stream, owner: known.owner })
  return { known, person }
}

function chooseDeadline(option: string, text: string, { program, at }: Given): string {
  const deadline = readDeadline(text, at, program.calendar.zone)
  if (!deadline.ok) throw new CommandError(`${option}: ${deadline.reason}`)
  return deadline.at
}

function newId(wanted: string | undefined, blockers: readonly Blocker[]): string {
  const taken = blockers.map((one) => one.blocker)
  if (wanted === undefined) return freeId('b', taken)
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(wanted))
    throw new CommandError(`--id: "${wanted}" cannot be an id; use letters, digits, dot, dash and underscore, at most 64`)
  if (taken.includes(wanted)) throw new CommandError(`--id: there is a blocker ${wanted} already; leave --id out, or choose another`)
  return wanted
}
