import { actWords, peopleWhoMay, permit, rightsTo, whoMay, type Act } from '#core/ledger/permit.ts'
import type { LedgerState, Move } from '#core/ledger/state.ts'
import type { Given } from '#core/people/given.ts'
import { refuse, refuseUnknown, type Refusal } from '#core/people/refusal.ts'
import type { Checkpoint, Person, Program } from '#core/program/model.ts'
import { formatZoned } from '#core/schedule/time.ts'

export interface Actor {
  readonly ok: true
  readonly person: string
  /** The roles that allow the act: never empty. */
  readonly roles: readonly string[]
}

/**
 * Who acts: the person who is named, by id or handle, else the one person who may. A refusal says
 * which role is needed and who holds it.
 */
export function whoActs(program: Program, name: string | undefined, act: Act): Actor | Refusal {
  const rights = rightsTo(program, act)
  if (name === undefined) {
    const able = peopleWhoMay(program, act)
    const [only] = able
    if (only === undefined) return refuse('not-allowed', `nobody may ${actWords(act)}`, { remedy: whoMay(rights), rights })
    if (able.length > 1)
      return refuse('who-acts', `say who you are: ${able.length} people may ${actWords(act)}`, { remedy: whoMay(rights), rights })
    return actor(program, only, act)
  }
  const person = findPerson(program, name)
  return 'ok' in person ? person : actor(program, person.id, act)
}

function actor(program: Program, person: string, act: Act): Actor | Refusal {
  const permitted = permit(program, act, person)
  if (permitted.ok) return { ok: true, person, roles: permitted.roles }
  const rights = rightsTo(program, act)
  return refuse('not-allowed', `${person} may not ${actWords(act)}`, { remedy: whoMay(rights), rights })
}

/** A person by id, or by handle with or without its @. */
export function findPerson(program: Program, name: string, field?: string): Person | Refusal {
  const bare = name.replace(/^@/, '')
  const byHandle = program.people.filter((one) => one.handle?.replace(/^@/, '') === bare)
  const found = program.people.find((one) => one.id === name) ?? (byHandle.length === 1 ? byHandle[0] : undefined)
  const ids = program.people.map((one) => one.id)
  return found ?? refuseUnknown('person', name, ids, field)
}

/**
 * The stream that is named, else the only one there is, else the only one that the person leads.
 * @param among Ids to choose from. @param why What the stream is needed for, as in "which stream reports?".
 */
export function whichStream(
  program: Program,
  among: readonly string[],
  named: string | undefined,
  person: string | undefined,
  why: string,
): { readonly ok: true; readonly stream: string } | Refusal {
  if (named !== undefined) return among.includes(named) ? { ok: true, stream: named } : refuseUnknown('stream', named, among, 'stream')
  const [only] = among
  if (only !== undefined && among.length === 1) return { ok: true, stream: only }
  const led = program.streams.filter((one) => among.includes(one.id) && one.lead === person).map((one) => one.id)
  if (led[0] !== undefined && led.length === 1) return { ok: true, stream: led[0] }
  return refuse('ambiguous', `which stream ${why}?`, { remedy: `there are: ${among.join(', ')}`, field: 'stream' })
}

export const streamIds = (program: Program): readonly string[] => program.streams.map((one) => one.id)

/** A checkpoint that is held. */
export function whichCheckpoint({ program, state }: Given, id: string): { readonly ok: true; readonly checkpoint: Checkpoint } | Refusal {
  const move = moveSaid(state, id)
  if (move && 'cancelled' in move)
    return refuse('settled', `${id} was cancelled by ${move.actor} on ${formatZoned(move.at, program.calendar.zone)}: ${move.reason}`, {
      remedy: 'muster move holds it after all',
    })
  const checkpoint = program.checkpoints.find((one) => one.id === id)
  if (checkpoint) return { ok: true, checkpoint }
  return noCheckpoint(program, id)
}

/** What was said last of a checkpoint, whether or not the program file has overtaken it. */
export const moveSaid = ({ moves }: LedgerState, id: string): Move | undefined =>
  moves && Object.hasOwn(moves, id) ? moves[id] : undefined

export function noCheckpoint(program: Program, id: string): Refusal {
  const ids = program.checkpoints.map((one) => one.id)
  return refuseUnknown('checkpoint', id, ids, 'checkpoint')
}
