import { expect, test } from 'vitest'
import { LiveProgram } from '#server/live-program.ts'
import type { ServedProgram } from '#server/ports.ts'
import { openMemory } from '#store/memory.ts'
import { signOff } from '../contract/sign-off.ts'
import { programWith } from '../core/schedule/story.ts'

test('who has written is shown it, also while what was there before is being taken in', async () => {
  const program = programWith()
  const ledger = openMemory()
  const late = Promise.withResolvers<void>()
  let asked = 0
  /** The first who asks where the ledger ends hears it late. */
  const head: typeof ledger.head = async (id) => {
    const found = await ledger.head(id)
    if ((asked += 1) === 1) await late.promise
    return found
  }
  const still: Partial<ServedProgram> = { trouble: () => undefined, running: () => false }
  const live = new LiveProgram({ ...still, id: program.id, ledger: { ...ledger, head }, program: () => program } as ServedProgram)

  const before = live.refresh()
  await ledger.append(program.id, [signOff('a')])
  const after = [live.refresh(), live.refresh()]
  late.resolve()
  await Promise.all([before, ...after])
  expect(live.seq).toBe(1)
  expect(asked).toBe(2)
})
