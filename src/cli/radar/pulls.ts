import { join } from 'node:path'
import { CommandError, EXIT, type Io } from '#cli/io.ts'
import type { RadarPlace, RadarSubject, RadarTarget } from '#cli/radar/subjects.ts'
import type { PullFilter, PullRequest } from '#collect/forge/model.ts'
import type { Mirror } from '#collect/git/mirror.ts'
import { terminal } from '#render/encode.ts'

export interface PullOptions extends PullFilter {
  /** `owner/name`, or the address of the project. */
  readonly project?: string
}

/**
 * Open pull requests of a label or milestone, read from the forge; where they stand is read from
 * the repository. Those that go neither into the target nor into another of them are left out.
 */
export async function radarPulls(
  io: Io,
  mirror: Mirror,
  place: RadarPlace,
  target: RadarTarget,
  { project, ...filter }: PullOptions,
): Promise<readonly RadarSubject[]> {
  const [{ openPulls }, { pauseFor }] = await Promise.all([import('#collect/forge/pulls.ts'), import('#collect/forge/open.ts')])
  const asked = {
    ...(await projectOf(place, project)),
    environment: (name: string) => io.env[name],
    cacheFolder: join(place.state, 'cache'),
    signal: io.signal,
    pause: pauseFor,
  }
  const found = await openPulls(asked, filter)
  if (!found.ok) {
    if (found.source === 'forge')
      throw new CommandError(`${found.reason}\n  or name the project with its address: --project https://github.com/owner/name`)
    throw new CommandError(`${found.source}: ${found.reason}`, found.status === 'missing' ? EXIT.usage : EXIT.couldNotRun)
  }
  const { web, pulls } = found.value
  const wanted = Object.entries(filter).map(([name, value]) => `--${name} ${value}`)
  if (pulls.length === 0)
    throw new CommandError(
      `${wanted.join(' ')}: ${web} has no such open pull request\n  without it the branches of the repository are looked at`,
    )
  const isNear = ({ base }: PullRequest): boolean => base === target.branch || pulls.some(({ branch }) => branch === base)
  for (const { name, base } of pulls.filter((pull) => !isNear(pull)))
    io.stderr.write(`muster: ${name} goes into ${terminal(base)}, not into ${terminal(target.branch)}: left out\n`)

  // Most of them are branches of the project, which the mirror has.
  const heads = new Set((await mirror.branches()).map(({ commit }) => commit))
  const subjects: RadarSubject[] = []
  for (const pull of pulls.filter(isNear)) {
    const { name, title, author, ref, head } = pull
    const state = heads.has(head) ? ({ state: 'present', commit: head } as const) : await headOf(mirror, pull, web)
    subjects.push({ id: name, name: title, branch: ref, ...(author !== '' && { lead: author }), state })
  }
  return subjects
}

/** The forge says where a pull request stands; a ref that lags behind would be judged as if it were that. */
async function headOf(mirror: Mirror, { ref, head }: PullRequest, web: string): Promise<RadarSubject['state']> {
  const [found] = await mirror.matching(ref)
  if (found?.commit === head) return { state: 'present', commit: head }
  const short = (commit: string): string => commit.slice(0, 12)
  const where = found
    ? `${ref} is at ${short(found.commit)} in the repository, and the forge says ${short(head)}`
    : `the repository has no ${ref}`
  return { state: 'unavailable', reason: `${where}: git fetch ${web} +${ref}:${ref}` }
}

/** The project of the program's forge source, or of the repository, unless one is named. */
async function projectOf({ program, from }: RadarPlace, project: string | undefined) {
  const { options: schema } = await import('#collect/forge/kind.ts')
  const source = program?.sources.find(({ collect }) => collect === 'forge')
  const options = source ? schema.parse(source.options) : {}
  const repository = program?.repository ?? from
  if (project === undefined) return { options, repository }
  if (project.includes(':')) return { options: {}, repository: project }
  const named = schema.safeParse({ ...options, project })
  if (!named.success) throw new CommandError(`--project ${project}: ${named.error.issues[0]?.message ?? 'this is no project'}`)
  return { options: named.data, repository }
}
