import { z } from 'zod'
import type { CollectorKind } from '#core/evidence/collector.ts'

/** Three kinds of source, so that tests of the program file do not change with the collectors. */
export const KINDS: readonly CollectorKind[] = [
  {
    kind: 'git',
    title: 'A branch against the merge base',
    options: z.strictObject({ paths: z.array(z.string()).min(1).optional().describe('Files that count') }),
    metrics: {
      exists: { unit: 'boolean', better: 'higher', title: 'the branch is there' },
      code: { unit: 'lines', better: 'higher', title: 'lines of code added' },
      idle: { unit: 'seconds', better: 'lower', title: 'time since the last commit' },
    },
    boundToTree: true,
  },
  {
    kind: 'command',
    title: 'A command in a checkout',
    options: z.strictObject({
      run: z.string().min(1).describe('Command line'),
      number: z.string().optional(),
      unit: z.enum(['count', 'bytes', 'ratio']).optional(),
    }),
    metrics: {
      passed: { unit: 'boolean', better: 'higher', title: 'the command ended with exit code 0' },
      number: { unit: 'count', better: 'none', title: 'number in its output' },
    },
    boundToTree: true,
  },
  {
    kind: 'junit',
    title: 'Test results',
    options: z.strictObject({
      from: z.string().min(1).optional(),
      files: z.union([z.string(), z.array(z.string()).min(1)]).describe('Globs of the report files'),
      base: z.strictObject({ from: z.string().min(1).optional(), files: z.string() }).optional(),
    }),
    metrics: {
      passed: { unit: 'tests', better: 'higher', title: 'cases passed' },
      ratio: { unit: 'ratio', better: 'higher', title: 'share of cases passed' },
      change: { unit: 'change', better: 'lower', title: 'change of the run time' },
    },
    boundToTree: true,
  },
]
