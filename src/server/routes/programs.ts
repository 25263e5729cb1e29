import type { Answers } from '#core/api/answers.ts'
import type { CheckpointDocument, ProgramItem } from '#core/api/documents.ts'
import { checkpointDocument, checkpointHead } from '#core/api/checkpoint.ts'
import { READS } from '#core/api/paths.ts'
import { blockersOf, stateDocument, streamHead } from '#core/api/state.ts'
import { streamDocument } from '#core/api/stream.ts'
import { DELIVERY_STATES, type DeliveryState } from '#core/notify/outbox.ts'
import { reaches } from '#server/auth/who.ts'
import type { LiveProgram } from '#server/live-program.ts'
import type { Operation } from '#server/operation.ts'
import { readyJson, send, sendOr404 } from '#server/ready.ts'

const read = (id: keyof typeof READS & keyof Answers, summary: string, handle: Operation['handle']): Operation => ({
  id,
  method: 'get',
  path: READS[id],
  tag: 'Program',
  summary,
  answer: { json: id },
  handle,
})

/** The program, its streams and checkpoints, and the overview of all. */
export const PROGRAM_READS: readonly Operation[] = [
  read('listPrograms', 'The programs that are served, of which whoever asks is one of the people', (context) => {
    const shown = [...context.var.server.lives.values()].filter((one) => reaches(context.var.who, one.program))
    const items = shown.map(({ id, program, trouble, running, record: { head } }): ProgramItem => ({
      id,
      name: program.name,
      running,
      ...(head && { head }),
      ...(trouble !== undefined && { trouble }),
    }))
    return send(context, readyJson({ items }))
  }),
  read('readPlan', 'The plan as it stands now, moves and cancellations applied', async (context) => {
    const { live } = context.var
    const { trouble } = live
    return send(
      context,
      await live.document('plan', () => ({ schemaVersion: 1, program: live.program, ...(trouble !== undefined && { trouble }) })),
    )
  }),
  read('readState', 'All that an overview needs', async (context) => send(context, await stateOf(context.var.live))),
  read('listStreams', 'Every stream, as judged last', async (context) => {
    const { live } = context.var
    return send(
      context,
      await live.document('streams', async () => {
        const report = (await live.newestReports()).at(-1)
        return { items: live.program.streams.map((one) => streamHead(one, live.record, report)) }
      }),
    )
  }),
  read('readStream', 'A stream over time: deliverables, trends, health, check-ins, blockers', async (context) => {
    const { live } = context.var
    const stream = live.program.streams.find((one) => one.id === context.req.param('stream'))
    const made =
      stream &&
      (await live.document(`stream ${stream.id}`, async () =>
        streamDocument(live.program, stream, live.record, await live.newestReports()),
      ))
    return sendOr404(context, made, 'stream')
  }),
  read('listCheckpoints', 'Every checkpoint, as it stands now', async (context) => {
    const { live } = context.var
    return send(
      context,
      await live.document('checkpoints', () => ({
        items: live.planned.checkpoints.map((planned) =>
          checkpointHead(standing(live, planned.id) ?? planned, planned, live.record, live.program),
        ),
      })),
    )
  }),
  read('readCheckpoint', 'The run sheet of a checkpoint: agenda, newest decision, what flipped, sign-offs', async (context) => {
    const { live } = context.var
    const planned = live.planned.checkpoints.find((one) => one.id === context.req.param('checkpoint'))
    const made =
      planned &&
      (await live.document(`checkpoint ${planned.id}`, async (): Promise<CheckpointDocument> => {
        const [newest, before] = live.record.decisions
          .filter((one) => one.checkpoint === planned.id && one.streams === undefined)
          .toReversed()
        return checkpointDocument({
          program: live.program,
          checkpoint: standing(live, planned.id) ?? planned,
          planned,
          record: live.record,
          reports: [newest && (await live.report(newest.id)), before && (await live.report(before.id))],
        })
      }))
    return sendOr404(context, made, 'checkpoint')
  }),
  read('listMatrices', 'The decision matrices, and what was chosen of them', async (context) => {
    const { live } = context.var
    return send(
      context,
      await live.document('matrices', () => ({
        items: live.program.policy.matrices.map((one) => ({
          ...one,
          chosen: live.record.chosen.filter(({ matrix }) => matrix === one.id),
        })),
      })),
    )
  }),
  read('listBlockers', 'Blockers: open ones first, the worst of them before the others', async (context) => {
    const { live } = context.var
    return send(context, await live.document('blockers', () => ({ items: blockersOf(live.record) })))
  }),
  read('readBlocker', 'One blocker', async (context) => {
    const { live } = context.var
    const found = blockersOf(live.record).find((one) => one.blocker === context.req.param('blocker'))
    return sendOr404(context, found && (await live.document(`blocker ${found.blocker}`, () => found)), 'blocker')
  }),
]

const standing = (live: LiveProgram, checkpoint: string) => live.program.checkpoints.find((one) => one.id === checkpoint)

export const stateOf = (live: LiveProgram) =>
  live.document('state', async () => {
    const reports = await live.newestReports()
    const last = live.newestDecisions().at(-1)
    const mayBeMet = reports.length > 1 && reports.some((one) => one.decision.conditions.length > 0)
    const found = mayBeMet && last ? await live.snapshot(last.id) : undefined
    return stateDocument({
      program: live.program,
      planned: live.planned,
      record: live.record,
      reports: new Map(reports.map((one) => [one.checkpoint.id, one])),
      ...(found && { snapshot: found.snapshot }),
      deliveries: await deliveriesOf(live),
      running: live.running,
      ...(live.trouble !== undefined && { trouble: live.trouble }),
    })
  })

export async function deliveriesOf({ id, served }: LiveProgram): Promise<Readonly<Record<DeliveryState, number>>> {
  const counts = Object.fromEntries(DELIVERY_STATES.map((one) => [one, 0])) as Record<DeliveryState, number>
  for (const { state } of await served.ledger.messages(id)) counts[state] += 1
  return counts
}
