import type { CollectorKind } from '#core/evidence/collector.ts'
import { shapeProgram } from '#core/program/mend.ts'
import type { Program } from '#core/program/model.ts'
import { resolveProgram } from '#core/program/resolve/resolve.ts'
import { decodeText, problem, readYaml, type Locate } from '#core/program/source-text.ts'
import { bySeverityThenPlace, type Problem } from '#core/problems.ts'

/** Longest program file that is read, in bytes. */
const MOST_BYTES = 5_000_000

export interface Loaded {
  /** Present exactly when no problem is an error. */
  readonly program?: Program
  /** With mistakes in it: the program as far as the file tells, for the linter alone. Absent where its shape is wrong. */
  readonly draft?: Program
  /** Resolved paths that the file does not say and a default filled: `calendar.workDays`. */
  readonly defaults: readonly string[]
  /** The file as plain data; absent when there is neither program nor draft. */
  readonly written?: unknown
  /** Where each thing of the file stands, for `config print` and the linter. */
  readonly locate: Locate
  readonly problems: readonly Problem[]
}

/**
 * Reads a program file: bytes to program, or all its mistakes at once, each with file, line,
 * column, code and remedy. Never throws for what a user wrote.
 */
export function loadProgram(file: string, bytes: Uint8Array, kinds: readonly CollectorKind[]): Loaded {
  const start = { file, line: 1, column: 1 }
  const nothing: Locate = () => start
  const failed = (problems: readonly Problem[], locate = nothing): Loaded => ({
    problems: problems.toSorted(bySeverityThenPlace),
    locate,
    defaults: [],
  })
  if (bytes.length > MOST_BYTES) {
    return failed([
      problem(start, 'file-unreadable', `the file has ${bytes.length} bytes`, `a program file has at most ${MOST_BYTES} bytes`),
    ])
  }
  const decoded = decodeText(bytes)
  if ('reason' in decoded) return failed([problem(start, 'file-unreadable', decoded.reason, 'save the file as UTF-8 text')])
  const source = readYaml(file, decoded.text)
  if (source.value === undefined) return failed(source.problems, source.locate)
  const shaped = shapeProgram(source.value, source.locate, kinds, source.doubtful)
  const found = [...source.problems, ...shaped.problems]
  if (!shaped.input) return failed(found, source.locate)
  const resolved = resolveProgram(shaped.input, source.locate, kinds, shaped.doubtful)
  const problems = [...found, ...resolved.problems].toSorted(bySeverityThenPlace)
  if (problems.some((one) => one.severity === 'error')) {
    return shaped.doubtful.length > 0
      ? failed(problems, source.locate)
      : { ...failed(problems, source.locate), draft: resolved.program, written: source.value }
  }
  return { program: resolved.program, defaults: resolved.defaults, written: source.value, locate: source.locate, problems }
}
