/** What any report of tests comes down to: suites, and cases that are counted one by one. */

export type CaseStatus = 'passed' | 'skipped' | 'failed' | 'errored'

export interface TestCase {
  /** Index into `TestReport.suites`. */
  readonly suite: number
  readonly name: string
  readonly classname: string
  readonly file: string
  readonly status: CaseStatus
  /** It both passed and failed: the runner says so, or it stands in the report with both outcomes. */
  readonly flaky: boolean
  /** Time of all its runs; absent where no run says it. */
  readonly seconds: number | undefined
  /** How many assertions it made; absent where the report does not count them. */
  readonly assertions: number | undefined
  /** First line of what the runner said of a failure or a skip. */
  readonly message: string | undefined
  readonly properties: Properties | undefined
}

export interface TestSuite {
  readonly name: string
  readonly file: string
  /** Index of the suite around it, which stands before it; the first suite, the document itself, has none. */
  readonly parent?: number
  /** Its own; those of the suites around it hold as well. */
  readonly properties: Properties
  /** Cases that the report admits to in this suite, or in those inside, and does not list. */
  readonly unlisted: { readonly failed: number; readonly skipped: number }
  /** Folder of its report file, where there are reports of several; of outermost suites alone. */
  readonly folder?: string
  /** Why the suite itself failed, where the report says so: it did not compile, it crashed. */
  readonly trouble?: string
}

export type Properties = ReadonlyMap<string, string>

export interface TestReport {
  readonly suites: readonly TestSuite[]
  /** Distinct cases, in the order they were first met. */
  readonly cases: Iterable<TestCase> & { readonly size: number }
  /** Entries that repeat a case which stood before. */
  readonly repeated: number
  /** Those among them that repeat a case of another report file; absent in a single report. */
  readonly repeatedAcross?: number
  /** Where the total that the report gives differs from what it lists: the outermost such suite. */
  readonly disagreements: readonly { readonly suite: string; readonly says: number; readonly lists: number }[]
  /** Object ids that the report gives as the commit and tree it is about. */
  readonly commits: ReadonlySet<string>
  readonly trees: ReadonlySet<string>
  /** Suites that came to an end, with cases or without, where the format tells. */
  readonly ended?: ReadonlySet<string>
}

/** Enough for the largest suites, few enough for 256 MB. */
export const MAX_CASES = 500_000
export const MAX_SUITES = 200_000
export const MAX_NAME = 1 << 14
/** All the names of one report together, in UTF-16 units. */
export const MAX_NAMES = 1 << 26
const MAX_MESSAGE = 200
/** Some ten years: more is no duration of a test. */
export const MAX_SECONDS = 3e8

export const NO_PROPERTIES: Properties = new Map()

export const isBad = (status: CaseStatus): boolean => status === 'failed' || status === 'errored'

/** The same text in memory of its own: a slice of a chunk keeps the whole chunk alive. */
export const compact = (text: string): string => ` ${text}`.slice(1)

/** The first line that says something, without the colours of terminals; undefined where there is none. */
export function firstLine(text: string | undefined): string | undefined {
  if (text !== undefined && !MARKED.test(text))
    return text
      .slice(0, 4 * MAX_MESSAGE)
      .trim()
      .slice(0, MAX_MESSAGE)
  const start = text
    ?.slice(0, 4 * MAX_MESSAGE)
    .replaceAll(COLOURS, '')
    .trimStart()
  return start
    ?.split(/[\r\n]/, 1)[0]
    ?.trimEnd()
    .slice(0, MAX_MESSAGE)
}

// oxlint-disable-next-line no-control-regex -- a colour begins with one
const MARKED = /[\r\n\u001b]/

// oxlint-disable-next-line no-control-regex -- a colour begins with one
const COLOURS = /\u001b\[[\d;]{0,20}[A-Za-z]/g

export { type CaseOutcome, Cases } from './case-store.ts'

/** A number for the names of all the suites around: suites of the same names are one place. */
export class Places {
  /** By the place around them, the outermost first. */
  readonly #within: (Map<string, number> | undefined)[] = []
  #size = 0

  of(parent: number | undefined, name: string): number {
    const names = (this.#within[parent === undefined ? 0 : parent + 1] ??= new Map())
    const known = names.get(name)
    if (known !== undefined) return known
    names.set(name, this.#size)
    this.#size += 1
    return this.#size - 1
  }

  /** The place of each suite of a report, by its index; with those of each `folder` apart from the others. */
  ofAll(suites: readonly TestSuite[], { byFolder }: { readonly byFolder: boolean }): readonly number[] {
    const places: number[] = []
    for (const { parent, name, folder = '' } of suites) {
      const outermost = byFolder ? this.of(undefined, folder) : undefined
      places.push(this.of(parent === undefined ? outermost : places[parent], name))
    }
    return places
  }
}
