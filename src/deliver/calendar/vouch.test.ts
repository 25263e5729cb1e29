import fc from 'fast-check'
import { expect, test } from 'vitest'
import { vouchFault } from '#deliver/calendar/vouch.ts'

const SERVER = 'mx.example.org'
const fault = (...headers: readonly string[]): string | undefined => vouchFault(headers, SERVER, 'Ada@Example.org')

test.each([
  ['DMARC', `${SERVER}; dkim=none; dmarc=pass (p=reject sp=none dis=none) header.from=example.org`],
  ['DKIM of the same domain', `${SERVER}; dkim=pass (2048-bit key) header.d=Example.org header.s=k1 header.b="a;b=c"; spf=none`],
  ['DKIM named by its identity', `${SERVER}; dkim=pass header.i=@example.org header.b=abc`],
  ['SPF of the same domain', `${SERVER} 1; spf=pass reason="(it; says) \\"so\\"" smtp.mailfrom=bounce@example.org`],
  ['one of several signatures', `${SERVER}; dkim=fail header.d=example.org; dkim=pass header.d=example.org`],
  ['folded, with comments in comments', `(a (b; dmarc=fail) c) MX.example.ORG\r\n\t(d);\r\n dmarc = pass\r\n header.from = example.org`],
])('a server vouches for an address by %s', (_, header) => {
  expect(fault(header)).toBeUndefined()
})

test.each([
  ['DMARC fails', `${SERVER}; dmarc=fail header.from=example.org`],
  ['DMARC is of another domain', `${SERVER}; dmarc=pass header.from=evil.example`],
  ['DMARC says of none', `${SERVER}; dmarc=pass`],
  ['the signature is of another domain', `${SERVER}; dkim=pass header.d=evil.example; dmarc=none`],
  ['the signature is of a domain beneath it', `${SERVER}; dkim=pass header.d=evil.example.org`],
  ['the bounce address is of another domain', `${SERVER}; spf=pass smtp.mailfrom=ada@evil.example`],
  ['SPF is of a greeting', `${SERVER}; spf=pass smtp.helo=example.org`],
  ['it passes in a comment alone', `${SERVER}; dmarc=fail (dmarc=pass header.from=example.org)`],
  ['it passes in a quoted word alone', `${SERVER}; spf=fail reason="; dmarc=pass header.from=example.org"`],
  ['it passes in a comment that does not end', `${SERVER}; none (; dmarc=pass header.from=example.org`],
  ['nothing was looked at', `${SERVER}; none`],
  ['another method passes', `${SERVER}; auth=pass header.from=example.org`],
])('and does not where %s', (_, header) => {
  expect(fault(header)).toMatch(/^mx.example.org does not vouch for example.org: it says /)
})

test('what others say does not count, nor what stands below the word of the server', () => {
  const forged = `${SERVER}; dmarc=pass header.from=example.org`
  expect(fault(`${SERVER}; dmarc=fail header.from=example.org`, forged)).toContain('dmarc=fail')
  expect(fault(`${SERVER}.evil.example; dmarc=pass header.from=example.org`)).toContain('does not say that it is from example.org')
  expect(fault('', ';', '"mx.other.example"; dmarc=pass header.from=example.org')).toContain('mx.other.example says does not count')
  expect(fault('dmarc=pass action=none header.from=example.org;compauth=pass')).toContain('somebody without a name says does not count')
  expect(fault('mx.other.example; dmarc=fail header.from=example.org', forged)).toBeUndefined()
})

test('whatever a header holds, it ends', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'();="\\ ab.\r\n'), maxLength: 200 }), (text) => {
      expect(fault(`${SERVER}; ${text}`)).toMatch(/does not vouch/)
      expect(fault(text)).toMatch(/does not say/)
    }),
  )
})
