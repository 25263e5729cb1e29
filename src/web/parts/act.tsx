import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import { write, type Problem } from '../api.ts'
import { personIn } from '../session.ts'

/** Names of `ACTS` (core/people/act.ts) that the dashboard offers. */
type ActName =
  | 'check-in'
  | 'open-blocker'
  | 'update-blocker'
  | 'acknowledge-blocker'
  | 'resolve-blocker'
  | 'sign'
  | 'waive'
  | 'override'
  | 'move-checkpoint'
  | 'cancel-checkpoint'
  | 'acknowledge-escalation'
  | 'choose-option'

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
  program,
  act,
  fields,
  input,
  ifMatch,
  tone,
  children,
}: {
  readonly label: string
  readonly title: string
  readonly program: string
  readonly act: ActName
  readonly fields: readonly Field[]
  /** What is sent, from what was typed; an empty text is left out. */
  readonly input: (values: Readonly<Record<string, string | undefined>>) => Readonly<Record<string, unknown>>
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
    const typed = [...new FormData(event.currentTarget)].filter(([, value]) => typeof value === 'string' && value !== '')
    const values = Object.fromEntries(typed) as Record<string, string>
    busy.value = true
    const as = personIn(program)
    const path = `/api/programs/${encodeURIComponent(program)}/acts/${act}`
    const body = { ...(as !== undefined && { as }), ...input(values) }
    const answer = await write(path, body, { key: key.current, ...(ifMatch !== undefined && { ifMatch }) })
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
