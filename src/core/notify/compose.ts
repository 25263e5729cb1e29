import type { CheckReport } from '#core/decide/report.ts'
import type { BlockerOutcome } from '#core/ledger/events.ts'
import type { Notice } from '#core/notify/notice.ts'
import { blockerNotice, turnOf } from '#core/notify/tell/blocker.ts'
import { checkInNotices, openedNotice, reminderNotice } from '#core/notify/tell/checkpoint.ts'
import { standUpNotices, syncNotice } from '#core/notify/tell/daily.ts'
import { decisionNotices, healthNotices } from '#core/notify/tell/decision.ts'
import { escalationNotice, stageOf } from '#core/notify/tell/escalation.ts'
import { invitations } from '#core/notify/tell/invitation.ts'
import { digestNotice, stalledNotice, troubleNotice, waiverNotices } from '#core/notify/tell/other.ts'
import { signOffNotices } from '#core/notify/tell/sign-off.ts'
import type { Checkpoint, Program } from '#core/program/model.ts'
import type { DueAction } from '#core/schedule/due.ts'
import type { History } from '#core/schedule/history.ts'

/** What there is to tell of. */
export type Cause =
  /** Of `hold` and `watch` nothing is told by itself: what they find is told by the causes below. */
  | { readonly of: 'due'; readonly action: DueAction }
  /** The checkpoint was held: the decision, each stream's status. `report` of the occasion is that of the check. */
  | { readonly of: 'decision'; readonly record?: { readonly id: string; readonly seq: number } }
  /** Somebody set the verdict of a checkpoint that was held; `report` is that of the checkpoint as it is judged now. */
  | { readonly of: 'override'; readonly checkpoint: string }
  /** A stream's health is another than before; `report` is that of the look. */
  | { readonly of: 'health'; readonly stream: string }
  /** Of an act `by` is the person whose it was. */
  | { readonly of: 'blocker'; readonly blocker: string; readonly change: 'acknowledged'; readonly by: string }
  | {
      readonly of: 'blocker'
      readonly blocker: string
      readonly change: 'changed'
      readonly by: string
      readonly changed: readonly string[]
    }
  | {
      readonly of: 'blocker'
      readonly blocker: string
      readonly change: 'resolved'
      readonly by: string
      readonly outcome: BlockerOutcome
      readonly note: string
    }
  | { readonly of: 'escalation'; readonly escalation: string; readonly change: 'acknowledged'; readonly by: string }
  | { readonly of: 'escalation'; readonly escalation: string; readonly change: 'cleared'; readonly reason: string }
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
  /** Where the ledger ended before the events that tell of the cause, as `number:hash`: kept in a message, it proves that nothing was cut off or written anew. */
  readonly head?: string
}

export type Compose = (cause: Cause, occasion: Occasion) => readonly Notice[]

/** Everything that is to be said of a cause. Pure, and the same for the same arguments; of what the program does not have nothing is said. */
export const compose: Compose = (cause, occasion) => {
  const { program, history } = occasion
  switch (cause.of) {
    case 'due':
      return cause.action.dropped === undefined ? due(cause.action, occasion) : []
    case 'decision':
      return decisionNotices(occasion, cause.record)
    case 'override':
      // One by somebody who may not counts for nothing.
      return occasion.report?.decision.override === undefined
        ? []
        : found(
            program.checkpoints,
            ({ id }) => id === cause.checkpoint,
            (one) => [...decisionNotices(occasion), ...signOffNotices(occasion, one, ({ waitingFor }) => waitingFor.length > 0)],
          )
    case 'health':
      return healthNotices(occasion, cause.stream)
    case 'blocker':
      return found(
        history.state.blockers,
        ({ blocker }) => blocker === cause.blocker,
        (one) => [blockerNotice(occasion, one, cause, one.severity === 'critical' ? waitingFor(program, one.stream) : [])],
      )
    case 'escalation':
      return found(
        history.escalations,
        ({ escalation }) => escalation === cause.escalation,
        (one) => [escalationNotice(occasion, one, { ...cause, step: 0, people: [] })],
      )
    case 'sign-off':
      return found(
        program.checkpoints,
        ({ id }) => id === cause.checkpoint,
        (one) => signOffNotices(occasion, one, ({ role }) => role === cause.role),
      )
    case 'invitation':
      return invitations(occasion, { checkpoint: cause.checkpoint, people: cause.people })
    case 'trouble':
      return [troubleNotice(occasion, cause)]
    case 'digest':
      return cause.notices.length === 0 ? [] : [digestNotice(occasion, cause)]
  }
}

const found = <T>(all: readonly T[], is: (one: T) => boolean, tell: (one: T) => readonly Notice[]): readonly Notice[] =>
  all.filter(is).slice(0, 1).flatMap(tell)

function due(action: DueAction, occasion: Occasion): readonly Notice[] {
  const { program, history } = occasion
  const atCheckpoint = (tell: (one: Checkpoint) => readonly Notice[]): readonly Notice[] =>
    found(program.checkpoints, ({ id }) => id === action.checkpoint, tell)
  switch (action.kind) {
    case 'hold':
    case 'watch':
      return []
    case 'open':
      return atCheckpoint((one) => [openedNotice(occasion, action, one)])
    case 'remind':
      return atCheckpoint((one) => [reminderNotice(occasion, action, one)])
    case 'check-in':
      return atCheckpoint((one) => checkInNotices(occasion, action, one))
    case 'sign-off':
      return atCheckpoint((one) => signOffNotices(occasion, one, ({ waitingFor }) => waitingFor.length > 0))
    case 'invite':
      return invitations(occasion, action)
    case 'stand-up':
    case 'nudge':
      return standUpNotices(occasion, action, action.kind === 'nudge')
    case 'sync':
      return found(
        program.syncs,
        ({ id }) => id === action.sync,
        (one) => [syncNotice(occasion, action, one)],
      )
    case 'blocker':
      return found(
        history.state.blockers,
        ({ blocker }) => blocker === action.blocker,
        (one) => [blockerNotice(occasion, one, turnOf(occasion, one, action), action.people)],
      )
    case 'step':
      return found(
        history.escalations,
        ({ escalation }) => escalation === action.escalation,
        (one) => [escalationNotice(occasion, one, stageOf(action))],
      )
    case 'stall':
      return found(
        program.streams,
        ({ id }) => id === action.stream,
        (one) => [stalledNotice(occasion, action, one)],
      )
    case 'waiver':
      return found(
        history.state.waivers,
        ({ waiver }) => waiver === action.waiver,
        (one) => waiverNotices(occasion, action, one),
      )
  }
}

/** Leads of streams that wait for one: they heard that it is stopped, and hear what becomes of it. */
const waitingFor = ({ streams }: Program, stream: string): readonly string[] =>
  streams.filter((one) => one.dependsOn.some((edge) => edge.stream === stream)).map((one) => one.lead)
