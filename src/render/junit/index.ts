import type { CheckReport, CriterionReport } from '#core/decide/report.ts'
import type { Explanation } from '#core/evaluate/model.ts'
import type { Renderer } from '#render/renderer.ts'
import { xml } from '#render/encode.ts'
import { safe, templateFor, type Safe } from '#render/template.ts'
import { actualAndTarget, decidedWords, formatActual, intervalWords, people, provenanceWords, statusWords, timesOf } from '#render/words.ts'

const x = templateFor(xml)

/**
 * JUnit XML: a suite for each stream and one for the program, a case for each criterion, and one
 * case for the verdict itself, so that a program without criteria is not green either. A criterion
 * without proof (missing, stale, inconclusive, errored) is an error, never a skip.
 */
export const renderJunit: Renderer = (report) => {
  const suites = [
    ...report.streams.map((stream) =>
      suite(
        report,
        stream.name,
        stream.id,
        stream.criteria.map((criterion) => criterionCase(report, criterion)),
        [
          ['branch', stream.branch],
          ['health', stream.health],
          ['lead', stream.lead.name],
          ['ready', stream.ready ? 'yes' : 'no'],
          ...(stream.state.state === 'present' ? [['commit', stream.state.commit] as const, ['tree', stream.state.tree] as const] : []),
        ],
      ),
    ),
    suite(
      report,
      report.program.name,
      'program',
      [verdictCase(report), ...programCriteria(report).map((criterion) => criterionCase(report, criterion))],
      [
        ['checkpoint', report.checkpoint.id],
        ['verdict', report.verdict],
        ['rule', report.decision.rule.id],
        ...(report.decision.override ? [['override', decidedWords(report)] as const] : []),
        ...(report.record ? [['record', report.record.id] as const] : []),
      ],
    ),
  ]
  const total = tally(suites.flatMap((each) => each.cases))
  const document = x`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="${`${report.program.name}: ${report.checkpoint.name}`}" ${total}>
${suites.map((each) => each.xml)}</testsuites>
`
  return { output: document.safe, exitCode: report.exitCode }
}

type Outcome = 'pass' | 'failure' | 'error' | 'skipped'

interface Case {
  readonly outcome: Outcome
  readonly xml: Safe
}

/** What belongs to the program or to a stream that the report does not list. */
function programCriteria(report: CheckReport): readonly CriterionReport[] {
  const streams = new Set(report.streams.map((stream) => `stream:${stream.id}`))
  return report.criteria.filter((criterion) => !streams.has(criterion.subject))
}

function suite(
  report: CheckReport,
  name: string,
  id: string,
  cases: readonly Case[],
  properties: readonly (readonly [string, string])[],
): { readonly cases: readonly Case[]; readonly xml: Safe } {
  return {
    cases,
    xml: x`  <testsuite name="${name}" package="${`${report.program.id}.${id}`}" timestamp="${report.at.replace(/(?:\.\d+)?Z$/, '')}" ${tally(cases)}>
    <properties>
${properties.map(([key, value]) => x`      <property name="${key}" value="${value}"/>\n`)}    </properties>
${cases.map((each) => each.xml)}  </testsuite>
`,
  }
}

function tally(cases: readonly Case[]): Safe {
  const of = (outcome: Outcome): number => cases.filter((each) => each.outcome === outcome).length
  return x`tests="${cases.length}" failures="${of('failure')}" errors="${of('error')}" skipped="${of('skipped')}" time="0"`
}

const testcase = (report: CheckReport, subject: string, name: string, outcome: Outcome, result: Safe): Case => ({
  outcome,
  xml: x`    <testcase classname="${`${report.program.id}.${subject.replace(/^stream:/, '')}`}" name="${name}" time="0"${
    outcome === 'pass'
      ? safe('/>')
      : x`>
      ${result}
    </testcase>`
  }
`,
})

function verdictCase(report: CheckReport): Case {
  const { verdict, decision } = report
  const message = `${verdict}: ${decidedWords(report)}`
  const body = lines(decision.against.map((finding) => `${finding.title}: ${finding.because}`))
  const name = `Verdict: ${report.checkpoint.question}`
  if (verdict === 'NO-GO')
    return testcase(report, 'program', name, 'failure', x`<failure type="${verdict}" message="${message}">${body}</failure>`)
  if (verdict === 'INCONCLUSIVE')
    return testcase(report, 'program', name, 'error', x`<error type="${verdict}" message="${message}">${body}</error>`)
  return testcase(report, 'program', name, 'pass', safe(''))
}

function criterionCase(report: CheckReport, criterion: CriterionReport): Case {
  const name = `${criterion.title} (${criterion.id})`
  const numbers = actualAndTarget(criterion)
  const message = `${statusWords(criterion.status, criterion.rawStatus)}, ${criterion.tier}${numbers === undefined ? '' : `, ${numbers}`}: ${criterion.explanation.because}`
  const make = (outcome: Outcome, result: Safe): Case => testcase(report, criterion.subject, name, outcome, result)
  switch (criterion.status) {
    case 'satisfied':
      return make('pass', safe(''))
    case 'unsatisfied':
      return make('failure', x`<failure type="${criterion.status}" message="${message}">${body(report, criterion)}</failure>`)
    case 'missing':
    case 'stale':
    case 'errored':
    case 'inconclusive':
      return make('error', x`<error type="${criterion.status}" message="${message}">${body(report, criterion)}</error>`)
    case 'waived':
    case 'overridden':
    case 'not-applicable':
      return make('skipped', x`<skipped message="${message}"/>`)
  }
}

const lines = (texts: readonly string[]): Safe => safe(texts.map(xml).join('\n'))

const body = (report: CheckReport, criterion: CriterionReport): Safe => lines(explained(criterion.explanation, timesOf(report), ''))

function explained(explanation: Explanation, time: (instant: string) => string, indent: string): readonly string[] {
  const { evidence, claim, flip } = explanation
  return [
    `${explanation.status}: ${explanation.rule}`,
    `because: ${explanation.because}`,
    ...(evidence
      ? [
          `evidence: ${evidence.metric} ${evidence.status === 'observed' ? formatActual(evidence.value, evidence.unit) : evidence.status}${intervalWords(evidence)}, ${evidence.provenance}, ${evidence.source}, ${provenanceWords(evidence, time)}`,
          ...(evidence.details ?? []).map((detail) => `detail: ${detail}`),
        ]
      : []),
    ...(claim ? [`claim: ${claim.text} (${claim.by})`] : []),
    ...(flip ? [`flip: ${flip.text}${flip.who.length === 0 ? '' : ` (${people(flip.who)})`}`] : []),
  ]
    .map((line) => indent + line)
    .concat(explanation.children.flatMap((child) => explained(child, time, `${indent}  `)))
}
