import type { Snapshot } from '#core/evidence/evidence.ts'
import type { Head } from '#core/ledger/chain.ts'
import type { EventType, LedgerEvent } from '#core/ledger/events.ts'
import type { Person, Program } from '#core/program/model.ts'
import type { History } from '#core/schedule/history.ts'
import { epoch } from '#core/schedule/time.ts'
import type { KnownPeople } from '#engine/former-people.ts'
import type { Planning, RunLedger } from '#engine/run-ports.ts'

/** What a ledger says, as far as it has been read. */
export interface Known {
  readonly history: History
  /** Number of its last event. */
  readonly seq: number
  /** That number with the hash; undefined of a ledger without events. */
  readonly head?: Head
  /** Number of the last event that can change what is owed: not one that only says what Muster did. */
  readonly saidSeq: number
  /** The program and the evidence that were recorded last. */
  readonly program?: { readonly digest: string; readonly program: Program }
  /** By what program this one is run, since when; and digest -> record that made it the newest, of all by which it ever was. */
  readonly inForce?: { readonly digest: string; readonly at: string }
  readonly versions: ReadonlyMap<string, number>
  readonly snapshot?: Snapshot
  /** Digest of the program by which that evidence was gathered. */
  readonly snapshotBy?: string
  /** Person id -> instants, in milliseconds, of what was delivered within the last hour that was recorded. */
  readonly deliveredTo: ReadonlyMap<string, readonly number[]>
  /** Channel id -> messages of it that failed and that no trouble has been recorded for. */
  readonly unsaid: ReadonlyMap<string, readonly Failure[]>
  /** Channels that are in trouble, as was recorded: nothing was delivered over them since. */
  readonly troubled: ReadonlySet<string>
  /** What people put on record and nobody was told of yet, oldest first. */
  readonly acts: readonly LedgerEvent[]
  /** Evidence could not be looked at, and has not been since. */
  readonly blind: boolean
  /** That the program has no checkpoint left was said, and it is the same program still. */
  readonly emptied: boolean
  readonly people: KnownPeople
}

export interface Failure {
  readonly message: string
  readonly at: string
  readonly reason: string
}

const DOINGS: ReadonlySet<EventType> = new Set(['fired', 'delivery', 'delivery-retried', 'trouble', 'checkpoint-opened', 'checkpoint-held'])

/** Acts that others hear of; of those that make something due they hear when it is. */
const TOLD_OF: ReadonlySet<EventType> = new Set([
  'blocker-changed',
  'blocker-acknowledged',
  'blocker-resolved',
  'escalation-acknowledged',
  'sign-off',
  'override',
])

export const toldKey = (seq: number): string => `told@${seq}`
const toldUpTo = (timer: string): number => Number(timer.slice(timer.lastIndexOf('@') + 1))

const HOUR_MILLISECONDS = 3_600_000

/** Follows one ledger: reads what has been appended since, and everything anew when it is not the same ledger any more. */
export function follow(ledger: Pick<RunLedger, 'read' | 'head'>, folding: Planning['folding'], program: string) {
  let fold = begin(folding)

  return {
    async catchUp(): Promise<Known> {
      const head = await ledger.head(program)
      if ((head?.seq ?? 0) < fold.seq() || (head?.seq === fold.seq() && head.hash !== fold.hash())) fold = begin(folding)
      if ((head?.seq ?? 0) > fold.seq()) {
        for await (const event of ledger.read(program, { after: fold.seq() })) {
          if (event.seq !== fold.seq() + 1 || (fold.seq() > 0 && event.previous !== fold.hash())) {
            fold = begin(folding)
            return this.catchUp()
          }
          fold.take(event)
        }
      }
      return fold.known()
    },
    /** What was appended just now, so that it need not be read. */
    take(events: readonly LedgerEvent[]): void {
      for (const event of events) if (event.seq === fold.seq() + 1) fold.take(event)
    },
  }
}

export type Follower = ReturnType<typeof follow>

function begin(folding: Planning['folding']) {
  const history = folding()
  const deliveredTo = new Map<string, number[]>()
  const unsaid = new Map<string, Failure[]>()
  const troubled = new Set<string>()
  let last: LedgerEvent | undefined
  let program: Known['program']
  let inForce: Known['inForce']
  const versions = new Map<string, number>()
  let snapshot: Snapshot | undefined
  let snapshotBy: string | undefined
  let acts: LedgerEvent[] = []
  let blind = false
  let emptied = false
  const people = new Map<string, Person>()
  let saidSeq = 0

  function deliver({ at, body }: Extract<LedgerEvent, { type: 'delivery' }>): void {
    if (body.state === 'failed') {
      unsaid.set(body.channel, [...(unsaid.get(body.channel) ?? []), { message: body.message, at, reason: body.reason ?? 'it failed' }])
    }
    if (body.state !== 'delivered') return
    troubled.delete(body.channel)
    const now = epoch(at)
    const before = (deliveredTo.get(body.to) ?? []).filter((one) => one > now - HOUR_MILLISECONDS)
    deliveredTo.set(body.to, [...before, now])
  }

  function take(event: LedgerEvent): void {
    last = event
    if (!DOINGS.has(event.type)) saidSeq = event.seq
    history.take(event)
    if (TOLD_OF.has(event.type)) acts.push(event)
    if (event.type === 'fired' && event.body.kind === 'told') acts = acts.filter((one) => one.seq > toldUpTo(event.body.timer))
    if (event.type === 'program') {
      program = event.body
      if (event.body.inForce) {
        const { digest } = event.body
        if (inForce?.digest !== digest) emptied = false
        inForce = { digest, at: event.at }
        if (event.body.inForce === 'new' || !versions.has(digest)) versions.set(digest, event.seq)
      }
      for (const one of event.body.program.people) people.set(one.id, one)
    } else if (event.type === 'evidence') {
      snapshot = event.body.snapshot
      snapshotBy = program?.digest
      blind = false
    } else if (event.type === 'delivery') deliver(event)
    else if (event.type === 'trouble' && event.body.trouble === 'gather') blind = true
    else if (event.type === 'trouble' && event.body.trouble === 'emptied') emptied = true
    else if (event.type === 'trouble' && event.body.trouble === 'channel' && event.body.about !== undefined) {
      troubled.add(event.body.about)
      unsaid.delete(event.body.about)
    }
  }

  const known = (): Known => ({
    history: history.history(),
    seq: last?.seq ?? 0,
    ...(last && { head: { seq: last.seq, hash: last.hash } }),
    saidSeq,
    ...(program && { program }),
    ...(inForce && { inForce }),
    versions,
    ...(snapshot && { snapshot }),
    ...(snapshotBy !== undefined && { snapshotBy }),
    deliveredTo,
    unsaid,
    troubled,
    acts,
    blind,
    emptied,
    people,
  })
  return { take, known, seq: () => last?.seq ?? 0, hash: () => last?.hash }
}
