import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { fail, failed, ok, warning, type Finding } from '#cli/doctor/finding.ts'
import type { Io } from '#cli/io.ts'
import { findSandbox } from '#collect/command/sandbox.ts'
import { requireSafeSqlite } from '#store/sqlite/file.ts'

/** As in package.json; a test holds the two equal. */
export const OLDEST_NODE = '24.15'
/** From here on git merges two trees without a checkout, and knows every option that the mirror uses. */
export const OLDEST_GIT = '2.38'

export function nodeFinding(version: string): Finding {
  if (isAtLeast(version, OLDEST_NODE)) return ok('node', `Node ${version}`)
  return fail('node', `Node ${version} is too old`, `install Node ${OLDEST_NODE} or newer`)
}

export function sqliteFinding(version: string): Finding {
  try {
    requireSafeSqlite(version)
    return ok('sqlite', `SQLite ${version}`)
  } catch (error) {
    return failed('sqlite', error, 'install a newer Node')
  }
}

export async function gitFinding(io: Io): Promise<Finding> {
  try {
    const { stdout } = await promisify(execFile)('git', ['--version'], { env: { PATH: io.env['PATH'] ?? '' }, timeout: 10_000 })
    return gitVersionFinding(stdout)
  } catch {
    return fail('git', 'git cannot be run', `install git ${OLDEST_GIT} or newer, and put it on the PATH`)
  }
}

export async function sandboxFinding(io: Io): Promise<Finding> {
  const mode = io.env['MUSTER_SANDBOX'] ?? ''
  if (mode === 'off')
    return warning('sandbox', 'commands are not sandboxed: MUSTER_SANDBOX is off', 'unset it, if the commands work without')
  const found = await findSandbox(io.env)
  if (found.ok) return ok('sandbox', `commands run in a sandbox (${found.sandbox.program})`)
  const remedy = 'install bubblewrap (the package has this name everywhere), and allow unprivileged user namespaces'
  return mode === 'required' ? fail('sandbox', found.reason, remedy) : warning('sandbox', found.reason, remedy)
}

/** `output` is what `git --version` prints. */
export function gitVersionFinding(output: string): Finding {
  const version = /\d+\.\d+(?:\.\d+)?/.exec(output)?.[0]
  if (version === undefined) return warning('git', 'git does not say its version', `install git ${OLDEST_GIT} or newer`)
  return isAtLeast(version, OLDEST_GIT)
    ? ok('git', `git ${version}`)
    : fail('git', `git ${version} is too old`, `install git ${OLDEST_GIT} or newer`)
}

/** Writes into the folder, or into the nearest one above it that is there: rights alone do not tell of a full or read-only disk. */
export async function stateFinding(folder: string): Promise<Finding> {
  let place = folder
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place)
  try {
    await rm(await mkdtemp(join(place, '.muster-doctor-')), { recursive: true, force: true })
    return ok('state', `${folder} can be written${place === folder ? '' : ' (it is made at the first check)'}`)
  } catch (error) {
    return fail(
      'state',
      `${folder} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      'give yourself the right to write there, or name another folder in MUSTER_STATE',
    )
  }
}

export function clockFinding(now: string, zone: string | undefined, lastRecord: string | undefined): Finding {
  const machine = Intl.DateTimeFormat().resolvedOptions().timeZone
  if (lastRecord !== undefined && lastRecord > now) {
    return fail(
      'clock',
      `it is ${now} here, and the newest record is of ${lastRecord}`,
      'set the clock of this machine right: evidence would be judged by a time that is over',
    )
  }
  return ok(
    'clock',
    zone === undefined || zone === machine ? `${now}, zone ${machine}` : `${now}; the program lives in ${zone}, this machine in ${machine}`,
  )
}

function isAtLeast(version: string, oldest: string): boolean {
  const parts = version.split('.').map(Number)
  for (const [index, least] of oldest.split('.').map(Number).entries()) {
    const part = parts[index] ?? 0
    if (part !== least) return part > least
  }
  return true
}
