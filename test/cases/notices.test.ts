import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compose, type Occasion } from '#core/notify/compose.ts'
import type { CheckReport, StreamReport } from '#core/decide/report.ts'
import type { Blocker } from '#core/ledger/state.ts'
import { readNotice, type Notice } from '#core/notify/notice.ts'
import { NOTICE_KINDS, type Program } from '#core/program/model.ts'
import { DUE_KINDS, type DueAction, type DueKind } from '#core/schedule/due.ts'
import { foldHistory, type History } from '#core/schedule/history.ts'
import { CHANNEL_KIND_INFO } from '#deliver/registry.ts'
import { address } from '#engine/deliver/address.ts'
import { invitationIcs } from '#render/ics/invitation.ts'
import { htmlNotice } from '#render/notice/html.ts'
import { markdownNotice } from '#render/notice/markdown.ts'
import { plainNotice } from '#render/notice/plain.ts'
import { slackNotice } from '#render/notice/slack.ts'
import { wordNotice } from '#render/notice/word.ts'
import { sha256 } from '#store/sha256.ts'
import { readCase } from './check-case.ts'
import { DIGEST, history, NOW, occasion, program, told, TOLD } from './notice-case.ts'

const expected = (file: string): string => join(import.meta.dirname, 'notices', 'expected', file)
const CHANNEL = { id: 'team', send: 'slack' } as const

/** What is said, recorded: regenerate with `-u`, then read the difference. */
describe('what is told', () => {
  const all = [...TOLD, ...DIGEST.map((notice) => ['digest', notice] as const)]

  test('every kind of notice is among the cases', () => {
    expect(new Set(all.map(([, notice]) => notice.kind))).toEqual(new Set(NOTICE_KINDS))
  })

  test.each(all)('%s as text', async (name, notice) => {
    const { kind, thread, people, urgent, edits, acts, title } = notice
    const head = `${kind}, ${thread}${urgent ? ', urgent' : ''}${edits ? ', edits' : ''}, to ${people.join(' ') || 'nobody'}`
    const buttons = acts.length === 0 ? [] : [`[${acts.map((act) => JSON.stringify(act)).join(' ')}]`]
    const body = plainNotice(wordNotice(notice, program, CHANNEL))
    await expect(`${[head, ...buttons, '', title, '', ...body].join('\n')}\n`).toMatchFileSnapshot(expected(`${name}.txt`))
  })

  test.each(['branch-absent', 'claims-beside', 'confidence', 'merge-held', 'merged-already', 'no-go-of-the-program', 'no-go-plan'])(
    'of the check %s, decision and streams',
    async (name) => {
      const { program: given, events, context, checked } = readCase(join(import.meta.dirname, 'check', name))
      const decided = { program: given, history: foldHistory(events), now: context.at, report: checked.report }
      const told = compose({ of: 'decision' }, decided)
      expect(told.map((notice) => readNotice(JSON.parse(JSON.stringify(notice))))).toEqual(told)
      const texts = told.map((notice) => [notice.title, '', ...plainNotice(wordNotice(notice, given, CHANNEL))].join('\n'))
      await expect(`${texts.join('\n\n---\n\n')}\n`).toMatchFileSnapshot(expected(join('check', `${name}.txt`)))
    },
  )

  test('to whom it goes over which channel, and until when it is of use', async () => {
    const channels = [
      { id: 'team', send: 'slack' },
      { id: 'mail', send: 'email', from: 'muster@example.org' },
      { id: 'calendar', send: 'calendar', from: 'muster@example.org' },
      { id: 'forge', send: 'forge' },
      { id: 'log', send: 'file', to: 'log.jsonl' },
      { id: 'alarm', send: 'webhook', to: 'https://example.org/' },
    ] as const
    const everyKind = Object.fromEntries(NOTICE_KINDS.map((kind) => [kind, ['team', 'mail', 'calendar', 'forge', 'log']]))
    const notify = { routes: { ...everyKind, escalation: ['alarm', 'mail'], waiver: ['nobody'] } }
    const messagesOf = (cause: string, notice: Notice) =>
      address(notice, { program: { ...program, channels, notify }, cause, now: NOW, channelKinds: CHANNEL_KIND_INFO, hash: sha256 })
    const lines = all.flatMap(([name, notice]) => {
      const messages = messagesOf('cause', notice)
      const until = new Set(messages.map(({ expires }) => expires ?? 'it went out'))
      const to = Map.groupBy(messages, ({ channel }) => channel)
      return [
        `${name}${until.size === 0 ? ', to nobody' : `, until ${[...until].join(', ')}`}`,
        ...[...to].map(([channel, ones]) => `  ${channel}: ${ones.map((one) => one.to).join(' ')}`),
      ]
    })
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(expected('addressed.txt'))
    // Told once more it is one message, and of one cause each notice is one of its own, however long its name is.
    for (const length of [10, 150, 250])
      for (const first of ['decision', 'nothing-to-merge', 'invitation-taken-back', 'invitation-cancelled']) {
        const notices = all.filter(([name]) => name.startsWith(first) || (first === 'decision' && name.startsWith('status')))
        const keys = () => notices.flatMap(([, notice]) => messagesOf('x'.repeat(length), notice)).map(({ key }) => key)
        expect(new Set(keys()).size).toBe(keys().length)
        expect(keys().filter((key) => key.length > 250)).toEqual([])
        expect(keys()).toEqual(keys())
      }
  })

  test.each(all)('the first time that %s tells names the zone, and only that', (_, notice) => {
    const body = plainNotice(wordNotice(notice, program, CHANNEL)).join('\n')
    const [first] = body.match(/\d\d:\d\d(?: Europe\/Berlin)?/) ?? []
    if (first !== undefined) expect(first).toMatch(/Europe\/Berlin$/)
    expect(body.split('Europe/Berlin')).toHaveLength(first === undefined ? 1 : 2)
  })

  test('the guide shows what is really said', () => {
    const guide = readFileSync(join(import.meta.dirname, '../../docs/guide/notifications.md'), 'utf8')
    const shown = [...guide.matchAll(/^```text notice (\S+)\n([\s\S]*?)^```$/gm)].map(([, name = '', text = '']) => [name, text])
    expect(shown.length).toBeGreaterThan(12)
    for (const [name, text] of shown) {
      const notice = all.find(([each]) => each === name)?.[1]
      if (!notice) throw new Error(`the guide shows ${name}, which is not told`)
      const body = plainNotice(wordNotice(notice, program, CHANNEL))
      expect(text).toBe(`${[notice.title, '', ...body].join('\n')}\n`)
    }
  })

  test('the phase lead decides about a severe blocker where the program names nobody', () => {
    const told = compose(
      { of: 'blocker', blocker: 'b-1', change: 'acknowledged', by: 'velocity' },
      { ...occasion, program: { ...program, policy: { ...program.policy, matrices: [] } } },
    )
    expect(told).toMatchObject([{ people: ['velocity', 'apex'], data: { decider: { id: 'apex' } } }])
  })

  describe('a signature', () => {
    const at = (checkpoint: string, more: Partial<Occasion> = {}): Occasion => ({
      ...occasion,
      program: {
        ...program,
        checkpoints: program.checkpoints.map((one) =>
          one.id === checkpoint ? { ...one, signOff: [{ role: 'phase-lead', quorum: 1 }] } : one,
        ),
      },
      ...more,
    })
    const signed = (approve: boolean): History => {
      const signOff = { checkpoint: 'sprint-end', role: 'phase-lead', approve, reason: 'r', at: NOW, actor: 'apex' }
      return { ...history, state: { ...history.state, signOffs: [signOff] } }
    }
    const changed = { of: 'sign-off', checkpoint: 'sprint-end', role: 'phase-lead' } as const

    test('is asked for with the verdict of its own checkpoint, whichever was judged last', () => {
      const held = new Map([['midweek', [{ due: NOW, at: NOW, decision: 'd', verdict: 'GO' as const }]]])
      const cause = { of: 'due', action: { key: 'k', kind: 'sign-off', due: NOW, people: ['apex'], checkpoint: 'midweek' } } as const
      expect(compose(cause, at('midweek', { history: { ...history, held } }))).toMatchObject([{ data: { verdict: 'GO' } }])
      expect(compose(cause, at('midweek'))).toMatchObject([{ data: { verdict: null } }])
    })

    test('that was given takes the place of the question, and asks nobody any more', () => {
      const one = { edits: true, people: [], acts: [], data: { approved: [{ id: 'apex' }], refused: [], waitingFor: [] } }
      expect(compose(changed, at('sprint-end', { history: signed(true) }))).toMatchObject([
        { ...one, title: 'Sprint completion: signed (phase-lead, 1 of 1)' },
      ])
    })

    test('that was refused is said, and is not taken for one', () => {
      const [notice] = compose(changed, at('sprint-end', { history: signed(false) }))
      expect(notice).toMatchObject({
        title: 'Sprint completion: not signed (phase-lead, 0 of 1)',
        edits: true,
        people: [],
        data: { approved: [], refused: [{ id: 'apex' }], waitingFor: [] },
      })
      expect(plainNotice(wordNotice(notice!, program, CHANNEL))).toEqual([
        'Sprint completion is not signed for phase-lead, and nobody is left to sign; the verdict is ◐ CONDITIONAL GO.',
        'Are both streams ready to be merged from Monday on?',
        '',
        '- Signed: 0 of 1',
        '- Refused: Ada Apex',
      ])
    })

    test('is asked for of the roles that wait alone', () => {
      const both = { ...at('sprint-end', { history: signed(true) }) }
      const signOff = ['phase-lead', 'architect'].map((role) => ({ role, quorum: 1 }))
      const checkpoints = program.checkpoints.map((one) => (one.id === 'sprint-end' ? { ...one, signOff } : one))
      const cause = { of: 'due', action: { key: 'k', kind: 'sign-off', due: NOW, people: [], checkpoint: 'sprint-end' } } as const
      expect(compose(cause, { ...both, program: { ...program, checkpoints } })).toMatchObject([
        { people: ['architect'], thread: 'sign-off:sprint-end/architect' },
      ])
    })
  })

  test('of a decision hear who attends, who leads, and who owns a blocker that is open', () => {
    const checkpoints = program.checkpoints.map((one) => ({ ...one, attendees: ['apex'] }))
    const told = (more: object) => {
      const blockers = history.state.blockers.map((one) => ({ ...one, owner: 'scribe', ...more }))
      const state = { ...history.state, blockers }
      return compose({ of: 'decision' }, { ...occasion, program: { ...program, checkpoints }, history: { ...history, state } })[0]?.people
    }
    expect(told({})).toEqual(['apex', 'velocity', 'scribe'])
    expect(told({ resolvedAt: NOW })).toEqual(['apex', 'velocity'])
  })

  describe('a decision', () => {
    const { report } = occasion
    if (!report) throw new Error('nothing was decided')
    const decided = (more: Partial<CheckReport>, of: Partial<Occasion> = {}) => {
      const [decision, ...status] = compose({ of: 'decision' }, { ...occasion, report: { ...report, ...more }, ...of })
      return { decision: decision as Notice<'decision'>, status: status as Notice<'status'>[] }
    }
    const streamsWith = (more: (stream: StreamReport, index: number) => Partial<StreamReport>) => ({
      streams: report.streams.map((one, index) => ({ ...one, ...more(one, index) })),
    })
    const [psi] = report.streams
    const [criterion] = report.criteria
    const checkIn = psi?.checkIn
    if (!psi || !criterion || !checkIn) throw new Error('the case has no stream, criterion or check-in')

    test('says the lowest confidence that a lead claims: of the program, else of the week', () => {
      const claims = [{ program: 0.9 }, { week: 0.4 }]
      const { decision, status } = decided(streamsWith((_, index) => ({ checkIn: { ...checkIn, confidence: claims[index] ?? {} } })))
      expect(decision.data.confidence).toBe(0.4)
      expect(status.map(({ data }) => data.stream.confidence)).toEqual([0.9, 0.4])
      expect(decided(streamsWith(() => ({ checkIn: { ...checkIn, confidence: {} } }))).decision.data.confidence).toBe(null)
    })

    test('lists at most 25 of what is open and of what is to be done, and counts the rest', () => {
      const of = <T>(one: T, count: number): T[] => Array.from({ length: count }, () => one)
      const { id, subject, title, tier } = criterion
      const finding = { criterion: id, subject, title, tier, status: 'missing' as const, because: 'b', who: [] }
      const open = { ...criterion, status: 'missing' as const }
      const lists = (count: number) => {
        const { decision, status } = decided({
          decision: { ...report.decision, against: of(finding, count) },
          actions: of({ kind: 'follow-up' as const, text: 't', who: [] }, count),
          ...streamsWith(() => ({ criteria: of(open, count) })),
        })
        const { against, moreAgainst, actions, moreActions } = decision.data
        const stream = status[0]?.data.stream
        return [
          [against.length, moreAgainst],
          [actions.length, moreActions],
          [stream?.criteria.length, stream?.moreCriteria],
          [stream?.remaining.length],
        ]
      }
      expect(lists(25)).toEqual([[25, 0], [25, 0], [25, 0], [25]])
      expect(lists(27)).toEqual([[25, 2], [25, 2], [25, 2], [25]])
      expect(lists(0)).toEqual([[0, 0], [0, 0], [0, 0], [0]])
    })

    test('tells of a stream what is open first, and of that first what matters most', () => {
      const states = [
        ['satisfied', 'critical'],
        ['missing', 'advisory'],
        ['satisfied', 'supporting'],
        ['missing', 'critical'],
        ['missing', 'supporting'],
      ] as const
      const criteria = states.map(([status, tier], index) => ({ ...criterion, id: `c${index}`, status, tier }))
      const { status } = decided(streamsWith(() => ({ criteria })))
      expect(status[0]?.data.stream.criteria.map((one) => one.id)).toEqual(['c3', 'c4', 'c1', 'c0', 'c2'])
    })

    test('says what a stream becomes: merged, planned, held, or why it waits', () => {
      const days = [{ date: '2026-03-02', weekday: 'monday' as const, streams: ['erofs'] }]
      const merge = (more: object) =>
        decided({
          decision: { ...report.decision, merge: { days: [], held: [], merged: [], ...more } as never },
        }).decision.data.streams.map((one) => one.merge)
      const [first, second] = merge({ days, merged: ['psi'] })
      expect([first, second]).toEqual([
        { state: 'merged', on: null, because: null },
        { state: 'planned', on: '2026-03-02', because: null },
      ])
      expect(merge({ held: [{ stream: 'psi', because: 'it collides' }] })).toEqual([
        { state: 'held', on: null, because: 'it collides' },
        { state: 'waits', on: null, because: 'the decision is CONDITIONAL GO' },
      ])
      const checkpoints = program.checkpoints.map((one) => (one.id === 'sprint-end' ? { ...one, merge: false } : one))
      const none = { state: 'none', on: null, because: null }
      expect(decided({}, { program: { ...program, checkpoints } }).decision.data.streams.map((one) => one.merge)).toEqual([none, none])
      const blocked = (because: readonly string[]) =>
        decided({
          verdict: 'NO-GO',
          decision: { ...report.decision, merge: undefined, onNoGo: { continuing: [], blocked: [{ stream: 'psi', because }] } } as never,
        }).decision.data.streams[0]?.merge
      expect(blocked(['a', 'b'])).toEqual({ state: 'held', on: null, because: 'a; b' })
      expect(blocked(['a', 'b', 'c'])).toEqual({ state: 'held', on: null, because: '3 critical criteria are open' })
    })

    test('carries what a lead said, the commit, and the share of what was measured, for other programs', () => {
      const said = { ...checkIn, done: ['d'], next: ['n'], risks: ['r'], waitingOn: ['w'], blocking: ['b'] }
      const amount = (low: number, high = low) => ({ low, high, unit: 'lines' as const })
      const [deliverable] = psi.deliverables
      if (!deliverable) throw new Error('the case has no deliverable')
      const share = (more: object) => ({ ...deliverable, kind: 'code' as const, measured: 30, full: amount(120), ...more })
      const deliverables = [
        share({}),
        share({ measured: -3 }),
        share({ measured: undefined }),
        share({ measured: true }),
        share({ full: amount(100, 200) }),
        share({ full: amount(0) }),
        share({ full: undefined }),
        share({ kind: 'performance' as const }),
      ]
      const { status } = decided(streamsWith((one) => ({ checkIn: said, deliverables, state: { ...one.state, commit: 'abc' } as never })))
      expect(status[0]?.data.stream).toMatchObject({
        commit: 'abc',
        checkIn: { done: ['d'], next: ['n'], risks: ['r'], waitingOn: ['w'], blocking: ['b'] },
      })
      expect(status[0]?.data.stream.deliverables.map((one) => one.share)).toEqual([0.25, 0, null, null, null, null, null, null])
      const absent = decided(streamsWith(() => ({ state: { state: 'absent', reason: 'r' } as never })))
      expect(absent.status[0]?.data.stream.commit).toBe(null)
    })

    test('is not told of a checkpoint or a stream that the program does not have', () => {
      expect(compose({ of: 'decision' }, { ...occasion, report: { ...report, checkpoint: { ...report.checkpoint, id: 'gone' } } })).toEqual(
        [],
      )
      expect(compose({ of: 'health', stream: 'gone' }, occasion)).toEqual([])
      const { report: _, ...unjudged } = occasion
      expect([...compose({ of: 'decision' }, unjudged), ...compose({ of: 'health', stream: 'psi' }, unjudged)]).toEqual([])
    })
  })

  describe('by what is due', () => {
    const due = (kind: DueKind, more: Partial<DueAction>, of: Partial<Occasion> = {}) =>
      compose({ of: 'due', action: { key: `${kind}:x@${NOW}`, kind, due: NOW, people: [], ...more } }, { ...occasion, ...of })
    const blockerIs = (more: Partial<Blocker>): Partial<Occasion> => ({
      history: { ...history, state: { ...history.state, blockers: history.state.blockers.map((one) => ({ ...one, ...more })) } },
    })

    test.each([
      ['step:e-1/00@x', 0, 'Escalation'],
      ['step:e-1/01@x', 1, 'Escalation goes on'],
      ['step:e-1/repeat@x', 1, 'Escalation, again'],
      ['step:e-1/lapsed@x', 0, 'Escalation, again'],
    ])('%s of an escalation is urgent, and can be acknowledged', (key, step, title) => {
      expect(due('step', { key, step, escalation: 'e-1', people: ['architect'] })).toMatchObject([
        {
          title: `${title}: B - EROFS, A blocker is unresolved`,
          people: ['architect', 'velocity'],
          urgent: true,
          edits: false,
          acts: [{ act: 'acknowledge-escalation', escalation: 'e-1' }],
          data: { step: step + 1, steps: 2 },
        },
      ])
    })

    test('that an escalation is over asks nobody for anything, and whoever was asked hears it', () => {
      const told = compose({ of: 'escalation', escalation: 'e-1', change: 'cleared', reason: 'r' }, occasion)
      expect(told).toMatchObject([{ people: ['velocity', 'architect'], urgent: false, edits: true, acts: [] }])
    })

    test.each([
      [undefined, 'Blocker'],
      ['deadline', 'Blocker overdue'],
      ['acknowledgement', 'Blocker, nobody is on it any more'],
      ['sync', 'Emergency sync'],
      ['workarounds', 'Ways around wanted'],
      ['decision', 'Decision needed'],
      ['again', 'Decision still needed'],
    ] as const)('stage %s of a severe blocker is urgent, can be answered, and says who decides', (stage, title) => {
      for (const severity of ['critical', 'high'] as const)
        expect(due('blocker', { blocker: 'b-1', ...(stage && { stage }) }, blockerIs({ severity }))).toMatchObject([
          {
            title: `${title}: B - EROFS, Two versions of one library`,
            people: ['velocity', 'apex'],
            urgent: true,
            edits: false,
            acts: [{ act: 'acknowledge-blocker' }, ...Array.from({ length: 4 }, () => ({ act: 'resolve-blocker' }))],
            data: { decider: { id: 'apex' } },
          },
        ])
    })

    test('a small blocker is its owner’s matter until it is overdue', () => {
      const small = (stage?: 'deadline') =>
        due('blocker', { blocker: 'b-1', ...(stage && { stage }) }, blockerIs({ severity: 'low', owner: 'scribe' }))
      expect(small()).toMatchObject([{ people: ['scribe', 'velocity'], urgent: false, data: { decider: null, options: [] } }])
      expect(small('deadline')).toMatchObject([
        { people: ['scribe', 'velocity', 'apex'], urgent: false, data: { decider: { id: 'apex' } } },
      ])
      const over = (resolvedAt: string) =>
        compose(
          { of: 'blocker', blocker: 'b-1', change: 'resolved', by: 'scribe', outcome: 'resolved', note: 'n' },
          { ...occasion, ...blockerIs({ severity: 'low', owner: 'scribe', resolvedAt }) },
        )
      expect(over('2026-02-27T15:00:00Z')).toMatchObject([{ people: ['scribe', 'velocity'], acts: [], edits: true }])
      expect(over('2026-02-27T17:00:00Z')).toMatchObject([{ people: ['scribe', 'velocity', 'apex'] }])
    })

    test('nobody decides about their own blocker while there is somebody else', () => {
      const people = program.people.map((one) => (one.id === 'scribe' ? { ...one, roles: ['phase-lead'] } : one))
      const told = due('blocker', { blocker: 'b-1' }, { ...blockerIs({ owner: 'apex' }), program: { ...program, people } })
      expect(told).toMatchObject([{ data: { decider: { id: 'scribe' } } }])
      expect(due('blocker', { blocker: 'b-1' }, blockerIs({ owner: 'apex' }))).toMatchObject([{ data: { decider: null } }])
    })

    test('a check-in is asked of those who are asked and have said nothing', () => {
      const asked = (more: Partial<DueAction>) => due('check-in', { checkpoint: 'integration', ...more }).map(({ people }) => people)
      expect(asked({})).toEqual([['velocity']])
      expect(asked({ people: ['velocity'] })).toEqual([['velocity']])
      expect(asked({ people: ['apex'] })).toEqual([])
      expect(asked({ stream: 'psi' })).toEqual([])
      const midweek = new Map([['midweek', [{ due: NOW, at: '2026-02-27T09:00:00Z', decision: 'd', verdict: 'GO' as const }]]])
      const since = due('check-in', { checkpoint: 'integration' }, { history: { ...history, held: midweek } })
      // Ada checked in at 09:31, before it was held.
      expect(since).toMatchObject([{ people: ['apex', 'velocity'] }])
    })

    test('a nudge goes to those who are missing, and to nobody where none is', () => {
      expect(due('nudge', { people: [] })).toMatchObject([{ people: ['velocity'], data: { nudge: true } }])
      const said = history.state.checkIns['psi']
      if (!said) throw new Error('nobody checked in')
      const checkIns = { psi: said, erofs: { ...said, stream: 'erofs', actor: 'velocity' } }
      expect(due('nudge', {}, { history: { ...history, state: { ...history.state, checkIns } } })).toEqual([])
      const yesterday = { psi: said, erofs: { ...checkIns.erofs, at: '2026-02-26T10:00:00Z' } }
      expect(due('nudge', {}, { history: { ...history, state: { ...history.state, checkIns: yesterday } } })).toMatchObject([
        { people: ['velocity'], data: { checkIns: [{ stream: { id: 'psi' } }] } },
      ])
    })

    test('what the program does not have is not told', () => {
      for (const gone of ['checkpoint', 'sync', 'stream', 'blocker', 'escalation', 'waiver'] as const)
        for (const kind of DUE_KINDS) if (kind !== 'stand-up' && kind !== 'nudge') expect(due(kind, { [gone]: 'gone' })).toEqual([])
      expect(due('open', { checkpoint: 'sprint-end', dropped: 'it was over' })).toEqual([])
      expect(due('open', { checkpoint: 'sprint-end', people: ['apex', 'gone', 'apex'] })).toMatchObject([{ people: ['apex'] }])
    })

    test('an invitation is new, changed, moved or called off, to those who attend, and counts how often it went out', () => {
      const sent = (count: number, kind: 'checkpoint' | 'sync' = 'checkpoint'): History => ({
        ...history,
        series: new Map([[`invite:${kind}:${kind === 'sync' ? 'thursday' : 'sprint-end'}`, { sent: count } as never]]),
      })
      const checkpoint = (more: Partial<DueAction>, of: History = sent(0)) =>
        compose({ of: 'due', action: { kind: 'invite', checkpoint: 'sprint-end', ...more } as DueAction }, { ...occasion, history: of })
      const all = ['apex', 'velocity', 'architect', 'scribe']
      const at = { thread: 'invitation:sprint-end', people: all, data: { sequence: 0, change: 'new' } }
      expect(checkpoint({})).toMatchObject([{ ...at, title: 'Sprint completion, Fri 2026-02-27 15:30', edits: false }])
      expect(checkpoint({}, sent(2))).toMatchObject([{ ...at, edits: true, data: { sequence: 2, change: 'changed', reason: null } }])
      expect(checkpoint({ people: ['apex'], sequence: 4, startsAt: '2026-02-28T14:30:00Z' })).toMatchObject([
        {
          title: 'Sprint completion, Sat 2026-02-28 15:30',
          people: ['apex'],
          data: { sequence: 4, meeting: { at: '2026-02-28T14:30:00Z' } },
        },
      ])
      const moves = { 'sprint-end': { cancelled: true as const, reason: 'everybody is ill', actor: 'apex', at: NOW } }
      const off = { ...sent(2), state: { ...history.state, moves: moves as never } }
      const cancelled = { title: 'Cancelled: Sprint completion', edits: true, data: { change: 'cancelled', reason: 'everybody is ill' } }
      expect(checkpoint({}, off)).toMatchObject([cancelled])
      expect(checkpoint({ cancelled: true }, sent(2))).toMatchObject([{ ...cancelled, data: { change: 'cancelled', reason: null } }])
      const invited = { name: 'End', startsAt: NOW, endsAt: '2026-02-27T15:00:00Z', people: all }
      // Of whom no address is known, it is taken back where they are; and that it is off is said to all who listen.
      expect(checkpoint({ cancelled: true, invited, people: ['apex'] }, off)).toMatchObject([
        {
          title: 'Cancelled: End',
          people: ['apex'],
          data: { reason: 'everybody is ill', meeting: { durationSeconds: 1800, moreCriteria: 0 } },
        },
      ])
      expect(checkpoint({ cancelled: true, invited: { ...invited, addresses: {} }, people: [] }, off)).toMatchObject([{ people: [] }])
      expect(checkpoint({ before: invited, withdrawn: [], readdressed: [], people: ['apex'] })).toHaveLength(1)

      const sync = (more: Partial<DueAction>, of: History = sent(0, 'sync'), from = program) =>
        compose(
          { of: 'due', action: { kind: 'invite', sync: 'thursday', ...more } as DueAction },
          { ...occasion, program: from, history: of },
        )
      expect(sync({})).toMatchObject([{ people: ['apex', 'velocity'], edits: false, data: { sequence: 0, change: 'new' } }])
      expect(sync({}, sent(1, 'sync'))).toMatchObject([{ edits: true, data: { sequence: 1, change: 'changed' } }])
      expect(sync({ sequence: 7, people: ['scribe'] })).toMatchObject([{ people: ['scribe'], data: { sequence: 7 } }])
      expect(sync({ before: invited, withdrawn: ['scribe'] }).map(({ title }) => title)).toEqual([
        'Without you: End',
        'Quick sync, every Thursday at 09:45',
      ])
      const days = program.syncs.map((one) => ({ ...one, days: ['tuesday', 'thursday'] as const }))
      expect(sync({}, undefined, { ...program, syncs: days })).toMatchObject([{ title: 'Quick sync, every Tuesday and Thursday at 09:45' }])
      expect(sync({}, undefined, { ...program, checkpoints: [] })).toEqual([])
    })

    test('who signs takes the chair, who works on it must come, and others may', () => {
      const parts = (more: Partial<Program>, signers: readonly string[]) => {
        const checkpoints = program.checkpoints.map((one) => ({ ...one, signOff: signers.map((role) => ({ role, quorum: 1 })) }))
        const [notice] = compose(
          { of: 'due', action: { kind: 'invite', checkpoint: 'sprint-end' } as DueAction },
          { ...occasion, program: { ...program, checkpoints, ...more } },
        ) as Notice<'invitation'>[]
        return notice?.data.meeting.attendees.map((one) => one.takesPart)
      }
      // Ada is the phase lead and leads a stream, Vera leads one, Arn is the architect, Sam the scribe.
      expect(parts({}, ['phase-lead'])).toEqual(['chair', 'required', 'required', 'required'])
      expect(parts({}, ['lead'])).toEqual(['chair', 'chair', 'required', 'required'])
      const people = program.people.map((one) => ({ ...one, roles: [] }))
      expect(parts({ people }, [])).toEqual(['required', 'required', 'optional', 'optional'])
      const streams = program.streams.map((one, index) => ({
        ...one,
        ...(index === 0 ? { support: ['architect'] } : { reviewers: ['scribe'] }),
      }))
      expect(parts({ people, streams }, [])).toEqual(['required', 'required', 'required', 'required'])
    })

    test('a waiver without an end is told as such, to who granted it where nobody else is named', () => {
      const { expires: _, ...endless } = history.state.waivers[0]!
      const told = due('waiver', { waiver: 'w-1' }, { history: { ...history, state: { ...history.state, waivers: [endless] } } })
      expect(told).toMatchObject([{ title: 'Waiver without an end: No blocker is unresolved', people: ['apex'], data: { lapsed: false } }])
    })
  })

  test.each([
    ['missed', 'it did not run when something was due'],
    ['clock', 'the clock was set, or the machine slept'],
    ['channel:a:b', 'nothing gets through over a:b'],
    ['gather', 'evidence cannot be looked at'],
    ['program', 'the program file cannot be used'],
    ['older', 'an older version of the program is in force again'],
    ['emptied', 'the program has no checkpoint left'],
  ])('trouble %s is urgent, and said in words', (what, words) => {
    expect(compose({ of: 'trouble', what, because: 'b', since: NOW, people: ['apex'] }, occasion)).toMatchObject([
      { title: `Muster could not do its job: ${words}`, urgent: true, people: ['apex'], thread: `trouble:${what}` },
    ])
  })

  test('of what was measured and does not count it is not said that there is nothing yet', () => {
    const notice = told<'status'>('status-2')
    const deliverables = notice.data.stream.deliverables.map((one) => ({ ...one, measured: null, status: 'stale' as const }))
    const stale = { ...notice, data: { ...notice.data, stream: { ...notice.data.stream, deliverables } } }
    expect(plainNotice(wordNotice(stale, program, CHANNEL))).toContain('- Integration tests: nothing that counts, ↻ stale')
  })

  test('of a blocker that is over it does not say that no workaround is known yet', () => {
    const notice = told<'blocker'>('blocker-resolved')
    const { data } = notice
    const without = { ...notice, data: { ...data, blocker: { ...data.blocker, workaround: null } } }
    const words = plainNotice(wordNotice(without, program, CHANNEL)).join('\n')
    expect(words).not.toContain('Workaround')
    expect(words).toMatch(/^Impact: .*\nOwner: /m)
  })

  test('a lead who says nothing has not said that nothing is in the way', () => {
    const notice = told('status-1')
    if (notice.kind !== 'status') throw new Error('it is no status')
    const stream = { ...notice.data.stream, blockers: [], checkIn: null }
    const silent = { ...notice, data: { ...notice.data, stream } }
    expect(plainNotice(wordNotice(silent, program, CHANNEL))).toContain(`None is on record, but ${stream.lead.name} has not checked in.`)
  })

  test.each(all)('%s comes back from the outbox as it was', (_, notice) => {
    expect(readNotice(JSON.parse(JSON.stringify(notice)))).toEqual(notice)
  })

  test.each(['blocker', 'status-1', 'decision', 'sign-off'])('%s as blocks of Slack', async (name) => {
    const notice = told(name)
    const { text, blocks } = slackNotice(wordNotice(notice, program, CHANNEL), notice, program)
    await expect(`${JSON.stringify({ text, blocks }, undefined, 1)}\n`).toMatchFileSnapshot(expected(`${name}.slack.json`))
  })

  test('a blocker as HTML, a decision as Markdown', async () => {
    const blocker = told('blocker')
    await expect(htmlNotice(wordNotice(blocker, program, CHANNEL), blocker.acts)).toMatchFileSnapshot(expected('blocker.html'))
    const decision = wordNotice(told('decision'), program, CHANNEL)
    await expect(markdownNotice(decision, { people: program.people, forge: 'github' })).toMatchFileSnapshot(expected('decision.md'))
  })

  test.each([
    'invitation',
    'invitation-sync',
    'invitation-cancelled',
    'invitation-cancelled-invitation-1',
    'invitation-taken-back',
    'invitation-sync-taken-back',
  ])('%s as a calendar', async (name) => {
    const config = { id: 'calendar', send: 'calendar', from: 'muster@example.org' } as const
    await expect(invitationIcs(told<'invitation'>(name), program, config).text).toMatchFileSnapshot(expected(`${name}.ics`))
  })
})
