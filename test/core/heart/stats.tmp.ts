import fc from 'fast-check'
import { judgeCheck } from '#core/check.ts'
import { scenes } from './arbitraries.ts'
import { ledgerOf } from './build.ts'
const n: Record<string, number> = {}
const add = (k: string) => { n[k] = (n[k] ?? 0) + 1 }
for (const s of fc.sample(scenes(), 1000)) {
  const { decision, evaluation } = judgeCheck({ ...s.input, ledger: ledgerOf(s.events) })
  add('computed ' + decision.computedVerdict); add('rule ' + decision.rule.id); if (decision.override) add('override')
  for (const x of decision.streams) add('health ' + x.health)
  for (const j of evaluation.judgements) add('status ' + j.status)
  for (const w of evaluation.waivers) add('waiver ' + w.state)
  if (decision.merge) add('merge'); if (decision.merge?.days.length) add('merge days'); if (decision.escalations.length) add('escalations'); if (decision.conditions.length) add('conditions')
}
console.log(n)
