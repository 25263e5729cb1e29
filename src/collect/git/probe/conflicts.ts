import type { ConflictFile, ConflictKind } from '#core/merge/probe.ts'
import { decodePath } from '../diff.ts'
import type { Merged, Message, Stage } from './merge-tree.ts'

/** The versions of a file that git tried to merge; an id is absent where there is no such file. */
export interface Versions {
  readonly base?: string
  readonly ours?: string
  readonly theirs?: string
}

export interface Conflict {
  /** Bytes as latin1. */
  readonly path: string
  readonly kind: ConflictKind
  readonly detail?: string
  readonly versions: Versions
}

/** The heaviest first: where git says several things of one path, the first of these names the kind. */
const KINDS: readonly (readonly [RegExp, ConflictKind])[] = [
  [/^CONFLICT \(submodule/, 'submodule'],
  [/^CONFLICT \(rename/, 'rename'],
  [/^CONFLICT ?\((?:file\/directory|directory rename|file in way|file location)/, 'directory'],
  [/^CONFLICT \(distinct modes/, 'mode'],
  [/^CONFLICT \(binary/, 'binary'],
  [/^CONFLICT \(modify\/delete/, 'modify/delete'],
  [/^CONFLICT \(contents/, 'content'],
]
/** Kinds that a reader sees from the path and both sides. */
const PLAIN: ReadonlySet<ConflictKind> = new Set(['content', 'add/add', 'modify/delete', 'binary'])
const MOST_DETAIL = 400

/**
 * What a merge ran into, each path once, sorted. `names` says what people call the commits that
 * were merged, for git's messages name them by their ids.
 */
export const conflictsOf = (
  merged: Merged & { readonly outcome: 'conflicted' },
  names: ReadonlyMap<string, string>,
): readonly Conflict[] => {
  const stages = new Map<string, Stage[]>()
  for (const stage of merged.stages) {
    const path = withoutSide(stage.path, names)
    stages.set(path, [...(stages.get(path) ?? []), stage])
  }
  const said = new Map<string, Message[]>()
  for (const message of merged.messages) {
    if (!message.type.startsWith('CONFLICT')) continue
    for (const path of new Set(message.paths.map((one) => withoutSide(one, names)))) said.set(path, [...(said.get(path) ?? []), message])
  }
  // A folder renamed to several places conflicts without an entry of its own: then what git names stands for it.
  const paths = stages.size > 0 ? [...stages.keys()] : [...said.values()].flatMap(([message]) => message?.paths.slice(0, 1) ?? [])
  return [...new Set(paths)].sort().map((path) => {
    const own = stages.get(path) ?? []
    const { kind, message } = kindOf(own, said.get(path) ?? [])
    const detail = message === undefined || PLAIN.has(kind) ? undefined : sentence(message.text, names)
    return { path, kind, ...(detail === undefined ? {} : { detail }), versions: versionsOf(own) }
  })
}

const kindOf = (stages: readonly Stage[], messages: readonly Message[]): { readonly kind: ConflictKind; readonly message?: Message } => {
  for (const [type, kind] of KINDS) {
    const message = messages.find((one) => type.test(one.type))
    if (message !== undefined) return { kind: kind === 'content' ? contentKind(stages) : kind, message }
  }
  // A message of a version of git that came later, or none: what is there tells the nearest.
  const [message] = messages
  const kind = stages.some(({ mode }) => mode === '160000') ? 'submodule' : contentKind(stages)
  return { kind, ...(message === undefined ? {} : { message }) }
}

const contentKind = (stages: readonly Stage[]): ConflictKind => {
  const [base, ours, theirs] = ([1, 2, 3] as const).map((wanted) => stages.find(({ stage }) => stage === wanted))
  if (ours === undefined || theirs === undefined)
    return base === undefined || (ours ?? theirs) === undefined ? 'directory' : 'modify/delete'
  if ([base, ours, theirs].some((one) => one?.mode === '160000')) return 'submodule'
  if (ours.mode !== theirs.mode && (ours.oid === theirs.oid || ours.oid === base?.oid || theirs.oid === base?.oid)) return 'mode'
  return base === undefined ? 'add/add' : 'content'
}

const versionsOf = (stages: readonly Stage[]): Versions => {
  const [base, ours, theirs] = ([1, 2, 3] as const).map((wanted) => stages.find(({ stage }) => stage === wanted)?.oid)
  return {
    ...(base === undefined ? {} : { base }),
    ...(ours === undefined ? {} : { ours }),
    ...(theirs === undefined ? {} : { theirs }),
  }
}

/** Where a folder stands in the way of a file, git puts the file beside it, under the name of its side. */
const withoutSide = (path: string, names: ReadonlyMap<string, string>): string =>
  path.includes('~') ? path.replace(/~([0-9a-f]{40,64})(?:_\d+)?(?=$|\/)/, (whole, id: string) => (names.has(id) ? '' : whole)) : path

const sentence = (text: string, names: ReadonlyMap<string, string>): string => {
  const line = text.split('\n').find((one) => one.trim() !== '') ?? ''
  const bare = Buffer.from(line.replace(/^CONFLICT ?\([^)]*\): /, ''), 'latin1').toString('utf8')
  const named = bare
    // oxlint-disable-next-line no-control-regex -- they are what is taken out
    .replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .replace(/\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b/g, (id) => names.get(id) ?? id)
  return named.trim().slice(0, MOST_DETAIL)
}

/** A path as text: UTF-8, or C-quoted. */
export const pathText = (path: string): string => {
  // oxlint-disable-next-line no-control-regex -- all of ASCII, and nothing else
  if (/^[\u0000-\u007f]*$/.test(path)) return path
  return decodePath(Buffer.from(path, 'latin1'))
}

export const conflictFile = ({ path, kind, detail }: Omit<Conflict, 'versions'>): ConflictFile => ({
  path: pathText(path),
  kind,
  ...(detail === undefined ? {} : { detail }),
})
