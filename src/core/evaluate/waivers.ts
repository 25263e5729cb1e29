import type { Context } from '#core/evaluate/context.ts'
import type { RawStatus, Status, WaiverReport } from '#core/evaluate/model.ts'
import type { Subject } from '#core/evidence/evidence.ts'
import type { LedgerState } from '#core/ledger/state.ts'
import type { Criterion } from '#core/program/model.ts'
import { addSpan, epoch } from '#core/schedule/time.ts'

type Granted = LedgerState['waivers'][number]

/** When its owner hears that a waiver lapses soon: fourteen calendar days before. */
export const lapsesSoonAt = (expires: string, zone: string): number => epoch(addSpan(expires, -14 * 86_400, zone))

/** Those that no later one of the same scope renews. */
export const lastGranted = (waivers: LedgerState['waivers']): LedgerState['waivers'] =>
  waivers.filter(
    (one, index) =>
      !waivers
        .slice(index + 1)
        .some((later) => later.checkpoint === one.checkpoint && later.criterion === one.criterion && later.stream === one.stream),
  )

const isGranted = (context: Context, one: Granted): boolean => one.checkpoint === context.checkpoint.id && epoch(one.at) <= context.now

const covers = (one: Granted, subject: Subject): boolean => one.stream === undefined || subject === `stream:${one.stream}`

const hasLapsed = (context: Context, one: Granted): boolean => one.expires !== undefined && epoch(one.expires) <= context.now

const mayWaive = (context: Context, person: string): boolean =>
  context.program.policy.authority.waive.some((role) => context.holders(role, 'program').has(person))

/**
 * The waiver that counts for a criterion and subject: of those in force, given by somebody who may,
 * the one given last.
 */
export const waiverOf = (context: Context, criterion: string, subject: Subject): Granted | undefined =>
  context.ledger.waivers.findLast(
    (one) =>
      one.criterion === criterion &&
      isGranted(context, one) &&
      covers(one, subject) &&
      !hasLapsed(context, one) &&
      mayWaive(context, one.actor),
  )

/** Evaluate first, waive after: which waivers of the ledger apply here, and what became of each. */
export class Waivers {
  readonly #context: Context
  readonly #isLooked: (subject: Subject) => boolean
  readonly #used = new Set<Granted>()
  readonly #granted: LedgerState['waivers']

  /** `isLooked`: whether a subject is judged in this check at all. */
  constructor(context: Context, isLooked: (subject: Subject) => boolean) {
    this.#context = context
    this.#isLooked = isLooked
    this.#granted = context.ledger.waivers.filter((one) => isGranted(context, one))
  }

  apply(criterion: Criterion, subject: Subject, rawStatus: RawStatus): Status {
    if (this.#granted.length === 0 || rawStatus === 'satisfied' || rawStatus === 'not-applicable') return rawStatus
    const found = waiverOf(this.#context, criterion.id, subject)
    if (!found) return rawStatus
    this.#used.add(found)
    return 'waived'
  }

  /** Call it after all criteria were judged. */
  report(): WaiverReport[] {
    return this.#granted.flatMap((one) => this.#reportOne(one))
  }

  #reportOne(one: Granted): WaiverReport[] {
    const context = this.#context
    const say = (state: WaiverReport['state'], note: string): WaiverReport => ({
      waiver: one.waiver,
      criterion: one.criterion,
      state,
      note,
    })
    const criteria = context.checkpoint.criteria.filter((criterion) => criterion.id === one.criterion)
    if (criteria.length === 0) return [say('out-of-scope', `this checkpoint has no criterion ${one.criterion}`)]
    const subjects = criteria.flatMap((criterion) => criterion.subjects.filter((subject) => covers(one, subject)))
    if (subjects.length === 0)
      return [say('out-of-scope', `${one.criterion} is not judged for ${context.stream(one.stream ?? '')?.name ?? one.stream}`)]
    // Of what was not looked at, nothing is known: the waiver may well be needed there.
    if (!subjects.some(this.#isLooked)) return []
    if (!mayWaive(context, one.actor))
      return [
        say(
          'out-of-scope',
          `${context.name(one.actor)} holds no role that may waive (${context.program.policy.authority.waive.join(', ')})`,
        ),
      ]
    if (hasLapsed(context, one)) return [say('lapsed', `it lapsed on ${context.when(one.expires ?? '')}`)]
    const found: WaiverReport[] = []
    if (this.#used.has(one)) found.push(say('applied', `${context.name(one.actor)}: ${one.reason}`))
    else if (subjects.every(this.#isLooked)) found.push(say('unused', 'nothing here needs it any more'))
    if (one.expires === undefined) found.push(say('without-expiry', 'it has no end; give it one'))
    else if (lapsesSoonAt(one.expires, context.program.calendar.zone) <= context.now)
      found.push(say('lapses-soon', `it lapses on ${context.when(one.expires)}`))
    return found
  }
}
