import type { CheckReport } from '#core/decide/report.ts'
import type { Notice } from '#core/notify/notice.ts'
import type { Program } from '#core/program/model.ts'
import type { DueAction } from '#core/schedule/due.ts'
import type { History } from '#core/schedule/history.ts'

/** What there is to tell of. */
export type Cause =
  /** Of `hold` and `watch` nothing is told by itself: what they find is told by the causes below. */
  | { readonly of: 'due'; readonly action: DueAction }
  /** The checkpoint was held: the decision, each stream's status, who signs. `report` of the occasion is that of the check. */
  | { readonly of: 'decision' }
  /** A stream's health is another than before; `report` is that of the look. */
  | { readonly of: 'health'; readonly stream: string }
  | { readonly of: 'blocker'; readonly blocker: string; readonly change: 'changed' | 'acknowledged' | 'resolved' }
  | { readonly of: 'escalation'; readonly escalation: string; readonly change: 'acknowledged' | 'cleared' }
  /** Somebody signed, or refused to. */
  | { readonly of: 'sign-off'; readonly checkpoint: string; readonly role: string }
  /** A checkpoint was moved, cancelled or changed in the program: its invitation follows. */
  | { readonly of: 'invitation'; readonly checkpoint: string; readonly people: readonly string[] }
  /** Muster could not do its job: a channel that is dead, a tick that was missed. `what` names it for ever, so that it is one thread. */
  | {
      readonly of: 'trouble'
      readonly what: string
      readonly because: string
      readonly remedy?: string
      readonly since: string
      readonly people: readonly string[]
    }
  /** What was held back for one person, as one message. */
  | { readonly of: 'digest'; readonly person: string; readonly notices: readonly Notice[] }

/** What is known when it is told. */
export interface Occasion {
  readonly program: Program
  /** Of the ledger with the events that tell of the cause. */
  readonly history: History
  readonly now: string
  /** The check that it comes from; else the last one, where there is one. */
  readonly report?: CheckReport
  /** Head of the ledger in one line, for the footer of a decision. */
  readonly head?: string
}

/** Everything that is to be said of a cause. Pure, and the same for the same arguments. */
export type Compose = (cause: Cause, occasion: Occasion) => readonly Notice[]
