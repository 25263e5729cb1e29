import { Incomplete, LineError, lineParser } from '#collect/scan/lines.ts'
import type { LineHandler } from '#collect/scan/lines.ts'
import type { ByteParser } from '#collect/scan/text.ts'
import { decoding } from '#collect/scan/text.ts'
import { hashOfText } from './marks.ts'
import type { CoverageReport } from './model.ts'
import { CoverageBuilder, hits, lineNumber, shareOf } from './model.ts'

/**
 * A push parser for the profiles of `go test -coverprofile` (golang.org/x/tools/cover). A profile
 * lists blocks of statements; its lines are those that a block with statements reaches over, as
 * `go tool cover -html` paints them. Profiles may follow one another, each with its mode line, and
 * name a block many times, as with `-coverpkg`: reached once is reached.
 */
export const goReader = (): ByteParser<CoverageReport> => decoding(lineParser(new GoProfile()))

const MODE = /^mode: (?:set|count|atomic)$/
const BLOCK = /^(.+):(\d{1,10})\.(\d{1,10}),(\d{1,10})\.(\d{1,10}) (\d{1,10}) (\d{1,20})$/
const MAX_LINES_OF_A_BLOCK = 100_000
const MAX_STATEMENTS_OF_A_BLOCK = 10_000

class GoProfile implements LineHandler<CoverageReport> {
  readonly #builder = new CoverageBuilder()
  /** Statements in the place of branches: what `go tool cover -func` counts. */
  readonly #statements = new CoverageBuilder()
  #hasMode = false
  #path: string | undefined

  line(text: string, isLast: boolean): void {
    if (MODE.test(text)) {
      this.#hasMode = true
      return
    }
    if (text === '') return
    if (!this.#hasMode) throw new LineError('a Go coverage profile begins with "mode: set", "mode: count" or "mode: atomic"')
    const [, path, startLine, , endLine, endColumn, statements, count] = BLOCK.exec(text) ?? []
    // Nothing after it, not even a line ending: the last number may have lost digits.
    if (isLast) throw new Incomplete('the last line does not end')
    if (path === undefined) throw new LineError(`${JSON.stringify(text.slice(0, 80))} is no block of a coverage profile`)
    if (path !== this.#path) this.#close()
    this.#path = path
    this.#block(text, {
      start: lineNumber(startLine),
      end: lineNumber(endLine),
      endColumn,
      statements: hits(statements),
      count: hits(count),
    })
    const excess = this.#builder.excess ?? this.#statements.excess
    if (excess !== undefined) throw new LineError(excess)
  }

  end(): CoverageReport {
    this.#close()
    if (!this.#hasMode) throw new LineError('a Go coverage profile begins with "mode: set", "mode: count" or "mode: atomic"')
    const { covered, all } = shareOf(this.#statements.files(), 'branches')
    const remarks = all === 0 ? [] : [`Go counts statements: ${covered} of ${all}`]
    return { files: this.#builder.files(), paths: 'modules', remarks }
  }

  #block(
    text: string,
    block: {
      readonly start: number | undefined
      readonly end: number | undefined
      readonly endColumn: string | undefined
      readonly statements: number | undefined
      readonly count: number | undefined
    },
  ): void {
    const { start, end, statements, count } = block
    if (start === undefined || end === undefined || end < start)
      throw new LineError(`${JSON.stringify(text.slice(0, 80))} is no range of lines`)
    if (statements === undefined || count === undefined) throw new LineError(`${JSON.stringify(text.slice(0, 80))} holds no counts`)
    if (end - start > MAX_LINES_OF_A_BLOCK || statements > MAX_STATEMENTS_OF_A_BLOCK)
      throw new LineError(`a block of more than ${MAX_LINES_OF_A_BLOCK} lines or ${MAX_STATEMENTS_OF_A_BLOCK} statements`)
    if (statements === 0) return
    // A block that ends before the first column has nothing on that line.
    const last = block.endColumn === '1' && end > start ? end - 1 : end
    for (let line = start; line <= last; line += 1) this.#builder.lines.add(line, count > 0)
    const range = text.slice(0, text.lastIndexOf(' '))
    for (let index = 0; index < statements; index += 1) this.#statements.branches.add(start, hashOfText(range, index), count > 0)
  }

  #close(): void {
    if (this.#path === undefined) return
    this.#builder.close(this.#path)
    this.#statements.close(this.#path)
  }
}
