import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { ForgeName } from '#net/forge/access.ts'
import type { PullFilter } from '#collect/forge/model.ts'
import { openPulls } from '#collect/forge/pulls.ts'
import { playForge, TOKEN } from './forge-server.ts'

async function pullsOf(forge: ForgeName, filter: PullFilter) {
  const server = await playForge(forge)
  const cacheFolder = mkdtempSync(join(tmpdir(), 'muster-pulls-'))
  onTestFinished(async () => {
    rmSync(cacheFolder, { recursive: true, force: true })
    await server.close()
  })
  const upper = forge.toUpperCase()
  const environment: Readonly<Record<string, string>> = { [`MUSTER_${upper}_TOKEN`]: TOKEN, [`MUSTER_${upper}_URL`]: server.url }
  const found = await openPulls(
    {
      options: { project: forge === 'github' ? 'example/reader' : 'example/group/reader' },
      repository: '/a/folder',
      environment: (name) => environment[name],
      cacheFolder,
      signal: new AbortController().signal,
      pause: async () => undefined,
    },
    filter,
  )
  return { found, requests: server.requests }
}

const byForge = [
  ['github', '#12', 'refs/pull/12/head'],
  ['gitlab', '!12', 'refs/merge-requests/12/head'],
] as const

test.each(byForge)('%s: open ones with the label and in the milestone, forks too, over all pages', async (forge, name, ref) => {
  const { found } = await pullsOf(forge, { label: 'Ready', milestone: 'phase e' })
  expect(found).toMatchObject({
    ok: true,
    value: { pulls: [{ name, title: 'Reader', author: 'lead-a', branch: 'feature/reader', base: 'main', ref }] },
  })
  const { found: all, requests } = await pullsOf(forge, {})
  expect(all.ok && all.value.pulls.map(({ number }) => number)).toEqual([11, 12, 13])
  expect(requests.filter((one) => /state=open/.test(one)).length).toBeGreaterThan(1)
})

test.each(byForge)('%s: none is none, and not all', async (forge) => {
  expect((await pullsOf(forge, { label: 'ready', milestone: 'another' })).found).toMatchObject({ ok: true, value: { pulls: [] } })
  expect((await pullsOf(forge, { label: 'read' })).found).toMatchObject({ ok: true, value: { pulls: [] } })
})
