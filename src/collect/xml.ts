import { SaxesParser } from 'saxes'
import type { Outcome, TextParser } from './text.ts'

/**
 * A strict, streaming XML reader with caps. Entities beyond the five of XML do not exist, so that
 * nothing can expand; nothing is fetched.
 */
export interface XmlHandler<T> {
  /** A reason refuses the file at this place. */
  open(name: string, attributes: Attributes): string | undefined
  close(name: string): void
  end(): T
}

export type Attributes = Readonly<Record<string, string>>

export interface XmlOptions {
  /** Names a document may begin with. */
  readonly roots: readonly string[]
  /** Cobertura writers name a DTD; one that stands in the file itself is refused in any case. */
  readonly doctype: 'refused' | 'by-name'
}

const MAX_DEPTH = 200
const MAX_ATTRIBUTES = 200
const MAX_ATTRIBUTE_LENGTH = 1 << 19
/** Names are held until they end, so there is a limit to what stands between two tags. */
const MAX_BETWEEN_TAGS = 1 << 26

class Refused extends Error {}

export function createXmlParser<T>(handler: XmlHandler<T>, options: XmlOptions): TextParser<T> {
  const parser = new SaxesParser()
  const path: string[] = []
  let failure: Extract<Outcome<T>, { ok: false }> | undefined
  let written = 0
  let writtenAtTag = 0
  let attributes = 0
  let isCut = false
  let rooted = false
  let ending = false

  function refuseAt(column: number, reason: string): void {
    failure ??= { ok: false, line: parser.line, column: Math.max(1, column), reason }
  }
  /** From within the parser, which has just read the character at fault. */
  function stop(reason: string): never {
    refuseAt(parser.column, reason)
    throw new Refused()
  }
  const refuse = (reason: string): void => refuseAt(parser.column + 1, reason)

  // Not one handler more: with the ninth the parser's object turns into a dictionary and takes four times as long.
  parser.on('error', (error) => {
    const open = path.at(-1)
    if (ending && open !== undefined) stop(`the file ends before </${open}>: it is truncated`)
    stop(`not well-formed XML: ${error.message.replace(/^\d+:\d+: /, '').replace(/\.$/, '')}`)
  })
  parser.on('doctype', (doctype) => {
    if (options.doctype === 'refused' || isCut || doctype.includes('[')) stop('a DOCTYPE is refused')
  })
  parser.on('opentagstart', ({ name }) => {
    writtenAtTag = written
    attributes = 0
    isCut = false
    if (path.length >= MAX_DEPTH) stop(`elements are nested more than ${MAX_DEPTH} deep`)
    if (path.length === 0 && !rooted && !options.roots.includes(name)) {
      stop(`the root element is <${name.slice(0, 60)}>, and <${options.roots.join('> or <')}> is expected`)
    }
    rooted = true
  })
  parser.on('attribute', ({ name, value }) => {
    writtenAtTag = written
    attributes += 1
    if (attributes > MAX_ATTRIBUTES) stop(`an element has more than ${MAX_ATTRIBUTES} attributes`)
    if (isCut || value.length > MAX_ATTRIBUTE_LENGTH)
      stop(`the attribute ${name.slice(0, 60)} is longer than ${MAX_ATTRIBUTE_LENGTH} characters`)
  })
  parser.on('opentag', ({ name, attributes: found }) => {
    path.push(name)
    const reason = handler.open(name, found)
    if (reason !== undefined) stop(reason)
  })
  parser.on('closetag', ({ name }) => {
    writtenAtTag = written
    path.pop()
    handler.close(name)
  })

  function guarded(work: () => void): void {
    if (failure) return
    try {
      work()
    } catch (error) {
      if (!(error instanceof Refused)) throw error
    }
  }

  /**
   * The parser holds comments and CDATA, which nobody asks for, in pieces that take thirty times
   * their size. An attribute shares that store, and is too long when it was cut.
   */
  function cutHeldText(): void {
    const held = parser as unknown as { text: string }
    if (held.text.length <= MAX_ATTRIBUTE_LENGTH) return
    held.text = ''
    isCut = true
  }

  function feed(text: string): void {
    guarded(() => {
      written += text.length
      parser.write(text)
      cutHeldText()
      if (written - writtenAtTag > MAX_BETWEEN_TAGS) stop(`more than ${MAX_BETWEEN_TAGS} characters without a tag`)
    })
  }

  return {
    write(text) {
      const nul = text.indexOf('\0')
      feed((nul < 0 ? text : text.slice(0, nul)).replace(CONTROL, '\ufffd'))
      if (nul >= 0) refuse('a NUL character stands here')
    },
    refuse,
    end() {
      if (written === 0 && !failure) return { ok: false, line: 1, column: 1, reason: 'the file is empty' }
      ending = true
      guarded(() => parser.close())
      return failure ?? { ok: true, value: handler.end() }
    },
  }
}

// XML allows none of these, yet test runners copy terminal colours of messages into their reports.
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0001-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g
