import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  realpathSync,
  writeSync,
} from 'node:fs'
import { dirname, isAbsolute, relative, resolve } from 'node:path'
import type { Channel, Dispatch, Sent } from '#core/notify/channel.ts'
import type { OpenChannel } from '#deliver/ports.ts'
import { jsonLine } from '#render/encode.ts'
import { plainNotice } from '#render/notice/plain.ts'
import { wordNotice } from '#render/notice/word.ts'

/**
 * A file of JSON lines, one for each message: `{ key, kind, thread, title, at, people, text, data }`. Once:
 * before a line is written it is looked whether its key is there, in one go, whoever wrote it. On
 * the disk when it is said to be delivered. A line that a crash cut off is ended and written anew.
 */
export const open: OpenChannel = async ({ to = '' }, { programFolder }) => {
  const file = new LinesFile(programFolder, to)
  return {
    send: async (dispatch) => file.send(dispatch),
    close: async () => file.close(),
  } satisfies Channel
}

/** Why nothing may be written there; undefined where it may. Folders of a repository may be links, which is seen before any is made. */
function whyNot(programFolder: string, to: string): string | undefined {
  const path = resolve(programFolder, to)
  const way = relative(programFolder, path)
  if (way === '' || isOutside(way)) return `${to} is not below the folder of the program file`
  if (isOutside(relative(realpathSync(programFolder), nearestFolder(dirname(path)))))
    return `${to} leads out of the folder of the program file`
  return undefined
}

/** Where a folder really lies, or the first above it that is there. */
const nearestFolder = (folder: string): string => (existsSync(folder) ? realpathSync(folder) : nearestFolder(dirname(folder)))

const isOutside = (way: string): boolean => way.split(/[\\/]/)[0] === '..' || isAbsolute(way)

const NEWLINE = 10

/** Through no symbolic link: a repository may hold one that leads elsewhere. */
const APPEND = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW

class LinesFile {
  readonly #programFolder: string
  readonly #to: string
  readonly #path: string
  readonly #keys = new Set<string>()
  /** Bytes of whole lines that have been read. */
  #read = 0
  #descriptor: number | undefined

  constructor(programFolder: string, to: string) {
    this.#programFolder = programFolder
    this.#to = to
    this.#path = resolve(programFolder, to)
  }

  /** Without a pause in between, so that no other turn of this process comes between looking and writing. */
  send(dispatch: Dispatch): Sent {
    let file
    try {
      const reason = whyNot(this.#programFolder, this.#to)
      if (reason !== undefined) return { outcome: 'failed', reason }
      file = this.#open()
    } catch (error) {
      return { outcome: 'retry', reason: messageOf(error) }
    }
    return this.#write(file, dispatch)
  }

  #write(file: number, { key, notice, program, config }: Dispatch): Sent {
    try {
      const isCutOff = this.#catchUp(file)
      if (this.#keys.has(key)) return { outcome: 'delivered', reference: key }
      const { acts: _, urgent: __, edits: ___, data, ...said } = notice
      const text = plainNotice(wordNotice(notice, program, config), notice.acts).join('\n')
      const line = Buffer.from(`${isCutOff ? '\n' : ''}${jsonLine({ key, ...said, text, data })}`)
      // One write: other processes append to the same file.
      if (writeSync(file, line) < line.length) return { outcome: 'retry', reason: `${this.#path} is full`, maybeSent: true }
      fsyncSync(file)
      return { outcome: 'delivered', reference: key }
    } catch (error) {
      this.close()
      return { outcome: 'retry', reason: messageOf(error), maybeSent: true }
    }
  }

  /** The file of that name now: the one before may have been moved away, as logs are, or removed. */
  #open(): number {
    if (this.#descriptor !== undefined && !this.#isThere(this.#descriptor)) this.close()
    if (this.#descriptor !== undefined) return this.#descriptor
    mkdirSync(dirname(this.#path), { recursive: true })
    this.#descriptor = openSync(this.#path, APPEND, 0o600)
    return this.#descriptor
  }

  #isThere(file: number): boolean {
    const [ours, there] = [fstatSync(file), lstatSync(this.#path, { throwIfNoEntry: false })]
    return there?.ino === ours.ino && there.dev === ours.dev
  }

  /** Reads what has been added since. True when the file ends inside of a line. */
  #catchUp(file: number): boolean {
    const { size } = fstatSync(file)
    if (size < this.#read) {
      // Somebody has emptied or replaced it: what it holds now is what counts.
      this.#read = 0
      this.#keys.clear()
    }
    const added = Buffer.alloc(size - this.#read)
    const length = added.length === 0 ? 0 : readSync(file, added, 0, added.length, this.#read)
    const end = added.subarray(0, length).lastIndexOf(NEWLINE) + 1
    for (const line of added.subarray(0, end).toString('utf8').split('\n')) {
      const key = keyOf(line)
      if (key !== undefined) this.#keys.add(key)
    }
    this.#read += end
    return end < length
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
    this.#read = 0
    this.#keys.clear()
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function keyOf(line: string): string | undefined {
  if (line === '') return undefined
  try {
    const parsed: unknown = JSON.parse(line)
    return typeof parsed === 'object' && parsed !== null && 'key' in parsed && typeof parsed.key === 'string' ? parsed.key : undefined
  } catch {
    return undefined
  }
}
