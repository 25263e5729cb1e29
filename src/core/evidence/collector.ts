import type { ZodType } from 'zod'
import type { Program } from '#core/program/model.ts'
import type { Evidence, MetricDefinition, Provenance, Subject, SubjectState, Unit } from '#core/evidence/evidence.ts'

/**
 * The port behind which every source of evidence stands. A collector brings facts and decides
 * nothing: it never throws for bad input, it returns evidence of status `missing` or `errored`.
 */
export interface Collector {
  collect(request: CollectRequest, context: CollectContext): Promise<readonly Fact[]>
  /** Brings files that a service keeps, for sources of report files to look in. Called when one asks, once for each subject. */
  artifacts?(request: CollectRequest, context: CollectContext): Promise<Artifacts>
}

/** Files that CI made at the subject's head, or why there are none. */
export type Artifacts =
  | {
      readonly ok: true
      /** Absolute folder that holds them. */
      readonly root: string
      /** Where they come from, for people. */
      readonly source: string
      /** When the oldest was made: ISO 8601 in UTC. */
      readonly madeAt: string
      /** What is to be said beside the facts that are read from them. */
      readonly remarks: readonly string[]
      /** Runs of CI that made them and did not end well, for people. */
      readonly failed?: string
      /** Takes the folder away. */
      remove(): Promise<void>
    }
  | { readonly ok: false; readonly status: 'missing' | 'errored'; readonly reason: string }

/**
 * What a collector's folder declares beside its code (`kind.ts`): pure data, so that a program
 * file can be checked, and its JSON Schema written, without loading the collector itself.
 */
export interface CollectorKind {
  /** The word after `collect:` in the program file. */
  readonly kind: string
  readonly title: string
  /** The keys a source of this kind takes beside the common ones; a strict zod object. */
  readonly options: ZodType
  /** Facts it brings: fact name -> definition. The metric is `<source id>.<fact name>`. */
  readonly metrics: Readonly<Record<string, MetricDefinition>>
  /** True when the facts describe the commit it looked at and go stale with another tree. */
  readonly boundToTree: boolean
}

/** One source of the program, asked about one subject. */
export interface CollectRequest {
  readonly sourceId: string
  readonly subject: Subject
  /** The source's options as `CollectorKind.options` parsed them, placeholders already filled in. */
  readonly options: unknown
  readonly state: SubjectState
  /** True when the patterns of the source's files named the commit or the tree: what they match is about it. */
  readonly bound?: boolean
  /** The source's time limit, for collectors that hold something of their own to it. */
  readonly timeLimitSeconds?: number
}

/** A fact before the engine adds subject, metric prefix, commit and tree. */
export interface Fact {
  /** Fact name as in `CollectorKind.metrics`. */
  readonly name: string
  readonly status: Evidence['status']
  readonly value?: number | boolean
  readonly interval?: Evidence['interval']
  readonly source: string
  readonly sha256?: string
  readonly reason?: string
  readonly details?: readonly string[]
  /** Overrides for facts that are not about the subject's head: CI reports, claims. */
  readonly provenance?: Provenance
  /** `null`: the source does not say which commit it is about (the evidence will be stale). */
  readonly commit?: string | null
  readonly tree?: string | null
  readonly observedAt?: string
  readonly unit?: Unit
}

/** What collectors may use. Everything outside the process is reached through here. */
export interface CollectContext {
  /** For facts about people, branches and how streams hang together. */
  readonly program: Program
  readonly repository: Repository
  /** Where the branch stands that streams merge into. */
  readonly target: SubjectState
  /** All streams with the place they stand at, for facts that compare streams. */
  readonly streams: readonly { readonly id: string; readonly paths: readonly string[]; readonly state: SubjectState }[]
  /** Absolute path of the folder that holds the program file. */
  readonly programFolder: string
  /** Absolute path of a folder, there or not, for what can be fetched again. */
  readonly cacheFolder: string
  /** What the environment says: secrets, and what differs between machines. Undefined where it says nothing. */
  readonly environment: (name: string) => string | undefined
  /** Runs a trusted command in a throw-away checkout of the subject's head. */
  readonly runner: CommandRunner
  /** What the source `sourceId` brings for that subject; undefined where its kind brings no files. */
  readonly artifacts: (sourceId: string, subject: Subject) => Promise<Artifacts | undefined>
  /** Instant of the check, ISO 8601 in UTC. */
  readonly at: string
  /** Aborted when the source's time limit is over or the check is cancelled. */
  readonly signal: AbortSignal
  /** Seed for everything random (the bootstrap), so that a check can be recomputed. */
  readonly seed: number
}

/** One changed path between two trees. */
export interface Change {
  readonly status: 'added' | 'modified' | 'deleted' | 'renamed' | 'type-changed'
  readonly path: string
  /** Path on the base side of a rename. */
  readonly from?: string
  readonly oldOid: string
  readonly newOid: string
  /** Octal git mode on the new side: `100644`, `100755`, `120000` (symlink), `160000` (submodule). */
  readonly mode: string
}

/** One commit of a line of first parents. */
export interface LineCommit {
  readonly commit: string
  readonly changes: readonly Change[]
}

export interface ChangedLines {
  /** For each path of a change on the new side: 1-based numbers of the lines added, ascending. */
  readonly added: ReadonlyMap<string, readonly number[]>
  /** Path on the old side -> how many of its lines are gone; absent where none is. */
  readonly deleted: ReadonlyMap<string, number>
}

export interface TreeEntry {
  readonly path: string
  readonly oid: string
  readonly mode: string
  /** Bytes; -1 for submodules, and for objects that the repository has lost. */
  readonly size: number
}

export interface CommitInfo {
  readonly commit: string
  readonly tree: string
  /** Object ids; the first is the line the commit goes on with, the others were merged into it. */
  readonly parents: readonly string[]
  /** ISO 8601 in UTC; a time that no calendar has becomes 1970-01-01, as in git. */
  readonly committedAt: string
  /** As the commit says, which anybody can write; at most 500 characters each. */
  readonly author: { readonly name: string; readonly email: string }
  /** First line of the message, at most 500 characters. */
  readonly subject: string
}

/**
 * A read-only view of Muster's own bare mirror, as it stood when it was last refreshed. Nothing
 * here reads the user's repository configuration or attributes, and nothing runs code from it.
 * Commits, trees and blobs are named by full object ids. Paths are UTF-8; one that is not comes
 * C-quoted, as git prints it. Rejections are `RepositoryError`s.
 *
 * Cost: a call is one git process unless it says otherwise (about 5 ms), and asking twice about
 * the same two ids is free for `mergeBase`, `isAncestor` and `changes`.
 */
export interface Repository {
  /**
   * Resolves a branch name (never an option, never an expression) to where it stands: the branch
   * itself, or the remote-tracking one of `origin` (or of the only remote that has it) where there
   * is no local one or the local one lags behind it. A lookup and one read.
   */
  resolve(branch: string): Promise<SubjectState>
  /** The best common ancestor; undefined when the two share no history. */
  mergeBase(a: string, b: string): Promise<string | undefined>
  /** True also when both are the same commit. */
  isAncestor(ancestor: string, descendant: string): Promise<boolean>
  /** Commits in `from..to`, newest first; the whole history of `to` without `from`. Grows with the number of commits. */
  commits(from: string | undefined, to: string): Promise<readonly CommitInfo[]>
  /** Changes between two commits or trees, sorted by path, renames detected as git does by default. Grows with the changed paths. */
  changes(from: string, to: string): Promise<readonly Change[]>
  /**
   * What each commit of the own line of `to` (its first parents) since `from` changed, oldest first; a merge what it
   * brought in. A rename is a path deleted and one added. Grows with the commits of the line and what they changed.
   */
  ownLine(from: string, to: string): Promise<readonly LineCommit[]>
  /**
   * Lines that differ between two commits, lines ending at LF. Attributes do not matter. None for
   * symlinks, submodules and binary files: a NUL byte in the first 8,000 bytes, or more than 32 MiB.
   * Reads both sides of every change: about 0.3 s for 5,000 changed files; `changes` of the same
   * two, asked afterwards, is free.
   */
  changedLines(from: string, to: string): Promise<ChangedLines>
  /** Every entry of a tree, recursive, sorted by path. */
  list(treeish: string): Promise<readonly TreeEntry[]>
  /** Every regular file of a tree, sorted by path. Costs a third of `list`, which asks for sizes. */
  files(treeish: string, visit: (path: string, oid: string) => void): Promise<void>
  /**
   * Contents of many objects, each handed over as it comes and none kept: in the order asked for,
   * `content` good until the next one. Of very many, bytes hold the ids, each with a line end after
   * it. Content is undefined where the object is not there (`size` is -1
   * then) or is larger than 32 MiB. A process of its own; 5 s of it for each GB.
   */
  scan(
    oids: readonly string[] | Uint8Array,
    visit: (index: number, content: Uint8Array | undefined, size: number) => void,
    signal?: AbortSignal,
  ): Promise<void>
  /**
   * Contents by object id, in the order asked for; undefined where the object is not there. One
   * process serves all calls. The answer is held in memory whole: ask for many in portions. An
   * object above 256 MiB is refused.
   */
  read(oids: readonly string[]): Promise<readonly (Uint8Array | undefined)[]>
  /**
   * Writes the files of a commit into an empty folder (absolute), as a worktree of the mirror and
   * byte for byte as committed: hooks, filters, line-ending attributes and submodules of the
   * repository do not act. `remove` takes it away again. Grows with the size of the tree.
   */
  checkout(commit: string, folder: string): Promise<{ remove(): Promise<void> }>
  /** Branch short names in the mirror, each with the head that `resolve` gives, sorted by name. */
  branches(): Promise<readonly { readonly name: string; readonly commit: string; readonly committedAt: string }[]>
}

export interface CommandRequest {
  readonly sourceId: string
  readonly subject: Subject
  readonly commit: string
  readonly tree: string
  /** Command line, run by `sh -c` in `folder` of the checkout. */
  readonly run: string
  /** Run before `run` in the same place, for example `npm ci`; its failure is no failure of `run`. */
  readonly setup?: string
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  /** False: it must have none, which takes a sandbox. */
  readonly network?: boolean
  /** `required`: not run without one. `off`: run without one even where there is one. */
  readonly sandbox?: 'required' | 'off'
  /** For `setup` and `run` together, from the moment the first of them starts. */
  readonly timeLimitSeconds: number
}

export type CommandResult =
  /** Not run: nobody has trusted this content yet. `reason` says how to. */
  | { readonly outcome: 'untrusted'; readonly reason: string; readonly digest: string }
  | { readonly outcome: 'failed-to-start'; readonly reason: string }
  /** `setup` did not end with exit code 0, so `run` was not tried; `output` as below, of `setup`. */
  | { readonly outcome: 'failed-setup'; readonly reason: string; readonly output: string; readonly sha256: string }
  /** The caller's signal was aborted before there was a result. */
  | { readonly outcome: 'cancelled'; readonly reason: string }
  | {
      readonly outcome: 'ended'
      /** Exit code, or null when a signal or the time limit ended it. */
      readonly exitCode: number | null
      readonly signal: string | null
      readonly timedOut: boolean
      /** Why Muster itself ended it: over the time limit or the output limit. */
      readonly reason?: string
      /** Instant `run` started, ISO 8601 in UTC: a report older than this is none of its making. */
      readonly startedAt?: string
      /** How long `run` took, elapsed. */
      readonly seconds: number
      /** Last part of the merged output, at most 64 KiB, UTF-8. */
      readonly output: string
      /** sha256 of all of the output. */
      readonly sha256: string
      /** Whether it was kept from the rest of the machine. */
      readonly sandboxed?: boolean
      /** Absolute path of the checkout as the command left it; removed when the check ends. */
      readonly checkout: string
    }

/** Runs each distinct request once per check, however many sources read its output. */
export interface CommandRunner {
  run(request: CommandRequest, signal: AbortSignal): Promise<CommandResult>
  /** The result of the command source `sourceId` for that subject; waits for it; undefined when there is none. */
  resultOf(sourceId: string, subject: Subject): Promise<CommandResult | undefined>
}

/**
 * The runner as the engine holds it. Before the collectors start, every command source is
 * announced for each of its subjects; when a source is done with one, however it went, it is
 * settled. So `resultOf` waits for nothing that will never come.
 */
export interface CommandHost extends CommandRunner {
  announce(sourceId: string, subject: Subject): void
  settle(sourceId: string, subject: Subject): void
  /** Ends what still runs and removes every checkout. */
  close(): Promise<void>
}

/** Something about the repository a person must mend: it becomes errored evidence, with its reason. */
export class RepositoryError extends Error {
  override readonly name = 'RepositoryError'
}
