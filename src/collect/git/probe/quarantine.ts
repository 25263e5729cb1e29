import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, readlink, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { RepositoryError } from '#core/evidence/collector.ts'
import { MIRROR_ATTRIBUTES, mirrorConfig, type ObjectFormat } from '../environment.ts'
import { complaint, type GitOptions, type GitResult, runGit } from '../process.ts'

/**
 * A bare repository of our own in memory, which reads the mirror's objects through its alternates:
 * whatever a merge writes goes here, and nothing into the mirror or the user's repository.
 */
export interface Quarantine {
  readonly folder: string
  readonly environment: Record<string, string>
  /** Any exit code is a result. */
  run(args: readonly string[], options: RunOptions): Promise<GitResult>
  /** Writes an object and returns its id. */
  write(type: 'tree' | 'commit' | 'blob', content: Uint8Array): string
  /** A clone may have become shallow, or whole, since. */
  takeShallow(): Promise<void>
  close(): Promise<void>
}

export interface RunOptions extends Pick<GitOptions, 'onOutput' | 'signal'> {
  /** Bytes as latin1. */
  readonly input?: string
  /** `drop`: what git writes is gone when it has ended, because nobody will ask for it. */
  readonly objects?: 'keep' | 'drop'
}

export interface QuarantineOptions {
  /** The mirror's folder. */
  readonly folder: string
  readonly environment: Record<string, string>
  readonly format: ObjectFormat
}

const PREFIX = 'muster-probe-'
const NAME = new RegExp(`^${PREFIX}(\\d+)-(\\d+)-`)
/** Merges of a large plan write hundreds of megabytes; a container's shared memory often holds 64. */
const LEAST_FREE_BYTES = 2 ** 30
const MEMORY = '/dev/shm'
const STALE_MILLISECONDS = 24 * 60 * 60_000

/** Given on every call, so that no configuration can have a say: git's own defaults of a merge, and no care for durability. */
const SETTINGS = [
  ['core.looseCompression', '0'],
  ['core.fsync', 'none'],
  ['core.bigFileThreshold', '1023m'],
  ['merge.renames', 'true'],
  ['merge.renameLimit', '7000'],
  ['merge.directoryRenames', 'conflict'],
  ['merge.conflictStyle', 'merge'],
  ['merge.renormalize', 'false'],
  ['diff.algorithm', 'histogram'],
].flatMap(([key, value]) => ['-c', `${key}=${value}`])

export const openQuarantine = async ({ folder: mirror, environment: outer, format }: QuarantineOptions): Promise<Quarantine> => {
  const parent = await roomiest()
  await sweep(parent)
  const folder = await mkdtemp(join(parent, `${PREFIX}${await processSpace()}-${process.pid}-`))
  const objects = join(folder, 'objects')
  removedAtExit(folder)
  await mkdir(join(objects, 'info'), { recursive: true })
  await mkdir(join(objects, 'pack'))
  await mkdir(join(folder, 'refs'))
  await mkdir(join(folder, 'info'))
  await writeFile(join(folder, 'HEAD'), 'ref: refs/muster/none\n')
  await writeFile(join(folder, 'config'), mirrorConfig(format))
  await writeFile(join(folder, 'info', 'attributes'), MIRROR_ATTRIBUTES)
  await writeFile(join(objects, 'info', 'alternates'), `${JSON.stringify(join(mirror, 'objects'))}\n`)
  const environment: Record<string, string> = { ...outer, GIT_DIR: folder, HOME: folder }
  const run = (args: readonly string[], { input, onOutput, signal }: RunOptions, own: Record<string, string>): Promise<GitResult> =>
    runGit([...SETTINGS, ...args], {
      environment: own,
      folder,
      ...(input === undefined ? {} : { input: Buffer.from(input, 'latin1') }),
      ...(onOutput === undefined ? {} : { onOutput }),
      ...(signal === undefined ? {} : { signal }),
    })
  let scratches = 0
  return {
    folder,
    environment,
    async run(args, options) {
      if (options.objects !== 'drop') return run(args, options, environment)
      const scratch = join(folder, `scratch-${(scratches += 1)}`)
      await mkdir(join(scratch, 'pack'), { recursive: true })
      try {
        return await run(args, options, {
          ...environment,
          GIT_OBJECT_DIRECTORY: scratch,
          GIT_ALTERNATE_OBJECT_DIRECTORIES: JSON.stringify(objects),
        })
      } finally {
        await rm(scratch, { recursive: true, force: true, maxRetries: 3 })
      }
    },
    write(type, content) {
      const whole = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content])
      const id = createHash(format).update(whole).digest('hex')
      const place = join(objects, id.slice(0, 2))
      const file = join(place, id.slice(2))
      if (existsSync(file)) return id
      mkdirSync(place, { recursive: true })
      writeFileSync(file, deflateSync(whole, { level: 0 }))
      return id
    },
    async takeShallow() {
      const taken = await copyFile(join(mirror, 'shallow'), join(folder, 'shallow')).then(
        () => true,
        () => false,
      )
      if (!taken) await rm(join(folder, 'shallow'), { force: true })
    },
    async close() {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
      open.delete(folder)
      if (open.size === 0) process.off('exit', removeAll)
    },
  }
}

const open = new Set<string>()

const removedAtExit = (folder: string): void => {
  if (open.size === 0) process.once('exit', removeAll)
  open.add(folder)
}

const removeAll = (): void => {
  for (const folder of open) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}

/** Exit code 0; any other is a RepositoryError. */
export const ask = async (quarantine: Quarantine, args: readonly string[], options: RunOptions): Promise<GitResult> => {
  const result = await quarantine.run(args, options)
  if (result.exitCode === 0) return result
  throw new RepositoryError(`git ${args[0] ?? ''} failed: ${complaint(result.stderr)}`)
}

const roomiest = async (): Promise<string> => {
  const free = await statfs(MEMORY).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  )
  return free >= LEAST_FREE_BYTES ? MEMORY : tmpdir()
}

/** What processes left that were killed; those of another container, which cannot be seen, when they are a day old. */
const sweep = async (parent: string): Promise<void> => {
  const space = await processSpace()
  for (const name of await readdir(parent).catch(() => [])) {
    const found = NAME.exec(name)
    if (found === null || (found[1] === space && isRunning(Number(found[2])))) continue
    const left = await stat(join(parent, name)).catch(() => undefined)
    const isOld = left !== undefined && Date.now() - left.mtimeMs > STALE_MILLISECONDS
    if (found[1] === space || isOld) await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined)
  }
}

/** Within one space a number names one process; containers have their own, and may share their memory all the same. */
const processSpace = async (): Promise<string> => /\d+/.exec(await readlink('/proc/self/ns/pid').catch(() => '0'))?.[0] ?? '0'

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
