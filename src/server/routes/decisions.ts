import { createHash } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { latestDecision } from '#core/api/checkpoint.ts'
import { evaluationDocument } from '#core/api/evaluation.ts'
import { READS } from '#core/api/paths.ts'
import { judgeCheck } from '#core/check.ts'
import { replay } from '#core/ledger/record.ts'
import type { Env } from '#server/app.ts'
import type { Operation } from '#server/operation.ts'
import { asked, newestFirst, pageQuery } from '#server/page.ts'
import { problem } from '#server/problem.ts'
import { send, sendOr404 } from '#server/ready.ts'
import { FORMATS, RENDERERS } from '#render/registry.ts'

const PLAIN = 'text/plain; charset=utf-8'

/** What files of a format are called after, and their type, where it is not the format's own name and plain text. */
const TYPES: Readonly<Record<string, { readonly extension?: string; readonly type: string }>> = {
  html: { type: 'text/html; charset=utf-8' },
  markdown: { extension: 'md', type: 'text/markdown; charset=utf-8' },
  json: { type: 'application/json' },
  text: { extension: 'txt', type: PLAIN },
  junit: { extension: 'xml', type: 'application/xml' },
}

/** `report.html` and its like -> how it is made. */
const FILES = new Map<string, { readonly format: keyof typeof RENDERERS; readonly type: string }>(
  FORMATS.map((format) => {
    const { extension = format, type } = TYPES[format] ?? { type: PLAIN }
    return [`report.${extension}`, { format, type }]
  }),
)

/** The page is styled from within, and holds nothing else: what its own policy allows is all that it gets. */
const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"

async function report(context: Context<Env>, decision: string | undefined): Promise<Response> {
  const { live } = context.var
  const file = FILES.get(context.req.param('report') ?? '')
  if (!file)
    return problem(context, 404, 'unknown-format', 'There is no such report', { remedy: `There are: ${[...FILES.keys()].join(', ')}.` })
  const found = decision === undefined ? undefined : await live.report(decision)
  if (!found) return problem(context, 404, 'no-decision', 'There is no such decision', { remedy: 'A check records one.' })
  const { format, type } = file
  const made = await live.text(`report ${format} ${decision}`, async () => (await RENDERERS[format]())(found).output)
  return send(context, made, { 'content-type': type, ...(format === 'html' && { 'content-security-policy': PAGE_POLICY }) })
}

const reportOf = (id: string, path: string, summary: string, decision: (context: Context<Env>) => string | undefined): Operation => ({
  id,
  method: 'get',
  path,
  tag: 'Decisions',
  summary: `${summary}: ${[...FILES.keys()].join(', ')}`,
  answer: { type: '*/*' },
  handle: (context) => report(context, decision(context)),
})

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Decisions and what they were made from. */
export const DECISION_READS: readonly Operation[] = [
  {
    id: 'listDecisions',
    method: 'get',
    path: READS.listDecisions,
    tag: 'Decisions',
    summary: 'Decisions, the newest first',
    query: pageQuery.extend({ checkpoint: z.string().optional().meta({ description: 'Only those of this checkpoint' }) }),
    answer: { json: 'listDecisions' },
    handle: async (context, query) => {
      const { live } = context.var
      const { checkpoint } = query
      const page = asked(query)
      const made = await live.document(`decisions ${JSON.stringify([page, checkpoint])}`, () =>
        newestFirst(
          live.record.decisions.filter((one) => checkpoint === undefined || one.checkpoint === checkpoint),
          page,
        ),
      )
      return send(context, made)
    },
  },
  {
    id: 'readDecision',
    method: 'get',
    path: READS.readDecision,
    tag: 'Decisions',
    summary: 'The report of a decision, recomputed from the record',
    answer: { json: 'readDecision' },
    handle: async (context) => {
      const { live } = context.var
      const id = context.req.param('decision') ?? ''
      const found = await live.report(id)
      return sendOr404(context, found && (await live.document(`decision ${id}`, () => found)), 'decision')
    },
  },
  {
    id: 'readEvaluation',
    method: 'get',
    path: READS.readEvaluation,
    tag: 'Decisions',
    summary: 'Every criterion of a decision with its explanation as a tree',
    answer: { json: 'readEvaluation' },
    handle: async (context) => {
      const { live } = context.var
      const id = context.req.param('decision') ?? ''
      const found = await live.report(id)
      return sendOr404(context, found && (await live.document(`evaluation ${id}`, () => evaluationDocument(id, found))), 'decision')
    },
  },
  {
    id: 'readReplay',
    method: 'get',
    path: READS.readReplay,
    tag: 'Decisions',
    summary: 'Recompute a decision from what its record names, and say the first stage that comes out otherwise',
    answer: { json: 'readReplay' },
    handle: async (context) => {
      const { live, server } = context.var
      const id = context.req.param('decision') ?? ''
      const found = await live.served.ledger.find(live.id, id)
      if (found?.type !== 'decision') return sendOr404(context, undefined, 'decision')
      const { body } = found
      const made = await live.document(`replay ${id}`, async () => ({
        schemaVersion: 1,
        decision: id,
        stages: body.stages,
        ...(await replay(body, { events: live.served.ledger.read(live.id), version: server.ports.version }, judgeCheck, sha256)),
      }))
      return send(context, made)
    },
  },
  {
    id: 'readSnapshot',
    method: 'get',
    path: READS.readSnapshot,
    tag: 'Decisions',
    summary: 'The evidence that a decision was made from, each piece with provenance, commit, tree and sha256',
    answer: { json: 'readSnapshot' },
    handle: async (context) => {
      const { live } = context.var
      const id = context.req.param('decision') ?? ''
      const found = await live.snapshot(id)
      const made =
        found &&
        (await live.document(`snapshot ${id}`, () => ({
          schemaVersion: 1,
          decision: id,
          digest: found.digest,
          snapshot: found.snapshot,
        })))
      return sendOr404(context, made, 'decision')
    },
  },
  reportOf('readDecisionReport', `${READS.readDecision}/{report}`, 'The report of a decision as a file', (context) =>
    context.req.param('decision'),
  ),
  reportOf(
    'readReport',
    `${READS.readCheckpoint}/{report}`,
    'The report of the newest decision as a file',
    (context) => latestDecision(context.var.live.record, context.req.param('checkpoint') ?? '')?.id,
  ),
]
