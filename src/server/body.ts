import type { Context } from 'hono'
import { canonical } from '#core/ledger/canonical.ts'

/** The JSON object that was sent; undefined where it is none, or holds what no JSON text can (a half of a surrogate pair). */
export async function bodyOf(context: Context): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const value: unknown = await context.req.json()
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    canonical(value)
    return value as Readonly<Record<string, unknown>>
  } catch {
    return undefined
  }
}

/** The same where nothing has to be sent. */
export const bodyOrNone = async (context: Context): Promise<Readonly<Record<string, unknown>> | undefined> =>
  (await context.req.raw.clone().text()) === '' ? {} : bodyOf(context)
