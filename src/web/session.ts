import { signal } from '@preact/signals'
import { read, type Problem } from './api.ts'
import { setClock } from './clock.ts'

/** Who reads, and how they came in. `local`: one person's machine, where they choose whom they act as. */
export interface Session {
  readonly mode: 'local' | 'oidc' | 'token'
  /** Person id in each program they are known in; in local mode whom they act as. */
  readonly people: Readonly<Record<string, string>>
  readonly name?: string
  /** What the server's clock says. */
  readonly now: string
}

export const session = signal<Session | undefined>(undefined)
export const sessionProblem = signal<Problem | undefined>(undefined)

export async function loadSession(): Promise<void> {
  const answer = await read<Session>('/api/session')
  if (answer.ok) {
    session.value = answer.value
    setClock(answer.value.now)
  } else if (answer.status === 401) session.value = undefined
  sessionProblem.value = answer.ok ? undefined : answer
}

const ACTING = 'muster.acting'

/** In local mode: whom the reader acts as in a program, kept for this browser. */
export const acting = signal<Readonly<Record<string, string>>>(kept())

function kept(): Record<string, string> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(ACTING) ?? '{}')
    return typeof value === 'object' && value !== null ? (value as Record<string, string>) : {}
  } catch {
    return {}
  }
}

export function actAs(program: string, person: string): void {
  acting.value = { ...acting.value, [program]: person }
  localStorage.setItem(ACTING, JSON.stringify(acting.value))
}

/** Person id that writes are made as; undefined while nobody is chosen or known. */
export const personIn = (program: string): string | undefined =>
  session.value?.mode === 'local' ? acting.value[program] : session.value?.people[program]
