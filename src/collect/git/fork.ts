import { arrival } from '#core/evidence/arrival.ts'
import type { CommitInfo, Repository, TreeEntry } from '#core/evidence/collector.ts'

/** Where the work of a branch begins: its merge base with the target, or, where it was merged, where it left the target's own line. */
export type Fork =
  | { readonly how: 'unrelated' }
  | { readonly how: 'open' | 'own-line'; readonly base: string }
  | { readonly how: 'merged'; readonly base: string; readonly by: string }

/** What several streams ask of one mirror, worked out once: a mirror lives as long as a check. */
const memory = new WeakMap<Repository, Map<string, Promise<unknown>>>()

const once = <T>(repository: Repository, key: string, work: () => Promise<T>): Promise<T> => {
  const known = memory.get(repository) ?? new Map<string, Promise<unknown>>()
  memory.set(repository, known)
  const answer = known.get(key) ?? work()
  known.set(key, answer)
  answer.catch(() => known.delete(key))
  // The key names the work, so the type is that of the work.
  return answer as Promise<T>
}

/** The commits of `head..target`. */
export const lackingIn = (repository: Repository, head: string, target: string): Promise<readonly CommitInfo[]> =>
  once(repository, `commits ${head} ${target}`, () => repository.commits(head, target))

export const entriesOf = (repository: Repository, tree: string): Promise<readonly TreeEntry[]> =>
  once(repository, `tree ${tree}`, () => repository.list(tree))

export const forkOf = (repository: Repository, head: string, target: string): Promise<Fork> =>
  once(repository, `fork ${head} ${target}`, async () => {
    const base = await repository.mergeBase(target, head)
    if (base === undefined) return { how: 'unrelated' }
    if (base !== head) return { how: 'open', base }
    const came = arrival(head, target, await lackingIn(repository, head, target))
    return came.how === 'merged' ? came : { how: 'own-line', base }
  })
