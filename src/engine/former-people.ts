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
  notice.kind === 'invitation' && (notice.data.change === 'cancelled' || notice.data.change === 'withdrawn')
