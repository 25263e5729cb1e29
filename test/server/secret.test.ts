import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const ROUNDS = 100

/** Takes the secret of each folder at the time that was agreed on, and prints what it got. */
const TAKER = `import { serverSecret } from '#cli/serve/secret.ts'
const [base, begin] = process.argv.slice(1)
for (let round = 0; round < ${ROUNDS}; round++) {
  while (Date.now() < Number(begin) + round * 15);
  const secret = await serverSecret(base + '/' + round).catch(({ message }) => Buffer.from(message))
  console.log(Buffer.from(secret).toString('hex'))
}`

test('servers that first start at one time have one secret, and none of them reads half of it', async () => {
  const base = mkdtempSync(join(tmpdir(), 'muster-secret-'))
  onTestFinished(() => rmSync(base, { recursive: true }))
  const argv = ['-C', 'source', '--no-warnings', '--input-type=module', '--eval', TAKER, base, String(Date.now() + 2000)]
  const taken = await Promise.all([1, 2, 3].map(() => promisify(execFile)(process.execPath, argv)))
  const [first = [], ...others] = taken.map(({ stdout }) => stdout.trim().split('\n'))
  expect(first).toEqual(Array.from({ length: ROUNDS }, () => expect.stringMatching(/^[0-9a-f]{64}$/) as string))
  for (const one of others) expect(one).toEqual(first)
})
