import { openBlockers, riskOf } from '#core/decide/risk.ts'
import type { CheckReport, DeliverableReport, StreamReport } from '#core/decide/report.ts'
import { formatValue } from '#core/program/quantity.ts'
import { bar, numbers } from '#render/html/bars.ts'
import { hash, html, nothing, own, sign } from '#render/html/element.ts'
import { mergeWords, noBlockers, planLines } from '#render/select.ts'
import type { Safe } from '#render/template.ts'
import { confidenceWords, formatAmount, HEALTH_SIGNS, STATUS_SIGNS } from '#render/words.ts'

/** A card for each stream: health and why, where it stands, its deliverables as bars, when it merges. */
export const streamGrid = (report: CheckReport): Safe =>
  report.streams.length === 0
    ? html`<p>The program has no stream.</p>`
    : html`<div class="streams${report.streams.length < 3 ? ' few' : ''}">${report.streams.map((stream) => card(report, stream))}</div>
<p class="legend">Bars: filled is measured, the tick is due, the hollow mark is claimed. Axes: the band is the goal, the dot is measured with its confidence interval, the thin line is no change.</p>`

const card = (report: CheckReport, stream: StreamReport): Safe => html`
<article class="stream" id="stream-${stream.id}">
<div class="top"><h3>${own(stream.name)}</h3>${sign(HEALTH_SIGNS[stream.health], stream.health)}</div>
<p class="place">${own(stream.lead.name)}, ${stream.progress === undefined ? 'progress unknown' : `${formatValue(stream.progress, 'ratio')} done`}, ${place(stream)}</p>
${stream.state.state === 'present' ? html`<p class="why">${own(stream.healthRule.because)}</p>` : nothing}
${deliverables(stream)}
<table class="facts"><tbody>
${facts(report, stream).map(([label, value]) => html`<tr><th scope="row">${label}</th><td class="bare">${value}</td></tr>`)}
</tbody></table>
</article>`

const place = (stream: StreamReport): Safe =>
  stream.state.state === 'present'
    ? html`<code>${stream.branch}</code> at ${hash(stream.state.commit)}`
    : html`<code>${stream.branch}</code>: ${own(stream.state.reason)}`

function facts(report: CheckReport, stream: StreamReport): readonly (readonly [string, Safe])[] {
  const { risk, because } = riskOf(stream)
  const open = openBlockers(stream).length
  return [
    ['Ready', stream.ready ? sign({ shape: '✓', tone: 'good' }, 'yes') : sign({ shape: '✗', tone: 'bad' }, 'no')],
    ['Merge', own(mergeWords(report, stream))],
    ['Blockers', own(open === 0 ? noBlockers(stream) : `${open} open`)],
    ['Risk', html`${risk.toLowerCase()}, ${because}`],
    ...(stream.planned ? [['Planned', lines(planLines(stream))] as const] : []),
    ...(stream.checkIn?.waitingOn ? [['Waits for', lines(stream.checkIn.waitingOn)] as const] : []),
    ...(stream.checkIn?.blocking ? [['Keeps waiting', lines(stream.checkIn.blocking)] as const] : []),
    ['Claimed confidence', html`${confidenceWords(stream) ?? 'none'}`],
  ]
}

const lines = (texts: readonly string[]): Safe => html`${texts.map((text) => html`<div>${own(text)}</div>`)}`

/** With a branch each as a bar; without one there is nothing to draw, so what is due stands alone, claims excepted. */
function deliverables(stream: StreamReport): Safe {
  const shown =
    stream.state.state === 'present'
      ? stream.deliverables
      : stream.deliverables.filter(({ measured, claimed }) => measured !== undefined || claimed !== undefined)
  const due = stream.deliverables.filter(
    (deliverable) => !shown.includes(deliverable) && (deliverable.due !== undefined || deliverable.status !== undefined),
  )
  const words = due.map((deliverable) => (deliverable.due ? `${deliverable.title} (${formatAmount(deliverable.due)})` : deliverable.title))
  return html`${shown.length === 0 ? nothing : html`<dl>${shown.map(deliverableItem)}</dl>`}${words.length === 0 ? nothing : html`<p class="due">Nothing measured of what is due: ${own(words.join('; '))}</p>`}`
}

const deliverableItem = (deliverable: DeliverableReport): Safe =>
  html`<div><dt>${own(deliverable.title)}${deliverable.status === undefined ? html`<span class="soft">nothing due</span>` : sign(STATUS_SIGNS[deliverable.status], deliverable.status)}</dt><dd>${bar(deliverable)}${numbers(deliverable)}</dd></div>`
