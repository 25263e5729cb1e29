import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KINDS } from '#collect/registry.ts'
import { exportMarkdown, text as escaped } from '#core/plan/export.ts'
import { readDocuments } from '#core/plan/read/read.ts'
import { cellsOf } from '#core/plan/read/blocks.ts'
import { plain } from '#core/plan/read/text.ts'
import { writeProgram } from '#core/plan/write.ts'
import { loadProgram } from '#core/program/load.ts'
import type { Program } from '#core/program/model.ts'

const ROOT = join(import.meta.dirname, '../../..')

function load(text: string | Uint8Array): Program {
  const { program, problems } = loadProgram('muster.yaml', typeof text === 'string' ? new TextEncoder().encode(text) : text, KINDS)
  if (!program) throw new Error(JSON.stringify(problems, undefined, 2))
  return program
}

function back(markdown: string): { readonly program: Program; readonly left: number; readonly notices: readonly string[] } {
  const { plan } = readDocuments([{ file: 'plan.md', text: markdown }])
  const { text, notices } = writeProgram(plan, { kinds: KINDS, day: '2026-04-06', zone: 'UTC', documents: ['plan.md'] })
  return { program: load(text), left: plan.unplaced.length, notices: [...plan.notices, ...notices].map((one) => one.value) }
}

const RUNNING = `
program: running
name: Running
calendar: { zone: Europe/Berlin }
people: { ann: { name: Ann }, eve: { name: Eve, roles: [phase-lead] } }
sources: { git: { collect: git } }
streams: { a: { name: Reader, lead: ann, branch: feature/a } }
checkpoints: { end: { name: End, at: 2026-03-20 09:00 } }
escalation:
  slow:
    scenario: It is slow
    when: { metric: blockers.open, above: 2 }
    escalateTo: phase-lead
    action: Help
    after: 2h
    steps: [{ to: lead, action: Say why }, { to: phase-lead, after: 30m }]
    repeat: 4h
schedule:
  open: 30m
  invite: 2026-03-09 EOD
  remind: [2 days, 90m]
  checkIns: 3h
  watch: 15m
  stall: 3
  standUp: { days: [monday, thursday], time: '09:30', nudge: 45m }
channels:
  team: { send: slack, to: '#search', secret: MUSTER_SLACK_TOKEN }
  mail: { send: email, from: muster@example.org }
notify: { routes: { decision: [team], blocker: [team, mail] }, quiet: 20:00-08:00, perPerson: 6, digest: '08:30' }
`

describe('a program that is exported and imported is the same program', () => {
  test.each(['examples/phase-e/muster.yaml', 'examples/two-streams/muster.yaml', 'muster.yaml'])('%s', (file) => {
    const program = load(readFileSync(join(ROOT, file)))
    const { program: again, left, notices } = back(exportMarkdown(program))
    expect(again).toEqual(program)
    // Whoever imports a plan of somebody else is told that it sends messages.
    const sends = program.channels.length > 0 ? [expect.stringContaining('says where messages go')] : []
    expect([left, notices]).toEqual([0, sends])
  })

  test('with ids, names and amounts that Markdown has other uses for', () => {
    const program = load(`
program: x1
name: 'A | B *c* _d_ [e](f) <g> # 9 \\ ~~h~~'
repository: ../else
target: trunk/2
calendar: { zone: America/New_York, workDays: [sunday, monday], hours: 08:30-12:00, holidays: ['2026-12-25', '2027-01-01'] }
people:
  A.b: { name: 'Stream B (lead)', roles: [boss, qa_1], handle: '@a/b', email: a@b.example, allocation: 12.5% }
  lead-c: { name: TBD, slack: U1, github: c }
sources:
  git: { collect: git, paths: ['src/**', 'a|b'], maxAge: 3 days }
  run: { collect: command, run: "echo '\`\`\`' && true", timeLimit: 90s, for: [Z9] }
streams:
  Z9: { name: 'Agent 1: Depends on: none', lead: A.b, support: [lead-c], reviewers: [boss, lead-c], branch: x/y, paths: ['src/*_a/**'], dependsOn: { second: 33.3% }, deliverables: { d.1: { title: '5/10 tests | done', measure: git.lines.code, full: 10 lines }, d2: { title: None } }, integrationPoints: { p: { title: 'a -> b', with: 'c | d', measure: git.merged } } }
  second: { name: '(none)', lead: lead-c, branch: z }
checkpoints:
  Last: { name: 'Week 2: Friday EOD (Feb 28)', at: 2026-03-20 09:00, duration: 1h30m, criteria: { c1: { metric: git.idle, below: 36h, for: [second], tier: advisory, owner: boss }, c2: { not: { any: [{ metric: git.files, between: 2-5 }, { signOff: { roles: [boss, qa_1], quorum: 1 } }] }, for: program }, c3: { signOff: lead, for: streams }, c4: { targets: all } } }
  first:
    name: 'If a stream is behind:'
    at: 2026-03-08 02:30
    agenda: [{ item: 'Options: A) x', time: 5m, each: stream, topics: ['a, b; c', 'Pros: none'] }, { item: Rest, time: 90s }]
    attendees: [boss]
    targets: { Z9: { d.1: 50%, d2: done } }
    targetTier: critical
    decide: { question: '- [ ] ?', merge: false, go: { actions: ['NO-GO: *stop*', '| x |'], next: Last }, noGo: { actions: ['@a/b: go'], extend: 2 days, reevaluate: 2026-03-19 10:00, next: Last }, signOff: { lead: 2, boss: 1 } }
syncs:
  s_1: { name: 'Daily | sync', days: [friday, monday], time: '09:45', duration: 10m, format: 'Slack: #x', attendees: [boss], topics: ['a | b', '**c**'] }
templates:
  t: { channel: slack, text: "line\\n\\n  {{ x }} \`\`\`\\n" }
merge: { perDay: 7, time: '07:15' }
`)
    expect(back(exportMarkdown(program)).program).toEqual(program)
  })

  test('with when things happen, over which channels, and ladders of escalation; of channels a notice says so', () => {
    const program = load(RUNNING)
    const { program: again, notices } = back(exportMarkdown(program))
    expect(again).toEqual(program)
    expect(notices).toEqual(['the document says where messages go; read channels: before anything is sent'])
  })

  test('what came again is there time by time', () => {
    const program = load(RUNNING.replace('at: 2026-03-20 09:00', "every: 'Wed 16:00 and Fri EOD', from: 2026-03-20, count: 3"))
    const { program: again } = back(exportMarkdown(program))
    expect(again.checkpoints).toHaveLength(3)
    expect({ ...again, checkpoints: again.checkpoints.map((one) => ({ ...one, series: 'end' })) }).toEqual(program)
  })
})

test('any line stays what it is in a paragraph and in a cell', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (line) => {
      const meant = line.replace(/\s+/g, ' ').trim()
      expect(plain(escaped(line))).toBe(meant)
      if (meant !== '') expect(cellsOf(`| ${escaped(line)} | x |`).map((cell) => cell.text)).toEqual([meant, 'x'])
    }),
  )
})
