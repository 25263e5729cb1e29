import { z } from '@hono/zod-openapi'
import type { Items } from '#core/api/answers.ts'
import type { EvidenceItem, LedgerRecord } from '#core/api/documents.ts'
import { EVENTS_PATH, READS } from '#core/api/paths.ts'
import type { ProgramRecord } from '#core/api/record.ts'
import { streamSubject } from '#core/evidence/evidence.ts'
import { evidenceOfRecord, type Recorded } from '#core/evidence/reported.ts'
import { headLine } from '#core/ledger/heads.ts'
import { ledgerLine, recordLine } from '#core/ledger/lines.ts'
import { EVENT_SHAPES } from '#core/ledger/schema.ts'
import type { EventType, LedgerEvent } from '#core/ledger/events.ts'
import { DELIVERY_STATES, type DeliveryState } from '#core/notify/outbox.ts'
import type { LiveProgram } from '#server/live-program.ts'
import type { Operation } from '#server/operation.ts'
import { asked, cursorOf, firstOf, newestFirst, pageQuery, positionIn } from '#server/page.ts'
import { send } from '#server/ready.ts'

const TYPES = Object.keys(EVENT_SHAPES) as readonly EventType[]

/** A list that the fold of the ledger holds, the newest first. */
const listed = (
  id: 'listSignOffs' | 'listWaivers' | 'listOverrides' | 'listChoices' | 'listCheckIns' | 'listEscalations',
  summary: string,
  of: (record: ProgramRecord) => readonly unknown[],
): Operation => ({
  id,
  method: 'get',
  path: READS[id],
  tag: 'Record',
  summary: `${summary}, the newest first`,
  query: pageQuery,
  answer: { json: id },
  handle: async (context, query) => {
    const { live } = context.var
    const page = asked(query)
    return send(context, await live.document(`${id} ${JSON.stringify(page)}`, () => newestFirst(of(live.record), page)))
  },
})

const byTime = <T extends { readonly at: string }>(items: readonly T[]): readonly T[] => items.toSorted((a, b) => (a.at < b.at ? -1 : 1))

/** What people and Muster put on record, and the ledger itself. */
export const RECORD_READS: readonly Operation[] = [
  listed('listSignOffs', 'Signatures and refusals', ({ state }) => state.signOffs),
  listed('listWaivers', 'Waivers', ({ state }) => state.waivers),
  listed('listOverrides', 'Overrides', ({ state }) => state.overrides),
  listed('listChoices', 'Options that were chosen of the decision matrices', ({ chosen }) => chosen),
  listed('listCheckIns', 'Check-ins of all streams', ({ checkIns }) => byTime([...checkIns.values()].flat())),
  listed('listEscalations', 'Escalations', ({ escalations }) => escalations),
  {
    id: 'listEvidence',
    method: 'get',
    path: READS.listEvidence,
    tag: 'Record',
    summary: 'Evidence on record, the newest first: what checks gathered and what CI reported',
    query: pageQuery.extend({
      metric: z.string().optional().meta({ description: 'Only this metric' }),
      stream: z.string().optional().meta({ description: 'Only this stream; `program` for the program' }),
    }),
    answer: { json: 'listEvidence' },
    handle: async (context, query) => {
      const { live } = context.var
      const made = await live.document(`evidence ${JSON.stringify(query)}`, () => evidencePage(live, query))
      return send(context, made)
    },
  },
  {
    id: 'listDeliveries',
    method: 'get',
    path: READS.listDeliveries,
    tag: 'Deliveries',
    summary: 'Messages of the outbox, the newest first',
    query: pageQuery.extend({ state: z.enum(DELIVERY_STATES).optional().meta({ description: 'Only those in this state' }) }),
    answer: { json: 'listDeliveries' },
    handle: async (context, query) => {
      const { live } = context.var
      const page = asked(query)
      const made = await live.document(`deliveries ${JSON.stringify([page, query['state']])}`, async () => {
        const states = query['state'] === undefined ? {} : { states: [query['state'] as DeliveryState] }
        return newestFirst(await live.served.ledger.messages(live.id, states), page)
      })
      return send(context, made)
    },
  },
  {
    id: 'readLedger',
    method: 'get',
    path: READS.readLedger,
    tag: 'Ledger',
    summary: 'Where the ledger ends: keep it elsewhere, and nothing can be cut off or written anew unseen',
    answer: { json: 'readLedger' },
    handle: async (context) => {
      const { live } = context.var
      const { head } = live.record
      const made = await live.document('ledger', () => ({
        schemaVersion: 1,
        program: live.id,
        ...(head && { head, line: headLine(live.id, head, head.at) }),
      }))
      return send(context, made)
    },
  },
  {
    id: 'listRecords',
    method: 'get',
    path: READS.listRecords,
    tag: 'Ledger',
    summary: 'Records of the ledger as they were sealed, the oldest first',
    query: pageQuery.extend({ type: z.enum(TYPES).optional().meta({ description: 'Only records of this type' }) }),
    answer: { json: 'listRecords' },
    handle: async (context, query) => {
      const { live } = context.var
      const made = await live.document(`records ${JSON.stringify(query)}`, async () => {
        const { limit, after } = asked(query)
        const types = query['type'] === undefined ? {} : { types: [query['type'] as EventType] }
        const found: LedgerRecord[] = []
        const from = after === undefined ? 0 : positionIn(after, Number.MAX_SAFE_INTEGER)
        for await (const event of live.served.ledger.read(live.id, { after: from, limit: limit + 1, ...types })) found.push(event)
        return firstOf(found, limit, ({ seq }) => String(seq))
      })
      return send(context, made)
    },
  },
  {
    id: 'follow',
    method: 'get',
    path: EVENTS_PATH,
    tag: 'Ledger',
    summary: 'Tells of the newest record at once and of each change from then on, as server-sent events, until the connection ends',
    query: z.strictObject({ after: z.string().optional().meta({ description: 'As `Last-Event-ID`, for who cannot send it' }) }),
    headers: z.object({
      'last-event-id': z
        .string()
        .optional()
        .meta({ description: 'Number of the record that was told of last: the same one is not told again' }),
    }),
    answer: { type: 'text/event-stream', each: 'follow' },
    handle: (context) => context.var.server.follow(context),
  },
  {
    id: 'exportLedger',
    method: 'get',
    path: `${READS.readLedger}/export`,
    tag: 'Ledger',
    summary: 'The whole ledger as lines of canonical JSON, as `muster ledger export` writes it',
    answer: { type: 'application/x-ndjson' },
    handle: async (context) => {
      const { live } = context.var
      const head = await live.served.ledger.head(live.id)
      if (!head) return context.body('', 200, { 'content-type': 'application/x-ndjson' })
      const body = ReadableStream.from(linesOf(live, head))
      return context.body(body, 200, {
        'content-type': 'application/x-ndjson',
        'content-disposition': `attachment; filename="${live.id}.ledger.ndjson"`,
        'cache-control': 'no-store',
      })
    },
  },
]

async function* linesOf(live: LiveProgram, head: { readonly seq: number; readonly hash: string }): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  yield encoder.encode(`${ledgerLine(live.id, head)}\n`)
  for await (const event of live.served.ledger.read(live.id)) {
    if (event.seq > head.seq) return
    yield encoder.encode(`${recordLine(event)}\n`)
  }
}

/** So many records are looked through for one page at most; the page may then hold less than was asked for. */
const MOST_LOOKED_AT = 200

/** A position is `<record>.<index>`: a record holds many pieces. */
async function evidencePage(live: LiveProgram, query: Readonly<Record<string, string | undefined>>): Promise<Items<EvidenceItem>> {
  const { limit, after } = asked(query)
  const [record = Infinity, index = -1] = (after ?? '').split('.').filter(Boolean).map(Number).filter(Number.isSafeInteger)
  const { metric, stream } = query
  const subject = stream === undefined || stream === 'program' ? stream : streamSubject(stream)
  const reported = new Map((await live.served.reported()).map((one) => [one.seq, one]))
  const found: { readonly item: EvidenceItem; readonly position: string }[] = []
  const seqs = live.evidence.filter((seq) => seq <= record).toReversed()
  for (const seq of seqs.slice(0, MOST_LOOKED_AT)) {
    const event = await live.at(seq)
    for (const [place, evidence] of (event ? evidenceIn(event, reported.get(seq)) : []).entries()) {
      if (seq === record && place <= index) continue
      if (metric !== undefined && evidence.metric !== metric) continue
      if (subject !== undefined && evidence.subject !== subject) continue
      found.push({ item: { evidence, record: seq, recordedAt: event?.at ?? '' }, position: `${seq}.${place}` })
    }
    if (found.length > limit) break
  }
  const { items, next } = firstOf(found, limit, ({ position }) => position)
  const last = seqs.length > MOST_LOOKED_AT ? seqs[MOST_LOOKED_AT - 1] : undefined
  const cursor = next ?? (last === undefined ? undefined : cursorOf(`${last}.${Number.MAX_SAFE_INTEGER}`))
  return { items: items.map(({ item }) => item), ...(cursor !== undefined && { next: cursor }) }
}

function evidenceIn(event: LedgerEvent, reported: Recorded | undefined): readonly EvidenceItem['evidence'][] {
  // What CI reported stands in the snapshots of checks as well.
  if (event.type === 'evidence') return event.body.snapshot.evidence.filter((one) => one.provenance !== 'reported')
  return reported ? evidenceOfRecord(reported) : []
}
