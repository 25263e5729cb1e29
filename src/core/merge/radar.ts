import type { ConflictFile, LandingStep, Probed, ProbedPair, ProbedStream } from '#core/merge/probe.ts'

/** What the radar shows: plain JSON, made by `buildRadar`, rendered by `render/radar`. */
export interface Radar {
  readonly schemaVersion: 1
  /** ISO 8601 in UTC. */
  readonly at: string
  readonly target: { readonly branch: string; readonly commit: string; readonly tree: string }
  readonly streams: readonly RadarStream[]
  /** Pairs that are not clean. */
  readonly pairs: readonly RadarPair[]
  /** How many pairs of clean streams there are, and how they were judged. */
  readonly effort: Probed['effort']
  readonly plan: LandingPlan
  /** The plan landed for real, step by step; absent when it was not tried. */
  readonly landing?: readonly LandingStep[]
  /** Streams that conflict in the plan's order although no pair of theirs does: ids and files. */
  readonly surprises: readonly { readonly stream: string; readonly after: readonly string[]; readonly files: readonly ConflictFile[] }[]
  /** Files that several streams change, the most wanted first; at most fifty. */
  readonly hot: readonly HotFile[]
  /** Files changed by a stream that are exclusively another's. */
  readonly trespasses: readonly Trespass[]
  /** Present when merged waves were tested. */
  readonly tests?: readonly WaveTest[]
  readonly whatIf?: WhatIf
  /** Against the last radar of the same target; absent when there was none. */
  readonly since?: RadarChanges
  /** 0 no conflict, 1 conflicts, 3 something is unavailable. */
  readonly exitCode: 0 | 1 | 3
}

export interface RadarStream extends ProbedStream {
  readonly name: string
  /** Branch or full ref name; a worktree's path for uncommitted work. */
  readonly branch: string
  /** Person who leads it, by name; absent without a program. */
  readonly lead?: string
}

export interface RadarPair extends ProbedPair {
  /** Owners of the files by CODEOWNERS of the target; absent where there are none. */
  readonly owners: readonly string[]
  /** One stream contains the other: they conflict only through what they add to it. */
  readonly stacked: boolean
}

export interface HotFile {
  readonly path: string
  readonly streams: readonly string[]
  readonly owners: readonly string[]
  /** Pairs of streams that conflict in it. */
  readonly conflicts: number
}

export interface Trespass {
  readonly path: string
  /** Who changes it, and whose it is. */
  readonly stream: string
  readonly owner: string
  /** An exception of the program allows it, for this reason. */
  readonly allowed?: string
}

export interface LandingPlan {
  /** All streams that are planned, first to last. */
  readonly order: readonly string[]
  /** The first lands without any rework; each further one after its rework. */
  readonly waves: readonly (readonly string[])[]
  /** Who must rework (rebase, and solve conflicts), because these land before. */
  readonly rework: readonly { readonly stream: string; readonly because: readonly string[] }[]
  /** No order has fewer reworks than this. */
  readonly atLeast: number
  /** `rework` has as few as possible: proven. */
  readonly optimal: boolean
  /** Work days, at most `perDay` merges on each. Dates `YYYY-MM-DD`. */
  readonly days: readonly { readonly date: string; readonly weekday: string; readonly streams: readonly string[] }[]
  readonly held: readonly { readonly stream: string; readonly because: string }[]
}

export interface WaveTest {
  /** Streams merged together on the target. */
  readonly streams: readonly string[]
  readonly tree: string
  readonly outcome: 'passed' | 'failed' | 'not-run'
  /** Why it was not run, or how it ended. */
  readonly reason?: string
  /** Smallest set of streams that fails together though each smaller one passes; one id: it fails alone; empty: the target fails by itself. */
  readonly guilty?: readonly string[]
  /** Tree of the guilty set. */
  readonly guiltyTree?: string
  readonly command: string
  /** How many runs it took; results of trees that were seen before count none. */
  readonly runs: number
  /** Last lines of the output of the guilty run, plain text. */
  readonly output?: string
}

export interface WhatIf {
  readonly question: string
  /** Fewer conflicts and reworks are negative. */
  readonly pairs: number
  readonly reworks: number
  readonly plan: LandingPlan
}

export interface RadarChanges {
  readonly at: string
  readonly targetMoved: boolean
  readonly appeared: readonly string[]
  readonly gone: readonly string[]
  readonly moved: readonly string[]
  readonly states: readonly { readonly stream: string; readonly from: string; readonly to: string }[]
  readonly newConflicts: readonly { readonly a: string; readonly b: string; readonly files: readonly string[] }[]
  readonly solved: readonly { readonly a: string; readonly b: string }[]
  /** Pairs that conflicted before and do still, in other files. */
  readonly changed: readonly {
    readonly a: string
    readonly b: string
    readonly added: readonly string[]
    readonly removed: readonly string[]
  }[]
}
