import { KINDS } from '#collect/registry.ts'
import { programJsonSchema, type JsonSchema } from '#core/program/json-schema.ts'
import { SOURCE_KEYS } from '#core/program/schema.ts'

export interface CollectorText {
  readonly kind: string
  readonly title: string
  readonly options: readonly { readonly key: string; readonly required: boolean; readonly description: string }[]
  readonly metrics: readonly { readonly name: string; readonly unit: string; readonly better: string; readonly title: string }[]
}

/** The kinds of source there are, with the keys they take and what they bring. */
export function collectors(): readonly CollectorText[] {
  const sources = programJsonSchema(KINDS).properties?.['sources']?.additionalProperties
  const branches: readonly JsonSchema[] = typeof sources === 'object' ? (sources.oneOf ?? sources.anyOf ?? []) : []
  return KINDS.map((kind) => {
    const branch = branches.find((one) => one.properties?.['collect']?.const === kind.kind)
    const own = Object.entries(branch?.properties ?? {}).filter(([key]) => !(SOURCE_KEYS as readonly string[]).includes(key))
    return {
      kind: kind.kind,
      title: kind.title,
      options: own.map(([key, node]) => ({ key, required: branch?.required?.includes(key) ?? false, description: node.description ?? '' })),
      metrics: Object.entries(kind.metrics).map(([name, { unit, better, title }]) => ({ name, unit, better, title })),
    }
  })
}
