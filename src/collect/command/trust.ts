import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { CommandRequest, Repository } from '#core/evidence/collector.ts'
import { openTree, type TreeFiles } from '#core/evidence/tree-path.ts'
import { reach, type Reached } from '#collect/source-code/reach.ts'

/** What is asked about: the request without whose it is and how long it may take. */
export type TrustRequest = Pick<CommandRequest, 'tree' | 'run' | 'setup' | 'folder' | 'environment' | 'network' | 'sandbox'>

/** All that a person trusts by trusting a digest; printed before they are asked. */
export interface Inspection {
  /** Lower-case hex sha256 over the other fields. */
  readonly digest: string
  readonly run: string
  readonly setup?: string
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  readonly network?: boolean
  readonly sandbox?: 'required' | 'off'
  readonly reached: readonly Reached[]
}

/** Files larger than this are held by their id and not looked into. */
const MAX_FILE_BYTES = 256 * 1024

/** Reads what the request would run at its tree. Nothing is run. Rejects as the repository does. */
export async function inspect(repository: Pick<Repository, 'list' | 'read'>, request: TrustRequest): Promise<Inspection> {
  return inspectIn(await openTree(repository, request.tree, MAX_FILE_BYTES), request)
}

export async function inspectIn(files: TreeFiles, request: TrustRequest): Promise<Inspection> {
  const { run, setup, folder, network, sandbox } = request
  const environment = Object.fromEntries(Object.entries(request.environment).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  const reached = await reach(request, files)
  const fences = { ...(network !== undefined && { network }), ...(sandbox !== undefined && { sandbox }) }
  const content = { run, ...(setup !== undefined && { setup }), folder, environment, ...fences, reached }
  return { digest: digestOf(content), ...content }
}

/** Canonical JSON: a version, then every field in this order, environment and reached sorted. */
function digestOf(content: Omit<Inspection, 'digest'>): string {
  const reached = content.reached.map(({ path, oid, text }) => [path, oid ?? null, text ?? null])
  const { run, setup = null, folder, environment, network = null, sandbox = null } = content
  const canonical = JSON.stringify([2, run, setup, folder, Object.entries(environment), network, sandbox, reached])
  return createHash('sha256').update(canonical).digest('hex')
}

const Entry = z.strictObject({
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  run: z.string(),
  folder: z.string(),
  /** Which repository it was trusted in: the same line elsewhere runs other code. */
  repository: z.string(),
  /** ISO 8601 in UTC. */
  trustedAt: z.string(),
  by: z.string().optional(),
})
export type TrustEntry = z.infer<typeof Entry>

const TrustFile = z.strictObject({ version: z.literal(1), entries: z.array(Entry) })

export interface Trust {
  /** Rejects with `TrustFileError` when the file is there and cannot be relied on. */
  isTrusted(digest: string): Promise<boolean>
  /** Adds to the file; entries with a known digest and repository are replaced. */
  add(entries: readonly TrustEntry[]): Promise<void>
}

export interface TrustOptions {
  /** Absolute path of `trust.json`; it and its folder are made when the first entry is added. */
  readonly file: string
  /** What tells this repository from others, for example its absolute path; entries count within it only. */
  readonly repository: string
  /** Digests trusted for this process, whatever the repository: from a command-line option. */
  readonly also?: readonly string[]
}

/** The trust file is there and cannot be relied on; the message says how to mend it. */
export class TrustFileError extends Error {
  override readonly name = 'TrustFileError'
}

export function createTrust({ file, repository, also = [] }: TrustOptions): Trust {
  const given = new Set(also)
  let writing: Promise<void> = Promise.resolve()
  return {
    isTrusted: async (digest) =>
      given.has(digest) || (await readEntries(file)).some((entry) => entry.digest === digest && entry.repository === repository),
    add: (entries) => {
      // One after the other: each write begins with what the one before left.
      const next = writing.then(() => addTo(file, entries))
      writing = next.catch(() => undefined)
      return next
    },
  }
}

async function addTo(file: string, entries: readonly TrustEntry[]): Promise<void> {
  const key = (entry: TrustEntry): string => `${entry.digest} ${entry.repository}`
  const added = new Set(entries.map(key))
  const kept = (await readEntries(file)).filter((entry) => !added.has(key(entry)))
  const content = TrustFile.parse({ version: 1, entries: [...kept, ...entries] })
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await writeAtomically(file, `${JSON.stringify(content, undefined, 2)}\n`)
}

async function readEntries(file: string): Promise<readonly TrustEntry[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new TrustFileError(`${file} cannot be read: ${error.message}`)
  })
  if (text === undefined) return []
  // Whoever can write the file can have anything run.
  const { mode, uid } = await stat(file)
  if ((mode & 0o022) !== 0) throw new TrustFileError(`${file} can be written by others; make it yours alone: chmod 600`)
  const self = process.getuid?.()
  if (self !== undefined && uid !== self && uid !== 0)
    throw new TrustFileError(`${file} belongs to another user; delete it and trust again`)
  const parsed = TrustFile.safeParse(jsonOf(text))
  if (!parsed.success) throw new TrustFileError(`${file} is no trust file that this version wrote; delete it and trust again`)
  return parsed.data.entries
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whole or not at all, also when the power fails: a new file is synced, then takes the name, then the folder is synced. */
async function writeAtomically(file: string, text: string): Promise<void> {
  const temporary = join(dirname(file), `.${randomUUID()}.tmp`)
  try {
    const handle = await open(temporary, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  const folder = await open(dirname(file), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
