import type { z } from 'zod'
import { mistakesOf } from '#core/people/mistakes.ts'
import { refuseInput, type Refusal } from '#core/people/refusal.ts'
import type { Jobs } from '#server/jobs.ts'
import type { LiveProgram } from '#server/live-program.ts'
import type { Recording } from '#server/perform.ts'

/** Who calls a tool, and of what. */
export interface Asked {
  readonly live: LiveProgram
  readonly server: Recording
  readonly jobs: Jobs
  readonly newId: () => string
  /** By which keys are told apart: the same key of two callers is two writes. */
  readonly caller: string
  /** A person, who may be the only one who may; or the machines of a stream, which read and report, and never act. */
  readonly who: { readonly kind: 'person'; readonly person: string | undefined } | { readonly kind: 'machine'; readonly stream: string }
  /** What to do where it must be said who acts, and is not. */
  readonly nameYourself: string
  /** Id of the stream that is meant where none is named. */
  readonly stream: string | undefined
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal
  readonly progress: (progress: { readonly done: number; readonly of: number; readonly last?: string }) => void
}

/** What a tool answers: lines to read, and the same as data. */
export interface Answer {
  readonly ok: true
  readonly lines: readonly string[]
  readonly data: object
}

/** Why it does not; `code` is a word for programs. */
export type Refused = Pick<Refusal, 'ok' | 'message' | 'remedy' | 'mistakes' | 'rights'> & { readonly code: string }

export interface Tool {
  readonly name: string
  readonly title: string
  /** For whoever chooses among tools: what it does, and when it is of use. */
  readonly description: string
  readonly input: z.ZodObject
  readonly annotations: {
    readonly readOnlyHint: boolean
    readonly destructiveHint: boolean
    readonly idempotentHint: boolean
    readonly openWorldHint: boolean
  }
  /** @param input As it was sent. */
  readonly run: (asked: Asked, input: Readonly<Record<string, unknown>>) => Promise<Answer | Refused>
}

/** A tool whose input is read by its schema, every mistake in it at once. */
export const tool = <S extends z.ZodObject>(
  one: Omit<Tool, 'input' | 'run'> & {
    readonly input: S
    readonly run: (asked: Asked, input: z.output<S>) => Promise<Answer | Refused>
  },
): Tool => ({
  ...one,
  run: async (asked, written) => {
    const read = one.input.safeParse(written)
    if (read.success) return one.run(asked, read.data)
    return refuseInput(read.error.issues.flatMap((issue) => mistakesOf(issue, Object.keys(one.input.shape), `${one.name} input`)))
  },
})

export const READS = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false } as const

/** Adds to the record, and takes nothing from it. */
export const ADDS = { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false } as const
