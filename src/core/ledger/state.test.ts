import { expect, test } from 'vitest'
import type { EventBody, LedgerEvent } from '#core/ledger/events.ts'
import { foldEvents } from '#core/ledger/state.ts'

const folded = (...bodies: readonly EventBody[]) =>
  foldEvents(bodies.map((one) => ({ ...one, at: '2026-02-25T12:00:00Z', actor: 'muster' }) as LedgerEvent))

const trouble = (trouble: 'missed' | 'channel', hour: number, about?: string): EventBody => ({
  type: 'trouble',
  body: {
    trouble,
    from: `2026-02-25T${hour}:00:00Z`,
    until: `2026-02-25T${hour}:30:00Z`,
    text: `at ${hour}`,
    ...(about !== undefined && { about }),
  },
})

const held: EventBody = {
  type: 'checkpoint-held',
  body: { checkpoint: 'week1', due: '2026-02-25T12:00:00Z', decision: 'd', verdict: 'GO' },
}

test('trouble of one kind about one thing is one, since the first and up to the last, until a checkpoint is held', () => {
  expect(
    folded(trouble('channel', 10, 'mail'), trouble('missed', 11), trouble('channel', 12, 'team'), trouble('channel', 13, 'mail')),
  ).toMatchObject({
    troubles: [
      { trouble: 'channel', about: 'mail', from: '2026-02-25T10:00:00Z', until: '2026-02-25T13:30:00Z', text: 'at 13', times: 2 },
      { trouble: 'missed', text: 'at 11', times: 1 },
      { trouble: 'channel', about: 'team', text: 'at 12', times: 1 },
    ],
  })
  expect(folded(trouble('missed', 10), held)).not.toHaveProperty('troubles')
  expect(folded(trouble('missed', 10), held, trouble('missed', 11))).toMatchObject({
    troubles: [{ from: '2026-02-25T11:00:00Z', times: 1 }],
  })
})
