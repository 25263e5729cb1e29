import type { Configuration } from 'openid-client'
import type { User } from '#server/auth/who.ts'

/** Who vouches for people (OpenID Connect), and as whom this server asks there. */
export interface IssuerOptions {
  readonly issuer: URL
  readonly clientId: string
  readonly clientSecret: string
  /** Its `preferred_username` (or `nickname`) is a login of this forge. */
  readonly login?: 'github' | 'gitlab'
}

/** What is kept in the browser between going to the issuer and coming back. */
export interface Underway {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  /** Path to go on to. */
  readonly to: string
  /** Seconds. */
  readonly until: number
}

const LIMIT_SECONDS = 10

/** The code flow with PKCE, state and nonce. */
export class Issuer {
  readonly #options: IssuerOptions
  readonly #back: string
  #found: Promise<Configuration> | undefined

  /** @param back Address that the issuer leads back to. */
  constructor(options: IssuerOptions, back: string) {
    this.#options = options
    this.#back = back
  }

  /** @throws where the issuer cannot be reached: it is asked again the next time. */
  async begin(to: string, now: number, seconds: number): Promise<{ readonly underway: Underway; readonly url: URL }> {
    const client = await import('openid-client')
    const configuration = await this.#configuration()
    const underway = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
      to,
      until: now + seconds,
    }
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: this.#back,
      scope: 'openid email profile',
      code_challenge: await client.calculatePKCECodeChallenge(underway.verifier),
      code_challenge_method: 'S256',
      state: underway.state,
      nonce: underway.nonce,
    })
    return { underway, url }
  }

  /** @param query What the issuer sent back. @throws where any of it is not as it must be. */
  async finish(query: string, { state, nonce, verifier }: Underway): Promise<User> {
    const client = await import('openid-client')
    const configuration = await this.#configuration()
    const tokens = await client.authorizationCodeGrant(configuration, new URL(`${this.#back}${query}`), {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    })
    const claims = tokens.claims()
    if (!claims) throw new TypeError('the issuer sent no identity')
    // Many issuers keep the address and the login for the second question.
    const asks = claims['email'] === undefined && configuration.serverMetadata().userinfo_endpoint !== undefined
    if (!asks) return this.#user(claims)
    // An address and whether it is verified come from one answer, never half from each.
    const { email: _, email_verified: __, ...identity } = claims
    return this.#user({ ...(await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)), ...identity })
  }

  /** Where the issuer's own session is ended; undefined where it says nothing of that, or cannot be asked. */
  async end(home: string): Promise<string | undefined> {
    try {
      const configuration = await this.#configuration()
      if (configuration.serverMetadata().end_session_endpoint === undefined) return undefined
      const { buildEndSessionUrl } = await import('openid-client')
      return buildEndSessionUrl(configuration, { post_logout_redirect_uri: home }).href
    } catch {
      return undefined
    }
  }

  #user(claims: Readonly<Record<string, unknown>> & { readonly sub: string }): User {
    const text = (name: string): string | undefined => {
      const value = claims[name]
      return typeof value === 'string' && value !== '' && value.length <= 320 ? value : undefined
    }
    const email = claims['email_verified'] === true ? text('email') : undefined
    const login = this.#options.login === undefined ? undefined : (text('preferred_username') ?? text('nickname'))
    const name = text('name')
    return {
      subject: claims.sub,
      ...(email !== undefined && { email }),
      ...(login !== undefined && this.#options.login && { login: { at: this.#options.login, name: login } }),
      ...(name !== undefined && { name }),
    }
  }

  async #configuration(): Promise<Configuration> {
    this.#found ??= this.#discover().catch((error: unknown) => {
      this.#found = undefined
      throw error
    })
    return this.#found
  }

  async #discover(): Promise<Configuration> {
    const { allowInsecureRequests, discovery } = await import('openid-client')
    const { issuer, clientId, clientSecret } = this.#options
    return discovery(issuer, clientId, clientSecret, undefined, {
      timeout: LIMIT_SECONDS,
      // An issuer over http is one of this machine: the settings refuse any other.
      ...(issuer.protocol === 'http:' && { execute: [allowInsecureRequests] }),
    })
  }
}
