import type { DeliverableReport } from '#core/decide/report.ts'
import { STATUS_SIGNS } from '#render/words.ts'

/**
 * A deliverable as a picture beside its numbers: the filled part is measured, the tick is what is
 * due, the hollow mark what was claimed. A goal that is a range, or a change, is an axis with a band.
 */
export function Bar({ one }: { readonly one: DeliverableReport }) {
  const target = one.due ?? one.full
  if (!target || typeof one.measured === 'boolean') return null
  const isAxis = target.low !== target.high || one.unit === 'change'
  const tone = one.status === undefined ? 'muted' : STATUS_SIGNS[one.status].tone
  return (
    <svg class={`bar ${tone}`} width="100%" height="14" aria-hidden="true">
      {isAxis ? <Axis one={one} target={target} /> : <Amounts one={one} target={target} />}
    </svg>
  )
}

type Target = NonNullable<DeliverableReport['due']>

function Amounts({ one, target }: { readonly one: DeliverableReport; readonly target: Target }) {
  const measured = Number(one.measured ?? 0)
  const at = scale(0, Math.max(one.full?.high ?? 0, target.high, measured, one.claimed ?? 0))
  return (
    <>
      <rect class="track" x="0" y="4" width="100%" height="6" rx="3" />
      {one.measured !== undefined && <rect class="fill" x="0" y="4" width={at(measured)} height="6" rx="3" />}
      <line class="tick" x1={at(target.high)} x2={at(target.high)} y1="0" y2="14" />
      <Claim one={one} at={at} />
    </>
  )
}

function Axis({ one, target }: { readonly one: DeliverableReport; readonly target: Target }) {
  const { measured, interval, claimed } = one
  const values = [0, target.low, target.high, measured, interval?.low, interval?.high, claimed].filter((value) => typeof value === 'number')
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const room = (high - low) * 0.06
  const at = scale(low - room, high + room)
  return (
    <>
      <line class="axis" x1="0" x2="100%" y1="7" y2="7" />
      <rect
        class="band"
        x={at(target.low)}
        y="2"
        width={`${Math.max(0.5, Number.parseFloat(at(target.high)) - Number.parseFloat(at(target.low)))}%`}
        height="10"
      />
      <line class="zero" x1={at(0)} x2={at(0)} y1="1" y2="13" />
      {interval && <line class="interval" x1={at(interval.low)} x2={at(interval.high)} y1="7" y2="7" />}
      {typeof measured === 'number' && <circle class="dot" cx={at(measured)} cy="7" r="4" />}
      <Claim one={one} at={at} />
    </>
  )
}

const Claim = ({ one, at }: { readonly one: DeliverableReport; readonly at: (value: number) => string }) =>
  one.claimed === undefined || one.claimed === one.measured ? null : <circle class="claim" cx={at(one.claimed)} cy="7" r="3.5" />

/** Values to percentages of the width, kept a little inside so that marks are not cut. */
const scale =
  (low: number, high: number) =>
  (value: number): string =>
    `${(Math.min(1, Math.max(0, high > low ? (value - low) / (high - low) : 0)) * 98 + 1).toFixed(2)}%`
