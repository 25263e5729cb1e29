import type {
  BlockerOpened,
  CheckIn,
  EventType,
  InvitationAnswered,
  LedgerEvent,
  OptionChosen,
  Override,
  SignOff,
  Trouble,
  Waiver,
} from '#core/ledger/events.ts'

export interface Blocker extends BlockerOpened {
  readonly openedAt: string
  readonly acknowledgedUntil?: string
  readonly resolvedAt?: string
}

export interface Dated {
  readonly at: string
  readonly actor: string
}

/** What the ledger says now: the fold of its events, in their order. */
export interface LedgerState {
  /** Latest check-in by stream. */
  readonly checkIns: Readonly<Record<string, CheckIn & Dated>>
  readonly blockers: readonly Blocker[]
  /** Of decisions those alone that are of the verdict that stands; see `signAnew`. */
  readonly signOffs: readonly (SignOff & Dated)[]
  readonly waivers: readonly (Waiver & Dated)[]
  readonly overrides: readonly (Override & Dated)[]
  /** Checkpoints that were moved or cancelled; absent while none was, so that older records fold as they did. */
  readonly moves?: Readonly<Record<string, Move>>
  /** What was chosen of the decision matrix, oldest first; absent while nothing was. */
  readonly choices?: readonly (OptionChosen & Dated)[]
  /** What each person answered last to each invitation; absent while nobody did. See `answersTo`. */
  readonly answers?: readonly (InvitationAnswered & Dated)[]
  /** What Muster could not do since a checkpoint was held last; absent while there is nothing of it. */
  readonly troubles?: readonly Troubles[]
}

/** Trouble of one kind about one thing, how often it came, and what was said of it last. */
export type Troubles = Trouble & { readonly times: number }

/** The last word on when a checkpoint is held. */
export type Move = Dated & { readonly reason: string } & ({ readonly from?: string; readonly to: string } | { readonly cancelled: true })

/** Events that `foldEvents` looks at: who folds a part of a ledger reads at least these. */
export const FOLDED: readonly EventType[] = [
  'check-in',
  'blocker-opened',
  'blocker-changed',
  'blocker-acknowledged',
  'blocker-resolved',
  'sign-off',
  'waiver',
  'override',
  'checkpoint-opened',
  'checkpoint-held',
  'checkpoint-moved',
  'checkpoint-cancelled',
  'option-chosen',
  'invitation-answered',
  'trouble',
]

export const EMPTY_STATE: LedgerState = { checkIns: {}, blockers: [], signOffs: [], waivers: [], overrides: [] }

/** Folds events, oldest first. Events about an unknown blocker change nothing. */
export function foldEvents(events: Iterable<LedgerEvent>): LedgerState {
  const fold = folding()
  for (const event of events) fold.take(event)
  return fold.state()
}

/** `foldEvents` one event at a time, so that a long ledger need not be held. */
export function folding() {
  const checkIns: Record<string, CheckIn & Dated> = Object.create(null) as Record<string, CheckIn & Dated>
  const blockers = new Map<string, Blocker>()
  let signOffs: (SignOff & Dated)[] = []
  const held = new Set<string>()
  const waivers: (Waiver & Dated)[] = []
  const overrides: (Override & Dated)[] = []
  const moves: Record<string, Move> = Object.create(null) as Record<string, Move>
  const choices: (OptionChosen & Dated)[] = []
  const answers = new Map<string, InvitationAnswered & Dated>()
  const troubles = new Map<string, Troubles>()
  const change = (id: string, part: Partial<Blocker>) => {
    const known = blockers.get(id)
    if (known) blockers.set(id, { ...known, ...part })
  }

  function answer(said: InvitationAnswered & Dated): void {
    const key = JSON.stringify([said.meeting, said.id, said.actor])
    const known = answers.get(key)
    if (!known || known.sequence < said.sequence || (known.sequence === said.sequence && known.answeredAt <= said.answeredAt))
      answers.set(key, said)
  }

  function trouble(said: Trouble): void {
    const key = JSON.stringify([said.trouble, said.about])
    const known = troubles.get(key)
    troubles.set(key, { ...said, from: known?.from ?? said.from, times: (known?.times ?? 0) + 1 })
  }

  /** Everybody is asked anew, also where it comes back to the time that they answered to. */
  function askAnew(checkpoint: string): void {
    for (const [key, one] of answers) if (one.meeting === 'checkpoint' && one.id === checkpoint) answers.delete(key)
  }

  /** Whoever signed a decision signed what stood then, and not what is decided later, or set by somebody. */
  function signAnew(checkpoint: string): void {
    signOffs = signOffs.filter((one) => one.checkpoint !== checkpoint || one.criterion !== undefined)
  }

  function take(event: LedgerEvent): void {
    const dated: Dated = { at: event.at, actor: event.actor }
    switch (event.type) {
      case 'check-in':
        checkIns[event.body.stream] = { ...event.body, ...dated }
        break
      case 'blocker-opened':
        blockers.set(event.body.blocker, { ...event.body, openedAt: event.at })
        break
      case 'blocker-changed':
        change(event.body.blocker, event.body)
        break
      case 'blocker-acknowledged':
        change(event.body.blocker, { acknowledgedUntil: event.body.until })
        break
      case 'blocker-resolved':
        change(event.body.blocker, { resolvedAt: event.at })
        break
      case 'sign-off':
        signOffs.push({ ...event.body, ...dated })
        break
      case 'waiver':
        waivers.push({ ...event.body, ...dated })
        break
      case 'override':
        signAnew(event.body.checkpoint)
        overrides.push({ ...event.body, ...dated })
        break
      case 'checkpoint-moved':
        moves[event.body.checkpoint] = {
          ...(event.body.from !== undefined && { from: event.body.from }),
          to: event.body.to,
          reason: event.body.reason,
          ...dated,
        }
        askAnew(event.body.checkpoint)
        break
      case 'checkpoint-cancelled':
        askAnew(event.body.checkpoint)
        moves[event.body.checkpoint] = { cancelled: true, reason: event.body.reason, ...dated }
        break
      case 'option-chosen':
        choices.push({ ...event.body, ...dated })
        break
      case 'invitation-answered':
        answer({ ...event.body, ...dated })
        break
      case 'checkpoint-opened':
        if (held.has(event.body.checkpoint)) signAnew(event.body.checkpoint)
        break
      case 'checkpoint-held':
        held.add(event.body.checkpoint)
        troubles.clear()
        break
      case 'trouble':
        trouble(event.body)
        break
      case 'escalation-raised':
      case 'escalation-acknowledged':
      case 'escalation-cleared':
      case 'fired':
      case 'delivery':
      case 'delivery-retried':
      case 'program':
      case 'evidence':
      case 'token-issued':
      case 'token-revoked':
      case 'access-granted':
      case 'access-revoked':
      case 'reported':
      case 'decision':
        break
    }
  }

  const state = (): LedgerState => ({
    checkIns,
    blockers: [...blockers.values()],
    signOffs,
    waivers,
    overrides,
    ...(Object.keys(moves).length > 0 && { moves }),
    ...(choices.length > 0 && { choices }),
    ...(answers.size > 0 && { answers: [...answers.values()] }),
    ...(troubles.size > 0 && { troubles: [...troubles.values()] }),
  })
  return { take, state }
}
