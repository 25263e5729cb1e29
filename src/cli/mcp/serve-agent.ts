import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { CommandError, type Io } from '#cli/io.ts'
import { openAgentPlace, type AgentOptions } from '#cli/mcp/agent-place.ts'
import { VERSION } from '#cli/version.ts'
import { terminal } from '#render/encode.ts'
import { mcpServer } from '#server/mcp/protocol.ts'

/** Serves one client until it closes standard input, or the signal comes; what runs then is cancelled. */
export async function serveAgent(io: Io, options: AgentOptions): Promise<void> {
  if (io.stdinIsTerminal)
    throw new CommandError(
      'an MCP client starts this and speaks with it; a person has nothing to type here\n  docs/guide/agents.md says what to write into its configuration',
    )
  const say = (text: string): void => io.stderr.write(`muster mcp: ${text.split('\n').map(terminal).join('\n')}\n`)
  const over = new AbortController()
  const place = openAgentPlace({ ...io, stdout: io.stderr, signal: AbortSignal.any([io.signal, over.signal]) }, options)
  const closed = Promise.withResolvers<void>()
  const handle = serveStdio(
    () => mcpServer(VERSION, place.caller, (error) => say(error instanceof Error ? (error.stack ?? error.message) : String(error))),
    {
      onerror: (error) => say(error.message),
    },
  )
  process.stdin.once('close', closed.resolve).once('end', closed.resolve)
  io.signal.addEventListener('abort', () => closed.resolve(), { once: true })
  await closed.promise
  over.abort()
  await handle.close()
  await place.close()
}
