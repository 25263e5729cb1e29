import type { CiTrust } from '#core/program/model.ts'
import type { Scope } from '#core/program/resolve/scope.ts'

const SERVICES: Readonly<Record<CiTrust['service'], { readonly issuer: string; readonly keys: string; readonly repository: RegExp }>> = {
  'github-actions': {
    issuer: 'https://token.actions.githubusercontent.com',
    keys: '/.well-known/jwks',
    repository: /^[\w.-]+\/[\w.-]+$/,
  },
  'gitlab-ci': { issuer: 'https://gitlab.com', keys: '/oauth/discovery/keys', repository: /^[\w.-]+(?:\/[\w.-]+)+$/ },
}

/** Whose identity counts for evidence that CI sends. */
export function readCi(scope: Scope): { readonly ci?: CiTrust } {
  const { ci } = scope.input
  if (!ci) return {}
  const service = SERVICES[ci.service]
  const issuer = scope.or('ci.issuer', ci.issuer, service.issuer)
  if (!isSafeAddress(issuer))
    scope.say(['ci', 'issuer'], 'invalid-value', `"${issuer}" is no address that can be trusted`, `write one as ${service.issuer}`)
  const keys = scope.or('ci.keys', ci.keys, `${issuer.replace(/\/+$/, '')}${service.keys}`)
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(keys) && !isSafeAddress(keys))
    scope.say(['ci', 'keys'], 'invalid-value', `keys from "${keys}" could be anybody's`, 'write an address with https, or a path')
  if (!service.repository.test(ci.repository))
    scope.say(
      ['ci', 'repository'],
      'invalid-value',
      `"${ci.repository}" is no repository of ${ci.service}`,
      ci.service === 'github-actions' ? 'write it as owner/name' : 'write it as group/project',
    )
  const audience = scope.or('ci.audience', ci.audience, 'muster')
  const { service: name, repository, workflow } = ci
  return { ci: { service: name, issuer, audience, repository, keys, ...(workflow !== undefined && { workflow }) } }
}

/** Plain http only where nobody else can answer. */
const isSafeAddress = (address: string): boolean =>
  URL.canParse(address) &&
  /^https:\/\/[^/?#@\s]+(?:[/][^?#\s]*)?$|^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?(?:\/[^?#\s]*)?$/.test(address)
