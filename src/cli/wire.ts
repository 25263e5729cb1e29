import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { CommandError, EXIT, type Io } from '#cli/io.ts'
import { inMainWorktree } from '#collect/git/linked-worktree.ts'
import type { CommandHost } from '#core/evidence/collector.ts'
import type { Program } from '#core/program/model.ts'
import type { GatherPorts } from '#engine/ports.ts'
import type { Mirror } from '#collect/git/mirror.ts'
import type { RunnerOptions } from '#collect/command/runner.ts'
import { SANDBOX_MODES } from '#collect/command/sandbox-mode.ts'
import type { Trust } from '#collect/command/trust.ts'
import type { Store } from '#store/store.ts'

const LEDGER = 'ledger.sqlite'

/**
 * Where Muster keeps what it needs for a program: beside the program file unless said otherwise,
 * in a linked worktree beside that of the main one. Worktrees come and go, and whoever works in
 * one means the record that all of them have; one that has a record of its own keeps it.
 */
export function stateFolder(io: Io, programFolder: string): string {
  const own = ownStateFolder(io, programFolder)
  if (isStateNamed(io) || existsSync(join(own, LEDGER))) return own
  const main = inMainWorktree(programFolder)
  return main !== undefined && existsSync(main) ? join(main, '.muster') : own
}

/** For what is about this very program file, whatever its other worktrees hold. */
export const ownStateFolder = (io: Io, programFolder: string): string =>
  isStateNamed(io) ? resolve(io.cwd, io.env['MUSTER_STATE'] ?? '') : join(programFolder, '.muster')

const isStateNamed = (io: Io): boolean => (io.env['MUSTER_STATE'] ?? '') !== ''

export const ledgerFile = (io: Io, programFolder: string): string => join(stateFolder(io, programFolder), LEDGER)

/** XDG state folder: what a person trusts is theirs, not the repository's. */
export function trustFile(io: Io): string {
  const home = io.env['HOME'] ?? homedir()
  const xdg = io.env['XDG_STATE_HOME']
  return join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(home, '.local', 'state'), 'muster', 'trust.json')
}

/** A path is relative to the program file; anything with a scheme or `host:` is a URL. */
export const repositoryLocation = (program: Program, programFolder: string): string =>
  /^[a-z][a-z0-9+.-]*:\/\//i.test(program.repository) || /^[\w.-]+@[\w.-]+:/.test(program.repository)
    ? program.repository
    : resolve(programFolder, program.repository)

/** In which repository a command is trusted: its worktrees are one. */
export const trustedPlace = (from: string): string => (isAbsolute(from) ? (inMainWorktree(from) ?? from) : from)

/** Where the ledger is kept. The address of a database holds a password and is never printed. */
export type LedgerPlace = { readonly file: string } | { readonly address: string }

/** A file in the state folder, or where `MUSTER_STORE` says: the address of a PostgreSQL database. */
export async function ledgerPlace(io: Io, programFolder: string): Promise<LedgerPlace> {
  const address = await storeAddress(io)
  return address === undefined ? { file: ledgerFile(io, programFolder) } : { address }
}

/** Opens the ledger for writing, or for reading only: then one that is not there yet reads as empty. */
export async function openLedger(io: Io, programFolder: string, mode: 'write' | 'read'): Promise<Store> {
  return openPlace(await ledgerPlace(io, programFolder), mode, () => Date.parse(io.now()))
}

export async function openPlace(place: LedgerPlace, mode: 'write' | 'read', clock?: () => number): Promise<Store> {
  if ('address' in place) {
    const { openPostgres } = await import('#store/postgres.ts')
    return openPostgres(place.address, { readOnly: mode === 'read' })
  }
  const { openSqlite } = await import('#store/sqlite.ts')
  return openSqlite(place.file, { readOnly: mode === 'read', ...(clock && { clock }) })
}

/**
 * The sandbox of commands, and what `MUSTER_SANDBOX` says of it: `required` or `off` for all of
 * them. A word that is none of these must not leave them without a fence.
 */
export async function sandboxing(io: Io): Promise<Pick<RunnerOptions, 'sandbox' | 'sandboxMode'>> {
  const wanted = io.env['MUSTER_SANDBOX'] ?? ''
  const sandboxMode = SANDBOX_MODES.find((one) => one === wanted)
  if (wanted !== '' && sandboxMode === undefined)
    throw new CommandError(`MUSTER_SANDBOX is "${wanted}"\n  write ${SANDBOX_MODES.join(' or ')}, or leave it empty`)
  const { findSandbox } = await import('#collect/command/sandbox.ts')
  return { sandbox: () => findSandbox(io.env), ...(sandboxMode && { sandboxMode }) }
}

/** Whether there may be a ledger; a look that makes none. */
export const hasLedger = (io: Io, programFolder: string): boolean =>
  (io.env['MUSTER_STORE'] ?? '') !== '' || (io.env['MUSTER_STORE_FILE'] ?? '') !== '' || existsSync(ledgerFile(io, programFolder))

async function storeAddress(io: Io): Promise<string | undefined> {
  const [address = '', file = ''] = [io.env['MUSTER_STORE'], io.env['MUSTER_STORE_FILE']]
  if (address !== '' && file !== '')
    throw new CommandError('MUSTER_STORE and MUSTER_STORE_FILE both say where the ledger is\n  set one of them')
  if (address !== '') return address
  if (file === '') return undefined
  return readFile(resolve(io.cwd, file), 'utf8').then(
    (text) => text.trim(),
    (error: Error) => {
      throw new CommandError(`MUSTER_STORE_FILE: ${error.message}`)
    },
  )
}

export interface Edges {
  readonly mirror: Mirror
  readonly trust: Trust
  readonly runner: CommandHost
  readonly ports: GatherPorts
  close(): Promise<void>
}

/** Opens everything that gathering reaches the world through. */
export async function openEdges(io: Io, program: Program, programFolder: string): Promise<Edges> {
  const [{ openMirror }, { createTrust }, { createRunner }, { KINDS, loadCollector }] = await Promise.all([
    import('#collect/git/mirror.ts'),
    import('#collect/command/trust.ts'),
    import('#collect/command/runner.ts'),
    import('#collect/registry.ts'),
  ])
  const state = stateFolder(io, programFolder)
  await mkdir(state, { recursive: true, mode: 0o700 }).catch((error: Error) => {
    throw new CommandError(
      `the state folder ${state} cannot be made: ${error.message}\n  name one that you may write in MUSTER_STATE`,
      EXIT.couldNotRun,
    )
  })
  const from = repositoryLocation(program, programFolder)
  const mirror = await openMirror({ folder: join(state, 'mirror.git'), from, environment: io.env })
  const trust = createTrust({ file: trustFile(io), repository: trustedPlace(from) })
  let prober: ReturnType<Mirror['prober']> | undefined
  const runner = createRunner({
    repository: mirror,
    folder: join(state, 'checkouts'),
    trust,
    environment: io.env,
    ...(await sandboxing(io)),
  })
  return {
    mirror,
    trust,
    runner,
    ports: {
      kinds: KINDS,
      collector: loadCollector,
      repository: mirror,
      runner,
      prober: () => (prober ??= mirror.prober()),
      programFolder,
      cacheFolder: join(state, 'cache'),
      environment: (name) => io.env[name],
      host: io.host,
      now: io.now,
      timeLimit: (seconds) => AbortSignal.timeout(Math.min(seconds * 1000, 2 ** 31 - 1)),
    },
    async close() {
      await runner.close()
      await mirror.close()
    },
  }
}
