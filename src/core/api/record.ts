import type { DecisionHead } from '#core/api/documents.ts'
import { streamSubject } from '#core/evidence/evidence.ts'
import type { BlockerOutcome, CheckIn, EventType, Fired, LedgerEvent, OptionChosen, Trouble } from '#core/ledger/events.ts'
import { folding, type Dated, type LedgerState } from '#core/ledger/state.ts'
import type { Escalation } from '#core/schedule/history.ts'

/** A number at a time; consecutive equal values are one point. */
export interface Point {
  readonly at: string
  readonly value: number
  readonly commit?: string
}

/**
 * What the documents of the API are made from: the fold of a ledger. Snapshots of evidence are not
 * held; of each measured number the times at which it changed are.
 */
export interface ProgramRecord {
  readonly state: LedgerState
  readonly head?: { readonly seq: number; readonly hash: string; readonly at: string }
  /** Oldest first. */
  readonly decisions: readonly DecisionHead[]
  readonly opened: ReadonlySet<string>
  readonly held: ReadonlySet<string>
  readonly outcomes: ReadonlyMap<string, { readonly outcome: BlockerOutcome; readonly note: string }>
  readonly escalations: readonly Escalation[]
  readonly chosen: readonly (OptionChosen & Dated)[]
  /** What was said by itself about blockers and escalations, oldest first. */
  readonly told: readonly (Fired & Dated)[]
  /** Key of what was said of a blocker -> whom it reached: ids of people, or of a channel that all read. */
  readonly reached: ReadonlyMap<string, readonly string[]>
  /** Stream id -> check-ins, oldest first. */
  readonly checkIns: ReadonlyMap<string, readonly (CheckIn & Dated)[]>
  /** `<subject> <metric>` -> measured numbers over time. */
  readonly series: ReadonlyMap<string, readonly Point[]>
  /** How often Muster could not do its job, by why. */
  readonly troubles: ReadonlyMap<Trouble['trouble'], number>
  /** Subject -> heads of its branch over time. */
  readonly commits: ReadonlyMap<string, readonly { readonly at: string; readonly commit: string; readonly tree: string }[]>
}

export const seriesKey = (stream: string, metric: string): string => `${streamSubject(stream)} ${metric}`

type Takers = { readonly [T in EventType]?: (event: Extract<LedgerEvent, { readonly type: T }>) => void }

/** Points kept of one series: a month of a look every ten minutes, were each another number. */
const MOST_POINTS = 4500

/** Folds a ledger event by event: a server keeps it, and takes in what is new. */
export function recordFold() {
  const state = folding()
  let head: ProgramRecord['head']
  const decisions: DecisionHead[] = []
  const overrides = new Map<string, { readonly actor: string; readonly verdict: string }>()
  const opened = new Set<string>()
  const held = new Set<string>()
  const outcomes = new Map<string, { readonly outcome: BlockerOutcome; readonly note: string }>()
  const escalations = new Map<string, Escalation>()
  const chosen: (OptionChosen & Dated)[] = []
  const told: (Fired & Dated)[] = []
  const reached = new Map<string, string[]>()
  const checkIns = new Map<string, (CheckIn & Dated)[]>()
  const series = new Map<string, Point[]>()
  const troubles = new Map<Trouble['trouble'], number>()
  const commits = new Map<string, { readonly at: string; readonly commit: string; readonly tree: string }[]>()

  const changeEscalation = (id: string, part: Partial<Escalation>): void => {
    const known = escalations.get(id)
    if (known && known.clearedAt === undefined) escalations.set(id, { ...known, ...part })
  }

  function takeEvidence({ at, body: { snapshot } }: Extract<LedgerEvent, { type: 'evidence' }>): void {
    for (const [subject, one] of Object.entries(snapshot.subjects)) {
      if (one.state !== 'present') continue
      const known = listAt(commits, subject)
      if (known.at(-1)?.commit !== one.commit) known.push({ at, commit: one.commit, tree: one.tree })
    }
    for (const one of snapshot.evidence) {
      if (one.status !== 'observed' || one.provenance === 'claimed' || typeof one.value !== 'number') continue
      const points = listAt(series, `${one.subject} ${one.metric}`)
      if (points.at(-1)?.value === one.value) continue
      points.push({ at, value: one.value, ...(one.commit !== undefined && { commit: one.commit }) })
      if (points.length > MOST_POINTS) points.shift()
    }
  }

  const dated = ({ at, actor }: LedgerEvent): Dated => ({ at, actor })
  const takers: Takers = {
    decision: (event) => {
      const set = overrides.get(event.body.checkpoint)
      decisions.push({ ...decisionHead(event), ...(set?.verdict === event.body.verdict && { setBy: set.actor }) })
    },
    override: ({ actor, body: { checkpoint, verdict } }) => {
      overrides.set(checkpoint, { actor, verdict })
      const index = decisions.findLastIndex((one) => one.checkpoint === checkpoint)
      const decision = decisions[index]
      if (decision) decisions[index] = { ...decision, setSince: { by: actor, verdict } }
    },
    evidence: takeEvidence,
    'checkpoint-opened': ({ body }) => void opened.add(body.checkpoint),
    'checkpoint-held': ({ body }) => {
      held.add(body.checkpoint)
      const index = decisions.findLastIndex(({ id }) => id === body.decision)
      const decision = decisions[index]
      if (decision) decisions[index] = { ...decision, held: true }
    },
    // It will be opened and held again, at its new time.
    'checkpoint-moved': ({ body }) => {
      opened.delete(body.checkpoint)
      held.delete(body.checkpoint)
    },
    'check-in': (event) => void listAt(checkIns, event.body.stream).push({ ...event.body, ...dated(event) }),
    'blocker-resolved': ({ body }) => void outcomes.set(body.blocker, { outcome: body.outcome, note: body.note }),
    'escalation-raised': ({ at, body }) => void escalations.set(body.escalation, { ...body, raisedAt: at }),
    'escalation-acknowledged': ({ body }) => changeEscalation(body.escalation, { acknowledgedUntil: body.until }),
    'escalation-cleared': ({ at, body }) => changeEscalation(body.escalation, { clearedAt: at }),
    'option-chosen': (event) => void chosen.push({ ...event.body, ...dated(event) }),
    trouble: ({ body }) => void troubles.set(body.trouble, (troubles.get(body.trouble) ?? 0) + 1),
    delivery: ({ body }) => {
      // The key of a message begins with the key of what it tells of, and the kind of notice.
      const end = body.message.indexOf('/blocker/')
      if (end < 0 || (body.state !== 'delivered' && body.state !== 'uncertain')) return
      const known = listAt(reached, body.message.slice(0, end))
      const whom = body.to === '*' ? body.channel : body.to
      if (!known.includes(whom)) known.push(whom)
    },
    fired: (event) => {
      if (event.body.kind === 'blocker' || event.body.kind === 'step') told.push({ ...event.body, ...dated(event) })
    },
  }

  function take(event: LedgerEvent): void {
    state.take(event)
    head = { seq: event.seq, hash: event.hash, at: event.at }
    ;(takers[event.type] as ((event: LedgerEvent) => void) | undefined)?.(event)
  }

  return {
    take,
    /** What has been taken so far; it goes on changing with what is taken next. */
    record: (): ProgramRecord => ({
      state: state.state(),
      ...(head && { head }),
      decisions,
      opened,
      held,
      outcomes,
      escalations: [...escalations.values()],
      chosen,
      told,
      reached,
      checkIns,
      series,
      troubles,
      commits,
    }),
  }
}

function decisionHead({ id, seq, hash, at, actor, body }: Extract<LedgerEvent, { type: 'decision' }>): DecisionHead {
  const { checkpoint, clock, verdict, rule, version, streams } = body
  return { id, seq, hash, checkpoint, clock, recordedAt: at, actor, verdict, rule, version, ...(streams && { streams }) }
}

function listAt<K, V>(map: Map<K, V[]>, key: K): V[] {
  const known = map.get(key)
  if (known) return known
  const made: V[] = []
  map.set(key, made)
  return made
}
