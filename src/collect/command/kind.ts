import { z } from 'zod'
import type { CollectorKind } from '#core/evidence/collector.ts'
import { UNITS } from '#core/evidence/evidence.ts'
import { isReservedName } from './environment.ts'
import { SANDBOX_MODES } from './sandbox-mode.ts'

const line = z
  .string()
  .min(1)
  .max(8192)
  .refine((text) => text.trim() !== '' && !text.includes('\0'), 'a command line holds something to run')

const folder = z
  .string()
  .min(1)
  .max(1024)
  .refine(
    (path) => !path.startsWith('/') && !path.includes('\0') && !path.split('/').includes('..'),
    'a folder stays inside the checkout: write it relative to the root, without ".."',
  )

const name = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'a variable has letters, digits and underscores')
  .refine((text) => !isReservedName(text), 'PATH, HOME, TMPDIR and GIT_* are set by Muster; write them before the command in `run`')

const value = z
  .string()
  .max(8192)
  .refine((text) => !text.includes('\0'), 'a value cannot hold a NUL character')

const number = z.union([
  z.strictObject({ after: z.string().min(1).max(200).describe('Text that stands before the number; its last place in the output counts') }),
  z.strictObject({
    json: z
      .union([z.string().min(1).max(500), z.array(z.string().min(1).max(200)).min(1).max(20)])
      .describe('Path into the last JSON document of the output: size.total, or a list of keys'),
  }),
])

export const options = z.strictObject({
  run: line.describe('Command line, run by sh in a checkout of the head'),
  setup: line.optional().describe('Run before it in the same place, such as npm ci; its failure is no failure of the command'),
  folder: folder.optional().describe('Folder of the checkout to run in; its root unless said'),
  environment: z.record(name, value).optional().describe('Variables for the command; nothing else of your environment passes but PATH'),
  network: z.boolean().optional().describe('Whether it may use the network; yes unless said. No takes a sandbox'),
  sandbox: z
    .enum(SANDBOX_MODES)
    .optional()
    .describe('required: never run without a sandbox; off: run without one; unless said, with one where bubblewrap is installed'),
  number: number.optional().describe('Where the output holds a number that is evidence'),
  unit: z.enum(UNITS).exclude(['boolean']).optional().describe('Unit of that number; count unless said'),
})

export type CommandOptions = z.infer<typeof options>
export type NumberOption = NonNullable<CommandOptions['number']>

export const kind: CollectorKind = {
  kind: 'command',
  title: 'A command in a checkout: its exit code, or a number in its output',
  options,
  metrics: {
    passed: { unit: 'boolean', better: 'higher', title: 'the command ended with exit code 0' },
    exit: { unit: 'count', better: 'lower', title: 'exit code of the command' },
    seconds: { unit: 'seconds', better: 'lower', title: 'how long the command took' },
    number: { unit: 'count', better: 'none', title: 'number in the output of the command' },
  },
  boundToTree: true,
}
