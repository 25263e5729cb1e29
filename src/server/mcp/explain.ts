import { z } from 'zod'
import type { Decision } from '#core/decide/model.ts'
import type { CheckReport } from '#core/decide/report.ts'
import { streamSubject } from '#core/evidence/evidence.ts'
import type { OptionForecast } from '#core/forecast/report.ts'
import { reference } from '#core/people/fields.ts'
import { refuse, refuseUnknown, type Refusal } from '#core/people/refusal.ts'
import { epoch } from '#core/schedule/time.ts'
import { effectLines, optionTitle, viewOf } from '#render/forecast/told.ts'
import { withNames } from '#render/names.ts'
import { forecastOf } from '#server/forecast.ts'
import { renderExplain } from '#render/text/explain.ts'
import type { LiveProgram } from '#server/live-program.ts'
import { checkpointField, meantCheckpoint, meantStream, newestDecision, streamField } from '#server/mcp/meant.ts'
import { about, reportLines, summaryOf } from '#server/mcp/summary.ts'
import { READS, tool, type Answer, type Asked } from '#server/mcp/tool.ts'

/** Widest that a tree gets. */
const COLUMNS = 120

export const explain = tool({
  name: 'explain',
  title: 'Why it is so',
  description:
    'Why a decision came out as it did: the rule that fired, what speaks against GO, conditions, escalations, sign-offs, and the options for each stream with what speaks for and against them. With `criterion`: why that criterion is what it is, as a tree down to evidence, commit and tree, and what would flip it.',
  input: z.strictObject({
    criterion: reference.optional().describe('Id of a criterion, or of a deliverable that is due; the whole decision unless said'),
    stream: streamField,
    decision: reference.optional().describe('Id or record number of a decision; the newest of the checkpoint unless said'),
    checkpoint: checkpointField,
  }),
  annotations: READS,
  run: async (asked, input) => {
    const meant = meantStream(asked, input.stream)
    if (!meant.ok) return meant
    const stream = meant.stream?.id
    const found = decisionOf(asked.live, asked.server.ports.now(), { ...input, stream })
    if (!found.ok) return found
    const report = await asked.live.report(found.decision)
    if (!report)
      return refuse('unknown-id', `the record does not hold any more what ${found.decision} was made from`, {
        remedy: 'Run `muster verify`.',
      })
    if (input.criterion !== undefined) return criterionAnswer(report, input.criterion, stream)
    return decisionAnswer(about(report, stream), await optionsAhead(asked, report, stream))
  },
})

interface Wanted {
  readonly decision?: string | undefined
  readonly checkpoint?: string | undefined
  readonly stream: string | undefined
}

function decisionOf(
  live: LiveProgram,
  at: string,
  { decision, checkpoint, stream }: Wanted,
): { readonly ok: true; readonly decision: string } | Refusal {
  const { decisions } = live.record
  if (decision !== undefined) {
    const known = decisions.find((one) => one.id === decision || String(one.seq) === decision)
    if (known) return { ok: true, decision: known.id }
    const ids = decisions.map((one) => one.id)
    return refuseUnknown('decision', decision, ids, 'decision')
  }
  const found = meantCheckpoint(live, checkpoint, at)
  if (!found.ok) return found
  const newest = newestDecision(live, found.checkpoint.id, stream)
  if (newest) return { ok: true, decision: newest.id }
  return refuse('unknown-id', `nothing was decided yet about ${found.checkpoint.id}`, {
    remedy: '`check` judges it; `status` says what it asks for.',
  })
}

function criterionAnswer(report: CheckReport, id: string, stream: string | undefined): Answer | Refusal {
  const named = report.criteria.filter((one) => one.id === id || one.id === `target.${id}`)
  if (named.length === 0) return refuseUnknown('criterion', id, [...new Set(report.criteria.map((one) => one.id))], 'criterion')
  const chosen = named.filter((one) => stream === undefined || one.subject === streamSubject(stream) || one.subject === 'program')
  if (chosen.length === 0) {
    const streams = named.map((one) => one.subject.replace('stream:', ''))
    return refuse('unknown-id', `${id} is not judged for ${stream}`, { remedy: `it is for: ${streams.join(', ')}`, field: 'stream' })
  }
  const { record, at, checkpoint } = report
  const readable = withNames({ ...report, criteria: chosen })
  const lines = [...new Set(chosen.map((one) => one.id))].flatMap((criterion) =>
    (renderExplain(readable, { criterion }, { width: COLUMNS })?.output ?? '').trimEnd().split('\n'),
  )
  return { ok: true, lines, data: { schemaVersion: 1, record: record?.id, checkpoint: checkpoint.id, at, criteria: chosen } }
}

async function decisionAnswer(report: CheckReport, options: Options | undefined): Promise<Answer> {
  const { decision, checkpoint } = report
  const data = { ...summaryOf(report), decision: decisionInFull(decision), forecast: options?.list }
  const lines = await reportLines(report)
  if (!options || options.list.length === 0) return { ok: true, lines, data }
  return {
    ok: true,
    lines: [...lines, '', `What each option would change for ${checkpoint.name}, by the forecast`, ...options.lines],
    data,
  }
}

interface Options {
  readonly list: readonly OptionForecast[]
  readonly lines: readonly string[]
}

/** What the record says that each option would change; nothing once the checkpoint is past. */
async function optionsAhead(
  { live, server }: Asked,
  { checkpoint, streams }: CheckReport,
  stream: string | undefined,
): Promise<Options | undefined> {
  const now = server.ports.now()
  if (epoch(checkpoint.at) < epoch(now) || !live.program.checkpoints.some((one) => one.id === checkpoint.id)) return undefined
  const isAbout = (id: string): boolean => (stream === undefined ? streams.some((one) => one.id === id) : id === stream)
  const report = await forecastOf(live, now, checkpoint.id)
  const list = report.options.list.filter((one) => isAbout(one.stream))
  const view = viewOf(report, checkpoint.id)
  const lines = list.flatMap((one) => [
    `  ${one.stream}: ${optionTitle(one)}`,
    ...effectLines(one, view).map((text) => `      ${text}`),
    `      ${one.assumption}`,
  ])
  return { list, lines }
}

const decisionInFull = ({ counts, merge, streams, ...decision }: Decision): object => ({
  ...decision,
  counts,
  streams: streams.map(({ stream, health, healthRule, ready, matrix }) => ({ stream, health, healthRule, ready, matrix })),
  merge: merge && { target: merge.target, days: merge.days, held: merge.held },
})
