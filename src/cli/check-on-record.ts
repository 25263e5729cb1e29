import { readReported } from '#cli/evidence/ledger.ts'
import { CommandError, type Io } from '#cli/io.ts'
import { readState } from '#cli/ledger-state.ts'
import type { RunFile } from '#cli/running/ports.ts'
import { VERSION } from '#cli/version.ts'
import type { Edges } from '#cli/wire.ts'
import type { CheckReport } from '#core/decide/report.ts'
import type { Snapshot } from '#core/evidence/evidence.ts'
import type { LedgerState } from '#core/ledger/state.ts'
import type { Checkpoint, Program } from '#core/program/model.ts'
import { check, type CheckRequest, type CheckResult } from '#engine/check.ts'
import { gather } from '#engine/gather.ts'
import type { Progress } from '#engine/ports.ts'
import { recordCheck, type Recording, type StateAt } from '#engine/record-check.ts'
import { sha256 } from '#store/sha256.ts'
import type { Store } from '#store/store.ts'

export interface CheckToRecord {
  readonly program: Program
  /** Where the ledger has moved it to by now. */
  readonly choose: (moves: LedgerState['moves']) => Checkpoint
  /** Clock of the check; absent: the time at which it is judged. */
  readonly at?: string
  readonly streams?: readonly string[]
  readonly progress?: (event: Progress) => void
  /** What goes on record beside the decision, from the ledger as it is then. */
  readonly hold?: Holding
}

type Holding = (checkpoint: Checkpoint) => Promise<Pick<Recording<StateAt>, 'also' | 'read'>>

/**
 * Gathers, then judges on what the ledger says after that, and puts it on record: the same path
 * as that of `muster run`. Gives the report with where it was recorded.
 */
export async function checkOnRecord(
  io: Io,
  ledger: Store,
  edges: Edges,
  { program, choose, at, streams, progress, hold }: CheckToRecord,
): Promise<CheckResult & { readonly report: CheckReport }> {
  const read = async (): Promise<StateAt> => {
    const [known, latest] = await Promise.all([readState(ledger, program.id), ledger.latest(program.id, 'program')])
    return { ...known, ...(latest?.type === 'program' && { recordedProgram: latest.body.digest }) }
  }
  const checkpoint = choose((await read()).state.moves)
  const reported = await readReported(ledger, program)
  const only = streams && { streams }
  const snapshot = await gather(program, edges.ports, {
    at: at ?? io.now(),
    reported,
    before: await recordedLast(ledger, program.id),
    signal: io.signal,
    ...only,
    ...(progress && { progress }),
  })
  const recorded = await recordCheck(
    {
      program,
      checkpoint,
      snapshot,
      signal: io.signal,
      read,
      ...only,
      ...(at !== undefined && { at }),
      ...(hold && (await hold(checkpoint))),
    },
    { ...edges.ports, ledger, newId: io.newId, hash: sha256, version: VERSION },
  )
  if (!recorded) throw new TypeError('a check that is asked for is recorded')
  const { decisionEvent, report, ...result } = recorded
  const { id, seq, hash } = decisionEvent
  return { ...result, report: { ...report, record: { id, seq, hash } } }
}

/** The same, recording nothing. */
export async function lookOnly(
  ledger: Store,
  edges: Edges,
  { choose, at, ...request }: Omit<CheckRequest, 'checkpoint' | 'ledger' | 'reported'> & Pick<CheckToRecord, 'choose'>,
): Promise<CheckResult> {
  const { state } = await readState(ledger, request.program.id)
  const reported = await readReported(ledger, request.program)
  const before = await recordedLast(ledger, request.program.id)
  return check({ ...request, at, checkpoint: choose(state.moves), ledger: state, reported, before }, edges.ports)
}

async function recordedLast(ledger: Store, program: string): Promise<Snapshot | undefined> {
  const latest = await ledger.latest(program, 'evidence')
  return latest?.type === 'evidence' ? latest.body.snapshot : undefined
}

/** Holds a checkpoint by hand as `muster run` would at its time: what is due then is done. */
export async function holdingBy(io: Io, file: RunFile, ledger: Store): Promise<Holding> {
  const [{ runningPorts }, { follow }, { holding }, { sessionToHold }] = await Promise.all([
    import('#cli/running/ports.ts'),
    import('#engine/follow.ts'),
    import('#engine/hold.ts'),
    import('#core/schedule/session-to-hold.ts'),
  ])
  const { program } = file
  const { ports } = runningPorts(io, file, ledger)
  const follower = follow(ledger, ports.folding, program.id)
  let known = await follower.catchUp()
  return async (checkpoint) => {
    const session = sessionToHold(program, checkpoint, known.history)
    if (!session)
      throw new CommandError(`${checkpoint.id} was held already\n  leave --hold out to look again; muster override sets another verdict`)
    const { key, startsAt } = session
    const action = { key, kind: 'hold', due: startsAt, startsAt, checkpoint: checkpoint.id, people: checkpoint.attendees } as const
    return {
      read: async () => {
        known = await follower.catchUp()
        return { state: known.history.state, seq: known.seq, ...(known.program && { recordedProgram: known.program.digest }) }
      },
      also: (judged) => holding({ program, checkpoint, action }, judged, known, ports),
    }
  }
}
