import type { Person, Policy, Stream } from '#core/program/model.ts'

/** What of a program says who may do what: all that a page needs to say so beforehand. */
export interface Staff {
  readonly people: readonly Pick<Person, 'id' | 'roles'>[]
  readonly streams: readonly Pick<Stream, 'id' | 'lead' | 'support'>[]
  readonly policy: Pick<Policy, 'authority'>
}

/** What somebody wants to put on record. */
export type Act =
  | { readonly act: 'check-in'; readonly stream: string }
  | { readonly act: 'open-blocker' | 'retry-delivery' }
  | { readonly act: 'change-blocker'; readonly blocker: string; readonly stream: string; readonly owner: string }
  /** `what` in words; `roles` that are asked for; `stream` it is signed for, absent: the program. */
  | { readonly act: 'sign'; readonly what: string; readonly roles: readonly string[]; readonly stream?: string }
  | { readonly act: 'waive' }
  | { readonly act: 'override' }
  | { readonly act: 'issue-token'; readonly stream: string }
  | { readonly act: 'revoke-token'; readonly stream: string }
  /** For the machines of a stream; a person issues it for themselves alone, and nobody is asked. */
  | { readonly act: 'issue-access'; readonly stream: string }
  | ({ readonly act: 'revoke-access' } & ({ readonly person: string } | { readonly stream: string }))
  | { readonly act: 'move-checkpoint' | 'cancel-checkpoint'; readonly checkpoint: string }
  /** `told`: the people it is escalated to. */
  | { readonly act: 'acknowledge-escalation'; readonly escalation: string; readonly owner: string; readonly told: readonly string[] }
  /** `escalateTo`: person or role of the matrix. */
  | { readonly act: 'choose-option'; readonly stream: string; readonly escalateTo?: string }

/** One way to be allowed: a role (in the program, a stream or a blocker) and the people who hold it. */
export interface Right {
  readonly role: string
  readonly people: readonly string[]
}

/**
 * People who hold a role; `lead` is the lead of the stream, or of any where none is named. The
 * same people whose word `evaluate` counts.
 */
export function holdersOf(program: Staff, role: string, stream?: string): readonly string[] {
  if (role !== 'lead') return program.people.filter((one) => one.roles.includes(role)).map((one) => one.id)
  return [...new Set(program.streams.filter((one) => stream === undefined || one.id === stream).map((one) => one.lead))]
}

/** Every way in which an act is allowed, also those that nobody holds. */
export function rightsTo(program: Staff, act: Act): readonly Right[] {
  const held = (roles: readonly string[], stream?: string): Right[] =>
    roles.map((role) => ({ role, people: holdersOf(program, role, stream) }))
  switch (act.act) {
    case 'check-in':
      return [
        { role: 'lead', people: holdersOf(program, 'lead', act.stream) },
        { role: 'support', people: supportOf(program, act.stream) },
      ]
    case 'open-blocker':
    case 'retry-delivery':
      return [{ role: 'person of the program', people: program.people.map((one) => one.id) }]
    case 'change-blocker':
      return [
        { role: 'owner', people: [act.owner] },
        { role: 'lead', people: holdersOf(program, 'lead', act.stream) },
        { role: 'support', people: supportOf(program, act.stream) },
        ...held(program.policy.authority.override),
      ]
    case 'sign':
      return held(act.roles, act.stream)
    case 'waive':
      return held(program.policy.authority.waive)
    // Who holds a token decides what is reported: nobody gains a say by it who could not override.
    case 'override':
    case 'issue-token':
    case 'issue-access':
      return held(program.policy.authority.override)
    case 'revoke-token':
      return [{ role: 'lead', people: holdersOf(program, 'lead', act.stream) }, ...held(program.policy.authority.override)]
    case 'revoke-access':
      return [
        'person' in act
          ? { role: 'the person it is for', people: [act.person] }
          : { role: 'lead', people: holdersOf(program, 'lead', act.stream) },
        ...held(program.policy.authority.override),
      ]
    case 'move-checkpoint':
    case 'cancel-checkpoint':
      return held([...new Set(['phase-lead', ...program.policy.authority.override])])
    case 'acknowledge-escalation':
      return [
        { role: 'owner', people: [act.owner] },
        { role: 'escalated to', people: act.told },
        ...held(program.policy.authority.override),
      ]
    case 'choose-option':
      return [
        { role: 'lead', people: holdersOf(program, 'lead', act.stream) },
        ...(act.escalateTo === undefined ? [] : [rightOf(program, act.escalateTo)]).filter(
          ({ role }) => role !== 'lead' && !program.policy.authority.override.includes(role),
        ),
        ...held(program.policy.authority.override),
      ]
  }
}

/** Of a person, or of a role. */
const rightOf = (program: Staff, id: string): Right =>
  program.people.some((one) => one.id === id) ? { role: 'escalated to', people: [id] } : { role: id, people: holdersOf(program, id) }

const supportOf = (program: Staff, stream: string): readonly string[] => program.streams.find((one) => one.id === stream)?.support ?? []

/** The act in words, after "may". */
export function actWords(act: Act): string {
  switch (act.act) {
    case 'check-in':
      return `check in for stream ${act.stream}`
    case 'open-blocker':
      return 'open a blocker'
    case 'retry-delivery':
      return 'have a message sent again'
    case 'change-blocker':
      return `change blocker ${act.blocker} of stream ${act.stream}`
    case 'sign':
      return `sign ${act.what}`
    case 'waive':
      return 'waive a criterion'
    case 'override':
      return 'override a verdict'
    case 'issue-token':
      return `issue a token for stream ${act.stream}`
    case 'revoke-token':
      return `revoke a token of stream ${act.stream}`
    case 'issue-access':
      return `issue access for stream ${act.stream}`
    case 'revoke-access':
      return `revoke access of ${'person' in act ? act.person : `stream ${act.stream}`}`
    case 'move-checkpoint':
      return `move checkpoint ${act.checkpoint}`
    case 'cancel-checkpoint':
      return `cancel checkpoint ${act.checkpoint}`
    case 'acknowledge-escalation':
      return `acknowledge escalation ${act.escalation}`
    case 'choose-option':
      return `choose what is done about stream ${act.stream}`
  }
}

/** Each right with its people: `lead (lead-a) or support (helper-a)`. */
export const rightsWords = (rights: readonly Right[]): string =>
  rights.map(({ role, people }) => `${role} (${people.length === 0 ? 'nobody' : people.join(', ')})`).join(' or ')

export type Permit =
  | { readonly ok: true; readonly roles: readonly string[] }
  /** Two lines: who may not do what, and who may. */
  | { readonly ok: false; readonly reason: string }

/** May this person do this? A refusal names the roles that may, and who holds them. */
export function permit(program: Staff, act: Act, person: string): Permit {
  const rights = rightsTo(program, act)
  const roles = rights.filter((right) => right.people.includes(person)).map((right) => right.role)
  if (roles.length > 0) return { ok: true, roles }
  return { ok: false, reason: `${person} may not ${actWords(act)}\n  ${whoMay(rights)}` }
}

/** `this takes: phase-lead (boss-a)`, or what to do where nobody holds any of the roles. */
export function whoMay(rights: readonly Right[]): string {
  const takes = `this takes: ${rightsWords(rights)}`
  return rights.some((right) => right.people.length > 0) ? takes : `${takes}; give somebody the role under people`
}

/** Everybody who may, each once, in the order of the rights. */
export const peopleWhoMay = (program: Staff, act: Act): readonly string[] => [
  ...new Set(rightsTo(program, act).flatMap((right) => right.people)),
]
