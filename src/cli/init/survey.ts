import { guessWork, WORK_FILES, type Work } from '#cli/init/work.ts'
import type { Repository } from '#core/evidence/collector.ts'
import { matcher } from '#core/evidence/glob.ts'
import { CODEOWNERS_PATHS, NO_OWNERS, parseCodeowners, type Owners } from '#core/merge/codeowners.ts'
import { isBranchName } from '#core/program/resolve/scope.ts'

/** A branch as a stream to be. */
export interface Candidate {
  readonly branch: string
  readonly committedAt: string
  /** Owner of most of the changed paths (`@name`, e-mail), or the name of the most frequent author. */
  readonly lead?: { readonly kind: 'owner' | 'author'; readonly name: string }
}

export interface Survey {
  readonly target: string
  /** Most recently active first. */
  readonly candidates: readonly Candidate[]
  /** Branches that were passed over, with the reason. */
  readonly leftOut: readonly { readonly branch: string; readonly reason: string }[]
  readonly owners: readonly string[]
  /** Owner of what nobody else owns. */
  readonly chief?: string
  readonly codeownersPath?: string
  readonly work?: Work
}

export interface SurveyRequest {
  readonly target?: string
  /** Globs of branch names; what they name is taken, whatever it is called. */
  readonly streams?: readonly string[]
}

/** More streams than that meet in no meeting. */
export const MOST_STREAMS = 20
const USUAL_TARGETS = ['main', 'master', 'develop', 'trunk', 'default']
const MAX_FILE_BYTES = 1_000_000

/** Branches that carry no stream of work: long-lived lines, releases, and those that robots open. */
const NO_STREAMS: readonly (readonly [RegExp, string])[] = [
  [/^(?:main|master|develop|development|dev|trunk|default|next|staging|production|stable|gh-pages)$/i, 'a long-lived branch'],
  [/^(?:releases?|hotfix|support|maintenance|maint|backports?|stable)[/_-]/i, 'a release branch'],
  [/^v?\d+(?:\.(?:\d+|x))*(?:[.-]x)?$/i, 'a release branch'],
  [
    /^(?:dependabot|renovate|snyk|greenkeeper|changeset-release|release-please|pre-commit-ci|imgbot|weblate|l10n|pyup|deps?)(?:[/_-]|$)/i,
    'opened by a robot',
  ],
  [/\[bot\]/i, 'opened by a robot'],
]

/** Looks at a repository: which branches are streams, who leads them, what builds and tests it. */
export async function survey(repository: Repository, request: SurveyRequest): Promise<Survey> {
  const branches = await repository.branches()
  const names = branches.map((one) => one.name)
  const target =
    request.target ?? USUAL_TARGETS.find((name) => names.includes(name)) ?? (names.length === 1 ? names[0] : undefined) ?? 'main'
  const base = branches.find((one) => one.name === target)
  const wanted = request.streams && request.streams.length > 0 ? matcher(request.streams) : undefined
  const leftOut: { branch: string; reason: string }[] = []
  const taken: (typeof branches)[number][] = []
  for (const one of branches.toSorted((a, b) =>
    a.committedAt < b.committedAt ? 1 : a.committedAt > b.committedAt ? -1 : a.name < b.name ? -1 : 1,
  )) {
    if (one.name === target) continue
    const reason = await reasonToLeaveOut(repository, one, base?.commit, wanted)
    if (reason === undefined && taken.length < MOST_STREAMS) taken.push(one)
    else if (reason !== 'not named') leftOut.push({ branch: one.name, reason: reason ?? `beyond the ${MOST_STREAMS} most recently active` })
  }
  const root = base ?? taken[0]
  const files = root ? await readRoot(repository, root.commit) : undefined
  const candidates: Candidate[] = []
  for (const one of taken) {
    const lead = base ? await leadOf(repository, base.commit, one.commit, files?.owners ?? NO_OWNERS) : undefined
    candidates.push({ branch: one.name, committedAt: one.committedAt, ...(lead && { lead }) })
  }
  return {
    target,
    candidates,
    leftOut,
    owners: files?.owners.all ?? [],
    ...chiefOf(files?.owners),
    ...(files?.codeownersPath !== undefined && { codeownersPath: files.codeownersPath }),
    ...(files?.work && { work: files.work }),
  }
}

/** The first owner of a path that no rule but the last resort can match. */
function chiefOf(owners: Owners | undefined): { readonly chief: string } | undefined {
  const [chief] = owners?.of('\u0001') ?? []
  return chief === undefined ? undefined : { chief }
}

async function reasonToLeaveOut(
  repository: Repository,
  branch: { readonly name: string; readonly commit: string },
  target: string | undefined,
  wanted: ((name: string) => boolean) | undefined,
): Promise<string | undefined> {
  if (!isBranchName(branch.name)) return 'a name that git itself would refuse'
  if (wanted) return wanted(branch.name) ? undefined : 'not named'
  const [, reason] = NO_STREAMS.find(([pattern]) => pattern.test(branch.name)) ?? []
  if (reason !== undefined) return reason
  return target !== undefined && (await repository.isAncestor(branch.commit, target)) ? 'already in the target' : undefined
}

interface Root {
  readonly owners: Owners
  readonly codeownersPath?: string
  readonly work?: Work
}

async function readRoot(repository: Repository, commit: string): Promise<Root> {
  const entries = await repository.list(commit)
  const files = new Map(
    entries
      .filter((entry) => entry.mode !== '160000' && entry.mode !== '120000' && entry.size <= MAX_FILE_BYTES)
      .map((entry) => [entry.path, entry.oid]),
  )
  const codeownersPath = CODEOWNERS_PATHS.find((path) => files.has(path))
  const paths = [...(codeownersPath === undefined ? [] : [codeownersPath]), ...WORK_FILES.filter((path) => files.has(path))]
  const read = await repository.read(paths.map((path) => files.get(path) ?? ''))
  const contents = Object.fromEntries(paths.map((path, index) => [path, new TextDecoder().decode(read[index] ?? new Uint8Array())]))
  const rootNames = new Set([...files.keys()].filter((path) => !path.includes('/')))
  const work = guessWork(rootNames, contents)
  return {
    owners: codeownersPath === undefined ? NO_OWNERS : parseCodeowners(contents[codeownersPath] ?? '', codeownersPath),
    ...(codeownersPath !== undefined && { codeownersPath }),
    ...(work && { work }),
  }
}

async function leadOf(repository: Repository, target: string, head: string, owners: Owners): Promise<Candidate['lead']> {
  const base = await repository.mergeBase(target, head)
  if (owners.all.length > 0 && base !== undefined) {
    const changes = await repository.changes(base, head)
    const owner = mostFrequent(changes.flatMap((change) => owners.of(change.path).slice(0, 1)))
    if (owner !== undefined) return { kind: 'owner', name: owner }
  }
  const commits = (await repository.commits(base, head)).slice(0, 500)
  // Robots lead nothing.
  const author = mostFrequent(commits.map((one) => one.author.name.trim()).filter((name) => name !== '' && !name.includes('[bot]')))
  return author === undefined ? undefined : { kind: 'author', name: author }
}

/** The one met most often; of several the one met first. */
function mostFrequent(names: readonly string[]): string | undefined {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0]
}
