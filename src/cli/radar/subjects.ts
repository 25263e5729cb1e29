import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { CommandError, type Io } from '#cli/io.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { repositoryLocation, stateFolder } from '#cli/wire.ts'
import type { Mirror } from '#collect/git/mirror.ts'
import type { SubjectState } from '#core/evidence/evidence.ts'
import type { Program } from '#core/program/model.ts'
import { sha256 } from '#store/sha256.ts'

export interface RadarOptions {
  readonly config?: string | undefined
  readonly repository?: string | undefined
  readonly target?: string | undefined
  readonly refs?: readonly string[] | undefined
}

/** Which repository the radar looks at, with the program where there is one. */
export interface RadarPlace {
  /** Folder or address of the repository. */
  readonly from: string
  /** Folder for the mirror and the last radar. */
  readonly state: string
  readonly program?: Program
  readonly programFolder: string
}

/** A program file says which streams; a repository or refs named on the command line leave it aside. */
export async function radarPlace(io: Io, options: RadarOptions): Promise<RadarPlace> {
  if (options.config !== undefined && options.repository !== undefined)
    throw new CommandError('--config names a program, --repository a repository without one\n  give one of the two')
  const file = options.repository === undefined ? await programFile(io, options.config) : undefined
  if (file) {
    return {
      from: repositoryLocation(file.program, file.folder),
      state: stateFolder(io, file.folder),
      program: file.program,
      programFolder: file.folder,
    }
  }
  const from = /^[a-z][a-z0-9+.-]*:\/\/|^[\w.-]+@[\w.-]+:/i.test(options.repository ?? '')
    ? (options.repository ?? '')
    : resolve(io.cwd, options.repository ?? '.')
  return { from, state: cacheFolder(io, from), programFolder: io.cwd }
}

/** Without a program nobody has said where to keep things: nothing is written into a repository that was only looked at. */
function cacheFolder(io: Io, from: string): string {
  const named = io.env['MUSTER_STATE']
  if (named !== undefined && named !== '') return resolve(io.cwd, named)
  const xdg = io.env['XDG_CACHE_HOME']
  const base = xdg !== undefined && isAbsolute(xdg) ? xdg : join(io.env['HOME'] ?? homedir(), '.cache')
  return join(base, 'muster', sha256(from).slice(0, 16))
}

async function programFile(io: Io, config: string | undefined) {
  if (config !== undefined || (io.env['MUSTER_CONFIG'] ?? '') !== '') return loadProgramFile(io, config)
  for (let folder = io.cwd; ; folder = resolve(folder, '..')) {
    if (existsSync(join(folder, 'muster.yaml'))) return loadProgramFile(io, undefined)
    if (existsSync(join(folder, '.git')) || resolve(folder, '..') === folder) return undefined
  }
}

/** A branch that the radar looks at. */
export interface RadarSubject {
  readonly id: string
  readonly name: string
  readonly branch: string
  readonly lead?: string
  readonly state: SubjectState | { readonly state: 'present'; readonly commit: string }
}

export interface RadarTarget {
  readonly branch: string
  readonly commit: string
  readonly tree: string
}

const USUAL_TARGETS = ['main', 'master', 'develop', 'trunk', 'default']

/** The branch that everything is held against: named, the program's, or what such a branch is usually called. */
export async function radarTarget(mirror: Mirror, { program }: RadarPlace, named: string | undefined): Promise<RadarTarget> {
  const names = new Set((await mirror.branches()).map((one) => one.name))
  const branch = (named ?? program?.target ?? USUAL_TARGETS.find((name) => names.has(name)) ?? '').replace(/^refs\/heads\//, '')
  if (branch === '')
    throw new CommandError(`which branch do the others merge into? there is none of ${USUAL_TARGETS.join(', ')}\n  name it with --target`)
  const state = await mirror.resolve(branch)
  if (state.state !== 'present') throw new CommandError(`${named === undefined ? 'the target' : '--target'} ${branch}: ${state.reason}`)
  return { branch, commit: state.commit, tree: state.tree }
}

/** The streams of the program, or the branches that the patterns name (all but the target unless said). */
export async function radarSubjects(
  mirror: Mirror,
  place: RadarPlace,
  target: RadarTarget,
  refs: readonly string[] | undefined,
): Promise<readonly RadarSubject[]> {
  if (place.program && !refs) return ofProgram(mirror, place.program)
  const found = new Map<string, string>()
  for (const pattern of refs ?? []) {
    const full = pattern.startsWith('refs/') ? pattern : `refs/heads/${pattern}`
    for (const { ref, commit } of await mirror.matching(full)) found.set(ref, commit)
  }
  if (!refs) for (const { name, commit } of await mirror.branches()) found.set(`refs/heads/${name}`, commit)
  const isTarget = (ref: string): boolean => ref === `refs/heads/${target.branch}` || ref === `refs/remotes/origin/${target.branch}`
  const list = [...found].filter(([ref]) => !isTarget(ref))
  if (list.length === 0 && refs)
    throw new CommandError(`--refs ${refs.join(' ')}: no branch matches\n  quote the pattern: --refs 'refs/pull/*/head'`)
  const short = new Map(list.map(([ref]) => [ref, shortName(ref)]))
  const counts = new Map<string, number>()
  for (const name of short.values()) counts.set(name, (counts.get(name) ?? 0) + 1)
  return list.map(([ref, commit]) => {
    const name = short.get(ref) ?? ref
    const id = counts.get(name) === 1 ? name : ref
    return { id, name: id, branch: ref.replace(/^refs\/heads\//, ''), state: { state: 'present', commit } }
  })
}

const shortName = (ref: string): string => ref.replace(/^refs\/(?:heads|remotes\/[^/]+)\//, '').replace(/^refs\/(.+?)(?:\/head)?$/, '$1')

async function ofProgram(mirror: Mirror, program: Program): Promise<readonly RadarSubject[]> {
  const lead = (id: string): string => program.people.find((one) => one.id === id)?.name ?? id
  return Promise.all(
    program.streams.map(async (one) => ({
      id: one.id,
      name: one.name,
      branch: one.branch,
      lead: lead(one.lead),
      state: await mirror.resolve(one.branch),
    })),
  )
}
