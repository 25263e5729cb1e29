import type { Radar, RadarPair } from '#core/merge/radar.ts'
import { isInstant, isoWithOffset } from '#core/schedule/time.ts'
import { json } from '#render/encode.ts'
import type { RadarRenderer } from '#render/radar/renderer.ts'

/**
 * The radar as one JSON document. `pairs` holds every pair of clean streams, in the order of the
 * streams: what is listed as clean was judged so. Streams go by their ids; instants carry an offset.
 */
export const renderRadarJson: RadarRenderer = (radar, { zone = 'UTC' } = {}) => {
  const { schemaVersion, exitCode, at, target, streams, effort, plan, landing, surprises, hot, trespasses, tests, whatIf, since } = radar
  const { waves, order, ...rest } = plan
  return json(
    withOffsets(
      {
        schemaVersion,
        exitCode,
        at,
        target,
        streams: streams.map(({ id, name, branch, lead, state, reason, ...more }) => ({ id, state, reason, name, branch, lead, ...more })),
        pairs: everyPair(radar),
        waves,
        order,
        plan: rest,
        landing,
        surprises,
        hot,
        trespasses,
        tests,
        whatIf,
        since,
        effort,
      },
      zone,
    ),
  )
}

type JudgedPair = Omit<RadarPair, 'verdict'> & { readonly verdict: RadarPair['verdict'] | 'clean' }

function everyPair({ streams, pairs }: Radar): readonly JudgedPair[] {
  const listed = new Map<string, Map<string, RadarPair>>()
  for (const pair of pairs) {
    const known = listed.get(pair.a)
    if (known) known.set(pair.b, pair)
    else listed.set(pair.a, new Map([[pair.b, pair]]))
  }
  const clean = streams.filter(({ state }) => state === 'clean')
  return clean.flatMap((a, index) =>
    clean.slice(index + 1).map((b): JudgedPair => {
      const {
        a: first,
        b: second,
        verdict,
        files,
        ...more
      } = listed.get(a.id)?.get(b.id) ??
        listed.get(b.id)?.get(a.id) ?? {
          a: a.id,
          b: b.id,
          verdict: 'clean',
          files: [],
          owners: [],
          stacked: a.contains.includes(b.id) || b.contains.includes(a.id),
        }
      return { a: first, b: second, verdict, files, ...more }
    }),
  )
}

const INSTANTS: ReadonlySet<string> = new Set(['at', 'committedAt'])

function withOffsets(value: unknown, zone: string, key = ''): unknown {
  if (typeof value === 'string') return INSTANTS.has(key) && isInstant(value) ? isoWithOffset(value, zone) : value
  if (Array.isArray(value)) return value.map((item) => withOffsets(item, zone))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withOffsets(inner, zone, name)]))
}
