import { nameMatcher } from '#collect/source-code/name-glob.ts'
import type { Place, ReadFile } from '#collect/reports/report.ts'
import type { SarifOptions } from './kind.ts'
import type { Level, SarifFile, SarifResult } from './parse.ts'

export interface SarifSummary {
  readonly levels: Readonly<Record<Level, number>>
  readonly suppressed: number
  readonly undecided: number
  /** Entries of `expect` without a run. */
  readonly unmet: readonly string[]
  /** Results in words, the worst first. */
  readonly particulars: readonly string[]
  /** Absent where no report of the target branch was read. */
  readonly fresh?: Fresh
}

export interface Fresh {
  readonly all: number
  readonly errors: number
  readonly suppressed: number
  /** Tools that ran on the target branch and not here. */
  readonly gone: readonly string[]
  readonly particulars: readonly string[]
}

const MAX_PARTICULARS = 20
const ORDER: Readonly<Record<Level, number>> = { error: 0, warning: 1, note: 2 }

type Files = readonly ReadFile<SarifFile>[]

/** Counts results by level, and those that the base does not have. */
export function countResults(files: Files, { expect = [] }: SarifOptions, place: Place, base?: Files): SarifSummary {
  const results = resultsOf(files, place.root)
  const active = results.filter(({ isSuppressed }) => !isSuppressed)
  const tools = toolsOf(files)
  return {
    levels: { error: levelled(active, 'error'), warning: levelled(active, 'warning'), note: levelled(active, 'note') },
    suppressed: results.length - active.length,
    undecided: files.reduce((sum, { value }) => sum + value.undecided, 0),
    unmet: expect.filter((pattern) => ![...tools].some((tool) => tool === pattern || nameMatcher(pattern)(tool))),
    particulars: particulars(active),
    ...(base && { fresh: freshOf(results, tools, base, place) }),
  }
}

function freshOf(results: readonly SarifResult[], tools: ReadonlySet<string>, base: Files, place: Place): Fresh {
  const before = resultsOf(base, place.baseRoot ?? place.root)
  // A result that was suppressed on the target branch and is not any more is no new one.
  const fresh = beyond(
    results.filter(({ isSuppressed }) => !isSuppressed),
    before,
  )
  const hidden = beyond(
    results.filter(({ isSuppressed }) => isSuppressed),
    before.filter(({ isSuppressed }) => isSuppressed),
  )
  return {
    all: fresh.length,
    errors: levelled(fresh, 'error'),
    suppressed: hidden.length,
    gone: [...toolsOf(base)].filter((tool) => !tools.has(tool)),
    particulars: particulars(fresh),
  }
}

const toolsOf = (files: Files): ReadonlySet<string> => new Set(files.flatMap(({ value }) => value.tools))

const levelled = (results: readonly SarifResult[], level: Level): number => results.filter((one) => one.level === level).length

/** Results with paths relative to the root, where they lie under it. */
const resultsOf = (files: Files, root: string): readonly SarifResult[] =>
  files.flatMap(({ value }) => value.results.map((one) => ({ ...one, uri: relative(one.uri, root) })))

function relative(uri: string, root: string): string {
  const path = uri.replace(/^file:(?:\/\/)?(?=\/)/, '').replaceAll('\\', '/')
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path.replace(/^\.\//, '')
}

/** As many of each kind as there are more of it than before. */
function beyond(results: readonly SarifResult[], before: readonly SarifResult[]): readonly SarifResult[] {
  const left = new Map<string, number>()
  for (const one of before) left.set(keyOf(one), (left.get(keyOf(one)) ?? 0) + 1)
  return results.filter((one) => {
    const known = left.get(keyOf(one)) ?? 0
    if (known > 0) left.set(keyOf(one), known - 1)
    return known === 0
  })
}

const keyOf = ({ tool, rule, uri, identity }: SarifResult): string => [tool, rule, uri, identity].join('\0')

const particulars = (results: readonly SarifResult[]): readonly string[] =>
  results
    .toSorted((a, b) => ORDER[a.level] - ORDER[b.level])
    .slice(0, MAX_PARTICULARS)
    .map(({ level, rule, uri, line, message }) => {
      const where = uri === '' || line === undefined ? uri : `${uri}:${line}`
      return [level, rule, where, message.replace(/\s+/g, ' ').slice(0, 160)].filter((part) => part !== '').join(' ')
    })
