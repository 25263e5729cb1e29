import { expect, test } from 'vitest'
import { KINDS } from '#collect/registry.ts'
import { lintProgram } from '#core/lint/program.ts'
import { loadProgram } from '#core/program/load.ts'

const messages = (run: string, criterion = 'metric: build.passed, equals: true'): readonly string[] => {
  const text = `program: demo
name: Demo
calendar: { zone: UTC }
people: { lead: { name: Lead } }
sources:
  build: { collect: command, run: ${JSON.stringify(run)} }
  guard: { collect: guard }
streams: { a: { name: A, lead: lead, branch: a } }
checkpoints: { c: { name: C, at: 2026-02-27 16:00, criteria: { x: { ${criterion} } } } }
`
  const loaded = loadProgram('muster.yaml', new TextEncoder().encode(text), KINDS)
  expect(loaded.problems).toEqual([])
  return lintProgram(loaded).flatMap(({ code, message }) => (code === 'exit-code-hidden' ? [message] : []))
}

test.each([
  ['npm test | tee log', 'tee log'],
  ['cd core && npm test 2>&1 | tail -n 5; echo done', 'tail -n 5'],
  ['npm ci\n(npm test | cat)\n', 'cat'],
  ['npm test || true', '|| true'],
  ['npm test || echo failed', '|| echo failed'],
])('%j is hidden by %s', (run, part) => {
  expect(messages(run)).toEqual([`build ends as "${part}" does, whatever failed before it`])
})

test.each([
  'npm ci; npm test',
  'npm test > log 2>&1',
  "grep -q 'a | tee' log && echo '|| true'",
  'node check.js "$(git log | head -1)" | node judge.js',
  'npm test 2>&1 || npm test',
  "bash -o pipefail -c 'npm test | tee log'",
  'npm test | tee log; test "$(tail -1 log)" = ok; exit $?',
])('%j is not hidden', (run) => expect(messages(run)).toEqual([]))

test('a number that is read from the output needs no exit code', () => {
  expect(messages('npm pack | tail -1', 'metric: build.seconds, atMost: 2m')).toEqual([])
})
