import type { NewEvent } from '#core/ledger/events.ts'

/**
 * What people said in that week, oldest first: their check-ins before each checkpoint, the
 * blocker that the cache met, and a review. On Friday the cache lead claims more than is measured; Muster shows
 * both.
 */
export const EVENTS: readonly NewEvent[] = [
  {
    id: 'example-check-in-parser-midweek',
    at: '2026-02-25T13:00:00Z',
    actor: 'lead-parser',
    type: 'check-in',
    body: {
      stream: 'parser',
      done: ['Tokens', 'The tree of a query'],
      next: ['Matching records', 'One text for equal queries'],
      risks: [],
      claims: { query: 134, tests: 9 },
      confidence: { week: 0.9, program: 0.9 },
    },
  },
  {
    id: 'example-check-in-cache-midweek',
    at: '2026-02-25T14:10:00Z',
    actor: 'lead-cache',
    type: 'check-in',
    body: {
      stream: 'cache',
      done: ['The store', 'Searching through the cache'],
      next: ['Shared keys', 'Expiry'],
      risks: ['Shared keys need the one text of the parser'],
      claims: { store: 63, tests: 6 },
      confidence: { week: 0.8, program: 0.85 },
    },
  },
  {
    id: 'example-blocker-keys',
    at: '2026-02-26T15:50:00Z',
    actor: 'lead-cache',
    type: 'blocker-opened',
    body: {
      blocker: 'keys',
      stream: 'cache',
      title: 'Shared keys need the one text of the parser, which is not on main',
      severity: 'high',
      impact: 'Queries that mean the same are searched again, and most of the saving is lost',
      owner: 'lead-cache',
      deadline: '2026-02-27T12:00:00Z',
    },
  },
  {
    id: 'example-check-in-parser-sprint-end',
    at: '2026-02-27T09:30:00Z',
    actor: 'lead-parser',
    type: 'check-in',
    body: {
      stream: 'parser',
      done: ['Matching records', 'One text for equal queries', 'The query language is described'],
      next: ['Review by the architect', 'Merge on Monday'],
      risks: [],
      claims: { query: 193, tests: 16, documentation: 1 },
      confidence: { week: 0.95, program: 0.9 },
    },
  },
  {
    id: 'example-review-parser',
    at: '2026-02-27T11:00:00Z',
    actor: 'architect',
    type: 'sign-off',
    body: {
      checkpoint: 'sprint-end',
      criterion: 'review',
      stream: 'parser',
      role: 'architect',
      approve: true,
      reason: 'Read it commit by commit; refusals carry their column, and equal queries have one text',
    },
  },
  {
    id: 'example-check-in-cache-sprint-end',
    at: '2026-02-27T13:20:00Z',
    actor: 'lead-cache',
    type: 'check-in',
    body: {
      stream: 'cache',
      done: ['Benchmark', 'Tests of shared keys and expiry'],
      next: ['Shared keys', 'Expiry', 'Documentation'],
      risks: ['Shared keys wait for the parser'],
      claims: { store: 100, tests: 10, documentation: 0.5 },
      confidence: { week: 0.6, program: 0.75 },
    },
  },
]
