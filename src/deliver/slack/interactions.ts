import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { NOTICE_ACT, type NoticeAct } from '#core/notify/notice.ts'
import type { Person, Program } from '#core/program/model.ts'

/** Presses of buttons, as Slack posts them: whether it was Slack, who pressed, and what is asked for. Pure but for the hash. */

export interface SlackRequest {
  /** As it came, byte for byte: the signature is over it. */
  readonly body: string
  /** `x-slack-request-timestamp` and `x-slack-signature`. */
  readonly timestamp: string | undefined
  readonly signature: string | undefined
}

/** Older ones may be replayed ones. */
const MOST_SECONDS = 300

/** Undefined when it is Slack's and fresh; else why not. Compared in constant time. */
export function requestProblem(
  { body, timestamp, signature }: SlackRequest,
  signingSecret: string,
  nowSeconds: number,
): string | undefined {
  if (timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) return 'it has no time'
  if (signature === undefined || !/^v0=[0-9a-f]{64}$/.test(signature)) return 'it has no signature'
  if (signingSecret === '') return 'there is no signing secret'
  if (Math.abs(nowSeconds - Number(timestamp)) > MOST_SECONDS) return 'it is too old, or from a clock that is wrong'
  const made = `v0=${createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex')}`
  return timingSafeEqual(Buffer.from(made), Buffer.from(signature)) ? undefined : 'its signature is not that of Slack'
}

const payload = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id: z.string() }),
  actions: z
    .array(z.object({ action_id: z.string(), value: z.string().max(2_000) }))
    .min(1)
    .max(1),
})

export type Pressed =
  | { readonly ok: true; readonly act: NoticeAct; readonly person: Person }
  /** For whoever pressed. */
  | { readonly ok: false; readonly reason: string }

/**
 * What a press of a button asks for, and of whom the program says that it was. Whether they may is
 * decided where every other act is.
 */
export function pressed(body: string, program: Program): Pressed {
  const read = payload.safeParse(jsonOf(new URLSearchParams(body).get('payload')))
  if (!read.success) return { ok: false, reason: 'it is no press of a button' }
  const [action] = read.data.actions
  const value = jsonOf(action?.value ?? null)
  const act = NOTICE_ACT.safeParse(value)
  if (!action?.action_id.startsWith('muster-') || !act.success) return { ok: false, reason: 'it is none of Muster’s buttons' }
  const named = z.object({ program: z.string() }).safeParse(value)
  if (!named.success || named.data.program !== program.id) return { ok: false, reason: 'it is a button of another program' }
  const people = program.people.filter((one) => one.slack === read.data.user.id)
  const [person] = people
  if (!person) return { ok: false, reason: `nobody in the program has slack: ${read.data.user.id.slice(0, 30)}` }
  if (people.length > 1) return { ok: false, reason: 'two people of the program have that Slack account' }
  return { ok: true, act: act.data, person }
}

function jsonOf(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '') as unknown
  } catch {
    return undefined
  }
}
