import { z } from 'zod'
import type { CollectorKind } from '#core/evidence/collector.ts'
import { globProblem } from '#core/evidence/glob.ts'
import { LANGUAGE_ROLES } from '#collect/source-code/languages.ts'
import { DEFAULT_TESTS } from '#collect/test-results/files.ts'

const globs = z
  .array(
    z.string().superRefine((pattern, context) => {
      const message = globProblem(pattern)
      if (message !== undefined) context.addIssue({ code: 'custom', message })
    }),
  )
  .max(200)

export const options = z.strictObject({
  paths: globs.min(1).optional().describe("Files that count. Without it the stream's own paths, or every file where it names none."),
  exclude: globs.default([]).describe('Files that do not count, though `paths` names them.'),
  tests: globs.default([...DEFAULT_TESTS]).describe('What a test file is called.'),
  languages: z
    .array(z.enum(LANGUAGE_ROLES))
    .min(1)
    .default(['programming', 'markup'])
    .describe(
      'Kinds of language whose lines are counted as code, comment and blank; data (JSON, YAML, lock files) and prose (Markdown) are left out unless named.',
    ),
})

export type GitOptions = z.output<typeof options>

export const kind = {
  kind: 'git',
  title: 'Commits, files and lines of a branch against the merge base',
  options,
  boundToTree: true,
  metrics: {
    exists: { unit: 'boolean', better: 'higher', title: 'the branch is there', boundToTree: false },
    commits: { unit: 'count', better: 'higher', title: 'commits since the merge base' },
    'lines.code': { unit: 'lines', better: 'higher', title: 'lines of code added against the merge base' },
    'lines.comment': { unit: 'lines', better: 'none', title: 'lines of comment added against the merge base' },
    'lines.blank': { unit: 'lines', better: 'none', title: 'blank lines added against the merge base' },
    'lines.added': { unit: 'lines', better: 'none', title: 'lines added against the merge base, in every kind of text file' },
    'lines.deleted': { unit: 'lines', better: 'none', title: 'lines of the merge base that are gone' },
    files: { unit: 'files', better: 'none', title: 'files touched' },
    tests: { unit: 'files', better: 'higher', title: 'test files touched' },
    shared: { unit: 'files', better: 'lower', title: 'files touched that other streams touch too' },
    merged: { unit: 'boolean', better: 'higher', title: 'the work of the branch is in the target' },
    idle: { unit: 'seconds', better: 'lower', title: 'time since the last commit' },
    behind: { unit: 'count', better: 'lower', title: 'commits of the target that the branch lacks' },
  },
} as const satisfies CollectorKind
