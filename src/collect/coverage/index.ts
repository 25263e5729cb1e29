import type { z } from 'zod'
import type { Collector, Fact } from '#core/evidence/collector.ts'
import { plainText } from '#core/evidence/plain-text.ts'
import { readReports, sameForAll } from '../reports.ts'
import type { CoverageCount, Share } from './count.ts'
import { countCoverage } from './count.ts'
import type { options as optionsSchema } from './kind.ts'
import { kind } from './kind.ts'
import { coverageReader } from './parse.ts'

/** Coverage, counted again from the lines, branches and functions of the report files. */
export const collector: Collector = {
  async collect(request, context) {
    const options = request.options as z.output<typeof optionsSchema>
    const reading = await readReports(request, context, options, { open: coverageReader })
    if (!reading.ok) return sameForAll(kind.metrics, reading)
    const paths = typeof options.paths === 'string' ? [options.paths] : options.paths
    const counted = countCoverage(
      reading.reports.map(({ value }) => value),
      { root: reading.root, ...(paths && { paths }) },
    )
    if (counted.files === 0) return sameForAll(kind.metrics, { ...reading.common, status: 'missing', reason: whyNone(counted, paths) })

    const notes = [...reading.reports.flatMap(({ value }) => value.remarks), ...reading.remarks]
    const details = counted.particulars.map(plainText)
    const rest = { ...reading.common, ...(notes.length > 0 && { reason: notes.join('; ') }), ...(details.length > 0 && { details }) }
    const share = (name: keyof typeof kind.metrics, { covered, all }: Share): Fact =>
      all > 0
        ? { ...rest, name, status: 'observed', value: covered / all }
        : { ...rest, name, status: 'inconclusive', reason: [`the report lists no ${name}: 0 of 0 prove nothing`, ...notes].join('; ') }
    return [
      share('lines', counted.lines),
      share('branches', counted.branches),
      share('functions', counted.functions),
      { ...rest, name: 'files', status: 'observed', value: counted.files },
    ]
  },
}

const whyNone = ({ inReports }: CoverageCount, paths: readonly string[] | undefined): string =>
  inReports === 0
    ? 'the report holds no source file'
    : `none of the ${inReports} source files of the report matches ${paths?.join(', ') ?? ''}`
