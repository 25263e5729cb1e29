import type { Fact, PlanCheckpoint, PlanTime } from '#core/plan/model.ts'
import type { CheckpointDraft } from '#core/plan/read/draft.ts'
import { findTime } from '#core/plan/read/time.ts'
import { WEEKDAYS } from '#core/program/model.ts'
import { addDays, isDate, weekdayOf } from '#core/schedule/time.ts'

/**
 * When a plan says that invitations go out: "All calendar invites sent Monday Week 2". A numbered
 * week is that of the checkpoints which stand under it; whatever else is said of invitations stays
 * where it is.
 */
export function findInvitations(
  lines: readonly Fact<string>[],
  drafts: readonly CheckpointDraft[],
  checkpoints: readonly PlanCheckpoint[],
): { readonly when: PlanTime; readonly from: Fact<string> } | undefined {
  for (const line of lines) {
    if (line.value.length > 300 || !/\binvit(?:e|ation)s?\b/i.test(line.value) || !/\b(?:sent|send|go|goes|out)\b/i.test(line.value))
      continue
    const written = findTime(line.value)
    if (written?.week === undefined) continue
    const index = drafts.findIndex((one) => one.week === written.week)
    const date = checkpoints[index]?.when?.date
    if (date === undefined || !isDate(date)) continue
    const monday = addDays(date, -WEEKDAYS.indexOf(weekdayOf(date)))
    const { file, line: at, column } = line
    return {
      from: line,
      when: {
        file,
        line: at,
        column,
        text: line.value,
        date: addDays(monday, written.weekday === undefined ? 0 : WEEKDAYS.indexOf(written.weekday)),
        ...(written.time !== undefined && { time: written.time }),
      },
    }
  }
  return undefined
}
