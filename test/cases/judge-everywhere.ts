/** Prints one digest a line of all that is judged and written about every case and many generated checks. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { judgeCheck, type Checked } from '#core/check.ts'
import { forecast } from '#core/forecast/forecast.ts'
import { remembering } from '#core/forecast/history.ts'
import { loadProgram } from '#core/program/load.ts'
import { KINDS } from '#collect/registry.ts'
import { FORECAST_RENDERERS } from '#render/forecast/registry.ts'
import { RENDERERS } from '#render/registry.ts'
import { phaseHistory } from '../../examples/phase-e/history.ts'
import { scenes } from '../core/heart/arbitraries.ts'
import { ledgerOf } from '../core/heart/build.ts'
import { explanationText, readCase, verdictText } from './check-case.ts'

const CASES = join(import.meta.dirname, 'check')
const renderers = await Promise.all(Object.values(RENDERERS).map((load) => load()))
const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)
const stages = ({ evaluation, decision, report }: Checked): string =>
  [JSON.stringify(evaluation), JSON.stringify(decision), ...renderers.map((render) => render(report).output)].map(digest).join(' ')

for (const name of readdirSync(CASES)) {
  const held = readCase(join(CASES, name))
  console.log(name, stages(held.checked), digest(verdictText(held)), digest(explanationText(held)))
}
for (const [index, { input, events }] of fc.sample(scenes(), { seed: 20_260_225, numRuns: 200 }).entries()) {
  console.log(index, stages(judgeCheck({ ...input, ledger: ledgerOf(events) })))
}
const PHASE = join(import.meta.dirname, '../../examples/phase-e/muster.yaml')
const { program } = loadProgram('muster.yaml', readFileSync(PHASE), KINDS)
if (program) {
  const memory = remembering(program.calendar, '2026-02-25T16:00:00Z')
  for (const [index, event] of phaseHistory(program).entries())
    memory.take({ ...event, seq: index + 1, previous: '', schema: '', hash: '' })
  const report = forecast({ program, history: memory.history(), seed: 1, runs: 1000 })
  for (const load of Object.values(FORECAST_RENDERERS)) console.log('forecast', digest((await load())(report)))
}
// So that a test can tell that the surroundings were taken at all.
console.error(new Date(0).getTimezoneOffset(), new Intl.NumberFormat().resolvedOptions().locale)
