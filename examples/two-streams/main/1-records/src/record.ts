export const LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const
export type Level = (typeof LEVELS)[number]

/** One line of a log. */
export interface LogRecord {
  /** ISO 8601 in UTC. */
  readonly at: string
  readonly level: Level
  readonly service: string
  readonly message: string
}

const LINE = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z) (DEBUG|INFO|WARN|ERROR) ([a-z][a-z0-9-]*) (.+)$/

/** Reads one line; undefined where it is no record. */
export function readRecord(line: string): LogRecord | undefined {
  const [, at, level, service, message] = LINE.exec(line) ?? []
  if (at === undefined || level === undefined || service === undefined || message === undefined) return undefined
  return { at, level: level as Level, service, message }
}

export const formatRecord = (record: LogRecord): string => `${record.at} ${record.level} ${record.service} ${record.message}`
