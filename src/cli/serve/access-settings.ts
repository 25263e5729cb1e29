import { CommandError, type Io } from '#cli/io.ts'
import { proxyList } from '#server/auth/address.ts'
import type { IssuerOptions } from '#server/auth/issuer.ts'
import { isLoopbackHost } from '#server/auth/loopback.ts'
import { secretIn } from '#net/secret.ts'

/** Who is let in, and where from: what the environment says of it. */
export interface AccessSettings {
  /** Only the owner of this machine, by a link. Else people sign in, or hold tokens. */
  readonly isLocal: boolean
  readonly issuer?: IssuerOptions
  /** What people open, without a slash at its end. */
  readonly home?: string
  readonly proxies: readonly string[]
}

const GUIDE = 'docs/guide/access.md says how'

/**
 * @param host Address that is listened on.
 * @param hasTokens Whether a ledger knows a token that lets somebody in now.
 * @throws CommandError where the server would be open to others and could not tell who they are.
 */
export async function accessSettings(io: Io, host: string, hasTokens: () => Promise<boolean>): Promise<AccessSettings> {
  const home = readHome(io)
  const issuer = await readIssuer(io, home)
  const proxies = (io.env['MUSTER_PROXIES'] ?? '').split(/[\s,]+/).filter((one) => one !== '')
  try {
    proxyList(proxies)
  } catch {
    throw new CommandError('MUSTER_PROXIES holds addresses and subnets of proxies, like 10.0.0.7 or 10.0.0.0/8, with commas between')
  }
  const isListening = !isLoopbackHost(host.includes(':') ? `[${host}]` : host)
  const isOpen = isListening || (home !== undefined && !isLoopbackHost(home.host))
  const known = { proxies, ...(home && { home: home.origin }), ...(issuer && { issuer }) }
  if (issuer) return { isLocal: false, ...known }
  if (!isOpen) return { isLocal: true, ...known }
  const from = isListening ? `--host ${host}` : `MUSTER_URL=${home?.origin ?? ''}`
  if (!(await hasTokens()))
    throw new CommandError(
      `${from} lets other machines in, and nothing says who they are\n  set MUSTER_OIDC_ISSUER so that people sign in, or make tokens with muster access issue; ${GUIDE}. For yourself alone, leave it out`,
    )
  if (!home) throw new CommandError(`${from} needs MUSTER_URL: the address under which the server is reached, like https://muster.example`)
  return { isLocal: false, ...known }
}

function readHome(io: Io): URL | undefined {
  const text = io.env['MUSTER_URL'] ?? ''
  if (text === '') return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '')
    throw new CommandError('MUSTER_URL is what people open, without a path: https://muster.example')
  if (url.protocol === 'http:' && !isLoopbackHost(url.host))
    throw new CommandError(
      'MUSTER_URL begins with http:, and over that cookies and tokens can be read on the way\n  put a proxy with TLS in front, and write https:',
    )
  return url
}

async function readIssuer(io: Io, home: URL | undefined): Promise<IssuerOptions | undefined> {
  const text = io.env['MUSTER_OIDC_ISSUER'] ?? ''
  if (text === '') return undefined
  const issuer = URL.canParse(text) ? new URL(text) : undefined
  if (!issuer || !/^https?:$/.test(issuer.protocol)) throw new CommandError('MUSTER_OIDC_ISSUER is an address: https://login.example')
  if (issuer.protocol === 'http:' && !isLoopbackHost(issuer.host))
    throw new CommandError('MUSTER_OIDC_ISSUER must begin with https: what it says of people could be changed on the way')
  const clientId = io.env['MUSTER_OIDC_CLIENT_ID'] ?? ''
  const secret = await secretIn(['MUSTER_OIDC_CLIENT_SECRET'], (name) => io.env[name])
  const missing = [
    ...(clientId === '' ? ['MUSTER_OIDC_CLIENT_ID'] : []),
    ...(!secret.ok && secret.missing ? ['MUSTER_OIDC_CLIENT_SECRET (or _FILE)'] : []),
    ...(home ? [] : ['MUSTER_URL']),
  ]
  if (missing.length > 0) throw new CommandError(`MUSTER_OIDC_ISSUER needs ${missing.join(', ')} as well\n  ${GUIDE}`)
  if (!secret.ok) throw new CommandError(secret.reason)
  const login = io.env['MUSTER_OIDC_LOGIN'] ?? ''
  if (login !== '' && login !== 'github' && login !== 'gitlab')
    throw new CommandError('MUSTER_OIDC_LOGIN is github or gitlab: the forge whose login the issuer gives as preferred_username')
  return { issuer, clientId, clientSecret: secret.value, ...(login !== '' && { login }) }
}
