import type { Evidence, Snapshot, Subject } from '#core/evidence/evidence.ts'
import type { Source } from '#core/program/model.ts'
import { epoch } from '#core/schedule/time.ts'

export interface Asked {
  readonly source: Source
  readonly subject: Subject
}

interface Now {
  readonly subjects: Snapshot['subjects']
  readonly at: string
  readonly host: string
}

/**
 * What commands brought before about commits that are still the heads, of the branch and of the target: evidence for each
 * question that need not be asked again. A command is kept with every source that reads its files, or not at all; what
 * failed to be observed is asked again.
 */
export function unmoved<T extends Asked>(jobs: readonly T[], before: Snapshot, now: Now): ReadonlyMap<T, readonly Evidence[]> {
  const kept = new Map<T, readonly Evidence[]>()
  const isSame = (subject: Subject): boolean => {
    const [one, other] = [before.subjects[subject], now.subjects[subject]]
    return one?.state === 'present' && other?.state === 'present' && one.commit === other.commit
  }
  if (!isSame('program')) return kept
  for (const { source: command, subject } of jobs) {
    if (command.collect !== 'command' || !isSame(subject)) continue
    const family = jobs.filter((one) => one.subject === subject && (one.source === command || one.source.from === command.id))
    const found = family.map((one) => [one, evidenceOf(one, before)] as const)
    if (found.every(([{ source }, evidence]) => evidence.length > 0 && evidence.every((one) => counts(one, source, now))))
      for (const [one, evidence] of found) kept.set(one, evidence)
  }
  return kept
}

const evidenceOf = ({ source, subject }: Asked, { evidence }: Snapshot): readonly Evidence[] =>
  evidence.filter((one) => one.subject === subject && one.provenance === 'measured' && one.metric.startsWith(`${source.id}.`))

const counts = ({ status, host, observedAt }: Evidence, { maxAgeSeconds }: Source, now: Now): boolean =>
  status === 'observed' && host === now.host && (maxAgeSeconds === undefined || epoch(now.at) - epoch(observedAt) < maxAgeSeconds * 1000)
