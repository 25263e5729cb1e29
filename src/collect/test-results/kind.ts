import { z } from 'zod'
import type { CollectorKind } from '#core/evidence/collector.ts'
import { nameGlobProblem } from '#collect/source-code/name-glob.ts'
import { reportOptions } from '#collect/reports/options.ts'

const pattern = z.string().superRefine((text, context) => {
  const problem = nameGlobProblem(text)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

/** The keys of every source of test results. */
export const testOptions = z.strictObject({
  ...reportOptions.shape,
  suite: pattern.optional().describe('Only cases whose suite, class or file name matches this glob.'),
  cases: pattern.optional().describe('Only cases whose name matches this glob.'),
  properties: z
    .record(z.string().min(1), pattern)
    .optional()
    .describe('Only cases that have these properties, or whose suites do, with values that match these globs.'),
  expect: z
    .array(pattern)
    .min(1)
    .max(1_000)
    .optional()
    .describe(
      'Suites, classes, files or report files, by name or glob, that must each have a result; without one of them every fact is missing.',
    ),
  base: z
    .strictObject(reportOptions.shape)
    .optional()
    .describe('The same reports of the target branch, to count what was added, removed, skipped or emptied against it.'),
})

export type TestOptions = z.infer<typeof testOptions>

const test = (better: 'higher' | 'lower', title: string) => ({ unit: 'tests', better, title }) as const

export const testMetrics = {
  total: test('higher', 'test cases listed'),
  passed: test('higher', 'test cases passed'),
  failed: test('lower', 'test cases failed or in error'),
  errors: test('lower', 'test cases that ended in an error'),
  skipped: test('lower', 'test cases skipped'),
  flaky: test('lower', 'test cases that both failed and passed'),
  ratio: { unit: 'ratio', better: 'higher', title: 'share of test cases passed; a skip is not a pass' },
  seconds: { unit: 'seconds', better: 'lower', title: 'time of all test cases together' },
  added: test('higher', 'test cases that the base does not have'),
  removed: test('lower', 'test cases of the base that are gone'),
  'skipped.new': test('lower', 'test cases skipped that ran in the base'),
  emptied: test('lower', 'test cases that pass without an assertion, or in no time, and did not in the base'),
  'failing.still': test('lower', 'test cases that fail as they do in the base'),
  'failing.new': test('lower', 'test cases that fail and do not in the base'),
} as const satisfies CollectorKind['metrics']

/** A kind of test results: all have the same options and bring the same facts. */
export const testKind = <Kind extends string>(kind: Kind, title: string) =>
  ({ kind, title, options: testOptions, metrics: testMetrics, boundToTree: true }) as const satisfies CollectorKind
