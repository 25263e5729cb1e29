import { lstat, mkdir, mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RepositoryError } from '#core/evidence/collector.ts'
import { type Environment, gitEnvironment, MIRROR_ATTRIBUTES, mirrorConfig } from './environment.ts'
import { openMirror } from './mirror.ts'
import { isObjectId } from './objects.ts'
import { complaint, runGit } from './process.ts'
import { findSource } from './source.ts'

export interface NoteOptions {
  /** The repository: a folder on this machine. */
  readonly from: string
  /** The note is put on its tip. */
  readonly branch: string
  readonly text: string
  /** Instant of the commit of notes. */
  readonly at: string
  /** Folder for what lives only meanwhile. */
  readonly state: string
  /** Folder of the mirror of the repository. */
  readonly mirror: string
  readonly environment: Environment
}

const REF = 'refs/notes/muster'

/**
 * Adds text to a branch's tip as a git note in `refs/notes/muster`, after what stands there. No git
 * runs in the repository, so no hook and no setting of it does: a git of our own writes the objects
 * beside its own, and the ref is moved as git moves one, under `muster.lock`.
 */
export async function addNote(options: NoteOptions): Promise<{ readonly commit: string }> {
  const source = await findSource(options.from)
  if (source.kind === 'remote')
    throw new RepositoryError(
      'A note needs a clone on this machine: name one as the repository of the program, or note the head in a file.',
    )
  const mirror = await openMirror({ folder: options.mirror, from: options.from, environment: options.environment })
  try {
    await mirror.refresh()
    const tip = await mirror.resolve(options.branch)
    if (tip.state !== 'present') throw new RepositoryError(`There is nothing to put the note on: ${tip.reason}.`)
    await moveReference(source.gitFolder, async () => {
      const [before] = await mirror.matching(REF)
      return writeNote(options, { gitFolder: source.gitFolder, tip: tip.commit, before: before?.commit })
    })
    return { commit: tip.commit }
  } finally {
    await mirror.close()
  }
}

interface Place {
  readonly gitFolder: string
  readonly tip: string
  /** The commit of all notes so far. */
  readonly before: string | undefined
}

/** Gives the commit that holds the new note and all others. */
async function writeNote({ state, text, at, environment }: NoteOptions, { gitFolder, tip, before }: Place): Promise<string> {
  const own = await mkdtemp(join(state, 'note-'))
  try {
    for (const name of ['info', 'objects', 'refs/notes']) await mkdir(join(own, name), { recursive: true })
    await writeFile(join(own, 'HEAD'), 'ref: refs/muster/none\n')
    await writeFile(join(own, 'config'), mirrorConfig(tip.length === 64 ? 'sha256' : 'sha1'))
    await writeFile(join(own, 'info', 'attributes'), MIRROR_ATTRIBUTES)
    if (before !== undefined) await writeFile(join(own, REF), `${before}\n`)
    const who = { NAME: 'Muster', EMAIL: 'muster@localhost', DATE: at }
    const { exitCode, stderr } = await runGit(['notes', `--ref=${REF}`, 'append', '-F', '-', tip], {
      folder: own,
      input: Buffer.from(`${text}\n`),
      environment: {
        ...gitEnvironment(environment, { mirror: own, protocol: 'file' }),
        GIT_OBJECT_DIRECTORY: join(gitFolder, 'objects'),
        ...Object.fromEntries(
          ['AUTHOR', 'COMMITTER'].flatMap((role) => Object.entries(who).map(([key, value]) => [`GIT_${role}_${key}`, value])),
        ),
      },
    })
    if (exitCode !== 0) throw new RepositoryError(`The note could not be written: ${complaint(stderr)}`)
    return (await readFile(join(own, REF), 'utf8')).trim()
  } finally {
    await rm(own, { recursive: true, force: true })
  }
}

/** Moves the ref to what `next` gives, which is asked while nobody else can move it. */
async function moveReference(gitFolder: string, next: () => Promise<string>): Promise<void> {
  const [reference, lock] = [join(gitFolder, REF), join(gitFolder, `${REF}.lock`)]
  await requirePlainReferences(gitFolder)
  const handle = await open(lock, 'wx').catch((error: Error) => {
    throw new RepositoryError(
      'code' in error && error.code === 'EEXIST'
        ? `${lock} is there: another git moves the notes. Try again, or remove the file if no git runs.`
        : `The notes cannot be written: ${error.message}`,
    )
  })
  try {
    try {
      const commit = await next()
      if (!isObjectId(commit)) throw new RepositoryError(`git named no commit of notes, but "${commit.slice(0, 100)}".`)
      await handle.writeFile(`${commit}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(lock, reference)
  } catch (error) {
    await rm(lock, { force: true })
    throw error
  }
}

/** Links and symbolic refs would lead the write to another place than the one it says. */
async function requirePlainReferences(gitFolder: string): Promise<void> {
  if ((await lstatOrNone(join(gitFolder, 'reftable'))) !== undefined)
    throw new RepositoryError(`${gitFolder} keeps its refs in a reftable, which Muster cannot write: note the head in a file instead.`)
  await mkdir(join(gitFolder, 'refs', 'notes'), { recursive: true })
  for (const name of ['objects', 'refs', 'refs/notes']) {
    if ((await lstatOrNone(join(gitFolder, name)))?.isDirectory() !== true)
      throw new RepositoryError(`${join(gitFolder, name)} is not a folder of its own: note the head in a file instead.`)
  }
  const found = await lstatOrNone(join(gitFolder, REF))
  const isPlain = found === undefined || (found.isFile() && isObjectId((await readFile(join(gitFolder, REF), 'utf8')).trim()))
  if (!isPlain) throw new RepositoryError(`${join(gitFolder, REF)} is not an ordinary ref: note the head in a file instead.`)
}

const lstatOrNone = (path: string) => lstat(path).catch(() => undefined)
