import type {
  CommitStatusSchema,
  DiscussionNoteSchema,
  DiscussionSchema,
  IssueSchemaWithBasicLabels,
  JobSchema,
  MergeRequestDiffVersionsSchema,
  MergeRequestLevelMergeRequestApprovalSchema,
  MergeRequestReviewerSchema,
  MergeRequestSchemaWithBasicLabels,
  PipelineSchema,
  ProjectSchema,
} from '@gitbeaker/core'
import type { z, ZodType } from 'zod'
import type * as shapes from '#collect/forge/gitlab-shapes.ts'

/**
 * No package brings recorded answers of GitLab. Instead the types of a client that many use say
 * what its answers hold: `npm run types` fails where a key that is read is not among them, or holds
 * something else. Words such as states are texts here; the fixtures have them.
 */
type Read<Shape extends ZodType> = Plain<z.input<Shape>>

type Plain<T> = T extends string
  ? string
  : T extends readonly (infer Item)[]
    ? Plain<Item>[]
    : T extends object
      ? { [Key in keyof T]: Plain<T[Key]> }
      : T

/** What a client declares of it is what is read. */
type Held<Declared extends Wanted, Wanted> = [Declared, Wanted]

export type Agreed = [
  Held<MergeRequestSchemaWithBasicLabels, Read<typeof shapes.mergeRequest>>,
  Held<MergeRequestSchemaWithBasicLabels, Read<typeof shapes.merging>>,
  Held<Required<MergeRequestLevelMergeRequestApprovalSchema>, Read<typeof shapes.approvals>>,
  Held<MergeRequestReviewerSchema, Read<typeof shapes.reviewer>>,
  Held<MergeRequestDiffVersionsSchema, Read<typeof shapes.version>>,
  Held<DiscussionNoteSchema, Read<typeof shapes.note>>,
  Held<Required<DiscussionSchema>, Read<typeof shapes.discussion>>,
  Held<ProjectSchema, Read<typeof shapes.settings>>,
  Held<CommitStatusSchema, Read<typeof shapes.status>>,
  Held<PipelineSchema, Read<typeof shapes.pipeline>>,
  Held<JobSchema, Read<typeof shapes.job>>,
  Held<IssueSchemaWithBasicLabels, Read<typeof shapes.issue>>,
]
