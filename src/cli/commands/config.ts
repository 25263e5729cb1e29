import { Command, Option } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { EXIT, type Io } from '#cli/io.ts'
import { CONFIG_OPTION, formatOption } from '#cli/common-options.ts'
import { loadProgramFile, problemsText, readProgramFile } from '#cli/program-file.ts'
import { json } from '#render/encode.ts'

/** `muster config`: the program file as Muster understands it. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  const config = new Command('config').description('Print the program as Muster understands it, its JSON Schema, or its mistakes.')

  config
    .command('print')
    .description(
      'Print the program file as it was read; with --resolved everything that holds, defaults and policy too, each with where it comes from.',
    )
    .option(...CONFIG_OPTION)
    .option('--resolved', 'with every default, and the metrics that criteria may read')
    .addOption(new Option('--format <format>', 'form of the output').choices(['yaml', 'json']).default('yaml'))
    .action(async (options) => {
      const loaded = await loadProgramFile(io, options.config)
      if (options.format === 'json') {
        const program = options.resolved ? loaded.program : loaded.written
        return io.stdout.write(json({ schemaVersion: 1, file: loaded.shown, program }))
      }
      if (options.resolved) {
        const { resolvedYaml } = await import('#cli/resolved.ts')
        return io.stdout.write(resolvedYaml(loaded.program, loaded))
      }
      const { yaml } = await import('#cli/yaml.ts')
      io.stdout.write(yaml(loaded.written))
    })

  config
    .command('schema')
    .description('Print the JSON Schema of program files, for editors and validators.')
    .option(CONFIG_OPTION[0], 'taken as everywhere, and not read: the schema is the same for every program')
    .action(async () => {
      const [{ programJsonSchema }, { KINDS }] = await Promise.all([import('#core/program/json-schema.ts'), import('#collect/registry.ts')])
      io.stdout.write(json(programJsonSchema(KINDS)))
    })

  config
    .command('check')
    .description('Say every mistake in the program file, or that there is none.')
    .option(...CONFIG_OPTION)
    .addOption(formatOption('form of the findings'))
    .action(async (options) => {
      const file = await readProgramFile(io, options.config)
      const [{ loadProgram }, { KINDS }] = await Promise.all([import('#core/program/load.ts'), import('#collect/registry.ts')])
      const { program, problems } = loadProgram(file.shown, file.bytes, KINDS)
      if (options.format === 'json') io.stdout.write(json({ schemaVersion: 1, findings: problems }))
      else if (problems.length > 0) io.stdout.write(`${problemsText(problems)}\n`)
      else io.stdout.write(`${file.shown}: no mistakes\n`)
      exit(program ? 0 : EXIT.usage)
    })

  return config as unknown as PlainCommand
}
