import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { lint } from '#core/lint/lint.ts'
import { readPlan } from '#core/plan/read/index.ts'

/** The plan that Muster came from: others wrote it, so it lies beside the repository and not in it; a clone alone has not got it. */
const FOLDER = resolve(import.meta.dirname, '../../../shared/seed')
const there = existsSync(FOLDER)

test.skipIf(!there)(
  `the plan in ${FOLDER}${there ? '' : ' (not there, so this is skipped)'} contradicts itself where we know it does`,
  () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.txt'))
    const plan = readPlan(
      files.map((file) => ({ file, text: readFileSync(join(FOLDER, file), 'utf8') })),
      {},
    )
    const findings = lint(plan)
    const of = (code: string) => findings.filter((one) => one.code === code)
    const lines = (code: string): readonly number[] => of(code).map((one) => one.line)

    expect(of('weekday-mismatch')).toHaveLength(11)
    for (const one of of('weekday-mismatch')) expect(one.remedy).toContain('in 2025 all 11 weekdays agree')
    // Stream A at midweek and on Friday, stream C's tests.
    expect(of('target-below-criterion').map((one) => /\d+(?:\.\d+)? %/.exec(one.message)?.[0])).toEqual(['37.5 %', '44.44 %', '87.5 %'])
    // Stream A's lines and the documentation of B and C against the merge, and the merge's own figures.
    expect(of('gate-out-of-reach').map((one) => /\d+(?:\.\d+)? %/.exec(one.message)?.[0])).toEqual(['87.5 %', '80 %', '80 %', '87.5 %'])
    expect(of('criteria-contradict')).toHaveLength(1)
    expect(of('undeclared-dependency').map((one) => one.message)).toEqual([expect.stringContaining('Daemon')])
    // The phase lead's own stream in two rows and a matrix, and the lead of B where performance is missed.
    expect(of('self-escalation')).toHaveLength(4)
    expect(of('agenda-too-long')).toHaveLength(2)
    expect(findings).toHaveLength(26)
    expect(lines('target-below-criterion')).toEqual([32, 47, 111])
  },
)
