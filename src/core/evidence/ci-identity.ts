import { z } from 'zod'
import type { CiTrust, Program } from '#core/program/model.ts'
import { epoch, instantOf } from '#core/schedule/time.ts'

/**
 * Who a CI job is, by the claims of the OpenID Connect token that its service gave it. Pure: that
 * the token is genuine, signed by a key of the issuer, is checked before.
 * Claims: docs.github.com, "OpenID Connect reference"; docs.gitlab.com, "OpenID Connect
 * authentication using ID tokens".
 */

/** What the claims prove. */
export interface CiIdentity {
  /** Streams whose branch the job ran for; at least one. */
  readonly streams: readonly string[]
  readonly branch: string
  /** Commit that the service names as the branch's; absent where it names a trial merge. */
  readonly commit?: string
  /** The trial merge that it ran on. */
  readonly merge?: string
  readonly pullRequest?: number
  /** Id of the token, unique at its issuer. */
  readonly tokenId: string
  /** The audience holds the digest of the report: the token vouches for that one, whoever brings it. */
  readonly isBound: boolean
}

export type Identified = { readonly ok: true; readonly identity: CiIdentity } | { readonly ok: false; readonly reason: string }

export interface Presented {
  /** Lower-case hex of the SHA-256 of the statement it comes with. */
  readonly sha256: string
  /** Instant of the acceptance. */
  readonly at: string
}

/** How far the clocks of issuer and receiver may be apart. */
const SKEW_SECONDS = 60
/** How long a token that is bound to its report can be brought: it proves who reported, and opens nothing. */
const BOUND_SECONDS = 7 * 86_400

const text = z.string().min(1).max(2_000)
const objectId = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/)
const seconds = z.number().min(0).max(253_402_300_799)

const registered = z.object({
  iss: text,
  aud: z.union([text, z.array(text).min(1).max(20)]),
  exp: seconds,
  iat: seconds,
  nbf: seconds.optional(),
  jti: text,
})
const github = z.object({
  repository: text,
  event_name: text,
  ref: text,
  sha: objectId,
  head_ref: z.string().max(2_000).optional(),
  job_workflow_ref: text.optional(),
})
const gitlab = z.object({ project_path: text, ref_path: text, sha: objectId, ci_config_ref_uri: text.nullish() })

const refused = (reason: string): { readonly ok: false; readonly reason: string } => ({ ok: false, reason })
const shown = (value: unknown): string => JSON.stringify(value ?? null)

/** The audience that binds a token to one report: only the job that asked for it can have meant that digest. */
export const boundAudience = (audience: string, sha256: string): string => `${audience}:sha256:${sha256}`

/**
 * The stream, commit and pull request of a CI job, or why its token proves none of them here.
 * @param claims Those of a token whose signature holds.
 */
export function identityOf(claims: unknown, program: Pick<Program, 'ci' | 'streams'>, presented: Presented): Identified {
  const { ci } = program
  if (!ci) return refused('the program file has no ci: that says whose identity counts')
  const read = registered.safeParse(claims)
  if (!read.success) return refused(`its identity token lacks what every one has: ${whereOf(read.error)}`)
  const fault = issuerFault(read.data, ci, presented)
  if (fault !== undefined) return refused(fault)
  const place = ci.service === 'github-actions' ? githubPlace(claims, ci) : gitlabPlace(claims, ci)
  if (!place.ok) return place
  const { ok: _, ...rest } = place
  const streams = program.streams.filter((one) => one.branch === rest.branch).map((one) => one.id)
  if (streams.length === 0) return refused(`the job ran for branch ${shown(rest.branch)}, and no stream is on it`)
  return { ok: true, identity: { ...rest, streams, tokenId: read.data.jti, isBound: isBound(read.data, ci, presented) } }
}

type Registered = z.infer<typeof registered>

const audiencesOf = ({ aud }: Registered): readonly string[] => (typeof aud === 'string' ? [aud] : aud)

const isBound = (claims: Registered, { audience }: CiTrust, { sha256 }: Presented): boolean =>
  audiencesOf(claims).includes(boundAudience(audience, sha256))

function issuerFault(claims: Registered, ci: CiTrust, presented: Presented): string | undefined {
  const { iss, iat, nbf = iat, exp } = claims
  if (iss !== ci.issuer) return `its identity token is of issuer ${shown(iss)}, and ${shown(ci.issuer)} is trusted here`
  const bound = isBound(claims, ci, presented)
  const audiences = audiencesOf(claims)
  if (!bound && !audiences.includes(ci.audience)) {
    const isOther = audiences.some((one) => one.startsWith(boundAudience(ci.audience, '')))
    return isOther
      ? 'its identity token was made for another report'
      : `its identity token is for ${audiences.map(shown).join(' and ')}, and not for ${shown(ci.audience)}`
  }
  const now = Math.floor(epoch(presented.at) / 1_000)
  if (Math.max(iat, nbf) > now + SKEW_SECONDS) return `its identity token holds from ${timeOf(Math.max(iat, nbf))} on`
  const until = bound ? Math.max(exp, iat + BOUND_SECONDS) : exp
  return now >= until ? `its identity token expired at ${timeOf(until)}` : undefined
}

const timeOf = (unix: number): string => instantOf(Math.floor(unix) * 1_000)

type Place =
  | ({ readonly ok: true } & Pick<CiIdentity, 'branch' | 'commit' | 'merge' | 'pullRequest'>)
  | { readonly ok: false; readonly reason: string }

/** Events whose `ref` and `sha` are those of what is tested. Others run with the rights of the target branch on what somebody proposes. */
const GITHUB_BRANCH_EVENTS: ReadonlySet<string> = new Set(['push', 'workflow_dispatch', 'schedule'])

function githubPlace(claims: unknown, ci: CiTrust): Place {
  const read = github.safeParse(claims)
  if (!read.success) return refused(`its claims are not those of GitHub Actions: ${whereOf(read.error)}`)
  const { repository, event_name: event, ref, sha, head_ref: head, job_workflow_ref: workflow } = read.data
  if (repository !== ci.repository) return refused(`the job ran in ${shown(repository)}, and ${shown(ci.repository)} is trusted here`)
  const fault = workflowFault(workflow, ci)
  if (fault !== undefined) return refused(fault)
  if (event === 'pull_request') {
    const number = /^refs\/pull\/([1-9]\d{0,14})\/merge$/.exec(ref)?.[1]
    if (number === undefined || !head) return refused(`a pull request's job with ref ${shown(ref)} and head ${shown(head)} names no branch`)
    return { ok: true, branch: head, merge: sha, pullRequest: Number(number) }
  }
  if (!GITHUB_BRANCH_EVENTS.has(event))
    return refused(`the job ran on ${shown(event)}, and its token does not say which branch that was for`)
  return ofBranch(ref, sha)
}

/** For a merge request of a fork `project_path` is the fork; `sha` is what was tested. */
function gitlabPlace(claims: unknown, ci: CiTrust): Place {
  const read = gitlab.safeParse(claims)
  if (!read.success) return refused(`its claims are not those of GitLab CI: ${whereOf(read.error)}`)
  const { project_path: project, ref_path: ref, sha, ci_config_ref_uri: workflow } = read.data
  if (project !== ci.repository) return refused(`the job ran in ${shown(project)}, and ${shown(ci.repository)} is trusted here`)
  const fault = workflowFault(workflow ?? undefined, ci)
  return fault === undefined ? ofBranch(ref, sha) : refused(fault)
}

const workflowFault = (workflow: string | undefined, ci: CiTrust): string | undefined =>
  ci.workflow === undefined || ci.workflow === workflow
    ? undefined
    : `the job is that of workflow ${shown(workflow)}, and ${shown(ci.workflow)} is trusted here`

function ofBranch(ref: string, commit: string): Place {
  const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1]
  return branch === undefined ? refused(`the job ran for ${shown(ref)}, which is no branch`) : { ok: true, branch, commit }
}

const whereOf = ({ issues: [issue] }: z.ZodError): string =>
  issue === undefined ? 'they cannot be read' : `${issue.path.join('.')}: ${issue.message}`

/** What a report says of itself, as far as the service can contradict it. */
export interface Told {
  readonly stream: string
  readonly commit: string
  readonly run: { readonly branch: string; readonly pullRequest?: number; readonly merge?: string }
}

/** Where a report says something else of its origin than its job's token; undefined where they agree. */
export function contradiction({ stream, commit, run }: Told, identity: CiIdentity): string | undefined {
  const { streams, branch, pullRequest } = identity
  if (!streams.includes(stream)) return `it is about stream ${stream}, and the job ran for ${streams.join(' and ')}`
  if (run.branch !== branch) return `it names branch ${shown(run.branch)}, and the job ran for ${shown(branch)}`
  if (run.pullRequest !== pullRequest)
    return `it names pull request ${run.pullRequest ?? 'none'}, and the job ran for ${pullRequest ?? 'none that its token names'}`
  if (identity.commit !== undefined && commit !== identity.commit)
    return `it is about commit ${commit}, and the job ran for ${identity.commit}`
  return identity.merge === undefined || run.merge === identity.merge || commit === identity.merge
    ? undefined
    : `it names trial merge ${run.merge ?? 'none'}, and the job ran on ${identity.merge}`
}
