import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { Command } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { CONFIG_OPTION } from '#cli/config-option.ts'
import { CommandError, EXIT, type Io } from '#cli/io.ts'
import { programIdOf } from '#cli/program-id.ts'
import { openLedger } from '#cli/wire.ts'
import { verifyStream, type Head } from '#core/ledger/chain.ts'
import { canonical } from '#core/ledger/canonical.ts'
import type { LedgerEvent } from '#core/ledger/events.ts'
import { sha256 } from '#store/sha256.ts'
import { StoreError, type Store } from '#store/store.ts'

/** `muster ledger`: the record as JSON lines, out of one store and into another, its chain as it is. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  const ledger = new Command('ledger').description('Move the ledger between stores: each line of the file is one sealed record.')
  ledger.addCommand(exportCommand(io, exit))
  ledger.addCommand(importCommand(io, exit))
  return ledger as unknown as PlainCommand
}

const exportCommand = (io: Io, exit: (code: number) => void) =>
  new Command('export')
    .description('Write the ledger of the program as JSON lines. One that is not sound is refused, with the first bad record.')
    .option(...CONFIG_OPTION)
    .requiredOption('--output <file>', 'file to write, which must not be there yet')
    .action(async (options) => {
      const { folder, program } = await programIdOf(io, options.config)
      const store = await openLedger(io, folder, 'read')
      try {
        const verified = await verifyStream(store.read(program), sha256)
        if (!verified.ok) throw new CommandError(`${verified.reason}\n  ${verified.remedy}`, 1)
        if (!verified.head) throw new CommandError(`${program} has no record yet`, EXIT.couldNotRun)
        await writeLines(io, options.output, store, program, verified.head)
        io.stderr.write(
          `${verified.head.seq} records of ${program} are in ${options.output}\nhead ${verified.head.seq}:${verified.head.hash}\n`,
        )
        exit(0)
      } finally {
        await store.close()
      }
    })

/** Up to the head that was verified: what is recorded meanwhile is left for the next time. */
async function writeLines(io: Io, file: string, store: Store, program: string, head: Head): Promise<void> {
  const handle = await open(resolve(io.cwd, file), 'wx').catch((error: Error) => {
    throw new CommandError(`--output ${file} cannot be written: ${error.message}`, EXIT.couldNotRun)
  })
  try {
    for await (const event of store.read(program)) if (event.seq <= head.seq) await handle.write(`${canonical(event)}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const importCommand = (io: Io, exit: (code: number) => void) =>
  new Command('import')
    .description('Take over a ledger from JSON lines, all or nothing: into an empty store, or as the continuation of what is there.')
    .option(...CONFIG_OPTION)
    .argument('<file>', 'what `muster ledger export` wrote')
    .action(async (file, options) => {
      const { folder, program } = await programIdOf(io, options.config)
      const verified = await verifyStream(readLines(io, file), sha256)
      if (!verified.ok) throw new CommandError(`${file}: ${verified.reason}\n  nothing was taken over`, 1)
      const store = await openLedger(io, folder, 'write')
      try {
        const head = await store.head(program)
        if (head) await requireContinuation(io, file, head)
        const after = head?.seq ?? 0
        if (verified.head === undefined || verified.head.seq === after) {
          io.stderr.write(`${program} has all records of ${file} already\n`)
          return exit(0)
        }
        const taken = await store.adopt(program, after === 0 ? readLines(io, file) : later(readLines(io, file), after), { onto: head })
        io.stderr.write(`${(taken?.seq ?? after) - after} records taken over; ${program} has ${taken?.seq ?? after}\n`)
        exit(0)
      } catch (error) {
        if (error instanceof StoreError && (error.code === 'conflict' || error.code === 'broken-chain'))
          throw new CommandError(`${file}: ${error.message}\n  ${error.remedy}`, 1)
        throw error
      } finally {
        await store.close()
      }
    })

/** Two ledgers of one program that went different ways cannot be joined. */
async function requireContinuation(io: Io, file: string, head: Head): Promise<void> {
  for await (const event of readLines(io, file)) {
    if (event.seq < head.seq) continue
    if (event.hash === head.hash) return
    throw new CommandError(
      `${file}: record ${head.seq} is another one than in the ledger here\n  one of the two went its own way; nothing was taken over`,
      1,
    )
  }
  throw new CommandError(
    `${file}: it ends before record ${head.seq}, where the ledger here ends\n  export it again; nothing was taken over`,
    1,
  )
}

async function* later(events: AsyncIterable<LedgerEvent>, after: number): AsyncGenerator<LedgerEvent> {
  for await (const event of events) if (event.seq > after) yield event
}

/** What the lines hold is judged by the chain and the store; here a line must be an object. */
async function* readLines(io: Io, file: string): AsyncGenerator<LedgerEvent> {
  const stream = createReadStream(resolve(io.cwd, file), 'utf8')
  let number = 0
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
      number += 1
      const event = parsed(line)
      if (event === undefined) throw new CommandError(`${file}:${number}:1: this line is no record\n  nothing was taken over`)
      yield event
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'syscall' in error) throw new CommandError(`${file}: ${error.message}`)
    throw error
  } finally {
    stream.destroy()
  }
}

function parsed(line: string): LedgerEvent | undefined {
  try {
    const value: unknown = JSON.parse(line)
    const isRecord = typeof value === 'object' && value !== null && 'seq' in value && 'hash' in value && 'body' in value
    return isRecord ? (value as LedgerEvent) : undefined
  } catch {
    return undefined
  }
}
