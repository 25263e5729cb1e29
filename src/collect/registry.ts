import { kind as benchmark } from '#collect/benchmark/kind.ts'
import { kind as code } from '#collect/code/kind.ts'
import { kind as command } from '#collect/command/kind.ts'
import { kind as coverage } from '#collect/coverage/kind.ts'
import { kind as ctrf } from '#collect/ctrf/kind.ts'
import { kind as docs } from '#collect/docs/kind.ts'
import { kind as forge } from '#collect/forge/kind.ts'
import { kind as git } from '#collect/git/kind.ts'
import { kind as guard } from '#collect/guard/kind.ts'
import { kind as goTest } from '#collect/go-test/kind.ts'
import { kind as jest } from '#collect/jest/kind.ts'
import { kind as junit } from '#collect/junit/kind.ts'
import { kind as libtest } from '#collect/libtest/kind.ts'
import { kind as mocha } from '#collect/mocha/kind.ts'
import { kind as pytest } from '#collect/pytest/kind.ts'
import { kind as sarif } from '#collect/sarif/kind.ts'
import { kind as size } from '#collect/size/kind.ts'
import { kind as tap } from '#collect/tap/kind.ts'
import { kind as trx } from '#collect/trx/kind.ts'
import type { Collector, CollectorKind } from '#core/evidence/collector.ts'

/** Every collector there is: what it declares, and how its code is loaded on use. A new one is one folder and one line. */
const COLLECTORS: readonly (readonly [CollectorKind, () => Promise<{ readonly collector: Collector }>])[] = [
  [git, () => import('#collect/git/index.ts')],
  [code, () => import('#collect/code/index.ts')],
  [command, () => import('#collect/command/index.ts')],
  [junit, () => import('#collect/junit/index.ts')],
  [ctrf, () => import('#collect/ctrf/index.ts')],
  [goTest, () => import('#collect/go-test/index.ts')],
  [jest, () => import('#collect/jest/index.ts')],
  [libtest, () => import('#collect/libtest/index.ts')],
  [mocha, () => import('#collect/mocha/index.ts')],
  [pytest, () => import('#collect/pytest/index.ts')],
  [tap, () => import('#collect/tap/index.ts')],
  [trx, () => import('#collect/trx/index.ts')],
  [coverage, () => import('#collect/coverage/index.ts')],
  [benchmark, () => import('#collect/benchmark/index.ts')],
  [size, () => import('#collect/size/index.ts')],
  [sarif, () => import('#collect/sarif/index.ts')],
  [guard, () => import('#collect/guard/index.ts')],
  [docs, () => import('#collect/docs/index.ts')],
  [forge, () => import('#collect/forge/index.ts')],
]

export const KINDS: readonly CollectorKind[] = COLLECTORS.map(([kind]) => kind)

export async function loadCollector(name: string): Promise<Collector | undefined> {
  const found = COLLECTORS.find(([kind]) => kind.kind === name)
  return found && (await found[1]()).collector
}
