import { arrival } from '#core/evidence/arrival.ts'
import type { Repository } from '#core/evidence/collector.ts'
import type { Snapshot, Subject, SubjectState } from '#core/evidence/evidence.ts'
import { squashOf } from '#core/evidence/squash.ts'
import type { Program } from '#core/program/model.ts'

type Present = Extract<SubjectState, { state: 'present' }>

type History = Pick<Repository, 'isAncestor' | 'commits' | 'mergeBase' | 'changes' | 'ownLine'>

export interface Gone {
  readonly program: Program
  readonly subject: Subject
  readonly branch: string
  readonly reason: string
  readonly target: SubjectState | undefined
  /** What was recorded last. */
  readonly before: Snapshot | undefined
}

/**
 * What a branch comes to that is gone: whoever merges one deletes it. Where it was recorded last it
 * still stands, if its work is in the target: beside the target's own line, or on it after there
 * were commits of its own, or squashed.
 */
export async function afterDeletion({ reason, ...gone }: Gone, repository: History): Promise<SubjectState> {
  const { target, before, subject, branch } = gone
  const last = before?.subjects[subject]
  if (last?.state !== 'present' || !last.ref.endsWith(`/${branch}`) || target?.state !== 'present') return { state: 'absent', reason }
  if (await isIn(repository, last.commit, target.commit)) {
    const isProven = last.deleted === true || hadCommits(gone, last)
    const lacking = isProven ? [] : await repository.commits(last.commit, target.commit)
    const isMerged = isProven || arrival(last.commit, target.commit, lacking).how === 'merged'
    return isMerged ? { ...last, deleted: true } : { state: 'absent', reason }
  }
  if (await isSquashed(repository, last, target.commit, before)) return { ...last, deleted: true }
  return { state: 'absent', reason: `${reason}; where it was recorded last, ${last.commit.slice(0, 12)}, is not in the target` }
}

/** A commit that is not there any more is in nothing. */
const isIn = (repository: History, commit: string, target: string): Promise<boolean> =>
  repository.isAncestor(commit, target).catch(() => false)

/** Git forgets the commits of a deleted branch after some weeks. Then what is on record counts, as long as the target still holds what it held then. */
async function isSquashed(repository: History, last: Present, target: string, before: Snapshot | undefined): Promise<boolean> {
  try {
    return (await squashOf(repository, last.commit, target))?.isTakenBack === false
  } catch {
    const then = before?.subjects['program']
    return last.deleted === true && then?.state === 'present' && isIn(repository, then.commit, target)
  }
}

/** Commits of its own, that the target did not have when they were counted. */
function hadCommits({ program, subject, before }: Pick<Gone, 'program' | 'subject' | 'before'>, { commit }: Present): boolean {
  const metrics = new Set(program.sources.filter((one) => one.collect === 'git').map((one) => `${one.id}.commits`))
  const counted = before?.evidence.filter((one) => one.subject === subject && one.commit === commit && metrics.has(one.metric)) ?? []
  return counted.some((one) => Number(one.value) > 0)
}
