import { z } from 'zod'
import type { CollectorKind } from '#core/evidence/collector.ts'
import { reportOptions } from '../report-options.ts'
import { nameGlobProblem } from './name-glob.ts'

const pattern = z.string().superRefine((text, context) => {
  const problem = nameGlobProblem(text)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

export const options = z.strictObject({
  ...reportOptions.shape,
  suite: pattern.optional().describe('Only cases whose suite, class or file name matches this glob.'),
  cases: pattern.optional().describe('Only cases whose name matches this glob.'),
  properties: z
    .record(z.string().min(1), pattern)
    .optional()
    .describe('Only cases that have these properties, or whose suites do, with values that match these globs.'),
})

export const kind = {
  kind: 'junit',
  title: 'Test results in JUnit XML',
  options,
  metrics: {
    total: { unit: 'tests', better: 'higher', title: 'test cases listed' },
    passed: { unit: 'tests', better: 'higher', title: 'test cases passed' },
    failed: { unit: 'tests', better: 'lower', title: 'test cases failed or in error' },
    errors: { unit: 'tests', better: 'lower', title: 'test cases that ended in an error' },
    skipped: { unit: 'tests', better: 'lower', title: 'test cases skipped' },
    flaky: { unit: 'tests', better: 'lower', title: 'test cases that both failed and passed' },
    ratio: { unit: 'ratio', better: 'higher', title: 'share of test cases passed; a skip is not a pass' },
    seconds: { unit: 'seconds', better: 'lower', title: 'time of all test cases together' },
  },
  boundToTree: true,
} as const satisfies CollectorKind
