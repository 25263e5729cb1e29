import { compareCpu, report } from './measure.ts'
import { evaluate } from '#core/evaluate/evaluate.ts'
import type { Evidence, Snapshot, SubjectState } from '#core/evidence/evidence.ts'
import { streamSubject } from '#core/evidence/evidence.ts'
import { EMPTY_STATE } from '#core/ledger/state.ts'
import { DEFAULT_POLICY } from '#core/program/metrics.ts'
import type { Checkpoint, Criterion, Metric, Program } from '#core/program/model.ts'

const STREAMS = 10_000
const CRITERIA = 50
/** Ours is repeated so that one measurement is long enough for the clock, and divided again. */
const REPEAT = 10
const AT = '2026-02-25T15:00:00Z'

/** A program of that many streams and criteria, and evidence for all of it: some missing, some stale. */
export function generate(streams: number, criteria: number) {
  const metrics: Record<string, Metric> = {}
  const list: Criterion[] = []
  const subjects = Array.from({ length: streams }, (_, index) => streamSubject(`s${index}`))
  for (let index = 0; index < criteria; index += 1) {
    metrics[`m.${index}`] = { unit: 'count', better: 'higher', title: `metric ${index}`, source: 'm', boundToTree: true }
    list.push({
      id: `c${index}`,
      title: `criterion ${index}`,
      tier: index % 3 === 0 ? 'critical' : 'supporting',
      subjects,
      condition: { metric: `m.${index}`, comparison: { op: index % 2 === 0 ? 'atLeast' : 'atMost', value: 50 }, provenance: 'measured' },
    })
  }
  const states: Record<string, SubjectState> = {}
  const evidence: Evidence[] = []
  let random = 1
  for (const [at, subject] of subjects.entries()) {
    const tree = `tree${at}`
    states[subject] = { state: 'present', ref: `refs/heads/s${at}`, commit: `commit${at}`, tree, committedAt: AT }
    for (let index = 0; index < criteria; index += 1) {
      random = (random * 1_103_515_245 + 12_345) % 2_147_483_648
      if (random % 97 === 0) continue
      evidence.push({
        subject,
        metric: `m.${index}`,
        status: 'observed',
        unit: 'count',
        value: random % 100,
        provenance: 'measured',
        commit: `commit${at}`,
        tree: random % 89 === 0 ? 'older' : tree,
        observedAt: AT,
        source: 'bench',
      })
    }
  }
  const checkpoint: Checkpoint = {
    id: 'c',
    name: 'c',
    at: AT,
    durationSeconds: 1800,
    agenda: [],
    attendees: [],
    criteria: list,
    decision: '',
    merge: true,
    go: { actions: [] },
    noGo: { actions: [] },
    signOff: [],
  }
  const program: Program = {
    schemaVersion: 1,
    id: 'bench',
    name: 'bench',
    repository: '.',
    target: 'main',
    calendar: { zone: 'UTC', workDays: ['monday'], hours: { start: '09:00', end: '17:00' }, holidays: [] },
    people: [{ id: 'p', name: 'p', roles: [] }],
    streams: subjects.map((_, index) => ({
      id: `s${index}`,
      name: `s${index}`,
      lead: 'p',
      support: [],
      reviewers: [],
      branch: `s${index}`,
      paths: [],
      exclusive: [],
      deliverables: [],
      integrationPoints: [],
      dependsOn: [],
    })),
    sources: [],
    metrics,
    checkpoints: [checkpoint],
    syncs: [],
    policy: DEFAULT_POLICY,
    escalation: [],
    templates: [],
    merge: { perDay: 2, time: '09:00', exceptions: [] },
    schedule: { openSeconds: 3600, remindSeconds: [] },
    channels: [],
    notify: { routes: {} },
  }
  const snapshot: Snapshot = { subjects: states, evidence }
  return { program, checkpoint, snapshot }
}

/** The floor: what someone would write by hand for exactly this case, giving status, actual and target. */
function byHand({ checkpoint, snapshot }: ReturnType<typeof generate>): unknown[] {
  const found: Record<string, Record<string, Evidence>> = {}
  for (const one of snapshot.evidence) (found[one.subject] ??= {})[one.metric] = one
  const results: unknown[] = []
  for (const criterion of checkpoint.criteria) {
    if (!('metric' in criterion.condition)) continue
    const { metric, comparison } = criterion.condition
    if (comparison.op === 'between' || comparison.op === 'equals') continue
    for (const subject of criterion.subjects) {
      const one = found[subject]?.[metric]
      const state = snapshot.subjects[subject]
      let status: string
      if (!one) status = 'missing'
      else if (one.status !== 'observed') status = one.status
      else if (state?.state !== 'present' || one.tree !== state.tree) status = 'stale'
      else
        status = (comparison.op === 'atLeast' ? (one.value as number) >= comparison.value : (one.value as number) <= comparison.value)
          ? 'satisfied'
          : 'unsatisfied'
      results.push({ criterion, subject, status, actual: one?.value, target: comparison.value })
    }
  }
  return results
}

/** json-rules-engine over the same facts, one engine for all streams, a run for each. */
async function byRulesEngine({ checkpoint, snapshot }: ReturnType<typeof generate>, checksTree: boolean): Promise<unknown[]> {
  const { Engine } = await import('json-rules-engine')
  const engine = new Engine([], { allowUndefinedFacts: true })
  for (const criterion of checkpoint.criteria) {
    if (!('metric' in criterion.condition)) continue
    const { metric, comparison } = criterion.condition
    if (comparison.op === 'between' || comparison.op === 'equals') continue
    engine.addRule({
      conditions: {
        all: [
          { fact: metric, operator: comparison.op === 'atLeast' ? 'greaterThanInclusive' : 'lessThanInclusive', value: comparison.value },
          // Evidence counts only at the tree where the branch stands; without this the engine cannot tell stale evidence from fresh.
          ...(checksTree ? [{ fact: `${metric}.tree`, operator: 'equal', value: { fact: 'tree' } }] : []),
        ],
      },
      event: { type: criterion.id },
    })
  }
  const facts = new Map<string, Record<string, unknown>>()
  for (const one of snapshot.evidence) {
    const known = facts.get(one.subject) ?? {}
    known[one.metric] = one.value
    known[`${one.metric}.tree`] = one.tree
    const state = snapshot.subjects[one.subject]
    known['tree'] = state?.state === 'present' ? state.tree : undefined
    facts.set(one.subject, known)
  }
  const results: unknown[] = []
  for (const [, values] of facts) {
    const { results: met, failureResults: unmet } = await engine.run(values)
    // As ours: status, actual and target of each.
    for (const result of [...met, ...unmet]) {
      const [condition] = 'all' in result.conditions ? result.conditions.all : []
      results.push({
        name: result.event?.type,
        status: result.result,
        actual: condition && 'factResult' in condition ? condition.factResult : undefined,
        target: condition && 'value' in condition ? condition.value : undefined,
      })
    }
  }
  return results
}

export async function bench(): Promise<boolean> {
  const large = generate(STREAMS, CRITERIA)
  const input = { ...large, ledger: EMPTY_STATE, at: AT }
  const [, ours] = await compareCpu(
    [
      { name: 'by hand', run: () => byHand(large) },
      { name: 'evaluate', run: () => evaluate(input) },
    ],
    9,
  )
  // The rules engine needs minutes for the whole; both do a tenth here.
  const small = generate(STREAMS / 10, CRITERIA)
  const smallInput = { ...small, ledger: EMPTY_STATE, at: AT }
  const repeat = (): void => {
    for (let run = 0; run < REPEAT; run += 1) evaluate(smallInput)
  }
  const [, peer, thresholds] = await compareCpu(
    [
      { name: 'evaluate', run: repeat },
      { name: 'json-rules-engine', run: () => byRulesEngine(small, true) },
      { name: 'json-rules-engine, thresholds only', run: () => byRulesEngine(small, false) },
    ],
    7,
  )
  console.log(`     ${STREAMS} streams x ${CRITERIA} criteria: ${ours?.milliseconds.toFixed(0)} ms CPU`)
  console.log(
    `     json-rules-engine that compares thresholds only and misses what is stale: ${((thresholds?.ratio ?? NaN) * REPEAT).toFixed(2)}x`,
  )
  return [
    report('evaluate against a hand-written loop', ours?.ratio ?? NaN, 1.8, 'at most'),
    report('json-rules-engine against evaluate', (peer?.ratio ?? NaN) * REPEAT, 80, 'at least'),
  ].every(Boolean)
}
