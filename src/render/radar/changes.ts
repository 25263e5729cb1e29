import { changesBetween } from '#core/merge/changes.ts'
import type { Radar } from '#core/merge/radar.ts'
import { isInstant, isoWithOffset } from '#core/schedule/time.ts'
import { terminal } from '#render/encode.ts'
import { headline } from '#render/radar/headline.ts'
import type { RadarOptions } from '#render/radar/renderer.ts'
import { changeLines, unknownLines, type Line } from '#render/radar/told.ts'
import { collisionsOf, viewOf, type View } from '#render/radar/view.ts'
import { kindWords, list } from '#render/radar/words.ts'
import { painter } from '#render/text/paint.ts'

const MOST_CONFLICTS = 20

/**
 * For watching: one line with its time for each thing that changed since the radar before, nothing
 * where nothing did. Without one before, or of another target, how it stands.
 */
export function renderChanges(radar: Radar, before?: Radar, { zone = 'UTC', color = false }: Omit<RadarOptions, 'width'> = {}): string {
  const paint = painter(color)
  const view = viewOf(radar, zone)
  const since = before && changesBetween(before, radar)
  const lines = since ? [...changeLines(withGone(view, before), since), ...newlyUnknown(view, before)] : standing(view)
  const time = isInstant(radar.at) ? isoWithOffset(radar.at, zone).slice(11, 19) : radar.at
  return lines.map(({ shape, tone, text }) => `${paint('dim', terminal(time))} ${paint(tone, `${shape} ${terminal(text)}`)}\n`).join('')
}

/** Streams that are gone still have their names. */
function withGone(view: View, before: Radar): View {
  const names = new Map(before.streams.map(({ id, name }) => [id, name]))
  return { ...view, name: (id) => view.stream(id)?.name ?? names.get(id) ?? id }
}

/** That a stream cannot be judged is a change of its state; of a pair nothing else would tell. */
function newlyUnknown(view: View, before: Radar): readonly Line[] {
  const known = new Set(viewOf(before).unknown.map(({ a, b }) => JSON.stringify([a, b].sort())))
  const unknown = view.unknown.filter(({ a, b }) => !known.has(JSON.stringify([a, b].sort())))
  return unknownLines({ ...view, unknown, inState: () => [] }).map((line) => ({ ...line, text: `cannot be judged now: ${line.text}` }))
}

function standing(view: View): readonly Line[] {
  const collisions = collisionsOf(view)
  const more = collisions.length - MOST_CONFLICTS
  return [
    ...headline(view),
    ...collisions.slice(0, MOST_CONFLICTS).map(({ a, b, files, remarks }): Line => {
      const where = list(
        files.map((file) => `${file.path} (${kindWords(file)})`),
        3,
      )
      return { shape: '✗', tone: 'bad', text: [`${a.name} × ${b.name}: ${where}`, ...remarks].join(' · ') }
    }),
    ...(more > 0 ? [{ shape: '✗', tone: 'bad', text: `and ${more} more conflicts` } as const] : []),
    ...unknownLines(view),
  ]
}
