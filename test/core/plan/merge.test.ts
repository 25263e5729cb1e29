import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { mergePrograms } from '#core/plan/merge.ts'

const BASE = 'name: Plan\nstreams:\n  a:\n    lead: x\n    branch: feature/a\n  b: { lead: y }\n'

function merged(yours: string, theirs: string, base = BASE) {
  const result = mergePrograms(base, yours, theirs)
  if (!result.ok) throw new Error(result.reason)
  return { ...result, data: parse(result.text) as unknown }
}

describe('a plan that is imported again', () => {
  test('changes what only the plan changed', () => {
    const { data, changes, conflicts } = merged(BASE, BASE.replace('lead: x', 'lead: z').replace('name: Plan', 'name: Plan 2'))
    expect(data).toEqual({ name: 'Plan 2', streams: { a: { lead: 'z', branch: 'feature/a' }, b: { lead: 'y' } } })
    expect(changes.map(({ path, before, after }) => [path.join('.'), before, after])).toEqual([
      ['name', 'Plan', 'Plan 2'],
      ['streams.a.lead', 'x', 'z'],
    ])
    expect(conflicts).toEqual([])
  })

  test('keeps edits by hand, comments and layout', () => {
    const yours = BASE.replace('    branch: feature/a\n', '    # ours\n    branch:   work/a\n').replace(
      'name: Plan\n',
      'name: Plan\ntarget: develop\n',
    )
    const { text, data } = merged(yours, `${BASE}  c: { lead: w }\n`)
    expect(data).toEqual({
      name: 'Plan',
      target: 'develop',
      streams: { a: { lead: 'x', branch: 'work/a' }, b: { lead: 'y' }, c: { lead: 'w' } },
    })
    expect(text).toContain('    # ours\n')
    expect(merged(yours, BASE).text).toBe(yours)
  })

  test('names what both changed, and keeps the hand', () => {
    const { data, conflicts, changes } = merged(BASE.replace('lead: x', 'lead: mine'), BASE.replace('lead: x', 'lead: theirs'))
    expect(data).toEqual(parse(BASE.replace('lead: x', 'lead: mine')))
    expect(conflicts).toEqual([{ path: ['streams', 'a', 'lead'], before: 'x', after: 'theirs', yours: 'mine' }])
    expect(changes).toEqual([])
  })

  test('takes out what the plan no longer has, unless a hand has edited it', () => {
    const without = BASE.replace('  b: { lead: y }\n', '')
    expect(merged(BASE, without).data).toEqual(parse(without))
    const edited = BASE.replace('lead: y', 'lead: mine')
    expect(merged(edited, without)).toMatchObject({
      data: parse(edited),
      conflicts: [{ path: ['streams', 'b'], yours: { lead: 'mine' }, after: undefined }],
    })
  })

  test('does not bring back what a hand took out', () => {
    const without = BASE.replace('  b: { lead: y }\n', '')
    expect(merged(without, BASE.replace('name: Plan', 'name: New')).data).toEqual(parse(without.replace('name: Plan', 'name: New')))
  })

  test('says when the file is no YAML', () => {
    expect(mergePrograms(BASE, 'a: [', BASE)).toMatchObject({ ok: false })
    expect(mergePrograms(BASE, '- a', BASE)).toMatchObject({ ok: false })
  })
})

const leaf = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('x', 'y'), fc.array(fc.constantFrom('p', 'q'), { maxLength: 2 }))
const tree = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.oneof(leaf, fc.dictionary(fc.constantFrom('d', 'e'), leaf)))

test('no edit is ever lost: what differs from the last import is there after the next', () => {
  fc.assert(
    fc.property(tree, tree, tree, (base, yours, theirs) => {
      const [from, mine, next] = [base, yours, theirs].map((one) => stringify({ top: 1, ...one }))
      const { data } = merged(mine ?? '', next ?? '', from)
      // An empty mapping says nothing, so nothing of it can be lost.
      for (const [path, value] of leaves(yours))
        if (!isRecord(value) && JSON.stringify(at(base, path)) !== JSON.stringify(value)) expect(at(data, path)).toEqual(value)
      expect(merged(from ?? '', next ?? '', from).data).toEqual(parse(next ?? ''))
      expect(merged(mine ?? '', from ?? '', from).text).toBe(mine)
    }),
  )
})

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const leaves = (value: unknown, path: readonly string[] = []): readonly (readonly [readonly string[], unknown])[] =>
  isRecord(value) && Object.keys(value).length > 0
    ? Object.entries(value).flatMap(([key, one]) => leaves(one, [...path, key]))
    : path.length === 0
      ? []
      : [[path, value]]
const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((one, key) => (isRecord(one) ? one[key] : undefined), value)
