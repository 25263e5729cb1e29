import type { Invited } from '#core/ledger/events.ts'
import type { Program } from '#core/program/model.ts'
import type { History } from '#core/schedule/history.ts'
import { epoch } from '#core/schedule/time.ts'

/** What a series of invitations is to. */
export function meetingOf(series: string): { readonly kind: 'checkpoint' | 'sync'; readonly id: string } {
  const [, kind, ...id] = series.split(':')
  return { kind: kind === 'sync' ? 'sync' : 'checkpoint', id: id.join(':') }
}

/** A checkpoint is held when it begins; a sync goes on until its last one is over. `now` is in milliseconds. */
export const liesAhead = (series: string, { startsAt, endsAt }: Invited, now: number): boolean =>
  epoch(meetingOf(series).kind === 'sync' ? endsAt : startsAt) > now

/**
 * A program without checkpoints, while people are invited to some that lie ahead, is far more often
 * a file that was cut short than a plan that was given up; and mail cannot be called back. Nothing
 * is taken back until there is a checkpoint again, and a person is told.
 */
export const isEmptied = (program: Program, { invited }: History, now: string): boolean =>
  program.checkpoints.length === 0 && [...invited].some(([series, one]) => liesAhead(series, one, epoch(now)))
