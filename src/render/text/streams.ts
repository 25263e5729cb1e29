import type { DeliverableKind } from '#core/program/model.ts'
import { formatNumber, formatValue } from '#core/program/quantity.ts'
import type { DeliverableReport, StreamReport } from '#core/decide/report.ts'
import type { Page } from '#render/text/index.ts'
import { table, type Cell, type Column } from '#render/text/table.ts'
import { formatAmount, HEALTH_SIGNS, isSettled, short } from '#render/words.ts'

const COLUMNS: readonly Column[] = [
  { header: '' },
  { header: 'Stream', fit: 'cut', least: 8 },
  { header: 'Health' },
  { header: 'Lead', fit: 'cut', least: 4 },
  { header: 'Done', align: 'right' },
  { header: 'Code', align: 'right' },
  { header: 'Tests', align: 'right' },
  { header: 'Head' },
  { header: 'Ready' },
]

/** One line for each stream: what is measured stands before what is due at this checkpoint. */
export function streamTable({ report, width, paint }: Page): readonly string[] {
  if (report.streams.length === 0) return []
  return table(COLUMNS, report.streams.map(row), width - 2, paint).map((line) => `  ${line}`)
}

function row(stream: StreamReport): readonly Cell[] {
  const { shape, tone } = HEALTH_SIGNS[stream.health]
  return [
    { text: shape, ink: tone },
    { text: stream.name },
    { text: stream.health, ink: tone },
    { text: stream.lead.name },
    { text: stream.progress === undefined ? '?' : formatValue(stream.progress, 'ratio') },
    measuredOfDue(stream, 'code'),
    measuredOfDue(stream, 'tests'),
    stream.state.state === 'present' ? { text: short(stream.state.commit) } : { text: 'none', ink: 'bad' },
    stream.ready ? { text: '✓ yes', ink: 'good' } : { text: '✗ no', ink: 'bad' },
  ]
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

const isCount = (deliverable: DeliverableReport): boolean => deliverable.unit === 'lines' || deliverable.unit === 'tests' || deliverable.unit === 'files' || deliverable.unit === 'count'

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
