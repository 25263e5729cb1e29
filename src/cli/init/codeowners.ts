import { globProblem, matcher } from '#core/evidence/glob.ts'

/** Who owns which paths, as a CODEOWNERS file says it. */
export interface Owners {
  /** Every owner named, in the order of the file: `@name`, `@org/team`, or an e-mail address. */
  readonly all: readonly string[]
  /** Owners of a path: those of the last rule that matches. */
  of(path: string): readonly string[]
}

export const NO_OWNERS: Owners = { all: [], of: () => [] }

/** Where GitHub and GitLab look for the file, in that order. */
export const CODEOWNERS_PATHS = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS', '.gitlab/CODEOWNERS']

const OWNER = /^(?:@[\w.-]+(?:\/[\w./-]+)?|[^\s@]+@[^\s@]+\.[^\s@]+)$/

/** Reads CODEOWNERS: a pattern as in .gitignore, then its owners. Lines that are neither are passed over. */
export function parseCodeowners(text: string): Owners {
  const rules: { readonly matches: (path: string) => boolean; readonly owners: readonly string[] }[] = []
  let ofSection: readonly string[] = []
  for (const line of text.split(/\r?\n/)) {
    const content = line.replace(/(?:^|\s)#.*$/, '').trim()
    if (content === '') continue
    // GitLab: a section, with owners for its rules that name none.
    const section = /^\^?\[[^\]]*\](?:\[\d+\])?(.*)$/.exec(content)
    if (section) {
      ofSection = ownersIn(section[1] ?? '')
      continue
    }
    const [pattern = '', ...rest] = content.split(/(?<!\\)\s+/)
    const named = ownersIn(rest.join(' '))
    const globs = globsOf(pattern)
    if (globs.some((glob) => globProblem(glob) !== undefined)) continue
    rules.push({ matches: matcher(globs), owners: rest.length > 0 ? named : ofSection })
  }
  return {
    all: [...new Set(rules.flatMap((rule) => rule.owners))],
    of: (path) => rules.findLast((rule) => rule.matches(path))?.owners ?? [],
  }
}

const ownersIn = (text: string): string[] => text.split(/\s+/).filter((word) => OWNER.test(word))

/** A .gitignore pattern as globs from the root: without a slash inside it matches at any depth, and a folder means all below it. */
function globsOf(pattern: string): string[] {
  const isFolder = pattern.endsWith('/')
  const bare = pattern.replace(/\\ /g, ' ').replace(/^\//, '').replace(/\/$/, '')
  if (bare === '' || bare === '*' || bare === '**') return ['**']
  const anchored = pattern.startsWith('/') || bare.includes('/') ? bare : `**/${bare}`
  // As GitHub does it: `docs/*` is the files of that folder and nothing deeper.
  if (!isFolder && anchored.endsWith('/*') && anchored !== '**/*') return [anchored]
  return isFolder ? [`${anchored}/**`] : [anchored, `${anchored}/**`]
}
