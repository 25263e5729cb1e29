/**
 * Path globs of program files: `*` and `?` within one folder, `**` across folders, `[a-z]`, `[!a-z]`,
 * `{one,two}`, `\` before a character that means itself. A dot is a character like any other, `!`
 * and `(` mean themselves, and a pattern that ends in `/` covers everything below that folder.
 *
 * Matching takes time proportional to pattern times path. Globs turned into regular expressions
 * do not: three stars against a path of 4,000 letters, which anyone can push, run for minutes.
 */

const LONGEST_PATTERN = 1024
const MOST_ALTERNATIVES = 256

type Token = { readonly kind: 'char'; readonly char: string } | { readonly kind: 'any' } | { readonly kind: 'star' } | CharacterClass

interface CharacterClass {
  readonly kind: 'class'
  readonly negated: boolean
  readonly ranges: readonly (readonly [string, string])[]
}

/** One folder or file name of a pattern; `globstar` stands for any number of them. */
type Segment = 'globstar' | readonly Token[]

/** Why a pattern cannot be used, as a sentence; undefined when it can. */
export const globProblem = (pattern: string): string | undefined => {
  if (pattern === '') return 'A glob cannot be empty.'
  if (pattern.length > LONGEST_PATTERN) return `A glob has at most ${LONGEST_PATTERN} characters; this one has ${pattern.length}.`
  if (pattern.includes('\0')) return 'A glob cannot hold a NUL character.'
  if (pattern.startsWith('/')) return 'A glob is relative to the root of the repository: leave out the leading "/".'
  if (expand(pattern) === undefined) return `A glob has at most ${MOST_ALTERNATIVES} alternatives in braces.`
  return undefined
}

/**
 * A predicate over paths (relative, `/` between folders) that holds when any pattern matches; an
 * empty list matches nothing. Throws a RangeError with `globProblem`'s sentence for a bad pattern.
 */
export const matcher = (patterns: readonly string[]): ((path: string) => boolean) => {
  const compiled = patterns.flatMap((pattern) => {
    const problem = globProblem(pattern)
    if (problem !== undefined) throw new RangeError(problem)
    return (expand(pattern) ?? []).map(toSegments)
  })
  return (path) => {
    const names = path.split('/')
    return compiled.some((segments) => matchSegments(segments, names))
  }
}

/** Brace alternatives written out; undefined when there are too many. */
const expand = (pattern: string): readonly string[] | undefined => {
  const done: string[] = []
  const open = [pattern]
  while (open.length > 0) {
    if (open.length + done.length > MOST_ALTERNATIVES) return undefined
    const current = open.pop() ?? ''
    const braces = firstBraces(current)
    if (braces === undefined) done.push(current)
    else open.push(...braces.options.map((option) => current.slice(0, braces.start) + option + current.slice(braces.end)).toReversed())
  }
  return done
}

/** The first `{...}` that holds a comma at its own level. */
const firstBraces = (pattern: string): { start: number; end: number; options: string[] } | undefined => {
  const open: { start: number; commas: number[] }[] = []
  let first: { start: number; end: number; options: string[] } | undefined
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]
    if (char === '\\') at++
    else if (char === '{') open.push({ start: at, commas: [] })
    else if (char === ',') open.at(-1)?.commas.push(at)
    else if (char === '}') {
      const group = open.pop()
      if (group === undefined || group.commas.length === 0) continue
      const cuts = [group.start, ...group.commas, at]
      const found = {
        start: group.start,
        end: at + 1,
        options: cuts.slice(1).map((cut, index) => pattern.slice((cuts[index] ?? 0) + 1, cut)),
      }
      if (first === undefined || found.start < first.start) first = found
      if (open.length === 0) return first
    }
  }
  return first
}

const toSegments = (pattern: string): readonly Segment[] => {
  const relative = pattern.startsWith('./') ? pattern.slice(2) : pattern
  const whole = relative.endsWith('/') ? `${relative}**` : relative
  // Below a folder is not the folder itself: the last `**` asks for at least one name.
  const parts = (whole === '**' || whole.endsWith('/**') ? `${whole}/*` : whole).split('/')
  return parts.map((segment) => (segment === '**' ? 'globstar' : toTokens(segment)))
}

const toTokens = (segment: string): readonly Token[] => {
  const tokens: Token[] = []
  for (let at = 0; at < segment.length; at++) {
    const char = segment[at] ?? ''
    if (char === '\\' && at + 1 < segment.length) tokens.push({ kind: 'char', char: segment[++at] ?? '' })
    else if (char === '?') tokens.push({ kind: 'any' })
    else if (char === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' })
    } else if (char === '[') {
      const found = characterClass(segment, at)
      if (found === undefined) tokens.push({ kind: 'char', char })
      else {
        tokens.push(found.token)
        at = found.last
      }
    } else tokens.push({ kind: 'char', char })
  }
  return tokens
}

const characterClass = (segment: string, start: number): { token: CharacterClass; last: number } | undefined => {
  const negated = segment[start + 1] === '!' || segment[start + 1] === '^'
  const first = start + (negated ? 2 : 1)
  const last = segment.indexOf(']', first + 1)
  if (last === -1) return undefined
  const ranges: (readonly [string, string])[] = []
  for (let at = first; at < last; at++) {
    const low = segment[at] ?? ''
    const isRange = segment[at + 1] === '-' && at + 2 < last
    ranges.push([low, isRange ? (segment[at + 2] ?? low) : low])
    if (isRange) at += 2
  }
  return { token: { kind: 'class', negated, ranges }, last }
}

/** Greedy with one remembered `**`: the last one is the only place worth going back to. */
const matchSegments = (segments: readonly Segment[], names: readonly string[]): boolean => {
  let segment = 0
  let name = 0
  let star = -1
  let retry = 0
  while (name < names.length) {
    const current = segments[segment]
    if (current === 'globstar') {
      star = segment++
      retry = name
    } else if (current !== undefined && matchTokens(current, names[name] ?? '')) {
      segment++
      name++
    } else if (star !== -1) {
      segment = star + 1
      name = ++retry
    } else return false
  }
  while (segments[segment] === 'globstar') segment++
  return segment === segments.length
}

const matchTokens = (tokens: readonly Token[], name: string): boolean => {
  let token = 0
  let at = 0
  let star = -1
  let retry = 0
  while (at < name.length) {
    const current = tokens[token]
    if (current?.kind === 'star') {
      star = token++
      retry = at
    } else if (current !== undefined && matchToken(current, name[at] ?? '')) {
      token++
      at++
    } else if (star !== -1) {
      token = star + 1
      at = ++retry
    } else return false
  }
  while (tokens[token]?.kind === 'star') token++
  return token === tokens.length
}

const matchToken = (token: Token, char: string): boolean => {
  if (token.kind === 'char') return token.char === char
  if (token.kind === 'class') return token.ranges.some(([low, high]) => low <= char && char <= high) !== token.negated
  return true
}
