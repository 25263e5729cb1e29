import type { ZodType } from 'zod'

/** What one part of a forge's answers is read with: each answer is checked, and counts into the digest. */
export interface Reading {
  /** One document. `path` begins with `/` and is relative to the address of the API. */
  get<T>(path: string, schema: ZodType<T>, query?: Query): Promise<T>
  /** The same, asked again a few times while the forge is still working it out; the last answer where it takes longer. */
  settled<T>(path: string, schema: ZodType<T>, isSettled: (answer: T) => boolean): Promise<T>
  /** All pages of a list; `pick` finds the list where a document wraps it. */
  pages<T, P>(path: string, page: ZodType<P>, pick: (page: P) => readonly T[], query?: Query): Promise<readonly T[]>
  graphql<T>(query: string, variables: Readonly<Record<string, unknown>>, schema: ZodType<T>): Promise<T>
}

export type Query = Readonly<Record<string, string | number | undefined>>

export interface PullRequest {
  readonly number: number
  /** As people write it: `#12`, `!12`. */
  readonly name: string
  readonly title: string
  readonly url: string
  readonly state: 'open' | 'merged' | 'closed'
  readonly draft: boolean
  /** User name; empty where the account is gone. */
  readonly author: string
  /** Branch it comes from, of the project or of a fork. */
  readonly branch: string
  /** Branch it goes into. */
  readonly base: string
  /** Commit it stands at. */
  readonly head: string
  /** Under which name every clone can fetch that commit. */
  readonly ref: string
  readonly createdAt: string
  readonly labels: readonly string[]
  readonly milestone?: string
}

/** `will` undefined: the forge has not found out yet. `says` is its own word for it. */
export interface Merging {
  readonly will: boolean | undefined
  readonly says: string
}

export interface Review {
  readonly by: string
  /** `outsider`: without a voice in the project. */
  readonly who: 'person' | 'bot' | 'outsider'
  readonly says: 'approves' | 'requests changes' | 'comments' | 'is dismissed'
  /** Commit it is about; absent where the forge does not tell. */
  readonly commit?: string
  readonly at?: string
}

/** Since when the head waits, and when reviews were asked for. */
export interface Asked {
  readonly pushedAt: string
  readonly askedAt: readonly string[]
}

export interface Conversation {
  readonly by: string
  readonly where: string
  readonly url: string
}

/** `none`: it ended without a result (skipped, cancelled, neutral). */
export type CheckResult = 'passed' | 'failed' | 'pending' | 'none'

export interface Check {
  readonly name: string
  readonly result: CheckResult
  /** The forge's own word for the result. */
  readonly says: string
  readonly url?: string
  /** Id of the app that reported it. */
  readonly app?: number
}

export interface RequiredCheck {
  readonly name: string
  /** Only that app's report counts. */
  readonly app?: number
}

export interface Issue {
  readonly name: string
  readonly title: string
  readonly url: string
  readonly open: boolean
}

/** A run of CI: of a workflow on GitHub, of a job on GitLab. */
export interface Run {
  readonly id: number
  /** As people find it: `build #34`. */
  readonly name: string
  /** `broken`: it was ended (cancelled, timed out), so what it uploaded may not be whole. */
  readonly state: 'ended' | 'open' | 'broken'
  /** It ended, and not well. */
  readonly hasFailed: boolean
  /** The forge's own word for it. */
  readonly says: string
  /** What it uploads is called so, where that can be known before it does. */
  readonly uploads?: string
}

export interface Artifact {
  readonly name: string
  /** Of the API, for its zip archive. */
  readonly path: string
  readonly isExpired: boolean
  /** As the forge gives it. */
  readonly madeAt: string
  /** Lower-case hex, of the archive. */
  readonly sha256?: string
  readonly run: Run
}

/** What CI did at one commit: the newest runs, and what they uploaded. */
export interface Uploads {
  readonly runs: readonly Run[]
  readonly artifacts: readonly Artifact[]
  /** Where there is no run: the commit that the newest one on the branch was of. */
  readonly elsewhere?: string
}

export interface PullFilter {
  readonly label?: string
  readonly milestone?: string
}

interface BlockerFilter {
  readonly labels: readonly string[]
  readonly query?: string
}

/** The port behind which both forges stand. Every call rejects with a ForgeError. */
export interface Forge {
  /** Every pull request from that branch of the project itself, newest first; not those from forks. */
  find(reading: Reading, branch: string): Promise<readonly PullRequest[]>
  /** Open ones, from forks too. A forge that can leaves out what the filter does not want. */
  open(reading: Reading, filter: PullFilter): Promise<readonly PullRequest[]>
  merging(reading: Reading, pull: PullRequest): Promise<Merging>
  /** In the order they were given. */
  reviews(reading: Reading, pull: PullRequest): Promise<readonly Review[]>
  asked(reading: Reading, pull: PullRequest): Promise<Asked>
  /** Those that are not resolved. */
  conversations(reading: Reading, pull: PullRequest): Promise<readonly Conversation[]>
  /** What must pass before anything goes into that branch. */
  required(reading: Reading, branch: string): Promise<readonly RequiredCheck[]>
  checks(reading: Reading, commit: string): Promise<readonly Check[]>
  /** `branch` is for `elsewhere` alone. */
  uploads(reading: Reading, commit: string, branch: string): Promise<Uploads>
  /** Issues that the pull request closes. */
  linked(reading: Reading, pull: PullRequest): Promise<readonly Issue[]>
  /** Open issues. */
  blockers(reading: Reading, filter: BlockerFilter): Promise<readonly Issue[]>
}
