import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'

export interface Operation {
  readonly operationId: string
  readonly parameters?: readonly {
    readonly name: string
    readonly in: 'path' | 'query' | 'header'
    readonly schema: object
    readonly required?: boolean
  }[]
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: object } } }
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>>
}

export const DOCUMENT = JSON.parse(readFileSync(join(import.meta.dirname, '../../schema/openapi.json'), 'utf8')) as {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Partial<Record<'get' | 'post', Operation>>>>>
  readonly components: {
    readonly schemas: {
      readonly LiveEvent: { readonly anyOf: readonly { readonly properties: { readonly event: { readonly const: string } } }[] }
    }
  }
}

export const OPERATIONS = Object.entries(DOCUMENT.paths).flatMap(([path, methods]) =>
  (['get', 'post'] as const).flatMap((method) => {
    const operation = methods[method]
    return operation ? [{ path, method, operation }] : []
  }),
)

const ajv = new Ajv2020({ strict: false, allErrors: true })
ajv.addSchema(DOCUMENT, 'openapi')
const pointer = (...parts: readonly string[]): string =>
  `openapi#/${parts.map((one) => encodeURIComponent(one.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`

/** What is wrong with an answer by the description of its operation; empty where nothing is. */
export function wrongIn(method: 'get' | 'post', path: string, status: number, type: string, body: unknown): string {
  const response = DOCUMENT.paths[path]?.[method]?.responses[String(status)]
  if (!response) return `${method} ${path} is not described to answer with ${status}`
  const mime = type.split(';')[0] ?? ''
  if (!response.content?.[mime])
    return response.content?.['*/*'] ? '' : `${method} ${path} is not described to answer ${status} with ${mime}`
  if (mime === 'text/event-stream') return (body as readonly StreamedEvent[]).map(wrongInEvent).find((one) => one !== '') ?? ''
  if (!mime.endsWith('json')) return ''
  const validate = ajv.getSchema(pointer('paths', path, method, 'responses', String(status), 'content', mime, 'schema'))
  if (!validate) return `${path} has no schema`
  return validate(body) === true ? '' : `${method} ${path} ${status}: ${ajv.errorsText(validate.errors)}`
}

/** A server-sent event as it came. */
export interface StreamedEvent {
  readonly event?: string
  readonly id?: string
  readonly data?: string
}

/** Events of a stream, until whoever reads them stops. */
export async function* eventsOf(response: Response): AsyncGenerator<StreamedEvent> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes as Uint8Array, { stream: true })
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = block.split('\n').map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)])
      yield Object.fromEntries(fields) as StreamedEvent
    }
  }
}

/** JSON, text, or the first event of a stream, which is left then. */
export async function answerIn(response: Response): Promise<unknown> {
  const type = response.headers.get('content-type') ?? ''
  if (type.startsWith('text/event-stream')) {
    for await (const event of eventsOf(response)) return [event]
    return []
  }
  return type.includes('json') && !type.includes('ndjson') ? response.json() : response.text()
}

/** Its `data` is described as text that holds JSON, which has a schema of its own. */
function wrongInEvent(event: StreamedEvent): string {
  const streamed = ajv.getSchema(pointer('components', 'schemas', 'LiveEvent'))
  if (streamed?.(event) !== true) return `event ${JSON.stringify(event)}: ${ajv.errorsText(streamed?.errors)}`
  const kinds = DOCUMENT.components.schemas.LiveEvent.anyOf
  const at = kinds.findIndex(({ properties }) => properties.event.const === event.event)
  const held = ajv.getSchema(pointer('components', 'schemas', 'LiveEvent', 'anyOf', String(at), 'properties', 'data', 'contentSchema'))
  return held?.(JSON.parse(event.data ?? '')) === true ? '' : `data ${event.data}: ${ajv.errorsText(held?.errors)}`
}
