import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createClient, type Client } from '#client/index.ts'

/** A client of a server that answers as it is told to. */
async function clientOf(answer: RequestListener): Promise<Client> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return createClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

const RUNNING = JSON.stringify({ id: 'one', state: 'running' })

test('who waits for a job waits no longer than the signal says, also one that is aborted while the server answers', async () => {
  const told = new AbortController()
  const client = await clientOf((_, response) => {
    told.abort(new Error('enough'))
    response.writeHead(200, { 'content-type': 'application/json' }).end(RUNNING)
  })
  await expect(client.finished('demo', 'one', told.signal)).rejects.toThrow('enough')
})

test('what a proxy says to keep a connection is no event', async () => {
  const client = await clientOf((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': still here\n\nevent: head\nid: 7\ndata: {"seq":7}\n\n')
  })
  const following = client.follow('demo', new AbortController().signal)
  expect((await following.next()).value).toEqual({ event: 'head', id: '7', data: { seq: 7 } })
  await following.return(undefined)
})
