import type { ZodError } from 'zod'
import type { CollectorKind } from '#core/evidence/collector.ts'
import type { Program } from '#core/program/model.ts'
import { resolveProgram } from '#core/program/resolve.ts'
import { programSchema, type ProgramInput } from '#core/program/schema.ts'
import { decodeText, problem, readYaml, type Locate, type Path } from '#core/program/source-text.ts'
import { bySeverityThenPlace, type Problem } from '#core/problems.ts'

/** Longest program file that is read, in bytes. */
const MOST_BYTES = 5_000_000

export interface Loaded {
  /** Present exactly when no problem is an error. */
  readonly program?: Program
  /** Resolved paths that the file does not say and a default filled: `calendar.workDays`. */
  readonly defaults: readonly string[]
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
  const failed = (problems: readonly Problem[], locate = nothing): Loaded => ({ problems: problems.toSorted(bySeverityThenPlace), locate, defaults: [] })
  if (bytes.length > MOST_BYTES) {
    return failed([problem(start, 'file-unreadable', `the file has ${bytes.length} bytes`, `a program file has at most ${MOST_BYTES} bytes`)])
  }
  const decoded = decodeText(bytes)
  if ('reason' in decoded) return failed([problem(start, 'file-unreadable', decoded.reason, 'save the file as UTF-8 text')])
  let source
  try {
    source = readYaml(file, decoded.text)
  } catch (error) {
    // The YAML reader recurses; a nesting deep enough to exhaust the stack is no plan.
    if (!(error instanceof RangeError)) throw error
    return failed([problem(start, 'yaml-syntax', 'the file is nested too deeply', 'write a flatter file')])
  }
  if (source.problems.length > 0) return failed(source.problems, source.locate)
  const checked = programSchema(kinds).safeParse(source.value)
  if (!checked.success) return failed(schemaProblems(checked.error, source.value, source.locate), source.locate)
  const resolved = resolveProgram(checked.data as ProgramInput, source.locate, kinds)
  const problems = resolved.problems.toSorted(bySeverityThenPlace)
  if (!resolved.program || problems.some((one) => one.severity === 'error')) return failed(problems, source.locate)
  return { program: resolved.program, defaults: resolved.defaults, locate: source.locate, problems }
}

type Issue = ZodError['issues'][number]

/** zod's issues as findings; of a union, the branch that came nearest to what was written. */
function schemaProblems(error: ZodError, value: unknown, locate: Locate): Problem[] {
  return error.issues.flatMap((issue) => issueProblems(issue, [], value, locate))
}

function issueProblems(issue: Issue, above: Path, root: unknown, locate: Locate): Problem[] {
  const path: Path = [...above, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))]
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => problem(locate([...path, key], 'key'), 'unknown-key', `${dotted([...path, key])} is not a key of a program file`, nearKey(key, path)))
    case 'invalid_union': {
      const branches = issue.errors as readonly (readonly Issue[])[]
      const nearest = branches.toSorted((a, b) => distance(a) - distance(b))[0]
      if (nearest && nearest.length > 0) return nearest.flatMap((inner) => issueProblems(inner, path, root, locate))
      return [problem(locate(path), 'invalid-value', `${dotted(path)}: ${issue.message}`, unionRemedy(issue, path))]
    }
    case 'invalid_key':
      return [problem(locate(path, 'key'), 'invalid-value', `"${String(path.at(-1))}" cannot be an id`, 'an id has letters, digits, dot, dash and underscore, at most 64, and begins with a letter or digit')]
    case 'invalid_type': {
      const missing = valueAt(root, path) === undefined
      return missing
        ? [problem(locate(path, 'key'), 'missing-key', `${dotted(path)} is missing`, `add ${String(path.at(-1))}: ${expectedText(issue.expected)}`)]
        : [problem(locate(path), 'wrong-type', `${dotted(path)} must be ${expectedText(issue.expected)}`, `write ${expectedText(issue.expected)} here`)]
    }
    default:
      return [problem(locate(path), 'invalid-value', `${dotted(path)}: ${issue.message}`, remedyOf(issue))]
  }
}

/** How far a union's branch is from what was written: a wrong key at its top counts most, deep mistakes least. */
const distance = (issues: readonly Issue[]): number =>
  issues.reduce((sum, issue) => sum + (issue.path.length === 0 ? (issue.code === 'unrecognized_keys' ? 20 + issue.keys.length : 1000) : issue.code === 'invalid_type' && issue.path.length === 1 ? 100 : 1), 0)

const dotted = (path: Path): string => (path.length === 0 ? 'the file' : path.join('.'))

function valueAt(root: unknown, path: Path): unknown {
  let value = root
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<string | number, unknown>)[step]
  }
  return value
}

function expectedText(expected: string): string {
  const words: Readonly<Record<string, string>> = { string: 'text', number: 'a number', int: 'a whole number', object: 'a mapping', record: 'a mapping', array: 'a list', boolean: 'true or false' }
  return words[expected] ?? expected
}

function remedyOf(issue: Issue): string {
  if (issue.code === 'invalid_value') return `write one of: ${issue.values.map(String).join(', ')}`
  if (issue.code === 'too_small') return 'write more here'
  if (issue.code === 'too_big') return 'write less here'
  return 'mend the value'
}

function unionRemedy(issue: Issue, path: Path): string {
  if ('discriminator' in issue && issue.discriminator === 'collect') return 'collect: names a kind of source; `muster doctor` lists them'
  return path.at(-1) === 'when' || path.includes('criteria') ? 'write metric with one comparison, all, any, not, signOff or targets' : 'mend the value'
}

const KNOWN_KEYS = [
  'program', 'name', 'repository', 'target', 'calendar', 'zone', 'workDays', 'hours', 'holidays', 'people', 'roles', 'handle', 'email', 'slack', 'github', 'allocation',
  'sources', 'collect', 'for', 'timeLimit', 'maxAge', 'host', 'streams', 'lead', 'support', 'reviewers', 'branch', 'paths', 'deliverables', 'title', 'kind', 'measure', 'full',
  'integrationPoints', 'with', 'dependsOn', 'checkpoints', 'at', 'weekday', 'duration', 'agenda', 'item', 'time', 'each', 'topics', 'attendees', 'criteria', 'tier', 'owner',
  'metric', 'atLeast', 'atMost', 'above', 'below', 'between', 'equals', 'provenance', 'all', 'any', 'not', 'signOff', 'quorum', 'targets', 'targetTier', 'decide', 'question',
  'go', 'noGo', 'actions', 'next', 'extend', 'reevaluate', 'syncs', 'days', 'format', 'policy', 'verdict', 'health', 'matrices', 'when', 'immediate', 'within', 'options', 'pros',
  'cons', 'recommend', 'recommendation', 'escalateTo', 'authority', 'waive', 'override', 'escalation', 'scenario', 'action', 'after', 'templates', 'channel', 'text', 'merge', 'perDay',
]

function nearKey(key: string, path: Path): string {
  const near = nearest(key, KNOWN_KEYS)
  return near && near !== key ? `write ${near}, or take the key out` : `take the key out, or move it to where it belongs (here: ${dotted(path)})`
}

/** The candidate at most two edits (and under half its length) away from a word; for "did you mean". */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Math.min(3, Math.floor(word.length / 2) + 1)
  for (const candidate of candidates) {
    const edits = editDistance(word.toLowerCase(), candidate.toLowerCase(), least)
    if (edits < least) [best, least] = [candidate, edits]
  }
  return best
}

/** Levenshtein distance, given up at `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      next.push(Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length] ?? limit
}
