import { afterEach, describe, expect, test } from 'vitest'
import { verifyStream } from '#core/ledger/chain.ts'
import type { LedgerEvent, NewEvent } from '#core/ledger/events.ts'
import { sha256 } from '#store/sha256.ts'
import type { Store, StoreErrorCode } from '#store/store.ts'
import { adoptContract } from './adopt.ts'
import { outboxContract } from './outbox.ts'
import { refusal } from './refusal.ts'
import { signOff } from './sign-off.ts'

const checkIn = (id: string, stream: string): NewEvent => ({
  id,
  at: '2026-02-25T09:00:00.125Z',
  actor: 'lead-b',
  type: 'check-in',
  body: { stream, done: ['Größe – ✓ 🚢'], next: [], risks: ['"quoted"\n\u0000'], claims: { 'tests.passed': 1e21, 10: 0.1, 9: -0 } },
})

export async function all(events: AsyncIterable<LedgerEvent>): Promise<LedgerEvent[]> {
  const list: LedgerEvent[] = []
  for await (const event of events) list.push(event)
  return list
}

const refusalCode = async (work: Promise<unknown>): Promise<StoreErrorCode> => (await refusal(work)).code

/** The behaviour every driver has; `open` gives a new, empty store each time. */
export function storeContract(name: string, open: () => Promise<Store>): void {
  outboxContract(name, open)
  adoptContract(name, open)
  describe(`store contract: ${name}`, () => {
    const opened: Store[] = []
    const empty = async () => {
      const store = await open()
      opened.push(store)
      return store
    }
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((store) => store.close()))
    })

    test('an empty store has no programs, no head and nothing to find', async () => {
      const store = await empty()
      expect(await store.programs()).toEqual([])
      expect(await store.head('p')).toBeUndefined()
      expect(await store.find('p', 'a')).toBeUndefined()
      expect(await store.latest('p', 'decision')).toBeUndefined()
      expect(await all(store.read('p'))).toEqual([])
    })

    test('what was appended is read back whole, in order, as a chain that verifies', async () => {
      const store = await empty()
      const first = await store.append('p', [signOff('a'), checkIn('b', 's1')])
      const second = await store.append('p', [signOff('c')])
      const events = await all(store.read('p'))
      expect(events).toEqual([...first, ...second].map((event) => JSON.parse(JSON.stringify(event)) as unknown))
      expect(events.map((event) => event.seq)).toEqual([1, 2, 3])
      expect(await store.head('p')).toEqual({ seq: 3, hash: events[2]?.hash })
      expect(await verifyStream(store.read('p'), sha256)).toEqual({ ok: true, head: await store.head('p') })
    })

    test('programs do not mix, and are listed by code unit', async () => {
      const store = await empty()
      await store.append('b', [signOff('a', 'of b')])
      await store.append('B', [signOff('a', 'of B'), signOff('b')])
      await store.append('a b/é', [signOff('a')])
      expect(await store.programs()).toEqual(['B', 'a b/é', 'b'])
      expect((await all(store.read('b'))).map((event) => event.seq)).toEqual([1])
      expect(await store.find('b', 'a')).toMatchObject({ body: { reason: 'of b' } })
      expect(await store.find('b', 'b')).toBeUndefined()
    })

    test('reading goes on after a number, by types and up to a limit', async () => {
      const store = await empty()
      const events = Array.from({ length: 1200 }, (_, i) => (i % 3 === 0 ? checkIn(`e${i}`, 's1') : signOff(`e${i}`)))
      await store.append('p', events)
      const seqs = async (...options: Parameters<Store['read']>) => (await all(store.read(...options))).map((event) => event.seq)
      expect(await seqs('p')).toEqual(events.map((_, i) => i + 1))
      expect(await seqs('p', { after: 1197 })).toEqual([1198, 1199, 1200])
      expect(await seqs('p', { after: 1200 })).toEqual([])
      expect(await seqs('p', { limit: 2, after: 1 })).toEqual([2, 3])
      expect(await seqs('p', { limit: 0 })).toEqual([])
      expect(await seqs('p', { types: ['check-in'] })).toEqual(events.flatMap((_, i) => (i % 3 === 0 ? [i + 1] : [])))
      expect(await seqs('p', { types: ['check-in'], after: 1, limit: 2 })).toEqual([4, 7])
      expect(await seqs('p', { types: ['waiver', 'decision'] })).toEqual([])
      expect(await seqs('p', { limit: 600 })).toHaveLength(600)
    })

    test('a reader that is slow sees the ledger as it was when it began, and does not keep others from appending', async () => {
      const store = await empty()
      await store.append('p', [signOff('a'), signOff('b')])
      const seen: string[] = []
      for await (const event of store.read('p')) {
        seen.push(event.id)
        await store.append('p', [signOff(`${event.id}-next`)])
      }
      expect(seen).toEqual(['a', 'b'])
      expect((await store.head('p'))?.seq).toBe(4)
    })

    test('a reader may stop in the middle', async () => {
      const store = await empty()
      await store.append('p', [signOff('a'), signOff('b')])
      for await (const event of store.read('p')) {
        expect(event.id).toBe('a')
        break
      }
      await store.append('p', [signOff('c')])
      expect(await all(store.read('p'))).toHaveLength(3)
    })

    test('latest is the newest event of its type', async () => {
      const store = await empty()
      await store.append('p', [checkIn('a', 's1'), checkIn('b', 's2'), signOff('c')])
      expect((await store.latest('p', 'check-in'))?.id).toBe('b')
      expect(await store.latest('p', 'waiver')).toBeUndefined()
    })

    test('a retry writes nothing and is given what is stored, whatever it expected', async () => {
      const store = await empty()
      const events = [signOff('a'), checkIn('b', 's1')]
      const first = await store.append('p', events, { expectedSeq: 0 })
      expect((await store.append('p', events, { expectedSeq: 0 })).map((event) => event.hash)).toEqual(first.map((event) => event.hash))
      expect((await store.head('p'))?.seq).toBe(2)
      const third = await store.append('p', [signOff('a'), signOff('c')])
      expect(third.map((event) => event.seq)).toEqual([1, 3])
    })

    test('a retry that names the same fields in another order is the same event', async () => {
      const store = await empty()
      await store.append('p', [signOff('a')])
      const { body, type, actor, at, id } = signOff('a')
      const turned = { body: Object.fromEntries(Object.entries(body).toReversed()), type, actor, at, id } as NewEvent
      expect((await store.append('p', [turned])).map((event) => event.seq)).toEqual([1])
    })

    test.each([
      ['body', signOff('a', 'another reason')],
      ['actor', { ...signOff('a'), actor: 'lead-b' }],
      ['time', { ...signOff('a'), at: '2026-02-25T16:00:01Z' }],
      ['type', { ...checkIn('a', 's1') }],
    ])('an id that comes back with another %s is refused, and nothing is written', async (_, changed) => {
      const store = await empty()
      await store.append('p', [signOff('a')])
      const error = await refusal(store.append('p', [signOff('new'), changed]))
      expect(error.code).toBe('id-reused')
      expect(error.message).toContain('record 1')
      expect((await store.head('p'))?.seq).toBe(1)
      expect(await store.find('p', 'new')).toBeUndefined()
    })

    test('one id twice in one append is one event, or refused when the contents differ', async () => {
      const store = await empty()
      expect((await store.append('p', [signOff('a'), signOff('a')])).map((event) => event.seq)).toEqual([1, 1])
      expect(await refusalCode(store.append('p', [signOff('b'), signOff('b', 'other')]))).toBe('id-reused')
      expect((await store.head('p'))?.seq).toBe(1)
    })

    test('who expected another end of the ledger is refused and told where it ends', async () => {
      const store = await empty()
      await store.append('p', [signOff('a'), signOff('b')], { expectedSeq: 0 })
      for (const expectedSeq of [0, 1, 3]) {
        const error = await refusal(store.append('p', [signOff('c')], { expectedSeq }))
        expect(error.code).toBe('conflict')
        expect(error.message).toContain('ends at record 2')
      }
      expect((await store.append('p', [signOff('c')], { expectedSeq: 2 })).map((event) => event.seq)).toEqual([3])
    })

    test('of many who expect the same end exactly one appends', async () => {
      const store = await empty()
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, i) => store.append('p', [signOff(`e${i}`)], { expectedSeq: 0 })),
      )
      expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1)
      expect((await store.head('p'))?.seq).toBe(1)
    })

    test('appends asked for at once are all there, in the order of asking; one refused does not harm the others', async () => {
      const store = await empty()
      await store.append('p', [signOff('taken')])
      const asked = [
        ...Array.from({ length: 100 }, (_, i) => store.append('p', [signOff(`e${i}`)])),
        refusal(store.append('p', [signOff('taken', 'other')])),
        store.append('q', [signOff('q1')]),
        store.append('p', [signOff('last')]),
      ]
      await Promise.all(asked)
      const ids = (await all(store.read('p'))).map((event) => event.id)
      expect(ids).toEqual(['taken', ...Array.from({ length: 100 }, (_, i) => `e${i}`), 'last'])
      expect((await verifyStream(store.read('p'), sha256)).ok).toBe(true)
      expect((await store.head('q'))?.seq).toBe(1)
    })

    test('what JSON cannot hold is refused with its place, before anything is written', async () => {
      const store = await empty()
      const bad: NewEvent = {
        ...checkIn('bad', 's1'),
        type: 'check-in',
        body: { stream: 's1', done: [], next: [], risks: [], claims: { tests: Number.NaN } },
      }
      const error = await refusal(store.append('p', [signOff('a'), bad]))
      expect(error.code).toBe('invalid-event')
      expect(error.message).toContain('$.claims.tests is NaN')
      expect(await store.head('p')).toBeUndefined()
    })

    test.each([
      ['an empty id', 'p', { ...signOff('') }],
      ['an id that is not well-formed text', 'p', { ...signOff('\ud800') }],
      ['an empty actor', 'p', { ...signOff('a'), actor: '' }],
      ['a time without zone', 'p', { ...signOff('a'), at: '2026-02-25T16:00:00' }],
      ['a time in another zone', 'p', { ...signOff('a'), at: '2026-02-25T16:00:00+01:00' }],
      ['an unknown type', 'p', { ...signOff('a'), type: 'sign-of' } as unknown as NewEvent],
      ['an empty program', '', signOff('a')],
    ])('%s is refused', async (_, program, event) => {
      const store = await empty()
      expect(await refusalCode(store.append(program, [event]))).toBe('invalid-event')
      expect(await store.programs()).toEqual([])
    })

    test('a record cannot be changed through the objects it was made of or read as', async () => {
      const store = await empty()
      const body = { checkpoint: 'week-2', role: 'lead', approve: true, reason: 'tests read' }
      const [appended] = await store.append('p', [{ ...signOff('a'), type: 'sign-off', body }])
      body.reason = 'changed'
      const read = await store.find('p', 'a')
      expect(read).toMatchObject({ hash: appended?.hash, body: { reason: 'tests read' } })
      Object.assign(read?.body ?? {}, { reason: 'changed' })
      expect(await store.find('p', 'a')).toMatchObject({ body: { reason: 'tests read' } })
    })

    test('a large event does not change what stands around it', async () => {
      const store = await empty()
      const large = 'x'.repeat(3_000_000)
      await store.append('p', [signOff('a'), signOff('b', large), signOff('c')])
      expect((await all(store.read('p'))).map((event) => [event.id, JSON.stringify(event.body).length > 3_000_000])).toEqual([
        ['a', false],
        ['b', true],
        ['c', false],
      ])
    })

    test('a closed store says so', async () => {
      const store = await empty()
      await store.append('p', [signOff('a')])
      await store.close()
      expect(await refusalCode(store.head('p'))).toBe('closed')
      expect(await refusalCode(store.append('p', [signOff('b')]))).toBe('closed')
      expect(await refusalCode(all(store.read('p')))).toBe('closed')
      await store.close()
    })
  })
}
