import { isSettled, openBlockers } from '#core/decide/risk.ts'
import type { DeliverableKind } from '#core/program/model.ts'
import { formatNumber, formatValue } from '#core/program/quantity.ts'
import type { DeliverableReport, StreamReport } from '#core/decide/report.ts'
import type { Page } from '#render/text/index.ts'
import { SEVERITIES } from '#core/ledger/events.ts'
import { naturalWidth, table, type Cell, type Column } from '#render/text/table.ts'
import { formatAmount, formatShare, HEALTH_SIGNS, short } from '#render/words.ts'

type StreamColumn = Column & { readonly cell: (stream: StreamReport) => Cell }

const health = (stream: StreamReport) => HEALTH_SIGNS[stream.health]

const FIRST: readonly StreamColumn[] = [
  { header: '', cell: (stream) => ({ text: health(stream).shape, ink: health(stream).tone }) },
  { header: 'Stream', fit: 'cut', least: 8, cell: (stream) => ({ text: stream.name }) },
  { header: 'Health', cell: (stream) => ({ text: stream.health, ink: health(stream).tone }) },
  { header: 'Lead', fit: 'cut', least: 4, cell: (stream) => ({ text: stream.lead.name }) },
  { header: 'Done', align: 'right', cell: (stream) => ({ text: stream.progress === undefined ? '?' : formatShare(stream.progress) }) },
  { header: 'Code', align: 'right', cell: (stream) => measuredOfDue(stream, 'code') },
  { header: 'Tests', align: 'right', cell: (stream) => measuredOfDue(stream, 'tests') },
]

/** Only where a stream has any, and where no name must be cut for it. */
const BLOCKERS: StreamColumn = { header: 'Blockers', align: 'right', cell: blockersOf }
const CONFIDENCE: StreamColumn = { header: 'Confidence', align: 'right', cell: confidenceOf }

const LAST: readonly StreamColumn[] = [
  {
    header: 'Head',
    cell: (stream) => (stream.state.state === 'present' ? { text: short(stream.state.commit) } : { text: 'none', ink: 'bad' }),
  },
  { header: 'Ready', cell: (stream) => (stream.ready ? { text: '✓ yes', ink: 'good' } : { text: '✗ no', ink: 'bad' }) },
]

/** One line for each stream: what is measured stands before what is due at this checkpoint. */
export function streamTable({ report, width, paint }: Page): readonly string[] {
  const { streams } = report
  if (streams.length === 0) return []
  const optional = [
    ...(streams.some((stream) => openBlockers(stream).length > 0) ? [BLOCKERS] : []),
    ...(streams.some((stream) => stream.checkIn?.confidence !== undefined) ? [CONFIDENCE] : []),
  ]
  const laidOut = (columns: readonly StreamColumn[], columnsWide: number) =>
    table(
      columns,
      streams.map((stream) => columns.map(({ cell }) => cell(stream))),
      columnsWide,
      paint,
    )
  const fits = (columns: readonly StreamColumn[]): boolean =>
    naturalWidth(
      columns,
      streams.map((stream) => columns.map(({ cell }) => cell(stream))),
    ) <=
    width - 2
  const candidates = [optional, optional.slice(0, 1), optional.slice(1)].map((some) => [...FIRST, ...some, ...LAST])
  return laidOut(candidates.find(fits) ?? [...FIRST, ...LAST], width - 2).map((line) => `  ${line}`)
}

/** `1 critical`: how many are open, and the most severe. */
function blockersOf(stream: StreamReport): Cell {
  const open = openBlockers(stream)
  const worst = SEVERITIES.find((severity) => open.some((blocker) => blocker.severity === severity))
  return worst === undefined
    ? { text: stream.checkIn ? '–' : '?', ink: 'muted' }
    : { text: `${open.length} ${worst}`, ink: worst === 'critical' ? 'bad' : 'warn' }
}

/** What the lead claims: for the week, or where only that was said, for the program. */
function confidenceOf(stream: StreamReport): Cell {
  const { week, program } = stream.checkIn?.confidence ?? {}
  const share = week ?? program
  return share === undefined ? { text: '–', ink: 'muted' } : { text: formatShare(share) }
}

/** `250/400`; of several deliverables of a kind the first that is open, and how many more there are. */
function measuredOfDue(stream: StreamReport, kind: DeliverableKind): Cell {
  const all = stream.deliverables.filter((deliverable) => deliverable.kind === kind)
  const shown = all.find((deliverable) => deliverable.status !== undefined && !isSettled(deliverable.status)) ?? all[0]
  if (!shown) return { text: '–', ink: 'muted' }
  const open = shown.status !== undefined && !isSettled(shown.status)
  const text = `${measured(shown)}/${due(shown)}`
  return { text: all.length > 1 ? `${text} +${all.length - 1}` : text, ...(open && { ink: 'bad' as const }) }
}

const isCount = (deliverable: DeliverableReport): boolean =>
  deliverable.unit === 'lines' || deliverable.unit === 'tests' || deliverable.unit === 'files' || deliverable.unit === 'count'

/** The column's heading names the unit of a count; others carry theirs. */
function measured(deliverable: DeliverableReport): string {
  const value = deliverable.measured
  if (value === undefined) return '?'
  return typeof value === 'number' && isCount(deliverable) ? formatNumber(value) : formatValue(value, deliverable.unit)
}

function due(deliverable: DeliverableReport): string {
  const amount = deliverable.due
  if (!amount) return '–'
  return isCount(deliverable) && amount.low === amount.high ? formatNumber(amount.low) : formatAmount(amount)
}
