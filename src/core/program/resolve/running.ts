import { DEFAULT_SCHEDULE } from '#core/program/metrics.ts'
import type { Calendar, ChannelConfig, NoticeKind, NotifyPolicy, Schedule, Source } from '#core/program/model.ts'
import { nearest } from '#core/program/nearest.ts'
import type { Scope } from '#core/program/resolve/scope.ts'
import type { Path } from '#core/program/source-text.ts'
import { minutesOfDay } from '#core/schedule/time.ts'

/** What `muster run` does by itself: when, over which channels, and what goes where. */

const HOUR = 3600

export function readSchedule(scope: Scope, calendar: Calendar): Schedule {
  const file = scope.input.schedule ?? {}
  const seconds = (key: 'open' | 'checkIns' | 'watch', text: string): number => scope.seconds(['schedule', key], text)
  if (!scope.input.schedule) scope.defaults.push('schedule')
  const inviteAt = file.invite === undefined ? undefined : scope.moment(['schedule', 'invite'], file.invite, calendar)
  return {
    openSeconds: file.open === undefined ? DEFAULT_SCHEDULE.openSeconds : seconds('open', file.open),
    remindSeconds:
      file.remind?.map((text, index) => scope.seconds(['schedule', 'remind', index], text)).toSorted((a, b) => b - a) ??
      DEFAULT_SCHEDULE.remindSeconds,
    ...(inviteAt !== undefined && { inviteAt }),
    ...(file.checkIns !== undefined && { claimsSeconds: seconds('checkIns', file.checkIns) }),
    ...(file.watch !== undefined && { watchSeconds: Math.max(60, seconds('watch', file.watch)) }),
    ...(file.stall !== undefined && { stallDays: file.stall }),
    ...(file.standUp && {
      standUp: {
        days: file.standUp.days ?? calendar.workDays,
        time: file.standUp.time,
        nudgeSeconds: file.standUp.nudge === undefined ? HOUR / 2 : scope.seconds(['schedule', 'standUp', 'nudge'], file.standUp.nudge),
      },
    }),
  }
}

export function readChannels(scope: Scope, sources: readonly Source[]): ChannelConfig[] {
  return Object.entries(scope.input.channels ?? {}).map(([id, one]) => {
    const path = ['channels', id]
    const lacks = (key: 'to' | 'from', remedy: string): void => scope.say(path, 'missing-key', `channel ${id} has no ${key}`, remedy, 'key')
    if (one.to === undefined && (one.send === 'slack' || one.send === 'file'))
      lacks('to', one.send === 'slack' ? "write to: '#channel'" : 'write to: notices.jsonl')
    if (one.send === 'file' && one.to !== undefined && !staysBelow(one.to))
      scope.say([...path, 'to'], 'invalid-value', `${one.to} is not below the folder of the program file`, 'write to: notices.jsonl')
    if (one.to === undefined && one.secret === undefined && one.send === 'webhook') lacks('to', 'write to: https://...')
    if (one.from === undefined && (one.send === 'email' || one.send === 'calendar')) lacks('from', 'write from: muster@example.org')
    if (one.send === 'forge' && !sources.some((source) => source.collect === 'forge' && (one.to === undefined || source.id === one.to)))
      scope.say(
        one.to === undefined ? path : [...path, 'to'],
        'unknown-source',
        one.to === undefined ? 'no source collects from a forge' : `"${one.to}" is no source that collects from a forge`,
        'name a source with collect: forge',
      )
    return {
      id,
      send: one.send,
      ...(one.to !== undefined && { to: one.to }),
      ...(one.from !== undefined && { from: one.from }),
      ...(one.secret !== undefined && { secret: one.secret }),
    }
  })
}

/** Whichever system reads it: what a program file of somebody else names is written nowhere but beside it. */
function staysBelow(path: string): boolean {
  if (/^(?:[\\/]|[A-Za-z]:)/.test(path)) return false
  let depth = 0
  for (const part of path.split(/[\\/]/)) {
    if (part !== '' && part !== '.') depth += part === '..' ? -1 : 1
    if (depth < 0) return false
  }
  return depth > 0
}

export function readNotify(scope: Scope): NotifyPolicy {
  const file = scope.input.notify ?? {}
  const channels = Object.keys(scope.input.channels ?? {})
  const routes: Partial<Record<NoticeKind, readonly string[]>> = {}
  for (const [kind, ids] of Object.entries(file.routes ?? {}) as [NoticeKind, readonly string[]][]) {
    for (const [index, id] of ids.entries()) if (!channels.includes(id)) sayUnknown(scope, ['notify', 'routes', kind, index], id, channels)
    routes[kind] = ids
  }
  const quiet = file.quiet === undefined ? undefined : readQuiet(scope, file.quiet)
  return {
    routes,
    ...(quiet && { quiet }),
    ...(file.perPerson !== undefined && { perPersonHour: file.perPerson }),
    ...(file.digest !== undefined && { digest: file.digest }),
  }
}

function sayUnknown(scope: Scope, path: Path, id: string, channels: readonly string[]): void {
  const near = nearest(id, channels)
  scope.say(path, 'unknown-channel', `there is no channel "${id}"`, near === undefined ? `add ${id} under channels` : `write ${near}`)
}

function readQuiet(scope: Scope, text: string): NotifyPolicy['quiet'] {
  const [from = '', until = ''] = text.split('-').map((part) => part.trim())
  if (minutesOfDay(from) !== undefined && minutesOfDay(until) !== undefined && from !== until) return { from, until }
  scope.say(['notify', 'quiet'], 'invalid-value', `"${text}" are no hours`, 'write them as 20:00-08:00')
  return undefined
}
