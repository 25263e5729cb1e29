import { z } from 'zod'
import { BLOCKER_OUTCOMES } from '#core/ledger/events.ts'
import { NOTICE_DATA, type NoticeData } from '#core/notify/data.ts'
import { NOTICE_KINDS, type NoticeKind } from '#core/program/model.ts'

/**
 * What Muster says by itself, before it is put into the form of a channel. Every number in it comes
 * from a decision or from the ledger; templates only arrange it.
 */
export type Notice<K extends NoticeKind = NoticeKind> = { readonly [Each in K]: NoticeOf<Each> }[K]

interface NoticeOf<K extends NoticeKind> {
  readonly kind: K
  /** What it is about, and what it continues: `checkpoint:sprint-end`, `blocker:b-1`, `escalation:e-3`. */
  readonly thread: string
  /** One line of plain text: subject of a mail, head of a message, line of a digest. */
  readonly title: string
  /** Instant of what is told. */
  readonly at: string
  /** Ids of people whom it concerns: mentioned, written to, invited. */
  readonly people: readonly string[]
  /** Breaks quiet hours and limits, and is never part of a digest. */
  readonly urgent: boolean
  /** It is the new state of what the thread began with: that is replaced where the channel can edit, rather than continued. */
  readonly edits: boolean
  /** What can be done about it from where it is read. */
  readonly acts: readonly NoticeAct[]
  readonly data: NoticeData[K]
}

/** What a button does, in the words of the ledger; who pressed it must have the right to. */
export const NOTICE_ACT = z.discriminatedUnion('act', [
  z.object({ act: z.literal('acknowledge-blocker'), blocker: z.string().min(1).max(100) }),
  // A button of a message from before there was one for each outcome names none.
  z.object({
    act: z.literal('resolve-blocker'),
    blocker: z.string().min(1).max(100),
    outcome: z.enum(BLOCKER_OUTCOMES).default('resolved'),
  }),
  z.object({ act: z.literal('acknowledge-escalation'), escalation: z.string().min(1).max(300) }),
  z.object({ act: z.literal('sign'), checkpoint: z.string().min(1).max(100), role: z.string().min(1).max(100), approve: z.boolean() }),
])
export type NoticeAct = z.infer<typeof NOTICE_ACT>

const notice = z.object({
  kind: z.enum(NOTICE_KINDS),
  thread: z.string(),
  title: z.string(),
  at: z.string(),
  people: z.array(z.string()),
  urgent: z.boolean(),
  edits: z.boolean(),
  acts: z.array(NOTICE_ACT),
  data: z.unknown(),
})

/** A notice as the outbox kept it; undefined where it is none, or one of another version. */
export function readNotice(json: unknown): Notice | undefined {
  const head = notice.safeParse(json)
  if (!head.success) return undefined
  const data = NOTICE_DATA[head.data.kind].safeParse(head.data.data)
  return data.success ? ({ ...head.data, data: data.data } as Notice) : undefined
}
