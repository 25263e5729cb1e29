import { z } from 'zod'
import { metricsOf, signOffRules } from '#core/ledger/signable.ts'
import { reference, text } from '#core/people/fields.ts'
import { accept, type Decided, type Given } from '#core/people/given.ts'
import { refuse, refuseUnknown, type Refusal } from '#core/people/refusal.ts'
import { whichCheckpoint, whichStream, whoActs, type Actor } from '#core/people/who.ts'
import type { Checkpoint, Program } from '#core/program/model.ts'

export const signInput = z.strictObject({
  criterion: reference.optional().describe('Criterion that is signed, such as target.guide; the decision of the checkpoint unless said'),
  checkpoint: reference.describe('Checkpoint that is signed for'),
  stream: reference.optional().describe('Stream that the criterion is signed for; the one you lead unless said'),
  role: reference.optional().describe('Role in which you sign; the one that is asked for and yours unless said'),
  reason: text.describe('What you looked at, or why you refuse'),
  refuse: z.boolean().optional().describe('Refuse instead of signing'),
})

/** A person vouches for a manual criterion, or for the decision of a checkpoint. */
export function sign(given: Given, name: string | undefined, input: z.infer<typeof signInput>): Decided {
  const { program } = given
  const found = whichCheckpoint(given, input.checkpoint)
  if (!found.ok) return found
  const { checkpoint } = found
  const signing =
    input.criterion === undefined
      ? decisionOf(checkpoint, input.stream)
      : criterionOf(program, checkpoint, input.criterion, input.stream, name)
  if (!signing.ok) return signing
  if (input.role !== undefined && !signing.roles.includes(input.role))
    return refuse('invalid-input', `${signing.what} is not signed by ${input.role}`, {
      remedy: `it is signed by: ${signing.roles.join(', ')}`,
    })
  const { stream, what } = signing
  const roles = input.role === undefined ? signing.roles : [input.role]
  const actor = whoActs(program, name, { act: 'sign', what, roles, ...(stream !== undefined && { stream }) })
  if (!actor.ok) return actor
  const role = roleOf(actor, signing)
  if (typeof role !== 'string') return role
  if (signing.sameTree && given.tree === undefined) return needsTree(program, what, stream)
  return accept(actor.person, `${actor.person} (${role}) ${input.refuse ? 'refused to sign' : 'signed'} ${what}`, {
    type: 'sign-off',
    body: {
      checkpoint: checkpoint.id,
      ...(input.criterion !== undefined && { criterion: input.criterion }),
      ...(stream !== undefined && { stream }),
      role,
      approve: input.refuse !== true,
      reason: input.reason,
      ...(signing.sameTree && given.tree !== undefined && { tree: given.tree }),
    },
  })
}

/** What is signed: the files of the stream as they stand now, or those of the target. */
function needsTree(program: Program, what: string, stream: string | undefined): Refusal {
  const branch = program.streams.find((one) => one.id === stream)?.branch ?? program.target
  return refuse('needs-tree', `${what} is signed for the files as they stand, and those of ${branch} are not known`, { branch })
}

interface Signing {
  readonly ok: true
  readonly what: string
  /** Roles that are asked for, each once. */
  readonly roles: readonly string[]
  /** Whether it matters in which of them one person signs. */
  readonly rolesDiffer: boolean
  /** Whether a signature counts only for the tree it is given at. */
  readonly sameTree: boolean
  readonly stream?: string
}

function decisionOf(checkpoint: Checkpoint, stream: string | undefined): Signing | Refusal {
  if (stream !== undefined)
    return refuse('invalid-input', 'the decision is signed for the program as a whole; leave the stream out, or name a criterion')
  const roles = checkpoint.signOff.map((one) => one.role)
  if (roles.length === 0)
    return refuse('invalid-input', `the decision of ${checkpoint.id} asks for no sign-off`, {
      remedy: 'name a criterion, or add decide.signOff to the checkpoint',
    })
  return { ok: true, what: `the decision of ${checkpoint.id}`, roles, rolesDiffer: true, sameTree: false }
}

/** What `evaluate` will look for: the criterion's id with the stream it is judged for, or none for the program. */
function criterionOf(
  program: Program,
  checkpoint: Checkpoint,
  id: string,
  named: string | undefined,
  person: string | undefined,
): Signing | Refusal {
  const found = checkpoint.criteria.filter((one) => one.id === id)
  if (found.length === 0) {
    const signed = checkpoint.criteria.filter((one) => signOffRules(one.condition).length > 0)
    return refuseUnknown('criterion to sign', id, [...new Set(signed.map((one) => one.id))], 'criterion')
  }
  const manual = found.filter((one) => signOffRules(one.condition).length > 0)
  if (manual.length === 0) {
    const metrics = [...new Set(found.flatMap((one) => metricsOf(one.condition)))]
    return refuse('invalid-input', `${id} cannot be signed: it is judged by ${metrics.join(', ')}`, {
      remedy: 'evidence satisfies it; muster waive accepts it for a while',
    })
  }
  const streams = manual.flatMap((one) => one.subjects).flatMap((one) => (one === 'program' ? [] : [one.slice('stream:'.length)]))
  if (streams.length === 0 && named !== undefined)
    return refuse('invalid-input', `${id} is judged for the program as a whole; leave the stream out`)
  const chosen = streams.length === 0 ? undefined : whichStream(program, streams, named, person, `is ${id} signed for`)
  if (chosen?.ok === false) return chosen
  const stream = chosen?.stream
  const criterion = manual.find((one) => one.subjects.includes(stream === undefined ? 'program' : `stream:${stream}`))
  const rules = criterion ? signOffRules(criterion.condition) : []
  return {
    ok: true,
    what: `${id}${stream === undefined ? '' : ` of ${stream}`} at ${checkpoint.id}`,
    roles: [...new Set(rules.flatMap((one) => one.roles))],
    rolesDiffer: rules.length > 1,
    sameTree: rules.some((one) => one.sameTree === true),
    ...(stream !== undefined && { stream }),
  }
}

function roleOf({ person, roles }: Actor, signing: Signing): string | Refusal {
  const [role] = roles
  if (role !== undefined && (roles.length === 1 || !signing.rolesDiffer)) return role
  return refuse('ambiguous', `in which role does ${person} sign ${signing.what}?`, {
    remedy: `there are: ${roles.join(', ')}`,
    field: 'role',
  })
}
