import { expect, test } from 'vitest'
import { uidOf } from '#core/notify/tell/invitation.ts'
import type { Program } from '#core/program/model.ts'
import { addSeconds } from '#core/schedule/time.ts'
import { programWith } from '../core/schedule/story.ts'
import { Calendars, Inviter, into } from './calendars.ts'

/** Two processes of one program whose files are not the same: one version is run at a time, and the other process says that it stands back. */

const BEGIN = '2026-03-16T08:00:00Z'
const ANN = 'ann@example.org'

const version = (time: string): Program =>
  programWith({
    people: { ann: { name: 'Ann', email: ANN }, eve: { name: 'Eve', email: 'eve@example.org', roles: ['phase-lead'] } },
    streams: { a: { name: 'A', lead: 'ann', branch: 'feature/a' } },
    channels: { calendar: { send: 'calendar', from: 'muster@example.org' } },
    checkpoints: { c0: { name: 'C0', at: `2026-03-18 ${time}`, attendees: ['ann'] } },
  })
const [OLD, NEW, NEWEST] = [version('16:00'), version('17:00'), version('18:00')]
const UID = uidOf(OLD, 'checkpoint', 'c0')

function processes() {
  const calendars = new Calendars()
  const one = new Inviter(OLD, BEGIN, into(calendars), 'one')
  const again = (name: string): Inviter => new Inviter(OLD, one.now, into(calendars), name, one.store)
  const pass = (seconds: number, ...others: readonly Inviter[]): void => {
    for (const each of [one, ...others]) each.now = addSeconds(one === each ? one.now : each.now, seconds)
  }
  const shown = (): readonly string[] => calendars.ahead(ANN, UID, one.now)
  return { calendars, one, again, pass, shown }
}

test('whoever has not got the newest version does nothing, and goes on once it has', async () => {
  const { calendars, one, again, pass, shown } = processes()
  const two = again('two')
  expect(await one.look(OLD)).toBeUndefined()
  expect(await two.look(OLD)).toBeUndefined()
  expect(await one.look(NEW)).toBeUndefined()
  const { count } = calendars
  for (let round = 0; round < 20; round += 1) {
    pass(30, two)
    expect(await two.look(OLD)).toMatch(/^stands back: .* in force since Mon 2026-03-16 09:00; bring this program file up to date/)
    expect(await one.look(NEW)).toBeUndefined()
  }
  expect(calendars.count).toBe(count)
  expect(shown()).toEqual(['2026-03-18T16:00:00Z'])
  expect(await two.look(NEW)).toBeUndefined()
  expect(await two.look(NEWEST)).toBeUndefined()
  expect(await one.look(NEW)).toMatch(/^stands back/)
  expect(shown()).toEqual(['2026-03-18T17:00:00Z'])
  expect(calendars.faults).toEqual([])
})

test('a process that starts with an old file stands back while the newer version is run', async () => {
  const { one, again, pass, shown } = processes()
  await one.look(OLD)
  await one.look(NEW)
  pass(60)
  await one.look(NEW)
  const late = again('late')
  expect(await late.look(OLD)).toMatch(/^stands back/)
  expect(shown()).toEqual(['2026-03-18T16:00:00Z'])
})

test('when nobody runs the newer version any more, the older one goes on, and that is told', async () => {
  const { one, again, pass, shown } = processes()
  const two = again('two')
  await one.look(OLD)
  await two.look(OLD)
  await one.look(NEW)
  expect(await two.look(OLD)).toMatch(/^stands back/)
  pass(120, two)
  expect(await two.look(OLD)).toBeUndefined()
  expect(shown()).toEqual(['2026-03-18T15:00:00Z'])
  const troubles = []
  for await (const event of one.store.read(OLD.id, { types: ['trouble'] })) if (event.type === 'trouble') troubles.push(event.body)
  expect(troubles).toMatchObject([
    { trouble: 'older', text: expect.stringContaining('nobody runs the one of Mon 2026-03-16 09:00 any more') },
  ])
})

test('a check with another file puts no version in force', async () => {
  const { one, pass } = processes()
  await one.look(OLD)
  pass(60)
  await one.record('muster', { type: 'program', body: { digest: 'another', program: NEW } })
  expect(await one.look(OLD)).toBeUndefined()
})

test('the newer version counts again once somebody runs it again, although the older one is run', async () => {
  const { one, again, pass, shown } = processes()
  const two = again('two')
  await one.look(OLD)
  await two.look(OLD)
  await one.look(NEW)
  pass(120, two)
  await two.look(OLD)
  expect(shown()).toEqual(['2026-03-18T15:00:00Z'])
  const mended = again('mended')
  expect(await mended.look(NEW)).toBeUndefined()
  expect(await two.look(OLD)).toMatch(/^stands back/)
  expect(shown()).toEqual(['2026-03-18T16:00:00Z'])
  // Who edits the file back means it.
  expect(await mended.look({ ...OLD })).toBeUndefined()
  expect(await two.look(OLD)).toBeUndefined()
  expect(shown()).toEqual(['2026-03-18T15:00:00Z'])
})
