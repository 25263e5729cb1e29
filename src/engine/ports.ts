import type { Collector, CollectorKind, CommandHost, Repository } from '#core/evidence/collector.ts'
import type { Subject } from '#core/evidence/evidence.ts'

/** What gathering needs from outside; the CLI wires the real ones. */
export interface GatherPorts {
  readonly kinds: readonly CollectorKind[]
  /** Loads a collector by kind; undefined when there is none. */
  readonly collector: (kind: string) => Promise<Collector | undefined>
  readonly repository: Repository
  readonly runner: CommandHost
  readonly programFolder: string
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
