import type { ByteParser } from '#collect/scan/text.ts'
import type { ScanHandler, StartTag } from '#collect/scan/xml.ts'
import { xmlScanner } from '#collect/scan/xml.ts'
import { branchOf, hashOfText } from './marks.ts'
import type { CoverageReport } from './model.ts'
import { CoverageBuilder, hits, lineNumber, MAX_BRANCHES_OF_A_LINE, saidOtherwise } from './model.ts'

/**
 * A push parser for JaCoCo's XML (report.dtd 1.1). A line counts that holds instructions, and is
 * reached where one of them was executed; its branches are `mb` missed and `cb` covered ones. A
 * file is named by package and name, as JaCoCo knows no folders, and by its groups before a colon.
 */
export const jacocoReader = (): ByteParser<CoverageReport> => xmlScanner(new JacocoHandler(), { roots: ['report'], doctype: 'by-name' })

const ELEMENTS = ['report', 'group', 'package', 'class', 'method', 'sourcefile', 'line', 'counter'] as const
const [REPORT, GROUP, PACKAGE, CLASS, METHOD, SOURCE_FILE, LINE, COUNTER] = [0, 1, 2, 3, 4, 5, 6, 7]

const ATTRIBUTES = ['name', 'sourcefilename', 'desc', 'line', 'nr', 'mi', 'ci', 'mb', 'cb', 'type', 'missed', 'covered'] as const
const [NAME, SOURCE_NAME, DESCRIPTOR, FIRST_LINE, NUMBER, MISSED_INSTRUCTIONS, INSTRUCTIONS, MISSED_BRANCHES, BRANCHES] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8,
]
const [TYPE, MISSED, COVERED] = [9, 10, 11]

class JacocoHandler implements ScanHandler<CoverageReport> {
  readonly elements = ELEMENTS
  readonly attributes = ATTRIBUTES
  readonly #builder = new CoverageBuilder()
  readonly #groups: string[] = []
  #package = ''
  /** Of the open class or source file; undefined where it does not say which file it is in. */
  #path: string | undefined
  #class = ''
  #method: { readonly name: string; readonly line: number; isCalled: boolean } | undefined
  #said: { readonly covered: number; readonly all: number } | undefined

  open(element: number, tag: StartTag, parent: number): string | undefined {
    switch (element) {
      case GROUP:
        this.#groups.push(tag.text(NAME) ?? '')
        return undefined
      case PACKAGE:
        this.#package = tag.text(NAME) ?? ''
        return undefined
      case CLASS:
        this.#class = tag.text(NAME) ?? ''
        return this.#openFile(tag.text(SOURCE_NAME), parent)
      case SOURCE_FILE:
        return tag.has(NAME) ? this.#openFile(tag.text(NAME), parent) : 'a <sourcefile> without a name'
      case METHOD: {
        const name = `${this.#class}.${tag.text(NAME) ?? ''}${tag.text(DESCRIPTOR) ?? ''}`
        this.#method = { name, line: lineNumber(tag.text(FIRST_LINE)) ?? 0, isCalled: false }
        return undefined
      }
      case LINE:
        return parent === SOURCE_FILE ? this.#line(tag) : 'a <line> outside of a <sourcefile>'
      case COUNTER:
        return this.#counter(tag, parent)
      default:
        return undefined
    }
  }

  close(element: number): void {
    if (element === GROUP) this.#groups.pop()
    else if (element === METHOD && this.#method) {
      const { name, line, isCalled } = this.#method
      if (this.#path !== undefined) this.#builder.functions.add(line, hashOfText(name), isCalled)
      this.#method = undefined
    } else if ((element === CLASS || element === SOURCE_FILE) && this.#path !== undefined) {
      this.#builder.close(this.#path)
      this.#path = undefined
    }
  }

  end(): CoverageReport {
    const files = this.#builder.files()
    return { files, paths: 'ends', remarks: saidOtherwise(this.#said, files) }
  }

  #openFile(name: string | undefined, parent: number): string | undefined {
    if (parent !== PACKAGE) return 'a class or source file outside of a <package>'
    const path = this.#package === '' ? name : `${this.#package}/${name}`
    this.#path = name === undefined || name === '' ? undefined : [...this.#groups, path].join(':')
    return this.#builder.excess
  }

  #line(tag: StartTag): string | undefined {
    const number = lineNumber(tag.text(NUMBER))
    if (number === undefined) return `${JSON.stringify(tag.text(NUMBER)?.slice(0, 40) ?? '')} is no line number`
    const counts = [MISSED_INSTRUCTIONS, INSTRUCTIONS, MISSED_BRANCHES, BRANCHES].map((attribute) => hits(tag.text(attribute) ?? '0'))
    const [missed, executed, missedBranches, taken] = counts
    if (missed === undefined || executed === undefined || missedBranches === undefined || taken === undefined)
      return `the counters of line ${number} are no counts`
    if (missedBranches + taken > MAX_BRANCHES_OF_A_LINE) return `line ${number} has more than ${MAX_BRANCHES_OF_A_LINE} branches`
    if (missed + executed > 0) this.#builder.lines.add(number, executed > 0)
    // Which of them were taken is not said, so the first ones stand for them.
    for (let index = 0; index < missedBranches + taken; index += 1) this.#builder.branches.add(number, branchOf(0, index), index < taken)
    return this.#builder.excess
  }

  #counter(tag: StartTag, parent: number): string | undefined {
    const isOfMethod = parent === METHOD && tag.text(TYPE) === 'METHOD'
    if (!isOfMethod && !(parent === REPORT && tag.text(TYPE) === 'LINE')) return undefined
    const missed = hits(tag.text(MISSED))
    const covered = hits(tag.text(COVERED))
    if (missed === undefined || covered === undefined) return `a counter of ${isOfMethod ? 'methods' : 'lines'} holds no counts`
    if (!isOfMethod) this.#said = { covered, all: covered + missed }
    else if (this.#method) this.#method.isCalled = covered > 0
    return undefined
  }
}
