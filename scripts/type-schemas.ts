import { join } from 'node:path'
import {
  createFormatter,
  createParser,
  createProgram,
  DEFAULT_CONFIG,
  EnumType,
  SchemaGenerator,
  type SubNodeParser,
} from 'ts-json-schema-generator'

const ROOT = join(import.meta.dirname, '..')

export type Schema = Readonly<Record<string, unknown>>

/** JSON Schemas of a type and of all that it is made of, by name. */
export function typeSchemas(path: string, root: string): Readonly<Record<string, Schema>> {
  const config = {
    ...DEFAULT_CONFIG,
    path: join(ROOT, path),
    tsconfig: join(ROOT, 'tsconfig.json'),
    type: root,
    expose: 'export',
    jsDoc: 'basic',
    skipTypeCheck: true,
  } as const
  const program = createProgram(config)
  const checker = program.getTypeChecker()

  // `(typeof NAMES)[number]`, `Event['type']`: the compiler knows the values, also of a list that is spread into another.
  const valuesAt = (node: Parameters<SubNodeParser['supportsNode']>[0]): readonly (string | number | boolean)[] => {
    if (!/^[\s\S]+\[(?:number|'\w+')\]$/.test(node.getText())) return []
    const type = checker.getTypeFromTypeNode(node as Parameters<typeof checker.getTypeFromTypeNode>[0])
    const members = type.isUnion() ? type.types : [type]
    const values = members.flatMap((one) => (one.isStringLiteral() || one.isNumberLiteral() ? [one.value] : []))
    return values.length === members.length ? values : []
  }
  const valueParser: SubNodeParser = {
    supportsNode: (node) => valuesAt(node).length > 0,
    createType: (node) => new EnumType(node.getText(), [...valuesAt(node)]),
  }
  const parser = createParser(program, config, (chain) => chain.addNodeParser(valueParser))
  const generator = new SchemaGenerator(program, parser, createFormatter(config), config)
  return (generator.createSchema(root).definitions ?? {}) as Readonly<Record<string, Schema>>
}
