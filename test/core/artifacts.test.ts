import { expect, test } from 'vitest'
import type { Artifacts, CollectContext, Collector, CollectRequest } from '#core/evidence/collector.ts'
import type { Source } from '#core/program/model.ts'
import { openShelf } from '#engine/artifacts.ts'

const source = (id: string, collect = 'forge'): Source => ({ id, collect, for: 'streams', options: {}, timeLimitSeconds: 7 })

function shelfOf(artifacts: Collector['artifacts'], cancelled = new AbortController().signal) {
  const collector: Collector = { collect: async () => [], ...(artifacts && { artifacts }) }
  const limits: number[] = []
  const shelf = openShelf(
    [source('pr'), source('build', 'command')],
    {
      collector: async (kind) => (kind === 'forge' ? collector : { collect: async () => [] }),
      timeLimit: (seconds) => {
        limits.push(seconds)
        return new AbortController().signal
      },
    },
    cancelled,
    ({ id }, subject, signal) => [{ sourceId: id, subject } as CollectRequest, { signal } as CollectContext],
  )
  return { shelf, limits }
}

const brought = (log: string[], name: string): Artifacts => ({
  ok: true,
  root: `/unpacked/${name}`,
  source: 'forge',
  madeAt: '2026-03-01T12:00:00Z',
  remarks: [],
  remove: async () => void log.push(`removed ${name}`),
})

test('they are brought once for each subject when they are first asked for, and taken away together', async () => {
  const log: string[] = []
  const { shelf, limits } = shelfOf(async ({ subject }) => {
    log.push(`brought ${subject}`)
    return brought(log, subject)
  })
  const asked = [shelf.of('pr', 'stream:a'), shelf.of('pr', 'stream:a'), shelf.of('pr', 'program')]
  expect((await Promise.all(asked)).map((one) => one?.ok && one.root)).toEqual([
    '/unpacked/stream:a',
    '/unpacked/stream:a',
    '/unpacked/program',
  ])
  expect(limits).toEqual([7, 7])
  await shelf.clear()
  expect(log).toEqual(['brought stream:a', 'brought program', 'removed stream:a', 'removed program'])
})

test('a source of another kind brings none, and one that throws says why', async () => {
  const { shelf } = shelfOf(() => Promise.reject(new Error('no disk')))
  expect(await shelf.of('build', 'program')).toBeUndefined()
  expect(await shelf.of('nobody', 'program')).toBeUndefined()
  expect(await shelf.of('pr', 'program')).toEqual({ ok: false, status: 'errored', reason: 'no disk' })
  await shelf.clear()
})

test('what is still being brought in the end is ended, and taken away; nothing is brought after it', async () => {
  const log: string[] = []
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const { shelf } = shelfOf(async (_, { signal }) => {
    const ended = new Promise((resolve) => signal.addEventListener('abort', resolve))
    begin()
    await ended
    return brought(log, 'late')
  })
  const late = shelf.of('pr', 'program')
  await begun
  await shelf.clear()
  expect(await late).toMatchObject({ ok: true })
  expect(log).toEqual(['removed late'])
  expect(await shelf.of('pr', 'stream:a')).toMatchObject({ ok: false, status: 'errored' })
})
