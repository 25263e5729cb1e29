/**
 * `node -C source test/radar/public.ts REPOSITORY TARGET [PATTERN] [N] [MERGES]`: agreement with git on
 * a real repository given by its path. All pairs of the N newest heads that match (of a TARGET like
 * `main~500` those that had not seen what came after it), and of its history the last two-parent
 * merges: the first parent is the target, the second a stream.
 * Writes nothing into the repository.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openMirror } from '#collect/git/mirror.ts'
import type { Prober } from '#core/merge/probe.ts'
import { disagreements } from './compare.ts'
import { gitText } from './git.ts'
import { compare, conflictsOf } from './judge.ts'
import { openOracle, type Oracle } from './oracle.ts'

const [repository = '', targetName = 'HEAD', pattern = 'refs/pull/*/head', most = '100', merges = '300'] = process.argv.slice(2)
if (repository === '') throw new Error('Give the path of a bare repository.')
const gitFolder = resolve(repository)

const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '')

/** The newest heads that the target does not have; of a target `REF~N` those that were there when it was the tip. */
const newestHeads = async (target: string): Promise<readonly string[]> => {
  const [, name, steps] = /^(.*)~(\d+)$/.exec(targetName) ?? []
  const next = name === undefined ? [] : [`--no-contains=${name}~${Number(steps) - 1}`]
  const filters = [`--no-merged=${target}`, ...next]
  const listed = await gitText(gitFolder, ['for-each-ref', '--sort=-committerdate', ...filters, '--format=%(objectname)', pattern])
  return [...new Set(lines(listed))].slice(0, Number(most))
}

const pairsOfHeads = async (prober: Prober, oracle: Oracle, target: string): Promise<readonly string[]> => {
  const streams = (await newestHeads(target)).map((commit, at) => ({ id: `s${at}`, commit }))
  const { answer, probed, wrong } = await compare(prober, oracle, { target, streams }, { batch: true })
  const of = (state: string): number => answer.streams.filter((stream) => stream.state === state).length
  const { signal } = new AbortController()
  const described = probed === undefined ? undefined : await prober.describe(probed, signal)
  const later =
    described === undefined
      ? []
      : disagreements(
          described,
          answer,
          streams.map(({ id }) => id),
        )
  const says = (text: string): number => wrong.filter((one) => one.startsWith('pair') && one.includes(text)).length
  console.log(
    JSON.stringify({
      repository,
      target,
      heads: streams.length,
      clean: of('clean'),
      conflicted: of('conflicted'),
      landed: of('landed'),
      unavailable: of('unavailable'),
      pairs: answer.pairs.length,
      conflictsByGit: conflictsOf(answer),
      onlyOneOrder: answer.pairs.filter(({ first, second }) => first.outcome !== second.outcome).length,
      missing: says(': clean; git'),
      invented: says(': conflicted; git'),
      otherFiles: says(': files '),
      streamsWrong: wrong.filter((one) => one.startsWith('stream')).length,
      effort: probed?.effort,
    }),
  )
  return [...wrong, ...later.filter((one) => !wrong.includes(one)).map((one) => `once described, ${one}`)]
}

/** What git recorded: where it merged without a conflict, its tree is the one we get; where we get another or a conflict, a person had a hand in it. */
const recordedMerges = async (prober: Prober, oracle: Oracle, target: string): Promise<readonly string[]> => {
  const log = await gitText(gitFolder, ['log', '--min-parents=2', '--max-parents=2', `-${merges}`, '--format=%H %T %P', target])
  const wrong: string[] = []
  const counts = {
    merges: 0,
    clean: 0,
    conflicted: 0,
    unavailable: 0,
    landed: 0,
    recordedTreeIsOurs: 0,
    cleanYetAnotherTree: 0,
    agreeing: 0,
  }
  for (const line of lines(log)) {
    const [merge = '', tree = '', first = '', second = ''] = line.split(' ')
    const {
      answer,
      probed,
      wrong: found,
    } = await compare(prober, oracle, { target: first, streams: [{ id: merge, commit: second }] }, { batch: false })
    const [stream] = answer.streams
    if (stream === undefined || probed === undefined) continue
    counts.merges += 1
    counts[stream.state] += 1
    if (stream.merged.tree === tree) counts.recordedTreeIsOurs += 1
    else if (stream.merged.outcome === 'clean') counts.cleanYetAnotherTree += 1
    if (found.length === 0) counts.agreeing += 1
    wrong.push(...found)
  }
  console.log(JSON.stringify({ repository, ...counts }))
  return wrong
}

const folder = await mkdtemp(join(tmpdir(), 'muster-public-'))
try {
  const target = (await gitText(gitFolder, ['rev-parse', '--verify', '--end-of-options', `${targetName}^{commit}`])).trim()
  const mirror = await openMirror({ folder: join(folder, 'mirror'), from: gitFolder })
  const oracle = await openOracle(gitFolder)
  try {
    const prober = await mirror.prober()
    const wrong = [
      ...(await pairsOfHeads(prober, oracle, target)),
      ...(Number(merges) > 0 ? await recordedMerges(prober, oracle, target) : []),
    ]
    for (const one of wrong) console.log(`  ${one}`)
    process.exitCode = wrong.length === 0 ? 0 : 1
  } finally {
    await mirror.close()
    await oracle.close()
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
