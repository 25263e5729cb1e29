import { isAscii } from 'node:buffer'
import { languageByText } from '#collect/source-code/language-of.ts'
import type { Language } from '#collect/source-code/languages.ts'
import type { LineCounts } from '#collect/scan/line-scan.ts'
import { countLines } from '#collect/scan/line-scan.ts'

/** What the path of a file tells of its language; `script` and `m`: its text tells. */
export type Told = Language | 'script' | 'm'

/** The lines of one blob; without a language it is binary, or of none that is known. */
export interface BlobCounts extends LineCounts {
  readonly language: Language | 'binary' | undefined
}

const NOTHING: LineCounts = { code: 0, comment: 0, blank: 0 }

/** As git has it: a NUL in the first 8,000 bytes. */
const TELLING_BYTES = 8_000

export function countBlob(told: Told, content: Uint8Array): BlobCounts {
  if (content.subarray(0, TELLING_BYTES).includes(0)) return { language: 'binary', ...NOTHING }
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length)
  // One byte a character is several times faster to make and to read.
  const isPlain = isAscii(bytes)
  const text = bytes.toString(isPlain ? 'latin1' : 'utf8')
  const language = typeof told === 'string' ? languageByText(told, text) : told
  return { language, ...(language === undefined ? NOTHING : countLines(language, text, isPlain ? bytes : undefined)) }
}
