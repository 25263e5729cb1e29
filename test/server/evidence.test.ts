import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createScene, PROGRAM } from '../cli/scene.ts'
import { freePort } from '../free-port.ts'
import { serve } from './served.ts'

test('CI sends evidence to a server by the signature in it alone: once on record, and only as it was signed', async () => {
  const scene = createScene({
    program: PROGRAM.replace('{ collect: junit, from: build, files: reports/junit.xml }', '{ collect: junit, files: junit.xml }'),
  })
  writeFileSync(scene.path('junit.xml'), '<testsuite name="unit"><testcase name="reads" time="0.1"/></testsuite>')
  const token = (await scene.muster(['evidence', 'token', '--stream', 'reader'])).out.trim()
  // One that nobody is given once the server is gone.
  const served = await serve(scene, { argv: ['--port', String(await freePort())] })
  const env = {
    MUSTER_TOKEN: token,
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_SHA: scene.repository.git('rev-parse', 'feature/reader'),
    GITHUB_REF: 'refs/heads/feature/reader',
  }
  const push = (...to: readonly string[]) => scene.muster(['evidence', 'push', 'junit.xml', '--source', 'tests', ...to], { env })
  expect(await push('--server', served.url)).toMatchObject({ code: 0, out: 'junit.xml: recorded 2\n' })
  expect(await push('--server', served.url)).toMatchObject({ code: 0, out: 'junit.xml: already on record (2); nothing was added\n' })
  const { items } = await served.client.read('listEvidence', { program: 'demo' }, { metric: 'tests.ratio', stream: 'reader' })
  expect(items).toMatchObject([
    { record: 2, evidence: { provenance: 'reported', value: 1, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string } },
  ])

  await push('--to', 'signed.json')
  const envelope = JSON.parse(readFileSync(scene.path('signed.json'), 'utf8')) as { readonly payload: string }
  const forged = {
    ...envelope,
    payload: Buffer.from(Buffer.from(envelope.payload, 'base64').toString().replace('"value":1', '"value":0')).toString('base64'),
  }
  const answer = await fetch(`${served.url}/api/programs/demo/evidence`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(forged),
  })
  expect([answer.status, await answer.json()]).toEqual([
    422,
    expect.objectContaining({ code: 'evidence-refused', detail: expect.stringContaining('signature') as string }),
  ])
  expect(await push('--server', 'ftp://x')).toMatchObject({ code: 2, err: expect.stringContaining('no address') as string })
  await served.stop()
  expect(await push('--server', served.url)).toMatchObject({
    code: 4,
    err: expect.stringMatching(/ECONNREFUSED.*\n {2}see that/) as string,
  })
})
