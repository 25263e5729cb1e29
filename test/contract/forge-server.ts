import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { ForgeName } from '#net/forge/access.ts'

const FIXTURES = join(import.meta.dirname, '../../src/collect/forge/fixtures')
/** Of no shape that gives it away: it must be known to be hidden. */
export const TOKEN = 'ozone-4711-lamp-0815-harbour'
const PAGE = 2

type Answer = (response: ServerResponse, request: IncomingMessage) => void

export interface ForgeServer {
  readonly url: string
  /** Method, path and query of each request, in order. */
  readonly requests: string[]
  /** Answers that count against the limit: all but 304. */
  readonly quota: () => number
  /** Answers what matches so, that many times; then as before. */
  fault(matches: RegExp, answer: Answer, times?: number): void
  /** Another document for a fixture from now on. */
  replace(fixture: string, change: (document: never) => unknown): void
  /** Takes the routes of one commit for those of another. */
  follow(recorded: string, commit: string): void
  close(): Promise<void>
}

/** Plays the recorded answers of a forge: two items a page, with ETag and Link as the real ones send them. */
export async function playForge(forge: ForgeName): Promise<ForgeServer> {
  const load = (name: string): unknown => JSON.parse(readFileSync(join(FIXTURES, forge, `${name}.json`), 'utf8'))
  const routes = load('routes') as Readonly<Record<string, string>>
  const replaced = new Map<string, unknown>()
  const faults: { matches: RegExp; answer: Answer; left: number }[] = []
  const requests: string[] = []
  let counted = 0
  let followed: readonly [string, string] = ['', '']

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => answer(request, response, Buffer.concat(chunks).toString()))
  })
  const base = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  function answer(request: IncomingMessage, response: ServerResponse, body: string): void {
    const url = new URL(request.url ?? '', base())
    const asked = `${request.method} ${url.pathname}`
    requests.push(`${asked}${url.search}`)
    const fault = faults.find((one) => one.left > 0 && one.matches.test(`${asked}${url.search}`))
    if (fault) {
      fault.left -= 1
      return fault.answer(response, request)
    }
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return json(response, 401, { message: 'Bad credentials' })
    const query = body === '' ? undefined : (JSON.parse(body) as { query: string; variables: { after: string | null } })
    const name = Object.entries(routes).find(([route]) => {
      const [method, path, list] = route.split(' ')
      return `${method} ${path}` === asked.replace(followed[1], followed[0]) && (list === undefined || query?.query.includes(list) === true)
    })?.[1]
    if (name === undefined) return json(response, 404, { message: 'Not Found' })
    const document = replaced.get(name) ?? load(name)
    if (query) return json(response, 200, connectionOf(document as unknown[], query.variables.after))
    const page = Number(url.searchParams.get('page') ?? 1)
    const { part, isLast } = pageOf(document, page)
    const text = JSON.stringify(part)
    const etag = `"${createHash('sha256').update(text).digest('hex')}"`
    url.searchParams.set('page', String(page + 1))
    const headers = { etag, ...(!isLast && { link: `<${base()}${url.pathname}${url.search}>; rel="next", <${base()}/last>; rel="last"` }) }
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304, headers).end()
    json(response, 200, part, headers)
  }

  function json(response: ServerResponse, status: number, document: unknown, headers: Record<string, string> = {}): void {
    counted += 1
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(JSON.stringify(document))
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: base(),
    requests,
    quota: () => counted,
    fault: (matches, answerSo, times = Number.POSITIVE_INFINITY) => faults.push({ matches, answer: answerSo, left: times }),
    replace: (fixture, change) => replaced.set(fixture, change(structuredClone(replaced.get(fixture) ?? load(fixture)) as never)),
    follow: (recorded, commit) => {
      followed = [recorded, commit]
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A list is cut into pages, also where a document of GitHub's wraps it. */
function pageOf(document: unknown, page: number): { readonly part: unknown; readonly isLast: boolean } {
  const cut = (list: readonly unknown[]) => list.slice((page - 1) * PAGE, page * PAGE)
  if (Array.isArray(document)) return { part: cut(document), isLast: page * PAGE >= document.length }
  const wrapped = Object.entries(document as object).find(([name]) =>
    ['check_runs', 'statuses', 'items', 'workflow_runs', 'artifacts'].includes(name),
  )
  if (!wrapped) return { part: document, isLast: true }
  const [name, list] = wrapped as [string, unknown[]]
  return { part: { ...(document as object), [name]: cut(list) }, isLast: page * PAGE >= list.length }
}

function connectionOf(nodes: readonly unknown[], after: string | null): unknown {
  const from = after === null ? 0 : Number(after)
  const list = {
    pageInfo: { hasNextPage: from + PAGE < nodes.length, endCursor: String(from + PAGE) },
    nodes: nodes.slice(from, from + PAGE),
  }
  return { data: { repository: { pullRequest: { list } } } }
}
