import type { Environment } from '#net/secret.ts'
import { TOKENS } from './credential.ts'
import type { ForgeAccess, ForgeName } from '#net/forge/access.ts'

/** Where the answers come from. */
export interface Place {
  readonly forge: ForgeName
  /** Address for people, without a slash at the end. */
  readonly web: string
  /** Address of the API, likewise. */
  readonly api: string
  readonly graphql: string
  /** `owner/name`, or `group/subgroup/name`. */
  readonly project: string
  /** True for the forge that everybody knows: its addresses lie on the public net. */
  readonly isPublic: boolean
}

type Placed = { readonly ok: true; readonly place: Place } | { readonly ok: false; readonly reason: string }

interface Known {
  readonly forge: ForgeName
  readonly web: string
}

const PUBLIC: Readonly<Record<ForgeName, string>> = { github: 'https://github.com', gitlab: 'https://gitlab.com' }

/** Variables that name a forge of one's own; the others are what its CI sets. */
const NAMED_BY: Readonly<Record<ForgeName, readonly string[]>> = {
  github: ['MUSTER_GITHUB_URL', 'GITHUB_SERVER_URL'],
  gitlab: ['MUSTER_GITLAB_URL', 'CI_SERVER_URL'],
}
const PROJECT_OF_CI: Readonly<Record<ForgeName, string>> = { github: 'GITHUB_REPOSITORY', gitlab: 'CI_PROJECT_PATH' }

/**
 * Finds forge, address and project. Only github.com, gitlab.com and what the environment names are
 * ever called: a program file comes with a repository and must not choose where a token goes.
 */
export function placeOf(options: ForgeAccess, repository: string, environment: Environment): Placed {
  const known = knownForges(environment)
  const remote = remoteOf(repository)
  const fits = (one: Known): boolean => options.forge === undefined || one.forge === options.forge
  const chosen = choose(options, known.filter(fits), remote, environment)
  if (typeof chosen === 'string') return { ok: false, reason: chosen }
  const project = options.project ?? projectIn(remote, chosen) ?? projectOfCi(chosen, environment)
  if (project === undefined) return { ok: false, reason: `nothing says which project on ${chosen.web} it is: add project: owner/name` }
  if (chosen.forge === 'github' && project.split('/').length !== 2)
    return { ok: false, reason: `${project} is no project on GitHub: write project: owner/name` }
  return { ok: true, place: { ...chosen, ...apiOf(chosen), project, isPublic: Object.values(PUBLIC).includes(chosen.web) } }
}

/** What the environment names comes before what everybody knows. */
const knownForges = (environment: Environment): readonly Known[] =>
  (['github', 'gitlab'] as const).flatMap((forge) =>
    [...NAMED_BY[forge].map(environment), PUBLIC[forge]].flatMap((url) => {
      const web = url === undefined ? undefined : addressOf(url)
      return web === undefined ? [] : [{ forge, web }]
    }),
  )

function choose(options: ForgeAccess, known: readonly Known[], remote: Remote | undefined, environment: Environment): Known | string {
  if (options.url !== undefined) {
    const web = addressOf(options.url)
    if (web === undefined) return `${options.url} is no https address; http is for tests on 127.0.0.1 only`
    const found = known.find((one) => one.web === web)
    if (found) return found
    const names = options.forge === undefined ? 'MUSTER_GITHUB_URL or MUSTER_GITLAB_URL' : NAMED_BY[options.forge][0]
    return `the environment does not name ${web}: set ${names} to it, so that no program file alone can send a token there`
  }
  const byRemote = remote && known.find((one) => isUnder(remote, one))
  if (byRemote) return byRemote
  if (remote && options.project === undefined)
    return `${remote.host} is no forge that is known: name it in MUSTER_GITHUB_URL or MUSTER_GITLAB_URL, or say forge: and project:`
  const [first] = known
  if (options.forge !== undefined && first) return first
  const ofCi = known.find(({ forge }) => environment(forge === 'github' ? 'GITHUB_ACTIONS' : 'GITLAB_CI') === 'true')
  const hasToken = (forge: ForgeName): boolean =>
    TOKENS[forge].some((name) => (environment(name) ?? environment(`${name}_FILE`) ?? '') !== '')
  const withToken = known.filter(({ forge }) => hasToken(forge))
  const ofToken = withToken.every(({ forge }) => forge === withToken[0]?.forge) ? withToken[0] : undefined
  return (
    ofCi ??
    ofToken ??
    'the repository has no address that tells which forge it is: add forge: github or forge: gitlab, and project: owner/name'
  )
}

const isLoopback = (host: string): boolean => /^127(?:\.\d{1,3}){3}$/.test(host) || host === '[::1]'

/** Origin and path without a slash at the end; undefined for what must not be called. */
export function addressOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const isAllowed = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))
  if (!isAllowed || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return undefined
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}

interface Remote {
  readonly host: string
  /** Without slash before and `.git` behind. */
  readonly path: string
}

/** Host and path of `https://host/path`, `ssh://git@host/path` or `git@host:path`. */
function remoteOf(repository: string): Remote | undefined {
  const tidy = (path: string): string =>
    path
      .replace(/^\/+/, '')
      .replace(/\/+$/, '')
      .replace(/\.git$/, '')
  if (/^(?:https|ssh):\/\//i.test(repository) && URL.canParse(repository)) {
    const { protocol, host, hostname, pathname } = new URL(repository)
    return { host: protocol === 'https:' ? host : hostname, path: tidy(pathname) }
  }
  const [, host, path] = /^(?:[\w.-]+@)?([\w.-]{2,}):(?!\/\/)(.+)$/.exec(repository) ?? []
  return host === undefined || path === undefined ? undefined : { host: host.toLowerCase(), path: tidy(path) }
}

const isUnder = ({ host, path }: Remote, { web }: Known): boolean => {
  const url = new URL(web)
  return (host === url.host || host === url.hostname) && `${path}/`.startsWith(url.pathname === '/' ? '' : `${url.pathname.slice(1)}/`)
}

function projectIn(remote: Remote | undefined, known: Known): string | undefined {
  if (!remote || !isUnder(remote, known)) return undefined
  const path = remote.path.slice(new URL(known.web).pathname.slice(1).length).replace(/^\//, '')
  return /^[\w.-]+(?:\/[\w.-]+){1,20}$/.test(path) ? path : undefined
}

/** A CI job says which project it runs for, and on which forge. */
function projectOfCi({ forge, web }: Known, environment: Environment): string | undefined {
  const server = environment(forge === 'github' ? 'GITHUB_SERVER_URL' : 'CI_SERVER_URL')
  return server !== undefined && addressOf(server) === web ? environment(PROJECT_OF_CI[forge]) : undefined
}

function apiOf({ forge, web }: Known): Pick<Place, 'api' | 'graphql'> {
  if (forge === 'gitlab') return { api: `${web}/api/v4`, graphql: `${web}/api/graphql` }
  const { host, protocol } = new URL(web)
  if (host === 'github.com' || host.endsWith('.ghe.com')) {
    const api = `${protocol}//api.${host}`
    return { api, graphql: `${api}/graphql` }
  }
  return { api: `${web}/api/v3`, graphql: `${web}/api/graphql` }
}
