import { decodePath } from './diff.ts'

export type FileVisitor = (path: string, oid: string) => void

const [NUL, TAB] = [0, 0x09]
/** `100644 blob `, `100755 blob `; a link begins with 12, a submodule with 16. */
const [MODE_LENGTH, FILE] = [12, 0x30]

/** Takes the output of `git ls-tree -r -z` piece by piece and hands over its regular files. */
export function fileLister(visit: FileVisitor): (piece: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (piece) => {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    let start = 0
    for (let end = bytes.indexOf(NUL); end >= 0; end = bytes.indexOf(NUL, start)) {
      if (bytes[start + 1] === FILE) {
        const tab = bytes.indexOf(TAB, start + MODE_LENGTH)
        visit(pathOf(bytes, tab + 1, end), bytes.toString('latin1', start + MODE_LENGTH, tab))
      }
      start = end + 1
    }
    rest = bytes.subarray(start)
  }
}

function pathOf(bytes: Buffer, from: number, to: number): string {
  for (let at = from; at < to; at += 1) if ((bytes[at] as number) >= 0x80) return decodePath(bytes.subarray(from, to))
  return bytes.toString('latin1', from, to)
}
