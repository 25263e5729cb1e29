import type { Repository } from '#core/evidence/collector.ts'

/**
 * Probing: does a branch still merge once another has landed on the target? Plain data, and the
 * port behind which git answers. Nothing here is ever "safe": a clean answer says that git finds no
 * conflict, not that the result works.
 */

/** What git's merge runs into. `mode` holds distinct file types too, `directory` also a file where the other side has a folder. */
export const CONFLICT_KINDS = ['content', 'add/add', 'modify/delete', 'rename', 'mode', 'submodule', 'binary', 'directory'] as const
export type ConflictKind = (typeof CONFLICT_KINDS)[number]

/** Lines of one version of a file: 1-based, `count` 0 where lines were only taken away (then before `line`). */
export interface Lines {
  readonly line: number
  readonly count: number
  /** The first of them, as far as a reader needs them; absent for the base. */
  readonly text?: readonly string[]
}

/** One region of a file that both sides changed in different ways. */
export interface ConflictHunk {
  readonly base: Lines
  readonly a: Lines
  readonly b: Lines
}

/** The commit of one side since which the conflict has stood. */
export interface Since {
  readonly commit: string
  /** ISO 8601 in UTC. */
  readonly committedAt: string
  /** First line of its message. */
  readonly subject: string
}

export interface ConflictFile {
  readonly path: string
  readonly kind: ConflictKind
  /** What git says of it, for kinds that a reader cannot see from the path; one sentence. */
  readonly detail?: string
  /** Present once described, for content: the regions, at most twenty. */
  readonly hunks?: readonly ConflictHunk[]
  /** Present once described: the own commit of each side since which they conflict here; none on the target's side. */
  readonly since?: { readonly a?: Since; readonly b?: Since }
}

export interface ProbeSubject {
  readonly id: string
  /** Full object id of the head. */
  readonly commit: string
}

/**
 * Where a stream stands against the target's tip. `landed`: merging it changes nothing.
 * `unavailable`: git could not say (lost objects, unrelated history); never taken for a conflict.
 */
export const PROJECTION_STATES = ['clean', 'conflicted', 'landed', 'unavailable'] as const
export type ProjectionState = (typeof PROJECTION_STATES)[number]

export interface ProbedStream {
  readonly id: string
  readonly commit: string
  readonly state: ProjectionState
  /** Why it is unavailable. */
  readonly reason?: string
  /** Against the target (side `b`), when conflicted. */
  readonly files: readonly ConflictFile[]
  /** Number of commits that the target lacks. */
  readonly ahead: number
  /** Paths that landing it would change on the target, sorted; of one that is not clean, what its own commits changed, where known. */
  readonly changes: readonly { readonly path: string; readonly status: 'added' | 'modified' | 'deleted' | 'type-changed' }[]
  /** Streams whose head is among its own commits: it is stacked on them. Ids, in the order asked. */
  readonly contains: readonly string[]
}

/** A pair of streams that both project cleanly and do not both land cleanly. */
export interface ProbedPair {
  /** Of the two the one asked about first. */
  readonly a: string
  readonly b: string
  readonly verdict: 'conflicted' | 'unavailable'
  readonly reason?: string
  /** Only one order conflicts: the one that is named lands first. Absent: both do. */
  readonly onlyWhenFirst?: string
  /** Sorted by path. */
  readonly files: readonly ConflictFile[]
}

export interface Probed {
  readonly target: { readonly commit: string; readonly tree: string }
  /** In the order asked. */
  readonly streams: readonly ProbedStream[]
  /** Every pair of clean streams that is not listed is clean. Sorted by the places of `a`, then `b`. */
  readonly pairs: readonly ProbedPair[]
  /** How the answers came about: pairs of clean streams, those that share something, decided from hunks alone, landed by git. */
  readonly effort: { readonly pairs: number; readonly sharing: number; readonly byHunks: number; readonly byGit: number }
}

export interface LandingStep {
  readonly id: string
  /** One that does not land is left out, and the next goes on without it. */
  readonly outcome: 'clean' | 'conflicted' | 'unavailable'
  readonly reason?: string
  readonly files: readonly ConflictFile[]
  /** Of the target after this step: an object of the prober, gone when it is closed. */
  readonly commit: string
  readonly tree: string
}

/** What is kept of a probe with the evidence of a check. */
export interface ProbeRecord {
  /** Streams that have a branch, in the order of the program. */
  readonly streams: readonly {
    readonly id: string
    readonly state: ProjectionState
    readonly reason?: string
    readonly files: readonly RecordedFile[]
    /** Streams it is stacked on, where there are any. */
    readonly contains?: readonly string[]
  }[]
  readonly pairs: readonly {
    readonly a: string
    readonly b: string
    readonly verdict: ProbedPair['verdict']
    readonly reason?: string
    readonly onlyWhenFirst?: string
    readonly files: readonly RecordedFile[]
  }[]
  /** Streams landed one after the other in this order, and those that did not land although no pair foretold it. */
  readonly landing?: {
    readonly order: readonly string[]
    readonly surprises: readonly { readonly stream: string; readonly files: readonly RecordedFile[] }[]
  }
}

/** At most fifty of one conflict are kept. */
export type RecordedFile = Pick<ConflictFile, 'path' | 'kind'>

/** A folder with files of a repository checked out, the main one or a linked one. */
export interface Worktree {
  /** Absolute path of the folder. */
  readonly path: string
  /** Short name of the branch it is on; absent when its head is detached. */
  readonly branch?: string
  /** Full object id of its head. */
  readonly commit: string
  /** The file of the repository that names what is ignored beside `.gitignore`. */
  readonly exclude: string
}

/** Answers from git, without a checkout; keeps what it learned for the next question. */
export interface Prober {
  /**
   * Projects every stream onto the target and judges every pair of clean ones, in both orders.
   * Rejects with a RepositoryError when the target cannot be read, or when the signal is aborted.
   */
  probe(request: { readonly target: string; readonly streams: readonly ProbeSubject[]; readonly signal: AbortSignal }): Promise<Probed>
  /** The same with the hunks of both sides and the commits since which they conflict. */
  describe(probed: Probed, signal: AbortSignal): Promise<Probed>
  /** Really lands the streams one after the other. */
  land(request: {
    readonly target: string
    readonly streams: readonly ProbeSubject[]
    readonly signal: AbortSignal
  }): Promise<readonly LandingStep[]>
  /**
   * What stands in a worktree as a commit on top of its head: everything that is not ignored, also
   * what is not committed. `changed` is false, and the commit the head, where all of it is.
   */
  snapshot(worktree: Worktree): Promise<{ readonly commit: string; readonly changed: boolean }>
  /** The mirror with the commits and trees that landing made. */
  readonly repository: Pick<Repository, 'list' | 'read' | 'checkout'>
  /** Takes away everything it wrote. */
  close(): Promise<void>
}
