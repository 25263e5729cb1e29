import type { Occasion } from '#core/notify/compose.ts'
import type { NoticeData } from '#core/notify/data.ts'
import type { Notice } from '#core/notify/notice.ts'
import { openBlockersOf, personOf, subjectName, tell } from '#core/notify/parts.ts'
import type { DueAction } from '#core/schedule/due.ts'
import type { Escalation } from '#core/schedule/history.ts'
import { epoch } from '#core/schedule/time.ts'

type Change = NoticeData['escalation']['change']

export interface Stage {
  readonly change: Change
  /** Number of the step, from 0. */
  readonly step: number
  readonly people: readonly string[]
  /** What it asks for; what the rule says, where it does not. */
  readonly action?: string
  /** Who acknowledged it. */
  readonly by?: string
  /** Why it is over. */
  readonly reason?: string
}

const TITLES: Readonly<Record<Change, string>> = {
  raised: 'Escalation',
  stepped: 'Escalation goes on',
  repeated: 'Escalation, again',
  acknowledged: 'Escalation acknowledged',
  cleared: 'Escalation over',
}

export function escalationNotice(occasion: Occasion, escalation: Escalation, stage: Stage): Notice {
  const { program, now } = occasion
  const rule = program.escalation.find((one) => one.id === escalation.rule)
  const steps = Math.max(1, rule?.steps.length ?? 1)
  const reached = Math.min(stage.step, steps - 1)
  const about = subjectName(program, escalation.subject)
  const isOver = stage.change === 'acknowledged' || stage.change === 'cleared'
  const to = stage.people[0] ?? escalation.escalateTo
  return tell(occasion, 'escalation', {
    thread: `escalation:${escalation.escalation}`,
    title: `${TITLES[stage.change]}: ${about}, ${escalation.scenario}`,
    people: [...stage.people, escalation.owner, ...(isOver ? [escalation.escalateTo] : [])],
    urgent: !isOver,
    edits: isOver,
    acts: isOver ? [] : [{ act: 'acknowledge-escalation', escalation: escalation.escalation }],
    data: {
      escalation: {
        id: escalation.escalation,
        scenario: escalation.scenario,
        about,
        owner: personOf(program, escalation.owner),
        to: personOf(program, to),
        because: escalation.because,
        raisedAt: escalation.raisedAt,
        acknowledgedUntil:
          escalation.acknowledgedUntil !== undefined && epoch(escalation.acknowledgedUntil) > epoch(now)
            ? escalation.acknowledgedUntil
            : null,
        clearedAt: escalation.clearedAt ?? null,
        clearedBecause: stage.reason ?? null,
      },
      change: stage.change,
      by: stage.by === undefined ? null : personOf(program, stage.by),
      step: reached + 1,
      steps,
      action: stage.action ?? rule?.steps[reached]?.action ?? rule?.action ?? escalation.scenario,
      blockers: escalation.subject.startsWith('stream:') ? openBlockersOf(occasion, escalation.subject.slice('stream:'.length)) : [],
    },
  })
}

/** What a due action about an escalation is: its first step, a further one, or the last once more. */
export function stageOf({ key, step = 0, people, action }: DueAction): Stage {
  const change = /\/(?:repeat|lapsed)@/.test(key) ? 'repeated' : step === 0 ? 'raised' : 'stepped'
  return { change, step, people, ...(action !== undefined && { action }) }
}
