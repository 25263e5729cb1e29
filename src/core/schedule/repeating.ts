import { DROPPED, MOST_DROPPED, type Look, type Said } from '#core/schedule/look.ts'
import { addSpan, epoch, instantOf } from '#core/schedule/time.ts'

/** An instant in milliseconds after a span in milliseconds, or several of it: whole days are calendar days. */
export const later = ({ program }: Look, at: number, span: number, times = 1): number =>
  span % DAY_MS === 0 && span * times !== 0
    ? epoch(addSpan(instantOf(at), (span / 1000) * times, program.calendar.zone))
    : at + span * times

const DAY_MS = 86_400_000

export interface Repetition {
  readonly series: string
  /** The first repetition comes one `every` after this: milliseconds. */
  readonly from: number
  readonly every: number
  /** What fell due until then is covered by what was said then; infinite: nothing was, so nothing is repeated. */
  readonly after: number
  /** Where it says nothing of a time, nothing is said then. */
  readonly within?: (at: number) => boolean
}

/** Says something again and again: the newest that has come, while those that were missed before it are dropped. */
export function repeating(look: Look, { series, from, every, after, within = () => true }: Repetition, said: Said): void {
  if (every <= 0 || after === Number.POSITIVE_INFINITY) return
  const times = (count: number): number => later(look, from, every, count)
  // Days may be longer or shorter than 24 hours.
  let count = Math.max(0, Math.floor((look.now - from) / every) + 1)
  while (count > 0 && times(count) > look.now) count -= 1
  look.hasCome(times(count + 1))
  const last = look.history.series.get(series)
  const covered = Math.max(after, from, last ? epoch(last.firedAt) : after)
  let isNewest = true
  for (let back = 0; back <= MOST_DROPPED && back < count; back += 1) {
    const at = times(count - back)
    if (at <= covered) return
    if (!within(at)) continue
    const key = `${series}@${instantOf(at)}`
    if (look.isDue(at, key)) look.say(at, key, isNewest ? said : { ...said, dropped: DROPPED.overtaken })
    isNewest = false
  }
}
