import { closeSync, constants, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs'
import { mkdir, realpath } from 'node:fs/promises'
import { dirname, isAbsolute, relative, resolve } from 'node:path'
import type { Channel, Dispatch, Sent } from '#core/notify/channel.ts'
import type { OpenChannel } from '#deliver/ports.ts'
import { plainNotice } from '#render/notice/plain.ts'
import { wordNotice } from '#render/notice/word.ts'

/**
 * A file of JSON lines, one for each message: `{ key, kind, thread, title, at, people, text, data }`. Once:
 * before a line is written it is looked whether its key is there, in one go, whoever wrote it. On
 * the disk when it is said to be delivered. A line that a crash cut off is ended and written anew.
 */
export const open: OpenChannel = async (config, { programFolder }) => {
  const path = resolve(programFolder, config.to ?? '')
  const way = relative(programFolder, path)
  if (way === '' || isOutside(way)) return refusing(`${config.to} is not below the folder of the program file`)
  await mkdir(dirname(path), { recursive: true })
  // A folder of a repository may be a link as well.
  if (isOutside(relative(await realpath(programFolder), await realpath(dirname(path)))))
    return refusing(`${config.to} leads out of the folder of the program file`)
  const file = new LinesFile(path)
  return {
    send: async (dispatch) => file.send(dispatch),
    close: async () => file.close(),
  } satisfies Channel
}

const isOutside = (way: string): boolean => way.split(/[\\/]/)[0] === '..' || isAbsolute(way)

const NEWLINE = 10

/** Through no symbolic link: a repository may hold one that leads elsewhere. */
const APPEND = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW

const refusing = (reason: string): Channel => ({ send: async () => ({ outcome: 'failed', reason }), close: async () => {} })

class LinesFile {
  readonly #path: string
  readonly #keys = new Set<string>()
  /** Bytes of whole lines that have been read. */
  #read = 0
  #descriptor: number | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** Without a pause in between, so that no other turn of this process comes between looking and writing. */
  send({ key, notice, program, config }: Dispatch): Sent {
    try {
      const file = (this.#descriptor ??= openSync(this.#path, APPEND, 0o600))
      const isCutOff = this.#catchUp(file)
      if (this.#keys.has(key)) return { outcome: 'delivered', reference: key }
      const { acts: _, urgent: __, edits: ___, data, ...said } = notice
      const text = plainNotice(wordNotice(notice, program, config), notice.acts).join('\n')
      const line = Buffer.from(`${isCutOff ? '\n' : ''}${JSON.stringify({ key, ...said, text, data })}\n`)
      // One write: other processes append to the same file.
      if (writeSync(file, line) < line.length) return { outcome: 'retry', reason: `${this.#path} is full`, maybeSent: true }
      fsyncSync(file)
      return { outcome: 'delivered', reference: key }
    } catch (error) {
      this.close()
      return { outcome: 'retry', reason: error instanceof Error ? error.message : String(error), maybeSent: true }
    }
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

function keyOf(line: string): string | undefined {
  if (line === '') return undefined
  try {
    const parsed: unknown = JSON.parse(line)
    return typeof parsed === 'object' && parsed !== null && 'key' in parsed && typeof parsed.key === 'string' ? parsed.key : undefined
  } catch {
    return undefined
  }
}
