import type { IncomingMessage } from 'node:http'
import { expect, it } from 'vitest'
import { addressOf, proxyList } from '#server/auth/address.ts'

const from = (remoteAddress: string, forwarded?: string) =>
  ({ socket: { remoteAddress }, headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage

it('is what a trusted proxy says, and nothing that anybody may have written before it', () => {
  const none = proxyList([])
  const some = proxyList(['127.0.0.1', '10.0.0.0/8', 'fd00::/8'])
  expect(addressOf(from('203.0.113.9', '1.1.1.1'), none)).toBe('203.0.113.9')
  expect(addressOf(from('203.0.113.9', '1.1.1.1'), some)).toBe('203.0.113.9')
  expect(addressOf(from('127.0.0.1', '203.0.113.9'), some)).toBe('203.0.113.9')
  expect(addressOf(from('::ffff:127.0.0.1', '1.1.1.1, 203.0.113.9, 10.3.2.1'), some)).toBe('203.0.113.9')
  expect(addressOf(from('fd00::1', '2001:db8::7'), some)).toBe('2001:db8::7')
  expect(addressOf(from('127.0.0.1', 'nonsense'), some)).toBe('127.0.0.1')
  expect(addressOf(from('127.0.0.1'), some)).toBe('127.0.0.1')
  expect(() => proxyList(['10.0.0.0/x'])).toThrow('no address')
  expect(() => proxyList(['10.0.0.0/33'])).toThrow('no address')
  expect(() => proxyList(['example.org'])).toThrow('no address')
})
