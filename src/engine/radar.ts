import { buildRadar, type RadarParts, type StreamName } from '#core/merge/build-radar.ts'
import type { Owners } from '#core/merge/codeowners.ts'
import { planLanding, type PlanInput } from '#core/merge/landing.ts'
import type { Probed, Prober, ProbeSubject } from '#core/merge/probe.ts'
import type { LandingPlan, Radar, WaveTest } from '#core/merge/radar.ts'
import { askWhatIf, type Question } from '#core/merge/what-if.ts'
import type { Calendar, MergeException } from '#core/program/model.ts'
import { testWave, type TreeResult } from '#engine/wave-test.ts'

/** A branch to look at: where it stands, or why that is not known. */
export type RadarStreamInput = StreamName & {
  readonly id: string
  readonly state:
    | { readonly state: 'present'; readonly commit: string }
    | { readonly state: 'absent' | 'unavailable'; readonly reason: string }
  /** Streams that must land before it. */
  readonly after: readonly string[]
  readonly exclusive: readonly string[]
}

export interface RadarRequest {
  readonly at: string
  readonly target: { readonly branch: string; readonly commit: string }
  readonly streams: readonly RadarStreamInput[]
  /** Where the plan is laid out in days. */
  readonly days?: { readonly calendar: Calendar; readonly perDay: number; readonly from: string }
  readonly exceptions: readonly MergeException[]
  readonly owners: Owners
  readonly before?: Radar
  readonly question?: Question
  /** Runs the command of `--test` on a commit of the prober. */
  readonly test?: { readonly command: string; readonly run: (commit: string, tree: string) => Promise<TreeResult> }
  readonly signal: AbortSignal
}

/** Probe, plan, land the plan for real, test its waves, and put it all into one document. */
export async function radar(request: RadarRequest, prober: Prober): Promise<Radar> {
  const { target, signal } = request
  const subjects = request.streams.flatMap(({ id, state }) => (state.state === 'present' ? [{ id, commit: state.commit }] : []))
  const asked = await prober.probe({ target: target.commit, streams: subjects, signal })
  const probed = withAbsent(await prober.describe(asked, signal), request)
  const input = planInput(request, probed)
  const plan = planLanding(input)
  const known = new Map(subjects.map((one) => [one.id, one]))
  const inOrder = (ids: readonly string[]): ProbeSubject[] => ids.flatMap((id) => known.get(id) ?? [])
  const landing = plan.order.length > 1 ? await prober.land({ target: target.commit, streams: inOrder(plan.order), signal }) : undefined
  const tests = request.test && (await testWaves(request, request.test, plan, prober, inOrder))
  const parts: RadarParts = {
    at: request.at,
    target: target.branch,
    probed,
    names: new Map(request.streams.map(({ id, name, branch, lead }) => [id, { name, branch, ...(lead !== undefined && { lead }) }])),
    plan,
    ...(landing && { landing }),
    codeowners: request.owners,
    exclusive: request.streams,
    exceptions: request.exceptions,
    ...(tests && { tests }),
    ...(request.question && { whatIf: askWhatIf(request.question, input, plan, probed) }),
    ...(request.before && { before: request.before }),
  }
  return buildRadar(parts)
}

/** Streams that have no branch stand in their place: nothing can be said of them, and that is said. */
function withAbsent(probed: Probed, { streams }: RadarRequest): Probed {
  const found = new Map(probed.streams.map((one) => [one.id, one]))
  return {
    ...probed,
    streams: streams.flatMap(({ id, state }) => {
      if (state.state === 'present') return found.get(id) ?? []
      return [{ id, commit: '', state: 'unavailable' as const, reason: state.reason, files: [], ahead: 0, changes: [], contains: [] }]
    }),
  }
}

/** What lands is what projects cleanly; what conflicts with the target must be rebased first. */
function planInput({ streams, days, target }: RadarRequest, probed: Probed): PlanInput {
  const stateOf = new Map(probed.streams.map((one) => [one.id, one.state]))
  const containedIn = new Map(probed.streams.map((one) => [one.id, one.contains]))
  const open = (ids: readonly string[]): string[] => ids.filter((id) => stateOf.get(id) !== 'landed')
  return {
    streams: streams
      .filter(({ id }) => stateOf.get(id) === 'clean')
      .map(({ id, after }) => ({ id, after: open(after), contains: open(containedIn.get(id) ?? []) })),
    conflicts: probed.pairs.filter((one) => one.verdict === 'conflicted').map(({ a, b, onlyWhenFirst }) => [a, b, onlyWhenFirst] as const),
    held: streams
      .filter(({ id }) => stateOf.get(id) === 'conflicted')
      .map(({ id }) => ({ stream: id, because: `it conflicts with ${target.branch}: rebase it first` })),
    ...(days && { days }),
  }
}

async function testWaves(
  { target, signal, before }: RadarRequest,
  { command, run }: NonNullable<RadarRequest['test']>,
  plan: LandingPlan,
  prober: Prober,
  inOrder: (ids: readonly string[]) => ProbeSubject[],
): Promise<readonly WaveTest[]> {
  const known = new Map<string, TreeResult>(
    (before?.tests ?? [])
      .filter((one) => one.command === command && one.outcome === 'passed')
      .map((one) => [one.tree, { outcome: 'passed' }]),
  )
  const results: WaveTest[] = []
  // A later wave is reworked before it lands, so what it is today says nothing beside the waves before it.
  for (const wave of plan.waves) results.push(await testWave(target.commit, inOrder(wave), { prober, run, command, signal, known }))
  return results
}
