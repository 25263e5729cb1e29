import { z } from 'zod'
import {
  approvals,
  discussion,
  issue,
  mergeRequest,
  merging,
  type note,
  pipeline,
  reviewer,
  settings,
  status,
  version,
} from './gitlab-shapes.ts'
import { type Check, type CheckResult, type Conversation, type Forge, type Issue, type PullRequest, type Review } from './model.ts'
import { whole } from './shape.ts'

/** What a pipeline as a whole is called among the checks. */
const PIPELINE = 'pipeline'

/** GitLab, its own service and self-managed: REST v4. */
export function gitlab(path: string): Forge {
  const project = `/projects/${encodeURIComponent(path)}`
  const list = z.array
  const at = ({ number }: PullRequest): string => `${project}/merge_requests/${number}`

  return {
    async find(reading, branch) {
      const found = await reading.pages(`${project}/merge_requests`, list(mergeRequest), whole, { source_branch: branch, state: 'all' })
      return found.filter((one) => one.source_project_id === one.project_id).map(pullOf)
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
      const pipelines = await reading.pages(`${project}/pipelines`, list(pipeline), whole, { sha })
      const newest = [...Map.groupBy(pipelines, ({ ref }) => ref).values()].map((same) => same.reduce((a, b) => (b.id > a.id ? b : a)))
      return [
        ...statuses.map((one): Check => checkOf(one.name, one.status, one.target_url)),
        ...newest.map((one): Check => checkOf(PIPELINE, one.status, one.web_url)),
      ]
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

const pullOf = (one: z.infer<typeof mergeRequest>): PullRequest => ({
  number: one.iid,
  name: `!${one.iid}`,
  url: one.web_url,
  // Locked is what it is while it is being merged.
  state: one.state === 'merged' ? 'merged' : one.state === 'closed' ? 'closed' : 'open',
  draft: one.draft,
  author: one.author.username,
  base: one.target_branch,
  head: one.sha,
  createdAt: one.created_at,
  labels: one.labels,
  ...(one.milestone && { milestone: one.milestone.title }),
})

const issueOf = ({ iid, title, web_url: url, state }: z.infer<typeof issue>): Issue => ({
  name: `#${iid}`,
  title,
  url,
  open: state === 'opened',
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
