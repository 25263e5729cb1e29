/** Full ref name -> object id, as the source listed them. */
export type References = ReadonlyMap<string, string>

/** Branches and remote-tracking branches of `git ls-remote` or of `for-each-ref` output: `<oid>[\t ]<ref>` lines. */
export const parseReferences = (text: string): References => {
  const references = new Map<string, string>()
  for (const line of text.split('\n')) {
    const found = /^([0-9a-f]{40}|[0-9a-f]{64})[\t ](refs\/(?:heads|remotes)\/.+)$/.exec(line)
    if (found?.[1] === undefined || found[2] === undefined) continue
    const isRemoteHead = /^refs\/remotes\/[^/]+\/HEAD$/.test(found[2])
    if (!isRemoteHead && branchProblem(found[2]) === undefined) references.set(found[2], found[1])
  }
  return references
}

/** Every ref of the same lines, of whatever kind. */
export const allReferences = (text: string): References => {
  const references = new Map<string, string>()
  for (const line of text.split('\n')) {
    const found = /^([0-9a-f]{40}|[0-9a-f]{64})[\t ](refs\/.+)$/.exec(line)
    if (found?.[1] !== undefined && found[2] !== undefined && branchProblem(found[2]) === undefined) references.set(found[2], found[1])
  }
  return references
}

/** Why git would take no pattern of that kind; undefined when it would: a full ref name with at most one `*`, as in a refspec. */
export const patternProblem = (pattern: string): string | undefined => {
  if (!pattern.startsWith('refs/')) return 'it does not begin with "refs/"'
  if (pattern.split('*').length > 2) return 'it holds more than one "*"'
  return branchProblem(pattern.replace('*', 'x'))
}

/** `*` stands for any characters, also for "/", as in a refspec. */
export const matchesPattern = (pattern: string, ref: string): boolean => {
  const [before = '', after] = pattern.split('*')
  if (after === undefined) return ref === pattern
  return ref.length > before.length + after.length && ref.startsWith(before) && ref.endsWith(after)
}

/** The `packed-refs` file: sorted by the bytes of the names, as git searches it. */
export const packedReferences = (references: References): string => {
  const lines = [...references].map(([name, oid]) => ({ name: Buffer.from(name), line: `${oid} ${name}\n` }))
  lines.sort((a, b) => Buffer.compare(a.name, b.name))
  return `# pack-refs with: peeled fully-peeled sorted \n${lines.map(({ line }) => line).join('')}`
}

/**
 * Why git allows no branch of that name, after the rules of `git check-ref-format`; undefined when
 * it does. A leading dash is allowed here: such refs exist, and are only ever named in full.
 */
export const branchProblem = (branch: string): string | undefined => {
  if (branch === '') return 'it is empty'
  if (branch.length > 1000) return 'it has more than 1,000 characters'
  // oxlint-disable-next-line no-control-regex -- git refuses exactly these
  if (/[\u0000-\u0020\u007f]/.test(branch)) return 'it holds a space, a line break or a control character'
  const sign = /[~^:?*[\\]/.exec(branch)?.[0]
  if (sign !== undefined) return `it holds "${sign}"`
  if (branch.includes('..')) return 'it holds ".."'
  if (branch.includes('@{')) return 'it holds "@{"'
  if (branch === '@') return 'it is "@"'
  if (branch.endsWith('.')) return 'it ends in "."'
  const part = branch.split('/').find((name) => name === '' || name.startsWith('.') || name.endsWith('.lock'))
  if (part === '') return 'it begins or ends with "/" or holds "//"'
  if (part !== undefined) return `"${part}" begins with "." or ends in ".lock"`
  return undefined
}

export type Candidates =
  | { readonly found: 'none' }
  | { readonly found: 'one'; readonly ref: string }
  /** Both exist at different commits: the remote one counts when the local one is its ancestor. */
  | { readonly found: 'both'; readonly local: string; readonly remote: string }
  | { readonly found: 'several'; readonly refs: readonly string[] }

/** The refs a branch name may stand for; looked up whole, so that no name is ever read as an expression. */
export const candidates = (references: References, branch: string): Candidates => {
  const local = `refs/heads/${branch}`
  const remote = remoteCandidates(references, branch)
  if (!references.has(local)) {
    if (remote.length > 1) return { found: 'several', refs: remote }
    return remote[0] === undefined ? { found: 'none' } : { found: 'one', ref: remote[0] }
  }
  const only = remote.length === 1 ? remote[0] : undefined
  if (only === undefined || references.get(only) === references.get(local)) return { found: 'one', ref: local }
  return { found: 'both', local, remote: only }
}

const remoteCandidates = (references: References, branch: string): readonly string[] => {
  const origin = `refs/remotes/origin/${branch}`
  if (references.has(origin)) return [origin]
  return remotes(references)
    .map((remote) => `refs/remotes/${remote}/${branch}`)
    .filter((ref) => references.has(ref))
}

const remotesOf = new WeakMap<References, readonly string[]>()
const remotes = (references: References): readonly string[] => {
  const known = remotesOf.get(references)
  if (known !== undefined) return known
  const names = new Set<string>()
  for (const ref of references.keys()) {
    const name = /^refs\/remotes\/([^/]+)\//.exec(ref)?.[1]
    if (name !== undefined) names.add(name)
  }
  const sorted = [...names].sort()
  remotesOf.set(references, sorted)
  return sorted
}

/** Branch names without `refs/heads/` or `refs/remotes/<remote>/`, sorted, each once. */
export const branchNames = (references: References): readonly string[] => {
  const names = new Set<string>()
  for (const ref of references.keys()) {
    const name = /^refs\/(?:heads|remotes\/[^/]+)\/(.+)$/.exec(ref)?.[1]
    if (name !== undefined) names.add(name)
  }
  return [...names].sort()
}

/** Up to three of the names that someone who wrote `wanted` may have meant, the likeliest first. */
export const nearNames = (wanted: string, names: readonly string[]): readonly string[] => {
  const plain = normal(wanted)
  if (plain === '' || plain.length > 200) return []
  const limit = Math.max(1, Math.floor(plain.length / 3))
  return names
    .slice(0, 5000)
    .map((name) => ({ name, distance: likeness(plain, normal(name), limit) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => name)
}

const normal = (name: string): string =>
  name
    .toLowerCase()
    .replace(/^(?:refs\/heads\/|refs\/remotes\/[^/]+\/|origin\/)/, '')
    .replace(/[-_.]+/g, '-')

/** Edit distance, but a name that only lacks or adds leading folders counts as near. */
const likeness = (wanted: string, name: string, limit: number): number => {
  if (wanted === name) return 0
  if (name.endsWith(`/${wanted}`) || wanted.endsWith(`/${name}`)) return 1
  return Math.abs(wanted.length - name.length) > limit ? limit + 1 : editDistance(wanted, name)
}

const editDistance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
