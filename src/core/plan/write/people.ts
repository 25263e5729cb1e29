import { amountText, comment, flow, q, type Writing } from '#core/plan/write/yaml.ts'
import { Ids } from '#core/plan/read/text.ts'

interface Entry {
  readonly id: string
  readonly name: string
  readonly roles: Set<string>
  readonly more: readonly string[]
}

/** People of the program file: those of the plan, and one to be named where a unit has no lead. */
export interface People {
  /** The id of a person of the plan; undefined when the plan has no such person. */
  readonly id: (planId: string) => string | undefined
  readonly hasRole: (role: string) => boolean
  readonly holders: (role: string) => number
  /** Gives a person a role of their own name, so that they can sign alone. */
  readonly asRole: (planId: string) => string | undefined
  /** Stands for the lead of a unit that names none. */
  readonly nobody: () => string
  /** The first of these roles that somebody holds; else `lead`. */
  readonly signer: (...roles: readonly string[]) => string
  readonly lines: () => readonly string[]
}

export function peopleOf({ plan, say }: Writing): People {
  const ids = new Ids()
  const entries = new Map<string, Entry>()
  for (const one of plan.people) {
    const id = ids.take(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(one.id) ? one.id : 'person', 'person')
    const share = one.allocation?.value
    const possible = share !== undefined && share >= 0 && share <= 1
    if (share !== undefined && !possible)
      say(one.allocation ?? one, `${one.name} is given ${amountText(share, 'ratio')} of their time; a share is at most 100%`)
    entries.set(one.id, {
      id,
      name: one.name === '' ? id : one.name,
      roles: new Set(one.roles.map((role) => role.value).filter((role) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(role))),
      more: [
        ...(one.handle === undefined ? [] : [`handle: ${q(one.handle.slice(0, 80))}`]),
        ...(one.email === undefined ? [] : [`email: ${q(one.email)}`]),
        ...(one.slack === undefined ? [] : [`slack: ${q(one.slack.slice(0, 80))}`]),
        ...(one.github === undefined ? [] : [`github: ${q(one.github.slice(0, 80))}`]),
        ...(share === undefined
          ? []
          : possible
            ? [`allocation: ${amountText(share, 'ratio')}`]
            : [`# allocation: ${amountText(share, 'ratio')} in the plan`]),
      ],
    })
  }
  const held = (role: string): readonly Entry[] => [...entries.values()].filter((one) => one.roles.has(role))
  let unnamed: string | undefined
  return {
    id: (planId) => entries.get(planId)?.id,
    hasRole: (role) => held(role).length > 0,
    holders: (role) => held(role).length,
    asRole: (planId) => {
      const entry = entries.get(planId)
      entry?.roles.add(entry.id)
      return entry?.id
    },
    nobody: () => {
      if (unnamed === undefined) {
        unnamed = ids.take('unassigned', 'person')
        entries.set('\0nobody', { id: unnamed, name: 'Not named yet', roles: new Set(), more: [] })
      }
      return unnamed
    },
    signer: (...roles) => roles.find((role) => held(role).length > 0) ?? 'lead',
    lines: () => {
      if (entries.size === 0) return ['# The plan names nobody.', 'people: {}']
      return [
        ...(held('phase-lead').length === 0
          ? [comment('The plan calls nobody the phase lead: give somebody roles: [phase-lead], who may waive and override.')]
          : []),
        'people:',
        ...[...entries.values()].flatMap((one) => [
          `  ${q(one.id)}:`,
          `    name: ${q(one.name)}`,
          ...(one.roles.size > 0 ? [`    roles: ${flow([...one.roles])}`] : []),
          ...one.more.map((line) => `    ${line}`),
        ]),
      ]
    },
  }
}
