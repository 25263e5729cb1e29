import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context, Handler } from 'hono'
import type { Answers } from '#core/api/answers.ts'
import type { Env } from '#server/app.ts'
import { problem } from '#server/problem.ts'

/** One operation of the API: how it is described, and what it does. */
export interface Operation {
  readonly id: string
  readonly method: 'get' | 'post'
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly query?: z.ZodObject
  /** JSON Schema of the body of a write; whoever handles it reads it. */
  readonly body?: object
  readonly status?: 200 | 201 | 202
  readonly headers?: z.ZodObject
  /** What it answers with: JSON of that name, or another type of content, which may be one of that name after the other. */
  readonly answer: { readonly json: keyof Answers } | { readonly type: string; readonly each?: keyof Answers }
  /** Neither a session nor a token is needed: what is sent, or the address, proves enough. */
  readonly open?: true
  /** A write that is known by its content needs no key. */
  readonly unkeyed?: true
  readonly handle: (context: Context<Env>, query: Readonly<Record<string, string | undefined>>) => Response | Promise<Response>
}

const ABOUT: Readonly<Record<string, string>> = {
  program: 'Id of the program',
  stream: 'Id of a stream',
  checkpoint: 'Id of a checkpoint',
  decision: 'Id of a decision',
  blocker: 'Id of a blocker',
  message: 'Key of a message of the outbox',
  job: 'Id of a job',
  secret: 'Secret of the program’s links',
}

const KEY = z
  .string()
  .regex(/^[\x21-\x7e]{8,200}$/)
  .meta({ description: 'New for each intent: the same write sent again under its key is made once' })
const IF_MATCH = z.string().optional().meta({ description: '`"<seq>"` of the ledger as the writer knows it, or `*`' })

/** The schema of an answer stands in the description under its name. */
const named = (answer: keyof Answers) => ({ $ref: `#/components/schemas/${answer}` })

const PROBLEM = { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemDocument' } } }

const refusals = (operation: Operation): Readonly<Record<string, string>> => ({
  400: 'The request is not one that this takes',
  ...(!operation.open && { 401: 'Nobody is signed in' }),
  ...(operation.path.includes('{') && { 404: 'There is no such thing' }),
  ...(operation.method === 'post' && {
    403: 'Who asks may not',
    409: 'It is so already, or it needs something else first',
    412: 'Something was recorded meanwhile, and `If-Match` asked for none of it',
    422: 'What was sent cannot go on record, or the key was used for another write',
  }),
  429: 'Too much was asked at once',
  503: 'The ledger cannot be reached just now',
})

/** Puts an operation on the app, where it answers, and into its description. */
export function provide(app: OpenAPIHono<Env>, operation: Operation): void {
  const { id, method, path, tag, summary, query = z.strictObject({}), status = 200, answer, body } = operation
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  const route = createRoute({
    method,
    path,
    operationId: id,
    tags: [tag],
    summary,
    ...(operation.open && { security: [] }),
    request: {
      params: z.object(Object.fromEntries(names.map((name) => [name, z.string().meta({ description: ABOUT[name] ?? name })]))),
      query,
      ...(operation.headers && { headers: operation.headers }),
      ...(method === 'post' && {
        headers: z.object({
          ...(!operation.unkeyed && { 'idempotency-key': KEY }),
          ...('json' in answer && answer.json === 'act' && { 'if-match': IF_MATCH }),
        }),
      }),
      ...(body && { body: { required: true, content: { 'application/json': { schema: body } } } }),
    },
    responses: {
      [status]: {
        description: 'json' in answer ? summary : `${summary}, as ${answer.type}`,
        ...(method === 'get' && 'json' in answer && { headers: { ETag: { schema: { type: 'string' }, description: 'Strong' } } }),
        content:
          'json' in answer
            ? { 'application/json': { schema: named(answer.json) } }
            : { [answer.type]: { schema: answer.each ? { type: 'array', items: named(answer.each) } : { type: 'string' } } },
      },
      ...(method === 'get' && 'json' in answer && { 304: { description: 'As `If-None-Match` says' } }),
      ...Object.fromEntries(Object.entries(refusals(operation)).map(([code, description]) => [code, { description, content: PROBLEM }])),
    },
  })
  const handler: Handler<Env> = (context) => operation.handle(context, context.req.valid('query' as never))
  app.openapi(route as never, handler as never)
}

/** An app whose queries are refused in our terms. */
export const operationsApp = (): OpenAPIHono<Env> =>
  new OpenAPIHono<Env>({
    defaultHook: (result, context) => {
      if (result.success) return undefined
      if (result.target === 'header')
        return problem(context, 400, 'no-key', 'A write needs a key', {
          remedy: 'Send Idempotency-Key: 8 to 200 visible characters, new for each intent.',
        })
      return problem(context, 400, 'invalid-query', 'The address asks for something that this does not know', {
        detail: result.error.issues.map(({ message }) => message).join('; '),
        mistakes: result.error.issues.map(({ path, message }) => ({ path: path.map(String), message })),
      })
    },
  })
