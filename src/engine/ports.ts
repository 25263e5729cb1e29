import type { Collector, CollectorKind, CommandHost, Repository } from '#core/evidence/collector.ts'
import type { Subject } from '#core/evidence/evidence.ts'
import type { Prober } from '#core/merge/probe.ts'

/** What gathering needs from outside; the CLI wires the real ones. */
export interface GatherPorts {
  readonly kinds: readonly CollectorKind[]
  /** Loads a collector by kind; undefined when there is none. */
  readonly collector: (kind: string) => Promise<Collector | undefined>
  readonly repository: Repository
  readonly runner: CommandHost
  /** Says how the branches merge; opened when it is first asked for. Without one that is not looked at. */
  readonly prober?: () => Promise<Prober>
  readonly programFolder: string
  /** Absolute path of a folder for what collectors can fetch again. */
  readonly cacheFolder: string
  readonly environment: (name: string) => string | undefined
  /** Name of this machine, written beside what it observed. */
  readonly host: string
  /** Clock that timestamps evidence. */
  readonly now: () => string
  /** Aborts after that many seconds; a fake one in tests. */
  readonly timeLimit: (seconds: number) => AbortSignal
}

export type Progress =
  | { readonly step: 'begin'; readonly sources: number }
  | { readonly step: 'source'; readonly source: string; readonly subject: Subject; readonly seconds: number; readonly errored: number }
