import { READS, WRITES } from '#core/api/paths.ts'
import type { Context } from 'hono'
import type { Job } from '#core/api/documents.ts'
import { untilAppended } from '#engine/put-on-record.ts'
import { isConflictOrTwin } from '#engine/run-ports.ts'
import type { Env } from '#server/app.ts'
import { actingAs } from '#server/auth/acting.ts'
import { bodyOf, bodyOrNone } from '#server/body.ts'
import { startCheck } from '#server/checks.ts'
import type { Operation } from '#server/operation.ts'
import { problem } from '#server/problem.ts'
import { readyJson, send, sendOr404 } from '#server/ready.ts'
import { keyedId, keyedWrite, written } from '#server/written.ts'

const NOTHING = { type: 'object', properties: {}, additionalProperties: false }

const accepted = (context: Context<Env>, job: Job | undefined): Response =>
  job
    ? context.json(job, 202, { location: `/api/programs/${encodeURIComponent(context.var.live.id)}/jobs/${encodeURIComponent(job.id)}` })
    : problem(context, 429, 'too-many-jobs', 'Too much is waiting already', { remedy: 'Try again when some of it is done.' })

const unwanted = (context: Context<Env>): Response =>
  problem(context, 422, 'invalid-input', 'This takes an empty object', { remedy: 'Send {}.' })

/** Work that takes longer than a request, messages that are sent again, evidence from CI. */
export const WORK: readonly Operation[] = [
  {
    id: 'startCheck',
    method: 'post',
    path: WRITES.startCheck,
    tag: 'Jobs',
    summary: 'Gather, judge and record a checkpoint: a job to follow',
    body: NOTHING,
    status: 202,
    answer: { json: 'startCheck' },
    handle: async (context) => {
      const body = await bodyOrNone(context)
      if (!body || Object.keys(body).length > 0) return unwanted(context)
      const { live, server } = context.var
      const checkpoint = live.program.checkpoints.find((one) => one.id === context.req.param('checkpoint'))
      if (!checkpoint) return problem(context, 404, 'unknown-checkpoint', 'There is no such checkpoint')
      const started = startCheck(live, server.jobs(live), keyedWrite(context, 'check', {}), { checkpoint: checkpoint.id })
      if (started === 'key-reused') return problem(context, 422, 'key-reused', 'This key was used for another write')
      return accepted(context, started)
    },
  },
  {
    id: 'startRadar',
    method: 'post',
    path: WRITES.startRadar,
    tag: 'Jobs',
    summary: 'Look which branches collide now: a job to follow',
    body: NOTHING,
    status: 202,
    answer: { json: 'startRadar' },
    handle: async (context) => {
      const body = await bodyOrNone(context)
      if (!body || Object.keys(body).length > 0) return unwanted(context)
      const { live, server } = context.var
      const { key } = keyedWrite(context, 'radar', {})
      return accepted(context, server.startRadar(live, key))
    },
  },
  {
    id: 'listJobs',
    method: 'get',
    path: READS.listJobs,
    tag: 'Jobs',
    summary: 'What was asked for lately, the newest first',
    answer: { json: 'listJobs' },
    handle: (context) => send(context, readyJson({ items: context.var.server.jobs(context.var.live).list() })),
  },
  {
    id: 'readJob',
    method: 'get',
    path: READS.readJob,
    tag: 'Jobs',
    summary: 'How far a job is, and the decision that came of it',
    answer: { json: 'readJob' },
    handle: (context) => {
      const found = context.var.server.jobs(context.var.live).get(context.req.param('job') ?? '')
      return sendOr404(context, found && readyJson(found), 'job')
    },
  },
  {
    id: 'retryDelivery',
    method: 'post',
    path: WRITES.retryDelivery,
    tag: 'Deliveries',
    summary: 'Send a message again that was not delivered',
    body: {
      type: 'object',
      properties: {
        reason: { type: 'string', minLength: 1, maxLength: 1000, description: 'Why it is sent again' },
        as: { type: 'string', description: 'Person who acts, by id' },
      },
      required: ['reason'],
      additionalProperties: false,
    },
    status: 201,
    answer: { json: 'retryDelivery' },
    handle: async (context) => {
      const body = await bodyOf(context)
      const { live, server } = context.var
      const { reason, as, ...more } = body ?? {}
      if (typeof reason !== 'string' || reason.trim() === '' || reason.length > 1000 || Object.keys(more).length > 0)
        return problem(context, 422, 'invalid-input', 'Say why, and nothing else', { remedy: 'Send {"reason": "..."}.' })
      const acting = actingAs(context, typeof as === 'string' ? as : undefined)
      if (acting instanceof Response) return acting
      const actor = live.program.people.find((one) => one.id === acting.person)?.id
      if (actor === undefined) return problem(context, 400, 'who-acts', 'Say who acts', { remedy: 'Send `as` with the id of a person.' })
      const message = context.req.param('message') ?? ''
      const found = (await live.served.ledger.messages(live.id)).find((one) => one.key === message)
      if (!found) return problem(context, 404, 'unknown-message', 'There is no such message')
      const keyed = keyedWrite(context, `retry ${message}`, body)
      return untilAppended(async () => {
        await live.refresh()
        const before = live.written(keyed.key)
        if (before && before.said !== keyed.said) return problem(context, 422, 'key-reused', 'This key was used for another write')
        if (before) return context.json({ events: before.events, said: '' }, 201)
        if (!['failed', 'uncertain', 'dropped'].includes(found.state))
          return problem(context, 409, 'settled', `The message is ${found.state}`, {
            remedy: 'One that failed, or may not have arrived, is sent again.',
          })
        const at = server.ports.now()
        const sealed = await live.served.ledger.retry(live.id, message, at, [
          { id: keyedId(keyed, 0), at, actor, type: 'delivery-retried', body: { message, reason } },
        ])
        if (!sealed) return problem(context, 409, 'settled', 'Somebody else is sending it')
        await live.refresh()
        return context.json({ events: sealed.map(written), said: `${actor} has ${message} sent again` }, 201)
      }, isConflictOrTwin)
    },
  },
  {
    id: 'pushEvidence',
    method: 'post',
    path: WRITES.pushEvidence,
    tag: 'Record',
    summary: 'Put evidence on record that CI signed, or that its identity token vouches for: what `muster evidence push` makes',
    open: true,
    unkeyed: true,
    body: { type: 'object', description: 'A DSSE envelope of an in-toto statement', required: ['payloadType', 'payload'] },
    status: 201,
    answer: { json: 'pushEvidence' },
    handle: async (context) => {
      const envelope = await bodyOf(context)
      if (!envelope) return problem(context, 400, 'not-json', 'The body is no JSON object')
      const { live, server } = context.var
      const { outcome, seq, reason } = await server.inTurn(live, () => live.served.accept(envelope))
      if (outcome === 'refused' || seq === undefined)
        return problem(context, 422, 'evidence-refused', 'This evidence is not put on record', { detail: reason ?? '' })
      await live.refresh()
      return context.json({ outcome, record: seq }, outcome === 'recorded' ? 201 : 200)
    },
  },
]
