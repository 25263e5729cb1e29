import { createHash } from 'node:crypto'
import { createTransport, type SendMailOptions, type Transporter } from 'nodemailer'
import type { Dispatch, Sent } from '#core/notify/channel.ts'
import type { ChannelConfig } from '#core/program/model.ts'
import { failed, reasonOf } from '#deliver/shared/outcome.ts'
import { secretIn, type Environment } from '#net/secret.ts'
import { mailHeader } from '#render/encode.ts'
import { isAddress } from '#render/ics/write.ts'

/** Mail over SMTP, for messages and for invitations. */

export interface Mailer {
  send(dispatch: Dispatch, parts: (to: string) => MailParts): Promise<Sent>
  close(): Promise<void>
}

export type MailParts = Pick<SendMailOptions, 'text' | 'html' | 'alternatives'>

const CONNECT_MS = 15_000
const SILENCE_MS = 30_000

export function mailer(config: ChannelConfig, environment: Environment): Mailer {
  let open: { readonly transport: Transporter; readonly secrets: readonly string[] } | undefined

  /** The address of the server holds name and password, and is therefore a secret. */
  async function transport(): Promise<NonNullable<typeof open> | string> {
    if (open) return open
    const secret = await secretIn([config.secret ?? 'MUSTER_SMTP_URL'], environment)
    if (!secret.ok) return `there is no mail server: ${secret.reason}`
    const url = URL.canParse(secret.value) ? new URL(secret.value) : undefined
    if (!url || !/^smtps?:$/.test(url.protocol) || url.hostname === '')
      return `${secret.name} holds no address of a mail server: write smtps://user:password@mail.example.org`
    const isLocal = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname)
    const isSecure = url.protocol === 'smtps:'
    const [user, pass] = [url.username, url.password].map(decodeURIComponent)
    open = {
      secrets: [secret.value, ...(pass ? [pass] : [])],
      transport: createTransport({
        host: url.hostname.replace(/^\[|\]$/g, ''),
        port: url.port === '' ? (isSecure ? 465 : 587) : Number(url.port),
        secure: isSecure,
        // Nothing goes over the net in the clear; on this machine there is nobody to read it.
        requireTLS: !isSecure && !isLocal,
        ignoreTLS: !isSecure && isLocal,
        ...(user !== undefined && user !== '' && { auth: { user, pass: pass ?? '' } }),
        connectionTimeout: CONNECT_MS,
        greetingTimeout: CONNECT_MS,
        socketTimeout: SILENCE_MS,
        disableFileAccess: true,
        disableUrlAccess: true,
      }),
    }
    return open
  }

  async function send(dispatch: Dispatch, parts: (to: string) => MailParts): Promise<Sent> {
    const { person, notice, program, key, previous } = dispatch
    const to = person?.email
    const from = config.from
    if (person === undefined || to === undefined || !isAddress(to))
      return failed(`${person?.name ?? 'nobody'} has no address that mail is sent to`)
    if (from === undefined || !isAddress(from)) return failed(`channel ${config.id} has no sender`)
    const ready = await transport()
    if (typeof ready === 'string') return failed(ready)
    const host = from.slice(from.indexOf('@') + 1)
    const messageId = `<${digest(key)}@${host}>`
    // Mail programs gather what refers to one message, whether or not anybody has it.
    const root = `<thread.${digest(JSON.stringify([program.id, notice.thread]))}@${host}>`
    const before = /^<[\w.-]{1,200}@[\w.-]{1,250}>$/.exec(previous ?? '')?.[0]
    try {
      const sending = ready.transport.sendMail({
        from: { name: mailHeader(program.name, 100), address: from },
        to: [{ name: mailHeader(person.name, 100), address: to }],
        subject: mailHeader(`[${program.name}] ${notice.title}`),
        messageId,
        inReplyTo: before ?? root,
        references: before === undefined ? [root] : [root, before],
        // As a date: a text would be sent as it is, and a header has another form (RFC 5322, 3.3).
        date: new Date(notice.at),
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        ...parts(to),
      })
      await Promise.race([sending, ended(dispatch.signal)])
      return { outcome: 'delivered', reference: messageId }
    } catch (error) {
      // The connection may hold a half-sent text.
      ready.transport.close()
      open = undefined
      const failure = mailFailure(error)
      return { ...failure, reason: reasonOf(failure.reason, ready.secrets) }
    }
  }

  return {
    send,
    async close() {
      open?.transport.close()
    },
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 40)

/** What a mail server's refusal, or its silence, means. A Message-ID that stays the same makes a second copy show as one. */
function mailFailure(error: unknown): Extract<Sent, { readonly outcome: 'retry' | 'failed' }> {
  const { message, code, responseCode, command } = error as Error & { code?: string; responseCode?: number; command?: string }
  const reason = `the mail server: ${message}`
  if (responseCode !== undefined && responseCode >= 500) return { outcome: 'failed', reason }
  if (code === 'EAUTH' || code === 'ENOAUTH')
    return { outcome: responseCode !== undefined && responseCode < 500 ? 'retry' : 'failed', reason }
  if (responseCode !== undefined && responseCode >= 400) return { outcome: 'retry', reason, ...(command === 'DATA' && { maybeSent: true }) }
  if (code === 'EENVELOPE' || code === 'ETLS') return { outcome: 'failed', reason }
  const cause = code ?? ''
  // Who was never reached has heard nothing; how far a broken connection had come, nobody says.
  const isUnreached = UNREACHED.has(cause) || /ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|connection timeout|greeting/i.test(message)
  return isUnreached ? { outcome: 'retry', reason } : { outcome: 'retry', reason, maybeSent: true }
}

const UNREACHED = new Set(['EDNS', 'ECONNREFUSED', 'ENOTFOUND'])

/** A connection that hangs is not waited for: whether it was heard, nobody knows. */
const ended = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const say = (): void => reject(new Error('no answer in time'))
    if (signal.aborted) say()
    else signal.addEventListener('abort', say, { once: true })
  })
