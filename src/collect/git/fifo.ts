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

/** What the thread hands over: which buffer, which is its again when the number comes back, and how much of it is filled. */
interface Filled {
  readonly number: number
  readonly length: number
  readonly isLast: boolean
}

function fifoOf(reader: number, writer: number): Fifo {
  // Shared, not handed to and fro: memory that comes and goes has it cleared up each time.
  const buffers = Array.from({ length: BUFFERS }, () => new SharedArrayBuffer(BUFFER_BYTES))
  const pieces = buffers.map((buffer) => Buffer.from(buffer))
  const thread = new Worker(`(${fillBuffers.toString()})()`, { eval: true, workerData: { reader, buffers } })
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
        thread.on('message', ({ number, length, isLast }: Filled) => {
          try {
            take((pieces[number] as Buffer).subarray(0, length))
          } catch (error) {
            return reject(error instanceof Error ? error : new Error(String(error)))
          }
          if (isLast) resolve()
          else thread.postMessage(number, [])
        })
        for (let number = 0; number < BUFFERS; number += 1) thread.postMessage(number, [])
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
  const { reader, buffers } = workerData as { readonly reader: number; readonly buffers: readonly SharedArrayBuffer[] }
  const pieces = buffers.map((buffer) => new Uint8Array(buffer))
  const moment = new Int32Array(new SharedArrayBuffer(4))
  parentPort?.on('message', (number: number) => {
    const bytes = pieces[number] as Uint8Array
    let length = 0
    let read = 1
    while (length < bytes.length) {
      read = readSync(reader, bytes, length, bytes.length - length, null)
      if (read === 0) break
      length += read
      // A pipe holds 64 KiB: less than most of it means that the writer is slower than we are.
      if (read < 49_152 && length < bytes.length) Atomics.wait(moment, 0, 0, 0.2)
    }
    parentPort?.postMessage({ number, length, isLast: read === 0 }, [])
  })
}
