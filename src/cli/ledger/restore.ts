import { existsSync, renameSync } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { Command } from '@commander-js/extra-typings'
import { CONFIG_OPTION } from '#cli/common-options.ts'
import { CommandError, EXIT, type Io } from '#cli/io.ts'
import { allLines, soundHeads } from '#cli/ledger/backup.ts'
import { closing } from '#cli/ledger/closing.ts'
import { openLines } from '#cli/ledger/lines-file.ts'
import { writeNewFile } from '#cli/ledger/new-file.ts'
import { verifyLedger, type Ledgers } from '#cli/ledger/sound.ts'
import { compare, takeOver } from '#cli/ledger/take-over.ts'
import { ledgerFolder } from '#cli/program-id.ts'
import { ledgerPlace, openPlace, stateFolder, type LedgerPlace } from '#cli/wire.ts'
import type { Head } from '#core/ledger/chain.ts'
import { terminal } from '#render/encode.ts'
import { SQLITE_BEGINS } from '#store/sqlite/copy.ts'
import { StoreError, type Store } from '#store/store.ts'

export const restoreCommand = (io: Io, exit: (code: number) => void) =>
  new Command('restore')
    .description(
      'Bring the store to where a backup was, every program of it. What the backup does not have is removed only with --replace.',
    )
    .option(...CONFIG_OPTION)
    .option('--replace', 'also remove what the backup does not have, or has otherwise; what is here is kept beside it')
    .argument('<file>', 'what `muster ledger backup` or `export` wrote')
    .action(async (file, { config, replace = false }) => {
      const folder = ledgerFolder(io, config)
      const place = await ledgerPlace(io, folder)
      const backup = await openBackup(io, file)
      try {
        const heads = await soundHeads(backup.ledgers)
        let kept = replace ? await moveDamaged(io, place) : undefined
        let plan = await planRestore(place, backup.ledgers, heads)
        const refused = plan.find(({ reason }) => reason !== undefined)
        if (refused && !replace)
          throw new CommandError(
            `${file}: ${refused.program}: ${refused.reason}\n  --replace puts the backup in its place, and keeps what is here beside it; nothing was changed`,
            1,
          )
        if (refused) {
          kept = await keep(io, folder, place)
          // What could not be copied was moved, and is here no more.
          plan = await planRestore(place, backup.ledgers, heads)
        }
        if (kept !== undefined) io.stderr.write(`what was here is kept in ${terminal(kept)}\n`)
        if (await placeWhole(place, backup)) {
          for (const [program, { seq }] of heads) io.stdout.write(`${terminal(program)}: ${seq} records taken over, ${seq} in all\n`)
          return exit(0)
        }
        const store = await openPlace(place, 'write')
        try {
          for (const { program, onto, reason } of plan) {
            const { taken, all } = await takeOver(store, backup.ledgers, program, { onto, replace: reason !== undefined })
            io.stdout.write(`${terminal(program)}: ${taken} records taken over, ${all} in all\n`)
          }
        } finally {
          await store.close()
        }
        exit(0)
      } finally {
        await backup.close()
      }
    })

interface Backup {
  readonly ledgers: Ledgers
  /** Absolute path, where it is a store itself. */
  readonly file?: string
  close(): Promise<void>
}

/** Told apart by what it begins with. */
async function openBackup(io: Io, file: string): Promise<Backup> {
  const path = resolve(io.cwd, file)
  const start = Buffer.alloc(SQLITE_BEGINS.length)
  try {
    const handle = await open(path, 'r')
    await closing(handle, () => handle.read(start))
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, EXIT.couldNotRun)
  }
  if (start.toString('latin1') !== SQLITE_BEGINS) return { ledgers: await openLines(io, file), close: async () => {} }
  const store = await openPlace({ file: path }, 'read')
  return { ledgers: store, file: path, close: () => store.close() }
}

/** Where there is no store yet, one that is a file arrives as it is: with its outbox. */
async function placeWhole(place: LedgerPlace, { file }: Backup): Promise<boolean> {
  if (!('file' in place) || file === undefined || existsSync(place.file)) return false
  // Says so when a log without its file lies there.
  await closing(await openPlace(place, 'read'), async () => undefined)
  const { copySqlite } = await import('#store/sqlite/copy.ts')
  return copySqlite(file, place.file)
}

interface Step {
  readonly program: string
  readonly onto: Head | undefined
  /** Why the backup is not simply what is here and more. */
  readonly reason: string | undefined
}

async function planRestore(place: LedgerPlace, backup: Ledgers, heads: ReadonlyMap<string, Head>): Promise<readonly Step[]> {
  const here = await openPlace(place, 'read')
  try {
    const plan: Step[] = []
    for (const program of heads.keys()) plan.push({ program, ...(await planProgram(here, backup, program)) })
    return plan
  } finally {
    await here.close()
  }
}

async function planProgram(here: Store, backup: Ledgers, program: string): Promise<Omit<Step, 'program'>> {
  const onto = await here.head(program)
  const unsound = await whyUnsound(here, program)
  if (unsound !== undefined) return { onto, reason: unsound }
  const comparison = await compare(here, backup, program)
  return { onto: comparison.onto, reason: comparison.fits ? undefined : comparison.reason }
}

/** A record that cannot even be read is not sound either. */
async function whyUnsound(here: Store, program: string): Promise<string | undefined> {
  try {
    const verified = await verifyLedger(here, program)
    return verified.ok ? undefined : `the ledger here is not sound: ${verified.reason}`
  } catch (error) {
    if (error instanceof StoreError && error.code === 'damaged') return `the ledger here is not sound: ${error.message}`
    throw error
  }
}

/** A file that is no store any more cannot be written to. */
async function moveDamaged(io: Io, place: LedgerPlace): Promise<string | undefined> {
  if (!('file' in place)) return undefined
  try {
    await closing(await openPlace(place, 'read'), (store) => store.programs())
    return undefined
  } catch (error) {
    if (isDamage(error)) return moveAside(io, place.file)
    throw error
  }
}

const isDamage = (error: unknown): boolean => error instanceof StoreError && (error.code === 'damaged' || error.code === 'not-a-store')

/** With what belongs to it. */
function moveAside(io: Io, file: string): string {
  const aside = freeName(io, file, '')
  for (const suffix of ['', '-wal', '-shm']) if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix)
  return aside
}

/** What is about to be removed, in a file that `restore` takes; what cannot even be copied is moved aside as it is. */
async function keep(io: Io, folder: string, place: LedgerPlace): Promise<string> {
  if ('file' in place) {
    const { copySqlite } = await import('#store/sqlite/copy.ts')
    const aside = freeName(io, place.file, '')
    try {
      if (await copySqlite(place.file, aside)) return aside
    } catch (error) {
      if (isDamage(error)) return moveAside(io, place.file)
      throw error
    }
    throw new CommandError(`${aside} is there already`, EXIT.couldNotRun)
  }
  const aside = freeName(io, join(stateFolder(io, folder), 'ledger'), '.jsonl')
  await mkdir(dirname(aside), { recursive: true, mode: 0o700 })
  const store = await openPlace(place, 'read')
  try {
    const heads = new Map<string, Head>()
    for (const program of await store.programs()) heads.set(program, (await store.head(program)) ?? { seq: 0, hash: '' })
    await writeNewFile(aside, aside, (handle) => handle.writeFile(allLines(store, heads)))
  } finally {
    await store.close()
  }
  return aside
}

function freeName(io: Io, file: string, ending: string): string {
  const named = `${file}.replaced-${io.now().replace(/[-:]|\.\d+/g, '')}`
  for (let number = 1; ; number += 1) {
    const name = `${named}${number === 1 ? '' : `-${number}`}${ending}`
    if (!existsSync(name)) return name
  }
}
