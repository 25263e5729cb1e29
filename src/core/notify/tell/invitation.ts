import type { Invited } from '#core/ledger/events.ts'
import type { Occasion } from '#core/notify/compose.ts'
import type { NoticeData } from '#core/notify/data.ts'
import type { Notice } from '#core/notify/notice.ts'
import { isCancelled, meetingOf, personOf, startOf, subjectName, tell } from '#core/notify/parts.ts'
import type { Checkpoint, Program, Sync } from '#core/program/model.ts'
import type { DueAction } from '#core/schedule/due.ts'
import { answersTo, weeklyOf, type Answers } from '#core/schedule/answers.ts'
import { moveOf } from '#core/schedule/moves.ts'
import { syncSpan, syncTimes } from '#core/schedule/sync-times.ts'
import { epoch, formatNamed, instantOf, weekdayName } from '#core/schedule/time.ts'

type Invitation = NoticeData['invitation']
type Meeting = Invitation['meeting']

/** Identity of a calendar event: of one checkpoint or sync for ever, whatever its name and time. */
export const uidOf = (program: Program, kind: 'checkpoint' | 'sync', id: string): string => `${kind}.${id}.${program.id}@muster`

/** What an invitation is called in the ledger, up to its `@`. */
const seriesName = (kind: 'checkpoint' | 'sync', id: string): string => `invite:${kind}:${id}`

/** How often an invitation went out; the number of the next one, as RFC 5546 counts revisions. */
const sentOf = ({ history }: Pick<Occasion, 'history'>, kind: 'checkpoint' | 'sync', id: string): number =>
  history.series.get(seriesName(kind, id))?.sent ?? 0

/** The number that the last invitation had; 0 while there was none. */
export const lastSequence = (occasion: Pick<Occasion, 'history'>, kind: 'checkpoint' | 'sync', id: string): number =>
  Math.max(0, sentOf(occasion, kind, id) - 1)

type Asked = Partial<DueAction>

/** The invitation to a checkpoint or a sync as it stands now: new, moved, changed, or called off; and a word to whom it is taken back from. */
export function invitations(occasion: Occasion, asked: Asked): Notice[] {
  const { program } = occasion
  const checkpoint = program.checkpoints.find((one) => one.id === asked.checkpoint)
  const sync = program.syncs.find((one) => one.id === asked.sync)
  const meeting = sync && syncMeeting(occasion, sync)
  // Before the invitation: of two addresses that come to one calendar, the invitation is the last word.
  if (asked.cancelled && asked.invited) return takenBack(occasion, asked, asked.invited, 'cancelled')
  if (checkpoint) return [...withdrawals(occasion, asked), checkpointInvitation(occasion, checkpoint, asked)]
  return sync && meeting ? [...withdrawals(occasion, asked), syncInvitation(occasion, sync, meeting, asked)] : []
}

function checkpointInvitation(occasion: Occasion, checkpoint: Checkpoint, asked: Asked): Notice {
  const { history, program } = occasion
  const move = moveOf(history.state.moves, checkpoint)
  const sequence = asked.sequence ?? sentOf(occasion, 'checkpoint', checkpoint.id)
  const isOff = asked.cancelled === true || isCancelled(occasion, checkpoint.id)
  const change = isOff ? 'cancelled' : sequence === 0 ? 'new' : move ? 'moved' : 'changed'
  const at = asked.startsAt ?? startOf(occasion, checkpoint)
  return tell(occasion, 'invitation', {
    thread: `invitation:${checkpoint.id}`,
    title: isOff
      ? `Cancelled: ${checkpoint.name}`
      : `${change === 'moved' ? 'Moved: ' : ''}${formatNamed(checkpoint.name, at, program.calendar.zone)}`,
    people: asked.people ?? checkpoint.attendees,
    edits: change !== 'new',
    data: { meeting: checkpointMeeting(occasion, checkpoint, at), sequence, change, reason: move?.reason ?? null, addresses: null },
  })
}

function syncInvitation(occasion: Occasion, sync: Sync, meeting: Meeting, asked: Asked): Notice {
  const sequence = asked.sequence ?? sentOf(occasion, 'sync', sync.id)
  return tell(occasion, 'invitation', {
    thread: `invitation:sync/${sync.id}`,
    title: `${sync.name}, every ${sync.days.map(weekdayName).join(' and ')} at ${sync.time}`,
    people: asked.people ?? sync.attendees,
    edits: sequence > 0,
    data: { meeting, sequence, change: sequence === 0 ? 'new' : 'changed', reason: null, addresses: null },
  })
}

const withdrawals = (occasion: Occasion, { withdrawn = [], readdressed = [], before, ...asked }: Asked): Notice[] =>
  before === undefined
    ? []
    : [
        ...(withdrawn.length === 0 ? [] : takenBack(occasion, { ...asked, people: withdrawn }, before, 'withdrawn')),
        ...(readdressed.length === 0 ? [] : takenBack(occasion, { ...asked, people: readdressed }, before, 'readdressed')),
      ]

type TakenBack = 'cancelled' | 'withdrawn' | 'readdressed'

const HEADS: Readonly<Record<TakenBack, string>> = {
  cancelled: 'Cancelled',
  withdrawn: 'Without you',
  readdressed: 'Not to this address any more',
}

/** Taken back where it was sent, and nowhere else: from who has another address since, at the one that was written to. */
function takenBack(occasion: Occasion, asked: Asked, before: Invited, change: TakenBack): Notice[] {
  const { addresses } = before
  const reached = (asked.people ?? []).filter((id) => addresses === undefined || addresses[id] !== undefined)
  const moved = Object.fromEntries(
    reached.flatMap((id) => {
      const address = addresses?.[id]
      return address === undefined || address === occasion.program.people.find((one) => one.id === id)?.email ? [] : [[id, address]]
    }),
  )
  const [here, elsewhere] = [reached.filter((id) => moved[id] === undefined), Object.keys(moved)]
  const notice = (people: readonly string[], at: Invitation['addresses']): Notice =>
    takenBackFrom(occasion, { ...asked, people }, before, change, at)
  // That it is off everybody hears who listens, whoever was written to.
  return [
    ...(here.length > 0 || change === 'cancelled' ? [notice(here, null)] : []),
    ...(elsewhere.length > 0 ? [notice(elsewhere, moved)] : []),
  ]
}

/** An event is taken back as it was known: the program at hand may not have it, or has it without those who are told. */
function takenBackFrom(
  occasion: Occasion,
  asked: Asked,
  { name, startsAt, endsAt }: Invited,
  change: TakenBack,
  addresses: Invitation['addresses'],
): Notice {
  const { program, history } = occasion
  const kind = asked.sync === undefined ? 'checkpoint' : 'sync'
  const own = asked[kind] ?? ''
  const id = kind === 'sync' ? `sync/${own}` : own
  return tell(occasion, 'invitation', {
    thread: `invitation:${id}`,
    title: `${HEADS[change]}: ${name}`,
    people: asked.people ?? [],
    edits: true,
    data: {
      meeting: {
        id,
        name,
        uid: uidOf(program, kind, own),
        at: startsAt,
        // Of a sync it is the end of the last; the event is found by its UID.
        endsAt: kind === 'sync' ? startsAt : endsAt,
        durationSeconds: kind === 'sync' ? 0 : Math.max(0, (epoch(endsAt) - epoch(startsAt)) / 1000),
        question: '',
        agenda: [],
        attendees: [],
        criteria: [],
        moreCriteria: 0,
        repeats: null,
      },
      sequence: asked.sequence ?? sentOf(occasion, kind, own),
      change,
      addresses,
      reason: change === 'cancelled' && kind === 'checkpoint' ? (history.state.moves?.[own]?.reason ?? null) : null,
    },
  })
}

export function checkpointMeeting(occasion: Occasion, checkpoint: Checkpoint, at = startOf(occasion, checkpoint)): Meeting {
  const { program, history } = occasion
  const critical = checkpoint.criteria.filter((one) => one.tier === 'critical')
  const signers = new Set(checkpoint.signOff.map((one) => one.role))
  return {
    ...meetingOf(occasion, checkpoint, at),
    uid: uidOf(program, 'checkpoint', checkpoint.id),
    attendees: attendeesOf(
      program,
      checkpoint.attendees,
      signers,
      answersTo(history.state, 'checkpoint', checkpoint.id, instantOf(epoch(at))),
    ),
    criteria: critical.map((one) => ({
      title: one.title,
      about: one.subjects.map((subject) => subjectName(program, subject)).join(', '),
    })),
    moreCriteria: checkpoint.criteria.length - critical.length,
    repeats: null,
  }
}

/** Who signs takes the chair; whoever has no part in the work may come. */
function attendeesOf(program: Program, ids: readonly string[], signers: ReadonlySet<string>, answers: Answers): Meeting['attendees'] {
  return ids.map((id) => {
    const person = program.people.find((one) => one.id === id)
    const leads = program.streams.filter((one) => one.lead === id)
    const works = program.streams.some((one) => one.support.includes(id) || one.reviewers.includes(id))
    const roles = [...(person?.roles ?? []), ...leads.map((one) => `lead of ${one.name}`)]
    const isChair = roles.some((role) => signers.has(role)) || (leads.length > 0 && signers.has('lead'))
    return {
      ...personOf(program, id),
      roles,
      takesPart: isChair ? 'chair' : leads.length > 0 || works || (person?.roles.length ?? 0) > 0 ? 'required' : 'optional',
      says: answers.get(id) ?? null,
    }
  })
}

/** A sync as one recurring meeting, to the day of the last checkpoint; undefined where there is no day for it. */
export function syncMeeting(occasion: Occasion, sync: Sync): Meeting | undefined {
  const { program, history } = occasion
  const span = syncSpan(program, history.state.moves)
  const times = span && syncTimes(program, sync, span)
  if (!times) return undefined
  return {
    id: `sync/${sync.id}`,
    name: sync.name,
    uid: uidOf(program, 'sync', sync.id),
    at: times.startsAt,
    endsAt: times.endsAt,
    durationSeconds: sync.durationSeconds,
    question: sync.format,
    agenda: sync.topics.map((title) => ({ title, seconds: 0, eachStream: false, topics: [] })),
    attendees: attendeesOf(program, sync.attendees, new Set(), answersTo(history.state, 'sync', sync.id, weeklyOf(program, sync))),
    criteria: [],
    moreCriteria: 0,
    repeats: { days: [...sync.days], time: sync.time, until: times.until, except: [...times.except] },
  }
}
