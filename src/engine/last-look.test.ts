import { expect, test } from 'vitest'
import { addSeconds, epoch } from '#core/schedule/time.ts'
import { lastLook, noteLook } from '#engine/last-look.ts'
import { openMemory } from '#store/memory.ts'

const BEGIN = '2026-02-25T09:00:00Z'

test('who looked last is known, when, and whether the next look may still come in time', async () => {
  let now = BEGIN
  const store = openMemory(() => epoch(now))
  const last = (seconds: number) => {
    now = addSeconds(BEGIN, seconds)
    return lastLook(store, 'p', now)
  }
  expect(await last(0)).toBe(undefined)
  await noteLook(store, 'p', 'muster run --once')
  expect(await lastLook(store, 'another', now)).toBe(undefined)
  expect(await last(3599)).toEqual({ at: BEGIN, by: 'muster run --once', goesOn: true })
  expect(await last(3600)).toEqual({ at: BEGIN, by: 'muster run --once', goesOn: false })
  await noteLook(store, 'p', 'muster run')
  expect(await last(3689)).toEqual({ at: addSeconds(BEGIN, 3600), by: 'muster run', goesOn: true })
  expect(await last(3690)).toEqual({ at: addSeconds(BEGIN, 3600), by: 'muster run', goesOn: false })
  await noteLook(store, 'p', 'muster run --once')
  expect(await last(3700)).toEqual({ at: addSeconds(BEGIN, 3690), by: 'muster run --once', goesOn: true })
})
