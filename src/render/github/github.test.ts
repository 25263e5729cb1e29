import { describe, expect, test } from 'vitest'
import { CASES } from '#render/fixtures/index.ts'
import { renderGithub } from '#render/github/index.ts'

describe.each(Object.entries(CASES))('%s', (_name, report) => {
  const { output, summary } = renderGithub(report)
  const commands = output.trimEnd().split('\n')

  test('every line is a command of ours, the verdict first', () => {
    for (const line of commands) expect(line).toMatch(/^::(?:error|warning|notice) title=[^:,]+::/)
    expect(commands[0]).toContain(report.verdict)
  })

  test('what must stop the run is an error', () => {
    const errors = report.criteria.filter(
      (criterion) =>
        criterion.tier === 'critical' && ['unsatisfied', 'missing', 'stale', 'errored', 'inconclusive'].includes(criterion.status),
    )
    expect(commands.slice(1).filter((line) => line.startsWith('::error'))).toHaveLength(errors.length)
    expect(commands[0]?.startsWith('::error')).toBe(report.exitCode !== 0)
  })

  test('the summary says the verdict too', () => expect(summary).toContain(`${report.verdict}**`))
})
