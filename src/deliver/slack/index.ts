import { LogLevel, WebClient } from '@slack/web-api'
import type { Dispatch, Sent } from '#core/notify/channel.ts'
import { epoch } from '#core/schedule/time.ts'
import { failed, reasonOf } from '#deliver/shared/outcome.ts'
import { reachOf } from '#deliver/shared/wire.ts'
import type { OpenChannel } from '#deliver/ports.ts'
import { slackFailure } from '#deliver/slack/failure.ts'
import { secretIn } from '#net/secret.ts'
import { slackNotice, type SlackMessage } from '#render/notice/slack.ts'
import { wordNotice } from '#render/notice/word.ts'

/**
 * Posts as a bot: what continues a thread is a reply to what began it, what is the new state of it
 * replaces that, and before a message is sent again Slack is asked whether it arrived, by the key
 * in its metadata. Retries are the outbox's alone: the client's own would post copies.
 */
export const open: OpenChannel = (config, { environment }) => ({
  async send(dispatch) {
    const secret = await secretIn([config.secret ?? 'MUSTER_SLACK_TOKEN'], environment)
    if (!secret.ok) return failed(`there is no token: ${secret.reason}`)
    const own = environment('MUSTER_SLACK_API_URL')
    if (own !== undefined && reachOf(environment) !== 'loopback') return failed('MUSTER_SLACK_API_URL is for tests on this machine alone')
    const client = new WebClient(secret.value, {
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      allowAbsoluteUrls: false,
      timeout: ANSWER_SECONDS * 1000,
      logLevel: LogLevel.ERROR,
      logger: SILENT,
      ...(own !== undefined && { slackApiUrl: own }),
      fetch: (input, init) =>
        fetch(input, { ...init, redirect: 'error', signal: AbortSignal.any([dispatch.signal, ...(init?.signal ? [init.signal] : [])]) }),
    })
    try {
      return await post(client, dispatch)
    } catch (error) {
      const failure = slackFailure(error)
      return { ...failure, reason: reasonOf(`Slack: ${failure.reason}`, [secret.value]) }
    }
  },
  // Nothing stays open between two messages.
  async close() {},
})

const ANSWER_SECONDS = 20

/** What it would log is in the failure that is recorded. */
const SILENT = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
}

/** Where a message stands: channel, what began its thread, itself. */
interface Place {
  readonly channel: string
  readonly root: string
  readonly ts: string
}

const PLACE = /^([A-Z0-9]{5,30})\/(\d{6,16}\.\d{1,9})\/(\d{6,16}\.\d{1,9})$/

export function readPlace(reference: string | undefined): Place | undefined {
  const [, channel, root, ts] = PLACE.exec(reference ?? '') ?? []
  return channel === undefined || root === undefined || ts === undefined ? undefined : { channel, root, ts }
}

const delivered = ({ channel, root, ts }: Place): Sent => ({ outcome: 'delivered', reference: `${channel}/${root}/${ts}` })

async function post(client: WebClient, dispatch: Dispatch): Promise<Sent> {
  const { notice, program, config, maybeSent, key } = dispatch
  const previous = readPlace(dispatch.previous)
  const message = slackNotice(wordNotice(notice, program, config), notice, program)
  const metadata = { event_type: 'muster_notice', event_payload: { key } }
  if (notice.edits && previous && (await edited(client, previous, message, metadata))) return delivered({ ...previous, ts: previous.root })
  if (maybeSent) {
    const found = await arrived(client, dispatch, previous)
    if (found === 'unknown' && !notice.urgent)
      return { outcome: 'uncertain', reason: 'Slack could not be asked whether it arrived, and it is not urgent' }
    if (typeof found === 'object') return delivered(found)
  }
  const said = { channel: previous?.channel ?? config.to ?? '', ...asArguments(message), ...PLAINLY, metadata }
  // What must be seen is shown in the channel too.
  const broadcast = notice.urgent || notice.kind === 'decision'
  const { chat } = client
  const thread = previous && { thread_ts: previous.root }
  const say = chat.postMessage.bind(chat)
  const answer = await say(thread ? (broadcast ? { ...said, ...thread, reply_broadcast: true } : { ...said, ...thread }) : said)
  const { channel = '', ts = '' } = answer
  return delivered({ channel, root: previous?.root ?? ts, ts })
}

/** Slack's types have no room for blocks that are read-only. */
const asArguments = ({ text, blocks }: SlackMessage) => ({ text, blocks: structuredClone(blocks) as never })

/** Slack makes nothing of the text but text. */
const PLAINLY = { unfurl_links: false, unfurl_media: false, parse: 'none' } as const

/** False where what began the thread cannot be edited any more: then it is continued. */
async function edited(
  client: WebClient,
  place: Place,
  message: SlackMessage,
  metadata: { event_type: string; event_payload: { key: string } },
) {
  try {
    await client.chat.update({ channel: place.channel, ts: place.root, ...asArguments(message), metadata, parse: 'none' })
    return true
  } catch (error) {
    if (UNEDITABLE.has(slackFailure(error).reason)) return false
    throw error
  }
}

const UNEDITABLE = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed', 'thread_not_found'])

/** Far beyond what a channel sees between two attempts. */
const MOST_PAGES = 10

/** The message with that key, among those since it was told of; `unknown` where the bot may not look. */
async function arrived(
  client: WebClient,
  { key, notice, config }: Dispatch,
  previous: Place | undefined,
): Promise<Place | 'absent' | 'unknown'> {
  try {
    const channel = previous?.channel ?? (await channelNamed(client, config.to ?? ''))
    if (channel === undefined) return 'unknown'
    // Clocks differ by less than a minute.
    const oldest = String(epoch(notice.at) / 1000 - 60)
    let cursor: string | undefined
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const asked = { channel, oldest, limit: 200, include_all_metadata: true, ...(cursor !== undefined && { cursor }) }
      const answer = previous
        ? await client.conversations.replies({ ...asked, ts: previous.root })
        : await client.conversations.history(asked)
      const found = answer.messages?.find((one) => keyOf(one.metadata?.event_payload) === key)
      if (found?.ts !== undefined) return { channel, root: previous?.root ?? found.ts, ts: found.ts }
      cursor = answer.response_metadata?.next_cursor
      if (cursor === undefined || cursor === '') return 'absent'
    }
    return 'unknown'
  } catch (error) {
    if (LOCKED.has(slackFailure(error).reason)) return 'unknown'
    throw error
  }
}

const keyOf = (payload: unknown): unknown => (typeof payload === 'object' && payload !== null && 'key' in payload ? payload.key : undefined)

const LOCKED = new Set(['missing_scope', 'not_in_channel', 'channel_not_found', 'no_permission'])

/** Messages are looked up by the channel's id; a program file has its name. */
async function channelNamed(client: WebClient, to: string): Promise<string | undefined> {
  if (/^[CGD][A-Z0-9]{5,}$/.test(to)) return to
  const name = to.replace(/^#/, '')
  let cursor: string | undefined
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await client.conversations.list({
      exclude_archived: true,
      limit: 200,
      types: 'public_channel,private_channel',
      ...(cursor !== undefined && { cursor }),
    })
    const found = answer.channels?.find((one) => one.name === name)
    if (found?.id !== undefined) return found.id
    cursor = answer.response_metadata?.next_cursor
    if (cursor === undefined || cursor === '') return undefined
  }
  return undefined
}
