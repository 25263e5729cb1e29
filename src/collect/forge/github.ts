import { z } from 'zod'
import {
  checkRuns,
  closing,
  CLOSING,
  commit,
  found,
  issue,
  merging,
  pullRequest,
  requirements,
  review,
  rules,
  runArtifacts,
  statuses,
  threads,
  THREADS,
  timelineEvent,
  workflowRuns,
} from './github-shapes.ts'
import { ForgeError } from '#net/forge/error.ts'
import {
  type Artifact,
  type Check,
  type CheckResult,
  type Conversation,
  type Forge,
  type Issue,
  type PullRequest,
  type Reading,
  type RequiredCheck,
  type Review,
  type Run,
} from './model.ts'
import { whole } from './shape.ts'

/** Associations that GitHub gives to those with a voice in a repository. */
const INSIDERS = new Set(['OWNER', 'MEMBER', 'COLLABORATOR'])
const SAYS: Readonly<Record<string, Review['says']>> = {
  APPROVED: 'approves',
  CHANGES_REQUESTED: 'requests changes',
  COMMENTED: 'comments',
  DISMISSED: 'is dismissed',
}

/** GitHub and GitHub Enterprise Server: REST 2022-11-28, and GraphQL for what REST does not tell. */
export function github(project: string): Forge {
  const [owner = '', name = ''] = project.split('/')
  const repository = `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`
  const list = z.array

  async function connection<N>(
    reading: Reading,
    query: string,
    schema: z.ZodType<Connection<N>>,
    { number }: PullRequest,
  ): Promise<readonly N[]> {
    const all: N[] = []
    let after: string | null = null
    for (let page = 1; ; page += 1) {
      const answer: Connection<N> = await reading.graphql(query, { owner, name, number, after }, schema)
      const { pageInfo: info, nodes } = answer.repository.pullRequest.list
      all.push(...nodes)
      if (!info.hasNextPage) return all
      if (info.endCursor === null || info.endCursor === after || page >= 100) throw new ForgeError('a list of the forge does not end')
      after = info.endCursor
    }
  }

  return {
    async find(reading, branch) {
      const pulls = await reading.pages(`${repository}/pulls`, list(pullRequest), whole, { head: `${owner}:${branch}`, state: 'all' })
      return pulls.filter(({ head }) => head.repo?.full_name.toLowerCase() === project.toLowerCase()).map(pullOf)
    },
    async open(reading) {
      return (await reading.pages(`${repository}/pulls`, list(pullRequest), whole, { state: 'open' })).map(pullOf)
    },
    async merging(reading, { number }) {
      const isKnown = ({ mergeable, mergeable_state: says }: z.infer<typeof merging>): boolean => mergeable !== null && says !== 'unknown'
      const answer = await reading.settled(`${repository}/pulls/${number}`, merging, isKnown)
      const { mergeable, mergeable_state: says } = answer
      return { will: isKnown(answer) ? mergeable === true && WOULD_MERGE.has(says) : undefined, says }
    },
    async reviews(reading, { number }) {
      const reviews = await reading.pages(`${repository}/pulls/${number}/reviews`, list(review), whole)
      return reviews.flatMap((one): Review[] => {
        const says = SAYS[one.state]
        if (says === undefined || one.user === null) return []
        const who = one.user.type === 'Bot' ? 'bot' : INSIDERS.has(one.author_association) ? 'person' : 'outsider'
        return [
          {
            by: one.user.login,
            who,
            says,
            ...(one.commit_id !== undefined && { commit: one.commit_id }),
            ...(one.submitted_at !== undefined && { at: one.submitted_at }),
          },
        ]
      })
    },
    async asked(reading, { number, head, createdAt }) {
      const { committer } = await reading.get(`${repository}/git/commits/${head}`, commit)
      const events = await reading.pages(`${repository}/issues/${number}/timeline`, list(timelineEvent), whole)
      const times = (...names: readonly string[]): string[] =>
        events.flatMap(({ event, created_at: at }) => (event !== undefined && names.includes(event) && at !== undefined ? [at] : []))
      return {
        pushedAt: latest([createdAt, committer.date, ...times('head_ref_force_pushed')]),
        askedAt: times('review_requested', 'ready_for_review'),
      }
    },
    async conversations(reading, pull) {
      const nodes = await connection(reading, THREADS, threads, pull)
      return nodes.flatMap(
        ({
          isResolved,
          path,
          line,
          comments: {
            nodes: [first],
          },
        }): Conversation[] =>
          isResolved
            ? []
            : [{ by: first?.author?.login ?? '', where: line === null ? path : `${path}:${line}`, url: first?.url ?? pull.url }],
      )
    },
    async required(reading, branch) {
      const { protection } = await reading.get(`${repository}/branches/${encodeURIComponent(branch)}`, requirements)
      const classic = protection?.enabled === false ? undefined : protection?.required_status_checks
      const ruled = await reading.pages(`${repository}/rules/branches/${encodeURIComponent(branch)}`, rules, whole)
      return distinct([
        ...(classic?.checks ?? classic?.contexts.map((context) => ({ context, app_id: undefined })) ?? []).map(({ context, app_id: app }) =>
          requiredOf(context, app),
        ),
        ...ruled.flatMap(({ type, parameters }) =>
          type === 'required_status_checks'
            ? (parameters?.required_status_checks ?? []).map(({ context, integration_id: app }) => requiredOf(context, app))
            : [],
        ),
      ])
    },
    async checks(reading, sha) {
      const runs = await reading.pages(`${repository}/commits/${sha}/check-runs`, checkRuns, (page) => page.check_runs)
      const reported = await reading.pages(`${repository}/commits/${sha}/status`, statuses, (page) => page.statuses)
      return [
        ...runs.map((run): Check => {
          const says = run.status === 'completed' ? (run.conclusion ?? 'no conclusion') : run.status
          return {
            name: run.name,
            says,
            result: run.status === 'completed' ? resultOf(says) : 'pending',
            ...optional(run.html_url, run.app?.id),
          }
        }),
        ...reported.map(({ context, state, target_url: url }): Check => ({
          name: context,
          says: state,
          result: resultOf(state),
          ...optional(url),
        })),
      ]
    },
    async uploads(reading, commit, branch) {
      const listed = await reading.pages(`${repository}/actions/runs`, workflowRuns, (page) => page.workflow_runs, { head_sha: commit })
      const own = listed.filter(
        ({ head_sha: sha, head_repository: of }) => sha === commit && of?.full_name.toLowerCase() === project.toLowerCase(),
      )
      const newest = [...Map.groupBy(own, (one) => one.workflow_id).values()].map((same) =>
        same.reduce((a, b) => (b.run_number > a.run_number ? b : a)),
      )
      if (newest.length === 0) {
        const { workflow_runs: elsewhere } = await reading.get(`${repository}/actions/runs`, workflowRuns, { branch, per_page: 1 })
        return { runs: [], artifacts: [], ...(elsewhere[0] && { elsewhere: elsewhere[0].head_sha }) }
      }
      const uploaded = await Promise.all(
        newest.map(async (one) => {
          const run = runOf(one)
          const found = await reading.pages(`${repository}/actions/runs/${one.id}/artifacts`, runArtifacts, (page) => page.artifacts)
          // A run that was run again may list what each of its attempts uploaded.
          const last = [...Map.groupBy(found, ({ name: title }) => title).values()].map((same) =>
            same.reduce((a, b) => (b.id > a.id ? b : a)),
          )
          return last.map((artifact): Artifact => {
            const sha256 = /^sha256:([0-9a-f]{64})$/.exec(artifact.digest ?? '')?.[1]
            return {
              name: artifact.name,
              path: `${repository}/actions/artifacts/${artifact.id}/zip`,
              isExpired: artifact.expired,
              madeAt: artifact.created_at ?? '',
              ...(sha256 !== undefined && { sha256 }),
              run,
            }
          })
        }),
      )
      return { runs: newest.map(runOf), artifacts: uploaded.flat() }
    },
    async linked(reading, pull) {
      const nodes = await connection(reading, CLOSING, closing, pull)
      return nodes.map(({ number, title, url, state }) => ({ name: `#${number}`, title, url, open: state === 'OPEN' }))
    },
    async blockers(reading, { labels, query }) {
      if (query === undefined) {
        const issues = await reading.pages(`${repository}/issues`, list(issue), whole, { state: 'open', labels: labels.join(',') })
        // Pull requests are listed among the issues.
        return issues.filter((one) => one.pull_request === undefined).map(issueOf)
      }
      const q = [`repo:${project}`, 'is:issue', 'is:open', ...labels.map((label) => `label:${JSON.stringify(label)}`), query].join(' ')
      let total = 0
      const items = await reading.pages(
        '/search/issues',
        found,
        (page) => {
          if (page.incomplete_results) throw new ForgeError('the search of the forge ran out of time, so its result is not whole')
          total = page.total_count
          return page.items
        },
        { q },
      )
      if (items.length !== total) throw new ForgeError(`the search of the forge finds ${total} issues and lists ${items.length}`)
      return items.map(issueOf)
    },
  }
}

interface Connection<N> {
  readonly repository: {
    readonly pullRequest: {
      readonly list: {
        readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
        readonly nodes: readonly N[]
      }
    }
  }
}

/** `unstable`: only checks that are not required fail. */
const WOULD_MERGE = new Set(['clean', 'has_hooks', 'unstable'])

const pullOf = (one: z.infer<typeof pullRequest>): PullRequest => ({
  number: one.number,
  name: `#${one.number}`,
  title: one.title,
  url: one.html_url,
  state: one.state === 'open' ? 'open' : one.merged_at === null ? 'closed' : 'merged',
  draft: one.draft ?? false,
  author: one.user?.login ?? '',
  branch: one.head.ref,
  base: one.base.ref,
  head: one.head.sha,
  ref: `refs/pull/${one.number}/head`,
  createdAt: one.created_at,
  labels: one.labels.map(({ name }) => name),
  ...(one.milestone && { milestone: one.milestone.title }),
})

const issueOf = ({ number, title, html_url: url, state }: z.infer<typeof issue>): Issue => ({
  name: `#${number}`,
  title,
  url,
  open: state === 'open',
})

/** Others than these ended a run before it was done. */
const WHOLE = new Set(['success', 'failure', 'neutral'])

const runOf = (run: z.infer<typeof workflowRuns>['workflow_runs'][number]): Run => {
  const says = run.status === 'completed' ? (run.conclusion ?? 'no conclusion') : (run.status ?? 'no status')
  return {
    id: run.id,
    name: `${run.name ?? 'workflow'} #${run.run_number}`,
    state: run.status !== 'completed' ? 'open' : WHOLE.has(says) ? 'ended' : 'broken',
    hasFailed: says === 'failure',
    says: `${says}, on ${run.event}`,
  }
}

/** Minus one stands for any app. */
const requiredOf = (name: string, app: number | undefined): RequiredCheck => ({ name, ...(app !== undefined && app > 0 && { app }) })

const distinct = (checks: readonly RequiredCheck[]): readonly RequiredCheck[] => [
  ...new Map(checks.map((one) => [`${one.name}\0${one.app ?? ''}`, one])).values(),
]

const optional = (url: string | undefined, app?: number): Pick<Check, 'url' | 'app'> => ({
  ...(url !== undefined && { url }),
  ...(app !== undefined && { app }),
})

const RESULTS: Readonly<Record<string, CheckResult>> = {
  success: 'passed',
  failure: 'failed',
  pending: 'pending',
  action_required: 'pending',
}
/** Skipped, neutral, cancelled, timed out, stale, broken: it ended and proves nothing. */
const resultOf = (says: string): CheckResult => RESULTS[says] ?? 'none'

/** Instants of different spelling are compared as times; the first where none can be read. */
const latest = (times: readonly string[]): string => times.reduce((a, b) => (Date.parse(b) > Date.parse(a) ? b : a))
