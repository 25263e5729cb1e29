import type { CollectorKind } from '#core/evidence/collector.ts'
import { programJsonSchema } from '#core/program/json-schema.ts'
import { programSchema, type ProgramInput } from '#core/program/schema.ts'
import { shapeFindings, valueAt, type ShapeFinding } from '#core/program/shape.ts'
import type { Locate, Path } from '#core/program/source-text.ts'
import type { Problem } from '#core/problems.ts'

export interface Shaped {
  /** The file in the right shape: as written, or with what was wrong replaced by a stand-in; undefined when too little is left. */
  readonly input?: ProgramInput
  readonly problems: readonly Problem[]
  /** Paths of `input` that hold a stand-in. Nothing that is found at or below them is the user's mistake. */
  readonly doubtful: readonly Path[]
}

/** A file that is not right after so many rounds has too little left to say more about it. */
const MOST_ROUNDS = 12

/**
 * Holds a file against the schema. When its shape is wrong, stand-ins let the reading go on, so
 * that wrong references, units and dates are said in the same breath as wrong keys and types.
 */
export function shapeProgram(file: unknown, locate: Locate, kinds: readonly CollectorKind[], doubtfulBefore: readonly Path[]): Shaped {
  const schema = programSchema(kinds)
  const first = schema.safeParse(file)
  if (first.success) return { input: first.data, problems: [], doubtful: doubtfulBefore }
  const json = programJsonSchema(kinds)
  const value = structuredClone(file)
  const doubtful: Path[] = [...doubtfulBefore]
  const problems: Problem[] = []
  const tried = new Map<string, number>()
  for (let round = 0, parsed: ReturnType<typeof schema.safeParse> = first; round < MOST_ROUNDS; round += 1) {
    if (parsed.success) return { input: parsed.data, problems, doubtful }
    const findings = shapeFindings(parsed.error, value, locate, json)
    for (const finding of findings) {
      if (!finding.silent && !isDoubtful(doubtful, finding.path) && !restsOnDoubt(doubtful, finding)) problems.push(finding.problem)
    }
    for (const finding of findings) doubtful.push(mend(value, finding, tried))
    parsed = schema.safeParse(value)
  }
  return { problems, doubtful }
}

/** At or below a path that holds a stand-in. */
export const isDoubtful = (doubtful: readonly Path[], path: Path): boolean =>
  doubtful.some((one) => one.length <= path.length && one.every((step, index) => String(step) === String(path[index])))

/** What is missing may have come by a merge key; what says no condition may have said one before it was taken out. */
function restsOnDoubt(doubtful: readonly Path[], { kind, path }: ShapeFinding): boolean {
  if (kind === 'missing') return isDoubtful(doubtful, [...path.slice(0, -1), '<<'])
  return kind === 'none-of' && hasDoubtBelow(doubtful, path)
}

/** Something directly below the path holds a stand-in or was taken out. */
export const hasDoubtBelow = (doubtful: readonly Path[], path: Path): boolean =>
  doubtful.some((one) => one.length === path.length + 1 && isDoubtful([path], one))

/** Removes what is wrong; where that is not enough puts a stand-in; then gives up what holds it. The path that was changed. */
function mend(value: unknown, finding: ShapeFinding, tried: Map<string, number>): Path {
  const { path } = finding
  const key = JSON.stringify(path)
  const attempt = tried.get(key) ?? 0
  tried.set(key, attempt + 1)
  if (path.length === 0) return path
  const parent = path.slice(0, -1)
  const holder = valueAt(value, parent) as Record<string | number, unknown> | undefined
  const step = path.at(-1) as string | number
  if (typeof holder !== 'object' || holder === null) return path
  if (finding.kind === 'unknown' || (attempt === 0 && finding.kind !== 'missing' && typeof step === 'string')) {
    delete holder[step]
    return path
  }
  const standIn = attempt < 2 ? STAND_INS[finding.expected ?? 'string'] : undefined
  if (standIn === undefined) {
    const above = valueAt(value, parent.slice(0, -1)) as Record<string | number, unknown> | undefined
    if (parent.length > 0 && above) delete above[parent.at(-1) as string | number]
    return parent
  }
  Object.defineProperty(holder, step, { value: structuredClone(standIn), enumerable: true, writable: true, configurable: true })
  return path
}

/** The text is long enough for a time, and no time of the calendar, so that nothing is concluded from it. */
const STAND_INS: Readonly<Record<string, unknown>> = {
  string: '0000-00-00 00:00',
  number: 1,
  int: 1,
  object: {},
  record: {},
  array: [],
  boolean: true,
}
