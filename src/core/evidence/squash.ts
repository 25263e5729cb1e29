import type { Change, LineCommit, Repository } from '#core/evidence/collector.ts'

interface Squash {
  /** Since which every path that the branch changed stood in the target as the branch left it. */
  readonly commit: string
  /** Later they all stood again as they did before the branch. */
  readonly isTakenBack: boolean
}

/**
 * How the work of a branch came into a target that does not have its commits: squashed, or rebased.
 * What others changed in the same files afterwards does not matter.
 *
 * `changes` are those of the branch since the fork, `line` is the target's own line since then.
 */
export function squash(changes: readonly Change[], line: readonly LineCommit[]): Squash | undefined {
  const paths = new Map(changes.flatMap(pathsOf))
  const lacking = new Set(paths.keys())
  const moved = new Set<string>()
  const put = (set: Set<string>, path: string, isIn: boolean): void => void (isIn ? set.add(path) : set.delete(path))
  let found: Squash | undefined
  for (const { commit, changes: theirs } of line) {
    for (const { path, status, newOid, mode } of theirs) {
      const known = paths.get(path)
      if (!known) continue
      const isGone = status === 'deleted'
      put(lacking, path, isGone ? known.left !== ABSENT : known.left !== `${mode} ${newOid}`)
      put(moved, path, (isGone ? ABSENT : newOid) !== known.before)
    }
    if (paths.size > 0 && lacking.size === 0) found = found?.isTakenBack === false ? found : { commit, isTakenBack: false }
    else if (found && moved.size === 0) found = { ...found, isTakenBack: true }
  }
  return found
}

const ABSENT = ''

/** For each path of a change: what stood there before by its object id, and what was left there by mode and id. */
function pathsOf({
  status,
  path,
  from,
  oldOid,
  newOid,
  mode,
}: Change): (readonly [path: string, { readonly before: string; readonly left: string }])[] {
  const left = status === 'deleted' ? ABSENT : `${mode} ${newOid}`
  if (from === undefined) return [[path, { before: status === 'added' ? ABSENT : oldOid, left }]]
  return [
    [from, { before: oldOid, left: ABSENT }],
    [path, { before: ABSENT, left }],
  ]
}

/** `squash` of a head, as a repository shows it; undefined as well where the two share no history. */
export async function squashOf(
  repository: Pick<Repository, 'mergeBase' | 'changes' | 'ownLine'>,
  head: string,
  target: string,
): Promise<Squash | undefined> {
  const base = await repository.mergeBase(target, head)
  if (base === undefined) return undefined
  const [changes, line] = await Promise.all([repository.changes(base, head), repository.ownLine(base, target)])
  return squash(changes, line)
}
