import { Words } from './words.tsx'
import type { ComponentChildren } from 'preact'
import { useId, useRef } from 'preact/hooks'
import type { StateDocument } from '#core/api/documents.ts'
import type { Act as Asked } from '#core/ledger/permit.ts'
import type { ActName } from '#core/people/act.ts'
import type { Problem } from '../api.ts'
import { may } from '../may.ts'
import { typedIn, useAct } from './write.ts'

export interface Field {
  readonly name: string
  readonly label: string
  readonly kind: 'text' | 'lines' | 'choice'
  readonly choices?: readonly (readonly [value: string, label: string])[]
  readonly required?: boolean
  readonly value?: string
}

/**
 * A button that opens a form and sends it as one write. Whose it is, is said beforehand; a refusal is
 * shown in the form, in the server's words, with who may, and nothing that was typed is lost.
 */
export function Act({
  label,
  title,
  state,
  act,
  right,
  fields,
  input,
  ifMatch,
  tone,
  children,
}: {
  readonly label: string
  readonly title: string
  readonly state: StateDocument
  readonly act: ActName
  /** What the rules of the program are asked. */
  readonly right: Asked
  readonly fields: readonly Field[]
  /** What is sent, from what was typed; an empty text is left out. */
  readonly input: (values: Readonly<Record<string, string | undefined>>) => Readonly<Record<string, unknown>>
  readonly ifMatch?: string
  readonly tone?: 'primary' | 'plain'
  readonly children?: ComponentChildren
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const { busy, problem, begin, send } = useAct(state.program.id, act)
  const id = useId()
  const { ok, who } = may(state, right)

  const open = (): void => {
    begin()
    dialog.current?.showModal()
  }
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    if (await send(input(typedIn(event.currentTarget)), ifMatch)) dialog.current?.close()
  }

  if (!ok)
    return (
      <span class="not-mine">
        <button type="button" disabled aria-describedby={id}>
          {label}
        </button>{' '}
        <small id={id}>takes {who}</small>
      </span>
    )
  return (
    <>
      <button type="button" class={tone ?? 'plain'} onClick={open}>
        {label}
      </button>
      <dialog ref={dialog} aria-label={title}>
        <form method="dialog" onSubmit={(event) => void submit(event)}>
          <h2>{title}</h2>
          {children}
          {fields.map((field) => (
            <FieldOf key={field.name} field={field} />
          ))}
          <p class="soft who-may">May: {who}</p>
          <Refused problem={problem.value} />
          <p class="buttons">
            <button type="submit" class="primary" disabled={busy.value}>
              {label}
            </button>
            <button type="button" class="plain" onClick={() => dialog.current?.close()}>
              Cancel
            </button>
          </p>
        </form>
      </dialog>
    </>
  )
}

export const Refused = ({ problem }: { readonly problem: Problem | undefined }) =>
  problem ? (
    <p class="bad problem" role="alert">
      {problem.title}
      {problem.detail !== '' && <span>{problem.detail}</span>}
      {problem.remedy !== undefined && (
        <span class="soft">
          <Words text={problem.remedy} />
        </span>
      )}
    </p>
  ) : null

export function FieldOf({ field }: { readonly field: Field }) {
  const { name, label, kind, choices = [], required = false, value = '' } = field
  return (
    <label class="field">
      <span>
        {label}
        {!required && <span class="soft"> (optional)</span>}
      </span>
      {kind === 'choice' ? (
        <select name={name} required={required}>
          {choices.map(([choice, words]) => (
            <option key={choice} value={choice} selected={choice === value}>
              {words}
            </option>
          ))}
        </select>
      ) : kind === 'lines' ? (
        <textarea name={name} rows={2} required={required} defaultValue={value} />
      ) : (
        <input name={name} type="text" required={required} defaultValue={value} autocomplete="off" />
      )}
    </label>
  )
}
