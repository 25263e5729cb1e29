import { movesBy, type History, type Stated } from '#core/forecast/history.ts'
import { MIN_OBSERVATIONS, modelOf } from '#core/forecast/model.ts'
import { markBook } from '#core/forecast/needs.ts'
import { checkpointNeeds, outlook, stateOf } from '#core/forecast/outlook.ts'
import type { PastForecast, PastRow, ReliabilityBin, Score } from '#core/forecast/report.ts'
import { AS_IT_IS } from '#core/forecast/scenario.ts'
import type { WorkDays } from '#core/forecast/work-days.ts'
import { count } from '#core/forecast/words.ts'
import { streamSubject } from '#core/evidence/evidence.ts'
import type { Checkpoint, Program } from '#core/program/model.ts'
import { effectiveProgram } from '#core/schedule/effective.ts'
import { addSeconds, epoch } from '#core/schedule/time.ts'

/** Enough for a probability to within two hundredths. */
const RUNS = 2000
/** Newest first; a score of more would not differ. */
const MOST_ROWS = 500

/**
 * Holds the forecast, and what leads said, against what happened at past checkpoints. Each time a
 * lead has said how sure they are of the week, both are asked: the forecast from what had been
 * measured before that day, with the program as it was then. Where the lead said nothing, the
 * forecast is asked a day before the checkpoint.
 */
export function pastOf(program: Program, history: History, days: WorkDays, seed: number): PastForecast {
  const now = epoch(history.at)
  const past = program.checkpoints.filter(({ at }) => epoch(at) <= now)
  const asked = past.flatMap((checkpoint, index) => {
    const opened = past[index - 1]?.at
    return program.streams.flatMap((stream) => {
      const stated = history.confidences.filter(
        (one) =>
          one.stream === stream.id &&
          one.week !== undefined &&
          epoch(one.at) < epoch(checkpoint.at) &&
          (opened === undefined || epoch(one.at) >= epoch(opened)),
      )
      const questions: readonly Question[] =
        stated.length === 0 ? [{ at: addSeconds(checkpoint.at, -86_400) }] : stated.map((one) => ({ at: one.at, stated: one }))
      return questions.map((question) => ({ checkpoint: checkpoint.id, stream: stream.id, ...question }))
    })
  })
  const newest = asked.toSorted((a, b) => epoch(a.at) - epoch(b.at)).slice(-MOST_ROWS)
  const answered = newest.map((one) => answer(program, history, days, seed, one))
  const rows = answered.flatMap((one) => (one === undefined || one === 'undecided' ? [] : [one]))
  const both = rows.flatMap(({ forecast, lead, met }) => (forecast === undefined || lead === undefined ? [] : [{ forecast, lead, met }]))
  return {
    rows,
    undecided: answered.filter((one) => one === 'undecided').length,
    forecast: scoreOf(rows.flatMap(({ forecast, met }) => (forecast === undefined ? [] : [{ said: forecast, met }]))),
    leads: scoreOf(rows.flatMap(({ lead, met }) => (lead === undefined ? [] : [{ said: lead, met }]))),
    ...(both.length >= MIN_OBSERVATIONS && {
      together: {
        rows: both.length,
        forecast: brier(both.map(({ forecast, met }) => ({ said: forecast, met }))),
        leads: brier(both.map(({ lead, met }) => ({ said: lead, met }))),
      },
    }),
  }
}

interface Question {
  readonly at: string
  readonly stated?: Stated
}

/** One row; `undecided` where nothing measured says what happened; undefined where nothing was due or said. */
function answer(
  program: Program,
  history: History,
  days: WorkDays,
  seed: number,
  asked: Question & { readonly checkpoint: string; readonly stream: string },
): PastRow | 'undecided' | undefined {
  const plan = planAt(program, history, asked.at)
  const known = plan.checkpoints.find(({ id }) => id === asked.checkpoint)
  // What is asked after the fact is no forecast.
  if (!known || epoch(known.at) <= epoch(asked.at) || !plan.streams.some(({ id }) => id === asked.stream)) return undefined
  const checkpoint: Checkpoint = {
    ...known,
    criteria: known.criteria.filter(({ subjects }) => subjects.includes(streamSubject(asked.stream))),
  }
  const own = history.series.filter(({ stream }) => stream === asked.stream)
  const happened = outcome(plan, history, days, checkpoint, asked.stream)
  if (happened === undefined) return undefined
  if (happened === 'undecided') return own.length === 0 ? undefined : 'undecided'

  const model = modelOf(plan, history, days, asked.at, days.before(asked.at))
  const seen = outlook(model, AS_IT_IS, { checkpoints: [checkpoint], wholes: false }, { seed, runs: RUNS })
  const [only] = seen.checkpoints
  const part = only?.streams.find(({ stream }) => stream === asked.stream)
  const chance = only && part ? seen.chance(part.need, only.due) : undefined
  const forecast = chance?.kind === 'number' ? chance.probability : chance?.kind === 'reached' ? 1 : undefined
  const lead = asked.stated?.week
  if (forecast === undefined && lead === undefined) return undefined
  return {
    checkpoint: asked.checkpoint,
    stream: asked.stream,
    asked: asked.at,
    ...(forecast !== undefined && { forecast }),
    ...(lead !== undefined && { lead }),
    met: happened === 'met',
  }
}

/** The program as it was recorded last by then, else as first recorded, else as it is; with what had been moved by then. */
function planAt(program: Program, history: History, at: string): Program {
  const then = history.programs.findLast((one) => epoch(one.at) <= epoch(at)) ?? history.programs[0]
  return effectiveProgram(then?.program ?? program, movesBy(history, at), at)
}

/**
 * Whether a stream's amounts were there at a checkpoint: measured by then, and enough. Not met is
 * known from a measurement on the day or the first one after it that is still not enough; one that
 * is enough only later decides nothing.
 */
function outcome(
  plan: Program,
  history: History,
  days: WorkDays,
  checkpoint: Checkpoint,
  stream: string,
): 'met' | 'missed' | 'undecided' | undefined {
  const due = days.of(checkpoint.at)
  const at = (before: number): 'reached' | 'open' | 'nothing' => {
    const model = modelOf(plan, history, days, history.at, before)
    const part = checkpointNeeds(model, AS_IT_IS, markBook(), checkpoint).streams.find((one) => one.stream === stream)
    if (!part) return 'nothing'
    const state = stateOf(part.need)
    return state.kind === 'reached' ? 'reached' : 'open'
  }
  const then = at(due + 1)
  if (then === 'nothing') return undefined
  if (then === 'reached') return 'met'
  const next = history.series
    .filter((one) => one.stream === stream)
    .flatMap((one) => one.days.map(({ date }) => days.at(date)).filter((day) => day >= due))
    .reduce((a, b) => Math.min(a, b), Infinity)
  if (next === Infinity) return 'undecided'
  return next === due || at(next + 1) === 'open' ? 'missed' : 'undecided'
}

interface Said {
  readonly said: number
  readonly met: boolean
}

/** Mean squared distance between what was said and what happened (Brier, 1950). */
export const brier = (rows: readonly Said[]): number =>
  rows.reduce((sum, { said, met }) => sum + (said - (met ? 1 : 0)) ** 2, 0) / rows.length

const BINS = 5

export function scoreOf(rows: readonly Said[]): Score {
  if (rows.length < MIN_OBSERVATIONS)
    return {
      rows: rows.length,
      reason: `${count(rows.length, 'outcome')} of past checkpoints, and at least ${MIN_OBSERVATIONS} are needed`,
      reliability: [],
    }
  const reliability = Array.from({ length: BINS }, (_, bin): ReliabilityBin => {
    const own = rows.filter(({ said }) => Math.min(BINS - 1, Math.floor(said * BINS)) === bin)
    const mean = (value: (one: Said) => number): number => own.reduce((sum, one) => sum + value(one), 0) / own.length
    return {
      from: bin / BINS,
      to: (bin + 1) / BINS,
      rows: own.length,
      said: mean(({ said }) => said),
      happened: mean(({ met }) => (met ? 1 : 0)),
    }
  })
  return { rows: rows.length, brier: brier(rows), reliability: reliability.filter((one) => one.rows > 0) }
}
