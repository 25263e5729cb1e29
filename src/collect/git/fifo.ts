import { execFile } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'

/**
 * A pipe whose other end writes in small pieces, read in large ones. git hands over its output 4 KiB
 * at a time; woken for each of them, reader and writer cost as much again as the work itself. Here a
 * thread reads, which may sleep for a moment until there is more.
 */
export interface Fifo {
  /** For `stdio` of the process that writes; closed here as soon as `read` is called. */
  readonly writer: number
  /** Until nobody writes any more. `take` has each piece only until it returns; what it throws ends the reading. */
  read(take: (piece: Buffer) => void): Promise<void>
  close(): Promise<void>
}

const BUFFERS = 3
const BUFFER_BYTES = 1 << 20

/** Undefined where the system makes none. */
export async function openFifo(): Promise<Fifo | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-fifo-')).catch(() => undefined)
  if (folder === undefined) return undefined
  try {
    const path = join(folder, 'fifo')
    await promisify(execFile)('mkfifo', ['-m', '600', path])
    // Whoever opens one end alone waits for the other, but not so.
    const first = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const writer = openSync(path, constants.O_WRONLY)
    const reader = openSync(path, constants.O_RDONLY)
    closeSync(first)
    return fifoOf(reader, writer)
  } catch {
    return undefined
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What the thread hands over: a buffer that is given back to it, and how much of it is filled. */
interface Filled {
  readonly buffer: ArrayBuffer
  readonly length: number
  readonly isLast: boolean
}

function fifoOf(reader: number, writer: number): Fifo {
  const thread = new Worker(`(${fillBuffers.toString()})()`, { eval: true, workerData: reader })
  let isWriting = true
  const endWriting = (): void => {
    if (isWriting) closeSync(writer)
    isWriting = false
  }
  return {
    writer,
    read: (take) =>
      new Promise((resolve, reject) => {
        endWriting()
        thread.on('error', reject)
        thread.on('message', ({ buffer, length, isLast }: Filled) => {
          try {
            take(Buffer.from(buffer, 0, length))
          } catch (error) {
            return reject(error instanceof Error ? error : new Error(String(error)))
          }
          if (isLast) resolve()
          else thread.postMessage(buffer, [buffer])
        })
        for (let made = 0; made < BUFFERS; made += 1) {
          const buffer = new ArrayBuffer(BUFFER_BYTES)
          thread.postMessage(buffer, [buffer])
        }
      }),
    async close() {
      endWriting()
      await thread.terminate()
      closeSync(reader)
    },
  }
}

/** The thread: handed over as text, so it uses nothing from outside. */
function fillBuffers(): void {
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads')
  const { readSync } = process.getBuiltinModule('node:fs')
  const moment = new Int32Array(new SharedArrayBuffer(4))
  parentPort?.on('message', (buffer: ArrayBuffer) => {
    const bytes = new Uint8Array(buffer)
    let length = 0
    let read = 1
    while (length < bytes.length) {
      read = readSync(workerData as number, bytes, length, bytes.length - length, null)
      if (read === 0) break
      length += read
      // A pipe holds 64 KiB: less than most of it means that the writer is slower than we are.
      if (read < 49_152 && length < bytes.length) Atomics.wait(moment, 0, 0, 0.2)
    }
    parentPort?.postMessage({ buffer, length, isLast: read === 0 }, [buffer])
  })
}
