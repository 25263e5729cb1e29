import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openMirror } from '#collect/git/mirror.ts'
import type { Probed, Prober, ProbeSubject } from '#core/merge/probe.ts'
import { disagreements, landingDisagreements } from './compare.ts'
import { type History, writeRepository } from './history.ts'
import { type Answer, answerOf, type Merged, openOracle, type Oracle } from './oracle.ts'

interface Options {
  /** Ask the oracle by `--stdin`. */
  readonly batch: boolean
  readonly format?: 'sha1' | 'sha256'
}

export interface Compared {
  readonly answer: Answer
  /** Undefined when the prober gave up. */
  readonly probed?: Probed
  /** Every answer that is not git's. */
  readonly wrong: readonly string[]
}

/** One question to both. */
export const compare = async (
  prober: Prober,
  oracle: Oracle,
  asked: { readonly target: string; readonly streams: readonly ProbeSubject[] },
  options: Options,
): Promise<Compared> => {
  const heads = asked.streams.map(({ commit }) => commit)
  const [answer, probed] = await Promise.all([
    answerOf(oracle, asked.target, heads, options),
    prober.probe({ ...asked, signal: new AbortController().signal }).catch((error: unknown) => String(error)),
  ])
  if (typeof probed === 'string') return { answer, wrong: [`the prober gave up: ${probed}`] }
  const ids = asked.streams.map(({ id }) => id)
  return { answer, probed, wrong: disagreements(probed, answer, ids) }
}

/** Each step needs processes of its own. */
const LANDED = 5

export interface Judged {
  readonly wrong: readonly string[]
  /** Of clean streams, over all questions. */
  readonly pairs: number
  readonly conflicts: number
}

export const conflictsOf = ({ pairs }: Answer): number =>
  pairs.filter(({ first, second }) => first.outcome === 'conflicted' || second.outcome === 'conflicted').length

/** Asks the engine and git every question of the history, and lands the first streams of the last one in order. */
export const judge = async (history: History, options: Options): Promise<Judged> => {
  const folder = await mkdtemp(join(tmpdir(), 'muster-radar-'))
  const wrong: string[] = []
  let [pairs, conflicts] = [0, 0]
  try {
    const source = join(folder, 'source')
    const commits = await writeRepository(history, source, options.format)
    const oracle = await openOracle(source)
    const mirror = await openMirror({ folder: join(folder, 'mirror'), from: source })
    try {
      const prober = await mirror.prober()
      for (const [index, question] of history.questions.entries()) {
        const target = commits[question.target] ?? ''
        const streams = question.heads.map((head, at) => ({ id: `s${at}`, commit: commits[head] ?? '' }))
        const compared = await compare(prober, oracle, { target, streams }, options)
        pairs += compared.answer.pairs.length
        conflicts += conflictsOf(compared.answer)
        wrong.push(...compared.wrong.map((one) => `question ${index + 1}: ${one}`))
        if (index < history.questions.length - 1) continue
        const some = streams.slice(0, LANDED)
        const steps = await prober.land({ target, streams: some, signal: new AbortController().signal })
        wrong.push(
          ...landingDisagreements(
            steps,
            await landed(
              oracle,
              target,
              some.map(({ commit }) => commit),
            ),
          ),
        )
      }
    } finally {
      await mirror.close()
      await oracle.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return { wrong, pairs, conflicts }
}

/** Git's merges of the heads, each onto what the ones before it left. */
const landed = async (oracle: Oracle, target: string, heads: readonly string[]): Promise<readonly Merged[]> => {
  const merges: Merged[] = []
  let tip = target
  for (const head of heads) {
    const merged = await oracle.merge(tip, head)
    merges.push(merged)
    if (merged.outcome === 'clean') tip = await oracle.commit(merged.tree, [tip, head])
  }
  return merges
}
