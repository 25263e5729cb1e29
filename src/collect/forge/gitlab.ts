import { z } from 'zod'
import {
  approvals,
  discussion,
  issue,
  job,
  mergeRequest,
  merging,
  type note,
  pipeline,
  reviewer,
  settings,
  status,
  version,
} from './gitlab-shapes.ts'
import type { Artifact, Check, CheckResult, Conversation, Forge, Issue, PullRequest, Reading, Review, Run } from './model.ts'
import { whole } from './shape.ts'

/** What a pipeline as a whole is called among the checks. */
const PIPELINE = 'pipeline'

/** GitLab, its own service and self-managed: REST v4. */
export function gitlab(path: string): Forge {
  const project = `/projects/${encodeURIComponent(path)}`
  const list = z.array
  const at = ({ number }: PullRequest): string => `${project}/merge_requests/${number}`

  /** The newest of each ref at a commit. */
  async function pipelinesOf(reading: Reading, sha: string): Promise<readonly z.infer<typeof pipeline>[]> {
    const found = await reading.pages(`${project}/pipelines`, list(pipeline), whole, { sha })
    const own = found.filter((one) => one.sha === sha)
    return [...Map.groupBy(own, ({ ref }) => ref).values()].map((same) => same.reduce((a, b) => (b.id > a.id ? b : a)))
  }

  return {
    async find(reading, branch) {
      const found = await reading.pages(`${project}/merge_requests`, list(mergeRequest), whole, { source_branch: branch, state: 'all' })
      return found.filter((one) => one.source_project_id === one.project_id).flatMap(pullOf)
    },
    async open(reading, { label, milestone }) {
      const filter = { state: 'opened', ...(label !== undefined && { labels: label }), ...(milestone !== undefined && { milestone }) }
      return (await reading.pages(`${project}/merge_requests`, list(mergeRequest), whole, filter)).flatMap(pullOf)
    },
    async merging(reading, pull) {
      const { detailed_merge_status: says } = await reading.settled(at(pull), merging, (one) => !NOT_YET.has(one.detailed_merge_status))
      return { will: NOT_YET.has(says) ? undefined : says === 'mergeable', says }
    },
    async reviews(reading, pull) {
      const unsorted = await reading.pages(`${at(pull)}/versions`, list(version), whole)
      const versions = unsorted.toSorted((a, b) => instant(a.created_at) - instant(b.created_at))
      const { approved_by: approvers } = await reading.get(`${at(pull)}/approvals`, approvals)
      const reviewers = await reading.pages(`${at(pull)}/reviewers`, list(reviewer), whole)
      const notes = (await reading.pages(`${at(pull)}/discussions`, list(discussion), whole)).flatMap((one) => one.notes)
      const of = (by: string, says: Review['says'], when: string | undefined): Review => {
        const commit =
          when === undefined ? undefined : versions.findLast((one) => instant(one.created_at) <= instant(when))?.head_commit_sha
        return { by, who: 'person', says, ...(when !== undefined && { at: when }), ...(commit !== undefined && { commit }) }
      }
      return [
        ...notes.filter(({ system }) => !system).map(({ author, created_at: when }) => of(author.username, 'comments', when)),
        ...approvers.map(({ user: { username }, approved_at: when }) => of(username, 'approves', when ?? notedApproval(notes, username))),
        ...reviewers
          .filter(({ state }) => state === 'requested_changes')
          .map(({ user: { username } }) => of(username, 'requests changes', undefined)),
      ]
    },
    async asked(reading, pull) {
      const versions = await reading.pages(`${at(pull)}/versions`, list(version), whole)
      const reviewers = await reading.pages(`${at(pull)}/reviewers`, list(reviewer), whole)
      const times = [pull.createdAt, ...versions.map((one) => one.created_at)]
      return { pushedAt: times.reduce((a, b) => (instant(b) > instant(a) ? b : a)), askedAt: reviewers.map((one) => one.created_at) }
    },
    async conversations(reading, pull) {
      const discussions = await reading.pages(`${at(pull)}/discussions`, list(discussion), whole)
      return discussions.flatMap(({ notes }): Conversation[] => {
        const open = notes.find(({ resolvable, resolved }) => resolvable && !resolved)
        if (!open) return []
        const { new_path: file, new_line: line } = open.position ?? {}
        const where = file === undefined ? pull.name : line === undefined ? file : `${file}:${line}`
        return [{ by: open.author.username, where, url: `${pull.url}#note_${open.id}` }]
      })
    },
    async required(reading) {
      const { only_allow_merge_if_pipeline_succeeds: isRequired } = await reading.get(project, settings)
      return isRequired ? [{ name: PIPELINE }] : []
    },
    async checks(reading, sha) {
      const statuses = await reading.pages(`${project}/repository/commits/${sha}/statuses`, list(status), whole)
      return [
        ...statuses.map((one): Check => checkOf(one.name, one.status, one.target_url)),
        ...(await pipelinesOf(reading, sha)).map((one): Check => checkOf(PIPELINE, one.status, one.web_url)),
      ]
    },
    async uploads(reading, commit, branch) {
      const pipelines = await pipelinesOf(reading, commit)
      if (pipelines.length === 0) {
        const [elsewhere] = await reading.get(`${project}/pipelines`, list(pipeline), { ref: branch, per_page: 1 })
        return { runs: [], artifacts: [], ...(elsewhere && { elsewhere: elsewhere.sha }) }
      }
      const listed = await Promise.all(pipelines.map(({ id }) => reading.pages(`${project}/pipelines/${id}/jobs`, list(job), whole)))
      // The pipelines of a branch and of its merge request have the same jobs.
      const jobs = [...Map.groupBy(listed.flat(), ({ name }) => name).values()].map((same) => same.reduce((a, b) => (b.id > a.id ? b : a)))
      return {
        runs: jobs.map(runOf),
        artifacts: jobs.flatMap((one): Artifact[] => {
          const isExpired = one.artifacts_file === undefined
          // One that uploads nothing but reports has no archive either, and never had.
          if (isExpired && !(instant(one.artifacts_expire_at ?? '') < Date.now())) return []
          const path = `${project}/jobs/${one.id}/artifacts`
          return [{ name: one.name, path, isExpired, madeAt: one.finished_at ?? one.created_at, run: runOf(one) }]
        }),
      }
    },
    async linked(reading, pull) {
      return (await reading.pages(`${at(pull)}/closes_issues`, list(issue), whole)).map(issueOf)
    },
    async blockers(reading, { labels, query }) {
      const search = {
        state: 'opened',
        ...(labels.length > 0 && { labels: labels.join(',') }),
        ...(query !== undefined && { search: query }),
      }
      return (await reading.pages(`${project}/issues`, list(issue), whole, search)).map(issueOf)
    },
  }
}

const instant = (text: string): number => Date.parse(text)

/** GitLab is still working it out. */
const NOT_YET = new Set(['checking', 'unchecked', 'preparing', 'approvals_syncing'])

/** None while it has no commit. */
function pullOf(one: z.infer<typeof mergeRequest>): readonly PullRequest[] {
  if (one.sha === null) return []
  const pull: PullRequest = {
    number: one.iid,
    name: `!${one.iid}`,
    title: one.title,
    url: one.web_url,
    // Locked is what it is while it is being merged.
    state: one.state === 'merged' ? 'merged' : one.state === 'closed' ? 'closed' : 'open',
    draft: one.draft,
    author: one.author.username,
    branch: one.source_branch,
    base: one.target_branch,
    head: one.sha,
    ref: `refs/merge-requests/${one.iid}/head`,
    createdAt: one.created_at,
    labels: one.labels,
    ...(one.milestone && { milestone: one.milestone.title }),
  }
  return [pull]
}

const issueOf = ({ iid, title, web_url: url, state }: z.infer<typeof issue>): Issue => ({
  name: `#${iid}`,
  title,
  url,
  open: state === 'opened',
})

const runOf = ({ id, name, status: says }: z.infer<typeof job>): Run => ({
  id,
  name,
  says,
  hasFailed: says === 'failed',
  uploads: name,
  state: says === 'success' || says === 'failed' ? 'ended' : PENDING.has(says) ? 'open' : 'broken',
})

/** Older versions of GitLab say when only in the note that it writes itself. */
const notedApproval = (notes: readonly z.infer<typeof note>[], by: string): string | undefined =>
  notes.findLast((one) => one.system && one.author.username === by && one.body.startsWith('approved this merge request'))?.created_at

const checkOf = (name: string, says: string, url: string | undefined): Check => ({
  name,
  says,
  result: RESULTS[says] ?? (PENDING.has(says) ? 'pending' : 'none'),
  ...(url !== undefined && { url }),
})

const RESULTS: Readonly<Record<string, CheckResult>> = { success: 'passed', failed: 'failed' }
const PENDING = new Set([
  'created',
  'waiting_for_resource',
  'preparing',
  'waiting_for_callback',
  'pending',
  'running',
  'manual',
  'scheduled',
])
