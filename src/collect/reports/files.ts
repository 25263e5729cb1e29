import { createHash } from 'node:crypto'
import type { Dirent } from 'node:fs'
import { constants } from 'node:fs'
import { open, readdir, realpath, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { getSystemErrorMap } from 'node:util'
import { matcher } from '#core/evidence/glob.ts'
import { patternProblem } from './options.ts'
import type { ByteParser } from '#collect/scan/text.ts'

/** A regular file within the root. */
export interface FoundFile {
  /** As the pattern reached it: relative to the root, with `/`. */
  readonly path: string
  /** The same without links. */
  readonly target: string
  /** Absolute, without links. */
  readonly real: string
  readonly root: string
}

export type Found =
  | { readonly ok: true; readonly files: readonly FoundFile[] }
  | { readonly ok: false; readonly status: 'missing' | 'errored'; readonly reason: string }

const MAX_FILE_BYTES = 2 ** 30
const MAX_FILES = 10_000
const MAX_ENTRIES = 300_000
const MAX_DEPTH = 64
const CHUNK_BYTES = 1 << 16
const MAX_SIDECAR_BYTES = 1_024
/** Added to the name of a report: a file that holds the commit it is about. */
export const SIDECAR = '.commit'

/**
 * Files below `root` that match, sorted by path. Only folders that a pattern can reach are read;
 * `.git` never, `node_modules` where a pattern names it. Links are followed within the root.
 */
export async function findFiles(root: string, patterns: readonly string[], signal: AbortSignal): Promise<Found> {
  const problem = patterns.map(patternProblem).find((one) => one !== undefined)
  if (problem !== undefined) return { ok: false, status: 'errored', reason: `${patterns.join(', ')}: ${problem}` }
  const walk = new Walk(await realpath(root).catch(() => root), patterns, signal)
  for (const prefix of new Set(patterns.map(literalPrefix))) await walk.enter(prefix)
  if (walk.trouble !== undefined) return { ok: false, status: 'errored', reason: walk.trouble }
  const paths = new Set([...walk.files.values()].map(({ path }) => path))
  const isSidecar = (path: string): boolean => path.endsWith(SIDECAR) && paths.has(path.slice(0, -SIDECAR.length))
  const files = [...walk.files.values()].filter(({ path }) => !isSidecar(path))
  if (files.length === 0) return { ok: false, status: 'missing', reason: `no file matches ${patterns.join(', ')}` }
  return { ok: true, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) }
}

class Walk {
  readonly files = new Map<string, FoundFile>()
  trouble: string | undefined
  readonly #root: string
  readonly #signal: AbortSignal
  readonly #matches: (path: string) => boolean
  readonly #depth: number
  readonly #skips: (name: string) => boolean
  readonly #visited = new Set<string>()
  #entries = 0

  constructor(root: string, patterns: readonly string[], signal: AbortSignal) {
    this.#root = root
    this.#signal = signal
    this.#matches = matcher(patterns)
    this.#depth = Math.min(MAX_DEPTH, Math.max(...patterns.map(depthOf)))
    const wantsModules = patterns.some((pattern) => pattern.includes('node_modules'))
    this.#skips = (name) => name === '.git' || (name === 'node_modules' && !wantsModules)
  }

  async enter(prefix: string): Promise<void> {
    const real = await realpath(join(this.#root, prefix)).catch(() => undefined)
    if (real === undefined) return
    if (!this.#isInside(real)) this.#stop(`${prefix} is a link that leads out of ${this.#root}`)
    else await this.#folder(prefix, real)
  }

  async #folder(path: string, real: string): Promise<void> {
    if (this.trouble !== undefined || this.#visited.has(path) || path.split('/').length > this.#depth) return
    this.#visited.add(path)
    const entries = await readdir(real, { withFileTypes: true }).catch(() => [])
    this.#entries += entries.length
    if (this.#entries > MAX_ENTRIES)
      return this.#stop(`more than ${MAX_ENTRIES} entries to look through: name the folder of the reports in the pattern`)
    if (this.#signal.aborted) return this.#stop('the time limit was over before the files were found')
    for (const entry of entries) await this.#entry(path === '' ? entry.name : `${path}/${entry.name}`, join(real, entry.name), entry)
  }

  async #entry(path: string, real: string, entry: Dirent): Promise<void> {
    if (entry.isSymbolicLink()) return this.#link(path, real)
    if (entry.isDirectory()) {
      if (!this.#skips(entry.name)) await this.#folder(path, real)
    } else if (this.#matches(path)) {
      if (entry.isFile()) this.#file(path, real)
      else this.#stop(`${path} is no regular file`)
    }
  }

  async #link(path: string, link: string): Promise<void> {
    const real = await realpath(link).catch(() => undefined)
    const target = real === undefined ? undefined : await stat(real).catch(() => undefined)
    if (real === undefined || target === undefined) {
      if (this.#matches(path)) this.#stop(`${path} is a link that leads nowhere`)
    } else if (!this.#isInside(real)) {
      if (this.#matches(path)) this.#stop(`${path} is a link that leads out of the folder`)
    } else if (target.isDirectory()) {
      // A link to a folder around it would lead in circles.
      if (!`${link}${sep}`.startsWith(`${real}${sep}`)) await this.#folder(path, real)
    } else if (this.#matches(path)) {
      if (target.isFile()) this.#file(path, real)
      else this.#stop(`${path} is no regular file`)
    }
  }

  #file(path: string, real: string): void {
    if (this.files.size >= MAX_FILES) return this.#stop(`more than ${MAX_FILES} files match`)
    // One file by two ways is one report.
    if (this.files.has(real)) return
    this.files.set(real, { path, target: relative(this.#root, real).replaceAll(sep, '/'), real, root: this.#root })
  }

  #isInside(real: string): boolean {
    return real === this.#root || `${real}${sep}`.startsWith(this.#root.endsWith(sep) ? this.#root : `${this.#root}${sep}`)
  }

  #stop(reason: string): void {
    this.trouble ??= reason
  }
}

/** The folders of a pattern before the first part that is not literal; never the file itself. */
function literalPrefix(pattern: string): string {
  const parts = withoutDot(pattern).split('/')
  const special = parts.findIndex((part) => /[*?[{]/.test(part))
  return parts.slice(0, special < 0 ? -1 : special).join('/')
}

/** How many folder levels a pattern can reach. */
const depthOf = (pattern: string): number =>
  pattern.includes('**') || pattern.endsWith('/') ? MAX_DEPTH : withoutDot(pattern).split('/').length

const withoutDot = (pattern: string): string => (pattern.startsWith('./') ? pattern.slice(2) : pattern)

export type FileReading =
  | { readonly ok: true; readonly sha256: string; readonly modifiedMs: number; readonly oid?: string }
  | { readonly ok: false; readonly reason: string }

/** Streams a file into a parser and digests all of it; with `oid`, also as the git blob of that kind of id. */
export async function readFile(
  file: FoundFile,
  parser: Pick<ByteParser<unknown>, 'write'>,
  { oid, signal }: { readonly oid: string | undefined; readonly signal: AbortSignal },
): Promise<FileReading> {
  let handle
  try {
    // Not blocking: a pipe put in the place of the file since would be waited for without end.
    handle = await open(file.real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const { size, mtimeMs, ...stats } = await handle
      .stat()
      .then((found) => ({ size: found.size, mtimeMs: found.mtimeMs, isFile: found.isFile() }))
    if (!stats.isFile) return { ok: false, reason: 'it is no regular file' }
    if (size > MAX_FILE_BYTES) return { ok: false, reason: `it has ${size} bytes, and at most ${MAX_FILE_BYTES} are read` }
    const sha256 = createHash('sha256')
    const blob = oid === undefined ? undefined : createHash(oid.length === 64 ? 'sha256' : 'sha1').update(`blob ${size}\0`)
    let bytes = 0
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
    for (;;) {
      if (signal.aborted) return { ok: false, reason: `the time limit was over after ${bytes} of ${size} bytes` }
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES)
      if (bytesRead === 0) break
      bytes += bytesRead
      if (bytes > size) break
      const chunk = buffer.subarray(0, bytesRead)
      sha256.update(chunk)
      blob?.update(chunk)
      parser.write(chunk)
    }
    if (bytes !== size) return { ok: false, reason: 'it changed while it was read' }
    return { ok: true, sha256: sha256.digest('hex'), modifiedMs: mtimeMs, ...(blob && { oid: blob.digest('hex') }) }
  } catch (error) {
    return { ok: false, reason: `it cannot be read: ${reasonOf(error)}` }
  } finally {
    await handle?.close()
  }
}

/** The first 64 KiB of a file, or why they cannot be read. */
export async function readHead(real: string): Promise<Uint8Array | string> {
  let handle
  try {
    handle = await open(real, constants.O_RDONLY | constants.O_NONBLOCK)
    if (!(await handle.stat()).isFile()) return 'it is no regular file'
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } catch (error) {
    return `it cannot be read: ${reasonOf(error)}`
  } finally {
    await handle?.close()
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error && 'errno' in error)) return String(error)
  return getSystemErrorMap().get(Number(error.errno))?.[1] ?? error.message
}

/** The text of a small file beside another one, named like it with `suffix` added; undefined where there is none. */
export async function readSmallFile(file: FoundFile, suffix: string): Promise<string | undefined> {
  const real = await realpath(join(file.root, `${file.path}${suffix}`)).catch(() => undefined)
  if (real === undefined || relative(file.root, real).startsWith('..')) return undefined
  const chunks: Uint8Array[] = []
  const read = await readFile(
    { ...file, real },
    { write: (bytes) => void (chunks.length === 0 && chunks.push(Uint8Array.from(bytes.subarray(0, MAX_SIDECAR_BYTES)))) },
    {
      oid: undefined,
      signal: new AbortController().signal,
    },
  )
  return read.ok ? Buffer.concat(chunks).toString('utf8') : ''
}
