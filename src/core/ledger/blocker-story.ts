import type { DeliveryRecord, EventType, LedgerEvent } from '#core/ledger/events.ts'
import type { Program } from '#core/program/model.ts'
import { formatInstant } from '#core/schedule/time.ts'

/** One thing that is on record of a blocker. */
export interface StoryEntry {
  readonly seq: number
  readonly at: string
  /** Person id, or `muster`. */
  readonly actor: string
  readonly text: string
}

/** What is said of an event; undefined where it is about something else. */
type Words = { readonly [T in EventType]?: (body: Extract<LedgerEvent, { readonly type: T }>['body']) => string | undefined }

/**
 * Everything that is on record of one blocker, one event at a time, oldest first: what people did, whom it
 * was told over which channel, and the escalations that named it when they were raised.
 */
export function blockerStory({ calendar }: Pick<Program, 'calendar'>, blocker: string) {
  const entries: StoryEntry[] = []
  const escalations = new Set<string>()
  const when = (instant: string): string => formatInstant(instant, calendar.zone)
  const ofThis = (id: string, text: string): string | undefined => (id === blocker ? text : undefined)
  const ofIts = (escalation: string, text: string): string | undefined => (escalations.has(escalation) ? text : undefined)

  const words = {
    'blocker-opened': ({ blocker: id, severity, owner, deadline, workaround }) =>
      ofThis(
        id,
        `opened it, ${severity}: ${owner} resolves it by ${when(deadline)}${workaround === undefined ? '' : `; workaround: ${workaround}`}`,
      ),
    'blocker-changed': ({ blocker: id, deadline, ...rest }) => {
      const parts = Object.entries({ ...rest, ...(deadline !== undefined && { deadline: when(deadline) }) })
      return ofThis(id, `changed it: ${parts.map(([key, value]) => `${key} ${value === '' ? 'taken back' : value}`).join('; ')}`)
    },
    'blocker-acknowledged': ({ blocker: id, until }) => ofThis(id, `acknowledged it until ${when(until)}`),
    'blocker-resolved': ({ blocker: id, outcome, note }) => ofThis(id, `resolved it (${outcome}): ${note}`),
    'escalation-raised': ({ escalation, scenario, owner, escalateTo, because }) => {
      if (because.includes(`(${blocker})`)) escalations.add(escalation)
      return ofIts(escalation, `raised escalation ${escalation}, from ${owner} to ${escalateTo}: ${scenario}`)
    },
    'escalation-acknowledged': ({ escalation, until }) => ofIts(escalation, `acknowledged escalation ${escalation} until ${when(until)}`),
    'escalation-cleared': ({ escalation, reason }) => ofIts(escalation, `cleared escalation ${escalation}: ${reason}`),
    delivery: deliveryText,
  } satisfies Words

  function deliveryText({ message, channel, to, state, reason }: DeliveryRecord): string | undefined {
    const escalation = [...escalations].find((one) => isAbout(message, 'escalation', one))
    if (escalation === undefined && !isAbout(message, 'blocker', blocker)) return undefined
    const stage = STAGES[/\/([a-z]+)@/.exec(message)?.[1] ?? '']
    const what = escalation !== undefined ? `of escalation ${escalation}` : stage === undefined ? 'how it stands' : `that ${stage}`
    return `${SENT[state]} ${to === EVERYBODY ? '' : `${to} `}over ${channel} ${what}${reason === undefined ? '' : `: ${reason}`}`
  }

  return {
    /** Events that it looks at. */
    types: Object.keys(words) as readonly EventType[],
    take(event: LedgerEvent): void {
      const say = (words as Words)[event.type] as ((body: LedgerEvent['body']) => string | undefined) | undefined
      const text = say?.(event.body)
      if (text !== undefined) entries.push({ seq: event.seq, at: event.at, actor: event.actor, text })
    },
    entries,
  }
}

/** To whom a channel that all read is addressed. */
const EVERYBODY = '*'

/** The key of a message names its kind and its thread. */
const isAbout = (message: string, kind: string, id: string): boolean => message.includes(`/${kind}/${kind}:${id}/`)

const SENT: Readonly<Record<DeliveryRecord['state'], string>> = {
  delivered: 'told',
  uncertain: 'perhaps told',
  failed: 'could not tell',
  dropped: 'did not tell',
}

const STAGES: Readonly<Record<string, string>> = {
  opened: 'it was opened',
  raised: 'it is critical now',
  deadline: 'its deadline has passed',
  acknowledgement: 'nobody is on it any more',
  sync: 'an emergency sync is due',
  workarounds: 'ways around are wanted',
  decision: 'a decision is due',
  again: 'the decision is still due',
}
