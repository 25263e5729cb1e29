import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { freePort } from '../free-port.ts'

/** A PostgreSQL server of our own: on loopback, in a temporary folder, as a user other than root. */
export interface PostgresServer {
  readonly port: number
  /** URL of a new, empty database. */
  database(options?: string): Promise<string>
  /** Runs SQL as the owner of the database, as somebody with another tool would. */
  query(url: string, sql: string, values?: readonly unknown[]): Promise<pg.QueryResult>
  /** `immediate` is as good as pulling the plug: it recovers from its log at the next start. */
  stop(how: 'fast' | 'immediate'): Promise<void>
  start(): Promise<void>
  /** Process id of the server while it runs. */
  pid(): number
  /** Ends the server and removes its folder. */
  remove(): Promise<void>
}

export const PASSWORD = 'p@ss/word'

/** Set where no server can be installed; then its tests are skipped, and shown as skipped. */
export const WITHOUT_POSTGRES = (process.env['MUSTER_TEST_NO_POSTGRES'] ?? '') !== ''

/** Folder of the newest server installed: that of Debian's packages, or on the path. */
export function findPostgres(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const packaged = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : []
  const folders = [...packaged.map((version) => join(debian, version, 'bin')), ...(process.env['PATH'] ?? '').split(delimiter)]
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))
}

/** In memory, where a machine has room there: a server writes a thousand files before it answers, and after each crash reads them all. */
function quickFolder(): string {
  const memory = '/dev/shm'
  if (!existsSync(memory)) return tmpdir()
  const { bavail, bsize } = statfsSync(memory)
  return bavail * bsize > 1_000_000_000 ? memory : tmpdir()
}

/**
 * `place` is the folder for its files: a measurement needs a real disk.
 * @throws Error that says what to install, where there is no server.
 */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}, place = quickFolder()): Promise<PostgresServer> {
  const programs = findPostgres()
  if (programs === undefined)
    throw new Error(
      'no PostgreSQL server is installed, so the store on it cannot be tested: apt-get install postgresql, or set MUSTER_TEST_NO_POSTGRES=1 to go without',
    )
  const user = ordinaryUser()
  const folder = mkdtempSync(join(place, 'muster-postgres-'))
  if (user) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, PASSWORD)
  const environment = { ...process.env, LC_ALL: 'C', TZ: 'UTC' }
  execFileSync(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'muster', '-E', 'UTF8', '--locale=C', '-N', '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
    { ...user, cwd: folder, env: environment, stdio: 'pipe' },
  )
  const port = await freePort()
  let server: ChildProcess | undefined

  const url = (database: string) => `postgres://muster:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/${database}`
  const query: PostgresServer['query'] = async (to, sql, values = []) => {
    const client = new pg.Client({ connectionString: to })
    client.on('error', () => {})
    await client.connect()
    try {
      return await client.query(sql, [...values])
    } finally {
      await client.end()
    }
  }

  async function start(): Promise<void> {
    const all = { listen_addresses: '127.0.0.1', port: String(port), unix_socket_directories: '', shared_buffers: '32MB', ...settings }
    const child = spawn(
      join(programs ?? '', 'postgres'),
      ['-D', data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      {
        ...user,
        cwd: folder,
        env: environment,
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    )
    server = child
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-10_000)))
    for (;;) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the server did not start:\n${said}`)
      const ready = await query(url('postgres'), 'SELECT 1').then(
        () => true,
        () => false,
      )
      if (ready) return
      await sleep(20)
    }
  }

  async function stop(how: 'fast' | 'immediate'): Promise<void> {
    const child = server
    server = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('close', resolve))
    child.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT')
    await ended
  }

  const kill = () => server?.kill('SIGQUIT')
  process.on('exit', kill)
  await start()
  let databases = 0
  return {
    port,
    async database(options = '') {
      const name = `store_${(databases += 1)}`
      await query(url('postgres'), `CREATE DATABASE ${name} ${options}`)
      return url(name)
    },
    query,
    stop,
    start,
    pid: () => server?.pid ?? 0,
    async remove() {
      await stop('immediate')
      process.off('exit', kill)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The server refuses to run as root; then it runs as the user that its package made, or as nobody. */
function ordinaryUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const found = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody')
  return { uid: Number(found?.[2] ?? 65534), gid: Number(found?.[3] ?? 65534) }
}
