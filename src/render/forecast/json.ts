import { isInstant, isoWithOffset } from '#core/schedule/time.ts'
import { json } from '#render/encode.ts'
import type { ForecastRenderer } from '#render/forecast/renderer.ts'

/** The whole forecast as one JSON document; instants carry the offset of the program's zone. */
export const renderForecastJson: ForecastRenderer = (report) => json(withOffsets(report, report.program.zone))

const INSTANTS: ReadonlySet<string> = new Set(['at', 'asked', 'since', 'deadline'])

function withOffsets(value: unknown, zone: string, key = ''): unknown {
  if (typeof value === 'string') return INSTANTS.has(key) && isInstant(value) ? isoWithOffset(value, zone) : value
  if (Array.isArray(value)) return value.map((item) => withOffsets(item, zone))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withOffsets(inner, zone, name)]))
}
