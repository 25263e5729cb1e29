import { z } from 'zod'
import type { CollectorKind } from '#core/evidence/collector.ts'
import { globProblem } from '#core/evidence/glob.ts'
import { LANGUAGE_ROLES } from '#collect/source-code/languages.ts'

const globs = z
  .array(
    z.string().superRefine((pattern, context) => {
      const message = globProblem(pattern)
      if (message !== undefined) context.addIssue({ code: 'custom', message })
    }),
  )
  .max(200)

export const options = z.strictObject({
  paths: globs.min(1).optional().describe('Files that count; every file unless said.'),
  exclude: globs.default([]).describe('Files that do not count, though `paths` names them.'),
  languages: z
    .array(z.enum(LANGUAGE_ROLES))
    .min(1)
    .default(['programming', 'markup'])
    .describe('Kinds of language that count; data (JSON, YAML, lock files) and prose (Markdown) are left out unless named.'),
})

export const kind = {
  kind: 'code',
  title: 'Lines of code of a whole commit',
  options,
  metrics: {
    code: { unit: 'lines', better: 'none', title: 'lines of code in the commit' },
    comment: { unit: 'lines', better: 'none', title: 'lines of comment in the commit' },
    blank: { unit: 'lines', better: 'none', title: 'blank lines in the commit' },
    files: { unit: 'files', better: 'none', title: 'files in the commit whose lines count' },
  },
  boundToTree: true,
} as const satisfies CollectorKind
