import type { ByteParser, TextParser } from '../text.ts'
import { decoding } from '../text.ts'
import { createCoberturaParser } from './cobertura.ts'
import { createLcovParser } from './lcov.ts'
import type { CoverageReport } from './model.ts'

/** A push parser for either format, told apart by the first character that is no space. */
export function createCoverageParser(): TextParser<CoverageReport> {
  let before = ''
  let parser: TextParser<CoverageReport> | undefined
  const choose = (first: string | undefined): TextParser<CoverageReport> =>
    (parser = first === '<' ? createCoberturaParser() : createLcovParser())
  return {
    write(text) {
      if (parser) return parser.write(text)
      const first = /\S/.exec(text)?.[0]
      if (first === undefined && before.length < MAX_BLANK) {
        before += text
        return
      }
      choose(first).write(before + text)
    },
    refuse: (reason) => (parser ?? choose(undefined)).refuse(reason),
    end() {
      if (parser) return parser.end()
      if (before === '') return { ok: false, line: 1, column: 1, reason: 'the file is empty' }
      const blank = choose(undefined)
      blank.write(before)
      return blank.end()
    },
  }
}

const MAX_BLANK = 10_000

export const coverageReader = (): ByteParser<CoverageReport> => decoding(createCoverageParser())
