import type { CollectorKind } from '#core/evidence/collector.ts'
import { WEEKDAYS, type Calendar, type MergePolicy, type Person, type Program, type Source } from '#core/program/model.ts'
import { readCi } from '#core/program/resolve/ci.ts'
import { readCheckpoints } from '#core/program/resolve/checkpoints.ts'
import { guardCheckpoints, guardSource } from '#core/program/resolve/guard.ts'
import { readEscalation, readPolicy } from '#core/program/resolve/policy.ts'
import { Scope } from '#core/program/resolve/scope.ts'
import { readChannels, readNotify, readSchedule } from '#core/program/resolve/running.ts'
import { readSources } from '#core/program/resolve/sources.ts'
import { readStreams } from '#core/program/resolve/streams.ts'
import type { ProgramInput } from '#core/program/schema.ts'
import type { Locate, Path } from '#core/program/source-text.ts'
import { dateProblem } from '#core/program/weekdays.ts'
import type { Problem } from '#core/problems.ts'
import { isDate, isZone, minutesOfDay } from '#core/schedule/time.ts'

export interface Resolved {
  readonly program: Program
  readonly problems: readonly Problem[]
  readonly defaults: readonly string[]
}

/**
 * Turns a file of the right shape into a program: references, amounts, times and defaults. Nothing
 * is said of what stands at or below a doubtful path, nor of what rests on it.
 */
export function resolveProgram(
  input: ProgramInput,
  locate: Locate,
  kinds: readonly CollectorKind[],
  doubtful: readonly Path[] = [],
): Resolved {
  const scope = new Scope(input, locate, kinds, doubtful)
  const calendar = readCalendar(scope)
  const people = readPeople(scope)
  const written = readSources(scope)
  const guard = guardSource(scope, written)
  const sources = guard ? [...written, guard] : written
  const streams = readStreams(scope)
  const policy = readPolicy(scope)
  const escalation = readEscalation(scope)
  const checkpoints = guardCheckpoints(scope, readCheckpoints(scope, streams, calendar), streams)
  const program: Program = {
    schemaVersion: 1,
    id: input.program,
    name: input.name,
    repository: scope.or('repository', input.repository, '.'),
    target: scope.branch(['target'], scope.or('target', input.target, 'main')),
    calendar,
    people,
    streams,
    sources,
    metrics: scope.metrics,
    checkpoints,
    syncs: Object.entries(input.syncs ?? {}).map(([id, one]) => ({
      id,
      name: one.name,
      days: one.days,
      time: one.time,
      durationSeconds: scope.seconds(['syncs', id, 'duration'], one.duration),
      format: one.format ?? '',
      attendees: scope.attendees(['syncs', id, 'attendees'], one.attendees ?? ['leads'], streams),
      topics: one.topics ?? [],
    })),
    policy,
    escalation,
    templates: Object.entries(input.templates ?? {}).map(([id, one]) => ({
      id,
      channel: one.channel,
      ...(one.notice !== undefined && { notice: one.notice }),
      text: one.text,
    })),
    merge: readMerge(scope, sources, calendar),
    schedule: readSchedule(scope, calendar),
    channels: readChannels(scope, sources),
    notify: readNotify(scope),
    ...readCi(scope),
  }
  return { program, problems: scope.problems, defaults: scope.defaults }
}

function readMerge(scope: Scope, sources: readonly Source[], calendar: Calendar): MergePolicy {
  const { perDay, time, test, exceptions } = scope.input.merge ?? {}
  if (test !== undefined && sources.find((one) => one.id === test)?.collect !== 'command') {
    scope.say(['merge', 'test'], 'unknown-source', `"${test}" is no source that runs a command`, 'name a source with collect: command')
  }
  return {
    perDay: scope.or('merge.perDay', perDay, 2),
    time: scope.or('merge.time', time, calendar.hours.start),
    ...(test !== undefined && { test }),
    exceptions: (exceptions ?? []).map((one, index) => {
      const path = ['merge', 'exceptions', index]
      return {
        paths: scope.globs([...path, 'paths'], one.paths),
        streams: (one.streams ?? []).map((stream, at) => scope.streamId([...path, 'streams', at], stream)),
        reason: one.reason,
      }
    }),
  }
}

function readCalendar(scope: Scope): Calendar {
  const { zone, workDays, hours, holidays } = scope.input.calendar
  if (!isZone(zone))
    scope.say(['calendar', 'zone'], 'unknown-zone', `"${zone}" is not a time zone`, 'write an IANA name such as Europe/Berlin or UTC')
  for (const [index, date] of (holidays ?? []).entries()) {
    if (!isDate(date))
      scope.say(['calendar', 'holidays', index], 'invalid-date', `"${date}" is not a date: ${dateProblem(date)}`, 'write YYYY-MM-DD')
  }
  const text = scope.or('calendar.hours', hours, '09:00-17:00')
  const [start = '', end = ''] = text.split('-').map((part) => part.trim())
  const [from, to] = [minutesOfDay(start), minutesOfDay(end)]
  if (from === undefined || to === undefined || from >= to) {
    scope.say(['calendar', 'hours'], 'invalid-value', `"${text}" are not working hours`, 'write them as 09:00-17:00')
  }
  return {
    zone: isZone(zone) ? zone : 'UTC',
    workDays: scope.or('calendar.workDays', workDays, WEEKDAYS.slice(0, 5)),
    hours: { start, end },
    holidays: holidays ?? [],
  }
}

function readPeople(scope: Scope): Person[] {
  return Object.entries(scope.input.people).map(([id, one]) => {
    for (const role of one.roles ?? []) scope.roles.set(role, [...(scope.roles.get(role) ?? []), id])
    const { allocation, roles, ...rest } = one
    return {
      id,
      roles: roles ?? [],
      ...omitUndefined(rest),
      ...(allocation !== undefined && { allocation: scope.ratio(['people', id, 'allocation'], allocation) }),
    }
  })
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }

/** Takes out the keys whose value is undefined, so that optional stays absent. */
const omitUndefined = <T extends object>(value: T): Defined<T> =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Defined<T>
