import { z } from 'zod'
import { NOTICE_DATA } from '#core/notify/data.ts'
import type { NoticeKind } from '#core/program/model.ts'

/** What the data of a kind of notice looks like: for the linter of templates and for the reference. */
export interface Shape {
  /** `text`, `number`, `yes or no`, `list`, `data`, and `null` where it may be absent. */
  readonly type: 'text' | 'number' | 'boolean' | 'list' | 'data' | 'unknown'
  readonly optional: boolean
  readonly description?: string
  /** Words that it can be. */
  readonly values?: readonly string[]
  readonly properties?: Readonly<Record<string, Shape>>
  readonly items?: Shape
}

const SHAPES = new Map<NoticeKind, Shape>()

export function shapeOf(kind: NoticeKind): Shape {
  const known = SHAPES.get(kind)
  if (known) return known
  const data = read(z.toJSONSchema(NOTICE_DATA[kind], { reused: 'inline' }))
  const text: Shape = { type: 'text', optional: false }
  const made = {
    ...data,
    properties: {
      title: { ...text, description: 'one line: subject of a mail, head of a message' },
      kind: { ...text, description: 'kind of notice' },
      ...data.properties,
    },
  }
  SHAPES.set(kind, made)
  return made
}

interface Schema {
  readonly type?: string
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
}

const TYPES: Readonly<Record<string, Shape['type']>> = {
  string: 'text',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  array: 'list',
  object: 'data',
}

function read(given: unknown): Shape {
  const schema = given as Schema
  const parts = schema.anyOf?.filter((one) => one.type !== 'null')
  const [only] = parts ?? []
  if (parts && only)
    return {
      ...read(only),
      optional: true,
      ...((schema.description ?? only.description) !== undefined && { description: schema.description ?? only.description ?? '' }),
    }
  return {
    type: TYPES[schema.type ?? ''] ?? 'unknown',
    optional: false,
    ...(schema.description !== undefined && { description: schema.description }),
    ...(schema.enum && { values: schema.enum.map(String) }),
    ...(schema.properties && { properties: Object.fromEntries(Object.entries(schema.properties).map(([key, one]) => [key, read(one)])) }),
    ...(schema.items && { items: read(schema.items) }),
  }
}
