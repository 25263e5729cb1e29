import type { Context } from 'hono'
import { latestDecision } from '#core/api/checkpoint.ts'
import { READS } from '#core/api/paths.ts'
import { streamHead } from '#core/api/state.ts'
import { foldingHistory } from '#core/schedule/history.ts'
import type { EventType } from '#core/ledger/events.ts'
import type { Env } from '#server/app.ts'
import { isLinkSecret, linkSecret } from '#server/links.ts'
import type { LiveProgram } from '#server/live-program.ts'
import type { Operation } from '#server/operation.ts'
import { problem } from '#server/problem.ts'
import { send } from '#server/ready.ts'
import { renderBadge } from '#render/badge/index.ts'
import { programFeed } from '#render/ics/feed.ts'
import { HEALTH_SIGNS, VERDICT_SIGNS } from '#render/words.ts'

const LINKS = '/links/{program}/{secret}'
const CALENDAR = 'text/calendar; charset=utf-8'
const BADGE = 'image/svg+xml'

/** What the ledger says of when meetings are, and which invitations went out. */
const MEETINGS: readonly EventType[] = ['checkpoint-moved', 'checkpoint-cancelled', 'fired']

/** A picture that is fetched by other sites: it may be shown there, and nothing in it runs. */
const SHOWN_ELSEWHERE = {
  'cross-origin-resource-policy': 'cross-origin',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
}

const secretly =
  (handle: (context: Context<Env>, live: LiveProgram) => Promise<Response>): Operation['handle'] =>
  (context) => {
    const { server } = context.var
    const live = server.lives.get(context.req.param('program') ?? '')
    // One answer for both, so that nobody learns which programs there are.
    return live && isLinkSecret(context.req.param('secret') ?? '', server.options.secret, live.id)
      ? handle(context, live)
      : problem(context, 404, 'unknown-link', 'This link is not of this server, or its secret was changed')
  }

/** What is read without an account, by an address that holds a secret; and the addresses. */
export const LINK_READS: readonly Operation[] = [
  {
    id: 'readLinks',
    method: 'get',
    path: READS.readLinks,
    tag: 'Links',
    summary: 'Addresses of the calendar and the badges: they hold a secret, and whoever has them needs no account',
    answer: { json: 'readLinks' },
    handle: async (context) => {
      const { live, server } = context.var
      const { origin } = new URL(context.req.url)
      const made = await live.document(`links ${origin}`, () => {
        const base = `${origin}/links/${encodeURIComponent(live.id)}/${linkSecret(server.options.secret, live.id)}`
        const each = (kind: string, all: readonly { readonly id: string }[]) =>
          Object.fromEntries(all.map(({ id }) => [id, `${base}/${kind}/${encodeURIComponent(id)}/badge.svg`]))
        const { checkpoints, streams } = live.program
        return {
          calendar: `${base}/calendar.ics`,
          badge: `${base}/badge.svg`,
          checkpoints: each('checkpoints', checkpoints),
          streams: each('streams', streams),
        }
      })
      return send(context, made)
    },
  },
  {
    id: 'readCalendar',
    method: 'get',
    path: `${LINKS}/calendar.ics`,
    tag: 'Links',
    summary: 'Every checkpoint and sync as a calendar to subscribe to',
    open: true,
    answer: { type: 'text/calendar' },
    handle: secretly(async (context, live) => {
      const made = await live.text('calendar', async () => {
        const fold = foldingHistory()
        for await (const event of live.served.ledger.read(live.id, { types: MEETINGS })) fold.take(event)
        // Stamped with the newest record, so that one head of the ledger has one feed.
        const now = live.record.head?.at ?? context.var.server.ports.now()
        return programFeed({ program: live.planned, history: fold.history(), now })
      })
      return send(context, made, { 'content-type': CALENDAR })
    }),
  },
  {
    id: 'readBadge',
    method: 'get',
    path: `${LINKS}/badge.svg`,
    tag: 'Links',
    summary: 'The verdict of the newest decision, as a picture',
    open: true,
    answer: { type: BADGE },
    handle: secretly(async (context, live) => {
      const last = live.record.decisions.findLast((one) => one.streams === undefined)
      return badge(context, live, live.program.name, last?.verdict)
    }),
  },
  {
    id: 'readCheckpointBadge',
    method: 'get',
    path: `${LINKS}/checkpoints/{checkpoint}/badge.svg`,
    tag: 'Links',
    summary: 'The verdict of a checkpoint, as a picture',
    open: true,
    answer: { type: BADGE },
    handle: secretly(async (context, live) => {
      const found = live.program.checkpoints.find((one) => one.id === context.req.param('checkpoint'))
      if (!found) return problem(context, 404, 'unknown-checkpoint', 'There is no such checkpoint')
      return badge(context, live, found.name, latestDecision(live.record, found.id)?.verdict)
    }),
  },
  {
    id: 'readStreamBadge',
    method: 'get',
    path: `${LINKS}/streams/{stream}/badge.svg`,
    tag: 'Links',
    summary: 'The health of a stream, as a picture',
    open: true,
    answer: { type: BADGE },
    handle: secretly(async (context, live) => {
      const found = live.program.streams.find((one) => one.id === context.req.param('stream'))
      if (!found) return problem(context, 404, 'unknown-stream', 'There is no such stream')
      const { health } = streamHead(found, live.record, (await live.newestReports()).at(-1))
      const made = await live.text(`badge stream ${found.id}`, async () =>
        renderBadge({ label: found.name, message: health ?? 'not judged yet', tone: health ? HEALTH_SIGNS[health].tone : 'unknown' }),
      )
      return send(context, made, { 'content-type': BADGE, ...SHOWN_ELSEWHERE })
    }),
  },
]

async function badge(
  context: Context<Env>,
  live: LiveProgram,
  label: string,
  verdict: keyof typeof VERDICT_SIGNS | undefined,
): Promise<Response> {
  const made = await live.text(`badge ${label} ${verdict}`, async () =>
    renderBadge({ label, message: verdict ?? 'not decided yet', tone: verdict ? VERDICT_SIGNS[verdict].tone : 'unknown' }),
  )
  return send(context, made, { 'content-type': BADGE, ...SHOWN_ELSEWHERE })
}
