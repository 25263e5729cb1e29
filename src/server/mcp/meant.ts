import { reference } from '#core/people/fields.ts'
import { refuse, refuseUnknown, type Refusal } from '#core/people/refusal.ts'
import { noCheckpoint, streamIds } from '#core/people/who.ts'
import type { Checkpoint, Program, Stream } from '#core/program/model.ts'
import { currentCheckpoint } from '#engine/check.ts'
import type { LiveProgram } from '#server/live-program.ts'
import type { Asked } from '#server/mcp/tool.ts'

const ALL = '*'

export const streamField = reference.optional().describe(`Id of a stream; yours unless said, ${ALL} for all of them`)
export const checkpointField = reference.optional().describe('Id of a checkpoint; the next one unless said')

/** The stream that is named, else the caller's own; undefined for all of them. */
export function meantStream(
  { live, stream: own }: Pick<Asked, 'live' | 'stream'>,
  named: string | undefined,
): { readonly ok: true; readonly stream: Stream | undefined } | Refusal {
  const id = named ?? own
  if (id === undefined || id === ALL) return { ok: true, stream: undefined }
  const stream = live.program.streams.find((one) => one.id === id)
  if (stream) return { ok: true, stream }
  const { remedy, ...refusal } = refuseUnknown('stream', id, streamIds(live.program), 'stream')
  return { ...refusal, remedy: `${remedy}; ${ALL} is all of them` }
}

/** The checkpoint that is named, else the one whose meeting goes on or comes next. */
export function meantCheckpoint(
  live: LiveProgram,
  id: string | undefined,
  at: string,
): { readonly ok: true; readonly checkpoint: Checkpoint } | Refusal {
  const checkpoint = id === undefined ? currentCheckpoint(live.program, at) : live.program.checkpoints.find((one) => one.id === id)
  if (checkpoint) return { ok: true, checkpoint }
  return id === undefined ? refuse('unknown-id', 'the program has no checkpoint') : noCheckpoint(live.program, id)
}

/** The newest decision of a checkpoint in which a stream was judged; for all of them one about all. */
export const newestDecision = (live: LiveProgram, checkpoint: string, stream: string | undefined) =>
  live.record.decisions.findLast(
    (one) => one.checkpoint === checkpoint && (one.streams === undefined || (stream !== undefined && one.streams.includes(stream))),
  )

/** The only stream that somebody leads. */
export function ledBy({ streams }: Program, person: string | undefined): string | undefined {
  const [only, ...others] = streams.filter((one) => one.lead === person)
  return others.length === 0 ? only?.id : undefined
}
