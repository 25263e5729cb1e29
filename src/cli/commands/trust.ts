import { Command } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { type Io } from '#cli/io.ts'
import { CONFIG_OPTION, formatOption } from '#cli/common-options.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { openEdges, repositoryLocation, trustedPlace } from '#cli/wire.ts'
import { commandRequest } from '#collect/command/index.ts'
import { inspect, type Inspection } from '#collect/command/trust.ts'
import { commandRequests } from '#engine/gather.ts'
import { json, terminal as terminalText } from '#render/encode.ts'

interface Asked {
  readonly inspection: Inspection
  readonly trusted: boolean
  /** Sources and subjects that run it: `tests of stream:a`. */
  readonly runBy: readonly string[]
}

/** `muster trust`: what would a check run? Shown whole; trusted by content, once. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return new Command('trust')
    .description(
      'Show the commands a check would run on this machine, with the scripts they reach, and trust them. Asked again when any of it changes.',
    )
    .option(...CONFIG_OPTION)
    .option('--yes', 'trust all of them without being asked')
    .addOption(formatOption('form of the list'))
    .action(async (options) => {
      const { program, folder } = await loadProgramFile(io, options.config)
      const edges = await openEdges(io, program, folder)
      try {
        await edges.mirror.refresh(io.signal)
        const asked = new Map<string, Asked>()
        for (const request of await commandRequests(program, edges.ports)) {
          const command = commandRequest(request)
          if (!command) continue
          const inspection = await inspect(edges.mirror, command)
          const known = asked.get(inspection.digest)
          const trusted = known?.trusted ?? (await edges.trust.isTrusted(inspection.digest))
          asked.set(inspection.digest, {
            inspection,
            trusted,
            runBy: [...(known?.runBy ?? []), `${request.sourceId} of ${request.subject}`],
          })
        }
        const all = [...asked.values()]
        if (options.format === 'json')
          io.stdout.write(json({ schemaVersion: 1, commands: all.map(({ inspection, ...rest }) => ({ ...inspection, ...rest })) }))
        else io.stdout.write(listText(all))
        const open = all.filter((one) => !one.trusted)
        if (open.length === 0) return exit(0)
        const agreed = options.yes === true || (options.format === 'text' && (await ask(io, open.length)))
        if (!agreed) {
          io.stderr.write(
            `${open.length} of ${all.length} commands are not trusted and will not run\n  look at them above, then run \`muster trust --yes\`\n`,
          )
          return exit(3)
        }
        const repository = trustedPlace(repositoryLocation(program, folder))
        await edges.trust.add(
          open.map(({ inspection: { digest, run, folder: at } }) => ({ digest, run, folder: at, repository, trustedAt: io.now() })),
        )
        io.stderr.write(`${open.length} ${open.length === 1 ? 'command is' : 'commands are'} now trusted\n`)
        exit(0)
      } finally {
        await edges.close()
      }
    }) as unknown as PlainCommand
}

function listText(all: readonly Asked[]): string {
  if (all.length === 0) return 'a check of this program runs no commands\n'
  return `${all
    .map(({ inspection, trusted, runBy }) =>
      [
        `${trusted ? 'trusted    ' : 'NOT trusted'} ${terminalText(inspection.run)}`,
        ...(inspection.setup === undefined ? [] : [`  after     ${terminalText(inspection.setup)}`]),
        `  in        ${terminalText(inspection.folder)}`,
        ...Object.entries(inspection.environment).map(([name, value]) => `  with      ${terminalText(`${name}=${value}`)}`),
        ...(inspection.network === false ? ['  network   none'] : []),
        ...(inspection.sandbox === undefined ? [] : [`  sandbox   ${inspection.sandbox}`]),
        ...inspection.reached.map(
          (one) =>
            `  reaches   ${terminalText(one.path)}${one.oid === undefined ? '' : ` (${one.oid.slice(0, 10)})`}${one.text === undefined ? '' : `: ${terminalText(one.text)}`}`,
        ),
        `  digest    ${inspection.digest}`,
        `  for       ${runBy.join(', ')}`,
      ].join('\n'),
    )
    .join('\n\n')}\n`
}

async function ask(io: Io, count: number): Promise<boolean> {
  if (!io.stdinIsTerminal || !io.stderr.isTerminal) return false
  const [{ confirm }, { asked }] = await Promise.all([import('@clack/prompts'), import('#cli/prompts.ts')])
  const prompt = (signal: AbortSignal) =>
    confirm({
      message: `Run ${count === 1 ? 'this command' : `these ${count} commands`} on this machine at every check, until they change?`,
      initialValue: false,
      signal,
    })
  return asked(prompt, 'nothing was trusted')
}
