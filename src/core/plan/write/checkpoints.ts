import type { PlanCheckpoint, PlanCriterion, PlanTarget } from '#core/plan/model.ts'
import { Ids, slug } from '#core/plan/read/text.ts'
import type { People } from '#core/plan/write/people.ts'
import type { Needs } from '#core/plan/write/sources.ts'
import type { Owed, StreamEntry } from '#core/plan/write/streams.ts'
import { amountText, comment, comparisonText, durationText, flow, inline, q, rangeText, type Writing } from '#core/plan/write/yaml.ts'
import { addDays, isDate, minutesOfDay, weekdayOf, weekdayName } from '#core/schedule/time.ts'
import { toInstant } from '#core/schedule/time.ts'

type Streams = ReadonlyMap<string, StreamEntry>

/** Checkpoints of the program file. One without a day gets the next free one, and that is said. */
export function checkpointLines(writing: Writing, people: People, streams: Streams, needs: Needs, day: string): readonly string[] {
  const { plan } = writing
  if (plan.checkpoints.length === 0) return ['# The plan names no checkpoint.', 'checkpoints: {}']
  const ids = new Ids()
  const named = plan.checkpoints.map((one) => ({
    one,
    id: ids.take(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(one.id) ? one.id : slug(one.id), 'checkpoint'),
  }))
  const last = plan.checkpoints.reduce(
    (latest, one) => (one.when?.date !== undefined && one.when.date > latest ? one.when.date : latest),
    '',
  )
  const free = { day: last === '' ? day : addDays(last, 7), known: new Set(named.map(({ id }) => id)) }
  return ['checkpoints:', ...named.flatMap(({ one, id }) => oneCheckpoint(writing, people, streams, needs, { one, id, free }))]
}

interface Entry {
  readonly one: PlanCheckpoint
  readonly id: string
  readonly free: { day: string; readonly known: ReadonlySet<string> }
}

function oneCheckpoint(writing: Writing, people: People, streams: Streams, needs: Needs, { one, id, free }: Entry): readonly string[] {
  const agenda = agendaLines(one, streams)
  const attendees = [
    ...new Set(
      one.attendees.flatMap((fact) => (fact.value === 'leads' || people.hasRole(fact.value) ? fact.value : (people.id(fact.value) ?? []))),
    ),
  ]
  const duration = one.durationSeconds?.value
  const tooLong = duration !== undefined && agenda.seconds > duration
  if (tooLong)
    writing.say(
      one.durationSeconds ?? one,
      `${one.name}: the agenda takes ${durationText(agenda.seconds)}, the meeting ${durationText(duration)}; the length was left out`,
    )
  return [
    `  ${q(id)}:`,
    `    name: ${q(one.name === '' ? id : one.name)}`,
    ...whenLines(writing, one, free),
    ...(duration !== undefined && duration > 0 && !tooLong
      ? [`    duration: ${durationText(duration)}`]
      : tooLong
        ? [comment(`duration: ${one.durationSeconds?.text ?? durationText(duration)} in the plan, less than the agenda takes`, 4)]
        : []),
    ...(attendees.length > 0 ? [`    attendees: ${flow(attendees)}`] : []),
    ...agenda.lines,
    ...criteriaLines(writing, people, streams, needs, one),
    ...(one.more?.['target tier'] === undefined ? [] : [`    targetTier: ${one.more['target tier']}`]),
    ...targetLines(writing, streams, one),
    ...decisionLines(writing, people, streams, { one, id, free }),
  ]
}

/** The day and time, with the weekday where it agrees; where it does not, the author's words. */
function whenLines(writing: Writing, one: PlanCheckpoint, free: { day: string }): readonly string[] {
  const { when } = one
  const time = when?.time !== undefined && minutesOfDay(when.time) !== undefined ? when.time : '17:00'
  const usable = when?.date !== undefined && isDate(when.date) && when.date >= '1000'
  if (!usable || when?.date === undefined) {
    const date = free.day
    free.day = addDays(free.day, 7)
    writing.say(
      when ?? one,
      when ? `"${when.text}" is not a day that is known; ${date} was written` : `${one.name} has no date; ${date} was written`,
    )
    return [
      comment(when ? `The plan says: ${when.text}. Write the day.` : 'The plan gives no date. Write the day.', 4),
      `    at: ${date} ${time}`,
    ]
  }
  const lines: string[] = []
  if (when.time === undefined) {
    lines.push(comment('The plan gives no time of day.', 4))
    writing.say(when, `${one.name} has no time of day; ${time} was written`)
  }
  const real = weekdayOf(when.date)
  const meant = when.weekday?.value
  if (meant !== undefined && meant !== real) {
    lines.push(comment(`The plan says ${weekdayName(meant)}; ${when.date} is a ${weekdayName(real)}.`, 4))
    writing.say(when.weekday ?? when, `${when.date} is a ${weekdayName(real)}, not a ${weekdayName(meant)}; the date was kept`)
  }
  return [...lines, `    at: ${when.date} ${time}`, ...(meant === real ? [`    weekday: ${real}`] : [])]
}

function agendaLines(one: PlanCheckpoint, streams: Streams): { readonly lines: readonly string[]; readonly seconds: number } {
  if (one.agenda.length === 0) return { lines: [], seconds: 0 }
  const seconds = one.agenda.reduce((sum, item) => sum + item.seconds * (item.each ? streams.size : 1), 0)
  return {
    seconds,
    lines: [
      '    agenda:',
      ...one.agenda.slice(0, 200).flatMap((item) => [
        `      - item: ${q(item.title === '' ? 'Item' : item.title)}`,
        `        time: ${durationText(item.seconds)}`,
        ...(item.each ? ['        each: stream'] : []),
        ...(item.topics.length > 0
          ? [
              '        topics:',
              ...item.topics
                .slice(0, 200)
                .filter((topic) => topic.trim() !== '')
                .map((topic) => `          - ${q(topic)}`),
            ]
          : []),
      ]),
    ].filter((line, index, all) => !(line.endsWith('topics:') && all[index + 1]?.startsWith('          - ') !== true)),
  }
}

function criteriaLines(writing: Writing, people: People, streams: Streams, needs: Needs, checkpoint: PlanCheckpoint): readonly string[] {
  if (checkpoint.criteria.length === 0) return []
  const ids = new Ids()
  let list = ''
  return [
    '    criteria:',
    ...checkpoint.criteria.flatMap((one) => {
      const head = one.list === list || one.condition ? [] : [comment(`${one.list}, line ${one.line}`, 6)]
      list = one.list
      const condition = conditionLines(writing, people, streams, needs, { one, checkpoint })
      return [
        ...head,
        ...condition.notes.map((note) => comment(note, 6)),
        `      ${q(ids.take(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(one.id) ? one.id : slug(one.id), 'criterion'))}:`,
        `        title: ${q(one.text === '' ? one.id : one.text)}`,
        ...(condition.tier === 'critical' ? [] : [`        tier: ${condition.tier}`]),
        ...(condition.for === undefined ? [] : [`        for: ${condition.for}`]),
        ...condition.lines.map((line) => `        ${line}`),
        ...(one.owner === undefined || (people.id(one.owner) === undefined && !people.hasRole(one.owner) && one.owner !== 'lead')
          ? []
          : [`        owner: ${q(one.owner)}`]),
      ]
    }),
  ]
}

interface ConditionText {
  readonly lines: readonly string[]
  readonly tier: PlanCriterion['tier']
  readonly for?: string
  readonly notes: readonly string[]
}

const CLAIMED = /^confidence\./

function conditionLines(
  writing: Writing,
  people: People,
  streams: Streams,
  needs: Needs,
  { one, checkpoint }: { readonly one: PlanCriterion; readonly checkpoint: PlanCheckpoint },
): ConditionText {
  const units = one.units?.flatMap((unit) => streams.get(unit)?.id ?? [])
  // A plan without units is judged as a whole: criteria for no stream at all would be judged by nobody.
  const where = streams.size === 0 ? 'program' : units === undefined ? one.scope : units.length === 0 ? 'program' : flow(units)
  const put = (lines: readonly string[], more: Partial<ConditionText> = {}): ConditionText => ({
    lines,
    tier: one.tier,
    notes: [],
    ...(where !== undefined && { for: where }),
    ...more,
  })
  if (one.condition) return put(Object.entries(one.condition).map(([key, value]) => `${key}: ${inline(value)}`))
  const { comparison, metric, unit } = one
  if (metric !== undefined && comparison !== undefined && possible(comparison, unit)) {
    const source = metric.split('.')[0] ?? ''
    const derived = ['progress', 'due', 'blockers', 'confidence'].includes(source)
    if (!derived) needs.add(source)
    const { key, value } = comparisonText(comparison, unit ?? 'count')
    return put([`metric: ${q(metric)}`, `${key}: ${value}`], {
      ...(CLAIMED.test(metric) && one.tier === 'critical' && { tier: 'supporting' }),
      ...(source === 'suite' && where === undefined && { for: 'program' }),
    })
  }
  if (one.about === 'performance' && comparison === undefined && checkpoint.targets.some((target) => target.kind === 'performance'))
    return put(['targets: [performance]'])
  const role = units && units.length > 0 ? 'lead' : signerOf(one, people)
  const asked = comparison && unit ? comparisonText(comparison, unit) : undefined
  const notes = asked ? [`Nothing measures it: ${asked.key} ${asked.value}.`] : []
  if (asked && metric !== undefined)
    writing.say(one, `"${one.text}" asks for ${asked.key} ${asked.value}, which is not a possible amount of ${metric}; a person signs it`)
  return put([`signOff: ${q(role)}`], { notes })
}

function signerOf({ about, text }: PlanCriterion, people: People): string {
  const first = /secur|sicherheit|seguridad|安全/i.test(text)
    ? ['security']
    : about === 'documentation'
      ? ['scribe']
      : about === 'tests' || about === 'bugs' || about === 'coverage'
        ? ['quality']
        : about === 'performance'
          ? ['performance']
          : []
  return people.signer(...first, 'phase-lead', 'architect', 'engineering')
}

/** Whether a program file takes the comparison: a share lies between nothing and the whole. */
function possible(comparison: NonNullable<PlanCriterion['comparison']>, unit: PlanCriterion['unit']): boolean {
  const values = comparison.op === 'between' ? [comparison.low, comparison.high] : [comparison.value]
  return values.every(
    (value) => typeof value === 'boolean' || (Number.isFinite(value) && value >= 0 && value < 1e12 && (unit !== 'ratio' || value <= 1)),
  )
}

function targetLines(writing: Writing, streams: Streams, checkpoint: PlanCheckpoint): readonly string[] {
  const byStream = Map.groupBy(checkpoint.targets, (one) => one.unit)
  const lines = [...byStream].flatMap(([unit, targets]) => {
    const stream = streams.get(unit)
    if (!stream) return []
    const seen = new Set<string>()
    return [
      `      ${q(stream.id)}:`,
      ...targets.flatMap((target) => {
        const owed = stream.deliverables.get(target.deliverable)
        if (!owed) return []
        if (seen.has(owed.id)) {
          writing.say(target, `${checkpoint.name} asks for ${owed.title} of ${stream.unit.name} twice; the first was kept`)
          return [comment(`also: ${target.title}`, 8)]
        }
        seen.add(owed.id)
        const due = dueText(writing, target, owed)
        return [...(due.note === undefined ? [] : [comment(due.note, 8)]), `        ${q(owed.id)}: ${due.text}`]
      }),
    ]
  })
  return lines.length === 0 ? [] : ['    targets:', ...lines]
}

function dueText(writing: Writing, target: PlanTarget, owed: Owed): { readonly text: string; readonly note?: string } {
  const said = `The plan says: ${target.title}`
  if (target.due !== undefined) return { text: q(target.due) }
  const { amount } = target
  if (!owed.measure) return { text: 'done', ...(plainTitle(target.title) === plainTitle(owed.title) ? {} : { note: said }) }
  if (!amount) return { text: 'full', note: said }
  const { unit, high, metric } = owed.measure
  if (amount.unit !== unit && !(amount.unit === 'ratio' && (unit === 'lines' || unit === 'tests'))) return { text: 'full', note: said }
  const over = amount.unit === unit && amount.high > high && metric !== 'bench.change'
  const other = amount.whole !== undefined && amount.whole !== high
  if (over || other || amount.low < 0 || (amount.unit === 'ratio' && unit !== 'ratio' && amount.high > 1)) {
    writing.say(
      target,
      over
        ? `${amount.text} is more than the whole of ${owed.measure.full}; the whole was written`
        : `${amount.text} here, and ${owed.measure.full} in all elsewhere`,
    )
    return { text: over || amount.unit === 'ratio' ? 'full' : amountText(Math.max(0, amount.low), unit), note: said }
  }
  if (amount.whole !== undefined) return { text: `${amountText(amount.low, 'count')} of ${amountText(amount.whole, unit)}` }
  return { text: rangeText(amount.low, amount.high, amount.unit) }
}

const plainTitle = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

function decisionLines(writing: Writing, people: People, streams: Streams, { one, free }: Entry): readonly string[] {
  const more = one.more ?? {}
  const merge =
    more['merges'] === undefined
      ? /merge|zusammenführ|fusi[oó]n|合并/i.test(
          [one.name, one.question?.value, ...one.go.slice(0, 20).map((fact) => fact.value)].join(' '),
        )
      : more['merges'] === 'yes'
  const outcome = (key: string, facts: PlanCheckpoint['go'], extra: readonly string[]): readonly string[] =>
    facts.length === 0 && extra.length === 0
      ? []
      : [
          `      ${key}:`,
          ...(facts.length > 0
            ? ['        actions:', ...facts.slice(0, 200).map((fact) => `          - ${q(fact.value === '' ? '-' : fact.value)}`)]
            : []),
          ...extra,
        ]
  const next = (key: string): readonly string[] =>
    more[key] !== undefined && free.known.has(more[key]) ? [`        next: ${q(more[key])}`] : []
  const again = more['decided again']
  const noGo = [
    ...(more['extend by'] === undefined ? [] : [`        extend: ${q(more['extend by'])}`]),
    ...next('no-go next'),
    ...(again !== undefined && toInstant(again, 'UTC') !== undefined ? [`        reevaluate: ${q(again)}`] : []),
  ]
  const signOff = signOffLines(writing, people, streams, one)
  return [
    '    decide:',
    ...(one.question ? [`      question: ${q(one.question.value)}`] : []),
    `      merge: ${merge}`,
    ...outcome('go', one.go, next('go next')),
    ...outcome('noGo', one.noGo, noGo),
    ...signOff,
  ]
}

function signOffLines(writing: Writing, people: People, streams: Streams, one: PlanCheckpoint): readonly string[] {
  const lines = new Map<string, number>()
  for (const { role, quorum, ...place } of one.signOff) {
    const name = role === 'lead' || people.hasRole(role) ? role : people.asRole(role)
    if (name === undefined) {
      writing.say(place, `nobody holds the role "${role}", so nobody can sign for it`)
      continue
    }
    const holders = name === 'lead' ? streams.size : people.holders(name)
    if (holders === 0) continue
    if (quorum > holders) writing.say(place, `${quorum} signatures of ${name} are asked for, ${holders} hold the role`)
    lines.set(name, Math.min(Math.max(1, quorum), holders, 100))
  }
  return lines.size === 0 ? [] : ['      signOff:', ...[...lines].map(([role, quorum]) => `        ${q(role)}: ${quorum}`)]
}
