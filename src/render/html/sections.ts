import type { CheckReport, CriterionReport } from '#core/decide/report.ts'
import { formatDuration, formatValue } from '#core/program/quantity.ts'
import { numbers } from '#render/html/bars.ts'
import { html, instant, list, nothing, own, section, sign, table } from '#render/html/element.ts'
import { tree } from '#render/html/explanation.ts'
import { foldActions, foldOpen, type Entry, type FoldedGroup, type Task } from '#render/fold.ts'
import { blockersWorstFirst, chosenWords, claimDifferences, isOverdue, reworkNotes, timedAgenda } from '#render/select.ts'
import { safe, type Safe } from '#render/template.ts'
import { subjectNames, tell, whoWords } from '#render/told.ts'
import {
  formatActual,
  formatDay,
  groupTitle,
  HEALTH_SIGNS,
  people,
  statusWords,
  STATUS_SIGNS,
  subjectName,
  troubleTimes,
  when,
  withoutYes,
} from '#render/words.ts'

export function openSection(report: CheckReport): Safe {
  const open = foldOpen(report)
  return section(
    'open',
    'What is open',
    html`${openList(report, open.against)}${open.besides.length === 0 ? nothing : html`<h4>Open besides, without touching the verdict</h4>${openList(report, open.besides)}`}`,
  )
}

const openList = (report: CheckReport, groups: readonly FoldedGroup[]): Safe =>
  html`${groups.map((group) => html`<h3>${groupTitle(group)}</h3>${group.entries.length === 0 ? nothing : html`<ul class="open">${group.entries.map((entry) => openEntry(report, group, entry))}</ul>`}`)}`

function openEntry(report: CheckReport, group: FoldedGroup, entry: Entry): Safe {
  const mark = STATUS_SIGNS[group.status]
  const { head, details, lines, beneath, flip } = tell(report, entry)
  const [title = '', ...about] = head
  return html`<li class="${mark.tone}"><span class="shape" aria-hidden="true">${mark.shape}</span>
<div class="rest"><span class="title">${own(title)}</span>${about.map((text) => html` <span class="soft">· ${own(text)}</span>`)}${details.map((text) => html`<p>${own(text)}</p>`)}${targets(beneath)}${
    lines.length === 0
      ? nothing
      : html`<ul>${lines.map((line) => html`<li><b>${own(line.name)}</b>${line.text === '' ? nothing : html`: ${own(line.text)}`}${targets(line.beneath)}</li>`)}</ul>`
  }${flip === undefined ? nothing : html`<p class="flip">To flip: ${own(flip)}</p>`}</div></li>\n`
}

/** Targets that fail with a criterion on the same evidence. */
const targets = (texts: readonly string[]): Safe =>
  texts.length === 0 ? nothing : html`<ul class="beneath">${texts.map((text) => html`<li>${own(text)}</li>`)}</ul>`

export const claimSection = (report: CheckReport): Safe =>
  section(
    'claims',
    'Claims that differ from the measurement',
    list(
      claimDifferences(report).map((claim) => html`${own(subjectName(report, claim.subject))}, ${own(claim.title)}: ${own(claim.text)}`),
    ),
  )

export const actionSection = (report: CheckReport): Safe =>
  section(
    'next',
    'Who does what next',
    table(
      'actions',
      ['Who', 'By', 'What'],
      foldActions(report).map((actions) => [
        html`<b>${own(whoWords(actions))}</b>`,
        actions.due === undefined ? html`<span class="soft">no date</span>` : instant(actions.due, report),
        actions.tasks.length === 1
          ? html`${actions.tasks.map((task) => taskWords(report, task))}`
          : list(actions.tasks.map((task) => taskWords(report, task))),
      ]),
    ),
  )

const taskWords = (report: CheckReport, { subjects, text }: Task): Safe =>
  html`${subjects.length === 0 ? nothing : html`${own(subjectNames(report, subjects))}: `}${own(text)}`

/** Every criterion of the streams in their order, then the program's; each opens to its explanation. */
export function criteriaSection(report: CheckReport): Safe {
  const known = new Set(report.streams.map((stream) => `stream:${stream.id}`))
  const groups = [
    ...report.streams.map((stream) => [stream.name, stream.criteria] as const),
    ['Program', report.criteria.filter((criterion) => !known.has(criterion.subject))] as const,
  ]
  const rows = groups
    .filter(([, criteria]) => criteria.length > 0)
    .map(
      ([name, criteria]) =>
        html`<tr class="group"><td class="bare" colspan="5">${own(name)}</td></tr>\n${criteria.map((criterion) => criterionRow(report, criterion))}`,
    )
  if (rows.length === 0) return nothing
  const head = ['Status', 'Criterion', 'Tier', 'Actual', 'Target'].map((header) => html`<th scope="col">${header}</th>`)
  return section(
    'criteria',
    'Criteria and their evidence',
    html`<table class="criteria"><thead><tr>${head}</tr></thead><tbody>\n${rows}</tbody></table>`,
  )
}

const criterionRow = (report: CheckReport, criterion: CriterionReport): Safe =>
  html`<tr><td data-label="Status">${sign(STATUS_SIGNS[criterion.status], statusWords(criterion.status, criterion.rawStatus))}</td><td data-label="Criterion"><details><summary>${own(criterion.title)} <code class="soft">${criterion.id}</code></summary>${tree(report, criterion.explanation)}</details></td><td data-label="Tier">${criterion.tier}</td><td data-label="Actual">${criterion.actual === undefined && criterion.target === undefined ? '' : formatActual(criterion.actual, criterion.unit)}</td><td data-label="Target">${criterion.target === undefined ? '' : formatValue(criterion.target, criterion.unit)}</td></tr>\n`

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
              matrix.options.map((option) => [
                html`<code>${option.id}</code>`,
                own(option.title),
                own(option.pros.join('; ')),
                own(option.cons.join('; ')),
                matrix.recommend.includes(option.id) ? html`<b>→ recommended</b>` : nothing,
              ]),
            )}${matrix.chosen ? html`<p><b>${own(chosenWords(matrix) ?? '')}</b></p>` : nothing}<p class="legend">Recommended: ${own(matrix.recommendation)}${matrix.escalateTo === undefined ? nothing : html`. Escalate to ${own(matrix.escalateTo)}`}.</p>`,
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
      report.decision.escalations.map((owed) => [
        own(owed.scenario),
        own(subjectName(report, owed.subject)),
        own(owed.owner),
        own(owed.escalateTo),
        own(owed.action),
        own(withoutYes(owed.because)),
      ]),
    ),
  )

export const conditionSection = (report: CheckReport): Safe =>
  section(
    'conditions',
    'Conditions',
    table(
      'conditions',
      ['Condition', 'About', 'Owner', 'By'],
      report.decision.conditions.map((condition) => [
        own(condition.text),
        own(subjectName(report, condition.subject)),
        own(condition.owner),
        instant(condition.due, report),
      ]),
    ),
  )

export const waiverSection = (report: CheckReport): Safe =>
  section(
    'waivers',
    'Waivers',
    table(
      'waivers',
      ['Waiver', 'Criterion', 'State', 'Note'],
      report.waivers.map((waiver) => [
        html`<code>${waiver.waiver}</code>`,
        html`<code>${waiver.criterion}</code>`,
        html`<b class="${waiver.state === 'applied' ? 'warn' : 'bad'}">${waiver.state}</b>`,
        own(waiver.note),
      ]),
    ),
  )

export const troubleSection = (report: CheckReport): Safe =>
  section(
    'troubles',
    'What Muster could not do',
    list((report.troubles ?? []).map((one) => html`${troubleTimes(one, report)}: ${own(one.text)}`)),
  )

export function planSection(report: CheckReport): Safe {
  const { merge, onNoGo } = report.decision
  const names = (ids: readonly string[]): Safe => own(ids.map((id) => subjectName(report, id)).join(', '))
  if (merge) {
    return section(
      'merge',
      `Merge plan into ${merge.target}`,
      list([
        ...merge.days.map((day) => html`<b>${formatDay(day.date, day.weekday)}</b>: ${names(day.streams)}`),
        ...(merge.merged.length === 0 ? [] : [html`Merged already: ${names(merge.merged)}`]),
        ...reworkNotes(report).map(({ label, text }) => html`${label === 'rework' ? 'Rework' : 'Surprise'}: ${own(text)}`),
        ...merge.held.map((held) => html`Held: ${own(subjectName(report, held.stream))}, ${own(held.because)}`),
      ]),
    )
  }
  if (!onNoGo) return nothing
  return section(
    'merge',
    'Until the next decision',
    list([
      ...onNoGo.blocked.map((entry) => html`Blocked: <b>${own(subjectName(report, entry.stream))}</b>, ${own(entry.because.join('; '))}`),
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
        const mark =
          signOff.refused.length > 0
            ? ({ shape: '✗', tone: 'bad' } as const)
            : enough
              ? ({ shape: '✓', tone: 'good' } as const)
              : ({ shape: '☐', tone: 'unknown' } as const)
        return [
          own(signOff.role),
          sign(mark, `${signOff.approved.length} of ${signOff.quorum}`),
          own(people(signOff.approved)),
          own(people(signOff.refused)),
          own(people(signOff.waitingFor)),
        ]
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
      report.streams.flatMap((stream) =>
        stream.integrationPoints.map((point) => [
          sign(STATUS_SIGNS[point.status], point.status),
          own(stream.name),
          own(point.with),
          own(point.title),
          own(point.because),
        ]),
      ),
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
  return next
    ? html`<p>Next checkpoint: <b>${own(next.checkpoint)}</b>, <time datetime="${next.at}">${when(next.at, report)}</time></p>`
    : nothing
}
