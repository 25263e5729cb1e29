import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { CommandError, EXIT, type Io } from '#cli/io.ts'
import type { Head } from '#core/ledger/chain.ts'
import type { LedgerEvent } from '#core/ledger/events.ts'
import { readingLines, type Wrong } from '#core/ledger/lines.ts'
import { sha256 } from '#store/sha256.ts'
import type { Ledgers } from './sound.ts'

/**
 * The ledgers in a file of lines, all of it read and verified once.
 * @throws CommandError that says where the file is wrong.
 */
export async function openLines(io: Io, file: string): Promise<Ledgers> {
  const heads = new Map<string, Head>()
  for await (const taken of readLines(io, file)) if ('ledger' in taken) heads.set(taken.ledger.program, taken.ledger.head)
  return {
    head: async (program) => heads.get(program),
    programs: async () => [...heads.keys()],
    async *read(program, { after = 0 } = {}) {
      let current: string | undefined
      for await (const taken of readLines(io, file))
        if ('ledger' in taken) current = taken.ledger.program
        else if (current === program && taken.event.seq > after) yield taken.event
    },
  }
}

/** How a SQLite file begins. */
const SQLITE = 'SQLite format 3'

type Read = { readonly ledger: { readonly program: string; readonly head: Head } } | { readonly event: LedgerEvent }

async function* readLines(io: Io, file: string): AsyncGenerator<Read> {
  const reading = readingLines(sha256)
  const refuse = ({ line, reason }: Wrong) => new CommandError(`${file}:${line}:1: ${reason}\n  nothing was taken over`, 1)
  let line = 0
  for await (const bytes of splitLines(io, file)) {
    line += 1
    if (line === 1 && bytes?.subarray(0, SQLITE.length).toString('latin1') === SQLITE)
      throw refuse({ line, reason: 'it is a SQLite file, which `muster ledger restore` takes' })
    const text = bytes === undefined ? undefined : decoded(bytes)
    if (text === undefined) throw refuse({ line, reason: 'it is cut off, or not UTF-8' })
    const taken = reading.take(text)
    if ('reason' in taken) throw refuse(taken)
    yield taken
  }
  const wrong = reading.end()
  if (wrong) throw refuse(wrong)
}

function decoded(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** No text of the engine is longer, so no record is. */
const MOST_BYTES = 512 * 1024 * 1024

/**
 * Lines end with a line feed and nothing else: records hold other separators. Undefined stands for
 * what comes after the last one, and for a line that no record is as long as.
 */
async function* splitLines(io: Io, file: string): AsyncGenerator<Buffer | undefined> {
  let pieces: Buffer[] = []
  let size = 0
  try {
    for await (const piece of createReadStream(resolve(io.cwd, file), { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
      let from = 0
      for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, from)) {
        yield Buffer.concat([...pieces, piece.subarray(from, end)])
        pieces = []
        size = 0
        from = end + 1
      }
      if (from < piece.length) pieces.push(piece.subarray(from))
      size += piece.length - from
      if (size > MOST_BYTES) break
    }
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw new CommandError(`${file} cannot be read: ${error.message}`, EXIT.couldNotRun)
    throw error
  }
  if (size > 0) yield undefined
}
