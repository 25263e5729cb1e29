import type { Snapshot } from '#core/evidence/evidence.ts'
import type { Prober } from '#core/merge/probe.ts'
import type { Program } from '#core/program/model.ts'
import type { DueAction } from '#core/schedule/due.ts'
import { gather } from '#engine/gather.ts'
import { GATHERING } from '#engine/last-look.ts'
import type { Moment } from '#engine/perform.ts'
import type { Edges, RunPorts } from '#engine/run-ports.ts'
import type { Before } from '#engine/unmoved.ts'

/** What one look at the world brought: the evidence, or why nothing could be looked at. */
export type Seen =
  | { readonly ok: true; readonly snapshot: Snapshot; readonly prober?: () => Promise<Prober> }
  | { readonly ok: false; readonly reason: string }

/** A look at the evidence that has begun. Commands may take long: meanwhile everything else is done. */
export interface Look {
  readonly program: Program
  /** What it was begun for. */
  readonly action: DueAction
  /** When it was begun. */
  readonly from: string
  /** When there is something to see. Never rejects. */
  readonly over: Promise<void>
  isOver(): boolean
  /** What sources have brought so far. */
  found(): Snapshot | undefined
  /**
   * What it brought, once it is over, while the repository is still open.
   * @throws whatever kept it from looking that is not the world's: the store.
   */
  seen(): Seen
  /** Gives up what still goes on, and lets others look. */
  end(): Promise<void>
}

const LEASE_SECONDS = 90
const HEARTBEAT_SECONDS = 30

/**
 * Undefined while another process looks: one look serves all.
 * @param seen What was seen by this program before, where commands need not be run again for what has not moved.
 */
export async function beginLook(
  { program, known, now }: Moment,
  action: DueAction,
  seen: Before,
  ports: RunPorts,
): Promise<Look | undefined> {
  const lease = (seconds: number): Promise<boolean> => ports.ledger.lease(program.id, GATHERING, ports.holder, seconds)
  if (!(await lease(LEASE_SECONDS))) return undefined
  let lastBeat: Promise<unknown> = Promise.resolve()
  const beat = ports.every(HEARTBEAT_SECONDS, () => {
    lastBeat = lease(LEASE_SECONDS).catch(() => false)
  })
  const givenUp = new AbortController()
  let edges: Edges | undefined
  let found: Snapshot | undefined
  let result: { readonly seen: Seen } | { readonly error: unknown } | undefined

  async function look(signal: AbortSignal): Promise<Seen> {
    const opened = await attempt(signal, () => ports.openEdges(program))
    if (!opened.ok) return opened
    const { value } = opened
    edges = value
    const { ports: gathering } = value
    const fresh = await attempt(signal, () => value.refresh(signal))
    if (!fresh.ok) return fresh
    const reported = await ports.readReported(program)
    const { progress } = ports
    const snapshot = await gather(program, gathering, {
      at: ports.now(),
      before: known.snapshot,
      seen,
      found: ({ subjects, evidence }) => void (found = { subjects, evidence: [...(found?.evidence ?? []), ...evidence] }),
      signal,
      reported,
      ...(progress && { progress }),
    })
    signal.throwIfAborted()
    return { ok: true, snapshot, ...(gathering.prober && { prober: gathering.prober }) }
  }

  const over = look(givenUp.signal).then(
    (seen) => void (result = { seen }),
    (error: unknown) => void (result = { error }),
  )
  return {
    program,
    action,
    from: now,
    over,
    isOver: () => result !== undefined,
    found: () => found,
    seen() {
      if (!result) throw new TypeError('a look brings nothing before it is over')
      if ('error' in result) throw result.error
      return result.seen
    },
    async end() {
      givenUp.abort()
      await over
      try {
        await edges?.close()
      } finally {
        beat.end()
        // Over another connection it could come after the lease was given back, and hold it.
        await lastBeat
        // Whoever waits for it sees that it is done by the ledger; the lease would run out by itself.
        await lease(0).catch(() => false)
      }
    },
  }
}

async function attempt<T>(
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<{ readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string }> {
  try {
    return { ok: true, value: await work() }
  } catch (error) {
    signal.throwIfAborted()
    return { ok: false, reason: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) }
  }
}

/** What is known when nothing could be looked at: nothing, and why. Judged, it can satisfy nothing. */
export function unseen(program: Program, reason: string): Snapshot {
  const state = { state: 'unavailable', reason } as const
  return {
    subjects: Object.fromEntries(['program', ...program.streams.map((one) => `stream:${one.id}`)].map((id) => [id, state])),
    evidence: [],
  }
}
