import type { Fact } from '#core/evidence/collector.ts'
import { plainText } from '#core/evidence/plain-text.ts'
import { redact } from '#core/evidence/redact.ts'
import type { About, Report } from '#collect/reports/report.ts'
import type { SarifSummary } from './count.ts'
import { countResults } from './count.ts'
import type { SarifOptions } from './kind.ts'
import { kind } from './kind.ts'
import type { SarifFile } from './parse.ts'
import { sarifReader } from './parse.ts'

export const report: Report<SarifOptions, SarifFile, SarifSummary> = {
  kind,
  formats: [
    {
      name: 'sarif',
      title: 'SARIF 2.1.0',
      recognises: ({ text }) =>
        /^\s*\{/.test(text) &&
        /"runs"\s*:\s*\[/.test(text) &&
        /^\s*\{\s*"runs"|"version"\s*:\s*"2\.1\.0"|"\$schema"\s*:\s*"[^"]*sarif/i.test(text),
      open: sarifReader,
    },
  ],
  summarise: countResults,
  facts: factsOf,
}

function factsOf(
  { levels, suppressed, undecided, unmet, particulars, fresh }: SarifSummary,
  options: SarifOptions,
  about: About,
): readonly Fact[] {
  const safe = (text: string): string => redact(plainText(text))
  const remarks = [...(undecided === 0 ? [] : [`${undecided} results ask for a person's review and are not counted`]), ...about.remarks]
  const fact = (name: string, rest: Pick<Fact, 'status'> & Partial<Fact>, lines: readonly string[] = []): Fact => {
    const reason = [...(rest.reason === undefined ? [] : [rest.reason]), ...remarks].map(safe).join('; ')
    return { ...about.common, name, ...rest, ...(reason !== '' && { reason }), ...(lines.length > 0 && { details: lines.map(safe) }) }
  }
  if (unmet.length > 0)
    return Object.keys(kind.metrics).map((name) => fact(name, { status: 'missing', reason: `no run of ${unmet.join(', ')}` }))
  const count = (name: string, value: number, lines?: readonly string[]): Fact => fact(name, { status: 'observed', value }, lines)
  const untold =
    fresh === undefined
      ? options.base === undefined
        ? 'the source names no "base" to compare with'
        : 'there is no report of the target branch'
      : fresh.gone.length > 0
        ? `${fresh.gone.join(', ')} ran on the target branch and not here`
        : undefined
  const compared = (name: string, value: number | undefined, lines?: readonly string[]): Fact =>
    untold !== undefined || value === undefined ? fact(name, { status: 'missing', reason: untold ?? '' }) : count(name, value, lines)
  return [
    count('errors', levels.error, particulars),
    count('warnings', levels.warning, particulars),
    count('notes', levels.note, particulars),
    count('suppressed', suppressed),
    compared('new', fresh?.all, fresh?.particulars),
    compared('errors.new', fresh?.errors, fresh?.particulars),
    compared('suppressed.new', fresh?.suppressed),
  ]
}
