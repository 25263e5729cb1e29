import type { CaseStatus, Properties, TestReport, TestSuite } from './cases.ts'
import { Cases, compact, firstLine, MAX_CASES, MAX_NAME, MAX_NAMES, MAX_SECONDS, MAX_SUITES, NO_PROPERTIES, Places } from './cases.ts'

/** More than a report of tests can hold; the parser adds the place. */
export class TooMuch extends Error {
  override readonly name = 'TooMuch'
}

export interface NewCase {
  readonly name: string
  readonly classname?: string | undefined
  readonly file?: string | undefined
  readonly status: CaseStatus
  readonly flaky?: boolean | undefined
  /** What is no time a test can take says nothing. */
  readonly seconds?: number | undefined
  readonly assertions?: number | undefined
  /** Its first line is kept, of a case that did not pass. */
  readonly message?: string | undefined
  readonly properties?: Properties | undefined
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * Builds the report of a format that names the suites of each case. The first suite, the document,
 * has index 0 and no name.
 * @throws TooMuch from every method
 */
export class TestReportBuilder {
  readonly #suites: Writable<TestSuite>[] = []
  readonly #indices = new Map<string, number>()
  readonly #places = new Places()
  readonly #placeOf: number[] = []
  readonly #cases = new Cases()
  readonly #commits = new Set<string>()
  #disagreement: TestReport['disagreements'][number] | undefined
  #names = 0
  #listed: Record<CaseStatus, number> = { passed: 0, skipped: 0, failed: 0, errored: 0 }

  constructor(name = '') {
    this.#open(name, '', undefined)
  }

  get size(): number {
    return this.#cases.size
  }

  /** Entries added so far, repeats included. */
  get listed(): Readonly<Record<CaseStatus, number>> & { readonly total: number } {
    const { passed, skipped, failed, errored } = this.#listed
    return { ...this.#listed, total: passed + skipped + failed + errored }
  }

  /** Cases that the report admits to so far and does not list. */
  get admitted(): TestSuite['unlisted'] {
    return this.#suites[0]?.unlisted ?? { failed: 0, skipped: 0 }
  }

  /** The index of the suite with these names, within `parent`; it is made on first use. */
  suite(name: string, { file = '', parent = 0 }: { readonly file?: string; readonly parent?: number } = {}): number {
    const key = `${parent}\0${name}\0${file}`
    const known = this.#indices.get(key)
    if (known !== undefined) return known
    const index = this.#open(name, file, parent)
    this.#indices.set(compact(key), index)
    return index
  }

  /** The innermost of suites within each other. */
  suites(names: Iterable<string>, file = '', parent = 0): number {
    let index = parent
    for (const name of names) index = this.suite(name, { file, parent: index })
    return index
  }

  add(suite: number, { name, classname = '', file = '', status, flaky = false, ...one }: NewCase): void {
    if (this.#cases.size >= MAX_CASES) throw new TooMuch(`more than ${MAX_CASES} test cases`)
    this.#count(name, classname, file)
    const seconds = one.seconds !== undefined && one.seconds >= 0 && one.seconds <= MAX_SECONDS ? one.seconds : Number.NaN
    const message = status === 'passed' ? undefined : firstLine(one.message)
    this.#listed[status] += 1
    this.#cases.add(
      this.#placeOf[suite] ?? 0,
      // Borders between names are NUL in the store.
      { name: name.replaceAll('\0', '\ufffd'), classname: classname.replaceAll('\0', '\ufffd'), file: file.replaceAll('\0', '\ufffd') },
      {
        suite,
        status,
        flaky,
        seconds,
        assertions: one.assertions,
        message: message ? compact(message) : undefined,
        properties: one.properties,
      },
    )
  }

  /** The suite itself failed, beyond its cases. */
  fail(suite: number, trouble: string): void {
    const own = this.#suites[suite]
    if (own) own.trouble ??= compact(firstLine(trouble) ?? '')
    this.admit({ failed: 1 }, suite)
  }

  /** Cases that the report admits to in a suite and does not list. */
  admit({ failed = 0, skipped = 0 }: { readonly failed?: number; readonly skipped?: number }, suite = 0): void {
    for (let at: number | undefined = suite; at !== undefined; at = this.#suites[at]?.parent) {
      const one = this.#suites[at]
      if (one) one.unlisted = { failed: one.unlisted.failed + failed, skipped: one.unlisted.skipped + skipped }
    }
  }

  /**
   * Totals that the report gives of itself: never trusted upwards. Failures and skips beyond those
   * listed are admitted to; another total is remarked on.
   */
  totals(said: { readonly tests?: number | undefined; readonly failed?: number | undefined; readonly skipped?: number | undefined }): void {
    const { total, failed, errored, skipped } = this.listed
    this.admit({
      failed: Math.max(0, (said.failed ?? 0) - failed - errored - this.admitted.failed),
      skipped: Math.max(0, (said.skipped ?? 0) - skipped - this.admitted.skipped),
    })
    if (said.tests !== undefined) this.expect('', said.tests, total)
  }

  /** The number of tests that a suite says it has, and how many it lists. */
  expect(suite: string, says: number, lists: number): void {
    if (says !== lists) this.#disagreement ??= { suite, says, lists }
  }

  /** The commit that the report names; anything but a full object id says nothing. */
  commit(id: string | undefined): void {
    if (id !== undefined && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(id)) this.#commits.add(id.toLowerCase())
  }

  end(): TestReport {
    return {
      suites: this.#suites,
      cases: this.#cases,
      repeated: this.#cases.repeated,
      disagreements: this.#disagreement ? [this.#disagreement] : [],
      commits: this.#commits,
      trees: new Set(),
    }
  }

  #open(name: string, file: string, parent: number | undefined): number {
    if (this.#suites.length >= MAX_SUITES) throw new TooMuch(`more than ${MAX_SUITES} test suites`)
    this.#count(name, file)
    this.#placeOf.push(this.#places.of(parent === undefined ? undefined : this.#placeOf[parent], name))
    this.#suites.push({
      name: compact(name),
      file: compact(file),
      properties: NO_PROPERTIES,
      unlisted: { failed: 0, skipped: 0 },
      ...(parent !== undefined && { parent }),
    })
    return this.#suites.length - 1
  }

  /** Names are kept to the end, so there is a limit to each and to all of them. */
  #count(...names: readonly string[]): void {
    for (const name of names) {
      if (name.length > MAX_NAME) throw new TooMuch(`a name longer than ${MAX_NAME} characters`)
      this.#names += name.length
    }
    if (this.#names > MAX_NAMES) throw new TooMuch(`names of more than ${MAX_NAMES} characters in all`)
  }
}
