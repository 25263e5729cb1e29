import { openSync, writeFileSync, writeSync } from 'node:fs'
import { openSqlite } from '#store/sqlite.ts'
import type { Store, StoreError } from '#store/store.ts'
import { randomFrom, workRound } from './work.ts'

/**
 * `faulty.ts FILE ACKS FAULT SEED ROUNDS`: works on a store, and in every second round has the
 * recorder let the disk fail after a few calls (see `recorder.c`). Writes one line of JSON for each such
 * round: the fault, and the error that came of it, if any.
 */
const [file = '', acks = '', fault = '', seed = '0', rounds = '0'] = process.argv.slice(2)
const output = openSync(acks, 'a', 0o600)
const random = randomFrom(Number(seed))
const FAULTS = ['write', 'sync', 'create'].flatMap((kind) => [5, 28].map((errno) => ({ kind, errno })))

const work = (store: Store, round: number) => workRound(store, 'p0', 'r', round * 10, random, (id) => void writeSync(output, `p0 ${id}\n`))

async function failing(round: number): Promise<void> {
  const { kind, errno } = FAULTS[random(FAULTS.length)] ?? { kind: 'write', errno: 5 }
  // Opening makes files and moves the log, so that half of the faults meet it there.
  const opensFirst = random(2) === 0
  let store = opensFirst ? await openSqlite(file) : undefined
  const armed = `${kind} ${random(12)} ${errno}`
  writeFileSync(fault, armed)
  let error: unknown
  try {
    store ??= await openSqlite(file)
    await work(store, round)
    await store.close()
  } catch (thrown) {
    error = thrown
  }
  writeFileSync(fault, '-')
  const { name, code, remedy } = (error ?? {}) as Partial<StoreError>
  console.log(JSON.stringify({ round, armed, ...(error !== undefined && { name, code, remedy }) }))
  // The disk is as it was: what was open goes on.
  if (store && error !== undefined) await work(store, round + 0.5)
  await store?.close()
}

for (let round = 1; round <= Number(rounds); round += 1) {
  const store = await openSqlite(file)
  await work(store, round)
  await store.close()
  await failing(round + Number(rounds))
}
