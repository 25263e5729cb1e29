import type { Dispatch, Sent } from '#core/notify/channel.ts'
import { endedBy, failed, refusal } from '#deliver/shared/outcome.ts'
import { reachOf, wireFor } from '#deliver/shared/wire.ts'
import type { OpenChannel } from '#deliver/ports.ts'
import { secretIn } from '#net/secret.ts'
import { slackNotice } from '#render/notice/slack.ts'
import { wordNotice } from '#render/notice/word.ts'

/**
 * Posts to an incoming webhook, whose address is the secret. It cannot be asked whether a message
 * arrived: where that is in doubt, what is urgent is sent again, and everything else is not.
 */
export const open: OpenChannel = (config, { environment }) => {
  const wire = wireFor(environment)

  async function send({ notice, program, maybeSent, signal }: Dispatch): Promise<Sent> {
    if (maybeSent && !notice.urgent) return { outcome: 'uncertain', reason: UNSURE }
    const secret = await secretIn([config.secret ?? 'MUSTER_SLACK_WEBHOOK'], environment)
    if (!secret.ok) return failed(`there is no address of a webhook: ${secret.reason}`)
    const url = URL.canParse(secret.value) ? new URL(secret.value) : undefined
    if (!url || (url.origin !== 'https://hooks.slack.com' && reachOf(environment) !== 'loopback'))
      return failed(`${secret.name} holds no address of a Slack webhook: it begins with https://hooks.slack.com/`)
    const body = JSON.stringify(slackNotice(wordNotice(notice, program, config), notice, program))
    const ended = await endedBy(
      wire.ask({ url, method: 'POST', signal, headers: { 'content-type': 'application/json', 'user-agent': 'muster' }, body }),
    )
    const refused = refusal(ended, 'Slack', [secret.value, url.pathname])
    if (refused?.outcome === 'retry' && refused.maybeSent && !notice.urgent)
      return { outcome: 'uncertain', reason: `${refused.reason}; ${UNSURE}` }
    return refused ?? { outcome: 'delivered' }
  }

  return {
    send,
    async close() {
      wire.close()
    },
  }
}

const UNSURE = 'an incoming webhook cannot be asked whether it arrived, and it is not urgent'
