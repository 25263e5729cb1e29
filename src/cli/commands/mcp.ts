import { Command } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { CONFIG_OPTION } from '#cli/common-options.ts'
import type { Io } from '#cli/io.ts'

/** `muster mcp`: the tools of an agent, over standard input and output, until its client closes them. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return new Command('mcp')
    .description(
      'Serve a coding agent over standard input and output by the Model Context Protocol: where its stream stands, checks, the radar, check-ins and blockers. It signs, waives and overrides nothing. An MCP client starts it.',
    )
    .option(...CONFIG_OPTION)
    .option('--as <person>', 'whom the agent reports as (default: MUSTER_AS, or the only person who may)')
    .option('--stream <id>', 'the agent’s stream (default: that of the branch that is checked out here, else the one that --as leads)')
    .action(async (options) => {
      const { serveAgent } = await import('#cli/mcp/serve-agent.ts')
      await serveAgent(io, options)
      exit(0)
    }) as unknown as PlainCommand
}
