import { useSignal, type Signal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { ActName } from '#core/people/act.ts'
import { write, type Problem } from '../api.ts'
import { personIn } from '../session.ts'

/** One act of a person: sent as a write, refused in the server's words. */
export interface Sending {
  readonly busy: Signal<boolean>
  readonly problem: Signal<Problem | undefined>
  /** A new intent: what was refused before is forgotten. */
  readonly begin: () => void
  /** True when it is on record. */
  readonly send: (input: Readonly<Record<string, unknown>>, ifMatch?: string) => Promise<boolean>
}

export function useAct(program: string, act: ActName): Sending {
  const problem = useSignal<Problem | undefined>(undefined)
  const busy = useSignal(false)
  const key = useRef<string | undefined>(undefined)
  const begin = (): void => {
    key.current = undefined
    problem.value = undefined
  }
  async function send(input: Readonly<Record<string, unknown>>, ifMatch?: string): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    const as = personIn(program)
    const path = `/api/programs/${encodeURIComponent(program)}/acts/${act}`
    key.current ??= crypto.randomUUID()
    const answer = await write(
      path,
      { ...(as !== undefined && { as }), ...input },
      { key: key.current, ...(ifMatch !== undefined && { ifMatch }) },
    )
    busy.value = false
    // What is sent next says something else, so it is another write; a retry after a broken connection is the same.
    if (answer.ok || answer.status !== 0) key.current = undefined
    problem.value = answer.ok ? undefined : answer
    return answer.ok
  }
  return { busy, problem, begin, send }
}

/** What was typed into a form; an empty text is left out. */
export const typedIn = (form: HTMLFormElement): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    [...new FormData(form)].flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' && value !== '' ? [[name, value]] : [],
    ),
  )
