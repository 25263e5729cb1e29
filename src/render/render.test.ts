import { describe, expect, test } from 'vitest'
import { CASES } from '#render/fixtures/index.ts'
import { report } from '#render/fixtures/no-go/report.ts'
import { FORMATS, RENDERERS } from '#render/registry.ts'
import { renderExplain } from '#render/text/explain.ts'

/** Every case in every format, against the files beside it: `vitest run -u` writes them anew. */

const EXTENSIONS = { text: 'txt', markdown: 'md', json: 'json', html: 'html', junit: 'xml', github: 'log' } as const

describe.each(Object.entries(CASES))('%s', (name, report) => {
  const file = (rest: string): string => `./fixtures/${name}/expected/${rest}`

  test.each(FORMATS)('%s', async (format) => {
    const render = await RENDERERS[format]()
    const { output, exitCode, summary } = render(report)
    expect(exitCode).toBe(report.exitCode)
    await expect(output).toMatchFileSnapshot(file(`${format}.${EXTENSIONS[format]}`))
    if (format === 'github') await expect(summary).toMatchFileSnapshot(file('github-summary.md'))
  })

  test('text at 80 columns', async () => {
    const { renderText } = await import('#render/text/index.ts')
    await expect(renderText(report, { width: 80 }).output).toMatchFileSnapshot(file('text-80.txt'))
  })

  test('every explanation', async () => {
    const ids = [...new Set(report.criteria.map((criterion) => criterion.id))]
    const trees = ids.map((criterion) => renderExplain(report, { criterion })?.output ?? '').join('\n')
    await expect(trees).toMatchFileSnapshot(file('explain.txt'))
  })
})

test.each(FORMATS)('%s says of a verdict that somebody set who did, when and why, and what was computed', async (format) => {
  const override = { by: 'Ada Apex', at: '2026-02-27T15:00:00Z', reason: 'The customer waits' }
  const set = { ...report, verdict: 'GO' as const, decision: { ...report.decision, verdict: 'GO' as const, override } }
  const { output, summary = '' } = (await RENDERERS[format]())(set)
  const shown = format === 'html' ? output.replaceAll(/<[^>]+>/g, '') : `${output}${summary}`
  const words = shown.replaceAll(/[`*]/g, '').replaceAll(/\s+/g, ' ')
  if (format === 'json') expect(JSON.parse(output)).toMatchObject({ decision: { computedVerdict: 'NO-GO', override: { by: 'Ada Apex' } } })
  else
    expect(words).toMatch(
      /set by Ada Apex, Fri 2026-02-27 16:00(?: Europe\/Berlin)?: The customer waits\. Computed: NO-GO, A critical criterion is not satisfied \(rule critical-unsatisfied\)/i,
    )
})
