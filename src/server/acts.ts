import { createHash } from 'node:crypto'
import { Hono } from 'hono'
import { foldTokens, type Token } from '#core/evidence/reported.ts'
import { canonical } from '#core/ledger/canonical.ts'
import type { LedgerEvent } from '#core/ledger/events.ts'
import { act, ACT_NAMES, ACTS, type ActName, type Need } from '#core/people/act.ts'
import type { Given } from '#core/people/given.ts'
import type { Refusal } from '#core/people/refusal.ts'
import type { Env } from '#server/app.ts'
import { keyedId, written, type WrittenEvent } from '#server/written.ts'
import type { LiveProgram } from '#server/live-program.ts'
import type { ServerPorts } from '#server/ports.ts'
import { problem, refused } from '#server/problem.ts'

const KEY = /^[\x21-\x7e]{8,200}$/
const MOST_TRIES = 20

/**
 * What people put on record, one path an act. `Idempotency-Key` is taken into the ids of the events,
 * so that a retry finds what it wrote, in whatever process and after any crash.
 */
export function actRoutes(ports: ServerPorts): Hono<Env> {
  const routes = new Hono<Env>()
  for (const name of ACT_NAMES)
    routes.post(`/acts/${name}`, async (context) => {
      const { live } = context.var
      const key = context.req.header('idempotency-key') ?? ''
      if (!KEY.test(key))
        return problem(context, 400, 'no-key', 'A write needs a key', {
          remedy: 'Send Idempotency-Key: 8 to 200 visible characters, new for each intent.',
        })
      const { as, ...input } = (await context.req.json().catch(() => ({}))) as { readonly as?: string } & Record<string, unknown>
      const outcome = await perform(live, ports, { name, key, person: as, input, ifMatch: context.req.header('if-match') })
      if ('ok' in outcome) return refused(context, outcome)
      if ('problem' in outcome) return problem(context, outcome.status, outcome.problem, outcome.title)
      return context.json(outcome, 201)
    })
  return routes
}

interface Asked {
  readonly name: ActName
  readonly key: string
  readonly person: string | undefined
  readonly input: Record<string, unknown>
  readonly ifMatch: string | undefined
}

/** A write that was made, or why none was. */
type Outcome =
  | { readonly events: readonly WrittenEvent[]; readonly said: string }
  | Refusal
  | { readonly problem: string; readonly status: 412 | 422; readonly title: string }

async function perform(live: LiveProgram, ports: ServerPorts, { name, key, person, input, ifMatch }: Asked): Promise<Outcome> {
  const keyed = sha256(`${name}\0${key}`).slice(0, 32)
  const said = sha256(canonical({ as: person, input })).slice(0, 16)
  for (let tries = 1; ; tries += 1) {
    await live.refresh()
    const before = live.written(keyed)
    if (before && before.said !== said) return { status: 422, problem: 'key-reused', title: 'This key was used for another write' }
    if (before) return { events: before.events, said: '' }
    if (ifMatch !== undefined && ifMatch !== `"${live.seq}"` && ifMatch !== '*')
      return {
        status: 412,
        problem: 'changed-meanwhile',
        title: 'Somebody else recorded something meanwhile; look at it, and say it again',
      }
    const at = ports.now()
    const given: Given = {
      program: live.program,
      state: live.record.state,
      at,
      escalations: live.record.escalations,
      ...(await needs(live, name)),
    }
    let decided = act(given, person, name, input as never)
    if (!decided.ok && decided.branch !== undefined)
      decided = act({ ...given, tree: await live.served.treeOf(decided.branch) }, person, name, input as never)
    if (!decided.ok) return decided
    const { actor, events } = decided
    try {
      const drafts = events.map((event, index) => ({ id: keyedId(keyed, said, index), at, actor, ...event }))
      const sealed = await live.served.ledger.append(live.id, drafts, { expectedSeq: live.seq })
      await live.refresh()
      return { events: sealed.map(written), said: decided.said }
    } catch (error) {
      if (!isConflict(error) || tries >= MOST_TRIES) throw error
    }
  }
}

const needs = async (live: LiveProgram, name: ActName): Promise<Partial<Given>> => {
  const wanted: readonly Need[] = ACTS[name].needs
  const last = wanted.includes('decision') ? live.record.decisions.at(-1) : undefined
  const report = last && (await live.report(last.id))
  return { ...(report && { decision: report.decision }), ...(wanted.includes('tokens') && { tokens: await tokensOf(live) }) }
}

async function tokensOf(live: LiveProgram): Promise<ReadonlyMap<string, Token>> {
  const events: LedgerEvent[] = []
  for await (const event of live.served.ledger.read(live.id, { types: ['token-issued', 'token-revoked'] })) events.push(event)
  return foldTokens(events)
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const isConflict = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'conflict'
