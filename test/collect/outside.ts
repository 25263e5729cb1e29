import type { CollectContext } from '#core/evidence/collector.ts'
import { checkpointOf, programOf } from '../core/heart/build.ts'

/** What a collector that asks nobody outside the repository may see of the outside. */
export const OUTSIDE: Pick<CollectContext, 'program' | 'cacheFolder' | 'environment' | 'artifacts'> = {
  program: programOf(checkpointOf([])),
  cacheFolder: '/nowhere',
  environment: () => undefined,
  artifacts: async () => undefined,
}
