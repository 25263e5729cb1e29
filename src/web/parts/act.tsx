import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import type { Problem } from '../api.ts'
import { write } from '../api.ts'

export interface Field {
  readonly name: string
  readonly label: string
  readonly kind: 'text' | 'lines' | 'choice'
  readonly choices?: readonly (readonly [value: string, label: string])[]
  readonly required?: boolean
  readonly value?: string
}

/**
 * A button that opens a form and sends it as one write. A refusal is shown in the form, in the
 * server's words, with who may; nothing that was typed is lost.
 */
export function Act({
  label,
  title,
  path,
  fields,
  body,
  ifMatch,
  tone,
  children,
}: {
  readonly label: string
  readonly title: string
  readonly path: string
  readonly fields: readonly Field[]
  readonly body: (values: Readonly<Record<string, string>>) => unknown
  readonly ifMatch?: string
  readonly tone?: 'primary' | 'plain'
  readonly children?: ComponentChildren
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const problem = useSignal<Problem | undefined>(undefined)
  const busy = useSignal(false)
  const key = useRef('')

  const open = (): void => {
    key.current = crypto.randomUUID()
    problem.value = undefined
    dialog.current?.showModal()
  }
  const send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement) || busy.value) return
    const values = Object.fromEntries(
      [...new FormData(event.currentTarget)].map(([name, value]) => [name, typeof value === 'string' ? value : '']),
    )
    busy.value = true
    const answer = await write(path, body(values), { key: key.current, ...(ifMatch !== undefined && { ifMatch }) })
    busy.value = false
    if (answer.ok) dialog.current?.close()
    else {
      problem.value = answer
      // What is sent next says something else, so it is another write; a retry after a broken connection is the same.
      if (answer.status !== 0) key.current = crypto.randomUUID()
    }
  }

  return (
    <>
      <button type="button" class={tone ?? 'plain'} onClick={open}>
        {label}
      </button>
      <dialog ref={dialog} aria-label={title}>
        <form method="dialog" onSubmit={(event) => void send(event)}>
          <h2>{title}</h2>
          {children}
          {fields.map((field) => (
            <FieldOf key={field.name} field={field} />
          ))}
          {problem.value && (
            <p class="bad problem" role="alert">
              {problem.value.title}
              {problem.value.detail !== '' && <span>{problem.value.detail}</span>}
              {problem.value.remedy !== undefined && <span class="soft">{problem.value.remedy}</span>}
            </p>
          )}
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

function FieldOf({ field }: { readonly field: Field }) {
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
        <textarea name={name} rows={3} required={required} defaultValue={value} />
      ) : (
        <input name={name} type="text" required={required} defaultValue={value} autocomplete="off" />
      )}
    </label>
  )
}
