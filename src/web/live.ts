import { computed, effect, signal } from '@preact/signals'
import type { StateDocument } from '#core/api/documents.ts'
import { read, type Answer } from './api.ts'
import { route } from './route.ts'

/**
 * The documents that are on the screen, kept current: the server says over one event stream that a
 * program has a new head, and each document that is shown is asked for again (mostly answered 304).
 */

/** `live`: told of every change. `waiting`: the connection broke and is being made again; what is shown may be old. */
export type Connection = 'connecting' | 'live' | 'waiting' | 'signed-out'
export const connection = signal<Connection>('connecting')

/** Instant at which the server was last heard. */
export const heardAt = signal<number | undefined>(undefined)

/** Raised with every new head of the program that is shown. */
const revision = signal(0)

export interface Loaded<T> {
  readonly value?: T
  /** What the server said instead of the document. */
  readonly problem?: Extract<Answer<T>, { ok: false }>
  readonly loading: boolean
}

const shown = computed(() => ('program' in route.value ? route.value.program : undefined))

const documents = new Map<string, ReturnType<typeof kept>>()

/** The document at a path, read once and again after each change of its program. */
export const liveDocument = <T>(path: string): { readonly value: Loaded<T> } => {
  const known = documents.get(path) ?? kept(path)
  documents.set(path, known)
  return known as { readonly value: Loaded<T> }
}

function kept(path: string) {
  const state = signal<Loaded<unknown>>({ loading: true })
  const load = async (): Promise<void> => {
    const answer = await read<unknown>(path)
    if (!answer.ok && answer.status === 401) connection.value = 'signed-out'
    state.value = answer.ok ? { value: answer.value, loading: false } : { ...state.value, problem: answer, loading: false }
  }
  effect(() => {
    void revision.value
    void load()
  })
  return state
}

/** The state document of the program that is shown. */
export const programState = computed<Loaded<StateDocument>>(() =>
  shown.value === undefined
    ? { loading: false }
    : liveDocument<StateDocument>(`/api/programs/${encodeURIComponent(shown.value)}/state`).value,
)

const FIRST_WAIT = 500
const LONGEST_WAIT = 15_000

/** Follows the events of the program that is shown; a broken connection is made again, resuming after the last event. */
export function startLive(): void {
  effect(() => {
    const program = shown.value
    if (program === undefined) return undefined
    let wait = FIRST_WAIT
    let timer: ReturnType<typeof setTimeout> | undefined
    let source: EventSource | undefined
    const connect = (): void => {
      source = new EventSource(`/api/programs/${encodeURIComponent(program)}/events`)
      source.addEventListener('open', () => {
        // What happened while nobody listened is seen by asking again.
        if (connection.value === 'waiting') revision.value += 1
        connection.value = 'live'
        heardAt.value = Date.now()
        wait = FIRST_WAIT
      })
      source.addEventListener('head', () => {
        heardAt.value = Date.now()
        revision.value += 1
      })
      source.addEventListener('alive', () => (heardAt.value = Date.now()))
      source.addEventListener('error', () => {
        if (connection.value !== 'signed-out') connection.value = 'waiting'
        source?.close()
        timer = setTimeout(connect, wait)
        wait = Math.min(wait * 2, LONGEST_WAIT)
      })
    }
    connect()
    return () => {
      clearTimeout(timer)
      source?.close()
    }
  })
}
