import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

/** Proxies whose word on where a request comes from counts: addresses and subnets. @throws for what is none. */
export function proxyList(entries: readonly string[]): BlockList {
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    const isSubnet = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 'ipv6' ? 128 : 32))
    if (isIP(address) === 0 || !isSubnet) throw new TypeError(`${entry} is no address of a proxy`)
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}

const MAPPED = /^::ffff:(?=\d+\.)/i

/**
 * Where a request comes from. What a proxy adds to `X-Forwarded-For` is believed from the right, as
 * long as proxies that are trusted say it; everything before that anybody may have written.
 */
export function addressOf(request: Pick<IncomingMessage, 'socket' | 'headers'> | undefined, proxies: BlockList): string {
  const peer = (request?.socket.remoteAddress ?? 'unknown').replace(MAPPED, '')
  const isProxy = (address: string): boolean => isIP(address) !== 0 && proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  if (!isProxy(peer)) return peer
  const header = request?.headers['x-forwarded-for'] ?? ''
  const told = (Array.isArray(header) ? header.join(',') : header).split(',').map((one) => one.trim().replace(MAPPED, ''))
  for (const address of told.toReversed()) {
    if (isIP(address) === 0) return peer
    if (!isProxy(address)) return address
  }
  return peer
}
