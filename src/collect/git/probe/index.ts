import { existsSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { rm } from 'node:fs/promises'
import { RepositoryError } from '#core/evidence/collector.ts'
import type { Prober } from '#core/merge/probe.ts'
import { parseTree } from '../diff.ts'
import { isObjectId, type ObjectReader, objectReader } from '../objects.ts'
import { describe } from './describe.ts'
import { Probing } from './prober.ts'
import { Projector } from './project.ts'
import { ask, openQuarantine, type Quarantine, type QuarantineOptions } from './quarantine.ts'
import { snapshotOf } from './worktree.ts'

/** A prober over one mirror. Several may work at the same time; each keeps what it learned until it is closed. */
export const createProber = async (options: QuarantineOptions): Promise<Prober> => {
  const quarantine = await openQuarantine(options)
  const objects = objectReader(quarantine.environment, quarantine.folder)
  const projector = new Projector(quarantine, objects)
  const probing = new Probing(quarantine, projector)
  const { hunks, compared } = probing
  let closed: Promise<void> | undefined
  let last: Promise<unknown> = Promise.resolve()
  /** One question after the other: they share what was learned. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    if (closed !== undefined) return Promise.reject(new RepositoryError('The prober is closed.'))
    const next = last.then(work, work)
    last = next
    return next
  }
  return {
    probe: (request) => {
      checkIds(request.target, ...request.streams.map(({ commit }) => commit))
      return inTurn(() => probing.probe(request))
    },
    describe: (probed, signal) => inTurn(() => describe({ quarantine, objects, projector, hunks, compared }, probed, signal)),
    land: (request) => {
      checkIds(request.target, ...request.streams.map(({ commit }) => commit))
      return inTurn(() => probing.land(request))
    },
    snapshot: (worktree) => inTurn(() => snapshotOf(worktree, quarantine, objects)),
    repository: repositoryOf(quarantine, objects),
    close: () => {
      closed ??= last
        .then(
          () => undefined,
          () => undefined,
        )
        .then(() => objects.close())
        .then(() => quarantine.close())
      return closed
    },
  }
}

/** The quarantine's own view: what the mirror holds and what was written beside it. */
const repositoryOf = (quarantine: Quarantine, objects: ObjectReader): Prober['repository'] => ({
  async list(treeish) {
    checkIds(treeish)
    const { stdout } = await ask(quarantine, ['ls-tree', '-r', '-z', '-l', '--full-tree', '--end-of-options', treeish], {})
    return parseTree(stdout)
  },
  async read(oids) {
    const found = await objects.read(oids)
    return found.map((object) => object?.content)
  },
  async checkout(commit, folder) {
    if (!isAbsolute(folder)) throw new RepositoryError('A checkout needs the absolute path of its folder.')
    checkIds(commit)
    await ask(quarantine, ['worktree', 'add', '--quiet', '--detach', '--force', '--end-of-options', folder, commit], {})
    return {
      async remove() {
        await rm(folder, { recursive: true, force: true, maxRetries: 3 })
        if (existsSync(quarantine.folder)) await quarantine.run(['worktree', 'prune', '--expire=now'], {})
      },
    }
  },
})

const checkIds = (...ids: readonly string[]): void => {
  for (const id of ids) if (!isObjectId(id)) throw new RepositoryError(`${JSON.stringify(id.slice(0, 100))} is not a full object id.`)
}
