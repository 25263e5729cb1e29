import type { Evidence } from '#core/evidence/evidence.ts'
import type { Explanation } from '#core/evaluate/model.ts'
import type { CheckReport, CriterionReport } from '#core/decide/report.ts'
import type { Rendered, RenderOptions } from '#render/renderer.ts'
import { painter, type Paint } from '#render/text/paint.ts'
import { hang } from '#render/text/wrap.ts'
import { columnsOf } from '#render/text/page.ts'
import {
  actualAndTarget,
  formatActual,
  intervalWords,
  people,
  provenanceWords,
  remarkOf,
  statusWords,
  STATUS_SIGNS,
  subjectName,
  timesOf,
} from '#render/words.ts'

/**
 * Why a criterion has its status, down to the evidence: one tree for each subject it is judged
 * for, or for the one asked for (`program`, a stream's id, or `stream:<id>`). Undefined when the
 * report has no such criterion.
 */
export function renderExplain(
  report: CheckReport,
  asked: { readonly criterion: string; readonly subject?: string },
  options: RenderOptions = {},
): Rendered | undefined {
  const wanted = asked.subject?.replace(/^stream:/, '')
  const found = report.criteria.filter(
    (criterion) => criterion.id === asked.criterion && (wanted === undefined || criterion.subject.replace(/^stream:/, '') === wanted),
  )
  if (found.length === 0) return undefined
  const output = found.map((criterion) => explainLines(report, criterion, options).join('\n')).join('\n\n')
  return { output: `${output}\n`, exitCode: report.exitCode }
}

/** The lines of one tree. */
export function explainLines(report: CheckReport, criterion: CriterionReport, options: RenderOptions = {}): readonly string[] {
  const width = columnsOf(options)
  const paint = painter(options.color ?? false)
  const sign = STATUS_SIGNS[criterion.status]
  const about = [subjectName(report, criterion.subject), criterion.tier, statusWords(criterion.status, criterion.rawStatus)].join(' · ')
  const numbers = actualAndTarget(criterion)
  return [
    ...hang(`${sign.shape} `, `${criterion.title} (${criterion.id})`, width).map((line) => paint('bold', line)),
    ...hang('  ', numbers === undefined ? about : `${about} · ${numbers}`, width).map((line) => paint(sign.tone, line)),
    ...node(criterion.explanation, '', { time: timesOf(report), width, paint }),
  ]
}

interface Page {
  readonly time: (instant: string) => string
  readonly width: number
  readonly paint: Paint
}

function node(explanation: Explanation, rails: string, page: Page): readonly string[] {
  const under = explanation.children.length > 0 ? '│ ' : '  '
  const lines = facts(explanation, page).flatMap(([label, text]) => labelled(rails + under, label, text, page))
  const children = explanation.children.flatMap((child, index) => {
    const last = index === explanation.children.length - 1
    const sign = STATUS_SIGNS[child.status]
    const own = rails + (last ? '  ' : '│ ')
    const head = hang(`${rails}${last ? '└ ' : '├ '}${sign.shape} `, child.rule, page.width).map((line, at) =>
      at === 0 ? line : own + line.slice(own.length),
    )
    return [...head.map((line) => page.paint(sign.tone, line)), ...node({ ...child, rule: '' }, own, page)]
  })
  return [...lines, ...children]
}

/** A labelled fact, wrapped under its text, the rails of the tree kept at the left of every line. */
function labelled(rails: string, label: string, text: string, page: Page): readonly string[] {
  const lead = `${rails}${label.padEnd(9)} `
  return hang(lead, text, page.width).map((line, index) => (index === 0 ? line : rails + line.slice(rails.length)))
}

function facts(explanation: Explanation, page: Page): readonly (readonly [string, string])[] {
  const { evidence, claim, flip } = explanation
  return [
    ...(explanation.rule === '' ? [] : [['rule', explanation.rule] as const]),
    ['because', explanation.because],
    ...(evidence ? evidenceFacts(evidence, explanation.because, page) : []),
    ...(claim ? [[claim.differs ? 'claim ≠' : 'claim =', `${claim.text} (${claim.by}, ${page.time(claim.at)})`] as const] : []),
    ...(flip ? [['flip', flip.who.length > 0 ? `${flip.text} · ${people(flip.who)}` : flip.text] as const] : []),
  ]
}

function evidenceFacts(evidence: Evidence, because: string, page: Page): readonly (readonly [string, string])[] {
  const remark = remarkOf(evidence, because)
  return [
    [
      'evidence',
      `${evidence.metric} ${evidence.status === 'observed' ? formatActual(evidence.value, evidence.unit) : evidence.status}${intervalWords(evidence)} · ${evidence.provenance} · ${evidence.source}`,
    ],
    ['at', provenanceWords(evidence, page.time)],
    ...(remark === undefined ? [] : [['remark', remark] as const]),
    ...(evidence.details ?? []).map((detail) => ['detail', detail] as const),
  ]
}
