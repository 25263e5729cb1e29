import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { judgeCheck } from '#core/check.ts'
import { verifyChain } from '#core/ledger/chain.ts'
import type { LedgerEvent, NewEvent } from '#core/ledger/events.ts'
import { recordEvents, replay } from '#core/ledger/record.ts'
import { foldEvents } from '#core/ledger/state.ts'
import { openMemory } from '#store/memory.ts'
import { scenes, storable } from './heart/arbitraries.ts'

const hash = (text: string): string => createHash('sha256').update(text).digest('hex')

const all = async (events: AsyncIterable<LedgerEvent>): Promise<LedgerEvent[]> => {
  const found: LedgerEvent[] = []
  for await (const one of events) found.push(one)
  return found
}

test('replay of any record is identical, whatever was said before it and after', async () => {
  await fc.assert(
    fc.asyncProperty(scenes().map(storable), scenes().map(storable), async (scene, later) => {
      let number = 0
      const ids = (): string => `id-${(number += 1)}`
      const said = (events: typeof scene.events): NewEvent[] => events.map((one) => ({ ...one, id: ids() }))
      const store = openMemory()
      if (scene.events.length > 0) await store.append('demo', said(scene.events))
      const known = await all(store.read('demo'))
      const { program, snapshot, at, streams } = scene.input
      const state = foldEvents(known)
      const checked = judgeCheck({ ...scene.input, ledger: state })
      await store.append(
        'demo',
        recordEvents({
          ...checked,
          program,
          snapshot,
          clock: at,
          at,
          version: '1.0.0',
          state,
          ledgerBefore: known.length + 1,
          actor: 'muster',
          ids,
          hash,
          ...(streams && { streams }),
        }),
      )
      if (later.events.length > 0) await store.append('demo', said(later.events))

      const ledger = await all(store.read('demo'))
      const record = ledger.find((one) => one.type === 'decision')
      if (record?.type !== 'decision') throw new Error('nothing was decided')
      expect(await replay(record.body, { events: ledger }, judgeCheck, hash)).toEqual({ same: true, stages: record.body.stages })
      expect(verifyChain(ledger, hash)).toMatchObject({ ok: true })
    }),
    { numRuns: 200 },
  )
})
