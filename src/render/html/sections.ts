import type { CheckReport, CriterionReport } from '#core/decide/report.ts'
import { formatDuration, formatValue } from '#core/program/quantity.ts'
import { numbers } from '#render/html/bars.ts'
import { html, instant, list, nothing, own, section, sign, table } from '#render/html/element.ts'
import { tree } from '#render/html/explanation.ts'
import { against, alsoOpen, blockersWorstFirst, claimDifferences, isOverdue, timedAgenda, type OpenItem } from '#render/select.ts'
import { safe, type Safe } from '#render/template.ts'
import { actualAndTarget, capital, formatActual, formatDay, HEALTH_SIGNS, people, sentence, statusWords, STATUS_SIGNS, streamName, subjectName, when } from '#render/words.ts'

export const openSection = (report: CheckReport): Safe =>
  section('open', 'What is open', html`${openList(report, against(report).flatMap((group) => group.items))}${besides(report)}`)

const openList = (report: CheckReport, items: readonly OpenItem[]): Safe => (items.length === 0 ? nothing : html`<ul class="open">${items.map((item) => openItem(report, item))}</ul>`)

function besides(report: CheckReport): Safe {
  const items = alsoOpen(report).flatMap((group) => group.items)
  return items.length === 0 ? nothing : html`<h4>Open besides, without touching the verdict</h4>${openList(report, items)}`
}

function openItem(report: CheckReport, item: OpenItem): Safe {
  const mark = STATUS_SIGNS[item.status]
  const numbers = item.criterionReport && actualAndTarget(item.criterionReport)
  return html`<li class="${mark.tone}"><span class="sign"><span class="shape" aria-hidden="true">${mark.shape}</span> ${capital(item.tier)}, ${statusWords(item.status, item.criterionReport?.rawStatus ?? item.status)}</span>
<div class="rest"><span class="title">${own(item.title)}</span> <span class="soft">${own(subjectName(report, item.subject))}</span>${numbers === undefined ? '' : `, ${numbers}`}. ${own(sentence(item.because))}${
    item.flip === undefined ? nothing : html` <span class="flip">To flip: ${own(item.flip)}${item.who.length === 0 ? nothing : html` (${own(people(item.who))})`}.</span>`
  }</div></li>\n`
}

export const claimSection = (report: CheckReport): Safe =>
  section('claims', 'Claims that differ from the measurement', list(claimDifferences(report).map((claim) => html`${own(subjectName(report, claim.subject))}, ${own(claim.title)}: ${own(claim.text)}`)))

export const actionSection = (report: CheckReport): Safe =>
  section(
    'next',
    'Who does what next',
    table(
      'actions',
      ['Who', 'By', 'What'],
      report.actions.map((action) => [
        html`<b>${own(action.who.length === 0 ? 'nobody named' : people(action.who))}</b>`,
        action.due === undefined ? html`<span class="soft">no date</span>` : instant(action.due, report),
        html`${action.subject === undefined ? nothing : html`${own(subjectName(report, action.subject))}: `}${own(action.text)}`,
      ]),
    ),
  )

/** Every criterion of the streams in their order, then the program's; each opens to its explanation. */
export function criteriaSection(report: CheckReport): Safe {
  const known = new Set(report.streams.map((stream) => `stream:${stream.id}`))
  const groups = [...report.streams.map((stream) => [stream.name, stream.criteria] as const), ['Program', report.criteria.filter((criterion) => !known.has(criterion.subject))] as const]
  const rows = groups.filter(([, criteria]) => criteria.length > 0).map(([name, criteria]) => html`<tr class="group"><td class="bare" colspan="5">${own(name)}</td></tr>\n${criteria.map((criterion) => criterionRow(report, criterion))}`)
  if (rows.length === 0) return nothing
  const head = ['Status', 'Criterion', 'Tier', 'Actual', 'Target'].map((header) => html`<th scope="col">${header}</th>`)
  return section('criteria', 'Criteria and their evidence', html`<table class="criteria"><thead><tr>${head}</tr></thead><tbody>\n${rows}</tbody></table>`)
}

const criterionRow = (report: CheckReport, criterion: CriterionReport): Safe => html`<tr><td data-label="Status">${sign(STATUS_SIGNS[criterion.status], statusWords(criterion.status, criterion.rawStatus))}</td><td data-label="Criterion"><details><summary>${own(criterion.title)} <code class="soft">${criterion.id}</code></summary>${tree(report, criterion.explanation)}</details></td><td data-label="Tier">${criterion.tier}</td><td data-label="Actual">${criterion.actual === undefined && criterion.target === undefined ? '' : formatActual(criterion.actual, criterion.unit)}</td><td data-label="Target">${criterion.target === undefined ? '' : formatValue(criterion.target, criterion.unit)}</td></tr>\n`

export const blockerSection = (report: CheckReport): Safe =>
  section(
    'blockers',
    'Blockers',
    table(
      'blockers',
      ['Severity', 'Blocker', 'Impact', 'Workaround', 'Owner', 'Deadline'],
      blockersWorstFirst(report).map(({ stream, blocker }) => [
        html`<span class="sign ${blocker.severity === 'critical' ? 'bad' : 'warn'}"><span class="shape" aria-hidden="true">■</span> ${blocker.severity}</span>`,
        html`${own(blocker.title)} <span class="soft">${own(stream.name)}</span>`,
        own(blocker.impact),
        own(blocker.workaround ?? 'none known'),
        own(blocker.owner),
        html`${instant(blocker.deadline, report)}${isOverdue(blocker, report) ? html` <b class="bad">overdue</b>` : nothing}`,
      ]),
    ),
  )

export const optionSection = (report: CheckReport): Safe =>
  section(
    'options',
    'Options',
    safe(
      report.streams
        .flatMap(({ name, health, matrix }) => {
          if (!matrix) return []
          return [
            html`<h3>${own(name)} ${sign(HEALTH_SIGNS[health], health)}: ${own(matrix.title)}</h3>${matrix.immediate.length === 0 ? nothing : html`<ol>${matrix.immediate.map((step) => html`<li>${own(step)}</li>`)}</ol>`}${table(
              'options',
              ['', 'Option', 'For', 'Against', ''],
              matrix.options.map((option) => [html`<code>${option.id}</code>`, own(option.title), own(option.pros.join('; ')), own(option.cons.join('; ')), matrix.recommend.includes(option.id) ? html`<b>→ recommended</b>` : nothing]),
            )}<p class="legend">Recommended: ${own(matrix.recommendation)}${matrix.escalateTo === undefined ? nothing : html`. Escalate to ${own(matrix.escalateTo)}`}.</p>`,
          ]
        })
        .map((part) => part.safe)
        .join('\n'),
    ),
  )

export const escalationSection = (report: CheckReport): Safe =>
  section(
    'escalations',
    'Escalations owed',
    table(
      'escalations',
      ['Scenario', 'About', 'From', 'To', 'Action', 'Because'],
      report.decision.escalations.map((owed) => [own(owed.scenario), own(subjectName(report, owed.subject)), own(owed.owner), own(owed.escalateTo), own(owed.action), own(owed.because)]),
    ),
  )

export const conditionSection = (report: CheckReport): Safe =>
  section(
    'conditions',
    'Conditions',
    table(
      'conditions',
      ['Condition', 'About', 'Owner', 'By'],
      report.decision.conditions.map((condition) => [own(condition.text), own(subjectName(report, condition.subject)), own(condition.owner), instant(condition.due, report)]),
    ),
  )

export const waiverSection = (report: CheckReport): Safe =>
  section(
    'waivers',
    'Waivers',
    table(
      'waivers',
      ['Waiver', 'Criterion', 'State', 'Note'],
      report.waivers.map((waiver) => [html`<code>${waiver.waiver}</code>`, html`<code>${waiver.criterion}</code>`, html`<b class="${waiver.state === 'applied' ? 'warn' : 'bad'}">${waiver.state}</b>`, own(waiver.note)]),
    ),
  )

export function planSection(report: CheckReport): Safe {
  const { merge, onNoGo } = report.decision
  const names = (ids: readonly string[]): Safe => own(ids.map((id) => streamName(report, id)).join(', '))
  if (merge) {
    return section(
      'merge',
      `Merge plan into ${merge.target}`,
      list([
        ...merge.days.map((day) => html`<b>${formatDay(day.date, day.weekday)}</b>: ${names(day.streams)}`),
        ...(merge.merged.length === 0 ? [] : [html`Merged already: ${names(merge.merged)}`]),
        ...merge.held.map((held) => html`Held: ${own(streamName(report, held.stream))}, ${own(held.because)}`),
      ]),
    )
  }
  if (!onNoGo) return nothing
  return section(
    'merge',
    'Until the next decision',
    list([
      ...onNoGo.blocked.map((entry) => html`Blocked: <b>${own(streamName(report, entry.stream))}</b>, ${own(entry.because.join('; '))}`),
      ...(onNoGo.continuing.length === 0 ? [] : [html`Continue: ${names(onNoGo.continuing)}`]),
      ...(onNoGo.extendedUntil === undefined ? [] : [html`Extended until ${instant(onNoGo.extendedUntil, report)}`]),
      ...(onNoGo.reevaluateAt === undefined ? [] : [html`Decided again ${instant(onNoGo.reevaluateAt, report)}`]),
    ]),
  )
}

export const signOffSection = (report: CheckReport): Safe =>
  section(
    'sign-offs',
    'Sign-offs',
    table(
      'sign-offs',
      ['Role', 'Signed', 'Approved by', 'Refused by', 'Waiting for'],
      report.decision.signOffs.map((signOff) => {
        const enough = signOff.refused.length === 0 && signOff.approved.length >= signOff.quorum
        const mark = signOff.refused.length > 0 ? ({ shape: '✗', tone: 'bad' } as const) : enough ? ({ shape: '✓', tone: 'good' } as const) : ({ shape: '☐', tone: 'unknown' } as const)
        return [own(signOff.role), sign(mark, `${signOff.approved.length} of ${signOff.quorum}`), own(people(signOff.approved)), own(people(signOff.refused)), own(people(signOff.waitingFor))]
      }),
    ),
  )

export const integrationSection = (report: CheckReport): Safe =>
  section(
    'integration',
    'Integration points',
    table(
      'integration',
      ['Status', 'From', 'To', 'What', 'Because'],
      report.streams.flatMap((stream) => stream.integrationPoints.map((point) => [sign(STATUS_SIGNS[point.status], point.status), own(stream.name), own(point.with), own(point.title), own(point.because)])),
    ),
  )

export const agendaSection = (report: CheckReport): Safe =>
  section(
    'agenda',
    'Agenda',
    table(
      'agenda',
      ['Time', 'For', 'Item', 'Numbers and topics'],
      timedAgenda(report).map(({ start, end, seconds, title, topics, stream }) => [
        html`${start}–${end}`,
        html`${formatDuration(seconds)}`,
        stream ? html`${own(title)}: <b>${own(stream.name)}</b> <span class="soft">${own(stream.lead.name)}</span>` : own(title),
        html`${stream ? html`${stream.deliverables.filter((deliverable) => deliverable.due).map((deliverable) => html`${own(deliverable.title)}: ${numbers(deliverable)}<br/>`)}Ready: ${stream.ready ? 'yes' : 'no'}<br/>` : nothing}<span class="soft">${own(topics.join(', '))}</span>`,
      ]),
    ),
  )

export const following = (report: CheckReport): Safe => {
  const { next } = report.decision
  return next ? html`<p>Next checkpoint: <b>${own(next.checkpoint)}</b>, <time datetime="${next.at}">${when(next.at, report)}</time></p>` : nothing
}
