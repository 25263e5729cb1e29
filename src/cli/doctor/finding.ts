/** One thing that was looked at. */
export interface Finding {
  readonly id: string
  readonly state: 'ok' | 'warning' | 'fail'
  /** What was found. */
  readonly text: string
  /** What to do about it; absent when there is nothing to do. */
  readonly remedy?: string
}

export const ok = (id: string, text: string): Finding => ({ id, state: 'ok', text })
export const warning = (id: string, text: string, remedy: string): Finding => ({ id, state: 'warning', text, remedy })
export const fail = (id: string, text: string, remedy: string): Finding => ({ id, state: 'fail', text, remedy })

/** What went wrong and what to do, of an error that brings a remedy of its own or none. */
export function failed(id: string, error: unknown, remedy: string): Finding {
  const own = error instanceof Error && 'remedy' in error && typeof error.remedy === 'string' ? error.remedy : remedy
  return fail(id, error instanceof Error ? error.message : String(error), own)
}
