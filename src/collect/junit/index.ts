import type { z } from 'zod'
import type { Collector, Fact } from '#core/evidence/collector.ts'
import { plainText } from '#core/evidence/plain-text.ts'
import { redact } from '#core/evidence/redact.ts'
import type { Reading } from '../reports.ts'
import { readReports, sameForAll } from '../reports.ts'
import type { options as optionsSchema } from './kind.ts'
import { kind } from './kind.ts'
import type { JUnitReport } from './parse.ts'
import { junitReader } from './parse.ts'
import type { Tally } from './select.ts'
import { tally } from './select.ts'

/** Test results: every case of the report files counted one by one. */
export const collector: Collector = {
  async collect(request, context) {
    const options = request.options as z.output<typeof optionsSchema>
    const kept = Object.keys(options.properties ?? {})
    const reading = await readReports(request, context, options, {
      open: () => junitReader(kept),
      declares: ({ commits, trees }) => ({ commits, trees }),
    })
    if (!reading.ok) return sameForAll(kind.metrics, reading)
    const counted = tally(
      reading.reports.map(({ value }) => value),
      options,
    )
    if (counted.total === 0) return sameForAll(kind.metrics, { ...reading.common, status: 'missing', reason: whyNone(counted) })
    return factsOf(counted, reading)
  },
}

const whyNone = ({ inReports, remarks }: Tally): string =>
  [
    inReports === 0 ? 'the report holds no test case' : `none of the ${inReports} test cases of the report matches the source's options`,
    ...remarks,
  ].join('; ')

function factsOf(counted: Tally, { common, remarks, exitCode }: Extract<Reading<JUnitReport>, { ok: true }>): readonly Fact[] {
  const { unlisted } = counted
  const failed = counted.failed + unlisted.failed
  const skipped = counted.skipped + unlisted.skipped
  const details = counted.particulars.map((line) => redact(plainText(line)))
  const notes = [...counted.remarks, ...remarks]

  const fact = (name: keyof typeof kind.metrics, value: number, ...own: readonly string[]): Fact => {
    const reason = [...own, ...notes].join('; ')
    return { ...common, name, status: 'observed', value, ...(reason !== '' && { reason }), ...(details.length > 0 && { details }) }
  }
  const doubtful = (one: Fact, reason: string): Fact => {
    const { value: _, ...rest } = one
    return { ...rest, status: 'inconclusive', reason: [reason, ...notes].join('; ') }
  }

  // A report may own up to more than it lists, as when a suite fails to load; never to less.
  const failedNote = unlisted.failed > 0 ? [`the report says ${failed} failed and lists ${counted.failed}`] : []
  const skippedNote = unlisted.skipped > 0 ? [`the report says ${skipped} skipped and lists ${counted.skipped}`] : []
  const share = counted.passed / (counted.total + unlisted.failed + unlisted.skipped)
  const verdicts = [
    fact('failed', failed, ...failedNote),
    fact('errors', counted.errors),
    fact('ratio', share, ...failedNote, ...skippedNote),
  ]
  const contradiction = exitCode !== undefined && exitCode !== 0 && !counted.hasFailure
  return [
    fact('total', counted.total),
    fact('passed', counted.passed),
    ...(contradiction
      ? verdicts.map((one) => doubtful(one, `the command ended with exit code ${exitCode}, and its report shows no failed case`))
      : verdicts),
    fact('skipped', skipped, ...skippedNote),
    fact('flaky', counted.flaky),
    counted.untimed === counted.total
      ? { ...common, name: 'seconds', status: 'missing', reason: 'no test case says its time' }
      : fact('seconds', counted.seconds, ...(counted.untimed > 0 ? [`${counted.untimed} of ${counted.total} test cases say no time`] : [])),
  ]
}
