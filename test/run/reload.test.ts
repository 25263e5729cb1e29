import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ended, Place, PROGRAM } from './harness.ts'

test('a broken edit leaves the program before it in force, loudly; a good one is taken; an interrupt ends it', async () => {
  const place = new Place()
  const file = join(place.folder, 'muster.yaml')
  const good = readFileSync(file, 'utf8')
  await place.openBlockers(1, 0)
  const run = place.start()
  /** Whatever is put on record wakes it, and what is due in a second does so again: then it looks at the file. */
  const write = async (text: string): Promise<void> => {
    // As editors do, so that it never sees a file that is still empty.
    writeFileSync(`${file}.new`, text)
    renameSync(`${file}.new`, file)
    await place.openBlockers(1, 0)
  }
  const saying = async (text: string): Promise<void> => {
    while (!run.said().includes(text)) {
      expect(run.exitCode, run.said()).toBe(null)
      await wait(20)
    }
  }
  await saying('log: ')
  await write(good.replace('lead: lead', 'lead: nobody'))
  // Each in its own line, with what to do about it.
  await saying('(unknown-person)\n')
  await saying('the program file has 1 mistake; the program as it was before goes on\n')
  rmSync(file)
  await place.openBlockers(1, 0)
  await saying('there is no such file (file-not-found)\n')
  await saying('Muster could not do its job: the program file cannot be used')
  const before = place.arrived().length
  await write(good.replace('name: Demo', 'name: Demo again'))
  await saying('the program file is in order again')
  while (place.arrived().length <= before) await wait(20)
  await write(good)
  await saying('the program file has changed, and is loaded again')
  run.kill('SIGINT')
  await ended(run)
  expect(run.exitCode, run.said()).toBe(0)
  expect(run.said()).toContain('muster run: ended')

  const [names, troubles] = await place.withStore(async (store) => {
    const found: [string[], string[]] = [[], []]
    for await (const event of store.read(PROGRAM, { types: ['program', 'trouble'] })) {
      if (event.type === 'program') found[0].push(event.body.program.name)
      if (event.type === 'trouble') found[1].push(event.body.trouble)
    }
    return found
  })
  expect(names).toEqual(['Demo', 'Demo again', 'Demo'])
  expect(troubles).toEqual(['program'])
})
