import type { Command as PlainCommand } from 'commander'
import { chooseActor, chooseStream, namedPerson, type Actor } from '#cli/actor.ts'
import { CommandError, type Io } from '#cli/io.ts'
import { chooseCheckpoint, unknown } from '#cli/options.ts'
import { chooseText, record, recordingCommand } from '#cli/recording.ts'
import { openEdges } from '#cli/wire.ts'
import { metricsOf, signOffRules } from '#core/ledger/signable.ts'
import type { Checkpoint, Program } from '#core/program/model.ts'

/** `muster sign`: a person vouches for a manual criterion, or for the decision of a checkpoint. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return recordingCommand('sign')
    .description('Sign a manual criterion, or without one the decision of a checkpoint.')
    .usage('[criterion] --checkpoint <id> --reason <text> [options]')
    .argument('[criterion]', 'id of the criterion, such as target.guide; absent: the decision')
    .requiredOption('--checkpoint <id>', 'checkpoint that is signed for')
    .option('--stream <id>', 'stream that the criterion is signed for (default: the one you lead)')
    .option('--role <role>', 'role in which you sign (default: the one that is asked for and yours)')
    .requiredOption('--reason <text>', 'what you looked at, or why you refuse')
    .option('--refuse', 'refuse instead of signing')
    .action(async (criterion, options) => {
      await record(io, options, async ({ program, folder, at }) => {
        const checkpoint = chooseCheckpoint(program, options.checkpoint, at)
        const person = namedPerson(io, program, options.as)?.id
        const signing =
          criterion === undefined
            ? decisionOf(checkpoint, options.stream)
            : criterionOf(program, checkpoint, criterion, options.stream, person)
        if (options.role !== undefined && !signing.roles.includes(options.role))
          throw new CommandError(`${signing.what} is not signed by ${options.role}\n  it is signed by: ${signing.roles.join(', ')}`)
        const { stream } = signing
        const roles = options.role === undefined ? signing.roles : [options.role]
        const actor = chooseActor(io, program, options.as, {
          act: 'sign',
          what: signing.what,
          roles,
          ...(stream !== undefined && { stream }),
        })
        const role = chooseRole(actor, signing)
        const reason = chooseText('--reason', options.reason)
        return {
          type: 'sign-off',
          body: {
            checkpoint: checkpoint.id,
            ...(criterion !== undefined && { criterion }),
            ...(stream !== undefined && { stream }),
            role,
            approve: options.refuse !== true,
            reason,
            ...(signing.sameTree && { tree: await treeOf(io, program, folder, stream) }),
          },
          actor: actor.person,
          said: `${actor.person} (${role}) ${options.refuse ? 'refused to sign' : 'signed'} ${signing.what}`,
        }
      })
      exit(0)
    }) as unknown as PlainCommand
}

interface Signing {
  readonly what: string
  /** Roles that are asked for, each once. */
  readonly roles: readonly string[]
  /** Whether it matters in which of them one person signs. */
  readonly rolesDiffer: boolean
  /** Whether a signature counts only for the tree it is given at. */
  readonly sameTree: boolean
  readonly stream?: string
}

function decisionOf(checkpoint: Checkpoint, stream: string | undefined): Signing {
  if (stream !== undefined)
    throw new CommandError('the decision is signed for the program as a whole; leave --stream out, or name a criterion')
  const roles = checkpoint.signOff.map((one) => one.role)
  if (roles.length === 0)
    throw new CommandError(
      `the decision of ${checkpoint.id} asks for no sign-off\n  name a criterion, or add decide.signOff to the checkpoint`,
    )
  return { what: `the decision of ${checkpoint.id}`, roles, rolesDiffer: true, sameTree: false }
}

/** What `evaluate` will look for: the criterion's id with the stream it is judged for, or none for the program. */
function criterionOf(
  program: Program,
  checkpoint: Checkpoint,
  id: string,
  option: string | undefined,
  person: string | undefined,
): Signing {
  const found = checkpoint.criteria.filter((one) => one.id === id)
  if (found.length === 0) throw new CommandError(unknown('criterion', id, [...new Set(checkpoint.criteria.map((one) => one.id))]))
  const manual = found.filter((one) => signOffRules(one.condition).length > 0)
  if (manual.length === 0) {
    throw new CommandError(
      `${id} cannot be signed: it is judged by ${[...new Set(found.flatMap((one) => metricsOf(one.condition)))].join(', ')}\n  evidence satisfies it; muster waive accepts it for a while`,
    )
  }
  const streams = manual.flatMap((one) => one.subjects).flatMap((one) => (one === 'program' ? [] : [one.slice('stream:'.length)]))
  if (streams.length === 0 && option !== undefined) throw new CommandError(`${id} is judged for the program as a whole; leave --stream out`)
  const stream = streams.length === 0 ? undefined : chooseStream(program, streams, option, person, `is ${id} signed for`)
  const criterion = manual.find((one) => one.subjects.includes(stream === undefined ? 'program' : `stream:${stream}`))
  const rules = criterion ? signOffRules(criterion.condition) : []
  const what = `${id}${stream === undefined ? '' : ` of ${stream}`} at ${checkpoint.id}`
  return {
    what,
    roles: [...new Set(rules.flatMap((one) => one.roles))],
    rolesDiffer: rules.length > 1,
    sameTree: rules.some((one) => one.sameTree === true),
    ...(stream !== undefined && { stream }),
  }
}

/** What is signed: the files of the stream as they stand now, or those of the target. */
async function treeOf(io: Io, program: Program, folder: string, stream: string | undefined): Promise<string> {
  const branch = program.streams.find((one) => one.id === stream)?.branch ?? program.target
  const edges = await openEdges(io, program, folder)
  try {
    await edges.mirror.refresh(io.signal)
    const state = await edges.mirror.resolve(branch)
    if (state.state === 'present') return state.tree
    throw new CommandError(`there is nothing to sign for yet: ${state.reason}`)
  } finally {
    await edges.close()
  }
}

function chooseRole(actor: Actor, signing: Signing): string {
  const [role] = actor.roles
  if (role !== undefined && (actor.roles.length === 1 || !signing.rolesDiffer)) return role
  throw new CommandError(`in which role does ${actor.person} sign ${signing.what}? give --role\n  there are: ${actor.roles.join(', ')}`)
}
