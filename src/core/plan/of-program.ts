import type { Loaded } from '#core/program/load.ts'
import type { Comparison, Condition, Criterion, Deliverable, Program } from '#core/program/model.ts'
import type {
  Fact,
  Plan,
  PlanAmount,
  PlanCheckpoint,
  PlanCriterion,
  PlanDeliverable,
  PlanEscalation,
  PlanMatrix,
  PlanMetric,
  PlanTarget,
  PlanUnit,
  SubjectMatter,
} from '#core/plan/model.ts'
import { DERIVED_METRICS } from '#core/program/metrics.ts'
import { formatValue, parseQuantity } from '#core/program/quantity.ts'
import { valueAt } from '#core/program/shape.ts'
import type { Path } from '#core/program/source-text.ts'
import { WEEKDAYS, type Weekday } from '#core/program/model.ts'
import { atEndOfDay, toInstant, wallOf } from '#core/schedule/time.ts'
import type { Place } from '#core/problems.ts'

/**
 * The plan that a program file is, so that the rules for documents hold for it too. Only what the
 * file says: no default of Muster's can contradict anything. Undefined where the file could not be
 * read far enough to tell what it says.
 */
export function planOf(loaded: Loaded): Plan | undefined {
  const program = loaded.program ?? loaded.draft
  return program && new Reader(program, loaded).plan()
}

class Reader {
  readonly #program: Program
  readonly #loaded: Loaded

  constructor(program: Program, loaded: Loaded) {
    this.#program = program
    this.#loaded = loaded
  }

  plan(): Plan {
    const program = this.#program
    const { calendar } = program
    return {
      title: this.#fact(['name'], program.name),
      ...(this.#isWritten(['calendar', 'zone']) && { zone: this.#fact(['calendar', 'zone'], calendar.zone) }),
      target: this.#fact(['target'], program.target),
      ...(this.#isWritten(['calendar', 'workDays']) && { workDays: calendar.workDays }),
      ...(this.#isWritten(['calendar', 'hours']) && { hours: calendar.hours }),
      holidays: calendar.holidays,
      people: program.people.map((one) => ({
        ...this.#at(['people', one.id], 'key'),
        id: one.id,
        name: one.name,
        ...(one.handle !== undefined && { handle: one.handle }),
        roles: one.roles.map((role, index) => this.#fact(['people', one.id, 'roles', index], role)),
        ...(one.allocation !== undefined && { allocation: this.#fact(['people', one.id, 'allocation'], one.allocation) }),
        mentions: [],
      })),
      units: program.streams.map((one) => this.#unit(one)),
      checkpoints: program.checkpoints.map((one) => this.#checkpoint(one)),
      syncs: program.syncs.map(({ id, name, days, time, durationSeconds, format, topics, attendees }) => ({
        ...this.#at(['syncs', id], 'key'),
        id,
        name,
        days,
        time,
        durationSeconds,
        format,
        topics,
        attendees: attendees.map((person) => this.#fact(['syncs', id, 'attendees'], person)),
      })),
      matrices: this.#matrices(),
      escalations: this.#escalations(),
      templates: program.templates.map((one) => ({ ...this.#at(['templates', one.id], 'key'), ...one })),
      commands: [],
      notices: [],
      unplaced: [],
      metrics: this.#metrics(),
    }
  }

  #at(path: Path, part: 'key' | 'value' = 'value'): Place {
    return this.#loaded.locate(path, part)
  }

  #fact<T>(path: Path, value: T): Fact<T> {
    return { ...this.#at(path), value }
  }

  #written(path: Path): unknown {
    return valueAt(this.#loaded.written, path)
  }

  #isWritten(path: Path): boolean {
    return this.#written(path) !== undefined
  }

  #unit(stream: Program['streams'][number]): PlanUnit {
    const path = ['streams', stream.id]
    const listed = Array.isArray(this.#written([...path, 'dependsOn']))
    const dependsOn = stream.dependsOn.map((one, index) => ({
      ...this.#at([...path, 'dependsOn', listed ? index : one.stream], 'key'),
      unit: one.stream,
      reaches: one.reaches,
      text: one.stream,
    }))
    const none = this.#isWritten([...path, 'dependsOn']) && dependsOn.length === 0
    return {
      ...this.#at(path, 'key'),
      id: stream.id,
      name: stream.name,
      word: 'stream',
      lead: this.#fact([...path, 'lead'], stream.lead),
      support: stream.support.map((one, index) => this.#fact([...path, 'support', index], one)),
      reviewers: stream.reviewers.map((one, index) => this.#fact([...path, 'reviewers', index], one)),
      branch: this.#fact([...path, 'branch'], stream.branch),
      paths: stream.paths.map((one, index) => this.#fact([...path, 'paths', index], one)),
      deliverables: stream.deliverables.map((one) => this.#deliverable([...path, 'deliverables', one.id], one)),
      integrationPoints: stream.integrationPoints.map((one) => ({
        ...this.#fact([...path, 'integrationPoints', one.id], one.title),
        with: one.with,
      })),
      dependsOn: none ? [{ ...this.#at([...path, 'dependsOn'], 'key'), unit: undefined, text: 'dependsOn: []' }] : dependsOn,
    }
  }

  #deliverable(path: Path, one: Deliverable): PlanDeliverable {
    const { full } = one
    return {
      ...this.#at(path, 'key'),
      id: one.id,
      title: one.title,
      kind: one.kind,
      ...(one.measure !== undefined && { measure: one.measure }),
      ...(full && {
        full: { ...this.#at([...path, 'full']), text: String(this.#written([...path, 'full'])), ...full, sense: 'exact' as const },
      }),
    }
  }

  #checkpoint(one: Program['checkpoints'][number]): PlanCheckpoint {
    const path = ['checkpoints', one.series ?? one.id]
    const key = one.series === undefined ? 'at' : 'every'
    const text = String(this.#written([...path, key]))
    const { calendar } = this.#program
    const instant = one.series === undefined ? toInstant(atEndOfDay(text, calendar), calendar.zone) : one.at
    const weekday = WEEKDAYS.find((day) => day === this.#written([...path, 'weekday']))
    const wall = instant === undefined ? undefined : wallOf(instant, calendar.zone)
    const list = one.merge ? 'go/no-go' : 'acceptance'
    return {
      ...this.#at(path, 'key'),
      id: one.id,
      // Of what comes again the name without its date: one mistake then reads the same each time, and is said once.
      name: one.series === undefined ? one.name : String(this.#written([...path, 'name'])),
      when: {
        ...this.#at([...path, key]),
        text,
        ...(wall && { date: wall.date, time: wall.time }),
        ...(weekday && { weekday: this.#fact<Weekday>([...path, 'weekday'], weekday) }),
      },
      durationSeconds: this.#fact([...path, 'duration'], one.durationSeconds),
      agenda: one.agenda.map((item, index) => ({ ...this.#at([...path, 'agenda', index]), ...item })),
      attendees: one.attendees.map((person) => this.#fact([...path, 'attendees'], person)),
      criteria: one.criteria.flatMap((criterion) =>
        criterion.target || !this.#isWritten([...path, 'criteria', criterion.id])
          ? []
          : this.#criteria([...path, 'criteria', criterion.id], criterion, criterion.tier === 'critical' ? list : 'acceptance'),
      ),
      targets: one.criteria.flatMap((criterion) =>
        criterion.target ? this.#target([...path, 'targets', criterion.target.stream, criterion.target.deliverable], criterion) : [],
      ),
      ...(this.#isWritten([...path, 'decide', 'question']) && { question: this.#fact([...path, 'decide', 'question'], one.decision) }),
      go: one.go.actions.map((action, index) => this.#fact([...path, 'decide', 'go', 'actions', index], action)),
      noGo: one.noGo.actions.map((action, index) => this.#fact([...path, 'decide', 'noGo', 'actions', index], action)),
      signOff: one.signOff.map((each) => ({ ...this.#at([...path, 'decide', 'signOff', each.role]), ...each })),
    }
  }

  /** Every comparison that must hold for the criterion to hold; of alternatives only that there is one. */
  #criteria(path: Path, criterion: Criterion, list: string): readonly PlanCriterion[] {
    const units = criterion.subjects.filter((one) => one !== 'program').map((one) => one.slice('stream:'.length))
    const all = units.length === this.#program.streams.length && units.length > 0
    const base = { id: criterion.id, text: criterion.title, tier: criterion.tier, list, ...(!all && { units }) }
    const leaves = (condition: Condition, at: Path): readonly PlanCriterion[] => {
      if ('all' in condition) return condition.all.flatMap((one, index) => leaves(one, [...at, 'all', index]))
      if ('targets' in condition) return [{ ...this.#at(at, 'key'), ...base, about: 'other', targets: condition.targets }]
      if (!('metric' in condition)) return [{ ...this.#at(at, 'key'), ...base, about: 'other' }]
      const unit = this.#program.metrics[condition.metric]?.unit
      return [
        {
          ...this.#at(at, 'key'),
          ...base,
          about: matterOf(condition.metric),
          metric: condition.metric,
          comparison: condition.comparison,
          ...(unit && { unit }),
        },
      ]
    }
    return leaves(criterion.condition, path)
  }

  #target(path: Path, criterion: Criterion): readonly PlanTarget[] {
    const { target, condition } = criterion
    if (!target) return []
    const deliverable = this.#program.streams
      .find((one) => one.id === target.stream)
      ?.deliverables.find((one) => one.id === target.deliverable)
    const comparison = 'metric' in condition ? condition.comparison : undefined
    const amount = comparison && this.#amount(path, comparison, deliverable)
    return [
      {
        ...this.#at(path, 'key'),
        unit: target.stream,
        deliverable: target.deliverable,
        title: criterion.title,
        kind: target.kind,
        ...(amount && { amount }),
        ...(comparison && { comparison }),
      },
    ]
  }

  #amount(path: Path, comparison: Comparison, deliverable: Deliverable | undefined): PlanAmount | undefined {
    const full = deliverable?.full
    if (!full || comparison.op === 'equals') return undefined
    const [low, high] = comparison.op === 'between' ? [comparison.low, comparison.high] : [comparison.value, comparison.value]
    const written = this.#written(path)
    const parsed = typeof written === 'string' || typeof written === 'number' ? parseQuantity(written) : undefined
    const own = parsed?.ok === true ? parsed.quantity.of : undefined
    const whole = own ?? (full.low === full.high ? full.low : undefined)
    return {
      ...this.#at(path),
      text: typeof written === 'string' ? written : formatValue(low, full.unit),
      low,
      high,
      unit: full.unit,
      sense: 'exact',
      ...(whole !== undefined && { whole }),
    }
  }

  #matrices(): readonly PlanMatrix[] {
    return this.#program.policy.matrices.flatMap((one) => {
      const path = ['policy', 'matrices', one.id]
      if (!this.#isWritten(path)) return []
      const { escalateTo, health, ...rest } = one
      return [
        {
          ...this.#at(path, 'key'),
          ...rest,
          when: health.join(', '),
          ...(escalateTo !== undefined && { escalateTo: this.#fact([...path, 'escalateTo'], escalateTo) }),
        },
      ]
    })
  }

  #escalations(): readonly PlanEscalation[] {
    return this.#program.escalation.flatMap((one) => {
      const path = ['escalation', one.id]
      if (!this.#isWritten(path)) return []
      const after = one.afterSeconds > 0 ? one.afterSeconds : ageOf(one.when)
      return [
        {
          ...this.#at(path, 'key'),
          id: one.id,
          scenario: one.scenario,
          owner: this.#fact([...path, 'owner'], one.owner),
          escalateTo: this.#fact([...path, 'escalateTo'], one.escalateTo),
          action: one.action,
          ...(after !== undefined && { afterSeconds: after }),
        },
      ]
    })
  }

  #metrics(): readonly PlanMetric[] {
    const { sources, metrics, streams } = this.#program
    const byId = new Map(sources.map((one) => [one.id, one]))
    const every = streams.map((one) => one.id)
    const brought = Object.entries(metrics).map(([name, { unit, better, source }]): PlanMetric => {
      const scope = byId.get(source ?? '')?.for ?? 'streams'
      if (source === undefined) return { name, unit, better, whole: true }
      if (scope === 'program') return { name, unit, better, units: [], whole: true }
      return { name, unit, better, units: scope === 'streams' ? every : scope, whole: false }
    })
    const known = new Set(brought.map((one) => one.name))
    return [
      ...brought,
      ...Object.entries(DERIVED_METRICS).flatMap(([name, { unit, better }]) =>
        known.has(name) ? [] : [{ name, unit, better, whole: true }],
      ),
    ]
  }
}

/** "older than 2 h" as a condition over the age of a blocker. */
const ageOf = (condition: Condition): number | undefined =>
  'metric' in condition &&
  condition.metric === 'blockers.age' &&
  'value' in condition.comparison &&
  typeof condition.comparison.value === 'number'
    ? condition.comparison.value
    : undefined

const MATTERS: Readonly<Record<string, SubjectMatter>> = {
  'progress.code': 'code',
  'progress.tests': 'tests',
  'progress.documentation': 'documentation',
}

function matterOf(metric: string): SubjectMatter {
  const family = metric.split('.')[0] ?? ''
  return MATTERS[metric] ?? (family === 'blockers' ? 'blockers' : family === 'confidence' ? 'confidence' : 'other')
}
