import { createHash, type Hash } from 'node:crypto'
import { z, type ZodType } from 'zod'
import { plainText } from '#core/evidence/plain-text.ts'
import type { Cache } from './cache.ts'
import type { Credential } from '#net/forge/credential.ts'
import { ExchangeError, type Answer, type Into, type Saved, type Wire } from '#net/exchange.ts'
import { limitOf } from '#net/limit.ts'
import { ForgeError } from '#net/forge/error.ts'
import type { Query, Reading } from './model.ts'
import type { Place } from '#net/forge/place.ts'

interface ClientPorts {
  readonly place: Place
  readonly credential: Credential
  readonly wire: Wire
  readonly cache: Cache
  readonly signal: AbortSignal
  readonly pause: Pause
}

/** Waits; rejects when the signal is aborted. */
export type Pause = (milliseconds: number, signal: AbortSignal) => Promise<unknown>

/** A part of what is asked, with the digest of every answer that it was made from. */
export interface Part extends Reading {
  /** Lower-case hex; undefined when nothing was answered. */
  sha256(): string | undefined
}

const TRIES = 4
const FIRST_PAUSE_MILLISECONDS = 250
/** A limit that lasts longer is told rather than waited for. */
const MAX_WAIT_SECONDS = 60
const MAX_LIMITED = 2
const MAX_TOLD_SECONDS = 1e8
const MAX_PAGES = 100
const SETTLE_TRIES = 4
const SETTLE_PAUSE_MILLISECONDS = 1_000

/** One thing that is asked of the forge. */
interface Question {
  readonly url: URL
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** The answer is a file. A redirect is then an answer too. */
  readonly into?: Into
  /** Elsewhere than at the forge, which must not see the token. */
  readonly isElsewhere?: boolean
}

interface Text {
  readonly body: string
  readonly link: string
}

/** Reads one project on one forge. Waits where the forge asks for it, tries again what may pass. */
export class Client {
  readonly #ports: ClientPorts
  /** Several questions read the same list. */
  readonly #answers = new Map<string, Promise<Text>>()

  constructor(ports: ClientPorts) {
    this.#ports = ports
  }

  open(): Part {
    const hash = createHash('sha256')
    let count = 0
    const counted = (): Hash => {
      count += 1
      return hash
    }
    return {
      get: async (path, schema, query) => {
        const { body } = await this.#once(this.#url(path, query))
        return this.#parse(path, body, schema, counted())
      },
      settled: async (path, schema, isSettled) => {
        for (let tries = 1; ; tries += 1) {
          const { body } = await this.#get(this.#url(path))
          const answer = this.#parse(path, body, schema, counted())
          if (isSettled(answer) || tries >= SETTLE_TRIES) return answer
          await this.#pause(SETTLE_PAUSE_MILLISECONDS * tries)
        }
      },
      pages: (path, page, pick, query) =>
        this.#pages(this.#url(path, { per_page: 100, ...query }), path, (body) => pick(this.#parse(path, body, page, counted()))),
      graphql: async (query, variables, schema) => {
        const answer = await this.#ask({
          url: new URL(this.#ports.place.graphql),
          method: 'POST',
          body: JSON.stringify({ query, variables }),
        })
        const document = this.#parse('/graphql', textOf(answer), graphqlAnswer, counted())
        const [error] = document.errors ?? []
        if (error) throw new ForgeError(`the forge refuses a query: ${excerpt(error.message)}`)
        return this.#check('/graphql', document.data, schema)
      },
      sha256: () => (count === 0 ? undefined : hash.copy().digest('hex')),
    }
  }

  /**
   * Saves what lies at a path of the API in a file. Forges keep files elsewhere and redirect there:
   * that one redirect is followed, without the token.
   */
  async save(path: string, into: Into): Promise<Saved> {
    const asked = { url: this.#url(path), headers: { accept: '*/*' }, into }
    const { saved, headers } = await this.#ask(asked)
    const found = saved ?? (await this.#ask({ ...asked, url: this.#elsewhere(path, headers['location'] ?? ''), isElsewhere: true })).saved
    if (!found) throw new ForgeError(`GET ${path}: the answer holds no file`)
    return found
  }

  /** Encrypted, unless the forge itself is one for tests on this machine. */
  #elsewhere(path: string, location: string): URL {
    const url = URL.canParse(location) ? new URL(location) : undefined
    const isLoopback = this.#ports.place.api.startsWith('http:')
    if (url?.protocol === 'https:' || (isLoopback && url?.protocol === 'http:')) return url
    // Its query may hold a key.
    throw new ForgeError(`GET ${path} is answered with a redirect to ${excerpt(url?.origin ?? 'nowhere')}, which is no https address`)
  }

  #url(path: string, query: Query = {}): URL {
    const url = new URL(`${this.#ports.place.api}${path}`)
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value))
    return url
  }

  async #pages<T>(first: URL, path: string, read: (body: string) => readonly T[]): Promise<readonly T[]> {
    const all: T[] = []
    let url: URL | undefined = first
    for (let number = 1; url; number += 1) {
      if (number > MAX_PAGES) throw new ForgeError(`GET ${path}: there are more than ${MAX_PAGES} pages`)
      const { body, link }: Text = await this.#once(url)
      all.push(...read(body))
      url = this.#next(path, link)
    }
    return all
  }

  /** The next page lies where this one does, or nowhere. */
  #next(path: string, link: string): URL | undefined {
    const next = /<([^<>]{1,4000})>\s*;[^,]{0,200}?\brel="?next\b/.exec(link)?.[1]
    if (next === undefined) return undefined
    const { api } = this.#ports.place
    if (!URL.canParse(next) || !new URL(next).href.startsWith(`${api}/`))
      throw new ForgeError(`GET ${path}: its next page is said to be at ${excerpt(next)}, which is not below ${api}`)
    return new URL(next)
  }

  #once(url: URL): Promise<Text> {
    const known = this.#answers.get(url.href) ?? this.#get(url)
    this.#answers.set(url.href, known)
    return known
  }

  async #get(url: URL): Promise<Text> {
    const { cache } = this.#ports
    const kept = await cache.find(url.href)
    const answer = await this.#ask({ url, ...(kept && { headers: { 'if-none-match': kept.etag } }) })
    if (answer.status === 304 && kept) return kept
    if (answer.status === 304) throw new ForgeError(`GET ${url.pathname}: the forge says that nothing changed, and was not asked`)
    const body = textOf(answer)
    const { etag, link = '' } = answer.headers
    if (etag !== undefined) await cache.keep(url.href, { etag, link, body })
    return { body, link }
  }

  /** An answer of 200 or 304, or where to find the file. @throws ForgeError with the reason for everything else. */
  async #ask(question: Question): Promise<Answer> {
    for (let tries = 1, limited = 0; ;) {
      const outcome = await this.#exchange(question)
      if ('status' in outcome && isAnswer(question, outcome.status)) return outcome
      const wait = 'status' in outcome ? limitOf(outcome) : undefined
      if (wait !== undefined) {
        limited += 1
        if (wait > MAX_WAIT_SECONDS || limited > MAX_LIMITED) throw this.#limited(wait)
        await this.#pause(wait * 1_000)
        continue
      }
      const isPassing = 'status' in outcome ? outcome.status >= 500 || outcome.status === 408 : outcome.isPassing
      if (!isPassing || tries >= TRIES) throw this.#refusal(question, outcome)
      await this.#pause(FIRST_PAUSE_MILLISECONDS * 2 ** (tries - 1))
      tries += 1
    }
  }

  async #exchange({ url, method = 'GET', headers, body, into, isElsewhere = false }: Question): Promise<Answer | ExchangeError> {
    const { wire, credential, place, signal } = this.#ports
    try {
      const ofForge = isElsewhere ? {} : { ...(place.forge === 'github' && GITHUB_HEADERS), ...(await credential.headers()) }
      return await wire.ask({
        url,
        method,
        signal,
        headers: {
          accept: 'application/json',
          'user-agent': 'muster',
          ...ofForge,
          ...headers,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body }),
        ...(into && { into }),
      })
    } catch (error) {
      if (error instanceof ExchangeError) return error
      throw error
    }
  }

  async #pause(milliseconds: number): Promise<void> {
    try {
      await this.#ports.pause(milliseconds, this.#ports.signal)
    } catch {
      throw new ForgeError('the time limit ended it')
    }
  }

  #limited(seconds: number): ForgeError {
    const until = new Date(Date.now() + Math.min(seconds, MAX_TOLD_SECONDS) * 1_000).toISOString().slice(0, 19)
    return new ForgeError(`the rate limit of ${this.#ports.place.web} is used up, until about ${until}Z`)
  }

  #refusal({ url, method = 'GET', isElsewhere }: Question, outcome: Answer | ExchangeError): ForgeError {
    const { place, credential } = this.#ports
    const what = `${method} ${url.pathname}`
    if (outcome instanceof ExchangeError) return new ForgeError(`${what} at ${url.host}: ${excerpt(outcome.message)}`)
    const { status, headers } = outcome
    const said = messageOf(outcome)
    if (isElsewhere) return new ForgeError(`${url.host}, where ${place.web} keeps the file, answers with ${status}${said}`)
    switch (status) {
      case 401:
        return new ForgeError(`${place.web} does not accept ${credential.name} (401)${said}`)
      case 403: {
        const needs = headers['x-accepted-github-permissions']
        return new ForgeError(`${credential.name} may not ${what} (403)${needs === undefined ? '' : `, it needs ${excerpt(needs)}`}${said}`)
      }
      case 404:
        return new ForgeError(`${what}: there is no such thing, or ${credential.name} may not see it (404)`)
      default: {
        if (status >= 300 && status < 400)
          return new ForgeError(
            `${what} is answered with a redirect (${status}) to ${excerpt(headers['location'] ?? 'nowhere')}, and redirects are not followed: does project: name it as it is called now?`,
          )
        return new ForgeError(`${what} is answered with ${status}${said}`)
      }
    }
  }

  #parse<T>(path: string, body: string, schema: ZodType<T>, hash: Hash): T {
    hash.update(body)
    let document: unknown
    try {
      document = JSON.parse(body)
    } catch (error) {
      if (/^\s*</.test(body))
        throw new ForgeError(
          `${path} is answered with a page rather than JSON: is ${this.#ports.place.api} the API, with no sign-in in front of it?`,
        )
      throw new ForgeError(`the answer to ${path} is no JSON: ${excerpt((error as Error).message)}`)
    }
    return this.#check(path, document, schema)
  }

  #check<T>(path: string, document: unknown, schema: ZodType<T>): T {
    const read = schema.safeParse(document)
    if (read.success) return read.data
    const [issue] = read.error.issues
    throw new ForgeError(
      `the answer to ${path} is not as documented: ${issue?.path.join('.') || 'the whole'}: ${excerpt(issue?.message ?? '')}`,
    )
  }
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])

const isAnswer = ({ into, isElsewhere }: Question, status: number): boolean =>
  status === 200 || (into ? isElsewhere !== true && REDIRECTS.has(status) : status === 304)

const GITHUB_HEADERS = { 'x-github-api-version': '2022-11-28' }

const graphqlAnswer = z.object({ data: z.unknown(), errors: z.array(z.object({ message: z.string() })).optional() })

const textOf = ({ body }: Answer): string => new TextDecoder().decode(body)

const excerpt = (text: string): string => {
  const line = plainText(text).replaceAll('\n', ' ').trim()
  return line.length > 200 ? `${line.slice(0, 199)}…` : line
}

/** What the forge says itself, where it says it as documented. */
function messageOf(answer: Answer): string {
  try {
    const { message } = z.object({ message: z.string() }).parse(JSON.parse(textOf(answer)))
    return `: ${excerpt(message)}`
  } catch {
    return ''
  }
}
