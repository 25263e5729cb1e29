import fc from 'fast-check'
import { expect, test } from 'vitest'
import { conflictRegions, doConflict, type Hunk } from '#core/merge/hunks.ts'

const hunk = (at: number, removed: string, added: string): Hunk => ({ at, removed: [...removed], added: [...added] })

test.each([
  ['lines far apart', [hunk(0, 'a', 'A')], [hunk(2, 'c', 'C')], false],
  ['neighbouring lines', [hunk(0, 'a', 'A')], [hunk(1, 'b', 'B')], true],
  ['the same line, changed in two ways', [hunk(1, 'b', 'x')], [hunk(1, 'b', 'y')], true],
  ['the same change', [hunk(1, 'b', 'x')], [hunk(1, 'b', 'x')], false],
  ['the same insertion', [hunk(2, '', 'xy')], [hunk(2, '', 'xy')], false],
  ['two insertions at one place', [hunk(2, '', 'x')], [hunk(2, '', 'y')], true],
  ['an insertion where the other removed', [hunk(3, '', 'x')], [hunk(1, 'bcd', '')], true],
  ['an insertion just before what the other changed', [hunk(1, '', 'x')], [hunk(1, 'b', 'y')], true],
  ['an insertion just behind what the other changed', [hunk(2, '', 'x')], [hunk(1, 'b', 'y')], true],
  ['one removes more than the other', [hunk(1, 'bcd', '')], [hunk(1, 'b', '')], true],
  ['two ways to the same text: alike lines, each taken away elsewhere', [hunk(1, 'b', '')], [hunk(2, 'b', '')], false],
  ['two ways to the same text: a line that one puts where the other keeps it', [hunk(1, 'bc', 'xc')], [hunk(1, 'b', 'x')], false],
  ['one long change over two of the other side', [hunk(0, 'abcdef', 'z')], [hunk(1, 'b', 'x'), hunk(4, 'e', 'y')], true],
  ['the last line loses its break', [hunk(4, 'e', 'f')], [{ at: 4, removed: ['e'], added: ['f\n'] }], true],
  ['nothing', [], [hunk(1, 'b', 'x')], false],
])('%s', (_, a, b, conflict) => {
  expect(doConflict(a, b)).toBe(conflict)
  expect(doConflict(b, a)).toBe(conflict)
})

test('regions name the lines of the base and of both sides', () => {
  const a = [hunk(0, '', 'xx'), hunk(3, 'd', 'D'), hunk(9, 'j', 'J')]
  const b = [hunk(3, 'de', 'E'), hunk(9, 'j', 'J')]
  expect(conflictRegions(a, b)).toEqual([{ base: { at: 3, count: 2 }, a: { at: 5, count: 2 }, b: { at: 3, count: 1 } }])
})

/** A base of distinct lines, and hunks of it with an unchanged line between each two. */
const base = Array.from({ length: 12 }, (_, index) => `line ${index}`)
const change = fc
  .array(
    fc.record({
      gap: fc.integer({ min: 1, max: 4 }),
      removes: fc.integer({ min: 0, max: 3 }),
      adds: fc.array(fc.constantFrom('x', 'y'), { maxLength: 2 }),
    }),
    {
      maxLength: 4,
    },
  )
  .map((steps) => {
    const hunks: Hunk[] = []
    let at = -1
    for (const { gap, removes, adds } of steps) {
      at += gap
      const removed = base.slice(at, at + removes)
      if (at + removes > base.length || removed.length + adds.length === 0) break
      hunks.push({ at, removed, added: adds })
      at += removes
    }
    return hunks
  })

const applied = (hunks: readonly Hunk[]): readonly string[] =>
  hunks.toReversed().reduce((lines, { at, removed, added }) => lines.toSpliced(at, removed.length, ...added), base)

test('the order of the sides makes no difference, but swaps them', () => {
  fc.assert(
    fc.property(change, change, (a, b) => {
      const swapped = conflictRegions(b, a).map((region) => ({ ...region, a: region.b, b: region.a }))
      expect(conflictRegions(a, b)).toEqual(swapped)
    }),
  )
})

test('a text never conflicts with itself nor with its base', () => {
  fc.assert(
    fc.property(change, (a) => {
      expect(conflictRegions(a, a)).toEqual([])
      expect(conflictRegions(a, [])).toEqual([])
    }),
  )
})

test('outside the regions, both sides are what the base is with the changes of either', () => {
  fc.assert(
    fc.property(change, change, (a, b) => {
      for (const region of conflictRegions(a, b)) {
        const within = ({ at, removed }: Hunk): boolean => at >= region.base.at && at + removed.length <= region.base.at + region.base.count
        const grown = (hunks: readonly Hunk[]): number =>
          hunks.filter(within).reduce((sum, { removed, added }) => sum + added.length - removed.length, 0)
        expect(region.a.count).toBe(region.base.count + grown(a))
        expect(region.b.count).toBe(region.base.count + grown(b))
        expect(applied(a).slice(region.a.at, region.a.at + region.a.count)).toHaveLength(region.a.count)
        expect(a.some(within) && b.some(within)).toBe(true)
      }
    }),
  )
})
