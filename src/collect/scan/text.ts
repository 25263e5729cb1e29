/**
 * Text of report files: a push parser is fed chunks and ends with what the file holds, or with the
 * place and the reason why it cannot be read. Pure; files are opened elsewhere.
 */

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  /** Line and column count from 1, columns in characters. */
  | { readonly ok: false; readonly line: number; readonly column: number; readonly reason: string }

export interface TextParser<T> {
  write(text: string): void
  /** Refuses the file at the place reached so far, unless it was refused before. */
  refuse(reason: string): void
  end(): Outcome<T>
}

export interface ByteParser<T> {
  write(bytes: Uint8Array): void
  end(): Outcome<T>
}

const MAX_HEAD_BYTES = 1 << 16

/** The beginning of a file as formats look at it: decoded leniently, without a byte order mark. */
export const headOf = (path: string, bytes: Uint8Array): { readonly path: string; readonly text: string } => {
  const head = bytes.subarray(0, MAX_HEAD_BYTES)
  const encoding = encodingOf(head)
  return { path, text: new TextDecoder(isKnown(encoding) ? encoding : 'utf-8').decode(head) }
}

function isKnown(encoding: string): boolean {
  try {
    return new TextDecoder(encoding).encoding !== ''
  } catch {
    return false
  }
}

/** As much of a file as tells its encoding: a byte order mark or an XML declaration. */
const HEAD_BYTES = 256

/**
 * Decodes bytes for a parser. The byte order mark decides, then the XML declaration, else it is
 * UTF-8. A declared UTF-16 in a file of single bytes is read as UTF-8: .NET writers make such files.
 */
export function decoding<T>(parser: TextParser<T>): ByteParser<T> {
  let head: Uint8Array | undefined = new Uint8Array(0)
  let encoding = 'utf-8'
  let decoder: InstanceType<typeof TextDecoder> | undefined

  function start(bytes: Uint8Array): void {
    head = undefined
    encoding = encodingOf(bytes)
    try {
      decoder = new TextDecoder(encoding, { fatal: true })
    } catch {
      return parser.refuse(`the encoding ${encoding} is not known`)
    }
    decode(bytes)
  }

  function decode(bytes: Uint8Array): void {
    if (!decoder) return
    let text: string
    try {
      text = decoder.decode(bytes, { stream: true })
    } catch {
      decoder = undefined
      parser.write(readablePart(bytes, encoding))
      return parser.refuse(`the bytes here are not ${encoding} text`)
    }
    parser.write(text)
  }

  return {
    write(bytes) {
      if (!head) return decode(bytes)
      const joined = new Uint8Array(head.length + bytes.length)
      joined.set(head)
      joined.set(bytes, head.length)
      head = joined
      if (head.length >= HEAD_BYTES) start(head)
    },
    end() {
      if (head) start(head)
      try {
        decoder?.decode()
      } catch {
        parser.refuse(`the file ends within a ${encoding} character: it is truncated`)
      }
      return parser.end()
    },
  }
}

/** The same for a parser that reads UTF-8 itself, without its byte order mark; text in any other encoding is turned into it. */
export function asUtf8<T>(parser: ByteParser<T> & Pick<TextParser<T>, 'refuse'>): ByteParser<T> {
  let head: Buffer | undefined = Buffer.alloc(0)
  let reader: ByteParser<T> = parser

  function start(bytes: Buffer): void {
    head = undefined
    const encoding = encodingOf(bytes)
    if (encoding !== 'utf-8' && encoding !== 'utf8') {
      const { refuse } = parser
      const write = (text: string): void => parser.write(Buffer.from(text))
      reader = decoding({ write, refuse: (reason) => refuse.call(parser, reason), end: () => parser.end() })
      return reader.write(bytes)
    }
    parser.write(bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes)
  }

  return {
    write(bytes) {
      if (!head) return reader.write(bytes)
      head = Buffer.concat([head, bytes])
      if (head.length >= HEAD_BYTES) start(head)
    },
    end() {
      if (head) start(head)
      return reader.end()
    },
  }
}

function encodingOf(head: Uint8Array): string {
  const [a, b, c] = head
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8'
  if (a === 0xff && b === 0xfe) return 'utf-16le'
  if (a === 0xfe && b === 0xff) return 'utf-16be'
  if (a === 0x3c && b === 0x00) return 'utf-16le'
  if (a === 0x00 && b === 0x3c) return 'utf-16be'
  const ascii = String.fromCharCode(...head.subarray(0, HEAD_BYTES))
  const declared = /^<\?xml\s[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']([A-Za-z0-9._-]{1,40})["']/.exec(ascii)?.[1]?.toLowerCase()
  return declared === undefined || declared.startsWith('utf-16') ? 'utf-8' : declared
}

/** The text before the first byte that cannot be decoded, so that the place can be named. */
function readablePart(bytes: Uint8Array, encoding: string): string {
  // A character may have begun in the chunk before.
  let from = 0
  if (encoding === 'utf-8') while (from < 3 && ((bytes[from] ?? 0) & 0xc0) === 0x80) from += 1
  const decode = (end: number): string | undefined => {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes.subarray(from, end), { stream: true })
    } catch {
      return undefined
    }
  }
  let readable = from
  let broken = bytes.length
  while (broken - readable > 1) {
    const middle = (readable + broken) >> 1
    if (decode(middle) === undefined) broken = middle
    else readable = middle
  }
  return decode(readable) ?? ''
}
