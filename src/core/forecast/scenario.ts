/** What is assumed to be done otherwise than so far. The empty one changes nothing. */
export interface Scenario {
  /** A checkpoint is held at another instant. */
  readonly moved?: { readonly checkpoint: string; readonly at: string }
  /** The pace of a stream: `before` for so many work days from now, `times` from then on. */
  readonly paces?: Readonly<Record<string, { readonly before: number; readonly days: number; readonly times: number }>>
  /** The open blockers of a stream end at this instant. */
  readonly unblocked?: { readonly stream: string; readonly at: string }
  /** Of what a stream still owes at a checkpoint, only this share is due. */
  readonly keep?: { readonly stream: string; readonly checkpoint: string; readonly share: number }
  /** Streams that depend on this one do not wait for it. */
  readonly unheld?: string
}

export const AS_IT_IS: Scenario = {}
