import { afterEach, describe, expect, test } from 'vitest'
import { seal, verifyStream, type Head } from '#core/ledger/chain.ts'
import type { LedgerEvent, NewEvent } from '#core/ledger/events.ts'
import { sha256 } from '#store/sha256.ts'
import type { Store } from '#store/store.ts'
import { refusal } from './refusal.ts'
import { signOff } from './sign-off.ts'

/** A chain of its own, with these ids. */
function chain(ids: readonly string[], from?: LedgerEvent, make = (id: string): NewEvent => signOff(id)): readonly LedgerEvent[] {
  let last = from
  return ids.map((id) => (last = seal(make(id), last, sha256)))
}

const headOf = ({ seq, hash }: LedgerEvent): Head => ({ seq, hash })

async function* stream(events: readonly LedgerEvent[], fails = false): AsyncGenerator<LedgerEvent> {
  yield* events
  if (fails) throw new Error('the source broke off')
}

/** How every driver takes over chains; `open` gives a new, empty store each time. */
export function adoptContract(name: string, open: () => Promise<Store>): void {
  describe(`adoption contract: ${name}`, () => {
    const opened: Store[] = []
    const empty = async () => {
      const store = await open()
      opened.push(store)
      return store
    }
    const idsOf = async (store: Store) => {
      const ids: string[] = []
      for await (const { id } of store.read('p')) ids.push(id)
      return ids
    }
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((store) => store.close()))
    })

    test('a chain arrives hash by hash, is gone on with, and is continued by what comes later', async () => {
      const store = await empty()
      const events = chain(Array.from({ length: 1100 }, (_, i) => `e${i}`))
      const [first, rest] = [events.slice(0, 1050), events.slice(1050)]
      const end = first.at(-1) as LedgerEvent
      expect(await store.adopt('p', stream(first), { onto: undefined })).toEqual(headOf(end))
      expect(await store.adopt('p', stream(rest), { onto: headOf(end) })).toEqual(headOf(events.at(-1) as LedgerEvent))
      expect(await verifyStream(store.read('p'), sha256, { heads: events.map(headOf) })).toMatchObject({ ok: true })
      expect((await store.append('p', [signOff('own')])).map(({ seq }) => seq)).toEqual([1101])
      // What was taken over is on record: whoever asks for it again gets it, and nothing is written.
      expect(await store.append('p', [signOff('e7')])).toEqual([events[7]])
      expect((await store.head('p'))?.seq).toBe(1101)
      expect(await store.programs()).toEqual(['p'])
    })

    test('nothing to take over changes nothing', async () => {
      const store = await empty()
      expect(await store.adopt('p', stream([]), { onto: undefined })).toBeUndefined()
      expect(await store.programs()).toEqual([])
    })

    const [a, b, c] = chain(['a', 'b', 'c']) as [LedgerEvent, LedgerEvent, LedgerEvent]
    const foreign = { digest: 'd', program: { id: 'other' } }
    const bad: Readonly<Record<string, readonly [readonly LedgerEvent[], string]>> = {
      'one left out': [[a, c], 'broken-chain'],
      'one edited': [[a, { ...b, actor: 'lead-b' }, c], 'broken-chain'],
      'one twice': [[a, b, b, c], 'broken-chain'],
      'a beginning in the middle': [[b, c], 'broken-chain'],
      'a field that was not sealed': [[a, Object.assign({ remark: 'x' }, b)], 'broken-chain'],
      'an id twice': [chain(['a', 'b', 'a']), 'id-reused'],
      'a record of another program': [
        chain(['a'], undefined, (id) => ({ ...signOff(id), type: 'program', body: foreign }) as unknown as NewEvent),
        'broken-chain',
      ],
      'an event that cannot be recorded': [chain(['a'], undefined, (id) => ({ ...signOff(id), at: 'now' })), 'invalid-event'],
    }
    test.each(Object.entries(bad))('%s is refused, and nothing is there', async (_, [events, code]) => {
      const store = await empty()
      expect((await refusal(store.adopt('p', stream(events), { onto: undefined }))).code).toBe(code)
      expect(await store.programs()).toEqual([])
      expect(await idsOf(store)).toEqual([])
    })

    test('a source that breaks off leaves nothing, and the store goes on', async () => {
      const store = await empty()
      await store.append('p', [signOff('own')])
      const before = await store.head('p')
      await expect(store.adopt('p', stream([a, b], true), { onto: before, replace: true })).rejects.toThrow('broke off')
      expect(await store.head('p')).toEqual(before)
      expect((await store.append('p', [signOff('next')])).map(({ seq }) => seq)).toEqual([2])
    })

    test('a ledger that ends elsewhere than was thought is left as it is', async () => {
      const store = await empty()
      await store.append('p', [signOff('own')])
      for (const onto of [undefined, headOf(a), { seq: 2, hash: a.hash }])
        for (const replace of [false, true])
          expect((await refusal(store.adopt('p', stream([a, b]), { onto, replace }))).code).toBe('conflict')
      expect(await idsOf(store)).toEqual(['own'])
    })

    test('what is replaced is gone, and other programs are not touched', async () => {
      const store = await empty()
      await store.append('p', [signOff('own'), signOff('b')])
      await store.append('q', [signOff('own')])
      expect(await store.adopt('p', stream([a, b, c]), { onto: await store.head('p'), replace: true })).toEqual(headOf(c))
      expect(await idsOf(store)).toEqual(['a', 'b', 'c'])
      expect(await store.find('p', 'own')).toBeUndefined()
      expect((await store.head('q'))?.seq).toBe(1)
    })
  })
}
