import { openSync, writeSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { openPostgres } from '#store/postgres.ts'
import { openSqlite } from '#store/sqlite.ts'
import { randomFrom, workRound } from './work.ts'

/**
 * `writer.ts PLACE ACKS RUN SEED PROGRAMS ROUNDS`: works on a file or a database, on so many
 * programs at once, until it is killed or has done its rounds, and adds a line `<program> <id>` to
 * ACKS for each event that the store has promised. Of a file it opens the store anew now and then,
 * and moves the log into the file from another connection, as other processes would.
 */
const [place = '', acks = '', run = '', seed = '0', programs = '1', rounds = '0'] = process.argv.slice(2)
const output = openSync(acks, 'a', 0o600)
let isWorking = false
/** Says so on standard output the first time. */
const acknowledge = (program: string, id: string): void => {
  writeSync(output, `${program} ${id}\n`)
  if (!isWorking) writeSync(1, 'working\n')
  isWorking = true
}
const isFile = !place.includes('://')
const open = () => (isFile ? openSqlite(place) : openPostgres(place))

if (isFile) {
  const random = randomFrom(Number(seed))
  let store = await open()
  let number = 0
  for (let round = 0; round < Number(rounds); round += 1) {
    number = await workRound(store, 'p0', run, number, random, (id) => acknowledge('p0', id))
    if (random(4) === 0) moveLog()
    if (random(8) === 0) {
      await store.close()
      store = await open()
    }
  }
  await store.close()
} else {
  const store = await open()
  await Promise.all(
    Array.from({ length: Number(programs) }, async (_, index) => {
      const program = `p${index}`
      const random = randomFrom(Number(seed) * 100 + index)
      let number = 0
      for (let round = 0; round < Number(rounds); round += 1)
        number = await workRound(store, program, run, number, random, (id) => acknowledge(program, id))
    }),
  )
  await store.close()
}

function moveLog(): void {
  const other = new DatabaseSync(place)
  other.exec('PRAGMA wal_checkpoint(PASSIVE)')
  other.close()
}
