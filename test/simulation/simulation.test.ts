import { setImmediate as idle } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { broken } from './check.ts'
import { World, type Mutation } from './world.ts'

/** What a world does from a seed on, until `most` seeds were tried or a promise broke. */
async function firstBroken(mutate: Mutation, most: number): Promise<readonly string[]> {
  for (let seed = 1; seed <= most; seed += 1) {
    const world = new World(seed, mutate)
    await world.run()
    const found = await broken(world)
    if (found.length > 0) return found
  }
  return []
}

test('a month of chance comes out the same again from its seed', async () => {
  const heads = await Promise.all(
    [7, 7].map(async (seed) => {
      const world = new World(seed)
      await world.run()
      return world.store.head(world.program.id)
    }),
  )
  expect(heads[0]?.seq).toBeGreaterThan(20)
  expect(heads[1]).toEqual(heads[0])
})

test('a month that is over is let go, with all the processes that died in it', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const months: WeakRef<World>[] = []
  for (let seed = 1; seed <= 12; seed += 1) {
    const world = new World(seed)
    await world.run()
    months.push(new WeakRef(world))
  }
  // What was looked at in this turn, and in the one before, is kept for them.
  for (let turns = 0; turns < 3; turns += 1) await idle()
  collect()
  // The loop's variable may still hold the last one.
  expect(months.slice(0, -1).filter((one) => one.deref() !== undefined)).toHaveLength(0)
})

test('by how much a clock was set is said in words that people count in', async () => {
  const texts: string[] = []
  for (let seed = 1; texts.length === 0; seed += 1) {
    const world = new World(seed)
    await world.run()
    for await (const event of world.store.read(world.program.id, { types: ['trouble'] }))
      if (event.type === 'trouble' && event.body.trouble === 'clock') texts.push(event.body.text)
  }
  for (const text of texts) expect(text).toMatch(/^the clock of this machine went (?:\d+ (?:s|min|h|d) ?)+(?:forward|back), from /)
})

/** Bugs of the kind that the simulation is there for: each must be found. */
const BUGS: Readonly<Record<string, { readonly promise: string; readonly mutate: Mutation }>> = {
  'messages are not written in the transaction of what they tell of': {
    promise: 'P2',
    mutate: (ports) => {
      let count = 0
      const append: typeof ports.ledger.append = (program, events, options) => {
        const { messages: _, ...rest } = options ?? {}
        return ports.ledger.append(program, events, (count += 1) % 5 === 0 ? rest : options)
      }
      return { ...ports, ledger: { ...ports.ledger, append } }
    },
  },
  'the sequence of a calendar item does not rise': {
    promise: 'P9',
    mutate: (ports) => ({
      ...ports,
      compose: (cause, occasion) =>
        ports.compose(cause, occasion).map((one) => (one.kind === 'invitation' ? { ...one, data: { ...one.data, sequence: 0 } } : one)),
    }),
  },
  'an acknowledgement is not heard': {
    promise: 'P4',
    mutate: (ports) => ({
      ...ports,
      folding: () => {
        const fold = ports.folding()
        return { ...fold, take: (event) => (event.type === 'escalation-acknowledged' ? undefined : fold.take(event)) }
      },
    }),
  },
  'two who look at a time both do what is due': {
    promise: 'P5',
    mutate: (ports) => ({
      ...ports,
      ledger: {
        ...ports.ledger,
        append: (program, events, options) => {
          const { expectedSeq: _, ...rest } = options ?? {}
          return ports.ledger.append(
            program,
            events.map((one) => (one.type === 'fired' ? { ...one, id: ports.newId() } : one)),
            rest,
          )
        },
      },
    }),
  },
  'what may have been sent is sent again': {
    promise: 'P3',
    mutate: (ports) => ({
      ...ports,
      channel: async (config, program) => {
        const channel = await ports.channel(config, program)
        return {
          ...channel,
          send: (dispatch) => channel.send({ ...dispatch, maybeSent: false, key: `${dispatch.key}#${dispatch.attempt}` }),
        }
      },
    }),
  },
}

test.each(Object.entries(BUGS))('a planted bug is found: %s', async (_, { promise, mutate }) => {
  const found = await firstBroken(mutate, 60)
  expect(
    found.some((line) => line.startsWith(promise)),
    found.slice(0, 5).join('\n'),
  ).toBe(true)
})

/**
 * 85: who had left the program kept a digest from ever being written. 239: a series of syncs was
 * taken back while its last one took place. 768: a checkpoint was moved to a time that was over when
 * calendars heard of it.
 */
test.each([85, 239, 768])('month %i, which once broke a promise, breaks none', async (seed) => {
  const world = new World(seed)
  await world.run()
  expect(await broken(world)).toEqual([])
})

/** Each of these raised escalations again, with all their steps, while one process cleared what another had raised. */
test.each([1, 3, 5, 6])('month %i, in which the clocks of the machines are up to a minute apart, breaks no promise', async (seed) => {
  const world = new World(seed, undefined, 60)
  await world.run()
  expect(await broken(world)).toEqual([])
})
