import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Artifacts, CollectContext, CollectRequest } from '#core/evidence/collector.ts'
import { streamSubject } from '#core/evidence/evidence.ts'
import { chooseArtifacts, failedOf, madeAt, remarksOf } from './choose-artifacts.ts'
import type { Client, Pause } from './client.ts'
import { options as optionsSchema } from './kind.ts'
import { ForgeError } from '#net/forge/error.ts'
import type { Artifact } from './model.ts'
import { onForge } from './open.ts'
import { unzip } from './zip.ts'

const MAX_ARCHIVE_BYTES = 2 ** 28
const ARCHIVE_SECONDS = 300

/** Unpacks what CI uploaded for the subject's head into a folder of its own: all that the source names, or nothing. */
export async function fetchArtifacts(request: CollectRequest, context: CollectContext, pause: Pause): Promise<Artifacts> {
  const options = optionsSchema.parse(request.options)
  const { state, subject, sourceId } = request
  const { program, environment, cacheFolder, signal } = context
  if (options.artifacts === undefined)
    return { ok: false, status: 'missing', reason: `source ${sourceId} names no artifacts: add artifacts: [name] to it` }
  const names = options.artifacts
  if (state.state !== 'present') return { ok: false, status: state.state === 'absent' ? 'missing' : 'errored', reason: state.reason }
  const { commit } = state
  const branch = program.streams.find(({ id }) => streamSubject(id) === subject)?.branch ?? program.target
  const asked = { options, repository: program.repository, environment, cacheFolder, signal, pause }
  const outcome = await onForge(asked, async ({ forge, client, place, source, hide }) => {
    const ownRun = place.forge === 'github' ? environment('GITHUB_RUN_ID') : undefined
    const uploads = await forge.uploads(client.open(), commit, branch)
    const chosen = chooseArtifacts({ names, commit, ...(ownRun !== undefined && { ownRun }) }, uploads)
    const failed = failedOf(chosen.values())
    const made = {
      source,
      madeAt: madeAt(chosen.values(), context.at),
      remarks: remarksOf(chosen.values()).map(hide),
      ...(failed !== undefined && { failed: hide(failed) }),
    }
    const root = await makeFolder(join(cacheFolder, 'artifacts'))
    const remove = (): Promise<void> => rm(root, { recursive: true, force: true })
    try {
      for (const [name, artifact] of chosen)
        await bring(client, artifact, { archive: join(root, '.zip'), folder: join(root, name), signal })
      return { ok: true, root, ...made, remove } as const
    } catch (error) {
      await remove()
      throw error
    }
  })
  return outcome.ok ? outcome.value : { ok: false, status: outcome.status, reason: outcome.reason }
}

interface Where {
  readonly archive: string
  readonly folder: string
  readonly signal: AbortSignal
}

async function bring(client: Client, { name, path, run, sha256 }: Artifact, { archive, folder, signal }: Where): Promise<void> {
  const saved = await client.save(path, { file: archive, maxBytes: MAX_ARCHIVE_BYTES, limitSeconds: ARCHIVE_SECONDS })
  const what = `the artifact ${name} of ${run.name}`
  if (sha256 !== undefined && sha256 !== saved.sha256) throw new ForgeError(`${what} is not what was uploaded: its sha256 differs`)
  await mkdir(folder, { mode: 0o700 })
  const unzipped = await unzip(archive, folder, signal)
  await rm(archive)
  if (!unzipped.ok) throw new ForgeError(`${what}: ${unzipped.reason}`)
}

/** A folder for this process alone; those of processes that are gone are taken away. */
async function makeFolder(parent: string): Promise<string> {
  await mkdir(parent, { recursive: true, mode: 0o700 })
  for (const name of await readdir(parent)) {
    const owner = /^run-(\d+)-/.exec(name)?.[1]
    if (owner !== undefined && !isRunning(Number(owner))) await rm(join(parent, name), { recursive: true, force: true })
  }
  return mkdtemp(join(parent, `run-${process.pid}-`))
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
