import type { Program } from '#core/program/model.ts'
import type { DueAction } from '#core/schedule/due.ts'
import { formatInstant } from '#core/schedule/time.ts'

/** What is done about something that is due, in one line for whoever watches. */
export function actionWords(program: Program, action: DueAction): string {
  const { due, people, dropped } = action
  const to = people.length === 0 ? '' : `, ${people.length === 1 ? (people[0] ?? '') : `${people.length} people`}`
  const when = formatInstant(due, program.calendar.zone)
  return `${deedWords(action)}, due ${when}${dropped === undefined ? to : `: nothing is sent, ${dropped}`}`
}

/** `holds checkpoint week1`. */
export const deedWords = (action: DueAction): string => [WHAT[action.kind], subjectOf(action), stageOf(action)].filter(Boolean).join(' ')

/** Which of the things that there are to tell of a blocker or waiver. */
const stageOf = ({ stage }: DueAction): string => (stage === undefined ? '' : `(${stage})`)

const WHAT: Readonly<Record<DueAction['kind'], string>> = {
  open: 'opens checkpoint',
  hold: 'holds checkpoint',
  watch: 'looks at the evidence',
  invite: 'invites to',
  remind: 'reminds of',
  'check-in': 'asks for check-ins for',
  'stand-up': 'opens the stand-up',
  nudge: 'nudges who has not checked in',
  sync: 'calls sync',
  blocker: 'tells of blocker',
  step: 'escalates',
  stall: 'tells that a stream is stalled:',
  waiver: 'tells of waiver',
  'sign-off': 'asks for signatures for',
}

const subjectOf = (action: DueAction): string =>
  action.blocker ?? action.escalation ?? action.waiver ?? action.sync ?? action.stream ?? action.checkpoint ?? ''

export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`
