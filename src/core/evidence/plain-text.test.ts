import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lastLines, plainText } from '#core/evidence/plain-text.ts'

test('colours, links, titles and cursor moves go, what they dress stays', () => {
  expect(
    plainText('\u001b[1;31mFAIL\u001b[0m reader \u001b]8;;https://example.org\u001b\\here\u001b]8;;\u0007\u001b[2K\u001b(B done'),
  ).toBe('FAIL reader here done')
})

test('a progress line that redraws itself is its last state', () => {
  expect(plainText('10 %\r50 %\r100 %\r\nend\r\n')).toBe('100 %\nend\n')
})

test('a sequence without an end costs one line at most', () => {
  expect(plainText('a\u001b]0;title without end\nb')).toBe('a\nb')
})

test('characters that turn text around or hide it go', () => {
  expect(plainText('ab\u202Etxt\u2066x\u200By\u0000z\ufeff')).toBe('abtxtxyz')
})

test('nothing that a terminal acts on survives, whatever comes', () => {
  const nasty = fc.array(fc.constantFrom('\u001b', '[', ']', 'P', '\u009b', '\u0007', '\r', '\n', '0', ';', 'm', '\u202e', 'é', '😀'), {
    maxLength: 60,
  })
  fc.assert(
    fc.property(nasty, (parts) => {
      const text = plainText(parts.join(''))
      // oxlint-disable-next-line no-control-regex -- exactly these must not pass
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u)
      expect(plainText(text)).toBe(text)
    }),
  )
})

test('the last lines are those that hold something, cut to a width', () => {
  expect(lastLines('one\n\n  two  \n\n' + 'x'.repeat(10) + '\n', 2, 5)).toEqual(['  two', 'xxxx…'])
})
