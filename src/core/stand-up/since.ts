import type { Program } from '#core/program/model.ts'
import { addDays, epoch, instantOf, isWorkDay, wallOf, wallToInstant } from '#core/schedule/time.ts'
import { Weekly } from '#core/schedule/weekly.ts'

/** Whoever asks so soon after a stand-up began is still in it, and means the one before. */
const IN_IT_MS = 2 * 3_600_000

/** The last stand-up; where the program has none, the start of the last work day before today. */
export function lastStandUp({ calendar, schedule }: Program, at: string): string {
  const { standUp } = schedule
  if (standUp) {
    const times = new Weekly(calendar, standUp.days, standUp.time)
    const latest = times.latest(epoch(at))
    const meant = epoch(at) - latest < IN_IT_MS ? times.before(latest) : latest
    if (Number.isFinite(meant)) return instantOf(meant)
  }
  const today = wallOf(at, calendar.zone).date
  const back = Array.from({ length: 14 }, (_, index) => addDays(today, -1 - index))
  const date = back.find((one) => isWorkDay(one, calendar)) ?? addDays(today, -1)
  return wallToInstant(`${date} ${calendar.hours.start}`, calendar.zone) ?? instantOf(epoch(at) - 86_400_000)
}
