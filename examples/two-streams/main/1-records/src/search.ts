import type { LogRecord } from './record.ts'

/** Decides for one record whether it is wanted. */
export type Match = (record: LogRecord) => boolean

/** The records that match, in their order. */
export const search = (records: readonly LogRecord[], match: Match): readonly LogRecord[] => records.filter(match)

/** Matches records whose message holds the text, whatever its case. */
export function containing(text: string): Match {
  const wanted = text.toLowerCase()
  return (record) => record.message.toLowerCase().includes(wanted)
}
