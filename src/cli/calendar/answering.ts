import type { Io } from '#cli/io.ts'
import type { ProgramFile } from '#cli/program-file.ts'
import { soundly } from '#cli/soundly.ts'
import { openLedger } from '#cli/wire.ts'
import type { InvitationAnswer, NewEvent } from '#core/ledger/events.ts'
import type { Program } from '#core/program/model.ts'
import { invitationTo } from '#core/schedule/answers.ts'
import { foldingHistory, type History } from '#core/schedule/history.ts'
import { MOST_BYTES, readMail } from '#deliver/calendar/mail.ts'
import { readReply } from '#deliver/calendar/reply.ts'
import { vouchFault } from '#deliver/calendar/vouch.ts'
import { sha256 } from '#store/sha256.ts'
import { StoreError, type Store } from '#store/store.ts'

export interface Offered {
  readonly name: string
  /** Throws where it cannot be read, or has more bytes than that. */
  readonly read: (most: number) => Promise<string | Uint8Array>
}

export interface Answered {
  readonly name: string
  readonly outcome: 'recorded' | 'known' | 'refused'
  /** Number of the record. */
  readonly seq?: number
  readonly reason?: string
  readonly answer?: {
    readonly person: string
    readonly meeting: 'checkpoint' | 'sync'
    readonly id: string
    readonly says: InvitationAnswer
  }
}

type Draft = Extract<NewEvent, { readonly type: 'invitation-answered' }>
type Judged = Answered | { readonly name: string; readonly draft: Draft }

/** Puts answers on record: each mail by itself, and one that is refused leaves no trace. */
export async function answerAll(
  io: Io,
  { program, folder }: ProgramFile & { readonly program: Program },
  mails: readonly Offered[],
  server: string,
): Promise<readonly Answered[]> {
  const judged: Judged[] = []
  const reader = await openLedger(io, folder, 'read')
  try {
    const history = await invitationsOf(reader, program.id)
    for (const mail of mails) judged.push(await judge(mail, { store: reader, program, history, server, at: io.now() }))
  } finally {
    await reader.close()
  }
  if (judged.every((one) => 'outcome' in one)) return judged
  const store = await openLedger(io, folder, 'write')
  try {
    const results: Answered[] = []
    for (const one of judged) results.push('outcome' in one ? one : await append(store, program, one))
    return results
  } finally {
    await store.close()
  }
}

/** Which invitations went out. */
async function invitationsOf(store: Store, program: string): Promise<History> {
  const fold = foldingHistory()
  await soundly(store, program, async () => {
    for await (const event of store.read(program, { types: ['fired'] })) fold.take(event)
  })
  return fold.history()
}

interface Judging {
  readonly store: Store
  readonly program: Program
  readonly history: History
  readonly server: string
  readonly at: string
}

async function judge({ name, read }: Offered, { store, program, history, server, at }: Judging): Promise<Judged> {
  const refused = (reason: string): Answered => ({ name, outcome: 'refused', reason })
  const content = await read(MOST_BYTES).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
  if (content instanceof Error) return refused(`it cannot be read: ${content.message}`)
  const mail = await readMail(content)
  if (!mail.ok) return refused(mail.reason)
  const fault = vouchFault(mail.vouching, server, mail.from)
  if (fault !== undefined) return refused(fault)
  const reply = readReply({ text: mail.calendar, from: mail.from }, program)
  if (!reply.ok) return refused(reply.reason)
  const { person, meeting, says, sequence, answeredAt = at } = reply
  const id = sha256(JSON.stringify(['invitation-answered', person.id, mail.id]))
  const known = await store.find(program.id, id)
  if (known) return { name, outcome: 'known', seq: known.seq }
  const invitation = invitationTo({ history, zone: program.calendar.zone }, meeting.kind, meeting.id, sequence)
  if (!invitation.ok) return refused(invitation.reason)
  const body = {
    meeting: meeting.kind,
    id: meeting.id,
    says,
    sequence,
    time: invitation.time,
    // No clock that runs ahead makes an answer the last word for ever.
    answeredAt: Date.parse(answeredAt) > Date.parse(at) ? at : answeredAt,
  }
  return { name, draft: { id, at, actor: person.id, type: 'invitation-answered', body } }
}

async function append(store: Store, program: Program, { name, draft }: Extract<Judged, { draft: Draft }>): Promise<Answered> {
  const known = async (): Promise<Answered | undefined> => {
    const found = await store.find(program.id, draft.id)
    return found && { name, outcome: 'known', seq: found.seq }
  }
  // The same mail may stand twice in what was given.
  const before = await known()
  if (before) return before
  try {
    const [sealed] = await store.append(program.id, [draft])
    const { meeting, id, says } = draft.body
    return { name, outcome: 'recorded', ...(sealed && { seq: sealed.seq }), answer: { person: draft.actor, meeting, id, says } }
  } catch (error) {
    // Somebody else recorded it a moment ago.
    if (!(error instanceof StoreError) || error.code !== 'id-reused') throw error
    return (await known()) ?? { name, outcome: 'known' }
  }
}
