import { expect, test } from 'vitest'
import { foldingHistory } from '#core/schedule/history.ts'
import { follow } from '#engine/follow.ts'
import { openMemory } from '#store/memory.ts'

/** A ledger in which these blockers were opened, one an event. */
async function opened(...blockers: readonly string[]) {
  const store = openMemory()
  for (const blocker of blockers) {
    const body = {
      blocker,
      stream: 'a',
      title: 't',
      severity: 'high',
      impact: 'i',
      owner: 'ann',
      deadline: '2026-03-01T00:00:00Z',
    } as const
    await store.append('demo', [{ id: `opened-${blocker}`, at: '2026-02-25T10:00:00Z', actor: 'ann', type: 'blocker-opened', body }])
  }
  return store
}

test.each([
  ['goes on', ['one', 'two', 'three', 'four']],
  ['was cut off', ['one', 'two']],
  ['was emptied', []],
  ['is another of the same length', ['one', 'two', 'another']],
  ['is another that is longer', ['one', 'another', 'three', 'four']],
  ['is another from the first record on', ['another', 'two', 'three', 'four', 'five']],
])('a ledger that %s is read as it is then', async (_, blockers) => {
  let ledger = await opened('one', 'two', 'three')
  const follower = follow({ head: (program) => ledger.head(program), read: (...asked) => ledger.read(...asked) }, foldingHistory, 'demo')
  expect((await follower.catchUp()).seq).toBe(3)
  ledger = await opened(...blockers)
  const known = await follower.catchUp()
  expect([known.seq, known.history.state.blockers.map(({ blocker }) => blocker)]).toEqual([blockers.length, blockers])
})
