import type { NoticeData } from '#core/notify/data.ts'
import type { Notice, NoticeAct } from '#core/notify/notice.ts'
import type { Occasion } from '#core/notify/compose.ts'
import { SEVERITIES } from '#core/ledger/events.ts'
import type { Blocker } from '#core/ledger/state.ts'
import type { Checkpoint, NoticeKind, Program } from '#core/program/model.ts'
import { moveOf } from '#core/schedule/moves.ts'
import { addSeconds, epoch } from '#core/schedule/time.ts'

/** Parts that several kinds of notices say alike. */

export const personOf = ({ people }: Program, id: string) => ({ id, name: people.find((one) => one.id === id)?.name ?? id })

export const peopleOf = (program: Program, ids: readonly string[]) => ids.map((id) => personOf(program, id))

export const nameOf = (program: Program, id: string): string => personOf(program, id).name

/** Name of a stream, from its id or its subject; the program's where it is none. */
export const subjectName = (program: Program, subject: string): string =>
  program.streams.find((one) => one.id === subject.replace(/^stream:/, ''))?.name ?? (subject === 'program' ? program.name : subject)

export const programOf = (program: Program): NoticeData['trouble']['program'] => ({
  id: program.id,
  name: program.name,
  zone: program.calendar.zone,
  target: program.target,
  url: /^https:\/\//i.test(program.repository) ? withoutCredentials(program.repository) : null,
})

/** An address that may be shown: a token may stand before the host, or in the query. */
const withoutCredentials = (url: string): string | null =>
  URL.canParse(url) && new URL(url).username === '' && new URL(url).password === '' && new URL(url).search === '' ? url : null

/** When a checkpoint is held, after all that was said of it. */
export function startOf({ history }: Pick<Occasion, 'history'>, checkpoint: Checkpoint): string {
  const move = moveOf(history.state.moves, checkpoint)
  return move && 'to' in move ? move.to : checkpoint.at
}

/** `at`: when it begins, where that is another time than the agreed one: it is decided again. */
export function meetingOf(
  occasion: Occasion,
  checkpoint: Checkpoint,
  at = startOf(occasion, checkpoint),
): NoticeData['opened']['checkpoint'] {
  return {
    id: checkpoint.id,
    name: checkpoint.name,
    at,
    endsAt: addSeconds(at, checkpoint.durationSeconds),
    durationSeconds: checkpoint.durationSeconds,
    question: checkpoint.decision,
    agenda: checkpoint.agenda.map((one) => ({
      title: one.title,
      seconds: one.seconds,
      eachStream: one.each === 'stream',
      topics: [...one.topics],
    })),
    attendees: peopleOf(occasion.program, checkpoint.attendees),
  }
}

export const streamNameOf = (program: Program, id: string): NoticeData['stalled']['stream'] => {
  const stream = program.streams.find((one) => one.id === id)
  return { id, name: stream?.name ?? id, lead: personOf(program, stream?.lead ?? id) }
}

export const blockerOf = ({ program, now }: Occasion, blocker: Blocker): NoticeData['blocker']['blocker'] => ({
  id: blocker.blocker,
  title: blocker.title,
  stream: { id: blocker.stream, name: subjectName(program, blocker.stream) },
  severity: blocker.severity,
  impact: blocker.impact,
  workaround: blocker.workaround ?? null,
  owner: personOf(program, blocker.owner),
  openedAt: blocker.openedAt,
  deadline: blocker.deadline,
  overdue: blocker.resolvedAt === undefined && epoch(blocker.deadline) <= epoch(now),
  acknowledgedUntil:
    blocker.acknowledgedUntil !== undefined && epoch(blocker.acknowledgedUntil) > epoch(now) ? blocker.acknowledgedUntil : null,
  resolvedAt: blocker.resolvedAt ?? null,
})

/** Open blockers, of one stream where one is named: the most severe first, then the earliest deadline. */
export const openBlockersOf = (occasion: Occasion, stream?: string): NoticeData['blocker']['blocker'][] =>
  occasion.history.state.blockers
    .filter((one) => one.resolvedAt === undefined && (stream === undefined || one.stream === stream))
    .toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || epoch(a.deadline) - epoch(b.deadline))
    .map((one) => blockerOf(occasion, one))

/** The last instant before `at` at which a checkpoint was held; undefined where none was. */
function heldBefore({ history }: Occasion, at: string): string | undefined {
  const times = [...history.held.values()].flat().flatMap((one) => (epoch(one.at) < epoch(at) ? [one.at] : []))
  return times.toSorted((a, b) => epoch(b) - epoch(a))[0]
}

/** Streams whose lead has said nothing since the checkpoint before. */
export function streamsToCheckIn(occasion: Occasion): NoticeData['opened']['toCheckIn'] {
  const { program, history, now } = occasion
  const since = heldBefore(occasion, now)
  return program.streams
    .filter(({ id }) => {
      const said = history.state.checkIns[id]
      return said === undefined || (since !== undefined && epoch(said.at) <= epoch(since))
    })
    .map(({ id }) => streamNameOf(program, id))
}

/** The checkpoint after an instant, cancelled ones left out. */
export function nextCheckpoint(occasion: Occasion, after: string): { readonly name: string; readonly at: string } | null {
  const [first] = occasion.program.checkpoints
    .filter((one) => !isCancelled(occasion, one.id))
    .map((one) => ({ name: one.name, at: startOf(occasion, one) }))
    .filter((one) => epoch(one.at) > epoch(after))
    .toSorted((a, b) => epoch(a.at) - epoch(b.at))
  return first ?? null
}

export const isCancelled = ({ history }: Pick<Occasion, 'history'>, checkpoint: string): boolean => {
  const move = history.state.moves?.[checkpoint]
  return move !== undefined && 'cancelled' in move
}

/** What is particular to a notice; what most have in common is left out. */
export interface Telling<K extends NoticeKind> {
  readonly thread: string
  readonly title: string
  readonly people: readonly string[]
  readonly urgent?: boolean
  readonly edits?: boolean
  readonly acts?: readonly NoticeAct[]
  readonly data: Omit<NoticeData[K], 'program'>
}

/** One notice. Whoever is named twice is told once; whoever the program does not have is not told. */
export function tell<K extends NoticeKind>({ program, now }: Occasion, kind: K, telling: Telling<K>): Notice<K> {
  const known = new Set(program.people.map((one) => one.id))
  const notice: Omit<Notice, 'data'> = {
    kind,
    thread: telling.thread,
    title: telling.title,
    at: now,
    people: [...new Set(telling.people)].filter((id) => known.has(id)),
    urgent: telling.urgent ?? false,
    edits: telling.edits ?? false,
    acts: telling.acts ?? [],
  }
  return { ...notice, data: { program: programOf(program), ...telling.data } } as unknown as Notice<K>
}
