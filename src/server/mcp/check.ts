import { z } from 'zod'
import { refuse } from '#core/people/refusal.ts'
import { startCheck } from '#server/checks.ts'
import { keyField, keyedCall, KEY_REUSED } from '#server/mcp/keys.ts'
import { checkpointField, meantCheckpoint, meantStream, streamField } from '#server/mcp/meant.ts'
import { brief, reportLines, summaryOf } from '#server/mcp/summary.ts'
import { ADDS, tool } from '#server/mcp/tool.ts'

/** Many clients give up after a minute. */
const WAIT_SECONDS = 50
const MOST_SECONDS = 3600

export const check = tool({
  name: 'check',
  title: 'Judge now',
  description:
    'Gathers evidence from the commits that are on the branch now, judges every criterion and puts the decision on record, as `muster check` does. Commit first: uncommitted work is not seen. Commands run only where a person has trusted them. It can take minutes: where the answer says that it still runs, call again with the same key to wait on.',
  input: z.strictObject({
    stream: streamField,
    checkpoint: checkpointField,
    key: keyField,
    waitSeconds: z
      .number()
      .min(0)
      .max(MOST_SECONDS)
      .optional()
      .describe(`How long to wait for it; ${WAIT_SECONDS} unless said. It goes on in any case`),
  }),
  annotations: { ...ADDS, openWorldHint: true },
  run: async (asked, input) => {
    const { live, jobs, who } = asked
    if (who.kind === 'machine')
      return refuse('not-allowed', `a token of stream ${who.stream} may read and report, and never decide`, {
        remedy: 'this takes: a person of the program; `status` and `explain` say what was judged last',
      })
    const meant = meantStream(asked, input.stream)
    if (!meant.ok) return meant
    const found = meantCheckpoint(live, input.checkpoint, asked.server.ports.now())
    if (!found.ok) return found
    const { checkpoint } = found
    const stream = meant.stream?.id
    const wanted = { checkpoint: checkpoint.id, ...(stream !== undefined && { streams: [stream] }) }
    const { key, keyed } = keyedCall(asked, 'check', input.key, wanted)
    const isAgain = jobs.get(keyed.key)?.state === 'done'
    const started = startCheck(live, jobs, keyed, wanted)
    if (started === 'key-reused') return KEY_REUSED
    if (!started)
      return { ok: false, code: 'too-many-jobs', message: 'too much is waiting already', remedy: 'Try again when some of it is done.' }
    const stop = live.listen(() => {
      const progress = jobs.get(keyed.key)?.progress
      if (progress) asked.progress(progress)
    })
    const patience = AbortSignal.any([asked.signal, AbortSignal.timeout((input.waitSeconds ?? WAIT_SECONDS) * 1000)])
    const job = await jobs.ended(keyed.key, patience)
    stop()
    if (!job || job.state === 'failed')
      return {
        ok: false,
        code: 'check-failed',
        message: `nothing was judged: ${job?.reason ?? 'the check is not known any more'}`,
        remedy: 'Call again with the same key once that is put right.',
      }
    if (job.state !== 'done' || job.decision === undefined) {
      const { progress } = job
      const far = progress ? `, ${progress.done} of ${progress.of} sources are gathered` : ''
      return {
        ok: true,
        lines: [
          `The check of ${stream ?? 'all streams'} at ${checkpoint.id} is ${job.state}${far}. To wait on, call check again with key "${key}".`,
        ],
        data: { schemaVersion: 1, key, job: { state: job.state, progress, ...wanted } },
      }
    }
    const report = await live.report(job.decision)
    if (!report)
      return { ok: false, code: 'unknown-id', message: `the record holds no decision ${job.decision}`, remedy: 'Run `muster verify`.' }
    return {
      ok: true,
      lines: [
        ...(isAgain ? ['This key was used before: it is that check again, not a new one.', ''] : []),
        ...(await reportLines(brief(report))),
      ],
      data: { ...summaryOf(report), key, again: isAgain },
    }
  },
})
