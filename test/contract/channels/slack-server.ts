import { double, type Double, type Request } from './http.ts'

export interface SlackMessage {
  readonly ts: string
  readonly thread_ts?: string
  readonly text: string
  readonly blocks: readonly { readonly type: string }[]
  readonly metadata: { readonly event_payload: { readonly key: string } }
  readonly reply_broadcast?: boolean
  readonly edits: number
}

/** What the bot may see of what was posted. */
interface Looking {
  pageSize: number
  isAllowed: boolean
}

/** As much of Slack's API as the channel calls: messages of one channel, kept in order. */
export async function slackServer(): Promise<Double & { readonly messages: SlackMessage[]; readonly looking: Looking }> {
  const messages: SlackMessage[] = []
  const looking: Looking = { pageSize: 200, isAllowed: true }
  const page = (found: readonly SlackMessage[], cursor: unknown): { body: unknown } => {
    if (!looking.isAllowed) return { body: { ok: false, error: 'missing_scope' } }
    const from = Number(cursor ?? 0)
    const next = from + looking.pageSize
    return {
      body: { ok: true, messages: found.slice(from, next), response_metadata: { next_cursor: next < found.length ? String(next) : '' } },
    }
  }
  let clock = 1_772_202_600
  const fields = ({ body }: Request): Record<string, unknown> =>
    Object.fromEntries(
      [...new URLSearchParams(body)].map(([key, value]) => [key, /^[[{]/.test(value) ? (JSON.parse(value) as unknown) : value]),
    )

  function answer(request: Request): { body: unknown } {
    const asked = fields(request)
    switch (request.path.split('/').at(-1) ?? '') {
      case 'chat.postMessage': {
        const ts = `${(clock += 1)}.000100`
        messages.push({ ...asked, ts, edits: 0 } as unknown as SlackMessage)
        return { body: { ok: true, channel: 'C0TEAM01', ts } }
      }
      case 'chat.update': {
        const index = messages.findIndex((one) => one.ts === asked['ts'])
        if (index < 0) return { body: { ok: false, error: 'message_not_found' } }
        messages[index] = { ...messages[index], ...asked, edits: (messages[index]?.edits ?? 0) + 1 } as unknown as SlackMessage
        return { body: { ok: true, channel: 'C0TEAM01', ts: asked['ts'] } }
      }
      case 'conversations.list':
        return { body: { ok: true, channels: [{ id: 'C0TEAM01', name: 'team' }] } }
      case 'conversations.history':
        return page(
          messages.filter((one) => one.thread_ts === undefined),
          asked['cursor'],
        )
      case 'conversations.replies':
        return page(
          messages.filter((one) => one.thread_ts === asked['ts'] || one.ts === asked['ts']),
          asked['cursor'],
        )
      default:
        return { body: { ok: false, error: 'unknown_method' } }
    }
  }

  const made = await double(answer, { body: { ok: false, error: 'invalid_auth' } }, undefined, ({ path }) => path.includes('/chat.'))
  return { ...made, messages, looking }
}
