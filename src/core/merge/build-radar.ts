import { changesBetween } from '#core/merge/changes.ts'
import { NO_OWNERS, type Owners } from '#core/merge/codeowners.ts'
import { hotFiles } from '#core/merge/hot.ts'
import type { LandingStep, Probed, ProbedPair } from '#core/merge/probe.ts'
import type { LandingPlan, Radar, RadarPair, WaveTest, WhatIf } from '#core/merge/radar.ts'
import { trespasses, type Exclusive, type TrespassException } from '#core/merge/trespass.ts'

export interface StreamName {
  readonly name: string
  /** Branch or full ref name; a worktree's path for uncommitted work. */
  readonly branch: string
  readonly lead?: string
}

export interface RadarParts {
  /** ISO 8601 in UTC. */
  readonly at: string
  /** Name of the target branch. */
  readonly target: string
  readonly probed: Probed
  /** By id; a stream that is not in it is called by its id. */
  readonly names: ReadonlyMap<string, StreamName>
  readonly plan: LandingPlan
  readonly landing?: readonly LandingStep[]
  readonly codeowners?: Owners
  readonly exclusive: readonly Exclusive[]
  readonly exceptions: readonly TrespassException[]
  readonly tests?: readonly WaveTest[]
  readonly whatIf?: WhatIf
  /** The last radar; compared when it has the same target. */
  readonly before?: Radar
}

/** Puts what was probed, planned, landed and tested together into the document that is shown. */
export function buildRadar(parts: RadarParts): Radar {
  const { probed, plan, landing, tests, whatIf, before } = parts
  const owners = parts.codeowners ?? NO_OWNERS
  const contains = new Map(probed.streams.map((stream) => [stream.id, new Set(stream.contains)]))
  const pairs = probed.pairs.map((pair): RadarPair => ({
    ...pair,
    owners: [...new Set(pair.files.flatMap(({ path }) => owners.of(path)))],
    stacked: contains.get(pair.a)?.has(pair.b) === true || contains.get(pair.b)?.has(pair.a) === true,
  }))
  const surprises = landing ? surprisesOf(probed, plan, landing) : []
  const radar: Radar = {
    schemaVersion: 1,
    at: parts.at,
    target: { branch: parts.target, commit: probed.target.commit, tree: probed.target.tree },
    streams: probed.streams.map((stream) => ({ ...stream, ...(parts.names.get(stream.id) ?? { name: stream.id, branch: stream.id }) })),
    pairs,
    effort: probed.effort,
    plan,
    ...(landing && { landing }),
    surprises,
    hot: hotFiles(probed.streams, probed.pairs, (path) => owners.of(path)),
    trespasses: trespasses(probed.streams, parts.exclusive, parts.exceptions),
    ...(tests && { tests }),
    ...(whatIf && { whatIf }),
    exitCode: exitCodeOf(parts, surprises.length > 0),
  }
  const since = before && changesBetween(before, radar)
  return since ? { ...radar, since } : radar
}

/**
 * Steps that conflict though their stream alone does not and no pair foresaw it: it takes three.
 * `after` names those landed before that change the same files, or all of them when none does.
 */
function surprisesOf(probed: Probed, plan: LandingPlan, landing: readonly LandingStep[]): Radar['surprises'] {
  const streams = new Map(probed.streams.map((stream) => [stream.id, stream]))
  const rework = new Set(plan.rework.map(({ stream }) => stream))
  const foreseen = new Map<string, Set<string>>()
  for (const pair of probed.pairs) for (const [first, later] of conflictingOrders(pair)) add(foreseen, later, first)
  const landed: string[] = []
  const found: Radar['surprises'][number][] = []
  for (const step of landing) {
    if (step.outcome === 'clean') landed.push(step.id)
    if (step.outcome !== 'conflicted' || streams.get(step.id)?.state !== 'clean' || rework.has(step.id)) continue
    if (landed.some((id) => foreseen.get(step.id)?.has(id) === true)) continue
    const paths = new Set(step.files.map(({ path }) => path))
    const close = landed.filter((id) => streams.get(id)?.changes.some(({ path }) => paths.has(path)) === true)
    found.push({ stream: step.id, after: close.length > 0 ? close : [...landed], files: step.files })
  }
  return found
}

/** The orders, first and later, in which the pair does not merge or cannot be judged. */
const conflictingOrders = ({ a, b, onlyWhenFirst }: ProbedPair): readonly (readonly [string, string])[] =>
  [[a, b] as const, [b, a] as const].filter(([first]) => onlyWhenFirst === undefined || onlyWhenFirst === first)

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const known = map.get(key)
  if (known) known.add(value)
  else map.set(key, new Set([value]))
}

/** A conflict that is proven outranks what could not be said; what could not be said is never no conflict. */
function exitCodeOf({ probed, landing, tests }: RadarParts, surprised: boolean): Radar['exitCode'] {
  const isConflicted =
    surprised ||
    probed.streams.some(({ state }) => state === 'conflicted') ||
    probed.pairs.some(({ verdict }) => verdict === 'conflicted') ||
    tests?.some(({ outcome }) => outcome === 'failed') === true
  if (isConflicted) return 1
  const isUnknown =
    probed.streams.some(({ state }) => state === 'unavailable') ||
    probed.pairs.some(({ verdict }) => verdict === 'unavailable') ||
    landing?.some(({ outcome }) => outcome === 'unavailable') === true ||
    tests?.some(({ outcome }) => outcome === 'not-run') === true
  return isUnknown ? 3 : 0
}
