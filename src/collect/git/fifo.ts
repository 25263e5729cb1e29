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

/** What the thread is asked for, and what it hands over: which buffer of its own, and how much of it is filled. */
interface Asked {
  readonly reader: number
  readonly number: number
}
interface Filled {
  readonly number: number
  readonly length: number
  readonly isLast: boolean
}

interface Filler {
  readonly thread: Worker
  readonly pieces: readonly Buffer[]
}

/** One that waits for the next pipe: to start another takes as long as to read 20 MB. */
let idle: Filler | undefined

function startFiller(): Filler {
  // Shared, not handed to and fro: memory that comes and goes has it cleared up each time.
  const buffers = Array.from({ length: BUFFERS }, () => new SharedArrayBuffer(BUFFER_BYTES))
  const thread = new Worker(`(${fillBuffers.toString()})()`, { eval: true, workerData: buffers })
  const filler = { thread, pieces: buffers.map((buffer) => Buffer.from(buffer)) }
  // Whoever waits for it hears of its end as well; while nobody does, it is merely not there any more.
  thread
    .on('error', () => undefined)
    .on('exit', () => {
      if (idle === filler) idle = undefined
    })
  return filler
}

function fifoOf(reader: number, writer: number): Fifo {
  const filler = idle ?? startFiller()
  idle = undefined
  const { thread, pieces } = filler
  thread.ref()
  let isWriting = true
  let isRead = false
  const endWriting = (): void => {
    if (isWriting) closeSync(writer)
    isWriting = false
  }
  return {
    writer,
    read: (take) =>
      new Promise((resolve, reject) => {
        endWriting()
        let asked = 0
        const ask = (number: number): void => {
          asked += 1
          thread.postMessage({ reader, number } satisfies Asked, [])
        }
        const onFilled = ({ number, length, isLast }: Filled): void => {
          asked -= 1
          try {
            take((pieces[number] as Buffer).subarray(0, length))
          } catch (error) {
            return reject(error instanceof Error ? error : new Error(String(error)))
          }
          if (!isLast) ask(number)
          // Only when it reads nothing any more can it be given another pipe.
          if (asked > 0) return
          thread.off('error', reject).off('message', onFilled)
          isRead = true
          resolve()
        }
        thread.on('error', reject).on('message', onFilled)
        for (let number = 0; number < BUFFERS; number += 1) ask(number)
      }),
    async close() {
      endWriting()
      if (isRead && idle === undefined) {
        thread.unref()
        idle = filler
      } else await thread.terminate()
      closeSync(reader)
    },
  }
}

/** The thread: handed over as text, so it uses nothing from outside. */
function fillBuffers(): void {
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads')
  const { readSync } = process.getBuiltinModule('node:fs')
  const pieces = (workerData as readonly SharedArrayBuffer[]).map((buffer) => new Uint8Array(buffer))
  const moment = new Int32Array(new SharedArrayBuffer(4))
  parentPort?.on('message', ({ reader, number }: Asked) => {
    const bytes = pieces[number] as Uint8Array
    let length = 0
    let read = 1
    while (length < bytes.length) {
      read = readSync(reader, bytes, length, bytes.length - length, null)
      if (read === 0) break
      length += read
      // A pipe holds 64 KiB: less than most of it means that the writer is slower than we are.
      if (read < 49_152 && length < bytes.length) Atomics.wait(moment, 0, 0, 0.4)
    }
    parentPort?.postMessage({ number, length, isLast: read === 0 }, [])
  })
}
