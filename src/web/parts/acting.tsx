import type { StateDocument } from '#core/api/documents.ts'
import { write } from '../api.ts'
import { nameOf } from '../named.ts'
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
  if (!session.value) return null
  return (
    <span class="acting">
      {person === undefined ? (session.value.name ?? 'reading only') : nameOf(people, person)}{' '}
      <button type="button" class="link" onClick={() => void signOut()}>
        sign out
      </button>
    </span>
  )
}

async function signOut(): Promise<void> {
  const answer = await write<{ readonly location: string }>('/sign-out', {}, { key: crypto.randomUUID() })
  location.assign(answer.ok ? answer.value.location : '/')
}
