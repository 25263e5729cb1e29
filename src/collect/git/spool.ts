import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as others } from 'node:timers/promises'

/**
 * A file without a name that a process writes to, read when it has ended. git hands over its output
 * 4 KiB at a time; woken for each of them, reader and writer cost as much again as the work itself.
 */
export interface Spool {
  /** For `stdio` of the process that writes. */
  readonly writer: number
  /** Bytes written so far. */
  length(): number
  /** `take` has each piece only until it returns; others get their turn between two. */
  read(take: (piece: Buffer) => void, signal?: AbortSignal): Promise<void>
  close(): void
}

const PIECE_BYTES = 1 << 18

/** Undefined where no file can be written. */
export function openSpool(): Spool | undefined {
  let writer: number
  try {
    const folder = mkdtempSync(join(tmpdir(), 'muster-spool-'))
    try {
      writer = openSync(join(folder, 'output'), 'wx+', 0o600)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  } catch {
    return undefined
  }
  const length = (): number => fstatSync(writer).size
  return {
    writer,
    length,
    async read(take, signal) {
      const piece = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, length() + 1))
      for (let at = 0; ;) {
        const read = readSync(writer, piece, 0, piece.length, at)
        if (read === 0) return
        take(piece.subarray(0, read))
        at += read
        await others()
        signal?.throwIfAborted()
      }
    },
    close: () => closeSync(writer),
  }
}
