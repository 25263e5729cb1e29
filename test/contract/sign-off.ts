import type { NewEvent } from '#core/ledger/events.ts'

export const signOff = (id: string, reason = 'tests read'): NewEvent => ({
  id,
  at: '2026-02-25T16:00:00Z',
  actor: 'lead-a',
  type: 'sign-off',
  body: { checkpoint: 'week-2', role: 'lead', approve: true, reason },
})
