import { join } from 'node:path'
import { compose, type Cause, type Occasion } from '#core/notify/compose.ts'
import type { Notice } from '#core/notify/notice.ts'
import type { Decision } from '#core/decide/model.ts'
import type { Invited } from '#core/ledger/events.ts'
import type { NoticeKind } from '#core/program/model.ts'
import { foldHistory, type History } from '#core/schedule/history.ts'
import { readCase } from './check-case.ts'

/** One program at the end of its sprint, and what is to be told of it: every kind of notice, some of them in several states. */
const held = readCase(join(import.meta.dirname, 'notices'))

export const { program } = held
export const NOW = held.context.at

export const history: History = {
  ...foldHistory(held.events),
  progress: new Map([['erofs', { movedAt: '2026-02-25T09:00:00Z', measuredAt: NOW, done: false }]]),
}

const record = { id: 'd-20260227-153000', seq: 42 }

export const occasion: Occasion = {
  program,
  history,
  now: NOW,
  report: held.checked.report,
  head: '41:a881cde43ce10000000000000000000000000000000000000000000000000000',
}

const due = (kind: Extract<Cause, { of: 'due' }>['action']['kind'], more: object, people = ['apex', 'velocity', 'architect']): Cause => ({
  of: 'due',
  action: { key: `${kind}:x@${NOW}`, kind, due: NOW, people, ...more },
})

const resolved: History = {
  ...history,
  state: { ...history.state, blockers: history.state.blockers.map((one) => ({ ...one, resolvedAt: NOW })) },
}

/** As a checkpoint decides once everything is merged. */
const withoutMerge = (decision: Decision): Decision => JSON.parse(JSON.stringify({ ...decision, merge: undefined })) as Decision

/** What was sent before: Vera had another address then, and Sam had one. */
const INVITED: Invited = {
  name: 'Sprint completion',
  startsAt: '2026-02-27T14:30:00Z',
  endsAt: '2026-02-27T15:15:00Z',
  people: ['apex', 'architect', 'velocity'],
  addresses: { apex: 'ada@example.org', architect: 'arn@example.org', velocity: 'vera@example.net' },
}

const CAUSES: readonly (readonly [string, Cause, Partial<Occasion>?])[] = [
  ['invitation', due('invite', { checkpoint: 'sprint-end' })],
  ['invitation-sync', due('invite', { sync: 'thursday' })],
  ['reminder', due('remind', { checkpoint: 'integration' })],
  ['opened', due('open', { checkpoint: 'sprint-end', late: true })],
  ['opened-without-agenda', due('open', { checkpoint: 'integration' })],
  ['check-in', due('check-in', { checkpoint: 'sprint-end' })],
  ['stand-up', due('stand-up', {})],
  ['stand-up-nudge', due('nudge', {})],
  ['sync', due('sync', { sync: 'thursday' })],
  ['decision', { of: 'decision', record }],
  [
    'overridden',
    { of: 'decision' },
    {
      report: {
        ...held.checked.report,
        verdict: 'GO',
        decision: {
          ...held.checked.report.decision,
          verdict: 'GO',
          override: { by: 'apex', reason: 'The customer waits', at: NOW },
        },
      },
    },
  ],
  ['sign-off', due('sign-off', { checkpoint: 'sprint-end' })],
  ['blocker', due('blocker', { blocker: 'b-1' }, [])],
  ['blocker-acknowledged', { of: 'blocker', blocker: 'b-1', change: 'acknowledged', by: 'velocity' }],
  ['blocker-changed', { of: 'blocker', blocker: 'b-1', change: 'changed', by: 'velocity', changed: ['severity', 'deadline'] }],
  ['escalation-acknowledged', { of: 'escalation', escalation: 'e-1', change: 'acknowledged', by: 'architect' }],
  [
    'blocker-resolved',
    { of: 'blocker', blocker: 'b-1', change: 'resolved', by: 'velocity', outcome: 'workaround', note: 'The dependency is vendored' },
    { history: resolved },
  ],
  ['escalation', due('step', { escalation: 'e-1', step: 1 }, ['scribe'])],
  ['escalation-cleared', { of: 'escalation', escalation: 'e-1', change: 'cleared', reason: 'no such blocker is open' }],
  ['health', { of: 'health', stream: 'erofs' }],
  ['stalled', due('stall', { stream: 'erofs' }, ['velocity'])],
  ['waiver', due('waiver', { waiver: 'w-1', stage: 'soon' }, ['apex'])],
  ['waiver-lapsed', due('waiver', { waiver: 'w-1', stage: 'lapsed' }, ['apex']), { now: '2026-03-06T16:00:00Z' }],
  [
    'nothing-to-merge',
    { of: 'decision' },
    { report: { ...held.checked.report, verdict: 'GO', decision: withoutMerge({ ...held.checked.report.decision, verdict: 'GO' }) } },
  ],
  ['invitation-moved', due('invite', { checkpoint: 'integration', sequence: 1, startsAt: '2026-03-04T14:30:00Z' })],
  ['invitation-cancelled', due('invite', { checkpoint: 'sprint-end', cancelled: true, invited: INVITED, sequence: 2 })],
  [
    'invitation-taken-back',
    due('invite', {
      checkpoint: 'integration',
      before: { ...INVITED, name: 'Integration' },
      withdrawn: ['architect', 'scribe'],
      readdressed: ['velocity'],
      sequence: 2,
    }),
  ],
  ['invitation-sync-taken-back', due('invite', { sync: 'thursday', cancelled: true, invited: { ...INVITED, name: 'Quick sync' } })],
  ['blocker-overdue', due('blocker', { blocker: 'b-1', stage: 'deadline' })],
  [
    'blocker-low',
    due('blocker', { blocker: 'b-1' }, ['velocity']),
    { history: { ...history, state: { ...history.state, blockers: history.state.blockers.map((one) => ({ ...one, severity: 'low' })) } } },
  ],
  ['blocker-decision', due('blocker', { blocker: 'b-1', stage: 'decision' })],
  [
    'trouble',
    { of: 'trouble', what: 'channel:team', because: 'Slack answers 403', remedy: 'renew the token', since: NOW, people: ['apex'] },
  ],
]

/** Name of a case -> what is told. */
export const TOLD: readonly (readonly [string, Notice])[] = CAUSES.flatMap(([name, cause, more]) =>
  compose(cause, { ...occasion, ...more }).map((notice, index): readonly [string, Notice] => [
    index === 0 ? name : `${name === 'decision' ? '' : `${name}-`}${notice.kind}-${index}`,
    notice,
  ]),
)

export const DIGEST = compose({ of: 'digest', person: 'apex', notices: TOLD.slice(0, 3).map(([, notice]) => notice) }, occasion)

export const told = <K extends NoticeKind>(name: string): Notice<K> => {
  const found = TOLD.find(([each]) => each === name)
  if (!found) throw new Error(`there is no notice ${name}; there are ${TOLD.map(([each]) => each).join(', ')}`)
  return found[1] as Notice<K>
}
