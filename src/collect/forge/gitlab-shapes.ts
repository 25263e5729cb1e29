import { z } from 'zod'
import { maybe, objectId } from './shape.ts'

/** What is read of GitLab's answers (REST v4); the rest of them is not looked at. */

const user = z.object({ username: z.string() })

export const mergeRequest = z.object({
  iid: z.int(),
  title: z.string(),
  web_url: z.string(),
  state: z.enum(['opened', 'closed', 'locked', 'merged']),
  draft: z.boolean().default(false),
  created_at: z.string(),
  author: user,
  source_branch: z.string(),
  target_branch: z.string(),
  sha: objectId.nullable(),
  project_id: z.int(),
  source_project_id: z.int().nullable(),
  labels: z.array(z.string()),
  milestone: z.object({ title: z.string() }).nullable(),
})

export const merging = z.object({ detailed_merge_status: z.string() })
export const approvals = z.object({ approved_by: z.array(z.object({ user, approved_at: maybe(z.string()) })) })
export const reviewer = z.object({ user, state: z.string(), created_at: z.string() })
export const version = z.object({ head_commit_sha: z.string(), created_at: z.string() })
export const note = z.object({
  id: z.int(),
  author: user,
  body: z.string(),
  created_at: z.string(),
  system: z.boolean(),
  resolvable: z.boolean().default(false),
  resolved: z.boolean().default(false),
  position: maybe(z.object({ new_path: maybe(z.string()), new_line: maybe(z.int()) })),
})
export const discussion = z.object({ notes: z.array(note) })
export const settings = z.object({ only_allow_merge_if_pipeline_succeeds: z.boolean() })
export const status = z.object({ name: z.string(), status: z.string(), target_url: maybe(z.string()) })
export const pipeline = z.object({ id: z.int(), ref: z.string(), sha: objectId, status: z.string(), web_url: maybe(z.string()) })
export const job = z.object({
  id: z.int().positive(),
  name: z.string(),
  status: z.string(),
  created_at: z.string(),
  finished_at: maybe(z.string()),
  artifacts_file: maybe(z.object({ filename: z.string() })),
  artifacts_expire_at: maybe(z.string()),
})
export const issue = z.object({ iid: z.int(), title: z.string(), web_url: z.string(), state: z.string() })
