import { z } from 'zod'
import { reference, text } from '#core/people/fields.ts'
import { accept, type Decided, type Given } from '#core/people/given.ts'
import { refuse, refuseUnknown } from '#core/people/refusal.ts'
import { streamIds, whoActs } from '#core/people/who.ts'
import { addSeconds, formatZoned } from '#core/schedule/time.ts'

const DAY_SECONDS = 86_400

export const issueInput = z.strictObject({
  stream: reference.describe('Stream whose evidence it may report'),
  days: z.int().min(1).max(366).optional().describe('How long it holds; 90 unless said'),
  token: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .describe('First 16 hex digits of the sha256 of the public key'),
  publicKey: z.base64().length(44).describe('Ed25519, the 32 bytes in base64; the private half stays with whoever made it'),
})

/** Whoever holds the private half may report evidence of one stream until it expires. */
export function issueToken({ program, at, tokens }: Given, name: string | undefined, input: z.infer<typeof issueInput>): Decided {
  const { stream, days = 90, token, publicKey } = input
  if (!streamIds(program).includes(stream)) return refuseUnknown('stream', stream, streamIds(program), 'stream')
  const actor = whoActs(program, name, { act: 'issue-token', stream })
  if (!actor.ok) return actor
  if (tokens?.has(token)) return refuse('settled', `there is a token ${token} already`, { field: 'token' })
  const expires = addSeconds(at, days * DAY_SECONDS)
  return accept(
    actor.person,
    `${actor.person} issued token ${token} for stream ${stream} until ${formatZoned(expires, program.calendar.zone)}`,
    { type: 'token-issued', body: { token, stream, publicKey, expires } },
  )
}

export const revokeInput = z.strictObject({ token: reference.describe('Id of the token'), reason: text.describe('Why') })

/** What it signed no longer counts. */
export function revokeToken({ program, tokens }: Given, name: string | undefined, { token, reason }: z.infer<typeof revokeInput>): Decided {
  const known = tokens?.get(token)
  if (!known) return refuseUnknown('token', token, [...(tokens?.keys() ?? [])], 'token')
  if (known.revoked) return refuse('settled', `token ${token} was revoked at ${known.revoked.at} by ${known.revoked.by}`)
  const actor = whoActs(program, name, { act: 'revoke-token', stream: known.stream })
  if (!actor.ok) return actor
  return accept(actor.person, `${actor.person} revoked token ${token} of stream ${known.stream}`, {
    type: 'token-revoked',
    body: { token, reason },
  })
}
