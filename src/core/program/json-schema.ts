import { z } from 'zod'
import type { CollectorKind } from '#core/evidence/collector.ts'
import { programSchema } from '#core/program/schema.ts'
import type { Path } from '#core/program/source-text.ts'

/** The part of JSON Schema 2020-12 that zod writes and that is read here. */
export interface JsonSchema {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, JsonSchema>>
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | JsonSchema
  readonly items?: JsonSchema | false
  readonly prefixItems?: readonly JsonSchema[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
}

/**
 * JSON Schema (2020-12) of a program file, from the schema the loader itself uses. What needs the
 * rest of the file to be judged (references, units, dates) only the loader can say.
 */
export function programJsonSchema(kinds: readonly CollectorKind[]): JsonSchema {
  const known = MADE.get(kinds)
  if (known) return known
  const schema = z.toJSONSchema(programSchema(kinds), { io: 'input', target: 'draft-2020-12', unrepresentable: 'any' })
  const { $schema, ...rest } = schema as JsonSchema & { readonly $schema: string }
  const made = { $schema, $id: 'urn:muster:program:1', ...rest } as JsonSchema
  MADE.set(kinds, made)
  return made
}

const MADE = new WeakMap<readonly CollectorKind[], JsonSchema>()

/** What a program file may hold at one place. */
export interface Allowed {
  /** Keys of a mapping; empty where ids of one's own are written. */
  readonly keys: readonly string[]
  /** What stands there, in the words of the reference. */
  readonly description?: string
}

/** What the schema allows at a path of a file, over every branch of a union. */
export function allowedAt(schema: JsonSchema, path: Path, file: unknown): Allowed {
  let nodes = branches(schema, schema)
  let value = file
  for (const step of path) {
    nodes = choose(nodes, value).flatMap((node) => below(node, step, schema))
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, step)
        ? (value as Record<string | number, unknown>)[step]
        : undefined
  }
  const chosen = choose(nodes, value).flatMap((node) => branches(node, schema))
  const keys = new Set(chosen.flatMap((node) => Object.keys(node.properties ?? {})))
  const description = nodes.find((node) => node.description !== undefined)?.description
  return { keys: [...keys], ...(description !== undefined && { description }) }
}

/** A node and, for a union, what it is a union of. */
function branches(node: JsonSchema, root: JsonSchema): readonly JsonSchema[] {
  const target = node.$ref === undefined ? node : root.$defs?.[node.$ref.replace('#/$defs/', '')]
  if (!target) return []
  const inner = [...(target.anyOf ?? []), ...(target.oneOf ?? []), ...(target.allOf ?? [])]
  return [target, ...inner.flatMap((one) => branches(one, root))]
}

/** Of the kinds of source, the one that is written. */
function choose(nodes: readonly JsonSchema[], value: unknown): readonly JsonSchema[] {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'collect')) return nodes
  const { collect } = value as { readonly collect: unknown }
  const matching = nodes.filter((node) => node.properties?.['collect']?.const === collect)
  return matching.length > 0 ? matching : nodes
}

function below(node: JsonSchema, step: string | number, root: JsonSchema): readonly JsonSchema[] {
  if (typeof step === 'number') {
    const item = node.prefixItems?.[step] ?? node.items
    return item ? branches(item, root) : []
  }
  const properties = node.properties ?? {}
  const named = Object.hasOwn(properties, step) ? properties[step] : undefined
  if (named) return branches(named, root)
  return typeof node.additionalProperties === 'object' ? branches(node.additionalProperties, root) : []
}

/** Every key that a program file has anywhere. */
export function everyKey(schema: JsonSchema): ReadonlySet<string> {
  const keys = new Set<string>()
  const seen = new Set<JsonSchema>()
  const open: JsonSchema[] = [schema]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    for (const [key, child] of Object.entries(node.properties ?? {})) {
      keys.add(key)
      open.push(child)
    }
    const nested = [
      ...Object.values(node.$defs ?? {}),
      ...(node.anyOf ?? []),
      ...(node.oneOf ?? []),
      ...(node.allOf ?? []),
      ...(node.prefixItems ?? []),
    ]
    open.push(
      ...nested,
      ...(node.items ? [node.items] : []),
      ...(typeof node.additionalProperties === 'object' ? [node.additionalProperties] : []),
    )
  }
  return keys
}
