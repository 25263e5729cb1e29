import type { Fact } from '#core/evidence/collector.ts'
import { plainText } from '#core/evidence/plain-text.ts'
import type { kind } from './kind.ts'

export type FactName = keyof typeof kind.metrics

export const SOURCE = 'git'

export const observed = (name: FactName, value: number | boolean, more: Pick<Fact, 'reason' | 'details'> = {}): Fact => ({
  name,
  status: 'observed',
  value,
  source: SOURCE,
  ...more,
})

/** One line without control characters, whatever the repository holds. */
export const shown = (text: string): string => plainText(text.replace(/[\r\n]+/g, ' '))
