import type { DeliverableReport } from '#core/decide/report.ts'
import { html, nothing } from '#render/html/element.ts'
import type { Safe } from '#render/template.ts'
import { deliverableWords, STATUS_SIGNS, type Tone } from '#render/words.ts'

/**
 * A deliverable as a picture with its numbers in words. Counts grow from the left: the filled part
 * is measured, the tick is what is due, the hollow mark is what was claimed. A goal that is a range
 * or a change is an axis: the band is the goal, the dot the measured value, the line its interval.
 */
export function bar(deliverable: DeliverableReport): Safe {
  const { measured } = deliverable
  const target = deliverable.due ?? deliverable.full
  if (typeof measured === 'boolean' || !target) return nothing
  const isAxis = target.low !== target.high || deliverable.unit === 'change'
  return html`<svg class="bar ${toneOf(deliverable)}" width="100%" height="14" role="img" aria-label="${`${deliverable.title}: ${numbers(deliverable)}`}">${isAxis ? axis(deliverable, target) : amountBar(deliverable, target)}</svg>`
}

export const numbers = (deliverable: DeliverableReport): string => deliverableWords(deliverable).replaceAll(' %', '\u00a0%')

export const toneOf = (deliverable: DeliverableReport): Tone =>
  deliverable.status === undefined ? 'muted' : STATUS_SIGNS[deliverable.status].tone

type Range = NonNullable<DeliverableReport['due']>

function amountBar(deliverable: DeliverableReport, target: Range): Safe {
  const measured = Number(deliverable.measured ?? 0)
  const whole = Math.max(deliverable.full?.high ?? 0, target.high, measured, deliverable.claimed ?? 0)
  const at = position(0, whole)
  return html`<rect class="track" x="0" y="4" width="100%" height="6" rx="3"/>${deliverable.measured === undefined ? nothing : html`<rect class="fill" x="0" y="4" width="${at(measured)}" height="6" rx="3"/>`}${tick(at(target.high))}${claim(deliverable, at)}`
}

function axis(deliverable: DeliverableReport, target: Range): Safe {
  const { measured, interval, claimed } = deliverable
  const values = [
    0,
    target.low,
    target.high,
    ...(typeof measured === 'number' ? [measured] : []),
    ...(interval ? [interval.low, interval.high] : []),
    ...(claimed === undefined ? [] : [claimed]),
  ]
  const low = Math.min(...values)
  const high = Math.max(...values)
  const room = (high - low) * 0.06
  const at = position(low - room, high + room)
  return html`<line class="axis" x1="0" x2="100%" y1="7" y2="7"/><rect class="band" x="${at(target.low)}" y="2" width="${width(at(target.low), at(target.high))}" height="10"/><line class="zero" x1="${at(0)}" x2="${at(0)}" y1="1" y2="13"/>${
    interval ? html`<line class="interval" x1="${at(interval.low)}" x2="${at(interval.high)}" y1="7" y2="7"/>` : nothing
  }${typeof measured === 'number' ? html`<circle class="dot" cx="${at(measured)}" cy="7" r="4"/>` : nothing}${claim(deliverable, at)}`
}

const tick = (x: string): Safe => html`<line class="tick" x1="${x}" x2="${x}" y1="0" y2="14"/>`

const claim = (deliverable: DeliverableReport, at: (value: number) => string): Safe =>
  deliverable.claimed === undefined || deliverable.claimed === deliverable.measured
    ? nothing
    : html`<circle class="claim" cx="${at(deliverable.claimed)}" cy="7" r="3.5"/>`

/** Maps values to percentages of the width, kept a little inside so that marks are not cut. */
const position =
  (low: number, high: number) =>
  (value: number): string => {
    const share = high > low ? (value - low) / (high - low) : 0
    return `${(Math.min(1, Math.max(0, share)) * 98 + 1).toFixed(2)}%`
  }

const width = (from: string, to: string): string => `${Math.max(0.5, Number.parseFloat(to) - Number.parseFloat(from)).toFixed(2)}%`
