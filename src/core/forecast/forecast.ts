import { movesBy, type History } from '#core/forecast/history.ts'
import {
  axisOf,
  DAYS_AFTER,
  measured,
  MIN_OBSERVATIONS,
  modelOf,
  notAnAmountOf,
  type Model,
  type StreamModel,
} from '#core/forecast/model.ts'
import { none } from '#core/forecast/needs.ts'
import { optionsOf } from '#core/forecast/options.ts'
import { outlook, type CheckpointOutlook, type Outlook } from '#core/forecast/outlook.ts'
import { pastOf } from '#core/forecast/past.ts'
import type { CheckpointForecast, Confidence, DeliverableForecast, ForecastReport, StreamForecast } from '#core/forecast/report.ts'
import { AS_IT_IS } from '#core/forecast/scenario.ts'
import type { Checkpoint, Program } from '#core/program/model.ts'
import { round } from '#core/program/quantity.ts'
import { effectiveProgram } from '#core/schedule/effective.ts'
import { epoch } from '#core/schedule/time.ts'

export interface ForecastInput {
  /** As the file has it; what the ledger moved or cancelled is applied here. */
  readonly program: Program
  /** What the ledger said by the clock (`history.ts`); its `at` is the clock. */
  readonly history: History
  /** A whole number; the same one gives the same answer. */
  readonly seed: number
  readonly runs: number
  /** Checkpoint whose options are looked at; absent: the next one. All that lie ahead are forecast. */
  readonly checkpoint?: string
}

/** Bands need fewer runs than probabilities: a quantile is drawn some pixels wide. */
const BAND_RUNS = 2000

/** Monte Carlo over the history of the ledger. Pure: the same input gives the same bytes on every machine. */
export function forecast({ program: file, history, seed, runs, checkpoint }: ForecastInput): ForecastReport {
  const program = effectiveProgram(file, movesBy(history, history.at), history.at)
  const days = axisOf(program, history)
  const model = modelOf(program, history, days, history.at)
  const ahead = program.checkpoints.filter(({ at }) => epoch(at) >= epoch(history.at))
  const luck = { seed, runs, bandRuns: Math.min(BAND_RUNS, runs) }
  const band = { from: model.today + 1, to: Math.max(model.today, ...ahead.map(({ at }) => days.of(at))) + 1 }
  const seen = outlook(model, AS_IT_IS, { checkpoints: ahead, wholes: true, band }, luck)
  return {
    schemaVersion: 1,
    program: { id: program.id, name: program.name, zone: program.calendar.zone },
    at: history.at,
    seed,
    runs,
    bandRuns: luck.bandRuns,
    horizon: days.date(model.end - 1),
    assumptions: ASSUMPTIONS,
    checkpoints: seen.checkpoints.map((one) => checkpointOf(model, history, seen, one)),
    streams: [...model.streams.values()].map((stream) => streamOf(model, seen, stream, band, luck.bandRuns)),
    options: optionsOf(model, seen, checkpoint ?? ahead[0]?.id, luck),
    past: pastOf(program, history, days, seed),
  }
}

const ASSUMPTIONS: readonly string[] = [
  'Each work day ahead brings what one work day of the stream’s own past brought, drawn at random; a draw holds for as many days as usually lie between two measurements, which share what they brought.',
  `A number takes at least ${MIN_OBSERVATIONS} measured changes. What a person signs, what is done or not, and ratios that do not accumulate have none.`,
  'A critical or high blocker without a workaround stops its stream for as long as a past one lasted, given how long it has lasted. Blockers to come are as frequent as in the days that are drawn.',
  'A whole amount, and a stream’s part of a checkpoint that merges, waits for the streams it depends on; a part of an amount does not.',
  'What is reached once counts as reached. Nobody works on a holiday, and a checkpoint in the first half of the working hours does not wait for that day’s work.',
  'An option that moves a checkpoint, or lets less be due at it, leaves what is due later as it is.',
  `Nothing is simulated beyond ${DAYS_AFTER} work days after the last checkpoint.`,
]

function checkpointOf(model: Model, history: History, seen: Outlook, one: CheckpointOutlook): CheckpointForecast {
  const { checkpoint, due, need, leftOut, streams, criteria } = one
  const byKey = new Map(criteria.map((each) => [JSON.stringify([each.criterion, each.subject]), each.need]))
  return {
    id: checkpoint.id,
    name: checkpoint.name,
    at: checkpoint.at,
    due: model.days.date(due),
    chance: seen.chance(need, due),
    leftOut,
    decidedBy: deciding(seen, one),
    streams: streams.map((each) => {
      const lead = confidenceOf(model.program, history, checkpoint, each.stream)
      return { stream: each.stream, chance: seen.chance(each.need, due), ...(lead && { lead }) }
    }),
    criteria: checkpoint.criteria.flatMap(({ id, title, tier, subjects }) =>
      subjects.map((subject) => ({
        id,
        title,
        ...(subject !== 'program' && { stream: subject.slice('stream:'.length) }),
        tier,
        chance: seen.chance(byKey.get(JSON.stringify([id, subject])) ?? none('nothing-due', 'nothing is due'), due),
      })),
    ),
  }
}

/** In how many runs each stream is the last to be there. Those that are last together share a run. */
function deciding(seen: Outlook, { need, due, streams }: CheckpointOutlook): CheckpointForecast['decidedBy'] {
  if (seen.chance(need, due).kind !== 'number') return []
  const tables = streams
    .filter((one) => seen.chance(one.need, due).kind === 'number')
    .map((one) => ({ stream: one.stream, passed: seen.passed(one.need), share: 0 }))
  const runs = tables[0]?.passed.length ?? 0
  for (let run = 0; run < runs; run += 1) {
    let last = -1
    let many = 0
    for (const { passed } of tables) {
      const day = passed[run] ?? 0
      many = day > last ? 1 : day === last ? many + 1 : many
      last = Math.max(last, day)
    }
    for (const table of tables) if (table.passed[run] === last) table.share += 1 / many
  }
  return tables
    .map(({ stream, share }) => ({ stream, share: round(share / runs) }))
    .filter(({ share }) => share > 0)
    .toSorted((a, b) => b.share - a.share)
}

/** What the lead said last since the checkpoint before: of the week for the next checkpoint, of the program for the last one. */
function confidenceOf(program: Program, { at, confidences }: History, checkpoint: Checkpoint, stream: string): Confidence | undefined {
  const now = epoch(at)
  const next = program.checkpoints.find((one) => epoch(one.at) >= now)
  const before = program.checkpoints.findLast((one) => epoch(one.at) < now)
  const fresh = confidences.filter((one) => one.stream === stream && (!before || epoch(one.at) >= epoch(before.at)))
  const said = (of: 'week' | 'program'): Confidence | undefined => {
    const last = fresh.findLast((one) => one[of] !== undefined)
    return last && { value: last[of] ?? 0, of, by: last.by, at: last.at }
  }
  const isLast = program.checkpoints.at(-1)?.id === checkpoint.id
  return (next?.id === checkpoint.id ? said('week') : undefined) ?? (isLast ? said('program') : undefined)
}

function streamOf(
  model: Model,
  seen: Outlook,
  stream: StreamModel,
  band: { readonly from: number; readonly to: number },
  bandRuns: number,
): StreamForecast {
  const { id, name, deliverables } = stream.stream
  const nothing = none('nothing-due', 'it owes no amount')
  const wholes = seen.wholes.get(id) ?? []
  return {
    id,
    name,
    chance: seen.chance(seen.finishes.get(id) ?? nothing),
    stoppedBy: stream.openStops.map(({ blocker, title, from, deadline }) => ({ blocker, title, since: from, deadline })),
    deliverables: deliverables.map((one, at): DeliverableForecast => {
      const isAmount = one.measure !== undefined && notAnAmountOf(model.program, stream.stream, one) === undefined
      const known = isAmount && one.measure !== undefined ? measured(stream, one.measure) : undefined
      const values = one.measure !== undefined && known && !known.fault ? seen.band(id, one.measure) : undefined
      const { points = [], observations = 0, paces } = known ?? {}
      return {
        id: one.id,
        title: one.title,
        ...(one.full && { unit: one.full.unit, full: one.full.low }),
        observations,
        ...(paces && paces.length > 0 && { pace: round(paces.reduce((sum, pace) => sum + pace, 0) / paces.length) }),
        measured: points.map(({ day, value }) => ({ date: model.days.date(day), value })),
        band: values ? bandOf(model, values, band, bandRuns) : [],
        chance: seen.chance(wholes[at] ?? nothing),
      }
    }),
  }
}

function bandOf(
  model: Model,
  values: Float64Array,
  { from, to }: { readonly from: number; readonly to: number },
  runs: number,
): DeliverableForecast['band'] {
  return Array.from({ length: Math.max(0, to - from) }, (_, at) => {
    const sorted = values.slice(at * runs, (at + 1) * runs).sort()
    const quantile = (share: number): number => round(sorted[Math.min(runs - 1, Math.floor(share * runs))] ?? 0)
    return { date: model.days.date(from + at), p15: quantile(0.15), p50: quantile(0.5), p85: quantile(0.85) }
  })
}
