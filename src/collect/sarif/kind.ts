import { z } from 'zod'
import type { CollectorKind } from '#core/evidence/collector.ts'
import { nameGlobProblem } from '#collect/source-code/name-glob.ts'
import { reportOptions } from '#collect/reports/options.ts'

const toolName = z.string().superRefine((pattern, context) => {
  const problem = nameGlobProblem(pattern)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

export const options = z.strictObject({
  ...reportOptions.shape,
  base: z.strictObject(reportOptions.shape).optional().describe('The same reports of the target branch, to count what is new.'),
  expect: z
    .array(toolName)
    .min(1)
    .max(100)
    .optional()
    .describe('Tools, by name or glob, that must each have a run; without one of them every fact is missing.'),
})

export type SarifOptions = z.output<typeof options>

export const kind = {
  kind: 'sarif',
  title: 'Results of static analysis in SARIF',
  options,
  metrics: {
    errors: { unit: 'count', better: 'lower', title: 'results of level error' },
    warnings: { unit: 'count', better: 'lower', title: 'results of level warning' },
    notes: { unit: 'count', better: 'lower', title: 'results of level note' },
    suppressed: { unit: 'count', better: 'lower', title: 'results that somebody suppressed' },
    new: { unit: 'count', better: 'lower', title: 'results of any level that the base does not have' },
    'errors.new': { unit: 'count', better: 'lower', title: 'results of level error that the base does not have' },
    'suppressed.new': { unit: 'count', better: 'lower', title: 'suppressed results that the base does not have suppressed' },
  },
  boundToTree: true,
} as const satisfies CollectorKind
