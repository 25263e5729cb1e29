import type { Direction, Provenance, Subject, Unit } from '#core/evidence/evidence.ts'

/**
 * The program: the plan as data, after the file was read, checked and completed with defaults.
 * Plain JSON: it is recorded with each decision and replayed from there. Every reference in it
 * resolves; amounts are numbers in their unit; times are instants in UTC.
 */
export interface Program {
  readonly schemaVersion: 1
  readonly id: string
  readonly name: string
  /** Path relative to the program file's folder, or a URL. */
  readonly repository: string
  /** Branch that the streams merge into. */
  readonly target: string
  readonly calendar: Calendar
  readonly people: readonly Person[]
  readonly streams: readonly Stream[]
  readonly sources: readonly Source[]
  /** Every metric a criterion may read: what sources bring, and what Muster derives. */
  readonly metrics: Readonly<Record<string, Metric>>
  readonly checkpoints: readonly Checkpoint[]
  readonly syncs: readonly Sync[]
  readonly policy: Policy
  readonly escalation: readonly EscalationRule[]
  readonly templates: readonly Template[]
  readonly merge: MergePolicy
  readonly schedule: Schedule
  readonly channels: readonly ChannelConfig[]
  readonly notify: NotifyPolicy
  /** Whose identity counts for evidence that CI sends. */
  readonly ci?: CiTrust
}

export const CI_SERVICES = ['github-actions', 'gitlab-ci'] as const

/** The CI service whose identity tokens vouch for evidence. */
export interface CiTrust {
  readonly service: (typeof CI_SERVICES)[number]
  /** `iss` of its tokens. */
  readonly issuer: string
  /** What their `aud` must name. */
  readonly audience: string
  /** `owner/name` or `group/project`. */
  readonly repository: string
  /** Where the issuer's keys are: a path from the program file's folder, or an address. */
  readonly keys: string
  /** The one workflow or CI configuration that counts, with its ref. */
  readonly workflow?: string
}

export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
export type Weekday = (typeof WEEKDAYS)[number]

export interface Calendar {
  /** IANA name. */
  readonly zone: string
  readonly workDays: readonly Weekday[]
  /** Wall times `HH:MM`. */
  readonly hours: { readonly start: string; readonly end: string }
  /** Dates `YYYY-MM-DD` on which nobody works. */
  readonly holidays: readonly string[]
}

export interface Person {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
  readonly handle?: string
  readonly email?: string
  readonly slack?: string
  readonly github?: string
  readonly gitlab?: string
  /** Share of the working time given to the program, 0-1. */
  readonly allocation?: number
}

export interface Stream {
  readonly id: string
  readonly name: string
  readonly lead: string
  readonly support: readonly string[]
  readonly reviewers: readonly string[]
  readonly branch: string
  /** Globs of the files that are this stream's work; empty: all. */
  readonly paths: readonly string[]
  /** Globs of the files that no other stream may change. */
  readonly exclusive: readonly string[]
  readonly deliverables: readonly Deliverable[]
  readonly integrationPoints: readonly IntegrationPoint[]
  readonly dependsOn: readonly Dependency[]
}

export const DELIVERABLE_KINDS = ['code', 'tests', 'documentation', 'performance', 'review', 'feature'] as const
export type DeliverableKind = (typeof DELIVERABLE_KINDS)[number]

export interface Deliverable {
  readonly id: string
  readonly title: string
  readonly kind: DeliverableKind
  /** Metric that measures it; absent: a person signs that it is done. */
  readonly measure?: string
  /** Full amount in the unit of the measure; a range for a goal such as 5-15 %. */
  readonly full?: Amount
}

/** A single amount has `low` equal to `high`. */
export interface Amount {
  readonly low: number
  readonly high: number
  readonly unit: Unit
}

export interface IntegrationPoint {
  readonly id: string
  readonly title: string
  /** The stream or component that is met there. */
  readonly with: string
  /** Metric of its test; absent: a person signs. */
  readonly measure?: string
}

export interface Dependency {
  readonly stream: string
  /** Share of the other stream's progress that must be reached, 0-1. */
  readonly reaches: number
}

export interface Source {
  readonly id: string
  /** Kind of collector. */
  readonly collect: string
  readonly for: 'streams' | 'program' | readonly string[]
  /** As the collector's options schema read them, placeholders not yet filled in. */
  readonly options: unknown
  readonly timeLimitSeconds: number
  /** The source whose files it reads: of a command, or artifacts of CI. */
  readonly from?: string
  /** Evidence older than this is stale. */
  readonly maxAgeSeconds?: number
  /** Evidence from another machine is stale. */
  readonly host?: string
}

export interface Metric {
  readonly unit: Unit
  readonly better: Direction
  /** A ratio that may lie below 0 or above 1. */
  readonly signed?: boolean
  readonly title: string
  /** The source that brings it; absent: derived by Muster from others or from the ledger. */
  readonly source?: string
  readonly boundToTree: boolean
  readonly maxAgeSeconds?: number
  readonly host?: string
}

/**
 * A condition over evidence. Data, so that it can be explained, linted and recomputed.
 * Exactly one comparison per leaf.
 */
export type Condition =
  | MetricCondition
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  /** Signed by that many people who hold one of the roles; with `sameTree` for the tree that is judged. */
  | { readonly signOff: { readonly roles: readonly string[]; readonly quorum: number; readonly sameTree?: true } }
  /** Every target due at the checkpoint for deliverables of these kinds holds. */
  | { readonly targets: readonly DeliverableKind[] }

export interface MetricCondition {
  readonly metric: string
  readonly comparison: Comparison
  /** Least provenance that satisfies. */
  readonly provenance: Provenance
}

export type Comparison =
  | { readonly op: 'atLeast' | 'atMost' | 'above' | 'below'; readonly value: number }
  /** On a metric that gets better upward the lower bound must be met and more is exceeding it (downward likewise); else within both. */
  | { readonly op: 'between'; readonly low: number; readonly high: number }
  | { readonly op: 'equals'; readonly value: number | boolean }

export const TIERS = ['critical', 'supporting', 'advisory'] as const
export type Tier = (typeof TIERS)[number]

export interface Criterion {
  readonly id: string
  readonly title: string
  readonly tier: Tier
  /** Subjects it is judged for, in the order of the streams. */
  readonly subjects: readonly Subject[]
  readonly condition: Condition
  /** Present when the criterion is a deliverable's target at this checkpoint. */
  readonly target?: { readonly stream: string; readonly deliverable: string; readonly kind: DeliverableKind }
  /** Who can do something about it: person or role; default the stream's lead. */
  readonly owner?: string
}

export interface AgendaItem {
  readonly title: string
  readonly seconds: number
  /** `streams`: held once for each stream, each time that long. */
  readonly each?: 'stream'
  readonly topics: readonly string[]
}

export interface Checkpoint {
  readonly id: string
  /** Id in the file of the recurring checkpoint that this is one time of; absent: it stands in the file itself. */
  readonly series?: string
  readonly name: string
  /** Start: instant in UTC. */
  readonly at: string
  readonly durationSeconds: number
  readonly agenda: readonly AgendaItem[]
  /** Ids of people. */
  readonly attendees: readonly string[]
  /** Targets come first, stream by stream; then what the file lists. */
  readonly criteria: readonly Criterion[]
  /** The question that is decided, in the file's words. */
  readonly decision: string
  /** Whether a GO lets the ready streams merge. */
  readonly merge: boolean
  readonly go: Outcome
  readonly noGo: Outcome
  readonly signOff: readonly { readonly role: string; readonly quorum: number }[]
  /** Checkpoint that follows whatever is decided: the next one in time. */
  readonly next?: string
  /** It is held at another time than the file says; only in an effective schedule. */
  readonly moved?: { readonly from: string; readonly by: string; readonly reason: string }
}

export interface Outcome {
  readonly actions: readonly string[]
  /** Checkpoint or instant to go on with. */
  readonly next?: string
  /** On NO-GO: how much longer the blocked streams get. */
  readonly extendSeconds?: number
  readonly reevaluateAt?: string
}

export interface Sync {
  readonly id: string
  readonly name: string
  readonly days: readonly Weekday[]
  /** Wall time `HH:MM`. */
  readonly time: string
  readonly durationSeconds: number
  readonly format: string
  readonly attendees: readonly string[]
  readonly topics: readonly string[]
}

export const VERDICTS = ['GO', 'CONDITIONAL GO', 'NO-GO', 'INCONCLUSIVE'] as const
export type Verdict = (typeof VERDICTS)[number]

/** `UNKNOWN`: what is due was not measured, so no other health can be said; it is never green. */
export const HEALTHS = ['AHEAD', 'ON TRACK', 'MINOR DELAY', 'BEHIND', 'BLOCKED', 'UNKNOWN'] as const
export type Health = (typeof HEALTHS)[number]

/**
 * Decision policy. Rules are tried in order; the first whose condition is satisfied fires. Verdict
 * rules read the counts `criteria.<tier>.<status>`; health rules read a stream's metrics. GO and
 * ON TRACK are what remains when no rule fires, so a rule can only make things stricter.
 */
export interface Policy {
  readonly verdict: readonly VerdictRule[]
  readonly health: readonly HealthRule[]
  readonly matrices: readonly Matrix[]
  /** Roles that may waive a criterion and override a verdict. */
  readonly authority: { readonly waive: readonly string[]; readonly override: readonly string[] }
}

export interface VerdictRule {
  readonly id: string
  readonly title: string
  readonly when: Condition
  readonly verdict: Exclude<Verdict, 'GO'>
}

export interface HealthRule {
  readonly id: string
  readonly title: string
  readonly when: Condition
  readonly health: Health
}

/** What can be done about a stream in one of these healths. */
export interface Matrix {
  readonly id: string
  readonly title: string
  readonly health: readonly Health[]
  /** Done at once, in this order, within `withinSeconds`. */
  readonly immediate: readonly string[]
  readonly withinSeconds?: number
  readonly options: readonly MatrixOption[]
  /** Ids of the options that are recommended. */
  readonly recommend: readonly string[]
  readonly recommendation: string
  /** Person or role. */
  readonly escalateTo?: string
}

export interface MatrixOption {
  readonly id: string
  readonly title: string
  readonly pros: readonly string[]
  readonly cons: readonly string[]
}

export interface EscalationRule {
  readonly id: string
  readonly scenario: string
  readonly when: Condition
  /** Person, role, or `lead` for the stream's lead. */
  readonly owner: string
  readonly escalateTo: string
  readonly action: string
  /** For how long the condition must have held. */
  readonly afterSeconds: number
  /** What happens from then on, in the order of `afterSeconds`; empty: one step, at once, to `escalateTo`. */
  readonly steps: readonly EscalationStep[]
  /** After the last step, it is repeated this often until somebody acknowledges or the condition ends. */
  readonly repeatSeconds?: number
}

export interface EscalationStep {
  /** Counted from when the rule is owed. */
  readonly afterSeconds: number
  /** Person, role, or `lead`. */
  readonly to: string
  readonly action: string
}

/** When things happen by themselves. */
export interface Schedule {
  /** A checkpoint opens so long before its start. */
  readonly openSeconds: number
  /** Reminders, so long before the start, longest first. */
  readonly remindSeconds: readonly number[]
  /** Invitations go out from then on: instant; absent: as soon as there is something to invite to. */
  readonly inviteAt?: string
  /** Check-ins are due so long before the start; absent: they are not asked for. */
  readonly claimsSeconds?: number
  /** Between checkpoints evidence is looked at this often; absent: at checkpoints only. */
  readonly watchSeconds?: number
  /** A stream whose measured progress has not moved for so many work days is stalled; absent: nobody asks. */
  readonly stallDays?: number
  readonly standUp?: StandUp
}

/** A daily stand-up: leads check in; whoever has not, is nudged. */
export interface StandUp {
  readonly days: readonly Weekday[]
  /** Wall time `HH:MM`. */
  readonly time: string
  /** Whoever has not checked in so long after `time` is nudged. */
  readonly nudgeSeconds: number
}

export const CHANNEL_KINDS = ['slack', 'slack-webhook', 'email', 'calendar', 'webhook', 'forge', 'file', 'stdout'] as const
export type ChannelKind = (typeof CHANNEL_KINDS)[number]

/** A way out. Secrets are never here: `secret` names the environment variable that holds one. */
export interface ChannelConfig {
  readonly id: string
  readonly send: ChannelKind
  /** Slack channel, URL of a webhook, path of a file relative to the program file, id of a forge source. */
  readonly to?: string
  /** Sender address of mail and invitations. */
  readonly from?: string
  /** Name of the environment variable with the token, signing secret, webhook URL or SMTP URL. */
  readonly secret?: string
}

export interface NotifyPolicy {
  /** Kind of notice -> ids of channels; a kind that is not named goes to every channel that carries it. */
  readonly routes: Readonly<Partial<Record<NoticeKind, readonly string[]>>>
  /** Wall times between which only what is urgent goes out. */
  readonly quiet?: { readonly from: string; readonly until: string }
  /** At most so many messages to one person in an hour, urgent ones apart. */
  readonly perPersonHour?: number
  /** Wall time at which what was held back goes out as one digest; absent: each by itself. */
  readonly digest?: string
}

/** What Muster says by itself. */
export const NOTICE_KINDS = [
  'invitation',
  'reminder',
  'opened',
  'decision',
  'status',
  'sign-off',
  'check-in',
  'stand-up',
  'sync',
  'blocker',
  'escalation',
  'stalled',
  'waiver',
  'trouble',
  'digest',
] as const
export type NoticeKind = (typeof NOTICE_KINDS)[number]

export interface Template {
  readonly id: string
  /** Id of a channel, or a kind of channel. */
  readonly channel: string
  /** Kind of notice that it words; absent: the one that it is called after, or none. */
  readonly notice?: NoticeKind
  /** Liquid text. */
  readonly text: string
}

export interface MergePolicy {
  /** At most so many merges on one work day. */
  readonly perDay: number
  /** Wall time of day at which merging begins, `HH:MM`. */
  readonly time: string
  /** Command source whose command is run on merged waves. */
  readonly test?: string
  /** Files that others may change although they are exclusively a stream's. */
  readonly exceptions: readonly MergeException[]
}

export interface MergeException {
  readonly paths: readonly string[]
  /** Ids of the streams that may; empty: all. */
  readonly streams: readonly string[]
  readonly reason: string
}
