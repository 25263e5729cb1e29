import { SaxesParser } from 'saxes'
import { describe, expect, test } from 'vitest'
import type { CheckReport } from '#core/decide/report.ts'
import type { Status } from '#core/evaluate/model.ts'
import { CASES } from '#render/fixtures/index.ts'
import { renderJunit } from '#render/junit/index.ts'
import { terminal } from '#render/encode.ts'

interface Case {
  readonly suite: string
  readonly name: string
  outcome: string
  type: string
}

function read(document: string): { readonly cases: readonly Case[]; readonly tallies: readonly Readonly<Record<string, string>>[] } {
  const cases: Case[] = []
  const tallies: Record<string, string>[] = []
  let suite = ''
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    const own = attributes as Record<string, string>
    if (name === 'testsuites' || name === 'testsuite') tallies.push(own)
    if (name === 'testsuite') suite = own['name'] ?? ''
    if (name === 'testcase') cases.push({ suite, name: own['name'] ?? '', outcome: 'pass', type: '' })
    const last = cases.at(-1)
    if (last && ['failure', 'error', 'skipped'].includes(name)) {
      last.outcome = name
      last.type = own['type'] ?? ''
    }
  })
  parser.write(document).close()
  return { cases, tallies }
}

const OUTCOMES: Readonly<Record<Status, string>> = {
  satisfied: 'pass', unsatisfied: 'failure', missing: 'error', stale: 'error', errored: 'error', inconclusive: 'error', 'not-applicable': 'skipped', waived: 'skipped', overridden: 'skipped',
} // prettier-ignore

describe.each(Object.entries(CASES))('%s', (_name, report) => {
  const { cases, tallies } = read(renderJunit(report).output)

  test('says of each criterion what the report says', () => {
    const expected = report.criteria.map((criterion) => {
      const stream = report.streams.find((each) => `stream:${each.id}` === criterion.subject)
      return {
        suite: terminal(stream?.name ?? report.program.name),
        name: terminal(`${criterion.title} (${criterion.id})`),
        outcome: OUTCOMES[criterion.status],
        type: ['failure', 'error'].includes(OUTCOMES[criterion.status]) ? criterion.status : '',
      }
    })
    const criteria = cases.filter((each) => !each.name.startsWith('Verdict: '))
    expect(criteria).toHaveLength(expected.length)
    expect(criteria).toEqual(expect.arrayContaining(expected))
  })

  test('the tallies are the counts of the cases', () => {
    const [total, ...suites] = tallies
    const sum = (key: string): number => suites.reduce((all, suite) => all + Number(suite[key]), 0)
    for (const key of ['tests', 'failures', 'errors', 'skipped']) expect(Number(total?.[key])).toBe(sum(key))
    expect(Number(total?.['tests'])).toBe(cases.length)
    expect(Number(total?.['failures'])).toBe(cases.filter((each) => each.outcome === 'failure').length)
    expect(Number(total?.['errors'])).toBe(cases.filter((each) => each.outcome === 'error').length)
  })
})

test('a verdict that is not GO is never green, even without criteria', () => {
  const empty = (verdict: CheckReport['verdict']): CheckReport => ({ ...CASES['inconclusive']!, verdict, streams: [], criteria: [] })
  expect(read(renderJunit(empty('NO-GO')).output).cases.map((each) => each.outcome)).toEqual(['failure'])
  expect(read(renderJunit(empty('INCONCLUSIVE')).output).cases.map((each) => each.outcome)).toEqual(['error'])
  expect(read(renderJunit(empty('GO')).output).cases.map((each) => each.outcome)).toEqual(['pass'])
})
