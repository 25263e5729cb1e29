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
  if (!mime.endsWith('json')) return ''
  const validate = ajv.getSchema(pointer('paths', path, method, 'responses', String(status), 'content', mime, 'schema'))
  if (!validate) return `${path} has no schema`
  return validate(body) === true ? '' : `${method} ${path} ${status}: ${ajv.errorsText(validate.errors)}`
}
