import { createHash, timingSafeEqual } from 'node:crypto'

/** Whether two secrets are the same, in a time that says nothing of where they differ. */
export const sameSecret = (left: string, right: string): boolean => timingSafeEqual(digest(left), digest(right))

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
