import fc from 'fast-check'
import { expect, test } from 'vitest'
import { uidOf } from '#core/notify/tell/invitation.ts'
import type { Checkpoint, Program, Sync, Weekday } from '#core/program/model.ts'
import { addDays, addSeconds, epoch, wallOf, wallToInstant, weekdayOf } from '#core/schedule/time.ts'
import { runLoop } from '#engine/run.ts'
import { programWith } from '../core/schedule/story.ts'
import { Calendars, Inviter, into } from './calendars.ts'

/** So many histories; `MUSTER_HISTORIES` asks for more. */
const HISTORIES = Number(process.env['MUSTER_HISTORIES'] ?? 250)

/** One checkpoint or sync is one event in each calendar for ever, whatever is edited, moved or cancelled. */

const PEOPLE = ['ann', 'ben', 'eve', 'zoe'] as const
const BEGIN = '2026-03-16T08:00:00Z'
const HOSTS = ['example.org', 'example.net'] as const
const mailOf = (id: string, host: string = HOSTS[0]): string => `${id}@${host}`
const MAILBOXES = PEOPLE.flatMap((person) => HOSTS.map((host) => ({ person, address: mailOf(person, host) })))

const BASE = programWith({
  people: Object.fromEntries(PEOPLE.map((id) => [id, { name: id, email: mailOf(id), ...(id === 'eve' && { roles: ['phase-lead'] }) }])),
  channels: { calendar: { send: 'calendar', from: 'muster@example.org' } },
  checkpoints: { c0: { name: 'C0', at: '2026-03-18 16:00' } },
  syncs: { s: { name: 'S', days: ['thursday'], time: '09:45', duration: '10m' } },
  calendar: { zone: 'Europe/Berlin', holidays: ['2026-03-27'] },
})
const [CHECKPOINT] = BASE.checkpoints as [Checkpoint]
const [SYNC] = BASE.syncs as [Sync]

/** What the file says, in as much as calendars show it. */
interface Plan {
  readonly checkpoints: Readonly<Record<string, { readonly name: string; readonly days: number; readonly who: readonly string[] }>>
  readonly sync: { readonly days: readonly Weekday[]; readonly who: readonly string[] } | undefined
  readonly hasZoe: boolean
  /** Where Ann and Zoe read their mail, and nowhere. */
  readonly hosts: Readonly<Record<string, (typeof HOSTS)[number] | undefined>>
}

const addressIn = ({ hosts }: Plan, person: string): string | undefined =>
  Object.hasOwn(hosts, person) ? hosts[person] && mailOf(person, hosts[person]) : mailOf(person)

/** Over the change of the clocks on 29 March. */
const atDay = (days: number): string => wallToInstant(`${addDays('2026-03-16', days)} 16:00`, 'Europe/Berlin') ?? ''

const here = ({ hasZoe }: Plan, who: readonly string[]): readonly string[] => who.filter((id) => id !== 'zoe' || hasZoe)

function programOf(plan: Plan): Program {
  const checkpoints = Object.entries(plan.checkpoints).map(([id, { name, days, who }]): Checkpoint => ({
    ...CHECKPOINT,
    id,
    name,
    at: atDay(days),
    attendees: here(plan, who),
  }))
  return {
    ...BASE,
    people: BASE.people
      .filter((one) => one.id !== 'zoe' || plan.hasZoe)
      .map((one) => {
        const { email: _, ...rest } = one
        const email = addressIn(plan, one.id)
        return email === undefined ? rest : { ...rest, email }
      }),
    checkpoints: checkpoints.toSorted((a, b) => epoch(a.at) - epoch(b.at)),
    syncs: plan.sync ? [{ ...SYNC, days: plan.sync.days, attendees: here(plan, plan.sync.who) }] : [],
  }
}

const who = fc.subarray([...PEOPLE])
const checkpoint = fc.record({ name: fc.constantFrom('Midweek', 'Ende; "x", ß'), days: fc.integer({ min: -2, max: 25 }), who })
const plan: fc.Arbitrary<Plan> = fc.record({
  checkpoints: fc.dictionary(fc.constantFrom('c0', 'c1', 'c2'), checkpoint, { maxKeys: 3 }),
  sync: fc.option(fc.record({ days: fc.constantFrom<Weekday[]>(['thursday'], ['thursday', 'friday']), who }), { nil: undefined, freq: 4 }),
  hasZoe: fc.boolean(),
  hosts: fc.record({ ann: fc.option(fc.constantFrom(...HOSTS), { nil: undefined, freq: 5 }), zoe: fc.constantFrom(...HOSTS) }),
})

type Edit =
  | { readonly edit: 'file'; readonly plan: Plan }
  | { readonly edit: 'one'; readonly id: string; readonly to: Plan['checkpoints'][string] | undefined }
  | { readonly edit: 'hosts'; readonly hosts: Plan['hosts'] }
  | { readonly edit: 'move'; readonly id: string; readonly days: number }
  | { readonly edit: 'cancel'; readonly id: string }

const id = fc.constantFrom('c0', 'c1', 'c2')
const edit: fc.Arbitrary<Edit> = fc.oneof(
  plan.map((one): Edit => ({ edit: 'file', plan: one })),
  fc.record({ edit: fc.constant('one' as const), id, to: fc.option(checkpoint, { nil: undefined, freq: 2 }) }),
  plan.map(({ hosts }): Edit => ({ edit: 'hosts', hosts })),
  fc.record({ edit: fc.constant('move' as const), id, days: fc.integer({ min: 0, max: 25 }) }),
  fc.record({ edit: fc.constant('cancel' as const), id }),
)
const history = fc.record({
  first: plan,
  edits: fc.array(fc.record({ hours: fc.integer({ min: 1, max: 80 }), edit }), { minLength: 1, maxLength: 5 }),
})

type Moves = Map<string, { readonly from?: string | undefined; readonly to?: string }>

/** When a checkpoint is held, by what was said last. */
function agreed({ checkpoints }: Plan, moves: Moves, name: string): string | undefined {
  const move = moves.get(name)
  const planned = checkpoints[name]
  if (!planned) return undefined
  const file = atDay(planned.days)
  // Of a move and an edit of the file the later one counts.
  const isEdited = move?.to !== undefined && move.from !== undefined && file !== move.from
  return move && !isEdited ? move.to : file
}

/** Starts of what one person should be shown ahead of them at an address: UID -> instants. */
function expected(
  plan: Plan,
  moves: Moves,
  { person, address }: (typeof MAILBOXES)[number],
  now: string,
): ReadonlyMap<string, readonly string[]> {
  const shown = new Map<string, readonly string[]>()
  if (addressIn(plan, person) !== address) return shown
  const starts = Object.keys(plan.checkpoints).flatMap((name) => agreed(plan, moves, name) ?? [])
  for (const [name, one] of Object.entries(plan.checkpoints)) {
    const at = agreed(plan, moves, name)
    if (at !== undefined && epoch(at) > epoch(now) && here(plan, one.who).includes(person)) shown.set(uidOf(BASE, 'checkpoint', name), [at])
  }
  if (plan.sync && starts.length > 0 && here(plan, plan.sync.who).includes(person)) {
    const dates = starts.map((one) => wallOf(one, 'Europe/Berlin').date).toSorted()
    const times: string[] = []
    for (let date = addDays(dates[0] ?? '', -6); date <= (dates.at(-1) ?? ''); date = addDays(date, 1))
      if (plan.sync.days.includes(weekdayOf(date)) && date !== '2026-03-27')
        times.push(wallToInstant(`${date} 09:45`, 'Europe/Berlin') ?? '')
    const ahead = times.filter((one) => epoch(one) > epoch(now))
    if (ahead.length > 0) shown.set(uidOf(BASE, 'sync', 's'), ahead)
  }
  return shown
}

test('histories of edits: each calendar shows each meeting once, at the right instants, and nothing that was taken back', async () => {
  const seen = { mails: 0, emptied: 0 }
  await fc.assert(
    fc.asyncProperty(history, async ({ first, edits }) => {
      const calendars = new Calendars()
      const inviter = new Inviter(BASE, BEGIN, into(calendars))
      const moves: Moves = new Map()
      let current = first
      let standing = new Map<string, ReadonlyMap<string, readonly string[]>>()
      const check = (): void => {
        expect(calendars.faults).toEqual([])
        // A file without checkpoints takes nothing back.
        const isEmptied = Object.keys(current.checkpoints).length === 0
        const next = new Map(
          MAILBOXES.map((one) => [
            one.address,
            isEmptied ? new Map(standing.get(one.address)) : expected(current, moves, one, inviter.now),
          ]),
        )
        for (const [address, shown] of next) {
          const uids = new Set([...calendars.uids(address), ...shown.keys()])
          for (const uid of uids)
            expect([address, uid, calendars.ahead(address, uid, inviter.now)]).toEqual([
              address,
              uid,
              (shown.get(uid) ?? []).filter((one) => epoch(one) > epoch(inviter.now)),
            ])
        }
        standing = next
      }
      await inviter.look(programOf(current))
      check()
      for (const { hours, edit: one } of edits) {
        inviter.now = addSeconds(inviter.now, hours * 3600)
        if (one.edit === 'file') current = one.plan
        else if (one.edit === 'hosts') current = { ...current, hosts: one.hosts }
        else if (one.edit === 'one') {
          const { [one.id]: _, ...others } = current.checkpoints
          current = { ...current, checkpoints: one.to ? { ...others, [one.id]: one.to } : others }
        } else if (one.edit === 'move') {
          const to = atDay(one.days)
          const planned = current.checkpoints[one.id]
          const from = planned && atDay(planned.days)
          moves.set(one.id, { from, to })
          await inviter.record('eve', {
            type: 'checkpoint-moved',
            body: { checkpoint: one.id, ...(from !== undefined && { from }), to, reason: 'so' },
          })
        } else {
          moves.set(one.id, {})
          await inviter.record('eve', { type: 'checkpoint-cancelled', body: { checkpoint: one.id, reason: 'so' } })
        }
        const program = programOf(current)
        await inviter.look(program)
        check()
        // Looked at again there is nothing to say.
        const { count } = calendars
        await inviter.look(program)
        expect(calendars.count).toBe(count)
      }
      seen.mails += calendars.count
      seen.emptied += inviter.said.filter((line) => line.includes('no checkpoint left')).length
    }),
    { numRuns: HISTORIES },
  )
  // The histories reach what they are for.
  expect(seen.mails).toBeGreaterThan(2 * HISTORIES)
  expect(seen.emptied).toBeGreaterThan(0)
})

test('a program file with mistakes, or one that is gone, takes nothing back; mended without a checkpoint, it does', async () => {
  const calendars = new Calendars()
  const inviter = new Inviter(BASE, BEGIN, into(calendars))
  const plan: Plan = {
    checkpoints: { c0: { name: 'A', days: 3, who: ['ann'] }, c1: { name: 'B', days: 5, who: ['ann'] } },
    sync: undefined,
    hasZoe: true,
    hosts: {},
  }
  const both = programOf(plan)
  const files = [
    { program: both },
    { what: 'the program file cannot be read', text: 'muster.yaml: there is no such file' },
    { what: 'the program file has 1 mistake', text: 'muster.yaml:3:1 yaml-syntax' },
    { program: programOf({ ...plan, checkpoints: { c0: { name: 'A', days: 3, who: ['ann'] } } }) },
  ]
  const shown: number[] = []
  const ended = new AbortController()
  await runLoop(
    both,
    inviter.ports,
    {
      elapsed: () => epoch(inviter.now),
      load: async () => files[shown.length] ?? { program: both },
      sleep: async (seconds) => {
        shown.push(
          ['c0', 'c1'].filter((one) => calendars.ahead(mailOf('ann'), uidOf(BASE, 'checkpoint', one), inviter.now).length > 0).length,
        )
        inviter.now = addSeconds(inviter.now, Math.ceil(seconds))
        if (shown.length === files.length) ended.abort()
      },
    },
    ended.signal,
  )
  expect(shown).toEqual([2, 2, 2, 1])
})
