import { z } from 'zod'
import type { CollectorKind } from '#core/evidence/collector.ts'
import { globProblem } from '#core/evidence/glob.ts'
import { reportOptions } from '#collect/reports/options.ts'

const glob = z.string().superRefine((pattern, context) => {
  const problem = globProblem(pattern)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})
const globs = z.union([glob, z.array(glob).min(1).max(50)])

export const options = z.strictObject({
  ...reportOptions.shape,
  paths: globs.optional().describe('Globs of the source files that count; all of the report unless said.'),
  exclude: globs.optional().describe('Globs of source files that do not count, though `paths` names them.'),
  base: z
    .strictObject(reportOptions.shape)
    .optional()
    .describe('The same reports of the target branch, to say how much the share of lines rose or fell.'),
})

export type CoverageOptions = z.output<typeof options>

export const kind = {
  kind: 'coverage',
  title: 'Test coverage in lcov, Cobertura, JaCoCo, Istanbul, Go or coverage.py reports',
  options,
  metrics: {
    lines: { unit: 'ratio', better: 'higher', title: 'share of lines that tests reach' },
    branches: { unit: 'ratio', better: 'higher', title: 'share of branches that tests take' },
    functions: { unit: 'ratio', better: 'higher', title: 'share of functions that tests call' },
    files: { unit: 'files', better: 'higher', title: 'source files in the coverage report' },
    absent: { unit: 'files', better: 'lower', title: 'source files that no coverage report holds' },
    changed: { unit: 'ratio', better: 'higher', title: 'share of the lines added against the merge base that tests reach' },
    delta: { unit: 'ratio', better: 'higher', title: 'share of lines that tests reach, less that of the base' },
  },
  boundToTree: true,
} as const satisfies CollectorKind
