import { z } from 'zod'
import { BLOCKER_OUTCOMES, SEVERITIES, type BlockerChanged } from '#core/ledger/events.ts'
import { freeId } from '#core/ledger/free-id.ts'
import type { Blocker } from '#core/ledger/state.ts'
import { acknowledged, deadline, readAcknowledged, readField, reference, text } from '#core/people/fields.ts'
import { accept, type Decided, type Given } from '#core/people/given.ts'
import { refuse, refuseUnknown, type Refusal } from '#core/people/refusal.ts'
import { findPerson, streamIds, whichStream, whoActs } from '#core/people/who.ts'
import { formatZoned } from '#core/schedule/time.ts'

/** Labels that have metrics and escalations of their own. */
export const BLOCKER_LABELS = ['security', 'merge'] as const

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

const opened = {
  title: text.describe('What it is'),
  severity: z.enum(SEVERITIES).describe('How bad it is; a critical one blocks the stream'),
  impact: text.describe('What it keeps from happening'),
  workaround: text.optional().describe('How work goes on meanwhile'),
  labels: z
    .array(z.enum(BLOCKER_LABELS))
    .max(BLOCKER_LABELS.length)
    .optional()
    .describe('Labels that have metrics and escalations of their own'),
  owner: reference.optional().describe('Who resolves it; the lead of the stream unless said'),
  deadline: deadline.optional().describe('By when; 2h unless said'),
  id: z
    .string()
    .refine((value) => ID.test(value), {
      error: ({ input }) => `"${String(input)}" cannot be an id; use letters, digits, dot, dash and underscore, at most 64`,
    })
    .optional()
    .describe('Its id; b-1, b-2, ... unless said'),
}

/** A blocker that a check-in brings: its stream is that of the check-in. */
export const blockerInCheckIn = z.strictObject(opened)

export const openInput = z.strictObject({
  stream: reference.optional().describe('Stream that it stops; the one you lead unless said'),
  ...opened,
})

export function openBlocker(given: Given, name: string | undefined, input: z.infer<typeof openInput>): Decided {
  const { program } = given
  const actor = whoActs(program, name, { act: 'open-blocker' })
  if (!actor.ok) return actor
  const { person } = actor
  const chosen = whichStream(program, streamIds(program), input.stream, person, 'is blocked')
  return chosen.ok ? openFor(given, person, chosen.stream, input) : chosen
}

/** The blocker of a person who may open it, for a stream that there is. */
export function openFor(given: Given, person: string, stream: string, input: z.infer<typeof blockerInCheckIn>): Decided {
  const { program, state } = given
  const lead = program.streams.find((one) => one.id === stream)?.lead ?? person
  const owner = input.owner === undefined ? { id: lead } : findPerson(program, input.owner, 'owner')
  if ('ok' in owner) return owner
  const until = readField(given, 'deadline', input.deadline ?? '2h')
  if (!until.ok) return until
  const taken = state.blockers.map((one) => one.blocker)
  if (input.id !== undefined && taken.includes(input.id))
    return refuse('settled', `there is a blocker ${input.id} already; leave id out, or choose another`, { field: 'id' })
  const blocker = input.id ?? freeId('b', taken)
  const { title, severity, impact, workaround, labels } = input
  return accept(
    person,
    `${person} opened ${severity} blocker ${blocker} of ${stream}: ${title}; ${owner.id} resolves it by ${formatZoned(until.instant, program.calendar.zone)}`,
    {
      type: 'blocker-opened',
      body: {
        blocker,
        stream,
        title,
        severity,
        impact,
        ...(workaround !== undefined && { workaround }),
        ...(labels && labels.length > 0 && { labels: [...new Set(labels)] }),
        owner: owner.id,
        deadline: until.instant,
      },
    },
  )
}

const blocker = reference.describe('Id of the blocker')

export const updateInput = z
  .strictObject({
    blocker,
    severity: opened.severity.optional(),
    impact: opened.impact.optional(),
    workaround: z
      .union([z.literal(''), text])
      .optional()
      .describe('An empty text takes it back'),
    owner: reference.optional().describe('Who resolves it from now on'),
    deadline: deadline.optional(),
  })
  .refine(
    ({ severity, impact, workaround, owner, deadline: by }) => [severity, impact, workaround, owner, by].some((one) => one !== undefined),
    'nothing to change: give severity, impact, workaround, owner or deadline',
  )

export function updateBlocker(given: Given, name: string | undefined, input: z.infer<typeof updateInput>): Decided {
  const open = openOne(given, name, input.blocker)
  if (!open.ok) return open
  const { known, person } = open
  const owner = input.owner === undefined ? undefined : findPerson(given.program, input.owner, 'owner')
  if (owner && 'ok' in owner) return owner
  const until = input.deadline === undefined ? undefined : readField(given, 'deadline', input.deadline)
  if (until?.ok === false) return until
  const wanted: Omit<BlockerChanged, 'blocker'> = {
    ...(input.severity !== undefined && { severity: input.severity }),
    ...(input.impact !== undefined && { impact: input.impact }),
    ...(input.workaround !== undefined && { workaround: input.workaround.trim() === '' ? '' : input.workaround }),
    ...(owner && { owner: owner.id }),
    ...(until && { deadline: until.instant }),
  }
  const changes = Object.entries(wanted).filter(([key, value]) => (known[key as keyof typeof wanted] ?? '') !== value)
  if (changes.length === 0) return refuse('settled', `blocker ${known.blocker} already is what you ask for; nothing was recorded`)
  return accept(person, `${person} changed ${changes.map(([key]) => key).join(', ')} of blocker ${known.blocker} of ${known.stream}`, {
    type: 'blocker-changed',
    body: { blocker: known.blocker, ...(Object.fromEntries(changes) as typeof wanted) },
  })
}

export const acknowledgeInput = z.strictObject({ blocker, for: acknowledged })

export function acknowledgeBlocker(given: Given, name: string | undefined, input: z.infer<typeof acknowledgeInput>): Decided {
  const open = openOne(given, name, input.blocker)
  if (!open.ok) return open
  const until = readAcknowledged(given, 'for', input.for)
  if (!until.ok) return until
  const { known, person } = open
  return accept(
    person,
    `${person} acknowledged blocker ${known.blocker} of ${known.stream} until ${formatZoned(until.instant, given.program.calendar.zone)}`,
    { type: 'blocker-acknowledged', body: { blocker: known.blocker, until: until.instant } },
  )
}

export const resolveInput = z.strictObject({
  blocker,
  outcome: z.enum(BLOCKER_OUTCOMES).describe('How it ended'),
  note: text.describe('What was done'),
})

export function resolveBlocker(given: Given, name: string | undefined, { outcome, note, ...input }: z.infer<typeof resolveInput>): Decided {
  const open = openOne(given, name, input.blocker)
  if (!open.ok) return open
  const { known, person } = open
  return accept(person, `${person} resolved blocker ${known.blocker} of ${known.stream} (${outcome})`, {
    type: 'blocker-resolved',
    body: { blocker: known.blocker, outcome, note },
  })
}

/** The blocker, and the person who may change it. */
function openOne(
  { program, state }: Given,
  name: string | undefined,
  id: string,
): { readonly ok: true; readonly known: Blocker; readonly person: string } | Refusal {
  const known = state.blockers.find((one) => one.blocker === id)
  if (!known) {
    const open = state.blockers.filter((one) => one.resolvedAt === undefined).map((one) => one.blocker)
    return refuseUnknown('blocker', id, open, 'blocker')
  }
  if (known.resolvedAt !== undefined)
    return refuse('settled', `blocker ${id} was resolved at ${formatZoned(known.resolvedAt, program.calendar.zone)}`, {
      remedy: 'open a new one if it is back',
    })
  const actor = whoActs(program, name, { act: 'change-blocker', blocker: id, stream: known.stream, owner: known.owner })
  return actor.ok ? { ok: true, known, person: actor.person } : actor
}
