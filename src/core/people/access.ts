import { z } from 'zod'
import type { AccessGranted, LedgerEvent } from '#core/ledger/events.ts'
import { reference, text } from '#core/people/fields.ts'
import { accept, type Decided, type Given } from '#core/people/given.ts'
import { refuse, refuseUnknown, type Refusal } from '#core/people/refusal.ts'
import { findPerson, streamIds, whoActs, type Actor } from '#core/people/who.ts'
import type { Program } from '#core/program/model.ts'
import { addSeconds, epoch, formatZoned } from '#core/schedule/time.ts'

const DAY_SECONDS = 86_400
const DEFAULT_DAYS = 90

/** First hex digits of the sha256 of a token: its id. */
const ID_DIGITS = 16

const ACCESS_TOKEN = /^muster_access_[A-Za-z0-9_-]{43}$/

/** Whether a text can be a token at all; nothing else is ever looked up, so that no short word can be made one. */
export const isAccessToken = (text: string): boolean => ACCESS_TOKEN.test(text)

/** Before the 32 random bytes of a token: scanners know it by that. */
export const ACCESS_PREFIX = 'muster_access_'

export const accessId = (sha256: string): string => sha256.slice(0, ID_DIGITS)

/** A bearer token, as the ledger tells it. */
export interface Access extends AccessGranted {
  readonly issuedAt: string
  readonly issuedBy: string
  readonly revoked?: { readonly at: string; readonly by: string; readonly reason: string }
}

/** By id, in the order of their issue. An id is issued once; a revoked one never comes back. */
export function foldAccess(events: Iterable<LedgerEvent>, known: ReadonlyMap<string, Access> = new Map()): ReadonlyMap<string, Access> {
  const all = new Map(known)
  for (const { type, body, at, actor } of events) {
    if (type === 'access-granted' && !all.has(body.access)) all.set(body.access, { ...body, issuedAt: at, issuedBy: actor })
    if (type !== 'access-revoked') continue
    const found = all.get(body.access)
    if (found && !found.revoked) all.set(body.access, { ...found, revoked: { at, by: actor, reason: body.reason } })
  }
  return all
}

/** Why a token lets nobody in at an instant; undefined while it does. */
export function accessFault({ access, person, issuedBy, revoked, expires }: Omit<Access, 'sha256'>, at: string): string | undefined {
  if (person !== undefined && person !== issuedBy) return `token ${access} of ${person} was issued by ${issuedBy}, who is somebody else`
  if (revoked) return `token ${access} was revoked at ${revoked.at} by ${revoked.by}`
  return epoch(at) >= epoch(expires) ? `token ${access} expired at ${expires}` : undefined
}

export const issueAccessInput = z.strictObject({
  stream: reference
    .optional()
    .describe('Stream whose machines it lets in, to read and report and never sign; absent: it lets in whoever issues it'),
  label: text.describe('What it is for'),
  days: z.int().min(1).max(366).optional().describe(`How long it holds; ${DEFAULT_DAYS} unless said`),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'it is no sha256 in lower-case hex')
    .describe('Of the token, which is muster_access_ and 32 random bytes in base64url; the token itself stays with whoever made it'),
})

/**
 * Whoever holds the token is let in as who issued it, or as the machines of a stream, until it
 * expires. Nobody issues one for another person: what is done with it would be on record as theirs.
 */
export function issueAccess(given: Given, name: string | undefined, input: z.infer<typeof issueAccessInput>): Decided {
  const { program, at, access } = given
  const { stream, label, sha256, days = DEFAULT_DAYS } = input
  if (stream !== undefined && !streamIds(program).includes(stream)) return refuseUnknown('stream', stream, streamIds(program), 'stream')
  const actor = stream === undefined ? themselves(program, name) : whoActs(program, name, { act: 'issue-access', stream })
  if (!actor.ok) return actor
  const { person } = actor
  const id = accessId(sha256)
  if (access?.has(id)) return refuse('settled', `there is a token ${id} already`, { field: 'sha256' })
  const expires = addSeconds(at, days * DAY_SECONDS)
  const whose = stream === undefined ? { person } : { stream }
  return accept(
    person,
    `${person} issued access ${id} for ${stream === undefined ? person : `stream ${stream}`} until ${formatZoned(expires, program.calendar.zone)}: ${label}`,
    { type: 'access-granted', body: { access: id, sha256, label, ...whose, expires } },
  )
}

function themselves(program: Program, name: string | undefined): Pick<Actor, 'ok' | 'person'> | Refusal {
  if (name === undefined)
    return refuse('who-acts', 'say who you are', { remedy: `people are: ${program.people.map((one) => one.id).join(', ')}` })
  const person = findPerson(program, name)
  return 'ok' in person ? person : { ok: true, person: person.id }
}

export const revokeAccessInput = z.strictObject({ access: reference.describe('Id of the token'), reason: text.describe('Why') })

/** From now on it lets nobody in. */
export function revokeAccess(
  { program, access }: Given,
  name: string | undefined,
  { access: id, reason }: z.infer<typeof revokeAccessInput>,
): Decided {
  const known = access?.get(id)
  if (!known) return refuseUnknown('token', id, [...(access?.keys() ?? [])], 'access')
  if (known.revoked) return refuse('settled', `token ${id} was revoked at ${known.revoked.at} by ${known.revoked.by}`)
  const { person, stream } = known
  const actor = whoActs(program, name, { act: 'revoke-access', ...(stream === undefined ? { person: person ?? '' } : { stream }) })
  if (!actor.ok) return actor
  return accept(actor.person, `${actor.person} revoked access ${id} of ${stream === undefined ? person : `stream ${stream}`}`, {
    type: 'access-revoked',
    body: { access: id, reason },
  })
}
