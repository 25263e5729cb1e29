import type { CheckReport } from '#core/decide/report.ts'
import type { Evidence } from '#core/evidence/evidence.ts'
import type { Explanation } from '#core/evaluate/model.ts'
import { hash, html, instant, nothing, own, sign } from '#render/html/element.ts'
import type { Safe } from '#render/template.ts'
import { formatActual, intervalWords, people, remarkOf, STATUS_SIGNS } from '#render/words.ts'

/** An explanation down to its evidence, as nested lists. */
export const tree = (report: CheckReport, explanation: Explanation): Safe => html`<ul class="tree">${node(report, explanation)}</ul>`

const node = (report: CheckReport, explanation: Explanation): Safe =>
  html`<li>${sign(STATUS_SIGNS[explanation.status], explanation.status)} ${own(explanation.rule)}<dl>${facts(report, explanation)}</dl>${
    explanation.children.length === 0 ? nothing : html`<ul>${explanation.children.map((child) => node(report, child))}</ul>`
  }</li>`

const fact = (label: string, value: Safe): Safe => html`<dt>${label}</dt><dd>${value}</dd>`

const facts = (report: CheckReport, { because, evidence, claim, flip }: Explanation): readonly Safe[] => [
  fact('because', own(because)),
  ...(evidence ? evidenceFacts(report, evidence, because) : []),
  ...(claim
    ? [
        fact(
          claim.differs ? 'claim differs' : 'claim',
          html`${own(claim.text)} <span class="soft">(${own(claim.by)}, ${instant(claim.at, report)})</span>`,
        ),
      ]
    : []),
  ...(flip
    ? [
        fact(
          'to flip',
          html`${own(flip.text)}${flip.who.length === 0 ? nothing : html` <span class="soft">(${own(people(flip.who))})</span>`}`,
        ),
      ]
    : []),
]

const evidenceFacts = (report: CheckReport, evidence: Evidence, because: string): readonly Safe[] => [
  fact(
    'evidence',
    html`<code>${evidence.metric}</code> ${evidence.status === 'observed' ? formatActual(evidence.value, evidence.unit) : evidence.status}${intervalWords(evidence)}, ${evidence.provenance}, ${own(evidence.source)}`,
  ),
  fact(
    'observed',
    html`${instant(evidence.observedAt, report)}${evidence.commit === undefined ? nothing : html`, commit ${hash(evidence.commit)}`}${evidence.tree === undefined ? nothing : html`, tree ${hash(evidence.tree)}`}${
      evidence.sha256 === undefined ? nothing : html`, sha256 ${hash(evidence.sha256, 12)}`
    }${evidence.host === undefined ? nothing : html`, host ${own(evidence.host)}`}`,
  ),
  ...[remarkOf(evidence, because)].filter((remark) => remark !== undefined).map((remark) => fact('remark', own(remark))),
  ...(evidence.details ?? []).map((detail) => fact('detail', own(detail))),
]
