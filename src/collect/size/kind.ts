import { z } from 'zod'
import type { CollectorKind } from '#core/evidence/collector.ts'
import { UNITS } from '#core/evidence/evidence.ts'
import { reportOptions } from '#collect/reports/options.ts'

const pointer = z
  .string()
  .max(1_000)
  .regex(/^(?:\/(?:[^~/]|~[01])*)*$/, 'a JSON pointer begins with "/", and "~" stands only before 0 or 1')

export const options = z
  .strictObject({
    ...reportOptions.shape,
    value: pointer
      .optional()
      .describe('JSON pointer of the number that is read from the files, such as /assets/0/size; else the bytes of the files count.'),
    unit: z.enum(UNITS).exclude(['boolean']).optional().describe('Unit of that number; count unless said.'),
    baseline: z
      .strictObject({
        files: reportOptions.shape.files
          .optional()
          .describe('Globs of the files that are compared against; those of the source unless said.'),
        value: pointer.optional().describe('JSON pointer of the number in them; that of the source unless said.'),
      })
      .optional()
      .describe('What the size is compared against, made by the same run.'),
    base: z.strictObject(reportOptions.shape).optional().describe('The same files of the target branch, to compare against.'),
  })
  .superRefine(({ value, unit, baseline, base }, context) => {
    const say = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message })
    if (baseline && base) say('base', 'a source is compared against its baseline or against the target branch, not both')
    if (baseline && baseline.files === undefined && baseline.value === undefined)
      say('baseline', 'a baseline needs files or a value of its own')
    if (baseline?.value !== undefined && value === undefined) say('baseline', 'a baseline has a value where the source has one')
    if (unit !== undefined && value === undefined) say('unit', 'the unit is that of a value; files have bytes')
  })

export type SizeOptions = z.output<typeof options>

export const kind = {
  kind: 'size',
  title: 'The size of files, or a number in a JSON file',
  options,
  metrics: {
    bytes: { unit: 'bytes', better: 'lower', title: 'size of the files together' },
    value: { unit: 'count', better: 'none', title: 'number in the files' },
    files: { unit: 'files', better: 'none', title: 'files that were found' },
    change: { unit: 'change', better: 'none', title: 'change against the baseline' },
    reduction: { unit: 'ratio', better: 'higher', signed: true, title: 'how far it lies under the baseline' },
  },
  boundToTree: true,
} as const satisfies CollectorKind
