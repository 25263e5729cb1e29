import { chmod, mkdir, mkdtemp, readdir, realpath, rm, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { Repository } from '#core/evidence/collector.ts'
import type { RunFolders } from './environment.ts'

/** The folders of one run: a checkout, an empty home, an empty place for temporary files. */
export interface RunFolder extends RunFolders {
  readonly checkout: string
  remove(): Promise<void>
}

export async function createRunFolder(repository: Pick<Repository, 'checkout'>, commit: string, parent: string): Promise<RunFolder> {
  await mkdir(parent, { recursive: true })
  await sweep(parent)
  const root = await mkdtemp(join(await realpath(parent), `run-${process.pid}-`))
  const folders = { checkout: join(root, 'checkout'), home: join(root, 'home'), temporary: join(root, 'tmp') }
  try {
    for (const folder of Object.values(folders)) await mkdir(folder, { mode: 0o700 })
    const checkout = await repository.checkout(commit, folders.checkout)
    return {
      ...folders,
      remove: async () => {
        await checkout.remove().catch(async () => {
          await makeWritable(root)
          await checkout.remove().catch(() => undefined)
        })
        await removeAll(root)
      },
    }
  } catch (error) {
    await removeAll(root)
    throw error
  }
}

/** Removes what processes that are gone (killed, power lost) have left. */
async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const owner = Number(/^run-(\d+)-/.exec(name)?.[1])
    if (!isRunning(owner)) await removeAll(join(parent, name))
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** The folder a command runs in; undefined when it is not there, no folder, or leads out of the checkout by a link. */
export async function folderWithin(checkout: string, folder: string): Promise<string | undefined> {
  try {
    const inside = await realpath(checkout)
    const path = await realpath(join(inside, folder))
    const held = path === inside || path.startsWith(inside + sep)
    return held && (await stat(path)).isDirectory() ? path : undefined
  } catch {
    return undefined
  }
}

/** Some tools leave read-only folders (the module cache of Go): they are made writable and tried again. */
async function removeAll(root: string): Promise<void> {
  try {
    await rm(root, { recursive: true, force: true, maxRetries: 3 })
  } catch {
    await makeWritable(root)
    await rm(root, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined)
  }
}

async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o700).catch(() => undefined)
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    if (entry.isDirectory()) await makeWritable(join(folder, entry.name))
  }
}
