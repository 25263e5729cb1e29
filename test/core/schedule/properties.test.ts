import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { EventBody } from '#core/ledger/events.ts'
import { SEVERITIES } from '#core/ledger/events.ts'
import type { Program, Verdict } from '#core/program/model.ts'
import { due, nextWakeAt, type DueAction } from '#core/schedule/due.ts'
import { foldHistory } from '#core/schedule/history.ts'
import { epoch, instantOf } from '#core/schedule/time.ts'
import { Ledger, programWith } from './story.ts'

/** Three weeks in which the clocks change in most of the zones. */
const FROM = epoch('2026-10-12T00:00:00Z')
const MINUTE = 60_000
const WEEKS = 3 * 7 * 24 * 60

interface Told {
  readonly at: number
  readonly actor: string
  readonly event: EventBody
}

const minute = fc.integer({ min: 0, max: WEEKS })
const instant = minute.map((one) => FROM + one * MINUTE)
const text = instant.map(instantOf)
const wall = minute.map((one) =>
  instantOf(FROM + one * MINUTE)
    .slice(0, 16)
    .replace('T', ' '),
)
const duration = fc.constantFrom('15m', '30m', '1h', '2h', '1 day', '2 days')
const people = fc.constantFrom('ann', 'ben', 'eve', 'max')
const stream = fc.constantFrom('a', 'b')

const program: fc.Arbitrary<Program> = fc
  .record({
    zone: fc.constantFrom('Europe/Berlin', 'America/Santiago', 'Australia/Lord_Howe', 'America/New_York', 'UTC'),
    times: fc.uniqueArray(wall, { minLength: 1, maxLength: 4 }),
    schedule: fc.record(
      {
        open: duration,
        remind: fc.uniqueArray(duration, { maxLength: 3 }),
        checkIns: duration,
        watch: fc.constantFrom('1h', '7h'),
        standUp: fc.record({ time: fc.constantFrom('02:30', '09:30'), nudge: fc.constantFrom('30m', '2h') }),
      },
      { requiredKeys: ['remind'] },
    ),
    sync: fc.record({ days: fc.constantFrom(['thursday', 'friday'], ['sunday']), time: fc.constantFrom('01:45', '09:45') }),
    steps: fc.array(fc.record({ to: fc.constantFrom('lead', 'quality', 'phase-lead'), after: duration }), { minLength: 1, maxLength: 3 }),
    repeat: fc.option(fc.constantFrom('1h', '5h'), { nil: undefined }),
    signOff: fc.constantFrom({}, { quality: 1 }),
  })
  .map(({ zone, times, schedule, sync, steps, repeat, signOff }) =>
    programWith({
      calendar: { zone, holidays: ['2026-10-16'] },
      schedule,
      syncs: { quick: { name: 'Quick', duration: '10m', ...sync } },
      checkpoints: Object.fromEntries(times.map((at, index) => [`c${index}`, { name: `C${index}`, at, decide: { signOff } }])),
      escalation: {
        slow: {
          scenario: 'It is slow',
          when: { metric: 'progress', below: '10%' },
          escalateTo: 'phase-lead',
          action: 'Help',
          steps,
          ...(repeat !== undefined && { repeat }),
        },
      },
    }),
  )

const opening = (id: string): fc.Arbitrary<EventBody> =>
  fc.oneof(
    fc.record({ stream, severity: fc.constantFrom(...SEVERITIES), owner: people, deadline: text }).map((one): EventBody => ({
      type: 'blocker-opened',
      body: { ...one, blocker: id, title: id, impact: 'much' },
    })),
    fc.record({ stream, owner: people, escalateTo: people }).map(({ stream: of, ...one }): EventBody => ({
      type: 'escalation-raised',
      body: { ...one, escalation: id, rule: 'slow', subject: `stream:${of}`, scenario: 'It is slow', because: '5 %' },
    })),
    text.map((expires): EventBody => ({
      type: 'waiver',
      body: { waiver: id, checkpoint: 'c0', criterion: 'tests', reason: 'soon', expires },
    })),
  )

const followUp = fc.oneof(
  fc
    .record({ id: fc.constantFrom('x0', 'x1', 'x2'), until: text })
    .chain(({ id, until }) =>
      fc.constantFrom<EventBody>(
        { type: 'blocker-acknowledged', body: { blocker: id, until } },
        { type: 'escalation-acknowledged', body: { escalation: id, until } },
      ),
    ),
  fc.constantFrom<EventBody>(
    { type: 'blocker-resolved', body: { blocker: 'x0', outcome: 'resolved', note: '' } },
    { type: 'escalation-cleared', body: { escalation: 'x1', reason: '' } },
    { type: 'blocker-changed', body: { blocker: 'x2', severity: 'critical' } },
    { type: 'checkpoint-cancelled', body: { checkpoint: 'c1', reason: '' } },
    { type: 'check-in', body: { stream: 'a', done: [], next: [], risks: [], claims: {} } },
    { type: 'check-in', body: { stream: 'b', done: [], next: [], risks: [], claims: {} } },
  ),
  fc.record({ checkpoint: fc.constantFrom('c0', 'c1'), to: text }).map((body): EventBody => ({
    type: 'checkpoint-moved',
    body: { ...body, reason: '' },
  })),
)

const opened = fc
  .tuple(...['x0', 'x1', 'x2'].map((id) => fc.option(opening(id), { nil: undefined })))
  .map((all) => all.filter((one) => one !== undefined))
const told: fc.Arbitrary<readonly Told[]> = fc
  .tuple(
    opened.chain((events) => fc.tuple(...events.map((event) => fc.record({ at: instant, actor: people, event: fc.constant(event) })))),
    fc.array(fc.record({ at: instant, actor: people, event: followUp }), { maxLength: 6 }),
  )
  .map((parts) => parts.flat().toSorted((a, b) => a.at - b.at))
const ticks = fc.uniqueArray(instant, { minLength: 1, maxLength: 25 }).map((all) => all.toSorted((a, b) => a - b))
const verdicts = fc.array(fc.constantFrom<Verdict>('GO', 'NO-GO', 'INCONCLUSIVE'), { maxLength: 4 })

/** Lets things happen in time; at each tick all that is due is done, until there is nothing left to do. */
function live(
  program: Program,
  happened: readonly Told[],
  looks: readonly number[],
  given: readonly Verdict[],
  see: (actions: readonly DueAction[], now: number, ledger: Ledger) => void = () => undefined,
): { readonly ledger: Ledger; readonly done: readonly DueAction[] } {
  const ledger = new Ledger()
  ledger.verdicts = [...given]
  const done: DueAction[] = []
  const waiting = [...happened]
  for (const now of looks) {
    while (waiting[0] && waiting[0].at <= now) {
      const { at, actor, event } = waiting.shift() as Told
      ledger.add(instantOf(at), actor, event)
    }
    for (let round = 0; ; round += 1) {
      const actions = ledger.look(program, instantOf(now))
      if (actions.length === 0) break
      // What is held may ask for signatures, and nothing follows from those.
      expect(round).toBeLessThan(2)
      if (round === 1) expect(actions.every((one) => one.kind === 'sign-off')).toBe(true)
      see(actions, now, ledger)
      for (const action of actions) ledger.done(action, instantOf(now))
      done.push(...actions)
    }
  }
  return { ledger, done }
}

const RUNS = { numRuns: 80 }

describe('whatever happens, and whenever it is looked at', () => {
  test('each is done once, in order, not before its time, and told to people of the program', () => {
    fc.assert(
      fc.property(program, told, ticks, verdicts, (demo, happened, looks, given) => {
        const known = new Set(demo.people.map((one) => one.id))
        const { done } = live(demo, happened, looks, given, (actions, now) => {
          const dues = actions.map((one) => epoch(one.due))
          expect(dues).toEqual(dues.toSorted((a, b) => a - b))
          expect(Math.max(...dues)).toBeLessThanOrEqual(now)
          for (const { people: who } of actions) {
            expect(new Set(who).size).toBe(who.length)
            expect(who.every((one) => known.has(one))).toBe(true)
          }
        })
        expect(new Set(done.map((one) => one.key)).size).toBe(done.length)
      }),
      RUNS,
    )
  })

  test('nothing comes up between a look and the time that it names for the next one', () => {
    fc.assert(
      fc.property(program, told, ticks, verdicts, fc.double({ min: 0, max: 1, noNaN: true }), (demo, happened, looks, given, share) => {
        const { ledger } = live(demo, happened, looks, given)
        const now = looks.at(-1) ?? FROM
        const history = ledger.history
        const wake = nextWakeAt(demo, history, instantOf(now))
        const until = wake === undefined ? now + 90 * 24 * 60 * MINUTE : epoch(wake) - 1
        expect(until).toBeGreaterThanOrEqual(now)
        expect(ledger.look(demo, instantOf(now + Math.floor((until - now) * share)))).toEqual([])
      }),
      RUNS,
    )
  })

  test('a checkpoint is opened and held at the time it was moved to, and not at all once cancelled', () => {
    fc.assert(
      fc.property(program, told, ticks, verdicts, (demo, happened, looks, given) => {
        live(demo, happened, looks, given, (actions, _, ledger) => {
          const { moves } = ledger.history.state
          for (const { kind, checkpoint, startsAt, reevaluation } of actions) {
            if (checkpoint === undefined || reevaluation || (kind !== 'open' && kind !== 'hold' && kind !== 'remind')) continue
            const move = moves?.[checkpoint]
            const planned = demo.checkpoints.find((one) => one.id === checkpoint)?.at
            expect(move && 'cancelled' in move).not.toBe(true)
            expect(startsAt).toBe(move && 'to' in move ? move.to : planned)
          }
        })
      }),
      RUNS,
    )
  })

  test('there is silence about what is acknowledged, resolved or cleared', () => {
    fc.assert(
      fc.property(program, told, ticks, verdicts, (demo, happened, looks, given) => {
        live(demo, happened, looks, given, (actions, now, ledger) => {
          const { state, escalations } = ledger.history
          for (const { blocker, escalation } of actions) {
            const one =
              state.blockers.find((each) => each.blocker === blocker) ?? escalations.find((each) => each.escalation === escalation)
            if (!one) continue
            expect('resolvedAt' in one || 'clearedAt' in one).toBe(false)
            if (one.acknowledgedUntil !== undefined) expect(epoch(one.acknowledgedUntil)).toBeLessThanOrEqual(now)
          }
        })
      }),
      RUNS,
    )
  })
})

/** Of a recurring thing only the newest is of use; these come once each, so however late. */
const comesOnce = ({ kind, key, stage }: DueAction): boolean =>
  ['open', 'hold', 'remind', 'check-in', 'waiver'].includes(kind) ||
  (kind === 'blocker' && stage !== 'again') ||
  (kind === 'step' && !/\/(?:repeat|lapsed)@/.test(key))

test('one late look does what many looks would have done, in the same order, or says why not', () => {
  fc.assert(
    fc.property(program, opened, ticks, (demo, events, looks) => {
      const happened = events.map((event): Told => ({ at: FROM - MINUTE, actor: 'eve', event }))
      const end = FROM + (WEEKS + 5 * 24 * 60) * MINUTE
      const often = live(demo, happened, [FROM, ...looks.filter((one) => one > FROM), end], []).done
      const late = live(demo, happened, [FROM, end], []).done
      const keys = (all: readonly DueAction[]): readonly string[] => all.filter(comesOnce).map((one) => one.key)
      expect(keys(late).toSorted()).toEqual(keys(often).toSorted())
      const oftenKeys = new Set(often.map((one) => one.key))
      // What the late look sends of recurring things, the others sent or dropped, or had no need of.
      for (const one of late)
        if (one.dropped === undefined && one.kind !== 'watch' && one.kind !== 'invite') expect(oftenKeys).toContain(one.key)
      const steps = (all: readonly DueAction[]): readonly string[] =>
        all.filter((one) => one.kind === 'step' && comesOnce(one)).map((one) => one.key)
      for (const id of ['x0', 'x1', 'x2']) {
        const of = (all: readonly DueAction[]): readonly string[] => steps(all).filter((key) => key.startsWith(`step:${id}/`))
        expect(of(late)).toEqual(of(often))
      }
    }),
    RUNS,
  )
})

test('a program file that is edited elsewhere lets nothing happen twice', () => {
  fc.assert(
    fc.property(program, told, ticks, verdicts, (demo, happened, looks, given) => {
      const { ledger } = live(demo, happened, looks, given)
      const edited: Program = {
        ...demo,
        name: 'Another name',
        people: [...demo.people, { id: 'zoe', name: 'Zoe', roles: [] }],
        checkpoints: demo.checkpoints.map((one) => ({ ...one, merge: !one.merge, criteria: one.criteria.slice(1) })),
        escalation: demo.escalation.map((rule) => ({
          ...rule,
          action: 'Help more',
          steps: rule.steps.map((step) => ({ ...step, action: 'More' })),
        })),
      }
      expect(ledger.look(edited, instantOf(looks.at(-1) ?? FROM))).toEqual([])
    }),
    RUNS,
  )
})

test('a ledger folds to the same history step by step and all at once', () => {
  fc.assert(
    fc.property(program, told, ticks, verdicts, (demo, happened, looks, given) => {
      const { ledger } = live(demo, happened, looks, given)
      expect(ledger.history).toEqual(foldHistory(ledger.events))
    }),
    { numRuns: 30 },
  )
})

test('whoever nudges has evidence looked at once, and not within a minute of the look before', () => {
  const demo = programWith({ schedule: { remind: [], watch: '1h' }, checkpoints: { far: { name: 'Far', at: '2027-02-25 16:00' } } })
  const ledger = new Ledger()
  const at = (minutes: number): string => instantOf(FROM + minutes * MINUTE)
  const looks = (minutes: number, nudged?: number) => {
    const history = { ...ledger.history, ...(nudged !== undefined && { nudgedAt: at(nudged) }) }
    return [due(demo, history, at(minutes)).filter(({ kind }) => kind === 'watch'), nextWakeAt(demo, history, at(minutes))] as const
  }
  ledger.perform(demo, at(0))
  expect(looks(10)[0]).toEqual([])
  const [[asked]] = looks(10, 10)
  expect(asked).toMatchObject({ key: `watch@${at(10)}`, due: at(10) })
  if (asked) ledger.done(asked, at(10))
  expect(looks(10.5, 10.4)).toEqual([[], at(11)])
  expect(looks(11, 10.4)[0]).toMatchObject([{ due: at(11) }])
  expect(looks(61, 10.4)[0], 'the next span takes it up').toMatchObject([{ due: at(60) }])
  const still = programWith({ schedule: { remind: [] }, checkpoints: { far: { name: 'Far', at: '2027-02-25 16:00' } } })
  expect(due(still, { ...ledger.history, nudgedAt: at(70) }, at(70)).map(({ kind }) => kind)).not.toContain('watch')
})

test('evidence is looked at once a checkpoint has opened, once, also where nothing is looked at between them', () => {
  const opens = '2027-02-25T14:00:00Z'
  const far = { far: { name: 'Far', at: '2027-02-25 16:00', duration: '1h' } }
  for (const watch of [undefined, '1h']) {
    const demo = programWith({ schedule: { remind: [], open: '1h', ...(watch !== undefined && { watch }) }, checkpoints: far })
    const ledger = new Ledger()
    ledger.add('2027-02-25T13:59:00Z', 'muster', {
      type: 'fired',
      body: { timer: 'watch@2027-02-25T13:59:00Z', kind: 'watch', due: '2027-02-25T13:59:00Z' },
    })
    const opening = ledger.look(demo, opens).find(({ kind }) => kind === 'open')
    const looks = (now: string) => ledger.look(demo, now).filter(({ kind }) => kind === 'watch')
    expect(opening).toBeDefined()
    ledger.add(opens, 'muster', { type: 'fired', body: { timer: opening?.key ?? '', kind: 'open', due: opens } })
    const [look] = looks('2027-02-25T14:00:01Z')
    expect(look).toMatchObject({ key: `watch@${opens}`, due: opens })
    if (look) ledger.done(look, '2027-02-25T14:00:01Z')
    expect(looks('2027-02-25T14:00:02Z')).toEqual([])
  }
})

test('what is remembered of a recurring thing stays bounded', () => {
  const demo = programWith({ schedule: { remind: [], watch: '1h' }, checkpoints: { far: { name: 'Far', at: '2027-02-25 16:00' } } })
  const looks = Array.from({ length: 1000 }, (_, index) => FROM + index * 60 * MINUTE)
  const { history } = live(demo, [], looks, []).ledger
  expect(history.fired.size).toBeLessThan(80)
  expect(history.series.get('watch')?.sent).toBe(1000)
})
