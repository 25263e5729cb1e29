import { expect, test } from 'vitest'
import { generateHistory } from './generate.ts'
import { writeRepository } from './history.ts'
import { judge } from './judge.ts'
import { answerOf, openOracle } from './oracle.ts'
import { temporaryFolder } from '../collect/git-repository.ts'

/** `MUSTER_FUZZ_PAIRS=10000 MUSTER_FUZZ_SEED=1000 vitest run --project real test/radar/fuzz` looks longer, and elsewhere. */
const PAIRS = Number(process.env['MUSTER_FUZZ_PAIRS'] ?? 1000)
const SEED = Number(process.env['MUSTER_FUZZ_SEED'] ?? 0)

test('on random repositories every answer is the one git gives', { timeout: 60_000 + PAIRS * 100 }, async () => {
  let [pairs, conflicts, seed] = [0, 0, SEED]
  const wrong: string[] = []
  // One that waits for git leaves the processor to the other.
  const work = async (): Promise<void> => {
    while (pairs < PAIRS && wrong.length < 20) {
      const mine = seed++
      const judged = await judge(generateHistory(mine), { batch: true })
      pairs += judged.pairs
      conflicts += judged.conflicts
      wrong.push(...judged.wrong.map((one) => `${one}\n  again, and made small: node -C source test/radar/replay.ts ${mine}`))
    }
  }
  await Promise.all([work(), work()])
  if (process.env['MUSTER_FUZZ_PAIRS'] !== undefined)
    console.log(`${pairs} pairs, ${conflicts} of them in conflict, seeds ${SEED} to ${seed - 1}`)
  expect(wrong.join('\n')).toBe('')
  // The generator is worth something: neither peace nor war.
  expect(conflicts).toBeGreaterThan(pairs / 20)
  expect(conflicts).toBeLessThan((pairs * 3) / 4)
})

test('the oracle says the same merge by merge as all at once', async () => {
  for (const seed of [0, 10]) {
    const history = generateHistory(seed)
    const folder = temporaryFolder()
    const commits = await writeRepository(history, folder)
    const oracle = await openOracle(folder)
    const question = history.questions.at(-1)
    const heads = (question?.heads ?? []).map((head) => commits[head] ?? '')
    const answers = []
    for (const batch of [true, false]) answers.push(await answerOf(oracle, commits[question?.target ?? 0] ?? '', heads, { batch }))
    await oracle.close()
    expect(answers[0]?.pairs.length).toBeGreaterThan(5)
    expect(answers[0]).toEqual(answers[1])
  }
})
