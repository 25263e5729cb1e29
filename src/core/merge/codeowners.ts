import { globProblem } from '#core/evidence/glob.ts'
import { globIndex } from '#core/evidence/glob-index.ts'

/** Who owns which paths, as a CODEOWNERS file says it. */
export interface Owners {
  /** Every owner named, in the order of the file: `@name`, `@org/team`, `@@role`, or an e-mail address. */
  readonly all: readonly string[]
  /** Owners of a path: those of the last rule that matches; of several GitLab sections those of the last one first. */
  of(path: string): readonly string[]
}

export const NO_OWNERS: Owners = { all: [], of: () => [] }

/** Where GitHub and GitLab look for the file, in that order. */
export const CODEOWNERS_PATHS = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS', '.gitlab/CODEOWNERS']

interface Rule {
  readonly globs: readonly string[]
  readonly owners: readonly string[]
  readonly order: number
}

/** GitLab looks for the last rule in each section by itself; a file of GitHub is one section. */
interface Section {
  readonly rules: Rule[]
  /** What the section leaves out, whatever its rules say. */
  readonly excluded: string[]
}

/**
 * Reads CODEOWNERS: a pattern as in .gitignore, then its owners, none to leave it without. What the
 * hosts pass over (a pattern they cannot use, a word that is no owner) is passed over here. GitLab
 * reads patterns differently from GitHub: a file is its when it lies in `.gitlab` or has sections.
 *
 * https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
 * https://docs.gitlab.com/user/project/codeowners/reference/
 */
export function parseCodeowners(text: string, path = 'CODEOWNERS'): Owners {
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .map((line) => line.trim())
  const isGitLab = path.startsWith('.gitlab/') || lines.some((line) => sectionIn(line) !== undefined)
  const sections = new Map<string, Section>()
  let section = sectionCalled(sections, '')
  let ofSection: readonly string[] = []
  for (const [order, line] of lines.entries()) {
    const header = sectionIn(line)
    if (header) {
      section = sectionCalled(sections, header.name)
      ofSection = header.owners
      continue
    }
    const { pattern, rest } = splitRule(line)
    const isExcluded = pattern.startsWith('!')
    const globs = isGitLab ? [globOfGitLab(isExcluded ? pattern.slice(1) : pattern)] : globsOfGitHub(pattern)
    if (pattern === '' || pattern.startsWith('#') || (isExcluded && !isGitLab)) continue
    if (globs.some((glob) => globProblem(glob) !== undefined)) continue
    if (isExcluded) section.excluded.push(...globs)
    else section.rules.push({ globs, owners: rest === '' ? ofSection : ownersIn(rest), order })
  }
  return lookup([...sections.values()])
}

function lookup(sections: readonly Section[]): Owners {
  const indexes = sections.map(({ rules, excluded }) => ({
    rulesOf: globIndex(rules.map((rule) => ({ globs: rule.globs, value: rule }))),
    exclusionsOf: globIndex(excluded.map((glob) => ({ globs: [glob], value: glob }))),
  }))
  const rules = sections.flatMap((section) => section.rules).toSorted((a, b) => a.order - b.order)
  return {
    all: unique(rules.flatMap((rule) => rule.owners)),
    of: (path) => {
      const last = indexes.flatMap(({ rulesOf, exclusionsOf }) => (exclusionsOf(path).length > 0 ? [] : rulesOf(path).slice(-1)))
      return unique(last.toSorted((a, b) => b.order - a.order).flatMap((rule) => rule.owners))
    },
  }
}

const unique = (words: readonly string[]): readonly string[] => [...new Set(words)]

function sectionCalled(sections: Map<string, Section>, name: string): Section {
  const known = sections.get(name) ?? { rules: [], excluded: [] }
  sections.set(name, known)
  return known
}

/** `[Name]`, `^[Name]` (optional approval), `[Name][2]` (approvals), then owners for its rules that name none. */
function sectionIn(line: string): { readonly name: string; readonly owners: readonly string[] } | undefined {
  const [, name, rest = ''] = /^\^?\[([^\]]+)\](?:\[\d+\])?(?:\s(.*))?$/.exec(line) ?? []
  return name === undefined ? undefined : { name: name.trim().toLowerCase(), owners: ownersIn(withoutComment(rest)) }
}

/** A `#` after a space begins a comment; within a pattern it is a character. */
const withoutComment = (text: string): string => (text.startsWith('#') ? '' : (text.split(/\s#/, 1)[0] ?? '').trim())

/** The pattern ends at the first space that no backslash precedes. */
function splitRule(line: string): { readonly pattern: string; readonly rest: string } {
  let at = 0
  while (at < line.length && !/\s/.test(line[at] ?? '')) at += line[at] === '\\' ? 2 : 1
  return { pattern: line.slice(0, at), rest: withoutComment(line.slice(at).trim()) }
}

/** Words with an `@`: a name, a team, a role (`@@developer`) or an address. */
const ownersIn = (text: string): string[] =>
  text.split(/\s+/).filter((word) => {
    const at = word.lastIndexOf('@')
    return at !== -1 && at < word.length - 1 && (at === 0 || word.startsWith('@@') ? at <= 1 : word.indexOf('@') === at)
  })

/** Braces are characters to both hosts. */
const withoutBraces = (pattern: string): string => pattern.replace(/\\.|[{}]/gs, (found) => (found.startsWith('\\') ? found : `\\${found}`))

/** As .gitignore: without a slash inside it matches at any depth, and a folder means all below it. */
function globsOfGitHub(pattern: string): string[] {
  const isFolder = pattern.endsWith('/')
  const bare = withoutBraces(pattern).replace(/^\//, '').replace(/\/$/, '')
  if (bare === '' || bare === '*' || bare === '**') return ['**']
  const anchored = pattern.startsWith('/') || bare.includes('/') ? bare : `**/${bare}`
  // `docs/*` is the files of that folder and nothing deeper.
  if (!isFolder && anchored.endsWith('/*') && anchored !== '**/*') return [anchored]
  return isFolder ? [`${anchored}/**`] : [anchored, `${anchored}/**`]
}

/** Without a slash at its beginning it matches at any depth, and only with one at its end what lies below. */
function globOfGitLab(pattern: string): string {
  const escaped = withoutBraces(pattern)
  if (escaped === '*' || escaped === '/') return '**'
  const anchored = escaped.startsWith('/') ? escaped.slice(1) : `**/${escaped}`
  return anchored.endsWith('/') ? `${anchored}**` : anchored
}
