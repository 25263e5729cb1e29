import type { Comparison, DeliverableKind, Tier, Weekday } from '#core/program/model.ts'
import type { Direction, Unit } from '#core/evidence/evidence.ts'
import type { Place } from '#core/problems.ts'

/**
 * A plan as somebody wrote it: what a Markdown document or a program file says, each fact with the
 * place where it stands, contradictions and all. The importer makes it from Markdown, `planOf`
 * from a program file; the linter reads it, and `writeProgram` turns it into a program file.
 * Nothing in it has been corrected: that is the linter's to say and the author's to do.
 */
export interface Plan {
  readonly title?: Fact<string>
  /** Id of the program and its repository, where the document says them. */
  readonly program?: Fact<string>
  readonly repository?: Fact<string>
  /** Parts of a program file that stand in the document as YAML: sources, policy. Not trusted. */
  readonly verbatim?: Readonly<Record<string, unknown>>
  /** Whether the dates of the plan carry a year, and the year they carry most often. */
  readonly year?: number
  readonly zone?: Fact<string>
  readonly target?: Fact<string>
  readonly workDays?: readonly Weekday[]
  readonly hours?: { readonly start: string; readonly end: string }
  readonly holidays: readonly string[]
  readonly people: readonly PlanPerson[]
  readonly units: readonly PlanUnit[]
  readonly checkpoints: readonly PlanCheckpoint[]
  readonly syncs: readonly PlanSync[]
  /** When invitations go out. */
  readonly invitations?: PlanTime
  readonly matrices: readonly PlanMatrix[]
  readonly escalations: readonly PlanEscalation[]
  readonly templates: readonly (Place & { readonly id: string; readonly channel: string; readonly text: string })[]
  /** Commands in fenced shell blocks; never trusted, only carried over. */
  readonly commands: readonly Fact<string>[]
  /** Repairs and assumptions made while reading: mojibake, what a glyph was taken to mean, an anchor date. */
  readonly notices: readonly Fact<string>[]
  /** Dates with a weekday that stand elsewhere than at a checkpoint: in report forms, in prose. */
  readonly dates?: readonly PlanTime[]
  /** Places where the plan as a whole says that its units depend on nothing. */
  readonly noDependencies?: readonly Fact<string>[]
  /** Everything that was said of what the plan keeps only once: `about` is `unit a: lead`, the value what was said there. */
  readonly statements?: readonly (Fact<string> & { readonly about: string })[]
  /** What sources bring, where the plan has sources. */
  readonly metrics?: readonly PlanMetric[]
  readonly unplaced: readonly Fact<string>[]
}

/** Something said, and where. */
export interface Fact<T> extends Place {
  readonly value: T
  /** The words it was read from, when they differ from the value. */
  readonly text?: string
}

export interface PlanPerson extends Place {
  /** Lower-case slug of the handle or name. */
  readonly id: string
  readonly name: string
  readonly handle?: string
  readonly roles: readonly Fact<string>[]
  /** 0-1 and above. */
  readonly allocation?: Fact<number>
  readonly email?: string
  readonly slack?: string
  readonly github?: string
  /** Every place that names them. */
  readonly mentions: readonly Place[]
}

/** A stream, track, session, agent, wave: a unit of parallel work. */
export interface PlanUnit extends Place {
  readonly id: string
  readonly name: string
  /** The document's own word: stream, track, terminal, ... */
  readonly word: string
  readonly lead?: Fact<string>
  readonly support: readonly Fact<string>[]
  readonly reviewers: readonly Fact<string>[]
  readonly branch?: Fact<string>
  /** Files only this unit may change. */
  readonly paths: readonly Fact<string>[]
  readonly deliverables: readonly PlanDeliverable[]
  readonly integrationPoints: readonly (Fact<string> & { readonly with: string; readonly id?: string; readonly measure?: string })[]
  /** `undefined` as stream: the document says that it depends on nothing. */
  readonly dependsOn: readonly (Place & { readonly unit: string | undefined; readonly reaches?: number; readonly text: string })[]
}

export interface PlanDeliverable extends Place {
  readonly id: string
  readonly title: string
  readonly kind: DeliverableKind
  readonly full?: PlanAmount
  readonly done?: boolean
  /** Metric of the program file, where there is one. */
  readonly measure?: string
  /** The whole amount in the words of a program file, where the document gives it so. */
  readonly whole?: string
}

/** A metric of the program file that a source brings, or that Muster derives. */
export interface PlanMetric {
  readonly name: string
  readonly unit: Unit
  readonly better: Direction
  /** Ids of the units it is brought for; absent: every unit. */
  readonly units?: readonly string[]
  /** Whether it is brought for the program as a whole. */
  readonly whole: boolean
}

/** `150/400 LOC`: value 150, whole 400, unit lines. */
export interface PlanAmount extends Place {
  readonly text: string
  readonly low: number
  readonly high: number
  readonly whole?: number
  readonly unit: Unit
  /** About, at least (`15+`), or exactly. */
  readonly sense: 'exact' | 'about' | 'at-least'
}

export interface PlanCheckpoint extends Place {
  readonly id: string
  readonly name: string
  readonly when?: PlanTime
  readonly durationSeconds?: Fact<number>
  /** The part of the duration that is the meeting: 15 min of `30 min (15 meeting + 15 writeup)`. */
  readonly meetingSeconds?: Fact<number>
  readonly agenda: readonly (Place & {
    readonly title: string
    readonly seconds: number
    readonly each?: 'stream'
    readonly topics: readonly string[]
  })[]
  readonly attendees: readonly Fact<string>[]
  readonly criteria: readonly PlanCriterion[]
  readonly targets: readonly PlanTarget[]
  readonly question?: Fact<string>
  readonly go: readonly Fact<string>[]
  readonly noGo: readonly Fact<string>[]
  readonly signOff: readonly (Place & { readonly role: string; readonly quorum: number })[]
  /** What a program file says of a checkpoint and only an exported plan spells out: `merge`, `goNext`, `noGoNext`, `extend`, `reevaluate`, `targetTier`. */
  readonly more?: Readonly<Record<string, string>>
}

/** A date and time as written. `date` is `YYYY-MM-DD` once the year is known. */
export interface PlanTime extends Place {
  readonly text: string
  readonly date?: string
  readonly weekday?: Fact<Weekday>
  /** `HH:MM`; EOD is the end of the working hours. */
  readonly time?: string
}

/** What a condition is about, before any source is chosen. */
export const SUBJECT_MATTERS = [
  'code',
  'tests',
  'documentation',
  'performance',
  'coverage',
  'blockers',
  'bugs',
  'build',
  'confidence',
  'merged',
  'review',
  'other',
] as const
export type SubjectMatter = (typeof SUBJECT_MATTERS)[number]

export interface PlanCriterion extends Place {
  readonly id: string
  readonly text: string
  readonly tier: Tier
  readonly about: SubjectMatter
  /** Absent: only a person can say. Ratios 0-1. */
  readonly comparison?: Comparison
  readonly unit?: Unit
  /** The list it stands in: acceptance, success metric, go/no-go, quick check. */
  readonly list: string
  /** Metric of the program file, where there is one. */
  readonly metric?: string
  /** Ids of the units it is judged for; absent: every unit; empty: the plan as a whole. */
  readonly units?: readonly string[]
  /** It holds when every target of these kinds holds. */
  readonly targets?: readonly DeliverableKind[]
  /** The condition as a program file has it, where the document gives it so, and who can mend it. */
  readonly condition?: Readonly<Record<string, unknown>>
  /** Judged for each unit, where nothing else of it says so. */
  readonly scope?: 'streams'
  readonly owner?: string
}

/** What one unit owes at a checkpoint. */
export interface PlanTarget extends Place {
  readonly unit: string
  readonly deliverable: string
  readonly title: string
  readonly kind: DeliverableKind
  /** Absent: done or not. */
  readonly amount?: PlanAmount
  readonly comparison?: Comparison
  /** How much is due, in the words of a program file. */
  readonly due?: string
}

export interface PlanSync extends Place {
  readonly id: string
  readonly name: string
  readonly days: readonly Weekday[]
  readonly time?: string
  readonly durationSeconds?: number
  readonly format: string
  readonly attendees?: readonly Fact<string>[]
  readonly topics: readonly string[]
}

export interface PlanMatrix extends Place {
  readonly id: string
  readonly title: string
  /** The situation in words: behind, ahead, critical blocker. */
  readonly when: string
  readonly immediate: readonly string[]
  readonly withinSeconds?: number
  readonly options: readonly {
    readonly id: string
    readonly title: string
    readonly pros: readonly string[]
    readonly cons: readonly string[]
  }[]
  readonly recommend: readonly string[]
  readonly recommendation: string
  readonly escalateTo?: Fact<string>
}

export interface PlanEscalation extends Place {
  readonly id: string
  readonly scenario: string
  readonly owner: Fact<string>
  readonly escalateTo: Fact<string>
  readonly action: string
  /** "unresolved > 2 h": 7200. */
  readonly afterSeconds?: number
}
