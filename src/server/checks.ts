import type { Job } from '#core/api/documents.ts'
import type { Jobs } from '#server/jobs.ts'
import type { LiveProgram } from '#server/live-program.ts'
import { keyedId, type Keyed } from '#server/written.ts'

interface CheckAsked {
  readonly checkpoint: string
  /** Absent: all. */
  readonly streams?: readonly string[]
}

/** Starts a check, or finds the one that was asked for under this key. Undefined when too much waits. */
export function startCheck(live: LiveProgram, jobs: Jobs, keyed: Keyed, asked: CheckAsked): Job | 'key-reused' | undefined {
  const known = jobs.get(keyed.key)
  if (known && !isSame(known, asked)) return 'key-reused'
  let ids = 0
  return jobs.start({ id: keyed.key, kind: 'check', ...asked }, async (report) => {
    const { checkpoint, streams } = asked
    const { decision } = await live.served.check(checkpoint, {
      ...(streams && { streams }),
      newId: () => keyedId(keyed, ids++),
      progress: (progress) => report({ progress }),
    })
    report({ decision })
    await live.refresh()
  })
}

const isSame = (job: Pick<Job, 'checkpoint' | 'streams'>, asked: CheckAsked): boolean =>
  job.checkpoint === asked.checkpoint && JSON.stringify(job.streams) === JSON.stringify(asked.streams)
