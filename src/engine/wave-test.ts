import type { ProbeSubject, Prober } from '#core/merge/probe.ts'
import type { WaveTest } from '#core/merge/radar.ts'

export type TreeResult =
  | { readonly outcome: 'passed' }
  | { readonly outcome: 'failed'; readonly reason: string; readonly output: string }
  /** Not trusted, not started, ended by a limit: it says nothing of the tree. */
  | { readonly outcome: 'not-run'; readonly reason: string }

export interface WaveTestPorts {
  readonly prober: Prober
  /** Runs the command on the files of a commit. */
  readonly run: (commit: string, tree: string) => Promise<TreeResult>
  /** As a person would write it. */
  readonly command: string
  readonly signal: AbortSignal
  /** Results of trees that were run before, by tree id: added to. */
  readonly known: Map<string, TreeResult>
}

type Tried = TreeResult & { readonly tree: string }

/**
 * Runs the command on the target with all streams of a wave merged. When that fails, looks for the
 * smallest guilty set: halving finds the stream whose landing turns the result, then with that one
 * fixed the next, until those found fail by themselves (about two times log2 n runs for a pair; it
 * takes that what fails goes on failing when more is merged, so each of the set is left out once
 * more in the end to see that it is needed).
 */
export async function testWave(target: string, wave: readonly ProbeSubject[], ports: WaveTestPorts): Promise<WaveTest> {
  const trial = new Trial(target, wave, ports)
  const whole = await trial.of(wave)
  const result = {
    streams: wave.map((one) => one.id),
    tree: whole.tree,
    outcome: whole.outcome,
    command: ports.command,
  }
  if (whole.outcome === 'passed') return { ...result, runs: trial.runs }
  if (whole.outcome === 'not-run') return { ...result, reason: whole.reason, runs: trial.runs }
  const guilty = await smallestFailing(trial, wave)
  const last = guilty && (await trial.of(guilty))
  return {
    ...result,
    reason: whole.reason,
    ...(guilty && last && { guilty: guilty.map((one) => one.id), guiltyTree: last.tree }),
    runs: trial.runs,
    output: last?.outcome === 'failed' ? last.output : whole.output,
  }
}

/** Undefined when a tree on the way could not be run. */
async function smallestFailing(trial: Trial, wave: readonly ProbeSubject[]): Promise<readonly ProbeSubject[] | undefined> {
  let found: ProbeSubject[] = []
  let candidates = wave
  for (;;) {
    const alone = await trial.fails(found)
    if (alone === undefined) return undefined
    if (alone) break
    // Invariant: those found fail with the first `high` candidates, and do not with the first `low`.
    let low = 0
    let high = candidates.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      const fails = await trial.fails([...found, ...candidates.slice(0, middle)])
      if (fails === undefined) return undefined
      if (fails) high = middle
      else low = middle
    }
    const turning = candidates[high - 1]
    // All candidates are taken and those found still pass: the result is not the same every time.
    if (turning === undefined) return undefined
    found.push(turning)
    candidates = candidates.slice(0, high - 1)
  }
  for (const one of found.length > 1 ? [...found] : []) {
    const rest = found.filter((other) => other !== one)
    if (await trial.fails(rest)) found = rest
  }
  return wave.filter((one) => found.includes(one))
}

class Trial {
  /** Commands really run. */
  runs = 0
  readonly #target: string
  readonly #wave: readonly ProbeSubject[]
  readonly #ports: WaveTestPorts

  constructor(target: string, wave: readonly ProbeSubject[], ports: WaveTestPorts) {
    this.#target = target
    this.#wave = wave
    this.#ports = ports
  }

  async fails(streams: readonly ProbeSubject[]): Promise<boolean | undefined> {
    const { outcome } = await this.of(streams)
    return outcome === 'not-run' ? undefined : outcome === 'failed'
  }

  /** Lands the streams in the order of the wave and runs the command on what comes out, once for each tree. */
  async of(streams: readonly ProbeSubject[]): Promise<Tried> {
    const { prober, signal, run, known } = this.#ports
    const inOrder = this.#wave.filter((one) => streams.includes(one))
    const steps = await prober.land({ target: this.#target, streams: inOrder, signal })
    const stuck = steps.find((step) => step.outcome !== 'clean')
    const last = steps.at(-1) ?? (await this.#targetItself())
    if (stuck) return { outcome: 'not-run', reason: `${stuck.id} does not land: ${stuck.reason ?? stuck.outcome}`, tree: last.tree }
    const before = known.get(last.tree)
    if (before) return { ...before, tree: last.tree }
    this.runs += 1
    const result = await run(last.commit, last.tree)
    if (result.outcome !== 'not-run') known.set(last.tree, result)
    return { ...result, tree: last.tree }
  }

  async #targetItself(): Promise<{ readonly commit: string; readonly tree: string }> {
    const { target } = await this.#ports.prober.probe({ target: this.#target, streams: [], signal: this.#ports.signal })
    return target
  }
}
