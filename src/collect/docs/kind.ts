import { z } from 'zod'
import type { CollectorKind } from '#core/evidence/collector.ts'
import { globProblem } from '#core/evidence/glob.ts'

const path = z
  .string()
  .min(1)
  .max(1024)
  .refine(
    (text) => !text.startsWith('/') && !text.endsWith('/') && !text.includes('\0') && !text.split('/').includes('..'),
    'a path names a file from the root of the repository, without ".."',
  )

const glob = z.string().superRefine((text, context) => {
  const problem = globProblem(text)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

export const options = z
  .strictObject({
    files: z.array(path).min(1).max(1000).optional().describe('Files that must be there and hold something'),
    headings: z
      .record(path, z.array(z.string().min(1).max(200)).min(1).max(200))
      .optional()
      .describe('Markdown file to the headings that must have text under them'),
    symbols: z.array(glob).min(1).max(100).optional().describe('Globs of source files whose exported symbols need a doc comment'),
    links: z.array(glob).min(1).max(100).optional().describe('Globs of Markdown files whose links must lead somewhere in the repository'),
    except: z.array(glob).min(1).max(100).optional().describe('Globs of files that are left out of symbols and links'),
  })
  .refine(
    ({ files, headings, symbols, links }) => files ?? headings ?? symbols ?? links,
    'a docs source asks for files, headings, symbols or links',
  )

export type DocsOptions = z.infer<typeof options>

export const kind: CollectorKind = {
  kind: 'docs',
  title: 'Documents and doc comments at the head',
  options,
  metrics: {
    files: { unit: 'ratio', better: 'higher', title: 'required files that hold something' },
    headings: { unit: 'ratio', better: 'higher', title: 'required headings with text under them' },
    symbols: { unit: 'ratio', better: 'higher', title: 'exported symbols with a doc comment' },
    links: { unit: 'ratio', better: 'higher', title: 'links into the repository that lead somewhere' },
    complete: { unit: 'ratio', better: 'higher', title: 'mean of what the source asks for' },
  },
  boundToTree: true,
}
