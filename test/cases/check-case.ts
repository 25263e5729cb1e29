import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { KINDS } from '#collect/registry.ts'
import { judgeCheck, type Checked } from '#core/check.ts'
import { Context } from '#core/evaluate/context.ts'
import { explain } from '#core/evaluate/explain.ts'
import type { Explanation, Judgement } from '#core/evaluate/model.ts'
import type { Evidence, Snapshot, Subject, SubjectState } from '#core/evidence/evidence.ts'
import type { LedgerEvent } from '#core/ledger/events.ts'
import { foldEvents } from '#core/ledger/state.ts'
import type { ProbeRecord, RecordedFile } from '#core/merge/probe.ts'
import { loadProgram } from '#core/program/load.ts'
import type { Program } from '#core/program/model.ts'
import { formatNumber, formatValue } from '#core/program/quantity.ts'
import { formatInstant, toInstant } from '#core/schedule/time.ts'

/** One recorded check: what was given, and what came of it as text. */
export interface CheckCase {
  readonly program: Program
  readonly context: Context
  readonly checked: Checked
  readonly events: readonly LedgerEvent[]
}

/**
 * Reads `muster.yaml`, `snapshot.yaml`, `ledger.yaml`, `at.txt` (checkpoint id, then the clock as a
 * wall time, then the streams looked at if not all) of a case and holds the check.
 */
export function readCase(folder: string): CheckCase {
  const text = (name: string): string => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '')
  const { program, problems } = loadProgram('muster.yaml', readFileSync(join(folder, 'muster.yaml')), KINDS)
  if (!program) throw new Error(problems.map((one) => `${one.line}:${one.column} ${one.code}: ${one.message}`).join('\n'))
  const [id = '', wall = '', only] = text('at.txt').trim().split('\n')
  const at = toInstant(wall, program.calendar.zone)
  const checkpoint = program.checkpoints.find((one) => one.id === id)
  if (at === undefined || !checkpoint) throw new Error(`${folder}/at.txt names no checkpoint and time`)
  const snapshot = readSnapshot(parse(text('snapshot.yaml')) as WrittenSnapshot | null, program, at)
  const events = readEvents(parse(text('ledger.yaml')) as readonly WrittenEvent[] | null, program)
  const ledger = foldEvents(events)
  const streams = only === undefined ? {} : { streams: only.split(' ') }
  const context = new Context(program, checkpoint, snapshot, ledger, at)
  return { program, context, events, checked: judgeCheck({ program, checkpoint, snapshot, ledger, at, ...streams }) }
}

/** Everything a case need not say stands at what is commonest: measured now, at the tree of the branch. */
interface WrittenSnapshot {
  readonly subjects?: Readonly<Record<string, { readonly tree?: string; readonly commit?: string; readonly absent?: string }>>
  readonly evidence?: readonly (Partial<Omit<Evidence, 'tree' | 'commit'>> & {
    readonly subject: Subject
    readonly metric: string
    readonly tree?: string | null
    readonly commit?: string | null
  })[]
  readonly probe?: Pick<ProbeRecord, 'landing'> & {
    readonly streams: readonly Omit<ProbeRecord['streams'][number], 'files'>[]
    readonly pairs: readonly Omit<ProbeRecord['pairs'][number], 'files'>[]
  }
}

function readSnapshot(written: WrittenSnapshot | null, program: Program, at: string): Snapshot {
  const stateOf = (subject: string): SubjectState => {
    const {
      tree = `${subject.replace('stream:', '')}-tree`,
      commit = `${subject.replace('stream:', '')}-head`,
      absent,
    } = written?.subjects?.[subject] ?? {}
    if (absent !== undefined) return { state: 'absent', reason: absent }
    return { state: 'present', ref: `refs/heads/${subject}`, commit, tree, committedAt: at }
  }
  const subjects = Object.fromEntries(
    ['program', ...program.streams.map((one) => `stream:${one.id}`)].map((subject) => [subject, stateOf(subject)]),
  )
  const evidence = (written?.evidence ?? []).map(({ tree, commit, observedAt, ...one }): Evidence => {
    const metric = program.metrics[one.metric]
    const state = subjects[one.subject]
    const here = metric?.boundToTree === true && state?.state === 'present' ? state : undefined
    const bound = { tree: tree === undefined ? here?.tree : tree, commit: commit === undefined ? here?.commit : commit }
    return {
      status: 'observed',
      unit: metric?.unit ?? 'count',
      provenance: 'measured',
      source: metric?.source ?? 'nowhere',
      ...one,
      observedAt: observedAt === undefined ? at : (toInstant(observedAt, program.calendar.zone) ?? observedAt),
      ...(typeof bound.tree === 'string' && { tree: bound.tree }),
      ...(typeof bound.commit === 'string' && { commit: bound.commit }),
    }
  })
  const { probe } = written ?? {}
  const named = <One>(one: One): One & { readonly files: readonly RecordedFile[] } => ({ files: [], ...one })
  return {
    subjects,
    evidence,
    ...(probe && { probe: { ...probe, streams: probe.streams.map(named), pairs: probe.pairs.map(named) } }),
  }
}

type WrittenEvent = Pick<LedgerEvent, 'at' | 'actor' | 'type'> & { readonly body: Readonly<Record<string, unknown>> }

/** Events as a case writes them: no seal, wall times, lists that may be left out. */
function readEvents(written: readonly WrittenEvent[] | null, program: Program): LedgerEvent[] {
  const instant = (value: unknown): unknown => (typeof value === 'string' ? (toInstant(value, program.calendar.zone) ?? value) : value)
  return (written ?? []).map(({ at, body, ...one }, index) => {
    const times = Object.fromEntries(['expires', 'deadline', 'until'].filter((key) => key in body).map((key) => [key, instant(body[key])]))
    const lists = one.type === 'check-in' ? { done: [], next: [], risks: [], claims: {} } : {}
    const seal = { id: `e${index + 1}`, seq: index + 1, previous: '', schema: '', hash: '' }
    return { ...one, ...seal, at: String(instant(at)), body: { ...lists, ...body, ...times } } as unknown as LedgerEvent
  })
}

/** The verdict and all that follows from it, one line each. */
export function verdictText({ program, checked: { evaluation, decision, report } }: CheckCase): string {
  const when = (instant: string): string => formatInstant(instant, program.calendar.zone)
  const value = (one: Judgement): string =>
    one.actual === undefined || one.unit === undefined
      ? ''
      : `, ${formatValue(one.actual, one.unit)}${one.target === undefined ? '' : ` against ${formatValue(one.target, one.unit)}`}`
  const block = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]
  const lines = [
    `${decision.verdict} by ${decision.rule.id}, exit ${report.exitCode}`,
    ...(decision.override
      ? [`overridden by ${decision.override.by}: ${decision.override.reason}; computed ${decision.computedVerdict}`]
      : []),
    ...block(
      'criteria',
      evaluation.judgements.map(
        (one) =>
          `${one.criterion.tier} ${one.criterion.id} of ${one.subject}: ${one.status}${one.status === one.rawStatus ? '' : ` (raw ${one.rawStatus})`}${value(one)}`,
      ),
    ),
    ...block(
      'streams',
      decision.streams.flatMap((one) => {
        const progress = evaluation.streams.find((each) => each.stream === one.stream)?.progress
        return [
          `${one.stream}: ${one.health} by ${one.healthRule.id}, ${progress === undefined ? 'progress not known' : `${formatNumber(progress * 100)} % done`}, ${one.ready ? 'ready' : 'not ready'}; ${one.healthRule.because}`,
          ...(one.matrix
            ? [
                `  ${one.matrix.title}: ${one.matrix.options.map(({ id, pros, cons }) => `${one.matrix?.recommend.includes(id) === true ? '*' : ''}${id} +${pros.length} -${cons.length}`).join(', ')}; ${one.matrix.recommendation}`,
              ]
            : []),
        ]
      }),
    ),
    ...block(
      'waivers',
      evaluation.waivers.map((one) => `${one.waiver}: ${one.state}; ${one.note}`),
    ),
    ...block(
      'conditions',
      decision.conditions.map((one) => `${one.text}; ${one.owner} by ${when(one.due)}`),
    ),
    ...block(
      'escalations',
      decision.escalations.map((one) => `${one.rule} for ${one.subject}: ${one.owner} to ${one.escalateTo}; ${one.because}`),
    ),
    ...block(
      'sign-offs',
      decision.signOffs.map(
        (one) =>
          `${one.role}: ${one.approved.length} of ${one.quorum}, refused by ${one.refused.join(', ') || 'nobody'}, waiting for ${one.waitingFor.join(', ') || 'nobody'}`,
      ),
    ),
    ...block('merge', [
      ...(decision.merge?.days ?? []).map((day) => `${day.weekday} ${day.date}: ${day.streams.join(', ')}`),
      ...(decision.merge?.merged ?? []).map((id) => `merged: ${id}`),
      ...(decision.merge?.held ?? []).map((one) => `held: ${one.stream}; ${one.because}`),
    ]),
    ...block(
      'on NO-GO',
      decision.onNoGo
        ? [
            ...decision.onNoGo.blocked.map((one) => `blocked: ${one.stream}; ${one.because.join('; ')}`),
            ...decision.onNoGo.continuing.map((id) => `continues: ${id}`),
            ...(decision.onNoGo.extendedUntil === undefined ? [] : [`extended until ${when(decision.onNoGo.extendedUntil)}`]),
            ...(decision.onNoGo.reevaluateAt === undefined ? [] : [`decided again ${when(decision.onNoGo.reevaluateAt)}`]),
          ]
        : [],
    ),
    ...block(
      'actions',
      report.actions.map(
        (one) =>
          `${one.kind}: ${one.text}${one.who.length > 0 ? `; ${one.who.join(', ')}` : ''}${one.due === undefined ? '' : ` by ${when(one.due)}`}`,
      ),
    ),
  ]
  return `${lines.join('\n')}\n`
}

/** Why each criterion has its status, as a tree. */
export function explanationText({ context, checked }: CheckCase): string {
  const tree = (one: Explanation, depth: number): readonly string[] => {
    const pad = '  '.repeat(depth)
    return [
      `${pad}${one.status}: ${one.rule}`,
      `${pad}  because ${one.because}`,
      ...(one.claim ? [`${pad}  claim ${one.claim.text}`] : []),
      ...(one.flip ? [`${pad}  flip ${one.flip.text} (${one.flip.who.join(', ') || 'nobody'})`] : []),
      ...one.children.flatMap((child) => tree(child, depth + 1)),
    ]
  }
  return checked.evaluation.judgements
    .map((one) => `${[`${one.criterion.id} of ${one.subject}`, ...tree(explain(context, one), 1)].join('\n')}\n`)
    .join('\n')
}
