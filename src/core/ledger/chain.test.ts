import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonical } from '#core/ledger/canonical.ts'
import { seal, verifyChain, verifyStream, type Break, type Head } from '#core/ledger/chain.ts'
import type { LedgerEvent, NewEvent } from '#core/ledger/events.ts'
import { SCHEMA } from '#core/ledger/schema.ts'

const hash = (text: string) => createHash('sha256').update(text).digest('hex')

const text = fc.string({ unit: 'binary', maxLength: 12 })
const body = fc.oneof(
  fc.record({
    type: fc.constant('sign-off' as const),
    body: fc.record({ checkpoint: text, role: text, approve: fc.boolean(), reason: text }),
  }),
  fc.record({ type: fc.constant('blocker-acknowledged' as const), body: fc.record({ blocker: text, until: text }) }),
  fc.record({
    type: fc.constant('check-in' as const),
    body: fc.record({
      stream: text,
      done: fc.array(text, { maxLength: 3 }),
      next: fc.constant([]),
      risks: fc.constant([]),
      claims: fc.dictionary(text, fc.double({ noNaN: true, noDefaultInfinity: true }), { maxKeys: 3 }),
    }),
  }),
)
const newEvent: fc.Arbitrary<NewEvent> = fc
  .record({
    id: fc.uuid(),
    at: fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }).map((date) => date.toISOString()),
    actor: fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
    content: body,
  })
  .map(({ content, ...rest }) => ({ ...rest, ...content }))

function sealAll(events: readonly NewEvent[], previous?: Head): LedgerEvent[] {
  let head = previous
  return events.map((event) => {
    const sealed = seal(event, head, hash)
    head = sealed
    return sealed
  })
}

const ledger = fc.array(newEvent, { minLength: 4, maxLength: 30 }).map((events) => sealAll(events))
const headOf = ({ seq, hash: ofEvent }: LedgerEvent): Head => ({ seq, hash: ofEvent })
const last = (events: readonly LedgerEvent[]): LedgerEvent => must(events.at(-1))

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the test asked for an event that is not there')
  return value
}

/** The event again with other fields, its seal left as it was. */
const edit = (event: LedgerEvent, change: Readonly<Record<string, unknown>>): LedgerEvent => ({ ...event, ...change })
const unsealed = ({ id, at, actor, type, body: content }: LedgerEvent): NewEvent => ({ id, at, actor, type, body: content }) as NewEvent
const replaceAt = (events: readonly LedgerEvent[], seq: number, change: (event: LedgerEvent) => LedgerEvent): LedgerEvent[] =>
  events.map((event) => (event.seq === seq ? change(event) : event))

interface Attack {
  readonly events: readonly LedgerEvent[]
  readonly seq: number
  readonly kind: Break
  /** Needed to see it. */
  readonly exported?: Head | readonly Head[]
}

/** `position` and `other` count from 1 and lie in the ledger, `position` before `other`. */
type Attacker = (events: readonly LedgerEvent[], position: number, other: number, forged: NewEvent) => Attack

const ATTACKS: Readonly<Record<string, Attacker>> = {
  'edit a body': (events, seq) => ({
    events: replaceAt(events, seq, (event) => edit(event, { body: { ...event.body, reason: 'no reason that was given' } })),
    seq,
    kind: 'edited',
  }),
  'edit an actor': (events, seq) => ({
    events: replaceAt(events, seq, (event) => edit(event, { actor: `${event.actor}x` })),
    seq,
    kind: 'edited',
  }),
  'edit a time': (events, seq) => ({
    events: replaceAt(events, seq, (event) => edit(event, { at: '2200-01-01T00:00:00Z' })),
    seq,
    kind: 'edited',
  }),
  'edit a type': (events, seq) => ({ events: replaceAt(events, seq, (event) => edit(event, { type: 'override' })), seq, kind: 'edited' }),
  'edit a body and hash it again': (events, seq) => ({
    events: replaceAt(events, seq, (event) =>
      seq === events.length ? edit(event, { actor: 'x' }) : resealed(event, { actor: `${event.actor}x` }),
    ),
    seq,
    kind: seq === events.length ? 'edited' : 'replaced',
  }),
  'delete one': (events, position) => {
    const seq = Math.min(position, events.length - 1)
    return { events: events.filter((event) => event.seq !== seq), seq, kind: 'missing' }
  },
  'delete one and renumber': (events, position) => {
    const seq = Math.min(position, events.length - 1)
    return { events: events.filter((event) => event.seq !== seq).map((event, i) => edit(event, { seq: i + 1 })), seq, kind: 'missing' }
  },
  'delete the end': (events, seq) => ({ events: events.slice(0, seq - 1), seq, kind: 'truncated', exported: headOf(last(events)) }),
  'swap two': (events, a, b) => {
    const swapped = events.map((event) => (event.seq === a ? must(events[b - 1]) : event.seq === b ? must(events[a - 1]) : event))
    return { events: swapped, seq: a, kind: 'missing' }
  },
  duplicate: (events, seq) => ({
    events: events.flatMap((event) => (event.seq === seq ? [event, event] : [event])),
    seq,
    kind: 'inserted',
  }),
  'insert one that is forged': (events, seq, _, forged) => ({
    events: [...events.slice(0, seq - 1), seal(forged, events[seq - 2], hash), ...events.slice(seq - 1)],
    seq,
    kind: 'inserted',
  }),
  'insert one that is forged and renumber': (events, seq, _, forged) => ({
    events: [
      ...events.slice(0, seq - 1),
      seal(forged, events[seq - 2], hash),
      ...events.slice(seq - 1).map((event) => edit(event, { seq: event.seq + 1 })),
    ],
    seq,
    kind: 'inserted',
  }),
  'rewrite the rest with fresh hashes': (events, seq, other, forged) => {
    const before = events.slice(0, seq - 1)
    const rest = sealAll([forged, ...events.slice(seq).map(unsealed)], before.at(-1))
    return { events: [...before, ...rest], seq: other, kind: 'rewritten', exported: headOf(must(events[other - 1])) }
  },
  'rewrite the rest, when every head was exported': (events, seq, _, forged) => {
    const before = events.slice(0, seq - 1)
    const rest = sealAll([forged, ...events.slice(seq).map(unsealed)], before.at(-1))
    return { events: [...before, ...rest], seq, kind: 'rewritten', exported: events.map(headOf) }
  },
  'replace the whole ledger': (events, _, __, forged) => ({
    events: sealAll([forged, ...events.slice(1).map(unsealed)]),
    seq: events.length,
    kind: 'rewritten',
    exported: headOf(last(events)),
  }),
  'replace the whole ledger by a shorter one': (events, position, _, forged) => ({
    events: sealAll([forged, ...events.slice(1, position).map(unsealed)]).slice(0, position),
    seq: Math.min(position, events.length) + 1,
    kind: 'truncated',
    exported: { seq: events.length + 1, hash: hash('') },
  }),
  'change the schema of one record': (events, seq) => ({
    events: replaceAt(events, seq, (event) => resealed(event, { schema: '1.ffffffffffffffff' })),
    seq,
    kind: 'schema',
  }),
  'change the schema of all records and hash them again': (events) => {
    let head: LedgerEvent | undefined
    const other = events.map((event) => (head = resealed(event, { schema: '1.ffffffffffffffff', previous: head?.hash ?? event.previous })))
    return { events: other, seq: 1, kind: 'schema' }
  },
}

function resealed(event: LedgerEvent, change: Readonly<Record<string, unknown>>): LedgerEvent {
  const { hash: _, ...content } = edit(event, change)
  return { ...content, hash: hash(canonical(content)) }
}

describe('an untouched ledger', () => {
  test('verifies, with and without heads that were exported on the way', () => {
    fc.assert(
      fc.property(ledger, (events) => {
        const head = headOf(last(events))
        expect(verifyChain(events, hash)).toEqual({ ok: true, head })
        expect(verifyChain(events, hash, { heads: [head] })).toEqual({ ok: true, head })
        expect(verifyChain(events, hash, { heads: events.map(headOf).toReversed() })).toEqual({ ok: true, head })
        expect(verifyChain(JSON.parse(JSON.stringify(events)) as LedgerEvent[], hash)).toEqual({ ok: true, head })
      }),
    )
  })

  test('must agree with every head that was noted for a record, in whatever order they are given', () => {
    fc.assert(
      fc.property(ledger, (events) => {
        const end = headOf(last(events))
        const other = { ...end, hash: hash('another ledger') }
        for (const heads of [
          [end, other],
          [other, end],
        ])
          expect(verifyChain(events, hash, { heads })).toMatchObject({ ok: false, seq: end.seq, kind: 'rewritten' })
      }),
    )
  })

  test('verifies when it is empty, unless a head was exported', () => {
    expect(verifyChain([], hash)).toEqual({ ok: true, head: undefined })
    expect(verifyChain([], hash, { heads: [{ seq: 2, hash: hash('') }] })).toMatchObject({ ok: false, seq: 1, kind: 'truncated' })
  })

  test('is numbered from 1, begins on 64 zeros, and every record names the hash before it and its schema', () => {
    fc.assert(
      fc.property(ledger, (events) => {
        expect(events.map((event) => event.seq)).toEqual(events.map((_, i) => i + 1))
        expect(events.map((event) => event.previous)).toEqual(['0'.repeat(64), ...events.slice(0, -1).map((event) => event.hash)])
        expect(new Set(events.map((event) => event.schema))).toEqual(new Set([SCHEMA]))
      }),
    )
  })

  test('a hash is sha256 over the canonical JSON of all other fields', () => {
    fc.assert(
      fc.property(ledger, (events) => {
        for (const { hash: sealed, ...content } of events) expect(sealed).toBe(hash(canonical(content)))
      }),
    )
  })
})

describe('an attack is found and its first bad record named', () => {
  test.each(Object.entries(ATTACKS))('%s', async (_, attacker) => {
    await fc.assert(
      fc.asyncProperty(ledger, fc.nat(), fc.nat(), newEvent, async (events, a, b, forged) => {
        const position = 1 + (a % (events.length - 1))
        const other = position + 1 + (b % (events.length - position))
        const attack = attacker(events, position, other, forged)
        fc.pre(canonical(attack.events) !== canonical(events))
        const found = verifyChain(attack.events, hash, { heads: [attack.exported ?? []].flat() })
        expect(found).toMatchObject({ ok: false, seq: attack.seq, kind: attack.kind })
        if (!found.ok) expect(found.reason).toContain(`ecord ${attack.seq}`)
        expect(await verifyStream(asStream(attack.events), hash, { heads: [attack.exported ?? []].flat() })).toEqual(found)
      }),
      { numRuns: 100 },
    )
  })

  test('what a chain alone cannot show, it does not claim: a cut end and fresh hashes pass without an exported head', () => {
    fc.assert(
      fc.property(ledger, newEvent, (events, forged) => {
        expect(verifyChain(events.slice(0, -1), hash).ok).toBe(true)
        expect(verifyChain(sealAll([forged, ...events.slice(1).map(unsealed)]), hash).ok).toBe(true)
      }),
    )
  })

  test('a ledger that begins in the middle is no ledger', () => {
    fc.assert(
      fc.property(ledger, (events) => {
        const first = resealed(must(events[1]), { seq: 1 })
        expect(verifyChain([first], hash)).toMatchObject({ ok: false, seq: 1, kind: 'replaced' })
      }),
    )
  })

  test('fields that are missing or of another type are an edit, not a crash', () => {
    fc.assert(
      fc.property(
        ledger,
        fc.constantFrom('id', 'at', 'actor', 'seq', 'previous', 'type', 'body', 'hash'),
        fc.anything(),
        (events, field, value) => {
          const broken = replaceAt(events, 2, (event) => edit(event, { [field]: value }))
          fc.pre(JSON.stringify(broken) !== JSON.stringify(events))
          expect(verifyChain(broken, hash)).toMatchObject({ ok: false })
        },
      ),
    )
  })
})

test('verification reads no further than the first bad record', () => {
  fc.assert(
    fc.property(ledger, (events) => {
      let read = 0
      function* counted() {
        for (const event of replaceAt(events, 2, (one) => edit(one, { actor: 'x'.repeat(20) }))) {
          read++
          yield event
        }
      }
      verifyChain(counted(), hash)
      expect(read).toBe(2)
    }),
  )
})

async function* asStream(events: readonly LedgerEvent[]): AsyncGenerator<LedgerEvent> {
  yield* events
}
