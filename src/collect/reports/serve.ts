import type { JobResult, ReportJob } from './job.ts'
import { runJob } from './job.ts'
import type { AnyReport } from '#collect/report-registry.ts'

/** What a worker tells of its job: how far it is in which file, and in the end the result. */
export type WorkerMessage = { readonly file: number; readonly bytes: number } | { readonly result: JobResult }

/** A message costs some 10 µs. */
const TOLD_BYTES = 1 << 20

/** Makes this process a worker of `report-pool.ts`: it does one job at a time until nobody asks any more. */
export function serveJobs(load: (kind: string) => Promise<AnyReport | undefined>): void {
  const tell = (message: WorkerMessage): void => void process.send?.(message)

  async function work(job: ReportJob): Promise<JobResult> {
    const report = await load(job.kind)
    if (!report) return { ok: false, reason: `there is no report of kind ${job.kind}` }
    let told = 0
    const progress = (file: number, bytes: number): void => {
      if (bytes > 0 && bytes - told < TOLD_BYTES) return
      told = bytes
      tell({ file, bytes })
    }
    return runJob(report, job, { signal: new AbortController().signal, progress })
  }

  process.on('message', (job: ReportJob) => {
    void work(job)
      .catch((error: unknown): JobResult => ({ ok: false, reason: `reading failed: ${String(error)}` }))
      .then((result) => tell({ result }))
  })
  process.on('disconnect', () => process.exit())
}
