import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { openSqlite } from '#store/sqlite.ts'
import { Disk, readLog, type Operation } from './images.ts'
import { wrongs } from './inspect.ts'
import { start, temporaryFolder } from './processes.ts'
import { buildRecorder, describeWithRecorder } from './recorder.ts'
import { randomFrom, type Random } from './work.ts'

/** So many images are opened; `CRASH_IMAGES` asks for more, `CRASH_SEED` for others. */
const IMAGES = Number(process.env['CRASH_IMAGES'] ?? 1000)
const SEED = Number(process.env['CRASH_SEED'] ?? Date.now() % 1_000_000)
/** From one recording, before another one is made. */
const EACH = 250

interface Recording {
  readonly operations: readonly Operation[]
  readonly acks: string
}

/** Runs a script on a disk that is written down, until it ends. */
async function recorded(script: string, args: (file: string, acks: string) => readonly string[]): Promise<Recording> {
  const folder = temporaryFolder()
  const root = join(folder, 'disk')
  mkdirSync(root)
  const acks = join(root, 'acks')
  const log = join(folder, 'log')
  const env = { LD_PRELOAD: buildRecorder(folder), CRASH_ROOT: root, CRASH_LOG: log }
  const running = start(script, args(join(root, 'ledger.sqlite'), acks), env)
  const code = await running.ended
  if (code !== 0 && code !== null) throw new Error(running.errors())
  return { operations: readLog(log), acks }
}

/** Loses the power at so many points, mostly just after a promise, and has each image looked at. */
async function losePower(
  { operations, acks }: Recording,
  images: number,
  random: Random,
  look: (file: string, known: readonly string[]) => Promise<void>,
): Promise<void> {
  const opened = operations.find((one) => one.kind === 'create' && one.name === acks)
  const object = opened?.kind === 'create' ? opened.object : undefined
  const isPromise = (one: Operation | undefined) => one?.kind === 'write' && one.object === object
  const promises = operations.flatMap((one, index) => (isPromise(one) ? [index] : []))
  const points = Array.from({ length: images }, () =>
    random(3) === 0 ? random(operations.length) : (promises[random(promises.length)] ?? 0) + random(3),
  )
  const disk = new Disk()
  const known: string[] = []
  let applied = 0
  const folder = temporaryFolder()
  for (const point of points.toSorted((a, b) => a - b)) {
    for (; applied <= point; applied += 1) {
      const one = operations[applied]
      if (!one) continue
      if (one.kind === 'write' && one.object === object) known.push(one.data.toString('utf8').split(' ')[1]?.trimEnd() ?? '')
      disk.apply(one)
    }
    const image = join(folder, 'image')
    mkdirSync(image)
    disk.image(image, random)
    await look(join(image, 'ledger.sqlite'), known)
    rmSync(image, { recursive: true })
  }
}

describeWithRecorder('power loss', () => {
  test(`of ${IMAGES} images of a disk that lost its power each holds what was acknowledged, whole (seed ${SEED})`, async () => {
    let seen = 0
    for (let done = 0; done < IMAGES; done += EACH) {
      const seed = SEED + done
      const recording = await recorded('writer.ts', (file, acks) => [file, acks, 'r', String(seed), '1', '60'])
      expect(recording.operations.filter(({ kind }) => kind === 'sync').length).toBeGreaterThan(50)
      let image = 0
      await losePower(recording, Math.min(EACH, IMAGES - done), randomFrom(seed), async (file, known) => {
        image += 1
        // A store that was not there yet is made; one that promised nothing may be gone.
        if (known.length === 0 && !existsSync(file)) return
        const store = await openSqlite(file)
        expect([basename(file), seed, image, await wrongs(store, 'p0', known)]).toEqual([basename(file), seed, image, []])
        await store.close()
        seen = Math.max(seen, known.length)
      })
    }
    expect(seen).toBeGreaterThan(100)
  })

  /** The counter-proof: a disk that loses nothing would find no fault in anybody. */
  test.each([
    ['FULL', false],
    ['NORMAL', true],
    ['OFF', true],
  ])('a writer with synchronous=%s loses what it promised: %s', async (synchronous, loses) => {
    const recording = await recorded('careless.ts', (file, acks) => [file, acks, synchronous])
    let lost = 0
    await losePower(recording, 60, randomFrom(SEED), async (file, known) => {
      if (known.length === 0) return
      lost += known.length - rowsIn(file, known)
    })
    expect(lost > 0).toBe(loses)
  })
})

function rowsIn(file: string, known: readonly string[]): number {
  try {
    const database = new DatabaseSync(file)
    const ids = new Set(
      database
        .prepare('SELECT id FROM rows')
        .all()
        .map((row) => row['id']),
    )
    database.close()
    return known.filter((id) => ids.has(id)).length
  } catch {
    return 0
  }
}
