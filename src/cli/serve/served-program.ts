import { acceptAll } from '#cli/evidence/accepting.ts'
import { readReported } from '#cli/evidence/ledger.ts'
import { CommandError, type Io } from '#cli/io.ts'
import { lastRadar, openRadar } from '#cli/radar/session.ts'
import { checkOnRecord } from '#cli/check-on-record.ts'
import type { WatchedFile } from '#cli/running/watched-file.ts'
import { treeOf } from '#cli/tree-of.ts'
import { openEdges, stateFolder } from '#cli/wire.ts'
import type { LedgerState } from '#core/ledger/state.ts'
import type { Checkpoint, Program } from '#core/program/model.ts'
import { effectiveProgram } from '#core/schedule/effective.ts'
import type { Progress } from '#engine/ports.ts'
import type { CheckOptions, ServedProgram } from '#server/ports.ts'
import type { Store } from '#store/store.ts'

export interface Served {
  readonly file: WatchedFile
  readonly ledger: Store
  /** Programs that are run now. */
  readonly running: ReadonlySet<string>
  /** The loop that runs it, while there is one. */
  readonly loop: { wake?: () => void }
  /** Told how long each source of evidence took. */
  readonly collected: (program: string, source: string, seconds: number) => void
}

/** A program with the real world behind it: its file, its ledger, its repository. */
export function servedProgram(io: Io, { file, ledger, collected, running, loop }: Served): ServedProgram {
  const { folder } = file
  const { id } = file.program()
  const quiet: Io = { ...io, stderr: { ...io.stderr, isTerminal: false } }
  return {
    id,
    ledger,
    program: () => file.program(),
    trouble: () => file.trouble()?.text,
    running: () => running.has(id),
    wake: () => loop.wake?.(),
    treeOf: (branch) => treeOf(quiet, file.program(), folder, branch),
    reported: () => readReported(ledger, file.program()),
    async accept(envelope) {
      const [accepted] = await acceptAll(quiet, { ...(await programFileOf(file)), program: file.program() }, [
        { name: 'evidence', value: envelope },
      ])
      if (!accepted) throw new TypeError('what is offered is accepted or refused')
      return accepted
    },
    radar: () => lastRadar({ state: stateFolder(io, folder) }),
    async look() {
      const session = await openRadar(quiet, { config: file.path, worktrees: false })
      try {
        await session.look({ overnight: true })
      } finally {
        await session.close()
      }
    },
    check: (checkpoint, options) => hold(quiet, { program: file.program(), folder, ledger, collected }, checkpoint, options),
  }
}

const programFileOf = async ({ path, folder }: WatchedFile) => ({ path, shown: path, folder, bytes: new Uint8Array() })

interface Held {
  readonly program: Program
  readonly folder: string
  readonly ledger: Store
  readonly collected: Served['collected']
}

/** Gathers, judges and records a checkpoint. */
async function hold(io: Io, { program, folder, ledger, collected }: Held, id: string, options: CheckOptions) {
  const choose = (moves: LedgerState['moves']): Checkpoint => {
    const checkpoint = effectiveProgram(program, moves, io.now()).checkpoints.find((one) => one.id === id)
    if (!checkpoint) throw new CommandError(`there is no checkpoint ${id}`)
    return checkpoint
  }
  const edges = await openEdges(io, program, folder)
  let [done, of] = [0, 0]
  const progress = (event: Progress): void => {
    if (event.step === 'begin') of = event.sources
    else {
      done += 1
      collected(program.id, event.source, event.seconds)
    }
    options.progress({ done, of, ...(event.step === 'source' && { last: `${event.source} of ${event.subject}` }) })
  }
  try {
    await edges.mirror.refresh(io.signal)
    const only = options.streams && { streams: options.streams }
    const { report } = await checkOnRecord({ ...io, newId: options.newId }, ledger, edges, { program, choose, progress, ...only })
    return { decision: report.record?.id ?? '' }
  } finally {
    await edges.close()
  }
}
