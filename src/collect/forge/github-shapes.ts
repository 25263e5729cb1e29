import { z } from 'zod'
import { maybe, objectId } from './shape.ts'

/** What is read of GitHub's answers (REST 2022-11-28, GraphQL); the rest of them is not looked at. */

const user = z.object({ login: z.string(), type: z.string().optional() }).nullable()

export const pullRequest = z.object({
  number: z.int(),
  title: z.string(),
  html_url: z.string(),
  state: z.enum(['open', 'closed']),
  draft: z.boolean().optional(),
  merged_at: z.string().nullable(),
  created_at: z.string(),
  user,
  base: z.object({ ref: z.string() }),
  head: z.object({ ref: z.string(), sha: objectId, repo: z.object({ full_name: z.string() }).nullable() }),
  labels: z.array(z.object({ name: z.string() })),
  milestone: z.object({ title: z.string() }).nullable(),
})

export const merging = z.object({ mergeable: z.boolean().nullable(), mergeable_state: z.string() })

export const review = z.object({
  user,
  state: z.string(),
  commit_id: maybe(z.string()),
  submitted_at: maybe(z.string()),
  author_association: z.string(),
})

export const timelineEvent = z.object({ event: z.string().optional(), created_at: maybe(z.string()) })
export const commit = z.object({ committer: z.object({ date: z.string() }) })

export const requirements = z.object({
  protection: z
    .object({
      enabled: z.boolean().optional(),
      required_status_checks: z
        .object({
          contexts: z.array(z.string()).default([]),
          checks: z.array(z.object({ context: z.string(), app_id: maybe(z.number()) })).optional(),
        })
        .nullish(),
    })
    .optional(),
})
export const rules = z.array(
  z.object({
    type: z.string(),
    parameters: z
      .object({ required_status_checks: z.array(z.object({ context: z.string(), integration_id: maybe(z.number()) })).optional() })
      .nullish(),
  }),
)

export const checkRuns = z.object({
  check_runs: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      conclusion: z.string().nullable(),
      html_url: maybe(z.string()),
      app: maybe(z.object({ id: z.number() })),
    }),
  ),
})
export const statuses = z.object({
  statuses: z.array(z.object({ context: z.string(), state: z.string(), target_url: maybe(z.string()) })),
})

export const workflowRuns = z.object({
  workflow_runs: z.array(
    z.object({
      id: z.int().positive(),
      name: maybe(z.string()),
      workflow_id: z.int(),
      run_number: z.int(),
      event: z.string(),
      status: maybe(z.string()),
      conclusion: maybe(z.string()),
      head_sha: objectId,
      head_repository: maybe(z.object({ full_name: z.string() })),
    }),
  ),
})
export const runArtifacts = z.object({
  artifacts: z.array(
    z.object({
      id: z.int().positive(),
      name: z.string(),
      expired: z.boolean(),
      created_at: maybe(z.string()),
      digest: maybe(z.string()),
    }),
  ),
})

export const issue = z.object({
  number: z.int(),
  title: z.string(),
  html_url: z.string(),
  state: z.string(),
  pull_request: maybe(z.object({})),
})
export const found = z.object({ total_count: z.int(), incomplete_results: z.boolean(), items: z.array(issue) })

const pageInfo = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() })
export const threads = z.object({
  repository: z.object({
    pullRequest: z.object({
      list: z.object({
        pageInfo,
        nodes: z.array(
          z.object({
            isResolved: z.boolean(),
            path: z.string(),
            line: z.int().nullable(),
            comments: z.object({ nodes: z.array(z.object({ url: z.string(), author: z.object({ login: z.string() }).nullable() })) }),
          }),
        ),
      }),
    }),
  }),
})
export const closing = z.object({
  repository: z.object({
    pullRequest: z.object({
      list: z.object({
        pageInfo,
        nodes: z.array(z.object({ number: z.int(), title: z.string(), url: z.string(), state: z.enum(['OPEN', 'CLOSED']) })),
      }),
    }),
  }),
})

const queryOf = (list: string): string =>
  `query($owner:String!,$name:String!,$number:Int!,$after:String){repository(owner:$owner,name:$name){pullRequest(number:$number){list:${list}}}}`
export const THREADS = queryOf(
  'reviewThreads(first:100,after:$after){pageInfo{hasNextPage endCursor} nodes{isResolved path line comments(first:1){nodes{url author{login}}}}}',
)
export const CLOSING = queryOf(
  'closingIssuesReferences(first:100,after:$after){pageInfo{hasNextPage endCursor} nodes{number title url state}}',
)
