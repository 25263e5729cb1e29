import type { LedgerState } from '#core/ledger/state.ts'
import type { Program, Sync } from '#core/program/model.ts'
import { moveOf } from '#core/schedule/moves.ts'
import { addDays, addSeconds, epoch, instantOf, wallOf, wallToInstant, weekdayOf } from '#core/schedule/time.ts'

/** Dates, in the zone of the program. */
export interface Span {
  readonly from: string
  readonly until: string
}

/** A sync as one recurring meeting: instants, and the dates that are left out. */
export interface SyncTimes {
  readonly startsAt: string
  readonly endsAt: string
  /** Start and end of the last one. */
  readonly until: string
  readonly overAt: string
  readonly except: readonly string[]
}

/**
 * Syncs take place from the day on which invitations go out, or the sixth before the first
 * checkpoint, to the day of the last one; undefined where none is held.
 */
export function syncSpan({ checkpoints, calendar, schedule }: Program, moves: LedgerState['moves']): Span | undefined {
  const starts = checkpoints.flatMap((one) => {
    const move = moveOf(moves, one)
    if (move === undefined) return [epoch(one.at)]
    return 'to' in move ? [epoch(move.to)] : []
  })
  if (starts.length === 0) return undefined
  const dateOf = (instant: string): string => wallOf(instant, calendar.zone).date
  const first = Math.min(...starts)
  const from =
    schedule.inviteAt !== undefined && epoch(schedule.inviteAt) < first ? dateOf(schedule.inviteAt) : addDays(dateOf(instantOf(first)), -6)
  return { from, until: dateOf(instantOf(Math.max(...starts))) }
}

/** Longer programs end their series there. */
const MOST_DAYS = 3 * 366

/** Undefined where there is no day for it. */
export function syncTimes({ calendar }: Program, sync: Sync, { from, until }: Span): SyncTimes | undefined {
  const days: string[] = []
  for (let date = from, count = 0; date <= until && count < MOST_DAYS; date = addDays(date, 1), count += 1)
    if (sync.days.includes(weekdayOf(date))) days.push(date)
  const except = days.filter((date) => calendar.holidays.includes(date))
  const [first, last] = [days[0], days.at(-1)]
  if (first === undefined || last === undefined || except.length === days.length) return undefined
  const [startsAt, lastAt] = [first, last].map((date) => wallToInstant(`${date} ${sync.time}`, calendar.zone))
  if (startsAt === undefined || lastAt === undefined) return undefined
  return {
    startsAt,
    endsAt: addSeconds(startsAt, sync.durationSeconds),
    until: lastAt,
    overAt: addSeconds(lastAt, sync.durationSeconds),
    except,
  }
}
