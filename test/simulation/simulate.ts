import { parseArgs } from 'node:util'
import { broken } from './check.ts'
import { World } from './world.ts'

/**
 * `npm run simulate -- --seeds N [--seed S]`: months of `muster run` in worlds of chance. A seed
 * that breaks a promise is printed, and comes out the same again.
 */
const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '1000' }, seed: { type: 'string' }, from: { type: 'string', default: '1' } },
})

const seeds =
  values.seed === undefined
    ? Array.from({ length: Number(values.seeds) }, (_, index) => Number(values.from) + index)
    : [Number(values.seed)]
const began = process.cpuUsage()
let bad = 0
let events = 0
let effects = 0
for (const seed of seeds) {
  // In one of four the clocks of the machines are up to a minute apart.
  const world = new World(seed, undefined, seed % 4 === 0 ? 60 : 0)
  await world.run()
  const found = await broken(world)
  events += (await world.store.head(world.program.id))?.seq ?? 0
  effects += world.outside.effects.length
  if (found.length === 0) continue
  bad += 1
  process.stdout.write(
    `seed ${seed}: ${found.length} broken\n${found
      .slice(0, values.seed === undefined ? 3 : 50)
      .map((line) => `  ${line}\n`)
      .join('')}`,
  )
}
const { user, system } = process.cpuUsage(began)
process.stdout.write(
  `${seeds.length} months, ${bad} broken; ${events} records, ${effects} deliveries, ${((user + system) / 1e6).toFixed(1)} s of CPU\n`,
)
process.exitCode = bad > 0 ? 1 : 0
