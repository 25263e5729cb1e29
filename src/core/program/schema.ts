import { z } from 'zod'
import { CHANNEL_KINDS, CI_SERVICES, DELIVERABLE_KINDS, HEALTHS, NOTICE_KINDS, TIERS, VERDICTS, WEEKDAYS } from '#core/program/model.ts'
import { PROVENANCES } from '#core/evidence/evidence.ts'
import type { CollectorKind } from '#core/evidence/collector.ts'

/**
 * The shape of `muster.yaml`, as people write it. One source for three things: the check of a
 * file, the JSON Schema for editors, and the types of what `resolve` reads. What needs the rest of
 * the file to be judged (references, units, dates) is checked in `resolve`, with positions.
 */

/** Ids are used in branch names, file names, commands and links, so they are plain. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const idText = z
  .string()
  .regex(ID, 'an id has letters, digits, dot, dash and underscore, at most 64')
  .describe('An id: letters, digits, dot, dash and underscore, at most 64')
const map = <T extends z.ZodType>(value: T) => z.record(idText, value)

const line = z.string().min(1).max(500)
const reference = z.string().min(1).max(64)
const references = z.array(reference)
const amount = z.union([z.number(), z.string().min(1).max(60)]).describe('An amount: 40%, 150, 150 of 400, 15 tests, 5-15%, 2h')
const duration = z.string().min(1).max(30).describe('A duration: 30m, 2h, 1h30m, 3 days')
const moment = z
  .string()
  .min(10)
  .max(40)
  .describe('A wall time in the program’s zone: 2026-02-25 16:00, or 2026-02-25 EOD for the end of the working hours')
const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day is written HH:MM')
  .describe('Time of day: 16:00')
const weekday = z.enum(WEEKDAYS)

const comparisons = {
  metric: z.string().min(1).max(130).describe('What is looked at: <source>.<fact>, or one of the derived metrics'),
  atLeast: amount.optional(),
  atMost: amount.optional(),
  above: amount.optional(),
  below: amount.optional(),
  between: z
    .union([z.string().min(3).max(60), z.tuple([amount, amount])])
    .optional()
    .describe('A range: 40-50%, or [40%, 50%]'),
  equals: z.union([z.boolean(), amount]).optional(),
  provenance: z.enum(PROVENANCES).optional().describe('Least trust that satisfies; measured unless said'),
}

const metricCondition = z.strictObject(comparisons)
const sameTree = z.literal(true).optional().describe('A signature counts only for the tree it was given at: a change asks for another one')
const signOffCondition = z.strictObject({
  signOff: z.union([reference, z.strictObject({ roles: references.min(1), quorum: z.int().min(1).max(100).optional(), sameTree })]),
})
const targetsCondition = z.strictObject({ targets: z.union([z.literal('all'), z.array(z.enum(DELIVERABLE_KINDS)).min(1)]) })

export type ConditionInput =
  | z.infer<typeof metricCondition>
  | z.infer<typeof signOffCondition>
  | z.infer<typeof targetsCondition>
  | { all: ConditionInput[] }
  | { any: ConditionInput[] }
  | { not: ConditionInput }

const condition: z.ZodType<ConditionInput> = z
  .lazy(() =>
    z.union([
      metricCondition,
      signOffCondition,
      targetsCondition,
      z.strictObject({ all: z.array(condition).min(1).max(100) }),
      z.strictObject({ any: z.array(condition).min(1).max(100) }),
      z.strictObject({ not: condition }),
    ]),
  )
  .meta({ id: 'Condition' })

const person = z.strictObject({
  name: line,
  roles: z.array(idText).optional(),
  handle: z.string().max(80).optional(),
  email: z.email().optional(),
  slack: z.string().max(80).optional(),
  github: z.string().max(80).optional().describe('User name on GitHub'),
  gitlab: z.string().max(80).optional().describe('User name on GitLab'),
  allocation: z.string().max(10).optional().describe('Share of the working time: 50%'),
})

const deliverable = z.strictObject({
  title: line,
  kind: z.enum(DELIVERABLE_KINDS).optional(),
  measure: z.string().max(130).optional().describe('Metric that measures it; without one, a person signs that it is done'),
  full: amount.optional().describe('The whole: 400 lines, 15 tests, 90%, 5-15%'),
})

const globs = z.array(z.string().min(1).max(250))

const stream = z.strictObject({
  name: line,
  lead: reference,
  support: references.optional(),
  reviewers: references.optional(),
  branch: z.string().min(1).max(250),
  paths: globs.optional(),
  exclusive: globs.optional().describe('A list of path patterns of files that no other stream may change'),
  deliverables: map(deliverable).optional(),
  integrationPoints: map(z.strictObject({ title: line, with: line, measure: z.string().max(130).optional() })).optional(),
  dependsOn: z
    .union([references, z.record(idText, amount)])
    .optional()
    .describe('Streams it waits for, or stream: share that must be reached'),
})

const agendaItem = z.strictObject({
  item: line,
  time: duration,
  each: z.literal('stream').optional().describe('Held once for each stream, each time that long'),
  topics: z.array(line).optional(),
})

const outcome = z.strictObject({
  actions: z.array(line).optional(),
  next: z.string().max(64).optional().describe('Checkpoint to go on with'),
  extend: duration.optional().describe('NO-GO: how much longer the blocked streams get'),
  reevaluate: moment.optional().describe('NO-GO: when the decision is taken again'),
})

const criterionParts = {
  title: line.optional(),
  tier: z.enum(TIERS).optional().describe('critical unless said'),
  for: z
    .union([z.enum(['streams', 'program']), references.min(1)])
    .optional()
    .describe('streams (each of them) unless said'),
  owner: reference.optional().describe('Person or role who can mend it; the lead unless said'),
}

const criterion = z.union([
  metricCondition.extend(criterionParts),
  signOffCondition.extend(criterionParts),
  targetsCondition.extend(criterionParts),
  z.strictObject({ ...criterionParts, all: z.array(condition).min(1).max(100) }),
  z.strictObject({ ...criterionParts, any: z.array(condition).min(1).max(100) }),
  z.strictObject({ ...criterionParts, not: condition }),
])

const checkpoint = z.strictObject({
  name: line,
  at: moment.optional(),
  weekday: weekday.optional().describe('Checked against the date'),
  every: z.string().min(3).max(300).optional().describe('Instead of at, times that come again: Wed 16:00 and Fri 15:30, or an RRULE'),
  from: z.string().min(10).max(16).optional().describe('First day of what comes again: 2026-02-25'),
  until: z.string().length(10).optional().describe('Last day of what comes again: 2026-03-20'),
  count: z.int().min(1).max(200).optional().describe('How often it comes'),
  duration: duration.optional(),
  agenda: z.array(agendaItem).optional(),
  attendees: references.optional().describe('People, roles, or leads'),
  criteria: map(criterion).optional(),
  targets: z.record(idText, z.record(idText, z.union([amount, z.enum(['done', 'full'])]))).optional(),
  targetTier: z.enum(TIERS).optional().describe('supporting unless said'),
  decide: z
    .strictObject({
      question: line.optional(),
      merge: z.boolean().optional().describe('Whether a GO here lets the ready streams merge; true unless said'),
      go: outcome.optional(),
      noGo: outcome.optional(),
      signOff: z.record(idText, z.int().min(1).max(100)).optional().describe('role: quorum'),
    })
    .optional(),
})

const sync = z.strictObject({
  name: line,
  days: z.array(weekday).min(1),
  time: timeOfDay,
  duration,
  format: line.optional(),
  attendees: references.optional(),
  topics: z.array(line).optional(),
})

const option = z.strictObject({ title: line, pros: z.array(line).optional(), cons: z.array(line).optional() })

const policy = z.strictObject({
  verdict: map(z.strictObject({ title: line, when: condition, verdict: z.enum(VERDICTS).exclude(['GO']) })).optional(),
  health: map(z.strictObject({ title: line, when: condition, health: z.enum(HEALTHS).exclude(['ON TRACK', 'UNKNOWN']) })).optional(),
  matrices: map(
    z.strictObject({
      title: line,
      health: z.array(z.enum(HEALTHS)).min(1),
      immediate: z.array(line).optional(),
      within: duration.optional(),
      options: map(option),
      recommend: references.min(1),
      recommendation: line,
      escalateTo: reference.optional(),
    }),
  ).optional(),
  authority: z
    .strictObject({ waive: references.optional(), override: references.optional() })
    .optional()
    .describe('Roles that may waive a criterion, override a verdict'),
})

const escalation = z.strictObject({
  scenario: line,
  when: condition,
  owner: reference.optional(),
  escalateTo: reference,
  action: line,
  after: duration.optional(),
  steps: z
    .array(z.strictObject({ after: duration.optional(), to: reference, action: line.optional() }))
    .min(1)
    .max(20)
    .optional()
    .describe('A ladder: who is told when, counted from when it is owed; one step to escalateTo unless said'),
  repeat: duration.optional().describe('How often the last step comes again until somebody acknowledges'),
})

const schedule = z.strictObject({
  open: duration.optional().describe('How long before its start a checkpoint opens; 1h unless said'),
  invite: moment.optional().describe('When invitations go out; at once unless said'),
  remind: z.array(duration).max(10).optional().describe('Reminders before the start: [1 day, 1h]'),
  checkIns: duration.optional().describe('How long before the start check-ins are due'),
  watch: duration.optional().describe('How often evidence is looked at between checkpoints'),
  stall: z.int().min(1).max(100).optional().describe('Work days without measured progress after which a stream is stalled'),
  standUp: z
    .strictObject({
      days: z.array(weekday).min(1).optional(),
      time: timeOfDay,
      nudge: duration.optional().describe('How long after that whoever has not checked in is nudged; 30m unless said'),
    })
    .optional(),
})

const channel = z.strictObject({
  send: z.enum(CHANNEL_KINDS),
  to: z.string().min(1).max(500).optional().describe('Slack channel, URL, file, or forge source'),
  from: z.email().optional().describe('Sender of mail and invitations'),
  secret: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{0,99}$/, 'the name of an environment variable, such as MUSTER_SLACK_TOKEN')
    .optional()
    .describe('Environment variable that holds the token, secret or address; never the secret itself'),
})

const notify = z.strictObject({
  routes: z
    .partialRecord(z.enum(NOTICE_KINDS), references)
    .optional()
    .describe('Kind of notice: channels it goes to; all that carry it unless said'),
  quiet: z.string().max(20).optional().describe('Hours in which only what is urgent goes out: 20:00-08:00'),
  perPerson: z.int().min(1).max(1000).optional().describe('At most so many messages to one person in an hour'),
  digest: timeOfDay.optional().describe('Time at which what was held back goes out as one message'),
})

const sourceParts = {
  for: z
    .union([z.enum(['streams', 'program']), references.min(1)])
    .optional()
    .describe('streams (each of them) unless said; program is the target branch; or a list of streams'),
  timeLimit: duration.optional().describe('How long it may take: 30m, 2h; 10m unless said'),
  maxAge: duration.optional().describe('Evidence older than this is stale'),
  host: z.string().max(250).optional().describe('Evidence from another machine is stale'),
}

/** Keys every source takes, whatever its kind. */
export const SOURCE_KEYS = ['collect', ...Object.keys(sourceParts)] as const

const MADE = new WeakMap<readonly CollectorKind[], ReturnType<typeof makeSchema>>()

/** The schema of a program file, given the kinds of collector there are. Made once for each list of kinds: an editor loads a file at every key. */
export function programSchema(kinds: readonly CollectorKind[]): ReturnType<typeof makeSchema> {
  const known = MADE.get(kinds)
  if (known) return known
  const made = makeSchema(kinds)
  MADE.set(kinds, made)
  return made
}

function makeSchema(kinds: readonly CollectorKind[]) {
  const sources = kinds.map((kind) => {
    const options = kind.options instanceof z.ZodObject ? kind.options : z.strictObject({})
    return z.strictObject({ collect: z.literal(kind.kind).describe(kind.title), ...sourceParts, ...options.shape })
  })
  const [first, ...rest] = sources
  if (!first) throw new TypeError('a program needs at least one kind of collector')
  return z
    .strictObject({
      $schema: z.string().optional(),
      program: idText,
      name: line,
      repository: z.string().min(1).max(500).optional().describe('Path from this file’s folder, or a URL; . unless said'),
      target: z.string().min(1).max(250).optional().describe('Branch the streams merge into; main unless said'),
      calendar: z.strictObject({
        zone: z.string().min(1).max(60).describe('IANA time zone: Europe/Berlin'),
        workDays: z.array(weekday).min(1).optional(),
        hours: z.string().max(20).optional().describe('09:00-17:00'),
        holidays: z.array(z.string().max(10)).optional(),
      }),
      people: map(person),
      sources: z.record(idText, z.discriminatedUnion('collect', [first, ...rest])).optional(),
      streams: map(stream),
      checkpoints: map(checkpoint),
      syncs: map(sync).optional(),
      policy: policy.optional(),
      escalation: map(escalation).optional(),
      guard: z
        .strictObject({
          signOff: signOffCondition.shape.signOff,
          also: globs.min(1).optional().describe('Globs of more files that decide what is proven'),
          except: globs.min(1).optional().describe('Globs of files that may change freely'),
        })
        .optional()
        .describe('Who signs when a stream changes what judges it: CI, test settings, coverage lanes, baselines, the program, commands'),
      schedule: schedule.optional().describe('When things happen by themselves under `muster run`'),
      channels: map(channel).optional().describe('Ways out: Slack, mail, calendar, webhook, pull request, file'),
      notify: notify.optional().describe('What goes where, and when it may not'),
      ci: z
        .strictObject({
          service: z.enum(CI_SERVICES),
          repository: z.string().min(3).max(250).describe('Repository whose jobs count: owner/name, group/project'),
          issuer: z
            .string()
            .min(8)
            .max(500)
            .optional()
            .describe('Issuer of the identity tokens; that of github.com or gitlab.com unless said'),
          audience: z.string().min(1).max(250).optional().describe('What the tokens must be for; muster unless said'),
          keys: z
            .string()
            .min(1)
            .max(500)
            .optional()
            .describe(
              'The issuer’s keys (JWKS): an https address, or a path from this file’s folder; where the service publishes them unless said',
            ),
          workflow: z
            .string()
            .min(1)
            .max(500)
            .optional()
            .describe('The only workflow that counts, as the token names it: owner/name/.github/workflows/test.yml@refs/heads/main'),
        })
        .optional()
        .describe('The CI service whose identity tokens vouch for evidence, without a secret of Muster'),
      templates: map(
        z.strictObject({
          channel: line.describe('Id of a channel, or a kind of channel'),
          notice: z.enum(NOTICE_KINDS).optional().describe('Kind of notice that it words; the one that it is called after unless said'),
          text: z.string().min(1).max(20_000),
        }),
      )
        .optional()
        .describe('Messages in Liquid, in place of those that Muster ships'),
      merge: z
        .strictObject({
          perDay: z.int().min(1).max(100).optional(),
          time: timeOfDay.optional(),
          test: reference.optional().describe('The id of a command source that `muster radar --test` runs on merged waves'),
          exceptions: z
            .array(z.strictObject({ paths: globs.min(1), streams: references.min(1).optional(), reason: line }))
            .optional()
            .describe('A list of exceptions: paths that others may change although they are exclusively a stream’s, each with its reason'),
        })
        .optional(),
    })
    .meta({ title: 'Muster program', description: 'Streams of work, what each owes at which checkpoint, and how it is decided.' })
}

export type ProgramInput = z.infer<ReturnType<typeof programSchema>>
