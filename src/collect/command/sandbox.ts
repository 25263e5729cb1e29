import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, realpath } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { basename, dirname, isAbsolute, join, sep } from 'node:path'
import { rustupHome } from './environment.ts'
import type { RunFolder } from './run-folder.ts'

/**
 * What keeps a command from the rest of the machine: bubblewrap. The file system is read-only but
 * for the run's own folders; homes, sockets and the temporary files of others are not there;
 * processes, shared memory and host name are the command's own; no capability is left; all of it
 * ends with Muster.
 */
export interface Sandbox {
  /** Absolute path of bwrap. */
  readonly program: string
}

export type SandboxFound = { readonly ok: true; readonly sandbox: Sandbox } | { readonly ok: false; readonly reason: string }

const TRIAL_MILLISECONDS = 10_000

/** Looks for bubblewrap on the PATH and tries it: where user namespaces are forbidden it is there and does not work. */
export async function findSandbox(environment: Readonly<Record<string, string | undefined>>): Promise<SandboxFound> {
  if (process.platform !== 'linux') return { ok: false, reason: 'commands are not sandboxed: bubblewrap runs on Linux only' }
  const folders = (environment['PATH'] ?? '').split(':').filter((entry) => isAbsolute(entry))
  const program = folders.map((folder) => join(folder, 'bwrap')).find((path) => existsSync(path))
  if (program === undefined) return { ok: false, reason: 'commands are not sandboxed: bubblewrap (bwrap) is not on the PATH' }
  const complaint = await tried(program)
  return complaint === undefined ? { ok: true, sandbox: { program } } : { ok: false, reason: `commands are not sandboxed: ${complaint}` }
}

/** Why bubblewrap does not work here; undefined when it does. */
async function tried(program: string): Promise<string | undefined> {
  const child = spawn(program, [...NAMESPACES, '--ro-bind', '/', '/', ...OWN, '--', '/bin/sh', '-c', 'exit 0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {},
    timeout: TRIAL_MILLISECONDS,
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(0, 500)))
  const code = await new Promise<number | null>((resolve) => child.once('error', () => resolve(null)).once('close', resolve))
  return code === 0 ? undefined : `${program} does not work here${said.trim() === '' ? '' : ` (${said.trim()})`}`
}

const NAMESPACES = [
  '--unshare-pid',
  '--unshare-ipc',
  '--unshare-uts',
  '--unshare-cgroup-try',
  '--die-with-parent',
  '--cap-drop',
  'ALL',
] as const
const OWN = ['--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp'] as const

/** Where secrets and sockets of people and services lie; each is replaced by an empty folder. */
const HIDDEN = ['/home', '/root', '/run', '/var/run', '/var/tmp', '/mnt', '/media']

export interface SandboxRequest {
  readonly folder: RunFolder
  /** PATH as the command gets it. */
  readonly path: string
  readonly network: boolean
}

/** Arguments of bwrap up to the command itself. */
export async function sandboxArguments({ folder, path, network }: SandboxRequest): Promise<readonly string[]> {
  const hidden = await hiddenFolders()
  const isHidden = (place: string): boolean => [...hidden, '/tmp'].some((each) => place === each || place.startsWith(each + sep))
  const tools = (await Promise.all([...toolFolders(path), ...RESOLVER].map((each) => realpath(each).catch(() => undefined)))).filter(
    (each): each is string => each !== undefined && isHidden(each) && !hidden.includes(each),
  )
  const readable = [...new Set([...tools, ...(await gitFolders(folder.checkout))])].toSorted()
  const writable = [folder.checkout, folder.home, folder.temporary]
  return [
    ...NAMESPACES,
    ...(network ? [] : ['--unshare-net']),
    '--ro-bind',
    '/',
    '/',
    ...OWN,
    ...hidden.flatMap((each) => ['--tmpfs', each]),
    ...readable.flatMap((each) => ['--ro-bind-try', each, each]),
    ...writable.flatMap((each) => ['--bind', each, each]),
  ]
}

async function hiddenFolders(): Promise<readonly string[]> {
  const own = userInfo().homedir
  const places = [...HIDDEN, ...(isAbsolute(own) && own !== '/' ? [own] : [])]
  const real = await Promise.all(places.map((each) => realpath(each).catch(() => undefined)))
  const found = [...new Set(real)].filter((each): each is string => each !== undefined && each !== '/').toSorted()
  return found.filter((each) => !found.some((other) => each.startsWith(other + sep)))
}

/** Names are resolved through a file that lies under /run on many systems. */
const RESOLVER = ['/etc/resolv.conf']

/**
 * Tools that are installed in a home are found through PATH: the folder itself, and for one called
 * `bin` what lies beside it. Not so where that is a whole home or a settings folder in it. A
 * version manager's `shims` hand over to what lies beside them, Rust's tools to rustup's folder.
 */
function toolFolders(path: string): readonly string[] {
  const own = userInfo().homedir
  const entries = path.split(':').filter((entry) => isAbsolute(entry))
  const folders = entries.map((entry) => {
    const beside = dirname(entry)
    const isHome = beside === own || /^\/(?:root|home\/[^/]+)$/.test(beside)
    if (isHome) return entry
    const isSettings = dirname(beside) === own || /^\/(?:root|home\/[^/]+)\/[^/]+$/.test(beside) || basename(beside).startsWith('.')
    const name = basename(entry)
    return name === 'shims' || (/^\.?bin$/.test(name) && !isSettings) ? beside : entry
  })
  const rustup = rustupHome(entries)
  return rustup === undefined ? folders : [...folders, rustup]
}

/** A checkout is a worktree of the mirror, which borrows objects: without these folders git would not work in it. */
async function gitFolders(checkout: string): Promise<readonly string[]> {
  const text = await readFile(join(checkout, '.git'), 'utf8').catch(() => '')
  const mirror = /^gitdir: (\/.+)\/worktrees\/[^/]+\n?$/.exec(text)?.[1]
  if (mirror === undefined) return []
  const lent = await readFile(join(mirror, 'objects', 'info', 'alternates'), 'utf8').catch(() => '')
  return [mirror, ...lent.split('\n').flatMap(alternate)]
}

/** The mirror quotes the path as JSON does. */
function alternate(line: string): readonly string[] {
  const path = /^".*"$/.test(line) ? String(JSON.parse(line)) : line
  return isAbsolute(path) ? [path] : []
}
