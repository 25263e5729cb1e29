import { expect, test } from 'vitest'
import { createScene } from '../cli/scene.ts'
import { serve, type Served } from './served.ts'

const radarOf = async (served: Served, job: string) => {
  expect(await served.client.finished('demo', job)).toMatchObject({ state: 'done' })
  return served.client.read('readRadar', { program: 'demo' })
}

test('the radar has looked when the first reader comes, looks again with each check, and says what is new since yesterday', async () => {
  const scene = createScene()
  const yesterday = '2026-02-24T16:00:00Z'
  const first = await serve(scene, { now: yesterday })
  expect(await radarOf(first, 'begin')).toMatchObject({ at: yesterday, streams: [{ id: 'reader' }, { id: 'writer' }] })
  await first.stop()

  let now = '2026-02-25T08:00:00Z'
  const served = await serve(scene, { now: () => now })
  const check = async () => {
    const { id } = await served.client.write('startCheck', { program: 'demo', checkpoint: 'week1' })
    await served.client.finished('demo', id)
    const { items } = await served.client.read('listJobs', { program: 'demo' })
    return radarOf(served, items.find(({ kind, id: one }) => kind === 'radar' && one !== 'begin')?.id ?? 'none')
  }
  scene.repository.git('checkout', '-q', 'feature/reader')
  scene.repository.commit('Read more', { 'writer.ts': 'export const read = 1\n' })
  const since = { at: yesterday, moved: ['reader'], newConflicts: [{ a: 'reader', b: 'writer', files: ['writer.ts'] }] }
  expect(await check()).toMatchObject({ at: now, since })
  // Whoever comes in the afternoon is told the same, though it has looked meanwhile.
  now = '2026-02-25T13:00:00Z'
  expect(await check()).toMatchObject({ at: now, since })
})
