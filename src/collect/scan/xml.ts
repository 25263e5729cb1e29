import type { ByteParser } from './text.ts'
import { asUtf8 } from './text.ts'
import type { ScanHandler, XmlOptions } from './xml-scan.ts'
import { XmlScanner } from './xml-scan.ts'

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

export type { ScanHandler } from './xml-scan.ts'
export type { StartTag } from './xml-tag.ts'

/** A push parser for XML in any encoding, for handlers that ask for elements and attributes by number. */
export const xmlScanner = <T>(handler: ScanHandler<T>, options: XmlOptions): ByteParser<T> => asUtf8(new XmlScanner(handler, options))

/** The same for handlers that take all of them by name. */
export function xmlReader<T>(handler: XmlHandler<T>, options: XmlOptions): ByteParser<T> {
  const open: string[] = []
  return xmlScanner<T>(
    {
      elements: [],
      attributes: [],
      open(_, tag) {
        const { name } = tag
        open.push(name)
        return handler.open(name, Object.fromEntries(tag.attributes()))
      },
      close: () => handler.close(open.pop() ?? ''),
      end: () => handler.end(),
    },
    options,
  )
}

/** Name of the root element of a file that begins so; undefined where this is no XML, or it is too far down. */
export const rootOf = (head: string): string | undefined =>
  /^\s*(?:<\?[^>]{0,500}\?>\s*|<!--(?:(?!-->)[^])*-->\s*|<!DOCTYPE\s[^>[]{0,500}(?:\[\s*\]\s*)?>\s*)*<([A-Za-z_][\w:.-]{0,99})(?=[\s/>])/.exec(
    head,
  )?.[1]
