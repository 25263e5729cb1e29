import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { Command, Option } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { CONFIG_OPTION } from '#cli/common-options.ts'
import { CommandError, type Io } from '#cli/io.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { exportMarkdown } from '#core/plan/export.ts'
import { terminal } from '#render/encode.ts'

/** `muster export`: the program file as a plan that people read and `muster import` reads back. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return new Command('export')
    .description('Write the plan of a program file in Markdown, so that importing it gives the same program.')
    .option(...CONFIG_OPTION)
    .option('-o, --output <file>', 'file to write (default: standard output)')
    .option('--force', 'overwrite a file that is there')
    .addOption(new Option('--format <format>', 'form of the plan').choices(['markdown']).default('markdown'))
    .action(async (options) => {
      const { program } = await loadProgramFile(io, options.config)
      const text = exportMarkdown(program)
      if (options.output === undefined) {
        // Line breaks are the document's own; nothing else in it moves a cursor.
        io.stdout.write(text.split('\n').map(terminal).join('\n'))
        return
      }
      const path = resolve(io.cwd, options.output)
      const shown = relative(io.cwd, path) || path
      if (existsSync(path) && !options.force)
        throw new CommandError(`${terminal(shown)} is already there\n  --force overwrites it, --output writes another`)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, text)
      io.stderr.write(`${terminal(shown)} is written\n`)
      exit(0)
    }) as unknown as PlainCommand
}
