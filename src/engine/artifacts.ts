import type { Artifacts, CollectContext, CollectRequest } from '#core/evidence/collector.ts'
import type { Source } from '#core/program/model.ts'
import type { GatherPorts } from '#engine/ports.ts'

export interface Shelf {
  readonly of: CollectContext['artifacts']
  /** Ends what is still being brought, and takes every folder away. */
  clear(): Promise<void>
}

/** What sources bring for others to read: fetched when it is first asked for, once for each subject, within that source's own time limit. */
export function openShelf(
  sources: readonly Source[],
  ports: Pick<GatherPorts, 'collector' | 'timeLimit'>,
  cancelled: AbortSignal,
  ask: (source: Source, subject: CollectRequest['subject'], signal: AbortSignal) => readonly [CollectRequest, CollectContext],
): Shelf {
  const brought = new Map<string, Promise<Artifacts | undefined>>()
  const over = new AbortController()

  async function bring(source: Source, subject: CollectRequest['subject']): Promise<Artifacts | undefined> {
    try {
      const collector = await ports.collector(source.collect)
      if (!collector?.artifacts) return undefined
      const signal = AbortSignal.any([ports.timeLimit(source.timeLimitSeconds), cancelled, over.signal])
      signal.throwIfAborted()
      return await collector.artifacts(...ask(source, subject, signal))
    } catch (error) {
      return { ok: false, status: 'errored', reason: error instanceof Error ? error.message : String(error) }
    }
  }

  return {
    async of(sourceId, subject) {
      const source = sources.find(({ id }) => id === sourceId)
      if (!source) return undefined
      const key = `${sourceId}\0${subject}`
      const known = brought.get(key) ?? bring(source, subject)
      brought.set(key, known)
      return known
    },
    async clear() {
      over.abort()
      for (const one of await Promise.all(brought.values())) if (one?.ok) await one.remove()
    },
  }
}
