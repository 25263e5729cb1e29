import type { Calendar, Checkpoint, Outcome, Stream } from '#core/program/model.ts'
import { formatValue } from '#core/program/quantity.ts'
import { readCriteria, readTargets } from '#core/program/resolve/criteria.ts'
import type { Scope } from '#core/program/resolve/scope.ts'
import type { ProgramInput } from '#core/program/schema.ts'
import type { Path } from '#core/program/source-text.ts'
import { nearest } from '#core/program/nearest.ts'
import { nearestWeekday, yearOf } from '#core/program/weekdays.ts'
import { epoch, formatInstant, wallOf } from '#core/schedule/time.ts'

export type CheckpointInput = ProgramInput['checkpoints'][string]

export function readCheckpoints(scope: Scope, streams: readonly Stream[], calendar: Calendar): Checkpoint[] {
  const timed = Object.entries(scope.input.checkpoints).map(([id, one]) => {
    const at = scope.moment(['checkpoints', id, 'at'], one.at, calendar)
    return { id, one, at: at ?? '1970-01-01T00:00:00Z', known: at !== undefined }
  })
  checkWeekdays(
    scope,
    timed.filter((one) => one.known),
    calendar,
  )
  const inOrder = timed.toSorted((a, b) => epoch(a.at) - epoch(b.at))
  return inOrder.map(({ id, one, at }, index) => readCheckpoint(scope, id, one, at, inOrder[index + 1]?.id, streams, calendar))
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
    const remedy = `write weekday: ${weekday} to keep the date, or ${nearestWeekday(date, meant)} to keep the ${meant}${agree}`
    scope.say(['checkpoints', id, 'weekday'], 'weekday-mismatch', `${date} is a ${weekday}, not a ${meant}`, remedy)
  }
}

function readCheckpoint(
  scope: Scope,
  id: string,
  one: CheckpointInput,
  at: string,
  following: string | undefined,
  streams: readonly Stream[],
  calendar: Calendar,
): Checkpoint {
  const path = ['checkpoints', id]
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
    ...(following !== undefined && { next: following }),
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
      `write a time after ${formatInstant(at, calendar.zone)}`,
    )
  }
  return {
    actions: one?.actions ?? [],
    ...(one?.next !== undefined && { next: one.next }),
    ...(one?.extend !== undefined && { extendSeconds: scope.seconds([...path, 'extend'], one.extend) }),
    ...(reevaluateAt !== undefined && { reevaluateAt }),
  }
}
