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
import { expectTypeOf, test } from 'vitest'
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

test('what is read of GitLab is what a client of it declares', () => {
  expectTypeOf<MergeRequestSchemaWithBasicLabels>().toExtend<Read<typeof shapes.mergeRequest>>()
  expectTypeOf<MergeRequestSchemaWithBasicLabels>().toExtend<Read<typeof shapes.merging>>()
  expectTypeOf<Required<MergeRequestLevelMergeRequestApprovalSchema>>().toExtend<Read<typeof shapes.approvals>>()
  expectTypeOf<MergeRequestReviewerSchema>().toExtend<Read<typeof shapes.reviewer>>()
  expectTypeOf<MergeRequestDiffVersionsSchema>().toExtend<Read<typeof shapes.version>>()
  expectTypeOf<DiscussionNoteSchema>().toExtend<Read<typeof shapes.note>>()
  expectTypeOf<Required<DiscussionSchema>>().toExtend<Read<typeof shapes.discussion>>()
  expectTypeOf<ProjectSchema>().toExtend<Read<typeof shapes.settings>>()
  expectTypeOf<CommitStatusSchema>().toExtend<Read<typeof shapes.status>>()
  expectTypeOf<PipelineSchema>().toExtend<Read<typeof shapes.pipeline>>()
  expectTypeOf<JobSchema>().toExtend<Read<typeof shapes.job>>()
  expectTypeOf<IssueSchemaWithBasicLabels>().toExtend<Read<typeof shapes.issue>>()
})
