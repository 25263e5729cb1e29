import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { describe, expect, test } from 'vitest'
import type { ByteParser } from './text.ts'
import { XmlScanner, type ScanHandler, type XmlOptions } from './xml-scan.ts'
import { xmlReader, type Attributes } from './xml.ts'

type Event = readonly [name: string, attributes: Readonly<Record<string, string>>] | string

interface Read {
  /** Undefined where the document was refused. */
  readonly events?: readonly Event[]
  readonly place?: string
  readonly reason?: string
}

const OPTIONS: XmlOptions = { roots: ['r', 'ä'], doctype: 'by-name' }

function scan(bytes: Uint8Array): Read {
  const events: Event[] = []
  const handler = {
    open: (name: string, attributes: Attributes) => void events.push([name, attributes]),
    close: (name: string) => void events.push(`/${name}`),
    end: () => events,
  }
  return fed(xmlReader(handler, OPTIONS), bytes, [])
}

/** The scanner by itself, for a reader keeps the first bytes until it knows their encoding. */
function scanInPieces(bytes: Uint8Array, cuts: readonly number[]): Read {
  const events: Event[] = []
  const open: string[] = []
  const handler: ScanHandler<Event[]> = {
    elements: [],
    attributes: [],
    open: (_, tag) => {
      open.push(tag.name)
      events.push([tag.name, Object.fromEntries(tag.attributes())])
      return undefined
    },
    close: () => void events.push(`/${open.pop()}`),
    end: () => events,
  }
  return fed(new XmlScanner(handler, OPTIONS), bytes, cuts)
}

function fed(reader: ByteParser<Event[]>, bytes: Uint8Array, cuts: readonly number[]): Read {
  let from = 0
  for (const cut of [...cuts, bytes.length]) {
    reader.write(bytes.subarray(from, from + cut))
    from += cut
  }
  const outcome = reader.end()
  return outcome.ok ? { events: outcome.value } : { place: `${outcome.line}:${outcome.column}`, reason: outcome.reason }
}

/** The strict parser that is believed. */
function oracle(text: string): Read {
  const events: Event[] = []
  const parser = new SaxesParser({ forceXMLVersion: true, defaultXMLVersion: '1.0' })
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes: found }) => void events.push([name, { ...(found as Record<string, string>) }]))
  parser.on('closetag', ({ name }) => void events.push(`/${name}`))
  try {
    parser.write(text).close()
    return { events }
  } catch (error) {
    return { reason: String(error) }
  }
}

/** Taken on purpose. */
const CONTROL_REFERENCE = /&#(?:x0*(?:[1-8bcef]|1[\da-f]|fff[ef])|0*(?:[1-8]|1[124-9]|2\d|3[01]|6553[45]));/i

const utf8 = new TextEncoder()

const name = fc.constantFrom('r', 'a', 'b', 'c:d', 'é', '_x-1.', '日本', 'ab')
const character = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...'abz 0]>-?=/;\'"', '\n', '\r', '\t', '\r\n', 'ü', '日', '😀', '\u00a0', '\u0085', '\u2028') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('&lt;', '&gt;', '&amp;', '&quot;', '&apos;', '&#65;', '&#x1F600;', '&#10;', '&#9;', '&#x0d;', '&#00065;'),
  },
)
const words = fc.array(character, { maxLength: 8 }).map((parts) => parts.join(''))
const value = words.map((text) => `"${text.replaceAll('"', '')}"`)
const space = fc.constantFrom(' ', '  ', '\n', '\t', '\r\n')
const attributes = fc
  .uniqueArray(fc.tuple(name, value, space, fc.constantFrom('=', ' = ', '=\n')), { maxLength: 4, selector: ([one]) => one })
  .map((list) => list.map(([one, text, before, equals]) => `${before}${one}${equals}${text}`).join(''))
const misc = fc.constantFrom('<!-- a - b -->', '<?pi some ? > data?>', '<!---->', '<?p?>', '\n', ' ')
const { element } = fc.letrec<{ element: string; content: string }>((tie) => ({
  element: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.tuple(name, attributes, fc.constantFrom('', ' ')).map(([one, list, end]) => `<${one}${list}${end}/>`),
    fc
      .tuple(name, attributes, fc.array(tie('content'), { maxLength: 4 }), fc.constantFrom('', ' ', '\n'))
      .map(([one, list, inner, end]) => `<${one}${list}>${inner.join('')}</${one}${end}>`),
  ),
  content: fc.oneof(
    { depthSize: 'small' },
    words.map((text) => text.replaceAll(']]>', '')),
    misc,
    fc.constantFrom('<![CDATA[ <x> & ]] ]>]]>', '<![CDATA[]]>', '<![CDATA[]]]]>'),
    tie('element'),
  ),
}))
const document = fc
  .tuple(
    fc.constantFrom('', '<?xml version="1.0"?>', "<?xml version='1.0' encoding='UTF-8' standalone = 'yes' ?>\n", '\ufeff'),
    fc.array(misc, { maxLength: 2 }),
    fc.constantFrom('', '', '<!DOCTYPE r SYSTEM "r.dtd">', '<!DOCTYPE r PUBLIC \'-//X\' "r>" >', '<!DOCTYPE r SYSTEM "[r"[ \n] >'),
    attributes,
    fc.array(element, { maxLength: 4 }),
    fc.array(misc, { maxLength: 2 }),
  )
  .map(
    ([start, before, doctype, list, inner, after]) =>
      `${start}${before.join('')}${doctype}<r${list}>${inner.join('')}</r>${after.join('')}`,
  )

const pieces = [
  ...'<>/&;"\'=]!?- \n\tarx0é',
  '<r>',
  '</r>',
  '<r',
  '<a>',
  '</a>',
  '<a/>',
  '<!--',
  '-->',
  '--',
  '<![CDATA[',
  ']]>',
  '<?',
  '?>',
  '<?xml version="1.0"?>',
  '<?xml?>',
  '<?XML ?>',
  '&lt;',
  '&x;',
  '&#0;',
  '&#xD800;',
  '&#x110000;',
  '&#x;',
  '&;',
  '& ',
  ' a="1"',
  ' a="1"b="2"',
  ' a=1',
  ' a',
  ' a="<"',
  '<!DOCTYPE r>',
  '<!DOCTYPE r[ ]>',
  '<!DOCTYPE',
  '<!x',
  '<1>',
  '< a>',
  '</ a>',
  '</a >',
  '<a a="1" a="2"/>',
  '<é ü="1"/>',
  '<·/>',
  '\u0300',
  '\u{10000}',
]
const piece = fc.constantFrom(...pieces)
/** A document, and changes to it: taken out, put in, doubled. */
const change = fc.tuple(fc.nat(), fc.nat({ max: 6 }), fc.option(piece, { nil: '' }))
const damaged = fc.tuple(document, fc.array(change, { minLength: 1, maxLength: 3 })).map(([text, changes]) => {
  const characters = [...text]
  for (const [at, length, put] of changes) characters.splice(at % (characters.length + 1), length, put)
  return characters.join('')
})
const soup = fc.array(piece, { maxLength: 14 }).map((parts) => `<r>${parts.join('')}</r>`)

const runs = Number(process.env['FUZZ_RUNS'] ?? 2_000)

describe('against a strict parser', () => {
  test.each([
    ['documents', document],
    ['damaged documents', damaged],
    ['soup', soup],
  ])('%s: accepted alike, with the same elements and values', (_, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        const found = scan(utf8.encode(text))
        const believed = oracle(text.replace(/^\ufeff/, ''))
        // A DOCTYPE may be less than the standard allows, an unknown root is not read on, and the believed one is handed text.
        if (CONTROL_REFERENCE.test(text)) return
        if (/DOCTYPE|^the root element|^the encoding/.test(found.reason ?? '')) return
        if (believed.events === undefined) expect([text, believed.reason, found.events]).toEqual([text, believed.reason, undefined])
        else expect([text, found]).toEqual([text, { events: believed.events }])
      }),
      { numRuns: runs },
    )
  })
})

test('it does not matter where the input is cut', () => {
  const many = fc.array(fc.oneof(element, misc), { minLength: 5, maxLength: 40 }).map((parts) => `<r>${parts.join('')}</r>`)
  const texts = fc.oneof(document, damaged, soup, many)
  fc.assert(
    fc.property(
      texts,
      fc.array(fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 400 })), { maxLength: 8 }),
      fc.boolean(),
      (text, cuts, isEach) => {
        const bytes = utf8.encode(text)
        expect(scanInPieces(bytes, isEach ? Array.from(bytes, () => 1) : cuts)).toEqual(scanInPieces(bytes, []))
      },
    ),
    { numRuns: runs },
  )
})

test('a tag that never ends is refused where its fault stands, on whichever piece it began', () => {
  const before = `<r>${'<a/>'.repeat(20)}`
  const text = `${before}<a b=\n"1" c=\n"&lt x="2"></a>${' '.repeat(80)}</r>`
  for (const cut of [before.length, before.length + 3, before.length + 12, text.length - 70])
    expect(scanInPieces(utf8.encode(text), [cut])).toEqual({ place: '3:2', reason: 'not well-formed XML: an "&" that begins no reference' })
})

test('any bytes: a result or a place with a reason', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.tuple(soup, fc.nat(), fc.integer({ min: 0, max: 255 })).map(([text, at, byte]) => {
      const whole = utf8.encode(text)
      whole[at % whole.length] = byte
      return whole
    }),
  )
  fc.assert(
    fc.property(bytes, (one) => {
      const { events, place, reason } = scan(one)
      if (events === undefined) expect([place, reason]).toEqual([expect.stringMatching(/^[1-9]\d*:[1-9]\d*$/), expect.stringMatching(/\S/)])
      // What is read is text that a strict decoder takes too.
      else expect(() => new TextDecoder('utf-8', { fatal: true }).decode(one)).not.toThrow()
    }),
    { numRuns: runs },
  )
})

describe('the place of the damage', () => {
  test.each([
    ['<r>\n  <a></b></r>', '2:6', 'unexpected close tag'],
    ['<r>\r\n<a x="1"\r  x="2"/></r>', '3:3', 'the attribute x stands twice'],
    ['<r>ü日😀&no;</r>', '1:7', 'undefined entity'],
    ['<r a="&no;"/>', '1:7', 'undefined entity'],
    ['<r a="<"/>', '1:7', 'a "<" within an attribute'],
    ['<r a=1/>', '1:6', 'an attribute whose value is not in quotes'],
    ['<r a/>', '1:5', 'an attribute without a value'],
    ['<r a="1"b="2"/>', '1:9', 'no space before an attribute'],
    ['<r>]]></r>', '1:6', 'a "]]>" within text'],
    ['<r><!-- -- --></r>', '1:11', 'a "--" within a comment'],
    ['<r>\n&#xD800;</r>', '2:1', '&#xD800; is no character'],
    ['<r/>\nx', '2:1', 'text data outside of root node'],
    ['\n<?xml version="1.0"?><r/>', '2:1', 'an XML declaration stands where none may'],
    ['<?xml version="2"?><r/>', '1:1', 'the XML declaration cannot be read'],
    ['<r><1/></r>', '1:5', 'a name is expected here'],
    ['<!-- nothing -->', '1:16', 'there is no element'],
  ])('%j', (text, place, reason) => {
    expect(scan(utf8.encode(text))).toEqual({ place, reason: `not well-formed XML: ${reason}` })
  })

  test.each([
    ['<r>\n<a', '2:2', 'the file ends before </r>: it is truncated'],
    ['<r>\n<!-- a', '2:6', 'the file ends before </r>: it is truncated'],
    ['<r a="1', '1:7', 'the file ends within a tag: it is truncated'],
    ['<?xml version', '1:13', 'the file ends within the XML declaration: it is truncated'],
    ['<r></r><!-- ', '1:12', 'the file ends within a comment: it is truncated'],
    ['<r>\n\0</r>', '2:1', 'a NUL character stands here'],
    ['<r>\n<a b="\0"/></r>', '2:7', 'a NUL character stands here'],
  ])('%j', (text, place, reason) => {
    expect(scan(utf8.encode(text))).toEqual({ place, reason })
  })

  test.each([
    [[0x61, 0xff]],
    [[0x61, 0xc3, 0x28]],
    [[0x61, 0xc0, 0xaf]],
    [[0x61, 0xed, 0xa0, 0x80]],
    [[0x61, 0xf4, 0x90, 0x80, 0x80]],
    [[0x61, 0xe2, 0x82]],
  ])('bytes that are no UTF-8: %j', (bytes) => {
    for (const [before, after] of [
      ['<r>', '</r>'],
      ['<r a="', '"/>'],
      ['<r><!--', '--></r>'],
      ['<r><![CDATA[', ']]></r>'],
    ] as const) {
      const whole = Buffer.concat([Buffer.from(`${before.slice(0, 2)}\n${before.slice(2)}`), Buffer.from(bytes), Buffer.from(after)])
      const text = { place: `2:${before.length}`, reason: 'the bytes here are not utf-8 text' }
      expect(scan(whole)).toEqual(text)
      expect(
        scanInPieces(
          whole,
          Array.from(whole, () => 1),
        ),
      ).toEqual(text)
    }
  })
})

test('control characters are taken as they stand, bare or as references', () => {
  expect(scan(utf8.encode('<r a="\u001b[31m&#27;"><!-- \u0001 -->\u0008&#x1b;<![CDATA[\u0002]]></r>'))).toEqual({
    events: [['r', { a: '\u001b[31m\u001b' }], '/r'],
  })
})

test('a tag in many pieces takes time in proportion to its length', () => {
  const bytes = utf8.encode(`<r ${Array.from({ length: 190 }, (_, index) => `a${index}="${'x'.repeat(40_000)}"`).join(' ')}/>`)
  expect(
    scanInPieces(
      bytes,
      Array.from({ length: bytes.length / 512 }, () => 512),
    ).events,
  ).toHaveLength(2)
  const longer = utf8.encode(`<r ${Array.from({ length: 190 }, (_, index) => `a${index}="${'x'.repeat(60_000)}"`).join(' ')}/>`)
  expect(
    scanInPieces(
      longer,
      Array.from({ length: longer.length / 512 }, () => 512),
    ),
  ).toEqual({ place: '1:1', reason: 'a tag is longer than 8388608 bytes' })
})
