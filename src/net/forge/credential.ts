import { createSign } from 'node:crypto'
import { z } from 'zod'
import { ExchangeError, type Wire } from '#net/exchange.ts'
import type { ForgeAccess, ForgeName } from '#net/forge/access.ts'
import { ForgeError } from '#net/forge/error.ts'
import { secretIn, type Environment } from '#net/secret.ts'
import type { Place } from './place.ts'

export interface Credential {
  /** Where it came from, for people; never the secret. */
  readonly name: string
  /** What must appear nowhere. */
  readonly secrets: () => readonly string[]
  /** Names and seals what is kept on disk. */
  readonly seal: string
  /** A GitHub App, which may create check runs. */
  readonly isApp: boolean
  headers(): Promise<Readonly<Record<string, string>>>
}

/** What it takes to call a forge. */
interface Reached {
  readonly place: Place
  readonly wire: Wire
  readonly signal: AbortSignal
}

/** Variables that hold a token, the first that is set; with `_FILE` added, the path of a file that does. */
export const TOKENS: Readonly<Record<ForgeName, readonly string[]>> = {
  github: ['MUSTER_GITHUB_TOKEN', 'GITHUB_TOKEN'],
  gitlab: ['MUSTER_GITLAB_TOKEN', 'GITLAB_TOKEN'],
}
const APP_KEY = 'MUSTER_GITHUB_APP_KEY'

/** @throws ForgeError of status missing when the environment holds none. */
export async function credentialOf(options: ForgeAccess, environment: Environment, { place, wire, signal }: Reached): Promise<Credential> {
  if (options.app) {
    if (place.forge !== 'github') throw new ForgeError('app: is for GitHub; on GitLab set MUSTER_GITLAB_TOKEN')
    const key = await tokenIn([options.app.key ?? APP_KEY], environment)
    return appCredential({ ...options.app, key: key.value, name: key.name }, { place, wire, signal })
  }
  const { name, value } = await tokenIn(options.token === undefined ? TOKENS[place.forge] : [options.token], environment)
  if (!/^[\x21-\x7e]{1,4096}$/.test(value))
    throw new ForgeError(`${name} holds what is no token: it has blanks or other characters that none has`)
  return { name, isApp: false, seal: value, secrets: () => [value], headers: async () => ({ authorization: `Bearer ${value}` }) }
}

async function tokenIn(names: readonly string[], environment: Environment): Promise<{ readonly name: string; readonly value: string }> {
  const found = await secretIn(names, environment)
  if (found.ok) return found
  throw found.missing ? new ForgeError(`there is no token: ${found.reason}`, 'missing') : new ForgeError(found.reason)
}

interface App {
  readonly id: string | number
  readonly installation?: string | number | undefined
  readonly key: string
  readonly name: string
}

/** A GitHub App: a token for this one project, made with a signed claim (RFC 7519, RS256) and good for an hour. */
function appCredential(app: App, reached: Reached): Credential {
  let token: Promise<string> | undefined
  let secret: string | undefined
  return {
    name: `the app ${app.id} (${app.name})`,
    isApp: true,
    seal: app.key,
    secrets: () => [app.key, ...(secret === undefined ? [] : [secret])],
    async headers() {
      token ??= installationToken(app, reached)
      secret = await token
      return { authorization: `Bearer ${secret}` }
    },
  }
}

async function installationToken(app: App, { place: { api, project }, wire, signal }: Reached): Promise<string> {
  const authorization = `Bearer ${claimOf(app, Date.now())}`
  const ask = async <T>(method: 'GET' | 'POST', path: string, schema: z.ZodType<T>, body?: string): Promise<T> => {
    const headers = { authorization, accept: 'application/json', 'user-agent': 'muster' }
    try {
      const answer = await wire.ask({ url: new URL(`${api}${path}`), method, headers, signal, ...(body !== undefined && { body }) })
      if (answer.status !== 200 && answer.status !== 201)
        throw new ForgeError(
          `the app ${app.id} gets no token: ${method} ${path} is answered with ${answer.status}; is ${app.name} its key, and is it installed on ${project}?`,
        )
      return schema.parse(JSON.parse(new TextDecoder().decode(answer.body)))
    } catch (error) {
      if (error instanceof ForgeError) throw error
      throw new ForgeError(
        `the app ${app.id} gets no token: ${error instanceof ExchangeError ? error.message : `the answer to ${path} is not as documented`}`,
      )
    }
  }
  const installation = app.installation ?? (await ask('GET', `/repos/${project}/installation`, z.object({ id: z.number() }))).id
  const body = JSON.stringify({ repositories: [project.split('/').at(-1)] })
  const { token } = await ask(
    'POST',
    `/app/installations/${installation}/access_tokens`,
    z.object({ token: z.string().regex(/^[\x21-\x7e]{1,4096}$/) }),
    body,
  )
  return token
}

/** The claim by which an app says who it is: issued a minute ago (clocks differ), good for nine more. */
export function claimOf({ id, key, name }: Pick<App, 'id' | 'key' | 'name'>, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1_000)
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat: seconds - 60, exp: seconds + 540, iss: String(id) })}`
  try {
    return `${text}.${createSign('RSA-SHA256')
      .update(text)
      .sign(key.replaceAll(String.raw`\n`, '\n'))
      .toString('base64url')}`
  } catch {
    throw new ForgeError(`${name} holds no private key that can sign: it takes the .pem file of the app, whole`)
  }
}
