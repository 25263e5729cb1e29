import { yaml } from '#cli/yaml.ts'
import type { Loaded } from '#core/program/load.ts'
import type { Program } from '#core/program/model.ts'
import type { Path } from '#core/program/source-text.ts'
import { valueAt } from '#core/program/shape.ts'

/** Where a value of the resolved program comes from: `muster.yaml:12`, or `default`. */
export type Origin = string

/** Names that differ between the program and the file, because units stand last or the file groups them. */
const IN_FILE: Readonly<Record<string, readonly string[]>> = {
  durationSeconds: ['duration'],
  timeLimitSeconds: ['timeLimit'],
  maxAgeSeconds: ['maxAge'],
  withinSeconds: ['within'],
  afterSeconds: ['after'],
  extendSeconds: ['extend'],
  reevaluateAt: ['reevaluate'],
  decision: ['decide', 'question'],
  go: ['decide', 'go'],
  noGo: ['decide', 'noGo'],
  subjects: ['for'],
  condition: [],
  options: [],
}

/** Says of every part of a program where it comes from. */
export class Origins {
  readonly #written: unknown
  readonly #locate: Loaded['locate']

  constructor(loaded: Pick<Loaded, 'written' | 'locate'>) {
    this.#written = loaded.written
    this.#locate = loaded.locate
  }

  /** `path` is one of the file; undefined when the part stands under nothing that the file has. */
  of(path: Path | undefined): Origin {
    if (path === undefined || valueAt(this.#written, path) === undefined) return 'default'
    const { file, line } = this.#locate(path, 'key')
    return `${file}:${line}`
  }

  /** The file says it in one word what the program says in parts: `400 lines`, `09:00-17:00`. */
  isOneWord(path: Path | undefined): boolean {
    const value = path === undefined ? undefined : valueAt(this.#written, path)
    return value !== undefined && (typeof value !== 'object' || value === null)
  }

  /** The path in the file of a part of the program, given that of what holds it. */
  below(path: Path | undefined, key: string, value: unknown): Path | undefined {
    if (path === undefined) return undefined
    const top = path.length === 0
    if (top && key === 'id') return ['program']
    if (key === 'id') return path
    const inAgenda = path.at(-2) === 'agenda'
    if (inAgenda && key === 'title') return [...path, 'item']
    if (inAgenda && key === 'seconds') return [...path, 'time']
    if (path.length === 2 && path[0] === 'checkpoints' && key === 'signOff') return [...path, 'decide', 'signOff']
    if (path.length === 2 && path[0] === 'checkpoints' && key === 'next') return undefined
    // The options of a source stand beside its other keys; those of a matrix under their own.
    const names = key === 'options' && Array.isArray(value) ? undefined : IN_FILE[key]
    return [...path, ...(names ?? [key])]
  }

  /** The same for one of a list: by its id, or by its place. */
  item(path: Path | undefined, item: unknown, index: number): Path | undefined {
    if (path === undefined || typeof item !== 'object' || item === null) return path && [...path, index]
    if ('target' in item && typeof item.target === 'object' && item.target !== null) {
      const { stream, deliverable } = item.target as { readonly stream: string; readonly deliverable: string }
      return [...path.slice(0, -1), 'targets', stream, deliverable]
    }
    if ('id' in item) return [...path, String(item.id)]
    if ('stream' in item && path.at(-1) === 'dependsOn' && !Array.isArray(valueAt(this.#written, path)))
      return [...path, String(item.stream)]
    if ('role' in item) return [...path, String(item.role)]
    return [...path, index]
  }
}

/** The whole program as YAML; behind every part where it comes from. Metrics come last. */
export function resolvedYaml(program: Program, loaded: Pick<Loaded, 'written' | 'locate'>): string {
  const { metrics, schemaVersion, ...parts } = program
  const lines = [`schemaVersion: ${schemaVersion}`]
  const origins = new Origins(loaded)
  for (const [key, value] of Object.entries(parts)) write(lines, '', key, value, origins.below([], key, value), origins)
  lines.push('metrics:')
  for (const [name, metric] of Object.entries(metrics))
    lines.push(`  ${name}: ${flow(metric)}${metric.source === undefined ? ' # derived' : ''}`)
  return `${lines.join('\n')}\n`
}

function write(lines: string[], indent: string, key: string, value: unknown, path: Path | undefined, origins: Origins): void {
  const origin = origins.of(path)
  // What the file does not have has no parts that it could have.
  const below = origin === 'default' && key !== 'condition' ? undefined : path
  if (key === 'condition' || key === 'when' || isLeaf(value) || origins.isOneWord(path)) {
    lines.push(`${indent}${flow(key)}: ${flow(value)} # ${origin}`)
  } else if (Array.isArray(value)) {
    lines.push(`${indent}${flow(key)}: # ${origin}`)
    for (const [index, item] of value.entries()) writeItem(lines, `${indent}  `, item, origins.item(below, item, index), origins)
  } else {
    lines.push(`${indent}${flow(key)}: # ${origin}`)
    for (const [name, part] of Object.entries(value as object))
      write(lines, `${indent}  `, name, part, origins.below(below, name, part), origins)
  }
}

function writeItem(lines: string[], indent: string, item: unknown, path: Path | undefined, origins: Origins): void {
  if (isLeaf(item) || origins.isOneWord(path)) {
    lines.push(`${indent}- ${flow(item)} # ${origins.of(path)}`)
    return
  }
  const own: string[] = []
  for (const [name, part] of Object.entries(item as object)) write(own, `${indent}  `, name, part, origins.below(path, name, part), origins)
  lines.push(...own.map((line, index) => (index === 0 ? `${indent}- ${line.trimStart()}` : line)))
}

/** Fits into one line: a scalar, a list of scalars, or an empty mapping. */
const isLeaf = (value: unknown): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (Array.isArray(value) ? value.every((one) => typeof one !== 'object') : Object.keys(value).length === 0)

const flow = (value: unknown): string =>
  value === undefined ? '~' : yaml(value, { oneLine: true, collectionStyle: 'flow', flowCollectionPadding: true }).trim()
