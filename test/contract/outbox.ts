import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { verifyStream } from '#core/ledger/chain.ts'
import type { NewMessage, Settlement } from '#core/notify/outbox.ts'
import { sha256 } from '#store/sha256.ts'
import type { Store } from '#store/store.ts'
import { signOff } from './sign-off.ts'
import { refusal } from './refusal.ts'

const NOW = '2026-02-25T16:00:00Z'
const LATER = '2026-02-25T17:00:00Z'

const message = (key: string, more: Partial<NewMessage> = {}): NewMessage => ({
  key,
  channel: 'mail',
  to: 'lead-a',
  thread: `thread:${key}`,
  notBefore: NOW,
  notice: { kind: 'blocker', text: 'Größe ✓ "quoted"\n', number: 1e21 },
  ...more,
})

const CLAIM = { now: NOW, leaseSeconds: 600, limit: 10 }
/** A lease that has run out at once. */
const LOST = { ...CLAIM, leaseSeconds: 0 }

const keys = (messages: readonly { readonly key: string }[]): readonly string[] => messages.map(({ key }) => key)

/** What every driver's outbox does; `open` gives a new, empty store each time. */
export function outboxContract(name: string, open: () => Promise<Store>): void {
  describe(`outbox contract: ${name}`, () => {
    const opened: Store[] = []
    const empty = async () => {
      const store = await open()
      opened.push(store)
      return store
    }
    /** A store whose first event brought these messages. */
    const withMessages = async (...messages: readonly NewMessage[]) => {
      const store = await empty()
      await store.append('p', [signOff('first')], { messages })
      return store
    }
    const stateOf = async (store: Store, key: string) => (await store.messages('p')).find((one) => one.key === key)
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((store) => store.close()))
    })

    test('messages come with their events, whole and in order, and stay within their program', async () => {
      const full = message('b', { expires: LATER, to: '*', channel: 'slack' })
      const store = await withMessages(message('a'), full)
      await store.append('q', [signOff('first')], { messages: [message('a')] })
      await store.append('p', [signOff('second')], { messages: [message('c')] })
      const fresh = { state: 'pending', attempt: 0, tries: 0, maybeSent: false }
      expect(await store.messages('p')).toEqual([message('a'), full, message('c')].map((one) => ({ ...one, ...fresh })))
      expect(keys(await store.messages('q'))).toEqual(['a'])
      expect(await store.messages('none')).toEqual([])
      expect(await store.programs()).toEqual(['p', 'q'])
    })

    test('a key that is there already is not written again, whatever it says, nor twice at once', async () => {
      const store = await withMessages(message('a'), message('a', { to: 'lead-b' }))
      await store.append('p', [signOff('second')], { messages: [message('a', { thread: 'other' }), message('b')] })
      const found = await store.messages('p')
      expect(found.map(({ key, to, thread }) => [key, to, thread])).toEqual([
        ['a', 'lead-a', 'thread:a'],
        ['b', 'lead-a', 'thread:b'],
      ])
    })

    test('events that are all stored already bring no message; one that is new brings them', async () => {
      const store = await withMessages()
      await store.append('p', [signOff('first')], { messages: [message('a')] })
      expect(await store.messages('p')).toEqual([])
      await store.append('p', [signOff('first'), signOff('second')], { messages: [message('a')] })
      expect(keys(await store.messages('p'))).toEqual(['a'])
    })

    test('an append that is refused brings no message, and a message that is refused brings no event', async () => {
      const store = await withMessages()
      await refusal(store.append('p', [signOff('first', 'other')], { messages: [message('a')] }))
      await refusal(store.append('p', [signOff('second')], { messages: [message('a')], expectedSeq: 7 }))
      for (const bad of [
        message(''),
        message('x'.repeat(251)),
        message('a', { to: '' }),
        message('a', { channel: '\ud800' }),
        message('a', { notBefore: 'tomorrow' }),
        message('a', { notBefore: '2026-13-25T16:00:00Z' }),
        message('a', { expires: '2026-02-25T16:00:00' }),
        message('a', { notice: Number.NaN }),
      ])
        expect((await refusal(store.append('p', [signOff('second')], { messages: [message('fine'), bad] }))).code).toBe('invalid-event')
      expect((await refusal(store.append('p', [], { messages: [message('a')] }))).code).toBe('invalid-event')
      expect(await store.messages('p')).toEqual([])
      expect((await store.head('p'))?.seq).toBe(1)
    })

    test('appends that are asked for at once each bring their messages, one refused brings none', async () => {
      const store = await withMessages()
      const asked = Array.from({ length: 40 }, (_, i) =>
        store.append('p', [signOff(`e${i}`)], { messages: [message(`m${i}`), message('same')] }),
      )
      await Promise.all([...asked, refusal(store.append('p', [signOff('first', 'other')], { messages: [message('none')] }))])
      expect(keys(await store.messages('p')).toSorted()).toEqual([...Array.from({ length: 40 }, (_, i) => `m${i}`), 'same'].toSorted())
    })

    test('a claim takes what is due, oldest first, up to the limit, and nobody else gets it', async () => {
      const store = await withMessages(message('a'), message('late', { notBefore: '2026-02-25T16:00:00.001Z' }), message('b'), message('c'))
      expect(await store.claim('p', { ...CLAIM, limit: 0 })).toEqual([])
      const taken = await store.claim('p', { ...CLAIM, limit: 2 })
      expect(taken).toMatchObject([
        { key: 'a', state: 'sending', attempt: 1, tries: 1, maybeSent: false },
        { key: 'b', state: 'sending', attempt: 1 },
      ])
      expect(taken[0]?.notice).toEqual(message('a').notice)
      expect(keys(await store.claim('p', CLAIM))).toEqual(['c'])
      expect(await store.claim('p', CLAIM)).toEqual([])
      expect(await store.claim('q', CLAIM)).toEqual([])
      expect(keys(await store.claim('p', { ...CLAIM, now: LATER }))).toEqual(['late'])
      expect((await refusal(store.claim('p', { ...CLAIM, now: 'now' }))).code).toBe('invalid-event')
    })

    test('what goes over a channel that is left out waits, and keeps nothing else waiting', async () => {
      const store = await withMessages(message('a'), message('b', { channel: 'hangs' }), message('c', { channel: 'other' }), message('d'))
      expect(keys(await store.claim('p', { ...CLAIM, except: ['hangs', 'other'], limit: 1 }))).toEqual(['a'])
      expect(keys(await store.claim('p', { ...CLAIM, except: ['hangs'] }))).toEqual(['c', 'd'])
      expect(keys(await store.claim('p', { ...CLAIM, except: ['nobody'] }))).toEqual(['b'])
    })

    test('instants written in other ways are compared as times', async () => {
      const store = await withMessages(
        message('a', { notBefore: '2026-02-25T16:00Z' }),
        message('b', { notBefore: '2026-02-25T16:00:00.000Z' }),
      )
      expect(keys(await store.claim('p', { ...CLAIM, now: '2026-02-25T16:00:00.0Z' }))).toEqual(['a', 'b'])
    })

    test('claimers at once never get the same message', async () => {
      const store = await withMessages(...Array.from({ length: 60 }, (_, i) => message(`m${i}`)))
      const taken = (await Promise.all(Array.from({ length: 8 }, () => store.claim('p', { ...CLAIM, limit: 9 })))).flatMap(keys)
      expect(taken).toHaveLength(60)
      expect(new Set(taken).size).toBe(60)
    })

    test('of one thread to one recipient over one channel one goes out at a time, in order', async () => {
      const thread = 'checkpoint:end'
      const store = await withMessages(
        message('a1', { thread }),
        message('a2', { thread }),
        message('b1', { thread, to: 'lead-b' }),
        message('s1', { thread, channel: 'slack' }),
      )
      const [a1] = await store.claim('p', CLAIM)
      expect(a1?.key).toBe('a1')
      expect(keys(await store.claim('p', CLAIM))).toEqual([])
      expect((await store.messages('p', { states: ['sending'] })).map(({ key }) => key)).toEqual(['a1', 'b1', 's1'])
      // Put off, it still stands before what was written later.
      await store.settle('p', 'a1', 1, { state: 'pending', notBefore: LATER, reason: 'busy' }, [])
      expect(keys(await store.claim('p', CLAIM))).toEqual([])
      expect(keys(await store.claim('p', { ...CLAIM, now: LATER }))).toEqual(['a1'])
      await store.settle('p', 'a1', 2, { state: 'delivered', reference: 'ts-1' }, [])
      const [a2] = await store.claim('p', CLAIM)
      expect(a2).toMatchObject({ key: 'a2', previous: 'ts-1' })
      expect(a2).not.toHaveProperty('reference')
    })

    test('what is urgent waits for what is urgent of its thread alone, continues it, and is waited for', async () => {
      const thread = 'blocker:1'
      const store = await withMessages(
        message('first', { thread }),
        message('held', { thread, notBefore: LATER }),
        message('alarm', { thread, urgent: true }),
        message('after', { thread }),
        message('again', { thread, urgent: true }),
        message('else', { urgent: true }),
      )
      const deliver = async (key: string) => {
        const settlement = { state: 'delivered', reference: `<${key}>` } as const
        expect(await store.settle('p', key, 1, settlement, [])).toEqual([])
      }
      const said = (messages: readonly { readonly key: string; readonly previous?: string }[]) =>
        messages.map(({ key, previous }) => [key, previous])
      expect(await store.messages('p', { thread })).toMatchObject([{}, {}, { urgent: true }, {}, { urgent: true }])
      expect(said(await store.claim('p', CLAIM))).toEqual([
        ['first', undefined],
        ['alarm', undefined],
        ['else', undefined],
      ])
      await deliver('first')
      expect(await store.claim('p', CLAIM)).toEqual([])
      await deliver('alarm')
      expect(said(await store.claim('p', CLAIM))).toEqual([['again', '<alarm>']])
      await deliver('again')
      expect(await store.claim('p', CLAIM)).toEqual([])
      expect(said(await store.claim('p', { ...CLAIM, now: LATER }))).toEqual([['held', '<again>']])
      await deliver('held')
      expect(said(await store.claim('p', { ...CLAIM, now: LATER }))).toEqual([['after', '<again>']])
    })

    test('previous is what was delivered last in the same thread to the same recipient, and nothing else', async () => {
      const thread = 't'
      const store = await withMessages(...['a', 'b', 'c', 'd'].map((key) => message(key, { thread })), message('other'))
      const deliver = async (key: string, settlement: Settlement) => {
        const found = (await store.claim('p', CLAIM)).find((one) => one.key === key)
        await store.settle('p', key, found?.attempt ?? 0, settlement, [])
        return found?.previous
      }
      expect(await deliver('a', { state: 'delivered', reference: 'r1' })).toBeUndefined()
      expect(await deliver('b', { state: 'failed', reason: 'no' })).toBe('r1')
      expect(await deliver('c', { state: 'delivered', reference: 'r3' })).toBe('r1')
      expect(await deliver('d', { state: 'delivered' })).toBe('r3')
      expect(await stateOf(store, 'other')).toMatchObject({ state: 'sending' })
    })

    test('a lease that has run out is claimed again as maybe sent, and the former holder settles nothing', async () => {
      const store = await withMessages(message('a'))
      expect(await store.claim('p', LOST)).toMatchObject([{ attempt: 1, maybeSent: false }])
      expect(await store.claim('p', LOST)).toMatchObject([{ attempt: 2, tries: 2, maybeSent: true }])
      expect(await store.claim('p', CLAIM)).toMatchObject([{ attempt: 3, tries: 3, maybeSent: true }])
      expect(await store.claim('p', CLAIM)).toEqual([])
      expect(await store.settle('p', 'a', 1, { state: 'delivered' }, [signOff('late')])).toBeUndefined()
      expect(await store.settle('p', 'a', 4, { state: 'delivered' }, [signOff('late')])).toBeUndefined()
      expect(await store.settle('p', 'none', 1, { state: 'delivered' }, [signOff('late')])).toBeUndefined()
      expect(await store.find('p', 'late')).toBeUndefined()
      expect(await stateOf(store, 'a')).toMatchObject({ state: 'sending', attempt: 3, maybeSent: true })
      // It may have arrived, whatever becomes of the later try.
      await store.settle('p', 'a', 3, { state: 'pending', notBefore: NOW, reason: 'refused' }, [])
      expect(await store.claim('p', CLAIM)).toMatchObject([{ attempt: 4, maybeSent: true }])
    })

    test('settling and its events are one transaction', async () => {
      const store = await withMessages(message('a'), message('b'))
      await store.claim('p', CLAIM)
      const events = await store.settle('p', 'a', 1, { state: 'delivered', reference: 'x' }, [signOff('told')])
      expect(events).toMatchObject([{ id: 'told', seq: 2 }])
      expect(await stateOf(store, 'a')).toMatchObject({ state: 'delivered', reference: 'x' })
      expect((await refusal(store.settle('p', 'b', 1, { state: 'delivered' }, [signOff('first', 'other')]))).code).toBe('id-reused')
      expect(await stateOf(store, 'b')).toMatchObject({ state: 'sending' })
      expect((await refusal(store.settle('p', 'b', 1, { state: 'pending', notBefore: 'soon', reason: 'r' }, [signOff('n')]))).code).toBe(
        'invalid-event',
      )
      expect(await store.find('p', 'n')).toBeUndefined()
      expect(await verifyStream(store.read('p'), sha256)).toMatchObject({ ok: true, head: { seq: 2 } })
    })

    test('settling the same way once more is the same settling, another way is too late', async () => {
      const store = await withMessages(message('a'))
      await store.claim('p', CLAIM)
      const settle = (settlement: Settlement, ...ids: readonly string[]) =>
        store.settle(
          'p',
          'a',
          1,
          settlement,
          ids.map((id) => signOff(id)),
        )
      const first = await settle({ state: 'uncertain', reason: 'cut' }, 'told')
      expect((await settle({ state: 'uncertain', reason: 'cut' }, 'told'))?.map(({ hash }) => hash)).toEqual(first?.map(({ hash }) => hash))
      expect(await settle({ state: 'uncertain', reason: 'cut' }, 'another')).toBeUndefined()
      expect(await settle({ state: 'delivered' }, 'told')).toBeUndefined()
      expect((await store.head('p'))?.seq).toBe(2)
    })

    test('a try that was held back is none; doubt stays until somebody retries by hand', async () => {
      const store = await withMessages(message('a'))
      await store.claim('p', CLAIM)
      await store.settle('p', 'a', 1, { state: 'pending', notBefore: NOW, reason: 'quiet hours', untried: true }, [])
      expect(await stateOf(store, 'a')).toMatchObject({ attempt: 1, tries: 0, maybeSent: false, reason: 'quiet hours' })
      await store.claim('p', CLAIM)
      await store.settle('p', 'a', 2, { state: 'pending', notBefore: NOW, reason: 'timed out', maybeSent: true }, [])
      expect(await stateOf(store, 'a')).toMatchObject({ attempt: 2, tries: 1, maybeSent: true })
      expect(await store.claim('p', CLAIM)).toMatchObject([{ attempt: 3, tries: 2, maybeSent: true }])
      await store.settle('p', 'a', 3, { state: 'uncertain', reason: 'gave up' }, [])
      const events = await store.retry('p', 'a', LATER, [signOff('again')])
      expect(events).toMatchObject([{ id: 'again', seq: 2 }])
      expect(await stateOf(store, 'a')).toEqual({
        ...message('a'),
        notBefore: LATER,
        state: 'pending',
        attempt: 3,
        tries: 0,
        maybeSent: false,
      })
      expect(await store.claim('p', CLAIM)).toEqual([])
      expect(await store.claim('p', { ...CLAIM, now: LATER })).toMatchObject([{ attempt: 4, tries: 1, maybeSent: false }])
    })

    test('only what was settled and not delivered is retried; the same once more is the same', async () => {
      const store = await withMessages(message('a'), message('b'))
      expect(await store.retry('p', 'none', NOW, [signOff('x')])).toBeUndefined()
      expect(await store.retry('p', 'a', NOW, [signOff('x')])).toBeUndefined()
      await store.claim('p', CLAIM)
      expect(await store.retry('p', 'a', NOW, [signOff('x')])).toBeUndefined()
      await store.settle('p', 'a', 1, { state: 'delivered' }, [])
      expect(await store.retry('p', 'a', NOW, [signOff('x')])).toBeUndefined()
      await store.settle('p', 'b', 1, { state: 'failed', reason: 'no address' }, [])
      const first = await store.retry('p', 'b', LATER, [signOff('x')])
      expect((await store.retry('p', 'b', LATER, [signOff('x')]))?.map(({ seq }) => seq)).toEqual(first?.map(({ seq }) => seq))
      expect((await store.head('p'))?.seq).toBe(2)
      expect((await refusal(store.retry('p', 'b', 'soon', []))).code).toBe('invalid-event')
    })

    test('messages are filtered by state and thread, up to a limit', async () => {
      const store = await withMessages(message('a', { thread: 't' }), message('b'), message('c', { thread: 't', to: 'lead-b' }))
      await store.claim('p', { ...CLAIM, limit: 1 })
      expect(keys(await store.messages('p', { thread: 't' }))).toEqual(['a', 'c'])
      expect(keys(await store.messages('p', { states: ['pending'] }))).toEqual(['b', 'c'])
      expect(keys(await store.messages('p', { states: ['sending', 'pending'], limit: 2 }))).toEqual(['a', 'b'])
      expect(keys(await store.messages('p', { states: ['pending'], thread: 't' }))).toEqual(['c'])
      expect(await store.messages('p', { states: [] })).toEqual([])
      expect(await store.messages('p', { limit: 0 })).toEqual([])
    })

    test('a lease is held by one, who may prolong it and give it back; it runs out', async () => {
      const store = await empty()
      expect(await store.lease('p', 'tick', 'one', 600)).toBe(true)
      expect(await store.lease('p', 'tick', 'two', 600)).toBe(false)
      expect(await store.lease('p', 'tick', 'one', 600)).toBe(true)
      expect(await store.lease('p', 'other', 'two', 600)).toBe(true)
      expect(await store.lease('q', 'tick', 'two', 600)).toBe(true)
      expect(await store.lease('p', 'tick', 'two', 0)).toBe(false)
      expect(await store.lease('p', 'tick', 'one', 0)).toBe(true)
      expect(await store.lease('p', 'tick', 'two', 600)).toBe(true)
      expect(await store.programs()).toEqual([])
      const holders = Array.from({ length: 10 }, (_, i) => `h${i}`)
      const won = await Promise.all(holders.map((holder) => store.lease('p', 'race', holder, 600)))
      expect(won.filter(Boolean)).toHaveLength(1)
    })

    test('how long a lease runs yet, or since when it does not, is there for all to see', async () => {
      const store = await empty()
      expect(await store.leased('p', 'tick')).toBeUndefined()
      await store.lease('p', 'tick', 'one', 600)
      expect(await store.leased('p', 'tick')).toSatisfy((left: number) => left > 500 && left <= 600)
      expect(await store.leased('q', 'tick')).toBeUndefined()
      await store.lease('p', 'tick', 'one', 0)
      expect(await store.leased('p', 'tick')).toBeLessThanOrEqual(0)
    })

    test('what is spent is spent once, by kind and program, until it runs out', async () => {
      const store = await empty()
      expect(await store.spent('p', 'delivery')).toEqual([])
      const won = await Promise.all(Array.from({ length: 10 }, () => store.spend('p', 'delivery', 'd1', 600)))
      expect(won.filter(Boolean)).toHaveLength(1)
      expect(await store.spend('p', 'delivery', 'd2 "✓"', 600)).toBe(true)
      expect(await store.spend('p', 'session', 'd1', 600)).toBe(true)
      expect(await store.spend('q', 'delivery', 'd1', 600)).toBe(true)
      expect((await store.spent('p', 'delivery')).toSorted()).toEqual(['d1', 'd2 "✓"'])
      expect(await store.spent('q', 'session')).toEqual([])
      // It runs out at once, and may be spent anew.
      expect([await store.spend('p', 'delivery', 'd3', 0), await store.spend('p', 'delivery', 'd3', 600)]).toEqual([true, true])
      expect(await store.spend('p', 'delivery', 'd3', 600)).toBe(false)
      expect(await store.programs(), 'it is no part of any record').toEqual([])
      await store.append('p', [signOff('a')])
      await store.adopt('p', (async function* () {})(), { onto: await store.head('p'), replace: true })
      expect(await store.spend('p', 'delivery', 'd1', 600), 'and outlives it').toBe(false)
    })

    test('what is replaced in the ledger is not sent again', async () => {
      const store = await withMessages(message('a'))
      await store.claim('p', CLAIM)
      await store.settle('p', 'a', 1, { state: 'delivered' }, [])
      const events = []
      for await (const event of store.read('p')) events.push(event)
      await store.append('p', [signOff('second')], { messages: [message('b')] })
      await store.adopt(
        'p',
        (async function* () {
          yield* events
        })(),
        { onto: await store.head('p'), replace: true },
      )
      await store.append('p', [signOff('second')], { messages: [message('a'), message('b')] })
      expect((await store.messages('p')).map(({ key, state }) => [key, state])).toEqual([
        ['a', 'delivered'],
        ['b', 'pending'],
      ])
    })

    test('what waits is sent also where the ledger was replaced by one without events', async () => {
      const store = await withMessages(message('a'))
      await store.adopt('p', (async function* () {})(), { onto: await store.head('p'), replace: true })
      expect(await store.claim('p', CLAIM)).toMatchObject([{ key: 'a' }])
      await store.settle('p', 'a', 1, { state: 'delivered' }, [signOff('told')])
      expect(await store.head('p')).toMatchObject({ seq: 1 })
    })

    test('a closed store says so', async () => {
      const store = await withMessages(message('a'))
      await store.close()
      for (const work of [
        () => store.claim('p', CLAIM),
        () => store.settle('p', 'a', 1, { state: 'delivered' }, []),
        () => store.retry('p', 'a', NOW, []),
        () => store.messages('p'),
        () => store.lease('p', 'tick', 'one', 1),
        () => store.leased('p', 'tick'),
        () => store.spend('p', 'delivery', 'd1', 1),
        () => store.spent('p', 'delivery'),
      ])
        expect((await refusal(work())).code).toBe('closed')
    })
  })
}

type Step =
  | { readonly do: 'append'; readonly keys: readonly number[] }
  | { readonly do: 'claim'; readonly limit: number; readonly lost: boolean; readonly later: boolean; readonly except: readonly string[] }
  | { readonly do: 'settle'; readonly key: number; readonly attempt: number; readonly how: number }
  | { readonly do: 'retry'; readonly key: number }

const SETTLEMENTS: readonly Settlement[] = [
  { state: 'delivered', reference: 'r' },
  { state: 'delivered' },
  { state: 'failed', reason: 'f' },
  { state: 'uncertain', reason: 'u' },
  { state: 'pending', notBefore: LATER, reason: 'p' },
  { state: 'pending', notBefore: NOW, reason: 'q', untried: true },
]

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('append' as const), keys: fc.array(fc.nat(9), { maxLength: 4 }) }),
  fc.record({
    do: fc.constant('claim' as const),
    limit: fc.nat(5),
    lost: fc.boolean(),
    later: fc.boolean(),
    except: fc.subarray(['mail', 'other']),
  }),
  fc.record({
    do: fc.constant('settle' as const),
    key: fc.nat(9),
    attempt: fc.integer({ min: 0, max: 3 }),
    how: fc.nat(SETTLEMENTS.length - 1),
  }),
  fc.record({ do: fc.constant('retry' as const), key: fc.nat(9) }),
)

/** Any sequence of calls has the same answers, and leaves the same, as in memory. */
export function outboxAgrees(name: string, open: () => Promise<Store>, reference: () => Store, runs: number): void {
  test(`outbox of ${name}: any sequence of calls answers as the one in memory does`, async () => {
    const store = await open()
    const twin = reference()
    let round = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
        round += 1
        const program = `p${round}`
        for (const [index, one] of steps.entries()) {
          const [ours, theirs] = await Promise.all([store, twin].map((on) => play(on, program, one, index)))
          expect(ours).toEqual(theirs)
        }
        expect(await store.messages(program)).toEqual(await twin.messages(program))
        expect(await store.head(program)).toEqual(await twin.head(program))
      }),
      { numRuns: runs },
    )
    await store.close()
  })
}

async function play(store: Store, program: string, one: Step, index: number): Promise<unknown> {
  switch (one.do) {
    case 'append':
      return store.append(program, [signOff(`e${index}`)], {
        messages: one.keys.map((key) => message(`m${key}`, { thread: `t${key % 3}`, channel: key % 2 === 0 ? 'mail' : 'other' })),
      })
    case 'claim':
      return store.claim(program, { now: one.later ? LATER : NOW, leaseSeconds: one.lost ? 0 : 600, limit: one.limit, except: one.except })
    case 'settle':
      return store.settle(program, `m${one.key}`, one.attempt, SETTLEMENTS[one.how] ?? { state: 'delivered' }, [signOff(`e${index}`)])
    case 'retry':
      return store.retry(program, `m${one.key}`, NOW, [signOff(`e${index}`)])
  }
}
