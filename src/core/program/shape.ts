import type { ZodError } from 'zod'
import { allowedAt, everyKey, type Allowed, type JsonSchema } from '#core/program/json-schema.ts'
import { nearest } from '#core/program/nearest.ts'
import { problem, type Locate, type Path } from '#core/program/source-text.ts'
import type { Problem } from '#core/problems.ts'

type Issue = ZodError['issues'][number]

/** One thing that is wrong with the shape of a file: where, and the finding. */
export interface ShapeFinding {
  readonly path: Path
  readonly kind: 'unknown' | 'missing' | 'wrong' | 'none-of'
  /** Another finding says it already. */
  readonly silent?: true
  /** For what is missing: what the schema expects there, as zod names it. */
  readonly expected?: string
  readonly problem: Problem
}

/** zod's issues as findings, in its order; of a union, those of the branch nearest to what was written. */
export function shapeFindings(error: ZodError, file: unknown, locate: Locate, schema: JsonSchema): ShapeFinding[] {
  const reader = new ShapeReader(file, locate, schema)
  return withoutRenamed(error.issues.flatMap((issue) => reader.findings(issue, [])))
}

class ShapeReader {
  readonly #file: unknown
  readonly #locate: Locate
  readonly #schema: JsonSchema

  constructor(file: unknown, locate: Locate, schema: JsonSchema) {
    this.#file = file
    this.#locate = locate
    this.#schema = schema
  }

  findings(issue: Issue, above: Path): ShapeFinding[] {
    const path: Path = [...above, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))]
    const value = valueAt(this.#file, path)
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => this.#unknown([...path, key]))
      case 'invalid_key':
        return [
          this.#wrong(
            path,
            'invalid-value',
            `"${String(path.at(-1))}" cannot be an id`,
            'an id has letters, digits, dot, dash and underscore, at most 64, and begins with a letter or digit',
            'key',
          ),
        ]
      case 'invalid_union':
        return this.#union(issue, path, value)
      case 'invalid_type':
        return value === undefined ? [this.#missing(path, issue.expected)] : [this.#type(path, value, [issue.expected])]
      case 'invalid_value':
        return [this.#choice(path, value, issue.values.map(String))]
      case 'custom':
      case 'invalid_element':
      case 'invalid_format':
      case 'not_multiple_of':
      case 'too_big':
      case 'too_small':
        return value === undefined
          ? [this.#missing(path, 'string')]
          : [this.#wrong(path, 'invalid-value', `${dotted(path)} ${fault(issue)}`, this.#example(path) ?? way(issue))]
    }
  }

  #union(issue: Extract<Issue, { code: 'invalid_union' }>, path: Path, value: unknown): ShapeFinding[] {
    if ('discriminator' in issue && issue.discriminator === 'collect')
      return [this.#collector(path, value, 'options' in issue ? issue.options : [])]
    if (value === undefined) return [this.#missing(path, 'one of several')]
    if (typeof value === 'number' && !Number.isFinite(value))
      return [
        this.#wrong(path, 'invalid-quantity', `${dotted(path)} is ${value}, which is no amount`, this.#example(path) ?? 'write a number'),
      ]
    const branches = (issue.errors as readonly (readonly Issue[])[]).toSorted((a, b) => this.#distance(a, value) - this.#distance(b, value))
    const [near, next] = branches
    const wanted = branches.flatMap((branch) =>
      branch.flatMap((inner) => (inner.code === 'invalid_type' && inner.path.length === 0 ? [inner.expected] : [])),
    )
    if (!near || this.#distance(near, value) >= OTHER_TYPE) return [this.#type(path, value, wanted)]
    if (next && near.some((inner) => inner.path.length === 1) && this.#distance(near, value) === this.#distance(next, value)) {
      const keys = [...new Set(branches.flatMap((branch) => missingKeys(branch, value)))]
      // Nothing says which of the branches was meant: name what each of them begins with.
      if (keys.length > 1)
        return [
          {
            path,
            kind: 'none-of',
            problem: problem(
              this.#locate(path, 'key'),
              'missing-key',
              `${dotted(path)} says no condition`,
              `add one of: ${keys.join(', ')}`,
            ),
          },
        ]
    }
    return withoutRenamed(near.flatMap((inner) => this.findings(inner, path)))
  }

  /** How far a branch is from what was written: another type is furthest, then a missing key, then a key too many. */
  #distance(branch: readonly Issue[], value: unknown): number {
    const missing = missingKeys(branch, value)
    return branch.reduce((sum, issue) => {
      if (issue.path.length === 0) {
        if (issue.code === 'unrecognized_keys')
          return sum + issue.keys.reduce((all, key) => all + (nearest(key, missing) === undefined ? 1 : -5), 0)
        return sum + (issue.code === 'invalid_type' ? OTHER_TYPE : OTHER_TYPE / 2)
      }
      return sum + (issue.path.length === 1 && missing.includes(String(issue.path[0])) ? 10 : 0.01)
    }, 0)
  }

  #collector(path: Path, value: unknown, kinds: readonly unknown[]): ShapeFinding {
    const names = kinds.map(String)
    if (value === undefined)
      return {
        path,
        kind: 'missing',
        problem: problem(
          this.#locate(path.slice(0, -1), 'key'),
          'missing-key',
          `${dotted(path.slice(0, -1))} has no collect`,
          `add collect: <one of ${names.join(', ')}>`,
        ),
      }
    const near = nearest(shown(value).replaceAll('"', ''), names)
    const remedy = `write ${near === undefined ? 'one of' : `${near}; there are`}: ${names.join(', ')} (\`muster doctor --collectors\` describes them)`
    return {
      path,
      kind: 'wrong',
      problem: problem(this.#locate(path), 'unknown-collector', `there is no kind of source called ${shown(value)}`, remedy),
    }
  }

  #unknown(path: Path): ShapeFinding {
    const key = String(path.at(-1))
    const parent = path.slice(0, -1)
    const parentValue = valueAt(this.#file, parent)
    const keys = this.#allowed(parent).keys.filter(
      (one) => typeof parentValue !== 'object' || parentValue === null || !Object.hasOwn(parentValue, one),
    )
    const near = nearest(key, keys)
    const place = parent.length === 0 ? 'a program file' : dotted(parent)
    const remedy =
      near !== undefined
        ? `write ${near}, or take the key out`
        : everyKey(this.#schema).has(key)
          ? `take it out, or move it to where it belongs; keys here: ${keys.join(', ') || 'none'}`
          : `take it out; keys here: ${keys.join(', ') || 'none'}`
    return { path, kind: 'unknown', problem: problem(this.#locate(path, 'key'), 'unknown-key', `${key} is not a key of ${place}`, remedy) }
  }

  #missing(path: Path, expected: string): ShapeFinding {
    const key = String(path.at(-1))
    const parent = path.slice(0, -1)
    const { description } = this.#allowed(path)
    const what = description ?? (expected in TYPE_WORDS ? TYPE_WORDS[expected] : expected)
    const message = parent.length === 0 ? `${key} is missing` : `${dotted(parent)} has no ${key}`
    return {
      path,
      kind: 'missing',
      expected,
      problem: problem(this.#locate(parent, 'key'), 'missing-key', message, `add ${key}: <${lowerFirst(what ?? 'a value')}>`),
    }
  }

  #type(path: Path, value: unknown, expected: readonly string[]): ShapeFinding {
    const words = [...new Set(expected.map((one) => TYPE_WORDS[one] ?? one))]
    const example = this.#example(path)
    const quote = typeof value === 'number' || typeof value === 'boolean' ? expected.length === 1 && expected[0] === 'string' : false
    const remedy = example ?? (quote ? `put it in quotes: '${String(value)}'` : `write ${words.join(' or ')} here`)
    return this.#wrong(
      path,
      'wrong-type',
      `${dotted(path)} is ${shown(value)} and must be ${words.join(' or ') || 'something else'}`,
      remedy,
    )
  }

  #choice(path: Path, value: unknown, values: readonly string[]): ShapeFinding {
    if (value === undefined) return this.#missing(path, values.join(', '))
    const near = nearest(shown(value).replaceAll('"', ''), values)
    return this.#wrong(
      path,
      'invalid-value',
      `${dotted(path)} cannot be ${shown(value)}`,
      `write ${near === undefined ? 'one of' : `${near}; there are`}: ${values.join(', ')}`,
    )
  }

  #wrong(
    path: Path,
    code: 'invalid-value' | 'wrong-type' | 'invalid-quantity',
    message: string,
    remedy: string,
    part: 'key' | 'value' = 'value',
  ): ShapeFinding {
    return { path, kind: 'wrong', problem: problem(this.#locate(path, part), code, message, remedy) }
  }

  #example(path: Path): string | undefined {
    const { description } = this.#allowed(path)
    return description === undefined ? undefined : `here stands ${lowerFirst(description)}`
  }

  #allowed(path: Path): Allowed {
    return allowedAt(this.#schema, path, this.#file)
  }
}

const OTHER_TYPE = 1000

/** What was written, as a reader would name it. */
function shown(value: unknown): string {
  if (typeof value === 'string') return `"${value}"`
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return value === null ? 'empty' : Array.isArray(value) ? 'a list' : 'a mapping'
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  tuple: 'a list of two',
  boolean: 'true or false',
}

/** Keys that a branch of a union asks for and that are not written. */
const missingKeys = (branch: readonly Issue[], value: unknown): string[] =>
  branch.flatMap((issue) => {
    const [step] = issue.path
    return issue.path.length === 1 && typeof step === 'string' && valueAt(value, [step]) === undefined ? [step] : []
  })

/** `leed: x` where `lead` is missing is one mistake: the finding about the key that was written says it. */
function withoutRenamed(findings: ShapeFinding[]): ShapeFinding[] {
  const parent = (path: Path): string => JSON.stringify(path.slice(0, -1))
  const isSaid = (missing: ShapeFinding): boolean =>
    missing.kind === 'missing' &&
    findings.some(
      (other) =>
        other.kind === 'unknown' &&
        parent(other.path) === parent(missing.path) &&
        other.problem.remedy.startsWith(`write ${String(missing.path.at(-1))},`),
    )
  return findings.map((finding) => (isSaid(finding) ? { ...finding, silent: true } : finding))
}

export const dotted = (path: Path): string => (path.length === 0 ? 'the file' : path.join('.'))

export function valueAt(root: unknown, path: Path): unknown {
  let value = root
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<string | number, unknown>)[step]
  }
  return value
}

const lowerFirst = (text: string): string => (/^[A-Z][a-z ]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text)

/** The way out where the reference says nothing about the place. */
function way(issue: Issue): string {
  if (issue.code === 'too_small')
    return issue.origin === 'string'
      ? 'write something here'
      : issue.origin === 'array'
        ? 'add an entry, or take the key out'
        : `write ${String(issue.minimum)} or more`
  if (issue.code === 'too_big')
    return issue.origin === 'string'
      ? 'shorten it'
      : issue.origin === 'array'
        ? 'take entries out'
        : `write ${String(issue.maximum)} or less`
  return 'write another value'
}

/** What is wrong, as the end of a sentence that begins with the key. */
function fault(issue: Issue): string {
  if (issue.code === 'too_small') {
    if (issue.origin === 'string') return Number(issue.minimum) <= 1 ? 'is empty' : `has fewer than ${String(issue.minimum)} characters`
    if (issue.origin === 'array') return Number(issue.minimum) <= 1 ? 'is an empty list' : `has fewer than ${String(issue.minimum)} entries`
    return `is below ${String(issue.minimum)}`
  }
  if (issue.code === 'too_big') {
    if (issue.origin === 'string') return `has more than ${String(issue.maximum)} characters`
    if (issue.origin === 'array') return `has more than ${String(issue.maximum)} entries`
    return `is above ${String(issue.maximum)}`
  }
  if (issue.code === 'invalid_format' && issue.format === 'email') return 'is not an e-mail address'
  return `is not possible: ${issue.message}`
}
