import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { CollectorKind } from '#core/evidence/collector.ts'
import type { LedgerState, Move } from '#core/ledger/state.ts'
import { loadProgram } from '#core/program/load.ts'
import type { Program } from '#core/program/model.ts'
import { effectiveProgram } from '#core/schedule/effective.ts'
import { addSeconds, epoch } from '#core/schedule/time.ts'

const KIND: CollectorKind = { kind: 'count', title: 'Counts', options: z.strictObject({}), metrics: {}, boundToTree: true }

const TEXT = `
program: demo
name: Demo
calendar: { zone: Europe/Berlin }
people: { boss: { name: B, roles: [phase-lead] } }
streams: { reader: { name: Reader, lead: boss, branch: a } }
checkpoints:
  one: { name: One, at: 2026-03-20 15:30, decide: { noGo: { reevaluate: 2026-03-23 16:00, next: three }, go: { next: two } } }
  two: { name: Two, at: 2026-03-24 15:30, decide: { go: { next: one } } }
  three: { name: Three, at: 2026-03-27 15:30 }
`
const loaded = loadProgram('muster.yaml', new TextEncoder().encode(TEXT), [KIND])
const program = loaded.program as Program
const ids = program.checkpoints.map((one) => one.id)
const LATER = '2026-03-19T00:00:00Z'

const said = { at: '2026-03-18T09:00:00Z', actor: 'boss', reason: 'the room is taken' }
const to = (instant: string): Move => ({ ...said, to: instant })
const cancelled: Move = { ...said, cancelled: true }
const held = (moves: LedgerState['moves'], at = LATER) => effectiveProgram(program, moves, at).checkpoints
const one = (moves: LedgerState['moves'], id: string, at = LATER) => held(moves, at).find((each) => each.id === id)

describe('the schedule as it stands', () => {
  it('is that of the file, the very same, where nothing was moved by then', () => {
    expect(loaded.problems.filter((each) => each.severity === 'error')).toEqual([])
    expect(effectiveProgram(program, undefined, LATER)).toBe(program)
    expect(effectiveProgram(program, { gone: cancelled }, LATER)).toBe(program)
    expect(effectiveProgram(program, { one: cancelled }, '2026-03-18T08:59:59Z')).toBe(program)
  })

  it('holds a moved checkpoint at its new time, says from where, and follows the new order', () => {
    const checkpoints = held({ one: to('2026-03-25T14:30:00Z') })
    expect(checkpoints.map((each) => [each.id, each.at, each.next])).toEqual([
      ['two', '2026-03-24T14:30:00Z', 'one'],
      ['one', '2026-03-25T14:30:00Z', 'three'],
      ['three', '2026-03-27T14:30:00Z', undefined],
    ])
    expect(checkpoints[1]?.moved).toEqual({ from: '2026-03-20T14:30:00Z', by: 'boss', reason: 'the room is taken' })
    expect(checkpoints[0]?.moved).toBeUndefined()
  })

  it('holds it when the file says, where that was given another time after it was moved', () => {
    const from = (instant: string): Move => ({ ...to('2026-03-25T14:30:00Z'), from: instant })
    expect(one({ one: from('2026-03-20T14:30:00Z') }, 'one')?.at).toBe('2026-03-25T14:30:00Z')
    expect(one({ one: from('2026-03-19T14:30:00Z') }, 'one')).toMatchObject({ at: '2026-03-20T14:30:00Z' })
    expect(one({ one: from('2026-03-19T14:30:00Z') }, 'one')?.moved).toBeUndefined()
    expect(one({ one: cancelled }, 'one')).toBeUndefined()
  })

  it('decides again after the checkpoint: where that was, or as long after it as before, by the calendar', () => {
    expect(one({ one: to('2026-03-21T14:30:00Z') }, 'one')?.noGo.reevaluateAt).toBe('2026-03-23T15:00:00Z')
    // Three days and half an hour on the wall; the clocks change on the 29th.
    expect(one({ one: to('2026-03-27T14:30:00Z') }, 'one')?.noGo.reevaluateAt).toBe('2026-03-30T14:00:00Z')
  })

  it('leaves a cancelled one out, and what named it goes on with what follows', () => {
    const checkpoints = held({ two: cancelled })
    expect(checkpoints.map((each) => [each.id, each.next, each.go.next])).toEqual([
      ['one', 'three', undefined],
      ['three', undefined, undefined],
    ])
    expect(held({ one: cancelled, two: cancelled, three: cancelled })).toEqual([])
  })

  it('drops a follower that now comes before, and keeps one that the file has before', () => {
    expect(one({ one: to('2026-03-25T14:30:00Z') }, 'one')?.go.next).toBeUndefined()
    expect(one({ three: to('2026-04-27T14:30:00Z') }, 'two')?.go.next).toBe('one')
  })

  it('is in order, linked and in the future of itself, whatever is moved, and the same when asked twice', () => {
    const move = fc.oneof(
      fc.constant(cancelled),
      fc.integer({ min: -40 * 86_400, max: 40 * 86_400 }).map((seconds) => to(addSeconds('2026-03-24T14:30:00Z', seconds))),
    )
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...ids, 'gone'), move), (moves) => {
        const effective = effectiveProgram(program, moves, LATER)
        const { checkpoints } = effective
        expect(checkpoints.map((each) => epoch(each.at))).toEqual(checkpoints.map((each) => epoch(each.at)).toSorted((a, b) => a - b))
        expect(checkpoints.map((each) => each.next)).toEqual(
          [...checkpoints.slice(1).map((each) => each.id), undefined].slice(0, checkpoints.length),
        )
        for (const { at, go, noGo } of checkpoints) {
          if (noGo.reevaluateAt !== undefined) expect(epoch(noGo.reevaluateAt)).toBeGreaterThan(epoch(at))
          for (const { next } of [go, noGo]) if (next !== undefined) expect(checkpoints.map((each) => each.id)).toContain(next)
        }
        expect(effectiveProgram(effective, moves, LATER)).toEqual(effective)
      }),
      { numRuns: 300 },
    )
  })
})
