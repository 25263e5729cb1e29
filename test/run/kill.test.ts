import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPostgres, type PostgresServer } from '../contract/postgres-server.ts'
import { describeWithPostgres } from '../contract/with-postgres.ts'
import { ended, Place, randomFrom } from './harness.ts'

/** `RUN_KILLS` asks for more, `RUN_SEED` for others. */
const KILLS = Number(process.env['RUN_KILLS'] ?? 30)
const SEED = Number(process.env['RUN_SEED'] ?? Date.now() % 1_000_000)

/** Milliseconds: whoever asks for more waits for longer, also on a machine that has other work. */
const timeLimit = (times: number): number => 600_000 + times * 20_000

/** Kills `muster run` again and again while it works, and lets the last one finish. */
async function killAndFinish(place: Place, kills: number, expireLeases: () => Promise<void> | void): Promise<string[]> {
  const random = randomFrom(SEED)
  for (let kill = 0; kill < kills; kill += 1) {
    await place.openBlockers(12, 600)
    const child = place.start()
    while (!child.said().includes('muster run:') && child.exitCode === null) await wait(5)
    await wait(random(700))
    child.kill('SIGKILL')
    await ended(child)
  }
  // What was in the hands of the dead is free when its lease has run out: two minutes that nobody waits for here.
  await expireLeases()
  const last = place.start()
  while (!(await place.isQuiet()) && last.exitCode === null) await wait(200)
  last.kill('SIGINT')
  await ended(last)
  expect(last.exitCode, last.said()).toBe(0)
  return place.wrongs()
}

test(
  `SQLite: killed ${KILLS} times, nothing is lost and nothing doubled (seed ${SEED})`,
  async () => {
    const place = new Place()
    const wrongs = await killAndFinish(place, KILLS, () => {
      const database = new DatabaseSync(join(place.folder, '.muster', 'ledger.sqlite'))
      database.exec('UPDATE outbox SET lease_until = 0')
      database.close()
    })
    expect(wrongs).toEqual([])
    expect(place.arrived().length).toBeGreaterThan(KILLS * 12)
  },
  timeLimit(KILLS),
)

describeWithPostgres('PostgreSQL', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.remove())

  const POSTGRES_KILLS = Number(process.env['RUN_KILLS'] ?? 10)
  test(
    `killed ${POSTGRES_KILLS} times, nothing is lost and nothing doubled (seed ${SEED})`,
    async () => {
      const url = await server.database()
      const place = new Place(url)
      const wrongs = await killAndFinish(
        place,
        POSTGRES_KILLS,
        async () => void (await server.query(url, 'UPDATE outbox SET lease_until = 0')),
      )
      expect(wrongs).toEqual([])
      expect(place.arrived().length).toBeGreaterThan(POSTGRES_KILLS * 12)
    },
    timeLimit(POSTGRES_KILLS),
  )

  /** `RUN_TIMERS` asks for more. */
  const TIMERS = Number(process.env['RUN_TIMERS'] ?? 200)
  test(
    `three processes and a server that is stopped again and again: ${TIMERS} timers, none missed, none doubled (seed ${SEED})`,
    async () => {
      const random = randomFrom(SEED)
      const url = await server.database()
      const place = new Place(url)
      const seconds = Math.max(10, TIMERS / 40)
      await place.openBlockers(TIMERS / 2, seconds * 1000)
      const processes = [place.start(), place.start(), place.start()]
      const until = Date.now() + seconds * 1000
      while (Date.now() < until) {
        await wait(2000 + random(3000))
        const paused = processes[random(3)]
        paused?.kill('SIGSTOP')
        await server.stop(random(2) === 0 ? 'fast' : 'immediate')
        await wait(random(500))
        await server.start()
        await wait(random(2000))
        paused?.kill('SIGCONT')
        for (const [index, one] of processes.entries()) if (one.exitCode !== null) processes[index] = place.start()
      }
      while (!(await place.isQuiet())) {
        await server.query(url, "UPDATE outbox SET lease_until = 0 WHERE state = 'sending' AND lease_until < $1", [Date.now() + 110_000])
        await wait(500)
      }
      for (const one of processes) one.kill('SIGINT')
      await Promise.all(processes.map(ended))
      expect(
        processes.map((one) => one.exitCode),
        processes.map((one) => one.said().slice(-500)).join('\n'),
      ).toEqual([0, 0, 0])
      expect(await place.wrongs()).toEqual([])
    },
    timeLimit(TIMERS / 10),
  )
})
