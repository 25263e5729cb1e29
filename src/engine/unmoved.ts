import type { Evidence, Snapshot, Subject } from '#core/evidence/evidence.ts'
import type { Source } from '#core/program/model.ts'
import { epoch } from '#core/schedule/time.ts'

export interface Asked {
  readonly source: Source
  readonly subject: Subject
}

/** What was seen before, by the same program. */
export interface Before {
  readonly snapshots: readonly Snapshot[]
  /** What commands brought before this instant does not count. */
  readonly since?: string
}

interface Now {
  readonly subjects: Snapshot['subjects']
  readonly at: string
  readonly host: string
}

/**
 * What commands brought before about commits that are still the heads, of the branch and of the target: evidence for each
 * question that need not be asked again, the newest there is. A command is kept with every source that reads its files, or
 * not at all; what failed to be observed is asked again.
 */
export function unmoved<T extends Asked>(jobs: readonly T[], { snapshots, since }: Before, now: Now): ReadonlyMap<T, readonly Evidence[]> {
  const kept = new Map<T, readonly Evidence[]>()
  for (const { source: command, subject } of jobs) {
    if (command.collect !== 'command') continue
    const family = jobs.filter((one) => one.subject === subject && (one.source === command || one.source.from === command.id))
    const found = snapshots
      .filter((before) => isSame('program', before, now) && isSame(subject, before, now))
      .map((before) => family.map((one) => [one, evidenceOf(one, before)] as const))
      .filter((answers) =>
        answers.every(([{ source }, evidence]) => evidence.length > 0 && evidence.every((one) => counts(one, source, now))),
      )
      .map((answers) => ({ answers, at: ranAt(command, answers) }))
      .filter(({ at }) => since === undefined || at >= epoch(since))
      .toSorted((a, b) => b.at - a.at)[0]
    for (const [one, evidence] of found?.answers ?? []) kept.set(one, evidence)
  }
  return kept
}

function isSame(subject: Subject, before: Snapshot, now: Now): boolean {
  const [one, other] = [before.subjects[subject], now.subjects[subject]]
  return one?.state === 'present' && other?.state === 'present' && one.commit === other.commit
}

const ranAt = (command: Source, answers: readonly (readonly [Asked, readonly Evidence[]])[]): number =>
  Math.min(...answers.flatMap(([{ source }, evidence]) => (source === command ? evidence.map((one) => epoch(one.observedAt)) : [])))

const evidenceOf = ({ source, subject }: Asked, { evidence }: Snapshot): readonly Evidence[] =>
  evidence.filter((one) => one.subject === subject && one.provenance === 'measured' && one.metric.startsWith(`${source.id}.`))

const counts = ({ status, host, observedAt }: Evidence, { maxAgeSeconds }: Source, now: Now): boolean =>
  status === 'observed' && host === now.host && (maxAgeSeconds === undefined || epoch(now.at) - epoch(observedAt) < maxAgeSeconds * 1000)
