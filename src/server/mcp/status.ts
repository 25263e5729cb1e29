import { z } from 'zod'
import { checkpointHead } from '#core/api/checkpoint.ts'
import { listedBlocker } from '#core/api/blocker-list.ts'
import type { CheckIn } from '#core/ledger/events.ts'
import type { Dated } from '#core/ledger/state.ts'
import { streamSubject } from '#core/evidence/evidence.ts'
import type { Checkpoint } from '#core/program/model.ts'
import { formatAway } from '#core/program/quantity.ts'
import { epoch, formatZoned } from '#core/schedule/time.ts'
import { blockerLine } from '#server/mcp/blockers.ts'
import { about, brief, reportLines, summaryOf } from '#server/mcp/summary.ts'
import { checkpointField, meantCheckpoint, meantStream, newestDecision, streamField } from '#server/mcp/meant.ts'
import { READS, tool } from '#server/mcp/tool.ts'
import { quoted } from '#server/mcp/words.ts'

export const status = tool({
  name: 'status',
  title: 'Where a stream stands',
  description:
    'What your stream owes at the next checkpoint and by when; what is met, what is not, why, and what would flip it; open blockers. Read from the record in no time: nothing is measured anew, which `check` does.',
  input: z.strictObject({ stream: streamField, checkpoint: checkpointField }),
  annotations: READS,
  run: async (asked, input) => {
    const { live } = asked
    const meant = meantStream(asked, input.stream)
    if (!meant.ok) return meant
    const at = asked.server.ports.now()
    const found = meantCheckpoint(live, input.checkpoint, at)
    if (!found.ok) return found
    const { program, record, planned } = live
    const { checkpoint } = found
    const stream = meant.stream?.id
    const decision = newestDecision(live, checkpoint.id, stream)
    const report = decision && (await live.report(decision.id))
    const focused = report && about(report, stream)
    const blockers = record.state.blockers.filter((one) => one.resolvedAt === undefined && (stream === undefined || one.stream === stream))
    const checkIn = stream === undefined ? undefined : record.state.checkIns[stream]
    const unjudged = focused ? [] : unjudgedOf(checkpoint, stream)
    const { zone } = program.calendar
    const listed = blockers.map((one) => listedBlocker(program, one, at, undefined))
    return {
      ok: true,
      lines: [
        `${program.name}${meant.stream ? ` · stream ${meant.stream.name} (${meant.stream.id}), branch ${meant.stream.branch}` : ''}`,
        `${checkpoint.name} (${checkpoint.id}): ${formatZoned(checkpoint.at, zone)}, ${away(checkpoint.at, at)}`,
        ...(focused
          ? [
              `As judged ${away(focused.at, at)}${decision?.streams ? `, for ${decision.streams.join(', ')} alone` : ''}; what was committed since is not in it, \`check\` judges that:`,
              '',
              ...(await reportLines(brief(focused))),
            ]
          : [
              'Nothing was judged for it yet, so nothing is met: `check` judges it. It asks for:',
              ...unjudged.map(
                (one) => `  ? ${one.title} (${one.id}), ${one.tier}${stream === undefined ? ` · ${one.subjects.join(', ')}` : ''}`,
              ),
            ]),
        ...(live.trouble === undefined
          ? []
          : ['', 'The program file as it is now is not in force, the one before it is:', ...live.trouble.split('\n')]),
        ...(checkIn ? ['', ...checkInLines(checkIn, zone)] : []),
        ...(listed.length > 0 ? ['', 'Open blockers', ...listed.map(blockerLine)] : []),
      ],
      data: {
        schemaVersion: 1,
        program: { id: program.id, name: program.name },
        at,
        stream,
        checkpoint: checkpointHead(
          checkpoint,
          planned.checkpoints.find((one) => one.id === checkpoint.id),
          record,
          program,
        ),
        judged: focused && summaryOf(focused),
        unjudged: unjudged.length > 0 ? unjudged : undefined,
        checkIn,
        blockers: listed,
        trouble: live.trouble,
      },
    }
  },
})

const unjudgedOf = ({ criteria }: Checkpoint, stream: string | undefined) =>
  criteria
    .filter(({ subjects }) => stream === undefined || subjects.some((one) => one === 'program' || one === streamSubject(stream)))
    .map(({ id, title, tier, subjects }) => ({ id, title, tier, subjects }))

function away(instant: string, at: string): string {
  const seconds = (epoch(instant) - epoch(at)) / 1000
  return seconds < 0 ? `${formatAway(-seconds)} ago` : `in ${formatAway(seconds)}`
}

const checkInLines = (
  { actor, at, done, next, risks, waitingOn = [], blocking = [] }: CheckIn & Dated,
  zone: string,
): readonly string[] => [
  `${actor} checked in ${formatZoned(at, zone)}:`,
  ...(
    [
      ['done', done],
      ['next', next],
      ['risks', risks],
      ['waits for', waitingOn],
      ['is waited for by', blocking],
    ] as const
  ).flatMap(([label, texts]) => texts.map((one) => `  ${label}: ${quoted(one)}`)),
]
