import { useSignal } from '@preact/signals'
import type { Job } from '#core/api/documents.ts'
import { read, write, type Problem } from '../api.ts'
import { Refused } from './act.tsx'

const ASK_AGAIN_MILLISECONDS = 400

/**
 * A button for work that takes longer than a request: says how far it is, and why it failed. What
 * comes of it is shown where it belongs, as soon as it is on record.
 */
export function JobButton({
  program,
  path,
  label,
  busyLabel,
}: {
  readonly program: string
  /** Of the API, where the work is asked for. */
  readonly path: string
  readonly label: string
  readonly busyLabel: string
}) {
  const job = useSignal<Job | 'asked' | undefined>(undefined)
  const problem = useSignal<Problem | undefined>(undefined)
  const follow = async (): Promise<void> => {
    problem.value = undefined
    job.value = 'asked'
    let answer = await write<Job>(path, {}, { key: crypto.randomUUID() })
    while (answer.ok && (answer.value.state === 'waiting' || answer.value.state === 'running')) {
      job.value = answer.value
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MILLISECONDS))
      answer = await read<Job>(`/api/programs/${encodeURIComponent(program)}/jobs/${encodeURIComponent(answer.value.id)}`)
    }
    job.value = undefined
    problem.value = answer.ok ? failureOf(answer.value) : answer
  }
  const { value: running } = job
  return (
    <>
      <button type="button" disabled={running !== undefined} onClick={() => void follow()}>
        {running === undefined ? label : `${busyLabel}${progressOf(running)}`}
      </button>
      <Refused problem={problem.value} />
    </>
  )
}

const progressOf = (job: Job | 'asked'): string =>
  job === 'asked' || !job.progress
    ? ' …'
    : ` ${job.progress.done} of ${job.progress.of}${job.progress.last === undefined ? '' : `: ${job.progress.last}`}`

const failureOf = ({ state, reason }: Job): Problem | undefined =>
  state === 'failed' ? { ok: false, status: 0, code: 'job-failed', title: 'It failed', detail: reason ?? '' } : undefined
