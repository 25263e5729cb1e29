import { fsyncSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** `careless.ts FILE ACKS SYNCHRONOUS`: promises rows of a table of its own, with that setting of SQLite. */
const [file = '', acks = '', synchronous = ''] = process.argv.slice(2)
const output = openSync(acks, 'a', 0o600)
const database = new DatabaseSync(file)
database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; CREATE TABLE rows (id TEXT NOT NULL PRIMARY KEY)`)
const folder = openSync(dirname(file), 'r')
fsyncSync(folder)
for (let i = 0; i < 100; i += 1) {
  database.prepare('INSERT INTO rows VALUES (?)').run(`r${i}`)
  writeSync(output, `p0 r${i}\n`)
}
// Nobody closes it: closing would force it all to the disk.
process.kill(process.pid, 'SIGKILL')
