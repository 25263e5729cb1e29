import type { StateDocument } from '#core/api/documents.ts'
import { acting, actAs, personIn, session } from '../session.ts'

/** In local mode the reader says whom they act as: it is put on record, and the rules are those of that person. */
export function Acting({ state }: { readonly state: StateDocument }) {
  const { id, people } = state.program
  if (session.value?.mode === 'local')
    return (
      <label class="acting">
        <span class="soft">Acting as</span>
        <select value={acting.value[id] ?? ''} onChange={(event) => actAs(id, event.currentTarget.value)}>
          <option value="">whoever may</option>
          {people.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </select>
      </label>
    )
  const person = personIn(id)
  return person === undefined ? null : <span class="acting">{people.find((one) => one.id === person)?.name ?? person}</span>
}
