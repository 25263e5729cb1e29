import { CommandError, type Io } from '#cli/io.ts'
import { unknown } from '#cli/options.ts'
import { actWords, peopleWhoMay, permit, rightsTo, whoMay, type Act } from '#core/ledger/permit.ts'
import type { Person, Program } from '#core/program/model.ts'

export interface Actor {
  readonly person: string
  /** The roles that allow the act: never empty. */
  readonly roles: readonly string[]
}

/**
 * Who acts: `--as`, else `MUSTER_AS`, else the one person who may. Never guessed from the machine:
 * what git is configured to say of an author is no statement of who signs.
 * @throws CommandError when nobody is named and several may, or when the named person may not.
 */
export function chooseActor(io: Io, program: Program, option: string | undefined, act: Act): Actor {
  const person = namedPerson(io, program, option)?.id ?? onlyPerson(program, act)
  const permitted = permit(program, act, person)
  if (!permitted.ok) throw new CommandError(permitted.reason)
  return { person, roles: permitted.roles }
}

/** The person named by `--as` or `MUSTER_AS`, by id or handle; undefined when nobody is named. */
export function namedPerson(io: Io, program: Program, option: string | undefined): Person | undefined {
  const name = option ?? (io.env['MUSTER_AS'] || undefined)
  return name === undefined ? undefined : findPerson(program, name)
}

/** A person by id, or by handle with or without its @. */
export function findPerson(program: Program, name: string): Person {
  const bare = name.replace(/^@/, '')
  const byHandle = program.people.filter((one) => one.handle?.replace(/^@/, '') === bare)
  const found = program.people.find((one) => one.id === name) ?? (byHandle.length === 1 ? byHandle[0] : undefined)
  if (!found)
    throw new CommandError(
      unknown(
        'person',
        name,
        program.people.map((one) => one.id),
      ),
    )
  return found
}

function onlyPerson(program: Program, act: Act): string {
  const able = peopleWhoMay(program, act)
  const [only] = able
  if (only !== undefined && able.length === 1) return only
  const rights = rightsTo(program, act)
  if (only === undefined) throw new CommandError(`nobody may ${actWords(act)}\n  ${whoMay(rights)}`)
  throw new CommandError(
    `say who you are: ${able.length} people may ${actWords(act)}\n  give --as PERSON or set MUSTER_AS; ${whoMay(rights)}`,
  )
}

/**
 * The stream that is named, else the only one there is, else the only one that the person leads.
 * @param among Ids to choose from. @param why What the stream is needed for, as in "which stream reports?".
 */
export function chooseStream(
  program: Program,
  among: readonly string[],
  option: string | undefined,
  person: string | undefined,
  why: string,
): string {
  if (option !== undefined) {
    if (among.includes(option)) return option
    throw new CommandError(unknown('stream', option, among))
  }
  const [only] = among
  if (only !== undefined && among.length === 1) return only
  const led = program.streams.filter((one) => among.includes(one.id) && one.lead === person).map((one) => one.id)
  if (led[0] !== undefined && led.length === 1) return led[0]
  throw new CommandError(`which stream ${why}? give --stream ID\n  there are: ${among.join(', ')}`)
}
