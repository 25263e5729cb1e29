import { CLAIMED_METRICS } from '#core/program/metrics.ts'
import { DELIVERABLE_KINDS, type Comparison, type Condition, type Metric } from '#core/program/model.ts'
import { parseQuantity, UNIT_WORDS, type Quantity } from '#core/program/quantity.ts'
import type { ConditionInput } from '#core/program/schema.ts'
import type { Path } from '#core/program/source-text.ts'
import type { ProblemCode } from '#core/problems.ts'

/** What a condition may refer to, and where its mistakes are said. Paths are relative to the condition. */
export interface ConditionScope {
  /** Says `unknown-metric` itself and gives undefined. */
  metric(path: Path, name: string): Metric | undefined
  /** Number of people who hold the role; says `unknown-role` itself. */
  role(path: Path, role: string): number
  /** False when what the file says there was taken out because it is wrong. */
  isWhole(path: Path): boolean
  say(path: Path, code: ProblemCode, message: string, remedy: string): void
}

const OPS = ['atLeast', 'atMost', 'above', 'below', 'between', 'equals'] as const
const NEVER: Condition = { any: [] }

/** Reads a condition of the file; what is wrong is said to the scope and judged as never satisfied. */
export function resolveCondition(input: ConditionInput, scope: ConditionScope, path: Path = []): Condition {
  if ('all' in input) return { all: input.all.map((one, index) => resolveCondition(one, scope, [...path, 'all', index])) }
  if ('any' in input) return { any: input.any.map((one, index) => resolveCondition(one, scope, [...path, 'any', index])) }
  if ('not' in input) return { not: resolveCondition(input.not, scope, [...path, 'not']) }
  if ('targets' in input) return { targets: input.targets === 'all' ? DELIVERABLE_KINDS : input.targets }
  if ('signOff' in input) {
    const roles = typeof input.signOff === 'string' ? [input.signOff] : input.signOff.roles
    const quorum = typeof input.signOff === 'string' ? 1 : (input.signOff.quorum ?? 1)
    const holders = roles.reduce((sum, role) => sum + scope.role([...path, 'signOff'], role), 0)
    if (holders > 0 && quorum > holders)
      scope.say(
        [...path, 'signOff'],
        'quorum-too-large',
        `${quorum} signatures are asked for, ${holders} could sign`,
        `write a quorum of at most ${holders}`,
      )
    const sameTree = typeof input.signOff !== 'string' && input.signOff.sameTree === true
    return { signOff: { roles, quorum, ...(sameTree && { sameTree }) } }
  }
  return metricCondition(input, scope, path)
}

type MetricInput = Extract<ConditionInput, { metric: string }>

function metricCondition(input: MetricInput, scope: ConditionScope, path: Path): Condition {
  const written = OPS.filter((op) => input[op] !== undefined)
  const [op] = written
  if (op === undefined && !scope.isWhole(path)) return NEVER
  if (op === undefined || written.length > 1) {
    scope.say(
      path,
      'invalid-value',
      op === undefined
        ? `${input.metric} is compared with nothing`
        : `${input.metric} has ${written.length} comparisons: ${written.join(', ')}`,
      'write exactly one of atLeast, atMost, above, below, between, equals',
    )
    return NEVER
  }
  const metric = scope.metric([...path, 'metric'], input.metric)
  if (!metric) return NEVER
  const comparison = readComparison(op, input, metric, scope, [...path, op])
  if (!comparison) return NEVER
  return { metric: input.metric, comparison, provenance: input.provenance ?? (CLAIMED_METRICS.has(input.metric) ? 'claimed' : 'measured') }
}

function readComparison(
  op: (typeof OPS)[number],
  input: MetricInput,
  metric: Metric,
  scope: ConditionScope,
  path: Path,
): Comparison | undefined {
  if (op === 'equals') {
    const value = input.equals
    const flag =
      value === true || value === 'yes' || value === 'true'
        ? true
        : value === false || value === 'no' || value === 'false'
          ? false
          : undefined
    if ((metric.unit === 'boolean') !== (flag !== undefined)) {
      scope.say(
        path,
        'unit-mismatch',
        metric.unit === 'boolean' ? `${input.metric} is yes or no` : `${input.metric} is ${UNIT_WORDS[metric.unit]}`,
        metric.unit === 'boolean' ? 'write equals: true or equals: false' : 'write the number',
      )
      return undefined
    }
    if (flag !== undefined) return { op, value: flag }
    const amount = readAmount(value as string | number, metric, scope, path)
    return amount && { op, value: amount.low }
  }
  if (metric.unit === 'boolean') {
    scope.say(path, 'unit-mismatch', `${input.metric} is yes or no and has no size`, 'write equals: true')
    return undefined
  }
  if (op === 'between') {
    const value = input.between
    if (Array.isArray(value)) {
      const [low, high] = value.map((one, index) => readAmount(one, metric, scope, [...path, index]))
      if (!low || !high) return undefined
      if (low.low > high.low) {
        scope.say(path, 'invalid-quantity', 'the range runs backwards', 'write the smaller amount first')
        return undefined
      }
      return { op, low: low.low, high: high.low }
    }
    const amount = readAmount(value as string, metric, scope, path)
    if (amount && amount.low === amount.high)
      scope.say(path, 'invalid-quantity', `${String(value)} is no range`, 'write two amounts: 40-50%')
    return amount && { op, low: amount.low, high: amount.high }
  }
  const amount = readAmount(input[op] as string | number, metric, scope, path)
  if (!amount) return undefined
  if (amount.low !== amount.high) {
    scope.say(path, 'invalid-quantity', `${op} takes one amount, not a range`, 'write between: for a range')
    return undefined
  }
  if (amount.of !== undefined && metric.unit === 'ratio') return { op, value: amount.low / amount.of }
  return { op, value: amount.low }
}

function readAmount(value: string | number, metric: Metric, scope: ConditionScope, path: Path): Quantity | undefined {
  const parsed = parseQuantity(value)
  if (!parsed.ok) {
    scope.say(path, 'invalid-quantity', parsed.reason, 'write for example 40%, 15 tests or 2h')
    return undefined
  }
  const { quantity } = parsed
  if (!sameUnit(quantity, metric.unit)) {
    const written = quantity.unit === undefined ? 'a bare number' : UNIT_WORDS[quantity.unit]
    // 80 for 80 % is the commonest slip: say what was most likely meant.
    const remedy =
      metric.unit === 'ratio' && typeof value === 'number' && value > 1 && value <= 100
        ? `write ${value}%`
        : `write ${UNIT_WORDS[metric.unit]}`
    scope.say(path, 'unit-mismatch', `${value} is ${written}, the metric is ${UNIT_WORDS[metric.unit]}`, remedy)
    return undefined
  }
  if (metric.unit !== 'change' && metric.unit !== 'count' && metric.unit !== 'ratio' && quantity.low < 0) {
    scope.say(path, 'invalid-quantity', `${value} is below nothing, which always holds or never`, 'write an amount of zero or more')
    return undefined
  }
  if (metric.unit === 'ratio' && metric.signed !== true && (quantity.of === undefined ? quantity.low < 0 || quantity.high > 1 : false)) {
    scope.say(path, 'invalid-quantity', `${value} is not a possible share`, 'write a share from 0% to 100%')
    return undefined
  }
  return quantity
}

function sameUnit(quantity: Quantity, unit: Metric['unit']): boolean {
  if (unit === 'ratio' && quantity.of !== undefined) return quantity.unit !== 'seconds' && quantity.unit !== 'bytes'
  // A bare number where a share or a duration is meant is a slip: 80 for 80 %.
  if (quantity.unit === undefined) return unit !== 'ratio' && unit !== 'change' && unit !== 'seconds'
  if (quantity.unit === unit) return true
  if (quantity.unit === 'ratio') return unit === 'change'
  return unit === 'count' && (quantity.unit === 'lines' || quantity.unit === 'tests' || quantity.unit === 'files')
}
