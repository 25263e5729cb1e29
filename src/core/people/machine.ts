import { act, ACTS, type ActName } from '#core/people/act.ts'
import type { Given } from '#core/people/given.ts'
import { refuse, type Refusal } from '#core/people/refusal.ts'

/**
 * Why the machines of a stream may not do what people do: they may read and report, and never decide.
 * Says which role may, as it would to a person who holds none.
 */
export function refuseMachine(given: Given, stream: string, name: ActName, input: object): Refusal {
  const id = `the machines of stream ${stream}`
  const program = { ...given.program, people: [...given.program.people, { id, name: id, roles: [] }] }
  const decided = act({ ...given, program, tree: given.tree ?? id }, id, name, input as never)
  const rights = decided.ok ? undefined : decided.rights
  return refuse('not-allowed', `a token of stream ${stream} may read and report, and never ${lower(ACTS[name].title)}`, {
    remedy: (rights && !decided.ok && decided.remedy) || 'this takes: a person of the program',
    ...(rights && { rights }),
  })
}

const lower = (title: string): string => title.charAt(0).toLowerCase() + title.slice(1)
