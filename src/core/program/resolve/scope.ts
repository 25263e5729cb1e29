import type { CollectorKind } from '#core/evidence/collector.ts'
import type { Unit } from '#core/evidence/evidence.ts'
import { globProblem } from '#core/evidence/glob.ts'
import { resolveCondition, type ConditionScope } from '#core/program/conditions.ts'
import { hasDoubtBelow, isDoubtful } from '#core/program/mend.ts'
import { DERIVED_METRICS } from '#core/program/metrics.ts'
import type { Amount, Calendar, Condition, Metric, Stream } from '#core/program/model.ts'
import { nearest } from '#core/program/nearest.ts'
import { parseQuantity, UNIT_WORDS } from '#core/program/quantity.ts'
import type { ConditionInput, ProgramInput } from '#core/program/schema.ts'
import { problem, type Locate, type Path } from '#core/program/source-text.ts'
import { dateProblem } from '#core/program/weekdays.ts'
import type { Problem, ProblemCode } from '#core/problems.ts'
import { atEndOfDay, toInstant } from '#core/schedule/time.ts'

/** What a finding looks up: where that is in doubt, so is the finding. The second list are the keys that matter there. */
const RESTS_ON: Partial<Record<ProblemCode, readonly [string, readonly string[]]>> = {
  'unknown-person': ['people', ['roles']],
  'unknown-role': ['people', ['roles']],
  'quorum-too-large': ['people', ['roles']],
  'unknown-stream': ['streams', []],
  'unknown-deliverable': ['streams', ['deliverables']],
  'unknown-checkpoint': ['checkpoints', []],
  'unknown-source': ['sources', ['collect']],
  'unknown-metric': ['sources', ['collect']],
  'unit-mismatch': ['sources', ['collect', 'unit']],
}

/** Git's own rule for branch names (git-check-ref-format), and nothing that could read as an option. */
export const isBranchName = (name: string): boolean =>
  // oxlint-disable-next-line no-control-regex -- git refuses exactly these control characters
  !/^[-/]|[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\/$|\.$|\.lock(?:\/|$)|(?:^|\/)\.|^@$/.test(name)

/** What every part of a file is resolved with: the file itself, what is known so far, and where its mistakes are said. */
export class Scope {
  readonly input: ProgramInput
  readonly kinds: ReadonlyMap<string, CollectorKind>
  readonly problems: Problem[] = []
  /** Paths that a default filled. */
  readonly defaults: string[] = []
  /** Role -> ids of the people who hold it. */
  readonly roles = new Map<string, string[]>()
  readonly metrics: Record<string, Metric> = { ...DERIVED_METRICS }
  readonly locate: Locate
  /** Paths at which the file is not of the right shape; what rests on them is not said again. */
  readonly doubtful: readonly Path[]

  constructor(input: ProgramInput, locate: Locate, kinds: readonly CollectorKind[], doubtful: readonly Path[]) {
    this.input = input
    this.locate = locate
    this.kinds = new Map(kinds.map((kind) => [kind.kind, kind]))
    this.doubtful = doubtful
  }

  say(path: Path, code: ProblemCode, message: string, remedy: string, part: 'key' | 'value' = 'value'): void {
    if (isDoubtful(this.doubtful, path)) return
    const [base, keys] = RESTS_ON[code] ?? []
    if (this.doubtful.some((one) => one[0] === base && (one.length <= 2 || keys?.includes(String(one[2]))))) return
    this.problems.push(problem(this.locate(path, part), code, message, remedy))
  }

  or<T>(path: string, value: T | undefined, fallback: T): T {
    if (value !== undefined) return value
    this.defaults.push(path)
    return fallback
  }

  ratio(path: Path, text: string | number): number {
    const amount = this.amount(path, text, 'ratio')
    if (amount && (amount.low < 0 || amount.high > 1))
      this.say(path, 'invalid-quantity', `${text} is not a possible share`, 'write a share from 0% to 100%')
    return amount?.low ?? 0
  }

  seconds(path: Path, text: string): number {
    const amount = this.amount(path, text, 'seconds')
    if (amount && amount.low < 0) this.say(path, 'invalid-quantity', `${text} is negative`, 'write a duration such as 30m')
    return amount?.low ?? 0
  }

  /** An amount in a unit; a bare number takes the unit, another unit is a finding. */
  amount(path: Path, text: string | number, unit: Unit): (Amount & { readonly of?: number }) | undefined {
    const result = parseQuantity(text)
    if (!result.ok) {
      this.say(path, 'invalid-quantity', result.reason, 'write for example 40%, 150 of 400, 15 tests, 5-15% or 2h')
      return undefined
    }
    const { low, high, of } = result.quantity
    if (!fits(result.quantity.unit, unit)) {
      this.say(
        path,
        'unit-mismatch',
        `${text} is ${UNIT_WORDS[result.quantity.unit ?? 'count']}, here ${UNIT_WORDS[unit]} is meant`,
        `write ${UNIT_WORDS[unit]}`,
      )
      return undefined
    }
    if (result.quantity.unit === undefined && unit === 'seconds') {
      this.say(path, 'invalid-quantity', `${text} has no unit`, 'write a duration such as 30m or 2h')
      return undefined
    }
    return { low, high, unit, ...(of !== undefined && { of }) }
  }

  person(path: Path, id: string): string {
    if (!Object.hasOwn(this.input.people, id)) {
      const near = nearest(id, Object.keys(this.input.people))
      this.say(
        path,
        'unknown-person',
        `nobody called "${id}" is under people`,
        near ? `write ${near}, or add ${id} under people` : `add ${id} under people`,
      )
    }
    return id
  }

  /** A person, a role somebody holds, or `lead`. */
  personOrRole(path: Path, id: string): string {
    if (id === 'lead' || this.roles.has(id) || Object.hasOwn(this.input.people, id)) return id
    const near = nearest(id, [...Object.keys(this.input.people), ...this.roles.keys()])
    this.say(
      path,
      'unknown-person',
      `"${id}" is neither a person nor a role that somebody holds`,
      near ? `write ${near}` : 'add the person, or give somebody the role',
    )
    return id
  }

  role(path: Path, role: string): string {
    if (role === 'lead' || this.roles.has(role)) return role
    const near = nearest(role, this.roles.keys())
    this.say(
      path,
      'unknown-role',
      `nobody holds the role "${role}"`,
      near ? `write ${near}, or give somebody the role` : 'give somebody the role under people',
    )
    return role
  }

  /** Globs that git paths are held against; one that cannot be used is said and left out. */
  globs(path: Path, patterns: readonly string[] | undefined): string[] {
    return (patterns ?? []).filter((pattern, index) => {
      const trouble = globProblem(pattern)
      if (trouble !== undefined) this.say([...path, index], 'invalid-value', trouble, 'write a pattern such as src/router/**')
      return trouble === undefined
    })
  }

  attendees(path: Path, ids: readonly string[], streams: readonly Stream[]): string[] {
    const found = new Set<string>()
    for (const [index, id] of ids.entries()) {
      if (id === 'leads') for (const one of streams) found.add(one.lead)
      else if (Object.hasOwn(this.input.people, id)) found.add(id)
      else if (this.roles.has(id)) for (const person of this.roles.get(id) ?? []) found.add(person)
      else this.personOrRole([...path, index], id)
    }
    return [...found]
  }

  streamId(path: Path, id: string): string {
    if (!Object.hasOwn(this.input.streams, id)) {
      const near = nearest(id, Object.keys(this.input.streams))
      this.say(path, 'unknown-stream', `there is no stream "${id}"`, near ? `write ${near}` : 'add it under streams')
    }
    return id
  }

  metric(path: Path, name: string): Metric | undefined {
    const metric = Object.hasOwn(this.metrics, name) ? this.metrics[name] : undefined
    if (!metric) {
      const near = nearest(name, Object.keys(this.metrics))
      this.say(
        path,
        'unknown-metric',
        `no source brings "${name}"`,
        near
          ? `write ${near}, or add a source that brings it`
          : 'add a source that brings it; `muster config print --resolved` lists the metrics there are',
      )
    }
    return metric
  }

  branch(path: Path, name: string): string {
    if (!isBranchName(name))
      this.say(
        path,
        'invalid-branch',
        `"${name}" is not a branch name that git allows`,
        'write the branch’s short name, such as feature/reader',
      )
    return name
  }

  scope(path: Path, metrics: Readonly<Record<string, Metric>>): ConditionScope {
    return {
      metric: (at, name) =>
        Object.hasOwn(metrics, name)
          ? metrics[name]
          : metrics === this.metrics
            ? this.metric([...path, ...at], name)
            : this.ruleMetric([...path, ...at], name, metrics),
      role: (at, role) => {
        this.role([...path, ...at], role)
        return role === 'lead' ? 1 : (this.roles.get(role)?.length ?? 0)
      },
      isWhole: (at) => !hasDoubtBelow(this.doubtful, [...path, ...at]),
      say: (at, code, message, remedy) => this.say([...path, ...at], code, message, remedy),
    }
  }

  ruleMetric(path: Path, name: string, metrics: Readonly<Record<string, Metric>>): undefined {
    const near = nearest(name, Object.keys(metrics))
    this.say(
      path,
      'unknown-metric',
      `a rule here cannot read "${name}"`,
      near ? `write ${near}` : 'verdict rules read criteria.<tier>.<status>; health rules read metrics of a stream',
    )
    return undefined
  }

  condition(path: Path, input: ConditionInput, metrics: Readonly<Record<string, Metric>>): Condition {
    return resolveCondition(input, this.scope(path, metrics))
  }

  /** A wall time; `EOD` is the end of the working hours. */
  moment(path: Path, text: string, calendar: Calendar): string | undefined {
    const written = atEndOfDay(text, calendar)
    const instant = /\d{2}:\d{2}/.test(written) ? toInstant(written, calendar.zone) : undefined
    if (instant === undefined)
      this.say(path, 'invalid-date', `"${text}" is not a time: ${dateProblem(text)}`, 'write YYYY-MM-DD HH:MM, or YYYY-MM-DD EOD')
    return instant
  }
}

/** Units that may stand for each other in a file: a percentage is a share or a change, a bare number any count. */
function fits(written: Unit | undefined, meant: Unit): boolean {
  if (written === undefined || written === meant) return true
  if (written === 'ratio') return meant === 'change'
  return meant === 'count' && (written === 'lines' || written === 'tests' || written === 'files')
}
