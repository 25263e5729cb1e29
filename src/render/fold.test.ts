import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Action, CheckReport, CriterionReport, StreamReport } from '#core/decide/report.ts'
import { STATUSES, type Status } from '#core/evaluate/model.ts'
import { TIERS } from '#core/program/model.ts'
import { terminal, html } from '#render/encode.ts'
import { criterion, evidence, finding } from '#render/fixtures/build.ts'
import { CASES } from '#render/fixtures/index.ts'
import { foldActions, foldOpen, remark, type Bundle, type FoldedGroup } from '#render/fold.ts'
import { renderHtml } from '#render/html/index.ts'
import { against, alsoOpen } from '#render/select.ts'
import { renderText } from '#render/text/index.ts'
import { tell } from '#render/told.ts'
import { formatShare } from '#render/words.ts'

const BASE = CASES['no-go']!
const OPEN: readonly Status[] = STATUSES.filter((status) => !['satisfied', 'not-applicable', 'waived', 'overridden'].includes(status))

/** A report whose open criteria are these, and nothing else. */
function reportOf(criteria: readonly CriterionReport[], actions: readonly Action[] = []): CheckReport {
  const streams = BASE.streams.map((stream): StreamReport => ({
    ...stream,
    deliverables: [],
    blockers: [],
    criteria: criteria.filter((one) => one.subject === `stream:${stream.id}`),
  }))
  const order = (one: CriterionReport): number => TIERS.indexOf(one.tier) * 100 + OPEN.indexOf(one.status)
  return {
    ...BASE,
    streams,
    criteria,
    actions,
    decision: { ...BASE.decision, against: criteria.toSorted((a, b) => order(a) - order(b)).map(finding) },
  }
}

const bundlesOf = (groups: readonly FoldedGroup[]): readonly Bundle[] =>
  groups.flatMap((group) => group.entries.flatMap((entry) => entry.bundles))

const key = ({ criterion: id, subject }: { readonly criterion: string; readonly subject: string }): string => `${id} of ${subject}`

const withoutSpace = (text: string): string => text.replaceAll(/\s+/g, '')

/** Every open item stands in one bundle, its title on both pages, and the counts of the headings are those of the decision. */
function losesNothing(report: CheckReport): void {
  const { against: deciding, besides } = foldOpen(report)
  for (const [groups, items] of [
    [deciding, against(report)],
    [besides, alsoOpen(report)],
  ] as const) {
    const all = items.flatMap((group) => group.items)
    expect(
      bundlesOf(groups)
        .flatMap((bundle) => [...bundle.items, ...bundle.beneath])
        .map(key)
        .toSorted(),
    ).toEqual(all.map(key).toSorted())
    expect(groups.map(({ tier, status, count }) => [tier, status, count])).toEqual(
      items.map((group) => [group.tier, group.status, group.items.length]),
    )
  }
  const text = withoutSpace(renderText(report, { width: 80 }).output)
  const page = withoutSpace(renderHtml(report).output)
  for (const { title } of report.decision.against) {
    expect(text).toContain(withoutSpace(terminal(title)))
    expect(page).toContain(withoutSpace(html(title)))
  }
  for (const { tier, status, items } of against(report)) {
    expect(text).toContain(withoutSpace(`${tier.slice(1)}, ${status}: ${items.length} ${items.length === 1 ? 'criterion' : 'criteria'}`))
  }
}

describe('folding what is open loses nothing', () => {
  test.each(Object.entries(CASES))('of %s', (_name, report) => losesNothing(report))

  test('whatever is open, for whatever reason', () => {
    const letter = fc.constantFrom('a', 'b', 'c', 'd', 'e')
    const subject = fc.constantFrom(...BASE.streams.map((stream) => `stream:${stream.id}` as const), 'program' as const)
    const open = fc.record({
      id: letter,
      target: fc.boolean(),
      subject,
      tier: fc.constantFrom(...TIERS),
      status: fc.constantFrom(...OPEN),
      cause: letter,
      metric: letter,
      parts: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.uniqueArray(open, { selector: (one) => `${one.target} ${one.id} ${one.subject}`, maxLength: 30 }), (sketches) => {
        const criteria = sketches.map(({ id, target, subject: about, tier, status, cause, metric, parts }) => {
          const because = `nothing was found: cause ${cause}`
          const fact = evidence(about, metric, 'count', { reason: because })
          return criterion({
            id: target ? `target.${id}` : id,
            subject: about,
            title: target ? `target <${id} of ${about}>` : `criterion <${id}>`,
            tier,
            status,
            rule: 'r',
            because: parts ? `0 of 1 hold; ${because}` : because,
            ...(parts ? { children: [{ status, rule: 'part', because, evidence: fact, children: [] }] } : { evidence: fact }),
          })
        })
        losesNothing(reportOf(criteria))
      }),
    )
  })
})

const BRANCHES = ['memory', 'storage', 'tracing'] as const
const absent = (stream: string, id: string, title: string, part?: string): CriterionReport => {
  const because = `nothing was found: there is no branch ${stream}`
  const child = { status: 'missing', rule: part ?? '', because, children: [] } as const
  return criterion({
    id,
    subject: `stream:${stream}`,
    title,
    tier: 'critical',
    status: 'missing',
    rule: id,
    because: part === undefined ? because : `nothing was found: ${part}: there is no branch ${stream}`,
    ...(part !== undefined && { children: [child] }),
  })
}

const told = (report: CheckReport) => foldOpen(report).against.flatMap((group) => group.entries.map((entry) => tell(report, entry)))

test('an absent branch is one entry, what is made from parts included', () => {
  const report = reportOf([absent('memory', 'build', 'It builds'), absent('memory', 'code', 'The code is there', 'Reader')])
  expect(told(report)).toEqual([
    {
      head: ['Memory pressure', '2 criteria', 'there is no branch memory'],
      details: ['It builds; The code is there'],
      lines: [],
      beneath: [],
    },
  ])
})

test('what is open alike in several streams is one entry, with what differs beside each', () => {
  const report = reportOf([
    ...BRANCHES.flatMap((stream) => [absent(stream, 'build', 'It builds'), absent(stream, 'code', 'The code is there', 'Part')]),
    absent('tracing', 'overhead', 'Overhead is low'),
  ])
  expect(told(report)).toMatchObject([
    {
      head: ['It builds; The code is there', 'in 3 streams'],
      lines: [
        { name: 'Memory pressure', text: 'there is no branch memory' },
        { name: 'Read-only images', text: 'there is no branch storage' },
        { name: 'Tracing probes', text: 'there is no branch tracing · also Overhead is low' },
      ],
    },
  ])
})

test('one reason that differs in the name of the lead alone is said once', () => {
  const silent = BASE.streams.map((stream) =>
    criterion({
      id: 'blockers',
      subject: `stream:${stream.id}`,
      title: 'No blocker is open',
      tier: 'critical',
      status: 'missing',
      rule: 'r',
      because: `nothing was found: ${stream.lead.name} has not checked in`,
    }),
  )
  expect(told(reportOf(silent))).toEqual([
    { head: ['No blocker is open', 'all 4 streams'], details: ['the lead has not checked in'], lines: [], beneath: [] },
  ])
})

test('the program is not counted as a stream', () => {
  const unsigned = (['stream:memory', 'program'] as const).map((subject) =>
    criterion({
      id: `of ${subject}`,
      subject,
      title: `Review of ${subject}`,
      tier: 'critical',
      status: 'missing',
      rule: 'r',
      because: 'nobody has signed',
      flip: `sign for ${subject}`,
      who: [],
    }),
  )
  expect(told(reportOf(unsigned))).toMatchObject([
    {
      head: ['2 criteria', 'in 1 stream and the program'],
      details: ['nobody has signed'],
      lines: [
        { text: 'Review of stream:memory · → sign for stream:memory' },
        { name: 'program', text: 'Review of program · → sign for program' },
      ],
    },
  ])
})

describe('a target that fails with a criterion', () => {
  const fact = evidence('stream:memory', 'git.lines.code', 'lines', { value: 63 })
  const code = criterion({
    id: 'code',
    subject: 'stream:memory',
    title: 'The code is there',
    tier: 'critical',
    status: 'unsatisfied',
    unit: 'ratio',
    actual: 0.5,
    target: 0.95,
    rule: 'r',
    because: '50 %; Reader 63 lines',
    children: [{ status: 'satisfied', rule: 'Reader', because: '63 lines', evidence: fact, children: [] }],
  })
  const target = (metric: string) =>
    criterion({
      id: 'target.reader',
      subject: 'stream:memory',
      title: 'Reader',
      tier: 'supporting',
      status: 'unsatisfied',
      unit: 'lines',
      actual: 63,
      target: 115,
      rule: 'r',
      because: '63 lines',
      flip: '52 lines more',
      evidence: { ...fact, metric },
    })

  test('stands beneath it, where both rest on the same evidence', () => {
    const report = reportOf([code, target('git.lines.code')])
    expect(told(report)).toEqual([
      {
        head: ['The code is there', 'Memory pressure', '50 %, target 95 %'],
        details: [],
        lines: [],
        beneath: ['Reader (supporting) · 63 lines, target 115 lines · 52 lines more'],
      },
    ])
    expect(renderText(report).output).toContain('Supporting, unsatisfied: 1 criterion, shown beneath another\n')
  })

  test('stands alone, where it rests on other evidence', () => {
    expect(told(reportOf([code, target('git.lines.all')])).map(({ head }) => head[0])).toEqual(['The code is there', 'Reader'])
  })
})

describe('actions', () => {
  const close = (stream: string, id: string, flip: string, who: string): Action => ({
    kind: 'close',
    text: `${id}: ${flip}`,
    who: [who],
    subject: `stream:${stream}`,
    criterion: id,
    due: '2026-03-02T15:00:00Z',
  })
  const open = (stream: string, id: string, flip: string): CriterionReport =>
    criterion({
      id,
      subject: `stream:${stream}`,
      title: id,
      tier: 'critical',
      status: 'missing',
      rule: 'r',
      because: 'why',
      flip,
      who: ['x'],
    })

  test('one step for several criteria, and for several streams, is told once', () => {
    const criteria = BRANCHES.flatMap((stream) => [open(stream, 'blockers', 'a check-in'), open(stream, 'bugs', 'a check-in')])
    const actions = criteria.map((one) => close(one.subject.slice(7), one.id, 'a check-in', `lead of ${one.subject.slice(7)}`))
    expect(foldActions(reportOf(criteria, actions))).toEqual([
      {
        kind: 'close',
        who: ['lead of memory', 'lead of storage', 'lead of tracing'],
        due: '2026-03-02T15:00:00Z',
        tasks: [{ text: 'a check-in (2 criteria)', subjects: ['stream:memory', 'stream:storage', 'stream:tracing'] }],
      },
    ])
  })

  test('escalations between other people stay apart, and say from whom to whom', () => {
    const escalate = (stream: string, from: string): Action => ({
      kind: 'escalate',
      text: 'a delay: assess',
      who: [from, 'phase-lead'],
      subject: `stream:${stream}`,
    })
    const report = reportOf(
      [],
      [escalate('memory', 'lead-a'), escalate('storage', 'lead-b'), { kind: 'follow-up', text: 'go on', who: [] }],
    )
    const output = renderText(report).output
    expect(output).toContain('lead-a → phase-lead  Memory pressure: a delay: assess\n')
    expect(output).toContain('lead-b → phase-lead  Read-only images: a delay: assess\n')
    expect(output).toContain('–                    go on\n')
  })

  test.each(Object.entries(CASES))('none of %s is lost', (_name, report) => {
    const output = withoutSpace(renderText(report).output.replaceAll(/^ *- /gm, ''))
    for (const action of report.actions) {
      expect(output).toContain(withoutSpace(terminal(action.text)))
      for (const name of action.who) expect(output).toContain(withoutSpace(terminal(name)))
    }
  })
})

test('what flips a criterion is left to the action that asks for it, and to no other', () => {
  const lines = (id: string) =>
    criterion({
      id,
      subject: 'stream:memory',
      title: id,
      tier: 'critical',
      status: 'unsatisfied',
      rule: 'r',
      because: `why ${id}`,
      flip: '5 lines more',
      who: ['lead-a'],
    })
  const close: Action = { kind: 'close', text: 'code: 5 lines more', who: ['lead-a'], subject: 'stream:memory', criterion: 'code' }
  expect(told(reportOf([lines('code'), lines('docs')], [close])).map(({ flip }) => flip)).toEqual([undefined, '5 lines more'])
  expect(told(reportOf([lines('code')], [{ ...close, who: ['lead-b'] }])).map(({ flip }) => flip)).toEqual(['5 lines more'])
})

test('a reason does not repeat the numbers beside it', () => {
  const item = (because: string) => {
    const report = criterion({
      id: 'c',
      subject: 'program',
      title: 'c',
      tier: 'critical',
      status: 'unsatisfied',
      unit: 'ratio',
      actual: 0.525,
      target: 0.95,
      rule: 'r',
      because,
    })
    return { ...finding(report), criterionReport: report }
  }
  const said = (because: string): string => remark(because, item(because))
  expect(said('52.5 %: Store 63 lines, Index 4 lines')).toBe('Store 63 lines, Index 4 lines')
  expect(said('52.5 %; 2 lines were removed')).toBe('2 lines were removed')
  expect(said('52.5 % open: Disk full (disk)')).toBe('Disk full (disk)')
  expect(said('52.5 % (measured: junit.xml at c29e31f)')).toBe('measured: junit.xml at c29e31f')
  expect(said('52.5 % (measured: a) and (b)')).toBe('(measured: a) and (b)')
  expect(said('52.5 % (measured: git); 3 tests were removed')).toBe('3 tests were removed (measured: git)')
  expect(said('52.5 %')).toBe('')
  expect(said('52.5 % of the lines are covered')).toBe('52.5 % of the lines are covered')
})

test('a share in a column is never rounded to the whole or to nothing', () => {
  expect([0.9913, 0.4375, 1, 0, 0.9996, 0.0004].map(formatShare)).toEqual(['99.1 %', '43.8 %', '100 %', '0 %', '99.96 %', '0.04 %'])
})
