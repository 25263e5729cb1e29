import type { StateDocument } from '#core/api/documents.ts'
import { permit, rightsTo, type Act, type Staff } from '#core/ledger/permit.ts'
import { nameOf } from './named.ts'
import { personIn } from './session.ts'

/** Whether the reader may do something, and whose it is: a button says so before it is pressed. */
export interface May {
  /** True also while the reader has not said whom they act as, and somebody may. */
  readonly ok: boolean
  /** `phase-lead: Ada or Grace`: everybody who may, by role. */
  readonly who: string
  /** Roles in which the reader may; empty where they may not, or have not said who they are. */
  readonly roles: readonly string[]
}

export function may(state: StateDocument, act: Act): May {
  const { id, people, authority } = state.program
  const staff: Staff = { people, streams: state.streams, policy: { authority } }
  const rights = rightsTo(staff, act)
  const name = (person: string): string => nameOf(people, person)
  const held = rights.filter((one) => one.people.length > 0)
  const who = rights.map((one) => `${one.role}: ${one.people.length === 0 ? 'nobody' : one.people.map(name).join(', ')}`).join(' or ')
  const person = personIn(id)
  if (person === undefined) return { ok: held.length > 0, who, roles: [] }
  const permitted = permit(staff, act, person)
  return { ok: permitted.ok, who, roles: permitted.ok ? permitted.roles : [] }
}
