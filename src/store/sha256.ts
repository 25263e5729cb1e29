import { hash } from 'node:crypto'

/** sha256 of the UTF-8 bytes, lower-case hex: the `Hash` of everything Muster records. */
export const sha256 = (text: string): string => hash('sha256', text)
