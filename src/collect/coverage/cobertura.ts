import type { TextParser } from '../text.ts'
import type { Attributes, XmlHandler } from '../xml.ts'
import { createXmlParser } from '../xml.ts'
import type { CoverageReport, FileBuilder } from './model.ts'
import { CoverageBuilder, hits, lineNumber, TOO_LARGE } from './model.ts'

/**
 * A push parser for Cobertura XML (coverage-04.dtd). Rates in attributes are not used. The lines of
 * a class count, those of its methods only where the class lists none: some writers put the line of
 * the declaration there, which no tool counts. Lines are merged by file, as classes share files.
 */
export const createCoberturaParser = (): TextParser<CoverageReport> =>
  createXmlParser(new CoberturaHandler(), { roots: ['coverage'], doctype: 'by-name' })

const MAX_BRANCHES_OF_A_LINE = 1_000
const MAX_METHOD_LINES = 1_000_000

interface OpenClass {
  readonly name: string
  readonly file: FileBuilder
  hasLines: boolean
  readonly ofMethods: Map<number, boolean>
}

class CoberturaHandler implements XmlHandler<CoverageReport> {
  readonly #builder = new CoverageBuilder()
  readonly #open: string[] = []
  #class: OpenClass | undefined
  #method: { readonly key: string; isCalled: boolean; hasLines: boolean; readonly rate: string | undefined } | undefined
  #said: { readonly covered: number; readonly valid: number } | undefined

  open(name: string, attributes: Attributes): string | undefined {
    const parent = this.#open.at(-1)
    this.#open.push(name)
    switch (name) {
      case 'coverage':
        if (attributes['clover'] !== undefined) return 'this is a Clover report, and Cobertura is expected'
        return this.#totals(attributes)
      case 'project':
        return parent === 'coverage' ? 'this is a Clover report, and Cobertura is expected' : undefined
      case 'class': {
        const path = attributes['filename']
        if (path === undefined || path === '') return 'a <class> without a filename'
        this.#class = { name: attributes['name'] ?? '', file: this.#builder.file(path), hasLines: false, ofMethods: new Map() }
        return undefined
      }
      case 'method':
        this.#method = {
          key: `${this.#class?.name ?? ''},${attributes['name'] ?? ''}${attributes['signature'] ?? ''}`,
          isCalled: false,
          hasLines: false,
          rate: attributes['line-rate'],
        }
        return undefined
      case 'line':
        return parent === 'lines' ? this.#line(attributes) : undefined
      default:
        return undefined
    }
  }

  close(name: string): void {
    this.#open.pop()
    if (name === 'class' && this.#class) {
      const { file, hasLines, ofMethods } = this.#class
      if (!hasLines) for (const [line, isReached] of ofMethods) file.line(line, isReached)
      this.#class = undefined
    }
    if (name === 'method' && this.#method) {
      const { key, isCalled, hasLines, rate } = this.#method
      this.#class?.file.function(key, hasLines ? isCalled : rate !== undefined && Number(rate) > 0)
      this.#method = undefined
    }
  }

  end(): CoverageReport {
    const files = this.#builder.files
    const valid = files.reduce((sum, { lines }) => sum + lines.size, 0)
    const covered = files.reduce((sum, { lines }) => sum + [...lines.values()].filter(Boolean).length, 0)
    const said = this.#said
    const agrees = !said || (said.covered === covered && said.valid === valid)
    return {
      files,
      remarks: agrees ? [] : [`the report says ${said.covered} of ${said.valid} lines and lists ${covered} of ${valid} (the list counts)`],
    }
  }

  #totals(attributes: Attributes): undefined {
    const covered = hits(attributes['lines-covered'])
    const valid = hits(attributes['lines-valid'])
    if (covered !== undefined && valid !== undefined) this.#said = { covered, valid }
  }

  #line(attributes: Attributes): string | undefined {
    const number = lineNumber(attributes['number'])
    const count = hits(attributes['hits'])
    const owner = this.#class
    if (!owner) return 'a <line> outside of a <class>'
    if (number === undefined) return `${JSON.stringify(attributes['number']?.slice(0, 40) ?? '')} is no line number`
    if (count === undefined) return `${JSON.stringify(attributes['hits']?.slice(0, 40) ?? '')} is no count of executions`
    if (this.#method) {
      this.#method.hasLines = true
      this.#method.isCalled ||= count > 0
      owner.ofMethods.set(number, owner.ofMethods.get(number) === true || count > 0)
    } else {
      owner.hasLines = true
      owner.file.line(number, count > 0)
    }
    const problem = this.#branches(owner.file, number, attributes)
    return problem ?? (this.#builder.isTooLarge || owner.ofMethods.size > MAX_METHOD_LINES ? TOO_LARGE : undefined)
  }

  /** `50% (1/2)`: which of them were taken is not said, so the first ones stand for them. */
  #branches(file: FileBuilder, line: number, attributes: Attributes): string | undefined {
    const text = attributes['condition-coverage']
    if (text === undefined || attributes['branch']?.toLowerCase() === 'false') return undefined
    const [, taken, all] = /\((\d{1,6})\/(\d{1,6})\)/.exec(text.slice(0, 100)) ?? []
    const total = Number(all)
    if (taken === undefined || Number(taken) > total || total > MAX_BRANCHES_OF_A_LINE) {
      return `condition-coverage=${JSON.stringify(text.slice(0, 40))} is no share of branches`
    }
    for (let index = 0; index < total; index += 1) file.branch(`${line},${index}`, index < Number(taken))
    return undefined
  }
}
