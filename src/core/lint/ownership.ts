import { matcher } from '#core/evidence/glob.ts'
import { beside, finding, groupBy, type Rule } from '#core/lint/rule.ts'
import type { Plan, PlanUnit } from '#core/plan/model.ts'
import { nearest } from '#core/program/nearest.ts'

/** A path that two units have for themselves. */
export const pathsOverlap: Rule = (plan) => {
  const owned = plan.units.flatMap((unit) => unit.paths.map((path) => ({ unit, path })))
  // Patterns meet only when they begin with the same plain name.
  return groupBy(owned, ({ path }) => literalRoot(path.value)).flatMap((group) =>
    group.flatMap((one, index) => {
      const other = group.slice(0, index).find((each) => each.unit !== one.unit && meet(each.path.value, one.path.value))
      if (!other) return []
      const what =
        other.path.value === one.path.value ? `${one.path.value} belongs` : `${other.path.value} and ${one.path.value} meet, and belong`
      return [
        finding(
          one.path,
          'paths-overlap',
          'warning',
          `${what} to both ${other.unit.name} and ${one.unit.name}`,
          'give the path to one of them',
          [beside(other.path, `${other.unit.name} has ${other.path.value}`)],
        ),
      ]
    }),
  )
}

const isWild = (text: string): boolean => /[*?[\]{}]/.test(text)

/** The first name of a pattern, or nothing when that is not plain. */
const literalRoot = (pattern: string): string => {
  const [first = ''] = plainPath(pattern).split('/')
  return isWild(first) ? '' : first
}

const plainPath = (pattern: string): string => pattern.trim().replace(/^\.?\//, '')

/**
 * Whether one pattern covers something the other surely has: the same, a path the other matches,
 * or a folder inside the other's. Two patterns that could meet only by chance do not count.
 */
export function meet(a: string, b: string): boolean {
  const [x, y] = [plainPath(a), plainPath(b)]
  if (x === '' || y === '' || x.startsWith('!') || y.startsWith('!')) return false
  if (x === y) return true
  return covers(x, y) || covers(y, x)
}

function covers(wide: string, narrow: string): boolean {
  const folder = /^(.+?)\/(?:\*\*(?:\/\*)?)?$/.exec(wide)?.[1]
  if (folder !== undefined && !isWild(folder)) return narrow.startsWith(`${folder}/`)
  if (isWild(narrow) || !isWild(wide) || literalRoot(wide) === '') return false
  try {
    return matcher([wide])(narrow)
  } catch (error) {
    // A pattern that cannot be used is said elsewhere.
    if (error instanceof RangeError) return false
    throw error
  }
}

/** Two units on one branch, unless it is the one that everything merges into. */
export const duplicateBranch: Rule = (plan) => {
  const shared = new Set(['main', 'master', 'develop', 'trunk', plan.target?.value ?? 'main'])
  const onBranch = plan.units.flatMap((unit) => (unit.branch && !shared.has(unit.branch.value) ? [{ unit, branch: unit.branch }] : []))
  return groupBy(onBranch, ({ branch }) => branch.value).flatMap(([first, ...others]) =>
    others.flatMap(({ unit, branch }) =>
      !first || unit.id === first.unit.id
        ? []
        : [
            finding(
              branch,
              'duplicate-branch',
              'error',
              `${unit.name} and ${first.unit.name} both work on ${branch.value}`,
              'give each of them a branch of its own',
              [beside(first.branch, `${first.unit.name} works on it`)],
            ),
          ],
    ),
  )
}

/** A branch that the repository does not have, although it has that of another unit, or one that reads nearly the same. */
export const branchNotFound: Rule = (plan, { branches }) => {
  if (!branches) return []
  const there = new Set(branches)
  const named = plan.units.flatMap((unit) => (unit.branch ? [{ unit, branch: unit.branch }] : []))
  const begun = named.some(({ branch }) => there.has(branch.value))
  return named.flatMap(({ unit, branch }) => {
    if (there.has(branch.value)) return []
    const near = nearBranch(plan, unit, branch.value, branches)
    if (!begun && near === undefined) return []
    return [
      finding(
        branch,
        'branch-not-found',
        'warning',
        `the repository has no branch ${branch.value}, where ${unit.name} works`,
        near === undefined ? 'make the branch, or correct its name' : `write ${near}, or make the branch`,
      ),
    ]
  })
}

const nearBranch = (plan: Plan, unit: PlanUnit, wanted: string, branches: readonly string[]): string | undefined => {
  const taken = new Set(plan.units.filter((one) => one !== unit).map((one) => one.branch?.value))
  // A letter or a figure at the end tells branches apart: they are not each other's slips.
  const stem = (name: string): string => name.replace(/[\W_]?(?:\d+|[a-z])$/i, '')
  return nearest(
    wanted,
    branches.filter((one) => !taken.has(one) && wanted.length >= 5 && stem(one) !== stem(wanted)),
  )
}

/** A criterion waived for ever. */
export const waiverWithoutExpiry: Rule = (plan, { waivers }) =>
  (waivers ?? []).flatMap((waiver) => {
    if (waiver.expires !== undefined) return []
    const checkpoint = plan.checkpoints.find((one) => one.id === waiver.checkpoint)
    const criterion = checkpoint?.criteria.find((one) => one.id === waiver.criterion)
    const place = criterion ?? checkpoint ?? plan.title
    if (!place) return []
    return [
      finding(
        place,
        'waiver-without-expiry',
        'warning',
        `${waiver.criterion} at ${waiver.checkpoint} is waived for ever (${waiver.waiver}: ${waiver.reason})`,
        'waive it again with an expiry, or meet the criterion',
      ),
    ]
  })
