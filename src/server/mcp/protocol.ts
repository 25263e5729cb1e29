import { ProtocolError, Server, type CallToolResult, type ServerContext } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { redact } from '#core/evidence/redact.ts'
import type { Mistake } from '#core/people/mistakes.ts'
import { isStoreAway } from '#engine/run-ports.ts'
import { boundedData, boundedText } from '#server/mcp/bounded.ts'
import type { Answer, Asked, Refused, Tool } from '#server/mcp/tool.ts'
import { TOOLS } from '#server/mcp/tools.ts'
import { WHOSE_WORDS } from '#server/mcp/words.ts'

/** Who asks, and of what, at the time of the call; or why they get nothing. */
export type Caller = () => Promise<Omit<Asked, 'signal' | 'progress'> | Refused>

const INVALID_PARAMS = -32_602

const INSTRUCTIONS = [
  'Muster holds the checkpoint honest: it measures what each stream has done, judges every criterion, and says GO, CONDITIONAL GO, NO-GO or INCONCLUSIVE.',
  'Begin with `status`: what your stream owes, by when. Commit, then `check` before you say that something is done; a claim never satisfies a criterion that is measured. `explain` says why, `radar` with whose branch yours collides. Report with `check-in`, and open a blocker when something stops you. Signing, waiving, overriding, and trusting a command, are for people: ask them.',
  WHOSE_WORDS,
].join('\n')

/** A server of the protocol with every tool, for one connection or one request. */
export function mcpServer(version: string, caller: Caller, failed: (error: unknown) => void): Server {
  const server = new Server({ name: 'muster', title: 'Muster', version }, { capabilities: { tools: {} }, instructions: INSTRUCTIONS })
  server.setRequestHandler('tools/list', () => ({ tools: LISTED }))
  server.setRequestHandler('tools/call', async ({ params }, context) => {
    const found = TOOLS.find((one) => one.name === params.name)
    if (!found)
      throw new ProtocolError(INVALID_PARAMS, `There is no tool ${params.name}; there are: ${TOOLS.map((one) => one.name).join(', ')}`)
    try {
      return resultOf(await called(found, await caller(), params.arguments ?? {}, context))
    } catch (error) {
      failed(error)
      return resultOf(failure(error))
    }
  })
  return server
}

function called(
  found: Tool,
  caller: Awaited<ReturnType<Caller>>,
  input: Readonly<Record<string, unknown>>,
  { mcpReq }: ServerContext,
): Promise<Answer | Refused> | Refused {
  if ('ok' in caller) return caller
  const { _meta: meta } = mcpReq
  const token = meta?.progressToken
  let last = -1
  return found.run(
    {
      ...caller,
      signal: mcpReq.signal,
      progress: ({ done, of, last: message }) => {
        if (token === undefined || done <= last) return
        last = done
        const params = { progressToken: token, progress: done, total: of, ...(message !== undefined && { message }) }
        // Whoever is gone hears of no progress; the work goes on.
        void mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {})
      },
    },
    input,
  )
}

/** What a person or the machine did wrong is said; of a bug of ours only that there is one. */
function failure(error: unknown): Refused {
  if (isStoreAway(error)) return { ok: false, code: 'not-ready', message: 'the ledger cannot be reached', remedy: 'Try again in a moment.' }
  if (error instanceof Error && SAID.has(error.name)) {
    const [message = '', ...more] = redact(error.message).split('\n')
    const remedy = 'remedy' in error && typeof error.remedy === 'string' ? error.remedy : more.map((one) => one.trim()).join('\n')
    return { ok: false, code: 'could-not-run', message, ...(remedy !== '' && { remedy }) }
  }
  return { ok: false, code: 'internal', message: 'Muster failed', remedy: 'Its standard error says more; please report it.' }
}

/** Errors whose words are for whoever asked. */
const SAID = new Set(['CommandError', 'StoreError', 'RepositoryError', 'TrustFileError'])

function resultOf(answer: Answer | Refused): CallToolResult {
  if (answer.ok) return { content: [{ type: 'text', text: boundedText(answer.lines) }], structuredContent: boundedData(answer.data) }
  const { code, message, remedy, mistakes = [], rights } = answer
  const [only = message, ...others] = mistakes.map(placed)
  const lines =
    others.length === 0 ? [only] : [`${mistakes.length} mistakes; nothing was done`, ...[only, ...others].map((one) => `  ${one}`)]
  return {
    isError: true,
    content: [{ type: 'text', text: boundedText([`${code}: ${lines[0] ?? ''}`, ...lines.slice(1), ...(remedy?.split('\n') ?? [])]) }],
    structuredContent: boundedData({
      code,
      message: mistakes.length === 0 ? message : [only, ...others].join('; '),
      remedy: remedy?.replaceAll('\n', '; '),
      mistakes: mistakes.length === 0 ? undefined : mistakes.map(({ path, message: text }) => ({ path, message: text })),
      rights,
    }),
  }
}

const placed = ({ path, kind, message }: Mistake): string =>
  kind === 'unknown-key' || path.length === 0 ? message : `${path.join('.')}: ${message}`

const LISTED = TOOLS.map(({ name, title, description, input, annotations }) => {
  const { $schema: _, ...schema } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' })
  return {
    name,
    title,
    description,
    inputSchema: { ...(schema as object), type: 'object' as const },
    annotations: { title, ...annotations },
  }
})
