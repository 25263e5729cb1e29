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
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(content.buffer, content.byteOffset, content.length)
  const nul = bytes.indexOf(0)
  if (nul >= 0 && nul < TELLING_BYTES) return { language: 'binary', ...NOTHING }
  // A byte for each character is what the scanner reads: no text has to be made of it.
  const text = isAscii(bytes) ? bytes : bytes.toString('utf8')
  const language = typeof told === 'string' ? languageByText(told, typeof text === 'string' ? text : text.toString('latin1')) : told
  if (language === undefined) return { language, ...NOTHING }
  const { code, comment, blank } = countLines(language, text)
  return { language, code, comment, blank }
}
