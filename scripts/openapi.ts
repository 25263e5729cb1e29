import type { Answers } from '#core/api/answers.ts'
import { VERSION } from '#cli/version.ts'
import { describedApp } from '#server/app.ts'
import { typeSchemas, type Schema } from './type-schemas.ts'

/** `schema/openapi.json`: the operations as they are declared, and what they answer with as its types say. */
export function openApiDocument(): object {
  const { Answers: answers, ...types } = typeSchemas('src/core/api/answers.ts', 'Answers')
  const names = new Map(Object.keys(types).map((name) => [name, nameOf(name)]))
  const schemas = Object.fromEntries(Object.entries(types).map(([name, schema]) => [names.get(name), rewritten(schema, names)]))
  const ofAnswer = rewritten(answers?.['properties'], names) as Readonly<Record<keyof Answers, Schema>>
  const document = describedApp().getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Muster',
      version: VERSION,
      description:
        'Everything that is read has a strong ETag. Lists that may be long come in pages: `next` is the cursor of the next one. Every write takes an `Idempotency-Key`; the same write sent again is made once, and another write under the same key is refused. Errors are `application/problem+json` with a `code`. `GET /api/programs/{program}/events` tells of each change as server-sent events: what it answers with is described as the list of them, each with its fields.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    security: [{ session: [] }, { token: [] }],
  })
  return {
    ...answered(document, ofAnswer),
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'muster-session' },
        token: { type: 'http', scheme: 'bearer' },
      },
      schemas: Object.fromEntries(
        Object.entries({ ...schemas, LiveEvent: onTheWire(schemas['LiveEvent'] as LiveEventSchema) }).toSorted(([a], [b]) =>
          a < b ? -1 : 1,
        ),
      ),
    },
  }
}

interface LiveEventSchema {
  readonly anyOf: readonly { readonly properties: Readonly<Record<string, unknown>> }[]
}

/** A server-sent event is text: its `data` is a string that holds JSON. */
const onTheWire = ({ anyOf, ...rest }: LiveEventSchema): object => ({
  ...rest,
  anyOf: anyOf.map((one) => ({
    ...one,
    properties: {
      ...one.properties,
      data: { type: 'string', contentMediaType: 'application/json', contentSchema: one.properties['data'] },
    },
  })),
})

/** `Items<StreamHead>` is StreamHeadItems: names of components are words. */
const nameOf = (name: string): string => name.replace(/^Items<(\w+)>$/, '$1Items').replace(/\W+/g, '_')

/** From draft 7 to the dialect of OpenAPI 3.1: where definitions are, and how lists of a fixed length are said. */
function rewritten(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((one) => rewritten(one, names))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, one]): readonly [string, unknown] => {
    if (key === '$ref' && typeof one === 'string') {
      const name = decodeURIComponent(one.replace('#/definitions/', ''))
      return [key, `#/components/schemas/${names.get(name) ?? name}`]
    }
    return [key === 'items' && Array.isArray(one) ? 'prefixItems' : key, rewritten(one, names)]
  })
  const { additionalItems, ...rest } = Object.fromEntries(entries)
  return rest['prefixItems'] ? { ...rest, items: additionalItems ?? false } : rest
}

/** Operations name what they answer with as a schema; the schema of each name is that of its type. */
function answered(value: unknown, answers: Readonly<Record<string, Schema>>): object {
  const walk = (one: unknown): unknown => {
    if (Array.isArray(one)) return one.map(walk)
    if (typeof one !== 'object' || one === null) return one
    const name = '$ref' in one && typeof one.$ref === 'string' ? /^#\/components\/schemas\/(\w+)$/.exec(one.$ref)?.[1] : undefined
    const found = name === undefined ? undefined : answers[name]
    return found ?? Object.fromEntries(Object.entries(one).map(([key, each]) => [key, walk(each)]))
  }
  return walk(value) as object
}
