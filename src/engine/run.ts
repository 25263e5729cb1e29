import type { Program } from '#core/program/model.ts'
import { formatDuration } from '#core/program/quantity.ts'
import { addSeconds, epoch, formatInstant, instantOf } from '#core/schedule/time.ts'
import { createSender, nothingSent, type Delivered } from '#engine/deliver/deliver.ts'
import { follow } from '#engine/follow.ts'
import { untilAppended } from '#engine/put-on-record.ts'
import { reconcile, type Memory, type Reconciled } from '#engine/reconcile.ts'
import { isConflict, isStoreAway, type RunPorts } from '#engine/run-ports.ts'
import { troubled, type Trouble } from '#engine/trouble.ts'
import { unlessAborted } from '#engine/unless-aborted.ts'

/** The clock is looked at at least this often: a timer may be long, and a machine may sleep. */
const MOST_SLEEP_SECONDS = 30
const LEAST_SLEEP_SECONDS = 0.05
/** What is due and could not be done is tried again so soon. */
const AGAIN_SECONDS = 5
/** A clock that goes otherwise than the time that has passed. */
const JUMP_SECONDS = 30
/** What is due waits no longer than this for a channel that does not answer, and for evidence that takes long. */
const PATIENCE_SECONDS = 2
/** A look at the clock that came so much later than it was meant to. */
const GAP_SECONDS = 120

export interface Tick {
  readonly reconciled: Reconciled
  readonly delivered: Delivered
}

/** One process that runs one program: `tick` does all that is due and sends all that may be sent. */
export interface Runner {
  /** `patience`: from when on it waits for no channel and no evidence any more; for all of them unless given. */
  tick(program: Program, signal: AbortSignal, patience?: () => AbortSignal): Promise<Tick>
  /** Puts on record, and tells, what kept it from its work. */
  report(program: Program, trouble: Trouble): Promise<void>
  /** Gives up a look at the evidence that goes on, and waits until no channel is waited for. */
  ended(): Promise<void>
}

/** @param once It does not stay: nobody need wait for it to run the program. */
export function createRunner(programId: string, ports: RunPorts, once = false): Runner {
  const memory: Memory = { follower: follow(ports.ledger, ports.folding, programId), ...(once && { once }) }
  const sender = createSender(memory.follower, ports)

  /** Unless it is on record already. */
  async function report(program: Program, trouble: Trouble): Promise<void> {
    await untilAppended(async () => {
      const known = await memory.follower.catchUp()
      if (trouble.trouble === 'channel' && trouble.about !== undefined && known.troubled.has(trouble.about)) return
      const { events, messages } = troubled(trouble, { program, known, now: ports.now() }, ports)
      memory.follower.take(await ports.ledger.append(programId, events, { messages, expectedSeq: known.seq }))
    })
  }

  return {
    report,
    async tick(program, signal, patience) {
      const total = { done: 0, delivered: nothingSent() }
      for (;;) {
        const reconciled = await reconcile(program, memory, ports, signal)
        total.done += reconciled.done
        if (reconciled.standsBack !== undefined) return { reconciled, delivered: total.delivered }
        const delivered = await sender.deliver(program, signal, patience?.())
        for (const key of ['settled', 'failed', 'uncertain', 'again'] as const) total.delivered[key] += delivered[key]
        for (const [channel, reason] of delivered.stuck) {
          const now = ports.now()
          await report(program, {
            trouble: 'channel',
            from: now,
            until: now,
            text: `nothing gets through over ${channel}: ${reason}`,
            about: channel,
          })
        }
        const { looking } = reconciled
        if (!looking || !(await isOver(looking, signal, patience?.()))) {
          const { againAt } = delivered
          return {
            reconciled: { ...reconciled, done: total.done },
            delivered: { ...total.delivered, ...(againAt !== undefined && { againAt }) },
          }
        }
      }
    },
    async ended() {
      const { look } = memory
      delete memory.look
      await Promise.all([sender.ended(), look?.end()])
    },
  }
}

/** Whether work ended before patience did. */
async function isOver(work: Promise<void>, signal: AbortSignal, patience?: AbortSignal): Promise<boolean> {
  const ended = work.then(() => true)
  const isEnded = await unlessAborted(patience ? unlessAborted(ended, patience) : ended, signal)
  signal.throwIfAborted()
  return isEnded === true
}

/** What the loop needs of its process beside the engine's ports. */
export interface LoopPorts {
  /** Milliseconds that have passed since some moment; no one sets it. */
  readonly elapsed: () => number
  /** Ends early when the signal is aborted, and soon after the ledger does not end at record `seq` any more. */
  readonly sleep: (seconds: number, signal: AbortSignal, seq?: number) => Promise<void>
  /** Longest sleep; half a minute unless said. A simulation wakes whom it must. */
  readonly mostSleepSeconds?: number
  /** The program file as it is now: the same object as before while nothing has changed. */
  readonly load: () => Promise<{ readonly program: Program } | Unusable>
}

/** Why a program file is none to run by, now. */
export interface Unusable {
  /** In a few words, for whoever is told. */
  readonly what: string
  /** Line by line, for whoever mends it. */
  readonly text: string
}

/**
 * Runs until it is interrupted. Wakes when something is due or may be sent again, when somebody puts something on record,
 * when evidence that took long is there, and at least every half minute. What fails once (a store that cannot be reached) is said, and tried
 * again. A program file with mistakes leaves the program before it in force.
 */
export async function runLoop(program: Program, ports: RunPorts, loop: LoopPorts, signal: AbortSignal): Promise<void> {
  const runner = createRunner(program.id, ports)
  const watch = clockWatch(ports, loop)
  let current = program
  let broken: string | undefined
  let said: string | undefined
  let back: string | undefined
  /** What is to go on record, and is not yet: the store may be away just when a machine wakes. */
  const unrecorded: Trouble[] = []
  try {
    while (!signal.aborted) {
      let seconds = AGAIN_SECONDS
      let seq: number | undefined
      let looking: Promise<void> | undefined
      try {
        const loaded = await loop.load()
        if ('program' in loaded) {
          if (broken !== undefined) ports.say('the program file is in order again')
          else if (loaded.program !== current) ports.say('the program file has changed, and is loaded again')
          broken = undefined
          current = loaded.program
        } else if (broken !== loaded.text) {
          const isFirst = broken === undefined
          broken = loaded.text
          for (const line of broken.split('\n')) ports.say(line)
          const text = `${loaded.what}; the program as it was before goes on`
          ports.say(text)
          const now = ports.now()
          if (isFirst) unrecorded.push({ trouble: 'program', from: now, until: now, text })
        }
        const trouble = watch.look(current)
        if (trouble && back === undefined) {
          ports.say(trouble.text)
          unrecorded.push(trouble)
        }
        for (let [next] = unrecorded; next; [next] = unrecorded) {
          await runner.report(current, next)
          unrecorded.shift()
        }
        const { reconciled, delivered } = await runner.tick(current, signal, () => ports.timeLimit(PATIENCE_SECONDS))
        if (said !== undefined) ports.say('goes on')
        said = undefined
        back = reconciled.standsBack === undefined ? undefined : sayOnce(ports, back, reconciled.standsBack)
        seq = reconciled.known.seq
        looking = reconciled.looking
        seconds = untilWake(reconciled, delivered, ports.now(), loop.mostSleepSeconds ?? MOST_SLEEP_SECONDS)
      } catch (error) {
        if (signal.aborted) break
        if (!isStoreAway(error) && !isConflict(error)) throw error
        said = sayOnce(ports, said, `${error.message.replace(/\.$/, '')}; tries again every ${AGAIN_SECONDS} s`)
      }
      watch.rest(seconds)
      await sleep(loop, seconds, signal, { seq, looking })
    }
  } finally {
    await runner.ended()
  }
}

/** A signal of its own for each sleep: one made of several is kept, with whoever listens, as long as any of them lives. */
async function sleep(
  loop: LoopPorts,
  seconds: number,
  signal: AbortSignal,
  { seq, looking }: { readonly seq: number | undefined; readonly looking: Promise<void> | undefined },
): Promise<void> {
  if (!looking) return loop.sleep(seconds, signal, seq)
  const woken = new AbortController()
  const wake = (): void => woken.abort()
  signal.addEventListener('abort', wake)
  void looking.then(wake)
  try {
    await loop.sleep(seconds, woken.signal, seq)
  } finally {
    signal.removeEventListener('abort', wake)
  }
}

function untilWake({ wakeAt, waiting, standsBack }: Reconciled, { againAt }: Delivered, now: string, longest: number): number {
  const due = Math.min(...[wakeAt, againAt].map((at) => (at === undefined ? longest : (epoch(at) - epoch(now)) / 1000)))
  const most = waiting.length > 0 || standsBack !== undefined ? AGAIN_SECONDS : longest
  return Math.min(Math.max(due, LEAST_SLEEP_SECONDS), most)
}

function sayOnce(ports: Pick<RunPorts, 'say'>, before: string | undefined, text: string): string {
  if (before !== text) ports.say(text)
  return text
}

/** Notices that the clock was set, and that the process did not get to look at it: sleep, a stopped process, a long pause. */
function clockWatch(ports: Pick<RunPorts, 'now'>, loop: Pick<LoopPorts, 'elapsed'>) {
  let last: { readonly now: number; readonly elapsed: number; readonly rest: number } | undefined

  return {
    look({ calendar }: Program): Trouble | undefined {
      if (!last) return undefined
      const [before, now, elapsed] = [last, epoch(ports.now()), loop.elapsed()]
      const [wall, passed] = [(now - before.now) / 1000, (elapsed - before.elapsed) / 1000]
      last = undefined
      const isSet = Math.abs(wall - passed) > JUMP_SECONDS
      if (!isSet && passed - before.rest <= GAP_SECONDS) return undefined
      const [from, until] = [instantOf(before.now), instantOf(now)]
      const when = (instant: string): string => formatInstant(instant, calendar.zone)
      if (isSet) {
        const by = `${formatDuration(Math.round(Math.abs(wall - passed)))} ${wall > passed ? 'forward' : 'back'}`
        const text = `the clock of this machine went ${by}, from ${when(from)} to ${when(until)}: it was set, or the machine slept`
        return { trouble: 'clock', from, until, text }
      }
      const wakeAt = addSeconds(from, before.rest)
      const text = `muster did not look at the clock from ${when(wakeAt)} to ${when(until)}: it was stopped, or the machine was too busy`
      return { trouble: 'missed', from: wakeAt, until, text }
    },
    rest(seconds: number): void {
      last = { now: epoch(ports.now()), elapsed: loop.elapsed(), rest: seconds }
    },
  }
}
