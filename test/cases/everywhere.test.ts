import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = (zone: string, locale: string) =>
  promisify(execFile)(process.execPath, ['-C', 'source', join(import.meta.dirname, 'judge-everywhere.ts')], {
    env: { PATH: process.env['PATH'], TZ: zone, LC_ALL: locale, LANG: locale },
    maxBuffer: 1 << 26,
  })

test('a check is the same in every time zone and locale of the machine, to the last byte of text', async () => {
  const home = await run('UTC', 'en_US.UTF-8')
  expect(home.stdout.split('\n').length).toBeGreaterThan(250)
  const elsewhere = await Promise.all([
    run('Pacific/Apia', 'tr_TR.UTF-8'),
    run('America/St_Johns', 'ar_EG.UTF-8'),
    run('Asia/Kathmandu', 'de_DE.UTF-8'),
  ])
  for (const { stdout } of elsewhere) expect(stdout).toBe(home.stdout)
  const surroundings = new Set([home, ...elsewhere].map((one) => one.stderr))
  expect(surroundings.size).toBe(4)
})
