import { z } from 'zod'
import type { Written } from '#core/api/documents.ts'
import { ACT_PATH } from '#core/api/paths.ts'
import { foldTokens, type Token } from '#core/evidence/reported.ts'
import type { LedgerEvent } from '#core/ledger/events.ts'
import { act, ACT_NAMES, ACTS, type ActName, type Need } from '#core/people/act.ts'
import { refuseMachine } from '#core/people/machine.ts'
import type { Given } from '#core/people/given.ts'
import type { Refusal } from '#core/people/refusal.ts'
import { decideAct, untilAppended } from '#engine/put-on-record.ts'
import { isConflictOrTwin } from '#engine/run-ports.ts'
import type { Serving } from '#server/app.ts'
import { actingAs } from '#server/auth/acting.ts'
import type { LiveProgram } from '#server/live-program.ts'
import type { Operation } from '#server/operation.ts'
import { problem, refused } from '#server/problem.ts'
import { bodyOf } from '#server/body.ts'
import { keyedId, keyedWrite, written, type Keyed } from '#server/written.ts'

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

interface Asked {
  readonly name: ActName
  readonly keyed: Keyed
  readonly person: string | undefined
  readonly input: Readonly<Record<string, unknown>>
  readonly ifMatch: string | undefined
}

/** A write that was made, or why none was. */
type Outcome = Written | Refusal | { readonly problem: string; readonly status: 412 | 422; readonly title: string }

/** Decides from what is known now and appends; again, when somebody else recorded meanwhile. */
export const perform = (live: LiveProgram, server: Serving, { name, keyed, person, input, ifMatch }: Asked): Promise<Outcome> =>
  untilAppended(async () => {
    await live.refresh()
    const before = live.written(keyed.key)
    if (before && before.said !== keyed.said) return { status: 422, problem: 'key-reused', title: 'This key was used for another write' }
    if (before) return { events: before.events, said: '' }
    if (ifMatch !== undefined && ifMatch !== `"${live.seq}"` && ifMatch !== '*')
      return {
        status: 412,
        problem: 'changed-meanwhile',
        title: 'Somebody else recorded something meanwhile; look at it, and say it again',
      }
    const given = await givenOf(server, live, name)
    const { at } = given
    const decided = await decideAct(
      given,
      (now) => act(now, person, name, input as never),
      (branch) => live.served.treeOf(branch),
    )
    if (!decided.ok) return decided
    const { actor, events } = decided
    const drafts = events.map((event, index) => ({ id: keyedId(keyed, index), at, actor, ...event }))
    const sealed = await live.served.ledger.append(live.id, drafts, { expectedSeq: live.seq })
    await live.refresh()
    return { events: sealed.map(written), said: decided.said }
  }, isConflictOrTwin)

const givenOf = async (server: Serving, live: LiveProgram, name: ActName): Promise<Given> => ({
  program: live.planned,
  state: live.record.state,
  at: server.ports.now(),
  escalations: live.record.escalations,
  ...(await needs(server, live, name)),
})

async function needs(server: Serving, live: LiveProgram, name: ActName): Promise<Partial<Given>> {
  const wanted: readonly Need[] = ACTS[name].needs
  const last = wanted.includes('decision') ? live.record.decisions.at(-1) : undefined
  const report = last && (await live.report(last.id))
  return {
    ...(report && { decision: report.decision }),
    ...(wanted.includes('tokens') && { tokens: await tokensOf(live) }),
    ...(wanted.includes('access') && { access: await server.bearers.of(live) }),
  }
}

async function tokensOf(live: LiveProgram): Promise<ReadonlyMap<string, Token>> {
  const events: LedgerEvent[] = []
  for await (const event of live.served.ledger.read(live.id, { types: ['token-issued', 'token-revoked'] })) events.push(event)
  return foldTokens(events)
}
