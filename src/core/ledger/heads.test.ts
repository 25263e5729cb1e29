import fc from 'fast-check'
import { expect, test } from 'vitest'
import { headLine, parseHead, parseHeads } from '#core/ledger/heads.ts'

const hash = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 })
const noted = fc.record({ program: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._, -]{0,20}[a-z]$/), seq: fc.nat({ max: 1e15 - 1 }), hash })

test('heads come back from files and notes as they were', () => {
  fc.assert(
    fc.property(fc.array(noted), (heads) => {
      const lines = heads.map((head) => headLine(head.program, head, '2026-02-25T14:00:00Z'))
      expect(parseHeads(lines.join('\r\n\n'))).toEqual({ heads, wrong: [] })
      for (const { seq, hash: of } of heads) expect(parseHead(`${seq}:${of}`)).toEqual({ seq, hash: of })
    }),
  )
})

test('whatever is no head is named by its line, and nothing is taken for one', () => {
  const good = headLine('demo', { seq: 3, hash: 'a'.repeat(64) }, '2026-02-25T14:00:00Z')
  for (const bad of [
    'hello',
    '{}',
    'null',
    '[1]',
    good.slice(0, -1),
    `x ${good}`,
    `${good} x`,
    `{"program":"demo","seq":3,"hash":"${'A'.repeat(64)}"}`,
    `{"program":"demo","seq":-3,"hash":"${'a'.repeat(64)}"}`,
    `{"program":1,"seq":3,"hash":"${'a'.repeat(64)}"}`,
    `{"schemaVersion":2,"program":"demo","seq":3,"hash":"${'a'.repeat(64)}"}`,
  ])
    expect([bad, parseHeads(`${good}\n${bad}\n`)]).toEqual([
      bad,
      { heads: [{ program: 'demo', seq: 3, hash: 'a'.repeat(64) }], wrong: [2] },
    ])
})
