import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Context } from '#core/evaluate/context.ts'
import { streamSubject } from '#core/evidence/evidence.ts'
import { readClaim } from '#core/ledger/claim.ts'
import { EMPTY_STATE } from '#core/ledger/state.ts'
import { textProblem } from '#core/ledger/free-text.ts'
import { holdersOf, peopleWhoMay, permit } from '#core/ledger/permit.ts'
import { loadProgram } from '#core/program/load.ts'
import type { CollectorKind } from '#core/evidence/collector.ts'
import type { Checkpoint, Program, Stream } from '#core/program/model.ts'
import { readDeadline } from '#core/schedule/deadline.ts'
import { epoch } from '#core/schedule/time.ts'
import { z } from 'zod'

const KIND: CollectorKind = {
  kind: 'count',
  title: 'Counts',
  options: z.strictObject({}),
  metrics: {
    lines: { unit: 'lines', better: 'higher', title: 'lines' },
    share: { unit: 'ratio', better: 'higher', title: 'share' },
    pressure: { unit: 'change', better: 'lower', title: 'change of pressure' },
    time: { unit: 'seconds', better: 'lower', title: 'time' },
    size: { unit: 'bytes', better: 'lower', title: 'size' },
    commits: { unit: 'count', better: 'higher', title: 'commits' },
    built: { unit: 'boolean', better: 'higher', title: 'it builds' },
  },
  boundToTree: true,
}

const TEXT = `
program: demo
name: Demo
calendar: { zone: Europe/Berlin }
people:
  boss: { name: B, roles: [phase-lead] }
  arch: { name: A, roles: [architect, quality] }
  second: { name: S, roles: [quality] }
  lead-a: { name: LA, roles: [scribe] }
  lead-b: { name: LB }
sources: { count: { collect: count } }
streams:
  reader:
    name: Reader
    lead: lead-a
    branch: a
    deliverables:
      code: { title: Code, measure: count.lines, full: 400 lines }
      relief: { title: Relief, measure: count.pressure, full: 5-15% }
      guide: { title: Guide }
  writer: { name: Writer, lead: lead-b, branch: b }
  checker: { name: Checker, lead: lead-b, branch: c }
checkpoints: { week2: { name: Week 2, at: 2026-02-25 16:00 } }
`

const program = loadProgram('muster.yaml', new TextEncoder().encode(TEXT), [KIND]).program as Program
const reader = program.streams[0] as Stream

describe('permit', () => {
  it('lets exactly those sign whose word the judgement counts', () => {
    const context = new Context(
      program,
      program.checkpoints[0] as Checkpoint,
      { subjects: {}, evidence: [] },
      EMPTY_STATE,
      '2026-02-25T12:00:00Z',
    )
    for (const role of ['lead', 'phase-lead', 'architect', 'quality', 'scribe', 'nobody']) {
      expect(new Set(holdersOf(program, role))).toEqual(context.holders(role, 'program'))
      for (const { id } of program.streams) expect(new Set(holdersOf(program, role, id))).toEqual(context.holders(role, streamSubject(id)))
    }
  })

  it('refuses everybody who is not among those who may, and says who is', () => {
    const act = { act: 'sign', what: 'x', roles: ['architect', 'quality'] } as const
    const able = peopleWhoMay(program, act)
    expect(able).toEqual(['arch', 'second'])
    for (const { id } of program.people) expect(permit(program, act, id).ok).toBe(able.includes(id))
    expect(permit(program, act, 'boss')).toEqual({
      ok: false,
      reason: 'boss may not sign x\n  this takes: architect (arch) or quality (arch, second)',
    })
  })
})

describe('readClaim', () => {
  it.each([
    ['code', '150 lines', 150],
    ['code', 150, 150],
    ['code', '150 of 400', 150],
    ['code', '60%', 240],
    ['relief', '-8%', -0.08],
    ['count.share', '9 of 10', 0.9],
    ['count.time', '1h30m', 5400],
    ['count.size', '12 MB', 12_000_000],
    ['count.commits', '7', 7],
    ['count.built', true, 1],
    ['count.built', 'no', 0],
  ])('reads %s=%s', (name, amount, value) => {
    expect(readClaim(program, reader, name, amount)).toEqual({ ok: true, value })
  })

  it.each([
    ['code', '150 of 300', /the whole is 400 lines, not 300 lines/],
    ['code', '2h', /2h is in seconds; code is in lines/],
    ['relief', '8', /8 has no unit; relief is in percent/],
    ['count.share', '101%', /not a possible share/],
    ['count.time', '90', /90 has no unit; count.time is in seconds/],
    ['count.commits', '50%', /50% is in percent/],
    ['count.built', '3', /yes or no/],
    ['code', true, /not yes or no/],
    ['guide', 'done', /has no measure/],
    ['count.line', '3', /did you mean count.lines\?/],
    ['confidence.week', '80%', /--confidence-week/],
    ['blockers.open', '0', /muster blocker open/],
  ])('refuses %s=%s', (name, amount, reason) => {
    expect(readClaim(program, reader, name, amount)).toEqual({ ok: false, reason: expect.stringMatching(reason) })
  })

  it('gives a finite number or a reason, whatever is written', () => {
    const name = fc.constantFrom(
      'code',
      'relief',
      'count.share',
      'count.time',
      'count.size',
      'count.commits',
      'count.built',
      '__proto__',
      'toString',
    )
    const amount = fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.stringMatching(/^-?\d{1,400}(\.\d+)?( of \d+)?(%|h|MB| lines)?$/))
    fc.assert(
      fc.property(name, amount, (one, text) => {
        const claim = readClaim(program, reader, one, text)
        if (claim.ok) expect(Number.isFinite(claim.value)).toBe(true)
        else expect(claim.reason).not.toBe('')
      }),
    )
  })
})

const BERLIN = { zone: 'Europe/Berlin', hours: { start: '08:00', end: '17:30' } }

describe('readDeadline', () => {
  it('is in the future or refused, whatever is written', () => {
    const from = '2026-03-28T23:30:12.345Z'
    const text = fc.oneof(
      fc.string(),
      fc.stringMatching(/^-?\d{1,9}( ?(s|m|h|d|days|w|weeks))?$/),
      fc.stringMatching(/^(EOD|today|sun|monday|0000-02-30|2026-13-01)? ?(EOD|99:99|7:00|fri)$/),
      fc.date().map((one) => (Number.isNaN(one.getTime()) ? 'never' : one.toISOString())),
    )
    fc.assert(
      fc.property(text, (one) => {
        const deadline = readDeadline(one, from, BERLIN)
        if (deadline.ok) expect(epoch(deadline.at)).toBeGreaterThan(epoch(from))
        else expect(deadline.reason).not.toBe('')
      }),
    )
  })

  it.each([
    ['90m', '2026-03-29T01:00:12.345Z'],
    ['1 day', '2026-03-29T22:30:12.345Z'],
    ['1 week', '2026-04-04T22:30:12.345Z'],
    ['36h', '2026-03-30T11:30:12.345Z'],
    ['2026-03-29 02:30', '2026-03-29T01:30:00Z'],
    ['2026-03-29T09:00:00+05:30', '2026-03-29T03:30:00Z'],
    ['EOD', '2026-03-29T15:30:00Z'],
    ['eod tomorrow', '2026-03-30T15:30:00Z'],
    ['2026-04-02 EOD', '2026-04-02T15:30:00Z'],
    ['Fri EOD', '2026-04-03T15:30:00Z'],
    ['EOD Friday', '2026-04-03T15:30:00Z'],
    ['wed 9:15', '2026-04-01T07:15:00Z'],
    ['sun 00:15', '2026-04-04T22:15:00Z'],
    ['today 17:30', '2026-03-29T15:30:00Z'],
  ])('reads %s over a change of the clocks', (text, at) => {
    expect(readDeadline(text, '2026-03-28T23:30:12.345Z', BERLIN)).toEqual({ ok: true, at })
  })
})

describe('readDeadline of what is no time to come', () => {
  it.each([
    ['EOD', /^EOD is not in the future: it was Sun 2026-03-29 17:30 Europe\/Berlin$/],
    ['today 12:00', /not in the future/],
    ['EOD EOD', /neither a duration nor a time/],
    ['Fr EOD', /neither a duration nor a time/],
    ['2026-02-30 EOD', /neither a duration nor a time/],
    ['Fri 24:00', /neither a duration nor a time/],
  ])('refuses %s', (text, reason) => {
    const read = readDeadline(text, '2026-03-29T16:00:00Z', BERLIN)
    expect(read.ok ? read.at : read.reason).toMatch(reason)
  })
})

describe('textProblem', () => {
  it('lets through what every sink can show, and nothing else', () => {
    for (const text of ['plain', 'two\nlines\tand a tab', 'é漢字🎉', 'x'.repeat(2000), '🎉'.repeat(2000)])
      expect(textProblem(text)).toBeUndefined()
    for (const text of ['', ' \n\t', 'x'.repeat(2001), 'a\u0000', 'a\r\nb', '\u001b[31m', 'a\u007f', 'a\u009b2J', 'half \ud83c'])
      expect(textProblem(text)).toBeDefined()
  })
})
