import { writeSync } from 'node:fs'
import { openSqlite } from '#store/sqlite.ts'
import { signOff } from './sign-off.ts'

/**
 * A process that appends: `appender.ts FILE PROGRAM PREFIX COUNT`. It says `ready`, waits for a line, opens
 * the store, and writes the id of each event when the store has acknowledged it.
 */
const [file = '', program = '', prefix = '', count = '0'] = process.argv.slice(2)
const say = (line: string) => writeSync(1, `${line}\n`)

say('ready')
await new Promise((resolve) => process.stdin.once('data', resolve))
process.stdin.unref()
const store = await openSqlite(file)
for (let i = 0; i < Number(count); i++) {
  const id = `${prefix}-${i}`
  await store.append(program, [signOff(id)])
  say(id)
}
await store.close()
