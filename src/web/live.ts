import { computed, effect, signal } from '@preact/signals'
import type { StateDocument } from '#core/api/documents.ts'
import { read, type Answer } from './api.ts'
import { time } from './clock.ts'
import { route } from './route.ts'
import { loadSession, session, sessionProblem } from './session.ts'

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

/** The document at a path, read when it is first shown and again after each change, for as long as it is. */
export const liveDocument = <T>(path: string): { readonly value: Loaded<T> } => {
  const known = documents.get(path) ?? kept(path)
  documents.set(path, known)
  return known as { readonly value: Loaded<T> }
}

function kept(path: string) {
  let stop: (() => void) | undefined
  let asked = 0
  const state = signal<Loaded<unknown>>(
    { loading: true },
    {
      watched: () =>
        void (stop ??= effect(() => {
          void revision.value
          void load()
        })),
      unwatched: () => {
        stop?.()
        stop = undefined
      },
    },
  )
  async function load(): Promise<void> {
    const mine = (asked += 1)
    const answer = await read<unknown>(path)
    // Two may be under way; only the one that was asked last counts.
    if (mine !== asked) return
    if (!answer.ok && answer.status === 401) signedOut()
    const before = state.peek()
    state.value = answer.ok ? { value: answer.value, loading: false } : { ...before, problem: answer, loading: false }
  }
  return state
}

/** The state document of the program that is shown. */
export const programState = computed<Loaded<StateDocument>>(() =>
  shown.value === undefined
    ? { loading: false }
    : liveDocument<StateDocument>(`/api/programs/${encodeURIComponent(shown.value)}/state`).value,
)

const ASK_AGAIN_MILLISECONDS = 3000

/** Asks until this browser is signed in, in whatever tab; then everything that is shown is read anew. */
function signedOut(): void {
  if (connection.value === 'signed-out') return
  connection.value = 'signed-out'
  const ask = async (): Promise<void> => {
    await loadSession()
    if (session.value) {
      connection.value = 'connecting'
      revision.value += 1
    } else setTimeout(() => void ask(), ASK_AGAIN_MILLISECONDS)
  }
  void ask()
}

const FIRST_WAIT_MILLISECONDS = 500
const LONGEST_WAIT_MILLISECONDS = 15_000

/** The server has no such program: there is nothing to follow. */
export const isUnknown = computed(() => programState.value.value === undefined && programState.value.problem?.status === 404)

const isSignedOut = computed(() => connection.value === 'signed-out')

/** Follows the events of the program that is shown; a broken connection is made again, resuming after the last event. */
export function startLive(): void {
  effect(() => {
    const program = shown.value
    if (program === undefined || isSignedOut.value) return undefined
    if (isUnknown.value) {
      connection.value = 'connecting'
      return undefined
    }
    let wait = FIRST_WAIT_MILLISECONDS
    let timer: ReturnType<typeof setTimeout> | undefined
    let source: EventSource | undefined
    const connect = (): void => {
      source = new EventSource(`/api/programs/${encodeURIComponent(program)}/events`)
      source.addEventListener('open', () => {
        // What happened while nobody listened is seen by asking again.
        if (connection.peek() === 'waiting') revision.value += 1
        connection.value = 'live'
        heardAt.value = time()
        wait = FIRST_WAIT_MILLISECONDS
      })
      source.addEventListener('head', () => {
        heardAt.value = time()
        revision.value += 1
      })
      source.addEventListener('alive', () => (heardAt.value = time()))
      source.addEventListener('error', () => {
        source?.close()
        if (connection.peek() === 'signed-out') return
        connection.value = 'waiting'
        timer = setTimeout(() => void again(), wait)
        wait = Math.min(wait * 2, LONGEST_WAIT_MILLISECONDS)
      })
    }
    // The stream of events does not say why it was refused; the session does.
    const again = async (): Promise<void> => {
      await loadSession()
      if (sessionProblem.value?.status === 401) signedOut()
      else connect()
    }
    connect()
    return () => {
      clearTimeout(timer)
      source?.close()
    }
  })
}
