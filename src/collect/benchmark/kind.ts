import { z } from 'zod'
import type { CollectorKind } from '#core/evidence/collector.ts'
import { reportOptions } from '../report-options.ts'

const side = z.string().min(1).max(1_000).optional()

export const options = z.strictObject({
  ...reportOptions.shape,
  baseline: side.describe('Of hyperfine reports: the command, or the file, that is compared against.'),
  current: side.describe('Of hyperfine reports: the command, or the file, that is judged.'),
  better: z.enum(['lower', 'higher']).default('lower').describe('Which way the measured value gets better.'),
})

export const kind = {
  kind: 'benchmark',
  title: 'Benchmark samples against a baseline',
  options,
  metrics: {
    change: { unit: 'change', better: 'none', title: 'change of the median against the baseline' },
    reduction: { unit: 'ratio', better: 'higher', signed: true, title: 'how far the median fell under that of the baseline' },
    improvement: { unit: 'ratio', better: 'higher', signed: true, title: 'how far the median got better than that of the baseline' },
    median: { unit: 'count', better: 'none', title: 'median of the current samples, in seconds where the file gives times' },
    runs: { unit: 'count', better: 'higher', title: 'samples on the side that has fewer' },
  },
  boundToTree: true,
} as const satisfies CollectorKind
