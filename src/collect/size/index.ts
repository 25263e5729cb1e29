import type { Collector } from '#core/evidence/collector.ts'
import { reportCollector } from '#collect/reports/collector.ts'
import type { SizeOptions } from './kind.ts'
import type { Asked } from './report.ts'
import { report } from './report.ts'

const reading = reportCollector(report)

/** Sizes. The files of both sides are looked for together; which side each is on, its patterns tell. */
export const collector: Collector = {
  collect(request, context) {
    const options = request.options as SizeOptions
    const own = [options.files].flat()
    const asked: Asked = { ...options, own, files: [...own, ...[options.baseline?.files ?? []].flat()] }
    return reading.collect({ ...request, options: asked }, context)
  },
}
