import { finding } from '#core/lint/rule.ts'
import { metricsOf } from '#core/ledger/signable.ts'
import type { Loaded } from '#core/program/load.ts'
import type { Problem } from '#core/problems.ts'

/**
 * A checkpoint at which streams merge, with a critical criterion that rests on a command run in the
 * stream's own checkout, in a program without a guard: the branch says itself what `npm test` does.
 */
export function nothingGuards({ program, draft, locate }: Loaded): readonly Problem[] {
  const read = program ?? draft
  if (!read || read.sources.some((one) => one.collect === 'guard')) return []
  const commands = new Set(
    read.sources.flatMap(({ id, collect, for: scope }) => (collect === 'command' && scope !== 'program' ? [id] : [])),
  )
  const bent = new Set(read.sources.flatMap(({ id, from }) => (commands.has(id) || commands.has(from ?? '') ? [id] : [])))
  for (const { id, name, merge, criteria } of read.checkpoints) {
    const found = criteria.find(
      (one) =>
        merge &&
        one.tier === 'critical' &&
        !one.target &&
        one.subjects.some((subject) => subject !== 'program') &&
        metricsOf(one.condition).some((metric) => bent.has(read.metrics[metric]?.source ?? '')),
    )
    if (!found) continue
    return [
      finding(
        locate(['checkpoints', id, 'criteria', found.id], 'key'),
        'nothing-guards',
        'warning',
        `${found.id} at ${name} lets streams merge on what their own checkout runs, and nothing says when a stream changes that`,
        'add guard: { signOff: <role> }',
      ),
    ]
  }
  return []
}
