/** `node -C source test/radar/replay.ts SEED [NAME]`: one history of the fuzzer again; made small, as a case when it has a name. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateHistory } from './generate.ts'
import { judge } from './judge.ts'
import { minimise } from './minimise.ts'

const [seed = '0', name] = process.argv.slice(2)
const history = generateHistory(Number(seed))
const { wrong, pairs } = await judge(history, { batch: false })
console.log(`${pairs} pairs; ${wrong.length === 0 ? 'agreed' : wrong.join('\n')}`)
if (wrong.length > 0) {
  // The same kind of mistake, not just any that appears on the way.
  const kind = (text: string): string =>
    text
      .replaceAll(/\bs\d+\b|question \d+/g, '')
      .split(/[:,;]/)
      .slice(0, 3)
      .join()
  const kinds = new Set(wrong.map(kind))
  const small = await minimise(history, async (smaller) =>
    (await judge(smaller, { batch: false })).wrong.some((one) => kinds.has(kind(one))),
  )
  const text = `${JSON.stringify({ comment: (await judge(small, { batch: false })).wrong[0] ?? '', ...small }, undefined, 2)}\n`
  console.log(text)
  if (name !== undefined) writeFileSync(join(import.meta.dirname, '../cases/radar-probe', `${name}.json`), text)
  process.exitCode = 1
}
