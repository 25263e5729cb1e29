import { CommandError, type Io } from '#cli/io.ts'
import { runningPorts, sleepBeside, type RunFile } from '#cli/running/ports.ts'
import { latest, type WatchedFile } from '#cli/running/watched-file.ts'
import type { Program } from '#core/program/model.ts'
import { epoch, formatInstant, formatZoned } from '#core/schedule/time.ts'
import { EVERYBODY } from '#engine/deliver/address.ts'
import { follow } from '#engine/follow.ts'
import { reconcile, type Memory } from '#engine/reconcile.ts'
import type { RunPorts } from '#engine/run-ports.ts'
import { createRunner, runLoop, type LoopPorts, type Unusable } from '#engine/run.ts'
import { unlessAborted } from '#engine/unless-aborted.ts'
import { counted } from '#engine/words.ts'
import { terminal } from '#render/encode.ts'
import { openMemory } from '#store/memory.ts'
import { sha256 } from '#store/sha256.ts'
import type { Store } from '#store/store.ts'

/** More rounds than these would mean that two things undo each other. */
const MOST_ROUNDS = 20

/** A file that is not mended is told of so often, however often it is looked at. */
const TOLD_AGAIN_SECONDS = 86_400

/**
 * Everything that is due and may be sent now. True when none of it failed or had to wait. `unusable`: why it is
 * the program as it was before that is run.
 */
export async function runOnce(io: Io, { program, folder }: RunFile, ledger: Store, unusable?: Unusable): Promise<boolean> {
  const { ports, close } = runningPorts(io, { program, folder }, ledger)
  const runner = createRunner(program.id, ports, true)
  const total = { done: 0, settled: 0, bad: 0 }
  try {
    if (unusable) {
      for (const line of unusable.text.split('\n')) ports.say(line)
      const [now, text] = [io.now(), `${unusable.what}; the program as it was before goes on`]
      ports.say(text)
      if (await ledger.spend(program.id, 'unusable', sha256(unusable.text), TOLD_AGAIN_SECONDS))
        await runner.report(program, { trouble: 'program', from: now, until: now, text })
    }
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const { reconciled, delivered } = await runner.tick(program, io.signal)
      total.done += reconciled.done
      total.settled += delivered.settled
      total.bad += delivered.failed + delivered.uncertain + delivered.again
      if (reconciled.standsBack !== undefined) {
        ports.say(reconciled.standsBack)
        return false
      }
      if (reconciled.done + delivered.settled > 0) continue
      const next =
        reconciled.wakeAt === undefined ? 'nothing is due any more' : `next ${formatInstant(reconciled.wakeAt, program.calendar.zone)}`
      const waits = reconciled.waiting.length === 0 ? '' : `, ${counted(reconciled.waiting.length, 'thing')} had to wait`
      const told =
        program.channels.length === 0
          ? 'nobody is told, the program has no channel'
          : `${counted(total.settled, 'message')} settled, ${total.bad} not delivered`
      ports.say(`${counted(total.done, 'record')} written, ${told}${waits}; ${next}`)
      return total.bad === 0 && reconciled.waiting.length === 0
    }
    throw new CommandError(`there was still something to do after ${MOST_ROUNDS} rounds`)
  } catch (error) {
    if (!io.signal.aborted) throw error
    ports.say('interrupted; what was done is on record, the rest is done at the next run')
    return false
  } finally {
    await runner.ended()
    await close()
  }
}

/** The same on a copy of the ledger in memory, with channels that only print. */
export async function runDry(io: Io, { program, folder }: RunFile, ledger: Store): Promise<number> {
  const copy = openMemory(() => epoch(io.now()))
  await copy.adopt(program.id, ledger.read(program.id), { onto: undefined })
  const waiting = await ledger.messages(program.id, { states: ['pending', 'sending'] })
  const { ports, close } = runningPorts(io, { program, folder }, ledger)
  const { zone } = program.calendar
  const print = (line: string): void => io.stdout.write(`${terminal(line)}\n`)
  print(`as of ${formatZoned(io.now(), zone)}:`)
  try {
    const wakeAt = await reconcileDry(program, { ...ports, ledger: copy, say: (line) => print(`would do: ${line}`) }, io.signal)
    const messages = [...waiting, ...(await copy.messages(program.id, { states: ['pending'] }))]
    for (const { channel, to, notice, notBefore, expires } of messages) {
      // Too late to be of use: it is put on record, and not sent.
      if (expires !== undefined && epoch(expires) <= epoch(io.now())) continue
      const title = (notice as { readonly title?: string }).title ?? 'a message'
      const when = epoch(notBefore) > epoch(io.now()) ? `, not before ${formatInstant(notBefore, zone)}` : ''
      print(`would send: over ${channel}${to === EVERYBODY ? '' : ` to ${to}`}: ${title}${when}`)
    }
    print(wakeAt === undefined ? 'nothing is due any more' : `next: ${formatInstant(wakeAt, zone)}`)
    return 0
  } finally {
    await close()
  }
}

async function reconcileDry(program: Program, ports: RunPorts, signal: AbortSignal): Promise<string | undefined> {
  const memory: Memory = { follower: follow(ports.ledger, ports.folding, program.id) }
  try {
    for (;;) {
      const { looking, wakeAt } = await reconcile(program, memory, ports, signal)
      if (!looking) return wakeAt
      await unlessAborted(looking, signal)
    }
  } finally {
    await memory.look?.end()
  }
}

/** Until it is interrupted. */
export async function runOn(io: Io, file: WatchedFile, ledger: Store): Promise<void> {
  const program = file.program()
  const { ports, close } = runningPorts(io, { program, folder: file.folder }, ledger)
  ports.say(
    `muster run: ${program.name}, ${counted(program.checkpoints.length, 'checkpoint')}, ${counted(program.channels.length, 'channel')}; interrupt to end`,
  )
  const loop: LoopPorts = { elapsed: () => performance.now(), sleep: sleepBeside(ledger, program.id), load: () => latest(file) }
  try {
    await runLoop(program, ports, loop, io.signal)
    ports.say('muster run: ended')
  } finally {
    await close()
  }
}
