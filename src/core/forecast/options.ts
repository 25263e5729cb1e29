import { outlook, type CheckpointOutlook, type Luck, type Outlook } from '#core/forecast/outlook.ts'
import { lessOf, none } from '#core/forecast/needs.ts'
import { measured, type Model, type StreamModel } from '#core/forecast/model.ts'
import type { Chance, OptionEffect, OptionForecast, OptionsForecast } from '#core/forecast/report.ts'
import type { Scenario } from '#core/forecast/scenario.ts'
import type { Health, MatrixOption } from '#core/program/model.ts'
import { formatValue } from '#core/program/quantity.ts'
import { addSpan, epoch, formatZoned } from '#core/schedule/time.ts'

/** What is likelier than this counts as safe. */
const SAFE = 0.85

/** A pair: nothing is gained while it is shown around, then half as much again. The stream that lends the person goes at half its pace. */
const PAIR = { before: 1, days: 2, times: 1.5 } as const
const LENT = { before: 0.5, days: 0, times: 0.5 } as const

interface Asked {
  readonly model: Model
  readonly luck: Luck
  readonly base: Outlook
  readonly checkpoint: CheckpointOutlook
  /** Those after it for which something is due of the stream. */
  readonly later: readonly CheckpointOutlook[]
  readonly stream: StreamModel
}

/** What an option is taken to change; a text alone says why there is no number for it. */
interface Meaning {
  readonly assumption: string
  readonly scenario?: Scenario
}

/**
 * The effect of each option of the decision matrices at one checkpoint and at those that follow: for
 * the streams that are not safely in time there those for a stream that is behind, for the stopped
 * ones those for a blocked one. Each is simulated with the same luck as what it is compared with.
 */
export function optionsOf(model: Model, base: Outlook, id: string | undefined, luck: Luck): OptionsForecast {
  const checkpoint = base.checkpoints.find((one) => one.checkpoint.id === id)
  if (!checkpoint) return { reason: 'no checkpoint lies ahead', list: [] }
  const list = checkpoint.streams.flatMap(({ stream: streamId, need }): readonly OptionForecast[] => {
    const stream = model.streams.get(streamId)
    if (!stream) return []
    const before = base.chance(need, checkpoint.due)
    const later = base.checkpoints.filter(
      (one) => epoch(one.checkpoint.at) > epoch(checkpoint.checkpoint.at) && one.streams.some((part) => part.stream === streamId),
    )
    const asked: Asked = { model, luck, base, checkpoint, later, stream }
    const isLate = before.kind === 'number' && (before.probability ?? 1) < SAFE
    const isStopped = stream.openStops.length > 0 && before.kind !== 'reached'
    return [...(isLate ? optionsFor(asked, ['BEHIND', 'MINOR DELAY']) : []), ...(isStopped ? optionsFor(asked, ['BLOCKED']) : [])]
  })
  const reason =
    list.length > 0
      ? undefined
      : checkpoint.streams.length > 0 && checkpoint.streams.every(({ need }) => base.chance(need, checkpoint.due).kind !== 'none')
        ? 'every stream is in time in at least 85 % of the runs'
        : 'no stream has a number that an option could change'
  return { checkpoint: checkpoint.checkpoint.id, ...(reason !== undefined && { reason }), list }
}

function optionsFor(asked: Asked, healths: readonly Health[]): readonly OptionForecast[] {
  return asked.model.program.policy.matrices
    .filter(({ health }) => health.some((one) => healths.includes(one)))
    .flatMap((matrix) =>
      matrix.options.map((option): OptionForecast => {
        const { assumption, scenario } = meaningOf(asked, option)
        return {
          matrix: matrix.id,
          stream: asked.stream.stream.id,
          option: option.id,
          title: option.title,
          recommended: matrix.recommend.includes(option.id),
          assumption,
          effects: scenario ? effectsOf(asked, scenario, [asked.checkpoint, ...asked.later]) : [],
        }
      }),
    )
}

/** What a scenario changes at some checkpoints, of which each has a part of the stream. */
function effectsOf(
  { model, luck, base, stream: { stream } }: Asked,
  scenario: Scenario,
  checkpoints: readonly CheckpointOutlook[],
): readonly OptionEffect[] {
  const wanted = { checkpoints: checkpoints.map(({ checkpoint }) => checkpoint), wholes: false }
  const changed = outlook(model, scenario, wanted, { seed: luck.seed, runs: luck.runs })
  const part = (seen: Outlook, { streams, due }: CheckpointOutlook): Chance =>
    seen.chance(streams.find((one) => one.stream === stream.id)?.need ?? none('nothing-due', 'nothing is due'), due)
  return changed.checkpoints.flatMap((after, index): readonly OptionEffect[] => {
    const before = checkpoints[index]
    if (!before) return []
    return [
      {
        checkpoint: after.checkpoint.id,
        stream: { before: part(base, before), after: part(changed, after) },
        whole: { before: base.chance(before.need, before.due), after: changed.chance(after.need, after.due) },
      },
    ]
  })
}

function meaningOf(asked: Asked, option: MatrixOption): Meaning {
  switch (option.id) {
    case 'extend':
    case 'deadline-extended':
      return extend(asked)
    case 'reduce':
    case 'scope-reduced':
      return reduce(asked)
    case 'add':
      return addPair(asked)
    case 'parallelise':
    case 'parallelize':
      return parallelise(asked)
    case 'resolved':
      return resolve(asked)
    case 'workaround':
      return {
        assumption: `${asked.stream.stream.name} works on from now at the pace it had`,
        scenario: { unblocked: { stream: asked.stream.stream.id, at: asked.model.at } },
      }
    default:
      return { assumption: 'what it changes is not known, so there is no number' }
  }
}

function extend({ model, checkpoint: { checkpoint } }: Asked): Meaning {
  const { calendar, checkpoints } = model.program
  const { extendSeconds } = checkpoint.noGo
  const next = checkpoints.find(({ id }) => id === (checkpoint.noGo.next ?? checkpoint.next))
  const at = extendSeconds === undefined ? next?.at : addSpan(checkpoint.at, extendSeconds, calendar.zone)
  if (at === undefined || epoch(at) <= epoch(checkpoint.at))
    return { assumption: 'the program says no later time, and no checkpoint follows, so there is no number' }
  const until = `what is due is due on ${formatZoned(at, calendar.zone)}`
  return {
    assumption: extendSeconds === undefined ? `${until}, with ${next?.name ?? 'the next checkpoint'}` : `${until}, as the checkpoint says`,
    scenario: { moved: { checkpoint: checkpoint.id, at } },
  }
}

const SHARES = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1] as const

/** The largest share of what is still owed that is safe; the smallest, where none is. */
function reduce(asked: Asked): Meaning {
  const { checkpoint, stream } = asked
  const scenarioOf = (share: number): Scenario => ({ keep: { stream: stream.stream.id, checkpoint: checkpoint.checkpoint.id, share } })
  const isSafe = (share: number): boolean => {
    const chance = effectsOf(asked, scenarioOf(share), [checkpoint])[0]?.stream.after
    return chance?.kind === 'reached' || (chance?.kind === 'number' && (chance.probability ?? 0) >= SAFE)
  }
  const share = SHARES.find(isSafe)
  const due = share ?? 0.1
  const less = `${Math.round(due * 100)} % of what ${stream.stream.name} still owes is due${amountsText(asked, due)}`
  return {
    assumption:
      share === undefined ? `${less}; even that is not safe` : `${less}: the most, in steps of 10 %, that is in time in 85 % of the runs`,
    scenario: scenarioOf(due),
  }
}

const MOST_AMOUNTS = 3

/** ` (Store 89 of 115 lines)`: what it means for the targets. */
function amountsText({ model, checkpoint: { checkpoint }, stream }: Asked, share: number): string {
  const parts = checkpoint.criteria.flatMap(({ target, condition, title }): readonly string[] => {
    if (target?.stream !== stream.stream.id || !('metric' in condition)) return []
    const { comparison, metric } = condition
    const bound = comparison.op === 'between' ? comparison.low : comparison.value
    const now = measured(stream, metric).points.at(-1)?.value
    if (typeof bound !== 'number' || now === undefined || bound <= now || stream.series.get(metric) === undefined) return []
    const unit = model.program.metrics[metric]?.unit
    const less = lessOf(now, bound, share, unit !== 'ratio')
    return [`${title}: ${formatValue(unit === 'ratio' ? Math.round(less * 100) / 100 : less, unit)} instead of ${formatValue(bound, unit)}`]
  })
  if (parts.length === 0) return ''
  return ` (${parts.slice(0, MOST_AMOUNTS).join('; ')}${parts.length > MOST_AMOUNTS ? `; and ${parts.length - MOST_AMOUNTS} more` : ''})`
}

function addPair({ model, base, checkpoint, stream }: Asked): Meaning {
  const lenders = checkpoint.streams.flatMap(({ stream: id, need }) => {
    const chance = base.chance(need, checkpoint.due)
    const probability = chance.kind === 'reached' ? 2 : chance.kind === 'number' ? (chance.probability ?? 0) : 0
    return id !== stream.stream.id && probability >= SAFE ? [{ id, probability }] : []
  })
  const [lender] = lenders.toSorted((a, b) => b.probability - a.probability)
  const gain = `a pair gains nothing in its first ${PAIR.days} work days and half as much again from then on`
  const from = lender
    ? `${model.streams.get(lender.id)?.stream.name}, which lends the person, goes at half its pace`
    : 'no stream can spare anybody, so the person comes from outside'
  return {
    assumption: `${gain}; ${from}`,
    scenario: { paces: { [stream.stream.id]: PAIR, ...(lender && { [lender.id]: LENT }) } },
  }
}

function parallelise({ model, stream }: Asked): Meaning {
  const { id, name } = stream.stream
  const waiting = [...model.streams.values()].filter((one) => one.stream.dependsOn.some((dependency) => dependency.stream === id))
  if (waiting.length === 0) return { assumption: `no stream waits for ${name}, so nothing is gained`, scenario: {} }
  return {
    assumption: `${waiting.map((one) => one.stream.name).join(', ')} ${waiting.length === 1 ? 'does' : 'do'} not wait for ${name}; what ${name} owes stays due`,
    scenario: { unheld: id },
  }
}

function resolve({ model, stream }: Asked): Meaning {
  const { id, name } = stream.stream
  const deadline = stream.openStops.map((one) => one.deadline).reduce((a, b) => (epoch(b) > epoch(a) ? b : a), model.at)
  return {
    assumption: `what stops ${name} ends by its deadline, ${formatZoned(deadline, model.program.calendar.zone)}`,
    scenario: { unblocked: { stream: id, at: deadline } },
  }
}
