import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

const list = (...subnets: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[]): BlockList => {
  const made = new BlockList()
  for (const subnet of subnets) made.addSubnet(...subnet)
  return made
}

const LOOPBACK = list(['127.0.0.0', 8, 'ipv4'], ['::1', 128, 'ipv6'])
/** Never a forge: this host, link-local with the metadata services of clouds, multicast, reserved. */
const NEVER = list(
  ['0.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 128, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
)
const PRIVATE = list(
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['fc00::', 7, 'ipv6'],
)

/** Which addresses a host may have, beside public ones. `loopback`: those alone. */
export type Reach = 'public' | 'private' | 'loopback'

/** Why an IP address must not be called; undefined when it may. */
export function addressProblem(address: string, reach: Reach): string | undefined {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  const isLoopback = LOOPBACK.check(address, family)
  if (reach === 'loopback') return isLoopback ? undefined : 'it is not on this machine'
  if (isLoopback) return 'it is this machine itself'
  if (NEVER.check(address, family)) return 'it is link-local or reserved'
  if (reach === 'public' && PRIVATE.check(address, family)) return 'it is a private address'
  return undefined
}

/** Resolves a name and checks every address; the connection is made to one that was checked, so a second answer changes nothing. */
export const checkedLookup =
  (reach: Reach): LookupFunction =>
  (host, options, callback) =>
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, [])
      for (const { address } of addresses) {
        const problem = addressProblem(address, reach)
        if (problem !== undefined) return callback(new Error(`${host} is ${address}: ${problem}`), [])
      }
      const [first] = addresses
      if (!first) return callback(new Error(`${host} has no address`), [])
      if (options.all === true) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
