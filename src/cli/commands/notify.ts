import { Command } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { CONFIG_OPTION } from '#cli/common-options.ts'
import { CommandError, EXIT, type Io } from '#cli/io.ts'
import { unknown } from '#cli/options.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import type { Sent } from '#core/notify/channel.ts'
import { compose } from '#core/notify/compose.ts'
import type { Notice } from '#core/notify/notice.ts'
import type { ChannelConfig, Person, Program } from '#core/program/model.ts'
import type { DueAction } from '#core/schedule/due.ts'
import { EMPTY_HISTORY } from '#core/schedule/history.ts'
import { terminal } from '#render/encode.ts'

/** `muster notify`: tries the ways out. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  const notify = new Command('notify').description('Try the channels of the program.')
  notify
    .command('test')
    .description('Send one harmless message over a channel, and say how it went.')
    .argument('<channel>', 'id of the channel')
    .option(...CONFIG_OPTION)
    .option('--to <person>', 'id of the person who gets it, where the channel writes to persons (default: the first it reaches)')
    .option('--dry-run', 'print the message instead of sending it')
    .action(async (id, options) => {
      const { program, folder } = await loadProgramFile(io, options.config)
      const config = program.channels.find((one) => one.id === id)
      const ids = program.channels.map((one) => one.id)
      if (!config) throw new CommandError(unknown('channel', id, ids))
      if (config.send === 'forge')
        throw new CommandError(`${id} writes at pull requests\n  a test would be read by everybody there; muster doctor checks its token`)
      const { CHANNEL_KIND_INFO, openChannel } = await import('#deliver/registry.ts')
      const info = CHANNEL_KIND_INFO[config.send]
      const person = info.recipients === 'person' ? recipient(program, options.to, info.reaches) : undefined
      const notice = trial(program, config, io.now(), person)
      if (options.dryRun) return print(io, notice, program, config)
      const channel = await openChannel(config, { environment: (name) => io.env[name], programFolder: folder, print: io.stdout.write })
      try {
        const sent = await channel.send({
          key: `test/${io.newId()}`,
          attempt: 1,
          maybeSent: false,
          program,
          config,
          ...(person && { person }),
          notice,
          now: io.now(),
          signal: AbortSignal.any([io.signal, AbortSignal.timeout(60_000)]),
        })
        io.stderr.write(`${terminal(told(config, person, sent))}\n`)
        exit(sent.outcome === 'delivered' ? 0 : EXIT.couldNotRun)
      } finally {
        await channel.close()
      }
    })
  return notify as unknown as PlainCommand
}

function recipient(program: Program, id: string | undefined, reaches: (person: Person) => true | string): Person {
  if (id !== undefined) {
    const found = program.people.find((one) => one.id === id)
    const ids = program.people.map((one) => one.id)
    if (!found) throw new CommandError(unknown('person', id, ids))
    const reached = reaches(found)
    if (reached !== true) throw new CommandError(reached)
    return found
  }
  const first = program.people.find((one) => reaches(one) === true)
  if (!first) throw new CommandError('the channel reaches nobody of the program\n  give people an email')
  return first
}

/** A message that asks nobody for anything; into calendars, an event that is called off at once. */
function trial(program: Program, { id, send }: ChannelConfig, now: string, person: Person | undefined): Notice {
  const occasion = { program, history: EMPTY_HISTORY, now }
  const people = person ? [person.id] : []
  const [notice] =
    send === 'calendar'
      ? compose({ of: 'due', action: calledOff(people, now) }, occasion)
      : compose(
          { of: 'trouble', what: `test of channel ${id}`, because: 'somebody tries whether messages arrive here', since: now, people },
          occasion,
        )
  if (!notice) throw new TypeError('a test is always told')
  return { ...notice, urgent: false, title: `Test of Muster: channel ${id}` }
}

const calledOff = (people: readonly string[], now: string): DueAction => ({
  key: 'invite:checkpoint:muster-test',
  kind: 'invite',
  due: now,
  people,
  checkpoint: 'muster-test',
  cancelled: true,
  invited: { name: 'Test of Muster', people, startsAt: now, endsAt: now },
})

async function print(io: Io, notice: Notice, program: Program, config: ChannelConfig): Promise<void> {
  const [{ wordNotice }, { plainNotice }] = await Promise.all([import('#render/notice/word.ts'), import('#render/notice/plain.ts')])
  io.stdout.write(`${[terminal(notice.title), '', ...plainNotice(wordNotice(notice, program, config), notice.acts)].join('\n')}\n`)
}

function told({ id }: ChannelConfig, person: Person | undefined, sent: Sent): string {
  const whom = person ? ` to ${person.name}` : ''
  switch (sent.outcome) {
    case 'delivered':
      return `${id}${whom}: delivered${sent.reference === undefined ? '' : ` (${sent.reference})`}`
    case 'uncertain':
      return `${id}${whom}: it may have arrived: ${sent.reason}`
    case 'retry':
      return `${id}${whom}: not delivered, and may be tried again${sent.afterSeconds === undefined ? '' : ` in ${sent.afterSeconds} s`}: ${sent.reason}`
    case 'failed':
      return `${id}${whom}: failed: ${sent.reason}`
  }
}
