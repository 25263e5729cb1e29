import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { describe, expect, test } from 'vitest'
import { html, markdown, markdownCode, terminal, workflowMessage, workflowProperty, xml } from '#render/encode.ts'

/** Strings made of what attacks are made of, and of anything else. */
const piece = fc.constantFrom(
  '<',
  '>',
  '&',
  '"',
  "'",
  '`',
  '*',
  '_',
  '~',
  '[',
  ']',
  '(',
  ')',
  '|',
  '\\',
  '#',
  '@',
  ':',
  '/',
  '%',
  '!',
  '-',
  '+',
  '=',
  '.',
  '1',
  ' ',
  'a',
  'é',
  '長',
  '👩‍👩‍👧',
  'שלום',
  'می‌خواهم',
  '\n',
  '\r',
  '\t',
  '\u001b[31m',
  '\u0000',
  '\u007f',
  '\u0085',
  '\u009b',
  '\u061c',
  '\u200b',
  '\u200d',
  '\u202e',
  '\u2028',
  '\u2066',
  '\ufeff',
  '\uffff',
  '\ud800',
  '\u{e0041}',
  '\u{fe01}',
  '<script>',
  '</style>',
  ']]>',
  '<!--',
  '-->',
  '&#60;',
  '::error::',
  '%0A',
  '@org/team',
  '#12',
  '!12',
  '$12',
  '&12',
  'GH-3',
  'https://x.invalid',
  'www.x.invalid',
  'javascript:alert(1)',
  '```',
  '| - |',
)
const hostile = fc.oneof(
  fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary' }),
)

const CONTROL = new RegExp(
  String.raw`[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e0fff}\p{Surrogate}]`,
  'u',
)

describe('terminal', () => {
  test('nothing that moves the cursor, hides or turns the text comes through', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(terminal(text)).not.toMatch(CONTROL)
      }),
    )
  })

  test('shown once or twice is the same', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(terminal(terminal(text))).toBe(terminal(text))
      }),
    )
  })

  test('what is hidden is shown as its escape, and spelling stays', () => {
    expect(terminal('a\u001b[2Jb\r\n\u202ec\u0085')).toBe('a\\x1b[2Jb\\r\\n\\u{202e}c\\x85')
    expect(terminal('👩‍👩‍👧 می‌خواهم')).toBe('👩‍👩‍👧 می‌خواهم')
    expect(terminal('pay\u200dpal \u{1f600}\u200d!')).toBe('pay\\u{200d}pal \u{1f600}\\u{200d}!')
  })
})

/** Reads encoded text back the way a parser would; fails where the text is not well-formed. */
function parsed(xmlText: string): string {
  const parser = new SaxesParser()
  let text = ''
  parser.on('text', (data) => (text += data))
  parser.on('error', (error) => {
    throw error
  })
  parser.write(xmlText).close()
  return text
}

describe('html and xml', () => {
  test('as text and as an attribute it reads back as what was shown, whatever it was', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        for (const encode of [html, xml]) {
          expect(parsed(`<a>${encode(text)}</a>`)).toBe(terminal(text))
          expect(parsed(`<a b="${encode(text)}" c='${encode(text)}'>x</a>`)).toBe('x')
        }
      }),
    )
  })
})

/** The inverse of the Markdown encoder, written apart from it: entities and backslash escapes only. */
const unescaped = (text: string): string =>
  text.replace(/&(#8203|#124|amp|lt|gt);|\\([!-/:-@[-`{-~])/g, (_match, entity: string | undefined, mark: string | undefined) =>
    entity === undefined ? (mark ?? '') : ({ '#8203': '', '#124': '|', amp: '&', lt: '<', gt: '>' }[entity] ?? ''),
  )

describe('markdown', () => {
  test('reads back as what was shown', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(unescaped(markdown(text))).toBe(terminal(text).trim())
      }),
    )
  })

  test('no construct of CommonMark, no table cell, no HTML begins or ends in it', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const bare = markdown(text)
          .replace(/&(?:#8203|#124|amp|lt|gt);/g, '')
          .replace(/\\[!-/:-@[-`{-~]/g, '')
        expect(bare).not.toMatch(/[\\`*[\]~<>|$\n\r]/)
        expect(bare).not.toMatch(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/)
        expect(markdown(text)).not.toMatch(/^(?:[-+](?:\s|$)|#{1,6}(?:\s|$)|=|\d{1,9}[.)](?:\s|$)|\s)/)
      }),
    )
  })

  test('nobody is mentioned, no issue is linked, no address becomes a link', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(markdown(text)).not.toMatch(
          /@[\p{L}\p{N}_-]|(?<!&)#\d|[!$]\d|&amp;\d|(?<![a-z0-9])gh-\d|:\/\/|(?<![a-z0-9])(?:www|mailto|xmpp)[.:]/iu,
        )
      }),
    )
  })

  test('plain words and numbers stay as people write them', () => {
    for (const text of ['tests_passed in src/a-b.ts', '-8.1 % to -5 %', '1.3 % (95 % interval)', "the stream's paths; done!"])
      expect(markdown(text)).toBe(text)
  })

  test('code is code only where it cannot end early', () => {
    expect(markdownCode('feature/a-b')).toBe('`feature/a-b`')
    fc.assert(
      fc.property(hostile, (text) => {
        expect(markdownCode(text).replace(/^`[^`|\\]*`$/, '')).not.toMatch(/(?<!\\)`|\|/)
      }),
    )
  })
})

describe('workflow commands', () => {
  test('one command stays one line with one title, and reads back', () => {
    fc.assert(
      fc.property(hostile, hostile, (title, message) => {
        const line = `::error title=${workflowProperty(title)}::${workflowMessage(message)}`
        expect(line).not.toMatch(/[\r\n]/)
        const match = /^::error title=([^,:]*)::(.*)$/.exec(line)
        const decode = (text = ''): string =>
          text.replace(/%(25|0D|0A|3A|2C)/g, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
        expect(decode(match?.[1])).toBe(terminal(title))
        expect(decode(match?.[2])).toBe(terminal(message))
      }),
    )
  })
})
