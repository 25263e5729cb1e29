import { judgeCheck } from '#core/check.ts'
import { verifyChain } from '#core/ledger/chain.ts'
import type { LedgerEvent } from '#core/ledger/events.ts'
import { replay } from '#core/ledger/record.ts'
import type { OutboxMessage } from '#core/notify/outbox.ts'
import { epoch } from '#core/schedule/time.ts'
import { PROVABLE, type Effect } from './channels.ts'
import type { World } from './world.ts'

/** What was promised (RELIABILITY.md) and did not hold in this world: one line each. */
export async function broken(world: World): Promise<readonly string[]> {
  if (world.bug !== undefined)
    return [`bug: ${world.bug instanceof Error ? (world.bug.stack ?? world.bug.message) : JSON.stringify(world.bug)}`]
  const events: LedgerEvent[] = []
  for await (const event of world.store.read(world.program.id)) events.push(event)
  const messages = await world.store.messages(world.program.id)
  const facts: Facts = { world, events, messages, effects: Map.groupBy(world.outside.effects, (one) => one.key) }
  return [
    ...acknowledgedSurvives(facts),
    ...messagesGoWithEvents(facts),
    ...everyEffectOnce(facts),
    ...firedOnce(facts),
    ...raisedOnce(facts),
    ...stepsInTime(facts),
    ...heldOnce(facts),
    ...oneCalendarItem(facts),
    ...troubleIsSaid(facts),
    ...nothingIsLeft(facts),
    ...(await sameDecisions(facts)),
  ]
}

interface Facts {
  readonly world: World
  readonly events: readonly LedgerEvent[]
  readonly messages: readonly OutboxMessage[]
  readonly effects: ReadonlyMap<string, readonly Effect[]>
}

type Of<T extends LedgerEvent['type']> = Extract<LedgerEvent, { type: T }>

const only = <T extends LedgerEvent['type']>(events: readonly LedgerEvent[], type: T): readonly Of<T>[] =>
  events.filter((one): one is Of<T> => one.type === type)

/** P1. */
function acknowledgedSurvives({ world, events }: Facts): string[] {
  const byId = new Map(events.map((one) => [one.id, one]))
  const lost = [...world.acknowledged.values()].filter((one) => byId.get(one.id)?.hash !== one.hash)
  const sound = verifyChain(events, world.hash)
  return [
    ...lost.map((one) => `P1: ${one.type} ${one.id} was acknowledged as record ${one.seq} and is not there`),
    ...(sound.ok ? [] : [`P1: the chain is broken: ${sound.reason}`]),
  ]
}

/** P2: of whatever was done the log carries a notice, and of nothing else. */
function messagesGoWithEvents({ events, messages }: Facts): string[] {
  const causes = new Set<string>()
  const told = new Set(messages.filter((one) => one.channel === 'log').map((one) => causeOf(one.key)))
  const silent: string[] = []
  const dead = new Set<string>()
  for (const event of events) {
    if (event.type === 'delivery' && event.body.state === 'delivered') dead.delete(event.body.channel)
    const cause = causeOfEvent(event)
    if (cause === undefined) continue
    causes.add(cause)
    const isKnown = event.type === 'trouble' && event.body.about !== undefined && dead.size === dead.add(event.body.about).size
    if (mustBeTold(event) && !isKnown && !told.has(cause))
      silent.push(`P2: ${cause} is on record at ${event.at}, and nothing was told of it`)
  }
  const groundless = messages.filter((one) => !causes.has(causeOf(one.key)) && !one.key.startsWith('health:'))
  return [...silent, ...groundless.map((one) => `P2: ${one.key} tells of what is not on record`)]
}

/** The key begins with the cause and goes on with the kind of notice. */
const causeOf = (key: string): string =>
  /^(?<cause>.*?)\/(?:invitation|reminder|opened|decision|status|sign-off|check-in|stand-up|sync|blocker|escalation|stalled|waiver|trouble|digest)\/(?:checkpoint|invitation|blocker|escalation|stream|sync|stand-up|digest|trouble|waiver|sign-off|status|decision|stalled|check-in)/.exec(
    key,
  )?.groups?.['cause'] ?? key

function causeOfEvent(event: LedgerEvent): string | undefined {
  if (event.type === 'fired') return event.body.timer
  if (event.type === 'decision') return `decision:${event.id}`
  if (event.type === 'trouble') return `trouble:${event.id}`
  return ACTS.has(event.type) ? event.id : undefined
}

/** What people hear of from others, and that an escalation is over. */
const ACTS: ReadonlySet<string> = new Set([
  'escalation-cleared',
  'blocker-changed',
  'blocker-acknowledged',
  'blocker-resolved',
  'escalation-acknowledged',
  'sign-off',
])

const TOLD = new Set(['open', 'remind', 'invite', 'blocker', 'step', 'stall', 'stand-up', 'nudge'])

function mustBeTold(event: LedgerEvent): boolean {
  if (event.type === 'fired') return event.body.dropped === undefined && TOLD.has(event.body.kind)
  if (event.type === 'trouble') return event.body.about !== 'log'
  return event.type === 'blocker-resolved' || event.type === 'escalation-acknowledged'
}

/** P3. */
function everyEffectOnce({ world, events, messages, effects }: Facts): string[] {
  const provable = new Set(world.program.channels.filter((one) => PROVABLE.has(one.send)).map((one) => one.id))
  const records = Map.groupBy(only(events, 'delivery'), (one) => one.body.message)
  // What was held back until after the end holds up what follows it in its thread, except what is urgent.
  const laneOf = (one: OutboxMessage, urgent = one.urgent): string => JSON.stringify([one.channel, one.to, one.thread, urgent === true])
  const held = new Set(
    messages.filter((one) => one.state === 'pending' && epoch(one.notBefore) >= world.clock.wall() - 60_000).map((one) => laneOf(one)),
  )
  const isHeld = (one: OutboxMessage): boolean => one.state === 'pending' && (held.has(laneOf(one)) || held.has(laneOf(one, true)))
  const found = messages.flatMap((one): string[] => {
    const count = effects.get(one.key)?.length ?? 0
    const on = records.get(one.key) ?? []
    const says: string[] = []
    if (isHeld(one)) return []
    if (one.state === 'pending' || one.state === 'sending') return [`P3: ${one.key} is still ${one.state}: ${one.reason ?? ''}`]
    if (on.length !== 1 || on[0]?.body.state !== one.state)
      says.push(`P3: ${one.key} is ${one.state}, and ${on.length} records say ${on.map((each) => each.body.state).join()}`)
    if (one.state === 'delivered' && count !== 1) says.push(`P3: ${one.key} is delivered and arrived ${count} times`)
    if ((one.state === 'dropped' || one.state === 'failed') && count !== 0)
      says.push(`P3: ${one.key} is ${one.state} and arrived ${count} times`)
    if (one.state === 'uncertain' && count > 1 && provable.has(one.channel))
      says.push(`P3: ${one.key} arrived ${count} times over a channel that can be asked`)
    return says
  })
  const keys = new Set(messages.map((one) => one.key))
  return [...found, ...[...effects.keys()].filter((key) => !keys.has(key)).map((key) => `P3: ${key} arrived and is in no outbox`)]
}

/** P4, P5, P12: each timer once, and not before its time. */
function firedOnce({ events }: Facts): string[] {
  const fired = only(events, 'fired')
  const twice = [...Map.groupBy(fired, (one) => one.body.timer)].filter(([, all]) => all.length > 1)
  return [
    ...twice.map(([key, all]) => `P5: ${key} fired ${all.length} times`),
    ...fired
      .filter((one) => epoch(one.at) < epoch(one.body.due))
      .map((one) => `P4: ${one.body.timer} fired at ${one.at}, before ${one.body.due}`),
  ]
}

/** After so long a blocker is escalated, by the rule that every program has. */
const BLOCKER_RULE_MS = 2 * 3_600_000

/** P5: what was cleared is not raised again because another clock said so: somebody did something in between, or time passed. */
function raisedOnce({ events }: Facts): string[] {
  return only(events, 'escalation-cleared').flatMap((cleared) => {
    const { rule, subject } = only(events, 'escalation-raised').find((one) => one.body.escalation === cleared.body.escalation)?.body ?? {}
    const again = only(events, 'escalation-raised').find(
      (one) => one.seq > cleared.seq && one.body.rule === rule && one.body.subject === subject,
    )
    if (!again || Math.abs(epoch(again.at) - epoch(cleared.at)) > 5 * 60_000) return []
    const isNews = events.some((one) => one.seq > cleared.seq && one.seq < again.seq && (one.actor !== 'muster' || one.type === 'evidence'))
    // Another blocker of the stream has become as old as the rule asks for.
    const hasRipened = only(events, 'blocker-opened').some(({ at }) => {
      const ripe = epoch(at) + BLOCKER_RULE_MS
      return ripe > epoch(cleared.at) && ripe <= epoch(again.at) + 60_000
    })
    return isNews || hasRipened
      ? []
      : [`P5: ${cleared.body.escalation} was cleared at ${cleared.at} and raised again at ${again.at} over nothing`]
  })
}

/** P4: a ladder that nobody acknowledged or cleared is climbed in time, and no further. */
function stepsInTime({ world, events, effects }: Facts): string[] {
  const steps = only(events, 'fired').filter((one) => one.body.kind === 'step')
  const acks = only(events, 'escalation-acknowledged')
  const clears = only(events, 'escalation-cleared')
  const raises = only(events, 'escalation-raised')
  const says: string[] = []
  for (const raise of raises) {
    const { escalation, rule, subject } = raise.body
    const cleared = clears.find((one) => one.body.escalation === escalation && one.seq > raise.seq)
    const again = raises.find((one) => one.seq > raise.seq && one.body.rule === rule && one.body.subject === subject)
    if (again && (!cleared || cleared.seq > again.seq)) says.push(`P5: ${escalation} and ${again.body.escalation} are open at a time`)
    const own = steps.filter((one) => one.body.timer.startsWith(`step:${escalation}/`))
    const ownAcks = acks.filter((one) => one.body.escalation === escalation)
    for (const step of own) {
      if (cleared && step.seq > cleared.seq) says.push(`P4: ${step.body.timer} was taken after it was cleared`)
      const silent = ownAcks.findLast((one) => one.seq < step.seq)
      if (silent && epoch(silent.body.until) > epoch(step.at))
        says.push(`P4: ${step.body.timer} was taken at ${step.at} although it was acknowledged until ${silent.body.until}`)
    }
    if (world.jumps.length > 0) continue
    // By the plan alone, not by what `due` says: raised, and so long after it each step.
    const planned = world.program.escalation.find((one) => one.id === rule)
    const owed = epoch(raise.at) + (planned?.afterSeconds ?? 0) * 1000
    for (const [index, { afterSeconds }] of (planned?.steps ?? []).entries()) {
      const at = owed + afterSeconds * 1000
      const seen = world.rested.find((one) => one.wall > at + 1000)
      if (!seen || (cleared && epoch(cleared.at) <= seen.wall) || ownAcks.length > 0) continue
      const taken = own.find((one) => one.body.timer.startsWith(`step:${escalation}/${String(index).padStart(2, '0')}@`))
      // By the clock of whoever took it, which may be ahead of the one that was looked at.
      if (!taken || epoch(taken.at) > seen.wall + world.skewSeconds * 1000)
        says.push(
          `P4: step ${index} of ${escalation} was due at ${new Date(at).toISOString()} and taken ${taken?.at ?? 'never'}, although somebody looked by ${new Date(seen.wall).toISOString()}`,
        )
    }
  }
  // What was settled before it went out may not arrive either.
  for (const [key, arrived] of effects) {
    const [first] = arrived
    if (first?.notice.kind !== 'escalation' || first.notice.data.change === 'acknowledged' || first.notice.data.change === 'cleared')
      continue
    const { id } = first.notice.data.escalation
    const silent = acks.findLast((one) => one.body.escalation === id && epoch(one.at) < epoch(first.at))
    if (silent && world.jumps.length === 0 && epoch(silent.body.until) > epoch(first.at))
      says.push(`P4: ${key} went out at ${first.at}, acknowledged at ${silent.at}`)
  }
  return says
}

/** Every checkpoint that was not cancelled is held once for the time that was agreed on last, and not before. */
function heldOnce({ world, events }: Facts): string[] {
  const helds = only(events, 'checkpoint-held')
  const says: string[] = []
  for (const [key, all] of Map.groupBy(helds, (one) => `${one.body.checkpoint} at ${one.body.due}`))
    if (all.length > 1) says.push(`P5: ${key} was held ${all.length} times`)
  for (const held of helds)
    if (epoch(held.at) < epoch(held.body.due)) says.push(`P4: ${held.body.checkpoint} was held at ${held.at}, before ${held.body.due}`)
  for (const { id, at } of world.program.checkpoints) {
    const moves = events.filter(
      (one) => (one.type === 'checkpoint-moved' || one.type === 'checkpoint-cancelled') && one.body.checkpoint === id,
    )
    const last = moves.at(-1) as Of<'checkpoint-moved' | 'checkpoint-cancelled'> | undefined
    if (last?.type === 'checkpoint-cancelled') continue
    const agreed = last?.type === 'checkpoint-moved' ? last.body.to : at
    const held = helds.filter((one) => one.body.checkpoint === id)
    if (epoch(agreed) > epoch(world.endsAt)) continue
    if (!held.some((one) => epoch(one.body.due) === epoch(agreed)) && !held.some((one) => last !== undefined && one.seq < last.seq))
      says.push(`P4: ${id} was to be held at ${agreed}, and was held ${held.map((one) => one.body.due).join() || 'never'}`)
  }
  return says
}

const isAboutATime = ({ type }: LedgerEvent): boolean => type === 'checkpoint-moved' || type === 'checkpoint-cancelled'

/** P9: as a calendar that reads all invitations would show it. */
function oneCalendarItem({ world, events, messages }: Facts): string[] {
  const says: string[] = []
  const arrived = world.outside.effects.filter((one) => one.channel === 'calendar')
  for (const [who, all] of Map.groupBy(arrived, (one) => `${one.to} ${one.thread}`)) {
    let sequence = -1
    let shown: { readonly at: string; readonly cancelled: boolean; readonly told: string } | undefined
    const uids = new Set<string>()
    for (const { notice } of all) {
      if (notice.kind !== 'invitation') continue
      uids.add(notice.data.meeting.uid)
      if (notice.data.sequence <= sequence) says.push(`P9: ${who} got sequence ${notice.data.sequence} after ${sequence}`)
      sequence = Math.max(sequence, notice.data.sequence)
      const before = shown?.told ?? world.beginsAt
      const isTakenBack = notice.data.change === 'cancelled' && notice.thread.startsWith('invitation:sync/')
      // Syncs go on to the day of the last checkpoint: only what was said of checkpoints can take their days.
      if (
        isTakenBack &&
        world.jumps.length === 0 &&
        !events.some((one) => isAboutATime(one) && epoch(one.at) > epoch(before) && epoch(one.at) <= epoch(notice.at))
      )
        says.push(`P9: ${who} is taken back at ${notice.at}, and no checkpoint was moved or cancelled since ${before}`)
      shown = { at: notice.data.meeting.at, cancelled: notice.data.change === 'cancelled', told: notice.at }
    }
    if (uids.size > 1) says.push(`P9: ${who} has ${uids.size} items for one thing`)
    const id = all[0]?.thread.replace('invitation:', '') ?? ''
    const failed = messages.some((one) => one.channel === 'calendar' && one.thread === all[0]?.thread && one.state !== 'delivered')
    const checkpoint = world.program.checkpoints.find((one) => one.id === id)
    if (!checkpoint || failed || !shown) continue
    const last = events.findLast(
      (one) => (one.type === 'checkpoint-moved' || one.type === 'checkpoint-cancelled') && one.body.checkpoint === id,
    )
    const agreed = last?.type === 'checkpoint-moved' ? last.body.to : checkpoint.at
    const isOver =
      last !== undefined && events.some((one) => one.type === 'checkpoint-held' && one.body.checkpoint === id && one.seq < last.seq)
    if (isOver) continue
    // Moved to a time that had begun before anybody could be told: the entry at its old time is taken back.
    if (shown.cancelled && last?.type === 'checkpoint-moved' && epoch(shown.told) >= epoch(agreed)) continue
    // And both times were over before anybody looked: calendars are not told of what has been.
    if (last?.type === 'checkpoint-moved' && !wasLookedAt(world, last.at, [agreed, shown.at])) continue
    if (shown.cancelled !== (last?.type === 'checkpoint-cancelled'))
      says.push(`P9: ${who} is shown ${shown.cancelled ? 'cancelled' : 'planned'}, and is not`)
    else if (!shown.cancelled && epoch(shown.at) !== epoch(agreed)) says.push(`P9: ${who} is shown at ${shown.at}, and is at ${agreed}`)
  }
  return says
}

/** Whether a process looked at everything between a moment and the later of some times. */
function wasLookedAt({ rested }: World, from: string, times: readonly string[]): boolean {
  const until = Math.max(...times.map(epoch))
  return rested.some(({ wall }) => wall >= epoch(from) && wall < until)
}

/** P13: whatever failed for good is on record as trouble. */
function troubleIsSaid({ events }: Facts): string[] {
  const troubles = only(events, 'trouble')
  return only(events, 'delivery')
    .filter((one) => one.body.state === 'failed')
    .filter(
      (one) => !troubles.some((each) => each.seq > one.seq && each.body.trouble === 'channel' && each.body.about === one.body.channel),
    )
    .map((one) => `P13: ${one.body.message} failed, and nobody said so`)
}

/** After three calm days nothing is due any more. */
function nothingIsLeft({ world, events }: Facts): string[] {
  const fold = world.planning.folding()
  for (const event of events) fold.take(event)
  const left = world.planning.due(world.program, fold.history(), world.clock.now())
  return left.filter((one) => epoch(one.due) < world.clock.wall() - 60_000).map((one) => `P5: ${one.key} is still due since ${one.due}`)
}

/** P6: what was decided comes out the same again. */
async function sameDecisions({ world, events }: Facts): Promise<string[]> {
  const decisions = only(events, 'decision')
  const says: string[] = []
  for (const decision of [decisions[0], decisions.at(-1)]) {
    if (!decision) continue
    const again = await replay(decision.body, { events }, judgeCheck, world.hash)
    if (!again.same)
      says.push(`P6: decision ${decision.id} at ${decision.at} comes out otherwise from ${again.stage} on: ${again.detail ?? ''}`)
  }
  return says
}
