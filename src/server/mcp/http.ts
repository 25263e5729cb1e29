import { createMcpHandler } from '@modelcontextprotocol/server'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Env, Serving } from '#server/app.ts'
import { nameOf, personOf, reaches, type Who } from '#server/auth/who.ts'
import type { LiveProgram } from '#server/live-program.ts'
import { ledBy } from '#server/mcp/meant.ts'
import { mcpServer, type Caller } from '#server/mcp/protocol.ts'
import type { Asked } from '#server/mcp/tool.ts'
import { problem } from '#server/problem.ts'

/** What answers at `/mcp`: Streamable HTTP without sessions, so that any process may answer the next request. */
export interface McpEndpoint {
  readonly answer: (context: Context<Env>) => Promise<Response>
  close(): Promise<void>
}

export function mcpEndpoint(serving: Serving, failed: (error: unknown) => void): McpEndpoint {
  // Who asks goes with the request, past the library and back to the tools.
  const handler = createMcpHandler(({ authInfo }) => mcpServer(serving.ports.version, authInfo?.extra?.['caller'] as Caller, failed), {
    onerror: failed,
  })
  return {
    async answer(context) {
      const live = programOf(context)
      if (live instanceof Response) return live
      const { who } = context.var
      const caller: Caller = () => askedBy(who, live, serving)
      const authInfo = { token: '', clientId: nameOf(who), scopes: [], extra: { caller } }
      const { body, status, headers } = await handler.fetch(context.req.raw, { authInfo })
      const more = { ...Object.fromEntries(headers), 'cache-control': 'no-store' }
      return body === null
        ? context.body(null, status as ContentfulStatusCode, more)
        : context.body(body, status as ContentfulStatusCode, more)
    },
    close: () => handler.close(),
  }
}

/** The program that the path names, else the only one that whoever asks is of. */
function programOf(context: Context<Env>): LiveProgram | Response {
  const { who, server } = context.var
  const named = context.req.param('program')
  const reached = [...server.lives.values()].filter((one) => reaches(who, one.program))
  const [only, ...others] = named === undefined ? reached : reached.filter((one) => one.id === named)
  if (only && others.length === 0) return only
  const there = reached.map((one) => `/mcp/${encodeURIComponent(one.id)}`).join(', ')
  return problem(context, 404, 'unknown-program', only ? 'There are several programs' : 'There is no such program', {
    remedy: there === '' ? 'Ask with a token of one of its people, or of one of its streams.' : `There are: ${there}.`,
  })
}

async function askedBy(who: Who, live: LiveProgram, serving: Serving): ReturnType<Caller> {
  await live.refresh()
  const machine = who.mode === 'token' ? who.access.stream : undefined
  const person = personOf(who, live.program)
  return {
    live,
    server: serving,
    jobs: serving.jobs(live),
    newId: serving.ports.newId,
    caller: nameOf(who),
    who: machine === undefined ? { kind: 'person', person } : { kind: 'machine', stream: machine },
    nameYourself: 'Send a token of `muster access issue`, which is one person’s.',
    stream: machine ?? ledBy(live.program, person),
  } satisfies Omit<Asked, 'signal' | 'progress'>
}
