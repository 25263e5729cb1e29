import type { Deliverable, Stream } from '#core/program/model.ts'
import type { Path } from '#core/program/source-text.ts'
import type { Scope } from '#core/program/resolve/scope.ts'
import type { ProgramInput } from '#core/program/schema.ts'

/** Streams with what they owe, checked against each other: one branch each, and nobody waits in a circle. */
export function readStreams(scope: Scope): Stream[] {
  const streams = Object.entries(scope.input.streams).map(([id, one]) => readStream(scope, id, one))
  checkBranches(scope, streams)
  checkCycles(scope, streams)
  return streams
}

function readStream(scope: Scope, id: string, one: ProgramInput['streams'][string]): Stream {
  const path = ['streams', id]
  const dependsOn = Array.isArray(one.dependsOn)
    ? one.dependsOn.map((stream, index) => ({ stream: scope.streamId([...path, 'dependsOn', index], stream), reaches: 1 }))
    : Object.entries(one.dependsOn ?? {}).map(([stream, share]) => ({
        stream: scope.streamId([...path, 'dependsOn', stream], stream),
        reaches: scope.ratio([...path, 'dependsOn', stream], share),
      }))
  return {
    id,
    name: one.name,
    lead: scope.person([...path, 'lead'], one.lead),
    support: (one.support ?? []).map((person, index) => scope.person([...path, 'support', index], person)),
    reviewers: (one.reviewers ?? []).map((person, index) => scope.personOrRole([...path, 'reviewers', index], person)),
    branch: scope.branch([...path, 'branch'], one.branch),
    paths: one.paths ?? [],
    exclusive: scope.globs([...path, 'exclusive'], one.exclusive),
    deliverables: Object.entries(one.deliverables ?? {}).map(([key, value]) =>
      readDeliverable(scope, [...path, 'deliverables', key], key, value),
    ),
    integrationPoints: Object.entries(one.integrationPoints ?? {}).map(([key, value]) => {
      if (value.measure !== undefined) scope.metric([...path, 'integrationPoints', key, 'measure'], value.measure)
      return { id: key, title: value.title, with: value.with, ...(value.measure !== undefined && { measure: value.measure }) }
    }),
    dependsOn,
  }
}

function readDeliverable(
  scope: Scope,
  path: Path,
  id: string,
  one: NonNullable<ProgramInput['streams'][string]['deliverables']>[string],
): Deliverable {
  if (one.measure === undefined) {
    if (one.full !== undefined)
      scope.say([...path, 'full'], 'invalid-value', `${id} has an amount but no measure`, 'add measure: with the metric that counts it')
    return { id, title: one.title, kind: one.kind ?? 'feature' }
  }
  const metric = scope.metric([...path, 'measure'], one.measure)
  if (metric && /^(?:progress|due)(?:\.|$)/.test(one.measure)) {
    scope.say(
      [...path, 'measure'],
      'invalid-value',
      `${one.measure} is made from the deliverables, so it cannot measure one of them`,
      'name what a source brings',
    )
  }
  if (one.full === undefined && metric?.unit !== 'boolean') {
    scope.say(path, 'missing-key', `${id} has a measure but no full amount`, 'add full: with the whole amount, such as 400 lines')
  }
  const full = one.full === undefined || !metric ? undefined : scope.amount([...path, 'full'], one.full, metric.unit)
  if (full && full.high <= 0)
    scope.say([...path, 'full'], 'invalid-quantity', `${id} has nothing as its whole`, 'write an amount above zero')
  if (full && metric?.unit === 'ratio' && metric.signed !== true && full.high > 1)
    scope.say([...path, 'full'], 'invalid-quantity', `${one.full} is more than the whole`, 'write a share of at most 100%')
  const byUnit = { lines: 'code', tests: 'tests' } as const
  const kind = one.kind ?? (metric && metric.unit in byUnit ? byUnit[metric.unit as 'lines' | 'tests'] : 'feature')
  return { id, title: one.title, kind, measure: one.measure, ...(full && { full: { low: full.low, high: full.high, unit: full.unit } }) }
}

function checkBranches(scope: Scope, streams: readonly Stream[]): void {
  const seen = new Map<string, string>()
  for (const one of streams) {
    const other = seen.get(one.branch)
    if (other !== undefined) {
      scope.say(
        ['streams', one.id, 'branch'],
        'duplicate-branch',
        `${one.id} and ${other} both work on ${one.branch}`,
        'give each stream a branch of its own',
      )
    }
    seen.set(one.branch, one.id)
  }
}

function checkCycles(scope: Scope, streams: readonly Stream[]): void {
  const edges = new Map(streams.map((one) => [one.id, one.dependsOn.map((dependency) => dependency.stream)]))
  const done = new Set<string>()
  const walk = (id: string, trail: readonly string[]): void => {
    const at = trail.indexOf(id)
    if (at >= 0) {
      scope.say(
        ['streams', id, 'dependsOn'],
        'dependency-cycle',
        `these streams wait for each other: ${[...trail.slice(at), id].join(' -> ')}`,
        'take one of the dependencies out',
      )
      return
    }
    if (done.has(id)) return
    for (const next of edges.get(id) ?? []) walk(next, [...trail, id])
    done.add(id)
  }
  for (const one of streams) walk(one.id, [])
}
