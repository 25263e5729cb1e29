import { globProblem, matcher } from '#core/evidence/glob.ts'

/**
 * A glob over the names of suites and cases. It is read as a path, and also with its slashes as
 * ordinary characters, so that `queue *` finds the case `queue reads a/b`.
 */
export function nameMatcher(pattern: string): (name: string) => boolean {
  const asPath = globProblem(pattern) === undefined ? matcher([pattern]) : () => false
  const asText = matcher([withoutSlashes(pattern)])
  return (name) => asPath(name) || asText(withoutSlashes(name))
}

/** Why a glob of names cannot be used; undefined when it can. */
export const nameGlobProblem = (pattern: string): string | undefined => globProblem(withoutSlashes(pattern))

/** Another slash, which no glob treats as a border. */
const withoutSlashes = (text: string): string => text.replaceAll('/', '\u2215')
