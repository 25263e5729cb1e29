import { join } from 'node:path'
import type { CollectContext, CollectRequest, CommandHost, CommandRunner, Fact } from '#core/evidence/collector.ts'
import { createRunner } from '#collect/command/runner.ts'
import type { Trust } from '#collect/command/trust.ts'
import type { Files, Present, Scene } from './command-repository.ts'
import { createScene, requestFor } from './command-repository.ts'
import { OUTSIDE } from './outside.ts'

const everything: Trust = { isTrusted: async () => true, add: async () => undefined }
const nothing: Trust = { isTrusted: async () => false, add: async () => undefined }

/** A repository, its mirror, a folder for the program file, and a runner of real commands. */
export interface ReportScene {
  readonly scene: Scene
  /** Folder of the program file. */
  readonly folder: string
  commit(files: Files): Promise<Present>
  /** Commits the files, runs the line in a checkout of them, and gives what a source with `from: tests` is asked with. */
  run(
    files: Files,
    line: string,
    more?: { readonly trusted?: boolean; readonly startedAt?: string; readonly timeLimitSeconds?: number },
  ): Promise<Asked>
  asked(state: Present, runner?: CommandRunner): Asked
  close(): Promise<void>
}

export interface Asked {
  readonly state: Present
  readonly context: CollectContext
  request(options: unknown, more?: Partial<CollectRequest>): CollectRequest
}

export async function createReportScene(): Promise<ReportScene> {
  const scene = await createScene()
  const folder = join(scene.folder, 'program')
  const hosts: CommandHost[] = []
  const noCommand: CommandRunner = {
    run: async () => ({ outcome: 'failed-to-start', reason: 'no command is run here' }),
    resultOf: async () => undefined,
  }
  const asked = (state: Present, runner: CommandRunner = noCommand): Asked => ({
    state,
    context: {
      ...OUTSIDE,
      repository: scene.repository,
      target: state,
      streams: [],
      programFolder: folder,
      runner,
      at: '2100-01-01T00:00:00.000Z',
      signal: new AbortController().signal,
      seed: 1,
    },
    request: (options, more = {}) => ({ sourceId: 'reports', subject: 'program', options, state, ...more }),
  })
  return {
    scene,
    folder,
    commit: (files) => scene.commit(files),
    asked,
    run: async (files, line, { trusted = true, startedAt, timeLimitSeconds = 60 } = {}) => {
      const state = await scene.commit(files)
      const host = createRunner({
        repository: scene.repository,
        folder: join(scene.folder, 'runs'),
        trust: trusted ? everything : nothing,
        environment: process.env,
      })
      hosts.push(host)
      host.announce('tests', 'program')
      const result = await host.run(requestFor(state, line, { sourceId: 'tests', timeLimitSeconds }), new AbortController().signal)
      const runner: CommandRunner =
        startedAt !== undefined && result.outcome === 'ended'
          ? { run: async () => result, resultOf: async () => ({ ...result, startedAt }) }
          : host
      return asked(state, runner)
    },
    close: async () => {
      for (const host of hosts) await host.close()
      await scene.close()
    },
  }
}

/** Facts by name: the value, or the status and the reason. */
export const shown = (facts: readonly Fact[]): Record<string, unknown> =>
  Object.fromEntries(facts.map((fact) => [fact.name, fact.status === 'observed' ? fact.value : `${fact.status}: ${fact.reason ?? ''}`]))

export function factOf(facts: readonly Fact[], name: string): Fact {
  const fact = facts.find((one) => one.name === name)
  if (!fact) throw new Error(`no fact ${name} among ${facts.map((one) => one.name).join(', ')}`)
  return fact
}
