import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Change } from '#core/evidence/collector.ts'
import { squash } from '#core/evidence/squash.ts'

/** What stands at each of a few paths: a content, and whether it may be run; nothing where nothing stands. */
type Tree = Readonly<Record<string, { readonly oid: string; readonly mode: string } | undefined>>

const PATHS = ['a', 'b', 'c']
const tree: fc.Arbitrary<Tree> = fc.record(
  Object.fromEntries(
    PATHS.map((path) => [
      path,
      fc.option(fc.record({ oid: fc.constantFrom('1', '2'), mode: fc.constantFrom('100644', '100755') }), { nil: undefined }),
    ]),
  ),
)

const NONE = '0'.repeat(40)
const changesOf = (from: Tree, to: Tree): Change[] =>
  PATHS.flatMap((path): Change[] => {
    const [old, now] = [from[path], to[path]]
    if (old?.oid === now?.oid && old?.mode === now?.mode) return []
    const status = old === undefined ? 'added' : now === undefined ? 'deleted' : 'modified'
    return [{ status, path, oldOid: old?.oid ?? NONE, newOid: now?.oid ?? NONE, mode: now?.mode ?? '000000' }]
  })

test('work has landed at the first commit at which all of it stood, since it was last taken back', () => {
  fc.assert(
    fc.property(tree, tree, fc.array(tree, { maxLength: 6 }), (fork, head, targets) => {
      const changes = changesOf(fork, head)
      const isAs = (one: Tree, other: Tree) => changesOf(one, other).every(({ path }) => !changes.some((change) => change.path === path))
      const isBefore = (one: Tree) => changes.every(({ path }) => one[path]?.oid === fork[path]?.oid)
      const line = targets.map((one, index) => ({ commit: String(index), changes: changesOf(targets[index - 1] ?? fork, one) }))
      const all = targets.map((one) => (changes.length > 0 && isAs(one, head) ? 'in' : isBefore(one) ? 'out' : 'neither'))
      const last = all.findLast((one) => one !== 'neither')
      const since = all.findLastIndex((one, index) => one === 'out' && all.indexOf('in') < index && all.indexOf('in', index) > 0)
      const first = all.includes('in') ? all.indexOf('in', since < 0 ? 0 : since) : -1
      expect(squash(changes, line)).toEqual(first < 0 ? undefined : { commit: String(first), isTakenBack: last === 'out' })
    }),
    { numRuns: 1000 },
  )
})

test('a branch that changes nothing lands nowhere', () => {
  expect(squash([], [{ commit: '1', changes: [] }])).toBeUndefined()
})
