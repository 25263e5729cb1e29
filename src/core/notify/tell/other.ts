import type { Trouble, Waiver } from '#core/ledger/events.ts'
import type { Dated } from '#core/ledger/state.ts'
import type { Cause, Occasion } from '#core/notify/compose.ts'
import type { Notice } from '#core/notify/notice.ts'
import { openBlockersOf, personOf, startOf, streamNameOf, subjectName, tell } from '#core/notify/parts.ts'
import type { Stream } from '#core/program/model.ts'
import type { DueAction } from '#core/schedule/due.ts'
import { epoch, formatInstant, wallOf } from '#core/schedule/time.ts'

export function stalledNotice(occasion: Occasion, action: DueAction, stream: Stream): Notice {
  const { program, history } = occasion
  return tell(occasion, 'stalled', {
    thread: `stalled:${stream.id}`,
    title: `${stream.name} has not moved`,
    people: action.people.length > 0 ? action.people : [stream.lead],
    data: {
      stream: streamNameOf(program, stream.id),
      since: history.progress.get(stream.id)?.movedAt ?? null,
      workDays: program.schedule.stallDays ?? 0,
      blockers: openBlockersOf(occasion, stream.id),
    },
  })
}

export function waiverNotices(occasion: Occasion, action: DueAction, waiver: Waiver & Dated): Notice[] {
  const { program, now } = occasion
  const checkpoint = program.checkpoints.find((one) => one.id === waiver.checkpoint)
  if (!checkpoint) return []
  const criterion = checkpoint.criteria.find((one) => one.id === waiver.criterion)?.title ?? waiver.criterion
  const lapsed = action.stage === 'lapsed' || (waiver.expires !== undefined && epoch(waiver.expires) <= epoch(now))
  const { zone } = program.calendar
  return [
    tell(occasion, 'waiver', {
      thread: `waiver:${waiver.waiver}`,
      title:
        waiver.expires === undefined
          ? `Waiver without an end: ${criterion}`
          : `Waiver ${lapsed ? 'lapsed' : 'lapses'} on ${formatInstant(waiver.expires, zone)}: ${criterion}`,
      people: action.people.length > 0 ? action.people : [waiver.actor],
      data: {
        waiver: {
          id: waiver.waiver,
          criterion,
          about: waiver.stream === undefined ? 'every stream' : subjectName(program, waiver.stream),
          reason: waiver.reason,
          by: personOf(program, waiver.actor),
          expires: waiver.expires ?? null,
          renew: renewalOf(waiver),
        },
        checkpoint: { name: checkpoint.name, at: startOf(occasion, checkpoint) },
        lapsed,
      },
    }),
  ]
}

/** Its reason and its end are for whoever renews it to say. */
const renewalOf = ({ criterion, checkpoint, stream }: Waiver): string =>
  `muster waive ${criterion} --checkpoint ${checkpoint}${stream === undefined ? '' : ` --stream ${stream}`} --reason WHY --expires WHEN`

const TROUBLES: Readonly<Record<Trouble['trouble'], string>> = {
  missed: 'it did not run when something was due',
  clock: 'the clock was set, or the machine slept',
  channel: 'nothing gets through over',
  gather: 'evidence cannot be looked at',
  program: 'the program file cannot be used',
  older: 'an older version of the program is in force again',
  emptied: 'the program has no checkpoint left',
}

/** Of `channel:team`: `nothing gets through over team`. */
function troubleWords(what: string): string {
  const [kind = '', about] = what.split(/:(.*)/s)
  const words = Object.entries(TROUBLES).find(([name]) => name === kind)?.[1] ?? kind
  return about === undefined || about === '' ? words : `${words} ${about}`
}

export const troubleNotice = (occasion: Occasion, cause: Extract<Cause, { readonly of: 'trouble' }>): Notice =>
  tell(occasion, 'trouble', {
    thread: `trouble:${cause.what}`,
    title: `Muster could not do its job: ${troubleWords(cause.what)}`,
    people: cause.people,
    urgent: true,
    data: { what: cause.what, because: cause.because, remedy: cause.remedy ?? null, since: cause.since },
  })

export function digestNotice(occasion: Occasion, { person, notices }: Extract<Cause, { readonly of: 'digest' }>): Notice {
  const { program, now } = occasion
  const { date } = wallOf(now, program.calendar.zone)
  return tell(occasion, 'digest', {
    thread: `digest:${person}@${date}`,
    title: `${notices.length === 1 ? '1 notice' : `${notices.length} notices`} of ${program.name}, ${personOf(program, person).name}`,
    people: [person],
    data: { notices: notices.map(({ kind, title, at }) => ({ kind, title, at })) },
  })
}
