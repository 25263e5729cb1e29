import { DROPPED, MOST_DROPPED, type Look, type Said } from '#core/schedule/look.ts'
import { epoch, instantOf } from '#core/schedule/time.ts'

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
  const count = Math.max(0, Math.floor((look.now - from) / every))
  look.hasCome(from + (count + 1) * every)
  const last = look.history.series.get(series)
  const covered = Math.max(after, from, last ? epoch(last.firedAt) : after)
  let isNewest = true
  for (let back = 0; back <= MOST_DROPPED && back < count; back += 1) {
    const at = from + (count - back) * every
    if (at <= covered) return
    if (!within(at)) continue
    const key = `${series}@${instantOf(at)}`
    if (look.isDue(at, key)) look.say(at, key, isNewest ? said : { ...said, dropped: DROPPED.overtaken })
    isNewest = false
  }
}
