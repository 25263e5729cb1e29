import { z } from 'zod'
import { ANSWERS, BLOCKER_OUTCOMES, SEVERITIES } from '#core/ledger/events.ts'
import { STATUSES } from '#core/evaluate/model.ts'
import { DELIVERABLE_KINDS, HEALTHS, TIERS, VERDICTS, WEEKDAYS, type NoticeKind } from '#core/program/model.ts'

/**
 * What each kind of notice says, as data: what templates may use, what a webhook sends, what the
 * outbox keeps. Every key is always there; what is not known is null, so that a template that
 * passes the linter never fails when it is used. Instants are UTC, spans are seconds, shares 0-1.
 */

const text = z.string()
const instant = z.string().describe('instant in UTC')
const date = z.string().describe('YYYY-MM-DD')
const share = z.number().describe('share, 0-1')
const seconds = z.number().describe('seconds')
const words = z.array(text)

const person = z.object({ id: text, name: text })

const program = z.object({
  id: text,
  name: text,
  zone: text.describe('IANA time zone of the wall times'),
  target: text.describe('branch that the streams merge into'),
  url: text.nullable().describe('address of the repository'),
})

const agendaItem = z.object({
  title: text,
  seconds,
  eachStream: z.boolean().describe('held once for each stream, each time that long'),
  topics: words,
})

const meeting = z.object({
  id: text,
  name: text,
  at: instant,
  endsAt: instant,
  durationSeconds: seconds,
  question: text.describe('what is decided there'),
  agenda: z.array(agendaItem),
  attendees: z.array(person),
})

const streamName = z.object({ id: text, name: text, lead: person })

const stream = streamName.extend({
  health: z.enum(HEALTHS),
  because: text.describe('why it has this health'),
  progress: share.nullable().describe('share of the whole that is done'),
  ready: z.boolean().describe('nothing critical of it is open'),
  risk: z.enum(['LOW', 'MEDIUM', 'HIGH']),
  riskBecause: text,
  merge: z.object({
    state: z.enum(['merged', 'planned', 'held', 'waits', 'none']).describe('`none`: its merge is not decided here'),
    on: date.nullable().describe('day on which it merges'),
    because: text.nullable().describe('why it does not merge yet'),
  }),
  confidence: share.nullable().describe('claimed by its lead'),
})

const blocker = z.object({
  id: text,
  title: text,
  stream: z.object({ id: text, name: text }),
  severity: z.enum(SEVERITIES),
  impact: text,
  workaround: text.nullable(),
  owner: person,
  openedAt: instant,
  deadline: instant,
  overdue: z.boolean(),
  acknowledgedUntil: instant.nullable(),
  resolvedAt: instant.nullable(),
})

const criterion = z.object({
  id: text,
  title: text,
  tier: z.enum(TIERS),
  status: z.enum(STATUSES),
  rawStatus: z.enum(STATUSES).describe('before waivers'),
  actual: text.nullable().describe('what was found, with its unit'),
  target: text.nullable().describe('what it was held against, with its unit'),
  because: text,
  flip: text.nullable().describe('what would turn it'),
  who: words.describe('names of those who can'),
})

const deliverable = z.object({
  id: text,
  title: text,
  kind: z.enum(DELIVERABLE_KINDS),
  measured: text.nullable().describe('with its unit'),
  claimed: text.nullable(),
  due: text.nullable().describe('due at this checkpoint'),
  full: text.nullable(),
  share: share.nullable().describe('of the whole, where it is an amount'),
  status: z.enum(STATUSES).nullable().describe('of the target at this checkpoint'),
  because: text.nullable(),
})

const action = z.object({
  kind: text,
  text,
  who: words,
  due: instant.nullable(),
  about: text.nullable().describe('name of the stream it is about'),
})

const verdict = z.enum(VERDICTS)

const outcome = z.object({
  verdict,
  rule: text.describe('title of the rule that fired'),
  override: z.object({ by: text, at: instant, reason: text, computed: verdict }).nullable(),
})

const next = z.object({ name: text, at: instant })

const checkIn = z.object({
  at: instant,
  by: text,
  done: words,
  next: words,
  risks: words,
  waitingOn: words,
  blocking: words,
})

const base = { program }

/** Kind of notice -> its data. */
export const NOTICE_DATA = {
  invitation: z.object({
    ...base,
    meeting: meeting.extend({
      uid: text.describe('of the calendar event, for ever'),
      attendees: z.array(
        person.extend({
          roles: words,
          takesPart: z.enum(['chair', 'required', 'optional']),
          says: z.enum(ANSWERS).nullable().describe('answer to an earlier invitation to the same time'),
        }),
      ),
      criteria: z.array(z.object({ title: text, about: text })).describe('the critical ones'),
      moreCriteria: z.number().describe('how many others there are'),
      repeats: z
        .object({ days: z.array(z.enum(WEEKDAYS)), time: text.describe('HH:MM'), until: instant, except: z.array(date) })
        .nullable()
        .describe('of a sync: the days of the week'),
    }),
    sequence: z.number().describe('rises with each change'),
    change: z
      .enum(['new', 'changed', 'moved', 'cancelled', 'withdrawn', 'readdressed'])
      .describe('`withdrawn`: it takes place, without whom this is said to; `readdressed`: their invitation goes to another address now'),
    reason: text.nullable(),
    addresses: z
      .record(z.string(), text)
      .nullable()
      .describe('by id of a person: where it is taken back, of those whose address is another now'),
  }),
  reminder: z.object({
    ...base,
    checkpoint: meeting,
    inSeconds: seconds,
    toCheckIn: z.array(streamName).describe('streams whose lead has not checked in since the checkpoint before'),
    blockers: z.array(blocker).describe('open ones, the worst first'),
  }),
  opened: z.object({
    ...base,
    checkpoint: meeting,
    late: z.boolean(),
    toCheckIn: z.array(streamName),
    blockers: z.array(blocker),
  }),
  decision: z.object({
    ...base,
    checkpoint: meeting,
    at: instant,
    decision: outcome,
    streams: z.array(stream),
    integrationPoints: z.array(z.object({ stream: text, title: text, with: text, status: z.enum(STATUSES), because: text })),
    dependencies: z.array(z.object({ stream: text, needs: text, reaches: share, progress: share.nullable() })),
    against: z.array(criterion.extend({ about: text })).describe('what keeps the verdict from GO, worst first, at most 25'),
    moreAgainst: z.number().describe('how many more there are'),
    conditions: z.array(z.object({ text, owner: text, due: instant, about: text })),
    escalations: z.array(z.object({ scenario: text, owner: text, to: text, action: text, because: text, about: text })),
    signOffs: z.array(
      z.object({ role: text, quorum: z.number(), approved: words, refused: words, waitingFor: words }).describe('names of people'),
    ),
    merge: z
      .object({
        days: z.array(z.object({ date, weekday: z.enum(WEEKDAYS), streams: words })),
        held: z.array(z.object({ stream: text, because: text })),
      })
      .nullable(),
    again: z
      .object({ extendedUntil: instant.nullable(), reevaluateAt: instant.nullable(), continuing: words })
      .nullable()
      .describe('on NO-GO'),
    actions: z.array(action).describe('what else is to be done, beside the conditions'),
    moreActions: z.number(),
    risk: z.enum(['LOW', 'MEDIUM', 'HIGH']),
    confidence: share.nullable().describe('the lowest that a lead claims'),
    next: next.nullable(),
    record: z.object({ id: text, seq: z.number() }).nullable().describe('the decision in the ledger'),
    head: text.nullable().describe('where the ledger ended before it, as number:hash for `muster verify --head`'),
  }),
  status: z.object({
    ...base,
    checkpoint: meeting,
    at: instant,
    stream: stream.extend({
      branch: text,
      commit: text.nullable().describe('commit that was judged'),
      deliverables: z.array(deliverable),
      criteria: z.array(criterion).describe('the open ones first, at most 25'),
      moreCriteria: z.number(),
      completed: words,
      remaining: words,
      blockers: z.array(blocker),
      checkIn: checkIn.nullable(),
    }),
    decision: outcome,
    decided: z.boolean().describe('false of a look at the evidence in between'),
    next: next.nullable(),
  }),
  'sign-off': z.object({
    ...base,
    checkpoint: meeting,
    role: text,
    quorum: z.number(),
    approved: z.array(person),
    refused: z.array(person),
    waitingFor: z.array(person),
    verdict: verdict.nullable(),
    due: instant.nullable(),
  }),
  'check-in': z.object({ ...base, checkpoint: meeting, streams: z.array(streamName), due: instant }),
  'stand-up': z.object({
    ...base,
    date,
    nudge: z.boolean().describe('it is for those who have not checked in'),
    checkIns: z.array(checkIn.extend({ stream: streamName })),
    missing: z.array(streamName),
    blockers: z.array(blocker),
  }),
  sync: z.object({
    ...base,
    sync: z.object({
      id: text,
      name: text,
      at: instant,
      endsAt: instant,
      durationSeconds: seconds,
      format: text,
      topics: words,
      attendees: z.array(person),
    }),
    blockers: z.array(blocker),
    next: next.nullable().describe('the checkpoint that follows'),
  }),
  blocker: z.object({
    ...base,
    blocker,
    change: z
      .enum([
        'opened',
        'raised',
        'changed',
        'acknowledged',
        'unacknowledged',
        'overdue',
        'resolved',
        'sync',
        'workarounds',
        'decision',
        'again',
      ])
      .describe('what there is to tell; `raised`: it has become critical; the last four are the protocol of a critical blocker'),
    by: person.nullable().describe('who raised, changed, acknowledged or resolved it'),
    changed: words.describe('what of it was changed: severity, impact, workaround, owner, deadline'),
    decider: person.nullable().describe('who decides what is done about it'),
    options: words.describe('what can be decided'),
    outcome: z.enum(BLOCKER_OUTCOMES).nullable().describe('how it was resolved, and what whoever did it says of it'),
    note: text.nullable(),
  }),
  escalation: z.object({
    ...base,
    escalation: z.object({
      id: text,
      scenario: text,
      about: text.describe('name of the stream, or the program'),
      owner: person,
      to: person,
      because: text,
      raisedAt: instant,
      acknowledgedUntil: instant.nullable(),
      clearedAt: instant.nullable(),
      clearedBecause: text.nullable(),
    }),
    change: z.enum(['raised', 'stepped', 'repeated', 'acknowledged', 'cleared']),
    by: person.nullable().describe('who acknowledged it'),
    step: z.number().describe('from 1'),
    steps: z.number(),
    action: text,
    blockers: z.array(blocker).describe('open ones of that stream'),
  }),
  stalled: z.object({
    ...base,
    stream: streamName,
    since: instant.nullable(),
    workDays: z.number(),
    blockers: z.array(blocker),
  }),
  waiver: z.object({
    ...base,
    waiver: z.object({
      id: text,
      criterion: text,
      about: text,
      reason: text,
      by: person,
      expires: instant.nullable(),
      renew: text.describe('the command that renews it, but for the reason and the new end'),
    }),
    checkpoint: next,
    lapsed: z.boolean(),
  }),
  trouble: z.object({ ...base, what: text, because: text, remedy: text.nullable(), since: instant }),
  digest: z.object({ ...base, notices: z.array(z.object({ kind: text, title: text, at: instant })) }),
} as const satisfies Record<NoticeKind, z.ZodObject>

export type NoticeData = { readonly [K in NoticeKind]: z.infer<(typeof NOTICE_DATA)[K]> }
