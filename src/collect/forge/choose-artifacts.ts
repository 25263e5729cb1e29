import { nameMatcher } from '#collect/source-code/name-glob.ts'
import { ForgeError } from '#net/forge/error.ts'
import type { Artifact, Run, Uploads } from './model.ts'

const MAX_ARTIFACTS = 50

export interface Wanted {
  /** Globs of names; each must find one. */
  readonly names: readonly string[]
  readonly commit: string
  /** The run that asks: what the jobs before this one uploaded is whole, though it still runs. */
  readonly ownRun?: string
}

/** What is unpacked, by the name of its folder. @throws ForgeError with what is lacking, so that half of the evidence never counts. */
export function chooseArtifacts({ names, commit, ownRun }: Wanted, uploads: Uploads): ReadonlyMap<string, Artifact> {
  const chosen = new Map<string, Artifact>()
  for (const name of names) {
    const matches = nameMatcher(name)
    checkComplete(uploads, matches)
    const found = uploads.artifacts.filter((one) => matches(one.name))
    if (found.length === 0) throw new ForgeError(`no artifact of CI matches ${name}: ${whatThereIs(commit, uploads)}`, 'missing')
    for (const artifact of found) {
      checkWhole(artifact, ownRun)
      const folder = folderOf(artifact.name)
      const other = chosen.get(folder)
      if (other && other.path !== artifact.path)
        throw new ForgeError(`both ${other.run.name} and ${artifact.run.name} uploaded an artifact ${artifact.name}: name them differently`)
      chosen.set(folder, artifact)
    }
  }
  if (chosen.size > MAX_ARTIFACTS) throw new ForgeError(`${chosen.size} artifacts match, and at most ${MAX_ARTIFACTS} are unpacked`)
  return chosen
}

/** A part that crashed before it could upload is missed, whatever the others found. */
function checkComplete({ runs, artifacts }: Uploads, matches: (name: string) => boolean): void {
  const silent = runs.filter(({ uploads }) => uploads !== undefined && matches(uploads) && !artifacts.some(({ name }) => name === uploads))
  const failed = silent.find(({ hasFailed, says }) => hasFailed || ENDED.has(says))
  if (failed) throw new ForgeError(`${failed.name} was ended (${failed.says}) and uploaded nothing`, 'missing')
  const open = silent.find(({ state, says }) => state === 'open' && says !== 'manual')
  if (open) throw new ForgeError(`${open.name} still runs, and has uploaded nothing`, 'missing')
}

/** Others that uploaded nothing, such as skipped ones, were not to run. */
const ENDED = new Set(['canceled', 'canceling'])

function whatThereIs(commit: string, { runs, artifacts, elsewhere }: Uploads): string {
  const short = (id: string): string => id.slice(0, 12)
  if (runs.length === 0)
    return `it has no run of ${short(commit)}${elsewhere === undefined ? '' : `; the newest one on the branch is of ${short(elsewhere)}`}`
  const open = runs.filter(({ state }) => state === 'open')
  if (open.length > 0) return `${listed(open.map(({ name }) => name))} still ${open.length === 1 ? 'runs' : 'run'} at ${short(commit)}`
  const have = artifacts.length === 0 ? 'none' : listed(artifacts.map(({ name }) => name))
  return `its runs of ${short(commit)} uploaded ${have}`
}

const listed = (names: readonly string[]): string =>
  names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`

function checkWhole({ name, isExpired, run }: Artifact, ownRun: string | undefined): void {
  if (isExpired) throw new ForgeError(`the artifact ${name} of ${run.name} has expired, and the forge has deleted it`, 'missing')
  if (run.state === 'open' && String(run.id) !== ownRun)
    throw new ForgeError(`${run.name} still runs, so its artifact ${name} may not be the last word`, 'missing')
  if (run.state === 'broken')
    throw new ForgeError(`${run.name} was ended (${run.says}), so its artifact ${name} may not be whole`, 'missing')
}

/** What no file system or glob takes as it is becomes `%2F` and the like. */
function folderOf(name: string): string {
  // oxlint-disable-next-line no-control-regex -- what they are turned into has none
  const folder = name.toWellFormed().replaceAll(/[%/\\\u0000-\u001f\u007f:<>"|?*]/g, encodeURIComponent)
  if (folder === '' || /^\.+$/.test(folder) || Buffer.byteLength(folder) > 255)
    throw new ForgeError(`an artifact is called ${JSON.stringify(name.slice(0, 100))}, which can be no folder`)
  return folder
}

/** Which runs made them, for people. */
export const remarksOf = (artifacts: Iterable<Artifact>): readonly string[] => {
  const runs = new Map<number, Run>([...artifacts].map(({ run }) => [run.id, run]))
  return [`made by CI: ${listed([...runs.values()].map(({ name, says }) => `${name} (${says})`))}`]
}

/** Those of the runs that made them that did not end well, for people. */
export function failedOf(artifacts: Iterable<Artifact>): string | undefined {
  const names = new Set([...artifacts].flatMap(({ run }) => (run.hasFailed ? [`${run.name} (${run.says})`] : [])))
  return names.size === 0 ? undefined : listed([...names])
}

/** The oldest decides how old the evidence is; never younger than the check. */
export function madeAt(artifacts: Iterable<Artifact>, at: string): string {
  const times = [...artifacts].map((one) => Date.parse(one.madeAt))
  if (times.some(Number.isNaN)) throw new ForgeError('the forge gives no time for an artifact')
  return new Date(Math.min(Date.parse(at), ...times)).toISOString()
}
