import { z } from 'zod'
import type { CollectorKind } from '#core/evidence/collector.ts'
import { parseQuantity } from '#core/program/quantity.ts'
import { nameGlobProblem } from '#collect/source-code/name-glob.ts'
import { reportOptions } from '#collect/reports/options.ts'

const side = z.string().min(1).max(1_000).optional()

const nameGlob = z.string().superRefine((pattern, context) => {
  const problem = nameGlobProblem(pattern)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

const share = z.union([z.string().max(40), z.number()]).superRefine((text, context) => {
  const read = parseQuantity(text)
  const isShare =
    read.ok && (read.quantity.unit ?? 'ratio') === 'ratio' && read.quantity.low === read.quantity.high && read.quantity.low > 0
  if (!isShare) context.addIssue({ code: 'custom', message: 'this is no share above 0, such as 5%' })
})

export const options = z.strictObject({
  ...reportOptions.shape,
  base: z
    .strictObject(reportOptions.shape)
    .optional()
    .describe('Reports of the target branch: the baseline, in place of the options `baseline` and `current`.'),
  baseline: side.describe('What is compared against: a command, a benchmark, or a glob of files.'),
  current: side.describe('What is judged: a command, a benchmark, or a glob of files.'),
  benchmark: z
    .union([nameGlob, z.array(nameGlob).min(1).max(50)])
    .optional()
    .describe('Globs of the benchmarks that are compared; all of them unless said. Of several, the worst end of their intervals counts.'),
  metric: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Which quantity is compared where a tool measures several, by name or unit (B/op, cpu_time, p(95)); else its first.'),
  better: z
    .enum(['lower', 'higher'])
    .optional()
    .describe('Which way the measured value gets better; unless said, as its unit tells: times and sizes lower, rates higher.'),
  maxVariance: share.optional().describe('Coefficient of variation of the baseline above which a comparison proves nothing, such as 5%.'),
  history: z
    .int()
    .min(5)
    .max(1_000)
    .default(20)
    .describe('Of a data.js history: how many runs before that of the last commit are the baseline.'),
})

export type BenchmarkOptions = z.output<typeof options>

export const kind = {
  kind: 'benchmark',
  title: 'Benchmark samples against a baseline',
  options,
  metrics: {
    // Targets of it are read as ceilings, unless the source says `better: higher`.
    change: { unit: 'change', better: 'lower', title: 'change of the median against the baseline' },
    reduction: { unit: 'ratio', better: 'higher', signed: true, title: 'how far the median fell under that of the baseline' },
    improvement: { unit: 'ratio', better: 'higher', signed: true, title: 'how far the median got better than that of the baseline' },
    median: { unit: 'count', better: 'none', title: 'median of the current samples, in seconds where the file gives times' },
    p: {
      unit: 'ratio',
      better: 'lower',
      title: 'chance of a difference this large between sides that are alike (Mann-Whitney, two-sided)',
    },
    variance: { unit: 'ratio', better: 'lower', signed: true, title: 'coefficient of variation of the baseline' },
    runs: { unit: 'count', better: 'higher', title: 'samples on the side that has fewer' },
  },
  boundToTree: true,
} as const satisfies CollectorKind
