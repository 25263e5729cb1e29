import type { EventBody, NewEvent } from '#core/ledger/events.ts'
import { addSeconds, epoch } from '#core/schedule/time.ts'
import type { Known } from '#engine/follow.ts'
import type { World } from './world.ts'

/** What somebody puts on record at some moment: one of the things that can be said then. */
export function actOf(world: World, { history }: Known): (EventBody & { readonly actor: string }) | undefined {
  const { chance, program, clock } = world
  const now = clock.now()
  const stream = chance.of(program.streams)
  const open = history.state.blockers.filter((one) => one.resolvedAt === undefined)
  const escalations = history.escalations.filter((one) => one.clearedAt === undefined)
  // Whoever hears of an escalation answers it more often than not: its silence must be put to the test.
  if (escalations.length > 0 && chance.is(0.3))
    return {
      actor: 'boss',
      type: 'escalation-acknowledged',
      body: { escalation: chance.of(escalations).escalation, until: addSeconds(now, chance.int(1, 48) * 3600) },
    }
  const dice = chance.int(1, 100)
  if (dice <= 30) return { actor: stream.lead, type: 'check-in', body: { stream: stream.id, done: [], next: [], risks: [], claims: {} } }
  if (dice <= 48 && open.length < 4)
    return {
      actor: stream.lead,
      type: 'blocker-opened',
      body: {
        blocker: world.newId(),
        stream: stream.id,
        title: 'Something is in the way',
        severity: chance.of(['critical', 'high', 'high', 'medium', 'medium', 'low'] as const),
        impact: 'It stands still',
        owner: chance.is(0.7) ? stream.lead : 'chief',
        deadline: addSeconds(now, chance.int(1, 72) * 3600),
      },
    }
  if (dice <= 65 && open.length > 0)
    return { actor: 'boss', type: 'blocker-resolved', body: { blocker: chance.of(open).blocker, outcome: 'resolved', note: 'It is gone' } }
  if (dice <= 72 && open.length > 0)
    return {
      actor: 'boss',
      type: 'blocker-acknowledged',
      body: { blocker: chance.of(open).blocker, until: addSeconds(now, chance.int(1, 48) * 3600) },
    }
  const ahead = program.checkpoints.filter((one) => epoch(one.at) > epoch(now) + 3_600_000)
  if (ahead.length === 0) return undefined
  const checkpoint = chance.of(ahead)
  if (dice <= 92)
    return {
      actor: 'boss',
      type: 'checkpoint-moved',
      body: { checkpoint: checkpoint.id, from: checkpoint.at, to: addSeconds(now, chance.int(2, 96) * 3600), reason: 'Somebody is away' },
    }
  if (dice <= 94) return { actor: 'boss', type: 'checkpoint-cancelled', body: { checkpoint: checkpoint.id, reason: 'It is not needed' } }
  return { actor: 'boss', type: 'sign-off', body: { checkpoint: checkpoint.id, role: 'phase-lead', approve: true, reason: 'Seen' } }
}

/** Puts it on record as a command would: once, though the answer may be lost and it is sent again. */
async function record(world: World, said: EventBody & { readonly actor: string }): Promise<void> {
  const event: NewEvent = { id: world.newId(), at: world.clock.now(), ...said }
  const times = world.chance.is(0.1) ? 2 : 1
  for (let time = 0; time < times; time += 1) {
    const [sealed] = await world.store.append(world.program.id, [event])
    if (sealed) world.acknowledged.set(sealed.id, sealed)
  }
}

export async function act(world: World): Promise<void> {
  const said = actOf(world, await world.observer.catchUp())
  if (!said) return
  await record(world, said)
  if (said.type === 'blocker-opened') world.later(world.chance.of([0.5, 4, 30, 60]), () => resolve(world, said.body.blocker))
}

/** Nobody lets a blocker stand for the rest of the month. */
async function resolve(world: World, blocker: string): Promise<void> {
  const { history } = await world.observer.catchUp()
  const isOpen = history.state.blockers.some((one) => one.blocker === blocker && one.resolvedAt === undefined)
  if (isOpen)
    await record(world, {
      actor: 'boss',
      type: 'blocker-resolved',
      body: { blocker, outcome: 'workaround', note: 'There is a way around' },
    })
}
