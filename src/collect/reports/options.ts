import { z } from 'zod'
import { globProblem } from '#core/evidence/glob.ts'

const MAX_PATTERNS = 50

/** Why a glob of report files cannot be used: it must stay within its folder. */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.includes('\\')) return 'a pattern of report files has no backslashes'
  if (pattern.split('/').some((part) => part === '..')) return 'a pattern of report files has no ".." in it'
  return globProblem(pattern)
}

const filePattern = z.string().superRefine((pattern, context) => {
  const problem = patternProblem(pattern)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

/** The keys that all sources of report files take. */
export const reportOptions = z.strictObject({
  from: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The source that brings the files: a command, in whose checkout they are looked for, or a forge with `artifacts`, each a folder of that name.',
    ),
  files: z
    .union([filePattern, z.array(filePattern).min(1).max(MAX_PATTERNS)])
    .describe(
      'Globs of the report files: relative to what `from` brings, or else to the folder of the program file, with the placeholders ${stream}, ${branch}, ${commit} and ${tree}.',
    ),
})

export type ReportOptions = z.infer<typeof reportOptions>
