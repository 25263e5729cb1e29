import type { Calendar, Checkpoint, Outcome, Stream } from '#core/program/model.ts'
import { formatValue } from '#core/program/quantity.ts'
import { readCriteria, readTargets } from '#core/program/resolve/criteria.ts'
import type { Scope } from '#core/program/resolve/scope.ts'
import type { ProgramInput } from '#core/program/schema.ts'
import type { Path } from '#core/program/source-text.ts'
import { nearest } from '#core/program/nearest.ts'
import { nearestWeekday, yearOf } from '#core/program/weekdays.ts'
import { readRecurrence } from '#core/schedule/recurrence.ts'
import { epoch, formatDate, formatZoned, wallOf, wallToInstant, weekdayName } from '#core/schedule/time.ts'

export type CheckpointInput = ProgramInput['checkpoints'][string]

export function readCheckpoints(scope: Scope, streams: readonly Stream[], calendar: Calendar): Checkpoint[] {
  const timed = Object.entries(scope.input.checkpoints).flatMap(([id, one]): Timed[] => {
    if (one.every !== undefined) return occurrences(scope, id, one, one.every, calendar)
    const at = readAt(scope, id, one, calendar)
    return [{ id, entry: id, one, at: at ?? '1970-01-01T00:00:00Z', known: at !== undefined }]
  })
  checkWeekdays(
    scope,
    timed.filter((one) => one.known && one.id === one.entry),
    calendar,
  )
  const inOrder = timed.toSorted((a, b) => epoch(a.at) - epoch(b.at))
  // What a recurring checkpoint asks for is read, and its mistakes said, once.
  const read = new Map<string, Checkpoint>()
  return inOrder.map((each, index) => {
    const { id, entry, one, at } = each
    const next = inOrder[index + 1]?.id
    const known = read.get(entry)
    const checkpoint = known ?? readCheckpoint(scope, each, streams, calendar)
    read.set(entry, checkpoint)
    return {
      ...checkpoint,
      id,
      ...(id !== entry && { series: entry, name: `${one.name}, ${formatDate(wallOf(at, calendar.zone).date)}` }),
      at,
      go: following(checkpoint.go, inOrder, index),
      noGo: following(checkpoint.noGo, inOrder, index),
      ...(next !== undefined && { next }),
    }
  })
}

/** One time of a checkpoint of the file. */
interface Timed {
  readonly id: string
  /** Its key under checkpoints. */
  readonly entry: string
  readonly one: CheckpointInput
  readonly at: string
  readonly known: boolean
}

/** To go on with a recurring checkpoint means its next time. */
function following(outcome: Outcome, inOrder: readonly Timed[], index: number): Outcome {
  const { next, ...rest } = outcome
  if (next === undefined || inOrder.some((one) => one.id === next)) return outcome
  const later = inOrder.slice(index + 1).find((one) => one.entry === next)
  return later ? { ...rest, next: later.id } : rest
}

function readAt(scope: Scope, id: string, one: CheckpointInput, calendar: Calendar): string | undefined {
  const path = ['checkpoints', id]
  for (const key of ['from', 'until', 'count'] as const)
    if (one[key] !== undefined)
      scope.say(
        [...path, key],
        'invalid-value',
        `${key} says when something that comes again ends or begins`,
        'add every:, or take it out',
        'key',
      )
  if (one.at !== undefined) return scope.moment([...path, 'at'], one.at, calendar)
  scope.say([...path, 'at'], 'missing-key', `checkpoints.${id} has no at`, 'add at: 2026-02-25 16:00, or every: Wed 16:00', 'key')
  return undefined
}

/** The times of a recurring checkpoint: ids are its own and the date, so that they stay what they are when others come or go. */
function occurrences(scope: Scope, entry: string, one: CheckpointInput, every: string, calendar: Calendar): Timed[] {
  const path = ['checkpoints', entry]
  for (const key of ['at', 'weekday'] as const)
    if (one[key] !== undefined)
      scope.say(
        [...path, key],
        'invalid-value',
        `${entry} comes again and again, so it has no ${key} of its own`,
        `take out ${key}, or every`,
        'key',
      )
  if (one.decide?.noGo?.reevaluate !== undefined)
    scope.say(
      [...path, 'decide', 'noGo', 'reevaluate'],
      'invalid-value',
      `${entry} comes again and again, so no one time is right to decide it again`,
      'take it out: the next time decides again',
      'key',
    )
  // A stand-in, so that what else is wrong with it is said as well.
  const unknown: Timed[] = [{ id: entry, entry, one, at: '1970-01-01T00:00:00Z', known: false }]
  if (one.from === undefined) {
    scope.say(
      [...path, 'from'],
      'missing-key',
      `checkpoints.${entry} comes again and again, and does not say from when`,
      'add from: 2026-02-25',
      'key',
    )
    return unknown
  }
  const result = readRecurrence(
    every,
    { from: one.from, ...(one.until !== undefined && { until: one.until }), ...(one.count !== undefined && { count: one.count }) },
    calendar,
  )
  if (!result.ok) {
    scope.say([...path, result.at], result.at === 'every' ? 'invalid-value' : 'invalid-date', result.reason, result.remedy)
    return unknown
  }
  const taken = new Set<string>()
  const timed = result.times.flatMap((wall): Timed[] => {
    const [date = '', time = ''] = wall.split(' ')
    const at = wallToInstant(wall, calendar.zone)
    const id = taken.has(`${entry}-${date}`) ? `${entry}-${date}-${time.replace(':', '')}` : `${entry}-${date}`
    taken.add(id)
    return at === undefined ? [] : [{ id, entry, one, at, known: true }]
  })
  const clash = timed.find(({ id }) => Object.hasOwn(scope.input.checkpoints, id))
  if (clash)
    scope.say(['checkpoints', clash.id], 'invalid-value', `${clash.id} is also a time of ${entry}`, 'give one of the two another id', 'key')
  if (timed.some(({ id }) => id.length > 64))
    scope.say(path, 'invalid-value', `${entry} is too long an id for something that comes again`, 'write at most 48 characters', 'key')
  return timed
}

/** A weekday that contradicts its date: both ways out are named, and the year in which the whole file agrees. */
function checkWeekdays(
  scope: Scope,
  timed: readonly { readonly id: string; readonly one: CheckpointInput; readonly at: string }[],
  calendar: Calendar,
): void {
  const dated = timed.flatMap(({ id, one, at }) =>
    one.weekday === undefined ? [] : [{ id, ...wallOf(at, calendar.zone), meant: one.weekday }],
  )
  const year = yearOf(dated)
  for (const { id, date, weekday, meant } of dated) {
    if (weekday === meant) continue
    const agree = year === undefined ? '' : `; in ${year} all ${dated.length} weekdays of the file agree with their dates`
    const remedy = `write weekday: ${weekday} to keep the date, or ${nearestWeekday(date, meant)} to keep the ${weekdayName(meant)}${agree}`
    scope.say(
      ['checkpoints', id, 'weekday'],
      'weekday-mismatch',
      `${date} is a ${weekdayName(weekday)}, not a ${weekdayName(meant)}`,
      remedy,
    )
  }
}

function readCheckpoint(scope: Scope, { id, entry, one, at }: Timed, streams: readonly Stream[], calendar: Calendar): Checkpoint {
  const path = ['checkpoints', entry]
  const duration = one.duration === undefined ? undefined : scope.seconds([...path, 'duration'], one.duration)
  const agenda = (one.agenda ?? []).map((item, index) => ({
    title: item.item,
    seconds: scope.seconds([...path, 'agenda', index, 'time'], item.time),
    ...(item.each && { each: item.each }),
    topics: item.topics ?? [],
  }))
  const needed = agenda.reduce((sum, item) => sum + item.seconds * (item.each ? streams.length : 1), 0)
  if (duration !== undefined && needed > duration) {
    scope.say(
      [...path, 'duration'],
      'agenda-too-long',
      `the agenda takes ${formatValue(needed, 'seconds')}, the meeting ${formatValue(duration, 'seconds')}`,
      'lengthen the meeting or shorten an item',
    )
  }
  const signOff = Object.entries(one.decide?.signOff ?? {}).map(([role, quorum]) => {
    scope.role([...path, 'decide', 'signOff', role], role)
    const holders = role === 'lead' ? streams.length : (scope.roles.get(role)?.length ?? 0)
    if (holders > 0 && quorum > holders) {
      scope.say(
        [...path, 'decide', 'signOff', role],
        'quorum-too-large',
        `${quorum} signatures of ${role} are asked for, ${holders} hold the role`,
        `write at most ${holders}`,
      )
    }
    return { role, quorum }
  })
  return {
    id,
    name: one.name,
    at,
    durationSeconds: duration ?? (needed || 1800),
    agenda,
    attendees: scope.attendees([...path, 'attendees'], one.attendees ?? ['leads'], streams),
    criteria: [...readTargets(scope, path, one, streams), ...readCriteria(scope, path, one, streams)],
    decision: one.decide?.question ?? `Go on after ${one.name}?`,
    merge: one.decide?.merge ?? true,
    go: readOutcome(scope, [...path, 'decide', 'go'], one.decide?.go, at, calendar),
    noGo: readOutcome(scope, [...path, 'decide', 'noGo'], one.decide?.noGo, at, calendar),
    signOff,
  }
}

function readOutcome(scope: Scope, path: Path, one: NonNullable<CheckpointInput['decide']>['go'], at: string, calendar: Calendar): Outcome {
  if (one?.next !== undefined && !Object.hasOwn(scope.input.checkpoints, one.next)) {
    const near = nearest(one.next, Object.keys(scope.input.checkpoints))
    scope.say(
      [...path, 'next'],
      'unknown-checkpoint',
      `there is no checkpoint "${one.next}"`,
      near ? `write ${near}` : 'add it under checkpoints',
    )
  }
  const reevaluateAt = one?.reevaluate === undefined ? undefined : scope.moment([...path, 'reevaluate'], one.reevaluate, calendar)
  if (reevaluateAt !== undefined && epoch(reevaluateAt) <= epoch(at)) {
    scope.say(
      [...path, 'reevaluate'],
      'invalid-date',
      'the decision is taken again before it is taken',
      `write a time after ${formatZoned(at, calendar.zone)}`,
    )
  }
  return {
    actions: one?.actions ?? [],
    ...(one?.next !== undefined && { next: one.next }),
    ...(one?.extend !== undefined && { extendSeconds: scope.seconds([...path, 'extend'], one.extend) }),
    ...(reevaluateAt !== undefined && { reevaluateAt }),
  }
}
