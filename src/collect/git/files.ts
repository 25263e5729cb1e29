import { isAscii } from 'node:buffer'
import { decodePath } from './diff.ts'

export type FileVisitor = (path: string, oid: string) => void

/** `100644 blob `, `100755 blob `; a link begins with 12, a submodule with 16. */
const [MODE_LENGTH, FILE] = [12, 0x30]

/** Takes the output of `git ls-tree -r -z` piece by piece and hands over its regular files. */
export function fileLister(visit: FileVisitor): (piece: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (piece) => {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    // A character a byte: a string is searched and cut in a third of the time that bytes take.
    const text = bytes.toString('latin1')
    const isPlain = isAscii(bytes)
    let start = 0
    for (let end = text.indexOf('\0'); end >= 0; end = text.indexOf('\0', start)) {
      if (bytes[start + 1] === FILE) {
        const tab = text.indexOf('\t', start + MODE_LENGTH)
        visit(isPlain ? text.slice(tab + 1, end) : pathOf(bytes, tab + 1, end), text.slice(start + MODE_LENGTH, tab))
      }
      start = end + 1
    }
    // The piece is the lender's again once this returns.
    rest = Buffer.from(bytes.subarray(start))
  }
}

function pathOf(bytes: Buffer, from: number, to: number): string {
  for (let at = from; at < to; at += 1) if ((bytes[at] as number) >= 0x80) return decodePath(bytes.subarray(from, to))
  return bytes.toString('latin1', from, to)
}
