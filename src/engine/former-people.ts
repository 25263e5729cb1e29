import type { Notice } from '#core/notify/notice.ts'
import type { Person, Program } from '#core/program/model.ts'

/** People by id, as the programs on record had them last. */
export type KnownPeople = ReadonlyMap<string, Person>

/** The program with those who have left it: what they were invited to is taken back from them too. */
export function withFormer(program: Program, known: KnownPeople): Program {
  const here = new Set(program.people.map((one) => one.id))
  const former = [...known.values()].filter((one) => !here.has(one.id))
  return former.length === 0 ? program : { ...program, people: [...program.people, ...former] }
}

/** Nothing else is said to who has left. */
export const takesBack = (notice: Notice): boolean =>
  notice.kind === 'invitation' && ['cancelled', 'withdrawn', 'readdressed'].includes(notice.data.change)

/** The program with people at the addresses at which a notice reaches them. */
export function asAddressed(program: Program, notice: Notice): Program {
  const addresses = notice.kind === 'invitation' ? notice.data.addresses : null
  if (addresses === null) return program
  const { people } = program
  return { ...program, people: people.map((one) => ({ ...one, ...(addresses[one.id] !== undefined && { email: addresses[one.id] }) })) }
}
