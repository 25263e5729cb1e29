import type { StreamDocument } from '#core/api/documents.ts'
import { seriesKey, type ProgramRecord } from '#core/api/record.ts'
import { blockersOf, streamHead } from '#core/api/state.ts'
import type { CheckReport } from '#core/decide/report.ts'
import { streamSubject } from '#core/evidence/evidence.ts'
import type { Amount, Deliverable, MetricCondition, Program, Stream } from '#core/program/model.ts'

/**
 * One stream over time: what was measured of each deliverable beside its targets and claims.
 * @param reports Newest decision of each checkpoint, in the order in which they were taken.
 */
export function streamDocument(program: Program, stream: Stream, record: ProgramRecord, reports: readonly CheckReport[]): StreamDocument {
  const checkIns = record.checkIns.get(stream.id) ?? []
  const measures = new Set(stream.deliverables.map((one) => one.measure))
  return {
    ...streamHead(stream, record, reports.at(-1)),
    deliverables: stream.deliverables.map((one) => ({
      id: one.id,
      title: one.title,
      kind: one.kind,
      ...(one.measure !== undefined && program.metrics[one.measure] && { unit: program.metrics[one.measure]?.unit ?? 'count' }),
      ...(one.full && { full: one.full }),
      measured: one.measure === undefined ? [] : (record.series.get(seriesKey(stream.id, one.measure)) ?? []),
      claimed: checkIns.flatMap(({ at, claims }) => (claims[one.id] === undefined ? [] : [{ at, value: claims[one.id] ?? 0 }])),
      targets: targetsOf(program, stream, one),
    })),
    trends: Object.entries(program.metrics).flatMap(([metric, { title, unit }]) => {
      const points = measures.has(metric) ? undefined : record.series.get(seriesKey(stream.id, metric))
      return points && points.length > 0 ? [{ metric, title, unit, points }] : []
    }),
    healths: reports.flatMap((report) =>
      report.streams
        .filter((one) => one.id === stream.id)
        .map(({ health }) => ({ at: report.at, checkpoint: report.checkpoint.id, health })),
    ),
    commits: record.commits.get(streamSubject(stream.id)) ?? [],
    checkIns,
    blockers: blockersOf(record).filter((one) => one.stream === stream.id),
    ...matrixOf(stream, record, reports.at(-1)),
  }
}

function matrixOf(stream: Stream, record: ProgramRecord, report: CheckReport | undefined): Pick<StreamDocument, 'matrix'> {
  const found = report?.streams.find((one) => one.id === stream.id)?.matrix
  if (!found || !report) return {}
  const { chosen: _, ...matrix } = found
  const chosen = record.chosen.findLast(
    (one) => one.stream === stream.id && one.checkpoint === report.checkpoint.id && one.matrix === matrix.id,
  )
  return { matrix: { ...matrix, checkpoint: report.checkpoint.id, ...(chosen && { chosen }) } }
}

const targetsOf = (program: Program, stream: Stream, deliverable: Deliverable): StreamDocument['deliverables'][number]['targets'] =>
  program.checkpoints.flatMap(({ id, at, criteria }) =>
    criteria.flatMap(({ target, condition }) =>
      target?.stream === stream.id && target.deliverable === deliverable.id && 'metric' in condition
        ? [{ checkpoint: id, at, due: amountOf(condition, deliverable) }]
        : [],
    ),
  )

function amountOf({ comparison }: MetricCondition, { full }: Deliverable): Amount {
  const unit = full?.unit ?? 'count'
  if (comparison.op === 'between') return { low: comparison.low, high: comparison.high, unit }
  const value = Number(comparison.value)
  return { low: value, high: value, unit }
}
