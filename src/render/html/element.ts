import type { CheckReport } from '#core/decide/report.ts'
import { html as encode } from '#render/encode.ts'
import { safe, templateFor, type Safe } from '#render/template.ts'
import { short, type Sign, when } from '#render/words.ts'

/** HTML whose inserted strings stay text. What it makes is well-formed XML too, so that a test can hold it to that. */
export const html = templateFor(encode)

export const nothing: Safe = safe('')

/** A name or sentence of somebody's: its reading direction stays its own. */
export const own = (text: string): Safe => (text === '' ? nothing : html`<bdi>${text}</bdi>`)

/** Shape, word and colour together. */
export const sign = ({ shape, tone }: Sign, word: string): Safe =>
  html`<span class="sign ${tone}"><span class="shape" aria-hidden="true">${shape}</span> ${word}</span>`

export const instant = (at: string, report: CheckReport, time = when): Safe => html`<time datetime="${at}">${time(at, report)}</time>`

/** The start of an object id, the whole on hover and in the copied markup. */
export const hash = (id: string, length = 7): Safe => html`<code title="${id}">${short(id, length)}</code>`

export const list = (items: readonly Safe[], name = ''): Safe =>
  items.length === 0 ? nothing : html`<ul class="${name}">${items.map((item) => html`<li>${item}</li>`)}</ul>`

export const section = (id: string, title: string, body: Safe): Safe =>
  body.safe === ''
    ? nothing
    : html`
<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${body}
</section>`

/** A table whose cells carry their heading: on a small screen it is stacked. */
export function table(name: string, headers: readonly string[], rows: readonly (readonly Safe[])[]): Safe {
  if (rows.length === 0) return nothing
  return html`<table class="${name}"><thead><tr>${headers.map((header) => html`<th scope="col">${header}</th>`)}</tr></thead><tbody>
${rows.map((row) => html`<tr>${row.map((cell, index) => html`<td data-label="${headers[index] ?? ''}">${cell}</td>`)}</tr>\n`)}</tbody></table>`
}
