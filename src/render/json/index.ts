import type { Renderer } from '#render/renderer.ts'
import { isoWithOffset } from '#core/schedule/time.ts'
import { json } from '#render/encode.ts'

/**
 * The whole report as one JSON document. Instants carry the offset of the program's zone,
 * durations of the plan are ISO 8601 (`PT45M`), ratios are 0-1, sizes are bytes; a measured value
 * stays a number in the `unit` beside it. Keys come in the same order whatever order the report
 * was built in. Characters that a terminal would act on are written as \u escapes.
 */
export const renderJson: Renderer = (report) => {
  return { output: jsonDocument(report, report.program.zone), exitCode: report.exitCode }
}

/** Any document of Muster's, written as a report is. */
export const jsonDocument = (value: object, zone: string): string => json(convert('', value, zone))

const INSTANTS: ReadonlySet<string> = new Set([
  'at',
  'due',
  'observedAt',
  'committedAt',
  'openedAt',
  'acknowledgedUntil',
  'resolvedAt',
  'deadline',
  'extendedUntil',
  'reevaluateAt',
  'from',
  'until',
  'since',
  'measuredAt',
  'measuredBefore',
])

/** Key of the report -> key of the document, for planned lengths of time. */
const DURATIONS: Readonly<Record<string, string>> = { durationSeconds: 'duration', seconds: 'duration' }

/** Keys in reading order; all others follow, by their code units. */
const ORDER = [
  'schemaVersion', 'verdict', 'exitCode', 'id', 'criterion', 'stream', 'subject', 'blocker', 'waiver', 'program', 'checkpoint', 'name', 'title', 'kind', 'text', 'question', 'zone', 'target',
  'computedVerdict', 'rule', 'scenario', 'role', 'quorum', 'tier', 'status', 'rawStatus', 'state', 'health', 'healthRule', 'progress', 'ready', 'lead', 'branch', 'ref', 'commit', 'tree', 'committedAt', 'deleted',
  'metric', 'value', 'unit', 'interval', 'low', 'high', 'level', 'provenance', 'actual', 'full', 'due', 'measured', 'claimed', 'at', 'duration', 'because', 'explanation', 'evidence',
  'deliverables', 'integrationPoints', 'dependsOn', 'blockers', 'checkIn', 'matrix', 'people', 'streams', 'criteria', 'waivers', 'troubles', 'decision', 'actions', 'record',
] // prettier-ignore

const rank = new Map(ORDER.map((key, index) => [key, index]))

const byOrder = (a: string, b: string): number =>
  (rank.get(a) ?? ORDER.length) - (rank.get(b) ?? ORDER.length) || (a < b ? -1 : a > b ? 1 : 0)

function convert(key: string, value: unknown, zone: string): unknown {
  if (typeof value === 'string') return INSTANTS.has(key) ? withOffset(value, zone) : value
  if (Array.isArray(value)) return value.map((item) => convert('', item, zone))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, inner]): readonly [string, unknown] => {
    const renamed = Object.hasOwn(DURATIONS, name) && typeof inner === 'number' ? DURATIONS[name] : undefined
    return renamed === undefined ? [name, convert(name, inner, zone)] : [renamed, isoDuration(inner as number)]
  })
  const result = Object.create(null) as Record<string, unknown>
  for (const [name, inner] of entries.sort(([a], [b]) => byOrder(a, b))) result[name] = inner
  return result
}

/** What is no instant (a date, a checkpoint's id) stays as it is. */
const withOffset = (text: string, zone: string): string => (/^\d{4}-\d{2}-\d{2}T.*Z$/.test(text) ? isoWithOffset(text, zone) : text)

/** Elapsed time, so hours are the largest part: `PT45M`, `PT26H`, `PT0.5S`. */
export function isoDuration(seconds: number): string {
  if (seconds < 0) return `-${isoDuration(-seconds)}`
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  const rest = Number((seconds % 60).toFixed(6))
  const parts = `${hours > 0 ? `${hours}H` : ''}${minutes > 0 ? `${minutes}M` : ''}${rest > 0 ? `${rest}S` : ''}`
  return `PT${parts === '' ? '0S' : parts}`
}
