import { z, type ZodType } from 'zod'

export const objectId = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'no object id')

/** A key that may be missing or null, which mean the same. */
export const maybe = <T>(schema: ZodType<T>) => schema.nullish().transform((value) => value ?? undefined)

/** For lists that are the whole document. */
export const whole = <T>(page: readonly T[]): readonly T[] => page
