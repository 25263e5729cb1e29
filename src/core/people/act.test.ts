import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { CollectorKind } from '#core/evidence/collector.ts'
import { foldTokens } from '#core/evidence/reported.ts'
import type { EventBody, LedgerEvent } from '#core/ledger/events.ts'
import { foldEvents } from '#core/ledger/state.ts'
import { accessFault, foldAccess } from '#core/people/access.ts'
import { act, ACT_NAMES, ACTS, type ActInput, type ActName } from '#core/people/act.ts'
import { checkIn } from '#core/people/check-in.ts'
import type { Decided, Given } from '#core/people/given.ts'
import { loadProgram } from '#core/program/load.ts'
import type { Program } from '#core/program/model.ts'
import { foldHistory } from '#core/schedule/history.ts'

const KIND: CollectorKind = {
  kind: 'count',
  title: 'Counts',
  options: z.strictObject({}),
  metrics: {
    lines: { unit: 'lines', better: 'higher', title: 'lines' },
    tests: { unit: 'tests', better: 'higher', title: 'tests' },
  },
  boundToTree: true,
}

const TEXT = `
program: demo
name: Demo
calendar: { zone: Europe/Berlin }
people:
  boss: { name: B, roles: [phase-lead], handle: '@BOSS' }
  board: { name: Bo, roles: [board] }
  arch: { name: A, roles: [architect] }
  lead-a: { name: LA }
  help-a: { name: HA }
  lead-b: { name: LB }
sources: { count: { collect: count } }
policy: { authority: { override: [board] } }
streams:
  reader:
    name: Reader
    lead: lead-a
    support: [help-a]
    branch: a
    deliverables:
      code: { title: Code, measure: count.lines, full: 400 lines }
      unit: { title: Tests, measure: count.tests, full: 20 tests }
  writer: { name: Writer, lead: lead-b, branch: b }
checkpoints:
  week2: { name: Week 2, at: 2026-02-25 16:00, criteria: { same: { for: streams, signOff: { roles: [lead], sameTree: true } } } }
  week3: { name: Week 3, at: 2026-03-04 16:00 }
`
const loaded = loadProgram('muster.yaml', new TextEncoder().encode(TEXT), [KIND])
const program = loaded.program as Program
const NOW = '2026-02-24T12:00:00Z'

interface Before {
  readonly at: string
  readonly actor: string
  readonly event: EventBody
}

const by = (actor: string, event: EventBody, at = '2026-02-24T08:00:00Z'): Before => ({ at, actor, event })

/** given(what is recorded) . when(somebody does something) -> what is decided. */
function given(before: readonly Before[] = [], more: Partial<Given> = {}) {
  const events = before.map(({ at, actor, event }, index): LedgerEvent => ({
    id: `e${index}`,
    seq: index + 1,
    previous: '',
    schema: '',
    hash: '',
    at,
    actor,
    ...event,
  }))
  const known: Given = {
    program,
    at: NOW,
    state: foldEvents(events),
    tokens: foldTokens(events),
    access: foldAccess(events),
    escalations: foldHistory(events).escalations,
    ...more,
  }
  return {
    known,
    when: <N extends ActName>(person: string | undefined, name: N, input: ActInput<N>): Decided => act(known, person, name, input),
  }
}

const BLOCKER = {
  type: 'blocker-opened',
  body: { blocker: 'b-1', stream: 'reader', title: 'T', severity: 'high', impact: 'I', owner: 'lead-a', deadline: '2026-02-24T10:00:00Z' },
} as const

describe('acts', () => {
  it('were loaded from a program without mistakes', () => expect(loaded.problems).toEqual([]))

  it('each say their input as a JSON schema that refuses other keys', () => {
    for (const name of ACT_NAMES)
      expect(z.toJSONSchema(ACTS[name].input, { io: 'input', unrepresentable: 'throw' })).toMatchObject({
        type: 'object',
        additionalProperties: false,
      })
  })

  it('accept or say why not, whatever the input: no exception, and a refusal changes nothing', () => {
    const value = fc.oneof(fc.string(), fc.constantFrom('reader', 'b-1', 'week2', 'C', '2h', '__proto__'), fc.jsonValue())
    const keys = [...new Set(ACT_NAMES.flatMap((name) => Object.keys(ACTS[name].input.shape)))]
    const input = fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 8 })
    const { known } = given([by('lead-a', BLOCKER)])
    const before = JSON.stringify(known)
    fc.assert(
      fc.property(fc.constantFrom(...ACT_NAMES), fc.constantFrom('lead-a', 'boss', undefined, 'nobody'), input, (name, person, any) => {
        const decided = act(known, person, name, any as never)
        if (decided.ok) expect(decided.events.length).toBeGreaterThan(0)
        else expect(decided.message).not.toBe('')
        expect(JSON.stringify(known)).toBe(before)
      }),
      { numRuns: 500 },
    )
  })

  it('name the role that is needed and who holds it', () => {
    expect(given().when('lead-a', 'waive', { criterion: 'same', checkpoint: 'week2', reason: 'r', expires: '2h' })).toMatchObject({
      ok: false,
      code: 'not-allowed',
      message: 'lead-a may not waive a criterion',
      remedy: 'this takes: phase-lead (boss)',
      rights: [{ role: 'phase-lead', people: ['boss'] }],
    })
    expect(given().when('nobody', 'override', { checkpoint: 'week2', verdict: 'GO', reason: 'r' })).toMatchObject({
      code: 'unknown-id',
      message: 'there is no person "nobody"',
    })
  })

  it('give every mistake of an input at once, with the key it stands at', () => {
    const decided = given().when('lead-a', 'open-blocker', { title: '', severity: 'awful', impact: 'a\u0007', x: 1 } as never)
    expect(decided).toMatchObject({ ok: false, code: 'invalid-input' })
    expect(decided.ok ? [] : decided.mistakes?.map(({ path, kind }) => [path.join('.'), kind])).toEqual([
      ['title', 'value'],
      ['severity', 'value'],
      ['impact', 'value'],
      ['x', 'unknown-key'],
    ])
  })
})

describe('check-in', () => {
  it('holds the plan in the unit of the measure, and whom the stream waits for', () => {
    expect(
      given().when('lead-a', 'check-in', { plan: { unit: '60%', code: 150 }, 'waiting-on': 'the schema of writer', blocking: ['writer'] }),
    ).toEqual({
      ok: true,
      actor: 'lead-a',
      said: 'lead-a checked in for reader: 2 planned, 1 waiting on, 1 blocking',
      events: [
        {
          type: 'check-in',
          body: {
            stream: 'reader',
            done: [],
            next: [],
            risks: [],
            claims: {},
            plan: { unit: 12, code: 150 },
            waitingOn: ['the schema of writer'],
            blocking: ['writer'],
          },
        },
      ],
    })
  })

  it('opens the blockers in it together with it, each with an id of its own', () => {
    const blocker = { title: 'No kernel', severity: 'critical', impact: 'nothing builds' } as const
    const decided = checkIn(
      given([by('lead-a', BLOCKER)]).known,
      'lead-a',
      { done: 'x', blocker },
      { blocker: { ...blocker, severity: 'low' } },
    )
    expect(decided.ok && decided.events.map((one) => one.type)).toEqual(['check-in', 'blocker-opened', 'blocker-opened'])
    expect(
      decided.ok && decided.events.flatMap((one) => (one.type === 'blocker-opened' ? [one.body.blocker, one.body.severity] : [])),
    ).toEqual(['b-2', 'critical', 'b-3', 'low'])
  })

  it('is refused whole where its blocker is', () => {
    const blocker = { title: 'T', severity: 'low', impact: 'I', deadline: 'yesterday' } as const
    expect(given().when('lead-a', 'check-in', { done: 'x', blocker })).toMatchObject({
      ok: false,
      field: 'blocker',
      message: expect.stringContaining('deadline: "yesterday" is neither'),
    })
    expect(given().when('lead-a', 'check-in', { done: 'x', blocker: { ...blocker, severity: 'bad' as 'low' } })).toMatchObject({
      mistakes: [{ path: ['blocker', 'severity'], source: 0 }],
    })
  })

  it('refuses what plans nothing that is measured', () => {
    expect(given().when('lead-a', 'check-in', { plan: { cod: 3 } })).toMatchObject({
      mistakes: [{ path: ['plan', 'cod'], message: expect.stringContaining('did you mean code?') }],
    })
    for (const written of ['{"done":"x","plan":{"__proto__":3}}', '{"claim":{"__proto__":3,"cod":1}}'])
      expect(given().when('lead-a', 'check-in', JSON.parse(written) as object)).toMatchObject({
        ok: false,
        message: expect.stringContaining('__proto__ is neither a deliverable nor a metric'),
      })
    expect(given().when('lead-a', 'check-in', {})).toMatchObject({ message: expect.stringContaining('says nothing') })
  })
})

describe('a checkpoint that is moved', () => {
  const move = { checkpoint: 'week2', to: '2026-02-26 16:00', reason: 'the room is taken' }
  const moved = by('boss', { type: 'checkpoint-moved', body: { checkpoint: 'week2', to: '2026-02-26T15:00:00Z', reason: 'r' } })
  const cancelled = by('boss', { type: 'checkpoint-cancelled', body: { checkpoint: 'week2', reason: 'r' } })

  it('is held at another time', () => {
    expect(given().when('boss', 'move-checkpoint', move)).toMatchObject({
      said: 'boss moved week2 from Wed 2026-02-25 16:00 Europe/Berlin to Thu 2026-02-26 16:00',
      events: [{ type: 'checkpoint-moved', body: { checkpoint: 'week2', to: '2026-02-26T15:00:00Z', reason: 'the room is taken' } }],
    })
    expect(given([moved]).when('board', 'move-checkpoint', { ...move, to: '2026-02-27 16:00' })).toMatchObject({
      said: 'board moved week2 from Thu 2026-02-26 16:00 Europe/Berlin to Fri 2026-02-27 16:00',
    })
  })

  it('is held again where it was cancelled', () => {
    expect(given([cancelled]).when('boss', 'move-checkpoint', move)).toMatchObject({
      said: 'boss took the cancellation of week2 back: it is held at Thu 2026-02-26 16:00 Europe/Berlin',
    })
  })

  it('is moved from where the program file has it by now', () => {
    const before = by('boss', {
      type: 'checkpoint-moved',
      body: { checkpoint: 'week2', from: '2026-02-24T15:00:00Z', to: '2026-02-26T15:00:00Z', reason: 'r' },
    })
    expect(given([before]).when('boss', 'move-checkpoint', move)).toMatchObject({
      said: 'boss moved week2 from Wed 2026-02-25 16:00 Europe/Berlin to Thu 2026-02-26 16:00',
      events: [{ body: { from: '2026-02-25T15:00:00Z', to: '2026-02-26T15:00:00Z' } }],
    })
  })

  it('is not signed, waived or decided about while it is cancelled', () => {
    const { when } = given([cancelled])
    const refused = { ok: false, code: 'settled', message: 'week2 was cancelled by boss on Tue 2026-02-24 09:00 Europe/Berlin: r' }
    expect(when('lead-a', 'sign', { criterion: 'same', checkpoint: 'week2', reason: 'r' })).toMatchObject(refused)
    expect(when('boss', 'waive', { criterion: 'same', checkpoint: 'week2', reason: 'r', expires: '2h' })).toMatchObject(refused)
    expect(when('board', 'override', { checkpoint: 'week2', verdict: 'GO', reason: 'r' })).toMatchObject(refused)
  })

  it.each([
    ['by somebody else', 'lead-a', move, /lead-a may not move checkpoint week2/],
    ['into the past', 'boss', { ...move, to: '2026-02-24 12:59' }, /is not in the future/],
    ['to no time', 'boss', { ...move, to: 'soon' }, /neither a duration nor a time/],
    ['to a day the calendar lacks', 'boss', { ...move, to: '2026-02-29 10:00' }, /neither a duration nor a time/],
    ['to where it is', 'boss', { ...move, to: '2026-02-25 16:00' }, /is held at Wed 2026-02-25 16:00 Europe\/Berlin already/],
    ['where there is none', 'boss', { ...move, checkpoint: 'week22' }, /did you mean week2\?/],
    ['without a reason', 'boss', { ...move, reason: ' ' }, /it is empty/],
  ])('is not moved %s', (_name, person, input, message) => {
    expect(given().when(person, 'move-checkpoint', input)).toMatchObject({ ok: false, message: expect.stringMatching(message) })
  })

  it('is cancelled once, by who may', () => {
    const cancel = { checkpoint: 'week2', reason: 'nobody is there' }
    expect(given().when('boss', 'cancel-checkpoint', cancel)).toMatchObject({ ok: true, said: 'boss cancelled week2' })
    expect(given().when('arch', 'cancel-checkpoint', cancel)).toMatchObject({ remedy: 'this takes: phase-lead (boss) or board (board)' })
    expect(given([cancelled]).when('boss', 'cancel-checkpoint', cancel)).toMatchObject({ code: 'settled' })
    expect(given([cancelled, moved]).when('boss', 'cancel-checkpoint', cancel)).toMatchObject({ ok: true })
  })
})

describe('a blocker', () => {
  const held = by('lead-a', { ...BLOCKER, body: { ...BLOCKER.body, workaround: 'by hand' } })
  const change = (input: Omit<ActInput<'update-blocker'>, 'blocker'>) =>
    given([held]).when('lead-a', 'update-blocker', { blocker: 'b-1', ...input })

  it.each([
    [{ severity: 'critical' }, { severity: 'critical' }],
    [{ impact: 'all stands still' }, { impact: 'all stands still' }],
    [{ workaround: 'another key' }, { workaround: 'another key' }],
    [{ workaround: '' }, { workaround: '' }],
    [{ owner: '@BOSS' }, { owner: 'boss' }],
    [{ deadline: '3h' }, { deadline: '2026-02-24T15:00:00Z' }],
    // Of what is asked for, that which is so already is no change.
    [{ severity: 'high', owner: 'help-a' }, { owner: 'help-a' }],
  ] as const)('is changed by %j', (input, body) => {
    expect(change(input)).toMatchObject({ ok: true, events: [{ type: 'blocker-changed', body: { blocker: 'b-1', ...body } }] })
    const { events } = change(input) as Extract<Decided, { ok: true }>
    expect(Object.keys(events[0]?.body ?? {})).toEqual(['blocker', ...Object.keys(body)])
  })

  it('is not changed by what it is already, by nobody, or to a time that is none', () => {
    expect(change({ severity: 'high', workaround: 'by hand' })).toMatchObject({ code: 'settled' })
    expect(change({ owner: 'nobody' })).toMatchObject({ code: 'unknown-id', field: 'owner' })
    expect(change({ deadline: 'soon' })).toMatchObject({ ok: false, field: 'deadline' })
    expect(change({})).toMatchObject({ ok: false })
  })

  it('is not acknowledged for a time that is none, nor once it is resolved; of those that are open the ids are named', () => {
    const resolved = by('lead-a', { type: 'blocker-resolved', body: { blocker: 'b-1', outcome: 'resolved', note: 'n' } })
    const other = by('lead-a', { ...BLOCKER, body: { ...BLOCKER.body, blocker: 'b-2' } })
    expect(given([held]).when('lead-a', 'acknowledge-blocker', { blocker: 'b-1', for: 'soon' })).toMatchObject({ ok: false, field: 'for' })
    expect(given([held, resolved]).when('lead-a', 'acknowledge-blocker', { blocker: 'b-1' })).toMatchObject({ code: 'settled' })
    expect(given([held]).when('lead-a', 'acknowledge-blocker', { blocker: 'b-1', for: '7 days' })).toMatchObject({ ok: true })
    for (const long of ['8 days', '169h', '2026-03-04 16:00'])
      expect(given([held]).when('lead-a', 'acknowledge-blocker', { blocker: 'b-1', for: long })).toMatchObject({
        field: 'for',
        message: `${long} is more than 7 days away`,
      })
    const unknown = given([held, resolved, other]).when('lead-a', 'acknowledge-blocker', { blocker: 'b-3' })
    expect(unknown).toMatchObject({ code: 'unknown-id' })
    expect(JSON.stringify(unknown)).toContain('b-2')
    expect(JSON.stringify(unknown)).not.toContain('b-1')
  })
})

describe('a waiver', () => {
  const waive = (more: Partial<ActInput<'waive'>> = {}) =>
    given().when('boss', 'waive', { criterion: 'same', checkpoint: 'week2', reason: 'r', expires: '3 days', ...more })

  it('is for a criterion of the checkpoint, and for a stream that it is judged for, until a time to come', () => {
    expect(waive({ stream: 'reader' })).toMatchObject({
      events: [{ type: 'waiver', body: { waiver: 'w-1', criterion: 'same', stream: 'reader', expires: '2026-02-27T12:00:00Z' } }],
    })
    expect(waive({ criterion: 'other' })).toMatchObject({ code: 'unknown-id', field: 'criterion' })
    expect(waive({ checkpoint: 'week3' })).toMatchObject({ code: 'unknown-id', field: 'criterion' })
    expect(waive({ stream: 'printer' })).toMatchObject({ code: 'unknown-id', field: 'stream' })
    expect(waive({ expires: 'soon' })).toMatchObject({ ok: false, field: 'expires' })
    expect(waive({ expires: '2026-02-23 12:00' })).toMatchObject({ ok: false, field: 'expires' })
  })
})

describe('an escalation', () => {
  const raised = by('muster', {
    type: 'escalation-raised',
    body: {
      escalation: 'behind:reader',
      rule: 'behind',
      subject: 'stream:reader',
      scenario: 'Stream behind schedule',
      owner: 'lead-a',
      escalateTo: 'boss',
      because: 'code is at 10 %',
    },
  })
  const ack = { escalation: 'behind:reader' }

  it.each(['lead-a', 'boss', 'board'])('is acknowledged by %s, for two hours unless said', (person) => {
    expect(given([raised]).when(person, 'acknowledge-escalation', ack)).toMatchObject({
      events: [{ type: 'escalation-acknowledged', body: { escalation: 'behind:reader', until: '2026-02-24T14:00:00Z' } }],
    })
  })

  it('is acknowledged for a week at most', () => {
    expect(given([raised]).when('boss', 'acknowledge-escalation', { ...ack, for: '7 days' })).toMatchObject({ ok: true })
    expect(given([raised]).when('boss', 'acknowledge-escalation', { ...ack, for: '8 days' })).toMatchObject({ field: 'for' })
  })

  it('is acknowledged by whom a step of its rule reaches, person, role or lead', () => {
    const step = (to: string) => ({ afterSeconds: 0, to, action: 'a' })
    const rule = { id: 'behind', steps: [step('help-a'), step('architect'), step('lead')] } as unknown as Program['escalation'][number]
    const other = { id: 'other', steps: [step('lead-b')] } as unknown as Program['escalation'][number]
    const reached = { ...program, escalation: [rule, other] }
    const told = ['help-a', 'arch', 'lead-a', 'boss', 'board', 'lead-b'].map(
      (person) => given([raised], { program: reached }).when(person, 'acknowledge-escalation', ack).ok,
    )
    expect(told).toEqual([true, true, true, true, true, false])
  })

  it('is not acknowledged by others, when it is over, or when there is none', () => {
    expect(given([raised]).when('lead-b', 'acknowledge-escalation', ack)).toMatchObject({
      code: 'not-allowed',
      remedy: 'this takes: owner (lead-a) or escalated to (boss) or board (board)',
    })
    const cleared = by('muster', { type: 'escalation-cleared', body: { escalation: 'behind:reader', reason: 'met' } })
    expect(given([raised, cleared]).when('boss', 'acknowledge-escalation', ack)).toMatchObject({ code: 'settled' })
    expect(given([raised]).when('boss', 'acknowledge-escalation', { escalation: 'behind:writer' })).toMatchObject({ code: 'unknown-id' })
  })
})

describe('an option of the decision matrix', () => {
  const matrix = {
    id: 'behind',
    title: 'A stream is behind',
    immediate: [],
    options: [
      { id: 'A', title: 'Extend', pros: [], cons: [] },
      { id: 'C', title: 'Add people', pros: [], cons: [] },
    ],
    recommend: ['C'],
    recommendation: 'C',
    escalateTo: 'phase-lead',
  }
  const stream = {
    stream: 'reader',
    name: 'Reader',
    lead: 'lead-a',
    health: 'BEHIND',
    healthRule: { id: '', title: '', because: '' },
  } as const
  const fine = {
    stream: 'writer',
    name: 'Writer',
    lead: 'lead-b',
    health: 'ON TRACK',
    healthRule: { id: '', title: '', because: '' },
  } as const
  const decision = {
    checkpoint: 'week2',
    streams: [
      { ...stream, ready: false, matrix },
      { ...fine, ready: true },
    ],
  }

  it.each(['lead-a', 'boss', 'board'])('is chosen by %s and becomes a decision on record', (person) => {
    expect(given([], { decision }).when(person, 'choose-option', { option: 'c', reason: 'boss has a day' })).toMatchObject({
      said: `${person} chose C for reader: Add people`,
      events: [
        {
          type: 'option-chosen',
          body: { checkpoint: 'week2', stream: 'reader', matrix: 'behind', option: 'C', reason: 'boss has a day' },
        },
      ],
    })
  })

  it('is refused where there is nothing to choose, nothing decided, or it is not theirs', () => {
    const choose = { option: 'C', reason: 'r' }
    expect(given().when('boss', 'choose-option', choose)).toMatchObject({ message: expect.stringContaining('no decision is recorded') })
    expect(given([], { decision }).when('boss', 'choose-option', { ...choose, stream: 'writer' })).toMatchObject({
      message: 'writer is ON TRACK at week2: the decision matrix has nothing to choose for it',
    })
    expect(given([], { decision }).when('boss', 'choose-option', { ...choose, option: 'D' })).toMatchObject({ remedy: 'there are: A, C' })
    expect(given([], { decision }).when('lead-b', 'choose-option', choose)).toMatchObject({
      remedy: 'this takes: lead (lead-a) or phase-lead (boss) or board (board)',
    })
    const chosen = by('boss', {
      type: 'option-chosen',
      body: { checkpoint: 'week2', stream: 'reader', matrix: 'behind', option: 'C', reason: 'r' },
    })
    expect(given([chosen], { decision }).when('boss', 'choose-option', choose)).toMatchObject({ code: 'settled' })
    expect(given([chosen], { decision }).when('boss', 'choose-option', { ...choose, option: 'A' })).toMatchObject({ ok: true })
  })
})

describe('a token', () => {
  const key = { token: '0123456789abcdef', publicKey: `${'A'.repeat(43)}=` }
  const issued = by('board', { type: 'token-issued', body: { ...key, stream: 'reader', expires: '2026-05-01T00:00:00Z' } })

  it('is issued by who may override, and revoked by the lead as well', () => {
    expect(given().when('board', 'issue-token', { stream: 'reader', days: 2, ...key })).toMatchObject({
      events: [{ type: 'token-issued', body: { ...key, stream: 'reader', expires: '2026-02-26T12:00:00Z' } }],
    })
    expect(given().when('lead-a', 'issue-token', { stream: 'reader', ...key })).toMatchObject({ code: 'not-allowed' })
    expect(given([issued]).when('board', 'issue-token', { stream: 'reader', ...key })).toMatchObject({ code: 'settled' })
    expect(given([issued]).when('lead-a', 'revoke-token', { token: key.token, reason: 'lost' })).toMatchObject({ ok: true })
    expect(given([issued]).when('lead-b', 'revoke-token', { token: key.token, reason: 'lost' })).toMatchObject({ code: 'not-allowed' })
    expect(given().when('board', 'revoke-token', { token: key.token, reason: 'lost' })).toMatchObject({ code: 'unknown-id' })
  })
})

describe('access to the API', () => {
  const sha256 = 'ab'.repeat(32)
  const id = 'abababababababab'
  const granted = (whose: { readonly person: string } | { readonly stream: string }, at?: string) =>
    by(
      'person' in whose ? whose.person : 'board',
      { type: 'access-granted', body: { access: id, sha256, label: 'script', ...whose, expires: '2026-05-01T00:00:00Z' } },
      at,
    )

  it('is issued for oneself, by who may override for machines, and holds the hash alone', () => {
    expect(given().when('lead-a', 'issue-access', { label: 'script', days: 2, sha256 })).toMatchObject({
      actor: 'lead-a',
      events: [
        { type: 'access-granted', body: { access: id, sha256, label: 'script', person: 'lead-a', expires: '2026-02-26T12:00:00Z' } },
      ],
    })
    expect(given().when('board', 'issue-access', { stream: 'reader', label: 'l', sha256 })).toMatchObject({
      events: [{ body: { stream: 'reader' } }],
    })
    expect(given().when('lead-a', 'issue-access', { stream: 'reader', label: 'l', sha256 })).toMatchObject({
      code: 'not-allowed',
      message: 'lead-a may not issue access for stream reader',
    })
  })

  it('is never issued for another person, and lets nobody in where the record says that it was', () => {
    expect(given().when('board', 'issue-access', { person: 'lead-a', label: 'l', sha256 } as never)).toMatchObject({
      code: 'invalid-input',
    })
    const theirs = { access: id, sha256, label: 'script', person: 'lead-a', expires: '2026-05-01T00:00:00Z' }
    const [forged] = [...(given([by('board', { type: 'access-granted', body: theirs })]).known.access ?? new Map()).values()]
    expect(accessFault(forged, NOW)).toBe(`token ${id} of lead-a was issued by board, who is somebody else`)
  })

  it('is refused for nobody, for people and streams there are not, and twice', () => {
    expect(given().when(undefined, 'issue-access', { label: 'l', sha256 })).toMatchObject({ code: 'who-acts' })
    expect(given().when('bos', 'issue-access', { label: 'l', sha256 })).toMatchObject({ code: 'unknown-id' })
    expect(given().when('board', 'issue-access', { stream: 'x', label: 'l', sha256 })).toMatchObject({ code: 'unknown-id' })
    expect(given().when('board', 'issue-access', { label: 'l', sha256: 'AB' })).toMatchObject({ code: 'invalid-input' })
    expect(given([granted({ person: 'boss' })]).when('board', 'issue-access', { label: 'l', sha256 })).toMatchObject({ code: 'settled' })
  })

  it('is revoked by whose it is, the lead of the stream and who may override, and never comes back', () => {
    const revoke = { access: id, reason: 'lost' }
    expect(given([granted({ person: 'lead-a' })]).when('lead-a', 'revoke-access', revoke)).toMatchObject({ ok: true })
    expect(given([granted({ person: 'lead-a' })]).when('lead-b', 'revoke-access', revoke)).toMatchObject({ code: 'not-allowed' })
    expect(given([granted({ stream: 'reader' })]).when('lead-a', 'revoke-access', revoke)).toMatchObject({ ok: true })
    expect(given([granted({ stream: 'reader' })]).when('lead-b', 'revoke-access', revoke)).toMatchObject({ code: 'not-allowed' })
    const revoked = by('board', { type: 'access-revoked', body: revoke })
    const before = [granted({ person: 'boss' }), revoked, granted({ person: 'board' })]
    expect(given(before).when('board', 'revoke-access', revoke)).toMatchObject({ code: 'settled' })
    const [found] = [...(given(before).known.access ?? new Map()).values()]
    expect(found).toMatchObject({ person: 'boss', revoked: { by: 'board' } })
    expect(accessFault(found, NOW)).toMatch(/was revoked/)
  })

  it('ends at the instant it says', () => {
    const [found] = [...(given([granted({ person: 'boss' })]).known.access ?? new Map()).values()]
    expect(accessFault(found, '2026-04-30T23:59:59Z')).toBe(undefined)
    expect(accessFault(found, '2026-05-01T00:00:00Z')).toMatch(/expired/)
  })
})

describe('a signature for a tree', () => {
  it('asks for the tree, and holds it', () => {
    const input = { criterion: 'same', checkpoint: 'week2', stream: 'reader', reason: 'read' }
    expect(given().when('lead-a', 'sign', input)).toMatchObject({ code: 'needs-tree', branch: 'a' })
    expect(given([], { tree: 'abc' }).when('lead-a', 'sign', input)).toMatchObject({ events: [{ body: { tree: 'abc' } }] })
    expect(given().when('lead-b', 'sign', input)).toMatchObject({ code: 'not-allowed' })
  })
})

describe('the fold', () => {
  it('says nothing of moves and choices where there are none: what was recorded before stays what it was', () => {
    const { known } = given([by('lead-a', BLOCKER)])
    expect(Object.keys(known.state)).toEqual(['checkIns', 'blockers', 'signOffs', 'waivers', 'overrides'])
  })
})
