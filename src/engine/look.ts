import type { Snapshot } from '#core/evidence/evidence.ts'
import type { Prober } from '#core/merge/probe.ts'
import type { Program } from '#core/program/model.ts'
import { gather } from '#engine/gather.ts'
import type { Moment } from '#engine/perform.ts'
import type { RunPorts } from '#engine/run-ports.ts'

/** What one look at the world brought: the evidence, or why nothing could be looked at. */
export type Seen =
  | { readonly ok: true; readonly snapshot: Snapshot; readonly prober?: () => Promise<Prober> }
  | { readonly ok: false; readonly reason: string }

/** Gathers evidence and does something with it while the repository is still open. */
export async function withEvidence<T>(
  { program, known }: Pick<Moment, 'program' | 'known'>,
  ports: Pick<RunPorts, 'openEdges' | 'readReported' | 'now' | 'progress'>,
  signal: AbortSignal,
  work: (seen: Seen) => Promise<T>,
): Promise<T> {
  const opened = await attempt(signal, () => ports.openEdges(program))
  if (!opened.ok) return work(opened)
  const edges = opened.value
  try {
    const fresh = await attempt(signal, () => edges.refresh(signal))
    if (!fresh.ok) return await work(fresh)
    const reported = await ports.readReported(program)
    const { progress } = ports
    const snapshot = await gather(program, edges.ports, {
      at: ports.now(),
      before: known.snapshot,
      signal,
      reported,
      ...(progress && { progress }),
    })
    signal.throwIfAborted()
    return await work({ ok: true, snapshot, ...(edges.ports.prober && { prober: edges.ports.prober }) })
  } finally {
    await edges.close()
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
