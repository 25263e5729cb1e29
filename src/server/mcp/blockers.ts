import { z } from 'zod'
import { listedBlocker, type ListedBlocker } from '#core/api/blocker-list.ts'
import { blockersOf } from '#core/api/state.ts'
import { meantStream, streamField } from '#server/mcp/meant.ts'
import { READS, tool } from '#server/mcp/tool.ts'
import { quoted } from '#server/mcp/words.ts'

export const blockers = tool({
  name: 'blockers',
  title: 'Blockers',
  description: 'What stops streams: open blockers, the worst first, with severity, impact, workaround, owner and deadline.',
  input: z.strictObject({ stream: streamField, all: z.boolean().optional().describe('The resolved ones, too') }),
  annotations: READS,
  run: async (asked, input) => {
    const meant = meantStream(asked, input.stream)
    if (!meant.ok) return meant
    const { program, record } = asked.live
    const at = asked.server.ports.now()
    const found = blockersOf(record)
      .filter((one) => meant.stream === undefined || one.stream === meant.stream.id)
      .filter((one) => input.all === true || one.resolvedAt === undefined)
      .map((one) => listedBlocker(program, one, at, record.outcomes.get(one.blocker)))
    const of = meant.stream ? ` of ${meant.stream.id}` : ''
    return {
      ok: true,
      lines: found.length === 0 ? [`No ${input.all === true ? '' : 'open '}blockers${of} are recorded`] : found.map(blockerLine),
      data: { schemaVersion: 1, program: program.id, at, stream: meant.stream?.id, blockers: found },
    }
  },
})

/** `b-2 · high · cache · open · "No machine", impact "…" · lead-cache resolves it by …`. */
export const blockerLine = (one: ListedBlocker): string =>
  [
    `${one.id} · ${one.severity} · ${one.stream} · ${one.outcome ?? one.state}${one.overdue ? ', overdue' : ''} · ${quoted(one.title)}`,
    `impact ${quoted(one.impact)}`,
    ...(one.workaround === undefined ? [] : [`workaround ${quoted(one.workaround)}`]),
    ...(one.note === undefined ? [] : [`note ${quoted(one.note)}`]),
    `${one.owner} resolves it by ${one.deadline}`,
  ].join(' · ')
