import type { CheckReport } from '#core/decide/report.ts'
import type { Renderer } from '#render/renderer.ts'
import { formatDuration } from '#core/program/quantity.ts'
import { hash, html, instant, list, nothing, own, section } from '#render/html/element.ts'
import {
  actionSection,
  agendaSection,
  blockerSection,
  claimSection,
  conditionSection,
  criteriaSection,
  escalationSection,
  following,
  integrationSection,
  openSection,
  optionSection,
  planSection,
  signOffSection,
  troubleSection,
  waiverSection,
} from '#render/html/sections.ts'
import { streamGrid } from '#render/html/streams.ts'
import { STYLE } from '#render/html/style.ts'
import { safe, type Safe } from '#render/template.ts'
import { movedWords, sentence, VERDICT_SIGNS, zoned } from '#render/words.ts'

/** One page that needs nothing else: no script, no font, no image, no address outside itself. */
export const renderHtml: Renderer = (report) => {
  const sections = [
    section('streams', 'Streams', streamGrid(report)),
    openSection(report),
    actionSection(report),
    conditionSection(report),
    claimSection(report),
    blockerSection(report),
    planSection(report),
    criteriaSection(report),
    optionSection(report),
    escalationSection(report),
    integrationSection(report),
    waiverSection(report),
    troubleSection(report),
    signOffSection(report),
    agendaSection(report),
    section('follows', 'What follows', html`${list(report.decision.actions.map(own))}${following(report)}`),
  ]
  const { shape, tone } = VERDICT_SIGNS[report.verdict]
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
<title>${`${report.verdict}: ${report.program.name}, ${report.checkpoint.name}`}</title>
<style>${safe(STYLE)}</style>
</head>
<body>
<header class="top ${tone}">
<p class="verdict"><span aria-hidden="true">${shape}</span> ${report.verdict}</p>
<div class="rest">${head(report)}</div>
</header>
${navigation(sections)}
<main>${sections}
</main>
<footer>${foot(report)}</footer>
</body>
</html>
`
  return { output: page.safe, exitCode: report.exitCode }
}

function head(report: CheckReport): Safe {
  const { program, checkpoint, decision, record } = report
  const { override } = decision
  const moved = movedWords(report)
  return html`<h1>${own(program.name)}, ${own(checkpoint.name)}</h1>
<p>${own(checkpoint.question)}</p>
<p>${override ? html`<b>Set by</b> ${own(override.by)}, ${instant(override.at, report, zoned)}: ${own(sentence(override.reason))} Computed: ${decision.computedVerdict}, ` : nothing}${own(decision.rule.title)} <span class="soft">(rule <code>${decision.rule.id}</code>)</span></p>
<p class="soft">${instant(checkpoint.at, report, zoned)}, ${formatDuration(checkpoint.durationSeconds)}; checked ${instant(report.at, report)}${moved === undefined ? nothing : html`; ${own(moved)}`}${record ? html`; record ${record.seq}, sealed ${hash(record.hash, 12)}` : nothing}</p>`
}

const NAMES: Readonly<Record<string, string>> = {
  streams: 'Streams',
  open: 'Open',
  next: 'Next',
  blockers: 'Blockers',
  merge: 'Plan',
  criteria: 'Criteria',
  options: 'Options',
  'sign-offs': 'Sign-offs',
  agenda: 'Agenda',
}

/** Links to the sections that are there. */
const navigation = (sections: readonly Safe[]): Safe =>
  html`<nav aria-label="Sections">${Object.entries(NAMES)
    .filter(([id]) => sections.some((each) => each.safe.includes(`<section id="${id}"`)))
    .map(([id, name]) => html`<a href="#${id}">${name}</a>`)}</nav>`

const foot = ({ record }: CheckReport): Safe =>
  record
    ? html`<p>Record <code>${record.id}</code>, number ${record.seq}, sealed ${hash(record.hash, 64)}. Recompute it with <code>muster replay ${record.id}</code>.</p>`
    : html`<p>Not recorded: this was a dry run.</p>`
