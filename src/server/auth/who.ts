import type { Access } from '#core/people/access.ts'
import type { Program } from '#core/program/model.ts'

/** Who asks. `until`: seconds. */
export type Who =
  /** Holds the session of this machine, and says with each write whom they act as. */
  | { readonly mode: 'local'; readonly session: string; readonly until: number }
  /** Came in through the issuer; which person that is, each program says for itself, at each request. */
  | { readonly mode: 'oidc'; readonly session: string; readonly until: number; readonly user: User }
  /** Holds a token of one program. */
  | { readonly mode: 'token'; readonly program: string; readonly access: Access }

/** What an issuer vouches for. */
export interface User {
  readonly subject: string
  /** Verified by the issuer. */
  readonly email?: string
  /** Login at the forge that the issuer stands for. */
  readonly login?: { readonly at: 'github' | 'gitlab'; readonly name: string }
  readonly name?: string
}

const same = (left: string | undefined, right: string): boolean => left !== undefined && left.toLowerCase() === right.toLowerCase()

/** The one person of a program whose verified address or login this is. Two who share it are nobody: it cannot be said who signs. */
export function personOfUser(program: Program, { email, login }: User): string | undefined {
  const found = program.people.filter(
    (one) => (email !== undefined && same(one.email, email)) || (login !== undefined && same(one[login.at], login.name)),
  )
  return found.length === 1 ? found[0]?.id : undefined
}

/** Person id; undefined for machines, for strangers, and in local mode, where each write says it. */
export function personOf(who: Who, program: Program): string | undefined {
  if (who.mode === 'local') return undefined
  if (who.mode === 'oidc') return personOfUser(program, who.user)
  const { person } = who.access
  return who.program === program.id && program.people.some((one) => one.id === person) ? person : undefined
}

/** Whether a program is shown to somebody at all: to its people, and to the machines of its streams. */
export function reaches(who: Who, program: Program): boolean {
  if (who.mode === 'local') return true
  if (personOf(who, program) !== undefined) return true
  return who.mode === 'token' && who.program === program.id && program.streams.some((one) => one.id === who.access.stream)
}

/** What limits and logs know somebody by; nothing of it lets anybody in. */
export function nameOf(who: Who | undefined): string {
  if (!who) return '-'
  if (who.mode === 'token') return `token:${who.access.access}`
  return who.mode === 'local' ? 'local' : `user:${who.user.subject}`
}
