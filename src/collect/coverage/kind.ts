import { z } from 'zod'
import type { CollectorKind } from '#core/evidence/collector.ts'
import { globProblem } from '#core/evidence/glob.ts'
import { reportOptions } from '../report-options.ts'

const glob = z.string().superRefine((pattern, context) => {
  const problem = globProblem(pattern)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

export const options = z.strictObject({
  ...reportOptions.shape,
  paths: z
    .union([glob, z.array(glob).min(1).max(50)])
    .optional()
    .describe('Globs of the source files that count; all of the report unless said.'),
})

export const kind = {
  kind: 'coverage',
  title: 'Test coverage in lcov or Cobertura XML',
  options,
  metrics: {
    lines: { unit: 'ratio', better: 'higher', title: 'share of lines that tests reach' },
    branches: { unit: 'ratio', better: 'higher', title: 'share of branches that tests take' },
    functions: { unit: 'ratio', better: 'higher', title: 'share of functions that tests call' },
    files: { unit: 'files', better: 'higher', title: 'source files in the coverage report' },
  },
  boundToTree: true,
} as const satisfies CollectorKind
