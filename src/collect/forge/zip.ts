import { constants } from 'node:fs'
import { mkdir, open, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { crc32, createInflateRaw } from 'node:zlib'

/** What an archive may ask of this machine. */
export interface ZipLimits {
  readonly entries: number
  /** Of all files together, and so of each. */
  readonly bytes: number
  /** Unpacked to packed, of a file above a MiB: reports reach 100, and bombs 1,000. */
  readonly ratio: number
}

const LIMITS: ZipLimits = { entries: 20_000, bytes: 2 ** 29, ratio: 300 }

export type Unzipped = { readonly ok: true; readonly files: readonly string[] } | { readonly ok: false; readonly reason: string }

/**
 * Unpacks a zip archive (APPNOTE 6.3: stored and deflated files and folders, on one disk, without
 * encryption) into an empty folder, and nothing but regular files of mode 600 below it. Reads only
 * what the directory at the end lists, and refuses an archive that has anything odd about it; what
 * was unpacked until then is left to the caller, who throws the folder away.
 */
export async function unzip(archive: string, folder: string, signal: AbortSignal, limits = LIMITS): Promise<Unzipped> {
  let file: FileHandle | undefined
  try {
    file = await open(archive, constants.O_RDONLY | constants.O_NOFOLLOW)
    const entries = await directoryOf(file, limits)
    let free = 0
    for (const entry of entries) free = await unpack(file, entry, { folder, free, signal })
    return { ok: true, files: entries.filter(({ isFolder }) => !isFolder).map(({ path }) => path) }
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, reason: error.message }
    if (signal.aborted) return { ok: false, reason: 'the time limit ended it' }
    return { ok: false, reason: `it cannot be unpacked: ${error instanceof Error ? error.message : String(error)}` }
  } finally {
    await file?.close()
  }
}

class Refusal extends Error {
  override readonly name = 'Refusal'
}

/** As the directory lists it. */
interface Entry {
  /** Relative, with `/`; of a folder without the one at its end. */
  readonly path: string
  readonly isFolder: boolean
  readonly name: Buffer
  readonly method: number
  readonly crc: number
  readonly packed: number
  readonly size: number
  /** Of its own header. */
  readonly offset: number
  /** Where the directory begins. */
  readonly end: number
}

const END = { signature: 0x06054b50, bytes: 22 }
/** Points to the other end record of zip64. */
const LOCATOR = { signature: 0x07064b50, bytes: 20 }
const LISTED = { signature: 0x02014b50, bytes: 46 }
const LOCAL = { signature: 0x04034b50, bytes: 30 }
const MAX_COMMENT = 0xffff
const MAX_DIRECTORY_BYTES = 2 ** 24
const MAX_NAME_BYTES = 1_024
const MAX_DEPTH = 32
const RATIO_FROM_BYTES = 2 ** 20

/** Every entry in the order in which they lie in the archive. */
async function directoryOf(file: FileHandle, limits: ZipLimits): Promise<readonly Entry[]> {
  const { size } = await file.stat()
  const tail = await read(file, Math.max(0, size - END.bytes - MAX_COMMENT), size)
  const at = endIn(tail)
  if (at === undefined) throw new Refusal('it is no zip archive, or it breaks off: there is no directory at its end')
  const [disk, listDisk, here, count] = [4, 6, 8, 10].map((offset) => tail.readUInt16LE(at + offset))
  const bytes = tail.readUInt32LE(at + 12)
  const start = tail.readUInt32LE(at + 16)
  const isLarge = disk === 0xffff || count === 0xffff || bytes === 0xffffffff || start === 0xffffffff
  if (isLarge || (at >= LOCATOR.bytes && tail.readUInt32LE(at - LOCATOR.bytes) === LOCATOR.signature))
    throw new Refusal('it is a zip64 archive, which is not read')
  if (disk !== 0 || listDisk !== 0 || here !== count) throw new Refusal('it is one part of an archive of several')
  if (start + bytes !== size - tail.length + at) throw new Refusal('its directory does not lie where it is said to')
  if (count === undefined || count > limits.entries)
    throw new Refusal(`it lists ${count} files, and at most ${limits.entries} are unpacked`)
  if (bytes > MAX_DIRECTORY_BYTES) throw new Refusal(`its directory has ${bytes} bytes, and at most ${MAX_DIRECTORY_BYTES} are read`)

  const directory = await read(file, start, start + bytes)
  const entries: Entry[] = []
  let next = 0
  for (let index = 0; index < count; index += 1) {
    const { entry, length } = entryAt(directory, next, start)
    entries.push(entry)
    next += length
  }
  if (next !== bytes) throw new Refusal('its directory lists more than it counts')
  checkTogether(entries, limits)
  return entries.toSorted((a, b) => a.offset - b.offset)
}

/** Where the end record begins: its comment reaches just to the end of the file. */
function endIn(tail: Buffer): number | undefined {
  for (let at = tail.length - END.bytes; at >= 0; at -= 1)
    if (tail.readUInt32LE(at) === END.signature && at + END.bytes + tail.readUInt16LE(at + 20) === tail.length) return at
  return undefined
}

function entryAt(directory: Buffer, at: number, end: number): { readonly entry: Entry; readonly length: number } {
  if (at + LISTED.bytes > directory.length || directory.readUInt32LE(at) !== LISTED.signature) throw new Refusal('its directory is damaged')
  const short = (offset: number): number => directory.readUInt16LE(at + offset)
  const long = (offset: number): number => directory.readUInt32LE(at + offset)
  const length = LISTED.bytes + short(28) + short(30) + short(32)
  if (at + length > directory.length) throw new Refusal('its directory is damaged')
  const name = directory.subarray(at + LISTED.bytes, at + LISTED.bytes + short(28))
  const isFolder = name.at(-1) === 0x2f
  const path = pathOf(isFolder ? name.subarray(0, -1) : name)
  const entry = { path, isFolder, name, method: short(10), crc: long(16), packed: long(20), size: long(24), offset: long(42), end }
  const refuse = (why: string): never => {
    throw new Refusal(`${path}: ${why}`)
  }
  checkFlags(short(8), refuse)
  const type = (long(38) >>> 16) & 0o170000
  if (type !== 0 && type !== (isFolder ? 0o040000 : 0o100000)) refuse(TYPES[type] ?? 'it is no regular file')
  if (short(34) !== 0) refuse('it lies in another part of the archive')
  if ([entry.packed, entry.size, entry.offset].includes(0xffffffff)) refuse('it is a zip64 entry, which is not read')
  if (entry.method !== 0 && entry.method !== 8) refuse(`it is packed by method ${entry.method}, which is neither stored nor deflated`)
  if (entry.method === 0 && entry.packed !== entry.size) refuse('it is stored, and its two sizes differ')
  if (isFolder && entry.size !== 0) refuse('it is a folder that holds bytes')
  return { entry, length }
}

const TYPES: Readonly<Record<number, string>> = {
  0o120000: 'it is a link',
  0o020000: 'it is a device',
  0o060000: 'it is a device',
  0o010000: 'it is a pipe',
  0o140000: 'it is a socket',
}

/** Bits 0, 6 and 13 stand for encryption, 5 for a patch. */
function checkFlags(flags: number, refuse: (why: string) => never): void {
  if ((flags & 0b0010_0000_0100_0001) !== 0) refuse('it is encrypted')
  if ((flags & 0b0010_0000) !== 0) refuse('it is a patch')
}

/** A path that stays in its folder on every system. */
function pathOf(name: Buffer): string {
  let path: string
  try {
    path = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(name)
  } catch {
    throw new Refusal(`a name in it is no UTF-8: ${JSON.stringify(name.toString('latin1').slice(0, 100))}`)
  }
  const refuse = (why: string): never => {
    throw new Refusal(`${JSON.stringify(path.slice(0, 100))}: ${why}`)
  }
  const parts = path.split('/')
  if (path === '') refuse('it has no name')
  // oxlint-disable-next-line no-control-regex -- a name with one of them is refused
  if (/[\u0000-\u001f\u007f\\]/.test(path)) refuse('its name has a backslash or a control character')
  if (path.startsWith('/') || /^[a-z]:/i.test(path)) refuse('its name leads out of the folder')
  if (parts.some((part) => part === '' || part === '.' || part === '..')) refuse('its name leads out of the folder')
  if (name.length > MAX_NAME_BYTES || parts.length > MAX_DEPTH || parts.some((part) => Buffer.byteLength(part) > 255))
    refuse('its name is too long')
  return path
}

/** What no entry says of itself: names that clash, and the size of all. */
function checkTogether(entries: readonly Entry[], { bytes, ratio }: ZipLimits): void {
  const files = new Set<string>()
  const seen = new Set<string>()
  for (const { path, isFolder } of entries) {
    if (seen.has(path)) throw new Refusal(`${path}: it is there twice`)
    seen.add(path)
    if (!isFolder) files.add(path)
  }
  let total = 0
  for (const { path, packed, size } of entries) {
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1))
      if (files.has(path.slice(0, slash))) throw new Refusal(`${path}: it lies in a file`)
    total += size
    if (total > bytes) throw new Refusal(`it holds more than ${bytes} bytes`)
    if (size > RATIO_FROM_BYTES && size > packed * ratio) throw new Refusal(`${path}: its ${packed} bytes would become ${size}`)
  }
}

interface Unpacking {
  readonly folder: string
  /** Where the entry before this one ends: they must not share bytes. */
  readonly free: number
  readonly signal: AbortSignal
}

/** Where the entry ends in the archive. */
async function unpack(file: FileHandle, entry: Entry, { folder, free, signal }: Unpacking): Promise<number> {
  const refuse = (why: string): never => {
    throw new Refusal(`${entry.path}: ${why}`)
  }
  signal.throwIfAborted()
  if (entry.offset < free) refuse('it shares bytes with another one')
  if (entry.offset + LOCAL.bytes + entry.name.length > entry.end) refuse('it does not lie where the directory says')
  const header = await read(file, entry.offset, entry.offset + LOCAL.bytes + entry.name.length)
  const isSame = header.readUInt32LE(0) === LOCAL.signature && header.readUInt16LE(8) === entry.method
  if (!isSame || header.readUInt16LE(26) !== entry.name.length || !header.subarray(LOCAL.bytes).equals(entry.name))
    refuse('it is another one than the directory says')
  checkFlags(header.readUInt16LE(6), refuse)
  const start = entry.offset + header.length + header.readUInt16LE(28)
  const end = start + entry.packed
  if (end > entry.end) refuse('it reaches into the directory')

  const path = join(folder, entry.path)
  await mkdir(entry.isFolder ? path : dirname(path), { recursive: true, mode: 0o700 })
  if (!entry.isFolder) await write(file, entry, { path, start, end, signal })
  return end
}

interface Writing {
  readonly path: string
  readonly start: number
  readonly end: number
  readonly signal: AbortSignal
}

async function write(file: FileHandle, entry: Entry, { path, start, end, signal }: Writing): Promise<void> {
  const refuse = (why: string): never => {
    throw new Refusal(`${entry.path}: ${why}`)
  }
  const target = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600)
  let size = 0
  let crc = 0
  async function take(chunks: AsyncIterable<Buffer>): Promise<void> {
    for await (const chunk of chunks) {
      size += chunk.length
      if (size > entry.size) refuse(`it has more than the ${entry.size} bytes that it says`)
      crc = crc32(chunk, crc)
      await target.writeFile(chunk)
    }
  }
  try {
    if (entry.packed > 0) {
      const packed = pieces(file, start, end)
      if (entry.method === 0) await pipeline(packed, take, { signal })
      else {
        const inflate = createInflateRaw()
        await pipeline(packed, inflate, take, { signal })
        if (inflate.bytesWritten !== entry.packed) refuse('there are bytes behind its end')
      }
    }
  } catch (error) {
    if (error instanceof Refusal || signal.aborted) throw error
    refuse(`it is damaged: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    await target.close()
  }
  if (size !== entry.size) refuse(`it has ${size} bytes in place of ${entry.size}`)
  if (crc !== entry.crc) refuse('its checksum is wrong')
}

const PIECE_BYTES = 2 ** 16

async function* pieces(file: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  for (let at = start; at < end; at += PIECE_BYTES) yield read(file, at, Math.min(end, at + PIECE_BYTES))
}

async function read(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const buffer = Buffer.alloc(end - start)
  let have = 0
  while (have < buffer.length) {
    const { bytesRead } = await file.read(buffer, have, buffer.length - have, start + have)
    if (bytesRead === 0) throw new Refusal('it breaks off')
    have += bytesRead
  }
  return buffer
}
