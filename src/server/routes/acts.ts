import { z } from 'zod'
import { ACT_PATH } from '#core/api/paths.ts'
import { ACT_NAMES, ACTS, type ActName } from '#core/people/act.ts'
import { refuseMachine } from '#core/people/machine.ts'
import { actingAs } from '#server/auth/acting.ts'
import type { Operation } from '#server/operation.ts'
import { givenOf, perform } from '#server/perform.ts'
import { problem, refused } from '#server/problem.ts'
import { bodyOf } from '#server/body.ts'
import { keyedWrite } from '#server/written.ts'

/**
 * What people put on record: one path an act. `Idempotency-Key` is taken into the ids of the events,
 * so that a retry finds what it wrote, in whatever process and after any crash.
 */
export const ACT_WRITES: readonly Operation[] = ACT_NAMES.map((name) => ({
  id: name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
  method: 'post',
  path: ACT_PATH.replace('{act}', name),
  tag: 'Acts',
  summary: ACTS[name].title,
  body: inputSchema(name),
  status: 201,
  answer: { json: 'act' },
  handle: async (context) => {
    const body = await bodyOf(context)
    if (!body) return problem(context, 400, 'not-json', 'The body is no JSON object')
    const { as, ...input } = body
    if (as !== undefined && typeof as !== 'string') return problem(context, 422, 'invalid-input', '`as` is no id of a person')
    const { live, server, who } = context.var
    if (who.mode === 'token' && who.access.stream !== undefined)
      return refused(context, refuseMachine(await givenOf(server, live, name), who.access.stream, name, input))
    if (who.mode === 'token' && name === 'issue-access')
      return problem(context, 403, 'token-makes-token', 'A token makes no tokens', {
        remedy: 'Sign in, or use `muster access issue` where the ledger is: who holds a token for a while must not hold one for ever.',
      })
    const acting = actingAs(context, as)
    if (acting instanceof Response) return acting
    // The same key of two people is two writes.
    const keyed = keyedWrite(context, name, { ...body, ...(acting.person !== undefined && { as: acting.person }) })
    const outcome = await perform(live, server, { name, keyed, ...acting, input, ifMatch: context.req.header('if-match') })
    if ('ok' in outcome) return refused(context, outcome)
    if ('problem' in outcome) return problem(context, outcome.status, outcome.problem, outcome.title)
    return context.json(outcome, 201)
  },
}))

/** What an act takes, and as whom. */
function inputSchema(name: ActName): object {
  const { $schema: _, properties, ...rest } = z.toJSONSchema(ACTS[name].input, { io: 'input', unrepresentable: 'any' })
  const as = {
    type: 'string',
    description: 'Person who acts, by id; the only one who may unless said. Whoever is signed in acts as themselves',
  }
  return { ...rest, properties: { ...properties, as } }
}
