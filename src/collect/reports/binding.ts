import { createHash } from 'node:crypto'
import type { Fact, Repository } from '#core/evidence/collector.ts'
import type { SubjectState } from '#core/evidence/evidence.ts'
import { readSmallFile, SIDECAR } from './files.ts'
import type { FileRecord, JobFile } from './job.ts'

export interface Binding {
  /** Empty: about the subject's head. */
  readonly fact: Pick<Fact, 'commit' | 'tree'>
  readonly remark?: string
}

export interface BindingContext {
  readonly state: Extract<SubjectState, { state: 'present' }>
  /** True where the files are about the head unless they say otherwise. */
  readonly isAnchored: boolean
  readonly repository: Repository
}

/** Which commit reports are about: what they say themselves wins, and they must agree. */
export async function bind(declared: readonly Declared[], { state, isAnchored, repository }: BindingContext): Promise<Binding> {
  const unknown = (remark: string): Binding => ({ fact: { commit: null, tree: null }, remark })
  const commits = new Set(declared.flatMap((one) => one.commits))
  const trees = new Set(declared.flatMap((one) => one.trees))
  const isSilent = declared.some((one) => one.commits.length + one.trees.length === 0)
  if (isSilent && !isAnchored) {
    return unknown(
      'nothing says which commit the report is about: name ${commit} in its path, or write the id into a file of the same name with .commit added',
    )
  }
  const wrong = [...commits, ...trees].find((id) => !OBJECT_ID.test(id))
  if (wrong !== undefined) return unknown(`the report says it is about ${JSON.stringify(wrong.slice(0, 80))}, which is no object id`)
  if (commits.size > 1 || trees.size > 1) return unknown(`the reports are about different commits: ${some([...commits, ...trees])}`)
  const [commit] = commits
  const [tree] = trees
  const isOfHead = (commit === undefined || commit === state.commit) && (tree === undefined || tree === state.tree)
  if (isOfHead) return { fact: {} }
  if (commit === undefined) return { fact: { commit: null, tree: tree ?? null } }
  return { fact: { commit, tree: tree ?? (commit === state.commit ? state.tree : await treeOf(commit, state.commit, repository)) } }
}

const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

export type Declared = Pick<FileRecord, 'commits' | 'trees'>

/** What a report says of itself, and what a file beside it says: nothing but the commit. */
export async function declaredBy(record: FileRecord, file: JobFile | undefined): Promise<Declared> {
  const beside = file && !file.madeBy ? await readSmallFile(file, SIDECAR) : undefined
  return { commits: [...record.commits, ...(beside === undefined ? [] : [beside.trim().toLowerCase()])], trees: record.trees }
}

/** The tree of a commit beside the head, as after a rebase; null where the mirror does not tell. */
async function treeOf(commit: string, head: string, repository: Repository): Promise<string | null> {
  try {
    const base = await repository.mergeBase(commit, head)
    if (base === undefined || base === commit) return null
    const [newest] = await repository.commits(base, commit)
    return newest?.commit === commit ? newest.tree : null
  } catch {
    return null
  }
}

/** The sha256 of the one file, or over the sorted list of all with theirs. */
export function digestOf(files: readonly FileRecord[]): string {
  const [only] = files
  if (only && files.length === 1) return only.sha256
  const hash = createHash('sha256')
  for (const { path, sha256 } of files) hash.update(`${sha256}  ${path}\n`)
  return hash.digest('hex')
}

/** A few of them, and how many more there are. */
export const some = (names: readonly string[]): string =>
  names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
