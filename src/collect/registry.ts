import { kind as benchmark } from '#collect/benchmark/kind.ts'
import { kind as command } from '#collect/command/kind.ts'
import { kind as coverage } from '#collect/coverage/kind.ts'
import { kind as docs } from '#collect/docs/kind.ts'
import { kind as git } from '#collect/git/kind.ts'
import { kind as junit } from '#collect/junit/kind.ts'
import type { Collector, CollectorKind } from '#core/evidence/collector.ts'

/** Every collector there is: what it declares, and how its code is loaded on use. A new one is one folder and one line. */
const COLLECTORS: readonly (readonly [CollectorKind, () => Promise<{ readonly collector: Collector }>])[] = [
  [git, () => import('#collect/git/index.ts')],
  [command, () => import('#collect/command/index.ts')],
  [junit, () => import('#collect/junit/index.ts')],
  [coverage, () => import('#collect/coverage/index.ts')],
  [benchmark, () => import('#collect/benchmark/index.ts')],
  [docs, () => import('#collect/docs/index.ts')],
]

export const KINDS: readonly CollectorKind[] = COLLECTORS.map(([kind]) => kind)

export async function loadCollector(name: string): Promise<Collector | undefined> {
  const found = COLLECTORS.find(([kind]) => kind.kind === name)
  return found && (await found[1]()).collector
}
