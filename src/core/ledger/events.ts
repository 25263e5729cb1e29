import type { DeliveryState } from '#core/notify/outbox.ts'
import type { DueKind } from '#core/schedule/due.ts'
import type { Snapshot } from '#core/evidence/evidence.ts'
import type { Envelope, PublicKey, ReportedFact } from '#core/evidence/reported.ts'
import type { Program, Verdict } from '#core/program/model.ts'

/**
 * What the ledger holds. An event is written once and never changed; what is true now is the fold
 * of all of them (`state.ts`). `body` is plain JSON and is what the chain seals.
 */
export type LedgerEvent = Sealed & EventBody

/** What `append` is given: the store adds `seq`, `previous`, `schema` and `hash`. */
export type NewEvent = {
  /** Made by the caller (random), so that a retried append is recognised. */
  readonly id: string
  /** Instant, ISO 8601 in UTC. */
  readonly at: string
  /** Person id, or `muster` for what it does by itself. */
  readonly actor: string
} & EventBody

export interface Sealed {
  readonly id: string
  readonly at: string
  readonly actor: string
  /** 1 for the first event of the program's ledger, without gaps. */
  readonly seq: number
  /** Hash of the event before; 64 zeros for the first. */
  readonly previous: string
  /** The event types it was sealed under: `<schema version>.<digest of their description>`. */
  readonly schema: string
  /** sha256 over the canonical JSON of all other fields. */
  readonly hash: string
}

export type EventBody =
  | { readonly type: 'program'; readonly body: ProgramRecord }
  | { readonly type: 'evidence'; readonly body: { readonly digest: string; readonly snapshot: Snapshot } }
  | { readonly type: 'check-in'; readonly body: CheckIn }
  | { readonly type: 'blocker-opened'; readonly body: BlockerOpened }
  | { readonly type: 'blocker-changed'; readonly body: BlockerChanged }
  | { readonly type: 'blocker-acknowledged'; readonly body: { readonly blocker: string; readonly until: string } }
  | {
      readonly type: 'blocker-resolved'
      readonly body: { readonly blocker: string; readonly outcome: BlockerOutcome; readonly note: string }
    }
  | { readonly type: 'sign-off'; readonly body: SignOff }
  | { readonly type: 'waiver'; readonly body: Waiver }
  | { readonly type: 'override'; readonly body: Override }
  | { readonly type: 'token-issued'; readonly body: TokenIssued }
  | { readonly type: 'token-revoked'; readonly body: { readonly token: string; readonly reason: string } }
  | { readonly type: 'access-granted'; readonly body: AccessGranted }
  | { readonly type: 'access-revoked'; readonly body: { readonly access: string; readonly reason: string } }
  | { readonly type: 'reported'; readonly body: Reported }
  | { readonly type: 'decision'; readonly body: DecisionRecord }
  | { readonly type: 'checkpoint-opened'; readonly body: CheckpointOpened }
  | { readonly type: 'checkpoint-held'; readonly body: CheckpointHeld }
  | { readonly type: 'checkpoint-moved'; readonly body: CheckpointMoved }
  | { readonly type: 'checkpoint-cancelled'; readonly body: { readonly checkpoint: string; readonly reason: string } }
  | { readonly type: 'escalation-raised'; readonly body: EscalationRaised }
  | { readonly type: 'escalation-acknowledged'; readonly body: { readonly escalation: string; readonly until: string } }
  | { readonly type: 'escalation-cleared'; readonly body: { readonly escalation: string; readonly reason: string } }
  | { readonly type: 'option-chosen'; readonly body: OptionChosen }
  | { readonly type: 'fired'; readonly body: Fired }
  | { readonly type: 'invitation-answered'; readonly body: InvitationAnswered }
  | { readonly type: 'delivery'; readonly body: DeliveryRecord }
  | { readonly type: 'delivery-retried'; readonly body: { readonly message: string; readonly reason: string } }
  | { readonly type: 'trouble'; readonly body: Trouble }

export type EventType = EventBody['type']

export interface ProgramRecord {
  readonly digest: string
  readonly program: Program
  /**
   * Whoever runs the program by itself goes by it from here on: a version that is new, or one that
   * counts again. Without it, it only says what a decision was made from.
   */
  readonly inForce?: 'new' | 'again'
}

/** A lead's structured stand-up. */
export interface CheckIn {
  readonly stream: string
  readonly done: readonly string[]
  readonly next: readonly string[]
  readonly risks: readonly string[]
  /** Metric or deliverable id -> number claimed, in the unit of the measure. */
  readonly claims: Readonly<Record<string, number>>
  /** Metric or deliverable id -> number planned by the next check-in, in the unit of the measure. */
  readonly plan?: Readonly<Record<string, number>>
  /** What this stream waits for, and what waits for it. */
  readonly waitingOn?: readonly string[]
  readonly blocking?: readonly string[]
  /** 0-1: that the week's, that the program's, targets will be met. */
  readonly confidence?: { readonly week?: number; readonly program?: number }
}

export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const
export type BlockerSeverity = (typeof SEVERITIES)[number]

export interface BlockerOpened {
  readonly blocker: string
  readonly stream: string
  readonly title: string
  readonly severity: BlockerSeverity
  readonly impact: string
  readonly workaround?: string
  /** `security` and `merge` have metrics of their own. */
  readonly labels?: readonly string[]
  readonly owner: string
  /** Instant by which it must be resolved. */
  readonly deadline: string
}

export interface BlockerChanged {
  readonly blocker: string
  readonly severity?: BlockerSeverity
  readonly impact?: string
  readonly workaround?: string
  readonly owner?: string
  readonly deadline?: string
}

/** The only ways out of a blocker. */
export const BLOCKER_OUTCOMES = ['resolved', 'workaround', 'scope-reduced', 'deadline-extended'] as const
export type BlockerOutcome = (typeof BLOCKER_OUTCOMES)[number]

export interface SignOff {
  readonly checkpoint: string
  /** Criterion id, or absent for the decision of the checkpoint itself. */
  readonly criterion?: string
  /** Stream the criterion is judged for; absent: the program. */
  readonly stream?: string
  readonly role: string
  readonly approve: boolean
  readonly reason: string
  /** Tree of the stream when it was signed, for criteria that ask for it. */
  readonly tree?: string
}

export interface Waiver {
  readonly waiver: string
  readonly checkpoint: string
  readonly criterion: string
  /** Absent: every subject of the criterion. */
  readonly stream?: string
  readonly reason: string
  readonly expires?: string
}

export interface Override {
  readonly checkpoint: string
  readonly verdict: Verdict
  readonly reason: string
}

/** Whoever holds the private half may report evidence of one stream until it expires. */
export interface TokenIssued {
  /** First 16 hex digits of the sha256 of the public key. */
  readonly token: string
  readonly stream: string
  /** Ed25519, the 32 bytes in base64. */
  readonly publicKey: string
  readonly expires: string
}

/**
 * A bearer token of the API, shown once: the ledger holds its hash. For a person, who may then do
 * what their roles allow, or for a machine of one stream, which may report and never sign.
 */
export interface AccessGranted {
  readonly access: string
  /** Lower-case hex sha256 of the token. */
  readonly sha256: string
  readonly label: string
  /** Exactly one of the two. */
  readonly person?: string
  readonly stream?: string
  readonly expires: string
}

/**
 * Evidence that a CI service sent, as it was signed. The id of the event is the digest of the
 * envelope, so that what is sent twice is recorded once.
 */
export interface Reported {
  readonly stream: string
  readonly source: string
  readonly commit: string
  /** Tree of the commit, looked up by who accepted it; absent where the repository did not hold the commit. */
  readonly tree?: string
  /** What the envelope says, readable. */
  readonly facts: readonly ReportedFact[]
  readonly envelope: Envelope
  /** Key of the issuer that signed the envelope's identity token: issuers change theirs, and a record is checked again. */
  readonly key?: PublicKey
}

export interface CheckpointOpened {
  readonly checkpoint: string
  /** Start of the checkpoint that it was opened for: instant. */
  readonly startsAt: string
  /** It ought to have been opened before its start, and was not. */
  readonly late?: true
}

export interface CheckpointMoved {
  readonly checkpoint: string
  /** Instants: when the program file has it, and when it is held now. */
  readonly from?: string
  readonly to: string
  readonly reason: string
}

export interface CheckpointHeld {
  readonly checkpoint: string
  /** What it was held for: its start, or the time at which it is decided again. */
  readonly due: string
  /** Id of the decision event. */
  readonly decision: string
  readonly verdict: Verdict
  readonly next?: { readonly checkpoint: string; readonly at: string }
}

/**
 * The condition of an escalation rule came to hold for a subject. It is owed once it has held for the
 * rule's `afterSeconds`: the scheduler counts the steps from then. One at a time for a rule and subject.
 */
export interface EscalationRaised {
  readonly escalation: string
  readonly rule: string
  readonly subject: string
  readonly scenario: string
  /** Ids of people. */
  readonly owner: string
  readonly escalateTo: string
  readonly because: string
}

/** An option of the decision matrix that somebody chose for a stream. */
export interface OptionChosen {
  readonly checkpoint: string
  readonly stream: string
  readonly matrix: string
  readonly option: string
  readonly reason: string
}

/** What was due and has been done, or was dropped because it was too late to be of use. */
export interface Fired {
  /** Key of the due action: deterministic, so that it is done once. */
  readonly timer: string
  /** `digest`: what was held back for a person went out together. `told`: people's acts up to a record were told of. */
  readonly kind: DueKind | 'digest' | 'told'
  /** Instant at which it was due. */
  readonly due: string
  /** Why nothing was sent. */
  readonly dropped?: string
  /** Of an invitation: what it leaves in calendars. */
  readonly invited?: Invited
}

/** A meeting as it stands in the calendars of those who were invited: what it takes to call it off once the program does not have it. */
export interface Invited {
  readonly name: string
  /** Ids of those who hold an invitation; nobody once it is cancelled. */
  readonly people: readonly string[]
  /** Instants; of a sync the start of the first one, and the end of the last. */
  readonly startsAt: string
  readonly endsAt: string
  /** Of a sync: its days, wall time and zone. */
  readonly weekly?: string
  /** Person id -> the address that the invitation was mailed to; absent where none was. */
  readonly addresses?: Readonly<Record<string, string>>
}

/** What somebody may say to an invitation, as iTIP has it. */
export const ANSWERS = ['accepted', 'declined', 'tentative'] as const
export type InvitationAnswer = (typeof ANSWERS)[number]

/** Whether the actor comes. */
export interface InvitationAnswered {
  readonly meeting: 'checkpoint' | 'sync'
  readonly id: string
  readonly says: InvitationAnswer
  /** Revision of the invitation that is answered. */
  readonly sequence: number
  /** What it was an invitation to: the start of a checkpoint, the `weekly` of a sync. At another time nobody has answered. */
  readonly time: string
  /** When it was answered, as the answer says: mails overtake each other. */
  readonly answeredAt: string
}

export const TROUBLES = ['missed', 'clock', 'channel', 'gather', 'program', 'older', 'emptied'] as const

/** Muster could not do its job: it says so itself. */
export interface Trouble {
  /**
   * `missed`: it did not run when something was due. `clock`: the clock of the machine jumped.
   * `channel`: a message could not be delivered. `gather`: evidence could not be looked at.
   * `program`: the program file cannot be loaded, the one before is in force. `older`: a version of
   * it that had been replaced is in force again. `emptied`: it has no checkpoint left, while people
   * are invited to some.
   */
  readonly trouble: (typeof TROUBLES)[number]
  /** Instants. */
  readonly from: string
  readonly until: string
  readonly text: string
  /** The channel, the message, the checkpoint that it is about. */
  readonly about?: string
}

/** How a message of the outbox ended. */
export interface DeliveryRecord {
  readonly message: string
  readonly channel: string
  readonly to: string
  readonly state: Exclude<DeliveryState, 'pending' | 'sending'>
  readonly attempt: number
  /** What the channel calls it: a Slack timestamp, a Message-ID. */
  readonly reference?: string
  readonly reason?: string
}

/**
 * A decision, sealed. Holds digests of all it was made from, so that `replay` can say which stage
 * is the first to diverge. `inputs` names the events that hold the bytes.
 */
export interface DecisionRecord {
  readonly checkpoint: string
  /** Clock of the check: instant in UTC. */
  readonly clock: string
  readonly version: string
  readonly inputs: {
    /** Digest of the `program` event's program, and of the `evidence` event's snapshot. */
    readonly program: string
    readonly evidence: string
    /** Events before this sequence number were known (check-ins, blockers, sign-offs, waivers). */
    readonly ledgerBefore: number
    /** Digest of the state that those events fold into. */
    readonly ledger: string
  }
  /** Digest of canonical JSON of each stage's result. */
  readonly stages: { readonly policy: string; readonly evaluation: string; readonly decision: string; readonly report: string }
  readonly verdict: Verdict
  readonly rule: string
  /** Only these streams were looked at (`--stream`); absent: all. */
  readonly streams?: readonly string[]
}
