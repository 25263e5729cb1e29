import type { Context } from 'hono'
import type { Env } from '#server/app.ts'
import { personOf } from '#server/auth/who.ts'
import { problem } from '#server/problem.ts'

/** Whom a write is made as: in local mode whom it names, else whoever is signed in, and nobody else. */
export function actingAs(context: Context<Env>, named: string | undefined): { readonly person: string | undefined } | Response {
  const { who, live } = context.var
  if (who.mode === 'local') return { person: named }
  const person = personOf(who, live.program)
  if (person === undefined)
    return problem(context, 403, 'not-allowed', 'Your role does not allow it', {
      detail: 'a token of a stream may read and report, and never decide',
      remedy: 'this takes: a person of the program',
    })
  if (named !== undefined && named !== person)
    return problem(context, 403, 'not-yourself', `You are ${person} here, and nobody else`, {
      remedy: 'Leave `as` out: whoever is signed in acts as themselves.',
    })
  return { person }
}
