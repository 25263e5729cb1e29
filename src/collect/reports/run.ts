import { stat } from 'node:fs/promises'
import type { JobResult, ReportJob } from './job.ts'
import { runJob } from './job.ts'
import type { ReportPool } from './pool.ts'
import { createReportPool } from './pool.ts'
import type { AnyReport } from '#collect/report-registry.ts'

/** Files of so many bytes together are read in less time than a worker takes to start. */
const SMALL_BYTES = 1 << 18

let pool: ReportPool | undefined

/** Reads report files where they can do no harm: small ones here, larger ones in a worker with limits. */
export async function readFiles(report: AnyReport, job: ReportJob, signal: AbortSignal): Promise<JobResult> {
  if (await areSmall(job)) return runJob(report, job, { signal })
  // Found by its name in the package, and so from source, built or bundled alike.
  pool ??= createReportPool(import.meta.resolve('#collect/reports/worker.ts'))
  return pool.run(job, signal)
}

async function areSmall({ files, base = [] }: ReportJob): Promise<boolean> {
  let bytes = 0
  for (const { real } of [...files, ...base]) {
    bytes += await stat(real).then(
      ({ size }) => size,
      () => 0,
    )
    if (bytes > SMALL_BYTES) return false
  }
  return true
}
