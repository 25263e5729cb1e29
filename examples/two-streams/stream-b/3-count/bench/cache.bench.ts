import { CachedSearch } from '../src/cache/cached-search.ts'
import { pick, sampleLog, seeded } from '../src/sample.ts'

/** Records read for 300 queries as people type them: few are asked often, and their words in any order. */
const WORDS = ['timed', 'retry', 'cache', 'token', 'request', 'done', 'miss', 'started'] as const
const CAPACITY = 24

function asked(seed: number): readonly string[] {
  const draw = seeded(seed)
  return Array.from({ length: 300 }, () => {
    const often = draw(3) > 0
    const from = often ? WORDS.slice(0, 4) : WORDS
    const words = [pick(from, draw), pick(from, draw), pick(from, draw)]
    return words.join(' ')
  })
}

export const benchmark = {
  baseline: (seed: number): number => asked(seed).length * sampleLog(500, seed).length,
  current: (seed: number): number => {
    const cached = new CachedSearch(sampleLog(500, seed), CAPACITY)
    for (const query of asked(seed)) cached.find(query)
    return cached.work.read
  },
}
