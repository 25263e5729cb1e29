import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { askCheckIn, type Known } from '#cli/checkin/ask.ts'
import type { Prompter } from '#cli/checkin/prompter.ts'
import type { CollectorKind } from '#core/evidence/collector.ts'
import type { Snapshot } from '#core/evidence/evidence.ts'
import { EMPTY_STATE, type LedgerState } from '#core/ledger/state.ts'
import { act } from '#core/people/act.ts'
import { loadProgram } from '#core/program/load.ts'
import type { Program } from '#core/program/model.ts'

const KIND: CollectorKind = {
  kind: 'count',
  title: 'Counts',
  options: z.strictObject({}),
  metrics: {
    lines: { unit: 'lines', better: 'higher', title: 'lines' },
    tests: { unit: 'tests', better: 'higher', title: 'tests' },
  },
  boundToTree: true,
}

const program = loadProgram(
  'muster.yaml',
  new TextEncoder().encode(`
program: demo
name: Demo
calendar: { zone: UTC }
people:
  lead-a: { name: Lead A }
  help-a: { name: Help A }
  lead-b: { name: Lead B }
sources: { count: { collect: count } }
streams:
  reader:
    name: Reader
    lead: lead-a
    support: [help-a]
    branch: a
    deliverables:
      code: { title: Code, measure: count.lines, full: 400 lines }
      unit: { title: Tests, measure: count.tests, full: 20 tests }
      guide: { title: Guide }
  writer: { name: Writer, lead: lead-b, branch: b }
checkpoints: { week2: { name: Week 2, at: 2026-02-25 16:00 } }
`),
  [KIND],
).program as Program

const AT = '2026-02-24T09:00:00Z'
const snapshot: Snapshot = {
  subjects: {},
  evidence: [
    {
      subject: 'stream:reader',
      metric: 'count.lines',
      status: 'observed',
      unit: 'lines',
      value: 150,
      provenance: 'measured',
      observedAt: AT,
      source: 'count',
    },
  ],
}

/** Answers by a part of the question; a question that nobody foresaw is answered with nothing. */
function scripted(answers: Readonly<Record<string, readonly string[]>>) {
  const left = new Map(Object.entries(answers).map(([key, all]) => [key, [...all]]))
  const asked: string[] = []
  const shown: string[] = []
  const problems: string[] = []
  const next = (message: string): string => {
    asked.push(message)
    const key = [...left.keys()].find((one) => message.includes(one) && (left.get(one)?.length ?? 0) > 0)
    return (key === undefined ? undefined : left.get(key)?.shift()) ?? ''
  }
  const prompter: Prompter = {
    show: (title, lines) => void shown.push(title, ...lines),
    text: async (message, problem) => {
      for (;;) {
        const answer = next(message)
        const wrong = answer === '' ? undefined : problem(answer)
        if (wrong === undefined) return answer
        problems.push(wrong)
      }
    },
    one: async (message, options) => {
      const answer = next(message)
      return options.find((one) => one.value === answer)?.value ?? options[0]?.value ?? ''
    },
    some: async (message, options) => {
      const answer = next(message)
      return options.flatMap((one) => (one.value === answer ? [one.value] : []))
    },
  }
  return { prompter, asked, shown, problems }
}

const known = (more: Partial<Known> = {}): Known => ({ program, state: EMPTY_STATE, given: {}, ...more })

const LAST: LedgerState = {
  ...EMPTY_STATE,
  checkIns: {
    reader: {
      stream: 'reader',
      done: [],
      next: ['the cache', 'the index'],
      risks: ['late parts'],
      claims: { code: 200 },
      plan: { unit: 12 },
      at: '2026-02-23T09:00:00Z',
      actor: 'lead-a',
    },
  },
}

describe('a check-in that asks', () => {
  it('shows what was said last beside what is measured, and makes a check-in of the answers', async () => {
    const { prompter, shown, problems } = scripted({
      'is done?': ['the cache'],
      'What else is done?': ['a bug'],
      'next check-in': ['soon', '300 lines'],
      'which is not measured': ['10 tests'],
      'wait for?': ['the schema'],
      'A title opens': ['No kernel'],
      'How bad': ['high'],
      'keep from happening': ['', 'nothing builds'],
      'this week': ['120%', '80%'],
    })
    const answers = await askCheckIn(prompter, known({ state: LAST, person: 'lead-a', evidence: { snapshot, at: AT } }))
    expect(shown).toEqual([
      'Last check-in of Reader',
      'Mon 2026-02-23 09:00 UTC by lead-a',
      'next: the cache',
      'next: the index',
      'risk: late parts',
      'planned: Tests 12 tests',
      'Deliverables',
      'Code: measured 150 lines of 400 lines, claimed 200 lines',
      'Tests: not measured, planned 12 tests',
      'Guide: signed for when it is done',
      '(measured Tue 2026-02-24 09:00 UTC)',
    ])
    expect(problems).toEqual([expect.stringContaining('soon'), expect.stringContaining('120% is not a share')])
    const decided = act({ program, state: LAST, at: AT }, answers.person, 'check-in', answers.value)
    expect(decided).toMatchObject({
      ok: true,
      actor: 'lead-a',
      events: [
        {
          body: {
            stream: 'reader',
            done: ['the cache', 'a bug'],
            claims: { unit: 10 },
            plan: { code: 300 },
            waitingOn: ['the schema'],
            confidence: { week: 0.8 },
          },
        },
        { body: { title: 'No kernel', severity: 'high', impact: 'nothing builds' } },
      ],
    })
  })

  it('asks only what is missing: not who, not which stream, not what is given', async () => {
    const { prompter, asked } = scripted({})
    const given = { done: ['x'], next: ['y'], claim: {}, plan: {}, blocking: ['z'], risk: ['r'], blocker: {}, 'confidence-week': '80%' }
    const answers = await askCheckIn(prompter, known({ given, stream: 'writer' }))
    expect(answers).toEqual({ person: 'lead-b', value: { stream: 'writer' } })
    expect(asked).toEqual([
      'What does this stream wait for? Nothing: press Enter',
      'How sure are you of the program’s targets? Such as 80%',
    ])
  })

  it('asks who and offers only the streams that they may report on', async () => {
    const { prompter, asked } = scripted({ 'Who are you?': ['help-a'] })
    expect(await askCheckIn(prompter, known())).toMatchObject({ person: 'help-a', value: { stream: 'reader' } })
    expect(asked).not.toContain('Which stream?')
  })

  it('refuses somebody who may not, before a question is asked', async () => {
    const { prompter, asked } = scripted({})
    await expect(askCheckIn(prompter, known({ person: 'lead-b', stream: 'reader' }))).rejects.toThrow(
      /lead-b may not check in for stream reader/,
    )
    await expect(askCheckIn(prompter, known({ person: 'lead-c' }))).rejects.toThrow(/no person "lead-c"; did you mean lead-a\?/)
    await expect(askCheckIn(prompter, known({ stream: 'raeder' }))).rejects.toThrow(/no stream "raeder"/)
    expect(asked).toEqual([])
  })
})
