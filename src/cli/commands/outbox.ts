import { Command, Option } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { CommandError, type Io } from '#cli/io.ts'
import { CONFIG_OPTION, formatOption } from '#cli/common-options.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { programIdOf } from '#cli/program-id.ts'
import { whoIsNamed } from '#cli/record-act.ts'
import { refusalError } from '#cli/refused.ts'
import { openLedger } from '#cli/wire.ts'
import { whoActs } from '#core/people/who.ts'
import { DELIVERY_STATES, type DeliveryState, type OutboxMessage } from '#core/notify/outbox.ts'
import { timesIn } from '#core/schedule/time.ts'
import { counted } from '#engine/words.ts'
import { json, terminal } from '#render/encode.ts'
import { sha256 } from '#store/sha256.ts'
import type { Store } from '#store/store.ts'

/** What is shown unless a state is named: everything that somebody may have to see to. */
const OPEN: readonly DeliveryState[] = ['pending', 'sending', 'uncertain', 'failed']

/** `muster outbox`: what is to be sent, what did not arrive, and once more. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return new Command('outbox')
    .description(
      'List the messages that wait, failed, or may not have arrived; send one of them again. Exit 1 when one failed or is uncertain.',
    )
    .option(...CONFIG_OPTION)
    .addOption(new Option('--state <state>', 'only messages in this state').choices(DELIVERY_STATES))
    .option('--retry <id>', 'try a message that failed, is uncertain or was dropped once more; failed or uncertain: all of them')
    .option('--as <person>', 'who has it sent again (default: MUSTER_AS, or the only person there is)')
    .addOption(formatOption('form of the answer'))
    .action(async (options) => {
      if (options.retry !== undefined) return retry(io, options.retry, options)
      if (options.as !== undefined) throw new CommandError('--as says who has a message sent again\n  name the message with --retry')
      const { folder, program } = await programIdOf(io, options.config)
      const store = await openLedger(io, folder, 'read')
      try {
        const messages = await store.messages(program, { states: options.state === undefined ? OPEN : [options.state] })
        if (options.format === 'json')
          io.stdout.write(json({ schemaVersion: 1, messages: messages.map((one) => ({ id: idOf(one), ...one })) }))
        else if (messages.length === 0)
          io.stdout.write(options.state === undefined ? 'nothing waits, and nothing failed\n' : `no message is ${options.state}\n`)
        else {
          const when = timesIn(await zoneOf(store, program))
          for (const one of messages) io.stdout.write(lineOf(one, when))
        }
        exit(messages.some((one) => one.state === 'failed' || one.state === 'uncertain') ? 1 : 0)
      } finally {
        await store.close()
      }
    }) as unknown as PlainCommand
}

/** Short enough to be typed; the key itself names it too. */
const idOf = ({ key }: Pick<OutboxMessage, 'key'>): string => sha256(key).slice(0, 10)

/** As the program was recorded last: its file may have mistakes by now. */
async function zoneOf(store: Store, program: string): Promise<string> {
  const latest = await store.latest(program, 'program')
  return latest?.type === 'program' ? latest.body.program.calendar.zone : 'UTC'
}

function lineOf(message: OutboxMessage, when: (instant: string) => string): string {
  const { channel, to, state, tries, reason, notBefore, notice } = message
  const title = typeof notice === 'object' && notice !== null && 'title' in notice ? String(notice.title) : message.key
  const begins = state === 'pending' ? `, not before ${when(notBefore)}` : ''
  return `${terminal(`${idOf(message)} ${state} over ${channel}${to === '*' ? '' : ` to ${to}`}: ${title}`)}\n  ${terminal(`${tries === 1 ? '1 try' : `${tries} tries`}${begins}${reason === undefined ? '' : `: ${reason}`}`)}\n`
}

async function retry(
  io: Io,
  wanted: string,
  options: { readonly config?: string | undefined; readonly as?: string | undefined },
): Promise<void> {
  const { program, folder } = await loadProgramFile(io, options.config)
  const actor = whoActs(program, whoIsNamed(io, options.as), { act: 'retry-delivery' })
  if (!actor.ok) throw refusalError(actor)
  const store = await openLedger(io, folder, 'write')
  try {
    await retryAs(io, store, { program: program.id, wanted, actor: actor.person })
  } finally {
    await store.close()
  }
}

async function retryAs(
  io: Io,
  store: Store,
  { program, wanted, actor }: { readonly program: string; readonly wanted: string; readonly actor: string },
): Promise<void> {
  if (wanted === 'failed' || wanted === 'uncertain') {
    const messages = await store.messages(program, { states: [wanted] })
    if (messages.length === 0) throw new CommandError(`no message is ${wanted}\n  muster outbox lists what waits`)
    let done = 0
    for (const one of messages) if (await sendAgain(io, store, program, one, actor)) done += 1
    io.stdout.write(`${counted(done, 'message')} ${done === 1 ? 'waits' : 'wait'} again; muster run sends ${done === 1 ? 'it' : 'them'}\n`)
    return
  }
  const all = await store.messages(program)
  const found = all.filter((one) => one.key === wanted || (wanted.length >= 4 && idOf(one).startsWith(wanted)))
  const [message, second] = found
  if (!message) throw new CommandError(`there is no message ${wanted} in the outbox\n  muster outbox lists them`)
  if (second) throw new CommandError(`${wanted} begins the ids of ${found.length} messages\n  write more of it`)
  if (message.state === 'pending' || message.state === 'sending')
    throw new CommandError(`${idOf(message)} waits already, and is tried again by itself\n  muster outbox says when`)
  if (message.state === 'delivered')
    throw new CommandError(
      `${idOf(message)} was delivered${message.reference === undefined ? '' : ` as ${message.reference}`}\n  only what failed, was dropped or is uncertain is sent again`,
    )
  if (!(await sendAgain(io, store, program, message, actor)))
    throw new CommandError(`${idOf(message)} has changed meanwhile\n  look at muster outbox again`)
  io.stdout.write(`${terminal(`${idOf(message)} waits again; muster run sends it`)}\n`)
}

/** On record as the act of whoever asked; false when the message has changed meanwhile. */
async function sendAgain(io: Io, store: Store, program: string, message: OutboxMessage, actor: string): Promise<boolean> {
  const at = io.now()
  const event = {
    id: io.newId(),
    at,
    actor,
    type: 'delivery-retried',
    body: { message: message.key, reason: `it was ${message.state}: ${message.reason ?? ''}` },
  } as const
  return (await store.retry(program, message.key, at, [event])) !== undefined
}
