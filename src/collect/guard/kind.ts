import { z } from 'zod'
import type { CollectorKind } from '#core/evidence/collector.ts'
import { globProblem } from '#core/evidence/glob.ts'
import { FAMILIES, type Family } from './families.ts'

const globs = z
  .array(
    z.string().superRefine((pattern, context) => {
      const problem = globProblem(pattern)
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
    }),
  )
  .min(1)
  .max(100)

export const options = z.strictObject({
  also: globs.optional().describe('Globs of more files that decide what is proven.'),
  except: globs.optional().describe('Globs of files that may change freely.'),
})

const count = (title: string) => ({ unit: 'files', better: 'lower', title }) as const

const families = Object.fromEntries(
  Object.entries(FAMILIES).map(([family, { title }]) => [family, count(`changed files: ${title}`)]),
) as Readonly<Record<Family, ReturnType<typeof count>>>

export const kind = {
  kind: 'guard',
  title: 'Changes of a branch to what judges it: CI, test and coverage settings, baselines, the program, owners, commands',
  options,
  metrics: {
    changes: count('changed files that decide what is proven of their own branch'),
    ...families,
    also: count('changed files: those that the source names itself'),
  },
  boundToTree: true,
} as const satisfies CollectorKind
