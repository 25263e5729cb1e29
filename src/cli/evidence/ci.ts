import { z } from 'zod'
import type { CiRun } from '#core/evidence/reported.ts'

/** What the CI service says it runs for. */
export type CiIdentity =
  | { readonly ok: true; readonly commit: string; readonly run: CiRun }
  | { readonly ok: false; readonly reason: string }

type Env = Readonly<Record<string, string | undefined>>

const refused = (reason: string): CiIdentity => ({ ok: false, reason })
const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

/**
 * The commit and branch that the CI service names, from its own variables and event file.
 * @param event Content of the file GITHUB_EVENT_PATH; undefined where it cannot be read.
 */
export function readCi(env: Env, event: string | undefined): CiIdentity {
  if (env['GITHUB_ACTIONS'] === 'true') return readGithub(env, event)
  if (env['GITLAB_CI'] === 'true') return readGitlab(env)
  return refused('no CI service that Muster knows (GitHub Actions, GitLab CI) says which commit and branch this is about')
}

/** docs.github.com, "Variables reference" and "Events that trigger workflows". */
function readGithub(env: Env, event: string | undefined): CiIdentity {
  const { GITHUB_EVENT_NAME: name = '', GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: id } = env
  const url = server && repository && id ? { url: `${server}/${repository}/actions/runs/${id}` } : {}
  const sha = env['GITHUB_SHA'] ?? ''
  if (name === 'pull_request' || name === 'pull_request_target') return readPullRequest(sha, event, url)
  if (name === 'workflow_run') return readWorkflowRun(event, url)
  const branch = /^refs\/heads\/(.+)$/.exec(env['GITHUB_REF'] ?? '')?.[1]
  if (branch === undefined) return refused(`GITHUB_REF is ${JSON.stringify(env['GITHUB_REF'] ?? '')}, which is no branch`)
  return identity(sha, { service: 'github-actions', branch, ...url })
}

const side = z.object({ sha: z.string(), ref: z.string(), repo: z.object({ full_name: z.string() }).nullable() })
const pullRequestEvent = z.object({ pull_request: z.object({ number: z.int().positive(), head: side, base: side }) })

/** GITHUB_SHA is a trial merge here; the event names the head. */
function readPullRequest(sha: string, event: string | undefined, url: Pick<CiRun, 'url'>): CiIdentity {
  const read = pullRequestEvent.safeParse(json(event))
  if (!read.success) return refused('GITHUB_EVENT_PATH names no event of a pull request, and GITHUB_SHA is that of a trial merge')
  const { number, head, base } = read.data.pull_request
  if (head.repo === null || head.repo.full_name !== base.repo?.full_name)
    return refused(`pull request ${number} comes from another repository: its branch ${JSON.stringify(head.ref)} is no stream's`)
  const merge = sha === head.sha || !OBJECT_ID.test(sha) ? {} : { merge: sha }
  return identity(head.sha, { service: 'github-actions', branch: head.ref, pullRequest: number, ...merge, ...url })
}

const workflowRunEvent = z.object({
  workflow_run: z.object({
    head_sha: z.string(),
    head_branch: z.string(),
    head_repository: z.object({ full_name: z.string() }),
    repository: z.object({ full_name: z.string() }),
  }),
})

/** GITHUB_SHA is that of the default branch here; the event names what the first workflow ran for. */
function readWorkflowRun(event: string | undefined, url: Pick<CiRun, 'url'>): CiIdentity {
  const read = workflowRunEvent.safeParse(json(event))
  if (!read.success) return refused('GITHUB_EVENT_PATH names no event of a workflow run')
  const { head_sha: sha, head_branch: branch, head_repository: from, repository } = read.data.workflow_run
  if (from.full_name !== repository.full_name) return refused(`the workflow ran for another repository, ${JSON.stringify(from.full_name)}`)
  return identity(sha, { service: 'github-actions', branch, ...url })
}

/** docs.gitlab.com, "Predefined CI/CD variables". */
function readGitlab(env: Env): CiIdentity {
  const url = env['CI_JOB_URL'] ? { url: env['CI_JOB_URL'] } : {}
  const sha = env['CI_COMMIT_SHA'] ?? ''
  const number = Number(env['CI_MERGE_REQUEST_IID'])
  if (!Number.isSafeInteger(number) || number <= 0) {
    const branch = env['CI_COMMIT_BRANCH']
    return branch
      ? identity(sha, { service: 'gitlab-ci', branch, ...url })
      : refused('the pipeline is for no branch: CI_COMMIT_BRANCH is empty')
  }
  const branch = env['CI_MERGE_REQUEST_SOURCE_BRANCH_NAME'] ?? ''
  if (env['CI_MERGE_REQUEST_SOURCE_PROJECT_ID'] !== env['CI_MERGE_REQUEST_PROJECT_ID'])
    return refused(`merge request ${number} comes from another project: its branch ${JSON.stringify(branch)} is no stream's`)
  // Set in pipelines of merged results only, where CI_COMMIT_SHA is a trial merge.
  const head = env['CI_MERGE_REQUEST_SOURCE_BRANCH_SHA'] || sha
  const merge = head === sha || !OBJECT_ID.test(sha) ? {} : { merge: sha }
  return identity(head, { service: 'gitlab-ci', branch, pullRequest: number, ...merge, ...url })
}

const identity = (commit: string, run: CiRun): CiIdentity =>
  OBJECT_ID.test(commit) && run.branch !== ''
    ? { ok: true, commit, run }
    : refused(`${run.service} names ${JSON.stringify(commit)} as the commit and ${JSON.stringify(run.branch)} as the branch`)

function json(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
