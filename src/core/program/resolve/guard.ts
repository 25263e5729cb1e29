import { streamSubject } from '#core/evidence/evidence.ts'
import type { Checkpoint, Source, Stream } from '#core/program/model.ts'
import { metricsOfSource } from '#core/program/resolve/sources.ts'
import type { Scope } from '#core/program/resolve/scope.ts'

const KIND = 'guard'
const GUARD = 'guard'

/** The source that `guard:` of the file stands for; undefined where the file says nothing of it, or has such a source itself. */
export function guardSource(scope: Scope, sources: readonly Source[]): Source | undefined {
  const { guard } = scope.input
  const kind = scope.kinds.get(KIND)
  if (!guard || !kind) return undefined
  const own = sources.find((one) => one.id === GUARD)
  if (own && own.collect !== KIND)
    scope.say(
      ['sources', GUARD],
      'invalid-value',
      `the source ${GUARD} collects ${own.collect}, and guard: needs that name`,
      'give the source another id',
    )
  if (own) return undefined
  const { also, except } = guard
  scope.globs(['guard', 'also'], also)
  scope.globs(['guard', 'except'], except)
  const options = { ...(also && { also }), ...(except && { except }) }
  metricsOfSource(scope, GUARD, kind, options, {})
  return { id: GUARD, collect: KIND, for: 'streams', options, timeLimitSeconds: 600 }
}

/**
 * Where a GO lets streams merge, each stream changes nothing that judges it, or somebody signs. A
 * criterion of that id in the file stands as it is written.
 */
export function guardCheckpoints(scope: Scope, checkpoints: readonly Checkpoint[], streams: readonly Stream[]): readonly Checkpoint[] {
  const { guard } = scope.input
  if (!guard || scope.metrics[`${GUARD}.changes`] === undefined) return checkpoints
  const path = ['guard', 'signOff']
  const roles = typeof guard.signOff === 'string' ? [guard.signOff] : guard.signOff.roles
  if (roles.includes('lead'))
    scope.say(path, 'self-escalation', 'a lead would sign for what their own stream changes of its gate', 'name a role that others hold')
  const condition = scope.condition(
    ['guard'],
    {
      any: [
        { metric: `${GUARD}.changes`, atMost: 0 },
        // What is signed is this change; the next one has to be looked at again.
        { signOff: { ...(typeof guard.signOff === 'string' ? { roles } : guard.signOff), sameTree: true } },
      ],
    },
    scope.metrics,
  )
  const subjects = streams.map((one) => streamSubject(one.id))
  return checkpoints.map((one) =>
    !one.merge || one.criteria.some(({ id }) => id === GUARD)
      ? one
      : {
          ...one,
          criteria: [
            ...one.criteria,
            { id: GUARD, title: 'It changes nothing that judges it, or somebody else signs', tier: 'critical', subjects, condition },
          ],
        },
  )
}
