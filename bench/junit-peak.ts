/** `node bench/junit-peak.ts FILE`: reads a report as a worker does, and prints its peak memory in KiB and what came of it. */
import { dirname } from 'node:path'
import { runJob } from '#collect/reports/job.ts'
import { loadReport } from '#collect/report-registry.ts'

const [path = ''] = process.argv.slice(2)
const report = await loadReport('junit')
if (!report) throw new Error('there is no collector for junit')
const root = dirname(path)
const options = report.kind.options.parse({ files: '*' })
const result = await runJob(
  report,
  { kind: 'junit', options, place: { root }, files: [{ path, target: path, real: path, root }] },
  { signal: new AbortController().signal },
)
const { user, system } = process.cpuUsage()
console.log(
  JSON.stringify({ peak: process.resourceUsage().maxRSS, seconds: (user + system) / 1e6, outcome: result.ok ? 'read' : result.reason }),
)
