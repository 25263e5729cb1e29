import type { CollectorKind } from '#core/evidence/collector.ts'
import { streamSubject, type Subject, type Unit } from '#core/evidence/evidence.ts'
import { resolveCondition, type ConditionScope } from '#core/program/conditions.ts'
import { hasDoubtBelow, isDoubtful } from '#core/program/mend.ts'
import { CLAIMED_METRICS, DEFAULT_ESCALATION, DEFAULT_POLICY, DERIVED_METRICS, HEALTH_METRICS, VERDICT_METRICS } from '#core/program/metrics.ts'
import {
  WEEKDAYS,
  type Amount,
  type Calendar,
  type Checkpoint,
  type Condition,
  type Criterion,
  type Deliverable,
  type EscalationRule,
  type Metric,
  type Outcome,
  type Person,
  type Policy,
  type Program,
  type Source,
  type Stream,
} from '#core/program/model.ts'
import { nearest } from '#core/program/nearest.ts'
import { formatValue, parseQuantity, round, UNIT_WORDS } from '#core/program/quantity.ts'
import { SOURCE_KEYS, type ConditionInput, type ProgramInput } from '#core/program/schema.ts'
import { problem, type Locate, type Path } from '#core/program/source-text.ts'
import type { Problem, ProblemCode } from '#core/problems.ts'
import { dateProblem, nearestWeekday, yearOf } from '#core/program/weekdays.ts'
import { epoch, formatInstant, isDate, isZone, minutesOfDay, toInstant, wallOf } from '#core/schedule/time.ts'

export interface Resolved {
  readonly program: Program
  readonly problems: readonly Problem[]
  readonly defaults: readonly string[]
}

type CheckpointInput = ProgramInput['checkpoints'][string]

/**
 * Turns a file of the right shape into a program: references, amounts, times and defaults. Nothing
 * is said of what stands at or below a doubtful path, nor of what rests on it.
 */
export function resolveProgram(input: ProgramInput, locate: Locate, kinds: readonly CollectorKind[], doubtful: readonly Path[] = []): Resolved {
  return new Resolver(input, locate, kinds, doubtful).run()
}

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

class Resolver {
  readonly #input: ProgramInput
  readonly #locate: Locate
  readonly #kinds: ReadonlyMap<string, CollectorKind>
  readonly #doubtful: readonly Path[]
  readonly #problems: Problem[] = []
  readonly #defaults: string[] = []
  readonly #roles = new Map<string, string[]>()
  readonly #metrics: Record<string, Metric> = { ...DERIVED_METRICS }

  constructor(input: ProgramInput, locate: Locate, kinds: readonly CollectorKind[], doubtful: readonly Path[]) {
    this.#doubtful = doubtful
    this.#input = input
    this.#locate = locate
    this.#kinds = new Map(kinds.map((kind) => [kind.kind, kind]))
  }

  run(): Resolved {
    const input = this.#input
    const calendar = this.#calendar()
    const people = this.#people()
    const sources = this.#sources()
    const streams = Object.entries(input.streams).map(([id, one]) => this.#stream(id, one))
    this.#branches(streams)
    this.#cycles(streams)
    const policy = this.#policy()
    const escalation = this.#escalation()
    const checkpoints = this.#checkpoints(streams, calendar)
    const program: Program = {
      schemaVersion: 1,
      id: input.program,
      name: input.name,
      repository: this.#or('repository', input.repository, '.'),
      target: this.#branch(['target'], this.#or('target', input.target, 'main')),
      calendar,
      people,
      streams,
      sources,
      metrics: this.#metrics,
      checkpoints,
      syncs: Object.entries(input.syncs ?? {}).map(([id, one]) => ({
        id,
        name: one.name,
        days: one.days,
        time: one.time,
        durationSeconds: this.#seconds(['syncs', id, 'duration'], one.duration),
        format: one.format ?? '',
        attendees: this.#attendees(['syncs', id, 'attendees'], one.attendees ?? ['leads'], streams),
        topics: one.topics ?? [],
      })),
      policy,
      escalation,
      templates: Object.entries(input.templates ?? {}).map(([id, one]) => ({ id, channel: one.channel, text: one.text })),
      merge: { perDay: this.#or('merge.perDay', input.merge?.perDay, 2), time: this.#or('merge.time', input.merge?.time, calendar.hours.start) },
    }
    return { program, problems: this.#problems, defaults: this.#defaults }
  }

  #say(path: Path, code: ProblemCode, message: string, remedy: string, part: 'key' | 'value' = 'value'): void {
    if (isDoubtful(this.#doubtful, path)) return
    const [base, keys] = RESTS_ON[code] ?? []
    if (this.#doubtful.some((one) => one[0] === base && (one.length <= 2 || keys?.includes(String(one[2]))))) return
    this.#problems.push(problem(this.#locate(path, part), code, message, remedy))
  }

  #or<T>(path: string, value: T | undefined, fallback: T): T {
    if (value !== undefined) return value
    this.#defaults.push(path)
    return fallback
  }

  #calendar(): Calendar {
    const { zone, workDays, hours, holidays } = this.#input.calendar
    if (!isZone(zone)) this.#say(['calendar', 'zone'], 'unknown-zone', `"${zone}" is not a time zone`, 'write an IANA name such as Europe/Berlin or UTC')
    for (const [index, date] of (holidays ?? []).entries()) {
      if (!isDate(date)) this.#say(['calendar', 'holidays', index], 'invalid-date', `"${date}" is not a date: ${dateProblem(date)}`, 'write YYYY-MM-DD')
    }
    const text = this.#or('calendar.hours', hours, '09:00-17:00')
    const [start = '', end = ''] = text.split('-').map((part) => part.trim())
    const [from, to] = [minutesOfDay(start), minutesOfDay(end)]
    if (from === undefined || to === undefined || from >= to) {
      this.#say(['calendar', 'hours'], 'invalid-value', `"${text}" are not working hours`, 'write them as 09:00-17:00')
    }
    return {
      zone: isZone(zone) ? zone : 'UTC',
      workDays: this.#or('calendar.workDays', workDays, WEEKDAYS.slice(0, 5)),
      hours: { start, end },
      holidays: holidays ?? [],
    }
  }

  #people(): Person[] {
    return Object.entries(this.#input.people).map(([id, one]) => {
      for (const role of one.roles ?? []) this.#roles.set(role, [...(this.#roles.get(role) ?? []), id])
      const { allocation, roles, ...rest } = one
      return { id, roles: roles ?? [], ...omitUndefined(rest), ...(allocation !== undefined && { allocation: this.#ratio(['people', id, 'allocation'], allocation) }) }
    })
  }

  #ratio(path: Path, text: string | number): number {
    const amount = this.#amount(path, text, 'ratio')
    if (amount && (amount.low < 0 || amount.high > 1)) this.#say(path, 'invalid-quantity', `${text} is not a possible share`, 'write a share from 0% to 100%')
    return amount?.low ?? 0
  }

  #seconds(path: Path, text: string): number {
    const amount = this.#amount(path, text, 'seconds')
    if (amount && amount.low < 0) this.#say(path, 'invalid-quantity', `${text} is negative`, 'write a duration such as 30m')
    return amount?.low ?? 0
  }

  /** An amount in a unit; a bare number takes the unit, another unit is a finding. */
  #amount(path: Path, text: string | number, unit: Unit): (Amount & { readonly of?: number }) | undefined {
    const result = parseQuantity(text)
    if (!result.ok) {
      this.#say(path, 'invalid-quantity', result.reason, 'write for example 40%, 150 of 400, 15 tests, 5-15% or 2h')
      return undefined
    }
    const { low, high, of } = result.quantity
    if (!fits(result.quantity.unit, unit)) {
      this.#say(path, 'unit-mismatch', `${text} is ${UNIT_WORDS[result.quantity.unit ?? 'count']}, here ${UNIT_WORDS[unit]} is meant`, `write ${UNIT_WORDS[unit]}`)
      return undefined
    }
    if (result.quantity.unit === undefined && unit === 'seconds') {
      this.#say(path, 'invalid-quantity', `${text} has no unit`, 'write a duration such as 30m or 2h')
      return undefined
    }
    return { low, high, unit, ...(of !== undefined && { of }) }
  }

  #person(path: Path, id: string): string {
    if (!Object.hasOwn(this.#input.people, id)) {
      const near = nearest(id, Object.keys(this.#input.people))
      this.#say(path, 'unknown-person', `nobody called "${id}" is under people`, near ? `write ${near}, or add ${id} under people` : `add ${id} under people`)
    }
    return id
  }

  /** A person, a role somebody holds, or `lead`. */
  #personOrRole(path: Path, id: string): string {
    if (id === 'lead' || this.#roles.has(id) || Object.hasOwn(this.#input.people, id)) return id
    const near = nearest(id, [...Object.keys(this.#input.people), ...this.#roles.keys()])
    this.#say(path, 'unknown-person', `"${id}" is neither a person nor a role that somebody holds`, near ? `write ${near}` : 'add the person, or give somebody the role')
    return id
  }

  #role(path: Path, role: string): string {
    if (role === 'lead' || this.#roles.has(role)) return role
    const near = nearest(role, this.#roles.keys())
    this.#say(path, 'unknown-role', `nobody holds the role "${role}"`, near ? `write ${near}, or give somebody the role` : 'give somebody the role under people')
    return role
  }

  #attendees(path: Path, ids: readonly string[], streams: readonly Stream[]): string[] {
    const found = new Set<string>()
    for (const [index, id] of ids.entries()) {
      if (id === 'leads') for (const one of streams) found.add(one.lead)
      else if (Object.hasOwn(this.#input.people, id)) found.add(id)
      else if (this.#roles.has(id)) for (const person of this.#roles.get(id) ?? []) found.add(person)
      else this.#personOrRole([...path, index], id)
    }
    return [...found]
  }

  #sources(): Source[] {
    return Object.entries(this.#input.sources ?? {}).map(([id, one]) => {
      const path = ['sources', id]
      const kind = this.#kinds.get(one.collect)
      const options = Object.fromEntries(Object.entries(one).filter(([key]) => !SOURCE_KEYS.includes(key)))
      const { timeLimit, maxAge, host } = one
      const maxAgeSeconds = maxAge === undefined ? undefined : this.#seconds([...path, 'maxAge'], maxAge)
      const rules = { ...(maxAgeSeconds !== undefined && { maxAgeSeconds }), ...(host !== undefined && { host }) }
      for (const [name, metric] of Object.entries(kind?.metrics ?? {})) {
        const unit = 'unit' in options && name === 'number' ? (options['unit'] as Unit) : metric.unit
        // A change is good or bad as the source says of what it measures, so that a target of it is a floor or a ceiling.
        const better = name === 'change' && (options['better'] === 'lower' || options['better'] === 'higher') ? options['better'] : metric.better
        this.#metrics[`${id}.${name}`] = { ...metric, unit, better, source: id, boundToTree: metric.boundToTree ?? kind?.boundToTree ?? true, ...rules }
      }
      if (Array.isArray(one.for)) for (const [index, stream] of one.for.entries()) this.#streamId([...path, 'for', index], stream)
      const from = options['from']
      if (typeof from === 'string' && this.#input.sources?.[from]?.collect !== 'command') {
        this.#say([...path, 'from'], 'unknown-source', `"${from}" is not a source with collect: command`, 'name the source whose run leaves these files')
      }
      return { id, collect: one.collect, for: one.for ?? 'streams', options, ...(typeof from === 'string' && { from }), timeLimitSeconds: timeLimit === undefined ? 600 : this.#seconds([...path, 'timeLimit'], timeLimit), ...rules }
    })
  }

  #streamId(path: Path, id: string): string {
    if (!Object.hasOwn(this.#input.streams, id)) {
      const near = nearest(id, Object.keys(this.#input.streams))
      this.#say(path, 'unknown-stream', `there is no stream "${id}"`, near ? `write ${near}` : 'add it under streams')
    }
    return id
  }

  #metric(path: Path, name: string): Metric | undefined {
    const metric = Object.hasOwn(this.#metrics, name) ? this.#metrics[name] : undefined
    if (!metric) {
      const near = nearest(name, Object.keys(this.#metrics))
      this.#say(path, 'unknown-metric', `no source brings "${name}"`, near ? `write ${near}, or add a source that brings it` : 'add a source that brings it; `muster config print --resolved` lists the metrics there are')
    }
    return metric
  }

  #branch(path: Path, name: string): string {
    if (!isBranchName(name)) this.#say(path, 'invalid-branch', `"${name}" is not a branch name that git allows`, 'write the branch’s short name, such as feature/reader')
    return name
  }

  #stream(id: string, one: ProgramInput['streams'][string]): Stream {
    const path = ['streams', id]
    const dependsOn = Array.isArray(one.dependsOn)
      ? one.dependsOn.map((stream, index) => ({ stream: this.#streamId([...path, 'dependsOn', index], stream), reaches: 1 }))
      : Object.entries(one.dependsOn ?? {}).map(([stream, share]) => ({
          stream: this.#streamId([...path, 'dependsOn', stream], stream),
          reaches: this.#ratio([...path, 'dependsOn', stream], share),
        }))
    return {
      id,
      name: one.name,
      lead: this.#person([...path, 'lead'], one.lead),
      support: (one.support ?? []).map((person, index) => this.#person([...path, 'support', index], person)),
      reviewers: (one.reviewers ?? []).map((person, index) => this.#personOrRole([...path, 'reviewers', index], person)),
      branch: this.#branch([...path, 'branch'], one.branch),
      paths: one.paths ?? [],
      deliverables: Object.entries(one.deliverables ?? {}).map(([key, value]) => this.#deliverable([...path, 'deliverables', key], key, value)),
      integrationPoints: Object.entries(one.integrationPoints ?? {}).map(([key, value]) => {
        if (value.measure !== undefined) this.#metric([...path, 'integrationPoints', key, 'measure'], value.measure)
        return { id: key, title: value.title, with: value.with, ...(value.measure !== undefined && { measure: value.measure }) }
      }),
      dependsOn,
    }
  }

  #deliverable(path: Path, id: string, one: NonNullable<ProgramInput['streams'][string]['deliverables']>[string]): Deliverable {
    if (one.measure === undefined) {
      if (one.full !== undefined) this.#say([...path, 'full'], 'invalid-value', `${id} has an amount but no measure`, 'add measure: with the metric that counts it')
      return { id, title: one.title, kind: one.kind ?? 'feature' }
    }
    const metric = this.#metric([...path, 'measure'], one.measure)
    if (one.full === undefined && metric?.unit !== 'boolean') {
      this.#say(path, 'missing-key', `${id} has a measure but no full amount`, 'add full: with the whole amount, such as 400 lines')
    }
    const full = one.full === undefined || !metric ? undefined : this.#amount([...path, 'full'], one.full, metric.unit)
    if (full && full.high <= 0) this.#say([...path, 'full'], 'invalid-quantity', `${id} has nothing as its whole`, 'write an amount above zero')
    if (full && metric?.unit === 'ratio' && metric.signed !== true && full.high > 1) this.#say([...path, 'full'], 'invalid-quantity', `${one.full} is more than the whole`, 'write a share of at most 100%')
    const byUnit = { lines: 'code', tests: 'tests' } as const
    const kind = one.kind ?? (metric && metric.unit in byUnit ? byUnit[metric.unit as 'lines' | 'tests'] : 'feature')
    return { id, title: one.title, kind, measure: one.measure, ...(full && { full: { low: full.low, high: full.high, unit: full.unit } }) }
  }

  #branches(streams: readonly Stream[]): void {
    const seen = new Map<string, string>()
    for (const one of streams) {
      const other = seen.get(one.branch)
      if (other !== undefined) {
        this.#say(['streams', one.id, 'branch'], 'duplicate-branch', `${one.id} and ${other} both work on ${one.branch}`, 'give each stream a branch of its own')
      }
      seen.set(one.branch, one.id)
    }
  }

  #cycles(streams: readonly Stream[]): void {
    const edges = new Map(streams.map((one) => [one.id, one.dependsOn.map((dependency) => dependency.stream)]))
    const done = new Set<string>()
    const walk = (id: string, trail: readonly string[]): void => {
      const at = trail.indexOf(id)
      if (at >= 0) {
        this.#say(['streams', id, 'dependsOn'], 'dependency-cycle', `these streams wait for each other: ${[...trail.slice(at), id].join(' -> ')}`, 'take one of the dependencies out')
        return
      }
      if (done.has(id)) return
      for (const next of edges.get(id) ?? []) walk(next, [...trail, id])
      done.add(id)
    }
    for (const one of streams) walk(one.id, [])
  }

  #scope(path: Path, metrics: Readonly<Record<string, Metric>>): ConditionScope {
    return {
      metric: (at, name) => (Object.hasOwn(metrics, name) ? metrics[name] : metrics === this.#metrics ? this.#metric([...path, ...at], name) : this.#ruleMetric([...path, ...at], name, metrics)),
      role: (at, role) => {
        this.#role([...path, ...at], role)
        return role === 'lead' ? 1 : (this.#roles.get(role)?.length ?? 0)
      },
      isWhole: (at) => !hasDoubtBelow(this.#doubtful, [...path, ...at]),
      say: (at, code, message, remedy) => this.#say([...path, ...at], code, message, remedy),
    }
  }

  #ruleMetric(path: Path, name: string, metrics: Readonly<Record<string, Metric>>): undefined {
    const near = nearest(name, Object.keys(metrics))
    this.#say(path, 'unknown-metric', `a rule here cannot read "${name}"`, near ? `write ${near}` : 'verdict rules read criteria.<tier>.<status>; health rules read metrics of a stream')
    return undefined
  }

  #policy(): Policy {
    const file = this.#input.policy
    const streamMetrics = this.#metrics
    const verdict = replace(DEFAULT_POLICY.verdict, file?.verdict, (id, one) => ({
      id, title: one.title, verdict: one.verdict, when: this.#condition(['policy', 'verdict', id, 'when'], one.when, VERDICT_METRICS),
    }))
    const health = replace(DEFAULT_POLICY.health, file?.health, (id, one) => ({
      id, title: one.title, health: one.health, when: this.#condition(['policy', 'health', id, 'when'], one.when, streamMetrics),
    }))
    const matrices = replace(DEFAULT_POLICY.matrices, file?.matrices, (id, one) => {
      const path = ['policy', 'matrices', id]
      for (const [index, option] of one.recommend.entries()) {
        if (!Object.hasOwn(one.options, option)) this.#say([...path, 'recommend', index], 'unknown-rule', `${id} has no option "${option}"`, `write one of: ${Object.keys(one.options).join(', ')}`)
      }
      return {
        id,
        title: one.title,
        health: one.health,
        immediate: one.immediate ?? [],
        ...(one.within !== undefined && { withinSeconds: this.#seconds([...path, 'within'], one.within) }),
        options: Object.entries(one.options).map(([key, value]) => ({ id: key, title: value.title, pros: value.pros ?? [], cons: value.cons ?? [] })),
        recommend: one.recommend,
        recommendation: one.recommendation,
        ...(one.escalateTo !== undefined && { escalateTo: this.#personOrRole([...path, 'escalateTo'], one.escalateTo) }),
      }
    })
    const authority = (key: 'waive' | 'override') =>
      file?.authority?.[key]?.map((role, index) => this.#role(['policy', 'authority', key, index], role)) ?? DEFAULT_POLICY.authority[key]
    if (!file) this.#defaults.push('policy')
    return { verdict, health, matrices, authority: { waive: authority('waive'), override: authority('override') } }
  }

  #escalation(): EscalationRule[] {
    const metrics = { ...this.#metrics, ...HEALTH_METRICS }
    const rules = replace(
      DEFAULT_ESCALATION.filter((rule) => readable(rule.when, metrics)),
      this.#input.escalation,
      (id, one) => {
        const path = ['escalation', id]
        const owner = this.#personOrRole([...path, 'owner'], one.owner ?? 'lead')
        const escalateTo = this.#personOrRole([...path, 'escalateTo'], one.escalateTo)
        if (owner === escalateTo) this.#say([...path, 'escalateTo'], 'self-escalation', `${id} goes from ${owner} to ${escalateTo}`, 'escalate to somebody else')
        return {
          id,
          scenario: one.scenario,
          when: this.#condition([...path, 'when'], one.when, metrics),
          owner,
          escalateTo,
          action: one.action,
          afterSeconds: one.after === undefined ? 0 : this.#seconds([...path, 'after'], one.after),
        }
      },
    )
    if (!this.#input.escalation) this.#defaults.push('escalation')
    const known = (id: string): boolean => id === 'lead' || this.#roles.has(id) || Object.hasOwn(this.#input.people, id)
    return rules.map((rule) => ({ ...rule, owner: known(rule.owner) ? rule.owner : 'lead', escalateTo: known(rule.escalateTo) ? rule.escalateTo : 'phase-lead' }))
  }

  #condition(path: Path, input: ConditionInput, metrics: Readonly<Record<string, Metric>>): Condition {
    return resolveCondition(input, this.#scope(path, metrics))
  }

  #checkpoints(streams: readonly Stream[], calendar: Calendar): Checkpoint[] {
    const timed = Object.entries(this.#input.checkpoints).map(([id, one]) => {
      const at = this.#moment(['checkpoints', id, 'at'], one.at, calendar.zone)
      return { id, one, at: at ?? '1970-01-01T00:00:00Z', known: at !== undefined }
    })
    this.#weekdays(timed.filter((one) => one.known), calendar)
    const inOrder = timed.toSorted((a, b) => epoch(a.at) - epoch(b.at))
    return inOrder.map(({ id, one, at }, index) => this.#checkpoint(id, one, at, inOrder[index + 1]?.id, streams, calendar))
  }

  #moment(path: Path, text: string, zone: string): string | undefined {
    const instant = /\d{2}:\d{2}/.test(text) ? toInstant(text, zone) : undefined
    if (instant === undefined) this.#say(path, 'invalid-date', `"${text}" is not a time: ${dateProblem(text)}`, 'write YYYY-MM-DD HH:MM')
    return instant
  }

  /** A weekday that contradicts its date: both ways out are named, and the year in which the whole file agrees. */
  #weekdays(timed: readonly { readonly id: string; readonly one: CheckpointInput; readonly at: string }[], calendar: Calendar): void {
    const dated = timed.flatMap(({ id, one, at }) => (one.weekday === undefined ? [] : [{ id, ...wallOf(at, calendar.zone), meant: one.weekday }]))
    const year = yearOf(dated)
    for (const { id, date, weekday, meant } of dated) {
      if (weekday === meant) continue
      const agree = year === undefined ? '' : `; in ${year} all ${dated.length} weekdays of the file agree with their dates`
      const remedy = `write weekday: ${weekday} to keep the date, or ${nearestWeekday(date, meant)} to keep the ${meant}${agree}`
      this.#say(['checkpoints', id, 'weekday'], 'weekday-mismatch', `${date} is a ${weekday}, not a ${meant}`, remedy)
    }
  }

  #checkpoint(id: string, one: CheckpointInput, at: string, following: string | undefined, streams: readonly Stream[], calendar: Calendar): Checkpoint {
    const path = ['checkpoints', id]
    const duration = one.duration === undefined ? undefined : this.#seconds([...path, 'duration'], one.duration)
    const agenda = (one.agenda ?? []).map((item, index) => ({
      title: item.item,
      seconds: this.#seconds([...path, 'agenda', index, 'time'], item.time),
      ...(item.each && { each: item.each }),
      topics: item.topics ?? [],
    }))
    const needed = agenda.reduce((sum, item) => sum + item.seconds * (item.each ? streams.length : 1), 0)
    if (duration !== undefined && needed > duration) {
      this.#say([...path, 'duration'], 'agenda-too-long', `the agenda takes ${formatValue(needed, 'seconds')}, the meeting ${formatValue(duration, 'seconds')}`, 'lengthen the meeting or shorten an item')
    }
    const signOff = Object.entries(one.decide?.signOff ?? {}).map(([role, quorum]) => {
      this.#role([...path, 'decide', 'signOff', role], role)
      const holders = role === 'lead' ? streams.length : (this.#roles.get(role)?.length ?? 0)
      if (holders > 0 && quorum > holders) {
        this.#say([...path, 'decide', 'signOff', role], 'quorum-too-large', `${quorum} signatures of ${role} are asked for, ${holders} hold the role`, `write at most ${holders}`)
      }
      return { role, quorum }
    })
    return {
      id,
      name: one.name,
      at,
      durationSeconds: duration ?? (needed || 1800),
      agenda,
      attendees: this.#attendees([...path, 'attendees'], one.attendees ?? ['leads'], streams),
      criteria: [...this.#targets(path, one, streams), ...this.#criteria(path, one, streams)],
      decision: one.decide?.question ?? `Go on after ${one.name}?`,
      merge: one.decide?.merge ?? true,
      go: this.#outcome([...path, 'decide', 'go'], one.decide?.go, at, calendar.zone),
      noGo: this.#outcome([...path, 'decide', 'noGo'], one.decide?.noGo, at, calendar.zone),
      signOff,
      ...(following !== undefined && { next: following }),
    }
  }

  #outcome(path: Path, one: NonNullable<CheckpointInput['decide']>['go'], at: string, zone: string): Outcome {
    if (one?.next !== undefined && !Object.hasOwn(this.#input.checkpoints, one.next)) {
      const near = nearest(one.next, Object.keys(this.#input.checkpoints))
      this.#say([...path, 'next'], 'unknown-checkpoint', `there is no checkpoint "${one.next}"`, near ? `write ${near}` : 'add it under checkpoints')
    }
    const reevaluateAt = one?.reevaluate === undefined ? undefined : this.#moment([...path, 'reevaluate'], one.reevaluate, zone)
    if (reevaluateAt !== undefined && epoch(reevaluateAt) <= epoch(at)) {
      this.#say([...path, 'reevaluate'], 'invalid-date', 'the decision is taken again before it is taken', `write a time after ${formatInstant(at, zone)}`)
    }
    return {
      actions: one?.actions ?? [],
      ...(one?.next !== undefined && { next: one.next }),
      ...(one?.extend !== undefined && { extendSeconds: this.#seconds([...path, 'extend'], one.extend) }),
      ...(reevaluateAt !== undefined && { reevaluateAt }),
    }
  }

  #targets(path: Path, one: CheckpointInput, streams: readonly Stream[]): Criterion[] {
    const tier = one.targetTier ?? 'supporting'
    return Object.entries(one.targets ?? {}).flatMap(([streamId, targets]) => {
      const at = [...path, 'targets', streamId]
      const stream = streams.find((each) => each.id === streamId)
      if (!stream) {
        this.#streamId(at, streamId)
        return []
      }
      return Object.entries(targets).flatMap(([deliverableId, amount]) => {
        const deliverable = stream.deliverables.find((each) => each.id === deliverableId)
        if (!deliverable) {
          const near = nearest(deliverableId, stream.deliverables.map((each) => each.id))
          this.#say([...at, deliverableId], 'unknown-deliverable', `stream ${streamId} owes no "${deliverableId}"`, near ? `write ${near}` : `add it under streams.${streamId}.deliverables`, 'key')
          return []
        }
        const condition = this.#targetCondition([...at, deliverableId], deliverable, amount)
        if (!condition) return []
        return [
          {
            id: `target.${deliverableId}`,
            title: deliverable.title,
            tier,
            subjects: [streamSubject(streamId)],
            condition,
            target: { stream: streamId, deliverable: deliverableId, kind: deliverable.kind },
          },
        ]
      })
    })
  }

  #targetCondition(path: Path, deliverable: Deliverable, amount: string | number): Condition | undefined {
    const { measure, full } = deliverable
    const metric = measure === undefined ? undefined : this.#metrics[measure]
    if (measure === undefined || !metric) {
      if (measure === undefined && amount !== 'done') {
        this.#say(path, 'invalid-value', `${deliverable.id} has no measure, so no amount of it can be due`, 'write done (a person signs), or give it a measure')
      }
      return measure === undefined ? { signOff: { roles: ['lead'], quorum: 1 } } : undefined
    }
    const leaf = (comparison: Extract<Condition, { metric: string }>['comparison']): Condition => ({ metric: measure, comparison, provenance: 'measured' })
    if (metric.unit === 'boolean') return leaf({ op: 'equals', value: true })
    if (!full) return undefined
    if (amount === 'done' || amount === 'full') return leaf(full.low === full.high ? { op: metric.better === 'lower' ? 'atMost' : 'atLeast', value: full.low } : { op: 'between', low: full.low, high: full.high })
    const parsed = parseQuantity(amount)
    if (parsed.ok && parsed.quantity.unit === 'ratio' && full.unit !== 'ratio' && full.unit !== 'change') {
      const { low, high } = parsed.quantity
      if (low < 0 || high > 1) this.#say(path, 'invalid-quantity', `${amount} is not a possible share of the whole`, 'write a share from 0% to 100%')
      return leaf(low === high ? { op: 'atLeast', value: round(low * full.low) } : { op: 'between', low: round(low * full.low), high: round(high * full.low) })
    }
    const due = this.#amount(path, amount, full.unit)
    if (!due) return undefined
    if (due.of !== undefined && due.of !== full.high) {
      this.#say(path, 'invalid-quantity', `the whole is ${formatValue(due.of, full.unit)} here and ${formatValue(full.high, full.unit)} where ${deliverable.id} is defined`, 'write the same whole in both places')
    }
    if (due.high > full.high && metric.better !== 'lower') {
      this.#say(path, 'invalid-quantity', `${amount} is more than the whole of ${formatValue(full.high, full.unit)}`, 'write at most the full amount')
    }
    if (due.low < 0 && full.unit !== 'change') this.#say(path, 'invalid-quantity', `${amount} is below nothing`, 'write an amount of zero or more')
    if (due.low !== due.high) return leaf({ op: 'between', low: due.low, high: due.high })
    return leaf({ op: metric.better === 'lower' ? 'atMost' : 'atLeast', value: due.low })
  }

  #criteria(path: Path, one: CheckpointInput, streams: readonly Stream[]): Criterion[] {
    return Object.entries(one.criteria ?? {}).map(([id, value]) => {
      const at = [...path, 'criteria', id]
      const { title, tier: tierInput, for: forInput, owner, ...rest } = value
      const tier = tierInput ?? 'critical'
      const condition = this.#condition(at, rest, this.#metrics)
      const manual = 'signOff' in condition
      const where = forInput ?? (manual ? 'program' : 'streams')
      const subjects: Subject[] = where === 'program' ? ['program'] : where === 'streams' ? streams.map((each) => streamSubject(each.id)) : where.map((each, index) => streamSubject(this.#streamId([...at, 'for', index], each)))
      if (tier === 'critical' && claimsAlone(condition)) {
        this.#say(at, 'claim-not-proof', `${id} is critical, and only what people say of themselves would satisfy it`, 'make it supporting or advisory, or add a measured condition')
      }
      return { id, title: title ?? id, tier, subjects, condition, ...(owner !== undefined && { owner: this.#personOrRole([...at, 'owner'], owner) }) }
    })
  }
}

/** Units that may stand for each other in a file: a percentage is a share or a change, a bare number any count. */
function fits(written: Unit | undefined, meant: Unit): boolean {
  if (written === undefined || written === meant) return true
  if (written === 'ratio') return meant === 'change'
  return meant === 'count' && (written === 'lines' || written === 'tests' || written === 'files')
}

function claimsAlone(condition: Condition): boolean {
  if ('metric' in condition) return condition.provenance === 'claimed' || CLAIMED_METRICS.has(condition.metric)
  if ('all' in condition) return condition.all.every(claimsAlone)
  if ('any' in condition) return condition.any.some(claimsAlone)
  if ('not' in condition) return claimsAlone(condition.not)
  return false
}

function readable(condition: Condition, metrics: Readonly<Record<string, Metric>>): boolean {
  if ('metric' in condition) return Object.hasOwn(metrics, condition.metric)
  if ('all' in condition) return condition.all.every((one) => readable(one, metrics))
  if ('any' in condition) return condition.any.every((one) => readable(one, metrics))
  if ('not' in condition) return readable(condition.not, metrics)
  return true
}

/** Defaults with those of the file put in their place by id; what is new comes last. */
function replace<T extends { readonly id: string }, I>(defaults: readonly T[], file: Readonly<Record<string, I>> | undefined, make: (id: string, input: I) => T): T[] {
  const own = new Map(Object.entries(file ?? {}).map(([id, input]) => [id, make(id, input)]))
  const kept = defaults.map((rule) => own.get(rule.id) ?? rule)
  return [...kept, ...[...own.values()].filter((rule) => !defaults.some((each) => each.id === rule.id))]
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }

/** Takes out the keys whose value is undefined, so that optional stays absent. */
const omitUndefined = <T extends object>(value: T): Defined<T> => Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Defined<T>
