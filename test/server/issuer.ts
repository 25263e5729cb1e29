import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'
import { onTestFinished } from 'vitest'

/** What the issuer says of who signs in. */
export type Claims = Readonly<Record<string, unknown>> & { readonly sub: string }

export interface TestIssuer {
  readonly url: string
  /** Who signs in from now on. */
  is(claims: Claims): void
}

/** An issuer of OpenID Connect on this machine, which lets in whoever comes without a question. @param home Of the server under test. */
export async function testIssuer(home: string): Promise<TestIssuer> {
  let claims: Claims = { sub: 'nobody' }
  const server: Server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // Of another name than the server under test: to a browser, another site.
  const url = `http://localhost:${(server.address() as AddressInfo).port}`
  const provider = new Provider(url, {
    clients: [
      {
        client_id: 'muster',
        client_secret: 'not-so-secret',
        redirect_uris: [`${home}/sign-in/done`],
        post_logout_redirect_uris: [`${home}/`],
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'] },
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ['a key of the test'] },
    pkce: { required: () => true },
    interactions: { url: () => '/let-in' },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => claims }),
    loadExistingGrant: async (context) => {
      const grant = new context.oidc.provider.Grant({
        clientId: context.oidc.client?.clientId ?? '',
        accountId: context.oidc.session?.accountId ?? '',
      })
      grant.addOIDCScope('openid email profile')
      await grant.save()
      return grant
    },
  })
  const handle = provider.callback()
  server.on('request', (request, response) => {
    if (request.url !== '/let-in') return void handle(request, response)
    void provider.interactionFinished(request, response, { login: { accountId: claims.sub } })
  })
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url, is: (now) => (claims = now) }
}

/** A browser as far as signing in needs one: it follows redirects and keeps the cookies of each origin. */
export class Browser {
  readonly #jar = new Map<string, Map<string, string>>()

  cookies(url: string): string {
    return [...(this.#jar.get(new URL(url).origin) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  /** @param most Redirects that are followed. */
  async open(url: string, most = 10): Promise<Response> {
    const response = await fetch(url, { redirect: 'manual', headers: { cookie: this.cookies(url), accept: 'text/html' } })
    const jar = this.#jar.get(new URL(url).origin) ?? new Map<string, string>()
    this.#jar.set(new URL(url).origin, jar)
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) jar.delete(name)
      else jar.set(name, value)
    }
    const to = response.headers.get('location')
    return to !== null && most > 0 ? this.open(new URL(to, url).href, most - 1) : response
  }
}
