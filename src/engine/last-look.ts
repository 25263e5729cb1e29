import { addSeconds, epoch } from '#core/schedule/time.ts'

/** Who looks at what is due leaves word of it in the store: whoever asks sees that nobody does any more. */

/** A version of the program that nobody has run for so long is run by nobody. */
export const IN_FORCE_SECONDS = 90
/** What is done later than this is late: the clock is looked at every half minute. */
export const LATE_SECONDS = 120
/** Of a process that is started again and again to look once: it comes by when it is started. */
export const LATE_ONCE_SECONDS = 3600

/** For so long nobody need worry that the next look does not come. */
const LOOKS = [
  { by: 'muster run', seconds: IN_FORCE_SECONDS },
  { by: 'muster run --once', seconds: LATE_ONCE_SECONDS },
] as const

export interface LastLook {
  readonly at: string
  readonly by: (typeof LOOKS)[number]['by']
  /** The next one may still come in time. */
  readonly goesOn: boolean
}

interface Leases {
  lease(program: string, name: string, holder: string, seconds: number): Promise<boolean>
  leased(program: string, name: string): Promise<number | undefined>
}

export async function noteLook(ledger: Pick<Leases, 'lease'>, program: string, by: LastLook['by']): Promise<void> {
  for (const look of LOOKS) if (look.by === by) await ledger.lease(program, `looks ${by}`, by, look.seconds)
}

/** The last one; undefined where nobody is known to have looked. */
export async function lastLook(ledger: Pick<Leases, 'leased'>, program: string, now: string): Promise<LastLook | undefined> {
  const looks = await Promise.all(
    LOOKS.map(async ({ by, seconds }): Promise<readonly LastLook[]> => {
      const left = await ledger.leased(program, `looks ${by}`)
      return left === undefined ? [] : [{ at: addSeconds(now, left - seconds), by, goesOn: left > 0 }]
    }),
  )
  return looks.flat().toSorted((a, b) => epoch(b.at) - epoch(a.at))[0]
}

/** Held by whoever gathers evidence: what is due waits for that. */
export const GATHERING = 'gather'
