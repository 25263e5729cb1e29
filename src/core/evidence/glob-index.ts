import { matcher } from '#core/evidence/glob.ts'

/**
 * Which of many glob rules match a path, in their order, without trying each: a rule waits at the
 * folder that its globs name plainly, and a path meets only the rules of the folders it lies in.
 * Globs must be without `globProblem`; a RangeError otherwise.
 */
export function globIndex<T>(rules: readonly { readonly globs: readonly string[]; readonly value: T }[]): (path: string) => readonly T[] {
  const waiting = new Map<string, { readonly order: number; readonly matches: (path: string) => boolean }[]>()
  for (const [order, { globs }] of rules.entries()) {
    for (const glob of globs) {
      const folder = plainFolder(glob)
      const here = waiting.get(folder)
      const rule = { order, matches: matcher([glob]) }
      if (here) here.push(rule)
      else waiting.set(folder, [rule])
    }
  }
  return (path) => {
    const found = new Set<number>()
    const visit = (folder: string): void => {
      for (const { order, matches } of waiting.get(folder) ?? []) if (!found.has(order) && matches(path)) found.add(order)
    }
    visit('')
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) visit(path.slice(0, at))
    visit(path)
    return [...found].sort((a, b) => a - b).flatMap((order) => rules[order]?.value ?? [])
  }
}

/** The leading names of a glob that stand for themselves alone. */
function plainFolder(glob: string): string {
  const parts = (glob.startsWith('./') ? glob.slice(2) : glob).split('/')
  const wild = parts.findIndex((part) => part === '' || /[*?[{\\]/.test(part))
  return (wild === -1 ? parts : parts.slice(0, wild)).join('/')
}
