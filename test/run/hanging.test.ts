import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { ended, Place, PROGRAM } from './harness.ts'

test('a channel that takes messages and never answers holds up neither what is due nor the other channels', async () => {
  let [asked, givenUp] = [0, 0]
  const server = createServer((_, response) => {
    asked += 1
    response.on('close', () => (givenUp += 1))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const place = new Place(undefined, {
    channels: `  hook: { send: webhook, to: 'http://127.0.0.1:${port}/' }\n`,
    environment: { MUSTER_DELIVER_TO: 'loopback', MUSTER_WEBHOOK_SECRET: `whsec_${Buffer.alloc(24).toString('base64')}` },
  })
  // More than are sent at a time.
  await place.openBlockers(20, 0)
  const run = place.start()
  const until = async (isThere: () => boolean): Promise<void> => {
    while (!isThere()) {
      expect(run.exitCode, run.said()).toBe(null)
      await wait(20)
    }
  }
  await until(() => asked > 0)
  await place.openBlockers(1, 0)
  // Told when it is opened, and when its deadline passes.
  await until(() => place.arrived().filter((key) => key.includes('b-21')).length === 2)
  expect({ givenUp, said: run.said() }).toMatchObject({ givenUp: 0 })
  run.kill('SIGINT')
  await ended(run)
  expect(run.exitCode, run.said()).toBe(0)
  // What was under way as it was interrupted ended with its record: nobody need wait for a lease to run out.
  const open = await place.withStore((store) => store.messages(PROGRAM, { states: ['sending'] }))
  expect(open).toEqual([])
})
