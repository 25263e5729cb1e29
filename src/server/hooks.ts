import { createHmac } from 'node:crypto'
import { Hono, type Context } from 'hono'
import type { NoticeAct } from '#core/notify/notice.ts'
import { actOfPress } from '#core/notify/press.ts'
import type { Program } from '#core/program/model.ts'
import { notePush } from '#engine/pushes.ts'
import type { Env } from '#server/app.ts'
import { sameSecret } from '#server/auth/same.ts'
import { perform } from '#server/perform.ts'
import { problem } from '#server/problem.ts'
import { keyedBy } from '#server/written.ts'

/** What others send us by themselves, and how it is known to be theirs. What has no secret is not taken. */
export interface Hooks {
  readonly github?: string
  readonly gitlab?: string
  readonly slack?: SlackHook
}

export interface SlackHook {
  /** Why a request is not Slack's; undefined when it is. */
  readonly refusal: (request: SlackRequest, nowSeconds: number) => string | undefined
  readonly pressed: (body: string, program: Program) => Pressed
  /** Says to whoever pressed what came of it. */
  readonly tell: (body: string, text: string) => Promise<void>
}

interface SlackRequest {
  readonly body: string
  readonly timestamp: string | undefined
  readonly signature: string | undefined
}

type Pressed =
  | { readonly ok: true; readonly act: NoticeAct; readonly person: { readonly id: string } }
  | { readonly ok: false; readonly reason: string }

export const SLACK_PATH = '/hooks/slack'

/** For so long a delivery is remembered: one that comes again is not looked at again. */
const DELIVERY_SECONDS = 7 * 86_400

/**
 * A forge that says something has changed is only a hint to look now: what it says is not read, and
 * what is found is what counts. A button in Slack is an act of whoever pressed it.
 */
export function hookRoutes(hooks: Hooks): Hono<Env> {
  const look = async (context: Context<Env>, delivery: string | undefined): Promise<Response> => {
    if (delivery === undefined || !/^[\x21-\x7e]{1,100}$/.test(delivery))
      return problem(context, 400, 'no-delivery', 'A delivery has an id', { remedy: 'Forges send one with each; so must whoever tries.' })
    const { server } = context.var
    let isNew = false
    for (const live of server.lives.values()) {
      if (!(await live.served.ledger.spend(live.id, 'delivery', delivery, DELIVERY_SECONDS))) continue
      isNew = true
      await notePush(live.served.ledger, live.id, server.ports.now())
      live.served.wake()
      const jobs = server.jobs(live).list()
      // One look that waits will see this as well.
      if (!jobs.some((one) => one.kind === 'radar' && one.state === 'waiting')) server.startRadar(live, `hook:${delivery}`)
    }
    return isNew ? context.json({ outcome: 'looking' }, 202) : context.json({ outcome: 'known' })
  }
  return new Hono<Env>()
    .post('/hooks/github', async (context) => {
      if (hooks.github === undefined) return notTaken(context, 'MUSTER_GITHUB_WEBHOOK_SECRET')
      const body = Buffer.from(await context.req.arrayBuffer())
      const made = `sha256=${createHmac('sha256', hooks.github).update(body).digest('hex')}`
      if (!sameSecret(made, context.req.header('x-hub-signature-256') ?? '')) return notTheirs(context, 'GitHub')
      return context.req.header('x-github-event') === 'ping'
        ? context.json({ outcome: 'pong' })
        : look(context, context.req.header('x-github-delivery'))
    })
    .post('/hooks/gitlab', (context) => {
      if (hooks.gitlab === undefined) return notTaken(context, 'MUSTER_GITLAB_WEBHOOK_SECRET')
      if (!sameSecret(hooks.gitlab, context.req.header('x-gitlab-token') ?? '')) return notTheirs(context, 'GitLab')
      return look(context, context.req.header('x-gitlab-event-uuid'))
    })
    .post(SLACK_PATH, (context) => (hooks.slack ? press(context, hooks.slack) : notTaken(context, 'MUSTER_SLACK_SIGNING_SECRET')))
}

async function press(context: Context<Env>, { refusal, pressed, tell }: SlackHook): Promise<Response> {
  const body = await context.req.text()
  const { server } = context.var
  const request = {
    body,
    timestamp: context.req.header('x-slack-request-timestamp'),
    signature: context.req.header('x-slack-signature'),
  }
  const fault = refusal(request, Date.parse(server.ports.now()) / 1000)
  if (fault !== undefined) return notTheirs(context, 'Slack', fault)
  const reasons: string[] = []
  for (const live of server.lives.values()) {
    const found = pressed(body, live.program)
    if (!found.ok) {
      reasons.push(found.reason)
      continue
    }
    const { name, input } = actOfPress(found.act, 'Slack')
    // The same bytes again are the same press.
    const keyed = keyedBy(`slack ${name}`, body, { as: found.person.id, ...input })
    const outcome = await perform(live, server, { name, keyed, person: found.person.id, input: { ...input }, ifMatch: undefined })
    const words = 'ok' in outcome ? [outcome.message, outcome.remedy] : 'problem' in outcome ? [outcome.title] : [outcome.said]
    const text = words.filter((one) => one !== undefined && one !== '').join('\n')
    // Of a press that came again it was told before.
    if (text !== '') void tell(body, text)
    return context.body(null, 200)
  }
  void tell(body, reasons.find((one) => !one.includes('another program')) ?? reasons[0] ?? 'nothing is served here')
  return context.body(null, 200)
}

const notTaken = (context: Context, name: string): Response =>
  problem(context, 404, 'no-hook', 'Nothing of that kind is taken here', { remedy: `Set ${name} (or ${name}_FILE) where the server runs.` })

const notTheirs = (context: Context, whose: string, detail = ''): Response =>
  problem(context, 401, 'not-signed', `This is not signed by ${whose}`, {
    detail,
    remedy: 'The secret there must be the one that the server has.',
  })
