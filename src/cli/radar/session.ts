import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError, EXIT, type Io } from '#cli/io.ts'
import { unknown } from '#cli/options.ts'
import { radarPulls, type PullOptions } from '#cli/radar/pulls.ts'
import {
  radarPlace,
  radarSubjects,
  radarTarget,
  type RadarOptions,
  type RadarPlace,
  type RadarSubject,
  type RadarTarget,
} from '#cli/radar/subjects.ts'
import { waveCommand } from '#cli/radar/wave-command.ts'
import type { Mirror } from '#collect/git/mirror.ts'
import { sha256 } from '#store/sha256.ts'
import { RepositoryError } from '#core/evidence/collector.ts'
import { CODEOWNERS_PATHS, NO_OWNERS, parseCodeowners, type Owners } from '#core/merge/codeowners.ts'
import type { Prober } from '#core/merge/probe.ts'
import type { Radar } from '#core/merge/radar.ts'
import type { Question } from '#core/merge/what-if.ts'
import { addDays, nextWorkDay, wallOf } from '#core/schedule/time.ts'
import { radar, type RadarRequest } from '#engine/radar.ts'

export interface LookOptions {
  readonly question?: Question
  /** Source id or command line; true: the one that the program names. */
  readonly test?: string | boolean | undefined
  readonly yes?: boolean
  /** Compare with this radar instead of the one kept from last time. */
  readonly before?: Radar
  /** Compare with the last look of an earlier day, where there was one: what is looked at all day long says what is new today. */
  readonly overnight?: boolean
}

/** A repository opened for the radar; what one look learned serves the next. */
export interface RadarSession {
  /** IANA zone that times are shown in. */
  readonly zone: string
  /** Refreshes the mirror, looks at every branch, and keeps the result for the next time. */
  look(options: LookOptions): Promise<Radar>
  close(): Promise<void>
}

interface SessionOptions extends RadarOptions {
  /** Look at uncommitted work too. */
  readonly worktrees: boolean
  /** Look at pull requests in place of branches. */
  readonly pulls?: PullOptions
}

export async function openRadar(io: Io, options: SessionOptions): Promise<RadarSession> {
  const place = await radarPlace(io, options)
  await mkdir(place.state, { recursive: true, mode: 0o700 }).catch((error: Error) => {
    throw new CommandError(
      `the state folder ${place.state} cannot be made: ${error.message}\n  name one that you may write in MUSTER_STATE`,
      EXIT.couldNotRun,
    )
  })
  const { openMirror } = await import('#collect/git/mirror.ts')
  const mirror = await openMirror({ folder: join(place.state, 'mirror.git'), from: place.from, environment: io.env })
  const prober = await mirror.prober()
  return {
    zone: place.program?.calendar.zone ?? 'UTC',
    look: (look) => lookOnce(io, { place, mirror, prober, options }, look),
    async close() {
      await prober.close()
      await mirror.close()
    },
  }
}

/** Real branches of that number take about ten seconds. */
const MANY = 1000

interface Opened {
  readonly place: RadarPlace
  readonly mirror: Mirror
  readonly prober: Prober
  readonly options: SessionOptions
}

async function lookOnce(io: Io, { place, mirror, prober, options }: Opened, look: LookOptions): Promise<Radar> {
  await mirror.refresh(io.signal)
  const target = await radarTarget(mirror, place, options.target)
  const subjects = options.pulls
    ? await radarPulls(io, mirror, place, target, options.pulls)
    : await radarSubjects(mirror, place, target, options.refs)
  const seen = options.worktrees ? await withWorktrees(mirror, prober, subjects, target) : subjects
  if (look.question && !seen.some((one) => one.id === look.question?.stream)) {
    throw new CommandError(
      unknown(
        'stream',
        look.question.stream,
        seen.map((one) => one.id),
      ),
    )
  }
  if (seen.length > MANY) io.stderr.write(`muster: ${seen.length} branches to look at, which can take minutes; --refs names fewer\n`)
  const { program } = place
  const at = io.now()
  const zone = program?.calendar.zone ?? 'UTC'
  const stem = stemOf(place, options)
  const kept = await keptRadars(stem, dayOf(at, zone), zone)
  const before = look.before ?? (look.overnight === true ? (kept.earlier ?? kept.last) : kept.last)
  const test =
    look.test === undefined || look.test === false
      ? undefined
      : await waveCommand(io, { place, mirror, prober }, { asked: look.test, agrees: look.yes === true })
  const request: RadarRequest = {
    at,
    target,
    streams: seen.map((one) => {
      const stream = program?.streams.find(({ id }) => id === one.id)
      return { ...one, after: stream?.dependsOn.map((each) => each.stream) ?? [], exclusive: stream?.exclusive ?? [] }
    }),
    ...(program && {
      days: {
        calendar: program.calendar,
        perDay: program.merge.perDay,
        from: nextWorkDay(addDays(wallOf(at, program.calendar.zone).date, 1), program.calendar),
      },
    }),
    exceptions: program?.merge.exceptions ?? [],
    owners: await ownersOf(mirror, target),
    ...(before && { before }),
    ...(look.question && { question: look.question }),
    ...(test && { test }),
    signal: io.signal,
  }
  try {
    const found = await radar(request, prober)
    await keepRadars(stem, found, kept)
    return found
  } finally {
    await test?.close()
  }
}

/** Work that is not committed yet belongs to the stream whose branch the worktree is on. */
async function withWorktrees(
  mirror: Mirror,
  prober: Prober,
  subjects: readonly RadarSubject[],
  target: RadarTarget,
): Promise<readonly RadarSubject[]> {
  const found = new Map(subjects.map((one) => [one.id, one]))
  for (const worktree of await mirror.worktrees()) {
    if (worktree.branch === target.branch) continue
    const own = subjects.find((one) => one.branch === worktree.branch)
    const id = own?.id ?? worktree.branch ?? worktree.path
    const snapshot = await prober.snapshot(worktree).catch((error: unknown) => {
      if (error instanceof RepositoryError) return error
      throw error
    })
    if (snapshot instanceof RepositoryError) {
      // What is on disk there is not known, and the others are still looked at.
      found.set(id, { ...(own ?? { id, name: id, branch: id }), state: { state: 'unavailable', reason: snapshot.message } })
      continue
    }
    if (own && !snapshot.changed) continue
    found.set(id, {
      ...(own ?? { id, name: id }),
      id,
      branch: snapshot.changed ? `${worktree.path} (uncommitted)` : (worktree.branch ?? worktree.path),
      name: own?.name ?? id,
      state: { state: 'present', commit: snapshot.commit },
    })
  }
  return [...found.values()]
}

async function ownersOf(mirror: Mirror, target: RadarTarget): Promise<Owners> {
  const entries = new Map((await mirror.list(target.tree)).map((entry) => [entry.path, entry]))
  for (const path of CODEOWNERS_PATHS) {
    const entry = entries.get(path)
    if (!entry || !entry.mode.startsWith('100') || entry.size > 1_000_000) continue
    const [content] = await mirror.read([entry.oid])
    if (content) return parseCodeowners(new TextDecoder().decode(content), path)
  }
  return NO_OWNERS
}

const dayOf = (instant: string, zone: string): string => wallOf(instant, zone).date

/**
 * Where a look is kept until the next: as `<stem>.json`, and as `<stem>-earlier.json` the last one
 * of a day before. A look at chosen branches is compared with the last at the same ones, and stands
 * in for no look at the streams.
 */
function stemOf({ state }: Pick<RadarPlace, 'state'>, { refs, target, pulls, worktrees }: Partial<SessionOptions> = {}): string {
  const chosen = JSON.stringify({ refs, target, pulls, ...(worktrees === true && { worktrees }) })
  return join(state, chosen === '{}' ? 'radar' : `radar-${sha256(chosen).slice(0, 12)}`)
}

interface Kept {
  readonly last?: Radar
  /** The last look of a day before this one. */
  readonly earlier?: Radar
}

async function keptRadars(stem: string, today: string, zone: string): Promise<Kept> {
  const last = await radarIn(`${stem}.json`)
  const earlier = last && dayOf(last.at, zone) < today ? last : await radarIn(`${stem}-earlier.json`)
  return { ...(last && { last }), ...(earlier && { earlier }) }
}

export const lastRadar = ({ state }: Pick<RadarPlace, 'state'>): Promise<Radar | undefined> => radarIn(`${stemOf({ state })}.json`)

/** What was kept is a convenience: one that cannot be read counts as none. */
async function radarIn(file: string): Promise<Radar | undefined> {
  try {
    const kept: unknown = JSON.parse(await readFile(file, 'utf8'))
    return typeof kept === 'object' && kept !== null && 'schemaVersion' in kept && kept.schemaVersion === 1 ? (kept as Radar) : undefined
  } catch {
    return undefined
  }
}

async function keepRadars(stem: string, found: Radar, { last, earlier }: Kept): Promise<void> {
  if (last && last === earlier) await replaceFile(`${stem}-earlier.json`, last)
  const { whatIf: _whatIf, ...kept } = found
  await replaceFile(`${stem}.json`, kept)
}

async function replaceFile(file: string, content: unknown): Promise<void> {
  await writeFile(`${file}.${process.pid}`, JSON.stringify(content))
  await rename(`${file}.${process.pid}`, file)
}
