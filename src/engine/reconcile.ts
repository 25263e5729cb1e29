import type { Snapshot } from '#core/evidence/evidence.ts'
import type { BlockerChanged, LedgerEvent, NewEvent } from '#core/ledger/events.ts'
import type { Cause } from '#core/notify/compose.ts'
import type { NewMessage } from '#core/notify/outbox.ts'
import { digest } from '#core/ledger/canonical.ts'
import type { Checkpoint, Program } from '#core/program/model.ts'
import type { DueAction } from '#core/schedule/due.ts'
import type { History } from '#core/schedule/history.ts'
import { isEmptied } from '#core/schedule/invited.ts'
import { effectiveProgram } from '#core/schedule/effective.ts'
import { isOvertaken } from '#core/schedule/moves.ts'
import { openingOf } from '#core/schedule/planned.ts'
import { addSeconds, epoch, formatInstant, instantOf } from '#core/schedule/time.ts'
import { toldKey, type Follower, type Known } from '#engine/follow.ts'
import { holding } from '#engine/hold.ts'
import { beginLook, unseen, type Look, type Seen } from '#engine/look.ts'
import { IN_FORCE_SECONDS, LATE_ONCE_SECONDS, LATE_SECONDS, noteLook } from '#engine/last-look.ts'
import { firedEvent, musterEvent, nextCheckpoint, occasionOf, perform, reportOf, type Moment } from '#engine/perform.ts'
import { lastPush } from '#engine/pushes.ts'
import { recordCheck, type Additions, type JudgedCheck, type StateAt } from '#engine/record-check.ts'
import { isStoreError, type RunPorts } from '#engine/run-ports.ts'
import { standingTimes } from '#engine/standing-times.ts'
import { tell } from '#engine/tell.ts'
import { deadChannel, troubled, type Trouble } from '#engine/trouble.ts'
import type { Before } from '#engine/unmoved.ts'
import { standing, watching } from '#engine/watch.ts'
import { actionWords } from '#engine/words.ts'

export interface Reconciled {
  /** How many records were written. */
  readonly done: number
  /** Due, and not done: another process is at it, or the repository cannot be reached. */
  readonly waiting: readonly DueAction[]
  /** Until the look at the evidence has ended that goes on for something that is due. */
  readonly looking?: Promise<void>
  /** Another process runs another version of the program, which is newer: nothing was done, and why. */
  readonly standsBack?: string
  /** When something may be due next, as far as is known now. */
  readonly wakeAt?: string
  readonly known: Known
}

/** What one process remembers between passes; it may forget all of it. */
export interface Memory {
  readonly follower: Follower
  /** It looks once and ends: it keeps no version in force. */
  readonly once?: true
  /** The program as this process has put it in force, or found it there. */
  program?: Program
  /** By which version this process runs it, and when it last told others so, in milliseconds. */
  running?: { readonly version: string; readonly at: number }
  /** Up to this event, and up to this moment in milliseconds, escalations were compared with what is owed. */
  compared?: { readonly seq: number; readonly at: number }
  /** The look at the evidence that goes on, or has ended and nothing came of it yet. */
  look?: Look
  /** What its last look saw, also one that was given up, whether or not that went on record. */
  seen?: { readonly program: Program; readonly snapshot: Snapshot }
  /** When its last look at the evidence began, and when that was on record. */
  looked?: { readonly from: string; readonly until: string | undefined }
  /** When this process last ended a pass. */
  passedAt?: string
  /** The first thing that came late because nobody was there, until that is on record. */
  missed?: DueAction
}

const MOST_AT_ONCE = 200
const HEARTBEAT_SECONDS = 30

/**
 * Does everything that is due, each thing once: reads what the ledger says, asks what is due,
 * performs and records it in one transaction that only succeeds on the ledger that was read, and
 * asks again. Run twice, late, or by several processes at a time it comes to the same. What takes a
 * look at the evidence is begun here, and done by a later pass once the look has ended.
 */
export async function reconcile(program: Program, memory: Memory, ports: RunPorts, signal: AbortSignal): Promise<Reconciled> {
  const pass = new Pass(program, memory, ports, signal)
  return pass.run()
}

class Pass {
  readonly #program: Program
  readonly #memory: Memory
  readonly #ports: RunPorts
  readonly #signal: AbortSignal
  readonly #waiting = new Map<string, DueAction>()
  #done = 0
  /** When a forge told of a push that no look has seen. */
  #nudgedAt: string | undefined

  constructor(program: Program, memory: Memory, ports: RunPorts, signal: AbortSignal) {
    this.#program = program
    this.#memory = memory
    this.#ports = ports
    this.#signal = signal
  }

  async run(): Promise<Reconciled> {
    await this.#hearOfPushes()
    for (;;) {
      this.#signal.throwIfAborted()
      const known = await this.#memory.follower.catchUp()
      const moment: Moment = { program: this.#program, known, now: this.#ports.now() }
      const standsBack = await this.#standsBack(moment)
      if (standsBack !== undefined) {
        await this.#endLook()
        return { done: this.#done, waiting: [], standsBack, known }
      }
      const due = withoutIdleLooks(this.#due(known, moment.now))
      if (!this.#isOfUse(due)) await this.#endLook()
      const ready = due.filter((one) => !this.#waiting.has(one.key) && !this.#isLookedAt(one))
      if (!(await this.#step(moment, ready))) return this.#end(moment)
    }
  }

  async #hearOfPushes(): Promise<void> {
    if (this.#program.schedule.watchSeconds === undefined) return
    const { watchedAt } = (await this.#memory.follower.catchUp()).history
    const push = await lastPush(this.#ports.ledger, this.#program.id)
    // What came while this process looked may not have been seen; of others only the end of a look is known.
    const { looked } = this.#memory
    const seen = looked !== undefined && looked.until === watchedAt ? looked.from : watchedAt
    if (push !== undefined && (seen === undefined || epoch(push) > epoch(seen))) this.#nudgedAt = push
  }

  #due(known: Known, now: string): readonly DueAction[] {
    return this.#ports.due(this.#program, this.#nudged(known), now)
  }

  #nudged({ history }: Known): Known['history'] {
    return this.#nudgedAt === undefined ? history : { ...history, nudgedAt: this.#nudgedAt }
  }

  #end({ known, now }: Moment): Reconciled {
    const ahead = standingTimes(this.#program, known.history).filter((time) => time > epoch(now))
    const due = this.#ports.nextWakeAt(this.#program, this.#nudged(known), now)
    const next = Math.min(...ahead, due === undefined ? Number.POSITIVE_INFINITY : epoch(due))
    const wakeAt = Number.isFinite(next) ? instantOf(next) : undefined
    this.#memory.passedAt = now
    const { look } = this.#memory
    return {
      done: this.#done,
      waiting: [...this.#waiting.values()],
      ...(look && { looking: look.over }),
      ...(wakeAt !== undefined && { wakeAt }),
      known,
    }
  }

  /** Whether anything can still come of the look that goes on. */
  #isOfUse(due: readonly DueAction[]): boolean {
    const { look } = this.#memory
    if (!look) return true
    return look.program === this.#program && due.some((one) => !isPlain(one) && isSameLook(one, look.action))
  }

  #isLookedAt(action: DueAction): boolean {
    const { look } = this.#memory
    return look !== undefined && isSameLook(action, look.action) && !look.isOver()
  }

  async #endLook(): Promise<void> {
    const { look } = this.#memory
    delete this.#memory.look
    const found = look?.found()
    if (look && found) this.#memory.seen = { program: look.program, snapshot: found }
    await look?.end()
  }

  /** Does the next thing; false when there is none. What loses a race is asked for again. */
  async #step(moment: Moment, due: readonly DueAction[]): Promise<boolean> {
    const [first] = due
    if (await this.#recordProgram(moment)) return true
    if (await this.#compareStanding(moment)) return true
    if (await this.#tellOfActs(moment)) return true
    if (await this.#tellOfFailures(moment)) return true
    if (await this.#tellOfEmptied(moment)) return true
    if (!first) return this.#recordMissed(moment)
    this.#noteMissed(first, moment)
    if (isPlain(first)) await this.#performPlain(moment, due)
    else await this.#lookAndDo(moment, first)
    return true
  }

  /**
   * One version of a program is run at a time: the one that a file was changed to last. Whoever has
   * another one stands back until its file is brought up to date, or nobody runs the newer one any
   * more. Who has just started with a version that was replaced has an old file.
   */
  async #standsBack({ known }: Moment): Promise<string | undefined> {
    const { inForce } = known
    const version = this.#version()
    const isOlder = inForce !== undefined && this.#isOlder(known, inForce.digest)
    if (inForce === undefined || inForce.digest === version || !isOlder || !(await this.#isRun(inForce.digest))) {
      await this.#runs(version)
      return undefined
    }
    delete this.#memory.running
    const since = formatInstant(inForce.at, this.#program.calendar.zone)
    return `stands back: another muster run has a newer version of the program, in force since ${since}; bring this program file up to date (when nobody has run the newer one for ${IN_FORCE_SECONDS} s, this one goes on)`
  }

  /** A file that this process saw change is the newest there is, whatever it was changed to. */
  #isEdited(): boolean {
    const { program } = this.#memory
    return program !== undefined && program !== this.#program
  }

  #isOlder({ versions }: Known, inForce: string): boolean {
    const [own, other] = [versions.get(this.#version()), versions.get(inForce)]
    return !this.#isEdited() && own !== undefined && other !== undefined && own < other
  }

  #version(): string {
    const known = VERSIONS.get(this.#program)
    if (known !== undefined) return known
    const found = digest(this.#program, this.#ports.hash)
    VERSIONS.set(this.#program, found)
    return found
  }

  /** Whether anybody has run a version lately. */
  async #isRun(version: string): Promise<boolean> {
    return !(await this.#ports.ledger.lease(this.#program.id, `program ${version}`, this.#ports.holder, 0))
  }

  /** All who run one version hold one lease. Who looks once keeps no version in force, and says that it looked. */
  async #runs(version: string): Promise<void> {
    const [now, { id }, { ledger }] = [epoch(this.#ports.now()), this.#program, this.#ports]
    const { running, once } = this.#memory
    if (running?.version === version && Math.abs(now - running.at) < HEARTBEAT_SECONDS * 1000) return
    await noteLook(ledger, id, once ? 'muster run --once' : 'muster run')
    if (!once) await ledger.lease(id, `program ${version}`, 'muster run', IN_FORCE_SECONDS)
    this.#memory.running = { version, at: now }
  }

  /** The program goes on record before anything is done by it. */
  async #recordProgram(moment: Moment): Promise<boolean> {
    const { known, now } = moment
    const version = this.#version()
    const [program, before] = [this.#program, this.#memory.program]
    const inForce = this.#isEdited() || !known.versions.has(version) ? 'new' : 'again'
    const isBack = known.inForce !== undefined && this.#isOlder(known, known.inForce.digest)
    this.#memory.program = program
    if (known.inForce?.digest === version) return false
    const event = musterEvent(this.#ports.newId(), now, { type: 'program', body: { digest: version, program, inForce } })
    const { events, messages } = isBack ? this.#back(moment) : NOTHING
    if (await this.#append(known, [event, ...events], messages)) {
      for (const line of overtaken(program, known)) this.#say(line)
      return true
    }
    if (before) this.#memory.program = before
    else delete this.#memory.program
    return true
  }

  /** That an older version counts again is what nobody may have meant. */
  #back(moment: Moment): Additions {
    const { zone } = this.#program.calendar
    const since = moment.known.inForce?.at ?? moment.now
    const text = `an older version of the program is in force again: nobody runs the one of ${formatInstant(since, zone)} any more`
    this.#say(text)
    return troubled({ trouble: 'older', from: since, until: moment.now, text }, moment, this.#ports)
  }

  /** What people said since, and what has grown old, may raise or clear an escalation: before its next step is taken. */
  async #compareStanding(moment: Moment): Promise<boolean> {
    const { known, now } = moment
    const [before, at] = [this.#memory.compared, epoch(now)]
    const isSame =
      before?.seq === known.saidSeq && !standingTimes(this.#program, known.history).some((time) => time > before.at && time <= at)
    if (isSame) return false
    const checkpoint = nextCheckpoint(this.#program, known.history.state.moves, now)
    const { events, messages } = checkpoint ? standing(moment, checkpoint, this.#ports) : NOTHING
    this.#memory.compared = { seq: known.saidSeq, at }
    if (events.length === 0) return false
    if (await this.#append(moment.known, events, messages)) for (const event of events) this.#sayEscalation(event)
    return true
  }

  /** Whoever is concerned hears what others acknowledged, resolved, changed and signed. */
  async #tellOfActs(moment: Moment): Promise<boolean> {
    const { known, now } = moment
    const last = known.acts.at(-1)
    if (!last || this.#program.channels.length === 0) return false
    const occasion = occasionOf(moment, [])
    // A ledger may be older than its first run: what happened before that is no news.
    const { ranAt } = known.history
    const news = known.acts.filter((one) => ranAt !== undefined && epoch(one.at) >= epoch(ranAt))
    const messages = news.flatMap((one) => {
      const cause = causeOfAct(one, known.history)
      if (cause) return tell(cause, one.id, occasion, this.#ports)
      return one.type === 'override' ? this.#tellOverride(moment, one.body.checkpoint, one.id) : []
    })
    const timer = toldKey(last.seq)
    const event = musterEvent(`fired:${timer}`, now, { type: 'fired', body: { timer, kind: 'told', due: now } })
    await this.#append(known, [event], messages)
    return true
  }

  /** What is set before a checkpoint is held, its decision tells. */
  #tellOverride(moment: Moment, checkpoint: string, cause: string): NewMessage[] {
    const { known, program } = moment
    const report = known.history.held.has(checkpoint) ? reportOf(program, checkpoint, known, moment.now) : undefined
    return report ? tell({ of: 'override', checkpoint }, cause, occasionOf(moment, [], report), this.#ports) : []
  }

  async #tellOfFailures(moment: Moment): Promise<boolean> {
    for (const [channel, failures] of moment.known.unsaid) {
      const { events, messages } = troubled(deadChannel(channel, failures, moment.now), moment, this.#ports)
      // A channel that is known to be dead is put on record each time, and told of once.
      await this.#append(moment.known, events, moment.known.troubled.has(channel) ? [] : messages)
      return true
    }
    return false
  }

  /** Once for each such program: nobody's invitation is taken back meanwhile, and a person must see to it. */
  async #tellOfEmptied(moment: Moment): Promise<boolean> {
    const { known, now } = moment
    if (known.emptied || !isEmptied(this.#program, known.history, now)) return false
    const text = 'the program file has no checkpoint left, and people are invited to some; their invitations stand'
    const { events, messages } = troubled({ trouble: 'emptied', from: now, until: now, text }, moment, this.#ports)
    if (await this.#append(known, events, messages)) this.#say(text)
    return true
  }

  /** Whatever is done late because nobody was there: not in this process, which has looked since, and not before Muster ever ran. */
  #noteMissed(action: DueAction, { now, known }: Moment): void {
    const { passedAt, once } = this.#memory
    const { ranAt } = known.history
    if (ranAt === undefined || epoch(ranAt) > epoch(action.due)) return
    const isLate = epoch(now) - epoch(action.due) > (once ? LATE_ONCE_SECONDS : LATE_SECONDS) * 1000
    const wasThere = passedAt !== undefined && epoch(passedAt) >= epoch(action.due)
    if (isLate && !wasThere && action.dropped === undefined) this.#memory.missed ??= action
  }

  async #recordMissed(moment: Moment): Promise<boolean> {
    const { missed, look } = this.#memory
    // It says when all of that was done.
    if (!missed || look) return false
    const { zone } = moment.program.calendar
    const trouble: Trouble = {
      trouble: 'missed',
      from: missed.due,
      until: moment.now,
      text: `muster was not running when something was due: ${actionWords(moment.program, missed)}; it was done at ${formatInstant(moment.now, zone)}`,
    }
    const { events, messages } = troubled(trouble, moment, this.#ports)
    if (await this.#append(moment.known, events, messages)) {
      delete this.#memory.missed
      this.#say(trouble.text)
    }
    return true
  }

  /** Everything up to the next look at the evidence, in one transaction. */
  async #performPlain(moment: Moment, due: readonly DueAction[]): Promise<void> {
    const end = due.findIndex((one) => !isPlain(one))
    const actions = due.slice(0, Math.min(end < 0 ? due.length : end, MOST_AT_ONCE))
    for (const one of actions) this.#noteMissed(one, moment)
    const additions = actions.map((one) => perform(one, moment, this.#ports))
    const events = additions.flatMap((one) => one.events)
    const messages = additions.flatMap((one) => one.messages)
    if (!(await this.#append(moment.known, events, messages))) return
    for (const one of actions) this.#say(actionWords(moment.program, one))
  }

  /** Begins a look at the evidence, or does what one was begun for that has ended. One look goes on at a time. */
  async #lookAndDo(moment: Moment, action: DueAction): Promise<void> {
    const { look } = this.#memory
    if (!look) {
      const begun = await beginLook(moment, action, this.#seenBefore(moment, action), this.#ports)
      if (!begun) this.#waiting.set(action.key, action)
      else {
        this.#memory.look = begun
        this.#say(`${actionWords(moment.program, action)}: gathering evidence`)
      }
      return
    }
    if (!isSameLook(action, look.action)) {
      this.#waiting.set(action.key, action)
      return
    }
    const seen = await this.#seenBy(look)
    // When the store is away, what was seen is kept until it is back.
    const isDone = await (action.kind === 'hold' ? this.#hold(moment, look.action, seen) : this.#watch(action, seen))
    await this.#endLook()
    if (!isDone) this.#waiting.set(action.key, action)
    else {
      this.#nudgedAt = undefined
      this.#memory.looked = { from: look.from, until: (await this.#memory.follower.catchUp()).history.watchedAt }
    }
  }

  /** Once a checkpoint has opened, commands are run anew, so that their results are there when it is held; nothing older decides. */
  #seenBefore({ known, now }: Moment, { kind, checkpoint = '', startsAt = '' }: DueAction): Before {
    const { seen } = this.#memory
    const { fired, openedAt } = known.history
    const snapshots = [
      ...(seen?.program === this.#program ? [seen.snapshot] : []),
      ...(known.snapshot && known.snapshotBy === this.#version() ? [known.snapshot] : []),
    ]
    const since = kind === 'hold' ? (fired.get(openingOf(checkpoint, startsAt))?.at ?? now) : openedAt
    return { snapshots, ...(since !== undefined && { since }) }
  }

  async #seenBy(look: Look): Promise<Seen> {
    try {
      return look.seen()
    } catch (error) {
      await this.#endLook()
      throw error
    }
  }

  /** True when it is held, or need not be any more. */
  async #hold(moment: Moment, action: DueAction, seen: Seen): Promise<boolean> {
    const { moves } = moment.known.history.state
    const checkpoint = effectiveProgram(this.#program, moves, moment.now).checkpoints.find((one) => one.id === action.checkpoint)
    if (!checkpoint) return false
    if (!seen.ok) {
      const over = addSeconds(action.startsAt ?? action.due, checkpoint.durationSeconds)
      if (!moment.known.blind) await this.#recordBlind(action, seen.reason)
      // For as long as the meeting lasts it may still be possible to look; then nothing is known, and that is decided.
      if (epoch(moment.now) < epoch(over)) return false
    }
    const recorded = await this.#record(checkpoint, action, seen, (check, known) =>
      holding({ program: moment.program, checkpoint, action }, check, known, this.#ports),
    )
    if (recorded) {
      const { verdict, override, rule } = recorded.decision
      this.#say(`${checkpoint.name}: ${verdict}, ${override ? `set by ${override.by}` : rule.title}`)
    }
    return true
  }

  async #watch(action: DueAction, seen: Seen): Promise<boolean> {
    if (!seen.ok) {
      const known = await this.#memory.follower.catchUp()
      if (!known.blind) await this.#recordBlind(action, seen.reason)
    }
    for (;;) {
      const now = this.#ports.now()
      const known = await this.#memory.follower.catchUp()
      const moment: Moment = { program: this.#program, known, now }
      const current = this.#due(known, now).find((one) => isSameLook(one, action))
      if (!current) return true
      const checkpoint = nextCheckpoint(this.#program, known.history.state.moves, now)
      const fired = firedEvent(current, now)
      if (!seen.ok || !checkpoint) {
        if (await this.#append(known, [fired], [])) return true
        continue
      }
      let isNews = true
      const recorded = await this.#record(checkpoint, current, seen, (check, latest) => {
        const watched = watching({ ...moment, known: latest }, checkpoint, check, this.#ports)
        isNews = watched.news
        return watched.news ? { events: [...watched.events, fired], messages: watched.messages } : undefined
      })
      if (recorded || isNews) return true
      if (await this.#append(known, [fired], [])) return true
    }
  }

  async #record(checkpoint: Checkpoint, action: DueAction, seen: Seen, also: (check: JudgedCheck, known: Known) => Additions | undefined) {
    const [program, ports, followed] = [this.#program, this.#ports, this.#memory.follower]
    const recorded = await recordCheck<StateAt & { readonly known: Known }>(
      {
        program,
        checkpoint,
        snapshot: seen.ok ? seen.snapshot : unseen(program, seen.reason),
        signal: this.#signal,
        read: async () => {
          const known = await followed.catchUp()
          return {
            known,
            state: known.history.state,
            seq: known.seq,
            ...(known.program && { recordedProgram: known.program.digest }),
          }
        },
        also: (check, { known }) => {
          // Somebody else may have done it meanwhile, the checkpoint was moved, or there is a newer program.
          if (known.inForce?.digest !== this.#version()) return undefined
          const isDue = this.#due(known, ports.now()).some((one) => isSameLook(one, action) && one.dropped === undefined)
          return isDue ? also(check, known) : undefined
        },
      },
      { ...ports, ...(seen.ok && seen.prober && { prober: seen.prober }) },
    )
    if (recorded) {
      followed.take(recorded.sealed)
      this.#done += recorded.sealed.length
    }
    return recorded
  }

  async #recordBlind(action: DueAction, reason: string): Promise<void> {
    for (;;) {
      const known = await this.#memory.follower.catchUp()
      if (known.blind) return
      const now = this.#ports.now()
      const moment: Moment = { program: this.#program, known, now }
      const text = `evidence cannot be looked at: ${reason}`
      const { events, messages } = troubled({ trouble: 'gather', from: action.due, until: now, text }, moment, this.#ports)
      if (!(await this.#append(known, events, messages))) continue
      this.#say(text)
      return
    }
  }

  /** Only onto the ledger that was read. */
  async #append(known: Known, events: readonly NewEvent[], messages: readonly NewMessage[]): Promise<boolean> {
    try {
      const sealed = await this.#ports.ledger.append(this.#program.id, events, { messages, expectedSeq: known.seq })
      this.#memory.follower.take(sealed)
      this.#done += events.length
      return true
    } catch (error) {
      if (isStoreError(error) && 'code' in error && (error.code === 'conflict' || error.code === 'id-reused')) return false
      throw error
    }
  }

  #say(text: string): void {
    this.#ports.say(text)
  }

  #sayEscalation(event: NewEvent): void {
    if (event.type === 'escalation-raised')
      this.#say(`raises escalation ${event.body.escalation}: ${event.body.scenario}, ${event.body.because}`)
    if (event.type === 'escalation-cleared') this.#say(`clears escalation ${event.body.escalation}: ${event.body.reason}`)
  }
}

function causeOfAct(event: LedgerEvent, history: History): Cause | undefined {
  const { actor: by } = event
  // That it is critical now everybody concerned is told as the first stage of its protocol.
  if (event.type === 'blocker-changed' && isRaise(event, history)) return undefined
  if (event.type === 'blocker-changed') return { of: 'blocker', change: 'changed', by, ...changesOf(event.body) }
  if (event.type === 'blocker-acknowledged') return { of: 'blocker', blocker: event.body.blocker, change: 'acknowledged', by }
  if (event.type === 'blocker-resolved') return { of: 'blocker', change: 'resolved', by, ...event.body }
  if (event.type === 'escalation-acknowledged') return { of: 'escalation', escalation: event.body.escalation, change: 'acknowledged', by }
  // A signature on a criterion changes what is judged; nobody is asked for it.
  if (event.type === 'sign-off' && event.body.criterion === undefined)
    return { of: 'sign-off', checkpoint: event.body.checkpoint, role: event.body.role }
  return undefined
}

function isRaise(
  { at, body: { blocker, severity } }: Extract<LedgerEvent, { readonly type: 'blocker-changed' }>,
  history: History,
): boolean {
  if (severity !== 'critical' || history.criticalSince.get(blocker)?.at !== at) return false
  const known = history.state.blockers.find((one) => one.blocker === blocker)?.acknowledgedUntil
  return known === undefined || epoch(known) < epoch(at)
}

/** In the order in which a message shows them. */
const CHANGES = ['severity', 'impact', 'workaround', 'owner', 'deadline'] as const

const changesOf = (body: BlockerChanged) => ({ blocker: body.blocker, changed: CHANGES.filter((one) => body[one] !== undefined) })

const VERSIONS = new WeakMap<Program, string>()

const NOTHING: Additions = { events: [], messages: [] }

/** What is dropped is put on record, and no evidence is looked at for it. */
const isPlain = (action: DueAction): boolean => action.dropped !== undefined || (action.kind !== 'hold' && action.kind !== 'watch')

/** A look that nothing is decided from gives way to one for a decision, which serves for it. */
const withoutIdleLooks = (due: readonly DueAction[]): readonly DueAction[] =>
  due.some((one) => one.kind === 'hold' && !isPlain(one)) ? due.filter((one) => one.kind !== 'watch') : due

/** Looks between checkpoints are due again and again, each under a key of its own: a long one serves for those that came meanwhile. */
const isSameLook = (one: DueAction, other: DueAction): boolean => one.key === other.key || (one.kind === 'watch' && other.kind === 'watch')

/** Moves that the program file has overtaken just now. */
function overtaken({ checkpoints, calendar }: Program, { history, program }: Known): readonly string[] {
  const { moves } = history.state
  return checkpoints.flatMap(({ id, name, at }) => {
    const move = moves?.[id]
    const before = program?.program.checkpoints.find((one) => one.id === id)?.at
    if (!move || 'cancelled' in move || !isOvertaken(move, at) || before === undefined || isOvertaken(move, before)) return []
    return `${name} is held ${formatInstant(at, calendar.zone)}, as the program file says now; ${move.actor} had moved it to ${formatInstant(move.to, calendar.zone)}`
  })
}
