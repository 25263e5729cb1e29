import { z } from '@hono/zod-openapi'
import type { Items } from '#core/api/answers.ts'

const FEW = 100
const MOST = 1000

const CURSOR = /^[A-Za-z0-9_-]{1,64}$/

/** Where the next page begins: opaque to whoever asks. */
export const cursorOf = (position: string): string => Buffer.from(position).toString('base64url')

/** What every list that may be long takes. */
export const PAGE = {
  limit: z
    .string()
    .regex(/^[1-9]\d{0,3}$/, 'limit is a whole number')
    .refine((value) => Number(value) <= MOST, `limit is at most ${MOST}`)
    .optional()
    .meta({ description: `How many at most; ${FEW} unless said, at most ${MOST}` }),
  cursor: z.string().regex(CURSOR, 'cursor is none that was given').optional().meta({ description: 'The `next` of the page before' }),
}

export const pageQuery = z.strictObject(PAGE)

export interface Asked {
  readonly limit: number
  /** Position of the last item of the page before. */
  readonly after?: string
}

export function asked({ limit, cursor }: Readonly<Record<string, string | undefined>>): Asked {
  return {
    limit: limit === undefined ? FEW : Number(limit),
    ...(cursor !== undefined && { after: Buffer.from(cursor, 'base64url').toString() }),
  }
}

/**
 * A page of what is held in memory, the newest first. Positions count from the oldest, so that what
 * comes in between two pages moves nothing.
 */
export function newestFirst<T>(items: readonly T[], { limit, after }: Asked): Items<T> {
  const end = after === undefined ? items.length : positionIn(after, items.length)
  const start = Math.max(0, end - limit)
  return { items: items.slice(start, end).toReversed(), ...(start > 0 && { next: cursorOf(String(start)) }) }
}

/** A page of what has been read from a position on; one more than the limit says that there is more. */
export function firstOf<T>(items: readonly T[], limit: number, position: (item: T) => string): Items<T> {
  const page = items.slice(0, limit)
  const last = page.at(-1)
  return { items: page, ...(items.length > limit && last !== undefined && { next: cursorOf(position(last)) }) }
}

/** A position that somebody made up counts as one that exists. */
export const positionIn = (text: string, most: number): number => (/^\d{1,15}$/.test(text) ? Math.min(Number(text), most) : 0)
