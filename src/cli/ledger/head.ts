import { appendFile, open, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Command } from '@commander-js/extra-typings'
import { CONFIG_OPTION } from '#cli/common-options.ts'
import type { Io } from '#cli/io.ts'
import { closing } from '#cli/ledger/closing.ts'
import { headsIn } from '#cli/ledger/heads-file.ts'
import { refusal } from '#cli/ledger/new-file.ts'
import { soundHead } from '#cli/ledger/sound.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { chooseLedger, PROGRAM_OPTION } from '#cli/program-id.ts'
import { openLedger, repositoryLocation, stateFolder } from '#cli/wire.ts'
import { headLine } from '#core/ledger/heads.ts'

export const headCommand = (io: Io, exit: (code: number) => void) =>
  new Command('head')
    .description(
      'Print the head of the ledger as one line, verified first, for `muster verify --head`. Kept where nobody who can write the ledger can write, it proves that nothing was cut off or written anew.',
    )
    .option(...CONFIG_OPTION)
    .option(...PROGRAM_OPTION)
    .option('--to <place>', 'also add it to a file, or as `note` to a git note on the tip of the target (refs/notes/muster)')
    .action(async (options) => {
      const { folder, program } = await chooseLedger(io, options)
      const place = options.to === undefined || options.to === 'note' ? undefined : { path: resolve(io.cwd, options.to), shown: options.to }
      // A ledger that no longer leads to what was noted before must not get a newer head beside it.
      const before = place ? headsIn(await textIn(place.path, place.shown), program, place.shown) : []
      const head = await closing(await openLedger(io, folder, 'read'), (store) => soundHead(store, program, before))
      const line = headLine(program, head, io.now())
      if (place) await addLine(place.path, place.shown, line)
      if (options.to === 'note') io.stderr.write(`${await noteLine(io, options.config, line)}\n`)
      io.stdout.write(`${line}\n`)
      exit(0)
    })

async function textIn(path: string, shown: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw refusal(error, shown)
  }
}

async function addLine(path: string, shown: string, line: string): Promise<void> {
  const text = await textIn(path, shown)
  try {
    await appendFile(path, `${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`)
    await closing(await open(path, 'r'), (handle) => handle.sync())
  } catch (error) {
    throw refusal(error, shown)
  }
}

async function noteLine(io: Io, config: string | undefined, line: string): Promise<string> {
  const { program, folder } = await loadProgramFile(io, config)
  const { addNote } = await import('#collect/git/note.ts')
  const state = stateFolder(io, folder)
  const { commit } = await addNote({
    from: repositoryLocation(program, folder),
    branch: program.target,
    text: line,
    at: io.now(),
    state,
    mirror: join(state, 'mirror.git'),
    environment: io.env,
  })
  return `noted on ${program.target} at ${commit.slice(0, 12)}, in refs/notes/muster; push it with: git push origin refs/notes/muster`
}
