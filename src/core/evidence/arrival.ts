import type { CommitInfo } from '#core/evidence/collector.ts'

/**
 * How a branch whose head is in the target came to be there. A merge commit shows it: the head
 * lies beside the target's own line (its first parents), and the last commit of that line which
 * the branch builds on is where its work begins. A head on that line proves nothing: the branch
 * was fast-forwarded, or has not begun.
 *
 * `lacking` are the commits of `head..target`.
 */
export const arrival = (
  head: string,
  target: string,
  lacking: readonly CommitInfo[],
): { readonly how: 'merged'; readonly by: string; readonly base: string } | { readonly how: 'own-line' } => {
  const byId = new Map(lacking.map((commit) => [commit.commit, commit]))
  let current = byId.get(target)
  while (current !== undefined) {
    const parent = current.parents[0]
    if (parent === undefined || parent === head) break
    const next = byId.get(parent)
    if (next === undefined) return { how: 'merged', by: current.commit, base: parent }
    current = next
  }
  return { how: 'own-line' }
}
