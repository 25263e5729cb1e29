import { z } from 'zod'
import { TOOLS } from '#server/mcp/tools.ts'
import type { Tool } from '#server/mcp/tool.ts'

type Node = z.core.JSONSchema.JSONSchema

/** What stands in the page of the tools that agents are given. */
export const toolsPage = (table: (head: readonly string[], rows: readonly (readonly string[])[]) => string): readonly string[] => [
  'What [an agent](../guide/agents.md) is given by `muster mcp`, and by `/mcp` of `muster serve`.',
  ...TOOLS.flatMap((one) => [
    `## ${one.name}`,
    `${one.description} ${nature(one)}`,
    table(['input', 'type', 'needed', 'what it is'], rows(z.toJSONSchema(one.input, { io: 'input', unrepresentable: 'any' }))),
  ]),
]

const nature = ({ annotations: { readOnlyHint, destructiveHint } }: Tool): string => {
  if (readOnlyHint) return '*Reads only.*'
  return destructiveHint ? '*Changes what stands; the record keeps both.*' : '*Adds to the record.*'
}

const rows = ({ properties = {}, required = [] }: Node): readonly (readonly string[])[] =>
  Object.entries(properties).map(([name, node]) =>
    typeof node === 'boolean'
      ? [`\`${name}\``, '', '', '']
      : [`\`${name}\``, typeOf(node), required.includes(name) ? 'yes' : '', node.description ?? ''],
  )

function typeOf(node: Node): string {
  if (node.enum) return node.enum.map((one) => `\`${String(one)}\``).join(', ')
  if (node.anyOf) return [...new Set(node.anyOf.map((one) => (typeof one === 'boolean' ? '' : typeOf(one))))].join(' or ')
  if (node.type === 'array')
    return `list of ${typeof node.items === 'object' && !Array.isArray(node.items) ? typeOf(node.items) : 'anything'}`
  if (node.const !== undefined) return `\`${JSON.stringify(node.const)}\``
  if (Array.isArray(node.type)) return node.type.map((type) => typeOf({ type })).join(' or ')
  return node.type === 'string' ? 'text' : (node.type ?? 'anything')
}
