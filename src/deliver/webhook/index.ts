import type { Dispatch, Sent } from '#core/notify/channel.ts'
import { epoch } from '#core/schedule/time.ts'
import { endedBy, failed, refusal } from '#deliver/shared/outcome.ts'
import { wireFor } from '#deliver/shared/wire.ts'
import type { OpenChannel } from '#deliver/ports.ts'
import { keyOf, signedHeaders, webhookId } from '#deliver/webhook/sign.ts'
import { secretIn } from '#net/secret.ts'
import { plainNotice } from '#render/notice/plain.ts'
import { wordNotice } from '#render/notice/word.ts'

/** POSTs each notice as JSON, signed, to one address; a retry has the same `webhook-id`. */
export const open: OpenChannel = (config, { environment }) => {
  const wire = wireFor(environment)

  async function send({ key, notice, program, now, signal }: Dispatch): Promise<Sent> {
    const url = URL.canParse(config.to ?? '') ? new URL(config.to ?? '') : undefined
    if (!url || !/^https?:$/.test(url.protocol))
      return failed(`channel ${config.id}: ${config.to ?? 'nothing'} is no http or https address`)
    if (url.username !== '' || url.password !== '') return failed(`channel ${config.id}: the address holds credentials; sign instead`)
    const secret = await secretIn([config.secret ?? 'MUSTER_WEBHOOK_SECRET'], environment)
    if (!secret.ok) return failed(`there is no signing secret: ${secret.reason}`)
    const signing = keyOf(secret.value, secret.name)
    if (!signing.ok) return failed(signing.reason)
    const document = wordNotice(notice, program, config)
    const { kind, at, thread, title, people, urgent, acts, data } = notice
    const text = plainNotice(document).join('\n')
    const body = JSON.stringify({ type: `muster.${kind}`, timestamp: at, data: { thread, title, text, people, urgent, acts, ...data } })
    const ended = await endedBy(
      wire.ask({
        url,
        method: 'POST',
        signal,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'muster',
          ...signedHeaders(signing.bytes, webhookId(key), Math.floor(epoch(now) / 1000), body),
        },
        body,
      }),
    )
    return refusal(ended, url.host, [secret.value]) ?? { outcome: 'delivered', reference: webhookId(key) }
  }

  return {
    send,
    async close() {
      wire.close()
    },
  }
}
