import type { ByteParser } from '#collect/scan/text.ts'
import type { ScanHandler, StartTag } from '#collect/scan/xml.ts'
import { xmlScanner } from '#collect/scan/xml.ts'
import { branchOf, hashesOf, LineList } from './marks.ts'
import type { CoverageReport } from './model.ts'
import { CoverageBuilder, hits, lineNumber, MAX_BRANCHES_OF_A_LINE, saidOtherwise } from './model.ts'

/**
 * A push parser for Cobertura XML (coverage-04.dtd). Rates in attributes are not used. The lines of
 * a class count, those of its methods only where the class lists none: some writers put the line of
 * the declaration there, which no tool counts. Lines are merged by file, as classes share files.
 */
export function coberturaReader(): ByteParser<CoverageReport> {
  const handler = new CoberturaHandler()
  const scanner = xmlScanner(handler, { roots: ['coverage'], doctype: 'by-name' })
  return {
    write(bytes) {
      if (handler.head.length < MAX_HEAD) handler.head += Buffer.from(bytes.subarray(0, MAX_HEAD)).toString()
      scanner.write(bytes)
    },
    end: () => scanner.end(),
  }
}

/** The source folders stand before everything else, and are the only text that matters. */
const MAX_HEAD = 1 << 14

const ELEMENTS = ['coverage', 'project', 'class', 'method', 'lines', 'line'] as const
const [COVERAGE, PROJECT, CLASS, METHOD, LINES, LINE] = [0, 1, 2, 3, 4, 5]

const ATTRIBUTES = [
  'clover',
  'lines-covered',
  'lines-valid',
  'filename',
  'name',
  'signature',
  'line-rate',
  'number',
  'hits',
  'condition-coverage',
  'branch',
] as const
const [CLOVER, COVERED, VALID, FILENAME, NAME, SIGNATURE, RATE, NUMBER, HITS, CONDITIONS, BRANCH] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

const NO_CLOVER = 'this is a Clover report, and Cobertura is expected'

interface OpenMethod {
  readonly name: string
  readonly rate: string | undefined
  isCalled: boolean
  hasLines: boolean
}

class CoberturaHandler implements ScanHandler<CoverageReport> {
  readonly elements = ELEMENTS
  readonly attributes = ATTRIBUTES
  /** The beginning of the file. */
  head = ''
  readonly #builder = new CoverageBuilder()
  readonly #ofMethods = new LineList()
  #class: { readonly name: string; readonly path: string; hasLines: boolean } | undefined
  #method: OpenMethod | undefined
  #said: { readonly covered: number; readonly all: number } | undefined

  open(element: number, tag: StartTag, parent: number): string | undefined {
    switch (element) {
      case COVERAGE:
        return tag.has(CLOVER) ? NO_CLOVER : this.#totals(tag)
      case PROJECT:
        return parent === COVERAGE ? NO_CLOVER : undefined
      case CLASS: {
        const path = tag.text(FILENAME)
        if (path === undefined || path === '') return 'a <class> without a filename'
        if (this.#class) return 'a <class> inside a <class>'
        this.#class = { name: tag.text(NAME) ?? '', path, hasLines: false }
        return undefined
      }
      case METHOD: {
        const name = `${this.#class?.name ?? ''},${tag.text(NAME) ?? ''}${tag.text(SIGNATURE) ?? ''}`
        this.#method = { name, rate: tag.text(RATE), isCalled: false, hasLines: false }
        return undefined
      }
      case LINE:
        return parent === LINES ? this.#line(tag) : undefined
      default:
        return undefined
    }
  }

  close(element: number): void {
    if (element === CLASS && this.#class) {
      const ofMethods = this.#ofMethods.pack()
      if (!this.#class.hasLines) this.#builder.lines.addAll(ofMethods)
      this.#builder.close(this.#class.path)
      this.#class = undefined
    }
    if (element === METHOD && this.#method) {
      const { name, isCalled, hasLines, rate } = this.#method
      if (this.#class) this.#builder.functions.add(...hashesOf(name), hasLines ? isCalled : rate !== undefined && Number(rate) > 0)
      this.#method = undefined
    }
  }

  end(): CoverageReport {
    const found = this.#builder.files()
    const folders = sourceFolders(this.head)
    const [folder] = folders
    const isOne = folder !== undefined && folders.length === 1
    const files = isOne ? found.map((file) => ({ ...file, path: below(folder, file.path) })) : found
    return { files, paths: folders.length > 1 ? 'ends' : 'files', remarks: saidOtherwise(this.#said, files) }
  }

  #totals(tag: StartTag): undefined {
    const covered = hits(tag.text(COVERED))
    const all = hits(tag.text(VALID))
    if (covered !== undefined && all !== undefined) this.#said = { covered, all }
  }

  #line(tag: StartTag): string | undefined {
    const number = lineNumber(tag.text(NUMBER))
    const count = hits(tag.text(HITS))
    const owner = this.#class
    if (!owner) return 'a <line> outside of a <class>'
    if (number === undefined) return `${JSON.stringify(tag.text(NUMBER)?.slice(0, 40) ?? '')} is no line number`
    if (count === undefined) return `${JSON.stringify(tag.text(HITS)?.slice(0, 40) ?? '')} is no count of executions`
    if (this.#method) {
      this.#method.hasLines = true
      this.#method.isCalled ||= count > 0
      this.#ofMethods.add(number, count > 0)
    } else {
      owner.hasLines = true
      this.#builder.lines.add(number, count > 0)
    }
    return this.#branches(number, tag) ?? this.#builder.excess
  }

  /** `50% (1/2)`: which of them were taken is not said, so the first ones stand for them. */
  #branches(line: number, tag: StartTag): string | undefined {
    const text = tag.text(CONDITIONS)
    if (text === undefined || tag.text(BRANCH)?.toLowerCase() === 'false') return undefined
    const [, taken, all] = /\((\d{1,6})\/(\d{1,6})\)/.exec(text.slice(0, 100)) ?? []
    const total = Number(all)
    if (taken === undefined || Number(taken) > total || total > MAX_BRANCHES_OF_A_LINE) {
      return `condition-coverage=${JSON.stringify(text.slice(0, 40))} is no share of branches`
    }
    for (let index = 0; index < total; index += 1) this.#builder.branches.add(line, branchOf(0, index), index < Number(taken))
    return undefined
  }
}

/** What file names are relative to; nothing that stands for where the tests ran. */
const sourceFolders = (head: string): readonly string[] => {
  const texts = Array.from(
    head.slice(0, head.search(/<packages?[\s/>]/) >>> 0).matchAll(/<source>([^<&]{1,4096})<\/source>/g),
    ([, text = '']) => text.trim(),
  )
  return texts.filter((text) => text !== '' && text !== '.' && text !== './')
}

const below = (folder: string, path: string): string =>
  /^(?:[\\/]|[A-Za-z]:)/.test(path) ? path : `${folder.replace(/[\\/]$/, '')}/${path}`
